package admin_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/mediasandbox/sandbox/internal/admin"
	"github.com/mediasandbox/sandbox/internal/admin/admintest"
)

// Everything at once, for the race detector; and what adds up in the end does.
func TestConcurrency(t *testing.T) {
	b := newBench(t, admin.Config{})
	b.do(http.MethodPost, tenants, `{"id":"bob","settings":{}}`)
	b.do(http.MethodPut, clockPath+"?tenant=bob", `{"now":"2030-01-01T00:00:00Z","frozen":true}`)
	send := func(method, path, body string) int {
		w := httptest.NewRecorder()
		r := httptest.NewRequestWithContext(t.Context(), method, "http://127.0.0.1"+path, strings.NewReader(body))
		b.handler.ServeHTTP(w, r)
		return w.Code
	}
	const workers, rounds = 8, 25
	var all sync.WaitGroup
	for worker := range workers {
		all.Go(func() {
			for round := range rounds {
				id := fmt.Sprintf("w%d-%d", worker, round)
				assert.Equal(t, 201, send(http.MethodPost, tenants, fmt.Sprintf(`{"id":%q}`, id)))
				assert.Equal(t, 200, send(http.MethodPost, clockPath+"/advance?tenant=bob", `{"by":"1s"}`))
				assert.Equal(t, 200, send(http.MethodPost, "/shop/orders?api_key="+admintest.Key("shop", "bob"), ""))
				assert.Equal(t, 200, send(http.MethodGet, "/__admin/state?tenant=bob", ""))
				assert.Equal(t, 201, send(http.MethodPost, checkpointsPath+"?tenant="+id, ""))
				assert.Equal(t, 204, send(http.MethodPost, "/__admin/reset?tenant="+id, ""))
				assert.Equal(t, 200, send(http.MethodGet, tenants+"?limit=3", ""))
				assert.Equal(t, 204, send(http.MethodDelete, tenants+"/"+id, ""))
			}
		})
	}
	all.Wait()
	now := time.Date(2030, 1, 1, 0, 0, workers*rounds, 0, time.UTC)
	b.do(http.MethodGet, clockPath+"?tenant=bob", "").want(200, fmt.Sprintf(`{"now":%q,"frozen":true}`, now.Format(time.RFC3339)))
	assert.Contains(t, b.count("shop", "bob"), fmt.Sprintf(`"orders":%d`, workers*rounds))
	assert.Len(t, b.host.Tenants(), 2)
}
