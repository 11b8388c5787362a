package verifier

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"time"
)

// cleanupTime is how long cleanup may take once the run was stopped.
const cleanupTime = 5 * time.Second

func (x *runner) forEach(ctx context.Context, st *step) bool {
	rows, err := st.list(x.env)
	if err == nil && len(rows) == 0 {
		err = fmt.Errorf("forEach has no rows: nothing would be shown; say with if when that is well")
	}
	if err != nil {
		return x.keep(x.broken(ctx, st, err))
	}
	outer, had := x.env["row"]
	suffix := x.suffix
	ok := true
	for i, row := range rows {
		if ctx.Err() != nil || x.result.Reason != "" {
			break
		}
		x.env["row"] = row
		x.suffix = suffix + fmt.Sprintf(" [%d: %s]", i+1, shorten(show(row), 60))
		// One row's failure says nothing about the next: all are shown.
		ok = x.steps(ctx, st.steps) && ok
	}
	x.suffix = suffix
	if delete(x.env, "row"); had {
		x.env["row"] = outer
	}
	return ok
}

func (st *step) list(env map[string]any) ([]any, error) {
	var v any
	var err error
	if st.rows != nil {
		v, err = st.rows.eval(env)
	} else {
		v, err = st.over.eval(env)
	}
	if err != nil {
		return nil, err
	}
	rows, ok := v.([]any)
	if !ok {
		return nil, fmt.Errorf("forEach wants a list, this is %s", describe(v))
	}
	return rows, nil
}

// use runs shared steps as if they stood here, with their parameters bound.
func (x *runner) use(ctx context.Context, st *step) bool {
	inner := maps.Clone(x.env)
	if err := st.parameters(x.env, inner); err != nil {
		return x.keep(x.broken(ctx, st, err))
	}
	outer := x.env
	x.env = inner
	ok := x.steps(ctx, st.steps)
	x.env = outer
	for name, v := range inner {
		if !slices.Contains(st.params, name) {
			outer[name] = v
		}
	}
	return ok
}

// parameters computes what a use is given.
func (st *step) parameters(env, into map[string]any) error {
	if st.withAll != nil {
		v, err := st.withAll.eval(env)
		if err != nil {
			return err
		}
		obj, ok := v.(map[string]any)
		if !ok {
			return fmt.Errorf("with wants an object, the expression gives %s", describe(v))
		}
		for name, v := range obj {
			into[name] = v
		}
		return nil
	}
	for _, m := range st.with {
		v, err := m.eval(env)
		if err != nil {
			return fmt.Errorf("%s: %w", m.name, err)
		}
		into[m.name] = v
	}
	return nil
}

// excuse takes the blame off a cleanup that came in the middle of a scenario, where it may
// meet what no whole scenario leaves. What it did not remove is told as left behind.
func (x *runner) excuse() {
	for i := range x.result.Steps {
		if s := &x.result.Steps[i]; s.Cleanup && len(s.Problems) > 0 {
			s.Verdict, s.Reason, s.Problems = Skip, stopped+": "+s.Problems[0].What, nil
		}
	}
}

// outlive returns a context that ends that much later than ctx.
func outlive(ctx context.Context, by time.Duration) (context.Context, context.CancelFunc) {
	longer, cancel := context.WithCancel(context.WithoutCancel(ctx))
	forget := context.AfterFunc(ctx, func() { time.AfterFunc(by, cancel) })
	return longer, func() {
		forget()
		cancel()
	}
}

// cleanUp runs the cleanup, last step first, whatever has happened before. Each step
// runs by itself: one that fails does not keep the others from running.
func (x *runner) cleanUp(ctx context.Context) {
	if len(x.sc.cleanup) == 0 {
		return
	}
	ctx, cancel := outlive(ctx, cleanupTime)
	defer cancel()
	x.cleanup = true
	x.pays.release()
	x.pays = x.cleans
	reason := x.result.Reason
	clean := true
	for i := len(x.sc.cleanup) - 1; i >= 0; i-- {
		x.result.Reason = ""
		clean = x.step(ctx, x.sc.cleanup[i]) && clean
	}
	x.result.Reason = reason
	if reason == stopped {
		x.excuse()
	}
	if clean {
		x.made = nil
	}
}
