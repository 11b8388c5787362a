package qulive

import (
	"math/rand/v2"
	"strconv"
	"time"

	"github.com/mediasandbox/sandbox/fakes"
)

// How much a tenant starts with: the totals of the page's samples.
const (
	personalVideos      = 7
	lastPersonal        = 25
	recommendedVideos   = 59
	lastRecommended     = 110
	recommendedCategory = "Recommended List"
)

// populate fills a fresh world. The default tenant gets the page's users, videos and
// upload; every tenant gets generated ones of the same shapes to page through.
func (w *World) populate(env fakes.Env) {
	r := rand.New(rand.NewPCG(env.Seed, 0x71756c697665)) // "qulive"
	own := w.populateUsers(env, r)
	fix := fixtures{}
	if env.Default {
		fix = w.catalogue.fixtures
	}
	taken := map[int64]bool{}
	for _, v := range fix.Personal {
		v.UserID = own.UserID
		taken[v.ID] = true
		w.addVideo(&v)
	}
	for id := int64(lastPersonal - personalVideos + 1); id <= lastPersonal; id++ {
		if !taken[id] {
			w.addVideo(w.generated(r, id, own.UserID, env.Born))
		}
	}
	clear(taken)
	for _, v := range fix.Recommended {
		taken[v.ID] = true
		w.addRecommended(&v)
	}
	for id := int64(lastRecommended - recommendedVideos + 1); id <= lastRecommended; id++ {
		if !taken[id] {
			v := w.generated(r, id, w.Users[1+r.IntN(len(w.Users)-1)].UserID, env.Born)
			v.CateID, v.CateName, v.Status = 1, recommendedCategory, "1"
			w.addRecommended(v)
		}
	}
	for _, u := range fix.Uploads {
		u.Issued, u.Expires = env.Born, env.Born.Add(credentialLife)
		w.indexUpload(&u)
	}
}

// populateUsers adds the tenant's own user with its token, and the authors of the
// recommended videos, who cannot log in.
func (w *World) populateUsers(env fakes.Env, r *rand.Rand) *User {
	username, password := ownUser(env)
	own := &User{ID: 1, UserName: username, Password: password, NickName: username, Created: env.Born}
	if env.Default {
		owner := w.catalogue.fixtures.Owner
		own.UserID, own.NickName, own.Avatar = owner.UserID, owner.NickName, owner.Avatar
	} else {
		own.UserID, own.Avatar = w.newUserID(r), avatarFile(r)
	}
	w.addUser(own)
	w.keepToken(Token{Token: w.own, UserID: own.UserID, Expires: env.Born.Add(tokenLife)})
	for _, nick := range w.catalogue.Nicknames {
		w.addUser(&User{ID: w.nextUser(), UserID: w.newUserID(r), NickName: nick, Avatar: avatarFile(r), Created: env.Born})
	}
	return own
}

// generated makes a video that is through with review and transcoding, the older the
// smaller its id.
func (w *World) generated(r *rand.Rand, id int64, userID string, born time.Time) *Video {
	videoID := hexText(r, 32)
	title := w.catalogue.Titles[r.IntN(len(w.catalogue.Titles))]
	frame := videoID + "/snapshots/" + hexText(r, 32)
	age := time.Duration(lastRecommended-id+1)*7*time.Hour + time.Duration(r.IntN(3600))*time.Second
	return &Video{
		ID: id, VideoID: videoID, UserID: userID, Title: title, Description: title, Duration: float64(5 + r.IntN(55)),
		Cover: frame + "-00002.jpg", FirstFrame: frame + "-00001.jpg", File: videoID + "/" + hexText(r, 32) + "-fd.mp4",
		Created: born.Add(-age).Truncate(time.Second), Size: int64(300_000 + r.IntN(4_000_000)), Tags: title + "," + strconv.Itoa(born.Year()),
		TranscodeStatus: success, SnapshotStatus: success, CensorStatus: success,
	}
}
