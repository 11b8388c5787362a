package verifier

import (
	"slices"
	"strings"

	"github.com/mediasandbox/sandbox/verifier/internal/tree"
)

// block compiles shared steps where they are used: as if they stood there, with their
// parameters bound. It returns them and the names that they save.
func (c *compiler) block(b *block, s scope, lenient *bool) ([]*step, []string) {
	b.open = true
	defer func() { b.open = false }()
	inner := &compiler{file: c.blocks.file, doc: c.doc, language: c.language, blocks: c.blocks, effect: c.effect, needs: c.needs}
	before := s.with(b.params...)
	steps, after := inner.steps(b.node.Get("steps"), before)
	*lenient = *lenient || after.lenient
	c.effect, c.needs = inner.effect, inner.needs
	var saves []string
	for name := range after.saved {
		if !s.saved[name] && !slices.Contains(b.params, name) {
			saves = append(saves, name)
		}
	}
	slices.Sort(saves)
	return steps, saves
}

// steps compiles a list; it returns the scope after it.
func (c *compiler) steps(n *tree.Node, s scope) ([]*step, scope) {
	if len(n.Items) == 0 {
		c.file.At(n, "there is no step")
	}
	out := make([]*step, 0, len(n.Items))
	for _, item := range n.Items {
		if !c.language.step.Check(c.file, item) {
			s.lenient = true // what it would have saved is not known
			continue
		}
		var st *step
		st, s = c.step(item, s)
		out = append(out, st)
	}
	return out, s
}

// choose finds which kind of step a mapping is.
func (l *language) choose(f *tree.File, n *tree.Node) *tree.Shape {
	if n.Kind != tree.Map {
		f.At(n, "a step wants a mapping, this is %s", n.Kind)
		return nil
	}
	found := ""
	for _, e := range n.Entries {
		if !slices.Contains(verbs(), e.Key.Text) {
			continue
		}
		if found != "" {
			f.At(e.Key, "a step does one thing: %s or %s", found, e.Key.Text)
			return nil
		}
		found = e.Key.Text
	}
	if found == "" && (n.Get("save") != nil || n.Get("check") != nil) {
		return l.steps[reckon]
	}
	if found == "" {
		for _, e := range n.Entries {
			if hint := tree.Hint(e.Key.Text, verbs()); strings.Contains(hint, "did you mean") && !l.steps["call"].Has(e.Key.Text) {
				f.At(e.Key, "%q is not a key of a step%s", e.Key.Text, hint)
				return nil
			}
		}
		f.At(n, "a step wants one of %s", strings.Join(verbs(), ", "))
		return nil
	}
	return l.steps[found]
}

func (c *compiler) step(n *tree.Node, s scope) (*step, scope) {
	st := &step{verb: reckon, file: c.file.Name, line: n.Line}
	for _, verb := range verbs() {
		if n.Get(verb) != nil {
			st.verb = verb
		}
	}
	if name := n.Get("name"); name != nil {
		st.name = name.Text
	}
	if cond := n.Get("if"); cond != nil {
		st.cond = compileExpression(c.file, cond, cond.Text, 0, s)
	}
	switch st.verb {
	case reckon:
		return st, c.keeps(st, n, s, false)
	case "call":
		c.call(st, n, s)
		return st, c.saves(st, n, s)
	case "raw":
		c.raw(st, n, s)
		return st, c.saves(st, n, s)
	case "state":
		c.state(st, n.Get("state"), s)
		return st, c.saves(st, n, s)
	case "advance":
		st.advance = c.duration(n.Get("advance"), s, false)
	case "force":
		c.force(st, n.Get("force"))
	case "forEach":
		return st, c.forEach(st, n, s)
	case "use":
		return st, c.use(st, n, s)
	}
	return st, s
}

// saves compiles check and save, which are about the step's own reply.
func (c *compiler) saves(st *step, n *tree.Node, s scope) scope {
	return c.keeps(st, n, s, true)
}

// keeps compiles check and save in the order written, which is that in which they run:
// a check can speak of what has just been saved, or of what was saved before.
func (c *compiler) keeps(st *step, n *tree.Node, s scope, reply bool) scope {
	about := s
	about.reply = reply
	for _, key := range n.Entries {
		switch key.Key.Text {
		case "check":
			for _, item := range key.Value.Items {
				if e := compileExpression(c.file, item, item.Text, 0, about); e != nil {
					st.keep = append(st.keep, keeping{expr: e})
				}
			}
		case "save":
			for _, e := range key.Value.Entries {
				switch {
				case !savedName.MatchString(e.Key.Text):
					c.file.At(e.Key, "%q is no name: letters, digits and _", e.Key.Text)
				case reserved(e.Key.Text):
					c.file.At(e.Key, "%q means something already and cannot be saved over", e.Key.Text)
				}
				if x := compileExpression(c.file, e.Value, e.Value.Text, 0, about); x != nil {
					st.keep = append(st.keep, keeping{e.Key.Text, x})
				}
				about, s = about.with(e.Key.Text), s.with(e.Key.Text)
			}
		}
	}
	return s
}

func (c *compiler) forEach(st *step, n *tree.Node, s scope) scope {
	rows := n.Get("forEach")
	if rows.Kind == tree.List {
		st.rows = compileValue(c.file, rows, s)
	} else {
		st.over = c.wholeExpression(rows, s)
	}
	inside := s
	inside.row = true
	var after scope
	st.steps, after = c.steps(n.Get("do"), inside)
	after.row = s.row
	return after
}

// wholeExpression compiles a text that is one expression, with or without ${ and }.
func (c *compiler) wholeExpression(n *tree.Node, s scope) *expression {
	text, inner := strings.TrimSpace(n.Text), 0
	if strings.HasPrefix(text, "${") && expressionEnd(text[2:]) == len(text)-3 {
		text, inner = text[2:len(text)-1], 2
	}
	return compileExpression(c.file, n, text, inner, s)
}

func (c *compiler) use(st *step, n *tree.Node, s scope) scope {
	name := n.Get("use")
	st.uses = name.Text
	var b *block
	if c.blocks != nil {
		b = c.blocks.blocks[name.Text]
	}
	if b == nil {
		var names []string
		if c.blocks != nil {
			names = c.blocks.names
		}
		c.file.At(name, "no shared steps are called %q%s", name.Text, tree.Hint(name.Text, names))
		return s
	}
	if b.node == nil {
		s.lenient = true
		return s
	}
	if b.open {
		c.file.At(name, "the shared steps %q use themselves", name.Text)
		return s
	}
	given := map[string]bool{}
	with := n.Get("with")
	if with != nil && with.Kind == tree.Text {
		// The parameters come from an expression: what is missing is seen when it runs.
		st.withAll = c.wholeExpression(with, s)
		for _, p := range b.params {
			given[p] = true
		}
		with = nil
	}
	if with != nil {
		st.with = compileMembers(c.file, with, s)
		for _, m := range st.with {
			given[m.name] = true
			if !slices.Contains(b.params, m.name) {
				c.file.At(m.node, "%q is not a parameter of %s%s", m.name, name.Text, tree.Hint(m.name, b.params))
			}
		}
	}
	for _, p := range b.params {
		if !given[p] {
			c.file.At(name, "%s wants the parameter %q", name.Text, p)
		}
	}
	var saves []string
	st.steps, saves = c.block(b, s, &s.lenient)
	st.params = b.params
	return s.with(saves...)
}

// account adds what a step needs and does to the scenario's.
func (c *compiler) account(st *step) {
	switch {
	case st.force != nil:
		c.need("force")
	case st.state != nil:
		c.need("state")
	}
	if st.as == "foreign" {
		c.need("foreign")
	}
	if st.op != nil {
		c.effect = stronger(c.effect, st.op.Effect)
	}
}

// duration compiles a length of time; a written one is checked at once.
func (c *compiler) duration(n *tree.Node, s scope, negative bool) *value {
	v := compileValue(c.file, n, s)
	if v.static() {
		d, err := parseDuration(n.Text)
		switch {
		case err != nil:
			c.file.At(n, "%s", err)
		case d <= 0 && !negative:
			c.file.At(n, "%q is no time to wait", n.Text)
		}
	}
	return v
}

func (c *compiler) force(st *step, n *tree.Node) {
	st.force = &force{operation: n.Get("operation").Text, outcome: n.Get("outcome").Text, times: 1}
	if t := n.Get("times"); t != nil {
		if st.force.times, _ = t.Value.(int); st.force.times < 1 {
			c.file.At(t, "times wants a number from 1")
		}
	}
	if t := n.Get("skip"); t != nil {
		if st.force.skip, _ = t.Value.(int); st.force.skip < 0 {
			c.file.At(t, "skip wants a number from 0")
		}
	}
	op := c.operation(n.Get("operation"))
	if op != nil && op.Outcome(st.force.outcome) == nil {
		c.file.At(n.Get("outcome"), "%s has no outcome %q%s", op.ID, st.force.outcome, tree.Hint(st.force.outcome, outcomeNames(op)))
	}
	c.account(st)
}

func (c *compiler) state(st *step, n *tree.Node, s scope) {
	st.state = &stateRequest{}
	for _, m := range stateMethods() {
		p := n.Get(m)
		if p == nil {
			continue
		}
		if st.state.method != "" {
			c.file.At(n.Key(m), "state does one thing: %s or %s", st.state.method, m)
		}
		st.state.method, st.state.path = m, compileValue(c.file, p, s)
		c.statePath(m, p)
	}
	if b := n.Get("body"); b != nil {
		st.state.body = compileValue(c.file, b, s)
	}
	if m := n.Get("merge"); m != nil {
		if st.state.method != "" || st.state.body != nil {
			c.file.At(n.Key("merge"), "merge stands alone")
		}
		st.state.merge = compileValue(c.file, m, s)
	} else if st.state.method == "" {
		c.file.At(n, "state wants one of %s and merge", strings.Join(stateMethods(), ", "))
	}
	c.account(st)
}
