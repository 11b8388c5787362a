package coverage

import (
	"fmt"
	"strings"

	"github.com/mediasandbox/sandbox/internal/contract"
)

// Report says what was met, against all of the contract.
type Report struct {
	// Percent is Met of Total in percent, over the APIs that were called: an API that
	// the client does not use says nothing about its tests. 0 when nothing was called.
	Percent float64 `json:"percent"`
	Met     int     `json:"met"`
	Total   int     `json:"total"`
	APIs    []API   `json:"apis"`
	// Outside counts replies that stand for no outcome of a contract: connections that a
	// fault broke before anything was said.
	Outside int `json:"outside,omitempty"`
}

// API is the report of one contract.
type API struct {
	Name       string      `json:"api"`
	Called     bool        `json:"called"`
	Percent    float64     `json:"percent"`
	Met        int         `json:"met"`
	Total      int         `json:"total"`
	Operations []Operation `json:"operations"`
	// Unmatched are the replies to requests outside every operation.
	Unmatched []Outcome `json:"unmatched,omitempty"`
}

// Operation is the report of one operation.
type Operation struct {
	Name     string    `json:"operation"`
	Called   bool      `json:"called"`
	Met      int       `json:"met"`
	Total    int       `json:"total"`
	Outcomes []Outcome `json:"outcomes"`
	// Forced are the outcomes that no request leads to, only a fault: they count for
	// nothing until they are met.
	Forced []Outcome `json:"forced,omitempty"`
}

// Outcome is how often one outcome was met.
type Outcome struct {
	Name    string `json:"outcome"`
	Summary string `json:"summary"`
	Source  string `json:"source"`
	Success bool   `json:"success,omitempty"`
	Count   int    `json:"count"`
}

// Report compares what was counted with the catalog. With names, it is about these APIs
// only.
func (r *Run) Report(c *Catalog, names ...string) Report {
	out := Report{APIs: []API{}}
	for i := range c.apis {
		if len(names) > 0 && !has(names, c.apis[i].doc.Name) {
			continue
		}
		a := r.api(c, i)
		if a.Called {
			out.Met += a.Met
			out.Total += a.Total
		}
		out.APIs = append(out.APIs, a)
	}
	out.Percent = percent(out.Met, out.Total)
	if n := r.counts.Load(); n != nil && len(names) == 0 {
		out.Outside = int(n.other.Load())
	}
	return out
}

func (r *Run) api(c *Catalog, index int) API {
	from := c.apis[index]
	a := API{Name: from.doc.Name, Operations: []Operation{}}
	at := map[*contract.Operation]int{}
	for i, cl := range from.cells {
		o := Outcome{cl.outcome.Name, cl.outcome.Summary, cl.outcome.Source, cl.outcome.Success, r.count(index, i)}
		a.Called = a.Called || o.Count > 0
		if cl.op == nil {
			a.Unmatched = append(a.Unmatched, o)
			a.Total++
			a.Met += met(o)
			continue
		}
		j, ok := at[cl.op]
		if !ok {
			j = len(a.Operations)
			at[cl.op] = j
			a.Operations = append(a.Operations, Operation{Name: cl.op.ID, Outcomes: []Outcome{}})
		}
		op := &a.Operations[j]
		op.Called = op.Called || o.Count > 0
		if cl.outcome.Forced {
			op.Forced = append(op.Forced, o)
			continue
		}
		op.Outcomes = append(op.Outcomes, o)
		op.Total++
		op.Met += met(o)
	}
	for _, op := range a.Operations {
		a.Total += op.Total
		a.Met += op.Met
	}
	a.Percent = percent(a.Met, a.Total)
	return a
}

func met(o Outcome) int {
	if o.Count > 0 {
		return 1
	}
	return 0
}

// percent is rounded down to a tenth, so that 100 means all.
func percent(met, total int) float64 {
	if total == 0 {
		return 0
	}
	return float64(met*1000/total) / 10
}

// Missed is an outcome that the client was never shown.
type Missed struct {
	API       string
	Operation string // "" for a request outside every operation
	Outcome   Outcome
}

// String is one line for people.
func (m Missed) String() string {
	where := m.API
	if m.Operation != "" {
		where += " " + m.Operation
	}
	return fmt.Sprintf("%s: %s (%s, %s)", where, m.Outcome.Name, strings.TrimSuffix(m.Outcome.Summary, "."), m.Outcome.Source)
}

// Missed lists the outcomes that were not met by the operations that were called: what
// the client can be shown next. Failures that the vendor documents come first.
func (r Report) Missed() []Missed {
	var documented, others []Missed
	add := func(m Missed) {
		switch {
		case m.Outcome.Count > 0:
		case m.Outcome.Source == contract.Documented && !m.Outcome.Success:
			documented = append(documented, m)
		default:
			others = append(others, m)
		}
	}
	for _, a := range r.APIs {
		for _, op := range a.Operations {
			if !op.Called {
				continue
			}
			for _, o := range op.Outcomes {
				add(Missed{a.Name, op.Name, o})
			}
		}
		if a.Called {
			for _, o := range a.Unmatched {
				add(Missed{a.Name, "", o})
			}
		}
	}
	return append(documented, others...)
}

// NotCalled lists the operations of called APIs that were not called, as "api operation".
func (r Report) NotCalled() []string {
	var out []string
	for _, a := range r.APIs {
		if !a.Called {
			continue
		}
		for _, op := range a.Operations {
			if !op.Called {
				out = append(out, a.Name+" "+op.Name)
			}
		}
	}
	return out
}
