package contract

import (
	"encoding/json"
	"fmt"
	"math"
	"strconv"
	"strings"
	"unicode/utf8"
)

// Schema is a compiled schema of the subset that docs/adding-a-fake.md names. It
// checks JSON text in one pass, without decoding it first; kin-openapi's verdict
// on the same text is the same (held by a differential fuzz test).
type Schema struct {
	Type     string `json:",omitempty"` // "" means any
	Nullable bool   `json:",omitempty"`
	Format   string `json:",omitempty"` // documentation only

	Enum       []string  `json:",omitempty"` // JSON texts, compact
	Pattern    *Pattern  `json:",omitempty"`
	Min        *float64  `json:",omitempty"`
	Max        *float64  `json:",omitempty"`
	ExclMin    bool      `json:",omitempty"`
	ExclMax    bool      `json:",omitempty"`
	MinLength  int       `json:",omitempty"`
	MaxLength  *int      `json:",omitempty"`
	MinItems   int       `json:",omitempty"`
	MaxItems   *int      `json:",omitempty"`
	Items      *Schema   `json:",omitempty"`
	Props      []Prop    `json:",omitempty"`
	Required   []string  `json:",omitempty"`
	Closed     bool      `json:",omitempty"` // additionalProperties: false
	Additional *Schema   `json:",omitempty"` // schema of undeclared properties, nil for any
	OneOf      []*Schema `json:",omitempty"`
	AnyOf      []*Schema `json:",omitempty"`
	AllOf      []*Schema `json:",omitempty"`
	Default    any       `json:",omitempty"`

	indexed   bool           // the rest is derived
	propIndex map[string]int // nil for few properties, among which a look at each is quicker
	required  []bool         // by property; a required name that is not a property is in missing
	undefined []string
	enumText  []string // decoded string members, for parameters
}

// Prop is a declared property of an object.
type Prop struct {
	Name   string
	Schema *Schema
}

// Finding is one place where a text is outside its schema.
type Finding struct {
	Pointer string `json:"pointer"` // JSON pointer, "" for the whole
	Reason  string `json:"reason"`

	Kind    Kind   `json:"-"`
	Missing string `json:"-"` // name of the property that is lacking, with Lacking
}

// Kind sorts findings.
type Kind int

// The kinds of findings.
const (
	OfValue    Kind = iota // the value is outside its limits
	OfType                 // the value has another type, or the text is no JSON
	Lacking                // a required property is not there
	Undeclared             // a property is there that the schema does not have, or is there twice
)

func (f Finding) String() string {
	if f.Pointer == "" {
		return f.Reason
	}
	return f.Pointer + ": " + f.Reason
}

// Index derives what checking looks things up in; it is called once a schema is whole. Schemas are shared, never cyclic.
func (s *Schema) Index() {
	if s == nil || s.indexed {
		return
	}
	s.indexed = true
	for _, e := range s.Enum {
		var text string
		if json.Unmarshal([]byte(e), &text) != nil {
			text = e // a number or a boolean reads as it is written
		}
		s.enumText = append(s.enumText, text)
	}
	const few = 12
	if len(s.Props) > few {
		s.propIndex = make(map[string]int, len(s.Props))
	}
	s.required = make([]bool, len(s.Props))
	for i, p := range s.Props {
		if s.propIndex != nil {
			s.propIndex[p.Name] = i
		}
		p.Schema.Index()
	}
	for _, name := range s.Required {
		if i := s.prop([]byte(name)); i >= 0 {
			s.required[i] = true
		} else {
			s.undefined = append(s.undefined, name)
		}
	}
	s.Items.Index()
	s.Additional.Index()
	for _, list := range [][]*Schema{s.OneOf, s.AnyOf, s.AllOf} {
		for _, sub := range list {
			sub.Index()
		}
	}
}

// prop is the index of a declared property, -1 for any other name.
func (s *Schema) prop(name []byte) int {
	if s.propIndex != nil {
		if i, ok := s.propIndex[string(name)]; ok {
			return i
		}
		return -1
	}
	for i := range s.Props {
		if s.Props[i].Name == string(name) {
			return i
		}
	}
	return -1
}

// CheckText says whether a parameter's text is inside the schema, and if not, why.
func (s *Schema) CheckText(text string) (reason string) {
	for _, sub := range s.AllOf {
		if r := sub.CheckText(text); r != "" {
			return r
		}
	}
	if len(s.OneOf)+len(s.AnyOf) > 0 {
		hits := 0
		for _, sub := range append(append([]*Schema(nil), s.OneOf...), s.AnyOf...) {
			if sub.CheckText(text) == "" {
				hits++
			}
		}
		if hits == 0 || (len(s.OneOf) > 0 && hits > 1) {
			return "is not one of the allowed forms"
		}
	}
	if len(s.enumText) > 0 && !contains(s.enumText, text) {
		return "is not one of " + strings.Join(s.enumText, ", ")
	}
	switch s.Type {
	case "integer":
		n, err := strconv.ParseInt(text, 10, 64)
		if err != nil {
			return "is not a whole number"
		}
		return s.number(float64(n))
	case "number":
		f, err := strconv.ParseFloat(text, 64)
		if err != nil || math.IsNaN(f) || math.IsInf(f, 0) {
			return "is not a number"
		}
		return s.number(f)
	case "boolean":
		if text != "true" && text != "false" {
			return "is not true or false"
		}
		return ""
	default:
		return s.text(text)
	}
}

func (s *Schema) number(f float64) string {
	if s.Min != nil && (f < *s.Min || (s.ExclMin && f == *s.Min)) {
		return fmt.Sprintf("is below the minimum %v", *s.Min)
	}
	if s.Max != nil && (f > *s.Max || (s.ExclMax && f == *s.Max)) {
		return fmt.Sprintf("is above the maximum %v", *s.Max)
	}
	return ""
}

func (s *Schema) text(v string) string {
	if s.MinLength > 0 || s.MaxLength != nil {
		n := utf8.RuneCountInString(v)
		if n < s.MinLength {
			return fmt.Sprintf("has %d characters, wants at least %d", n, s.MinLength)
		}
		if s.MaxLength != nil && n > *s.MaxLength {
			return fmt.Sprintf("has %d characters, wants at most %d", n, *s.MaxLength)
		}
	}
	if s.Pattern != nil && !s.Pattern.MatchString(v) {
		return "does not match " + s.Pattern.String()
	}
	return ""
}

// quoted is text for a string in JSON, which is not decoded where nothing asks for it.
func (s *Schema) quoted(v quoted) string {
	if s.MinLength == 0 && s.MaxLength == nil && s.Pattern == nil {
		return ""
	}
	decoded := v.decoded()
	n := utf8.RuneCount(decoded)
	if n >= s.MinLength && (s.MaxLength == nil || n <= *s.MaxLength) && (s.Pattern == nil || s.Pattern.Match(decoded)) {
		return ""
	}
	return s.text(string(decoded))
}

func contains(list []string, v string) bool {
	for _, x := range list {
		if x == v {
			return true
		}
	}
	return false
}

// Single returns the only text that the schema allows, when there is just one.
func (s *Schema) Single() (text string, ok bool) {
	if len(s.enumText) != 1 {
		return "", false
	}
	return s.enumText[0], true
}
