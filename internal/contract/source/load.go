// Package source reads contract documents as they are written: OpenAPI in YAML, parsed
// and validated by kin-openapi, with the conventions of docs/adding-a-fake.md. Only
// tools and tests import it; a running sandbox has its contracts compiled.
package source

import (
	"context"
	"errors"
	"fmt"
	"maps"
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
	l.known("document", ext, "x-json", "x-envelope", "x-values", "x-parameters", "x-unmatched", "x-tagGroups")
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

// common compiles components/examples; those named in x-unmatched carry their own
// status and content type, the others take them from the operation that refers to them.
func (l *load) common() {
	if l.kin.Components == nil {
		return
	}
	usual := l.usualContentType()
	for _, name := range sortedKeys(l.kin.Components.Examples) {
		ex := l.kin.Components.Examples[name].Value
		if ex == nil {
			continue
		}
		status := 200
		if s, ok := ex.Extensions["x-status"].(float64); ok {
			status = int(s)
		}
		ctype := str(ex.Extensions, "x-content-type")
		if ctype == "" {
			ctype = usual
		}
		node := l.node("components", "examples", name, "value")
		if o := l.outcome("components.examples."+name, name, ex, node, status, ctype); o != nil {
			l.doc.Common[name] = o
		}
	}
}

// usualContentType is the one that most responses declare.
func (l *load) usualContentType() string {
	count := map[string]int{}
	best := ""
	for _, path := range l.keys(l.tree, "paths") {
		for _, op := range l.kin.Paths.Value(path).Operations() {
			for _, r := range op.Responses.Map() {
				if r.Value == nil {
					continue
				}
				for ctype := range r.Value.Content {
					count[ctype]++
				}
			}
		}
	}
	for _, ctype := range sortedKeys(count) {
		if count[ctype] > count[best] {
			best = ctype
		}
	}
	return best
}

func (l *load) outcome(where, name string, ex *openapi3.Example, node any, status int, ctype string) *contract.Outcome {
	ext := ex.Extensions
	l.known(where, ext, "x-source", "x-section", "x-success", "x-default", "x-forced", "x-status", "x-content-type", "x-values")
	o := &contract.Outcome{Name: name, Summary: ex.Summary, Source: str(ext, "x-source"), Section: str(ext, "x-section"), Status: status, ContentType: ctype}
	o.Success, _ = ext["x-success"].(bool)
	o.Forced, _ = ext["x-forced"].(bool)
	switch o.Source {
	case contract.Documented, contract.Observed, contract.Assumed:
	default:
		l.problem(where, "x-source is %q, wants documented, observed or assumed", o.Source)
	}
	if o.Section == "" {
		l.problem(where, "has no x-section: where is it said?")
	}
	if o.Summary == "" {
		l.problem(where, "has no summary")
	}
	moving := l.doc.Moving
	if v, ok := ext["x-values"]; ok {
		moving = l.moving(where, v)
	}
	if !contract.IsJSON(ctype) {
		text, ok := node.(string)
		if !ok {
			l.problem(where, "a %s body wants a string value", ctype)
			return nil
		}
		o.Example = text
		return o
	}
	body, err := literal(node, l.doc.PHP)
	if err != nil {
		l.problem(where, "%v", err)
		return nil
	}
	o.Example, o.Moving = string(body), moving
	return o
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

func (l *load) parameter(op *contract.Operation, k *openapi3.Parameter) {
	where := op.ID + ": parameter " + k.Name
	l.known(where, k.Extensions, "x-missing", "x-invalid", "x-security", "x-names")
	var in contract.In
	switch k.In {
	case "path":
		in = contract.InPath
	case "query":
		in = contract.InQuery
	case "header":
		return // documentation; handlers read headers themselves
	default:
		l.problem(where, "in %q is not supported", k.In)
		return
	}
	l.addParam(op, where, k.Name, in, k.Required, k.Schema, k.Extensions, k.Example, k.Description)
}

func (l *load) addParam(op *contract.Operation, where, name string, in contract.In, required bool, ref *openapi3.SchemaRef, ext map[string]any, example any, summary string) {
	s, err := l.schemas.compile(ref)
	if err != nil {
		l.problem(where, "%v", err)
		return
	}
	if s == nil {
		l.problem(where, "has no schema")
		return
	}
	p := &contract.Param{
		Name: name, In: in, Required: required, Schema: s, Summary: summary, Aliases: strs(ext, "x-names"),
		Missing: str(ext, "x-missing"), Invalid: str(ext, "x-invalid"),
	}
	p.Security, _ = ext["x-security"].(bool)
	if example == nil && ref.Value.Example != nil {
		example = ref.Value.Example
	}
	if example != nil {
		p.Example = textOf(example)
	}
	s.Index()
	if value, one := s.Single(); one && required && in != contract.InPath {
		p.Pinned = true
		op.Pins = append(op.Pins, contract.Pin{Name: name, Value: value, In: in})
		p.Example = value
	}
	switch {
	case p.Pinned || p.Security || in == contract.InPath:
	case required && p.Missing == "":
		l.problem(where, "is required and has no x-missing")
	case p.Example == "" && required:
		l.problem(where, "is required and has no example")
	case p.Example != "" && s.CheckText(p.Example) != "":
		l.problem(where, "its example %s", s.CheckText(p.Example))
	}
	for _, other := range op.Params {
		if other.Name == name || slices.Contains(other.Aliases, name) {
			l.problem(where, "is declared twice")
		}
	}
	op.Params = append(op.Params, p)
}

// form adds the properties of a form body as parameters, in the order written.
func (l *load) form(op *contract.Operation, k *openapi3.Operation, key, method string) {
	if k.RequestBody == nil || k.RequestBody.Value == nil {
		return
	}
	content := k.RequestBody.Value.Content
	if js := content["application/json"]; js != nil {
		s, err := l.schemas.compile(js.Schema)
		if err != nil {
			l.problem(op.ID, "request body: %v", err)
		}
		op.JSONBody = s
	}
	mt := "application/x-www-form-urlencoded"
	body := content[mt]
	if body == nil {
		mt = "multipart/form-data"
		body = content[mt]
	}
	if body == nil || body.Schema == nil || body.Schema.Value == nil {
		return
	}
	if other := content["multipart/form-data"]; other != nil && (other.Schema == nil || other.Schema.Value != body.Schema.Value) {
		l.problem(op.ID, "request body: urlencoded and multipart want one shared schema ($ref)")
	}
	node := l.resolve(l.node("paths", key, method, "requestBody"))
	node = l.resolve(get(get(get(node, "content"), mt), "schema"))
	required := map[string]bool{}
	for _, name := range body.Schema.Value.Required {
		required[name] = true
	}
	for _, name := range mapKeys(get(node, "properties")) {
		ref := body.Schema.Value.Properties[name]
		if ref == nil || ref.Value == nil {
			continue
		}
		where := op.ID + ": form field " + name
		l.known(where, ref.Value.Extensions, "x-missing", "x-invalid", "x-security", "x-names")
		l.addParam(op, where, name, contract.InForm, required[name], ref, ref.Value.Extensions, nil, ref.Value.Description)
	}
}

func (l *load) responses(op *contract.Operation, k *openapi3.Operation, key, method string) {
	def := ""
	for _, code := range sortedKeys(k.Responses.Map()) {
		resp := k.Responses.Value(code)
		if resp == nil || resp.Value == nil {
			continue
		}
		var status int
		if _, err := fmt.Sscanf(code, "%d", &status); err != nil {
			l.problem(op.ID, "response %q: statuses are written out", code)
			continue
		}
		rnode := l.resolve(l.node("paths", key, method, "responses", code))
		for _, ctype := range sortedKeys(resp.Value.Content) {
			mt := resp.Value.Content[ctype]
			s, err := l.schemas.compile(mt.Schema)
			if err != nil {
				l.problem(op.ID, "response %s %s: %v", code, ctype, err)
				continue
			}
			if s == nil {
				l.problem(op.ID, "response %s %s has no schema", code, ctype)
				continue
			}
			op.Replies = append(op.Replies, contract.Body{Status: status, ContentType: ctype, Schema: s})
			examples := get(get(get(rnode, "content"), ctype), "examples")
			for _, name := range mapKeys(examples) {
				where := op.ID + ": outcome " + name
				if op.Outcome(name) != nil {
					l.problem(where, "is named twice")
					continue
				}
				ex := mt.Examples[name]
				if ex == nil || ex.Value == nil {
					continue
				}
				o := l.outcome(where, name, ex.Value, get(l.resolve(get(examples, name)), "value"), status, ctype)
				if o == nil {
					continue
				}
				if d, _ := ex.Value.Extensions["x-default"].(bool); d {
					def = name
				}
				op.Outcomes = append(op.Outcomes, o)
			}
		}
	}
	l.success(op, def)
}

func (l *load) success(op *contract.Operation, def string) {
	n := 0
	for _, o := range op.Outcomes {
		if o.Success {
			n++
			if def == "" || o.Name == def {
				op.Default = o.Name
			}
		}
	}
	switch {
	case n == 0:
		l.problem(op.ID, "has no outcome with x-success")
	case n > 1 && def == "":
		l.problem(op.ID, "has %d successes, one wants x-default", n)
	}
}

// consistent checks what concerns more than one operation.
func (l *load) consistent() {
	for _, op := range l.doc.Operations {
		if op.Outcome(contract.InternalError) == nil {
			l.problem(op.ID, "has no outcome %s", contract.InternalError)
		}
		for _, p := range op.Params {
			for _, name := range []string{p.Missing, p.Invalid} {
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

// --- small readers of the two trees ---

func (l *load) keys(root any, path ...string) []string {
	node := root
	for _, p := range path {
		node = get(node, p)
	}
	return mapKeys(node)
}

func (l *load) node(path ...string) any {
	var node any = l.tree
	for _, p := range path {
		node = l.resolve(get(node, p))
	}
	return node
}

// resolve follows a local $ref.
func (l *load) resolve(node any) any {
	for range 10 {
		ref, ok := get(node, "$ref").(string)
		if !ok || !strings.HasPrefix(ref, "#/") {
			return node
		}
		var next any = l.tree
		for _, p := range strings.Split(ref[2:], "/") {
			next = get(next, strings.NewReplacer("~1", "/", "~0", "~").Replace(p))
		}
		node = next
	}
	return node
}

func get(node any, key string) any {
	m, ok := node.(yaml.MapSlice)
	if !ok {
		return nil
	}
	for _, item := range m {
		if fmt.Sprint(item.Key) == key {
			return item.Value
		}
	}
	return nil
}

func mapKeys(node any) []string {
	m, _ := node.(yaml.MapSlice)
	out := make([]string, 0, len(m))
	for _, item := range m {
		out = append(out, fmt.Sprint(item.Key))
	}
	return out
}

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }

func str(m map[string]any, key string) string {
	s, _ := m[key].(string)
	return s
}

func strs(m map[string]any, key string) []string {
	list, _ := m[key].([]any)
	var out []string
	for _, v := range list {
		if s, ok := v.(string); ok {
			out = append(out, s)
		}
	}
	return out
}

// textOf is an example as it is typed into a URL.
func textOf(v any) string {
	if s, ok := v.(string); ok {
		return s
	}
	text, err := contract.Encode(v, false)
	if err != nil {
		return fmt.Sprint(v)
	}
	return string(text)
}
