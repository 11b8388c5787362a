package verifier

import (
	"context"
	"fmt"
	"maps"
	"net/http"
	"strings"

	"github.com/mediasandbox/sandbox/internal/contract"
	"github.com/mediasandbox/sandbox/signature"
)

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
	in, err := x.run.sender.send(ctx, x.sc.API, out, x.pays)
	res.Exchange = exchange(out, in)
	if err != nil {
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
	values, err := doc.ParseValues(nil, query, o.Header.Get("Content-Type"), doc.Form(o.Method, o.Body))
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

// explain diagnoses the signature of a refused request that should not have been. Of a
// token this side knows nothing: which ones were given out is the target's state.
func (x *runner) explain(out *outgoing, j *judgement, res *StepResult) {
	if fieldsOf(x.sc.API).token != "" || len(res.Problems) == 0 || j.id.Success || out.op == nil || !out.op.Secured || res.Exchange == nil {
		return
	}
	path, query := out.path()
	m := x.sc.doc.Match(out.Method, path, nil)
	values, err := x.sc.doc.ParseValues(m.Path, query, out.Header.Get("Content-Type"), x.sc.doc.Form(out.Method, out.Body))
	if err != nil {
		return
	}
	c := signer(x.sc.API, out.as.credential)
	e := scheme(x.sc.doc).Explain(
		&signature.Request{Operation: out.op.ID, Method: out.Method, Path: path, Values: values},
		signature.Context{Now: x.session.now(), Secret: func(id string) (string, bool) { return c.Secret, id == c.ID }},
	)
	if e.Accepted {
		if fieldsOf(x.sc.API).signs() {
			res.Exchange.Diagnose = "the signature is right, as far as this side can tell"
		}
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
