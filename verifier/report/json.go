package report

import (
	"encoding/json"
	"io"

	"github.com/mediasandbox/sandbox/verifier"
)

// document is the JSON report. Its shape is the same for one target and for several.
type document struct {
	Failed      bool         `json:"failed"`
	Reports     []jsonReport `json:"reports"`
	Comparisons []Comparison `json:"comparisons,omitempty"`
}

// jsonReport is a report with its figures.
type jsonReport struct {
	Counts  Counts     `json:"counts"`
	Summary []Coverage `json:"coverage_summary"`
	*verifier.Report
}

// JSON writes the results as one JSON document: what verifier.Report has, and the figures
// that the other printers show. Durations are in nanoseconds.
func JSON(w io.Writer, r Results) error {
	doc := document{Failed: r.Failed(), Reports: []jsonReport{}, Comparisons: r.Comparisons}
	for _, rep := range r.Reports {
		j := jsonReport{Counts: Count(rep), Summary: []Coverage{}, Report: rep}
		for _, a := range rep.Coverage {
			j.Summary = append(j.Summary, Cover(a))
		}
		doc.Reports = append(doc.Reports, j)
	}
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	return enc.Encode(doc)
}
