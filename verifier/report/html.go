package report

import (
	_ "embed" // the page
	"fmt"
	"html/template"
	"io"
	"strings"
	"time"

	"github.com/mediasandbox/sandbox/internal/contract"
	"github.com/mediasandbox/sandbox/verifier"
)

//go:embed page.html
var page string

// maxHTMLText bounds a text of a reply on the page, in bytes.
const maxHTMLText = 64 << 10

// HTML writes the results as one page that needs nothing else: no script, no font, no
// image, no network. It follows the reader's choice of a light or a dark screen.
func HTML(w io.Writer, r Results) error {
	t, err := template.New("page").Funcs(template.FuncMap{
		"elapsed": elapsed,
		"plural":  plural,
		"percent": percentText,
		"cut":     func(s string) string { return shorten(printable(s), maxHTMLText) },
		"line":    oneLine,
	}).Parse(page)
	if err != nil {
		return err
	}
	return t.Execute(w, htmlPage(r))
}

// htmlResults are the results in the order of the page.
type htmlResults struct {
	Word        string
	Badge       verifier.Verdict
	Started     string
	Reports     []htmlReport
	Comparisons []Comparison
}

type htmlReport struct {
	*verifier.Report
	ID        string // for links
	Bad       bool
	Counts    Counts
	Bar       []htmlShare
	Matrices  []matrix
	Failures  []htmlFailure
	Skips     []skipped
	Scenarios []htmlScenarios
}

// htmlShare is a part of the bar of verdicts.
type htmlShare struct {
	Verdict verifier.Verdict
	Count   int
	Percent float64
}

type htmlFailure struct {
	Failure
	ID     string
	Where  string // file:line
	Source string // the line
	Reply  string // status and type
}

type htmlScenarios struct {
	API  string
	List []htmlScenario
}

type htmlScenario struct {
	*verifier.ScenarioResult
	Link string // to its first failure
}

func htmlPage(r Results) htmlResults {
	p := htmlResults{Word: r.words(), Comparisons: r.Comparisons}
	p.Badge = badge(p.Word)
	for i, rep := range r.Reports {
		if i == 0 {
			p.Started = rep.Started.UTC().Format(time.RFC1123)
		}
		p.Reports = append(p.Reports, r.htmlReport(i, rep))
	}
	return p
}

// badge is the class in which the page shows how a run ended.
func badge(word string) verifier.Verdict {
	switch word {
	case "ok":
		return verifier.Pass
	case "failed":
		return verifier.Fail
	default:
		return verifier.Skip
	}
}

func (r Results) htmlReport(n int, rep *verifier.Report) htmlReport {
	h := htmlReport{Report: rep, ID: fmt.Sprintf("t%d", n+1), Counts: Count(rep), Skips: skips(rep)}
	h.Bar = bar(h.Counts)
	links := map[*verifier.ScenarioResult]string{}
	for i, f := range failures(rep, shown) {
		hf := htmlFailure{Failure: f, ID: fmt.Sprintf("%sf%d", h.ID, i+1)}
		file, line := f.Place()
		hf.Where = fmt.Sprintf("%s:%d", file, line)
		if r.Source != nil {
			if text, ok := r.Source(file, line); ok {
				hf.Source = strings.TrimSpace(printable(shorten(text, 400)))
			}
		}
		if f.Step != nil && f.Step.Exchange != nil {
			hf.Reply = replyLine(f.Step.Exchange)
		}
		if links[f.Scenario] == "" {
			links[f.Scenario] = hf.ID
		}
		h.Bad = h.Bad || r.Bad(f.Scenario.Verdict)
		h.Failures = append(h.Failures, hf)
	}
	for _, a := range rep.Coverage {
		h.Matrices = append(h.Matrices, newMatrix(a, rep))
	}
	at := map[string]int{}
	for i := range rep.Scenarios {
		s := &rep.Scenarios[i]
		j, ok := at[s.API]
		if !ok {
			j = len(h.Scenarios)
			at[s.API] = j
			h.Scenarios = append(h.Scenarios, htmlScenarios{API: s.API})
		}
		h.Scenarios[j].List = append(h.Scenarios[j].List, htmlScenario{s, links[s]})
	}
	return h
}

func bar(c Counts) []htmlShare {
	var out []htmlShare
	for _, s := range []htmlShare{
		{verifier.Pass, c.Pass, 0}, {verifier.Skip, c.Skip, 0}, {verifier.Refuted, c.Refuted, 0},
		{verifier.Drift, c.Drift, 0}, {verifier.Fail, c.Fail, 0}, {verifier.Error, c.Error, 0},
	} {
		if s.Count > 0 {
			s.Percent = 100 * float64(s.Count) / float64(c.Total())
			out = append(out, s)
		}
	}
	return out
}

// matrix is operations × outcomes of one API.
type matrix struct {
	Coverage
	Columns []string // outcomes, in the order of the contract
	Rows    []matrixRow
	Missed  []string
}

type matrixRow struct {
	Operation string
	Cells     []cell
}

// cell is one outcome of one operation.
type cell struct {
	State   string // "" | met | bad | missed | forced
	Assumed bool
	Count   int
	Title   string
}

func newMatrix(a verifier.APICoverage, rep *verifier.Report) matrix {
	m := matrix{Coverage: Cover(a), Missed: notMet(a)}
	column := map[string]int{}
	for _, op := range a.Operations {
		for _, o := range op.Outcomes {
			if _, ok := column[o.Outcome]; !ok {
				column[o.Outcome] = len(m.Columns)
				m.Columns = append(m.Columns, o.Outcome)
			}
		}
	}
	bad := badCells(a.API, rep)
	for _, op := range a.Operations {
		row := matrixRow{Operation: op.Operation, Cells: make([]cell, len(m.Columns))}
		for _, o := range op.Outcomes {
			c := cell{State: "met", Count: o.Met, Assumed: o.Source == contract.Assumed}
			title := fmt.Sprintf("%s: %s, %s; ", op.Operation, o.Outcome, o.Source)
			switch {
			case bad[op.Operation+" "+o.Outcome] && o.Met > 0:
				c.State = "bad"
				title += fmt.Sprintf("met %d times, not always as it should be", o.Met)
			case o.Met > 0:
				title += fmt.Sprintf("met %d times", o.Met)
			case o.Forced:
				c.State = "forced"
				title += "only by forcing it"
			default:
				c.State = "missed"
				title += "not met"
			}
			if o.Met == 0 && o.Why != "" {
				title += ": " + o.Why
			}
			c.Title = title
			row.Cells[column[o.Outcome]] = c
		}
		m.Rows = append(m.Rows, row)
	}
	return m
}

// badCells are the outcomes whose replies were not as they should be.
func badCells(api string, rep *verifier.Report) map[string]bool {
	out := map[string]bool{}
	for i := range rep.Scenarios {
		if rep.Scenarios[i].API != api {
			continue
		}
		for _, s := range rep.Scenarios[i].Steps {
			if shown(s.Verdict) && s.Outcome != "" {
				out[s.Operation+" "+s.Outcome] = true
			}
		}
	}
	return out
}
