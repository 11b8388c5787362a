package report

import (
	"fmt"
	"io"
	"strings"

	"github.com/mediasandbox/sandbox/verifier"
)

// Terminal writes the results for people: what is wrong in detail, what was skipped in a
// few lines, and one line of figures for each target. Passed scenarios are only counted.
// color is for terminals that want it.
func Terminal(w io.Writer, r Results, color bool) error {
	t := terminal{results: r, color: color}
	for _, rep := range r.Reports {
		t.report(rep)
	}
	t.differences()
	for _, rep := range r.Reports {
		t.figures(rep)
	}
	_, err := io.WriteString(w, t.out.String())
	return err
}

type terminal struct {
	results Results
	color   bool
	out     strings.Builder
}

// Styles, as SGR parameters.
const (
	bold   = "1"
	dim    = "2"
	red    = "1;31"
	green  = "32"
	yellow = "33"
	cyan   = "36"
)

func (t *terminal) paint(style, text string) string {
	if !t.color || text == "" {
		return text
	}
	return "\x1b[" + style + "m" + text + "\x1b[0m"
}

func styleOf(v verifier.Verdict) string {
	switch v {
	case verifier.Pass:
		return green
	case verifier.Skip:
		return dim
	case verifier.Refuted:
		return cyan
	case verifier.Drift:
		return yellow
	default:
		return red
	}
}

func styleOfWord(word string) string {
	switch word {
	case "ok":
		return green
	case "failed":
		return red
	default:
		return yellow
	}
}

// maxSteps is how many steps of one scenario are told: the rows of a forEach tend to fail
// for one reason.
const maxSteps = 3

// maxText bounds a text of a reply on the terminal, in bytes; the files have more.
const maxText = 800

func (t *terminal) report(rep *verifier.Report) {
	last, told := (*verifier.ScenarioResult)(nil), 0
	list := failures(rep, shown)
	for i, f := range list {
		if f.Scenario != last {
			last, told = f.Scenario, 0
			head := fmt.Sprintf("%s: %s", f.Scenario.API, oneLine(f.Scenario.Name))
			if len(t.results.Reports) > 1 {
				head = rep.Target + ": " + head
			}
			v := f.Scenario.Verdict
			fmt.Fprintf(&t.out, "%s  %s\n", t.paint(styleOf(v), strings.ToUpper(string(v))), t.paint(bold, head))
		}
		if told++; told <= maxSteps {
			for _, d := range t.results.details(f, maxText) {
				write(&t.out, "  ", d, t.label)
			}
			t.out.WriteByte('\n')
		}
		if told > maxSteps && (i+1 == len(list) || list[i+1].Scenario != last) {
			fmt.Fprintf(&t.out, "  and %s more; a report in a file has all\n\n", plural(told-maxSteps, "step"))
		}
	}
	for _, s := range skips(rep) {
		names := s.Scenarios
		more := ""
		if len(names) > 3 {
			more = fmt.Sprintf(" and %d more", len(names)-3)
			names = names[:3]
		}
		list := make([]string, len(names))
		for i, n := range names {
			list[i] = oneLine(n)
		}
		fmt.Fprintf(&t.out, "%s  %d: %s (%s%s)\n", t.paint(dim, "SKIP"), len(s.Scenarios), s.Reason, strings.Join(list, "; "), more)
	}
	for _, c := range rep.Created {
		fmt.Fprintf(&t.out, "%s  %s: %s\n", t.paint(yellow, "LEFT BEHIND"), c.Operation, oneLine(c.What))
	}
}

func (t *terminal) label(label string) string {
	switch v := verifier.Verdict(label); v {
	case verifier.Fail, verifier.Error, verifier.Drift, verifier.Refuted:
		return t.paint(styleOf(v), label)
	}
	return t.paint(dim, label)
}

// differences writes what differs between targets, and in one line what is accepted.
func (t *terminal) differences() {
	for _, c := range t.results.Comparisons {
		accepted := 0
		for _, d := range c.Differences {
			if d.Accepted != "" {
				accepted++
				continue
			}
			fmt.Fprintf(&t.out, "%s  %s\n", t.paint(yellow, "DIFFER"), t.paint(bold, head(d)))
			for _, p := range c.details(d) {
				write(&t.out, "  ", p, t.label)
			}
		}
		for _, r := range c.Remarks {
			fmt.Fprintf(&t.out, "%s  %s:%d: %s\n", t.paint(yellow, "BASELINE"), r.File, r.Line, oneLine(r.What))
		}
		fmt.Fprintf(&t.out, "%s and %s differ in %s", c.A, c.B, plural(len(c.Differences)-accepted, "way"))
		if accepted > 0 {
			fmt.Fprintf(&t.out, ", and in %d that the baseline accepts", accepted)
		}
		t.out.WriteByte('\n')
	}
}

// head is a difference in a line.
func head(d verifier.Difference) string {
	text := d.API + " " + d.Operation
	if d.Operation == "" {
		text = d.API
	}
	text += ": " + d.Class
	if d.Pointer != "" {
		text += " at " + oneLine(d.Pointer)
	}
	if d.Count > 1 {
		text += fmt.Sprintf(" (%d times)", d.Count)
	}
	return text
}

func (c Comparison) details(d verifier.Difference) []detail {
	var out []detail
	if d.Scenario != "" {
		out = append(out, detail{"in", oneLine(d.Scenario + ", " + d.Step)}, detail{"at", fmt.Sprintf("%s:%d", d.File, d.Line)})
	}
	return append(out,
		detail{c.A, printable(shorten(orNothing(d.A), maxText))},
		detail{c.B, printable(shorten(orNothing(d.B), maxText))})
}

func orNothing(s string) string {
	if s == "" {
		return "(nothing)"
	}
	return s
}

// figures is the last line of a target.
func (t *terminal) figures(rep *verifier.Report) {
	c := Count(rep)
	word := t.results.word(rep)
	var cover []string
	for _, a := range rep.Coverage {
		cover = append(cover, a.API+" "+percentText(Cover(a).Percent()))
	}
	fmt.Fprintf(&t.out, "%s  %s: %s (%s), %s in %s, seed %d\n", t.paint(styleOfWord(word), word), rep.Target,
		plural(c.Total(), "scenario"), c, plural(rep.Sent, "request"), elapsed(rep.Duration), rep.Seed)
	if len(cover) > 0 {
		fmt.Fprintf(&t.out, "    documented outcomes met: %s\n", strings.Join(cover, ", "))
	}
}
