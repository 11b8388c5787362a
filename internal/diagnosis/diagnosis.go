// Package diagnosis writes the explanation of a signature for people to read: both strings
// to sign with a caret under their first difference, then each mistake with its remedy.
//
// It finds nothing out (that is package signature) and masks nothing: an explanation has
// its secrets masked already.
package diagnosis

import (
	"fmt"
	"io"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/width"

	"github.com/mediasandbox/sandbox/signature"
)

// The strings are shown whole up to maxColumns columns, and else in a stretch around the
// difference, of which before stands to its left.
const (
	maxColumns = 100
	before     = 40
)

// Write writes e, every line behind indent. It writes nothing for an accepted signature
// about which there is nothing to say.
func Write(w io.Writer, e signature.Explanation, indent string) {
	if e.Expected != "" && !e.Accepted {
		writeStrings(w, e, indent)
	}
	for _, m := range e.Mistakes {
		fmt.Fprintf(w, "%s%s: %s\n", indent, m.Name, visible(m.Detail))
		fmt.Fprintf(w, "%s  → %s\n", indent, visible(m.Remedy))
	}
}

func writeStrings(w io.Writer, e signature.Explanation, indent string) {
	at := e.Differ
	if e.Sent == "" {
		at = -1
	}
	expected, caret := window(e.Expected, at)
	fmt.Fprintf(w, "%sto sign:  %s\n", indent, expected)
	if e.Sent == "" {
		return
	}
	if at < 0 {
		fmt.Fprintf(w, "%ssigned:   the same\n", indent)
		return
	}
	sent, _ := window(e.Sent, at)
	fmt.Fprintf(w, "%ssigned:   %s\n", indent, sent)
	fmt.Fprintf(w, "%s          %s^\n", indent, strings.Repeat(" ", caret))
}

// window returns the part of s around byte at, as it is shown, and the column of that byte
// in it. Both strings agree up to the difference, so that they are cut at the same place.
func window(s string, at int) (shown string, caret int) {
	if at > len(s) {
		at = len(s)
	}
	for at > 0 && at < len(s) && !utf8.RuneStart(s[at]) { // the difference lies inside a character
		at--
	}
	left, right := visible(s), ""
	if at >= 0 {
		left, right = visible(s[:at]), visible(s[at:])
	}
	// What stands before decides, because it is the same in both strings.
	if n := columns(left); n > before && at >= 0 {
		left = "…" + last(left, before)
	}
	caret = columns(left)
	return left + first(right, maxColumns-caret), caret
}

// visible writes what a terminal would not show, or would obey, as an escape.
func visible(s string) string {
	strange := func(r rune) bool { return r == utf8.RuneError || !unicode.IsPrint(r) && r != '\u3000' }
	if !strings.ContainsFunc(s, strange) {
		return s
	}
	var out strings.Builder
	for i := 0; i < len(s); {
		r, n := utf8.DecodeRuneInString(s[i:])
		switch {
		case r == utf8.RuneError && n == 1:
			fmt.Fprintf(&out, `\x%02x`, s[i])
		case r == '\n':
			out.WriteString(`\n`)
		case r == '\r':
			out.WriteString(`\r`)
		case r == '\t':
			out.WriteString(`\t`)
		case unicode.IsPrint(r), r == '\u3000':
			out.WriteRune(r)
		case r < 0x100:
			fmt.Fprintf(&out, `\x%02x`, r)
		default:
			fmt.Fprintf(&out, `\u%04x`, r)
		}
		i += n
	}
	return out.String()
}

// columns is how wide a terminal shows s: an ideograph takes two columns.
func columns(s string) int {
	n := 0
	for _, r := range s {
		n += wide(r)
	}
	return n
}

func wide(r rune) int {
	switch width.LookupRune(r).Kind() {
	case width.EastAsianWide, width.EastAsianFullwidth:
		return 2
	}
	if unicode.Is(unicode.Mn, r) {
		return 0
	}
	return 1
}

// last returns the end of s, at most n columns of it.
func last(s string, n int) string {
	for i := len(s); i > 0; {
		r, size := utf8.DecodeLastRuneInString(s[:i])
		if n -= wide(r); n < 0 {
			return s[i:]
		}
		i -= size
	}
	return s
}

// first returns the beginning of s, at most n columns of it.
func first(s string, n int) string {
	for i, r := range s {
		if n -= wide(r); n < 0 {
			return s[:i] + "…"
		}
	}
	return s
}
