package tree

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

func dump(n *Node, ind string) {
	fmt.Printf("%s%v %d:%d %q %v inner=%d\n", ind, n.Kind, n.Line, n.Column, n.Text, n.Value, n.Inner)
	for _, e := range n.Entries {
		fmt.Printf("%s key %q %d:%d\n", ind, e.Key.Text, e.Key.Line, e.Key.Column)
		dump(e.Value, ind+"  ")
	}
	for _, i := range n.Items {
		dump(i, ind+"  ")
	}
}
func TestX(t *testing.T) {
	for _, s := range []string{"a: 1\nb: \"x${y}\"\nc:\n  - d: 0123\n    e: 1e3\n  - {f: ~, g: , h: 2020-01-01, i: +5, j: 1_000}\nk: |\n  foo\n  bar\n1: x\nnull: 4\nl: >-\n  abc\n  def\nm: true\nn: 99999999999999999999\no: on\np: 0x1F\n", "a: [1\n", "a: *x", "a: &x 1\nb: *x", "? a\n: b", "<<: {a: 1}", "a: !!str 1", "---\na: 1\n---\nb: 2", "# only\n", "a: 1\na: 2\n", "- x", "\"a\\nb\": 日本 # c\nb: 'x' y\n", "a: {b: {c: d}}", "%YAML 1.2\n---\na: 1", "a: \x00", "\t a: b", "a:\n b: 1\n  c: 2"} {
		f := NewFile("x.yaml", []byte(s))
		n := Parse(f, []byte(s))
		fmt.Printf("=== %q\n", s)
		if n != nil {
			dump(n, " ")
		}
		if m := f.Mistakes(); m != nil {
			fmt.Println(m.Error())
		}
	}
	for _, s := range []string{strings.Repeat("[", 250000), strings.Repeat("{a: ", 60000), strings.Repeat("- ", 100000) + "a", strings.Repeat("? ", 100000), strings.Repeat("[\n", 100000), strings.Repeat("&a ", 80000), strings.Repeat("a: b\n", 50000), strings.Repeat("!!x ", 60000), func() string {
		var b strings.Builder
		for i := 0; i < 600; i++ {
			b.WriteString(strings.Repeat(" ", i) + "a:\n")
		}
		return b.String()
	}(), strings.Repeat("- a\n", 60000), "a: " + strings.Repeat("x", 250000), "a: \"" + strings.Repeat("\\n", 120000), strings.Repeat("a", 250000), strings.Repeat("|\n", 120000), strings.Repeat("# c\n", 60000)} {
		st := time.Now()
		f := NewFile("x.yaml", []byte(s))
		n := Parse(f, []byte(s))
		d := time.Since(st)
		m := ""
		if f.Mistakes() != nil {
			m = f.Mistakes()[0].What
		}
		fmt.Printf("%.10q %v nil=%v %s\n", s[:10], d, n == nil, m)
	}
}
