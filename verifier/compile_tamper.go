package verifier

import (
	"strings"

	"github.com/mediasandbox/sandbox/verifier/internal/tree"
)

func (c *compiler) tamper(st *step, n *tree.Node, s scope) {
	t := &tamper{change: c.change(st, n, s)}
	if q := n.Get("query"); q != nil {
		t.query = compileMembers(c.file, q, s)
	}
	st.tamper = t
	if b := n.Get("signed"); b != nil {
		t.signed = c.change(st, b, s)
	}
	if m := n.Get("method"); m != nil {
		t.method = strings.ToUpper(m.Text)
	}
	if e := n.Get("encoding"); e != nil {
		t.encoding = e.Text
	}
	if h := n.Get("headers"); h != nil {
		t.headers = compileMembers(c.file, h, s)
	}
	if p := n.Get("path"); p != nil {
		t.path = compileValue(c.file, p, s)
	}
	sign := n.Get("sign")
	if sign == nil {
		return
	}
	if !st.op.Secured {
		c.file.At(n.Key("sign"), "%s is not signed", st.op.ID)
	}
	t.sign = c.signing(st, sign, s)
}

func (c *compiler) signing(st *step, n *tree.Node, s scope) *signing {
	g := &signing{}
	for _, each := range []struct {
		name string
		to   **value
	}{{"secret", &g.secret}, {"id", &g.id}, {"salt", &g.salt}} {
		if v := n.Get(each.name); v != nil {
			*each.to = compileValue(c.file, v, s)
		}
	}
	if at := n.Get("at"); at != nil {
		g.at = c.duration(at, s, true)
	}
	for _, each := range []struct {
		name string
		to   *bool
	}{
		{"lower", &g.lower}, {"upper", &g.upper}, {"encode", &g.encode}, {"raw", &g.raw},
		{"hex", &g.hex}, {"plus", &g.plus}, {"decodeSecret", &g.decodeSecret}, {"swap", &g.swap},
	} {
		if v := n.Get(each.name); v != nil {
			*each.to, _ = v.Value.(bool)
		}
	}
	if w := n.Get("with"); w != nil {
		g.with = compileMembers(c.file, w, s)
	}
	g.skip = c.declared(st, n.Get("skip"))
	if p := n.Get("plusLost"); p != nil && p.Value == true {
		g.plus, g.raw = true, true
	}
	if (g.plus || g.swap) && c.doc.Name != "interstream" {
		c.file.At(n, "plus and swap are about a salt, which only interstream has")
	}
	return g
}

func (c *compiler) change(st *step, n *tree.Node, s scope) change {
	out := change{omit: c.declared(st, n.Get("omit"))}
	if set := n.Get("set"); set != nil {
		out.set = compileMembers(c.file, set, s)
		for _, m := range out.set {
			if st.op.Param(m.name) == nil {
				c.file.At(m.node, "%s has no parameter %q; an undeclared one is added with add%s", st.op.ID, m.name, tree.Hint(m.name, paramNames(st.op)))
			}
		}
	}
	if add := n.Get("add"); add != nil {
		out.add = compileMembers(c.file, add, s)
	}
	return out
}

// declared reads a list of names of parameters.
func (c *compiler) declared(st *step, n *tree.Node) []string {
	if n == nil {
		return nil
	}
	var out []string
	for _, item := range n.Items {
		if st.op.Param(item.Text) == nil {
			c.file.At(item, "%s has no parameter %q%s", st.op.ID, item.Text, tree.Hint(item.Text, paramNames(st.op)))
			continue
		}
		out = append(out, item.Text)
	}
	return out
}
