package source

import (
	"slices"

	"github.com/getkin/kin-openapi/openapi3"

	"github.com/mediasandbox/sandbox/internal/contract"
)

func (l *load) parameter(op *contract.Operation, k *openapi3.Parameter) {
	where := op.ID + ": parameter " + k.Name
	l.known(where, k.Extensions, "x-missing", "x-empty", "x-invalid", "x-security", "x-names")
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
		Missing: str(ext, "x-missing"), Empty: str(ext, "x-empty"), Invalid: str(ext, "x-invalid"),
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
	case !required && p.Empty != "":
		l.problem(where, "has an x-empty and is not required")
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
		l.known(where, ref.Value.Extensions, "x-missing", "x-empty", "x-invalid", "x-security", "x-names")
		l.addParam(op, where, name, contract.InForm, required[name], ref, ref.Value.Extensions, nil, ref.Value.Description)
	}
}
