package verifier

import (
	"net/http"
	"slices"
	"strings"

	"github.com/mediasandbox/sandbox/internal/contract"
	"github.com/mediasandbox/sandbox/internal/nearest"
	"github.com/mediasandbox/sandbox/signature"
	"github.com/mediasandbox/sandbox/verifier/internal/tree"
)

// call compiles a call of an operation and holds it to the contract as far as that can
// be told without running it.
func (c *compiler) call(st *step, n *tree.Node, s scope) {
	if st.op = c.operation(n.Get("call")); st.op == nil {
		c.reply(st, n, s)
		return
	}
	if as := n.Get("as"); as != nil {
		st.as = c.caller(as)
	}
	if e := n.Get("encoding"); e != nil {
		st.encoding = e.Text
	}
	if m := n.Get("method"); m != nil {
		st.method = strings.ToUpper(m.Text)
		if !slices.Contains(st.op.Methods, st.method) {
			c.file.At(m, "%s does not answer to %s, only to %s; for another method see tamper", st.op.ID, st.method, strings.Join(st.op.Methods, ", "))
		}
	}
	if h := n.Get("headers"); h != nil {
		st.headers = compileMembers(c.file, h, s)
	}
	if b := n.Get("body"); b != nil {
		st.body = compileValue(c.file, b, s)
		if st.op.JSONBody == nil {
			c.file.At(n.Key("body"), "%s takes no JSON body; its arguments stand in with", st.op.ID)
		}
	}
	if t := n.Get("tamper"); t != nil {
		c.tamper(st, t, s)
	}
	c.reply(st, n, s)
	c.arguments(st, n, s)
	if u := n.Get("until"); u != nil {
		st.until = &until{c.duration(u.Get("within"), s, false), c.duration(u.Get("every"), s, false)}
		if st.expect == nil && n.Get("check") == nil {
			c.file.At(n.Key("until"), "until waits for expect or check, and there is neither")
		}
	}
	c.account(st)
}

// caller is the account that a step names, "" for its own. Any but own and foreign is
// declared by needs: a sandbox would take every name for one more account to make.
func (c *compiler) caller(n *tree.Node) string {
	names := []string{"own", "foreign"}
	for _, need := range c.needs {
		if name, ok := strings.CutPrefix(need, "accounts."); ok {
			names = append(names, name)
		}
	}
	switch {
	case n.Text == "own":
		return ""
	case !slices.Contains(names, n.Text):
		hint := nearest.Hint(n.Text, names)
		if hint == "" {
			hint = "; there are " + strings.Join(names, ", ") + ", and those that needs declares as accounts.NAME"
		}
		c.file.At(n, "no account of this scenario is called %q%s", n.Text, hint)
	}
	return n.Text
}

// free reports whether the request may be outside the contract: when it is spoilt on
// purpose, or when a refusal is what is expected of it.
func (st *step) free() bool {
	return st.tamper != nil || !st.expect.accepts(st.op)
}

func (c *compiler) arguments(st *step, n *tree.Node, s scope) {
	given := map[*contract.Param]bool{}
	with := n.Get("with")
	if with != nil && with.Kind == tree.Text {
		st.argsAll = c.wholeExpression(with, s)
		return
	}
	if with != nil {
		st.args = compileMembers(c.file, with, s)
		for _, m := range st.args {
			p := st.op.Param(m.name)
			switch {
			case p == nil:
				c.file.At(m.node, "%s has no parameter %q%s", st.op.ID, m.name, tree.Hint(m.name, paramNames(st.op)))
				continue
			case given[p]:
				c.file.At(m.node, "%q is given twice, under two of its names", p.Name)
			case p.Pinned && m.value.node.Text != p.Example:
				c.file.At(m.node, "%s=%s selects another operation than %s; spoil it with tamper", m.name, m.value.node.Text, st.op.ID)
			case p.Security && carries(c.doc, st.op, p) == "":
				c.file.At(m.node, "%s is set when the request is signed; spoil it with tamper", m.name)
			}
			given[p] = m.value.node.Kind != tree.Null
			c.argument(st, p, m)
		}
	}
	if st.free() {
		return
	}
	for _, p := range st.op.Params {
		if p.Required && !p.Pinned && !p.Security && p.In != contract.InPath && !given[p] {
			c.file.At(n.Get("call"), "%s wants the parameter %q; without it the request is outside the contract", st.op.ID, p.Name)
		}
	}
}

// argument holds a value that is written out to the parameter's schema.
func (c *compiler) argument(st *step, p *contract.Param, m member) {
	if st.free() || p.Security || p.Pinned || !m.static() || m.value.node.Kind&tree.Scalar == 0 || m.value.node.Text == "" {
		return
	}
	if reason := p.Schema.CheckText(m.value.node.Text); reason != "" {
		c.file.At(m.value.node, "%s of %s %s; a request outside the contract wants a tamper or an expected refusal", p.Name, st.op.ID, reason)
	}
}

// carries says what of the credential a security parameter carries: "id", "token", or
// "" when it is made by signing.
func carries(doc *contract.Document, op *contract.Operation, p *contract.Param) string {
	sch := scheme(doc)
	if sch == nil {
		return ""
	}
	if p.Name == "token" {
		return "token"
	}
	const probe = "00000000"
	r := signature.Request{Operation: op.ID, Values: contract.Values{{Name: p.Name, Value: probe, In: p.In}}}
	if sch.Caller(&r) == probe {
		return "id"
	}
	return ""
}

// reply compiles what is expected.
func (c *compiler) reply(st *step, n *tree.Node, s scope) {
	e := n.Get("expect")
	if e == nil {
		return
	}
	s.reply = true
	st.expect = &expectation{line: n.Key("expect").Line}
	if o := e.Get("outcome"); o != nil {
		st.expect.line = e.Key("outcome").Line
		c.outcomes(st, o)
	}
	if status := e.Get("status"); status != nil {
		st.expect.status, _ = status.Value.(int)
		if st.expect.status < 100 || st.expect.status > 599 {
			c.file.At(status, "%s is no HTTP status", status.Text)
		}
	}
	if h := e.Get("headers"); h != nil {
		for _, entry := range h.Entries {
			if entry.Value.Kind == tree.Null {
				st.expect.gone = append(st.expect.gone, entry.Key.Text)
				continue
			}
			st.expect.headers = append(st.expect.headers, memberMatcher{entry.Key.Text, compileMatcher(c.file, entry.Value, s)})
		}
	}
	if b := e.Get("body"); b != nil {
		st.expect.body = compileMatcher(c.file, b, s)
	}
	if t := e.Get("text"); t != nil {
		st.expect.text = compileMatcher(c.file, asText(t), s)
	}
}

// asText is a number as the text that a body has.
func asText(n *tree.Node) *tree.Node {
	if n.Kind&(tree.Int|tree.Float) == 0 {
		return n
	}
	out := *n
	out.Kind, out.Value = tree.Text, n.Text
	return &out
}

func (c *compiler) outcomes(st *step, n *tree.Node) {
	list := []*tree.Node{n}
	switch n.Kind {
	case tree.List:
		list = n.Items
	case tree.Map:
		list, st.expect.all = n.Get("all").Items, true
	}
	if len(list) == 0 {
		c.file.At(n, "no outcome is named")
	}
	for _, o := range list {
		st.expect.outcomes = append(st.expect.outcomes, o.Text)
		if st.verb == "call" && st.op == nil || c.doc.Common[o.Text] != nil {
			continue
		}
		if st.op != nil && st.op.Outcome(o.Text) == nil {
			c.file.At(o, "%s has no outcome %q%s", st.op.ID, o.Text, tree.Hint(o.Text, outcomeNames(st.op)))
		}
		if st.op == nil && !c.anyOutcome(o.Text) {
			c.file.At(o, "%s has no outcome %q", c.doc.Name, o.Text)
		}
	}
}

func (c *compiler) anyOutcome(name string) bool {
	return slices.ContainsFunc(c.doc.Operations, func(op *contract.Operation) bool { return op.Outcome(name) != nil })
}

func (c *compiler) raw(st *step, n *tree.Node, s scope) {
	r := n.Get("raw")
	st.raw = &rawRequest{method: http.MethodGet, path: compileValue(c.file, r.Get("path"), s)}
	if m := r.Get("method"); m != nil {
		st.raw.method = strings.ToUpper(m.Text)
	}
	if q := r.Get("query"); q != nil {
		st.raw.query = compileValue(c.file, q, s)
	}
	if h := r.Get("headers"); h != nil {
		st.raw.headers = compileMembers(c.file, h, s)
	}
	if b := r.Get("body"); b != nil {
		st.raw.body = compileValue(c.file, b, s)
	}
	c.reply(st, n, s)
	if st.expect == nil {
		c.file.At(n.Key("raw"), "a raw request has no success of its own: say with expect what the reply must be")
	}
}
