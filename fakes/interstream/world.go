package interstream

import (
	"fmt"
	"net/netip"
	"time"

	"github.com/mediasandbox/sandbox/fakes"
)

// MaxVotes is how many votes a world keeps. A client makes them out of nothing, one
// a request, so there has to be an end; 100000 are some 15 MB of state.
const MaxVotes = 100_000

// World is all votes of a tenant.
type World struct {
	Votes []Vote `json:"votes"` // in the order in which they were first cast

	index map[ballot]int // position in Votes
}

// Vote is what one voter thinks of one clip. Ids are strings in JSON: they reach
// 2^63-1, beyond what a JavaScript number holds.
type Vote struct {
	ContentID int64      `json:"content_id,string"`
	UserID    int64      `json:"user_id,string"` // 0 for an anonymous visitor
	IP        netip.Addr `json:"ip,omitzero"`    // of an anonymous visitor only
	Vote      string     `json:"vote"`           // like or dislike
	At        time.Time  `json:"at"`             // cast or last changed
}

// ballot identifies a vote: at most one per voter and clip.
type ballot struct {
	content int64
	voter   voter
}

// voter is a registered user, or the address of an anonymous visitor.
type voter struct {
	user int64
	ip   netip.Addr
}

// New returns a world without votes: the page's sample call has to succeed.
func New(fakes.Env) *World {
	return &World{Votes: []Vote{}, index: map[ballot]int{}}
}

// Restore rebuilds the index after an import. It returns an error for votes that
// no request could have made: ids out of range, an address beside a user id or none
// without one, another vote than like and dislike, two votes of one voter on a clip,
// or more than MaxVotes.
func (w *World) Restore(fakes.Env) error {
	if len(w.Votes) > MaxVotes {
		return fmt.Errorf("votes: %d, at most %d are kept", len(w.Votes), MaxVotes)
	}
	if w.Votes == nil {
		w.Votes = []Vote{}
	}
	w.index = make(map[ballot]int, len(w.Votes))
	for i := range w.Votes {
		v := &w.Votes[i]
		if err := v.check(); err != nil {
			return fmt.Errorf("votes[%d]: %w", i, err)
		}
		key := ballot{v.ContentID, voter{v.UserID, v.IP}}
		if first, taken := w.index[key]; taken {
			return fmt.Errorf("votes[%d]: the same voter and clip as votes[%d]", i, first)
		}
		w.index[key] = i
	}
	return nil
}

// check holds a vote read from JSON to the rules and brings its address into the
// one spelling that identifies a voter.
func (v *Vote) check() error {
	switch {
	case v.ContentID < 1:
		return fmt.Errorf("content_id %d is below 1", v.ContentID)
	case v.UserID < 0:
		return fmt.Errorf("user_id %d is below 0", v.UserID)
	case v.UserID > 0 && v.IP.IsValid():
		return fmt.Errorf("user_id %d and an ip: the ip is for anonymous votes", v.UserID)
	case v.Vote != like && v.Vote != dislike:
		return fmt.Errorf("vote %q is neither %s nor %s", v.Vote, like, dislike)
	}
	if v.UserID == 0 {
		ip, ok := canonical(v.IP)
		if !ok {
			return fmt.Errorf("an anonymous vote wants an ip without zone, has %q", v.IP)
		}
		v.IP = ip
	}
	return nil
}
