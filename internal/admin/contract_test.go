package admin_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/mediasandbox/sandbox/fakes"
	"github.com/mediasandbox/sandbox/internal/admin"
	"github.com/mediasandbox/sandbox/internal/admin/admintest"
	"github.com/mediasandbox/sandbox/specs/openapi"
)

// The document and the table of routes say the same: operations, query parameters, and
// who takes a body.
func TestRoutesAreTheContract(t *testing.T) {
	type operation struct {
		Query []string
		Body  bool
	}
	want, have := map[string]operation{}, map[string]operation{}
	doc := contractDocument(t)
	for path, item := range doc.Paths.Map() {
		for method, op := range item.Operations() {
			o := operation{Body: op.RequestBody != nil}
			for _, p := range slices.Concat(item.Parameters, op.Parameters) {
				if p.Value.In == "query" {
					o.Query = append(o.Query, p.Value.Name)
				}
			}
			slices.Sort(o.Query)
			want[method+" "+path] = o
		}
	}
	for _, rt := range admin.New(admintest.NewHost(t, nil), admin.Config{}).Routes() {
		query := slices.Clone(rt.Query)
		slices.Sort(query)
		have[rt.Method+" "+rt.Path] = operation{query, rt.MaxBody > 0}
	}
	assert.Equal(t, want, have)
}

func TestHealth(t *testing.T) {
	b := newBench(t, admin.Config{Token: "secret"})
	b.do(http.MethodGet, "/healthz", "").want(200, `{"status":"ok"}`)
	b.do(http.MethodGet, "/readyz", "").want(200, `{"status":"ready"}`)

	r := b.request(http.MethodGet, "/healthz", "")
	r.Host = "evil.example"
	b.send(r).want(200, `{"status":"ok"}`)
	b.do(http.MethodGet, "/healthz?verbose=1", "").problem(400, `"verbose"`, "takes none")
}

func TestVersion(t *testing.T) {
	v := admin.Version{Version: "v1.2.3", Revision: "abc", Modified: true, Go: "go1.26.0", Platform: "linux/amd64"}
	b := newBench(t, admin.Config{Version: v})
	b.do(http.MethodGet, "/__admin/version", "").want(200,
		`{"version":"v1.2.3","revision":"abc","modified":true,"go":"go1.26.0","platform":"linux/amd64"}`)
}

func TestDocuments(t *testing.T) {
	b := newBench(t, admin.Config{})
	own := b.do(http.MethodGet, "/__admin/openapi.yaml", "")
	require.Equal(t, 200, own.Status)
	assert.Equal(t, "application/yaml", own.Header.Get("Content-Type"))
	assert.Contains(t, own.Body, "title: Sandbox – admin API")

	b.do(http.MethodGet, "/__admin/specs/polyv.yaml", "").problem(404, `"polyv"`, "shop, kiosk") // not mounted here
	b.do(http.MethodGet, "/__admin/specs/admin.yaml", "").problem(404)
	b.do(http.MethodGet, "/__admin/specs/shop.xml", "").problem(404, "shop.yaml and shop.json")
	b.do(http.MethodGet, "/__admin/specs/shop", "").problem(404, "shop.yaml and shop.json")
	b.do(http.MethodGet, "/__admin/specs/..%2fadmin.yaml", "").problem(404)
}

func TestContracts(t *testing.T) {
	const name = "interstream" // the shortest
	b := newBenchOf(t, admin.Config{}, func(c *fakes.Config) {
		c.APIs = []fakes.API{admintest.API(name)}
	})
	want, err := openapi.YAML(name)
	require.NoError(t, err)
	got := b.do(http.MethodGet, "/__admin/specs/interstream.yaml", "")
	require.Equal(t, 200, got.Status)
	assert.Equal(t, string(want), got.Body)

	asJSON := b.do(http.MethodGet, "/__admin/specs/interstream.json", "")
	assert.Equal(t, "application/json", asJSON.Header.Get("Content-Type"))
	doc, err := openapi3.NewLoader().LoadFromData([]byte(asJSON.Body))
	require.NoError(t, err)
	assert.NoError(t, doc.Validate(t.Context()))
	assert.Less(t, strings.Index(asJSON.Body, `"openapi"`), strings.Index(asJSON.Body, `"paths"`), "keys in the order written")
}

func TestUnknownPathsAndMethods(t *testing.T) {
	b := newBench(t, admin.Config{})
	for _, path := range []string{
		"/__admin", "/__admin/", "/__admin/nope", "/__admin/tenants/", "/__admin/clock/", "/__admin//clock", "/__admin/Clock",
		"/__admin/tenants/default/", "/__admin/checkpoints/c1/restor", "/__admin/%63lock/x",
	} {
		b.do(http.MethodGet, path, "").problem(404, "/__admin/openapi.yaml")
		b.do(http.MethodPost, path, "{}").problem(404)
	}
	for path, allow := range map[string]string{
		"/__admin/version":         "OPTIONS, GET, HEAD",
		"/__admin/tenants":         "OPTIONS, GET, HEAD, POST",
		"/__admin/tenants/default": "OPTIONS, DELETE, GET, HEAD",
		"/__admin/clock":           "OPTIONS, DELETE, GET, HEAD, PUT",
		"/__admin/clock/advance":   "OPTIONS, POST",
		"/__admin/checkpoints/c1":  "OPTIONS, DELETE",
		"/healthz":                 "OPTIONS, GET, HEAD",
	} {
		for _, method := range []string{http.MethodPatch, "PROPFIND", "BREW"} {
			got := b.do(method, path, "")
			got.problem(405, method)
			assert.Equal(t, allow, got.Header.Get("Allow"), path)
		}
		got := b.do(http.MethodOptions, path, "")
		assert.Equal(t, http.StatusNoContent, got.Status)
		assert.Equal(t, allow, got.Header.Get("Allow"), path)
	}
}

// A path that is listed answers for itself, where another one with a parameter in the same
// place would answer to the method.
func TestMethodsOfPathsBesideParameters(t *testing.T) {
	b := newBench(t, admin.Config{})
	for _, path := range []string{
		"/__admin/state/qqtube/funds", "/__admin/state/qqtube/orders/1/status", "/__admin/state/polyv/danmu",
		"/__admin/callbacks/deliver", "/__admin/callbacks/pull", "/__admin/clock/advance", "/__admin/requests/1/explain",
	} {
		methods, allow := []string{http.MethodPut, http.MethodDelete, http.MethodGet, http.MethodHead}, "OPTIONS, POST"
		if path == "/__admin/requests/1/explain" {
			methods, allow = methods[:2], "OPTIONS, GET, HEAD"
		}
		for _, method := range methods {
			got := httptest.NewRecorder() // not b.do: the router of the contract has the same leniency
			b.handler.ServeHTTP(got, b.request(method, path, ""))
			require.Equal(t, 405, got.Code, "%s %s", method, path)
			assert.Equal(t, allow, got.Header().Get("Allow"), "%s %s", method, path)
		}
	}
}

// Beside /__admin, what answers where nothing is says more, and the contract knows what.
func TestUnknownPathsOutside(t *testing.T) {
	b := newBench(t, admin.Config{})
	problem := contractDocument(t).Components.Schemas["Problem"].Value
	for _, path := range []string{"/healthz/", "/metrics/", "/nope"} {
		got := b.do(http.MethodGet, path, "")
		require.Equal(t, 404, got.Status, path)
		var body map[string]any
		require.NoError(t, json.Unmarshal([]byte(got.Body), &body))
		require.NoError(t, problem.VisitJSON(body), path)
		assert.Contains(t, body, "base_urls", path)
		assert.Equal(t, "http://127.0.0.1:7311/__admin", body["admin"], path)
	}
}

func TestHead(t *testing.T) {
	b := newBench(t, admin.Config{})
	for _, path := range []string{"/healthz", "/__admin/version", "/__admin/clock", "/__admin/tenants", "/__admin/openapi.yaml"} {
		get, head := b.do(http.MethodGet, path, ""), b.do(http.MethodHead, path, "")
		assert.Equal(t, 200, head.Status, path)
		assert.Equal(t, get.Header, head.Header, path)
	}
}
