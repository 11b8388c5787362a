package verifier_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/mediasandbox/sandbox/verifier"
)

// answered is a report of one step that was answered so.
func answered(outcome string, status int, ctype, reply string) *verifier.Report {
	return &verifier.Report{Scenarios: []verifier.ScenarioResult{{Name: "s", API: "qqtube", Steps: []verifier.StepResult{{
		Name: "step", Operation: "funds", Outcome: outcome, File: "f.yaml", Line: 3,
		Exchange: &verifier.Exchange{Status: status, Headers: map[string]string{"Content-Type": ctype}, Reply: reply},
	}}}}}
}

func TestCompare(t *testing.T) {
	const js = "application/json"
	type diff struct{ class, pointer, a, b string }
	for name, row := range map[string]struct {
		a, b *verifier.Report
		want []diff
	}{
		"alike":               {answered("ok", 200, js, `{"a":1,"b":"x"}`), answered("ok", 200, "application/json", `{"a":2,"b":"y"}`), nil},
		"spelt alike":         {answered("ok", 200, "text/html; charset=UTF-8", `x`), answered("ok", 200, "text/html;charset=utf-8", `y`), nil},
		"status":              {answered("ok", 200, js, `{}`), answered("ok", 201, js, `{}`), []diff{{"status", "", "200", "201"}}},
		"content type":        {answered("ok", 200, js, `{}`), answered("ok", 200, "text/html", `{}`), []diff{{"content-type", "", `"application/json"`, `"text/html"`}}},
		"outcome":             {answered("ok", 200, js, `{"a":1}`), answered("no", 200, js, `{"b":1}`), []diff{{"outcome", "", "ok", "no"}}},
		"no outcome":          {answered("ok", 200, js, `{"a":1}`), answered("", 200, js, `{"b":1}`), []diff{{"outcome", "", "ok", `none: {"b":1}`}}},
		"a field more":        {answered("ok", 200, js, `{"a":1}`), answered("ok", 200, js, `{"a":1,"b":2}`), []diff{{"field-added", "/b", "nothing", "number"}}},
		"a field less":        {answered("ok", 200, js, `[{"a":1,"b":2},{"a":1}]`), answered("ok", 200, js, `[{"a":1}]`), []diff{{"field-removed", "/*/b", "number", "nothing"}}},
		"another type":        {answered("ok", 200, js, `{"a":{"b":"1"}}`), answered("ok", 200, js, `{"a":{"b":1}}`), []diff{{"type", "/a/b", "string", "number"}}},
		"null now and then":   {answered("ok", 200, js, `[{"a":null},{"a":"x"}]`), answered("ok", 200, js, `[{"a":"y"}]`), nil},
		"an empty list":       {answered("ok", 200, js, `{"a":[]}`), answered("ok", 200, js, `{"a":[{"b":1}]}`), nil},
		"another order":       {answered("ok", 200, js, `{"a":1,"b":2,"c":3}`), answered("ok", 200, js, `{"b":1,"x":0,"a":2,"c":3}`), []diff{{"field-added", "/x", "nothing", "number"}, {"order", "", "a, b, c", "b, a, c"}}},
		"JSON and none":       {answered("ok", 200, js, `{"a":1}`), answered("ok", 200, js, `<a>`), []diff{{"type", "", "JSON", "no JSON"}}},
		"wrapped":             {answered("ok", 200, "application/javascript", `cb({"a":1})`), answered("ok", 200, "application/javascript", `x.y({"a":"1"})`), []diff{{"type", "/a", "number", "string"}}},
		"one was not reached": {answered("ok", 200, js, `{}`), answered("", 0, "", ``), nil},
	} {
		t.Run(name, func(t *testing.T) {
			var got []diff
			for _, d := range verifier.Compare(row.a, row.b) {
				got = append(got, diff{d.Class, d.Pointer, d.A, d.B})
				assert.Equal(t, "qqtube", d.API)
				assert.Equal(t, "funds", d.Operation)
				assert.Equal(t, "f.yaml", d.File)
				assert.Equal(t, 1, d.Count)
			}
			assert.Equal(t, row.want, got)
		})
	}
}

// TestCompareTargets: a vendor that has drifted from its fake is found.
func TestCompareTargets(t *testing.T) {
	srv := vendor(t, say(`"vote":`, `"note":"n","vote":`))
	const text = `scenario: x
api: interstream
steps:
  - forEach: [1, 2]
    do: [{call: getContentVote, with: {iq: "${row}", contentID: 1}}]
  - {call: getContentVote, with: {iq: -1, contentID: 1}, expect: {outcome: user-id-invalid}}
`
	a := several(t, verifier.InProcess(sandbox(t)), verifier.Options{}, "interstream", text)
	b := several(t, foreign(t, srv.URL, ""), verifier.Options{}, "interstream", text)
	got := verifier.Compare(a, b)
	require.Len(t, got, 1)
	assert.Equal(t, verifier.Difference{
		API: "interstream", Operation: "getContentVote", Class: "field-added", Pointer: "/note", A: "nothing", B: "string",
		Scenario: "x", Step: "getContentVote [1: 1]", File: "interstream/a.yaml", Line: 5, Count: 2,
	}, got[0])
	assert.Empty(t, verifier.Compare(a, a))
}

const baseline = `accepted:
  - {api: qqtube, operation: funds, class: field-added, pointer: /b, reason: known, expires: 2027-01-31}
  - {api: qqtube, class: status, reason: anywhere, expires: 2027-01-31}
  - {api: polyv, class: order, reason: gone by now, expires: 2027-01-31}
  - {api: qqtube, operation: funds, class: type, pointer: /a, reason: too long ago, expires: 2026-01-31}
`

func TestBaseline(t *testing.T) {
	b, err := verifier.LoadBaseline("base.yaml", []byte(baseline))
	require.NoError(t, err)
	list := verifier.Compare(answered("ok", 200, "application/json", `{"a":1}`), answered("ok", 201, "application/json", `{"a":"1","b":2,"c":3}`))
	remarks := b.Apply(list, time.Date(2027, 1, 31, 23, 59, 0, 0, time.UTC))
	got := map[string]string{}
	for _, d := range list {
		got[d.Class+d.Pointer] = d.Accepted
	}
	assert.Equal(t, map[string]string{"status": "anywhere", "field-added/b": "known", "field-added/c": "", "type/a": ""}, got)
	assert.Equal(t, []verifier.Remark{
		{File: "base.yaml", Line: 4, What: "no difference is like this any more: gone by now"},
		{File: "base.yaml", Line: 5, What: "accepted until 2026-01-31: too long ago"},
	}, remarks)
	list = verifier.Compare(answered("ok", 200, "", `{"a":1}`), answered("ok", 201, "", `{"a":1}`))
	b.Apply(list, time.Date(2027, 2, 1, 0, 0, 0, 0, time.UTC))
	assert.Empty(t, list[0].Accepted, "the day is over")
}

func TestBaselineMistakes(t *testing.T) {
	for text, want := range map[string]string{
		"accepted: 1": "1:11: accepted wants a list, this is a whole number",
		"acepted: []": `1:1: "acepted" is not a key of a baseline; did you mean "accepted"?`,
		"accepted:\n  - {api: qqtube, class: kind, reason: x, expires: 2027-01-01}":                  `2:26: "kind" is not a class of differences`,
		"accepted:\n  - {api: qqtub, class: type, reason: x, expires: 2027-01-01}":                   `2:11: "qqtub" is not an API; did you mean "qqtube"?`,
		"accepted:\n  - {api: qqtube, operation: stat, class: type, reason: x, expires: 2027-01-01}": `2:30: qqtube has no operation "stat"; did you mean "stats"?`,
		"accepted:\n  - {api: qqtube, class: type, reason: x}":                                       `an accepted difference wants the key "expires"`,
		"accepted:\n  - {api: qqtube, class: type, expires: 2027-01-01}":                             `an accepted difference wants the key "reason"`,
		"accepted:\n  - {api: qqtube, class: type, reason: x, expires: 2027-02-30}":                  `"2027-02-30" is no day`,
		"accepted:\n  - {api: qqtube, class: type, reason: '', expires: 2027-02-20}":                 `wants a reason`,
		"accepted:\n  - {api: qqtube, class: type, reason: x, expires: soon}":                        `"soon" is not a day such as 2027-01-31`,
		"accepted:\n  - {api: qqtube, clas: type, class: type, reason: x, expires: 2027-02-20}":      `"clas" is not a key of an accepted difference; did you mean "class"?`,
	} {
		_, err := verifier.LoadBaseline("base.yaml", []byte(text))
		var mistakes verifier.Mistakes
		require.ErrorAs(t, err, &mistakes, text)
		assert.Contains(t, err.Error(), want)
	}
}
