package server_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/mediasandbox/sandbox/fakes"
	"github.com/mediasandbox/sandbox/internal/admin"
	"github.com/mediasandbox/sandbox/internal/admin/admintest"
	"github.com/mediasandbox/sandbox/internal/server"
)

// calls records what reached the host.
type calls struct{ got []call }

type call struct{ API, Tenant, Method, Path string }

func (c *calls) Open(*fakes.Tenant) any { return nil }

func (c *calls) Record(x *fakes.Exchange) {
	c.got = append(c.got, call{x.API, x.Tenant.ID, x.Request.Method, x.Path})
}

func newHost(t *testing.T) (*fakes.Host, *calls) {
	t.Helper()
	seen := &calls{}
	return hostWith(t, func(c *fakes.Config) { c.Recorder = seen }), seen
}

func hostWith(t *testing.T, change func(*fakes.Config)) *fakes.Host {
	t.Helper()
	host := admintest.NewHost(t, change)
	_, err := host.AddTenant(fakes.NewTenant{ID: "bob"})
	require.NoError(t, err)
	return host
}

// request makes a request whose target is kept as it is written.
func request(t *testing.T, method, host, target string) *http.Request {
	t.Helper()
	r := httptest.NewRequestWithContext(t.Context(), method, "/", nil)
	u, err := url.ParseRequestURI(target)
	require.NoError(t, err)
	r.URL, r.RequestURI, r.Host = u, target, host
	return r
}

// The host gets every request that names an API, and its path as it was sent.
func TestRequestsForAPIs(t *testing.T) {
	const here = "127.0.0.1:7311"
	for name, row := range map[string]struct {
		method, host, target string
		want                 call
	}{
		"prefix":                {"GET", here, "/shop/orders", call{"shop", "default", "GET", "/orders"}},
		"other prefix":          {"GET", here, "/kiosk/orders", call{"kiosk", "default", "GET", "/orders"}},
		"prefix alone":          {"GET", here, "/shop", call{"shop", "default", "GET", "/"}},
		"prefix and slash":      {"GET", here, "/shop/", call{"shop", "default", "GET", "/"}},
		"any host":              {"GET", "sandbox:7311", "/shop/orders", call{"shop", "default", "GET", "/orders"}},
		"tenant":                {"GET", here, "/t/bob/shop/orders", call{"shop", "bob", "GET", "/orders"}},
		"default tenant":        {"GET", here, "/t/default/shop/orders", call{"shop", "default", "GET", "/orders"}},
		"credential":            {"GET", here, "/shop/orders?api_key=key-shop-bob", call{"shop", "bob", "GET", "/orders"}},
		"vendor's name":         {"GET", "www.shop.example", "/orders", call{"shop", "default", "GET", "/orders"}},
		"vendor's name, port":   {"GET", "WWW.Shop.example.:80", "/orders", call{"shop", "default", "GET", "/orders"}},
		"local name":            {"GET", "shop.localhost:7311", "/orders", call{"shop", "default", "GET", "/orders"}},
		"local name, tenant":    {"GET", "bob.shop.localhost:7311", "/orders", call{"shop", "bob", "GET", "/orders"}},
		"vendor's health":       {"GET", "www.shop.example", "/healthz", call{"shop", "default", "GET", "/healthz"}},
		"vendor's admin":        {"GET", "www.shop.example", "/__admin/tenants", call{"shop", "default", "GET", "/__admin/tenants"}},
		"vendor's shop":         {"GET", "www.shop.example", "/shop/orders", call{"shop", "default", "GET", "/shop/orders"}},
		"trailing slash":        {"GET", here, "/shop/orders/", call{"shop", "default", "GET", "/orders/"}},
		"double slash":          {"GET", here, "/shop//orders", call{"shop", "default", "GET", "//orders"}},
		"dots":                  {"GET", here, "/shop/a/../orders/.", call{"shop", "default", "GET", "/a/../orders/."}},
		"encoded letter":        {"GET", here, "/shop/%6frders", call{"shop", "default", "GET", "/%6frders"}},
		"encoded slash":         {"GET", here, "/shop/a%2Fb", call{"shop", "default", "GET", "/a%2Fb"}},
		"encoded per cent":      {"GET", here, "/shop/100%25", call{"shop", "default", "GET", "/100%25"}},
		"utf-8":                 {"GET", here, "/shop/%E4%BD%A0", call{"shop", "default", "GET", "/%E4%BD%A0"}},
		"semicolon":             {"GET", here, "/shop/a;b=c", call{"shop", "default", "GET", "/a;b=c"}},
		"other method":          {"PROPFIND", here, "/shop/orders", call{"shop", "default", "PROPFIND", "/orders"}},
		"unheard-of method":     {"BREW", here, "/shop/orders", call{"shop", "default", "BREW", "/orders"}},
		"trace":                 {"TRACE", here, "/shop/orders", call{"shop", "default", "TRACE", "/orders"}},
		"absolute target":       {"GET", "www.shop.example", "http://www.shop.example/orders", call{"shop", "default", "GET", "/orders"}},
		"absolute without path": {"GET", "www.shop.example", "http://www.shop.example", call{"shop", "default", "GET", "/"}},
	} {
		t.Run(name, func(t *testing.T) {
			host, seen := newHost(t)
			w := httptest.NewRecorder()
			server.New(host, server.Options{}).ServeHTTP(w, request(t, row.method, row.host, row.target))
			assert.Equal(t, []call{row.want}, seen.got)
			assert.Empty(t, w.Header().Get("Location"), "no redirect")
			assert.Equal(t, "application/json", w.Header().Get("Content-Type"), "the vendor's words, not Echo's: %s", w.Body)
		})
	}
}

// What names no API gets a problem document from the sandbox itself.
func TestOtherRequests(t *testing.T) {
	const here = "127.0.0.1:7311"
	for name, row := range map[string]struct {
		method, host, target string
		status               int
		detail               string
	}{
		"root":                     {"GET", here, "/", 404, "nothing answers here"},
		"unknown":                  {"GET", here, "/shoe/orders", 404, "nothing answers here"},
		"unknown, posted":          {"POST", here, "/shoe", 404, "nothing answers here"},
		"unknown, other method":    {"BREW", here, "/shoe", 404, "nothing answers here"},
		"capitals":                 {"GET", here, "/Shop/orders", 404, "nothing answers here"},
		"slashes first":            {"GET", here, "//shop/orders", 404, "nothing answers here"},
		"encoded prefix":           {"GET", here, "/%73hop/orders", 404, "nothing answers here"},
		"tenant without API":       {"GET", here, "/t/bob", 404, "nothing answers here"},
		"tenant with slash":        {"GET", here, "/t/bob/", 404, "nothing answers here"},
		"tenant's admin":           {"GET", here, "/t/bob/__admin/clock", 404, "nothing answers here"},
		"unknown tenant":           {"GET", here, "/t/eve/shop/orders", 404, "tenant"},
		"no tenant":                {"GET", here, "/t//shop/orders", 404, "tenant"},
		"unknown tenant's name":    {"GET", "eve.shop.localhost", "/orders", 404, "tenant"},
		"unknown admin path":       {"GET", here, "/__admin/nope", 404, "admin API has no such path"},
		"admin, other method":      {"DELETE", here, "/__admin/version", 405, "DELETE"},
		"admin under another name": {"GET", "evil.example", "/__admin/version", 403, "evil.example"},
		"not quite admin":          {"GET", here, "/__administrator", 404, "nothing answers here"},
		"health, other method":     {"POST", here, "/healthz", 405, "POST"},
		"health and more":          {"GET", here, "/healthz/x", 404, "nothing answers here"},
		"absolute without path":    {"GET", here, "http://127.0.0.1:7311", 404, "nothing answers here"},
	} {
		t.Run(name, func(t *testing.T) {
			host, seen := newHost(t)
			w := httptest.NewRecorder()
			server.New(host, server.Options{}).ServeHTTP(w, request(t, row.method, row.host, row.target))
			assert.Empty(t, seen.got)
			require.Equal(t, row.status, w.Code, w.Body)
			assert.Equal(t, "application/problem+json", w.Header().Get("Content-Type"))
			var p fakes.ProblemBody
			require.NoError(t, json.Unmarshal(w.Body.Bytes(), &p))
			assert.Equal(t, row.status, p.Status)
			assert.Contains(t, p.Detail, row.detail)
		})
	}
}

func TestHint(t *testing.T) {
	host, _ := newHost(t)
	for adminURL, want := range map[string]string{"": "http://localhost:7311/__admin", "http://127.0.0.1:9/__admin": "http://127.0.0.1:9/__admin"} {
		w := httptest.NewRecorder()
		server.New(host, server.Options{AdminURL: adminURL}).ServeHTTP(w, request(t, "GET", "localhost:7311", "/"))
		assert.JSONEq(t, `{
			"title": "Not Found", "status": 404,
			"detail": "nothing answers here; the APIs are below base_urls, and under their vendors' host names",
			"base_urls": {"shop": "http://localhost:7311/shop", "kiosk": "http://localhost:7311/kiosk"},
			"admin": "`+want+`"
		}`, w.Body.String())
	}
}

// A target without a path is legal in HTTP and unusual in Go.
func TestConnect(t *testing.T) {
	host, seen := newHost(t)
	r := request(t, "CONNECT", "www.shop.example:443", "/")
	r.URL = &url.URL{Host: "www.shop.example:443"}
	w := httptest.NewRecorder()
	server.New(host, server.Options{}).ServeHTTP(w, r)
	assert.Equal(t, []call{{"shop", "default", "CONNECT", "/"}}, seen.got)

	r.Host = "elsewhere.example:443"
	w = httptest.NewRecorder()
	server.New(host, server.Options{}).ServeHTTP(w, r)
	assert.Equal(t, 404, w.Code)
}

// With a port of its own the admin API is there and nowhere else; health is on both.
func TestAdminElsewhere(t *testing.T) {
	host, seen := newHost(t)
	o := server.Options{Admin: admin.Config{APIPort: "7311"}, AdminURL: "http://127.0.0.1:9/__admin"}
	apis, alone := server.New(host, o), server.NewAdmin(host, o)
	get := func(h http.Handler, host, path string) *httptest.ResponseRecorder {
		w := httptest.NewRecorder()
		h.ServeHTTP(w, request(t, "GET", host, path))
		return w
	}
	assert.Equal(t, 200, get(apis, "127.0.0.1:7311", "/healthz").Code)
	assert.Equal(t, 200, get(alone, "127.0.0.1:9", "/healthz").Code)
	assert.Equal(t, 200, get(alone, "127.0.0.1:9", "/__admin/version").Code)

	away := get(apis, "127.0.0.1:7311", "/__admin/version")
	assert.Equal(t, 404, away.Code)
	assert.Contains(t, away.Body.String(), `"admin":"http://127.0.0.1:9/__admin"`)

	for _, path := range []string{"/shop/orders", "/", "/t/bob/shop/orders"} {
		assert.Equal(t, 404, get(alone, "127.0.0.1:9", path).Code)
	}
	assert.Equal(t, 404, get(alone, "www.shop.example", "/orders").Code)
	assert.Empty(t, seen.got)
	assert.Contains(t, get(alone, "127.0.0.1:9", "/__admin/tenants/bob").Body.String(), `"http://127.0.0.1:7311/t/bob/shop"`)
}
