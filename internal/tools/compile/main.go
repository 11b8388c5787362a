// Command compile writes specs/openapi/compiled from specs/openapi/*.yaml. It is run
// by go generate in specs/openapi.
package main

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
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
	return write("compiled/"+name+".json.gz", append(out, '\n'))
}

// write compresses data into a file, unless it is there already: another version of Go may
// write it in other bytes.
func write(file string, data []byte) error {
	if have, err := read(file); err == nil && bytes.Equal(have, data) {
		return nil
	}
	var out bytes.Buffer
	w, err := gzip.NewWriterLevel(&out, gzip.BestCompression)
	if err != nil {
		return err
	}
	if _, err := w.Write(data); err != nil {
		return err
	}
	if err := w.Close(); err != nil {
		return err
	}
	return os.WriteFile(file, out.Bytes(), 0o644) //nolint:gosec // a source file
}

func read(file string) ([]byte, error) {
	f, err := os.Open(file) //nolint:gosec // one of ours
	if err != nil {
		return nil, err
	}
	defer f.Close()
	r, err := gzip.NewReader(f)
	if err != nil {
		return nil, err
	}
	return io.ReadAll(r)
}
