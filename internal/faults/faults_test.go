package faults_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/mediasandbox/sandbox/fakes"
	"github.com/mediasandbox/sandbox/fakes/all"
	"github.com/mediasandbox/sandbox/internal/contract"
	"github.com/mediasandbox/sandbox/internal/faults"
	"github.com/mediasandbox/sandbox/specs/openapi"
)

const key = "172a1c261d1d84916d9e7321153d0416acab98fc"

var documents = sync.OnceValue(func() map[string]*contract.Document {
	docs := map[string]*contract.Document{}
	for _, name := range openapi.APIs() {
		doc, err := openapi.Load(name)
		if err != nil {
			panic(err)
		}
		docs[name] = doc
	}
	return docs
})

// bench is a host with faults, and what was recorded of its calls.
type bench struct {
	host *fakes.Host
	set  *faults.Set

	mu   sync.Mutex
	seen []fakes.Exchange
}

func (b *bench) Open(*fakes.Tenant) any { return nil }

func (b *bench) Record(x *fakes.Exchange) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.seen = append(b.seen, *x)
}

// last waits for the n-th exchange: after a broken connection the client is the first to know.
func (b *bench) last(t *testing.T, n int) fakes.Exchange {
	t.Helper()
	var x fakes.Exchange
	require.Eventually(t, func() bool {
		b.mu.Lock()
		defer b.mu.Unlock()
		if len(b.seen) < n {
			return false
		}
		x = b.seen[n-1]
		return true
	}, 5*time.Second, time.Millisecond)
	return x
}

func newBench(t testing.TB, always ...faults.Spec) *bench {
	t.Helper()
	f, err := faults.New(faults.Config{Documents: documents(), Always: always})
	require.NoError(t, err)
	b := &bench{}
	b.host, err = fakes.New(fakes.Config{APIs: all.APIs(), Documents: documents(), Faulter: f, Recorder: b,
		OnBreach: func(br fakes.Breach) { t.Errorf("breach: %s", br) }})
	require.NoError(t, err)
	b.set = faults.Of(b.host.Default())
	return b
}

func (b *bench) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	to, err := b.host.Resolve(r)
	if err != nil {
		fakes.Problem(w, http.StatusNotFound, err.Error())
		return
	}
	b.host.Serve(w, r, to)
}

// call asks in process; aborted says that the exchange was broken off.
func (b *bench) call(r *http.Request) (w *httptest.ResponseRecorder, aborted bool) {
	w = httptest.NewRecorder()
	defer func() {
		if p := recover(); p != nil {
			if p != http.ErrAbortHandler { //nolint:errorlint // as net/http compares
				panic(p)
			}
			aborted = true
		}
	}()
	b.ServeHTTP(w, r)
	return w, false
}

// funds is a call that succeeds.
func funds() *http.Request {
	return httptest.NewRequest(http.MethodGet, "/qqtube/v1-api?action=funds&api_key="+key, nil)
}

// add is a call that changes something.
func add() *http.Request {
	form := url.Values{"api_key": {key}, "action": {"add"}, "url": {"https://www.youtube.com/watch?v=jofNR_WkoCE"}, "quantity": {"1000"}, "id_service": {"30"}}
	r := httptest.NewRequest(http.MethodPost, "/qqtube/v1-api", strings.NewReader(form.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	return r
}

func (b *bench) put(t *testing.T, text string) faults.Status {
	t.Helper()
	var spec faults.Spec
	require.NoError(t, json.Unmarshal([]byte(text), &spec))
	if spec.Name == "" {
		spec.Name = "f"
	}
	st, err := b.set.Put(spec)
	require.NoError(t, err)
	return st
}

func TestOutcome(t *testing.T) {
	b := newBench(t)
	b.put(t, `{"api":"polyv","operation":"clip","outcome":"internal-error"}`)
	w, _ := b.call(httptest.NewRequest(http.MethodPost, "/polyv/v2/video/8205ac89d3/clip", nil))
	assert.Equal(t, documents()["polyv"].Operation("clip").Outcome("internal-error").Example, w.Body.String())
	x := b.last(t, 1)
	assert.Equal(t, "f", x.Fault)
	assert.Equal(t, "internal-error", x.Outcome)

	w, _ = b.call(funds())
	assert.Contains(t, w.Body.String(), "508.60")
	assert.Empty(t, b.last(t, 2).Fault)
}

// TestOutcomeOfSome: an outcome that not every operation has concerns those that have it.
func TestOutcomeOfSome(t *testing.T) {
	b := newBench(t)
	st := b.put(t, `{"api":"qqtube","outcome":"throttled"}`)
	assert.Equal(t, "outcome", st.Kind)
	w, _ := b.call(funds())
	if documents()["qqtube"].Operation("funds").Outcome("throttled") == nil {
		assert.Contains(t, w.Body.String(), "508.60")
	} else {
		assert.Contains(t, w.Body.String(), "Too many requests")
	}
	r := httptest.NewRequest(http.MethodGet, "/qqtube/v1-api?action=stats&api_key="+key, nil)
	w, _ = b.call(r)
	assert.Contains(t, w.Body.String(), "Too many requests")
	w, _ = b.call(httptest.NewRequest(http.MethodGet, "/qqtube/v1-api?action=nothing", nil))
	assert.Contains(t, w.Body.String(), "Invalid action", "a request without operation has no outcome to force")
}

func TestSelection(t *testing.T) {
	for name, row := range map[string]struct {
		spec string
		hits string // of funds, add, add with another quantity, polyv
	}{
		"everything":       {`{"kind":"status:503"}`, "1111"},
		"api":              {`{"api":"qqtube","kind":"status:503"}`, "1110"},
		"operation":        {`{"api":"qqtube","operation":"add","kind":"status:503"}`, "0110"},
		"params":           {`{"api":"qqtube","params":{"quantity":"1000"},"kind":"status:503"}`, "0100"},
		"effect":           {`{"effect":"paid","kind":"status:503"}`, "0110"},
		"caller":           {`{"caller":"` + key + `","kind":"status:503"}`, "1110"},
		"caller elsewhere": {`{"caller":"8205ac89d3","kind":"status:503"}`, "0001"},
		"skip":             {`{"api":"qqtube","skip":1,"kind":"status:503"}`, "0110"},
		"times":            {`{"api":"qqtube","times":2,"kind":"status:503"}`, "1100"},
		"skip and times":   {`{"skip":1,"times":1,"kind":"status:503"}`, "0100"},
	} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t)
			b.put(t, row.spec)
			other := add()
			body, err := io.ReadAll(other.Body)
			require.NoError(t, err)
			changed := httptest.NewRequest(http.MethodPost, "/qqtube/v1-api", bytes.NewReader(bytes.ReplaceAll(body, []byte("quantity=1000"), []byte("quantity=2000"))))
			changed.Header = other.Header
			hits := ""
			for _, r := range []*http.Request{funds(), add(), changed, httptest.NewRequest(http.MethodGet, "/polyv/v2/danmu/8205ac89d3", nil)} {
				w, _ := b.call(r)
				if w.Code == http.StatusServiceUnavailable {
					hits += "1"
				} else {
					hits += "0"
				}
			}
			assert.Equal(t, row.hits, hits)
			st := b.set.List()[0]
			assert.EqualValues(t, strings.Count(row.hits, "1"), st.Applied)
		})
	}
}

func TestFirstOfSeveral(t *testing.T) {
	b := newBench(t)
	b.put(t, `{"name":"one","kind":"status:503","times":1}`)
	b.put(t, `{"name":"two","kind":"status:502","times":1}`)
	var codes []int
	for range 3 {
		w, _ := b.call(funds())
		codes = append(codes, w.Code)
	}
	assert.Equal(t, []int{503, 502, 200}, codes)
	assert.True(t, b.set.List()[0].Over)
}

func TestChanceIsSeeded(t *testing.T) {
	draw := func(seed int) string {
		b := newBench(t)
		b.put(t, fmt.Sprintf(`{"kind":"status:503","chance":0.3,"seed":%d}`, seed))
		out := ""
		for range 200 {
			w, _ := b.call(funds())
			out += string("01"[w.Code/503])
		}
		return out
	}
	first := draw(7)
	assert.Equal(t, first, draw(7))
	assert.NotEqual(t, first, draw(8))
	assert.InDelta(t, 60, strings.Count(first, "1"), 25)
}

func TestTTLIsOnTheTenantsClock(t *testing.T) {
	b := newBench(t)
	clock := b.host.Default().Clock
	clock.Freeze()
	st := b.put(t, `{"kind":"status:503","ttl":"10m"}`)
	require.NotNil(t, st.Expires)
	w, _ := b.call(funds())
	assert.Equal(t, 503, w.Code)
	clock.Advance(10*time.Minute - 1)
	w, _ = b.call(funds())
	assert.Equal(t, 503, w.Code)
	clock.Advance(1)
	w, _ = b.call(funds())
	assert.Equal(t, 200, w.Code)
	assert.True(t, b.set.List()[0].Over)
}

func TestQuota(t *testing.T) {
	b := newBench(t)
	clock := b.host.Default().Clock
	clock.Freeze()
	b.put(t, `{"api":"qqtube","operation":"stats","kind":"quota","limit":2,"window":"1m"}`)
	ask := func() string {
		w, _ := b.call(httptest.NewRequest(http.MethodGet, "/qqtube/v1-api?action=stats&id_service_submission=123456&api_key="+key, nil))
		if strings.Contains(w.Body.String(), "Too many requests") {
			return "refused"
		}
		return "passed"
	}
	assert.Equal(t, []string{"passed", "passed", "refused", "refused"}, []string{ask(), ask(), ask(), ask()})
	clock.Advance(time.Minute - 1)
	assert.Equal(t, "refused", ask())
	clock.Advance(1)
	assert.Equal(t, []string{"passed", "passed", "refused"}, []string{ask(), ask(), ask()})
	clock.Advance(-time.Hour)
	assert.Equal(t, "passed", ask(), "the clock went back")
	assert.Equal(t, "throttled", b.last(t, 4).Outcome)

	require.NoError(t, b.set.Delete("f"))
	b.put(t, `{"api":"interstream","limit":1}`)
	r := func() *http.Request { return httptest.NewRequest(http.MethodGet, "/interstream/api.php", nil) }
	w, _ := b.call(r())
	assert.Equal(t, 200, w.Code)
	w, _ = b.call(r())
	assert.Equal(t, 429, w.Code, "no outcome of the contract says it")
	assert.Equal(t, "1", w.Header().Get("Retry-After"))
}

// TestQuotaHasTheVendorsWords holds the kind to the contracts: an outcome renamed there
// would silently turn into HTTP 429.
func TestQuotaHasTheVendorsWords(t *testing.T) {
	for api, name := range map[string]string{"cliparto": "too-frequent", "qqtube": "throttled"} {
		found := false
		for _, op := range documents()[api].Operations {
			found = found || op.Outcome(name) != nil
		}
		assert.True(t, found, "%s %s", api, name)
	}
}

// client is an HTTP client that opens a connection for each call.
func client() *http.Client {
	return &http.Client{Transport: &http.Transport{DisableKeepAlives: true}, Timeout: time.Minute}
}

// serve runs the bench behind a real port.
func (b *bench) serve(t *testing.T) string {
	t.Helper()
	srv := httptest.NewUnstartedServer(b)
	srv.Config.ErrorLog = log.New(io.Discard, "", 0)
	srv.Start()
	t.Cleanup(srv.Close)
	return srv.URL
}

func TestOverTheWire(t *testing.T) {
	right := documents()["qqtube"].Operation("funds").Success.Example
	for name, row := range map[string]struct {
		spec    string
		err     error  // of the call
		body    string // what could be read of it
		bodyErr error
		status  int
		length  int64
		shown   bool
	}{
		"reset":           {spec: `{"kind":"reset"}`, err: syscall.ECONNRESET},
		"empty":           {spec: `{"kind":"empty"}`, err: io.EOF},
		"truncate":        {spec: `{"kind":"truncate"}`, body: right[:len(right)/2], bodyErr: io.ErrUnexpectedEOF, status: 200, length: int64(len(right))},
		"garbage":         {spec: `{"kind":"garbage"}`, body: "<!DOCTYPE html>", status: 200, length: 153},
		"garbage unheard": {spec: `{"kind":"garbage","handled":false}`, body: "<!DOCTYPE html>", status: 200, length: 153},
		"status":          {spec: `{"kind":"status","status":502}`, body: "<html>\r\n<head><title>502 Bad Gateway", status: 502, length: 122},
		"slow":            {spec: `{"kind":"slow","delay":"50ms"}`, body: right, status: 200, length: int64(len(right)), shown: true},
		"chunked":         {spec: `{"kind":"chunked"}`, body: right, status: 200, length: -1, shown: true},
	} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t)
			b.put(t, row.spec)
			resp, err := client().Get(b.serve(t) + "/qqtube/v1-api?action=funds&api_key=" + key)
			if row.err != nil {
				require.ErrorIs(t, err, row.err)
			} else {
				require.NoError(t, err)
				defer resp.Body.Close()
				body, err := io.ReadAll(resp.Body)
				assert.ErrorIs(t, err, row.bodyErr)
				assert.True(t, strings.HasPrefix(string(body), row.body), "%q", body)
				if row.shown {
					assert.Equal(t, row.body, string(body))
				}
				assert.Equal(t, row.status, resp.StatusCode)
				assert.Equal(t, row.length, resp.ContentLength)
			}
			x := b.last(t, 1)
			assert.Equal(t, "f", x.Fault)
			assert.Equal(t, row.status, x.Status)
			assert.Equal(t, row.shown, len(x.Outcomes) > 0)
			if row.shown {
				assert.Equal(t, right, string(x.Reply))
			}
		})
	}
}

// TestHandled: the same trouble, before and after the order was taken.
func TestHandled(t *testing.T) {
	b := newBench(t)
	w, _ := b.call(add())
	require.Equal(t, documents()["qqtube"].Operation("add").Success.Name, b.last(t, 1).Outcome, w.Body)
	for spec, spent := range map[string]bool{
		`{"kind":"reset"}`: false, `{"kind":"reset","handled":true}`: true, `{"kind":"empty"}`: false, `{"kind":"empty","handled":true}`: true,
		`{"kind":"status:503"}`: false, `{"kind":"status:503","handled":true}`: true,
		`{"kind":"garbage"}`: true, `{"kind":"garbage","handled":false}`: false, `{"kind":"truncate"}`: true,
		`{"api":"qqtube","operation":"add","outcome":"internal-error"}`: false,
	} {
		b := newBench(t)
		b.put(t, spec)
		b.call(add())
		require.NoError(t, b.set.Delete("f"))
		w, _ := b.call(funds())
		assert.Equal(t, spent, !strings.Contains(w.Body.String(), "508.60"), "%s: %s", spec, w.Body)
	}
}

// TestInProcess: without a connection to break, the exchange is aborted.
func TestInProcess(t *testing.T) {
	for _, kind := range []string{"reset", "empty", "truncate"} {
		b := newBench(t)
		b.put(t, `{"kind":"`+kind+`"}`)
		_, aborted := b.call(funds())
		assert.True(t, aborted, kind)
		assert.Equal(t, "f", b.last(t, 1).Fault)
	}
}

func TestHTTP2(t *testing.T) {
	b := newBench(t)
	b.put(t, `{"kind":"reset"}`)
	srv := httptest.NewUnstartedServer(b)
	srv.EnableHTTP2 = true
	srv.Config.ErrorLog = log.New(io.Discard, "", 0)
	srv.StartTLS()
	defer srv.Close()
	_, err := srv.Client().Get(srv.URL + "/qqtube/v1-api?action=funds&api_key=" + key)
	require.Error(t, err)
	assert.Contains(t, err.Error(), "stream error")
}

func TestRestyled(t *testing.T) {
	b := newBench(t)
	plain, _ := b.call(httptest.NewRequest(http.MethodGet, "/qqtube/v1-api?action=services&api_key="+key, nil))
	b.put(t, `{"kind":"restyled"}`)
	styled, _ := b.call(httptest.NewRequest(http.MethodGet, "/qqtube/v1-api?action=services&api_key="+key, nil))
	assert.NotEqual(t, plain.Body.String(), styled.Body.String())
	assert.JSONEq(t, plain.Body.String(), styled.Body.String())
	assert.Equal(t, fmt.Sprint(styled.Body.Len()), styled.Header().Get("Content-Length"))

	text, _ := b.call(httptest.NewRequest(http.MethodGet, "/cliparto/apiq/?q=BalanceCurrent", nil))
	assert.Contains(t, text.Body.String(), "ERROR", "a text stays a text")
}

func TestHead(t *testing.T) {
	for _, kind := range []string{"status:503", "garbage", "slow", "chunked", "restyled"} {
		b := newBench(t)
		b.put(t, `{"kind":"`+kind+`","delay":"1ms"}`)
		r := funds()
		r.Method = http.MethodHead
		w, _ := b.call(r)
		assert.Empty(t, w.Body.String(), kind)
	}
}

func TestLatency(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t)
		b.put(t, `{"delay":"200ms"}`)
		start := time.Now()
		w, _ := b.call(funds())
		assert.Equal(t, 200*time.Millisecond, time.Since(start))
		assert.Contains(t, w.Body.String(), "508.60")

		b.put(t, `{"kind":"slow","delay":"5s"}`)
		start = time.Now()
		w, _ = b.call(funds())
		assert.Equal(t, 5*time.Second, time.Since(start))
		assert.Contains(t, w.Body.String(), "508.60")
	})
}

// TestSlowEndsWithTheClient: a client that goes away takes its call with it.
func TestSlowEndsWithTheClient(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t)
		b.put(t, `{"kind":"slow","delay":"4m"}`)
		r := funds()
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		start := time.Now()
		_, aborted := b.call(r.WithContext(ctx))
		assert.True(t, aborted)
		assert.Equal(t, time.Minute, time.Since(start))
	})
}

func TestManage(t *testing.T) {
	b := newBench(t)
	assert.Empty(t, b.set.List())
	b.put(t, `{"name":"b","kind":"reset","ttl":"1h"}`)
	b.put(t, `{"name":"a","kind":"empty"}`)
	b.put(t, `{"name":"b","kind":"garbage","delay":"1s"}`)
	var names []string
	for _, st := range b.set.List() {
		names = append(names, st.Name+" "+st.Kind)
	}
	assert.Equal(t, []string{"b garbage", "a empty"}, names, "in the order in which they were put first")
	st, err := b.set.Get("b")
	require.NoError(t, err)
	assert.Nil(t, st.Expires)
	data, err := json.Marshal(st)
	require.NoError(t, err)
	assert.JSONEq(t, `{"name":"b","kind":"garbage","delay":"1s","matched":0,"applied":0,"over":false}`, string(data))

	_, err = b.set.Get("c")
	assert.ErrorIs(t, err, faults.ErrUnknown)
	assert.ErrorIs(t, b.set.Delete("c"), faults.ErrUnknown)
	require.NoError(t, b.set.Delete("b"))
	require.NoError(t, b.set.Delete("a"))
	assert.ErrorIs(t, b.set.Delete("a"), faults.ErrUnknown)

	for i := range faults.MaxFaults {
		b.put(t, fmt.Sprintf(`{"name":"f%d","kind":"reset"}`, i))
	}
	_, err = b.set.Put(faults.Spec{Name: "one-more", Kind: "reset"})
	assert.ErrorIs(t, err, faults.ErrLimit)
	b.put(t, `{"name":"f5","kind":"empty"}`)
	b.host.Reset(b.host.Default())
	assert.Empty(t, b.set.List())
}

func TestTenantsApart(t *testing.T) {
	b := newBench(t)
	other, err := b.host.AddTenant(fakes.NewTenant{ID: "other"})
	require.NoError(t, err)
	_, err = faults.Of(other).Put(faults.Spec{Name: "f", Kind: "status:503"})
	require.NoError(t, err)
	w, _ := b.call(funds())
	assert.Equal(t, 200, w.Code)
	r := httptest.NewRequest(http.MethodGet, "/qqtube/v1-api?action=funds&api_key="+other.Accounts("qqtube")[0].ID, nil)
	w, _ = b.call(r)
	assert.Equal(t, 503, w.Code)
}

func TestAdversarial(t *testing.T) {
	list := faults.Adversarial(0.9, 42)
	for i := range list {
		if list[i].Delay != nil {
			list[i].Delay = &faults.Delay{Min: time.Microsecond, Max: time.Microsecond}
		}
	}
	run := func() (troubled []string) {
		b := newBench(t, list...)
		require.Len(t, b.set.List(), len(list))
		for range 100 {
			b.call(funds())
			b.call(add())
		}
		for _, x := range b.seen {
			troubled = append(troubled, x.Fault)
			if x.Operation == "add" && x.Fault != "" && len(x.Outcomes) == 0 {
				assert.Empty(t, x.Outcome, "%s: a reply of a paid call was lost", x.Fault)
			}
		}
		b.set.Clear()
		assert.Empty(t, b.set.List())
		b.host.Reset(b.host.Default())
		assert.Len(t, b.set.List(), len(list), "a reset brings them back")
		return troubled
	}
	first := run()
	assert.Equal(t, first, run())
	met := map[string]int{}
	for _, name := range first {
		met[name]++
	}
	assert.Len(t, met, len(list)+1, "each kind, and none: %v", met)
}

func TestKindsAreDocumented(t *testing.T) {
	for _, k := range faults.Kinds() {
		assert.NotEmpty(t, k.Does, k.Name)
		assert.NotEmpty(t, k.Why, k.Name)
	}
}

func BenchmarkPickWithoutFaults(b *testing.B) {
	bench := newBench(b)
	f, err := faults.New(faults.Config{Documents: documents()})
	if err != nil {
		b.Fatal(err)
	}
	x := &fakes.Exchange{Tenant: bench.host.Default(), API: "qqtube", Operation: "funds"}
	b.ReportAllocs()
	for b.Loop() {
		if f.Pick(x) != nil {
			b.Fatal("there are none")
		}
	}
}

func BenchmarkPickAmongTen(b *testing.B) {
	var always []faults.Spec
	for i := range 10 {
		always = append(always, faults.Spec{Name: fmt.Sprintf("f%d", i), API: "polyv", Kind: "reset"})
	}
	bench := newBench(b, always...)
	f, err := faults.New(faults.Config{Documents: documents()})
	if err != nil {
		b.Fatal(err)
	}
	x := &fakes.Exchange{Tenant: bench.host.Default(), API: "qqtube", Operation: "funds"}
	b.ReportAllocs()
	for b.Loop() {
		if f.Pick(x) != nil {
			b.Fatal("they concern another API")
		}
	}
}

// exchange is a call of funds before it is answered.
func exchange(b *bench) *fakes.Exchange {
	return &fakes.Exchange{Tenant: b.host.Default(), API: "qqtube", Operation: "funds", At: b.host.Default().Clock.Now()}
}
