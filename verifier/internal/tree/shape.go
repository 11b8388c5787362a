package tree

import (
	"regexp"
	"slices"
	"strings"

	"github.com/mediasandbox/sandbox/internal/nearest"
)

// Shape says what a value may be. One table of shapes is both the check of a file and,
// written by Schema, what editors complete from.
type Shape struct {
	Name  string // in the schema's definitions; "" writes it where it stands. A named shape may hold itself
	Title string // in mistakes: "a step"
	Doc   string

	Kinds   Kind
	Enum    []string       // the texts allowed
	Pattern *regexp.Regexp // of a text, together with
	Wants   string         // how a mistake describes it: "a duration such as 20s or 48h"
	Near    []string       // texts of the pattern, of which a mistake names the nearest

	Fields []Field  // a mapping with these keys and no others
	OneOf  []string // keys of which there is at least one
	Values *Shape   // of a mapping with free keys
	Items  *Shape   // of a list
	// Choices are shapes of which one counts; Choose says which, from the value. It
	// returns nil after it has noted what keeps it from choosing.
	Choices []*Shape
	Choose  func(f *File, n *Node) *Shape
}

// Field is a key of a mapping.
type Field struct {
	Name     string
	Shape    *Shape
	Required bool
	Doc      string
}

// Check notes in the file whatever in n is not as the shape says, and reports whether
// all is.
func (s *Shape) Check(f *File, n *Node) bool {
	if len(s.Choices) > 0 {
		chosen := s.choose(f, n)
		return chosen != nil && chosen.Check(f, n)
	}
	if s.Kinds&n.Kind == 0 {
		f.At(n, "%s wants %s, this is %s", s.title(), s.Kinds, n.Kind)
		return false
	}
	switch n.Kind {
	case Text:
		return s.text(f, n)
	case List:
		ok := true
		for _, item := range n.Items {
			ok = (s.Items == nil || s.Items.Check(f, item)) && ok
		}
		return ok
	case Map:
		return s.mapping(f, n)
	}
	if len(s.Enum) > 0 {
		return s.text(f, n)
	}
	return true
}

func (s *Shape) choose(f *File, n *Node) *Shape {
	if s.Choose != nil {
		return s.Choose(f, n)
	}
	var kinds Kind
	for _, c := range s.Choices {
		kinds |= c.Kinds
		if c.Kinds&n.Kind != 0 {
			return c
		}
	}
	f.At(n, "%s wants %s, this is %s", s.title(), kinds, n.Kind)
	return nil
}

func (s *Shape) title() string {
	if s.Title == "" {
		return "this"
	}
	return s.Title
}

func (s *Shape) text(f *File, n *Node) bool {
	switch {
	case len(s.Enum) > 0 && !slices.Contains(s.Enum, n.Text):
		f.At(n, "%q is not %s%s", n.Text, s.wants(), orThereAre(n.Text, s.Enum))
		return false
	case s.Pattern != nil && !s.Pattern.MatchString(n.Text):
		f.At(n, "%q is not %s%s", n.Text, s.wants(), nearest.Hint(n.Text, s.Near))
		return false
	}
	return true
}

func (s *Shape) wants() string {
	if s.Wants != "" {
		return s.Wants
	}
	return "a value of " + s.title()
}

func (s *Shape) mapping(f *File, n *Node) bool {
	ok := true
	if s.Fields == nil {
		for _, e := range n.Entries {
			ok = (s.Values == nil || s.Values.Check(f, e.Value)) && ok
		}
		return ok
	}
	for _, e := range n.Entries {
		field := s.field(e.Key.Text)
		if field == nil {
			f.At(e.Key, "%q is not a key of %s%s", e.Key.Text, s.title(), orThereAre(e.Key.Text, s.names()))
			ok = false
			continue
		}
		ok = field.Shape.Check(f, e.Value) && ok
	}
	for _, field := range s.Fields {
		if field.Required && n.Get(field.Name) == nil {
			f.At(n, "%s wants the key %q", s.title(), field.Name)
			ok = false
		}
	}
	if len(s.OneOf) > 0 && !slices.ContainsFunc(s.OneOf, func(name string) bool { return n.Get(name) != nil }) {
		f.At(n, "%s wants one of %s", s.title(), strings.Join(s.OneOf, ", "))
		ok = false
	}
	return ok
}

// Part returns the shape of a key's value, nil when there is no such key.
func (s *Shape) Part(name string) *Shape {
	if f := s.field(name); f != nil {
		return f.Shape
	}
	return nil
}

func (s *Shape) field(name string) *Field {
	for i := range s.Fields {
		if s.Fields[i].Name == name {
			return &s.Fields[i]
		}
	}
	return nil
}

func (s *Shape) names() []string {
	out := make([]string, len(s.Fields))
	for i, f := range s.Fields {
		out[i] = f.Name
	}
	return out
}

// orThereAre ends a sentence with the nearest right name, or with all of them.
func orThereAre(name string, names []string) string {
	if h := nearest.Hint(name, names); h != "" {
		return h
	}
	if len(names) == 0 {
		return ""
	}
	return "; there are " + strings.Join(names, ", ")
}

// Hint ends a sentence about a name that is none of names.
func Hint(name string, names []string) string { return orThereAre(name, names) }

// Has reports whether a mapping of this shape can have the key.
func (s *Shape) Has(name string) bool { return s.field(name) != nil }
