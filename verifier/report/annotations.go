package report

import (
	"fmt"
	"io"
	"strings"

	"github.com/mediasandbox/sandbox/verifier"
)

// maxAnnotations is how many are written: GitHub shows ten errors of a step.
const maxAnnotations = 10

// Annotations writes a workflow command of GitHub Actions for each failed scenario and
// each refuted assumption, so that they show beside the line of the scenario.
func Annotations(w io.Writer, r Results) error {
	var out strings.Builder
	written, left := 0, 0
	for _, rep := range r.Reports {
		last := (*verifier.ScenarioResult)(nil)
		for _, f := range failures(rep, shown) {
			if f.Scenario == last {
				continue
			}
			last = f.Scenario
			if written++; written > maxAnnotations {
				left++
				continue
			}
			level := "error"
			if !r.Bad(f.Scenario.Verdict) {
				level = "notice"
			}
			file, line := f.Place()
			title := fmt.Sprintf("%s: %s: %s", f.Scenario.Verdict, f.Scenario.API, oneLine(f.Scenario.Name))
			annotate(&out, level, file, line, title, r.block(f, 400))
		}
	}
	for _, c := range r.Comparisons {
		for _, d := range c.unaccepted() {
			if written++; written > maxAnnotations {
				left++
				continue
			}
			annotate(&out, "error", d.File, d.Line, "difference: "+head(d), fmt.Sprintf("%s: %s\n%s: %s", c.A, orNothing(d.A), c.B, orNothing(d.B)))
		}
	}
	if left > 0 {
		annotate(&out, "notice", "", 0, "more", fmt.Sprintf("%d more; the log has all", left))
	}
	_, err := io.WriteString(w, out.String())
	return err
}

func annotate(out *strings.Builder, level, file string, line int, title, message string) {
	fmt.Fprintf(out, "::%s ", level)
	if file != "" {
		fmt.Fprintf(out, "file=%s,line=%d,", escapeProperty(file), max(line, 1))
	}
	fmt.Fprintf(out, "title=%s::%s\n", escapeProperty(title), escapeData(printable(message)))
}

// escapeData and escapeProperty escape as the runner unescapes.
func escapeData(s string) string {
	return strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A").Replace(s)
}

func escapeProperty(s string) string {
	return strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A", ":", "%3A", ",", "%2C").Replace(s)
}
