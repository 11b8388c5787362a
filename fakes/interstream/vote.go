package interstream

import (
	"net/netip"

	"github.com/mediasandbox/sandbox/fakes"
)

// The two votes (vendor page, "POST変数").
const (
	like    = "like"
	dislike = "dislike"
)

// ballotInput says whose vote on which clip. The contract has checked the ids
// before: digits, in range.
type ballotInput struct {
	UserID    int64  `param:"iq"`
	ContentID int64  `param:"contentID"`
	IP        string `param:"ip"`
}

type voteInput struct {
	UserID    int64  `param:"iq"`
	ContentID int64  `param:"contentID"`
	Vote      string `param:"vote"`
	IP        string `param:"ip"`
}

// voteReply is a vote as observed at the same product: 1, 0 (none) or -1.
type voteReply struct {
	Vote int `json:"vote"`
}

// setContentVote sets or changes a vote (vendor page, "users > set_content_vote").
// The same vote of the same voter again is refused.
func (w *World) setContentVote(c *fakes.Call, in voteInput) (fakes.Literal, error) {
	who, ok := voterOf(in.UserID, in.IP)
	if !ok {
		return fakes.Literal{}, c.Refuse("user-ip-invalid")
	}
	key := ballot{in.ContentID, who}
	at, known := w.index[key]
	switch {
	case known && w.Votes[at].Vote == in.Vote:
		return fakes.Literal{}, c.Refuse("voted-already")
	case !known && len(w.Votes) >= MaxVotes:
		return fakes.Literal{}, c.Refuse("votes-full")
	}
	now := c.Now.UTC().Round(0)
	if known {
		w.Votes[at].Vote, w.Votes[at].At = in.Vote, now
		return fakes.Literal{}, nil
	}
	w.index[key] = len(w.Votes)
	w.Votes = append(w.Votes, Vote{ContentID: in.ContentID, UserID: who.user, IP: who.ip, Vote: in.Vote, At: now})
	return fakes.Literal{}, nil
}

// getContentVote reads a vote (CONTRACTS section 5, observed).
func (w *World) getContentVote(c *fakes.Call, in ballotInput) (voteReply, error) {
	who, ok := voterOf(in.UserID, in.IP)
	if !ok {
		return voteReply{}, c.Refuse("user-ip-invalid")
	}
	at, known := w.index[ballot{in.ContentID, who}]
	switch {
	case !known:
		return voteReply{}, nil
	case w.Votes[at].Vote == like:
		return voteReply{Vote: 1}, nil
	}
	return voteReply{Vote: -1}, nil
}

// voterOf returns the user, or for user 0 the visitor at ip; a user's ip does not
// matter. It is false for a visitor without a valid address.
func voterOf(user int64, ip string) (voter, bool) {
	if user > 0 {
		return voter{user: user}, true
	}
	addr, err := netip.ParseAddr(ip)
	if err != nil {
		return voter{}, false
	}
	addr, ok := canonical(addr)
	return voter{ip: addr}, ok
}

// canonical brings an address into the spelling by which voters are told apart: an
// IPv4 address written as IPv6 is that IPv4 address. An address with a zone is none
// for PHP's filter_var, and means something on one machine only.
func canonical(addr netip.Addr) (netip.Addr, bool) {
	if !addr.IsValid() || addr.Zone() != "" {
		return netip.Addr{}, false
	}
	return addr.Unmap(), true
}
