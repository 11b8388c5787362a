package verifier

import (
	"cmp"
	"context"
	"slices"
	"strings"
)

// Plan is what a run would do: which scenarios it would send, and which it would pass
// over and why.
type Plan struct {
	Target string
	Run    []*Scenario
	Skip   []Skipped
	// Requests is how many requests are sent at least.
	Requests int
	// Settings are those in which the tenants that scenarios run in differ from the sandbox.
	Settings map[string]string

	can abilities
}

// Skipped is a scenario that is not run.
type Skipped struct {
	Scenario *Scenario
	Reason   string
	// Chosen says that the caller chose it and the target cannot or must not run it;
	// otherwise it was not chosen.
	Chosen bool
}

// NewPlan asks the target what it can do and sorts the scenarios. It returns an
// *UnreachableError when the target is not there, the error of a ctx that has ended, and
// an error for wrong options.
func NewPlan(ctx context.Context, t *Target, o Options, scenarios ...*Scenario) (*Plan, error) {
	choose, err := o.selects()
	if err != nil {
		return nil, err
	}
	p := &Plan{Target: t.Name}
	var chosen []*Scenario
	for _, sc := range scenarios {
		if reason := choose(sc); reason != "" {
			p.Skip = append(p.Skip, Skipped{sc, reason, false})
		} else {
			chosen = append(chosen, sc)
		}
	}
	if t.Sandbox {
		if p.can, err = t.probe(ctx); err != nil || ctx.Err() != nil {
			return nil, cmp.Or(ctx.Err(), err)
		}
	}
	p.Settings = p.can.settings
	for _, sc := range chosen {
		if reason := t.refuses(p.can, o, sc); reason != "" {
			p.Skip = append(p.Skip, Skipped{sc, reason, true})
			continue
		}
		p.Run = append(p.Run, sc)
		p.Requests += requests(sc.steps) + requests(sc.cleanup)
	}
	if !t.Sandbox && !o.DryRun {
		if err := t.dial(ctx, apisOf(p.Run)); err != nil {
			return nil, cmp.Or(ctx.Err(), err)
		}
	}
	return p, nil
}

func apisOf(list []*Scenario) []string {
	var out []string
	for _, sc := range list {
		out = appendNew(out, sc.API)
	}
	return out
}

// unsigned says which credential is missing at a foreign target; "" when none is.
func (t *Target) unsigned(sc *Scenario) (reason string) {
	if t.Sandbox {
		return ""
	}
	sc.walk(func(st *step) {
		switch {
		case reason != "" || st.op == nil:
		case st.as != "" && t.others[st.as][sc.API] == nil:
			reason = t.lacks(st.as, sc.API)
		case st.as == "" && st.op.Secured && t.own[sc.API] == nil:
			reason = t.lacks("", sc.API)
		}
	})
	return reason
}

// refuses says why a scenario cannot or must not run at the target; "" when it can.
func (t *Target) refuses(can abilities, o Options, sc *Scenario) string {
	if !t.has(sc.API) {
		return "the target has no " + sc.API
	}
	if !t.Sandbox && !readOnly(sc) && !slices.Contains(t.allow, sc.Effect) && !slices.Contains(o.Allow, sc.Effect) {
		return sc.Effect + " is not allowed at this target (see --allow)"
	}
	for _, need := range sc.Needs {
		if name, ok := strings.CutPrefix(need, "vars."); ok && sc.vars[name] != nil {
			continue
		}
		if ok, reason := t.can(can, sc.API, need); !ok {
			return reason
		}
	}
	if reason := t.unsigned(sc); reason != "" {
		return reason
	}
	if d, _ := sc.waits(); d > 0 && !can.clock {
		if ok, why := t.patient(d); !ok {
			return why
		}
	}
	return ""
}
