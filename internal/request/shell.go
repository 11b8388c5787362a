package request

import (
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"
)

// words splits a command line as a POSIX shell does, up to the end of the first command.
// Nothing is expanded: a variable, or a command to be substituted, is an error that names
// it, because only the shell in which it was typed knows its value. rest is what follows
// the command ("| jq", or the part of a URL after an unquoted "&").
func words(line string) (out []string, rest string, err error) {
	s := splitter{in: line}
	for {
		if !s.next() {
			break
		}
		if err := s.word(); err != nil {
			return nil, "", err
		}
		out = append(out, string(s.buf))
	}
	return out, s.in[s.pos:], nil
}

// splitter is the state of one words.
type splitter struct {
	in  string
	pos int
	buf []byte
}

// next moves to the beginning of a word and reports whether there is one.
func (s *splitter) next() bool {
	for s.pos < len(s.in) {
		switch c := s.in[s.pos]; {
		case c == ' ' || c == '\t' || c == '\r':
			s.pos++
		case c == '\\' && s.continued() > 0:
			s.pos += s.continued()
		case c == '\n' && strings.TrimSpace(s.in[:s.pos]) == "":
			s.pos++
		case c == '\n' || c == '#' || ends(c):
			return false
		default:
			return true
		}
	}
	return false
}

// continued is the length of a backslash and the line end after it, 0 when there is none.
func (s *splitter) continued() int {
	switch after := s.in[s.pos+1:]; {
	case strings.HasPrefix(after, "\n"):
		return 2
	case strings.HasPrefix(after, "\r\n"):
		return 3
	}
	return 0
}

// ends reports whether an unquoted character ends the command.
func ends(c byte) bool { return strings.IndexByte("|&;<>()", c) >= 0 }

// word reads one word into buf.
func (s *splitter) word() error {
	s.buf = s.buf[:0]
	for s.pos < len(s.in) {
		c := s.in[s.pos]
		switch {
		case c == ' ' || c == '\t' || c == '\r' || c == '\n' || ends(c):
			return nil
		case c == '\'':
			if err := s.single(); err != nil {
				return err
			}
		case c == '"':
			if err := s.double(); err != nil {
				return err
			}
		case c == '$' && strings.HasPrefix(s.in[s.pos:], "$'"):
			s.pos += 2
			if err := s.ansi(); err != nil {
				return err
			}
		case c == '$' || c == '`':
			if err := s.expansion(); err != nil {
				return err
			}
		case c == '\\':
			if n := s.continued(); n > 0 {
				s.pos += n
				continue
			}
			s.pos++
			if s.pos < len(s.in) {
				s.buf = append(s.buf, s.in[s.pos])
				s.pos++
			}
		default:
			s.buf = append(s.buf, c)
			s.pos++
		}
	}
	return nil
}

// errQuote is a quote that never ends.
var errQuote = errors.New("a quote is opened and not closed")

func (s *splitter) single() error {
	end := strings.IndexByte(s.in[s.pos+1:], '\'')
	if end < 0 {
		return errQuote
	}
	s.buf = append(s.buf, s.in[s.pos+1:s.pos+1+end]...)
	s.pos += end + 2
	return nil
}

func (s *splitter) double() error {
	s.pos++
	for s.pos < len(s.in) {
		switch c := s.in[s.pos]; c {
		case '"':
			s.pos++
			return nil
		case '$', '`':
			if err := s.expansion(); err != nil {
				return err
			}
		case '\\':
			if n := s.continued(); n > 0 {
				s.pos += n
				continue
			}
			if s.pos+1 < len(s.in) && strings.IndexByte("$`\"\\", s.in[s.pos+1]) >= 0 {
				s.pos++
			}
			s.buf = append(s.buf, s.in[s.pos])
			s.pos++
		default:
			s.buf = append(s.buf, c)
			s.pos++
		}
	}
	return errQuote
}

// expansion takes a "$" that stands for itself, and refuses one that begins a variable.
func (s *splitter) expansion() error {
	rest := s.in[s.pos:]
	if rest[0] == '$' && (len(rest) == 1 || !expands(rest[1])) {
		s.buf = append(s.buf, '$')
		s.pos++
		return nil
	}
	name := rest
	if end := strings.IndexAny(rest[1:], " \t\n\"'&;|/"); end >= 0 {
		name = rest[:end+1]
	}
	if len(name) > 40 {
		name = name[:40]
	}
	return fmt.Errorf("%s has a value in your shell only: paste the line with the value in its place", strings.ToValidUTF8(name, "?"))
}

func expands(c byte) bool {
	return c == '_' || c == '{' || c == '(' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' ||
		strings.IndexByte("@*#?!$-", c) >= 0
}

// ansi reads $'…', whose escapes are those of C.
func (s *splitter) ansi() error {
	for s.pos < len(s.in) {
		c := s.in[s.pos]
		s.pos++
		switch c {
		case '\'':
			return nil
		case '\\':
			if s.pos >= len(s.in) {
				return errQuote
			}
			s.escape()
		default:
			s.buf = append(s.buf, c)
		}
	}
	return errQuote
}

// escape reads what follows a backslash in $'…'.
func (s *splitter) escape() {
	c := s.in[s.pos]
	s.pos++
	if i := strings.IndexByte("abefnrtvE", c); i >= 0 {
		s.buf = append(s.buf, "\a\b\x1b\f\n\r\t\v\x1b"[i])
		return
	}
	switch {
	case c == 'x':
		if n, ok := s.digits(16, 2); ok {
			s.buf = append(s.buf, byte(n))
			return
		}
	case c == 'u' || c == 'U':
		width := 4
		if c == 'U' {
			width = 8
		}
		if n, ok := s.digits(16, width); ok {
			s.buf = utf8.AppendRune(s.buf, rune(n)) //nolint:gosec // at most eight digits; a wrong rune becomes U+FFFD
			return
		}
	case c >= '0' && c <= '7':
		s.pos--
		n, _ := s.digits(8, 3)
		s.buf = append(s.buf, byte(n))
		return
	case c == 'c' && s.pos < len(s.in):
		s.buf = append(s.buf, s.in[s.pos]&0x1f)
		s.pos++
		return
	case strings.IndexByte(`\'"?`, c) >= 0:
		s.buf = append(s.buf, c)
		return
	}
	s.buf = append(s.buf, '\\', c)
}

// digits reads up to width digits of a base; ok is false when there is none.
func (s *splitter) digits(base uint64, width int) (n uint64, ok bool) {
	for range width {
		if s.pos >= len(s.in) {
			break
		}
		var d uint64
		switch c := s.in[s.pos]; {
		case c >= '0' && c <= '9':
			d = uint64(c - '0')
		case c|0x20 >= 'a' && c|0x20 <= 'f':
			d = uint64(c|0x20-'a') + 10
		default:
			return n, ok
		}
		if d >= base {
			break
		}
		n, ok = n*base+d, true
		s.pos++
	}
	return n, ok
}
