package contract

import (
	"encoding/json"
	"strings"
	"unicode/utf8"
)

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
	end := 77
	for end > 0 && !utf8.RuneStart(s[end]) {
		end--
	}
	return s[:end] + "..."
}
