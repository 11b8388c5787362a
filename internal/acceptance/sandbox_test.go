// Package acceptance_test asks the sandbox over HTTP what CONTRACTS and the vendors'
// pages promise, sentence by sentence, as a stranger would: requests are made and
// signed here, from what the contracts say, with nothing of the fakes or of package
// signature. Each case cites the sentence it holds the sandbox to ("§2" is the section
// of CONTRACTS on that API).
package acceptance_test

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"io"
	"maps"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/mediasandbox/sandbox/fakes"
	"github.com/mediasandbox/sandbox/fakes/all"
	"github.com/mediasandbox/sandbox/internal/server"
	"github.com/mediasandbox/sandbox/specs/openapi"
)

// today is where a frozen clock stands: in the middle of a month, and in the evening,
// when it is tomorrow already in Shanghai.
var today = time.Date(2026, time.March, 17, 18, 30, 0, 0, time.UTC)

var documents = sync.OnceValues(openapi.LoadAll)

// sandbox is a sandbox of a test's own, known by its URL.
type sandbox struct {
	*testing.T
	host *fakes.Host
	url  string
}

// newSandbox starts a sandbox whose default tenant's clock stands still at today. A
// reply outside the contract fails the test. met may be nil.
func newSandbox(t *testing.T, met *outcomes) *sandbox {
	t.Helper()
	docs, err := documents()
	require.NoError(t, err)
	cfg := fakes.Config{APIs: all.APIs(), Documents: docs, OnBreach: func(b fakes.Breach) { t.Error("a reply outside the contract: ", b) }}
	if met != nil {
		cfg.Recorder = met
	}
	host, err := fakes.New(cfg)
	require.NoError(t, err)
	srv := httptest.NewServer(server.New(host, server.Options{}))
	t.Cleanup(srv.Close)
	s := &sandbox{t, host, srv.URL}
	s.freeze(today)
	return s
}

// values are parameters of which each stands once.
type values map[string]string

// with returns a copy with further parameters; "-" takes one away.
func (v values) with(pairs ...string) values {
	out := maps.Clone(v)
	if out == nil {
		out = values{}
	}
	for i := 0; i < len(pairs); i += 2 {
		if out[pairs[i]] = pairs[i+1]; pairs[i+1] == "-" {
			delete(out, pairs[i])
		}
	}
	return out
}

func (v values) encode() string {
	u := url.Values{}
	for name, value := range v {
		u.Set(name, value)
	}
	return u.Encode()
}

// request is one request in its parts.
type request struct {
	method    string // GET, or POST with a body, when empty
	url       string // absolute, or a path of the sandbox
	host      string // in place of the URL's
	query     values
	form      values
	multipart bool // how form is sent
	body      string
	header    values
}

// reply is what came back.
type reply struct {
	status int
	header http.Header
	body   string
}

// do sends a request and reads the whole reply; redirects are not followed.
func (s *sandbox) do(r request) reply {
	s.Helper()
	address := r.url
	if strings.HasPrefix(address, "/") {
		address = s.url + address
	}
	if len(r.query) > 0 {
		address += "?" + r.query.encode()
	}
	var body io.Reader
	kind := ""
	switch {
	case r.form != nil && r.multipart:
		var b bytes.Buffer
		w := multipart.NewWriter(&b)
		for _, name := range slices.Sorted(maps.Keys(r.form)) {
			require.NoError(s, w.WriteField(name, r.form[name]))
		}
		require.NoError(s, w.Close())
		body, kind = &b, w.FormDataContentType()
	case r.form != nil:
		body, kind = strings.NewReader(r.form.encode()), "application/x-www-form-urlencoded"
	case r.body != "":
		body = strings.NewReader(r.body)
	}
	if r.method == "" {
		r.method = http.MethodGet
		if body != nil {
			r.method = http.MethodPost
		}
	}
	req, err := http.NewRequestWithContext(s.Context(), r.method, address, body)
	require.NoError(s, err)
	req.Host = r.host
	if kind != "" {
		req.Header.Set("Content-Type", kind)
	}
	for name, value := range r.header {
		req.Header.Set(name, value)
	}
	client := http.Client{
		Timeout:       time.Minute, // against hanging only
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	resp, err := client.Do(req)
	require.NoError(s, err)
	defer resp.Body.Close()
	data, err := io.ReadAll(resp.Body)
	require.NoError(s, err)
	return reply{resp.StatusCode, resp.Header, string(data)}
}

// decode reads JSON into a value of type T and fails the test when it is none.
func decode[T any](s *sandbox, text string) T {
	s.Helper()
	var v T
	require.NoError(s, json.Unmarshal([]byte(text), &v), "%s", text)
	return v
}

// admin asks the admin API and wants the status.
func (s *sandbox) admin(method, path, body string, status int) string {
	s.Helper()
	r := request{method: method, url: "/__admin" + path, body: body}
	if body != "" {
		r.header = values{"Content-Type": "application/json"}
	}
	got := s.do(r)
	require.Equal(s, status, got.status, "%s %s: %s", method, path, got.body)
	return got.body
}

// freeze sets the default tenant's clock, and has it stand still.
func (s *sandbox) freeze(at time.Time) {
	s.Helper()
	s.freezeOf("default", at)
}

func (s *sandbox) freezeOf(tenant string, at time.Time) {
	s.Helper()
	s.admin("PUT", "/clock?tenant="+tenant, `{"now":"`+at.Format(time.RFC3339Nano)+`","frozen":true}`, 200)
}

// advance moves the default tenant's clock.
func (s *sandbox) advance(by time.Duration) {
	s.Helper()
	s.admin("POST", "/clock/advance", `{"by":"`+by.String()+`"}`, 200)
}

// tenant is what the admin API answers when one is made.
type tenant struct {
	ID          string                       `json:"id"`
	Seed        uint64                       `json:"seed"`
	Credentials map[string]map[string]string `json:"credentials"`
	BaseURLs    map[string]string            `json:"base_urls"`
}

// tenant makes a tenant; its clock stands still at today.
func (s *sandbox) tenant(body string) tenant {
	s.Helper()
	made := decode[tenant](s, s.admin("POST", "/tenants", body, 201))
	s.freezeOf(made.ID, today)
	return made
}

// section is a part of an API's section of CONTRACTS.
type section struct {
	name string
	test func(*sandbox)
}

// sections tests an API: each section with a sandbox of its own, and that all of them
// together have met what is documented.
func sections(t *testing.T, api string, list []section) {
	t.Helper()
	met := newOutcomes()
	for _, part := range list {
		t.Run(part.name, func(t *testing.T) { part.test(newSandbox(t, met)) })
	}
	t.Run("every documented outcome was met", func(t *testing.T) { met.complete(t, api) })
}

// outcomes notes which outcomes were met; it serves as the host's recorder.
type outcomes struct {
	mu  sync.Mutex
	met map[string]int // "operation outcome"
}

func newOutcomes() *outcomes { return &outcomes{met: map[string]int{}} }

// Open is the recorder's; there is nothing to keep for a tenant.
func (o *outcomes) Open(*fakes.Tenant) any { return nil }

// Record notes the outcomes of an exchange that no fault touched.
func (o *outcomes) Record(x *fakes.Exchange) {
	if x.Fault != "" {
		return
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	for _, name := range append([]string{x.Outcome}, x.Outcomes...) {
		o.met[x.API+" "+x.Operation+" "+name]++
	}
}

// complete fails unless every documented outcome that a rule leads to was met, at each
// operation, and logs what was.
func (o *outcomes) complete(t *testing.T, api string) {
	docs, err := documents()
	require.NoError(t, err)
	o.mu.Lock()
	defer o.mu.Unlock()
	total, met := map[string]int{}, map[string]int{}
	for _, op := range docs[api].Operations {
		for _, out := range op.Outcomes {
			if out.Forced {
				continue
			}
			total[out.Source]++
			if o.met[api+" "+op.ID+" "+out.Name] > 0 {
				met[out.Source]++
			} else if out.Source == "documented" {
				t.Errorf("%s: the documented outcome %s was not met (%s)", op.ID, out.Name, out.Section)
			}
		}
	}
	require.NotZero(t, total["documented"])
	t.Logf("%s: %d operations; documented %d of %d, observed %d of %d, assumed %d of %d outcomes met",
		api, len(docs[api].Operations), met["documented"], total["documented"], met["observed"], total["observed"], met["assumed"], total["assumed"])
}

// csv reads comma-separated values.
func (s *sandbox) csv(text string) [][]string {
	s.Helper()
	records, err := csv.NewReader(strings.NewReader(text)).ReadAll()
	require.NoError(s, err, "%s", text)
	return records
}

func regexpQuote(text string) string { return regexp.QuoteMeta(text) }
