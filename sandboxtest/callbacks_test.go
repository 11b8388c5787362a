package sandboxtest_test

import (
	"crypto/md5" //nolint:gosec // the vendor's choice
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/mediasandbox/sandbox/fakes/qulive"
	"github.com/mediasandbox/sandbox/sandboxtest"
)

// receiver is a server that is told things.
type receiver struct {
	*httptest.Server
	mu     sync.Mutex
	status int
	heard  []http.Header
}

func newReceiver(t *testing.T) *receiver {
	t.Helper()
	r := &receiver{status: http.StatusOK}
	r.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, in *http.Request) {
		r.mu.Lock()
		defer r.mu.Unlock()
		r.heard = append(r.heard, in.Header)
		w.WriteHeader(r.status)
	}))
	t.Cleanup(r.Close)
	return r
}

func (r *receiver) answer(status int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.status = status
}

func (r *receiver) got() []http.Header {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.heard
}

func publish(t *testing.T, sb *sandboxtest.Sandbox, video string) {
	t.Helper()
	res, err := sb.Client().PostForm(sb.BaseURL("qulive")+"/vod/videoPublish", url.Values{"token": {sb.Qulive.Token}, "videoId": {video}, "coverUrl": {"https://e.test/c.png"}})
	require.NoError(t, err)
	defer res.Body.Close()
	require.Equal(t, http.StatusOK, res.StatusCode)
}

func TestCallbacks(t *testing.T) {
	t.Parallel()
	sb, other := sandboxtest.New(t), sandboxtest.New(t)
	r := newReceiver(t)
	target := r.URL + "/vod"
	sb.SendCallbacks("qulive", target)
	sb.Clock.Freeze()
	publish(t, sb, "v1")
	assert.Empty(t, r.got(), "nothing is due")

	sb.Clock.Advance(2 * time.Minute)
	heard := r.got()
	require.Len(t, heard, 3, "they have arrived when the clock has moved")
	for _, h := range heard {
		stamp := h.Get("X-Vod-Timestamp")
		sum := md5.Sum([]byte(target + "|" + stamp + "|" + sb.Qulive.CallbackKey)) //nolint:gosec // the vendor's choice
		assert.Equal(t, fmt.Sprintf("%x", sum), h.Get("X-Vod-Signature"))
	}
	sent := sb.Callbacks()
	require.Len(t, sent, 3)
	for _, c := range sent {
		assert.Equal(t, "qulive", c.API)
		assert.Equal(t, "v1", c.Object)
		assert.NotEmpty(t, c.Kind)
		assert.False(t, c.At.After(sb.Clock.Now()))
		assert.True(t, c.Delivered)
		assert.Equal(t, 1, c.Attempts)
		assert.Equal(t, 200, c.Status)
		assert.Contains(t, c.Body, `"v1"`)
	}
	assert.Empty(t, other.Callbacks())

	// What the vendor's staff does is told, too.
	before := len(r.got())
	sandboxtest.Change(sb, func(w *qulive.World, now time.Time) error { return w.FinishTranscode("v1", false, now) })
	assert.Len(t, r.got(), before+1)

	sb.Reset()
	assert.Empty(t, sb.Callbacks())
	r.answer(http.StatusInternalServerError)
	sb.Clock.Freeze()
	publish(t, sb, "v2")
	sb.Clock.Advance(time.Hour)
	for _, c := range sb.Callbacks() {
		assert.False(t, c.Delivered)
		assert.Equal(t, 3, c.Attempts, "the vendor gives up")
		assert.Equal(t, 500, c.Status)
	}
	require.Len(t, sb.Callbacks(), 3)
}

func TestCallbacksRefused(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ api, url, want string }{
		{"qulive", "http://192.0.2.1/", "does not allow"},
		{"qulive", "ftp://127.0.0.1/", "http"},
		{"polyv", "http://127.0.0.1/", "sends no callbacks"},
	} {
		r := &record{name: t.Name()}
		r.run(func() { sandboxtest.New(r).SendCallbacks(c.api, c.url) })
		assert.True(t, r.failed)
		assert.Contains(t, r.log.String(), c.want)
	}
}
