package source

import (
	"fmt"

	"github.com/getkin/kin-openapi/openapi3"

	"github.com/mediasandbox/sandbox/internal/contract"
)

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
