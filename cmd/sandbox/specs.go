package main

import (
	"fmt"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/goccy/go-yaml"
	"github.com/spf13/cobra"

	"github.com/mediasandbox/sandbox/internal/nearest"
	"github.com/mediasandbox/sandbox/specs/openapi"
)

func specsCommand(p *program) *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "specs [API]",
		Short: "List the contracts, or print one",
		Long: `Lists the contracts, or prints one: an OpenAPI 3.0.3 document, as it is written.

"sandbox specs admin" prints that of the sandbox's own admin API.`,
		Args:      oneArgAtMost("API"),
		ValidArgs: contractNames(),
		RunE: func(_ *cobra.Command, args []string) error {
			if len(args) == 0 {
				return p.listSpecs()
			}
			return p.printSpec(args[0], asJSON)
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON instead of YAML")
	return cmd
}

func (p *program) listSpecs() error {
	docs, err := openapi.LoadAll()
	if err != nil {
		return failed("%w", err)
	}
	table := tabwriter.NewWriter(p.stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "NAME\tOPERATIONS\tOUTCOMES\tTITLE")
	for _, name := range openapi.APIs() {
		doc, outcomes := docs[name], 0
		for _, op := range doc.Operations {
			outcomes += len(op.Outcomes)
		}
		fmt.Fprintf(table, "%s\t%d\t%d\t%s\n", name, len(doc.Operations), outcomes, doc.Title)
	}
	return table.Flush()
}

// contractNames are the documents that can be printed.
func contractNames() []string { return append(openapi.APIs(), "admin") }

func (p *program) printSpec(name string, asJSON bool) error {
	names := contractNames()
	if !slices.Contains(names, name) {
		hint := nearest.Hint(name, names)
		if hint == "" {
			hint = "; there are " + strings.Join(names, ", ")
		}
		return misused("there is no contract %q%s", name, hint)
	}
	data, err := openapi.YAML(name)
	if err == nil && asJSON {
		data, err = yaml.YAMLToJSON(data)
	}
	if err != nil {
		return failed("%w", err)
	}
	_, err = p.stdout.Write(data)
	return err
}
