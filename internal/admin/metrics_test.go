package admin_test

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/mediasandbox/sandbox/internal/admin"
)

// The page is for everybody who reaches the port, by whatever name.
func TestMetrics(t *testing.T) {
	var failure error
	b := newBench(t, admin.Config{Token: "secret", Metrics: func() (string, []byte, error) {
		return "text/plain; version=0.0.4", []byte("sandbox_tenants 1\n"), failure
	}})
	r := b.request(http.MethodGet, "/metrics", "")
	r.Host = "sandbox:7311"
	got := b.send(r)
	assert.Equal(t, 200, got.Status)
	assert.Equal(t, "sandbox_tenants 1\n", got.Body)
	assert.Equal(t, "text/plain; version=0.0.4", got.Header.Get("Content-Type"))
	b.do(http.MethodGet, "/metrics?name=x", "").problem(400, `"name"`)

	failure = errors.New("no such figure")
	w := httptest.NewRecorder()
	b.handler.ServeHTTP(w, b.request(http.MethodGet, "/metrics", "")) // a defect has no place in the contract
	assert.Equal(t, 500, w.Code)
	assert.NotContains(t, w.Body.String(), "figure")

	newBench(t, admin.Config{}).do(http.MethodGet, "/metrics", "").problem(404, "counts nothing")
}
