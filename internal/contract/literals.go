package contract

import (
	"math"
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// quoted is a string as it stands in the data, without its quotes.
type quoted struct {
	raw     []byte
	escaped bool
}

// decoded returns what the string says; without escapes it is a piece of the data.
func (q quoted) decoded() []byte {
	if !q.escaped {
		return q.raw
	}
	return unescapeJSON(q.raw)
}

// str reads a string.
func (c *scanner) str() (quoted, bool) {
	c.pos++
	var q quoted
	start, ascii := c.pos, true
	for c.pos < len(c.data) {
		switch b := c.data[c.pos]; {
		case b >= ' ' && b < utf8.RuneSelf && b != '"' && b != '\\':
			c.pos++
		case b == '"':
			q.raw = c.data[start:c.pos]
			c.pos++
			if !ascii && !utf8.Valid(q.raw) {
				c.find(OfValue, "is not UTF-8")
			}
			return q, true
		case b == '\\':
			q.escaped = true
			n := escapeLen(c.data[c.pos:])
			if n == 0 {
				c.fail("a wrong escape in a string")
				return quoted{}, false
			}
			c.pos += n
		case b < ' ':
			c.fail("a control character in a string")
			return quoted{}, false
		default:
			ascii = false
			c.pos++
		}
	}
	c.fail("a string without end")
	return quoted{}, false
}

// escapeLen is the length of the escape at the beginning of s, 0 when it is none.
func escapeLen(s []byte) int {
	if len(s) < 2 {
		return 0
	}
	switch s[1] {
	case '"', '\\', '/', 'b', 'f', 'n', 'r', 't':
		return 2
	case 'u':
		if len(s) >= 6 && isHex(s[2]) && isHex(s[3]) && isHex(s[4]) && isHex(s[5]) {
			return 6
		}
	}
	return 0
}

// unescapeJSON decodes the escapes of a string that str has read. Half a surrogate pair
// becomes U+FFFD, as with encoding/json.
func unescapeJSON(s []byte) []byte {
	out := make([]byte, 0, len(s))
	for i := 0; i < len(s); {
		if s[i] != '\\' {
			out = append(out, s[i])
			i++
			continue
		}
		if s[i+1] != 'u' {
			out = append(out, "\"\\/\b\f\n\r\t"[strings.IndexByte(`"\/bfnrt`, s[i+1])])
			i += 2
			continue
		}
		r := unhexRune(s[i+2:])
		i += 6
		if utf16.IsSurrogate(r) && i+1 < len(s) && s[i] == '\\' && s[i+1] == 'u' {
			if pair := utf16.DecodeRune(r, unhexRune(s[i+2:])); pair != utf8.RuneError {
				r = pair
				i += 6
			}
		}
		out = utf8.AppendRune(out, r) // a lone surrogate becomes U+FFFD here
	}
	return out
}

// unhexRune reads four hexadecimal digits.
func unhexRune(s []byte) rune {
	return rune(unhex(s[0]))<<12 | rune(unhex(s[1]))<<8 | rune(unhex(s[2]))<<4 | rune(unhex(s[3]))
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
	f, ok := parseNumber(c.data[start:c.pos], whole)
	if !ok {
		c.find(OfValue, "is a number out of range")
		return
	}
	if !whole && f != math.Trunc(f) {
		have = "number"
	}
	if c.typed(s, have) {
		if r := s.number(f); r != "" {
			c.find(OfValue, "%s", r)
		}
	}
}

// parseNumber reads a number whose syntax was seen to be right; whole says that it has
// digits only. ok is false beyond the range of a float64.
func parseNumber(raw []byte, whole bool) (f float64, ok bool) {
	const exact = 15 // digits that every float64 holds
	if !whole || len(raw) > exact {
		f, err := strconv.ParseFloat(string(raw), 64)
		return f, err == nil
	}
	n, digits := int64(0), raw
	if raw[0] == '-' {
		digits = raw[1:]
	}
	for _, b := range digits {
		n = n*10 + int64(b-'0')
	}
	if raw[0] == '-' {
		n = -n
	}
	return float64(n), true
}

func (c *scanner) word(w string) bool {
	if len(c.data)-c.pos >= len(w) && string(c.data[c.pos:c.pos+len(w)]) == w {
		c.pos += len(w)
		return true
	}
	c.fail("no value")
	return false
}
