package tree

import (
	"fmt"
	"slices"
	"sort"
	"strings"
	"unicode/utf8"
)

// Mistake is one thing that is wrong in a file, and where.
type Mistake struct {
	File   string `json:"file"`
	Line   int    `json:"line"`   // from 1
	Column int    `json:"column"` // from 1, in characters
	What   string `json:"what"`   // in one sentence, without the place
	Source string `json:"source"` // the line itself
}

// Error writes the mistake as compilers do, with the line and a caret below the place:
//
//	orders.yaml:7:11: no operation is called "ad"; did you mean "add"?
//	  7 |   - call: ad
//	    |           ^
func (m Mistake) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s:%d:%d: %s", m.File, m.Line, m.Column, m.What)
	if m.Source == "" {
		return b.String()
	}
	gutter := fmt.Sprintf("  %d | ", m.Line)
	fmt.Fprintf(&b, "\n%s%s\n%s| ", gutter, m.Source, strings.Repeat(" ", len(gutter)-2))
	n := 1
	for _, r := range m.Source {
		if n >= m.Column {
			break
		}
		n++
		if r == '\t' {
			b.WriteByte('\t') // so that the caret stands below, whatever a tab is worth
		} else {
			b.WriteByte(' ')
		}
	}
	b.WriteByte('^')
	return b.String()
}

// Mistakes are all that is wrong, in the order of files and lines.
type Mistakes []Mistake

// Error writes one mistake after the other.
func (ms Mistakes) Error() string {
	out := make([]string, len(ms))
	for i, m := range ms {
		out[i] = m.Error()
	}
	return strings.Join(out, "\n")
}

// maxSource is how much of a long line is kept, in bytes.
const maxSource = 200

// File is a text in which mistakes are found.
type File struct {
	Name     string
	lines    []string
	mistakes Mistakes
}

// NewFile prepares a text for mistakes.
func NewFile(name string, data []byte) *File {
	return &File{Name: name, lines: strings.Split(string(data), "\n")}
}

// maxMistakes bounds what is kept of one file: after so many nobody reads on.
const maxMistakes = 50

// Wrong notes a mistake at a line and column.
func (f *File) Wrong(line, column int, format string, args ...any) {
	if len(f.mistakes) >= maxMistakes {
		return
	}
	line, column = max(line, 1), max(column, 1)
	m := Mistake{File: f.Name, Line: line, Column: column, What: fmt.Sprintf(format, args...)}
	if line <= len(f.lines) {
		m.Source = strings.TrimRight(f.lines[line-1], "\r")
	}
	m.Source = printable(m.Source)
	if slices.Contains(f.mistakes, m) {
		return // shared steps are read wherever they are used
	}
	f.mistakes = append(f.mistakes, m)
}

// At notes a mistake at a node.
func (f *File) At(n *Node, format string, args ...any) {
	if n == nil {
		f.Wrong(1, 1, format, args...)
		return
	}
	f.Wrong(n.Line, n.Column, format, args...)
}

// Mistakes returns what was noted, in order of lines; nil when nothing was.
func (f *File) Mistakes() Mistakes {
	sort.SliceStable(f.mistakes, func(i, j int) bool {
		a, b := f.mistakes[i], f.mistakes[j]
		if a.Line != b.Line {
			return a.Line < b.Line
		}
		return a.Column < b.Column
	})
	return f.mistakes
}

// printable keeps a line short and free of what would disturb a terminal.
func printable(s string) string {
	if len(s) > maxSource {
		cut := maxSource
		for cut > 0 && !utf8.RuneStart(s[cut]) {
			cut--
		}
		s = s[:cut] + "…"
	}
	return strings.Map(func(r rune) rune {
		if r != '\t' && (r < ' ' || r == 0x7f) {
			return '�'
		}
		return r
	}, s)
}

// Hide takes what stands on a line from a column on out of the mistakes about it: it is
// a secret.
func (f *File) Hide(line, column int) {
	if line < 1 || line > len(f.lines) {
		return
	}
	runes := []rune(f.lines[line-1])
	if column >= 1 && column <= len(runes) {
		f.lines[line-1] = string(runes[:column-1]) + "…"
	}
	for i := range f.mistakes {
		if f.mistakes[i].Line == line {
			f.mistakes[i].Source = printable(f.lines[line-1])
		}
	}
}

// HideValues takes everything behind a colon out of the mistakes: of a file that cannot
// be read nobody knows where its secrets stand.
func (f *File) HideValues() {
	for i, line := range f.lines {
		if at := strings.IndexByte(line, ':'); at >= 0 {
			f.Hide(i+1, utf8.RuneCountInString(line[:at])+3)
		}
	}
}
