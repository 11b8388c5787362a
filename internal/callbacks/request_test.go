package callbacks_test

import (
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/mediasandbox/sandbox/internal/callbacks"
)

// sent are deliveries as a request to send them answers.
type sent struct{ Callbacks []view }

func (s sent) ids() (out []uint64) {
	for _, v := range s.Callbacks {
		out = append(out, v.ID)
	}
	return out
}

func TestReplay(t *testing.T) {
	b := newBench(t, callbacks.Config{})
	r := newReceiver(t, nil)
	b.to(r)
	b.publish("v")
	b.advance("1h")
	require.Len(t, r.all(), 3)
	var v view
	b.post("2/replay", "").OK(&v)
	got := r.all()
	require.Len(t, got, 4)
	assert.Equal(t, got[1].body, got[3].body)
	assert.Equal(t, strconv.FormatInt(noon.Add(time.Hour).Unix(), 10), got[3].timestamp, "signed anew")
	assert.Equal(t, signed(r.url, got[3].timestamp, b.bob.Credentials["qulive"]["callback_key"]), got[3].signature)
	assert.Equal(t, []string{"first 20s 200", "replay 1h0m0s 200"}, v.causes())
	assert.Equal(t, "delivered", v.State)

	// One that fails does not undo what was delivered, and is not retried.
	r.mu.Lock()
	r.answer = func(int) int { return 500 }
	r.mu.Unlock()
	b.post("2/replay", "").OK(&v)
	assert.Equal(t, "delivered", v.State)
	b.advance("1h")
	assert.Len(t, r.all(), 5)

	// One that failed for good is delivered by a replay that does not.
	b.publish("w")
	b.advance("5s")
	b.advance("2s")
	require.Equal(t, "failed", b.get(4).State)
	b.post("4/replay", "").OK(&v)
	assert.Equal(t, "failed", v.State)
	r.mu.Lock()
	r.answer = nil
	r.mu.Unlock()
	b.post("4/replay", "").OK(&v)
	assert.Equal(t, "delivered", v.State)
	assert.Equal(t, 5, v.AttemptsMade)

	b.post("99/replay", "").Problem(404, "99")
	b.post("0/replay", "").Problem(404)
	b.post("x/replay", "").Problem(404, "whole numbers")
	b.Admin(http.MethodGet, "/callbacks/99?tenant=bob", "").Problem(404)
	b.Admin(http.MethodDelete, "/callbacks/qulive/target?tenant=bob", "").OK(nil)
	b.post("2/replay", "").Problem(409, "no target")
}

// Twenty attempts are kept, and all are counted.
func TestManyReplays(t *testing.T) {
	b := newBench(t, callbacks.Config{})
	r := newReceiver(t, nil)
	b.to(r)
	b.publish("v")
	b.advance("5s")
	for range 25 {
		b.post("1/replay", "").OK(nil)
	}
	v := b.get(1)
	assert.Equal(t, 26, v.AttemptsMade)
	assert.Len(t, v.Attempts, 20)
	assert.Equal(t, "replay", v.Attempts[0].Cause)
}

// What is held waits for a request, which says in what order.
func TestOrders(t *testing.T) {
	b := newBench(t, callbacks.Config{})
	r := newReceiver(t, nil)
	hold := func(on string) { b.target(`{"url":"` + r.url + `","hold":` + on + `}`).OK(nil) }
	var out sent
	hold("true")
	n := 0
	for _, row := range []struct {
		body string
		want []uint64 // after the three of before
	}{
		{`{}`, []uint64{1, 2, 3}},
		{`{"order":"due"}`, []uint64{1, 2, 3}},
		{`{"order":"reversed"}`, []uint64{3, 2, 1}},
		{`{"copies":2}`, []uint64{1, 1, 2, 2, 3, 3}},
		{`{"order":"reversed","copies":2}`, []uint64{3, 3, 2, 2, 1, 1}},
	} {
		b.publish("v" + strconv.Itoa(n))
		b.advance("1h")
		require.Empty(t, r.events(), "held")
		require.Equal(t, 3, b.ledger("state=pending").Count)
		b.post("deliver", row.body).OK(&out)
		var want []uint64
		var events []string
		for _, i := range row.want {
			want = append(want, uint64(n*3)+i)
			events = append(events, types[i-1])
		}
		assert.Equal(t, want, out.ids(), row.body)
		assert.Equal(t, events, r.events(), row.body)
		for _, v := range out.Callbacks {
			assert.Equal(t, "delivered", v.State)
			assert.Equal(t, "deliver", v.Attempts[0].Cause)
		}
		r.mu.Lock()
		r.got = nil
		r.mu.Unlock()
		n++
	}
	b.post("deliver", `{}`).OK(&out)
	assert.Empty(t, out.Callbacks, "nothing is pending")
	b.post("deliver", `{"ids":[3,1,2,1]}`).OK(&out)
	assert.Equal(t, []uint64{3, 1, 2, 1}, out.ids(), "as the ids stand")
	b.post("deliver", `{"ids":[3,1,2],"order":"due"}`).OK(&out)
	assert.Equal(t, []uint64{1, 2, 3}, out.ids())
	b.post("deliver", `{"ids":[1,2,3,4,5,6,7,8,9],"order":"shuffled"}`).OK(&out)
	shuffled := out.ids()
	assert.ElementsMatch(t, []uint64{1, 2, 3, 4, 5, 6, 7, 8, 9}, shuffled)
	assert.NotEqual(t, []uint64{1, 2, 3, 4, 5, 6, 7, 8, 9}, shuffled)
	b.post("deliver", `{"ids":[9,8,7,6,5,4,3,2,1],"order":"shuffled"}`).OK(&out)
	assert.Equal(t, shuffled, out.ids(), "the same way each time")

	// Held ones that fail wait on; let go, they follow the vendor's rule.
	r.mu.Lock()
	r.got, r.answer = nil, statuses(500, 500)
	r.mu.Unlock()
	b.publish("last")
	b.advance("5s")
	b.post("deliver", `{}`).OK(&out)
	assert.Equal(t, "pending", out.Callbacks[0].State)
	b.advance("1s")
	assert.Len(t, r.all(), 1)
	hold("false")
	b.advance("0s") // it was due a second ago, and its retry is due now
	v := b.ledger("limit=1").Callbacks[0]
	assert.Equal(t, "delivered", v.State)
	require.Len(t, v.Attempts, 3)
	assert.Equal(t, []string{"deliver", "first", "retry"}, []string{v.Attempts[0].Cause, v.Attempts[1].Cause, v.Attempts[2].Cause})

	for body, row := range map[string]struct {
		status int
		words  string
	}{
		`{"ids":[]}`:            {400, "empty"},
		`{"ids":[99]}`:          {404, "99"},
		`{"ids":[1,99]}`:        {404, "99"},
		`{"ids":"all"}`:         {400, `"ids" wants a list`},
		`{"ids":[-1]}`:          {400, `"ids.0"`},
		`{"ids":[null]}`:        {400, `"ids.0" is null`},
		`{"order":"given"}`:     {400, `wants "ids"`},
		`{"order":"backwards"}`: {400, "reversed"},
		`{"copies":0}`:          {400, "1 to 10"},
		`{"copies":11}`:         {400, "1 to 10"},
		`{"copies":10,"ids":[` + strings.Repeat("1,", 100) + `1]}`: {507, "at most 1000"},
	} {
		b.post("deliver", body).Problem(row.status, row.words)
	}
	assert.Len(t, r.all(), 3, "what was refused has sent nothing")
}

func TestFilters(t *testing.T) {
	b := newBench(t, callbacks.Config{})
	r := newReceiver(t, func(n int) int {
		if n%3 == 1 {
			return 500
		}
		return 200
	})
	b.to(r)
	b.publish("v")
	b.publish("w")
	b.advance("5s")
	b.advance("15s")
	for filter, want := range map[string][]uint64{
		"":                              {1, 2, 3, 4},
		"kind=review-complete":          {3, 4},
		"object=v":                      {1, 3},
		"object=v&kind=review-complete": {3},
		"state=pending":                 {4},
		"state=delivered&since=2":       {3},
		"since=4":                       nil,
		"limit=1":                       {4},
		"limit=2&object=v":              {1, 3},
		"api=qulive&limit=3":            {2, 3, 4},
		"kind=nope":                     nil,
	} {
		var got []uint64
		for _, v := range b.ledger(filter).Callbacks {
			got = append(got, v.ID)
		}
		assert.Equal(t, want, got, filter)
	}
	for filter, words := range map[string]string{
		"api=polyv": "sends no callbacks", "state=lost": "delivered", "since=x": "since", "limit=0": "limit", "limit=10001": "limit", "order=x": `"order"`,
	} {
		b.Admin(http.MethodGet, "/callbacks?tenant=bob&"+filter, "").Problem(400, words)
	}
	b.Admin(http.MethodGet, "/callbacks?tenant=nobody", "").Problem(404)
}

func TestWait(t *testing.T) {
	b := newBench(t, callbacks.Config{})
	r := newReceiver(t, nil)
	wait := func(query string) (met bool, count int) {
		var out struct {
			Met   bool
			Count int
		}
		b.Admin(http.MethodGet, "/callbacks/wait?tenant=bob&"+query, "").OK(&out)
		return out.Met, out.Count
	}
	met, n := wait("timeout=1ms")
	assert.Equal(t, []any{false, 0}, []any{met, n})
	done := make(chan bool)
	go func() { // before there is a target
		met, _ := wait("count=3&state=delivered&timeout=30s")
		done <- met
	}()
	b.to(r)
	b.publish("v")
	b.advance("1h")
	assert.True(t, <-done)
	met, n = wait("count=3&timeout=1ms")
	assert.Equal(t, []any{true, 3}, []any{met, n}, "those that are there count")
	met, n = wait("count=4&timeout=1ms")
	assert.Equal(t, []any{false, 3}, []any{met, n})
	for query, words := range map[string]string{"timeout=5m": "at most", "timeout=x": "timeout", "count=0": "count", "state=x": "state"} {
		b.Admin(http.MethodGet, "/callbacks/wait?tenant=bob&"+query, "").Problem(400, words)
	}
}
