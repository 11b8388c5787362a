package report

import (
	"fmt"
	"strings"

	"github.com/mediasandbox/sandbox/verifier"
)

// detail is one labelled text about a failure.
type detail struct{ label, text string }

// details explain a failure, for printers of plain text. Texts of a reply are cut at limit
// bytes.
func (r Results) details(f Failure, limit int) []detail {
	var out []detail
	add := func(label, text string) {
		if text != "" {
			out = append(out, detail{label, strings.TrimRight(printable(text), "\n")})
		}
	}
	if f.Step == nil {
		add("at", r.place(f.Scenario.File, f.Scenario.Line))
		add(string(f.Scenario.Verdict), f.Message())
		return out
	}
	add("at", r.place(f.Step.File, f.Step.Line))
	add("step", f.StepName())
	if len(f.Step.Problems) == 0 {
		add(string(f.Step.Verdict), f.Message())
	}
	for _, p := range f.Step.Problems {
		add(string(p.Verdict), p.What+inBrackets(p.Class, p.Pointer))
		if p.Line > 0 && p.Line != f.Step.Line {
			add("at", r.place(f.Step.File, p.Line))
		}
		add("expected", shorten(p.Expected, limit))
		add("actual", shorten(p.Actual, limit))
		add("contract", p.Contract)
	}
	if x := f.Step.Exchange; x != nil {
		add("request", x.Curl)
		add("reply", replyLine(x)+"\n"+shorten(x.Reply, limit))
		add("diagnosis", x.Diagnose)
	}
	if f.Step.Attempts > 1 {
		add("attempts", fmt.Sprint(f.Step.Attempts))
	}
	return out
}

func inBrackets(class, pointer string) string {
	switch {
	case class == "" && pointer == "":
		return ""
	case pointer == "":
		return " [" + class + "]"
	case class == "":
		return " [" + pointer + "]"
	}
	return " [" + class + " at " + pointer + "]"
}

// place is file:line and the line itself.
func (r Results) place(file string, line int) string {
	at := fmt.Sprintf("%s:%d", file, line)
	if r.Source == nil {
		return at
	}
	if text, ok := r.Source(file, line); ok {
		at += "\n" + strings.TrimSpace(shorten(text, 200))
	}
	return at
}

func replyLine(x *verifier.Exchange) string {
	if x.Status == 0 {
		return "none"
	}
	text := fmt.Sprintf("HTTP %d", x.Status)
	if ctype := x.Headers["Content-Type"]; ctype != "" {
		text += ", " + ctype
	}
	return text
}

// gutter is how wide the labels are.
const gutter = 10

// write lays details out with their labels at the left. The lines of a longer text stand
// behind a bar, so that no text of a reply begins a line: CI systems read commands there.
func write(out *strings.Builder, indent string, d detail, paint func(label string) string) {
	first, rest, more := strings.Cut(d.text, "\n")
	fmt.Fprintf(out, "%s%s%s %s\n", indent, paint(d.label), strings.Repeat(" ", max(0, gutter-len(d.label))), first)
	for more {
		var line string
		line, rest, more = strings.Cut(rest, "\n")
		fmt.Fprintf(out, "%s%s | %s\n", indent, strings.Repeat(" ", gutter), line)
	}
}

// block is a failure explained in plain text.
func (r Results) block(f Failure, limit int) string {
	var out strings.Builder
	for _, d := range r.details(f, limit) {
		write(&out, "", d, func(label string) string { return label })
	}
	return strings.TrimRight(out.String(), "\n")
}
