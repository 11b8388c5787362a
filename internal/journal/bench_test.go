package journal_test

import (
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/mediasandbox/sandbox/fakes"
	"github.com/mediasandbox/sandbox/internal/journal"
)

// realistic is an exchange as a client of QQTube's makes it: a form and half a kilobyte of JSON.
func realistic(tenant *fakes.Tenant) *fakes.Exchange {
	x := exchange(tenant, "stats", "status")
	x.RequestBody = []byte("api_key=172a1c261d1d84916d9e7321153d0416acab98fc&action=stats&id_service_submission=123456")
	x.Request = httptest.NewRequest(http.MethodPost, "http://127.0.0.1:7311/qqtube/v1-api", http.NoBody)
	for name, value := range map[string]string{
		"User-Agent": "Go-http-client/1.1", "Content-Type": "application/x-www-form-urlencoded", "Accept-Encoding": "gzip", "Accept": "*/*", "Connection": "keep-alive",
	} {
		x.Request.Header.Set(name, value)
	}
	x.ReplyHeader.Set("Content-Length", "512")
	x.Reply = []byte(strings.Repeat("x", 512))
	return x
}

// BenchmarkRecord is the price of the journal for each call.
func BenchmarkRecord(b *testing.B) {
	h, j := newHost(b, journal.Config{})
	x := realistic(h.Default())
	b.ReportAllocs()
	for b.Loop() {
		j.Record(x)
	}
}

// BenchmarkRecordInParallel is the same with a tenant per goroutine.
func BenchmarkRecordInParallel(b *testing.B) {
	h, j := newHost(b, journal.Config{})
	b.ReportAllocs()
	b.RunParallel(func(pb *testing.PB) {
		tenant, err := h.AddTenant(fakes.NewTenant{})
		if err != nil {
			b.Error(err)
			return
		}
		x := realistic(tenant)
		for pb.Next() {
			j.Record(x)
		}
	})
}

// BenchmarkList is what a page of a hundred costs its reader, masking and advice included.
func BenchmarkList(b *testing.B) {
	h, j := newHost(b, journal.Config{})
	for range 1000 {
		j.Record(realistic(h.Default()))
	}
	b.ReportAllocs()
	for b.Loop() {
		if len(journal.Of(h.Default()).List(journal.Filter{Limit: 100}).Entries) != 100 {
			b.Fatal("a page has 100")
		}
	}
}

// BenchmarkTenMillion records ten million exchanges of a thousand tenants and reports the
// heap after the first and after the last million: they are the same. Run it with
// -benchtime=1x.
func BenchmarkTenMillion(b *testing.B) {
	for b.Loop() {
		b.StopTimer()
		h, j := newHost(b, journal.Config{})
		tenants := make([]*fakes.Exchange, 1000)
		for i := range tenants {
			tenant, err := h.AddTenant(fakes.NewTenant{})
			require.NoError(b, err)
			tenants[i] = realistic(tenant)
		}
		b.StartTimer()
		const million = 1_000_000
		for n := range 10 * million {
			j.Record(tenants[n%len(tenants)])
			if n == million-1 {
				b.ReportMetric(heap(), "MB/after-1M")
			}
		}
		b.ReportMetric(heap(), "MB/after-10M")
		b.ReportMetric(float64(j.Stats().Bytes)/(1<<20), "MB/journal")
		runtime.KeepAlive(j)
	}
}

// BenchmarkUnusedTenant is what the journal of a tenant costs that is never called.
func BenchmarkUnusedTenant(b *testing.B) {
	_, j := newHost(b, journal.Config{})
	tenant := &fakes.Tenant{ID: "t"}
	b.ReportAllocs()
	for b.Loop() {
		tenant.Recorder = j.Open(tenant)
	}
}

// heap is the live heap in MB.
func heap() float64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return float64(m.HeapAlloc) / (1 << 20)
}
