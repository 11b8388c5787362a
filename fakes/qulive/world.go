package qulive

import (
	"fmt"
	"time"

	"github.com/mediasandbox/sandbox/fakes"
)

// Bounds on what one tenant may store, and on one text. The vendor has none that are
// known; beyond them the sandbox refuses with the vendor's words for a failure of its
// own (outcome limit-reached, assumed).
const (
	maxUsers   = 200_000
	maxUploads = 500_000
	maxVideos  = 2_000_000
	maxDue     = 2 * maxVideos
	maxText    = 4096 // bytes of a stored parameter
)

// World is the AppServer's state for one tenant.
type World struct {
	Users  []*User `json:"users"`  // by ascending ID, never removed
	Tokens []Token `json:"tokens"` // in order of issue
	// Uploads are the videos for which an upload was authorised, by video id.
	Uploads map[string]*Upload `json:"uploads"`
	// Videos are the published ones, Recommended a set of its own: a video can be in
	// one, the other, or both under different ids (CONTRACTS section 4, lists).
	Videos          Table    `json:"videos"`
	Recommended     Table    `json:"recommended"`
	LastVideo       int64    `json:"lastVideo"` // highest id given so far; ids are not used again
	LastRecommended int64    `json:"lastRecommended"`
	Due             Schedule `json:"due"`     // what the clock will do to videos
	LastDue         uint64   `json:"lastDue"` // number of the last thing planned

	// Indexes and what follows from the tenant; Restore makes them.
	tag, username, own string // own: the token of the tenant's credentials
	catalogue          *catalogue
	userByID           map[string]*User
	userByName         map[string]*User
	tokens             map[string]Token
	videoByID          map[string]*Video // by video id, masked spelling included
	recByID            map[string]*Video
	videosOf           map[string]*Table // by user id
	uploadAlias        map[string]string // masked spelling → video id
	reported           []fakes.Event     // by state control, not yet returned by Settle
}

// newWorld returns a tenant's world as it begins.
func newWorld(env fakes.Env, cat *catalogue) *World {
	w := &World{catalogue: cat}
	w.prepare(env)
	w.populate(env)
	return w
}

// prepare sets what follows from the tenant, and empty indexes.
func (w *World) prepare(env fakes.Env) {
	w.tag = tagOf(env)
	w.username, _ = ownUser(env)
	w.own = ownToken(env)
	w.userByID, w.userByName = map[string]*User{}, map[string]*User{}
	w.tokens = map[string]Token{}
	w.videoByID, w.recByID = map[string]*Video{}, map[string]*Video{}
	w.videosOf = map[string]*Table{}
	w.uploadAlias = map[string]string{}
	if w.Uploads == nil {
		w.Uploads = map[string]*Upload{}
	}
}

// Restore rebuilds the indexes after an import. It returns an error for a user, video
// or token that stands twice, for a token or a due event that belongs to nobody, and for
// the state of another tenant.
func (w *World) Restore(env fakes.Env) error {
	if err := w.bounded(); err != nil {
		return err
	}
	if w.catalogue == nil {
		cat, err := loadCatalogue()
		if err != nil {
			return err
		}
		w.catalogue = cat
	}
	w.prepare(env)
	if err := w.restoreUsers(); err != nil {
		return err
	}
	for id, u := range w.Uploads {
		if u == nil || u.VideoID != id {
			return fmt.Errorf("uploads: %s is not the video id of its upload", id)
		}
		w.indexUpload(u)
	}
	if err := w.restoreVideos(); err != nil {
		return err
	}
	return w.Due.restore()
}

// bounded holds a state that came from outside to what calls can reach.
func (w *World) bounded() error {
	for _, b := range []struct {
		what    string
		n, most int
	}{
		{"users", len(w.Users), maxUsers}, {"uploads", len(w.Uploads), maxUploads}, {"videos", w.Videos.Len(), maxVideos}, {"due", len(w.Due), maxDue},
	} {
		if b.n > b.most {
			return fmt.Errorf("%s: there are %d, at most %d are kept", b.what, b.n, b.most)
		}
	}
	return nil
}

func (w *World) restoreUsers() error {
	users := w.Users
	w.Users = nil
	for i, u := range users {
		if u == nil {
			return fmt.Errorf("users: entry %d is null", i)
		}
		if w.userByID[u.UserID] != nil || (u.UserName != "" && w.userByName[u.UserName] != nil) {
			return fmt.Errorf("users: %s %q stands twice", u.UserID, u.UserName)
		}
		if n := len(w.Users); n > 0 && w.Users[n-1].ID >= u.ID {
			return fmt.Errorf("users: id %d is out of order", u.ID)
		}
		w.addUser(u)
	}
	tokens := w.Tokens
	w.Tokens = nil
	for _, t := range tokens {
		if _, twice := w.tokens[t.Token]; twice {
			return fmt.Errorf("tokens: %s stands twice", t.Token)
		}
		if w.userByID[t.UserID] == nil {
			return fmt.Errorf("tokens: there is no user %s", t.UserID)
		}
		w.keepToken(t)
	}
	if len(w.Users) > 0 && w.userByName[w.username] == nil { // the tenant's credentials would lead nowhere
		return fmt.Errorf("users: %s is not there, who is this tenant's own: it is the state of another tenant", w.username)
	}
	return nil
}

func (w *World) restoreVideos() error {
	var err error
	w.Videos.Scan(func(v *Video) bool {
		if w.videoByID[v.VideoID] != nil {
			err = fmt.Errorf("videos: %s stands twice", v.VideoID)
			return false
		}
		w.LastVideo = max(w.LastVideo, v.ID)
		w.indexVideo(v)
		return true
	})
	if err != nil {
		return err
	}
	w.Recommended.Scan(func(v *Video) bool {
		if w.recByID[v.VideoID] != nil {
			err = fmt.Errorf("recommended: %s stands twice", v.VideoID)
			return false
		}
		w.LastRecommended = max(w.LastRecommended, v.ID)
		w.indexRecommended(v)
		return true
	})
	return err
}

// Admit refuses a call that needs a token and has none that is good: missing, unknown,
// or 30 days old. The vendor's interceptor runs after the verb was found right and
// before any parameter is read (CONTRACTS section 4, token).
func (w *World) Admit(c *fakes.Call) error {
	if c.Op == nil || !c.Op.Secured {
		return nil
	}
	if w.caller(c) == nil {
		return c.Refuse("token-refused")
	}
	return nil
}

// caller returns the user whose token the call carries, nil when there is none.
func (w *World) caller(c *fakes.Call) *User {
	t, ok := w.tokens[c.Param("token")]
	if !ok || !c.Now.Before(t.Expires) {
		return nil
	}
	return w.userByID[t.UserID]
}

// Token returns until when a token is good, false for one that nobody has.
func (w *World) Token(text string) (expires time.Time, ok bool) {
	t, ok := w.tokens[text]
	return t.Expires, ok && w.userByID[t.UserID] != nil
}

// tooLong reports whether a text is beyond what one row may hold.
func tooLong(texts ...string) bool {
	for _, t := range texts {
		if len(t) > maxText {
			return true
		}
	}
	return false
}

// shanghai is the vendor's local time: UTC+8 all year since 1991, so that no zone
// database is needed.
func shanghai(t time.Time) time.Time { return t.In(time.FixedZone("CST", 8*3600)) }

// empty is the answer of operations whose data is {}.
type empty struct{}

// nothing is the answer of operations whose data is null.
type nothing *struct{}
