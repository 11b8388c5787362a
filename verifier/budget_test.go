package verifier_test

import (
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/mediasandbox/sandbox/verifier"
)

// TestBudget: scenarios that run side by side do not take from each other what they need.
func TestBudget(t *testing.T) {
	srv := vendor(t, nil)
	three := func(api, op, last string) *fstest.MapFile {
		return &fstest.MapFile{Data: []byte("scenario: " + api + "\napi: " + api + "\nsteps: [{call: " + op + "}, {call: " + op + last + "}]\ncleanup: [{call: " + op + "}]\n")}
	}
	for name, row := range map[string]struct {
		budget, last string
		passed       int
		sent         int
	}{
		"one of two":           {"5", "", 1, 3},
		"both":                 {"6", "", 2, 6},
		"neither":              {"2", "", 0, 0},
		"rows are known":       {"5", "}, {forEach: [1, 2, 3], do: [{call: danmuList}]", 0, 0},
		"conditions are not":   {"5", "}, {call: danmuList, if: 'false'", 1, 3},
		"cleanup is kept paid": {"4", "}, {forEach: '[1, 2, 3]', do: [{call: danmuList}]", 0, 4},
	} {
		t.Run(name, func(t *testing.T) {
			files := fstest.MapFS{"polyv/a.yaml": three("polyv", "danmuList", row.last)}
			if row.last == "" {
				files["qqtube/b.yaml"] = three("qqtube", "funds", "")
			}
			list, err := verifier.Source{FS: files}.Load()
			require.NoError(t, err)
			report, err := verifier.Run(t.Context(), foreign(t, srv.URL, "budget: "+row.budget+"\n"), verifier.Options{}, list...)
			require.NoError(t, err)
			passed := 0
			for _, sc := range report.Scenarios {
				if sc.Verdict == verifier.Pass {
					passed++
				} else {
					assert.Contains(t, sc.Reason, "the target's budget of "+row.budget+" requests")
				}
			}
			assert.Equal(t, []int{row.passed, row.sent}, []int{passed, report.Sent})
		})
	}
}

// What a scenario had set aside and did not send is there for the next.
func TestBudgetIsGivenBack(t *testing.T) {
	const fails = "steps: [{call: danmuList, expect: {status: 404}}, {call: danmuList}, {call: danmuList}]"
	const passes = "steps: [{call: danmuList}, {call: danmuList}]"
	report := several(t, foreign(t, vendor(t, nil).URL, "budget: 3\n"), verifier.Options{}, "polyv",
		"scenario: x\napi: polyv\n"+fails, "scenario: y\napi: polyv\n"+passes)
	require.Len(t, report.Scenarios, 2)
	assert.Equal(t, verifier.Fail, report.Scenarios[0].Verdict)
	assert.Equal(t, verifier.Pass, report.Scenarios[1].Verdict)
	assert.Equal(t, 3, report.Sent)
}
