package polyv

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"

	"github.com/mediasandbox/sandbox/fakes"
)

// World is the state of the platform for one tenant: its users, each with videos,
// categories, danmu, grab tasks and exam logs of its own. Users do not see each
// other's objects.
type World struct {
	Users []*User `json:"users"`
	// LastDanmu and LastLog are the highest ids given out, of all users.
	LastDanmu int64 `json:"last_danmu"`
	LastLog   int64 `json:"last_log"`

	users  map[string]*User
	files  map[string]*GrabTask // tasks by the name of their CSV
	limits limits
}

// User is one account's part of the world.
type User struct {
	ID         string                      `json:"userid"`
	Categories []*Category                 `json:"categories"` // in the order of their making
	Videos     []*Video                    `json:"videos"`     // in the order of their making
	Tasks      Timeline[string, *GrabTask] `json:"grab_tasks"`
	Danmu      Timeline[int64, *Danmu]     `json:"danmu"`
	Logs       Timeline[int64, *ExamLog]   `json:"exam_logs"`

	categories map[int64]*Category
	videos     map[string]*Video
	byCategory map[int64][]*Video
}

// New returns a fresh world: a user for each account of env, the page's objects
// for the default tenant, and generated ones for all.
func New(env fakes.Env) *World {
	if len(env.Accounts) == 0 {
		env.Accounts = accounts(env)
	}
	w := &World{users: map[string]*User{}, files: map[string]*GrabTask{}, limits: defaultLimits()}
	for _, a := range env.Accounts {
		w.addUser(a.ID)
	}
	populate(w, env)
	return w
}

// addUser adds a user who has nothing but the root category.
func (w *World) addUser(id string) {
	u := &User{ID: id, Categories: []*Category{{ID: rootCategory, Name: rootName()}}}
	u.categories = map[int64]*Category{rootCategory: u.Categories[0]}
	u.videos, u.byCategory = map[string]*Video{}, map[int64][]*Video{}
	w.Users = append(w.Users, u)
	w.users[id] = u
}

// user returns the caller's part of the world. The scheme has proven the caller,
// so it is there; a world that lacks it refuses as the vendor does.
func (w *World) user(c *fakes.Call) (*User, error) {
	if u := w.users[c.Caller]; u != nil {
		return u, nil
	}
	return nil, c.Refuse("user-unknown")
}

// named returns a user by id, for the methods that change the state from outside.
func (w *World) named(userid string) (*User, error) {
	if u := w.users[userid]; u != nil {
		return u, nil
	}
	return nil, fakes.NotFound("no user %q", userid)
}

// UnmarshalJSON replaces the whole state; Restore makes it usable. A key that the
// state does not have is an error, so that a misspelt one is not lost.
func (w *World) UnmarshalJSON(data []byte) error {
	type state World
	var fresh state
	if err := strict(data, &fresh); err != nil {
		return err
	}
	*w = World(fresh)
	return nil
}

// Restore rebuilds the indexes after the state was read from JSON. It returns an
// error when the state has a user whom env has not, a record that refers to
// something missing, or a value that a fresh world could not have. Users whom the
// state lacks start empty.
func (w *World) Restore(env fakes.Env) error {
	if len(env.Accounts) == 0 {
		env.Accounts = accounts(env)
	}
	w.users, w.files, w.limits = map[string]*User{}, map[string]*GrabTask{}, defaultLimits()
	for _, u := range w.Users {
		if u == nil {
			return errors.New("polyv: a user is null")
		}
		if !slices.ContainsFunc(env.Accounts, func(a fakes.Account) bool { return a.ID == u.ID }) {
			return fmt.Errorf("polyv: user %q has no account at this tenant", u.ID)
		}
		if w.users[u.ID] != nil {
			return fmt.Errorf("polyv: user %q comes twice", u.ID)
		}
		if err := w.restoreUser(u); err != nil {
			return fmt.Errorf("polyv: user %q: %w", u.ID, err)
		}
		w.users[u.ID] = u
	}
	for _, a := range env.Accounts {
		if w.users[a.ID] == nil {
			w.addUser(a.ID)
		}
	}
	return nil
}

func (w *World) restoreUser(u *User) error {
	if err := w.limits.check(u); err != nil {
		return err
	}
	if err := u.indexCategories(); err != nil {
		return err
	}
	if err := u.indexVideos(); err != nil {
		return err
	}
	var err error
	u.Tasks.Scan(func(t *GrabTask) bool {
		if err = u.checkTask(t); err == nil {
			err = w.file(t)
		}
		return err == nil
	})
	if err != nil {
		return err
	}
	u.Danmu.Scan(func(d *Danmu) bool {
		w.LastDanmu = max(w.LastDanmu, d.ID)
		err = u.checkDanmu(d)
		return err == nil
	})
	if err != nil {
		return err
	}
	u.Logs.Scan(func(l *ExamLog) bool {
		w.LastLog = max(w.LastLog, l.ID)
		err = u.checkLog(l)
		return err == nil
	})
	return err
}

// strict reads JSON and refuses keys that v has not, and anything after the value.
func strict(data []byte, v any) error {
	dec := json.NewDecoder(bytes.NewReader(data))
	dec.DisallowUnknownFields()
	if err := dec.Decode(v); err != nil {
		return err
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return errors.New("data after the JSON value")
	}
	return nil
}

// checkTime refuses a time that no clock of ours shows: before 1970 or beyond the
// 13 digits that the vendor writes.
func checkTime(ms int64) error {
	if ms < 0 || ms > 9_999_999_999_999 {
		return fmt.Errorf("time %d is not in 13-digit Unix milliseconds", ms)
	}
	return nil
}
