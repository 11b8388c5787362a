package verifier_test

import (
	"bytes"
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/mediasandbox/sandbox/verifier"
)

// vendor is the default tenant of a sandbox, which a test takes for a vendor's server:
// spoil changes its replies.
func vendor(t *testing.T, spoil func(r *http.Request, w *httptest.ResponseRecorder)) *httptest.Server {
	t.Helper()
	inner := sandbox(t)
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		rec := httptest.NewRecorder()
		inner.ServeHTTP(rec, r)
		if spoil != nil {
			spoil(r, rec)
		}
		for k, v := range rec.Header() {
			w.Header()[k] = v
		}
		w.Header().Del("Content-Length")
		w.WriteHeader(rec.Code)
		w.Write(rec.Body.Bytes())
	}))
	t.Cleanup(srv.Close)
	return srv
}

// say replaces a text in every reply.
func say(from, to string) func(*http.Request, *httptest.ResponseRecorder) {
	return func(_ *http.Request, w *httptest.ResponseRecorder) {
		body := strings.ReplaceAll(w.Body.String(), from, to)
		w.Body = bytes.NewBufferString(body)
	}
}

const exampleTarget = `
name: vendor
allow_clear_credentials: true
base_urls: {interstream: URL/interstream, qqtube: URL/qqtube, polyv: URL/polyv, cliparto: URL/cliparto, qulive: URL/qulive}
credentials:
  interstream: {key: 1b323a1cb879fd4e66530fbad07a32ee, secret: MWIzMjNhMWNiODc5ZmQ0ZTY2NTMwZmJhZDA3YTMyZWViOTQ3MDJiOGM2ZTU2NjE3}
  qqtube: {api_key: 172a1c261d1d84916d9e7321153d0416acab98fc}
  polyv: {userid: 8205ac89d3, secretkey: kXmHMLeX6M}
  cliparto: {id: "176050", api_code: 8zn2eBj90M0F}
  qulive: {username: demo, password: demo}
accounts:
  foreign: {polyv: {userid: "3828390191", secretkey: tIQp4ATe9Z}}
`

func foreign(t *testing.T, url, more string) *verifier.Target {
	t.Helper()
	target, err := verifier.File("vendor.yaml", []byte(strings.ReplaceAll(exampleTarget+more, "URL", url)), func(string) (string, bool) { return "", false })
	require.NoError(t, err)
	return target
}

// one loads a scenario of one API and runs it.
func one(t *testing.T, target *verifier.Target, o verifier.Options, api, text string) verifier.ScenarioResult {
	t.Helper()
	report := several(t, target, o, api, text)
	require.Len(t, report.Scenarios, 1)
	return report.Scenarios[0]
}

func several(t *testing.T, target *verifier.Target, o verifier.Options, api string, texts ...string) *verifier.Report {
	t.Helper()
	files := fstest.MapFS{}
	for i, text := range texts {
		files[api+"/"+string(rune('a'+i))+".yaml"] = &fstest.MapFile{Data: []byte(text)}
	}
	list, err := verifier.Source{FS: files}.Load()
	require.NoError(t, err)
	report, err := verifier.Run(t.Context(), target, o, list...)
	require.NoError(t, err)
	return report
}

func problems(r verifier.ScenarioResult) []verifier.Problem {
	var out []verifier.Problem
	for _, s := range r.Steps {
		out = append(out, s.Problems...)
	}
	return out
}

const strangeKey = `scenario: x
api: interstream
steps:
  - call: getContentVote
    with: {iq: 1, contentID: 1}
    tamper: {sign: {id: nobody}}
    expect: {outcome: key-unknown}
`

const wrongUser = `scenario: x
api: interstream
steps:
  - {call: getContentVote, with: {iq: -1, contentID: 1}, expect: {outcome: user-id-invalid}}
`

// TestVerdicts: documented words are held to the letter everywhere, assumed ones by class
// at a foreign target.
func TestVerdicts(t *testing.T) {
	for name, row := range map[string]struct {
		spoil    func(*http.Request, *httptest.ResponseRecorder)
		scenario string
		foreign  verifier.Verdict
		sandbox  verifier.Verdict
		class    string
	}{
		"as it should be":                   {nil, strangeKey, verifier.Pass, verifier.Pass, ""},
		"an assumed text is another":        {say("Invalid key", "No such key"), strangeKey, verifier.Refuted, verifier.Fail, "outcome"},
		"an assumed refusal is another one": {say("Invalid key", "Invalid signature"), strangeKey, verifier.Refuted, verifier.Fail, "outcome"},
		"an assumed refusal is none":        {say(`{"error":"REQUEST_ERROR","error_long":"Invalid key"}`, `{"vote":1}`), strangeKey, verifier.Fail, verifier.Fail, "outcome"},
		"a documented text is another":      {say("Invalid User ID", "Wrong User ID"), wrongUser, verifier.Drift, verifier.Drift, "outcome"},
		"a documented refusal is another":   {say("Invalid User ID", "Invalid Content ID"), wrongUser, verifier.Fail, verifier.Fail, "outcome"},
		"a field too many":                  {say(`"error_long"`, `"hint":"x","error_long"`), wrongUser, verifier.Drift, verifier.Drift, "field-added"},
		"another content type": {func(_ *http.Request, w *httptest.ResponseRecorder) {
			w.Header().Set("Content-Type", "text/html")
		}, wrongUser, verifier.Drift, verifier.Drift, "content-type"},
		"another status": {func(r *http.Request, w *httptest.ResponseRecorder) {
			if strings.Contains(r.URL.Path, "interstream") {
				w.Code = 400
			}
		}, wrongUser, verifier.Drift, verifier.Drift, "status"},
		"broken JSON": {func(r *http.Request, w *httptest.ResponseRecorder) {
			if strings.Contains(r.URL.Path, "interstream") {
				w.Body.Truncate(w.Body.Len() - 1)
			}
		}, wrongUser, verifier.Drift, verifier.Drift, "type"},
	} {
		t.Run(name, func(t *testing.T) {
			srv := vendor(t, row.spoil)
			got := one(t, foreign(t, srv.URL, ""), verifier.Options{}, "interstream", row.scenario)
			assert.Equal(t, row.foreign, got.Verdict, "%+v", problems(got))
			if row.class != "" {
				require.NotEmpty(t, problems(got))
				assert.Equal(t, row.class, problems(got)[0].Class, "%+v", problems(got))
			}
			target, err := verifier.URL(srv.URL, "")
			require.NoError(t, err)
			got = one(t, target, verifier.Options{}, "interstream", row.scenario)
			assert.Equal(t, row.sandbox, got.Verdict, "%+v", problems(got))
		})
	}
}

// TestRefuted: what the vendor said is in the report, so that the assumption can be replaced.
func TestRefuted(t *testing.T) {
	srv := vendor(t, say("Invalid key", "No such key"))
	got := one(t, foreign(t, srv.URL, ""), verifier.Options{}, "interstream", strangeKey)
	p := problems(got)
	require.Len(t, p, 1)
	assert.Equal(t, verifier.Refuted, p[0].Verdict)
	assert.Equal(t, "key-unknown", p[0].Expected)
	assert.Contains(t, p[0].Actual, "No such key")
	assert.Contains(t, p[0].Contract, "assumed")
}

// TestMeasure: words that are none of the contract's are held to those expected, where one
// outcome is; else to those they are most like.
func TestMeasure(t *testing.T) {
	target, err := verifier.URL(vendor(t, say("ERROR: wrong md5", "ERROR: quite wrong md5")).URL, "")
	require.NoError(t, err)
	for expect, want := range map[string]struct{ expected, contract string }{
		"outcome: md5-wrong":              {`"ERROR: wrong md5"`, "expected is md5-wrong ("},
		"outcome: [md5-wrong, q-missing]": {`"ERROR: id is missing"`, "nearest is id-missing ("},
	} {
		got := one(t, target, verifier.Options{}, "cliparto", "scenario: x\napi: cliparto\nsteps: [{call: BalanceCurrent, tamper: {sign: {secret: wrong}}, expect: {"+expect+"}}]")
		require.NotEmpty(t, problems(got))
		p := problems(got)[0]
		assert.Equal(t, verifier.Drift, p.Verdict)
		assert.Equal(t, want.expected, p.Expected)
		assert.Equal(t, `"ERROR: quite wrong md5"`, p.Actual)
		assert.Contains(t, p.Contract, want.contract)
	}
}

// TestAllowed: nothing but read runs at a foreign target unless allowed.
func TestAllowed(t *testing.T) {
	var asked atomic.Int64
	srv := vendor(t, func(*http.Request, *httptest.ResponseRecorder) { asked.Add(1) })
	const vote = "scenario: x\napi: interstream\nsteps:\n  - {call: setContentVote, with: {iq: 7, contentID: 7, vote: like}, save: {v: body.ok}}\n"
	got := one(t, foreign(t, srv.URL, ""), verifier.Options{}, "interstream", vote)
	assert.Equal(t, verifier.Skip, got.Verdict)
	assert.Equal(t, "write is not allowed at this target (see --allow)", got.Reason)
	assert.Zero(t, asked.Load())

	report := several(t, foreign(t, srv.URL, ""), verifier.Options{Allow: []string{"write"}}, "interstream", vote)
	assert.Equal(t, verifier.Pass, report.Scenarios[0].Verdict)
	assert.Equal(t, []verifier.Created{{Operation: "setContentVote", What: "x: v = \"Vote was registered\""}}, report.Created)

	withCleanup := strings.Replace(vote, "steps:", "cleanup:\n  - {call: setContentVote, with: {iq: 7, contentID: 7, vote: dislike}}\nsteps:", 1)
	srv = vendor(t, nil)
	report = several(t, foreign(t, srv.URL, "allow: [write]\n"), verifier.Options{}, "interstream", withCleanup)
	assert.Equal(t, verifier.Pass, report.Scenarios[0].Verdict)
	assert.Empty(t, report.Created, "it was cleaned up")
}

func TestSkips(t *testing.T) {
	srv := vendor(t, nil)
	target := foreign(t, srv.URL, "budget: 2\npatience: 10s\n")
	for name, row := range map[string]struct{ text, reason string }{
		"clock":           {"needs: [clock]\nsteps: [{call: danmuList}]", "the target has no clock that can be moved"},
		"tenants":         {"needs: [tenants]\nsteps: [{call: danmuList}]", "the target has no tenants"},
		"force":           {"steps: [{force: {operation: danmuList, outcome: internal-error}}, {call: danmuList, expect: {outcome: internal-error}}]", "the target cannot be asked for an outcome"},
		"state":           {"steps: [{state: {get: /}}]", "the target's state cannot be controlled"},
		"vars":            {"needs: [vars.vid]\nsteps: [{call: authplayStatus, with: {vid: '${vars.vid}'}}]", "the target gives no vars.vid"},
		"an account":      {"needs: [accounts.third]\nsteps: [{call: danmuList, as: third}]", "the target has no account third for polyv"},
		"patience":        {"steps: [{advance: 11s}]", "it would wait 11s, the target's patience is 10s"},
		"a long until":    {"steps: [{call: danmuList, check: ['true'], until: {within: 1h, every: 1s}}]", "it would wait 1h0m0s, the target's patience is 10s"},
		"budget":          {"steps: [{call: danmuList}, {call: danmuList}, {call: danmuList}]", "what is left of the target's budget of 2 requests does not pay for it"},
		"a budget late":   {"steps: [{forEach: '[1, 2, 3]', do: [{call: danmuList}]}]", "the target's budget of 2 requests is spent"},
		"a patience late": {"steps: [{advance: '${\"11s\"}'}]", "it would wait 11s, the target's patience is 10s"},
	} {
		t.Run(name, func(t *testing.T) {
			got := one(t, target, verifier.Options{}, "polyv", "scenario: x\napi: polyv\n"+row.text)
			assert.Equal(t, verifier.Skip, got.Verdict, "%+v", got)
			assert.Equal(t, row.reason, got.Reason)
		})
	}
}

// TestForeignAccount: another account is another account, with the rights of its own.
func TestForeignAccount(t *testing.T) {
	srv := vendor(t, nil)
	got := one(t, foreign(t, srv.URL, ""), verifier.Options{}, "polyv", `scenario: x
api: polyv
steps:
  - {call: danmuList, as: foreign, check: ["foreign.id == '3828390191'", "credential.id == '8205ac89d3'", "foreign.secretkey != credential.secretkey"]}
`)
	assert.Equal(t, verifier.Pass, got.Verdict, "%+v", problems(got))
	assert.Contains(t, got.Steps[0].Exchange.URL, "/v2/danmu/3828390191")
}

// TestDeclaredAccount: an account that needs declares is one of the target's, and at a
// sandbox one that is made for it.
func TestDeclaredAccount(t *testing.T) {
	const text = `scenario: x
api: polyv
needs: [accounts.reseller]
steps:
  - {call: danmuList, as: reseller, expect: {outcome: listed}}
  - {call: danmuList, as: reseller, expect: {outcome: listed}, save: {other: credential.id}}
`
	srv := vendor(t, nil)
	named := strings.Replace(exampleTarget, "  foreign:", "  reseller: {polyv: {userid: \"3828390191\", secretkey: tIQp4ATe9Z}}\n  foreign:", 1)
	target, err := verifier.File("vendor.yaml", []byte(strings.ReplaceAll(named, "URL", srv.URL)), func(string) (string, bool) { return "", false })
	require.NoError(t, err)
	for name, target := range map[string]*verifier.Target{"a target that has it": target, "a sandbox": verifier.InProcess(sandbox(t))} {
		got := one(t, target, verifier.Options{}, "polyv", text)
		assert.Equal(t, verifier.Pass, got.Verdict, "%s: %+v", name, problems(got))
	}
	got := one(t, foreign(t, srv.URL, ""), verifier.Options{}, "polyv", text)
	assert.Equal(t, verifier.Skip, got.Verdict)
	assert.Equal(t, "the target has no account reseller for polyv", got.Reason)
}

func TestUnreachable(t *testing.T) {
	srv := httptest.NewServer(http.NotFoundHandler())
	srv.Close()
	target, err := verifier.URL(srv.URL, "")
	require.NoError(t, err)
	list, err := load(t, "scenario: x\napi: qqtube\nsteps: [{call: funds}]")
	require.NoError(t, err)
	for name, target := range map[string]*verifier.Target{"a sandbox": target, "a vendor": foreign(t, srv.URL, "")} {
		t.Run(name, func(t *testing.T) {
			report, err := verifier.Run(t.Context(), target, verifier.Options{}, list...)
			assert.Nil(t, report)
			var gone *verifier.UnreachableError
			require.ErrorAs(t, err, &gone)
			assert.NotContains(t, err.Error(), "\n")
			assert.Contains(t, err.Error(), "connection refused")
		})
	}
	t.Run("no sandbox", func(t *testing.T) {
		srv := httptest.NewServer(http.NotFoundHandler())
		defer srv.Close()
		target, err := verifier.URL(srv.URL, "")
		require.NoError(t, err)
		_, err = verifier.Run(t.Context(), target, verifier.Options{}, list...)
		assert.ErrorContains(t, err, "no sandbox's admin API answers there")
	})
	t.Run("no such URL", func(t *testing.T) {
		for _, raw := range []string{"", "localhost:7311", "ftp://x", "http://", "http://u:p@x", "http://x?y"} {
			_, err := verifier.URL(raw, "")
			assert.Error(t, err, raw)
		}
	})
}

// TestStopped: a run that is stopped ends at once, with what there is, and cleans up.
func TestStopped(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	var mu sync.Mutex
	var votes []string
	srv := vendor(t, func(r *http.Request, _ *httptest.ResponseRecorder) {
		mu.Lock()
		defer mu.Unlock()
		votes = append(votes, r.URL.Query().Get("iq"))
		if len(votes) == 1 {
			cancel()
		}
	})
	files := fstest.MapFS{"interstream/a.yaml": {Data: []byte(`scenario: x
api: interstream
steps:
  - {call: setContentVote, with: {iq: 1, contentID: 7, vote: like}}
  - {call: setContentVote, with: {iq: 2, contentID: 7, vote: like}}
cleanup:
  - {call: setContentVote, with: {iq: 3, contentID: 7, vote: like}}
  - {call: setContentVote, with: {iq: 4, contentID: 7, vote: like}}
`)}, "interstream/b.yaml": {Data: []byte("scenario: y\napi: interstream\nsteps: [{call: getContentVote, with: {iq: 1, contentID: 1}}]")}}
	list, err := verifier.Source{FS: files}.Load()
	require.NoError(t, err)
	report, err := verifier.Run(ctx, foreign(t, srv.URL, "allow: [write]\n"), verifier.Options{}, list...)
	require.NoError(t, err)
	require.Len(t, report.Scenarios, 2)
	assert.Equal(t, verifier.Skip, report.Scenarios[0].Verdict)
	assert.Equal(t, "the run was stopped", report.Scenarios[0].Reason)
	assert.Equal(t, "the run was stopped", report.Scenarios[1].Reason)
	mu.Lock()
	defer mu.Unlock()
	assert.Equal(t, []string{"1", "4", "3"}, votes, "last first, and nothing of the second scenario")
}
