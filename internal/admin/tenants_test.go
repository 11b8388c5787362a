package admin_test

import (
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/mediasandbox/sandbox/fakes"
	"github.com/mediasandbox/sandbox/internal/admin"
)

const tenants = "/__admin/tenants"

func TestAddTenant(t *testing.T) {
	b := newBench(t, admin.Config{})
	got := b.do(http.MethodPost, tenants, `{"id":"bob","seed":42,"ttl":"1h","settings":{"shop.mood":"broken"}}`)
	got.want(201, `{
		"id": "bob", "seed": 42,
		"credentials": {
			"shop": {"api_key": "key-shop-bob", "callback_url": "http://127.0.0.1:7311/t/bob/shop/callback"},
			"kiosk": {"api_key": "key-kiosk-bob", "callback_url": "http://127.0.0.1:7311/t/bob/kiosk/callback"}
		},
		"base_urls": {"shop": "http://127.0.0.1:7311/t/bob/shop", "kiosk": "http://127.0.0.1:7311/t/bob/kiosk"}
	}`)
	assert.Equal(t, "/__admin/tenants/bob", got.Header.Get("Location"))

	var details struct {
		ID       string
		Settings map[string]string
		Created  time.Time
		Expires  *time.Time
	}
	b.do(http.MethodGet, got.Header.Get("Location"), "").into(&details)
	assert.Equal(t, "bob", details.ID)
	assert.Equal(t, map[string]string{"shop.mood": "broken", "kiosk.mood": "calm"}, details.Settings)
	assert.Equal(t, start, details.Created)
	require.NotNil(t, details.Expires)
	assert.Equal(t, start.Add(time.Hour), *details.Expires)

	b.wall = start.Add(time.Hour + time.Nanosecond)
	b.do(http.MethodGet, tenants+"/bob", "").problem(404, `"bob"`)
}

// Everything may be left out: id and seed are drawn, and the same way each time.
func TestAddTenantOfDefaults(t *testing.T) {
	var first, second struct {
		ID   string
		Seed uint64
	}
	newBench(t, admin.Config{}).do(http.MethodPost, tenants, "{}").into(&first)
	newBench(t, admin.Config{}).do(http.MethodPost, tenants, " {} \n").into(&second)
	assert.Equal(t, first, second)
	assert.NotEmpty(t, first.ID)
	assert.NotZero(t, first.Seed)
}

func TestAddTenantRefusals(t *testing.T) {
	b := newBenchOf(t, admin.Config{}, func(c *fakes.Config) { c.MaxTenants = 2 })
	for name, row := range map[string]struct {
		body   string
		status int
		words  []string
	}{
		"id empty":         {`{"id":""}`, 400, []string{`"id"`, "1 to 40"}},
		"id of capitals":   {`{"id":"Bob"}`, 400, []string{`"id"`}},
		"id is a path":     {`{"id":"a/b"}`, 400, []string{`"id"`}},
		"id of 41":         {`{"id":"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"}`, 400, []string{`"id"`}},
		"id is a number":   {`{"id":7}`, 400, []string{`"id"`, "text"}},
		"id is null":       {`{"id":null}`, 400, []string{`"id"`, "leave it out"}},
		"id is taken":      {`{"id":"default"}`, 409, []string{"exists already"}},
		"seed 0":           {`{"seed":0}`, 400, []string{`"seed"`, "leave it out"}},
		"seed negative":    {`{"seed":-1}`, 400, []string{`"seed"`, "whole number"}},
		"seed of a half":   {`{"seed":1.5}`, 400, []string{`"seed"`}},
		"seed too large":   {`{"seed":18446744073709551616}`, 400, []string{`"seed"`}},
		"seed is a text":   {`{"seed":"7"}`, 400, []string{`"seed"`}},
		"ttl 0":            {`{"ttl":"0s"}`, 400, []string{`"ttl"`}},
		"ttl negative":     {`{"ttl":"-1h"}`, 400, []string{`"ttl"`, "negative"}},
		"ttl too long":     {`{"ttl":"9999999d"}`, 400, []string{`"ttl"`, "is too long", `"9999999d"`, "106751d23h47m16.854775807s"}},
		"ttl is a number":  {`{"ttl":60}`, 400, []string{`"ttl"`, `"4m"`}},
		"ttl is no time":   {`{"ttl":"soon"}`, 400, []string{`"ttl"`, `"soon"`}},
		"unknown setting":  {`{"settings":{"shop.color":"red"}}`, 400, []string{`"settings"`, "shop.color", "shop.mood"}},
		"misspelt setting": {`{"settings":{"shop.mod":"calm"}}`, 400, []string{`no setting is called "shop.mod"; did you mean "shop.mood"?`}},
		"setting of ours":  {`{"settings":{"polyv.nothing-such":"on"}}`, 400, []string{"polyv.nothing-such", "there are kiosk.mood, shop.mood"}},
		"wrong setting":    {`{"settings":{"shop.mood":"glad"}}`, 400, []string{`"settings"`, "shop.mood", "calm, broken"}},
		"setting a number": {`{"settings":{"shop.mood":1}}`, 400, []string{`field "settings.shop.mood" wants a text`}},
		"setting is null":  {`{"settings":{"shop.mood":null}}`, 400, []string{`field "settings.shop.mood" is null`}},
		"setting twice":    {`{"settings":{"shop.mood":"calm","shop.mood":"calm"}}`, 400, []string{`field "settings.shop.mood" stands twice`}},
		"settings a list":  {`{"settings":[]}`, 400, []string{`"settings"`}},
		"unknown field":    {`{"idd":"bob"}`, 400, []string{`"idd"`, "id, seed, ttl, settings"}},
		"capitals":         {`{"ID":"bob"}`, 400, []string{`"ID"`}},
		"field twice":      {`{"id":"bob","id":"eve"}`, 400, []string{`"id"`, "twice"}},
	} {
		t.Run(name, func(t *testing.T) {
			b.t = t
			b.do(http.MethodPost, tenants, row.body).problem(row.status, row.words...)
			assert.Len(t, b.host.Tenants(), 1, "nothing was changed")
		})
	}
	b.t = t
	b.do(http.MethodPost, tenants, `{"id":"bob"}`)
	b.do(http.MethodPost, tenants, `{"id":"bob"}`).problem(409)
	b.do(http.MethodPost, tenants, `{"id":"eve"}`).problem(507, "limit")
}

// The longest duration that a refusal names is one.
func TestLongestDuration(t *testing.T) {
	b := newBench(t, admin.Config{})
	require.Equal(t, 201, b.do(http.MethodPost, tenants, `{"id":"old","ttl":"106751d23h47m16.854775807s"}`).Status)
	b.do(http.MethodPost, tenants, `{"ttl":"106751d23h47m16.854775808s"}`).problem(400, `"ttl" is too long`)
}

func TestSeedOf64Bits(t *testing.T) {
	b := newBench(t, admin.Config{})
	got := b.do(http.MethodPost, tenants, `{"id":"big","seed":18446744073709551615}`)
	assert.Contains(t, got.Body, `"seed":18446744073709551615,`)
}

// Base URLs name the host by which we were reached, and the APIs' own port.
func TestBaseURLs(t *testing.T) {
	for name, row := range map[string]struct {
		host, port string
		want       string
	}{
		"address":     {"127.0.0.1:7311", "", "http://127.0.0.1:7311/t/bob/shop"},
		"name":        {"localhost:7311", "", "http://localhost:7311/t/bob/shop"},
		"no port":     {"localhost", "", "http://localhost/t/bob/shop"},
		"ipv6":        {"[::1]:7311", "", "http://[::1]:7311/t/bob/shop"},
		"other port":  {"127.0.0.1:9000", "7311", "http://127.0.0.1:7311/t/bob/shop"},
		"ipv6, other": {"[::1]:9000", "7311", "http://[::1]:7311/t/bob/shop"},
	} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t, admin.Config{APIPort: row.port})
			r := b.request(http.MethodPost, tenants, `{"id":"bob"}`)
			r.Host = row.host
			var got struct {
				BaseURLs map[string]string `json:"base_urls"`
			}
			b.send(r).into(&got)
			assert.Equal(t, row.want, got.BaseURLs["shop"])
		})
	}
	t.Run("default tenant", func(t *testing.T) {
		var got struct {
			BaseURLs map[string]string `json:"base_urls"`
		}
		newBench(t, admin.Config{}).do(http.MethodGet, tenants+"/default", "").into(&got)
		assert.Equal(t, map[string]string{"shop": "http://127.0.0.1:7311/shop", "kiosk": "http://127.0.0.1:7311/kiosk"}, got.BaseURLs)
	})
}

func TestListTenants(t *testing.T) {
	b := newBench(t, admin.Config{})
	for _, id := range []string{"b", "c", "a", "e", "d"} {
		b.do(http.MethodPost, tenants, fmt.Sprintf(`{"id":%q}`, id))
	}
	type page struct {
		Tenants []struct{ ID string }
		Total   int
		Next    string
	}
	ids := func(p page) (out []string) {
		for _, t := range p.Tenants {
			out = append(out, t.ID)
		}
		return out
	}
	for name, row := range map[string]struct {
		query string
		want  []string
		next  string
	}{
		"all":             {"", []string{"default", "a", "b", "c", "d", "e"}, ""},
		"first page":      {"?limit=2", []string{"default", "a"}, "a"},
		"first of one":    {"?limit=1", []string{"default"}, "default"},
		"behind default":  {"?limit=2&after=default", []string{"a", "b"}, "b"},
		"middle":          {"?limit=2&after=a", []string{"b", "c"}, "c"},
		"last page, full": {"?limit=2&after=c", []string{"d", "e"}, ""},
		"behind the last": {"?after=e", nil, ""},
		"behind a gap":    {"?after=bb", []string{"c", "d", "e"}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			b.t = t
			var got page
			b.do(http.MethodGet, tenants+row.query, "").into(&got)
			assert.Equal(t, row.want, ids(got))
			assert.Equal(t, row.next, got.Next)
			assert.Equal(t, 6, got.Total)
		})
	}
	b.t = t
	for _, query := range []string{"?limit=0", "?limit=1001", "?limit=x", "?limit=", "?limit=1&limit=2", "?tenant=a", "?limit=%zz"} {
		b.do(http.MethodGet, tenants+query, "").problem(400)
	}
}

func TestRemoveTenant(t *testing.T) {
	b := newBench(t, admin.Config{})
	b.do(http.MethodPost, tenants, `{"id":"bob"}`)
	b.order("shop", "bob")
	b.do(http.MethodDelete, tenants+"/bob", "").want(204, "")
	b.do(http.MethodDelete, tenants+"/bob", "").problem(404, `"bob"`)
	b.do(http.MethodGet, tenants+"/bob", "").problem(404, `"bob"`)
	b.do(http.MethodGet, "/__admin/clock?tenant=bob", "").problem(404, `"bob"`)
	b.do(http.MethodDelete, tenants+"/default", "").problem(409, "default", "reset")

	b.do(http.MethodPost, tenants, `{"id":"bob"}`)
	assert.Equal(t, counted("0", "0"), b.count("shop", "bob"), "a new tenant of an old name is new")
}
