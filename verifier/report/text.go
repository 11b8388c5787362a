package report

import (
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/mediasandbox/sandbox/internal/prefix"
)

// elapsed writes a duration as people read it.
func elapsed(d time.Duration) string {
	switch {
	case d < time.Second:
		return d.Round(time.Millisecond).String()
	case d < time.Minute:
		return fmt.Sprintf("%.1fs", d.Seconds())
	default:
		return d.Round(time.Second).String()
	}
}

func plural(n int, word string) string {
	if n == 1 {
		return "1 " + word
	}
	return fmt.Sprintf("%d %ss", n, word)
}

// oneLine makes a text safe to stand in a line: what a reply contains must not move a
// terminal's cursor, begin a line of its own or end a column.
func oneLine(s string) string { return strings.Join(strings.Fields(printable(s)), " ") }

// printable shows control characters, but for line breaks and tabs, as "�".
func printable(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\n' || r == '\t':
			return r
		case r == '\r':
			return -1
		case r < ' ', r >= 0x7f && r < 0xa0, r == 0x2028, r == 0x2029, // C0, C1, line separators
			r >= 0x202a && r <= 0x202e, r >= 0x2066 && r <= 0x2069, // what turns the direction of a text
			r == 0xfffe, r == 0xffff: // no characters, in XML
			return utf8.RuneError
		}
		return r
	}, strings.ToValidUTF8(s, "\uFFFD"))
}

// shorten cuts a text at a limit in bytes and says how long it was.
func shorten(s string, limit int) string {
	if len(s) <= limit {
		return s
	}
	return fmt.Sprintf("%s… (%d bytes in all)", prefix.Of(s, limit), len(s))
}
