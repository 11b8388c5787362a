// Package openapi embeds the contract documents. They are data for people and for
// internal/contract; nothing is decided here.
package openapi

import (
	"compress/gzip"
	"embed"
	"fmt"
	"io"
	"sync"

	"github.com/mediasandbox/sandbox/internal/contract"
)

//go:generate go run ../../internal/tools/compile

//go:embed *.yaml
var files embed.FS

// The same contracts, compiled (contract.Compile); a test holds them to the YAML. They
// repeat themselves so much that a tenth of them is left when they are compressed.
//
//go:embed compiled/*.json.gz
var compiled embed.FS

// APIs are the names of the vendors' documents, in the order in which they are listed everywhere.
func APIs() []string { return []string{"qqtube", "polyv", "cliparto", "qulive", "interstream"} }

// YAML returns a document as it is written. name is that of an API, or "admin".
func YAML(name string) ([]byte, error) {
	data, err := files.ReadFile(name + ".yaml")
	if err != nil {
		return nil, fmt.Errorf("no document is called %q", name)
	}
	return data, nil
}

// Load returns one contract, from its compiled form.
func Load(name string) (*contract.Document, error) {
	f, err := compiled.Open("compiled/" + name + ".json.gz")
	if err != nil {
		return nil, fmt.Errorf("no contract is called %q", name)
	}
	defer f.Close()
	r, err := gzip.NewReader(f)
	if err != nil {
		return nil, err
	}
	data, err := io.ReadAll(r)
	if err != nil {
		return nil, err
	}
	return contract.Decode(data)
}

// LoadAll returns all contracts, read side by side.
func LoadAll() (map[string]*contract.Document, error) {
	names := APIs()
	docs := make([]*contract.Document, len(names))
	errs := make([]error, len(names))
	var wg sync.WaitGroup
	for i, name := range names {
		wg.Go(func() { docs[i], errs[i] = Load(name) })
	}
	wg.Wait()
	out := make(map[string]*contract.Document, len(names))
	for i, name := range names {
		if errs[i] != nil {
			return nil, errs[i]
		}
		out[name] = docs[i]
	}
	return out, nil
}
