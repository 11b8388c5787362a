// Package report prints what a run of the verifier found: for a terminal, as JUnit XML,
// JSON, HTML and Markdown, and as annotations of GitHub Actions. It prints what it is
// given: nothing is judged, masked or sent here.
package report

import (
	"fmt"
	"slices"
	"sort"
	"strings"

	"github.com/mediasandbox/sandbox/internal/contract"
	"github.com/mediasandbox/sandbox/verifier"
)

// Results are what one run of the command has to tell.
type Results struct {
	Reports []*verifier.Report // one for each target
	// Comparisons are those of the first target with each other one, when there are several.
	Comparisons []Comparison
	// FailOnRefuted makes a refuted assumption a failure.
	FailOnRefuted bool
	// Source returns a line of a scenario file; nil when none are at hand.
	Source func(file string, line int) (text string, ok bool)
}

// Comparison is how two targets differ.
type Comparison struct {
	A           string                `json:"a"` // the target that is the measure
	B           string                `json:"b"`
	Differences []verifier.Difference `json:"differences"`
	// Remarks are what is to be done about the baseline.
	Remarks []verifier.Remark `json:"remarks,omitempty"`
}

// unaccepted are the differences that no baseline accepts.
func (c Comparison) unaccepted() []verifier.Difference {
	var out []verifier.Difference
	for _, d := range c.Differences {
		if d.Accepted == "" {
			out = append(out, d)
		}
	}
	return out
}

// Bad reports whether a verdict makes the run fail.
func (r Results) Bad(v verifier.Verdict) bool {
	switch v {
	case verifier.Drift, verifier.Fail, verifier.Error:
		return true
	case verifier.Refuted:
		return r.FailOnRefuted
	default:
		return false
	}
}

// Failed reports whether anything in the results makes the run fail: a scenario, or a
// difference that no baseline accepts.
func (r Results) Failed() bool {
	for _, rep := range r.Reports {
		for i := range rep.Scenarios {
			if r.Bad(rep.Scenarios[i].Verdict) {
				return true
			}
		}
	}
	for _, c := range r.Comparisons {
		if len(c.unaccepted()) > 0 {
			return true
		}
	}
	return false
}

// Stopped reports whether a run was stopped before its end.
func (r Results) Stopped() bool {
	return slices.ContainsFunc(r.Reports, func(rep *verifier.Report) bool { return rep.Stopped })
}

// word is how a run ended: stopped before its end, failed, unchecked when no scenario came
// to a verdict, or ok.
func (r Results) word(rep *verifier.Report) string {
	c := Count(rep)
	switch {
	case rep.Stopped:
		return "stopped"
	case slices.ContainsFunc(rep.Scenarios, func(s verifier.ScenarioResult) bool { return r.Bad(s.Verdict) }):
		return "failed"
	case c.Total() == c.Skip:
		return "unchecked"
	}
	return "ok"
}

// words is word for all reports and their comparisons together: the worst of them.
func (r Results) words() string {
	words := []string{}
	for _, rep := range r.Reports {
		words = append(words, r.word(rep))
	}
	if r.Failed() {
		words = append(words, "failed")
	}
	for _, word := range []string{"stopped", "failed", "unchecked"} {
		if slices.Contains(words, word) {
			return word
		}
	}
	return "ok"
}

// Counts are how many scenarios had each verdict.
type Counts struct {
	Pass    int `json:"pass"`
	Skip    int `json:"skip"`
	Refuted int `json:"refuted"`
	Drift   int `json:"drift"`
	Fail    int `json:"fail"`
	Error   int `json:"error"`
}

// Count counts the scenarios of a report.
func Count(rep *verifier.Report) Counts {
	var c Counts
	for i := range rep.Scenarios {
		switch rep.Scenarios[i].Verdict {
		case verifier.Pass:
			c.Pass++
		case verifier.Skip:
			c.Skip++
		case verifier.Refuted:
			c.Refuted++
		case verifier.Drift:
			c.Drift++
		case verifier.Fail:
			c.Fail++
		default:
			c.Error++
		}
	}
	return c
}

// Total is the number of scenarios.
func (c Counts) Total() int { return c.Pass + c.Skip + c.Refuted + c.Drift + c.Fail + c.Error }

// String lists what is not zero, the worst first: "1 failed, 2 skipped, 40 passed".
func (c Counts) String() string {
	var parts []string
	for _, p := range []struct {
		n    int
		word string
	}{{c.Error, "in error"}, {c.Fail, "failed"}, {c.Drift, "drifted"}, {c.Refuted, "refuted"}, {c.Skip, "skipped"}, {c.Pass, "passed"}} {
		if p.n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", p.n, p.word))
		}
	}
	if parts == nil {
		return "none"
	}
	return strings.Join(parts, ", ")
}

// Coverage is how much of one contract a run met. Outcomes that only a forcing leads to
// count for nothing until they are met.
type Coverage struct {
	API           string `json:"api"`
	Operations    int    `json:"operations"`
	OperationsMet int    `json:"operations_met"`
	Outcomes      int    `json:"outcomes"`
	OutcomesMet   int    `json:"outcomes_met"`
	Documented    int    `json:"documented"` // of the outcomes
	DocumentedMet int    `json:"documented_met"`
}

// Cover sums up the coverage of one API.
func Cover(a verifier.APICoverage) Coverage {
	c := Coverage{API: a.API, Operations: len(a.Operations)}
	for _, op := range a.Operations {
		met := false
		for _, o := range op.Outcomes {
			met = met || o.Met > 0
			if o.Forced && o.Met == 0 {
				continue
			}
			n := min(o.Met, 1)
			c.Outcomes++
			c.OutcomesMet += n
			if o.Source == contract.Documented {
				c.Documented++
				c.DocumentedMet += n
			}
		}
		if met {
			c.OperationsMet++
		}
	}
	return c
}

// Percent is the share of documented outcomes that were met, rounded down to a tenth, so
// that 100 means all. A contract that documents none is met when all its outcomes are.
func (c Coverage) Percent() float64 {
	if c.Documented == 0 {
		return percent(c.OutcomesMet, c.Outcomes)
	}
	return percent(c.DocumentedMet, c.Documented)
}

func percent(met, total int) float64 {
	if total == 0 {
		return 100
	}
	return float64(met*1000/total) / 10
}

// percentText writes 100% and 98.4%.
func percentText(p float64) string { return strings.TrimSuffix(fmt.Sprintf("%.1f", p), ".0") + "%" }

// Failure is a step that is not as it should be. Step is nil when the scenario came to
// grief as a whole.
type Failure struct {
	Target   string
	Scenario *verifier.ScenarioResult
	Step     *verifier.StepResult
	Index    int // of the step, from 1
}

// failures lists the steps of scenarios whose verdict is wanted, in the report's order.
func failures(rep *verifier.Report, wanted func(verifier.Verdict) bool) []Failure {
	var out []Failure
	for i := range rep.Scenarios {
		s := &rep.Scenarios[i]
		if !wanted(s.Verdict) {
			continue
		}
		found := false
		for j := range s.Steps {
			if step := &s.Steps[j]; wanted(step.Verdict) {
				out = append(out, Failure{rep.Target, s, step, j + 1})
				found = true
			}
		}
		if !found {
			out = append(out, Failure{rep.Target, s, nil, 0})
		}
	}
	return out
}

// shown reports whether a verdict is told in detail: all but pass and skip.
func shown(v verifier.Verdict) bool { return v != verifier.Pass && v != verifier.Skip }

// Place returns file and line of a failure: of the first expectation that does not hold
// where that is known.
func (f Failure) Place() (file string, line int) {
	if f.Step == nil {
		return f.Scenario.File, f.Scenario.Line
	}
	for _, p := range f.Step.Problems {
		if p.Line > 0 {
			return f.Step.File, p.Line
		}
	}
	return f.Step.File, f.Step.Line
}

// Verdict is the step's, or the scenario's.
func (f Failure) Verdict() verifier.Verdict {
	if f.Step == nil {
		return f.Scenario.Verdict
	}
	return f.Step.Verdict
}

// Message is what is wrong, in one line.
func (f Failure) Message() string {
	switch {
	case f.Step == nil && f.Scenario.Reason != "":
		return oneLine(f.Scenario.Reason)
	case f.Step == nil:
		return "the scenario ended as " + string(f.Scenario.Verdict)
	case len(f.Step.Problems) == 0 && f.Step.Reason != "":
		return oneLine(f.Step.Reason)
	case len(f.Step.Problems) == 0:
		return "the step ended as " + string(f.Step.Verdict)
	}
	text := oneLine(f.Step.Problems[0].What)
	if n := len(f.Step.Problems) - 1; n > 0 {
		text += fmt.Sprintf(" (and %d more)", n)
	}
	return text
}

// StepName names the step: "step 3, the order is full (stats)".
func (f Failure) StepName() string {
	if f.Step == nil {
		return ""
	}
	name := fmt.Sprintf("step %d", f.Index)
	if f.Step.Cleanup {
		name = "cleanup, " + name
	}
	if f.Step.Name != "" {
		name += ", " + oneLine(f.Step.Name)
	}
	if op := f.Step.Operation; op != "" && op != f.Step.Name {
		name += " (" + op + ")"
	}
	return name
}

// skips groups the skipped scenarios by reason, the most frequent first.
func skips(rep *verifier.Report) []skipped {
	at := map[string]int{}
	var out []skipped
	for i := range rep.Scenarios {
		s := &rep.Scenarios[i]
		if s.Verdict != verifier.Skip {
			continue
		}
		reason := oneLine(s.Reason)
		if reason == "" {
			reason = "no reason given"
		}
		j, ok := at[reason]
		if !ok {
			j = len(out)
			at[reason] = j
			out = append(out, skipped{Reason: reason})
		}
		out[j].Scenarios = append(out[j].Scenarios, s.Name)
	}
	sort.SliceStable(out, func(i, j int) bool { return len(out[i].Scenarios) > len(out[j].Scenarios) })
	return out
}

type skipped struct {
	Reason    string
	Scenarios []string
}
