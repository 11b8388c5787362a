// Command compile writes specs/openapi/compiled from specs/openapi/*.yaml. It is run
// by go generate in specs/openapi.
package main

import (
	"fmt"
	"os"

	"github.com/mediasandbox/sandbox/internal/contract/source"
)

func main() {
	failed := false
	for _, name := range []string{"qqtube", "polyv", "cliparto", "qulive", "interstream"} {
		if err := compile(name); err != nil {
			fmt.Fprintln(os.Stderr, err)
			failed = true
		}
	}
	if failed {
		os.Exit(1)
	}
}

func compile(name string) error {
	data, err := os.ReadFile(name + ".yaml")
	if err != nil {
		return err
	}
	doc, err := source.Load(name, data)
	if err != nil {
		return err
	}
	out, err := doc.Compile()
	if err != nil {
		return err
	}
	return os.WriteFile("compiled/"+name+".json", append(out, '\n'), 0o644) //nolint:gosec // a source file
}
