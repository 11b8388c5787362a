package verifier

import (
	"regexp"
	"slices"
	"strings"

	"github.com/mediasandbox/sandbox/internal/contract"
	"github.com/mediasandbox/sandbox/internal/nearest"
	"github.com/mediasandbox/sandbox/verifier/internal/tree"
)

// matcherNames are the keys that make a mapping a matcher rather than a partial object.
func matcherNames() []string {
	return []string{
		"type", "pattern", "min", "max", "absent", "present", "length", "every", "any", "none",
		"oneOf", "equals", "not", "sorted", "unique", "contains",
	}
}

// matcher is what is expected at one place of a reply.
type matcher struct {
	line    int
	equal   *value          // a scalar, or anything with expressions
	members []memberMatcher // a partial object
	object  bool
	items   []*matcher // a list, item by item
	list    bool
	rules   []rule // a matcher mapping
}

type memberMatcher struct {
	name string
	*matcher
}

// rule is one key of a matcher mapping.
type rule struct {
	name    string
	line    int
	types   []string
	pattern *regexp.Regexp
	value   *value
	values  []*value
	sub     *matcher
	flag    bool
	order   ordering
}

// ordering is how a list is sorted: by a member of its items, or by the items themselves.
type ordering struct {
	by         string
	descending bool
}

func jsonTypes() []string {
	return []string{"string", "integer", "number", "boolean", "null", "object", "array"}
}

// compileMatcher reads an expectation.
func compileMatcher(f *tree.File, n *tree.Node, s scope) *matcher {
	m := &matcher{line: n.Line}
	switch n.Kind {
	case tree.Map:
		switch {
		case len(n.Entries) > 0 && isMatcher(n):
			for _, e := range n.Entries {
				if r := compileRule(f, e, s); r != nil {
					m.rules = append(m.rules, *r)
				}
			}
		default:
			warnMixed(f, n, s)
			m.object = true
			for _, e := range n.Entries {
				m.members = append(m.members, memberMatcher{e.Key.Text, compileMatcher(f, e.Value, s)})
				m.members[len(m.members)-1].line = e.Key.Line
			}
		}
	case tree.List:
		m.list = true
		for _, item := range n.Items {
			m.items = append(m.items, compileMatcher(f, item, s))
		}
	default:
		m.equal = compileValue(f, n, s)
	}
	return m
}

func isMatcher(n *tree.Node) bool {
	for _, e := range n.Entries {
		if !slices.Contains(matcherNames(), e.Key.Text) {
			return false
		}
	}
	return true
}

// warnMixed refuses a mapping that is a matcher but for a misspelt name. A vendor's own
// key can be called "type"; two matcher names beside one that nearly is, cannot be meant so,
// nor can a lone name that no reply of the API has and whose value is that of a matcher.
func warnMixed(f *tree.File, n *tree.Node, s scope) {
	known := 0
	for _, e := range n.Entries {
		if e.Key.Text != "type" && slices.Contains(matcherNames(), e.Key.Text) {
			known++
		}
	}
	for _, e := range n.Entries {
		if slices.Contains(matcherNames(), e.Key.Text) {
			continue
		}
		hint := tree.Hint(e.Key.Text, matcherNames())
		near := strings.Contains(hint, "did you mean")
		if near && (known > 0 || (len(n.Entries) == 1 && (swapped(e.Key.Text) || misspelt(e, s)))) {
			f.At(e.Key, "%q is no matcher%s", e.Key.Text, hint)
		}
	}
}

// swapped reports whether a lone key is a matcher's name in another spelling, such as
// oneof or Pattern.
func swapped(name string) bool {
	for _, m := range matcherNames() {
		if strings.EqualFold(m, name) {
			return true
		}
	}
	return false
}

// misspelt reports whether a lone key is meant for the matcher that it nearly is.
func misspelt(e tree.Entry, s scope) bool {
	shape := s.matchers.Part(nearest.Name(e.Key.Text, matcherNames()))
	return s.doc != nil && shape != nil && shape.Check(tree.NewFile("", nil), e.Value) && !replyHas(s.doc, e.Key.Text)
}

// replyHas reports whether the contract has a member of that name in any reply.
func replyHas(doc *contract.Document, name string) bool {
	for _, op := range doc.Operations {
		for i := range op.Replies {
			if hasMember(op.Replies[i].Schema, name) {
				return true
			}
		}
	}
	return false
}

func hasMember(s *contract.Schema, name string) bool {
	if s == nil {
		return false
	}
	for i := range s.Props {
		if s.Props[i].Name == name || hasMember(s.Props[i].Schema, name) {
			return true
		}
	}
	parts := append([]*contract.Schema{s.Items, s.Additional}, slices.Concat(s.OneOf, s.AnyOf, s.AllOf)...)
	return slices.ContainsFunc(parts, func(part *contract.Schema) bool { return hasMember(part, name) })
}

func compileRule(f *tree.File, e tree.Entry, s scope) *rule {
	n := e.Value
	r := &rule{name: e.Key.Text, line: e.Key.Line}
	if shape := s.matchers.Part(r.name); shape != nil && !shape.Check(f, n) {
		return nil
	}
	switch r.name {
	case "type":
		if n.Kind == tree.List {
			for _, item := range n.Items {
				r.types = append(r.types, item.Text)
			}
		} else {
			r.types = []string{n.Text}
		}
	case "pattern":
		re, err := regexp.Compile(n.Text)
		if err != nil {
			f.At(n, "%q is no regular expression (RE2): %s", n.Text, strings.TrimPrefix(err.Error(), "error parsing regexp: "))
			return nil
		}
		r.pattern = re
	case "absent", "present":
		r.flag, _ = n.Value.(bool)
	case "every", "any", "none", "not", "contains", "length":
		r.sub = compileMatcher(f, n, s)
	case "oneOf":
		for _, item := range n.Items {
			r.values = append(r.values, compileValue(f, item, s))
		}
	case "min", "max", "equals":
		r.value = compileValue(f, n, s)
	case "sorted":
		by, direction, _ := strings.Cut(n.Text, " ")
		if by == "asc" || by == "desc" {
			by, direction = "", by
		}
		r.order = ordering{by, direction == "desc"}
	case "unique":
		if n.Kind == tree.Bool {
			if r.flag, _ = n.Value.(bool); !r.flag {
				f.At(n, "unique wants true or the name of a member")
			}
		} else {
			r.order.by = n.Text
		}
	}
	return r
}
