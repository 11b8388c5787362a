package admin_test

import (
	"bytes"
	"encoding/json"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"
	"github.com/getkin/kin-openapi/routers/legacy"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/mediasandbox/sandbox/fakes"
	"github.com/mediasandbox/sandbox/internal/admin"
	"github.com/mediasandbox/sandbox/internal/admin/admintest"
	"github.com/mediasandbox/sandbox/internal/contract"
	"github.com/mediasandbox/sandbox/internal/coverage"
	"github.com/mediasandbox/sandbox/internal/faults"
	"github.com/mediasandbox/sandbox/internal/journal"
	"github.com/mediasandbox/sandbox/internal/server"
	"github.com/mediasandbox/sandbox/specs/openapi"
)

// start is what the real clock shows when a test begins.
var start = time.Date(2024, 2, 29, 12, 0, 0, 250_000_000, time.UTC)

// bench is a sandbox under test. Every reply of its admin API is held to admin.yaml.
type bench struct {
	t       *testing.T
	host    *fakes.Host
	handler http.Handler
	wall    time.Time
	router  routers.Router
}

func newBench(t *testing.T, cfg admin.Config) *bench { return newBenchOf(t, cfg, nil) }

func newBenchOf(t *testing.T, cfg admin.Config, change func(*fakes.Config)) *bench {
	t.Helper()
	b := &bench{t: t, wall: start, router: shared.contract(t)}
	b.host = admintest.NewHost(t, func(c *fakes.Config) {
		shared.documents(t, c)
		c.Now = func() time.Time { return b.wall }
		c.Recorder = journal.New(journal.Config{Documents: shared.docs, Coverage: shared.catalog, BodyBytes: 1000})
		c.Faulter = shared.faulter
		if change != nil {
			change(c)
		}
	})
	b.handler = server.New(b.host, server.Options{Admin: cfg})
	return b
}

func contractDocument(t *testing.T) *openapi3.T {
	t.Helper()
	data, err := openapi.YAML("admin")
	require.NoError(t, err)
	doc, err := openapi3.NewLoader().LoadFromData(data)
	require.NoError(t, err)
	require.NoError(t, doc.Validate(t.Context()))
	doc.Servers = nil // any host
	return doc
}

// shared is what all tests only read, and what takes long to make.
var shared sharing

type sharing struct {
	once   sync.Once
	router routers.Router
	docs   map[string]*contract.Document

	catalog *coverage.Catalog
	faulter *faults.Faulter
}

func (s *sharing) load(t *testing.T) {
	s.once.Do(func() {
		router, err := legacy.NewRouter(contractDocument(t))
		require.NoError(t, err)
		s.router = router
		s.docs = map[string]*contract.Document{
			admintest.Shop: admintest.Document(t, admintest.Shop), admintest.Kiosk: admintest.Document(t, admintest.Kiosk),
		}
		s.catalog = coverage.NewCatalog(s.docs[admintest.Shop], s.docs[admintest.Kiosk])
		s.faulter, err = faults.New(faults.Config{Documents: s.docs})
		require.NoError(t, err)
	})
}

func (s *sharing) contract(t *testing.T) routers.Router {
	t.Helper()
	s.load(t)
	return s.router
}

func (s *sharing) documents(t *testing.T, c *fakes.Config) {
	t.Helper()
	s.load(t)
	maps.Copy(c.Documents, s.docs)
}

// reply is an answer that was read.
type reply struct {
	t      *testing.T
	Status int
	Header http.Header
	Body   string
}

func (b *bench) request(method, path, body string) *http.Request {
	r := httptest.NewRequestWithContext(b.t.Context(), method, "http://127.0.0.1:7311"+path, strings.NewReader(body))
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	return r
}

func (b *bench) do(method, path, body string) reply {
	b.t.Helper()
	return b.send(b.request(method, path, body))
}

func (b *bench) send(r *http.Request) reply {
	b.t.Helper()
	w := httptest.NewRecorder()
	b.handler.ServeHTTP(w, r)
	out := reply{b.t, w.Code, w.Header(), w.Body.String()}
	b.hold(r, out)
	return out
}

// hold holds a reply to the contract; what is outside of it has to be a problem.
func (b *bench) hold(r *http.Request, got reply) {
	b.t.Helper()
	assert.Empty(b.t, got.Header.Get("Access-Control-Allow-Origin"), "no CORS")
	if got.Status == http.StatusNoContent || r.Method == http.MethodHead {
		assert.Empty(b.t, got.Body)
	}
	if r.Method == http.MethodHead || r.Method == http.MethodOptions {
		return
	}
	if got.Header.Get("Content-Type") == "text/event-stream" {
		return // no JSON: the tests of streams look at it themselves
	}
	route, params, err := b.router.FindRoute(r)
	if err != nil || strings.HasSuffix(r.URL.Path, "/") { // no such path or method; kin forgives a slash
		if admin.Guards(r.URL.Path) {
			got.problem(got.Status)
		}
		return
	}
	input := &openapi3filter.ResponseValidationInput{
		RequestValidationInput: &openapi3filter.RequestValidationInput{Request: r, PathParams: params, Route: route},
		Status:                 got.Status, Header: got.Header, Body: io.NopCloser(strings.NewReader(got.Body)),
		Options: &openapi3filter.Options{IncludeResponseStatus: true, MultiError: true},
	}
	assert.NoError(b.t, openapi3filter.ValidateResponse(b.t.Context(), input), "%s %s: %d %s", r.Method, r.URL, got.Status, got.Body)
}

// want checks the status and the JSON body, "" for none.
func (r reply) want(status int, body string) reply {
	r.t.Helper()
	require.Equal(r.t, status, r.Status, r.Body)
	if body == "" {
		assert.Empty(r.t, r.Body)
		return r
	}
	assert.JSONEq(r.t, body, r.Body)
	return r
}

// problem checks that the reply is a problem document, and that its detail has the words.
func (r reply) problem(status int, words ...string) {
	r.t.Helper()
	require.Equal(r.t, status, r.Status, r.Body)
	assert.Equal(r.t, "application/problem+json", r.Header.Get("Content-Type"))
	var p fakes.ProblemBody
	dec := json.NewDecoder(bytes.NewReader([]byte(r.Body)))
	dec.DisallowUnknownFields()
	require.NoError(r.t, dec.Decode(&p), r.Body)
	assert.Equal(r.t, status, p.Status)
	assert.Equal(r.t, http.StatusText(status), p.Title)
	for _, word := range words {
		assert.Contains(r.t, p.Detail, word)
	}
}

// into decodes the body of a reply that succeeded.
func (r reply) into(v any) {
	r.t.Helper()
	require.Less(r.t, r.Status, 300, r.Body)
	require.NoError(r.t, json.Unmarshal([]byte(r.Body), v))
}

// order places an order at a fake; count says how many there are.
func (b *bench) order(api, tenant string) {
	b.t.Helper()
	r := httptest.NewRequestWithContext(b.t.Context(), http.MethodPost, "/"+api+"/orders?api_key="+admintest.Key(api, tenant), nil)
	w := httptest.NewRecorder()
	b.handler.ServeHTTP(w, r)
	require.Equal(b.t, http.StatusOK, w.Code, w.Body)
}

func (b *bench) count(api, tenant string) string {
	b.t.Helper()
	r := httptest.NewRequestWithContext(b.t.Context(), http.MethodGet, "/"+api+"/orders?api_key="+admintest.Key(api, tenant), nil)
	w := httptest.NewRecorder()
	b.handler.ServeHTTP(w, r)
	require.Equal(b.t, http.StatusOK, w.Code, w.Body)
	return w.Body.String()
}

// counted is what count returns.
func counted(orders, delivered string) string {
	return `{"orders":` + orders + `,"delivered":` + delivered + `}`
}
