package report

import (
	"bytes"
	"encoding/json"
	"flag"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/mediasandbox/sandbox/verifier"
)

var update = flag.Bool("update", false, "write the golden files anew")

// printers are all of them, by the name of their golden file's end.
var printers = map[string]func(io.Writer, Results) error{
	"txt":         func(w io.Writer, r Results) error { return Terminal(w, r, false) },
	"color.txt":   func(w io.Writer, r Results) error { return Terminal(w, r, true) },
	"xml":         JUnit,
	"json":        JSON,
	"html":        HTML,
	"md":          Markdown,
	"annotations": Annotations,
}

func TestGolden(t *testing.T) {
	all := allVerdicts()
	strict := allVerdicts()
	strict.FailOnRefuted = true
	for name, results := range map[string]Results{
		"all": all, "strict": strict, "differences": differing(),
		"passed": {Reports: []*verifier.Report{{Target: "fakes", Scenarios: []verifier.ScenarioResult{passing()}, Sent: 1}}},
		"empty":  {Reports: []*verifier.Report{{Target: "fakes"}}},
		"stopped": {Reports: []*verifier.Report{{Target: "fakes", Stopped: true, Scenarios: []verifier.ScenarioResult{
			passing(), {Name: "an order", API: "qqtube", File: "scenarios/qqtube/order.yaml", Line: 2, Verdict: verifier.Skip, Reason: "the run was stopped"},
		}}}},
	} {
		for ext, print := range printers {
			if name == "strict" && (ext == "html" || ext == "md" || ext == "color.txt") {
				continue // as all.html, but for the verdict of the run
			}
			t.Run(name+"."+ext, func(t *testing.T) {
				var got bytes.Buffer
				require.NoError(t, print(&got, results))
				golden(t, name+"."+ext, got.Bytes())
			})
		}
	}
}

func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	file := filepath.Join("testdata", name)
	if *update {
		require.NoError(t, os.MkdirAll("testdata", 0o755))
		require.NoError(t, os.WriteFile(file, got, 0o644))
	}
	want, err := os.ReadFile(file)
	require.NoError(t, err, "run the tests with -update")
	assert.Equal(t, string(want), string(got))
}

// What a reply holds must not become a command, an element or an escape sequence.
func TestRepliesStayText(t *testing.T) {
	for ext, print := range printers {
		t.Run(ext, func(t *testing.T) {
			var got bytes.Buffer
			require.NoError(t, print(&got, allVerdicts()))
			text := got.String()
			assert.NotContains(t, text, "\x1b[31mred")
			if ext != "json" { // where it is escaped by JSON
				assert.NotContains(t, text, "\u202e")
				assert.NotContains(t, text, "\x1b[0m\n```\n</pre>")
			}
			if ext == "html" { // a page is never a log
				assert.NotContains(t, text, "<script")
				return
			}
			for _, line := range strings.Split(text, "\n") {
				// The runner of GitHub Actions trims blanks before it looks for commands.
				trimmed := strings.TrimSpace(line)
				assert.False(t, strings.HasPrefix(trimmed, "::set-env") || strings.HasPrefix(trimmed, "##vso"), line)
			}
			if ext == "xml" {
				require.NoError(t, validate(got.Bytes()), "an element of a reply is text")
			}
		})
	}
}

func TestAnnotationsEscape(t *testing.T) {
	var got strings.Builder
	require.NoError(t, Annotations(&got, allVerdicts()))
	lines := strings.Split(strings.TrimSuffix(got.String(), "\n"), "\n")
	require.Len(t, lines, 4)
	assert.True(t, strings.HasPrefix(lines[0], "::error file=scenarios/qqtube/order.yaml,line=17,title=fail%3A qqtube%3A an order is delivered::at "), lines[0])
	assert.Contains(t, lines[1], "50%25")
	assert.True(t, strings.HasPrefix(lines[2], "::notice "), "a refuted assumption is no error by itself: %s", lines[2])
}

func TestAnnotationsAreBounded(t *testing.T) {
	r := allVerdicts()
	for range 20 {
		r.Reports[0].Scenarios = append(r.Reports[0].Scenarios, failing())
	}
	var got strings.Builder
	require.NoError(t, Annotations(&got, r))
	assert.Equal(t, maxAnnotations+1, strings.Count(got.String(), "\n"))
	assert.Contains(t, got.String(), "::notice title=more::14 more; the log has all")
}

func TestTerminalTellsThreeStepsOfAScenario(t *testing.T) {
	r := allVerdicts()
	sc := &r.Reports[0].Scenarios[1]
	for range 5 {
		sc.Steps = append(sc.Steps, sc.Steps[1])
	}
	var got strings.Builder
	require.NoError(t, Terminal(&got, r, false))
	assert.Equal(t, maxSteps, strings.Count(got.String(), "  attempts"))
	assert.Contains(t, got.String(), "\n  and 3 steps more; a report in a file has all\n\nDRIFT")
}

func TestFailed(t *testing.T) {
	with := func(v verifier.Verdict) Results {
		return Results{Reports: []*verifier.Report{{Scenarios: []verifier.ScenarioResult{{Verdict: verifier.Pass}, {Verdict: v}}}}}
	}
	for v, want := range map[verifier.Verdict]bool{
		verifier.Pass: false, verifier.Skip: false, verifier.Refuted: false,
		verifier.Drift: true, verifier.Fail: true, verifier.Error: true,
	} {
		assert.Equal(t, want, with(v).Failed(), v)
	}
	strict := with(verifier.Refuted)
	strict.FailOnRefuted = true
	assert.True(t, strict.Failed())

	r := differing()
	assert.True(t, r.Failed(), "a difference that is not accepted")
	r.Comparisons[0].Differences = r.Comparisons[0].Differences[1:2]
	assert.False(t, r.Failed(), "all differences are accepted")
}

func TestCover(t *testing.T) {
	all := coverageOfAll()
	qqtube := Cover(all[0])
	assert.Equal(t, Coverage{API: "qqtube", Operations: 2, OperationsMet: 2, Outcomes: 6, OutcomesMet: 4, Documented: 2, DocumentedMet: 2}, qqtube,
		"a forced outcome counts only when it was met")
	assert.InDelta(t, 100.0, qqtube.Percent(), 0)
	polyv := Cover(all[1])
	assert.Equal(t, 1, polyv.OperationsMet)
	assert.InDelta(t, 50.0, polyv.Percent(), 0)
	assert.InDelta(t, 99.9, percent(9999, 10000), 0.0001, "100 means all")
	assert.InDelta(t, 100.0, Cover(verifier.APICoverage{}).Percent(), 0)
}

func TestJSONKeepsTheReport(t *testing.T) {
	var got bytes.Buffer
	want := allVerdicts()
	require.NoError(t, JSON(&got, want))
	var back struct {
		Failed  bool
		Reports []struct {
			verifier.Report
			Counts Counts
		}
	}
	require.NoError(t, json.Unmarshal(got.Bytes(), &back))
	assert.True(t, back.Failed)
	require.Len(t, back.Reports, 1)
	assert.Equal(t, Counts{Pass: 1, Skip: 2, Refuted: 1, Drift: 1, Fail: 1, Error: 1}, back.Reports[0].Counts)
	// Go's encoder replaces bytes that are not UTF-8; all else is as it was.
	fixed := *want.Reports[0]
	fixed.Scenarios = append([]verifier.ScenarioResult(nil), fixed.Scenarios...)
	step := fixed.Scenarios[2].Steps[0]
	step.Problems = append([]verifier.Problem(nil), step.Problems...)
	step.Problems[0].Actual = back.Reports[0].Scenarios[2].Steps[0].Problems[0].Actual
	exchange := *step.Exchange
	exchange.Reply = back.Reports[0].Scenarios[2].Steps[0].Exchange.Reply
	step.Exchange = &exchange
	fixed.Scenarios[2].Steps = []verifier.StepResult{step}
	assert.Equal(t, fixed, back.Reports[0].Report)
}

func TestShorten(t *testing.T) {
	assert.Equal(t, "abc", shorten("abc", 3))
	assert.Equal(t, "ab… (3 bytes in all)", shorten("abc", 2))
	assert.Equal(t, "… (3 bytes in all)", shorten("用", 2), "a character is not cut")
}

func TestMarkdownIsBounded(t *testing.T) {
	r := allVerdicts()
	big := failing()
	big.Steps[1].Exchange.Reply = strings.Repeat("x", 3000)
	for range 1000 {
		r.Reports[0].Scenarios = append(r.Reports[0].Scenarios, big)
	}
	var got bytes.Buffer
	require.NoError(t, Markdown(&got, r))
	assert.Less(t, got.Len(), 1<<20)
	assert.Contains(t, got.String(), " more; the other reports have all.")
}
