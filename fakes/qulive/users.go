package qulive

import (
	"math/rand/v2"
	"strconv"
	"time"

	"github.com/mediasandbox/sandbox/fakes"
)

// User is somebody who can publish. One made by randomUser has no name to log in with.
type User struct {
	ID       int64     `json:"id"`     // running number
	UserID   string    `json:"userId"` // 13 digits
	UserName string    `json:"userName,omitempty"`
	Password string    `json:"password,omitempty"`
	NickName string    `json:"nickName"`
	Avatar   string    `json:"avatar"` // a file's name or a URL
	Created  time.Time `json:"created"`
	Modified time.Time `json:"modified,omitzero"` // when updateUser last changed it
}

func (w *World) addUser(u *User) *User {
	w.Users = append(w.Users, u)
	w.userByID[u.UserID] = u
	if u.UserName != "" {
		w.userByName[u.UserName] = u
	}
	return u
}

// newUserID draws an unused 13-digit user id like those of the page.
func (w *World) newUserID(r *rand.Rand) string {
	for {
		id := strconv.FormatInt(2_430_000_000_000+r.Int64N(10_000_000_000), 10)
		if w.userByID[id] == nil {
			return id
		}
	}
}

func (w *World) nextUser() int64 {
	if n := len(w.Users); n > 0 {
		return w.Users[n-1].ID + 1
	}
	return 1
}

type credentialsIn struct {
	Username string `param:"username"`
	Password string `param:"password"`
}

type loginReply struct {
	Token string `json:"token"`
}

// login gives out a new token each time; earlier ones stay good (vendor page, login;
// texts observed).
func (w *World) login(c *fakes.Call, in credentialsIn) (loginReply, error) {
	u := w.userByName[in.Username]
	if u == nil {
		return loginReply{}, c.Refuse("username-unknown")
	}
	if u.Password != in.Password {
		return loginReply{}, c.Refuse("password-wrong")
	}
	return loginReply{w.issueToken(c, u)}, nil
}

// register adds a user, whose nickname is the username until updateUser changes it
// (vendor page, register; the nickname is assumed).
func (w *World) register(c *fakes.Call, in credentialsIn) (empty, error) {
	if w.userByName[in.Username] != nil {
		return empty{}, c.Refuse("username-taken")
	}
	if len(w.Users) >= maxUsers || tooLong(in.Username, in.Password) {
		return empty{}, c.Refuse("limit-reached")
	}
	w.addUser(&User{
		ID: w.nextUser(), UserID: w.newUserID(c.Rand), UserName: in.Username, Password: in.Password,
		NickName: in.Username, Avatar: avatarFile(c.Rand), Created: c.Now,
	})
	return empty{}, nil
}

type updateIn struct {
	UserID   string `param:"userId"`
	Nickname string `param:"nickname"`
}

// updateUser changes a nickname, whosesoever it is: the server does not compare the
// user with the token's, and an unknown one is no error (CONTRACTS section 4, updateUser).
func (w *World) updateUser(c *fakes.Call, in updateIn) (empty, error) {
	if tooLong(in.Nickname) {
		return empty{}, c.Refuse("limit-reached")
	}
	if u := w.userByID[in.UserID]; u != nil && in.Nickname != "" {
		u.NickName, u.Modified = in.Nickname, c.Now
	}
	return empty{}, nil
}

type randomUserReply struct {
	ID          string `json:"id"`
	UserID      string `json:"userId"`
	NickName    string `json:"nickName"`
	AvatarURL   string `json:"avatarUrl"`
	Avatar      string `json:"avatar"`
	GmtCreate   string `json:"gmtCreate"`
	GmtModified string `json:"gmtModified"`
	Token       string `json:"token"`
}

// randomUser makes a user that is known by its token only (vendor page, randomUser).
func (w *World) randomUser(c *fakes.Call, _ struct{}) (randomUserReply, error) {
	if len(w.Users) >= maxUsers {
		return randomUserReply{}, c.Refuse("limit-reached")
	}
	u := w.addUser(&User{
		ID: w.nextUser(), UserID: w.newUserID(c.Rand), NickName: uuid(c.Rand), Avatar: avatarFile(c.Rand), Created: c.Now,
	})
	avatar := link(c, u.Avatar)
	return randomUserReply{
		ID: decimal(u.ID), UserID: u.UserID, NickName: u.NickName, AvatarURL: avatar, Avatar: avatar,
		GmtCreate: shanghai(u.Created).Format(time.DateTime), Token: w.issueToken(c, u),
	}, nil
}

func avatarFile(r *rand.Rand) string { return "image/avatar/" + uuid(r) + ".png" }
