package journal

import (
	"unicode/utf8"
)

// unescape takes one layer of URL and JSON escapes off: %41, \u0041, \/, \x41 and the like.
// at maps each byte to where it stood; it is nil when there is nothing to take off.
func unescape(s string) (out string, at []int32) {
	first := -1
	for i := range len(s) {
		if s[i] == '%' || s[i] == '\\' {
			if _, n := escaped(s[i:]); n > 0 {
				first = i
				break
			}
		}
	}
	if first < 0 {
		return s, nil
	}
	buf := append(make([]byte, 0, len(s)), s[:first]...)
	at = make([]int32, first, len(s))
	for i := range first {
		at[i] = int32(i) //nolint:gosec // texts are bounded far below
	}
	for i := first; i < len(s); {
		r, n := rune(s[i]), 0
		if s[i] == '%' || s[i] == '\\' {
			r, n = escaped(s[i:])
		}
		before := len(buf)
		switch {
		case n == 0:
			buf = append(buf, s[i])
			n = 1
		case r < 0x100 && s[i] == '%' || r < utf8.RuneSelf:
			buf = append(buf, byte(r)) //nolint:gosec // a byte, as checked
		default:
			buf = utf8.AppendRune(buf, r)
		}
		for range len(buf) - before {
			at = append(at, int32(i)) //nolint:gosec // as above
		}
		i += n
	}
	return string(buf), at
}

// escaped reads the escape at the beginning of s; n is 0 when it is none.
func escaped(s string) (r rune, n int) {
	if len(s) < 2 {
		return 0, 0
	}
	if s[0] == '%' {
		if v, ok := hexDigits(s[1:], 2); ok {
			return v, 3
		}
		return 0, 0
	}
	switch s[1] {
	case 'u':
		if v, ok := hexDigits(s[2:], 4); ok {
			return v, 6
		}
	case 'x':
		if v, ok := hexDigits(s[2:], 2); ok {
			return v, 4
		}
	case '/', '\\', '"', '\'':
		return rune(s[1]), 2
	}
	return 0, 0
}

func hexDigits(s string, n int) (v rune, ok bool) {
	if len(s) < n {
		return 0, false
	}
	for i := range n {
		c := lower(s[i])
		switch {
		case c >= '0' && c <= '9':
			v = v<<4 | rune(c-'0')
		case c >= 'a' && c <= 'f':
			v = v<<4 | rune(c-'a'+10)
		default:
			return 0, false
		}
	}
	return v, true
}

// partial is the length of an escape that is cut off at the end of s.
func partial(s string) int {
	for n := 1; n <= 5 && n <= len(s); n++ {
		switch tail := s[len(s)-n:]; {
		case tail[0] == '%' && n < 3:
			return n
		case tail[0] == '\\' && (n == 1 || tail[1] == 'u' || tail[1] == 'x' && n < 4):
			return n
		}
	}
	return 0
}

// unescapePercent takes one layer of URL escapes off.
func unescapePercent(s string) string {
	out, _ := unescape(s)
	return out
}

func lower(c byte) byte {
	if c >= 'A' && c <= 'Z' {
		return c + 'a' - 'A'
	}
	return c
}

// lowerText is strings.ToLower for ASCII: the length stays the same.
func lowerText(s string) string {
	for i := 0; i < len(s); i++ {
		if s[i] >= 'A' && s[i] <= 'Z' {
			out := []byte(s)
			for ; i < len(out); i++ {
				out[i] = lower(out[i])
			}
			return string(out)
		}
	}
	return s
}

func isHexDigit(c byte) bool {
	c = lower(c)
	return c >= '0' && c <= '9' || c >= 'a' && c <= 'f'
}

func isAlnum(c byte) bool {
	c = lower(c)
	return c >= '0' && c <= '9' || c >= 'a' && c <= 'z'
}

func isBase64(c byte) bool {
	return isAlnum(c) || c == '+' || c == '/' || c == '-' || c == '_' || c == '='
}

func isToken(c byte) bool { return isAlnum(c) || c == '-' || c == '_' || c == '.' }
