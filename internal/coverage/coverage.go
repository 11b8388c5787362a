// Package coverage counts which operations and outcomes of the contracts a tenant's
// traffic has met, and says which documented failures a client was never shown.
//
// It counts and compares. It keeps no requests (that is the journal) and decides nothing
// about a call.
package coverage

import (
	"sync/atomic"

	"github.com/mediasandbox/sandbox/internal/contract"
)

// Catalog is everything that can be met, counted out once when the sandbox starts. It is
// never changed, and shared by all tenants.
type Catalog struct {
	apis  []api
	index map[key]place
}

// api is one contract with its cells.
type api struct {
	doc   *contract.Document
	cells []cell
}

// cell is one operation and outcome. An outcome that answers requests outside every
// operation stands in a cell without operation.
type cell struct {
	op      *contract.Operation
	outcome *contract.Outcome
}

type key struct{ api, operation, outcome string }

type place struct{ api, cell int }

// NewCatalog counts out the operations and outcomes of documents, in the given order.
//
// An outcome that the contract uses for requests outside every operation (x-unmatched)
// counts once for the API, not for each operation that lists it: which operation was
// meant cannot be told.
func NewCatalog(docs ...*contract.Document) *Catalog {
	c := &Catalog{index: map[key]place{}}
	for i, doc := range docs {
		a := api{doc: doc}
		outside := []string{doc.Unmatched.Path, doc.Unmatched.Pin, doc.Unmatched.Method}
		for _, op := range doc.Operations {
			for _, o := range op.Outcomes {
				if has(outside, o.Name) {
					continue
				}
				c.index[key{doc.Name, op.ID, o.Name}] = place{i, len(a.cells)}
				a.cells = append(a.cells, cell{op, o})
			}
		}
		for _, name := range outside {
			o := doc.Common[name]
			if o == nil || has(names(a.cells), name) {
				continue
			}
			at := place{i, len(a.cells)}
			a.cells = append(a.cells, cell{nil, o})
			c.index[key{doc.Name, "", name}] = at
			for _, op := range doc.Operations {
				c.index[key{doc.Name, op.ID, name}] = at
			}
		}
		c.apis = append(c.apis, a)
	}
	return c
}

// names lists the outcomes of cells without an operation.
func names(cells []cell) []string {
	var out []string
	for _, c := range cells {
		if c.op == nil {
			out = append(out, c.outcome.Name)
		}
	}
	return out
}

func has(list []string, name string) bool {
	for _, s := range list {
		if s == name {
			return true
		}
	}
	return false
}

// Run is the count of one tenant. The zero value has counted nothing and costs a pointer;
// all methods may be called from any number of goroutines.
type Run struct{ counts atomic.Pointer[counts] }

// counts are the cells' counts by API; an API that was never called has none.
type counts struct {
	byAPI []atomic.Pointer[[]atomic.Uint32]
	other atomic.Uint32 // outcomes that the catalog does not have
}

// Meet counts one reply. operation is "" for a request that names none.
func (r *Run) Meet(c *Catalog, apiName, operation, outcome string) {
	n := r.counts.Load()
	if n == nil {
		n = &counts{byAPI: make([]atomic.Pointer[[]atomic.Uint32], len(c.apis))}
		if !r.counts.CompareAndSwap(nil, n) {
			n = r.counts.Load()
		}
		if n == nil { // reset at this very moment
			return
		}
	}
	at, ok := c.index[key{apiName, operation, outcome}]
	if !ok && operation != "" {
		// Refused before the operation mattered: of the API as a whole.
		at, ok = c.index[key{apiName, "", outcome}]
	}
	if !ok {
		n.other.Add(1)
		return
	}
	slot := &n.byAPI[at.api]
	cells := slot.Load()
	if cells == nil {
		fresh := make([]atomic.Uint32, len(c.apis[at.api].cells))
		if cells = &fresh; !slot.CompareAndSwap(nil, cells) {
			cells = slot.Load()
		}
	}
	(*cells)[at.cell].Add(1)
}

// Reset forgets what was counted.
func (r *Run) Reset() { r.counts.Store(nil) }

// count returns how often a cell was met.
func (r *Run) count(api, cell int) int {
	n := r.counts.Load()
	if n == nil {
		return 0
	}
	cells := n.byAPI[api].Load()
	if cells == nil {
		return 0
	}
	return int((*cells)[cell].Load())
}
