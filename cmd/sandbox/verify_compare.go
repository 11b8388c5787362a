package main

import (
	"os"
	"time"

	"github.com/mediasandbox/sandbox/verifier"
	"github.com/mediasandbox/sandbox/verifier/report"
)

// loadBaseline reads the file of accepted differences before anything is sent; nil when
// none is named.
func (v *verification) loadBaseline() (*verifier.Baseline, error) {
	if v.baseline == "" {
		return nil, nil //nolint:nilnil // there need not be one
	}
	data, err := os.ReadFile(v.baseline)
	if err != nil {
		return nil, misused("--baseline: %w", err)
	}
	b, err := verifier.LoadBaseline(v.baseline, data)
	if err != nil {
		return nil, v.p.wrong(err)
	}
	return b, nil
}

// compare sets the first target beside each other one.
func (v *verification) compare(results *report.Results, baseline *verifier.Baseline) {
	for i, other := range results.Reports {
		if i == 0 {
			continue
		}
		first := results.Reports[0]
		c := report.Comparison{A: first.Target, B: other.Target, Differences: verifier.Compare(first, other)}
		if baseline != nil {
			c.Remarks = baseline.Apply(c.Differences, time.Now())
		}
		results.Comparisons = append(results.Comparisons, c)
	}
}
