package admin_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/mediasandbox/sandbox/internal/admin"
	"github.com/mediasandbox/sandbox/internal/admin/admintest"
)

// Every operation with a body refuses what is no JSON object, and every one without
// refuses a body. The list comes from the table, so that a new operation is in it.
func TestBodies(t *testing.T) {
	b := newBench(t, admin.Config{})
	b.do(http.MethodPost, "/__admin/checkpoints", "")
	place := strings.NewReplacer("{id}", "default", "{api}", "shop", "{file}", "shop.yaml").Replace
	before := b.do(http.MethodGet, "/__admin/state", "").Body
	for _, rt := range admin.New(admintest.NewHost(t, nil), admin.Config{}).Routes() {
		t.Run(rt.Method+" "+rt.Path, func(t *testing.T) {
			b.t = t
			if rt.MaxBody == 0 {
				b.do(rt.Method, place(rt.Path), `{"tenant":"bob"}`).problem(400, "no body")
				return
			}
			for name, row := range map[string]struct{ body, words string }{
				"empty":           {"", "empty"},
				"blank":           {" \n", "empty"},
				"text":            {"now", "not JSON"},
				"list":            {"[]", "JSON object"},
				"null":            {"null", "JSON object"},
				"number":          {"1", "JSON object"},
				"cut":             {`{"now":`, "too early"},
				"cut in a name":   {`{"no`, "too early"},
				"open":            {"{", "too early"},
				"trailing object": {"{} {}", "after"},
				"trailing text":   {"{}x", "after"},
				"unquoted":        {"{a:1}", "not JSON"},
				"form":            {"id=bob", "not JSON"},
				"unknown field":   {`{"nonsense":{}}`, "nonsense"},
				"field twice":     {`{"by":"1m","by":"2m"}`, `"by"`},
				"deep":            {strings.Repeat(`{"a":`, 12_000), ""},
			} {
				if rt.NoBody && row.words == "empty" {
					continue
				}
				t.Run(name, func(t *testing.T) {
					b.t = t
					b.do(rt.Method, place(rt.Path), row.body).problem(400, row.words)
				})
			}
		})
	}
	b.t = t
	assert.Equal(t, before, b.do(http.MethodGet, "/__admin/state", "").Body, "nothing was changed")
}

// Fields inside of fields are read as strictly as those around them. What another API
// will read is handed on as it is.
func TestDeepBodies(t *testing.T) {
	b := newVendors(t)
	video := `{"title":"x","sizes":`
	for _, row := range []struct{ path, body, words string }{
		{"/state/polyv/videos", video + `[null,1,2]}`, `field "sizes.0" is null`},
		{"/state/polyv/videos", video + `[1,"2",3]}`, `field "sizes.1" wants a whole number`},
		{"/state/polyv/grab-tasks", `{"rows":[null]}`, `field "rows.0" is null`},
		{"/state/polyv/grab-tasks", `{"rows":[{"file":"a","vid":null}]}`, `field "rows.0.vid" is null`},
		{"/state/polyv/grab-tasks", `{"rows":[{"file":"a"},{"file":"b","file":"c"}]}`, `field "rows.1.file" stands twice`},
		{"/state/polyv/grab-tasks", `{"rows":[{"file":"a","vidd":"x"}]}`, `field "rows.0" has no field "vidd"; did you mean "vid"?`},
		{"/state/polyv/grab-tasks", `{"rows":[{"File":"a"}]}`, `field "rows.0" has no field "File"; did you mean "file"?`},
		{"/callbacks/deliver", `{"ids":[null]}`, `field "ids.0" is null`},
		{"/sign", `{"api":"polyv","operation":"clip","params":{"title":null}}`, `field "params.title" is null`},
	} {
		b.do(http.MethodPost, "/__admin"+row.path, row.body).problem(400, row.words)
	}
	b.do(http.MethodPost, "/__admin/sign", `{"api":"qulive","operation":"vodCallback","body":{"a":null,"b":[1,1]}}`).into(&signed{})
}

func TestLargeBodies(t *testing.T) {
	b := newBench(t, admin.Config{})
	pad := func(n int) string { return "{" + strings.Repeat(" ", n-2) + "}" }
	b.do(http.MethodPost, tenants, pad(64<<10)).want(201, b.do(http.MethodGet, tenants+"?after=default", "").firstTenant())
	b.do(http.MethodPost, tenants, pad(64<<10+1)).problem(413, "65536")
	for _, path := range []string{"/__admin/sign", "/__admin/explain"} {
		b.do(http.MethodPost, path, pad(4<<20)).problem(400)
		b.do(http.MethodPost, path, pad(4<<20+1)).problem(413, "4194304")
	}
	b.do(http.MethodPut, "/__admin/state", pad(64<<20)).want(204, "")
	b.do(http.MethodPut, "/__admin/state", pad(64<<20+1)).problem(413, "67108864")
}

// A misspelt ?tenant= must not act on the default tenant.
func TestQueries(t *testing.T) {
	b := newBench(t, admin.Config{})
	for query, words := range map[string]string{
		"?tenent=bob":            `"tenent"`,
		"?Tenant=bob":            `"Tenant"`,
		"?tenant=":               "empty",
		"?tenant":                "empty",
		"?tenant=bob&tenant=eve": "2 times",
		"?tenant=bob;x=1":        "malformed",
		"?tenant=%":              "malformed",
	} {
		b.do(http.MethodPost, "/__admin/reset"+query, "").problem(400, words)
		b.do(http.MethodPut, clockPath+query, `{"frozen":true}`).problem(400, words)
	}
	b.do(http.MethodGet, clockPath+"?tenant=%2A", "").problem(404, `"*"`)
	b.do(http.MethodGet, clockPath, "").want(200, `{"now":"2024-02-29T12:00:00.25Z","frozen":false}`)
}
