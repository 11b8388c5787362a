package verifier

import (
	"errors"
	"fmt"
	"maps"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/expr-lang/expr"
	"github.com/expr-lang/expr/ast"
	"github.com/expr-lang/expr/file"
	"github.com/expr-lang/expr/parser"
	"github.com/expr-lang/expr/types"
	"github.com/expr-lang/expr/vm"

	"github.com/mediasandbox/sandbox/internal/contract"
	"github.com/mediasandbox/sandbox/internal/prefix"
	"github.com/mediasandbox/sandbox/verifier/internal/tree"
)

// expression is a compiled expression of a scenario.
type expression struct {
	node    *tree.Node
	text    string
	program *vm.Program
	uses    []string // saved names, which may not be there at run time
}

// reply are the names that an expression about a reply can use besides the others.
func replyNames() []string {
	return []string{"body", "text", "status", "headers", "outcome"}
}

// scope is what an expression can name at its place.
type scope struct {
	saved map[string]bool // names saved before, and the parameters of shared steps
	vars  map[string]bool
	row   bool // inside a forEach
	reply bool // about a reply
	// matchers is the table of what a matcher's keys take.
	matchers *tree.Shape
	// doc is the contract of the scenario, nil when it is not known.
	doc *contract.Document
	// lenient takes unknown names, where a step before could not be read.
	lenient bool
	// foreign is set when an expression speaks of the foreign credential.
	foreign *bool
}

func (s scope) with(names ...string) scope {
	s.saved = maps.Clone(s.saved)
	if s.saved == nil {
		s.saved = map[string]bool{}
	}
	for _, n := range names {
		s.saved[n] = true
	}
	return s
}

// environment is the type of an expression's surroundings.
func (s scope) environment() types.Map {
	env := types.Map{"credential": types.Any, "foreign": types.Any}
	for name, fn := range functions(nil) {
		env[name] = types.TypeOf(fn)
	}
	vars := types.Map{}
	for name := range s.vars {
		vars[name] = types.Any
	}
	env["vars"] = vars
	for name := range s.saved {
		env[name] = types.Any
	}
	if s.row {
		env["row"] = types.Any
	}
	if s.reply {
		for _, name := range replyNames() {
			env[name] = types.Any
		}
		env["status"] = types.Int
		env["text"], env["outcome"] = types.String, types.String
	}
	return env
}

// names lists what an expression can name, for hints.
func (s scope) names() []string {
	env := s.environment()
	return slices.Sorted(maps.Keys(env))
}

// savedName is what a value can be saved under.
var savedName = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*$`)

// reserved are names that mean something already.
func reserved(name string) bool {
	switch name {
	case "vars", "row", "credential", "foreign", "true", "false", "nil", "in", "not", "and", "or", "let", "if", "else", "matches", "contains", "startsWith", "endsWith":
		return true
	}
	if _, ok := functions(nil)[name]; ok {
		return true
	}
	return slices.Contains(replyNames(), name)
}

// compileExpression compiles a text that stands in node, inner characters after its
// beginning. It notes a mistake in f and returns nil when it cannot.
func compileExpression(f *tree.File, n *tree.Node, text string, inner int, s scope) *expression {
	if strings.TrimSpace(text) == "" {
		f.At(n, "an expression is wanted here")
		return nil
	}
	options := []expr.Option{expr.Env(s.environment()), expr.DisableBuiltin("now")}
	if s.lenient {
		options = append(options, expr.AllowUndefinedVariables())
	}
	program, err := expr.Compile(text, options...)
	if err != nil {
		expressionMistake(f, n, text, inner, s, err)
		return nil
	}
	e := &expression{node: n, text: text, program: program}
	var foreign bool
	if e.uses, foreign = uses(text, s); foreign && s.foreign != nil {
		*s.foreign = true
	}
	return e
}

func expressionMistake(f *tree.File, n *tree.Node, text string, inner int, s scope, err error) {
	line, column, what := n.Line, n.Column, err.Error()
	var fe *file.Error
	if errors.As(err, &fe) {
		what = fe.Message
		if inner >= 0 && fe.Line <= 1 {
			column += n.Inner + utf8.RuneCountInString(n.Text[:inner]) + fe.Column
		}
	}
	what, _, _ = strings.Cut(what, "\n")
	hint := ""
	if name, ok := strings.CutPrefix(what, "unknown name "); ok {
		hint = tree.Hint(name, s.names())
	}
	f.Wrong(line, column, "in the expression %q: %s%s", shorten(text, 80), what, hint)
}

func shorten(s string, limit int) string {
	if len(s) <= limit {
		return s
	}
	return prefix.Of(s, limit) + "…"
}

// uses returns the names that are there only when an earlier step has run.
func uses(text string, s scope) (names []string, foreign bool) {
	t, err := parser.Parse(text)
	if err != nil {
		return nil, false
	}
	v := &identifiers{scope: s}
	ast.Walk(&t.Node, v)
	return v.found, v.foreign
}

type identifiers struct {
	scope   scope
	found   []string
	foreign bool
}

// Visit implements ast.Visitor.
func (v *identifiers) Visit(node *ast.Node) {
	id, ok := (*node).(*ast.IdentifierNode)
	if !ok {
		return
	}
	v.foreign = v.foreign || id.Value == "foreign"
	if v.scope.saved[id.Value] && !slices.Contains(v.found, id.Value) {
		v.found = append(v.found, id.Value)
	}
}

// errNotSaved says that a name was not saved, because its step did not run.
type errNotSaved struct{ name string }

func (e *errNotSaved) Error() string {
	return fmt.Sprintf("%q was not saved by an earlier step", e.name)
}

// eval computes the expression.
func (e *expression) eval(env map[string]any) (any, error) {
	for _, name := range e.uses {
		if _, ok := env[name]; !ok {
			return nil, &errNotSaved{name}
		}
	}
	out, err := vm.Run(e.program, env)
	if err != nil {
		text, _, _ := strings.Cut(err.Error(), "\n")
		return nil, fmt.Errorf("the expression %q fails: %s", shorten(e.text, 120), text)
	}
	return normal(out), nil
}

// truth computes a condition.
func (e *expression) truth(env map[string]any) (bool, error) {
	v, err := e.eval(env)
	if err != nil {
		return false, err
	}
	b, ok := v.(bool)
	if !ok {
		return false, fmt.Errorf("the expression %q gives %s, wants true or false", shorten(e.text, 120), describe(v))
	}
	return b, nil
}

// normal brings what an expression gives to the types of JSON: int and float64, []any
// and map[string]any. Times stay times.
func normal(v any) any {
	switch v := v.(type) {
	case nil, bool, int, float64, string, time.Time:
		return v
	case time.Duration:
		return v.String()
	}
	r := reflect.ValueOf(v)
	switch r.Kind() {
	case reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		return int(r.Int())
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		return int(r.Uint()) //nolint:gosec // scenario numbers
	case reflect.Float32:
		return r.Float()
	case reflect.Slice:
		out := make([]any, r.Len())
		for i := range out {
			out[i] = normal(r.Index(i).Interface())
		}
		return out
	case reflect.Map:
		out := make(map[string]any, r.Len())
		for _, k := range r.MapKeys() {
			out[fmt.Sprint(k.Interface())] = normal(r.MapIndex(k).Interface())
		}
		return out
	}
	return v
}
