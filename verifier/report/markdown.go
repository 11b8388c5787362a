package report

import (
	"fmt"
	"io"
	"strings"

	"github.com/mediasandbox/sandbox/verifier"
)

// maxMarkdown bounds the page, in bytes: GitHub refuses a step summary of more than 1 MiB.
const maxMarkdown = 900 << 10

// Markdown writes the results as a page for a CI's summary.
func Markdown(w io.Writer, r Results) error {
	m := markdown{results: r}
	for _, rep := range r.Reports {
		m.report(rep)
	}
	m.differences()
	text := m.out.String()
	if m.left > 0 {
		text += fmt.Sprintf("\n… and %s more; the other reports have all.\n", plural(m.left, "failure"))
	}
	_, err := io.WriteString(w, text)
	return err
}

type markdown struct {
	results Results
	out     strings.Builder
	left    int // failures that had no room
}

func (m *markdown) report(rep *verifier.Report) {
	c := Count(rep)
	word := m.results.word(rep)
	mark := map[string]string{"ok": "✅", "failed": "❌"}[word]
	if mark == "" {
		mark = "⚠️ " + word + ":"
	}
	fmt.Fprintf(&m.out, "## %s sandbox verify: %s\n\n", mark, inline(rep.Target))
	fmt.Fprintf(&m.out, "%s: %s. %s in %s, seed %d.\n\n", plural(c.Total(), "scenario"), c, plural(rep.Sent, "request"), elapsed(rep.Duration), rep.Seed)
	m.coverage(rep)
	for _, f := range failures(rep, shown) {
		m.failure(f)
	}
	if list := skips(rep); len(list) > 0 {
		m.out.WriteString("<details><summary>Skipped</summary>\n\n")
		for _, s := range list {
			fmt.Fprintf(&m.out, "* %s: %s\n", inline(s.Reason), inline(strings.Join(s.Scenarios, "; ")))
		}
		m.out.WriteString("\n</details>\n\n")
	}
	if len(rep.Created) > 0 {
		m.out.WriteString("### Left behind\n\n")
		for _, c := range rep.Created {
			fmt.Fprintf(&m.out, "* %s: %s\n", inline(c.Operation), inline(c.What))
		}
		m.out.WriteByte('\n')
	}
}

func (m *markdown) coverage(rep *verifier.Report) {
	if len(rep.Coverage) == 0 {
		return
	}
	m.out.WriteString("| API | operations | documented outcomes | all outcomes |\n| --- | ---: | ---: | ---: |\n")
	var missed []string
	for _, a := range rep.Coverage {
		c := Cover(a)
		fmt.Fprintf(&m.out, "| %s | %d of %d | %d of %d (%s) | %d of %d |\n", inline(a.API), c.OperationsMet, c.Operations,
			c.DocumentedMet, c.Documented, percentText(c.Percent()), c.OutcomesMet, c.Outcomes)
		missed = append(missed, notMet(a)...)
	}
	m.out.WriteByte('\n')
	if len(missed) == 0 {
		return
	}
	fmt.Fprintf(&m.out, "<details><summary>%s not met</summary>\n\n", plural(len(missed), "outcome"))
	for _, line := range missed {
		fmt.Fprintf(&m.out, "* %s\n", inline(line))
	}
	m.out.WriteString("\n</details>\n\n")
}

// notMet lists the outcomes that a request can lead to and none did, with the reason.
func notMet(a verifier.APICoverage) []string {
	var out []string
	for _, op := range a.Operations {
		for _, o := range op.Outcomes {
			if o.Met > 0 || o.Forced {
				continue
			}
			line := fmt.Sprintf("%s %s: %s (%s)", a.API, op.Operation, o.Outcome, o.Source)
			if o.Why != "" {
				line += ": " + o.Why
			}
			out = append(out, line)
		}
	}
	return out
}

func (m *markdown) failure(f Failure) {
	if m.out.Len() > maxMarkdown {
		m.left++
		return
	}
	file, line := f.Place()
	fmt.Fprintf(&m.out, "<details><summary><b>%s</b> %s: %s — %s</summary>\n\n", f.Verdict(), inline(f.Scenario.API), inline(f.Scenario.Name), inline(f.Message()))
	fmt.Fprintf(&m.out, "%s, %s\n\n", inline(fmt.Sprintf("%s:%d", file, line)), inline(f.StepName()))
	m.fenced(m.results.block(f, 2000))
	m.out.WriteString("</details>\n\n")
}

func (m *markdown) differences() {
	for _, c := range m.results.Comparisons {
		mark := "✅"
		if len(c.unaccepted()) > 0 {
			mark = "❌"
		}
		fmt.Fprintf(&m.out, "## %s %s and %s\n\n", mark, inline(c.A), inline(c.B))
		if len(c.Differences) == 0 {
			m.out.WriteString("No difference.\n\n")
		} else {
			fmt.Fprintf(&m.out, "| operation | class | at | %s | %s | seen in | accepted |\n| --- | --- | --- | --- | --- | --- | --- |\n", inline(c.A), inline(c.B))
		}
		for _, d := range c.Differences {
			fmt.Fprintf(&m.out, "| %s | %s | %s | %s | %s | %s (%d) | %s |\n", inline(d.API+" "+d.Operation), inline(d.Class), inline(d.Pointer),
				inline(shorten(orNothing(d.A), 200)), inline(shorten(orNothing(d.B), 200)), inline(d.Scenario), d.Count, inline(d.Accepted))
		}
		m.out.WriteByte('\n')
		for _, r := range c.Remarks {
			fmt.Fprintf(&m.out, "* %s: %s\n", inline(fmt.Sprintf("%s:%d", r.File, r.Line)), inline(r.What))
		}
	}
}

// fenced writes a code block whose fence is longer than any run of backticks in it.
func (m *markdown) fenced(text string) {
	fence := "```"
	for strings.Contains(text, fence) {
		fence += "`"
	}
	fmt.Fprintf(&m.out, "%s text\n%s\n%s\n\n", fence, text, fence)
}

// inline makes a text safe to stand in a line or a cell: neither Markdown nor HTML.
func inline(s string) string {
	s = oneLine(s)
	var out strings.Builder
	for _, r := range s {
		switch r {
		case '&':
			out.WriteString("&amp;")
		case '<':
			out.WriteString("&lt;")
		case '>':
			out.WriteString("&gt;")
		case '|', '*', '_', '`', '[', ']', '\\', '#', '~', '@':
			fmt.Fprintf(&out, "&#%d;", r)
		default:
			out.WriteRune(r)
		}
	}
	return out.String()
}
