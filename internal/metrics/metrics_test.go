package metrics_test

import (
	"bytes"
	"math"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/mediasandbox/sandbox/fakes"
	"github.com/mediasandbox/sandbox/internal/admin/admintest"
	"github.com/mediasandbox/sandbox/internal/contract"
	"github.com/mediasandbox/sandbox/internal/metrics"
	"github.com/mediasandbox/sandbox/internal/server"
)

// next is a recorder that is told what was counted.
type next struct {
	opened, recorded int
	kept             string
}

func (n *next) Open(*fakes.Tenant) any   { n.opened++; return n.kept }
func (n *next) Record(x *fakes.Exchange) { n.recorded++ }

func documents(t testing.TB) map[string]*contract.Document {
	return map[string]*contract.Document{admintest.Shop: admintest.Document(t, admintest.Shop), admintest.Kiosk: admintest.Document(t, admintest.Kiosk)}
}

// lines are the lines of the page that begin with a prefix.
func lines(t *testing.T, m *metrics.Metrics, prefix string) []string {
	t.Helper()
	ctype, body := m.Page()
	assert.True(t, strings.HasPrefix(ctype, "text/plain; version=0.0.4"), ctype)
	var out []string
	for line := range strings.Lines(string(body)) {
		if strings.HasPrefix(line, prefix) {
			out = append(out, strings.TrimSpace(line))
		}
	}
	return out
}

func has(t *testing.T, m *metrics.Metrics, line string) {
	t.Helper()
	name, _, _ := strings.Cut(line, "{")
	name, _, _ = strings.Cut(name, " ")
	assert.Contains(t, lines(t, m, name), line)
}

func TestRequests(t *testing.T) {
	inner := &next{kept: "the journal's"}
	m := metrics.New(documents(t), inner)
	host := admintest.NewHost(t, func(c *fakes.Config) { c.Recorder = m })
	m.Watch(metrics.Gauges{Tenants: func() int { return host.TenantCount() }})
	bob, err := host.AddTenant(fakes.NewTenant{ID: "bob", Settings: map[string]string{"shop.mood": "broken"}})
	require.NoError(t, err)
	assert.Equal(t, 2, inner.opened)
	assert.Equal(t, "the journal's", bob.Recorder, "the host finds the journal as if it stood alone")

	handler := server.New(host, server.Options{})
	send := func(method, target string) {
		handler.ServeHTTP(httptest.NewRecorder(), httptest.NewRequestWithContext(t.Context(), method, target, nil))
	}
	send("GET", "/shop/orders?api_key="+admintest.Key("shop", "default"))
	send("GET", "/shop/orders?api_key="+admintest.Key("shop", "default"))
	send("GET", "/shop/orders?api_key=no-such-key-secret")
	send("GET", "/shop/no-such-path-secret")
	send("POST", "/shop/orders?api_key="+admintest.Key("shop", "bob")) // its handler panics

	has(t, m, `sandbox_requests_total{api="shop",operation="count",outcome="counted"} 2`)
	has(t, m, `sandbox_requests_total{api="shop",operation="count",outcome="invalid-api-key"} 1`)
	has(t, m, `sandbox_requests_total{api="shop",operation="none",outcome="not-found"} 1`)
	has(t, m, `sandbox_requests_total{api="shop",operation="order",outcome="internal-error"} 1`)
	has(t, m, `sandbox_breaches_total{api="shop",operation="order"} 1`)
	has(t, m, `sandbox_breaches_total{api="shop",operation="count"} 0`)
	has(t, m, `sandbox_requests_total{api="kiosk",operation="count",outcome="counted"} 0`)
	has(t, m, `sandbox_request_duration_seconds_count{api="shop",operation="count"} 3`)
	has(t, m, `sandbox_tenants 2`)
	assert.Equal(t, 5, inner.recorded)

	_, page := m.Page()
	for _, secret := range []string{"no-such", admintest.Key("shop", "default"), "bob"} {
		assert.NotContains(t, string(page), secret)
	}
}

// Whatever is recorded, no series is added: names that a contract does not have count as none.
func TestSeriesAreTheContracts(t *testing.T) {
	m := metrics.New(documents(t), nil)
	assert.Nil(t, m.Open(nil))
	before := len(lines(t, m, "sandbox_"))
	for _, x := range []fakes.Exchange{
		{API: "shop", Operation: "count", Outcome: "of another operation"},
		{API: "shop", Operation: "count"},
		{API: "shop"},
		{API: "shop", Operation: "count", Outcome: "counted", Fault: "slow-down", Duration: 30 * time.Millisecond},
		{API: "elsewhere", Operation: "x", Outcome: "y"},
	} {
		m.Record(&x)
	}
	assert.Len(t, lines(t, m, "sandbox_"), before)
	has(t, m, `sandbox_requests_total{api="shop",operation="count",outcome="none"} 2`)
	has(t, m, `sandbox_requests_total{api="shop",operation="none",outcome="none"} 1`)
	has(t, m, `sandbox_faults_total{api="shop"} 1`)
	has(t, m, `sandbox_request_duration_seconds_bucket{api="shop",operation="count",le="0.025"} 2`)
	has(t, m, `sandbox_request_duration_seconds_bucket{api="shop",operation="count",le="0.1"} 3`)
}

func TestJournalGauges(t *testing.T) {
	m := metrics.New(documents(t), nil)
	assert.Empty(t, lines(t, m, "sandbox_journal"))
	m.Watch(metrics.Gauges{Journal: func() metrics.JournalStats {
		return metrics.JournalStats{Entries: 3, Bytes: 1024, Evicted: 7}
	}})
	assert.Equal(t, []string{"sandbox_journal_entries 3", "sandbox_journal_bytes 1024", "sandbox_journal_evicted_total 7"}, lines(t, m, "sandbox_journal"))
}

// Prometheus' own parser reads the page, and finds in it what was counted.
func TestPageIsPrometheus(t *testing.T) {
	m := metrics.New(documents(t), nil)
	m.Watch(metrics.Gauges{Tenants: func() int { return 2 }, Journal: func() metrics.JournalStats { return metrics.JournalStats{Bytes: 1 << 40} }})
	for _, d := range []time.Duration{25 * time.Microsecond, 26 * time.Microsecond, time.Minute} {
		m.Record(&fakes.Exchange{API: "shop", Operation: "count", Outcome: "counted", Duration: d})
	}
	_, body := m.Page()
	parser := expfmt.NewTextParser(model.LegacyValidation)
	families, err := parser.TextToMetricFamilies(bytes.NewReader(body))
	require.NoError(t, err)
	for name, f := range families {
		assert.NotEmpty(t, f.GetHelp(), name)
		assert.NotEqual(t, dto.MetricType_UNTYPED, f.GetType(), name)
	}
	for _, name := range []string{
		"sandbox_requests_total", "sandbox_breaches_total", "sandbox_faults_total", "sandbox_tenants", "sandbox_journal_entries", "sandbox_journal_evicted_total",
		"go_info", "go_goroutines", "go_memstats_heap_alloc_bytes", "go_memstats_sys_bytes", "go_memstats_mallocs_total", "go_gc_cycles_total", "process_start_time_seconds",
	} {
		assert.Contains(t, families, name)
	}
	assert.InDelta(t, 1<<40, families["sandbox_journal_bytes"].GetMetric()[0].GetGauge().GetValue(), 0)
	assert.InDelta(t, time.Now().Unix(), families["process_start_time_seconds"].GetMetric()[0].GetGauge().GetValue(), 60)

	for _, series := range families["sandbox_request_duration_seconds"].GetMetric() {
		if series.GetLabel()[0].GetValue() != "shop" || series.GetLabel()[1].GetValue() != "count" {
			assert.Zero(t, series.GetHistogram().GetSampleCount())
			continue
		}
		h := series.GetHistogram()
		assert.EqualValues(t, 3, h.GetSampleCount())
		assert.InDelta(t, 60.000051, h.GetSampleSum(), 1e-9)
		var below []uint64
		for _, b := range h.GetBucket() {
			below = append(below, b.GetCumulativeCount())
		}
		assert.Equal(t, []uint64{1, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 3}, below)
		assert.InDelta(t, 25e-6, h.GetBucket()[0].GetUpperBound(), 0)
		assert.True(t, math.IsInf(h.GetBucket()[11].GetUpperBound(), 1))
	}
}

// Names with characters that the format escapes are read as they are.
func TestPageEscapes(t *testing.T) {
	name := "a \"quoted\" \\ name\nof two lines"
	m := metrics.New(map[string]*contract.Document{name: {}}, nil)
	_, body := m.Page()
	parser := expfmt.NewTextParser(model.LegacyValidation)
	families, err := parser.TextToMetricFamilies(bytes.NewReader(body))
	require.NoError(t, err)
	assert.Equal(t, name, families["sandbox_faults_total"].GetMetric()[0].GetLabel()[0].GetValue())
}

func TestRecordFromMany(t *testing.T) {
	m := metrics.New(documents(t), nil)
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for range 500 {
				m.Record(&fakes.Exchange{API: "shop", Operation: "count", Outcome: "counted"})
			}
		})
	}
	wg.Wait()
	has(t, m, `sandbox_requests_total{api="shop",operation="count",outcome="counted"} 4000`)
}

// BenchmarkRecord is what metrics add to a request.
func BenchmarkRecord(b *testing.B) {
	m := metrics.New(documents(b), nil)
	x := &fakes.Exchange{API: "shop", Operation: "count", Outcome: "counted", Duration: 40 * time.Microsecond}
	b.ReportAllocs()
	for b.Loop() {
		m.Record(x)
	}
}

// BenchmarkRecordParallel is the same from all processors at once.
func BenchmarkRecordParallel(b *testing.B) {
	m := metrics.New(documents(b), nil)
	b.ReportAllocs()
	b.RunParallel(func(pb *testing.PB) {
		x := &fakes.Exchange{API: "shop", Operation: "count", Outcome: "counted", Duration: 40 * time.Microsecond}
		for pb.Next() {
			m.Record(x)
		}
	})
}
