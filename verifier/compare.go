package verifier

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"sort"
	"strconv"
	"strings"

	"github.com/mediasandbox/sandbox/internal/contract"
)

// Difference is how two targets answered the same step otherwise. Alike differences of
// one operation are one, counted.
type Difference struct {
	API       string `json:"api"`
	Operation string `json:"operation"`
	Class     string `json:"class"`             // status | content-type | outcome | field-added | field-removed | type | order
	Pointer   string `json:"pointer,omitempty"` // into the reply, * for the items of a list
	A         string `json:"a"`                 // what the first target answered
	B         string `json:"b"`                 // and the second

	Scenario string `json:"scenario"` // where it was first seen
	Step     string `json:"step"`
	File     string `json:"file"`
	Line     int    `json:"line"`
	Count    int    `json:"count"` // steps in which it was seen

	Accepted string `json:"accepted,omitempty"` // the reason in the baseline
}

// classes are in the order in which differences are listed.
func classes() []string {
	return []string{"status", "content-type", "outcome", "field-removed", "field-added", "type", "order"}
}

// Compare sets two reports of the same scenarios side by side: what the first target
// answered is the measure. Values are not compared, only what a client is built on:
// status, content type, outcome, and the members of the reply, their types and their
// order. Steps that only one of the two has run are passed over.
func Compare(a, b *Report) []Difference {
	c := comparison{found: map[string]*Difference{}}
	others := map[string]*ScenarioResult{}
	for i := range b.Scenarios {
		others[b.Scenarios[i].Name] = &b.Scenarios[i]
	}
	for i := range a.Scenarios {
		if other := others[a.Scenarios[i].Name]; other != nil {
			c.scenario(&a.Scenarios[i], other)
		}
	}
	return c.sorted()
}

// comparison is the state of one Compare.
type comparison struct {
	found map[string]*Difference
	order []string

	at *Difference // what the steps being compared have in common
}

func (c *comparison) scenario(a, b *ScenarioResult) {
	others := map[string]*StepResult{}
	number := counter{}
	for i := range b.Steps {
		others[number.of(&b.Steps[i])] = &b.Steps[i]
	}
	number = counter{}
	for i := range a.Steps {
		x := &a.Steps[i]
		y := others[number.of(x)]
		if y == nil || x.Exchange == nil || y.Exchange == nil || x.Exchange.Status == 0 || y.Exchange.Status == 0 {
			continue
		}
		c.at = &Difference{API: a.API, Operation: x.Operation, Scenario: a.Name, Step: x.Name, File: x.File, Line: x.Line}
		c.step(x, y)
	}
}

// counter tells the runs of one step apart: the rows of a forEach.
type counter map[string]int

func (n counter) of(s *StepResult) string {
	key := s.File + ":" + strconv.Itoa(s.Line) + ":" + strconv.FormatBool(s.Cleanup)
	n[key]++
	return key + "#" + strconv.Itoa(n[key])
}

func (c *comparison) step(a, b *StepResult) {
	x, y := a.Exchange, b.Exchange
	if x.Status != y.Status {
		c.add("status", "", strconv.Itoa(x.Status), strconv.Itoa(y.Status))
	}
	if tx, ty := x.Headers["Content-Type"], y.Headers["Content-Type"]; !sameType(tx, ty) {
		c.add("content-type", "", strconv.Quote(tx), strconv.Quote(ty))
	}
	if a.Outcome != b.Outcome {
		c.add("outcome", "", outcomeOr(a), outcomeOr(b))
		return // replies that say different things have different members
	}
	p, ok := shapeOf(x.Reply)
	q, ok2 := shapeOf(y.Reply)
	switch {
	case ok && ok2:
		c.shapes(p, q, "")
	case ok != ok2:
		c.add("type", "", jsonOr(ok), jsonOr(ok2))
	}
}

func outcomeOr(s *StepResult) string {
	if s.Outcome == "" {
		return "none: " + shorten(s.Exchange.Reply, 120)
	}
	return s.Outcome
}

func jsonOr(ok bool) string {
	if ok {
		return "JSON"
	}
	return "no JSON"
}

func (c *comparison) add(class, pointer, a, b string) {
	d := *c.at
	d.Class, d.Pointer, d.A, d.B = class, pointer, a, b
	key := strings.Join([]string{d.API, d.Operation, class, pointer, a, b}, "\x00")
	if class == "outcome" && strings.HasPrefix(a+b, "none: ") {
		key = strings.Join([]string{d.API, d.Operation, class, a}, "\x00")
	}
	if first := c.found[key]; first != nil {
		first.Count++
		return
	}
	d.Count = 1
	c.found[key] = &d
	c.order = append(c.order, key)
}

func (c *comparison) sorted() []Difference {
	out := make([]Difference, 0, len(c.order))
	for _, key := range c.order {
		out = append(out, *c.found[key])
	}
	sort.SliceStable(out, func(i, j int) bool {
		a, b := out[i], out[j]
		if x, y := slices.Index(classes(), a.Class), slices.Index(classes(), b.Class); x != y {
			return x < y
		}
		if a.API != b.API {
			return a.API < b.API
		}
		if a.Operation != b.Operation {
			return a.Operation < b.Operation
		}
		return a.Pointer < b.Pointer
	})
	return out
}

// shapes compares what two values are made of.
func (c *comparison) shapes(a, b *valueShape, pointer string) {
	if a == nil || b == nil || a.types == nil || b.types == nil {
		return // an empty list says nothing about its items
	}
	ta, tb := a.typeNames(), b.typeNames()
	if !slices.Equal(ta, tb) && !compatible(ta, tb) {
		c.add("type", pointer, strings.Join(ta, " or "), strings.Join(tb, " or "))
		return
	}
	for _, name := range a.order {
		at := pointer + "/" + contract.EscapePointer(name)
		if b.members[name] == nil {
			if b.types["object"] > 0 {
				c.add("field-removed", at, strings.Join(a.members[name].typeNames(), " or "), "nothing")
			}
			continue
		}
		c.shapes(a.members[name], b.members[name], at)
	}
	for _, name := range b.order {
		if a.members[name] == nil && a.types["object"] > 0 {
			c.add("field-added", pointer+"/"+contract.EscapePointer(name), "nothing", strings.Join(b.members[name].typeNames(), " or "))
		}
	}
	if x, y := common(a, b), common(b, a); !slices.Equal(x, y) {
		c.add("order", pointer, strings.Join(x, ", "), strings.Join(y, ", "))
	}
	c.shapes(a.items, b.items, pointer+"/*")
}

// compatible reports whether two sets of types differ only in that one has more: a
// member that is null in one list and a text in another is no change.
func compatible(a, b []string) bool {
	return subset(a, b) || subset(b, a)
}

func subset(a, b []string) bool {
	for _, t := range a {
		if !slices.Contains(b, t) {
			return false
		}
	}
	return true
}

// common lists the members that both have, in the order of the first.
func common(a, b *valueShape) []string {
	var out []string
	for _, name := range a.order {
		if b.members[name] != nil {
			out = append(out, name)
		}
	}
	return out
}

// valueShape is what values at one place are made of; items of a list are taken together.
type valueShape struct {
	types   map[string]int
	members map[string]*valueShape
	order   []string
	items   *valueShape
}

func (s *valueShape) typeNames() []string {
	out := make([]string, 0, len(s.types))
	for t := range s.types {
		out = append(out, t)
	}
	slices.Sort(out)
	return out
}

// shapeOf reads a JSON text; ok is false for anything else.
func shapeOf(text string) (*valueShape, bool) {
	if inner, ok := callbackArgument(text); ok {
		text = inner
	}
	dec := json.NewDecoder(bytes.NewReader([]byte(text)))
	dec.UseNumber()
	s := &valueShape{}
	if err := s.read(dec); err != nil {
		return nil, false
	}
	return s, true
}

// callbackArgument takes JSON out of the call of a function.
func callbackArgument(text string) (string, bool) {
	i := strings.IndexByte(text, '(')
	j := strings.LastIndexByte(text, ')')
	if i <= 0 || j < i || strings.ContainsAny(text[:i], `{["`) {
		return "", false
	}
	return text[i+1 : j], true
}

// read adds one value to the shape.
func (s *valueShape) read(dec *json.Decoder) error {
	token, err := dec.Token()
	if err != nil {
		return err
	}
	if s.types == nil {
		s.types = map[string]int{}
	}
	switch t := token.(type) {
	case json.Delim:
		if t == '{' {
			s.types["object"]++
			return s.object(dec)
		}
		s.types["array"]++
		return s.list(dec)
	case json.Number:
		// 1 and 1.5 are of one type to most clients.
		s.types["number"]++
	case string:
		s.types["string"]++
	case bool:
		s.types["boolean"]++
	case nil:
		s.types["null"]++
	}
	return nil
}

func (s *valueShape) object(dec *json.Decoder) error {
	if s.members == nil {
		s.members = map[string]*valueShape{}
	}
	for dec.More() {
		token, err := dec.Token()
		if err != nil {
			return err
		}
		name := fmt.Sprint(token)
		member := s.members[name]
		if member == nil {
			member = &valueShape{}
			s.members[name] = member
			s.order = append(s.order, name)
		}
		if err := member.read(dec); err != nil {
			return err
		}
	}
	_, err := dec.Token()
	return err
}

func (s *valueShape) list(dec *json.Decoder) error {
	if s.items == nil {
		s.items = &valueShape{}
	}
	for dec.More() {
		if err := s.items.read(dec); err != nil {
			return err
		}
	}
	_, err := dec.Token()
	return err
}
