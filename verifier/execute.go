package verifier

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
)

// runner is one scenario being run.
type runner struct {
	run     *run
	sc      *Scenario
	session *session
	env     map[string]any // saved values, vars, functions
	mask    *masker
	result  ScenarioResult
	forced  int
	made    []Created
	cleanup bool
	// pays is what requests are paid from, and cleans what was kept for those of cleanup.
	pays, cleans *allowance
	// suffix names the row in which steps run.
	suffix string
}

// stop says that a scenario goes no further.
type stop struct{ reason string }

func (s *stop) Error() string { return s.reason }

// scenario runs one scenario from opening its session to masking its results.
func (r *run) scenario(ctx context.Context, sc *Scenario) (result ScenarioResult) {
	began := r.options.wall.now()
	x := &runner{run: r, sc: sc, mask: newMasker(), result: skipped(sc, "")}
	x.result.Verdict = Pass
	defer func() {
		// A defect of ours is one scenario's error, not the end of the run.
		if p := recover(); p != nil {
			result = skipped(sc, "")
			result.Verdict = Error
			result.Steps = append(result.Steps, x.broken(context.WithoutCancel(ctx), &step{verb: "run", name: "run", file: sc.File, line: sc.Line}, fmt.Errorf("the verifier failed: %v", p)))
		}
	}()
	if !x.reserve() {
		return skipped(sc, fmt.Sprintf("what is left of the target's budget of %d requests does not pay for it", r.target.budget))
	}
	defer func() {
		x.pays.release()
		x.cleans.release()
	}()
	s, err := r.target.open(ctx, r.plan.can, sc.API, mix(r.seed, sc.Name), r.options.wall)
	if err != nil {
		x.keep(x.broken(ctx, &step{verb: "open", name: "make a tenant", file: sc.File, line: sc.Line}, err))
		x.conclude()
		return x.result
	}
	x.session = s
	x.mask.credential(sc.API, s.own.credential)
	if err := x.environment(ctx); err != nil {
		x.keep(x.broken(ctx, &step{verb: "open", name: "make a second tenant", file: sc.File, line: sc.Line}, err))
	} else {
		x.steps(ctx, sc.steps)
	}
	x.cleanUp(ctx)
	closing, cancel := context.WithTimeout(context.WithoutCancel(ctx), cleanupTime)
	s.close(closing)
	cancel()
	x.conclude()
	x.result.Duration = r.options.wall.now().Sub(began)
	x.mask.scenario(&x.result, x.made)
	if len(x.made) > 0 {
		r.leave(x.made...)
	}
	return x.result
}

// reserve sets aside what the scenario is known to send, cleanup included; it reports
// whether there is enough.
func (x *runner) reserve() bool {
	cleanup := requests(x.sc.cleanup)
	pays, ok := x.run.sender.purse.reserve(requests(x.sc.steps) + cleanup)
	if !ok {
		return false
	}
	x.pays, x.cleans = pays, pays.split(cleanup)
	return true
}

// conclude makes the scenario's verdict of those of its steps.
func (x *runner) conclude() {
	for _, st := range x.result.Steps {
		x.result.Verdict = worst(x.result.Verdict, st.counted())
	}
	if x.result.Reason != "" {
		x.result.Verdict = worst(x.result.Verdict, Skip)
	}
}

// counted is what a step adds to the verdict of its scenario: one that was passed over
// on its own condition adds nothing.
func (s StepResult) counted() Verdict {
	if s.Verdict == Skip {
		return Pass
	}
	return s.Verdict
}

func (x *runner) environment(ctx context.Context) error {
	vars := maps.Clone(x.sc.vars)
	for name, v := range x.session.target.vars {
		vars[name] = v
	}
	x.env = functions(&ambient{now: x.session.now, unique: x.session.unique})
	x.env["vars"], x.env["credential"] = vars, visible(x.sc.API, x.session.own.credential)
	if !slices.Contains(x.sc.Needs, "foreign") {
		return nil
	}
	foreign, err := x.session.as(ctx, "foreign")
	if err != nil {
		return err
	}
	x.mask.credential(x.sc.API, foreign.credential)
	x.env["foreign"] = visible(x.sc.API, foreign.credential)
	return nil
}

// visible is a credential as expressions see it: by its keys, and its account as id.
func visible(api string, c map[string]string) map[string]any {
	out := map[string]any{"id": c[fieldsOf(api).id]}
	for k, v := range c {
		out[k] = v
	}
	return out
}

// steps runs steps in order; it reports whether the scenario goes on.
func (x *runner) steps(ctx context.Context, list []*step) bool {
	for _, st := range list {
		if !x.step(ctx, st) {
			return false
		}
	}
	return true
}

// step runs one step and keeps its result; it reports whether the scenario goes on.
func (x *runner) step(ctx context.Context, st *step) bool {
	if st.cond != nil {
		yes, err := st.cond.truth(x.env)
		if err != nil {
			return x.keep(x.broken(ctx, st, err))
		}
		if !yes {
			res := x.result1(st)
			res.Verdict, res.Reason = Skip, "not when "+st.cond.text+" is false"
			x.result.Steps = append(x.result.Steps, res)
			return true
		}
	}
	switch st.verb {
	case "forEach":
		return x.forEach(ctx, st)
	case "use":
		return x.use(ctx, st)
	}
	began := x.run.options.wall.now()
	res, err := x.do(ctx, st)
	if err != nil {
		res = x.failed(ctx, st, res, err)
	}
	res.Duration = x.run.options.wall.now().Sub(began)
	return x.keep(res)
}

// keep adds a result; it reports whether the scenario goes on.
func (x *runner) keep(res StepResult) bool {
	for _, p := range res.Problems {
		res.Verdict = worst(res.Verdict, p.Verdict)
	}
	x.result.Steps = append(x.result.Steps, res)
	return !worse(res.Verdict, Drift) && x.result.Reason == ""
}

func (x *runner) result1(st *step) StepResult {
	name := st.name
	if name == "" {
		name = st.title()
	}
	res := StepResult{Name: name + x.suffix, File: st.file, Line: st.line, Verdict: Pass, Cleanup: x.cleanup}
	if st.op != nil {
		res.Operation = st.op.ID
	}
	return res
}

// title names a step that has no name.
func (st *step) title() string {
	switch st.verb {
	case "call":
		return st.op.ID
	case "raw":
		return st.raw.method + " " + st.raw.path.node.Text
	case "advance":
		return "advance " + st.advance.node.Text
	case "force":
		return "force " + st.force.operation + " " + st.force.outcome
	case "state":
		if st.state.merge != nil {
			return "state merge"
		}
		return "state " + st.state.method + " " + st.state.path.node.Text
	case "use":
		return "use " + st.uses
	}
	return st.verb
}

func (x *runner) broken(ctx context.Context, st *step, err error) StepResult {
	return x.failed(ctx, st, x.result1(st), err)
}

// failed turns an error into what the report says of the step. Once the run was stopped,
// whatever went wrong may have gone wrong for that reason alone, and says nothing about
// the target.
func (x *runner) failed(ctx context.Context, st *step, res StepResult, err error) StepResult {
	if ctx.Err() != nil {
		err = &stop{stopped}
	}
	var halt *stop
	var gone *errNotSaved
	var budget *errBudget
	switch {
	case errors.As(err, &halt):
		res.Verdict, res.Reason = Skip, halt.reason
		x.result.Reason = halt.reason
		return res
	case errors.As(err, &budget):
		res.Verdict, res.Reason = Skip, budget.Error()
		x.result.Reason = budget.Error()
		return res
	case x.cleanup && errors.As(err, &gone):
		res.Verdict, res.Reason = Skip, gone.Error()+": there is nothing to clean up"
		return res
	}
	class := "check"
	var transport *errTransport
	if errors.As(err, &transport) {
		class = "transport"
	}
	res.Verdict = Error
	res.Problems = append(res.Problems, Problem{Verdict: Error, Class: class, What: err.Error(), Line: st.line})
	return res
}

// do runs a step that is one thing.
func (x *runner) do(ctx context.Context, st *step) (StepResult, error) {
	res := x.result1(st)
	if err := ctx.Err(); err != nil {
		return res, err
	}
	switch st.verb {
	case "advance":
		return res, x.advance(ctx, st)
	case "force":
		x.forced++
		return res, admin{x.session.target}.force(ctx, x.session.own.tenant, fmt.Sprintf("verify-%d", x.forced), x.sc.API, st.force)
	case "state":
		err := x.state(ctx, st, &res)
		return res, err
	case reckon:
		err := x.afterwards(st, x.env, &res, nil)
		return res, err
	case "call":
		if st.until != nil {
			return x.repeat(ctx, st)
		}
	}
	return x.attempt(ctx, st)
}
