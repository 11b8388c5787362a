package verifier_test

import (
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/mediasandbox/sandbox/verifier"
)

func environment(pairs map[string]string) func(string) (string, bool) {
	return func(name string) (string, bool) { v, ok := pairs[name]; return v, ok }
}

// TestRealTarget: the example for the five vendors can be read with nothing set, and with
// everything set, and its schema takes it.
func TestRealTarget(t *testing.T) {
	data, err := os.ReadFile("../examples/targets/real.yaml")
	require.NoError(t, err)
	target, err := verifier.File("real.yaml", data, environment(nil))
	require.NoError(t, err)
	assert.Equal(t, "real", target.Name)
	assert.False(t, target.Sandbox)
	assert.NoError(t, valid(t, compile(t, verifier.TargetSchema()), string(data)))
	_, err = verifier.File("real.yaml", data, func(string) (string, bool) { return "something", true })
	assert.NoError(t, err)
}

// TestUnsetCredential: who has one account only begins with that one.
func TestUnsetCredential(t *testing.T) {
	srv := vendor(t, nil)
	text := strings.ReplaceAll("base_urls: {polyv: URL/polyv, qqtube: URL/qqtube}\ncredentials:\n  polyv: {userid: '${PV_ID}', secretkey: '${PV_KEY}'}\n  qqtube: {api_key: '${QQ_KEY}'}\n", "URL", srv.URL)
	target, err := verifier.File("team.yaml", []byte(text), environment(map[string]string{"PV_ID": "8205ac89d3", "PV_KEY": "kXmHMLeX6M"}))
	require.NoError(t, err)
	assert.Equal(t, "team", target.Name)
	got := one(t, target, verifier.Options{}, "polyv", "scenario: x\napi: polyv\nsteps: [{call: danmuList}]")
	assert.Equal(t, verifier.Pass, got.Verdict, "%+v", problems(got))
	got = one(t, target, verifier.Options{}, "qqtube", "scenario: x\napi: qqtube\nsteps: [{call: funds}]")
	assert.Equal(t, verifier.Skip, got.Verdict)
	assert.Equal(t, "the environment has no QQ_KEY, which the credential of qqtube wants", got.Reason)
	got = one(t, target, verifier.Options{}, "cliparto", "scenario: x\napi: cliparto\nsteps: [{call: ImagesTotal}]")
	assert.Equal(t, "the target has no cliparto", got.Reason)
}

func TestTargetVars(t *testing.T) {
	srv := vendor(t, nil)
	target := foreign(t, srv.URL, "vars: {clip: 5, user: '${NOT_SET}'}\n")
	got := one(t, target, verifier.Options{}, "interstream", "scenario: x\napi: interstream\nvars: {clip: 1, other: 2}\nsteps:\n  - check: [vars.clip == 5, vars.other == 2]\n")
	assert.Equal(t, verifier.Pass, got.Verdict, "%+v", problems(got))
	got = one(t, target, verifier.Options{}, "interstream", "scenario: x\napi: interstream\nneeds: [vars.user]\nsteps:\n  - check: [vars.user == 5]\n")
	assert.Equal(t, "the target gives no vars.user", got.Reason)
}

// TestTimeScale: where life is faster, less is waited.
func TestTimeScale(t *testing.T) {
	srv := vendor(t, nil)
	got := one(t, foreign(t, srv.URL, "time_scale: 36000\n"), verifier.Options{}, "interstream", "scenario: x\napi: interstream\nsteps:\n  - advance: 1h\n  - {call: getContentVote, with: {iq: 1, contentID: 1}}\n")
	assert.Equal(t, verifier.Pass, got.Verdict, "%+v", got)
}

func TestTargetMistakes(t *testing.T) {
	const head = "base_urls: {polyv: https://x}\n"
	for name, row := range map[string]struct{ text, want string }{
		"no bases":         {"name: x", `1:1: a target wants the key "base_urls"`},
		"unknown API":      {"base_urls: {polly: https://x}", `1:13: "polly" is not a key of base_urls; did you mean "polyv"?`},
		"no URL":           {"base_urls: {polyv: x}", "1:20: a base URL has a scheme, a host"},
		"an unset URL":     {"base_urls: {polyv: '${HERE}/x'}", "1:20: the environment has no HERE"},
		"in clear":         {head + "credentials: {polyv: {userid: u, secretkey: sEcReT}}", "2:34: secretkey stands here in clear; take it from the environment, ${POLYV_SECRETKEY}, or say allow_clear_credentials: true"},
		"half in clear":    {head + "credentials: {polyv: {userid: u, secretkey: 'sEcReT${X}'}}", "secretkey stands here in clear"},
		"an unknown key":   {head + "credentials: {polyv: {userid: u, secretkei: sEcReT}}", `2:34: "secretkei" is not a key of the credential of polyv; did you mean "secretkey"?`},
		"half a key":       {head + "credentials: {polyv: {userid: u}}", "2:15: the credential of polyv wants secretkey"},
		"an account":       {head + "accounts: {foreign: {polyv: {userid: u, secretkey: sEcReT}}}", "stands here in clear"},
		"own":              {head + "accounts: {own: {polyv: {userid: u, secretkey: '${K}'}}}", `"own" is no name for an account`},
		"an effect":        {head + "allow: [everything]", `2:9: "everything" is not an effect`},
		"a pace":           {head + "pace: {polyv: {every: often}}", `2:23: "often" is not a duration such as 20s or 1h`},
		"half a pace":      {head + "pace: {polyv: {requests: 3}}", "requests and per belong together"},
		"no budget":        {head + "budget: 0", "2:9: a budget is a number of requests from 1"},
		"no time":          {head + "time_scale: 0", "2:13: time_scale is a number such as 1"},
		"no unit":          {head + "patience: 20", "2:11: 20 wants a unit: 20s"},
		"a broken file":    {head + "credentials: {polyv: {secretkey: sEcReT", "2:22: could not find flow mapping end token"},
		"a misspelt key":   {head + "credentails: {}", `"credentails" is not a key of a target; did you mean "credentials"?`},
		"a block in clear": {head + "credentials:\n  polyv:\n    userid: u\n    secretkey: |\n      sEcReT\n    other: x", `"other" is not a key of the credential of polyv`},
	} {
		t.Run(name, func(t *testing.T) {
			target, err := verifier.File("t.yaml", []byte(row.text), environment(nil))
			assert.Nil(t, target)
			var mistakes verifier.Mistakes
			require.ErrorAs(t, err, &mistakes)
			assert.Contains(t, err.Error(), row.want)
			assert.NotContains(t, err.Error(), "sEcReT", "what is refused for being shown is not shown")
		})
	}
}

// TestNothingLeaks: at a foreign target whose scenarios fail, no secret is in the report.
func TestNothingLeaks(t *testing.T) {
	srv := vendor(t, func(r *http.Request, w *httptest.ResponseRecorder) {
		w.Body.WriteString("\n" + r.URL.String() + " kXmHMLeX6M")
	})
	got := one(t, foreign(t, srv.URL, ""), verifier.Options{}, "polyv", `scenario: x
api: polyv
steps:
  - {call: danmuList, check: ["text == credential.secretkey"], save: {a: credential.secretkey}}
`)
	assert.Equal(t, verifier.Fail, got.Verdict)
	text, err := jsonOf(got)
	require.NoError(t, err)
	assert.NotContains(t, text, "kXmHMLeX6M")
	assert.NotRegexp(t, `sign=[0-9A-F]{40}`, text)
	assert.Contains(t, text, "sign=***")
}

func FuzzTargetFile(f *testing.F) {
	f.Add(exampleTarget)
	f.Add("base_urls: {polyv: ${X}}\npace: {polyv: {every: 1s}}")
	f.Fuzz(func(t *testing.T, text string) {
		target, err := verifier.File("t.yaml", []byte(text), environment(map[string]string{"X": "https://x"}))
		if (err == nil) == (target == nil) {
			t.Fatalf("%v %v", target, err)
		}
		_, _ = verifier.LoadBaseline("b.yaml", []byte(text))
	})
}
