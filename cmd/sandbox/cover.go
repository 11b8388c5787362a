package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"text/tabwriter"

	"github.com/mediasandbox/sandbox/internal/contract"
	"github.com/mediasandbox/sandbox/internal/coverage"
)

// maxMissed is how many outcomes the summary lists; a report lists them all.
const maxMissed = 20

// summarise writes what the command's traffic met.
func (e *execution) summarize(w io.Writer, r coverage.Report) {
	fmt.Fprintf(w, "\nsandbox: what the command's traffic met, seed %d\n", e.host.Seed())
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	var silent []string
	for _, a := range r.APIs {
		if !a.Called {
			silent = append(silent, a.Name)
			continue
		}
		fmt.Fprintf(table, "  %s\t%d of %d operations\t%d of %d outcomes\t%s%%\n", a.Name, called(a), len(a.Operations), a.Met, a.Total, percent(a.Percent))
	}
	table.Flush()
	switch {
	case len(silent) == len(r.APIs):
		fmt.Fprintf(w, "  nothing: it called none of the APIs; %s and so on say where they are\n", variableName(silent[0], "base_url"))
	case len(silent) > 0:
		fmt.Fprintf(w, "  not called: %s\n", strings.Join(silent, ", "))
	}
	if missed := failures(r); len(missed) > 0 {
		fmt.Fprintln(w, "never shown, though the vendor documents it:")
		for _, m := range missed[:min(len(missed), maxMissed)] {
			fmt.Fprintf(w, "  %s %s: %s (%s)\n", m.API, m.Operation, m.Outcome.Name, strings.TrimSuffix(m.Outcome.Summary, "."))
		}
		if more := len(missed) - maxMissed; more > 0 {
			fmt.Fprintf(w, "  and %d more; --report coverage.md lists them all\n", more)
		}
	}
	if n := e.strays(); n > 0 {
		fmt.Fprintf(w, "%s not the tenant's: the command used other base URLs and credentials than those in its environment\n", requests(n))
	}
}

func requests(n int) string {
	if n == 1 {
		return "1 request was"
	}
	return strconv.Itoa(n) + " requests were"
}

// failures are the documented failures that the client was never shown, of the operations
// that it called.
func failures(r coverage.Report) (out []coverage.Missed) {
	for _, m := range r.Missed() {
		if m.Outcome.Source == contract.Documented && !m.Outcome.Success {
			out = append(out, m)
		}
	}
	return out
}

func called(a coverage.API) (n int) {
	for _, op := range a.Operations {
		if op.Called {
			n++
		}
	}
	return n
}

func percent(p float64) string { return strconv.FormatFloat(p, 'f', -1, 64) }

// reportFormats are the formats of a report, as its file's name ends.
func reportFormats() []string { return []string{"json", "md"} }

func reportFormat(file string) string { return strings.TrimPrefix(filepath.Ext(file), ".") }

// writable makes the file of a report when there is none: a long command must not end with
// nowhere to write to. It is opened again afterwards, because the command may have swept
// its folder.
func writable(file string) error {
	f, err := os.OpenFile(file, os.O_WRONLY|os.O_CREATE, 0o644) //nolint:gosec // a report is for everybody
	if err != nil {
		return err
	}
	return f.Close()
}

func writeCoverage(file string, r coverage.Report) error {
	var out bytes.Buffer
	if reportFormat(file) == "json" {
		enc := json.NewEncoder(&out)
		enc.SetEscapeHTML(false)
		enc.SetIndent("", "  ")
		if err := enc.Encode(r); err != nil {
			return err
		}
	} else {
		coverageMarkdown(&out, r)
	}
	return os.WriteFile(file, out.Bytes(), 0o644) //nolint:gosec // a report is for everybody
}

// coverageMarkdown writes a summary for a CI page.
func coverageMarkdown(out *bytes.Buffer, r coverage.Report) {
	fmt.Fprintf(out, "# Coverage of the vendors' contracts: %s%%\n\n%d of %d outcomes of the APIs that were called.\n\n", percent(r.Percent), r.Met, r.Total)
	out.WriteString("| API | operations | outcomes | |\n| --- | --- | --- | --- |\n")
	for _, a := range r.APIs {
		if !a.Called {
			fmt.Fprintf(out, "| %s | not called | | |\n", a.Name)
			continue
		}
		fmt.Fprintf(out, "| %s | %d of %d | %d of %d | %s%% |\n", a.Name, called(a), len(a.Operations), a.Met, a.Total, percent(a.Percent))
	}
	markdownList(out, "Never shown to the client, though the vendor documents it", failures(r))
	var others []coverage.Missed
	for _, m := range r.Missed() {
		if m.Outcome.Source != contract.Documented || m.Outcome.Success {
			others = append(others, m)
		}
	}
	markdownList(out, "Not met otherwise", others)
	if list := r.NotCalled(); len(list) > 0 {
		out.WriteString("\n## Operations that were not called\n\n")
		for _, name := range list {
			fmt.Fprintf(out, "* %s\n", name)
		}
	}
}

func markdownList(out *bytes.Buffer, title string, missed []coverage.Missed) {
	if len(missed) == 0 {
		return
	}
	fmt.Fprintf(out, "\n## %s\n\n", title)
	for _, m := range missed {
		where := m.API
		if m.Operation != "" {
			where += " " + m.Operation
		}
		fmt.Fprintf(out, "* %s: `%s` – %s (%s)\n", where, m.Outcome.Name, strings.TrimSuffix(m.Outcome.Summary, "."), m.Outcome.Source)
	}
}
