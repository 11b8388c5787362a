package tree_test

import (
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/mediasandbox/sandbox/verifier/internal/tree"
)

func parse(text string) (*tree.Node, tree.Mistakes) {
	f := tree.NewFile("x.yaml", []byte(text))
	return tree.Parse(f, []byte(text)), f.Mistakes()
}

func TestParse(t *testing.T) {
	n, wrong := parse("a: 1\nb:\n  - c: \"x\"\n    d: 007\n  - [true, ~, 1.5, 2020-01-01, 1e3]\n1: |\n  two\n  lines\nnull: >-\n  folded\n  text\n")
	require.Empty(t, wrong)
	assert.Equal(t, map[string]any{
		"a": 1, "b": []any{map[string]any{"c": "x", "d": 7}, []any{true, nil, 1.5, "2020-01-01", "1e3"}}, "1": "two\nlines\n", "null": "folded text",
	}, n.Plain())
	c := n.Get("b").Items[0].Get("c")
	assert.Equal(t, []int{3, 8, 1}, []int{c.Line, c.Column, c.Inner})
	assert.Equal(t, "007", n.Get("b").Items[0].Get("d").Text, "as written")
	assert.Equal(t, 4, n.Get("b").Items[0].Key("d").Line)
	assert.Equal(t, -1, n.Get("1").Inner)
	assert.Nil(t, n.Get("z"))
	assert.Nil(t, n.Get("a").Get("z"))
	for _, empty := range []string{"", "\n\n", "# nothing\n", "---\n"} {
		n, wrong := parse(empty)
		require.Empty(t, wrong, "%q", empty)
		assert.Equal(t, tree.Map, n.Kind)
		assert.Empty(t, n.Entries)
	}
}

func TestParseRefuses(t *testing.T) {
	for text, want := range map[string]string{
		"a: *x":                        "1:4: anchors and aliases are not read here",
		"a: &x 1":                      "1:4: anchors and aliases are not read here",
		"a: !!str 1":                   "1:4: tags (!!str) are not read here",
		"<<: {a: 1}":                   "1:1: merge keys (<<) are not read here",
		"? a\n: b":                     `1:1: a key is a word or a text, without "?" before it`,
		"a: 1\na: 2":                   "2:1: mapping key \"a\" already defined",
		"1: a\n\"1\": b":               `2:1: mapping key "1" already defined`,
		"---\na: 1\n---\nb: 1":         "a second document",
		"%YAML 1.2\n---\na: 1":         "a second document, or a directive",
		"a: [1":                        "1:4: sequence end token ']' not found",
		"a: .inf":                      "1:4: .inf is no number that can be used here",
		strings.Repeat("[", 70):        "values are nested more than 60 deep",
		strings.Repeat("- ", 70) + "x": "values are nested more than 60 deep",
		strings.Repeat("{a: ", 70):     "values are nested more than 60 deep",
		strings.Repeat("x", 256<<10+1): "the file has 262145 bytes, at most 262144 are read",
	} {
		_, wrong := parse(text)
		require.NotEmpty(t, wrong, "%.40q", text)
		assert.Contains(t, wrong.Error(), want)
	}
}

// TestParseIsQuick: no file is so made that reading it takes its time.
func TestParseIsQuick(t *testing.T) {
	const size = 250 << 10
	var deep strings.Builder
	for i := range 650 {
		deep.WriteString(strings.Repeat(" ", i) + "a:\n")
	}
	for _, text := range []string{
		strings.Repeat("[", size), strings.Repeat("[\n", size/2), strings.Repeat("- ", size/2), strings.Repeat("? ", size/2), strings.Repeat("&a ", size/3),
		strings.Repeat("!!x ", size/4), strings.Repeat("{a: ", size/4), strings.Repeat("|\n", size/2), "a: \"" + strings.Repeat("\\n", size/2), deep.String(),
	} {
		began := time.Now()
		parse(text)
		assert.Less(t, time.Since(began), 20*time.Second, "%.20q", text)
	}
}

func TestMistake(t *testing.T) {
	f := tree.NewFile("x.yaml", []byte("one\n\ttwo: é x\nthree\x07"))
	f.Wrong(2, 9, "here is %s", "x")
	f.Wrong(3, 1, "later")
	f.Wrong(2, 9, "here is x")
	f.Wrong(9, 9, "nowhere")
	assert.Equal(t, "x.yaml:2:9: here is x\n  2 | \ttwo: é x\n    | \t       ^\nx.yaml:3:1: later\n  3 | three�\n    | ^\nx.yaml:9:9: nowhere", f.Mistakes().Error())
	f.Hide(2, 6)
	assert.Equal(t, "\ttwo:…", f.Mistakes()[0].Source)
}

func shape() *tree.Shape {
	word := &tree.Shape{Title: "a word", Kinds: tree.Text, Pattern: regexp.MustCompile(`^[a-z]+$`), Wants: "a word of small letters"}
	return &tree.Shape{Title: "a thing", Kinds: tree.Map, Fields: []tree.Field{
		{Name: "name", Shape: word, Required: true},
		{Name: "kind", Shape: &tree.Shape{Title: "kind", Kinds: tree.Text, Enum: []string{"red", "green"}, Wants: "a colour"}},
		{Name: "many", Shape: &tree.Shape{Title: "many", Choices: []*tree.Shape{word, {Title: "many", Kinds: tree.List, Items: word}}}},
		{Name: "free", Shape: &tree.Shape{Title: "free", Kinds: tree.Map, Values: word}},
	}}
}

func TestShape(t *testing.T) {
	check := func(text string) tree.Mistakes {
		f := tree.NewFile("x", []byte(text))
		n := tree.Parse(f, []byte(text))
		ok := shape().Check(f, n)
		assert.Equal(t, ok, len(f.Mistakes()) == 0, text)
		return f.Mistakes()
	}
	assert.Empty(t, check("{name: a, kind: red, many: [x, y], free: {A: b}}"))
	assert.Empty(t, check("{name: a, many: x}"))
	for text, want := range map[string]string{
		"x":                            "1:1: a thing wants a mapping, this is a text",
		"{}":                           `a thing wants the key "name"`,
		"{name: A}":                    `1:8: "A" is not a word of small letters`,
		"{name: 1}":                    "a word wants a text, this is a whole number",
		"{name: a, kind: gren}":        `"gren" is not a colour; did you mean "green"?`,
		"{name: a, kind: blue}":        `"blue" is not a colour; there are red, green`,
		"{name: a, kynd: red}":         `1:11: "kynd" is not a key of a thing; did you mean "kind"?`,
		"{name: a, many: 1}":           "many wants a text or a list, this is a whole number",
		"{name: a, many: [a, [b], C]}": "a word wants a text, this is a list",
		"{name: a, free: {x: 1}}":      "a word wants a text",
		"{name: a, free: [x]}":         "free wants a mapping, this is a list",
	} {
		assert.Contains(t, check(text).Error(), want)
	}
	s := shape().Schema("id", "title")
	assert.Equal(t, "object", s["type"])
	assert.Equal(t, []string{"name"}, s["required"])
	assert.Equal(t, false, s["additionalProperties"])
}

func FuzzParse(f *testing.F) {
	for _, seed := range []string{"a: 1", "- [x, {y: z}]", "a: &b *c", "? x", "|\n a", "\"\\u00e9\"", "%", "---\n...", "a: !b c", "\x00", "- - -"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		n, wrong := parse(text)
		if n == nil && len(wrong) == 0 {
			t.Fatal("neither read nor refused")
		}
		if n != nil {
			n.Plain()
		}
		_ = wrong.Error()
	})
}
