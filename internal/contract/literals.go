package contract

import (
	"encoding/json"
	"math"
	"strconv"
	"unicode/utf8"
)

// str reads a string and returns it decoded; without escapes it is a piece of the data.
func (c *scanner) str() ([]byte, bool) {
	start := c.pos
	c.pos++
	plain := true
	for c.pos < len(c.data) {
		switch b := c.data[c.pos]; {
		case b == '"':
			c.pos++
			if plain && utf8.Valid(c.data[start+1:c.pos-1]) {
				return c.data[start+1 : c.pos-1], true
			}
			var s string
			if err := json.Unmarshal(c.data[start:c.pos], &s); err != nil {
				c.fail("a wrong escape in a string")
				return nil, false
			}
			if plain {
				c.find("is not UTF-8")
			}
			return []byte(s), true
		case b == '\\':
			plain = false
			c.pos += 2
		case b < 0x20:
			c.fail("a control character in a string")
			return nil, false
		default:
			c.pos++
		}
	}
	c.pos = len(c.data)
	c.fail("a string without end")
	return nil, false
}

func (c *scanner) number(s *Schema) {
	start := c.pos
	whole := true
	digits := func() bool {
		from := c.pos
		for c.pos < len(c.data) && c.data[c.pos] >= '0' && c.data[c.pos] <= '9' {
			c.pos++
		}
		return c.pos > from
	}
	if c.peek() == '-' {
		c.pos++
	}
	zero := c.peek() == '0'
	from := c.pos
	if !digits() || (zero && c.pos-from > 1) {
		c.fail("a wrong number")
		return
	}
	if c.peek() == '.' {
		whole = false
		c.pos++
		if !digits() {
			c.fail("a wrong number")
			return
		}
	}
	if b := c.peek(); b == 'e' || b == 'E' {
		whole = false
		c.pos++
		if b := c.peek(); b == '+' || b == '-' {
			c.pos++
		}
		if !digits() {
			c.fail("a wrong number")
			return
		}
	}
	if s == nil {
		return
	}
	have := "integer"
	if whole && s.Min == nil && s.Max == nil && c.pos-start < 300 {
		c.typed(s, have)
		return
	}
	f, err := strconv.ParseFloat(string(c.data[start:c.pos]), 64)
	if err != nil {
		c.find("is a number out of range")
		return
	}
	if !whole && f != math.Trunc(f) {
		have = "number"
	}
	if c.typed(s, have) {
		if r := s.number(f); r != "" {
			c.find("%s", r)
		}
	}
}
