package verifier

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/mediasandbox/sandbox/internal/contract"
	"github.com/mediasandbox/sandbox/signature"
)

// cleanupTime is how long cleanup may take once the run was stopped.
const cleanupTime = 5 * time.Second

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
			result.Steps = append(result.Steps, x.broken(&step{verb: "run", name: "run", file: sc.File, line: sc.Line}, fmt.Errorf("the verifier failed: %v", p)))
		}
	}()
	s, err := r.target.open(ctx, r.plan.can, sc.API, mix(r.seed, sc.Name), r.options.wall)
	if err != nil {
		x.result.Verdict = Error
		x.result.Steps = append(x.result.Steps, x.broken(&step{verb: "open", name: "make a tenant", file: sc.File, line: sc.Line}, err))
		return x.result
	}
	x.session = s
	x.mask.credential(sc.API, s.own.credential)
	if err := x.environment(ctx); err != nil {
		x.keep(x.broken(&step{verb: "open", name: "make a second tenant", file: sc.File, line: sc.Line}, err))
	} else {
		x.steps(ctx, sc.steps)
	}
	x.cleanUp(ctx)
	closing, cancel := context.WithTimeout(context.WithoutCancel(ctx), cleanupTime)
	s.close(closing)
	cancel()
	for _, st := range x.result.Steps {
		x.result.Verdict = worst(x.result.Verdict, st.counted())
	}
	if x.result.Reason != "" {
		x.result.Verdict = worst(x.result.Verdict, Skip)
	}
	x.result.Duration = r.options.wall.now().Sub(began)
	x.mask.scenario(&x.result, x.made)
	if len(x.made) > 0 {
		r.leave(x.made...)
	}
	return x.result
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
			return x.keep(x.broken(st, err))
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
		res = x.failed(st, res, err)
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

func (x *runner) broken(st *step, err error) StepResult {
	return x.failed(st, x.result1(st), err)
}

// failed turns an error into what the report says of the step.
func (x *runner) failed(st *step, res StepResult, err error) StepResult {
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
	res.Problems = append(res.Problems, Problem{Verdict: Error, Class: class, What: err.Error(), Line: st.line})
	return res
}

func (x *runner) forEach(ctx context.Context, st *step) bool {
	rows, err := st.list(x.env)
	if err == nil && len(rows) == 0 {
		err = fmt.Errorf("forEach has no rows: nothing would be shown; say with if when that is well")
	}
	if err != nil {
		return x.keep(x.broken(st, err))
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
		return x.keep(x.broken(st, err))
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

// cleanUp runs the cleanup, last step first, whatever has happened before. Each step
// runs by itself: one that fails does not keep the others from running.
func (x *runner) cleanUp(ctx context.Context) {
	if len(x.sc.cleanup) == 0 {
		return
	}
	if ctx.Err() != nil {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(context.WithoutCancel(ctx), cleanupTime)
		defer cancel()
	}
	x.cleanup = true
	reason := x.result.Reason
	clean := true
	for i := len(x.sc.cleanup) - 1; i >= 0; i-- {
		x.result.Reason = ""
		clean = x.step(ctx, x.sc.cleanup[i]) && clean
	}
	x.result.Reason = reason
	if clean {
		x.made = nil
	}
}

// do runs a step that is one thing.
func (x *runner) do(ctx context.Context, st *step) (StepResult, error) {
	res := x.result1(st)
	if err := ctx.Err(); err != nil {
		return res, &stop{"the run was stopped"}
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

func (x *runner) advance(ctx context.Context, st *step) error {
	d, err := x.duration(st.advance)
	if err != nil {
		return err
	}
	return x.wait(ctx, d)
}

func (x *runner) wait(ctx context.Context, d time.Duration) error {
	if ok, reason := x.session.patient(d); !ok {
		return &stop{reason}
	}
	err := x.session.wait(ctx, d)
	if err != nil && ctx.Err() != nil {
		return &stop{"the run was stopped"}
	}
	return err
}

func (x *runner) duration(v *value) (time.Duration, error) {
	text, _, err := v.argument(x.env)
	if err != nil {
		return 0, err
	}
	return parseDuration(text)
}

// repeat calls until expectation and checks hold.
func (x *runner) repeat(ctx context.Context, st *step) (StepResult, error) {
	within, err := x.duration(st.until.within)
	if err != nil {
		return x.result1(st), err
	}
	every, err := x.duration(st.until.every)
	if err != nil {
		return x.result1(st), err
	}
	if every <= 0 {
		return x.result1(st), fmt.Errorf("until: every is %s, which never ends", every)
	}
	if ok, reason := x.session.patient(within); !ok {
		return x.result1(st), &stop{reason}
	}
	var waited time.Duration
	for attempts := 1; ; attempts++ {
		res, err := x.attempt(ctx, st)
		res.Attempts = attempts
		if err != nil || !onlyNotYet(res.Problems) {
			return res, err
		}
		if waited+every > within {
			res.Problems = append(res.Problems, Problem{
				Verdict: Fail, Class: "check", What: fmt.Sprintf("it did not come about within %s, asked %d times", within, attempts), Line: st.line,
			})
			return res, nil
		}
		if err := x.wait(ctx, every); err != nil {
			return res, err
		}
		waited += every
	}
}

// onlyNotYet reports whether the problems are such that time may mend them.
func onlyNotYet(list []Problem) bool {
	for _, p := range list {
		if p.Verdict != Fail {
			return false
		}
	}
	return len(list) > 0
}

// attempt sends one request and judges its reply.
func (x *runner) attempt(ctx context.Context, st *step) (StepResult, error) {
	res := x.result1(st)
	out, err := x.request(ctx, st)
	if err != nil {
		return res, err
	}
	x.mask.request(x.sc.doc, out)
	if st.op != nil && !st.free() {
		if why := out.held(); why != "" {
			res.Exchange = exchange(out, nil)
			res.Problems = append(res.Problems, Problem{Verdict: Error, Class: "request", What: "the request is outside the contract, and not on purpose: " + why, Line: st.line})
			return res, nil
		}
	}
	in, err := x.run.sender.send(ctx, x.sc.API, out)
	res.Exchange = exchange(out, in)
	if err != nil {
		if ctx.Err() != nil {
			err = &stop{"the run was stopped"}
		}
		return res, err
	}
	x.mask.reply(in)
	j := &judgement{doc: x.sc.doc, op: out.op, st: st, foreign: x.session.target.Foreign(), in: in, head: out.Method == http.MethodHead}
	env := maps.Clone(x.env)
	err = j.judge(env)
	res.Problems, res.Outcome = j.problems, strings.Join(j.id.Names(), "+")
	if !j.head {
		x.run.meet(x.sc.doc, out.op, j.id.Names())
	}
	if err != nil {
		return res, err
	}
	if err := x.afterwards(st, env, &res, j); err != nil {
		return res, err
	}
	x.explain(out, j, &res)
	x.remember(st, j)
	return res, nil
}

// request makes the request of a step.
func (x *runner) request(ctx context.Context, st *step) (*outgoing, error) {
	as, err := x.session.as(ctx, st.as)
	if err != nil {
		return nil, err
	}
	x.mask.credential(x.sc.API, as.credential)
	if st.raw != nil {
		out, err := st.raw.build(as, x.env)
		if err != nil {
			return nil, err
		}
		out.op = operationOf(x.sc.doc, out)
		return out, nil
	}
	b := builder{doc: x.sc.doc, st: st, env: x.env, as: as, now: x.session.now(), salt: x.session.salt()}
	out, err := b.build()
	if err != nil {
		return nil, err
	}
	if st.tamper != nil {
		// What was spoilt may have made it another operation, or none.
		out.op = operationOf(x.sc.doc, out)
	}
	return out, nil
}

// operationOf finds the operation that a request leads to, as the vendor's server would.
func operationOf(doc *contract.Document, o *outgoing) *contract.Operation {
	path, query := o.path()
	body := o.Body
	if !contract.ReadsForm(o.Method) {
		body = nil
	}
	values, err := doc.ParseValues(nil, query, o.Header.Get("Content-Type"), body)
	if err != nil {
		return nil
	}
	if m := doc.Match(o.Method, path, values); m.Op != nil {
		return m.Op
	}
	if o.op == nil {
		return nil
	}
	// The method alone is wrong: the refusal is one of the operation that was meant.
	for _, method := range o.op.Methods {
		if m := doc.Match(method, path, values); m.Op == o.op {
			return o.op
		}
	}
	return nil
}

// afterwards runs the checks and keeps what is to be saved.
func (x *runner) afterwards(st *step, env map[string]any, res *StepResult, j *judgement) error {
	if j != nil && j.refuted {
		x.saveWhatThereIs(st, env)
		return nil
	}
	for _, k := range st.keep {
		v, err := k.expr.eval(env)
		if err == nil && k.name == "" {
			err = x.hold(k.expr, v, env, res)
		}
		switch {
		case (err != nil || v == nil) && len(res.Problems) > 0:
			// A reply that is already not as it should be often lacks what is asked of it.
			// What it has is kept, so that cleanup finds what was made.
		case err != nil && k.name != "":
			return fmt.Errorf("save %s: %w", k.name, err)
		case err != nil:
			return err
		case k.name != "":
			x.env[k.name], env[k.name] = v, v
		}
	}
	return nil
}

// hold notes a check that is not true.
func (x *runner) hold(e *expression, v any, env map[string]any, res *StepResult) error {
	yes, ok := v.(bool)
	if !ok {
		return fmt.Errorf("the check %q gives %s, wants true or false", shorten(e.text, 120), describe(v))
	}
	if !yes {
		res.Problems = append(res.Problems, Problem{Verdict: Fail, Class: "check", What: "a check does not hold", Expected: e.text, Actual: x.looked(e, env), Line: e.node.Line})
	}
	return nil
}

func (x *runner) saveWhatThereIs(st *step, env map[string]any) {
	for _, k := range st.keep {
		if k.name == "" {
			continue
		}
		if v, err := k.expr.eval(env); err == nil && v != nil {
			x.env[k.name], env[k.name] = v, v
		}
	}
}

// looked shows the saved values that a check speaks of.
func (x *runner) looked(e *expression, env map[string]any) string {
	var out []string
	for _, name := range e.uses {
		out = append(out, name+" = "+shorten(show(env[name]), 120))
	}
	if len(out) == 0 {
		return "false"
	}
	return "false; " + strings.Join(out, ", ")
}

// explain diagnoses the signature of a refused request that should not have been.
func (x *runner) explain(out *outgoing, j *judgement, res *StepResult) {
	if len(res.Problems) == 0 || j.id.Success || out.op == nil || !out.op.Secured || res.Exchange == nil {
		return
	}
	path, query := out.path()
	body := out.Body
	if !contract.ReadsForm(out.Method) {
		body = nil
	}
	m := x.sc.doc.Match(out.Method, path, nil)
	values, err := x.sc.doc.ParseValues(m.Path, query, out.Header.Get("Content-Type"), body)
	if err != nil {
		return
	}
	c := signer(x.sc.API, out.as.credential)
	e := scheme(x.sc.doc).Explain(
		&signature.Request{Operation: out.op.ID, Method: out.Method, Path: path, Values: values},
		signature.Context{Now: x.session.now(), Secret: func(id string) (string, bool) { return c.Secret, id == c.ID }},
	)
	if e.Accepted {
		res.Exchange.Diagnose = "the signature is right, as far as this side can tell"
		return
	}
	text := e.Refusal
	for _, m := range e.Mistakes {
		text += "\n" + m.Name + ": " + m.Detail + " " + m.Remedy
	}
	res.Exchange.Diagnose = text
}

// remember notes what was made at a foreign target, so that it can be removed by hand.
func (x *runner) remember(st *step, j *judgement) {
	if x.session.target.Sandbox || x.cleanup || j.op == nil || !j.id.Success || j.op.Effect == contract.Read || j.op.Effect == contract.Destructive {
		return
	}
	var saved []string
	for _, k := range st.keep {
		if k.name != "" {
			saved = append(saved, k.name+" = "+shorten(show(x.env[k.name]), 100))
		}
	}
	what := x.sc.Name
	if len(saved) > 0 {
		what += ": " + strings.Join(saved, ", ")
	} else {
		what += ": " + shorten(string(j.in.body), 200)
	}
	x.made = append(x.made, Created{j.op.ID, what})
}

// state runs a step of state control; its reply is what checks and saves look at.
func (x *runner) state(ctx context.Context, st *step, res *StepResult) error {
	reply, err := x.stateReply(ctx, st.state)
	if err != nil {
		return err
	}
	env := maps.Clone(x.env)
	env["text"], env["status"], env["headers"], env["outcome"] = string(reply), http.StatusOK, map[string]any{}, ""
	if env["body"], err = decodeJSON(reply); err != nil {
		env["body"] = string(reply)
	}
	return x.afterwards(st, env, res, nil)
}

func (x *runner) stateReply(ctx context.Context, q *stateRequest) ([]byte, error) {
	a, tenant := admin{x.session.target}, x.session.own.tenant
	if q.merge != nil {
		patch, err := q.merge.eval(x.env)
		if err != nil {
			return nil, err
		}
		current, err := a.state(ctx, tenant, x.sc.API, http.MethodGet, "", nil)
		if err != nil {
			return nil, err
		}
		state, err := decodeJSON(current)
		if err != nil {
			return nil, fmt.Errorf("the state of %s: %w", x.sc.API, err)
		}
		return a.state(ctx, tenant, x.sc.API, http.MethodPut, "", mergePatch(state, patch))
	}
	path, _, err := q.path.argument(x.env)
	if err != nil {
		return nil, err
	}
	var body any
	if q.body != nil {
		if body, err = q.body.eval(x.env); err != nil {
			return nil, err
		}
	}
	return a.state(ctx, tenant, x.sc.API, strings.ToUpper(q.method), strings.TrimSuffix(path, "/"), body)
}

// mergePatch applies a JSON merge patch (RFC 7396).
func mergePatch(target, patch any) any {
	p, ok := patch.(map[string]any)
	if !ok {
		return patch
	}
	t, ok := target.(map[string]any)
	if !ok {
		t = map[string]any{}
	}
	for k, v := range p {
		if v == nil {
			delete(t, k)
		} else {
			t[k] = mergePatch(t[k], v)
		}
	}
	return t
}
