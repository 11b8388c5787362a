package sandboxtest

import (
	"fmt"
	"time"

	"github.com/mediasandbox/sandbox/internal/faults"
)

// Force lets the next call of an operation end in the named outcome of its contract, such
// as Force("polyv", "clip", "internal-error"): neither signature nor parameters nor state
// are asked, and nothing changes. Forced outcomes of one operation are met in the order in
// which they were forced.
//
// It ends the test when there is no such operation or outcome, naming the nearest.
func (sb *Sandbox) Force(api, operation, outcome string) {
	sb.t.Helper()
	sb.ForceTimes(api, operation, outcome, 1)
}

// ForceTimes is Force for the next n calls.
func (sb *Sandbox) ForceTimes(api, operation, outcome string, n int) {
	sb.t.Helper()
	if n < 1 {
		sb.t.Fatalf("sandboxtest: ForceTimes: %d times", n)
	}
	sb.mu.Lock()
	sb.forced++
	name := fmt.Sprintf("forced-%d", sb.forced)
	sb.mu.Unlock()
	sb.Fault(Fault{Name: name, API: api, Operation: operation, Outcome: outcome, Times: n})
}

// Fault is trouble for calls that fit: all fields of the first group that are set have to.
// Kind says what happens; what else is set may tell it.
type Fault struct {
	Name string // "" draws one; a fault of the same name is replaced

	API       string
	Operation string
	Effect    string            // read, write, paid or destructive
	Params    map[string]string // parameters with exactly these values

	Skip   int     // let so many calls pass first
	Times  int     // then so many calls, 0 for all
	Chance float64 // of these, this share; 0 for all. Drawn from the test's seed

	// Kind is outcome, latency, status, quota, reset, empty, truncate, garbage, slow,
	// chunked or restyled. Without it, Outcome, Status, Limit or Delay tell.
	Kind    string
	Outcome string        // by name, as in the contract
	Status  int           // of a gateway in front of the vendor: 503
	Delay   time.Duration // before the reply; for slow, how long the body takes
	// Handled says whether the vendor has handled the call before it is broken, which a
	// client cannot know; nil takes the kind's default.
	Handled *bool
	// So many calls pass in a window, which is a minute by default.
	Limit  int
	Window time.Duration
}

// Fault makes trouble until the returned function is called or the test ends:
//
//	sb.Fault(sandboxtest.Fault{API: "polyv", Kind: "reset", Times: 1})
//	sb.Fault(sandboxtest.Fault{Status: 503, Chance: 0.2})
//
// It ends the test when the fault could never come, naming the field.
func (sb *Sandbox) Fault(f Fault) (remove func()) {
	sb.t.Helper()
	if f.Name == "" {
		sb.mu.Lock()
		sb.forced++
		f.Name = fmt.Sprintf("fault-%d", sb.forced)
		sb.mu.Unlock()
	}
	if f.Skip < 0 || f.Times < 0 || f.Limit < 0 {
		sb.t.Fatalf("sandboxtest: Fault: Skip, Times and Limit are counts")
	}
	spec := faults.Spec{
		Name: f.Name, API: f.API, Operation: f.Operation, Effect: f.Effect, Params: f.Params,
		Skip: uint64(f.Skip), Times: uint64(f.Times), Chance: f.Chance,
		Kind: f.Kind, Outcome: f.Outcome, Status: f.Status, Handled: f.Handled,
		Limit: uint64(f.Limit), Window: faults.Duration(f.Window),
	}
	if f.Delay != 0 {
		spec.Delay = &faults.Delay{Min: f.Delay, Max: f.Delay}
	}
	if _, err := sb.faults.Put(spec); err != nil {
		sb.t.Fatalf("sandboxtest: Fault: %s", err)
	}
	return func() { sb.faults.Delete(f.Name) }
}

// ClearFaults ends all faults and what was forced and not met yet.
func (sb *Sandbox) ClearFaults() { sb.faults.Clear() }
