package verifier

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/mediasandbox/sandbox/verifier/internal/tree"
)

// value is a value of a scenario in which ${expressions} may stand.
type value struct {
	node    *tree.Node
	parts   []part // of a text with expressions
	items   []*value
	members []member
}

// member is a name and its value, in the order written.
type member struct {
	name string
	node *tree.Node // of the key
	*value
}

// part is a piece of a text: itself, or an expression.
type part struct {
	text string
	expr *expression
}

// compileValue prepares a value.
func compileValue(f *tree.File, n *tree.Node, s scope) *value {
	v := &value{node: n}
	switch n.Kind {
	case tree.Text:
		if strings.Contains(n.Text, "${") {
			v.parts = compileText(f, n, s)
		}
	case tree.List:
		for _, item := range n.Items {
			v.items = append(v.items, compileValue(f, item, s))
		}
	case tree.Map:
		v.members = compileMembers(f, n, s)
	}
	return v
}

func compileMembers(f *tree.File, n *tree.Node, s scope) []member {
	out := make([]member, 0, len(n.Entries))
	for _, e := range n.Entries {
		out = append(out, member{e.Key.Text, e.Key, compileValue(f, e.Value, s)})
	}
	return out
}

// compileText cuts a text at its expressions. $${ stands for ${ itself.
func compileText(f *tree.File, n *tree.Node, s scope) []part {
	var out []part
	rest, at := n.Text, 0
	var plain strings.Builder
	flush := func() {
		if plain.Len() > 0 {
			out = append(out, part{text: plain.String()})
			plain.Reset()
		}
	}
	for {
		i := strings.Index(rest, "${")
		if i < 0 {
			plain.WriteString(rest)
			flush()
			return out
		}
		if i > 0 && rest[i-1] == '$' {
			plain.WriteString(rest[:i-1] + "${")
			rest, at = rest[i+2:], at+i+2
			continue
		}
		plain.WriteString(rest[:i])
		flush()
		length := expressionEnd(rest[i+2:])
		if length < 0 {
			f.At(n, "${ without its }; for the text itself write $${")
			return nil
		}
		inner := at + i + 2
		if n.Inner < 0 {
			inner = -1
		}
		text := rest[i+2 : i+2+length]
		if e := compileExpression(f, n, text, inner, s); e != nil {
			out = append(out, part{expr: e})
		}
		rest, at = rest[i+2+length+1:], at+i+2+length+1
	}
}

// expressionEnd finds the brace that closes an expression; -1 when there is none.
func expressionEnd(s string) int {
	depth, quote := 0, byte(0)
	for i := 0; i < len(s); i++ {
		switch b := s[i]; {
		case quote != 0:
			if b == '\\' && quote != '`' {
				i++
			} else if b == quote {
				quote = 0
			}
		case b == '"' || b == '\'' || b == '`':
			quote = b
		case b == '{':
			depth++
		case b == '}':
			if depth == 0 {
				return i
			}
			depth--
		}
	}
	return -1
}

// eval computes the value. One that is only an expression keeps the expression's type.
func (v *value) eval(env map[string]any) (any, error) {
	switch {
	case len(v.parts) == 1 && v.parts[0].expr != nil:
		return v.parts[0].expr.eval(env)
	case v.parts != nil:
		var b strings.Builder
		for _, p := range v.parts {
			if p.expr == nil {
				b.WriteString(p.text)
				continue
			}
			got, err := p.expr.eval(env)
			if err != nil {
				return nil, err
			}
			text, err := textOf(got)
			if err != nil {
				return nil, fmt.Errorf("the expression %q: %w", shorten(p.expr.text, 120), err)
			}
			b.WriteString(text)
		}
		return b.String(), nil
	case v.node.Kind == tree.List:
		out := make([]any, len(v.items))
		for i, item := range v.items {
			got, err := item.eval(env)
			if err != nil {
				return nil, err
			}
			out[i] = got
		}
		return out, nil
	case v.node.Kind == tree.Map:
		out := make(map[string]any, len(v.members))
		for _, m := range v.members {
			got, err := m.eval(env)
			if err != nil {
				return nil, err
			}
			out[m.name] = got
		}
		return out, nil
	}
	return v.node.Value, nil
}

// argument computes the text of a parameter; ok is false for null, which leaves it
// out. A number stands as it is written: 007 stays 007.
func (v *value) argument(env map[string]any) (text string, ok bool, err error) {
	if v.parts == nil {
		switch v.node.Kind {
		case tree.Null:
			return "", false, nil
		case tree.Bool, tree.Int, tree.Float, tree.Text:
			return v.node.Text, true, nil
		}
	}
	got, err := v.eval(env)
	if err != nil || got == nil {
		return "", false, err
	}
	text, err = textOf(got)
	return text, err == nil, err
}

// static reports whether no expression stands in the value.
func (v *value) static() bool {
	if v.parts != nil {
		return false
	}
	for _, item := range v.items {
		if !item.static() {
			return false
		}
	}
	for _, m := range v.members {
		if !m.static() {
			return false
		}
	}
	return true
}

// textOf writes a value as a parameter carries it; lists and objects as JSON.
func textOf(v any) (string, error) {
	switch v := v.(type) {
	case nil:
		return "", fmt.Errorf("the value is null")
	case string:
		return v, nil
	case bool:
		return strconv.FormatBool(v), nil
	case int:
		return strconv.Itoa(v), nil
	case float64:
		return strconv.FormatFloat(v, 'f', -1, 64), nil
	case time.Time:
		return v.Format(time.RFC3339Nano), nil
	}
	return jsonText(v)
}

// quote writes a text as JSON.
func quote(s string) string {
	text, err := jsonText(s)
	if err != nil {
		return `""` // texts can be written
	}
	return text
}

// jsonText writes compact JSON without escaping what no vendor escapes.
func jsonText(v any) (string, error) {
	var b strings.Builder
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		return "", fmt.Errorf("the value cannot be written as JSON: %w", err)
	}
	return strings.TrimSuffix(b.String(), "\n"), nil
}
