package contract

import (
	"fmt"
	"strconv"
	"strings"
	"sync"
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
			b.WriteString(EscapePointer(string(p.key)))
		}
	}
	return b.String()
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
