// Package tree reads YAML strictly, with positions: for scenarios, target files and
// baselines. It has a table of what a file may hold (Shape), from which the check and
// the published JSON Schema both come.
//
// It is not a general YAML library: anchors, aliases, tags, merge keys and several
// documents in a file are refused, because nobody needs them here and each is a way to
// be surprised.
package tree

import (
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/lexer"
	"github.com/goccy/go-yaml/parser"
	"github.com/goccy/go-yaml/token"
)

// MaxBytes is how large a file may be.
const MaxBytes = 256 << 10

// maxDepth is how deep values may be nested.
const maxDepth = 60

// Kind is what a value is; kinds are bits, so that a Shape can allow several.
type Kind uint8

// The kinds of values.
const (
	Null Kind = 1 << iota
	Bool
	Int
	Float
	Text
	List
	Map
)

// Scalar is every kind that is one word or text.
const Scalar = Bool | Int | Float | Text

// String names the kind in words; of several it names each.
func (k Kind) String() string {
	var out []string
	for _, n := range [...]struct {
		kind Kind
		name string
	}{{Null, "null"}, {Bool, "true or false"}, {Int, "a whole number"}, {Float, "a number"}, {Text, "a text"}, {List, "a list"}, {Map, "a mapping"}} {
		if k&n.kind != 0 && (n.kind != Int || k&Float == 0) {
			out = append(out, n.name)
		}
	}
	if len(out) < 2 {
		return strings.Join(out, "")
	}
	return strings.Join(out[:len(out)-1], ", ") + " or " + out[len(out)-1]
}

// Node is a value of a file.
type Node struct {
	Kind         Kind
	Line, Column int

	// Text is a text's content, and of other scalars what was written.
	Text string
	// Value is nil, bool, int, float64 or string.
	Value any
	// Inner is how many columns after Column the text begins; -1 for a block of lines.
	Inner int

	Items   []*Node // of a list
	Entries []Entry // of a mapping, in the order written
}

// Entry is one line of a mapping.
type Entry struct{ Key, Value *Node }

// Get returns the value of a key of a mapping, nil when it has none.
func (n *Node) Get(key string) *Node {
	if n == nil {
		return nil
	}
	for _, e := range n.Entries {
		if e.Key.Text == key {
			return e.Value
		}
	}
	return nil
}

// Key returns the key's own node, for mistakes about it; n itself when it has none.
func (n *Node) Key(key string) *Node {
	for _, e := range n.Entries {
		if e.Key.Text == key {
			return e.Key
		}
	}
	return n
}

// Plain returns the value as Go data: maps, slices and scalars.
func (n *Node) Plain() any {
	switch n.Kind {
	case List:
		out := make([]any, len(n.Items))
		for i, item := range n.Items {
			out[i] = item.Plain()
		}
		return out
	case Map:
		out := make(map[string]any, len(n.Entries))
		for _, e := range n.Entries {
			out[e.Key.Text] = e.Value.Plain()
		}
		return out
	}
	return n.Value
}

// Parse reads a text of at most MaxBytes. What is wrong is noted in the file; the node is nil when
// nothing can be read. An empty text is an empty mapping.
func Parse(f *File, data []byte) (root *Node) {
	if len(data) > MaxBytes {
		f.Wrong(1, 1, "the file has %d bytes, at most %d are read", len(data), MaxBytes)
		return nil
	}
	// The parser is not ours: whatever it stumbles over is a mistake of the file.
	defer func() {
		if p := recover(); p != nil {
			f.Wrong(1, 1, "this is not YAML that can be read")
			root = nil
		}
	}()
	tokens := lexer.Tokenize(string(data))
	if t := tooDeep(tokens); t != nil {
		f.Wrong(t.Position.Line, t.Position.Column, "values are nested more than %d deep", maxDepth)
		return nil
	}
	file, err := parser.Parse(tokens, 0)
	if err != nil {
		syntax(f, err)
		return nil
	}
	var body ast.Node
	for _, doc := range file.Docs {
		if doc.Body == nil {
			continue
		}
		if _, comment := doc.Body.(*ast.CommentGroupNode); comment {
			continue
		}
		if body != nil {
			pos := doc.Body.GetToken().Position
			f.Wrong(pos.Line, 1, "a second document, or a directive; a file holds one document and nothing else")
			return nil
		}
		body = doc.Body
	}
	if body == nil {
		return &Node{Kind: Map, Line: 1, Column: 1}
	}
	r := reader{file: f}
	return r.node(body, 0)
}

// tooDeep returns the token at which values nest beyond any use, nil when none do. It
// runs before the parser, whose time grows with the square of the depth.
func tooDeep(tokens token.Tokens) *token.Token {
	flow, row, line := 0, 0, 0
	for _, t := range tokens {
		if t.Position.Line != line {
			line, row = t.Position.Line, 0
		}
		switch t.Type {
		case token.SequenceStartType, token.MappingStartType:
			flow++
		case token.SequenceEndType, token.MappingEndType:
			flow--
		case token.SequenceEntryType, token.MappingKeyType, token.AnchorType, token.TagType:
			if flow <= 0 {
				row++ // each nests in the one before it on the line
			}
		}
		if flow > maxDepth || row > maxDepth {
			return t
		}
	}
	return nil
}

func syntax(f *File, err error) {
	var e yaml.Error
	if !errors.As(err, &e) || e.GetToken() == nil || e.GetToken().Position == nil {
		f.Wrong(1, 1, "%s", oneLine(err.Error()))
		return
	}
	pos := e.GetToken().Position
	f.Wrong(pos.Line, pos.Column, "%s", oneLine(e.GetMessage()))
}

func oneLine(s string) string {
	s, _, _ = strings.Cut(strings.TrimSpace(s), "\n")
	return s
}

// reader turns the parser's nodes into ours.
type reader struct{ file *File }

func (r *reader) node(a ast.Node, depth int) *Node {
	if a == nil {
		return &Node{Kind: Null, Line: 1, Column: 1}
	}
	n := at(a.GetToken())
	if depth > maxDepth {
		r.file.At(n, "values are nested more than %d deep", maxDepth)
		n.Kind = Null
		return n
	}
	switch a := a.(type) {
	case *ast.MappingNode:
		r.mapping(n, a.Values, depth)
	case *ast.MappingValueNode:
		r.mapping(n, []*ast.MappingValueNode{a}, depth)
	case *ast.SequenceNode:
		n.Kind = List
		for _, v := range a.Values {
			n.Items = append(n.Items, r.node(v, depth+1))
		}
	default:
		r.scalar(n, a)
	}
	return n
}

func at(t *token.Token) *Node {
	n := &Node{Line: 1, Column: 1}
	if t != nil && t.Position != nil {
		n.Line, n.Column = max(t.Position.Line, 1), max(t.Position.Column, 1)
	}
	return n
}

func (r *reader) mapping(n *Node, values []*ast.MappingValueNode, depth int) {
	n.Kind = Map
	for i, v := range values {
		key := r.key(v.Key)
		if i == 0 {
			// The parser gives a mapping the place of its first colon.
			n.Line, n.Column = key.Line, key.Column
		}
		if key.Kind == Null {
			continue
		}
		if first := n.Get(key.Text); first != nil {
			r.file.At(key, "the key %q stands twice", key.Text)
			continue
		}
		value := r.node(v.Value, depth+1)
		if value.Kind == Null && value.Line == 1 && value.Column == 1 {
			value.Line, value.Column = key.Line, key.Column
		}
		n.Entries = append(n.Entries, Entry{key, value})
	}
}

// key reads a key; its kind is Null when it is none.
func (r *reader) key(k ast.MapKeyNode) *Node {
	if k == nil {
		return &Node{Kind: Null, Line: 1, Column: 1}
	}
	if m, ok := k.(*ast.MappingKeyNode); ok {
		n := at(m.Start)
		r.file.At(n, "a key is a word or a text, without %q before it", "?")
		n.Kind = Null
		return n
	}
	if k.IsMergeKey() {
		n := at(k.GetToken())
		r.file.At(n, "merge keys (<<) are not read here; write the keys out")
		n.Kind = Null
		return n
	}
	n := at(k.GetToken())
	r.scalar(n, k)
	switch n.Kind {
	case Text, Bool, Int, Float:
		// "1" and 1 are the same key: what is written counts.
		n.Kind = Text
	case Null:
		if strings.TrimSpace(n.Text) != "" { // null, ~
			n.Kind = Text
		}
	default:
		r.file.At(n, "a key is a word or a text")
		n.Kind = Null
	}
	return n
}

func (r *reader) scalar(n *Node, a ast.Node) {
	switch a := a.(type) {
	case *ast.NullNode:
		n.Kind = Null
		n.Text = a.Token.Value
	case *ast.BoolNode:
		n.Kind, n.Value, n.Text = Bool, a.Value, a.Token.Value
	case *ast.IntegerNode:
		r.integer(n, a)
	case *ast.FloatNode:
		n.Kind, n.Value, n.Text = Float, a.Value, a.Token.Value
	case *ast.InfinityNode, *ast.NanNode:
		r.file.At(n, "%s is no number that can be used here", a.GetToken().Value)
		n.Kind = Null
	case *ast.StringNode:
		n.Kind, n.Value, n.Text = Text, a.Value, a.Value
		if t := a.Token; t != nil && (t.Type == token.DoubleQuoteType || t.Type == token.SingleQuoteType) {
			n.Inner = 1
		}
	case *ast.LiteralNode:
		n.Kind, n.Inner = Text, -1
		if a.Value != nil {
			n.Value, n.Text = a.Value.Value, a.Value.Value
		} else {
			n.Value = ""
		}
	case *ast.AnchorNode, *ast.AliasNode:
		r.file.At(n, "anchors and aliases are not read here; write the value out, or share steps with use")
		n.Kind = Null
	case *ast.TagNode:
		r.file.At(n, "tags (%s) are not read here", a.Start.Value)
		n.Kind = Null
	default:
		r.file.At(n, "a %s is not read here", strings.ToLower(fmt.Sprint(a.Type())))
		n.Kind = Null
	}
}

func (r *reader) integer(n *Node, a *ast.IntegerNode) {
	n.Text = a.Token.Value
	n.Kind = Int
	switch v := a.Value.(type) {
	case int64:
		n.Value = int(v)
	case uint64:
		if v > math.MaxInt64 {
			r.file.At(n, "%s is too large for a number; write it as a text, in quotes", n.Text)
			n.Kind = Null
			return
		}
		n.Value = int(v)
	default:
		i, err := strconv.Atoi(n.Text)
		if err != nil {
			n.Kind, n.Value = Text, n.Text
			return
		}
		n.Value = i
	}
}
