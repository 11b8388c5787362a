package admin_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/mediasandbox/sandbox/fakes"
	"github.com/mediasandbox/sandbox/fakes/all"
	"github.com/mediasandbox/sandbox/internal/admin"
	"github.com/mediasandbox/sandbox/internal/contract"
	"github.com/mediasandbox/sandbox/internal/coverage"
	"github.com/mediasandbox/sandbox/internal/faults"
	"github.com/mediasandbox/sandbox/internal/journal"
	"github.com/mediasandbox/sandbox/internal/request"
	"github.com/mediasandbox/sandbox/specs/openapi"
)

var vendors = sync.OnceValues(openapi.LoadAll)

// newVendors is a bench with the five fakes, for what depends on their signatures.
func newVendors(t *testing.T) *bench {
	t.Helper()
	docs, err := vendors()
	require.NoError(t, err)
	return newBenchOf(t, admin.Config{}, func(c *fakes.Config) {
		c.APIs, c.Documents = all.APIs(), docs
		var list []*contract.Document
		for _, api := range c.APIs {
			list = append(list, docs[api.Name])
		}
		c.Recorder = journal.New(journal.Config{Documents: docs, Coverage: coverage.NewCatalog(list...)})
		c.Faulter, err = faults.New(faults.Config{Documents: docs})
		require.NoError(t, err)
	})
}

// signed is an answer of POST /__admin/sign.
type signed struct {
	API, Operation, Method, URL, Body, Curl string
	At                                      time.Time
	Headers                                 []journal.Header
	Steps                                   []struct{ Title, Text string }
}

// call sends a signed request, and returns the outcome that the journal tells.
func (b *bench) call(tenant string, m request.Message) string {
	b.t.Helper()
	r, err := m.Request(b.t.Context())
	require.NoError(b.t, err)
	r.RequestURI = r.URL.RequestURI()
	b.handler.ServeHTTP(httptest.NewRecorder(), r)
	t, err := b.host.Tenant(tenant)
	require.NoError(b.t, err)
	list := journal.Of(t).List(journal.Filter{Limit: 1}).Entries
	require.Len(b.t, list, 1)
	return list[0].Operation + " " + list[0].Outcome
}

// Every operation of every API, signed with nothing but its name, is accepted.
func TestSignEverything(t *testing.T) {
	b := newVendors(t)
	b.do(http.MethodPost, tenants, `{"id":"bob"}`)
	docs, err := vendors()
	require.NoError(t, err)
	for _, name := range openapi.APIs() {
		for _, op := range docs[name].Operations {
			body := `{"api":"` + name + `","operation":"` + op.ID + `"`
			if op.JSONBody != nil {
				body += `,"body":{"EventType":"SnapshotComplete","VideoId":"x"}`
			}
			if op.ID == "videoSizes" { // wants one of two, neither of them required
				body += `,"params":{"cataId":"1"}`
			}
			for _, tenant := range []string{"default", "bob"} {
				// The limits of Cliparto and one vote for each voter are state.
				b.do(http.MethodPost, "/__admin/reset?tenant="+tenant, "").want(204, "")
				got := b.do(http.MethodPost, "/__admin/sign?tenant="+tenant, body+`}`)
				var s signed
				got.into(&s)
				m, notes, err := request.ParseCurl(s.Curl)
				require.NoError(t, err)
				assert.Empty(t, notes)
				assert.Equal(t, s.URL, m.URL)
				if tenant == "bob" && !op.Secured {
					continue // its parameters are the default tenant's objects
				}
				answered := b.call(tenant, m)
				op, outcome, _ := strings.Cut(answered, " ")
				assert.Equal(t, s.Operation, op, s.Curl)
				found := docs[name].Operation(op).Outcome(outcome)
				require.NotNil(t, found, answered)
				if tenant == "default" {
					assert.True(t, found.Success, "%s %s: %s", name, answered, s.Curl)
				} else {
					assert.NotContains(t, []string{"sign-wrong", "md5-wrong", "signature-wrong", "invalid-api-key", "user-unknown", "key-unknown"}, outcome, s.Curl)
				}
			}
		}
	}
}

func TestSign(t *testing.T) {
	b := newVendors(t)
	var s signed
	b.do(http.MethodPost, "/__admin/sign", `{"api":"polyv","operation":"authplayStatus","account":"3828390191",
		"params":{"vid":"3828390191de2b3fd3467c36187aac08_3"},"at":"2017-04-26T06:32:30Z"}`).into(&s)
	const url = "http://127.0.0.1:7311/polyv/v2/video/3828390191/authplay-status?vid=3828390191de2b3fd3467c36187aac08_3" +
		"&ptime=1493188350000&sign=4CE511177FD5A8A3E56EB31A20776C0DE157519A"
	assert.Equal(t, url, s.URL)
	assert.Equal(t, "curl '"+url+"'", s.Curl)
	assert.NotEmpty(t, s.Steps)
	for _, step := range s.Steps {
		assert.NotContains(t, step.Text, "tIQp4ATe9Z")
	}

	b.do(http.MethodPost, "/__admin/sign", `{"api":"cliparto","operation":"BalanceCurrent","account":"7","secret":"real","base_url":"https://cliparto.com"}`).into(&s)
	assert.True(t, strings.HasPrefix(s.URL, "https://cliparto.com/apiq/?q=BalanceCurrent&id=7&md5="), s.URL)

	for body, words := range map[string]string{
		`{"api":"polyw","operation":"clip"}`:                             `did you mean "polyv"`,
		`{"api":"polyv","operation":"klip"}`:                             `did you mean "clip"`,
		`{"api":"polyv","operation":"clip","params":{"vdi":"x"}}`:        `did you mean "vid"`,
		`{"api":"polyv","operation":"clip","params":{"sign":"x"}}`:       "sign is set when",
		`{"api":"polyv","operation":"clip","account":"me"}`:              `no account "me"`,
		`{"api":"polyv","operation":"clip","secret":"x"}`:                `the field "account"`,
		`{"api":"polyv","operation":"clip","body":{}}`:                   "takes parameters",
		`{"api":"polyv","operation":"clip","method":"PUT"}`:              "does not answer to PUT",
		`{"api":"polyv","operation":"clip","base_url":"x"}`:              "base URL",
		`{"api":"polyv","operation":"clip","at":"2017"}`:                 "RFC 3339",
		`{"api":"polyv","operation":"clip","at":"9999-01-01T00:00:00Z"}`: "years",
		`{"api":"polyv","operation":"clip","params":["x"]}`:              "object of texts",
	} {
		b.do(http.MethodPost, "/__admin/sign", body).problem(400, words)
	}
}

// explained is an answer about a signature.
type explained struct {
	API, Operation, Tenant, Outcome, Summary string
	Notes                                    []string
	Explanation                              *struct {
		Accepted bool
		Refusal  string
		Expected string
		Mistakes []struct{ Name string }
	}
}

func TestExplain(t *testing.T) {
	b := newVendors(t)
	sign := func(api, op, more string) signed {
		var s signed
		b.do(http.MethodPost, "/__admin/sign", `{"api":"`+api+`","operation":"`+op+`"`+more+`}`).into(&s)
		return s
	}
	text := func(s string) string {
		out, err := json.Marshal(s)
		require.NoError(t, err)
		return string(out)
	}
	ask := func(body string) explained {
		var e explained
		b.do(http.MethodPost, "/__admin/explain", body).into(&e)
		return e
	}
	good := sign("polyv", "clip", "")
	e := ask(`{"curl":` + text(good.Curl) + `}`)
	assert.Equal(t, "clip", e.Operation)
	assert.Empty(t, e.Outcome)
	require.NotNil(t, e.Explanation)
	assert.True(t, e.Explanation.Accepted)

	form := good.Body
	at := strings.Index(form, "sign=") + 5
	lower := form[:at] + strings.ToLower(form[at:at+40]) + form[at+40:]
	e = ask(`{"method":"POST","url":` + text(good.URL) + `,"headers":{"content-type":"application/x-www-form-urlencoded"},"body":` + text(lower) + `}`)
	assert.Equal(t, "sign-wrong", e.Outcome)
	assert.NotEmpty(t, e.Summary)
	require.NotEmpty(t, e.Explanation.Mistakes)
	assert.Equal(t, "digest-lower-case", e.Explanation.Mistakes[0].Name)
	assert.NotContains(t, e.Explanation.Expected, "kXmHMLeX6M")

	vendor := sign("cliparto", "BalanceCurrent", `,"base_url":"https://cliparto.com"`)
	e = ask(`{"url":` + text(vendor.URL) + `}`)
	assert.Equal(t, "cliparto", e.API)
	assert.Empty(t, e.Outcome)
	e = ask(`{"url":` + text(vendor.URL) + `,"secret":"other"}`)
	assert.Equal(t, "md5-wrong", e.Outcome)

	e = ask(`{"url":` + text(good.URL) + `,"at":"2017-04-26T06:32:30Z"}`)
	assert.NotEmpty(t, e.Outcome, "a GET without what stood in the form")
	e = ask(`{"url":"http://qulive.localhost/music/getMusic"}`)
	assert.Nil(t, e.Explanation, "no credential is wanted, or no such path")
	e = ask(`{"curl":"curl http://127.0.0.1/qqtube/v1-api?action=funds&api_key=x"}`)
	require.Len(t, e.Notes, 1)
	assert.Contains(t, e.Notes[0], "not quoted")
	e = ask(`{"curl":"curl --json {} http://127.0.0.1/polyv/v2/danmu/8205ac89d3/delete?a=1&b=2"}`)
	assert.Equal(t, "sign-missing", e.Outcome)
	require.Len(t, e.Notes, 2, "of the command line, then of the body")
	assert.Contains(t, e.Notes[1], "The body is application/json, which the vendor does not read as parameters")

	// What the world knows, and what an event is signed with, counts too.
	e = ask(`{"url":` + text(sign("qulive", "vodGetSts", "").URL) + `}`)
	assert.Empty(t, e.Outcome)
	e = ask(`{"url":` + text(sign("qulive", "vodGetSts", "").URL+"0") + `}`)
	assert.Equal(t, "token-refused", e.Outcome)
	require.Len(t, e.Explanation.Mistakes, 1)
	assert.Equal(t, "token-unknown", e.Explanation.Mistakes[0].Name)
	event := sign("qulive", "vodCallback", `,"body":{"EventType":"SnapshotComplete","VideoId":"v"}`).Curl
	e = ask(`{"curl":` + text(event) + `}`)
	assert.Empty(t, e.Outcome)
	assert.True(t, e.Explanation.Accepted)
	e = ask(`{"curl":` + text(event) + `,"secret":"another"}`)
	assert.Equal(t, "signature-wrong", e.Outcome)

	for body, words := range map[string]string{
		`{}`:                     `field "url" is missing`,
		`{"url":"cliparto.com"}`: "neither http",
		`{"url":"http://x","curl":"curl http://x"}`:             "one of them is wanted",
		`{"curl":"wget http://x"}`:                              "does not begin with",
		`{"url":"http://x/y"}`:                                  "leads to none of the APIs",
		`{"url":"http://x/qqtube/v1-api","method":"A B"}`:       "cannot be read",
		`{"url":"http://x/qqtube","headers":{"a":1}}`:           `field "headers.a" wants a text`,
		`{"url":"http://x/qqtube","at":"0001-01-01T00:00:00Z"}`: "years",
	} {
		b.do(http.MethodPost, "/__admin/explain", body).problem(400, words)
	}
	b.do(http.MethodPost, "/__admin/explain", `{"url":"http://x/t/nobody/qqtube/v1-api"}`).problem(404, "tenant")
	b.do(http.MethodPost, "/__admin/explain?tenant=nobody", `{"url":"http://x/qqtube/v1-api"}`).problem(404, "nobody")
}

// An entry of the journal is diagnosed as of the time when it came, without its secrets.
func TestExplainEntry(t *testing.T) {
	b := newVendors(t)
	var s signed
	b.do(http.MethodPost, "/__admin/sign", `{"api":"polyv","operation":"danmuList","params":{"vid":"kXmHMLeX6M"}}`).into(&s)
	outcome := b.call("default", request.Message{Method: "GET", URL: strings.Replace(s.URL, "&sign=", "&extra=1&sign=", 1), Header: http.Header{}})
	assert.Equal(t, "danmuList sign-wrong", outcome)
	b.wall = b.wall.Add(time.Hour)
	var e explained
	got := b.do(http.MethodGet, requests+"/1/explain", "")
	got.into(&e)
	assert.Equal(t, "sign-wrong", e.Outcome)
	assert.Contains(t, e.Explanation.Expected, "extra=1")
	assert.NotEmpty(t, e.Explanation.Mistakes)
	assert.NotContains(t, got.Body, "kXmHMLeX6M", "the secret was sent as a parameter")
	b.do(http.MethodGet, requests+"/2/explain", "").problem(404)
	b.do(http.MethodGet, requests+"/x/explain", "").problem(404)
}
