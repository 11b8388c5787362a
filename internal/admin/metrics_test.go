package admin_test

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/mediasandbox/sandbox/internal/admin"
)

// The page is for everybody who reaches the port, by whatever name.
func TestMetrics(t *testing.T) {
	b := newBench(t, admin.Config{Token: "secret", Metrics: func() (string, []byte) {
		return "text/plain; version=0.0.4", []byte("sandbox_tenants 1\n")
	}})
	r := b.request(http.MethodGet, "/metrics", "")
	r.Host = "sandbox:7311"
	got := b.send(r)
	assert.Equal(t, 200, got.Status)
	assert.Equal(t, "sandbox_tenants 1\n", got.Body)
	assert.Equal(t, "text/plain; version=0.0.4", got.Header.Get("Content-Type"))
	b.do(http.MethodGet, "/metrics?name=x", "").problem(400, `"name"`)

	newBench(t, admin.Config{}).do(http.MethodGet, "/metrics", "").problem(404, "counts nothing")
}
