// Package source reads contract documents as they are written: OpenAPI in YAML, parsed
// and validated by kin-openapi, with the conventions of docs/adding-a-fake.md. Only
// tools and tests import it; a running sandbox has its contracts compiled.
package source

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/goccy/go-yaml"

	"github.com/mediasandbox/sandbox/internal/contract"
)

// Load reads the document of the named API. It reports everything that is wrong
// with it at once, each problem with the operation or outcome it concerns.
func Load(name string, data []byte) (*contract.Document, error) {
	loader := openapi3.NewLoader()
	doc, err := loader.LoadFromData(data)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	if err := doc.Validate(context.Background()); err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	var tree yaml.MapSlice
	if err := yaml.UnmarshalWithOptions(data, &tree, yaml.UseOrderedMap()); err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	l := &load{
		kin: doc, tree: tree,
		schemas: compiler{done: map[*openapi3.Schema]*contract.Schema{}},
		doc:     &contract.Document{Name: name, Title: doc.Info.Title, Version: doc.Info.Version, Common: map[string]*contract.Outcome{}},
	}
	l.root()
	l.common()
	for _, path := range l.keys(l.tree, "paths") {
		l.path(path)
	}
	l.consistent()
	if len(l.problems) == 0 {
		l.linked()
	}
	if len(l.problems) > 0 {
		return nil, fmt.Errorf("%s: %w", name, errors.Join(l.problems...))
	}
	return l.doc, nil
}

// load is the state of one Load.
type load struct {
	kin      *openapi3.T
	tree     yaml.MapSlice // the same document with its keys in order
	schemas  compiler
	doc      *contract.Document
	problems []error
}

func (l *load) problem(where, format string, args ...any) {
	l.problems = append(l.problems, fmt.Errorf("%s: %s", where, fmt.Sprintf(format, args...)))
}

// known refuses extension keys that mean nothing: a misspelt one would be lost silently.
func (l *load) known(where string, ext map[string]any, allowed ...string) {
	for _, key := range sortedKeys(ext) {
		if strings.HasPrefix(key, "x-") && !slices.Contains(allowed, key) {
			l.problem(where, "%s is not a key of this project", key)
		}
	}
}

func (l *load) root() {
	ext := l.kin.Extensions
	l.known("document", ext, "x-json", "x-envelope", "x-values", "x-parameters", "x-unmatched", "x-head", "x-tagGroups")
	switch style := str(ext, "x-json"); style {
	case "", "plain":
	case "php":
		l.doc.PHP = true
	default:
		l.problem("document", "x-json: %q is neither plain nor php", style)
	}
	l.doc.Envelope = str(ext, "x-envelope")
	l.doc.Moving = l.moving("document", ext["x-values"])
	if p, ok := ext["x-parameters"].(map[string]any); ok {
		l.doc.Anywhere, _ = p["anywhere"].(bool)
		switch p["repeated"] {
		case "last":
			l.doc.LastWins = true
		case "first", nil:
		default:
			l.problem("document", "x-parameters.repeated: %v is neither first nor last", p["repeated"])
		}
		switch p["form"] {
		case "any":
			l.doc.AnyForm = true
		case "post", nil:
		default:
			l.problem("document", "x-parameters.form: %v is neither any nor post", p["form"])
		}
	}
	if u, ok := ext["x-unmatched"].(map[string]any); ok {
		l.doc.Unmatched = contract.Unmatched{Path: str(u, "path"), Pin: str(u, "pin"), Method: str(u, "method")}
		switch first := u["first"]; first {
		case nil:
		case "method":
			l.doc.Unmatched.MethodFirst = true
		default:
			l.problem("document", "x-unmatched.first: %v is not method", first)
		}
	}
}

func (l *load) moving(where string, v any) []contract.Moving {
	m, ok := v.(map[string]any)
	if v != nil && !ok {
		l.problem(where, "x-values wants a map of names to JSON pointers")
	}
	var out []contract.Moving
	for _, name := range sortedKeys(m) {
		pointer, _ := m[name].(string)
		if !strings.HasPrefix(pointer, "/") {
			l.problem(where, "x-values.%s: %v is no JSON pointer", name, m[name])
			continue
		}
		out = append(out, contract.Moving{Name: name, Pointer: pointer})
	}
	return out
}

func (l *load) path(key string) {
	item := l.kin.Paths.Value(key)
	path, fragment, _ := strings.Cut(key, "#")
	ops := item.Operations()
	for _, method := range sortedKeys(ops) {
		op := l.operation(key, path, method, ops[method])
		var pins []string
		for _, p := range op.Pins {
			pins = append(pins, p.Name+"="+p.Value)
		}
		if got := strings.Join(pins, "&"); got != fragment {
			l.problem(op.ID, "the path's fragment is %q, the pinned parameters are %q", fragment, got)
		}
		l.doc.Operations = append(l.doc.Operations, op)
	}
}

func (l *load) operation(key, path, method string, k *openapi3.Operation) *contract.Operation {
	op := &contract.Operation{
		ID: k.OperationID, Summary: k.Summary, Description: k.Description,
		Method: method, Methods: []string{method}, Path: path, Effect: str(k.Extensions, "x-effect"),
		Aliases: strs(k.Extensions, "x-aliases"),
	}
	where := op.ID
	if where == "" {
		where = method + " " + key
		l.problem(where, "has no operationId")
	}
	l.known(where, k.Extensions, "x-methods", "x-aliases", "x-effect")
	for _, m := range strs(k.Extensions, "x-methods") {
		op.Methods = append(op.Methods, strings.ToUpper(m))
	}
	switch head := l.kin.Extensions["x-head"]; head {
	case nil:
	case "as-get":
		if slices.Contains(op.Methods, http.MethodGet) {
			op.Methods = append(op.Methods, http.MethodHead)
		}
	default:
		l.problem("document", "x-head: %v is not as-get", head)
	}
	switch op.Effect {
	case contract.Read, contract.Write, contract.Paid, contract.Destructive:
	default:
		l.problem(where, "x-effect is %q, wants read, write, paid or destructive", op.Effect)
	}
	if len(k.Tags) == 1 {
		op.Tag = k.Tags[0]
	} else {
		l.problem(where, "wants exactly one tag")
	}
	security := k.Security
	if security == nil {
		security = &l.kin.Security
	}
	op.Secured = len(*security) > 0 && len((*security)[0]) > 0
	for _, p := range append(append(openapi3.Parameters(nil), l.kin.Paths.Value(key).Parameters...), k.Parameters...) {
		l.parameter(op, p.Value)
	}
	l.form(op, k, key, strings.ToLower(method))
	l.responses(op, k, key, strings.ToLower(method))
	return op
}

// consistent checks what concerns more than one operation.
func (l *load) consistent() {
	for _, op := range l.doc.Operations {
		if op.Outcome(contract.InternalError) == nil {
			l.problem(op.ID, "has no outcome %s", contract.InternalError)
		}
		for _, p := range op.Params {
			for _, name := range []string{p.Missing, p.Empty, p.Invalid} {
				if name != "" && op.Outcome(name) == nil {
					l.problem(op.ID+": parameter "+p.Name, "names the outcome %q, which the operation does not have", name)
				}
			}
		}
	}
	u := l.doc.Unmatched
	for _, w := range []struct{ key, name string }{{"path", u.Path}, {"method", u.Method}} {
		if w.name == "" && len(l.doc.Operations) > 0 {
			l.problem("document", "x-unmatched.%s is missing", w.key)
		}
	}
	for _, name := range []string{u.Path, u.Pin, u.Method} {
		if name != "" && l.doc.Common[name] == nil {
			l.problem("document", "x-unmatched names %q, which components.examples lacks", name)
		}
	}
}

// linked derives the rest and holds every example to its schema.
func (l *load) linked() {
	if err := l.doc.Link(); err != nil {
		l.problems = append(l.problems, err)
		return
	}
	for _, op := range l.doc.Operations {
		for _, o := range op.Outcomes {
			if found := o.Check([]byte(o.Example)); len(found) > 0 {
				l.problem(op.ID+": outcome "+o.Name, "its example is outside the schema: %v", found)
			}
		}
	}
}
