package callbacks_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/mediasandbox/sandbox/fakes"
	"github.com/mediasandbox/sandbox/internal/callbacks"
)

// A tenant keeps so many deliveries: finished ones make room, unsent ones do not, and what
// finds none is counted.
func TestBoundOfATenant(t *testing.T) {
	b := newBench(t, callbacks.Config{PerTenant: 4})
	r := newReceiver(t, nil)
	b.to(r)
	b.publish("v")
	b.advance("1h")
	b.target(`{"url":"` + r.url + `","hold":true}`).OK(nil)
	b.publish("w")
	b.advance("1h")
	l := b.ledger("")
	assert.Equal(t, []any{4, uint64(6), uint64(2), uint64(0), true}, []any{l.Count, l.Last, l.Evicted, l.Dropped, l.Inconclusive})
	assert.False(t, b.ledger("since=2").Inconclusive, "nothing above is lost")
	b.Admin(http.MethodGet, "/callbacks/1?tenant=bob", "").Problem(410, "evicted")
	b.post("2/replay", "").Problem(410)
	b.publish("x")
	b.advance("1h")
	l = b.ledger("")
	assert.Equal(t, []any{4, uint64(7), uint64(3), uint64(2)}, []any{l.Count, l.Last, l.Evicted, l.Dropped})
	assert.True(t, b.ledger("since=7").Inconclusive, "what was dropped has no id")
	b.target(`{"url":"` + r.url + `"}`).OK(nil)
	b.advance("0s")
	assert.Len(t, r.all(), 7)
}

// All tenants together keep so many bytes: those that were finished first go first.
func TestBoundOfAll(t *testing.T) {
	b := newBench(t, callbacks.Config{Bytes: 20_000})
	r := newReceiver(t, nil)
	b.to(r)
	carol := b.Frozen("carol")
	b.Admin(http.MethodPut, "/callbacks/qulive/target?tenant=carol", `{"url":"`+r.url+`"}`).OK(nil)
	for i := range 4 {
		b.publish("v" + strconv.Itoa(i))
		b.advance("1h")
	}
	require.Zero(t, b.ledger("").Evicted)
	for i := range 20 {
		b.publishAs(carol, "v"+strconv.Itoa(i))
		b.Advance("carol", "1h")
	}
	l := b.ledger("")
	assert.Zero(t, l.Count)
	assert.EqualValues(t, 12, l.Evicted)
	assert.Len(t, r.all(), 72, "everything was sent")

	b.Admin(http.MethodPut, "/callbacks/qulive/target?tenant=bob", `{"url":"`+r.url+`","hold":true}`).OK(nil)
	for i := range 20 {
		b.publish("w" + strconv.Itoa(i))
		b.advance("1h")
	}
	l = b.ledger("")
	assert.Positive(t, l.Dropped, "unsent ones are not evicted")
	assert.Equal(t, 60, l.Count+int(l.Dropped))
	assert.Less(t, l.Count, 40)
}

func TestReset(t *testing.T) {
	b := newBench(t, callbacks.Config{})
	r := newReceiver(t, statuses(500))
	b.to(r)
	b.publish("v")
	b.advance("5s")
	require.Equal(t, []string{"snapshot-complete pending"}, b.ledger("").kinds())
	b.Admin(http.MethodPost, "/reset?tenant=bob", "").OK(nil)
	assert.Equal(t, ledger{Callbacks: []view{}}, b.ledger(""))
	b.Admin(http.MethodPut, "/clock?tenant=bob", `{"frozen":true}`).OK(nil)
	b.advance("1h")
	assert.Len(t, r.all(), 1, "its retry is forgotten")
	b.publish("v")
	b.advance("5s")
	assert.EqualValues(t, 1, b.ledger("").Last, "ids begin anew, the target stays")
	assert.Len(t, r.all(), 2)
	b.Admin(http.MethodPost, "/reset?tenant=*", "").OK(nil)
	assert.Zero(t, b.ledger("").Last)
}

// What is on its way at a reset arrives, and is no part of what comes after.
func TestResetOnTheWay(t *testing.T) {
	b := newBench(t, callbacks.Config{})
	arrived, release := make(chan struct{}), make(chan struct{})
	var once sync.Once
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		once.Do(func() { close(arrived); <-release })
		w.WriteHeader(500)
	}))
	defer s.Close()
	b.target(`{"url":"` + s.URL + `"}`).OK(nil)
	b.publish("v")
	done := make(chan struct{})
	go func() { defer close(done); b.advance("5s") }()
	<-arrived
	b.Admin(http.MethodPost, "/reset?tenant=bob", "").OK(nil)
	b.Admin(http.MethodPut, "/clock?tenant=bob", `{"frozen":true}`).OK(nil)
	b.publish("w")
	close(release)
	<-done
	b.advance("5s")
	l := b.ledger("")
	require.Equal(t, []string{"snapshot-complete pending"}, l.kinds())
	assert.Equal(t, "w", l.Callbacks[0].Object)
	assert.Len(t, l.Callbacks[0].Attempts, 1)
}

func TestTargets(t *testing.T) {
	b := newBench(t, callbacks.Config{})
	targets := func() string { return b.Admin(http.MethodGet, "/callbacks/targets?tenant=bob", "").OK(nil).Body }
	assert.JSONEq(t, `{"targets":[]}`, targets())
	one := `{"api":"qulive","url":"http://127.0.0.1:9/","signed":true,"pull":false,"hold":true}`
	assert.JSONEq(t, one, b.target(`{"url":"http://127.0.0.1:9/","hold":true}`).OK(nil).Body)
	assert.JSONEq(t, `{"targets":[`+one+`]}`, targets())
	assert.JSONEq(t, one, b.Admin(http.MethodGet, "/callbacks/qulive/target?tenant=bob", "").OK(nil).Body)
	b.Admin(http.MethodGet, "/callbacks/qulive/target", "").Problem(404) // the default tenant has none

	b.publish("v")
	b.advance("1h")
	b.Admin(http.MethodDelete, "/callbacks/qulive/target?tenant=bob", "").OK(nil)
	assert.Equal(t, []string{"snapshot-complete discarded", "review-complete discarded", "transcode-complete discarded"}, b.ledger("").kinds())
	b.Admin(http.MethodDelete, "/callbacks/qulive/target?tenant=bob", "").Problem(404, "no target")
	r := newReceiver(t, nil)
	b.to(r)
	b.advance("1h")
	assert.Empty(t, r.all(), "what is discarded stays so")
	var v view
	b.post("2/replay", "").OK(&v)
	assert.Equal(t, "delivered", v.State, "unless it is asked for")

	b.Admin(http.MethodDelete, "/tenants/bob", "").OK(nil)
	b.bob = b.Frozen("bob")
	assert.JSONEq(t, `{"targets":[]}`, targets(), "a new tenant of the same id has nothing of it")
	assert.Zero(t, b.ledger("").Last)
}

// A tenant whose time is over is forgotten without being told.
func TestExpiredTenant(t *testing.T) {
	b := newBench(t, callbacks.Config{Tick: time.Millisecond})
	b.Admin(http.MethodPost, "/tenants", `{"id":"brief","ttl":"40ms"}`).OK(nil)
	tenant, err := b.Host.Tenant("brief")
	require.NoError(t, err)
	b.Admin(http.MethodPut, "/callbacks/qulive/target?tenant=brief", `{"pull":true}`).OK(nil)
	require.Len(t, b.Callbacks.Targets(tenant), 1)
	_, met := b.Callbacks.Wait(t.Context(), tenant, callbacks.Filter{}, 1) // ends with the tenant
	assert.False(t, met)
	assert.Empty(t, b.Callbacks.Targets(tenant))
}

// The end waits for what is on its way, but not for ever, and releases all who wait.
func TestClose(t *testing.T) {
	b := newBench(t, callbacks.Config{})
	arrived, release := make(chan struct{}, 9), make(chan struct{})
	s := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
		arrived <- struct{}{}
		<-release
	}))
	defer s.Close()
	b.target(`{"url":"` + s.URL + `"}`).OK(nil)
	carol := b.Frozen("carol")
	b.Admin(http.MethodPut, "/callbacks/qulive/target?tenant=carol", `{"pull":true}`).OK(nil)
	b.publish("v")
	var waiting sync.WaitGroup
	waiting.Go(func() { b.advance("1h") })
	waiting.Go(func() { b.Admin(http.MethodGet, "/callbacks/wait?tenant=bob&count=9&timeout=1m", "").OK(nil) })
	<-arrived
	waiting.Go(func() {
		b.Admin(http.MethodPost, "/callbacks/pull?tenant=carol", `{"wait":"1m"}`).Problem(503, "stopping")
	})
	waiting.Go(func() { b.post("1/replay", "").Problem(503, "stopping") })
	require.Eventually(t, func() bool { return b.Callbacks.Waiting() >= 1 }, 5*time.Second, time.Millisecond)

	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	begun := time.Now()
	b.Callbacks.Close(ctx)
	assert.Less(t, time.Since(begun), 20*time.Second)
	waiting.Wait()
	v := b.get(1)
	require.Len(t, v.Attempts, 1)
	assert.Equal(t, "the sandbox is stopping", v.Attempts[0].Error)
	close(release)

	b.publishAs(carol, "w") // events are still told, and go nowhere
	b.Advance("carol", "1h")
	b.target(`{"url":"`+s.URL+`"}`).Problem(503, "stopping")
	b.post("1/replay", "").Problem(503)
	b.Callbacks.Close(t.Context()) // again
}

// What arrives within the grace is noted.
func TestCloseInTime(t *testing.T) {
	b := newBench(t, callbacks.Config{})
	arrived, release := make(chan struct{}), make(chan struct{})
	s := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { close(arrived); <-release }))
	defer s.Close()
	b.target(`{"url":"` + s.URL + `"}`).OK(nil)
	b.publish("v")
	var moving sync.WaitGroup
	moving.Go(func() { b.advance("5s") })
	<-arrived
	closed := make(chan struct{})
	go func() { b.Callbacks.Close(t.Context()); close(closed) }()
	moving.Wait() // the clock is answered at once
	close(release)
	<-closed
	assert.Equal(t, "delivered", b.get(1).State)
}

// Many tenants at once, a few workers, slow receivers: each tenant's own, in order.
func TestManyTenants(t *testing.T) {
	b := newBench(t, callbacks.Config{Workers: 3, Tick: time.Millisecond})
	const tenants, videos = 40, 3
	var mu sync.Mutex
	got := map[string][]string{}
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		who := strings.TrimPrefix(r.URL.Path, "/")
		mu.Lock()
		n := len(got[who])
		got[who] = append(got[who], r.Header.Get("X-VOD-TIMESTAMP"))
		mu.Unlock()
		if n == 0 {
			w.WriteHeader(500)
		}
	}))
	defer s.Close()
	var running sync.WaitGroup
	for i := range tenants {
		id := fmt.Sprintf("m%d", i)
		running.Go(func() {
			who := b.Frozen(id)
			b.Admin(http.MethodPut, "/callbacks/qulive/target?tenant="+id, `{"url":"`+s.URL+`/`+id+`"}`).OK(nil)
			for v := range videos {
				b.publishAs(who, fmt.Sprint("v", v))
				b.Advance(id, "1m")
			}
			var l ledger
			b.Admin(http.MethodGet, "/callbacks?tenant="+id, "").OK(&l)
			assert.Equal(t, 3*videos, l.Count)
			for _, v := range l.Callbacks {
				assert.Equal(t, "delivered", v.State)
			}
		})
	}
	running.Wait()
	mu.Lock()
	defer mu.Unlock()
	for i := range tenants {
		list := got[fmt.Sprintf("m%d", i)]
		require.Len(t, list, 3*videos+1)
		assert.IsNonDecreasing(t, list)
	}
}

// So many deliveries are on their way at once; the others wait for one that has arrived.
func TestWorkers(t *testing.T) {
	const workers, tenants = 3, 10
	b := newBench(t, callbacks.Config{Workers: workers, Timeout: time.Minute})
	var now, all atomic.Int64
	release := make(chan struct{})
	s := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
		assert.LessOrEqual(t, now.Add(1), int64(workers))
		<-release
		now.Add(-1)
		all.Add(1)
	}))
	defer s.Close()
	var running sync.WaitGroup
	for i := range tenants {
		id := fmt.Sprintf("w%d", i)
		who := b.Frozen(id)
		b.Admin(http.MethodPut, "/callbacks/qulive/target?tenant="+id, `{"url":"`+s.URL+`"}`).OK(nil)
		b.publishAs(who, "v")
		running.Go(func() { b.Advance(id, "5s") })
	}
	assert.Eventually(t, func() bool { return now.Load() == workers && b.Callbacks.Queued() == tenants-workers }, 30*time.Second, time.Millisecond)
	close(release)
	running.Wait()
	assert.EqualValues(t, tenants, all.Load(), "each is sent")
}

// Tenants whose time is over are forgotten now and then, also where nobody had a target.
func TestSweep(t *testing.T) {
	b := newBench(t, callbacks.Config{})
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	for range 2000 {
		tenant, err := b.Host.AddTenant(fakes.NewTenant{TTL: time.Nanosecond})
		require.NoError(t, err)
		b.Callbacks.Wait(ended, tenant, callbacks.Filter{}, 1)
	}
	assert.LessOrEqual(t, b.Callbacks.Boxes(), 256+1)
}
