package callbacks_test

import (
	"bytes"
	"context"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/mediasandbox/sandbox/internal/callbacks"
)

// What falls due arrives before the clock's answer, in order, signed as the vendor signs.
func TestDelivered(t *testing.T) {
	b := newBench(t, callbacks.Config{})
	r := newReceiver(t, nil)
	b.to(r)
	b.publish("v")
	assert.Empty(t, r.all(), "nothing is due yet")
	var moved struct {
		Fired []struct{ Data map[string]any }
	}
	b.Admin(http.MethodPost, "/clock/advance?tenant=bob", `{"by":"2m"}`).OK(&moved)

	got := r.all()
	require.Equal(t, types, r.events())
	for i, after := range []time.Duration{5 * time.Second, 20 * time.Second, time.Minute} {
		g := got[i]
		assert.Equal(t, http.MethodPost, g.method)
		assert.Equal(t, "/vod?from=sandbox", g.path)
		assert.Equal(t, "application/json", g.contentType)
		assert.Equal(t, strconv.FormatInt(noon.Add(after).Unix(), 10), g.timestamp, "on the tenant's clock")
		assert.Equal(t, signed(r.url, g.timestamp, b.bob.Credentials["qulive"]["callback_key"]), g.signature)
		assert.Equal(t, noon.Add(after).Format("2006-01-02T15:04:05Z"), g.body["EventTime"])
		assert.Equal(t, "v", g.body["VideoId"])
	}
	base := b.bob.BaseURLs["qulive"]
	frame := got[0].body["SnapshotInfos"].([]any)[0].(map[string]any)["SnapshotRegular"].(string)
	assert.Equal(t, base+"/-/v/snapshots/normal-{SnapshotCount}.jpg", frame)
	assert.Equal(t, base+"/-/v/transcoded-sd.mp4", got[2].body["FileUrl"])
	for name, ctype := range map[string]string{strings.ReplaceAll(frame, "{SnapshotCount}", "00001"): "image/jpeg", got[2].body["FileUrl"].(string): "video/mp4"} {
		file := b.Call(strings.TrimPrefix(name, b.URL), nil).OK(nil)
		assert.Equal(t, ctype, file.Header.Get("Content-Type"))
	}
	assert.Equal(t, "v/transcoded-sd.mp4", moved.Fired[2].Data["FileUrl"], "the event is not changed")

	l := b.ledger("")
	assert.Equal(t, []string{"snapshot-complete delivered", "review-complete delivered", "transcode-complete delivered"}, l.kinds())
	assert.Equal(t, ledger{l.Callbacks, 3, 3, 0, 0, false}, l)
	v := l.Callbacks[1]
	assert.Equal(t, []string{"first 20s 200"}, v.causes())
	assert.Equal(t, "noted ", v.Attempts[0].Reply)
	assert.Equal(t, r.url, v.Attempts[0].URL)
	assert.Equal(t, []any{uint64(2), "qulive", "v", noon.Add(20 * time.Second), 1}, []any{v.ID, v.API, v.Object, v.At, v.AttemptsMade})
	assert.Nil(t, v.Due)
	for _, secret := range []string{b.bob.Credentials["qulive"]["callback_key"], got[0].signature} {
		assert.NotContains(t, b.Admin(http.MethodGet, "/callbacks?tenant=bob", "").Body, secret)
		assert.NotContains(t, b.Admin(http.MethodGet, "/callbacks/targets?tenant=bob", "").Body, secret)
	}
	b.advance("1h")
	assert.Len(t, r.all(), 3, "once")
}

func TestKeys(t *testing.T) {
	b := newBench(t, callbacks.Config{})
	r := newReceiver(t, nil)
	for i, row := range []struct{ field, key string }{
		{``, b.bob.Credentials["qulive"]["callback_key"]}, {`,"key":"test123"`, "test123"}, {`,"key":""`, ""},
	} {
		b.target(`{"url":"` + r.url + `"` + row.field + `}`).OK(nil)
		b.publish("v" + strconv.Itoa(i))
		b.advance("5s")
		g := r.all()[len(r.all())-1]
		if row.key == "" {
			assert.NotContains(t, g.header, "X-Vod-Timestamp", "without a key the vendor sends no headers")
			assert.NotContains(t, g.header, "X-Vod-Signature")
		} else {
			assert.Equal(t, signed(r.url, g.timestamp, row.key), g.signature)
		}
		b.advance("1h")
	}
	// The vendor's page "HTTP callbacks": md5("https://www.example.com/your/callback|1519375990|test123").
	assert.Equal(t, "c72b60894140fa98920f1279219b", signed("https://www.example.com/your/callback", "1519375990", "test123")[:28])
}

// A failed attempt is repeated a second later on the clock, three attempts in all.
func TestRetries(t *testing.T) {
	for name, row := range map[string]struct {
		answers []int
		after   []string // what is in the ledger after each second
		state   string
	}{
		"at once":   {nil, []string{"first 5s 200"}, "delivered"},
		"second":    {[]int{500}, []string{"first 5s 500", "retry 6s 200"}, "delivered"},
		"third":     {[]int{500, 503}, []string{"first 5s 500", "retry 6s 503", "retry 7s 200"}, "delivered"},
		"never":     {[]int{500, 500, 500}, []string{"first 5s 500", "retry 6s 500", "retry 7s 500"}, "failed"},
		"only 200":  {[]int{201, 204, 202}, []string{"first 5s 201", "retry 6s 204", "retry 7s 202"}, "failed"},
		"forbidden": {[]int{403}, []string{"first 5s 403", "retry 6s 200"}, "delivered"},
	} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t, callbacks.Config{})
			r := newReceiver(t, statuses(row.answers...))
			b.to(r)
			b.publish("v")
			b.advance("5s")
			for i := range row.after {
				v := b.get(1)
				assert.Equal(t, row.after[:i+1], v.causes())
				if i+1 < len(row.after) {
					assert.Equal(t, "pending", v.State)
					assert.Equal(t, noon.Add(time.Duration(i+6)*time.Second), v.Due.UTC())
				}
				assert.Len(t, r.all(), i+1, "the clock stands")
				b.advance("999ms")
				assert.Len(t, r.all(), i+1, "not a millisecond too early")
				b.advance("1ms")
			}
			assert.Equal(t, row.state, b.get(1).State)
			b.advance("5s")
			assert.Len(t, r.all(), len(row.after), "no more")
			for i, g := range r.all() {
				assert.Equal(t, strconv.FormatInt(noon.Add(time.Duration(5+i)*time.Second).Unix(), 10), g.timestamp, "signed anew")
				assert.Equal(t, r.all()[0].body, g.body, "the same body")
			}
		})
	}
}

// One step of the clock makes all retries on the way, between the events after them.
func TestRetriesInOneStep(t *testing.T) {
	b := newBench(t, callbacks.Config{})
	r := newReceiver(t, statuses(500, 500, 500, 500, 200, 500))
	b.to(r)
	b.publish("v")
	b.advance("1h")
	a, c, s := types[0], types[1], types[2]
	assert.Equal(t, []string{a, a, a, c, c, s, s}, r.events())
	assert.Equal(t, []string{"snapshot-complete failed", "review-complete delivered", "transcode-complete delivered"}, b.ledger("").kinds())
	assert.Equal(t, []string{"first 20s 500", "retry 21s 200"}, b.get(2).causes())

	// A retry comes before an event that is due later, of another video too.
	b.publish("w")
	b.advance("4s500ms")
	b.publish("x")
	r.mu.Lock()
	r.answer = func(n int) int {
		if n == 7 {
			return 500
		}
		return 200
	}
	r.mu.Unlock()
	b.advance("10s")
	got := r.all()[7:]
	require.Len(t, got, 3)
	assert.Equal(t, []any{"w", "w", "x"}, []any{got[0].body["VideoId"], got[1].body["VideoId"], got[2].body["VideoId"]})
}

// Redirects are answers like others: they are not followed.
func TestRedirects(t *testing.T) {
	b := newBench(t, callbacks.Config{})
	elsewhere := newReceiver(t, nil)
	for _, status := range []int{301, 302, 303, 307, 308} {
		from := httptest.NewServer(http.RedirectHandler(elsewhere.url, status))
		b.target(`{"url":"` + from.URL + `"}`).OK(nil)
		b.publish("v" + strconv.Itoa(status))
		b.advance("5s")
		last := b.ledger("limit=1").Callbacks[0]
		assert.Equal(t, status, last.Attempts[0].Status)
		assert.Equal(t, "pending", last.State)
		from.Close()
		b.advance("1h")
	}
	assert.Empty(t, elsewhere.all())
}

// A receiver that takes its time is not waited for longer than the vendor waits.
func TestTimeout(t *testing.T) {
	b := newBench(t, callbacks.Config{Timeout: 30 * time.Millisecond})
	release := make(chan struct{})
	for name, handler := range map[string]http.HandlerFunc{
		"no answer": func(http.ResponseWriter, *http.Request) { <-release },
		"no body": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "10")
			w.WriteHeader(200)
			w.(http.Flusher).Flush()
			<-release
		},
	} {
		s := httptest.NewServer(handler)
		b.target(`{"url":"` + s.URL + `"}`).OK(nil)
		b.publish(name)
		begun := time.Now()
		b.advance("5s")
		assert.Less(t, time.Since(begun), 5*time.Second)
		last := b.ledger("limit=1").Callbacks[0]
		assert.Equal(t, "no answer within 30ms", last.Attempts[0].Error, name)
		assert.Equal(t, "pending", last.State)
		b.Admin(http.MethodDelete, "/callbacks/qulive/target?tenant=bob", "").OK(nil)
		t.Cleanup(s.Close)
	}
	t.Cleanup(func() { close(release) }) // before the servers close
}

// Whatever a receiver answers, little is read and less is kept.
func TestAnswers(t *testing.T) {
	b := newBench(t, callbacks.Config{})
	var answer atomic.Value
	s := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { answer.Load().(func(http.ResponseWriter))(w) }))
	s.Config.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, slog.LevelError)
	s.Start()
	defer s.Close()
	b.target(`{"url":"` + s.URL + `"}`).OK(nil)
	for i, row := range []struct {
		answer func(w http.ResponseWriter)
		state  string
		reply  func(t *testing.T, a string)
		error  string
	}{
		{func(w http.ResponseWriter) {
			for range 10_000 {
				if _, err := w.Write(bytes.Repeat([]byte("x"), 1000)); err != nil {
					return
				}
			}
		}, "delivered", func(t *testing.T, a string) { assert.Equal(t, strings.Repeat("x", 512), a) }, ""},
		{func(w http.ResponseWriter) { w.Write([]byte("a\x00\n\xff视")) }, "delivered", func(t *testing.T, a string) { assert.Equal(t, "a  \ufffd视", a) }, ""},
		{func(w http.ResponseWriter) { w.Header().Set("X", strings.Repeat("x", 100_000)) }, "pending", func(t *testing.T, a string) { assert.Empty(t, a) }, "header"},
		{func(w http.ResponseWriter) { panic(http.ErrAbortHandler) }, "pending", func(t *testing.T, a string) { assert.Empty(t, a) }, "EOF"},
		{func(w http.ResponseWriter) { // breaks off after its status
			conn, buf, _ := w.(http.Hijacker).Hijack()
			buf.WriteString("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc")
			buf.Flush()
			conn.Close()
		}, "delivered", func(t *testing.T, a string) { assert.Equal(t, "abc", a) }, ""},
		{func(w http.ResponseWriter) { // not HTTP
			conn, buf, _ := w.(http.Hijacker).Hijack()
			buf.WriteString("hello\r\n")
			buf.Flush()
			conn.Close()
		}, "pending", func(t *testing.T, a string) { assert.Empty(t, a) }, "malformed"},
		{func(w http.ResponseWriter) { // nor this, which is repeated in the error
			conn, buf, _ := w.(http.Hijacker).Hijack()
			buf.WriteString(strings.Repeat("hello", 1000) + "\r\n")
			buf.Flush()
			conn.Close()
		}, "pending", func(t *testing.T, a string) { assert.Empty(t, a) }, "hellohello"},
	} {
		answer.Store(row.answer)
		b.publish("v" + strconv.Itoa(i))
		b.advance("5s")
		v := b.ledger("limit=1").Callbacks[0]
		assert.Equal(t, row.state, v.State, "%d: %+v", i, v)
		row.reply(t, v.Attempts[0].Reply)
		assert.Contains(t, v.Attempts[0].Error, row.error)
		assert.LessOrEqual(t, len(v.Attempts[0].Error), 512)
		answer.Store(func(http.ResponseWriter) {})
		b.advance("1h")
	}
	s.Close()
	b.publish("gone")
	b.advance("5s")
	v := b.ledger("limit=1").Callbacks[0]
	assert.Contains(t, v.Attempts[0].Error, "refused")
	assert.Zero(t, v.Attempts[0].Status)
}

// Where the clock runs, nobody has to call for things to fall due and to be retried.
func TestRunningClock(t *testing.T) {
	b := newBench(t, callbacks.Config{Tick: 5 * time.Millisecond})
	r := newReceiver(t, statuses(500))
	b.to(r)
	b.publish("v")
	b.Admin(http.MethodPut, "/clock?tenant=bob", `{"now":"2026-03-18T12:00:04.9Z","frozen":false}`).OK(nil)
	var waited struct {
		Met   bool
		Count int
	}
	begun := time.Now()
	b.Admin(http.MethodGet, "/callbacks/wait?tenant=bob&state=delivered&timeout=10s", "").OK(&waited)
	require.True(t, waited.Met)
	assert.GreaterOrEqual(t, time.Since(begun), time.Second, "a retry waits a second")
	v := b.get(1)
	require.Len(t, v.Attempts, 2)
	assert.GreaterOrEqual(t, v.Attempts[1].At.Sub(v.Attempts[0].At), time.Second)
	assert.WithinDuration(t, noon.Add(5*time.Second), v.Attempts[0].At, time.Second)
}

// A clock that runs and is moved makes the attempts that one which stands makes: all of
// them before the answer, each at the time at which it fell due.
func TestRunningClockMoved(t *testing.T) {
	for name, move := range map[string]struct{ method, path, body string }{
		"advance": {http.MethodPost, "/clock/advance?tenant=bob", `{"by":"2m"}`},
		"put":     {http.MethodPut, "/clock?tenant=bob", `{"now":"2026-03-18T12:02:00Z"}`},
	} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t, callbacks.Config{})
			r := newReceiver(t, statuses(200, 500, 500, 200))
			b.to(r)
			b.Admin(http.MethodPut, "/clock?tenant=bob", `{"now":"2026-03-18T12:00:00Z","frozen":false}`).OK(nil)
			b.publish("v")
			b.Admin(move.method, move.path, move.body).OK(nil)

			a, c, s := types[0], types[1], types[2]
			require.Equal(t, []string{a, c, c, c, s}, r.events())
			l := b.ledger("")
			assert.Equal(t, []string{"snapshot-complete delivered", "review-complete delivered", "transcode-complete delivered"}, l.kinds())
			for _, v := range l.Callbacks {
				assert.Equal(t, v.At, v.Attempts[0].At, "%s: when it fell due", v.Kind)
			}
			attempts := l.Callbacks[1].Attempts
			for i := range 2 {
				pause := attempts[i+1].At.Sub(attempts[i].At)
				assert.GreaterOrEqual(t, pause, time.Second)
				assert.Less(t, pause, 30*time.Second, "on the way, not where the clock was moved to")
			}
			for i, at := range []time.Time{l.Callbacks[0].At, attempts[0].At, attempts[1].At, attempts[2].At, l.Callbacks[2].At} {
				assert.Equal(t, strconv.FormatInt(at.Unix(), 10), r.all()[i].timestamp, "that is signed")
			}
		})
	}
}

// State control is answered when what it caused has arrived.
func TestStateControl(t *testing.T) {
	b := newBench(t, callbacks.Config{})
	r := newReceiver(t, nil)
	b.to(r)
	b.publish("v")
	b.Admin(http.MethodPost, "/state/qulive/videos/v/review?tenant=bob", `{"status":"fail"}`).OK(nil)
	require.Equal(t, []string{"AIVideoCensorComplete"}, r.events())
	assert.Equal(t, "block", r.all()[0].body["Data"].(map[string]any)["Suggestion"])
	assert.Equal(t, strconv.FormatInt(noon.Unix(), 10), r.all()[0].timestamp)
	b.Admin(http.MethodPost, "/state/qulive/videos/v/transcode?tenant=bob", `{"status":"fail"}`).OK(nil)
	assert.Equal(t, "fail", r.all()[1].body["Status"])
	assert.NotContains(t, r.all()[1].body, "FileUrl")
}

// The sandbox's own receiver takes them, also in another tenant.
func TestOwnReceiver(t *testing.T) {
	b := newBench(t, callbacks.Config{})
	carol := b.Frozen("carol")
	own := carol.Credentials["qulive"]
	b.target(`{"url":"` + own["callback_url"] + `","key":"` + own["callback_key"] + `"}`).OK(nil)
	b.publish("v")
	b.publishAs(carol, "v")
	b.advance("2m")
	assert.Equal(t, []string{"snapshot-complete delivered", "review-complete delivered", "transcode-complete delivered"}, b.ledger("").kinds())
	list := func(who map[string]string) string {
		return b.Call("/qulive/vod/getPersonalVideoList?pageIndex=1&pageSize=1&token="+who["token"], nil).OK(nil).Body
	}
	for _, of := range []string{list(own), list(b.bob.Credentials["qulive"])} {
		for _, status := range []string{`"transcodeStatus":"success"`, `"snapshotStatus":"success"`, `"censorStatus":"success"`} {
			assert.Contains(t, of, status)
		}
	}
	assert.Contains(t, list(own), b.bob.BaseURLs["qulive"]+"/-/v/snapshots/normal-00001.jpg", "the file is the sender's")

	// With a wrong key it refuses, as a receiver should.
	b.target(`{"url":"` + own["callback_url"] + `","key":"wrong"}`).OK(nil)
	b.publish("w")
	b.advance("2m")
	last := b.ledger("limit=1").Callbacks[0]
	assert.Equal(t, "failed", last.State)
	assert.Equal(t, 403, last.Attempts[2].Status)
	assert.Contains(t, last.Attempts[2].Reply, "非法请求")
}

// Nothing is connected to, and nothing is kept, before a target is set.
func TestNothingBeforeATarget(t *testing.T) {
	var dialled atomic.Int64
	b := newBench(t, callbacks.Config{Dial: func(ctx context.Context, network, address string) (net.Conn, error) {
		dialled.Add(1)
		return (&net.Dialer{}).DialContext(ctx, network, address)
	}})
	b.publish("v")
	b.advance("1h")
	b.Tenant("carol")
	assert.Empty(t, b.ledger("").Callbacks)
	assert.Zero(t, dialled.Load())
	r := newReceiver(t, nil)
	b.to(r)
	b.advance("1h")
	assert.Zero(t, dialled.Load(), "what fell due before is over")
	b.publish("w")
	b.advance("1h")
	assert.EqualValues(t, 3, dialled.Load(), "one connection each")
}
