package server_test

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/mediasandbox/sandbox/fakes"
	"github.com/mediasandbox/sandbox/internal/admin/admintest"
	"github.com/mediasandbox/sandbox/internal/server"
)

// discard is a ResponseWriter that costs nothing.
type discard struct{ header http.Header }

func (d discard) Header() http.Header         { return d.header }
func (d discard) Write(b []byte) (int, error) { return len(b), nil }
func (d discard) WriteHeader(int)             {}

// What stands between the network and the host must cost little beside the host.
func BenchmarkServe(b *testing.B) {
	host := admintest.NewHost(b, nil)
	handler := server.New(host, server.Options{})
	target := "/shop/orders?api_key=" + admintest.Key(admintest.Shop, fakes.DefaultTenant)
	r := httptest.NewRequestWithContext(b.Context(), http.MethodGet, target, nil)
	w := discard{http.Header{}}
	b.Run("host alone", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			to, err := host.Resolve(r)
			if err != nil {
				b.Fatal(err)
			}
			host.Serve(w, r, to)
		}
	})
	b.Run("server", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			handler.ServeHTTP(w, r)
		}
	})
}
