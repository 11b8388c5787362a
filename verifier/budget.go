package verifier

import (
	"fmt"
	"sync"
)

// errBudget says that the target's budget of requests is spent.
type errBudget struct{ budget int }

func (e *errBudget) Error() string {
	return fmt.Sprintf("the target's budget of %d requests is spent", e.budget)
}

// purse is what is left of a target's budget of requests. Scenarios set aside what they
// are known to need before they begin: otherwise several that run side by side would all
// end half-way, and none would come to a verdict.
type purse struct {
	budget int // 0 for none

	mu   sync.Mutex
	left int // neither sent nor set aside
}

func newPurse(budget int) *purse { return &purse{budget: budget, left: budget} }

// reserve sets requests aside, all or none.
func (p *purse) reserve(requests int) (*allowance, bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	a := &allowance{purse: p}
	if p.budget == 0 {
		return a, true
	}
	if requests > p.left {
		return nil, false
	}
	p.left -= requests
	a.aside = requests
	return a, true
}

// allowance is what was set aside for one purpose.
type allowance struct {
	purse *purse
	aside int // guarded by the purse's lock
}

// spend pays for one request: of what was set aside first, then of what is left for all.
func (a *allowance) spend() error {
	p := a.purse
	p.mu.Lock()
	defer p.mu.Unlock()
	switch {
	case p.budget == 0:
	case a.aside > 0:
		a.aside--
	case p.left > 0:
		p.left--
	default:
		return &errBudget{p.budget}
	}
	return nil
}

// split takes that many requests out into an allowance of their own.
func (a *allowance) split(requests int) *allowance {
	a.purse.mu.Lock()
	defer a.purse.mu.Unlock()
	out := &allowance{purse: a.purse, aside: min(requests, a.aside)}
	a.aside -= out.aside
	return out
}

// release gives back what was not spent.
func (a *allowance) release() {
	a.purse.mu.Lock()
	defer a.purse.mu.Unlock()
	a.purse.left += a.aside
	a.aside = 0
}

// requests is how many requests steps are known to send: each once, those of rows that are
// written out once a row, and none of a step with a condition.
func requests(steps []*step) int {
	n := 0
	for _, st := range steps {
		switch {
		case st.cond != nil:
		case st.op != nil, st.raw != nil:
			n++
		case st.rows != nil:
			n += len(st.rows.node.Items) * requests(st.steps)
		case st.verb == "use":
			n += requests(st.steps)
		}
	}
	return n
}
