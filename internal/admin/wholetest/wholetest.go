// Package wholetest is a whole sandbox on a port, with the five fakes, for tests of what
// the admin API does to them. Every reply of the admin API is held to its contract. It is
// for tests alone.
package wholetest

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"
	"github.com/getkin/kin-openapi/routers/legacy"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/mediasandbox/sandbox/fakes"
	"github.com/mediasandbox/sandbox/fakes/all"
	"github.com/mediasandbox/sandbox/internal/admin"
	"github.com/mediasandbox/sandbox/internal/callbacks"
	"github.com/mediasandbox/sandbox/internal/contract"
	"github.com/mediasandbox/sandbox/internal/server"
	"github.com/mediasandbox/sandbox/specs/openapi"
)

// Noon is where the clocks of tenants stand that Frozen made.
const Noon = "2026-03-18T12:00:00Z"

// Sandbox is a sandbox under test.
type Sandbox struct {
	T         testing.TB
	Host      *fakes.Host
	Callbacks *callbacks.Dispatcher
	URL       string // of the port

	router routers.Router
	client *http.Client
}

// Kit is the contracts, which take long to read and are only read from: a package of tests
// has one.
type Kit struct {
	docs   map[string]*contract.Document
	router routers.Router
}

// Load reads the contracts.
func Load() (*Kit, error) {
	docs, err := openapi.LoadAll()
	if err != nil {
		return nil, err
	}
	data, err := openapi.YAML("admin")
	if err != nil {
		return nil, err
	}
	doc, err := openapi3.NewLoader().LoadFromData(data)
	if err != nil {
		return nil, err
	}
	doc.Servers = nil // any host
	router, err := legacy.NewRouter(doc)
	return &Kit{docs, router}, err
}

// New starts a sandbox that ends with the test. change may be nil. Callbacks go to the
// loopback address unless calls says otherwise. Replies of a fake that are outside of
// their contract fail the test.
func (k *Kit) New(t testing.TB, calls callbacks.Config, change func(*fakes.Config)) *Sandbox {
	t.Helper()
	var err error
	if calls.Allow.Empty() {
		calls.Allow, err = callbacks.ParseAllow(callbacks.AllowDefault)
		require.NoError(t, err)
	}
	s := &Sandbox{T: t, router: k.router, Callbacks: callbacks.New(calls)}
	cfg := fakes.Config{
		APIs: all.APIs(), Documents: k.docs, OnEvents: s.Callbacks.OnEvents,
		OnBreach: func(b fakes.Breach) { t.Errorf("outside of the contract: %s", b) },
	}
	if change != nil {
		change(&cfg)
	}
	s.Host, err = fakes.New(cfg)
	require.NoError(t, err)
	s.Callbacks.Attach(s.Host)
	port := httptest.NewServer(server.New(s.Host, server.Options{Admin: admin.Config{Callbacks: s.Callbacks}}))
	transport := &http.Transport{}
	s.URL, s.client = port.URL, &http.Client{Transport: transport}
	t.Cleanup(func() {
		done, cancel := context.WithTimeout(context.Background(), time.Second)
		defer cancel()
		s.Callbacks.Close(done)
		transport.CloseIdleConnections()
		port.Close()
	})
	return s
}

// Reply is an answer that was read.
type Reply struct {
	t      testing.TB
	Status int
	Header http.Header
	Body   string
}

// Admin asks the admin API; path is below /__admin. The reply is held to the contract, and
// so is a request that was accepted.
func (s *Sandbox) Admin(method, path, body string) Reply {
	s.T.Helper()
	r, err := http.NewRequestWithContext(s.T.Context(), method, s.URL+admin.Prefix+path, strings.NewReader(body))
	require.NoError(s.T, err)
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	got := s.do(r)
	s.hold(r, body, got)
	return got
}

func (s *Sandbox) hold(r *http.Request, body string, got Reply) {
	s.T.Helper()
	r = r.Clone(s.T.Context())
	r.URL.Path, r.URL.RawPath = r.URL.EscapedPath(), "" // kin would take an encoded slash for one
	route, params, err := s.router.FindRoute(r)
	require.NoError(s.T, err, "%s %s is not in the contract", r.Method, r.URL)
	r.Body = io.NopCloser(strings.NewReader(body))
	in := &openapi3filter.RequestValidationInput{Request: r, PathParams: params, Route: route, Options: &openapi3filter.Options{
		AuthenticationFunc: openapi3filter.NoopAuthenticationFunc, SkipSettingDefaults: true,
	}}
	if got.Status < 300 {
		assert.NoError(s.T, openapi3filter.ValidateRequest(s.T.Context(), in), "%s %s: %s", r.Method, r.URL, body)
	}
	assert.NoError(s.T, openapi3filter.ValidateResponse(s.T.Context(), &openapi3filter.ResponseValidationInput{
		RequestValidationInput: in, Status: got.Status, Header: got.Header, Body: io.NopCloser(strings.NewReader(got.Body)),
		Options: &openapi3filter.Options{IncludeResponseStatus: true, MultiError: true},
	}), "%s %s: %d %s", r.Method, r.URL, got.Status, got.Body)
}

func (s *Sandbox) do(r *http.Request) Reply {
	s.T.Helper()
	res, err := s.client.Do(r)
	require.NoError(s.T, err)
	defer res.Body.Close()
	data, err := io.ReadAll(res.Body)
	require.NoError(s.T, err)
	return Reply{s.T, res.StatusCode, res.Header, string(data)}
}

// Call asks a fake: a GET, or a POST of the form when there is one. path begins with the
// API's name, or with /t/.
func (s *Sandbox) Call(path string, form url.Values) Reply {
	s.T.Helper()
	method := http.MethodGet
	if form != nil {
		method = http.MethodPost
	}
	r, err := http.NewRequestWithContext(s.T.Context(), method, s.URL+path, strings.NewReader(form.Encode()))
	require.NoError(s.T, err)
	if form != nil {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	return s.do(r)
}

// OK checks that the request was accepted and reads the JSON body, unless into is nil.
func (r Reply) OK(into any) Reply {
	r.t.Helper()
	require.Less(r.t, r.Status, 300, r.Body)
	if into != nil {
		require.NoError(r.t, json.Unmarshal([]byte(r.Body), into), r.Body)
	}
	return r
}

// Problem checks that the reply is a problem document whose detail has the words.
func (r Reply) Problem(status int, words ...string) {
	r.t.Helper()
	require.Equal(r.t, status, r.Status, r.Body)
	var p fakes.ProblemBody
	dec := json.NewDecoder(bytes.NewReader([]byte(r.Body)))
	dec.DisallowUnknownFields()
	require.NoError(r.t, dec.Decode(&p), r.Body)
	for _, word := range words {
		assert.Contains(r.t, p.Detail, word)
	}
}

// Tenant is a tenant as the admin API tells of it.
type Tenant struct {
	ID          string
	Credentials map[string]map[string]string
	BaseURLs    map[string]string `json:"base_urls"`
}

// Tenant makes a tenant; "" draws its id.
func (s *Sandbox) Tenant(id string) Tenant {
	s.T.Helper()
	body := `{}`
	if id != "" {
		body = `{"id":"` + id + `"}`
	}
	var t Tenant
	s.Admin(http.MethodPost, "/tenants", body).OK(&t)
	return t
}

// Frozen makes a tenant whose clock stands at noon.
func (s *Sandbox) Frozen(id string) Tenant {
	s.T.Helper()
	t := s.Tenant(id)
	s.Admin(http.MethodPut, "/clock?tenant="+t.ID, `{"now":"`+Noon+`","frozen":true}`).OK(nil)
	return t
}

// Advance moves a tenant's clock.
func (s *Sandbox) Advance(tenant, by string) {
	s.T.Helper()
	s.Admin(http.MethodPost, "/clock/advance?tenant="+tenant, `{"by":"`+by+`"}`).OK(nil)
}

// Port returns the host and port of a URL.
func Port(t testing.TB, text string) (host, port string) {
	t.Helper()
	u, err := url.Parse(text)
	require.NoError(t, err)
	host, port, err = net.SplitHostPort(u.Host)
	require.NoError(t, err)
	return host, port
}
