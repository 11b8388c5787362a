package admin_test

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/mediasandbox/sandbox/internal/admin"
	"github.com/mediasandbox/sandbox/internal/admin/admintest"
)

// No request makes the admin API fail, or answer outside of its contract.
func FuzzRequests(f *testing.F) {
	for i := range admin.New(admintest.NewHost(f, nil), admin.Config{}).Routes() {
		f.Add(i, "default", "", `{}`)
		f.Add(i, "shop", "tenant=default", `{"id":"a","seed":1,"ttl":"1d","settings":{"shop.mood":"calm"}}`)
		f.Add(i, "c1", "tenant=*", `{"now":"2024-02-29T00:00:00.5+08:00","frozen":true}`)
		f.Add(i, "shop.yaml", "limit=1&after=a", `{"by":"1d12h"}`)
		f.Add(i, "%2e%2e", "tenant=%00", `{"shop":{"calls":18446744073709551615,"born":"0001-01-01T00:00:00Z","world":{"orders":[{"id":-1}]}}}`)
		f.Add(i, "1", "operation=order&timeout=1ms&count=3", `{"api":"shop","operation":"order","params":{"api_key":"x"}}`)
		f.Add(i, "f", "since=7&limit=5", `{"kind":"status:503","chance":0.5,"delay":"1ms-2ms","ttl":"1h","params":{}}`)
		f.Add(i, "f", "api=shop", `{"curl":"curl -d a=b http://127.0.0.1/shop/orders","at":"2024-02-29T00:00:00Z","secret":"x"}`)
		f.Add(i, "x/y", "limit=-1", `{"world":{}}`)
	}
	f.Fuzz(func(t *testing.T, route int, place, query, body string) {
		b := newBench(t, admin.Config{})
		b.do(http.MethodPost, checkpointsPath, "")
		routes := admin.New(b.host, admin.Config{}).Routes()
		rt := routes[uint(route)%uint(len(routes))] //nolint:gosec // any will do
		path := strings.NewReplacer("{id}", url.PathEscape(place), "{name}", url.PathEscape(place), "{api}", url.PathEscape(place), "{file}", url.PathEscape(place)).Replace(rt.Path)
		ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond) // for what waits and what streams
		defer cancel()
		r := b.request(rt.Method, path, body).WithContext(ctx)
		r.URL.RawQuery = query
		if got := b.send(r); got.Status >= 500 {
			t.Errorf("%s %s?%s %s: %d %s", rt.Method, path, query, body, got.Status, got.Body)
		}
	})
}
