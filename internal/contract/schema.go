package contract

import (
	"encoding/json"
	"fmt"
	"math"
	"regexp"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/getkin/kin-openapi/openapi3"
)

// Schema is a compiled schema of the subset that docs/adding-a-fake.md names. It
// checks JSON text in one pass, without decoding it first; kin-openapi's verdict
// on the same text is the same (held by a differential fuzz test).
type Schema struct {
	Type     string `json:",omitempty"` // "" means any
	Nullable bool   `json:",omitempty"`
	Format   string `json:",omitempty"` // documentation only

	Enum       []string       `json:",omitempty"` // JSON texts, compact
	Pattern    *regexp.Regexp `json:",omitempty"`
	Min        *float64       `json:",omitempty"`
	Max        *float64       `json:",omitempty"`
	ExclMin    bool           `json:",omitempty"`
	ExclMax    bool           `json:",omitempty"`
	MinLength  int            `json:",omitempty"`
	MaxLength  *int           `json:",omitempty"`
	MinItems   int            `json:",omitempty"`
	MaxItems   *int           `json:",omitempty"`
	Items      *Schema        `json:",omitempty"`
	Props      []Prop         `json:",omitempty"`
	Required   []string       `json:",omitempty"`
	Closed     bool           `json:",omitempty"` // additionalProperties: false
	Additional *Schema        `json:",omitempty"` // schema of undeclared properties, nil for any
	OneOf      []*Schema      `json:",omitempty"`
	AnyOf      []*Schema      `json:",omitempty"`
	AllOf      []*Schema      `json:",omitempty"`
	Default    any            `json:",omitempty"`

	indexed   bool // the rest is derived
	propIndex map[string]int
	required  []bool // by property; a required name that is not a property is in missing
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
}

func (f Finding) String() string {
	if f.Pointer == "" {
		return f.Reason
	}
	return f.Pointer + ": " + f.Reason
}

// compiler turns kin's schemas into ours, each once.
type compiler struct {
	done map[*openapi3.Schema]*Schema
}

func (c *compiler) compile(ref *openapi3.SchemaRef) (*Schema, error) {
	if ref == nil || ref.Value == nil {
		return nil, nil
	}
	k := ref.Value
	if s, ok := c.done[k]; ok {
		return s, nil
	}
	s := &Schema{Nullable: k.Nullable, Format: k.Format, Default: k.Default}
	c.done[k] = s
	if k.Type != nil {
		if len(*k.Type) != 1 {
			return nil, fmt.Errorf("type wants one value, has %v", *k.Type)
		}
		s.Type = (*k.Type)[0]
	}
	if k.Not != nil || k.UniqueItems || k.MultipleOf != nil || k.Discriminator != nil || k.MinProps != 0 || k.MaxProps != nil {
		return nil, fmt.Errorf("not, uniqueItems, multipleOf, discriminator and min/maxProperties are not in the subset")
	}
	if err := c.scalars(s, k); err != nil {
		return nil, err
	}
	if err := c.object(s, k); err != nil {
		return nil, err
	}
	var err error
	if s.Items, err = c.compile(k.Items); err != nil {
		return nil, err
	}
	for _, set := range []struct {
		from openapi3.SchemaRefs
		to   *[]*Schema
	}{{k.OneOf, &s.OneOf}, {k.AnyOf, &s.AnyOf}, {k.AllOf, &s.AllOf}} {
		for _, r := range set.from {
			sub, err := c.compile(r)
			if err != nil {
				return nil, err
			}
			*set.to = append(*set.to, sub)
		}
	}
	return s, nil
}

func (c *compiler) scalars(s *Schema, k *openapi3.Schema) error {
	for _, e := range k.Enum {
		text, err := json.Marshal(e)
		if err != nil {
			return fmt.Errorf("enum: %w", err)
		}
		s.Enum = append(s.Enum, string(text))
	}
	if k.Pattern != "" {
		re, err := regexp.Compile(k.Pattern)
		if err != nil {
			return fmt.Errorf("pattern: %w", err)
		}
		s.Pattern = re
	}
	s.Min, s.Max = k.Min, k.Max
	s.ExclMin, s.ExclMax = k.ExclusiveMin.IsTrue(), k.ExclusiveMax.IsTrue()
	s.MinLength, s.MinItems = int(k.MinLength), int(k.MinItems) //nolint:gosec // a document's own small numbers
	if k.MaxLength != nil {
		n := int(*k.MaxLength) //nolint:gosec // as above
		s.MaxLength = &n
	}
	if k.MaxItems != nil {
		n := int(*k.MaxItems) //nolint:gosec // as above
		s.MaxItems = &n
	}
	return nil
}

func (c *compiler) object(s *Schema, k *openapi3.Schema) error {
	s.Required = k.Required
	for _, name := range sortedKeys(k.Properties) {
		sub, err := c.compile(k.Properties[name])
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		s.Props = append(s.Props, Prop{name, sub})
	}
	if a := k.AdditionalProperties; a.Has != nil && !*a.Has {
		s.Closed = true
	} else if a.Schema != nil {
		sub, err := c.compile(a.Schema)
		if err != nil {
			return err
		}
		s.Additional = sub
	}
	return nil
}

// index derives what checking looks things up in. Schemas are shared, never cyclic.
func (s *Schema) index() {
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
	s.propIndex = make(map[string]int, len(s.Props))
	s.required = make([]bool, len(s.Props))
	for i, p := range s.Props {
		s.propIndex[p.Name] = i
		p.Schema.index()
	}
	for _, name := range s.Required {
		if i, ok := s.propIndex[name]; ok {
			s.required[i] = true
		} else {
			s.undefined = append(s.undefined, name)
		}
	}
	s.Items.index()
	s.Additional.index()
	for _, list := range [][]*Schema{s.OneOf, s.AnyOf, s.AllOf} {
		for _, sub := range list {
			sub.index()
		}
	}
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

// textBytes is text for a value that is not worth copying.
func (s *Schema) textBytes(v []byte) string {
	if s.MinLength == 0 && s.MaxLength == nil && s.Pattern == nil {
		return ""
	}
	return s.text(string(v))
}

func contains(list []string, v string) bool {
	for _, x := range list {
		if x == v {
			return true
		}
	}
	return false
}
