package contract

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"sync"
	"unicode/utf8"
)

// CheckJSON holds a JSON text to the schema: syntax, types, limits, undeclared and
// missing properties, repeated keys, trailing data. It returns at most maxFindings.
func (s *Schema) CheckJSON(data []byte) []Finding {
	c := scanners.Get().(*scanner) //nolint:errcheck,forcetypeassert // the pool holds nothing else
	*c = scanner{data: data, path: c.path[:0]}
	c.space()
	c.value(s)
	if !c.broken {
		c.space()
		if c.pos != len(c.data) {
			c.fail("data after the JSON value")
		}
	}
	found := c.findings
	c.data, c.findings = nil, nil
	scanners.Put(c)
	return found
}

// scanners are used again, for the sake of their paths.
var scanners = sync.Pool{New: func() any { return new(scanner) }} //nolint:gochecknoglobals // a pool is for all

const (
	maxFindings = 20
	maxDepth    = 200
)

// scanner reads JSON once and compares while it reads. A nil schema only checks syntax.
type scanner struct {
	data     []byte
	pos      int
	path     []step
	findings []Finding
	broken   bool // the syntax is wrong; nothing after it means anything
	quick    bool // only whether there is a finding: the first one ends the reading, and sets missed
	missed   bool
}

type step struct {
	key   []byte
	index int // -1 for a key
}

func (c *scanner) pointer() string {
	if len(c.path) == 0 {
		return ""
	}
	var b strings.Builder
	for _, p := range c.path {
		b.WriteByte('/')
		if p.index >= 0 {
			b.WriteString(strconv.Itoa(p.index))
		} else {
			b.WriteString(escapePointer(string(p.key)))
		}
	}
	return b.String()
}

func escapePointer(key string) string {
	return strings.ReplaceAll(strings.ReplaceAll(key, "~", "~0"), "/", "~1")
}

func unescapePointer(key string) string {
	return strings.ReplaceAll(strings.ReplaceAll(key, "~1", "/"), "~0", "~")
}

// found notes a finding at the current place. Where only its being there counts, nobody
// needs its words.
func (c *scanner) found(f Finding) {
	if c.quick {
		c.broken, c.missed = true, true
		return
	}
	if len(c.findings) < maxFindings {
		f.Pointer = c.pointer()
		c.findings = append(c.findings, f)
	}
}

func (c *scanner) find(kind Kind, format string, args ...any) {
	if c.quick {
		c.found(Finding{})
		return
	}
	c.found(Finding{Kind: kind, Reason: fmt.Sprintf(format, args...)})
}

func (c *scanner) lacks(name string) {
	c.found(Finding{Kind: Lacking, Missing: name, Reason: "lacks " + strconv.Quote(name)})
}

func (c *scanner) fail(what string) {
	if !c.broken {
		c.broken = true
		c.find(OfType, "broken JSON at byte %d: %s", c.pos, what)
	}
}

func (c *scanner) space() {
	for c.pos < len(c.data) {
		switch c.data[c.pos] {
		case ' ', '\t', '\n', '\r':
			c.pos++
		default:
			return
		}
	}
}

func (c *scanner) peek() byte {
	if c.pos < len(c.data) {
		return c.data[c.pos]
	}
	return 0
}

// value reads one value and holds it to s.
func (c *scanner) value(s *Schema) {
	if c.broken {
		return
	}
	if len(c.path) > maxDepth {
		c.fail("nested too deeply")
		return
	}
	if s != nil && len(s.OneOf)+len(s.AnyOf)+len(s.AllOf) > 0 {
		c.combined(s)
		return
	}
	c.plain(s)
}

func (c *scanner) plain(s *Schema) {
	start := c.pos
	switch b := c.peek(); {
	case b == '{':
		if c.typed(s, "object") {
			c.object(s)
		} else {
			c.object(nil)
		}
	case b == '[':
		if c.typed(s, "array") {
			c.array(s)
		} else {
			c.array(nil)
		}
	case b == '"':
		text, ok := c.str()
		if ok && c.typed(s, "string") && s != nil {
			if r := s.quoted(text); r != "" {
				c.find(OfValue, "%s", r)
			}
		}
	case b == '-' || (b >= '0' && b <= '9'):
		c.number(s)
	case b == 't':
		if c.word("true") {
			c.typed(s, "boolean")
		}
	case b == 'f':
		if c.word("false") {
			c.typed(s, "boolean")
		}
	case b == 'n':
		if c.word("null") && s != nil && !s.Nullable && (s.Type != "" || len(s.Enum) > 0) {
			c.find(OfType, "is null, wants %s", s.wants())
		}
		if s != nil && s.Nullable {
			return // null passes a nullable enum too
		}
	default:
		c.fail("no value")
	}
	if !c.broken && s != nil && len(s.Enum) > 0 {
		c.enum(s, c.data[start:c.pos])
	}
}

func (s *Schema) wants() string {
	if s.Type == "" {
		return "one of " + strings.Join(s.Enum, ", ")
	}
	return s.Type
}

// typed reports whether the value about to be read has a type that s allows.
func (c *scanner) typed(s *Schema, have string) bool {
	if s == nil || s.Type == "" || s.Type == have || (s.Type == "number" && have == "integer") {
		return true
	}
	c.find(OfType, "is %s, wants %s", article(have), s.Type)
	return false
}

func article(t string) string {
	if strings.ContainsAny(t[:1], "aeiou") {
		return "an " + t
	}
	return "a " + t
}

func (c *scanner) enum(s *Schema, raw []byte) {
	for _, e := range s.Enum {
		if e == string(raw) {
			return
		}
	}
	if norm := respelled(raw); norm != "" && contains(s.Enum, norm) {
		return
	}
	if c.quick {
		c.found(Finding{})
		return
	}
	c.find(OfValue, "is %s, wants one of %s", clip(string(raw)), strings.Join(s.Enum, ", "))
}

// respelled is a value in the spelling of Enum, "" where it has that already: the same
// value can be spelled otherwise ("\/", 1.0).
func respelled(raw []byte) string {
	if onlySpelling(raw) {
		return ""
	}
	var v any
	if json.Unmarshal(raw, &v) != nil {
		return ""
	}
	norm, err := json.Marshal(v)
	if err != nil {
		return ""
	}
	return string(norm)
}

// onlySpelling reports whether a value has no other spelling than this one.
func onlySpelling(raw []byte) bool {
	switch raw[0] {
	case 't', 'f', 'n':
		return true
	case '"':
		for _, b := range raw {
			if b < 0x20 || b >= utf8.RuneSelf || b == '\\' || b == '<' || b == '>' || b == '&' {
				return false
			}
		}
		return true
	}
	for _, b := range raw {
		if b < '0' || b > '9' {
			return false
		}
	}
	return len(raw) <= 15
}

func clip(s string) string {
	if len(s) <= 80 {
		return s
	}
	cut := 77
	for cut > 0 && !utf8.RuneStart(s[cut]) {
		cut--
	}
	return s[:cut] + "..."
}

func (c *scanner) word(w string) bool {
	if len(c.data)-c.pos >= len(w) && string(c.data[c.pos:c.pos+len(w)]) == w {
		c.pos += len(w)
		return true
	}
	c.fail("no value")
	return false
}

func (c *scanner) object(s *Schema) {
	c.pos++ // {
	var seen [4]uint64
	var extra map[string]bool
	c.path = append(c.path, step{index: -1})
	depth := len(c.path) - 1
	for first := true; ; first = false {
		c.space()
		if c.peek() == '}' && first {
			c.pos++
			break
		}
		if c.peek() != '"' {
			c.fail("an object key is missing")
			break
		}
		name, ok := c.str()
		if !ok {
			break
		}
		key := name.decoded()
		c.path[depth].key = key
		c.space()
		if c.peek() != ':' {
			c.fail("no colon after an object key")
			break
		}
		c.pos++
		c.space()
		var sub *Schema
		sub, extra = c.property(s, key, &seen, extra)
		c.value(sub)
		if c.broken {
			break
		}
		c.space()
		if c.peek() == ',' {
			c.pos++
			continue
		}
		if c.peek() == '}' {
			c.pos++
			break
		}
		c.fail("neither comma nor closing brace")
		break
	}
	c.path = c.path[:depth]
	if c.broken || s == nil {
		return
	}
	for i := range s.Props {
		if s.required[i] && (i >= 256 || seen[i/64]&(1<<(i%64)) == 0) && !extra[s.Props[i].Name] {
			c.lacks(s.Props[i].Name)
		}
	}
	for _, name := range s.undefined {
		if !extra[name] {
			c.lacks(name)
		}
	}
}

// property finds the schema of a key, and reports a key that is undeclared or repeated.
func (c *scanner) property(s *Schema, key []byte, seen *[4]uint64, extra map[string]bool) (*Schema, map[string]bool) {
	i := -1
	if s != nil {
		i = s.prop(key)
	}
	if i >= 0 && i < 256 {
		if seen[i/64]&(1<<(i%64)) != 0 {
			c.find(Undeclared, "is given twice")
		}
		seen[i/64] |= 1 << (i % 64)
		return s.Props[i].Schema, extra
	}
	if s == nil {
		return nil, nil
	}
	if extra[string(key)] {
		c.find(Undeclared, "is given twice")
	}
	if extra == nil {
		extra = make(map[string]bool)
	}
	extra[string(key)] = true
	switch {
	case i >= 0:
		return s.Props[i].Schema, extra
	case s.Closed:
		c.find(Undeclared, "is not declared")
		return nil, extra
	default:
		return s.Additional, extra
	}
}

func (c *scanner) array(s *Schema) {
	c.pos++ // [
	n := 0
	var items *Schema
	if s != nil {
		items = s.Items
	}
	c.path = append(c.path, step{})
	depth := len(c.path) - 1
	for {
		c.space()
		if c.peek() == ']' && n == 0 {
			c.pos++
			break
		}
		c.path[depth].index = n
		c.value(items)
		n++
		if c.broken {
			break
		}
		c.space()
		if c.peek() == ',' {
			c.pos++
			continue
		}
		if c.peek() == ']' {
			c.pos++
			break
		}
		c.fail("neither comma nor closing bracket")
		break
	}
	c.path = c.path[:depth]
	if c.broken || s == nil {
		return
	}
	if n < s.MinItems {
		c.find(OfValue, "has %d items, wants at least %d", n, s.MinItems)
	}
	if s.MaxItems != nil && n > *s.MaxItems {
		c.find(OfValue, "has %d items, wants at most %d", n, *s.MaxItems)
	}
}
