package verifier

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/mediasandbox/sandbox/internal/contract"
)

// matching holds one reply to an expectation and collects what does not hold.
type matching struct {
	env      map[string]any
	problems []Problem
	err      error // an expression failed
}

func (g *matching) fail(line int, class, pointer, what, expected, actual string) {
	g.problems = append(g.problems, Problem{
		Verdict: Fail, Class: class, Pointer: pointer, What: what, Expected: expected, Actual: actual, Line: line,
	})
}

// match holds v, which stands at pointer, to m.
func (g *matching) match(m *matcher, v any, pointer string) {
	switch {
	case g.err != nil:
	case m.rules != nil:
		for i := range m.rules {
			g.rule(&m.rules[i], v, pointer)
		}
	case v == missing{}:
		g.fail(m.line, "field-removed", pointer, where(pointer)+" is not there", g.expected(m), "nothing")
	case m.object:
		g.object(m, v, pointer)
	case m.list:
		g.list(m, v, pointer)
	default:
		want, err := m.equal.eval(g.env)
		if err != nil {
			g.err = err
			return
		}
		g.equal(m.line, want, v, pointer)
	}
}

func (g *matching) equal(line int, want, got any, pointer string) {
	if equalValues(want, got) {
		return
	}
	class := "value"
	if jsonType(want) != jsonType(got) && !(isNumber(want) && isNumber(got)) {
		class = "type"
	}
	g.fail(line, class, pointer, where(pointer)+" is not what is expected", show(want), show(got))
}

func (g *matching) object(m *matcher, v any, pointer string) {
	obj, ok := v.(map[string]any)
	if !ok {
		g.fail(m.line, "type", pointer, where(pointer)+" is no object", "an object", show(v))
		return
	}
	for i := range m.members {
		member := &m.members[i]
		var at any = missing{}
		if got, ok := obj[member.name]; ok {
			at = got
		}
		g.match(member.matcher, at, pointer+"/"+contract.EscapePointer(member.name))
	}
}

func (g *matching) list(m *matcher, v any, pointer string) {
	list, ok := v.([]any)
	if !ok {
		g.fail(m.line, "type", pointer, where(pointer)+" is no list", "a list", show(v))
		return
	}
	if len(list) != len(m.items) {
		g.fail(m.line, "value", pointer, where(pointer)+" has another length", fmt.Sprintf("%d items", len(m.items)), fmt.Sprintf("%d items: %s", len(list), show(v)))
		return
	}
	for i, item := range m.items {
		g.match(item, list[i], pointer+"/"+strconv.Itoa(i))
	}
}

// try matches apart: it reports whether all holds.
func (g *matching) try(m *matcher, v any, pointer string) bool {
	apart := matching{env: g.env}
	apart.match(m, v, pointer)
	if apart.err != nil {
		g.err = apart.err
	}
	return len(apart.problems) == 0
}

func (g *matching) rule(r *rule, v any, pointer string) {
	if g.err != nil {
		return
	}
	_, gone := v.(missing)
	switch r.name {
	case "absent":
		if r.flag != gone {
			g.presence(r, gone, v, pointer, !r.flag)
		}
		return
	case "present":
		if r.flag == gone {
			g.presence(r, gone, v, pointer, r.flag)
		}
		return
	}
	if gone {
		g.fail(r.line, "field-removed", pointer, where(pointer)+" is not there", r.name, "nothing")
		return
	}
	switch r.name {
	case "type":
		g.types(r, v, pointer)
	case "pattern":
		g.pattern(r, v, pointer)
	case "min", "max":
		g.bound(r, v, pointer)
	case "length":
		g.length(r, v, pointer)
	case "every", "any", "none", "sorted", "unique":
		g.items(r, v, pointer)
	case "contains":
		g.contains(r, v, pointer)
	case "not":
		if g.try(r.sub, v, pointer) {
			g.fail(r.line, "value", pointer, where(pointer)+" is what it should not be", "not "+g.expected(r.sub), show(v))
		}
	case "oneOf":
		g.oneOf(r, v, pointer)
	case "equals":
		want, err := r.value.eval(g.env)
		if err != nil {
			g.err = err
			return
		}
		g.equal(r.line, want, v, pointer)
	}
}

func (g *matching) presence(r *rule, gone bool, v any, pointer string, wanted bool) {
	if gone {
		g.fail(r.line, "field-removed", pointer, where(pointer)+" is not there", "present", "nothing")
	} else if !wanted {
		g.fail(r.line, "field-added", pointer, where(pointer)+" is there", "absent", show(v))
	}
}

func (g *matching) types(r *rule, v any, pointer string) {
	have := jsonType(v)
	for _, want := range r.types {
		if want == have || (want == "number" && have == "integer") {
			return
		}
	}
	g.fail(r.line, "type", pointer, where(pointer)+" has another type", strings.Join(r.types, " or "), have+" "+show(v))
}

func (g *matching) pattern(r *rule, v any, pointer string) {
	text, ok := v.(string)
	if !ok {
		g.fail(r.line, "type", pointer, where(pointer)+" is no text", "a text like "+r.pattern.String(), show(v))
	} else if !r.pattern.MatchString(text) {
		g.fail(r.line, "value", pointer, where(pointer)+" does not match", r.pattern.String(), show(v))
	}
}

// bound compares numbers, texts that are numbers, and other texts letter by letter,
// which is right for dates written from the year down.
func (g *matching) bound(r *rule, v any, pointer string) {
	want, err := r.value.eval(g.env)
	if err != nil {
		g.err = err
		return
	}
	order, ok := compare(v, want)
	if !ok {
		g.fail(r.line, "type", pointer, where(pointer)+" cannot be compared", r.name+" "+show(want), show(v))
		return
	}
	if (r.name == "min" && order < 0) || (r.name == "max" && order > 0) {
		g.fail(r.line, "value", pointer, where(pointer)+" is out of range", r.name+" "+show(want), show(v))
	}
}

func (g *matching) length(r *rule, v any, pointer string) {
	var n int
	var unit string
	switch v := v.(type) {
	case string:
		n, unit = utf8.RuneCountInString(v), "a text of %d characters"
	case []any:
		n, unit = len(v), "a list of %d items"
	case map[string]any:
		n, unit = len(v), "an object of %d members"
	default:
		g.fail(r.line, "type", pointer, where(pointer)+" has no length", "a text, list or object", show(v))
		return
	}
	if !g.try(r.sub, n, pointer) {
		g.fail(r.line, "value", pointer, where(pointer)+" has another length", "length "+g.expected(r.sub), fmt.Sprintf(unit+": %s", n, show(v)))
	}
}

func (g *matching) items(r *rule, v any, pointer string) {
	list, ok := v.([]any)
	if !ok {
		g.fail(r.line, "type", pointer, where(pointer)+" is no list", "a list", show(v))
		return
	}
	switch r.name {
	case "every":
		for i, item := range list {
			if len(g.problems) < maxProblems {
				g.match(r.sub, item, pointer+"/"+strconv.Itoa(i))
			}
		}
	case "any", "none":
		hit := slices.IndexFunc(list, func(item any) bool { return g.try(r.sub, item, pointer) })
		if r.name == "any" && hit < 0 {
			g.fail(r.line, "value", pointer, "no item of "+where(pointer)+" is as expected", g.expected(r.sub), show(v))
		} else if r.name == "none" && hit >= 0 {
			at := pointer + "/" + strconv.Itoa(hit)
			g.fail(r.line, "value", at, where(at)+" is what none should be", "none like "+g.expected(r.sub), show(list[hit]))
		}
	case "sorted":
		g.sorted(r, list, pointer)
	case "unique":
		g.unique(r, list, pointer)
	}
}

// maxProblems bounds what one reply is reported for.
const maxProblems = 20

func (o ordering) key(item any) (any, bool) {
	if o.by == "" {
		return item, true
	}
	obj, ok := item.(map[string]any)
	if !ok {
		return nil, false
	}
	v, ok := obj[o.by]
	return v, ok
}

func (g *matching) sorted(r *rule, list []any, pointer string) {
	for i := range list {
		at := pointer + "/" + strconv.Itoa(i)
		k, ok := r.order.key(list[i])
		if !ok {
			g.fail(r.line, "field-removed", at, where(at)+" lacks "+r.order.by, r.order.by, show(list[i]))
			return
		}
		if i == 0 {
			continue
		}
		before, _ := r.order.key(list[i-1])
		order, ok := compare(before, k)
		if !ok {
			g.fail(r.line, "type", at, where(at)+" cannot be compared with the one before", show(before), show(k))
			return
		}
		if (r.order.descending && order < 0) || (!r.order.descending && order > 0) {
			g.fail(r.line, "order", at, where(pointer)+" is not sorted", r.describe(), fmt.Sprintf("%s after %s", show(k), show(before)))
			return
		}
	}
}

func (r *rule) describe() string {
	direction := "ascending"
	if r.order.descending {
		direction = "descending"
	}
	return strings.TrimSpace("sorted " + direction + " " + r.order.by)
}

func (g *matching) unique(r *rule, list []any, pointer string) {
	seen := make(map[string]int, len(list))
	for i, item := range list {
		at := pointer + "/" + strconv.Itoa(i)
		k, ok := r.order.key(item)
		if !ok {
			g.fail(r.line, "field-removed", at, where(at)+" lacks "+r.order.by, r.order.by, show(item))
			return
		}
		text := show(k)
		if first, ok := seen[text]; ok {
			g.fail(r.line, "value", at, fmt.Sprintf("items %d and %d of %s are alike", first, i, where(pointer)), "unique "+r.order.by, text)
			return
		}
		seen[text] = i
	}
}

func (g *matching) contains(r *rule, v any, pointer string) {
	switch v := v.(type) {
	case string:
		if r.sub.equal != nil {
			want, err := r.sub.equal.eval(g.env)
			if err != nil {
				g.err = err
				return
			}
			if text, ok := want.(string); ok && strings.Contains(v, text) {
				return
			}
		}
	case []any:
		if slices.ContainsFunc(v, func(item any) bool { return g.try(r.sub, item, pointer) }) {
			return
		}
	}
	g.fail(r.line, "value", pointer, where(pointer)+" does not contain what is expected", g.expected(r.sub), show(v))
}

func (g *matching) oneOf(r *rule, v any, pointer string) {
	var wants []string
	for _, each := range r.values {
		want, err := each.eval(g.env)
		if err != nil {
			g.err = err
			return
		}
		if equalValues(want, v) {
			return
		}
		wants = append(wants, show(want))
	}
	g.fail(r.line, "value", pointer, where(pointer)+" is none of the expected", strings.Join(wants, ", "), show(v))
}

// expected describes a matcher for people.
func (g *matching) expected(m *matcher) string {
	switch {
	case m.equal != nil:
		want, err := m.equal.eval(g.env)
		if err != nil {
			return "?"
		}
		return show(want)
	case m.object:
		var out []string
		for i := range m.members {
			out = append(out, m.members[i].name+": "+g.expected(m.members[i].matcher))
		}
		return "{" + strings.Join(out, ", ") + "}"
	case m.list:
		return fmt.Sprintf("a list of %d", len(m.items))
	}
	var out []string
	for i := range m.rules {
		out = append(out, g.expectedRule(&m.rules[i]))
	}
	return strings.Join(out, " and ")
}

func (g *matching) expectedRule(r *rule) string {
	switch {
	case r.types != nil:
		return strings.Join(r.types, " or ")
	case r.pattern != nil:
		return "a text like " + r.pattern.String()
	case r.value != nil:
		want, err := r.value.eval(g.env)
		if err != nil {
			return r.name
		}
		return r.name + " " + show(want)
	case r.sub != nil:
		return r.name + " " + g.expected(r.sub)
	}
	return r.name
}
