package verifier_test

import (
	"strings"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/mediasandbox/sandbox/verifier"
)

// load reads one scenario that is written in a test.
func load(t testing.TB, text string, shared ...string) ([]*verifier.Scenario, error) {
	t.Helper()
	files := fstest.MapFS{"qqtube/s.yaml": {Data: []byte(text)}}
	if len(shared) > 0 {
		files["qqtube/_shared.yaml"] = &fstest.MapFile{Data: []byte(shared[0])}
	}
	return verifier.Source{FS: files}.Load()
}

// TestMistakes: each is told with its place and what would be right.
func TestMistakes(t *testing.T) {
	const head = "scenario: x\napi: qqtube\nsteps:\n"
	for name, row := range map[string]struct{ text, want string }{
		"no YAML":                             {"scenario: [x", `qqtube/s.yaml:1:11: sequence end token ']' not found`},
		"a list":                              {"- x", "1:1: a scenario wants a mapping, this is a list"},
		"an unknown API":                      {"scenario: x\napi: qqtub\nsteps: [{call: funds}]", `2:6: no API is called "qqtub"; did you mean "qqtube"?`},
		"an unknown key":                      {"scenario: x\napi: qqtube\nstep: []\nsteps: [{call: funds}]", `3:1: "step" is not a key of a scenario; did you mean "steps"?`},
		"a key twice":                         {"scenario: x\nscenario: y", `2:1: mapping key "scenario" already defined`},
		"an alias":                            {"scenario: &a x\napi: *a", "2:6: anchors and aliases are not read here"},
		"an unknown operation":                {head + "  - call: fund", `4:11: qqtube has no operation "fund"; did you mean "funds"?`},
		"an unknown parameter":                {head + "  - call: stats\n    with: {id_service_submision: 1}", `5:12: stats has no parameter "id_service_submision"; did you mean "id_service_submission"?`},
		"an unknown outcome":                  {head + "  - call: funds\n    expect: {outcome: invalid-api-kee}", `5:23: funds has no outcome "invalid-api-kee"; did you mean "invalid-api-key"?`},
		"an outcome of another":               {head + "  - call: funds\n    expect: {outcome: quantity-missing}", `funds has no outcome "quantity-missing"`},
		"a verb misspelt":                     {head + "  - cal: funds", `4:5: "cal" is not a key of a step; did you mean "call"?`},
		"no verb":                             {head + "  - name: funds", "4:5: a step wants one of call, raw, advance, force, state, forEach, use"},
		"two verbs":                           {head + "  - call: funds\n    advance: 1h", "5:5: a step does one thing: call or advance"},
		"a missing parameter":                 {head + "  - call: stats", `4:11: stats wants the parameter "id_service_submission"`},
		"a value outside":                     {head + "  - call: submissions\n    with: {limit: 501}", "5:19: limit of submissions is above the maximum 500"},
		"a signed parameter":                  {"scenario: x\napi: polyv\nsteps: [{call: danmuList, with: {sign: x}}]", "3:34: sign is set when the request is signed; spoil it with tamper"},
		"a pin":                               {head + "  - call: funds\n    with: {action: stats}", "5:12: action=stats selects another operation than funds"},
		"a weak tag":                          {"scenario: x\napi: qqtube\ntags: [read]\nsteps:\n  - call: add\n    expect: {outcome: url-missing}", "3:8: the steps do more than read at a real vendor: paid"},
		"two effects":                         {"scenario: x\napi: qqtube\ntags: [paid, read]\nsteps: [{call: funds}]", "3:14: paid and read are two effects"},
		"an unknown name":                     {head + "  - call: stats\n    with: {id_service_submission: \"${ordr}\"}", `5:38: in the expression "ordr": unknown name ordr`},
		"a name before its time":              {head + "  - {call: stats, with: {id_service_submission: \"${order}\"}}\n  - {call: submissions, save: {order: \"body[0].id\"}}", `unknown name order`},
		"a wrong expression":                  {head + "  - call: funds\n    check: [1 +]", `5:15: in the expression "1 +": unexpected token EOF`},
		"an open expression":                  {head + "  - call: stats\n    with: {id_service_submission: \"${1\"}", "5:35: ${ without its }"},
		"an unknown var":                      {head + "  - call: stats\n    with: {id_service_submission: \"${vars.order}\"}", `in the expression "vars.order": unknown field order`},
		"body before a reply":                 {head + "  - call: stats\n    with: {id_service_submission: \"${body.x}\"}", "unknown name body"},
		"a reserved name":                     {head + "  - call: funds\n    save: {body: body}", `5:12: "body" means something already`},
		"a wrong pattern":                     {head + "  - call: funds\n    expect: {body: {funds: {pattern: \"(\"}}}", `5:38: "(" is no regular expression`},
		"a misspelt matcher":                  {head + "  - call: funds\n    expect: {body: {funds: {min: 1, maks: 2}}}", `5:37: "maks" is no matcher; did you mean "max"?`},
		"a misspelt matcher alone":            {head + "  - call: funds\n    expect: {body: {funds: {typ: string}}}", `5:29: "typ" is no matcher; did you mean "type"?`},
		"a misspelt need":                     {"scenario: x\napi: qqtube\nneeds: [clok]\nsteps: [{call: funds}]", `did you mean "clock"?`},
		"a misspelt account":                  {head + "  - {call: funds, as: forein}", `4:23: no account of this scenario is called "forein"; did you mean "foreign"?`},
		"an account that is not declared":     {head + "  - {call: funds, as: reseller}", `4:23: no account of this scenario is called "reseller"; there are own, foreign, and those that needs declares as accounts.NAME`},
		"a misspelt account of its own":       {"scenario: x\napi: qqtube\nneeds: [accounts.reseller]\nsteps: [{call: funds, as: resellr}]", `4:27: no account of this scenario is called "resellr"; did you mean "reseller"?`},
		"a misspelt path of state control":    {head + "  - state: {post: /fund, body: {add: \"1\"}}", `4:19: the state control of qqtube has no path "/fund"; did you mean "/funds"?`},
		"a path of state control with values": {head + "  - state: {post: \"/orders/${unique()}/refunt\", body: {}}", `did you mean "/orders/{id}/refund"?`},
		"a method of state control":           {head + "  - state: {get: /funds}", `/funds answers to post, not to get`},
		"a method of the whole state":         {head + "  - state: {delete: /}", `the state as a whole answers to get and put, not to delete`},
		"a matcher's type":                    {head + "  - call: funds\n    expect: {body: {funds: {type: text}}}", `5:35: "text" is not a JSON type`},
		"until without aim":                   {head + "  - call: funds\n    until: {within: 1h, every: 1m}", "5:5: until waits for expect or check"},
		"no time":                             {head + "  - advance: 0s", `4:14: "0s" is no time to wait`},
		"raw without expect":                  {head + "  - raw: {path: /x}", "4:5: a raw request has no success of its own"},
		"tamper undeclared":                   {head + "  - call: funds\n    tamper: {set: {api_kee: x}}", `5:20: funds has no parameter "api_kee"; an undeclared one is added with add; did you mean "api_key"?`},
		"a method of its own":                 {head + "  - call: add\n    method: GET\n    expect: {outcome: url-missing}", "5:13: add does not answer to GET, only to POST"},
		"unknown shared steps":                {head + "  - use: ordr", `4:10: no shared steps are called "ordr"; did you mean "order"?`},
		"shared parameters":                   {head + "  - use: order\n    with: {urk: x}", `5:12: "urk" is not a parameter of order; did you mean "url"?`},
		"a missing parameter of shared steps": {head + "  - use: order", `4:10: order wants the parameter "url"`},
		"steps that use themselves":           {head + "  - use: round", `_shared.yaml:5:17: the shared steps "round" use themselves`},
		"force without rule":                  {head + "  - force: {operation: funds, outcome: nothing}", `4:40: funds has no outcome "nothing"`},
		"no steps":                            {"scenario: x\napi: qqtube\nsteps: []", "3:8: there is no step"},
		"too deep":                            {"scenario: " + strings.Repeat("[", 100), "values are nested more than 60 deep"},
		"too long":                            {"scenario: x\n# " + strings.Repeat("x", 300<<10), "bytes, at most 262144 are read"},
	} {
		t.Run(name, func(t *testing.T) {
			const shared = "order:\n  params: [url]\n  steps: [{call: funds}]\nround:\n  steps: [{use: round}]\n"
			list, err := load(t, row.text, shared)
			assert.Nil(t, list)
			var mistakes verifier.Mistakes
			require.ErrorAs(t, err, &mistakes)
			assert.Contains(t, err.Error(), row.want)
		})
	}
}

// TestMistakesAllAtOnce: nobody has to run the loader ten times.
func TestMistakesAllAtOnce(t *testing.T) {
	_, err := load(t, `scenario: x
api: qqtube
tags: [read, 3]
stepz: 1
steps:
  - call: fundz
  - call: stats
    with: {nothing: 1}
    expect: {outcome: nowhere, body: {x: {pattern: "["}}}
  - advance: soon
  - {call: funds, save: {f: body.funds}, expekt: 1}
  - {call: stats, with: {id_service_submission: "${f}"}, expect: {outcome: elsewhere}}
  - use: broken
cleanup: x
`, "broken:\n  steps:\n    - call: fundz\n")
	var mistakes verifier.Mistakes
	require.ErrorAs(t, err, &mistakes)
	var lines []int
	for _, m := range mistakes {
		lines = append(lines, m.Line)
	}
	assert.Equal(t, []int{3, 4, 6, 8, 9, 9, 10, 11, 12, 14, 3}, lines, "%v", err)
}

// TestMistakeText: the line, and a caret below the place.
func TestMistakeText(t *testing.T) {
	_, err := load(t, "scenario: x\napi: qqtube\nsteps:\n\t- x")
	require.Error(t, err)
	_, err = load(t, "scenario: x\napi: qqtube\nsteps:\n  - call: ad\n")
	require.Error(t, err)
	assert.Equal(t, "qqtube/s.yaml:4:11: qqtube has no operation \"ad\"; did you mean \"add\"?\n  4 |   - call: ad\n    |           ^", err.Error())
}

func TestDuplicateNames(t *testing.T) {
	one := "scenario: x\napi: qqtube\nsteps: [{call: funds}]"
	_, err := verifier.Source{FS: fstest.MapFS{"qqtube/a.yaml": {Data: []byte(one)}, "qqtube/b.yaml": {Data: []byte(one)}}}.Load()
	assert.ErrorContains(t, err, `qqtube/b.yaml:1:1: a scenario of this name is in qqtube/a.yaml too: "x"`)
}

func TestLoaded(t *testing.T) {
	list, err := load(t, `scenario: an order
api: qqtube
about: words
tags: [slow]
needs: [vars.url]
steps:
  - call: add
    with: {url: "${vars.url}", quantity: 1, id_service: 3}
  - force: {operation: funds, outcome: internal-error}
  - {call: stats, as: foreign, with: {id_service_submission: 1}, expect: {outcome: submission-unknown}}
`)
	require.NoError(t, err)
	require.Len(t, list, 1)
	sc := list[0]
	assert.Equal(t, "an order", sc.Name)
	assert.Equal(t, "words", sc.About)
	assert.Equal(t, "paid", sc.Effect, "the strongest effect of its steps")
	assert.Equal(t, []string{"paid", "slow"}, sc.Tags)
	assert.Equal(t, []string{"vars.url", "force", "foreign"}, sc.Needs)
	assert.Equal(t, 1, sc.Line)
}

// FuzzLoad: a scenario file with a mistake never panics, and is either whole or refused.
func FuzzLoad(f *testing.F) {
	for _, seed := range []string{
		"scenario: x\napi: qqtube\nsteps: [{call: funds}]",
		"scenario: x\napi: qqtube\nsteps:\n  - call: stats\n    with: {id_service_submission: \"${1 + \\\"a\\\"}\"}\n    expect: {body: {x: {every: {min: 1}}}}",
		"scenario: x\napi: polyv\nsteps:\n  - forEach: [1, {a: ${2}}]\n    do: [{call: danmuList, tamper: {sign: {at: -4m}}}]",
		"scenario: x\napi: qqtube\nsteps: [{use: a, with: ${x}}]",
		"a: &x [*x]", "? {}", "- - - a", "\"", "%TAG ! x", "a: !!binary x", "${", "a: |\n  ${", "'': ''", "~: ~",
	} {
		f.Add(seed, "a:\n  params: [x]\n  steps: [{use: a}]")
	}
	docs := documents(f)
	f.Fuzz(func(t *testing.T, text, shared string) {
		files := fstest.MapFS{"qqtube/s.yaml": {Data: []byte(text)}, "qqtube/_shared.yaml": {Data: []byte(shared)}}
		list, err := verifier.Source{FS: files, Documents: docs}.Load()
		if (err == nil) != (len(list) == 1) {
			t.Fatalf("%d scenarios and the error %v", len(list), err)
		}
		if err != nil {
			var mistakes verifier.Mistakes
			require.ErrorAs(t, err, &mistakes)
			require.NotEmpty(t, mistakes)
		}
	})
}
