package callbacks_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/mediasandbox/sandbox/internal/callbacks"
)

// leased are deliveries that were handed out.
type leased struct {
	Callbacks []struct {
		ID      uint64
		Lease   string
		Until   time.Time
		URL     string
		Headers map[string]string
		Body    map[string]any
	}
}

func (l leased) ids() (out []uint64) {
	for _, c := range l.Callbacks {
		out = append(out, c.ID)
	}
	return out
}

func (b *bench) pull(body string) (l leased) {
	b.t.Helper()
	b.post("pull", body).OK(&l)
	return l
}

func TestPull(t *testing.T) {
	b := newBench(t, callbacks.Config{})
	own := b.bob.Credentials["qulive"]
	b.post("pull", `{}`).Problem(409, "no target")
	var target struct {
		URL                string
		Signed, Pull, Hold bool
	}
	b.target(`{"pull":true}`).OK(&target)
	assert.Equal(t, own["callback_url"], target.URL, "what the tenant's own receiver would check")
	assert.Equal(t, []bool{true, true, false}, []bool{target.Signed, target.Pull, target.Hold})
	b.publish("v")
	assert.Empty(t, b.pull(`{}`).Callbacks, "nothing is due")
	b.advance("30s")
	got := b.pull(`{"max":1}`)
	require.Equal(t, []uint64{1}, got.ids())
	c := got.Callbacks[0]
	assert.Equal(t, noon.Add(time.Minute), c.Until.UTC(), "30 seconds unless it is said otherwise")
	assert.Equal(t, map[string]string{
		"Content-Type": "application/json", "X-VOD-TIMESTAMP": "1773835230", "X-VOD-SIGNATURE": signed(own["callback_url"], "1773835230", own["callback_key"]),
	}, c.Headers)
	assert.Equal(t, "SnapshotComplete", c.Body["EventType"])
	assert.Equal(t, []uint64{2}, b.pull(`{}`).ids(), "the first is somebody's")
	assert.Empty(t, b.pull(`{}`).Callbacks)

	b.post("1/ack", `{"lease":"2-1"}`).Problem(409, "lease")
	b.post("1/ack", `{"lease":""}`).Problem(409)
	b.post("9/ack", `{"lease":"1-1"}`).Problem(404)
	b.post("x/ack", `{"lease":"1-1"}`).Problem(404)
	b.post("1/ack", `{}`).Problem(400, `"lease" is missing`)
	b.post("1/ack", `{"lease":"`+c.Lease+`"}`).OK(nil)
	b.post("1/ack", `{"lease":"`+c.Lease+`"}`).Problem(409, "lease")
	v := b.get(1)
	assert.Equal(t, "delivered", v.State)
	assert.Equal(t, []string{"pull 30s 0"}, v.causes())

	// A lease that ends hands it out again, and the old one is worth nothing.
	b.advance("29s999ms")
	assert.Empty(t, b.pull(`{}`).Callbacks)
	b.advance("1ms")
	again := b.pull(`{"lease":"1m"}`)
	require.Equal(t, []uint64{2, 3}, again.ids())
	b.post("2/ack", `{"lease":"2-1"}`).Problem(409, "lease")
	b.post("2/ack", `{"lease":"`+again.Callbacks[0].Lease+`"}`).OK(nil)
	b.advance("1m")
	b.post("3/ack", `{"lease":"`+again.Callbacks[1].Lease+`"}`).Problem(409, "no longer") // exactly at its end

	b.post("3/replay", "").Problem(409, "pulled")
	b.post("deliver", `{"ids":[3]}`).Problem(409, "pulled")
	for body, words := range map[string]string{
		`{"max":0}`: "1 to 100", `{"max":101}`: "1 to 100", `{"wait":"5m"}`: "at most", `{"wait":5}`: "duration", `{"lease":"0s"}`: "more than 0",
		`{"lease":"25h"}`: "at most", `{"lease":"-1s"}`: "negative", `{"timeout":"1s"}`: `"timeout"`,
	} {
		b.post("pull", body).Problem(400, words)
	}
}

// Who pulls may wait; who sends instead gets what is left.
func TestPullWaits(t *testing.T) {
	b := newBench(t, callbacks.Config{})
	b.target(`{"pull":true,"url":"https://app.example/vod","key":"k"}`).OK(nil)
	done := make(chan leased)
	go func() { done <- b.pull(`{"wait":"30s"}`) }()
	b.publish("v")
	b.advance("5s")
	got := <-done
	require.Equal(t, []uint64{1}, got.ids())
	c := got.Callbacks[0]
	assert.Equal(t, "https://app.example/vod", c.URL, "it is signed, not connected to")
	assert.Equal(t, signed(c.URL, c.Headers["X-VOD-TIMESTAMP"], "k"), c.Headers["X-VOD-SIGNATURE"])
	begun := time.Now()
	assert.Empty(t, b.pull(`{"wait":"20ms"}`).Callbacks)
	assert.GreaterOrEqual(t, time.Since(begun), 20*time.Millisecond)

	b.target(`{"pull":true,"key":""}`).OK(nil)
	b.advance("30s")
	assert.Equal(t, map[string]string{"Content-Type": "application/json"}, b.pull(`{"max":1}`).Callbacks[0].Headers, "not signed without a key")
	r := newReceiver(t, nil)
	b.to(r)
	b.advance("1h")
	assert.Equal(t, []string{types[0], types[2], types[1]}, r.events(), "what was not acknowledged is sent, when its lease ends")
	b.post("pull", `{}`).Problem(409)
}

// On a running clock a lease ends by itself.
func TestPullOnARunningClock(t *testing.T) {
	b := newBench(t, callbacks.Config{Tick: 5 * time.Millisecond})
	b.target(`{"pull":true}`).OK(nil)
	b.publish("v")
	b.advance("5s")
	b.Admin(http.MethodPut, "/clock?tenant=bob", `{"frozen":false}`).OK(nil)
	require.Equal(t, []uint64{1}, b.pull(`{"lease":"50ms"}`).ids())
	assert.Equal(t, []uint64{1}, b.pull(`{"wait":"10s"}`).ids())
}
