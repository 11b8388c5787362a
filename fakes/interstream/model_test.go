package interstream

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/mediasandbox/sandbox/fakes"
	"github.com/mediasandbox/sandbox/fakes/fakestest"
)

// person is a voter as the model tells them apart: a user id, or an address in bytes.
type person struct {
	user int64
	ip   [16]byte
}

// draw returns a voter and the arguments that name him, in one of many spellings.
func draw(r *rand.Rand) (who person, iq, ip string) {
	if r.IntN(2) == 0 {
		who.user = 1 + r.Int64N(30)
		return who, strings.Repeat("0", r.IntN(3)) + strconv.FormatInt(who.user, 10), []string{"", "192.0.2.1", "no address"}[r.IntN(3)]
	}
	n := byte(r.IntN(12))
	who.user = 0
	if r.IntN(2) == 0 {
		who.ip = [16]byte{10: 0xff, 11: 0xff, 12: 192, 13: 0, 14: 2, 15: n}
		ip = fmt.Sprintf([]string{"192.0.2.%d", "::ffff:192.0.2.%d", "0:0:0:0:0:FFFF:192.0.2.%d"}[r.IntN(3)], n)
	} else {
		who.ip = [16]byte{0: 0x20, 1: 0x01, 2: 0x0d, 3: 0xb8, 15: n}
		ip = fmt.Sprintf([]string{"2001:db8::%x", "2001:0DB8:0:0:0:0:0:%X", "2001:db8:0000:0000:0000:0000:0000:%04x", "2001:DB8::0:%x"}[r.IntN(4)], n)
	}
	return who, "0", ip
}

// TestModel votes and asks at random, and compares with a map.
func TestModel(t *testing.T) {
	r := fakestest.Random(t)
	b := fakestest.New(t, API())
	tenant := b.Host.Default()
	type clip struct {
		person
		id int64
	}
	votes := map[clip]string{}
	number := map[string]int{like: 1, dislike: -1}
	for step := range fakestest.Steps() {
		who, iq, ip := draw(r)
		at := clip{who, 1 + r.Int64N(40)}
		args := map[string]string{"iq": iq, "contentID": strconv.FormatInt(at.id, 10)}
		if ip != "" {
			args["ip"] = ip
		}
		switch n := r.IntN(20); {
		case n < 10:
			vote := []string{like, dislike}[r.IntN(2)]
			args["vote"] = vote
			want := registered
			if votes[at] == vote {
				want = already
			}
			require.Equal(t, want, b.Call(set, args).Body.String(), "step %d: %v", step, args)
			votes[at] = vote
		case n < 15:
			require.Equal(t, fmt.Sprintf(`{"vote":%d}`, number[votes[at]]), b.Call(get, args).Body.String(), "step %d: %v", step, args)
		case n < 18: // wrong in one place; nothing is registered
			args["vote"] = like
			spoil := [][2]string{{"iq", "-1"}, {"contentID", "0"}, {"vote", "Like"}}[r.IntN(3)]
			args[spoil[0]] = spoil[1]
			require.Contains(t, b.Call(set, args).Body.String(), "REQUEST_ERROR", "step %d: %v", step, args)
		case n == 18:
			tenant.Clock.Advance(time.Duration(r.Int64N(int64(48 * time.Hour))))
			if r.IntN(4) == 0 {
				tenant.Clock.Advance(-time.Duration(r.Int64N(int64(24 * time.Hour))))
			}
		default:
			if r.IntN(20) == 0 {
				state, err := b.Host.Export(tenant, "interstream")
				require.NoError(t, err)
				require.NoError(t, b.Host.Import(tenant, map[string]json.RawMessage{"interstream": state}))
			}
		}
		require.NoError(t, b.Host.With(tenant, "interstream", func(w fakes.World, _ time.Time) error {
			require.Len(t, w.(*World).Votes, len(votes), "step %d: one vote of each voter on each clip", step)
			return nil
		}))
	}
	require.Empty(t, b.Breaches())
	seen := map[clip]bool{}
	require.NoError(t, b.Host.With(tenant, "interstream", func(w fakes.World, _ time.Time) error {
		for _, v := range w.(*World).Votes {
			at := clip{person{user: v.UserID}, v.ContentID}
			if v.UserID == 0 {
				at.ip = v.IP.As16()
			}
			require.False(t, seen[at], "%+v twice", v)
			seen[at] = true
			require.Equal(t, votes[at], v.Vote, "%+v", v)
		}
		return nil
	}))
}
