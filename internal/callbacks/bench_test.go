package callbacks_test

import (
	"crypto/md5"
	"encoding/hex"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/mediasandbox/sandbox/internal/admin/wholetest"
	"github.com/mediasandbox/sandbox/internal/callbacks"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var kit = sync.OnceValues(wholetest.Load)

// noon is where the clocks of the tests stand.
var noon = time.Date(2026, 3, 18, 12, 0, 0, 0, time.UTC)

// bench is a sandbox whose tenant bob gets callbacks.
type bench struct {
	*wholetest.Sandbox
	t   *testing.T
	bob wholetest.Tenant
}

func newBench(t *testing.T, cfg callbacks.Config) *bench {
	t.Helper()
	k, err := kit()
	require.NoError(t, err)
	s := k.New(t, cfg, nil)
	return &bench{s, t, s.Frozen("bob")}
}

// publish publishes a video of bob's; its three events are due 5, 20 and 60 seconds later.
func (b *bench) publish(video string) { b.publishAs(b.bob, video) }

func (b *bench) publishAs(who wholetest.Tenant, video string) {
	b.t.Helper()
	reply := b.Call("/qulive/vod/videoPublish", url.Values{
		"token": {who.Credentials["qulive"]["token"]}, "videoId": {video}, "coverUrl": {"http://x/c.png"},
	})
	require.Contains(b.t, reply.Body, `"result":"true"`)
}

func (b *bench) advance(by string) { b.t.Helper(); b.Advance("bob", by) }

// target sets bob's target.
func (b *bench) target(body string) wholetest.Reply {
	b.t.Helper()
	return b.Admin(http.MethodPut, "/callbacks/qulive/target?tenant=bob", body)
}

// to sets bob's target to a receiver.
func (b *bench) to(r *receiver) {
	b.t.Helper()
	b.target(`{"url":"` + r.url + `"}`).OK(nil)
}

// view is a delivery as the ledger shows it.
type view struct {
	ID                       uint64
	API, Kind, Object, State string
	At                       time.Time
	Due                      *time.Time
	Body                     map[string]any
	AttemptsMade             int `json:"attempts_made"`
	Attempts                 []struct {
		Cause, URL, Error, Reply string
		At                       time.Time
		Status                   int
	}
}

type ledger struct {
	Callbacks              []view
	Count                  int
	Last, Evicted, Dropped uint64
	Inconclusive           bool
}

func (b *bench) ledger(filter string) (l ledger) {
	b.t.Helper()
	b.Admin(http.MethodGet, "/callbacks?tenant=bob&"+filter, "").OK(&l)
	return l
}

func (b *bench) get(id uint64) (v view) {
	b.t.Helper()
	b.Admin(http.MethodGet, "/callbacks/"+strconv.FormatUint(id, 10)+"?tenant=bob", "").OK(&v)
	return v
}

// post asks for something about bob's callbacks.
func (b *bench) post(path, body string) wholetest.Reply {
	b.t.Helper()
	return b.Admin(http.MethodPost, "/callbacks/"+path+"?tenant=bob", body)
}

// kinds are what the ledger lists, by their end.
func (l ledger) kinds() (out []string) {
	for _, v := range l.Callbacks {
		out = append(out, v.Kind+" "+v.State)
	}
	return out
}

// causes are the attempts of a delivery: their cause, seconds after noon, and what came.
func (v view) causes() (out []string) {
	for _, a := range v.Attempts {
		result := a.Error
		if result == "" {
			result = strconv.Itoa(a.Status)
		}
		out = append(out, a.Cause+" "+a.At.Sub(noon).String()+" "+result)
	}
	return out
}

// receiver is a server that callbacks are sent to.
type receiver struct {
	t   *testing.T
	url string

	mu  sync.Mutex
	got []received
	// answer says what the n-th request, from 0, is answered with; nil is 200.
	answer func(n int) int
}

type received struct {
	method, path, contentType string
	timestamp, signature      string
	header                    http.Header
	body                      map[string]any
}

func newReceiver(t *testing.T, answer func(n int) int) *receiver {
	t.Helper()
	r := &receiver{t: t, answer: answer}
	s := httptest.NewServer(r)
	t.Cleanup(s.Close)
	r.url = s.URL + "/vod?from=sandbox"
	return r
}

func (r *receiver) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	data, err := io.ReadAll(req.Body)
	assert.NoError(r.t, err)
	g := received{
		method: req.Method, path: req.URL.RequestURI(), contentType: req.Header.Get("Content-Type"),
		timestamp: req.Header.Get("X-VOD-TIMESTAMP"), signature: req.Header.Get("X-VOD-SIGNATURE"), header: req.Header,
	}
	assert.NoError(r.t, json.Unmarshal(data, &g.body), string(data))
	r.mu.Lock()
	n := len(r.got)
	r.got = append(r.got, g)
	answer := r.answer
	r.mu.Unlock()
	if answer != nil {
		w.WriteHeader(answer(n))
	}
	io.WriteString(w, "noted\n")
}

func (r *receiver) all() []received {
	r.mu.Lock()
	defer r.mu.Unlock()
	return append([]received{}, r.got...)
}

// events are the event types in the order received.
func (r *receiver) events() (out []string) {
	for _, g := range r.all() {
		out = append(out, g.body["EventType"].(string))
	}
	return out
}

// statuses answers the first requests with these, and 200 afterwards.
func statuses(list ...int) func(int) int {
	return func(n int) int {
		if n < len(list) {
			return list[n]
		}
		return http.StatusOK
	}
}

// signed is the signature as the vendor's page computes it.
func signed(url, timestamp, key string) string {
	sum := md5.Sum([]byte(url + "|" + timestamp + "|" + key))
	return hex.EncodeToString(sum[:])
}

// types are the events of one video.
var types = []string{"SnapshotComplete", "AIVideoCensorComplete", "StreamTranscodeComplete"}
