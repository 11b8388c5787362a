package journal_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/mediasandbox/sandbox/fakes"
	"github.com/mediasandbox/sandbox/fakes/all"
	"github.com/mediasandbox/sandbox/internal/contract"
	"github.com/mediasandbox/sandbox/internal/coverage"
	"github.com/mediasandbox/sandbox/internal/journal"
	"github.com/mediasandbox/sandbox/specs/openapi"
)

// now is where the clocks of these tests stand.
var now = time.Date(2026, 3, 18, 12, 0, 0, 0, time.UTC)

// documents are read once: they are never changed.
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

// newHost is a host of all fakes with a journal.
func newHost(t testing.TB, cfg journal.Config) (*fakes.Host, *journal.Journal) {
	t.Helper()
	cfg.Documents = documents()
	var docs []*contract.Document
	for _, name := range openapi.APIs() {
		docs = append(docs, cfg.Documents[name])
	}
	cfg.Coverage = coverage.NewCatalog(docs...)
	j := journal.New(cfg)
	h, err := fakes.New(fakes.Config{
		APIs: all.APIs(), Documents: cfg.Documents, Recorder: j, Now: func() time.Time { return now },
		OnBreach: func(b fakes.Breach) { t.Errorf("breach: %s", b) },
	})
	require.NoError(t, err)
	return h, j
}

// exchange is one that a journal can be given directly.
func exchange(tenant *fakes.Tenant, operation, outcome string) *fakes.Exchange {
	return &fakes.Exchange{
		Tenant: tenant, API: "qqtube", Operation: operation, Outcome: outcome, Outcomes: []string{outcome},
		Caller: "somebody", Started: now, At: now, Duration: 1500 * time.Microsecond, Status: 200,
		Request:     httptest.NewRequest(http.MethodGet, "http://127.0.0.1:7311/qqtube/v1-api?action="+operation, http.NoBody),
		ReplyHeader: http.Header{"Content-Type": {"application/json"}}, Reply: []byte(`{"status":"success"}`),
	}
}

func ids(views []journal.View) []uint64 {
	out := []uint64{}
	for _, v := range views {
		out = append(out, v.ID)
	}
	return out
}

func TestServedExchange(t *testing.T) {
	h, _ := newHost(t, journal.Config{})
	body := "action=stats&api_key=+172a1c261d1d84916d9e7321153d0416acab98fc&id_service_submission=123456&colour=blue"
	r := httptest.NewRequest(http.MethodPost, "/qqtube/v1-api?x=1", strings.NewReader(body))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("X-Request-Id", "abc")
	to, err := h.Resolve(r)
	require.NoError(t, err)
	w := httptest.NewRecorder()
	h.Serve(w, r, to)

	tj := journal.Of(h.Default())
	page := tj.List(journal.Filter{})
	require.Len(t, page.Entries, 1)
	v := page.Entries[0]
	assert.EqualValues(t, 1, v.ID)
	assert.Equal(t, "default", v.Tenant)
	assert.Equal(t, "qqtube", v.API)
	assert.Equal(t, "stats", v.Operation)
	assert.Equal(t, documents()["qqtube"].Operation("stats").Success.Name, v.Outcome)
	assert.Equal(t, 200, v.Status)
	assert.Equal(t, "***", v.Caller, "the caller of QQTube is named by the key")
	assert.Equal(t, now, v.At)
	assert.Equal(t, "POST", v.Request.Method)
	assert.Equal(t, "http://example.com/qqtube/v1-api?x=1", v.Request.URL)
	assert.Equal(t, "action=stats&api_key=***&id_service_submission=123456&colour=blue", v.Request.Body)
	assert.Equal(t, len(body), v.Request.Bytes)
	assert.Equal(t, "abc", v.Request.Get("x-request-id"))
	assert.Equal(t, w.Body.String(), v.Reply.Body)
	assert.Equal(t, "application/json", v.Reply.Get("Content-Type"))
	assert.Equal(t, []string{"x", "colour"}, v.Undeclared)
	assert.Empty(t, v.Advice)

	req, at, whole, err := tj.Request(1)
	require.NoError(t, err)
	assert.True(t, whole)
	assert.Equal(t, now, at)
	x, err := h.Inspect(req, fakes.Inspection{Tenant: h.Default(), At: at})
	require.NoError(t, err)
	assert.Equal(t, "stats", x.Operation)
	assert.Empty(t, x.Outcome, "the kept request can be diagnosed as it came")

	report, ok := tj.Coverage("qqtube")
	require.True(t, ok)
	assert.Equal(t, 1, report.Met)
}

func TestFilters(t *testing.T) {
	h, j := newHost(t, journal.Config{})
	tj := journal.Of(h.Default())
	for i, op := range []string{"add", "stats", "stats", "funds"} {
		x := exchange(h.Default(), op, "fine")
		switch i {
		case 1:
			x.Outcome, x.Outcomes, x.Status = "wrong", []string{"wrong", "bad"}, 405
		case 2:
			x.Caller, x.Fault = "else", "slow"
		case 3:
			x.API = "polyv"
		}
		j.Record(x)
	}
	for want, f := range map[string]journal.Filter{
		"[1 2 3 4]": {},
		"[4]":       {API: "polyv"},
		"[2 3]":     {Operation: "stats"},
		"[2]":       {Outcome: "bad"},
		"[1 3 4]":   {Outcome: "fine"},
		"[]":        {Status: 500},
		"[1 3 4] ":  {Status: 200},
		"[3]":       {Caller: "else"},
		"[3] ":      {Fault: "slow"},
		"[3 4]":     {Since: 2},
		"[3 4] ":    {Limit: 2},
		"[2 3] ":    {Operation: "stats", Limit: 2, Since: 1},
	} {
		page := tj.List(f)
		assert.Equal(t, strings.TrimSpace(want), fmt.Sprint(ids(page.Entries)), "%+v", f)
		assert.EqualValues(t, 4, page.Last)
		assert.False(t, page.Inconclusive)
	}
	assert.Equal(t, journal.Tally{Count: 2, Last: 4}, tj.Count(journal.Filter{Operation: "stats", Limit: 1}))
	v, err := tj.Get(2)
	require.NoError(t, err)
	assert.Equal(t, []string{"wrong", "bad"}, v.Outcomes)
	for _, id := range []uint64{0, 5} {
		_, err = tj.Get(id)
		assert.ErrorIs(t, err, journal.ErrUnknown)
	}
}

func TestBoundOnEntries(t *testing.T) {
	h, j := newHost(t, journal.Config{Entries: 10})
	tj := journal.Of(h.Default())
	for range 25 {
		j.Record(exchange(h.Default(), "stats", "fine"))
	}
	page := tj.List(journal.Filter{})
	assert.Equal(t, []uint64{16, 17, 18, 19, 20, 21, 22, 23, 24, 25}, ids(page.Entries))
	assert.Equal(t, journal.Tally{Count: 10, Last: 25, Evicted: 15, Inconclusive: true}, page.Tally)
	assert.False(t, tj.Count(journal.Filter{Since: 15}).Inconclusive, "nothing above 15 was evicted")
	assert.True(t, tj.Count(journal.Filter{Since: 14}).Inconclusive)
	_, err := tj.Get(15)
	assert.ErrorIs(t, err, journal.ErrEvicted)

	tj.Clear()
	assert.Equal(t, journal.Tally{Last: 25}, tj.Count(journal.Filter{}))
	j.Record(exchange(h.Default(), "stats", "fine"))
	assert.Equal(t, []uint64{26}, ids(tj.List(journal.Filter{}).Entries), "ids go on")
	_, err = tj.Get(3)
	assert.ErrorIs(t, err, journal.ErrEvicted)

	h.Reset(h.Default())
	assert.Equal(t, journal.Tally{}, tj.Count(journal.Filter{}))
	j.Record(exchange(h.Default(), "stats", "fine"))
	assert.Equal(t, []uint64{1}, ids(tj.List(journal.Filter{}).Entries))
}

func TestBoundOnBytes(t *testing.T) {
	h, j := newHost(t, journal.Config{Bytes: 64 << 10, BodyBytes: 10 << 10})
	tj := journal.Of(h.Default())
	for range 100 {
		x := exchange(h.Default(), "stats", "fine")
		x.Reply = []byte(strings.Repeat("x", 20<<10))
		j.Record(x)
	}
	page := tj.List(journal.Filter{})
	assert.Len(t, page.Entries, 6)
	assert.EqualValues(t, 94, page.Evicted)
	assert.LessOrEqual(t, j.Stats().Bytes, int64(64<<10))
	assert.True(t, page.Entries[0].Reply.Cut)
	assert.Equal(t, 20<<10, page.Entries[0].Reply.Bytes)
	assert.Len(t, page.Entries[0].Reply.Body, 10<<10)

	x := exchange(h.Default(), "stats", "fine")
	x.Request.RequestURI = "/qqtube/v1-api?" + strings.Repeat("y", 100<<10)
	j.Record(x)
	assert.Len(t, tj.List(journal.Filter{}).Entries, 1, "one entry is kept, however large")
	tj.Clear()
	assert.Zero(t, j.Stats().Bytes)
}

// TestBoundOverTenants: the tenants that were used longest ago pay for the others.
func TestBoundOverTenants(t *testing.T) {
	const limit = 256 << 10
	h, j := newHost(t, journal.Config{TotalBytes: limit})
	var tenants []*fakes.Tenant
	for range 100 {
		tenant, err := h.AddTenant(fakes.NewTenant{})
		require.NoError(t, err)
		tenants = append(tenants, tenant)
	}
	record := func(tenant *fakes.Tenant, at time.Time) {
		x := exchange(tenant, "stats", "fine")
		x.Started = at
		x.Reply = []byte(strings.Repeat("x", 2000))
		j.Record(x)
		assert.LessOrEqual(t, j.Stats().Bytes, int64(limit))
	}
	for i, tenant := range tenants {
		for k := range 3 {
			record(tenant, now.Add(time.Duration(i*10+k)*time.Second))
		}
		record(tenants[0], now.Add(time.Duration(i*10+9)*time.Second))
	}
	count := func(i int) journal.Tally { return journal.Of(tenants[i]).Count(journal.Filter{}) }
	assert.Greater(t, count(0).Count, 20, "the first tenant was used all the time")
	assert.Zero(t, count(1).Count)
	assert.Equal(t, journal.Tally{Last: 3, Evicted: 3, Inconclusive: true}, count(1))
	assert.Equal(t, 3, count(99).Count)
	assert.NotZero(t, j.Stats().Swept)

	for _, tenant := range tenants {
		require.NoError(t, h.RemoveTenant(tenant.ID))
	}
	assert.Zero(t, j.Stats().Bytes)
	assert.Zero(t, j.Stats().Tenants)
	j.Record(exchange(tenants[0], "stats", "fine"))
	assert.Zero(t, j.Stats().Bytes, "a removed tenant's last call is not kept")
}

func TestWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h, j := newHost(t, journal.Config{})
		tj := journal.Of(h.Default())
		f := journal.Filter{Operation: "stats"}
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		tally, met := tj.Wait(ctx, f, 1)
		assert.False(t, met, "the time is over")
		assert.Zero(t, tally.Count)

		done := make(chan bool)
		go func() {
			_, met := tj.Wait(t.Context(), f, 2)
			done <- met
		}()
		for _, op := range []string{"add", "stats", "funds"} {
			j.Record(exchange(h.Default(), op, "fine"))
		}
		synctest.Wait()
		select {
		case <-done:
			t.Error("only one has come")
		default:
		}
		j.Record(exchange(h.Default(), "stats", "fine"))
		assert.True(t, <-done)

		tally, met = tj.Wait(t.Context(), f, 2)
		assert.True(t, met, "those that are there count")
		assert.Equal(t, journal.Tally{Count: 2, Last: 4}, tally)
	})
}

func TestWaitEndsWithTheTenant(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h, _ := newHost(t, journal.Config{})
		tenant, err := h.AddTenant(fakes.NewTenant{})
		require.NoError(t, err)
		done := make(chan bool)
		go func() {
			_, met := journal.Of(tenant).Wait(t.Context(), journal.Filter{}, 1)
			done <- met
		}()
		synctest.Wait()
		require.NoError(t, h.RemoveTenant(tenant.ID))
		assert.False(t, <-done)
	})
}

func TestFollow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h, j := newHost(t, journal.Config{Entries: 5})
		tj := journal.Of(h.Default())
		for range 3 {
			j.Record(exchange(h.Default(), "stats", "fine"))
		}
		ctx, cancel := context.WithCancel(t.Context())
		var got []string
		block := make(chan struct{})
		done := make(chan struct{})
		go func() {
			defer close(done)
			tj.Follow(ctx, journal.Filter{Operation: "stats", Limit: 2}, func(b journal.Batch) bool {
				got = append(got, fmt.Sprint(ids(b.Entries), b.Missed))
				<-block
				return true
			})
		}()
		synctest.Wait()
		for range 8 { // while the follower is busy; 4, 5 and 6 will be gone
			j.Record(exchange(h.Default(), "stats", "fine"))
		}
		block <- struct{}{}
		synctest.Wait()
		block <- struct{}{}
		j.Record(exchange(h.Default(), "funds", "fine"))
		synctest.Wait()
		h.Reset(h.Default())
		synctest.Wait()
		j.Record(exchange(h.Default(), "stats", "fine"))
		synctest.Wait()
		block <- struct{}{}
		cancel()
		<-done
		assert.Equal(t, []string{"[2 3] 0", "[7 8 9 10 11] 3", "[1] 0"}, got)
	})
}

func TestFollowFromAnID(t *testing.T) {
	h, j := newHost(t, journal.Config{Entries: 5})
	for range 8 {
		j.Record(exchange(h.Default(), "stats", "fine"))
	}
	journal.Of(h.Default()).Follow(t.Context(), journal.Filter{Since: 2}, func(b journal.Batch) bool {
		assert.Equal(t, []uint64{4, 5, 6, 7, 8}, ids(b.Entries))
		assert.EqualValues(t, 1, b.Missed)
		return false
	})
}

// TestManyAtOnce is for the race detector: everything at the same time.
func TestManyAtOnce(t *testing.T) {
	h, j := newHost(t, journal.Config{Entries: 20, TotalBytes: 64 << 10})
	var wg sync.WaitGroup
	for i := range 8 {
		tenant, err := h.AddTenant(fakes.NewTenant{})
		require.NoError(t, err)
		wg.Go(func() {
			for k := range 200 {
				j.Record(exchange(tenant, "stats", "fine"))
				if k%50 == 49 {
					journal.Of(tenant).List(journal.Filter{Limit: 3})
				}
				if k%90 == 89 {
					h.Reset(tenant)
				}
			}
			if i%2 == 0 {
				assert.NoError(t, h.RemoveTenant(tenant.ID))
			}
		})
		wg.Go(func() {
			ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
			defer cancel()
			journal.Of(tenant).Follow(ctx, journal.Filter{}, func(journal.Batch) bool { return true })
		})
	}
	wg.Wait()
	kept := int64(0)
	for _, tenant := range h.Tenants() {
		kept += int64(journal.Of(tenant).Count(journal.Filter{}).Count)
	}
	assert.Positive(t, kept)
	assert.LessOrEqual(t, j.Stats().Bytes, int64(64<<10))
	for _, tenant := range h.Tenants() {
		journal.Of(tenant).Clear()
	}
	assert.Zero(t, j.Stats().Bytes, "what is counted is what is kept")
}
