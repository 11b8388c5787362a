// Command document writes the generated pages of docs/ from the contracts:
// differences.md, every reply that is observed or assumed rather than documented, and
// coverage.md, every operation with its outcomes. go generate runs it; a test holds the
// pages to the contracts.
package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/mediasandbox/sandbox/internal/contract"
	counted "github.com/mediasandbox/sandbox/internal/coverage"
	"github.com/mediasandbox/sandbox/specs/openapi"
)

//go:generate go run . ../../../docs

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: document FOLDER")
		os.Exit(2)
	}
	pages, err := pages()
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	for name, text := range pages {
		if err := os.WriteFile(filepath.Join(os.Args[1], name), []byte(text), 0o644); err != nil { //nolint:gosec // a source file
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
	}
}

// pages returns the generated pages by file name.
func pages() (map[string]string, error) {
	var docs []*contract.Document
	for _, name := range openapi.APIs() {
		d, err := openapi.Load(name)
		if err != nil {
			return nil, err
		}
		docs = append(docs, d)
	}
	return map[string]string{"differences.md": differences(docs), "coverage.md": coverage(docs)}, nil
}

// row is one outcome with the operations that share it.
type row struct {
	outcome    *contract.Outcome
	operations []string
}

// rows gathers the outcomes of one source; the same reply of several operations is one row.
func rows(d *contract.Document, source string) []row {
	index := map[string]int{}
	var out []row
	for _, op := range d.Operations {
		for _, o := range op.Outcomes {
			if o.Source != source {
				continue
			}
			key := fmt.Sprint(o.Name, o.Status, o.ContentType, o.Example)
			i, ok := index[key]
			if !ok {
				i = len(out)
				index[key] = i
				out = append(out, row{outcome: o})
			}
			out[i].operations = append(out[i].operations, op.ID)
		}
	}
	return out
}

func differences(docs []*contract.Document) string {
	var b strings.Builder
	b.WriteString("# What is not documented\n\n" +
		"Generated from specs/openapi by `go generate ./...`; do not edit.\n\n" +
		"A vendor's page is the authority. Where it is silent, a reply is **observed** (seen in the vendor's public server source,\n" +
		"an official SDK or a public client's log) or **assumed** (nobody says it: our choice). Both are listed here, so that what\n" +
		"rests on them can be checked against the real thing: `sandbox verify` reports an assumption that a real target refutes.\n")
	for _, d := range docs {
		fmt.Fprintf(&b, "\n## %s (`%s`)\n", d.Title, d.Name)
		for _, source := range []string{contract.Observed, contract.Assumed} {
			list := rows(d, source)
			fmt.Fprintf(&b, "\n### %s: %d\n\n", strings.ToUpper(source[:1])+source[1:], len(list))
			if len(list) == 0 {
				b.WriteString("None.\n")
				continue
			}
			b.WriteString("| outcome | status | says | operations | where it rests |\n| --- | --- | --- | --- | --- |\n")
			for _, r := range list {
				ops := strings.Join(r.operations, ", ")
				if len(r.operations) == len(d.Operations) && len(d.Operations) > 1 {
					ops = "all"
				}
				name := "`" + r.outcome.Name + "`"
				if r.outcome.Forced {
					name += " (only when forced)"
				}
				fmt.Fprintf(&b, "| %s | %d | %s | %s | %s |\n", name, r.outcome.Status, cell(says(r.outcome)), ops, cell(r.outcome.Section))
			}
		}
	}
	return b.String()
}

// says is the reply in short: of a refusal the body, of a success its summary.
func says(o *contract.Outcome) string {
	if o.Success || len(o.Example) > 200 {
		return o.Summary
	}
	return "`" + strings.ReplaceAll(o.Example, "`", "'") + "`"
}

func cell(s string) string {
	return strings.ReplaceAll(strings.Join(strings.Fields(s), " "), "|", "\\|")
}

func coverage(docs []*contract.Document) string {
	var b strings.Builder
	b.WriteString("# Operations and outcomes\n\nGenerated from specs/openapi by `go generate ./...`; do not edit.\n\n" +
		"*Forced* outcomes have no rule that leads there: the sandbox answers so when asked to. `sandbox verify` counts every outcome;\n" +
		"`GET /__admin/coverage` and `sandbox exec` count those that a client can be shown by its requests alone (*by requests*): the forced ones not,\n" +
		"and once for the API what answers requests outside of every operation, however many operations list it.\n\n" +
		"| API | operations | outcomes | documented | observed | assumed | forced | by requests |\n| --- | --- | --- | --- | --- | --- | --- | --- |\n")
	for _, d := range docs {
		count := map[string]int{}
		for _, op := range d.Operations {
			for _, o := range op.Outcomes {
				count["all"]++
				count[o.Source]++
				if o.Forced {
					count["forced"]++
				}
			}
		}
		fmt.Fprintf(&b, "| %s | %d | %d | %d | %d | %d | %d | %d |\n", d.Name, len(d.Operations), count["all"],
			count[contract.Documented], count[contract.Observed], count[contract.Assumed], count["forced"], byRequests(d))
	}
	for _, d := range docs {
		fmt.Fprintf(&b, "\n## %s\n", d.Name)
		for _, op := range d.Operations {
			fmt.Fprintf(&b, "\n**%s** `%s %s`%s: %s (effect: %s)\n\n", op.ID, strings.Join(op.Methods, "/"), op.Path, pins(op), op.Summary, op.Effect)
			for _, source := range []string{contract.Documented, contract.Observed, contract.Assumed} {
				var names []string
				for _, o := range op.Outcomes {
					if o.Source == source {
						name := "`" + o.Name + "`"
						if o.Forced {
							name += " (forced)"
						}
						names = append(names, name)
					}
				}
				if len(names) > 0 {
					fmt.Fprintf(&b, "* %s: %s\n", source, strings.Join(names, ", "))
				}
			}
		}
	}
	return b.String()
}

// byRequests is how many outcomes the coverage of a tenant's traffic counts.
func byRequests(d *contract.Document) int {
	var nobody counted.Run
	return nobody.Report(counted.NewCatalog(d)).APIs[0].Total
}

func pins(op *contract.Operation) string {
	var out []string
	for _, p := range op.Pins {
		out = append(out, p.Name+"="+p.Value)
	}
	if len(out) == 0 {
		return ""
	}
	return " with `" + strings.Join(out, "&") + "`"
}
