package contract

import (
	"cmp"
	"net/url"
	"strings"
)

// Match is what a request line and its parameters lead to.
type Match struct {
	Op *Operation // nil when no operation answers
	// Unmatched names the common outcome that answers instead: of the path, the
	// pin or the method. PathKnown tells the first from the others.
	Unmatched string
	PathKnown bool
	Path      Values   // path parameters
	Allow     []string // methods that the path answers to, when only the method is wrong
}

// Match finds the operation for a request: by path, then pinned parameters, then
// method. path is as sent, percent-encoded, without prefix.
func (d *Document) Match(method, path string, values Values) Match {
	var m Match
	var pinned []*Operation
	var pinnedPath Values
	for _, op := range d.Operations {
		vars, ok := op.matchPath(path)
		if !ok {
			continue
		}
		if !m.PathKnown {
			m.PathKnown, m.Path = true, vars
		}
		if !op.pinned(d, values) {
			continue
		}
		if contains(op.Methods, method) {
			m.Op, m.Path = op, vars
			return m
		}
		pinned, pinnedPath = append(pinned, op), vars
	}
	switch {
	case !m.PathKnown:
		m.Unmatched = d.Unmatched.Path
	case len(pinned) == 0:
		m.Unmatched = d.Unmatched.Pin
		if d.Unmatched.MethodFirst {
			if allow := d.methods(path); !contains(allow, method) {
				m.Unmatched, m.Allow = d.Unmatched.Method, allow
			}
		}
	default:
		m.Unmatched, m.Path = d.Unmatched.Method, pinnedPath
		for _, op := range pinned {
			m.Allow = append(m.Allow, op.Methods...)
		}
	}
	return m
}

// methods returns the methods of all operations on a path.
func (d *Document) methods(path string) []string {
	var out []string
	for _, op := range d.Operations {
		if _, ok := op.matchPath(path); ok {
			out = append(out, op.Methods...)
		}
	}
	return out
}

func (op *Operation) matchPath(path string) (Values, bool) {
	if vars, ok := matchTemplate(op.Path, path); ok {
		return vars, true
	}
	for _, a := range op.Aliases {
		if vars, ok := matchTemplate(a, path); ok {
			return vars, true
		}
	}
	return nil, false
}

func matchTemplate(template, path string) (Values, bool) {
	open := strings.IndexByte(template, '{')
	if open < 0 {
		return nil, template == path
	}
	// Most templates are ruled out by what stands before and behind their parameters.
	if !strings.HasPrefix(path, template[:open]) || !strings.HasSuffix(path, template[strings.LastIndexByte(template, '}')+1:]) {
		return nil, false
	}
	var vars Values
	for {
		t, trest, tmore := strings.Cut(template, "/")
		p, prest, pmore := strings.Cut(path, "/")
		if tmore != pmore {
			return nil, false
		}
		if len(t) > 2 && t[0] == '{' && t[len(t)-1] == '}' {
			v, err := url.PathUnescape(p)
			if err != nil || v == "" {
				return nil, false
			}
			vars = append(vars, Value{Name: t[1 : len(t)-1], Value: v, In: InPath})
		} else if t != p {
			return nil, false
		}
		if !tmore {
			return vars, true
		}
		template, path = trest, prest
	}
}

func (op *Operation) pinned(d *Document, values Values) bool {
	for _, pin := range op.Pins {
		var v string
		var ok bool
		if d.Anywhere {
			v, ok = values.Get(pin.Name)
		} else {
			v, ok = values.GetIn(pin.In, pin.Name)
		}
		if !ok || v != pin.Value {
			return false
		}
	}
	return true
}

// Find returns the value that counts for the parameter, in a place where the API reads
// it: under its name, or under an alias where its own name carries nothing.
func (p *Param) Find(values Values) (value string, ok bool) {
	for i := range values {
		v := &values[i]
		if v.Shadowed || (v.In != p.In && (!p.anywhere || p.In == InPath)) {
			continue
		}
		switch {
		case v.Name == p.Name && v.Value != "":
			return v.Value, true
		case v.Name == p.Name, value == "" && contains(p.Aliases, v.Name):
			value, ok = cmp.Or(value, v.Value), true
		}
	}
	return value, ok
}

// Violation is a parameter outside the contract.
type Violation struct {
	Param   *Param
	Outcome string // by which the vendor refuses; "" where it passes such values on
	Reason  string
}

// CheckParams holds the parameters to the contract, in the order declared, and
// returns the first violation that the vendor refuses; those it lets pass are in noted.
func (op *Operation) CheckParams(values Values) (refused *Violation, noted []Violation) {
	for _, p := range op.Params {
		if p.Security || p.Pinned {
			continue
		}
		v, ok := p.Find(values)
		if !ok || v == "" {
			if p.Required && refused == nil {
				refused = &Violation{p, p.Missing, "is missing"}
				if ok && p.Empty != "" {
					refused = &Violation{p, p.Empty, "is empty"}
				}
			}
			continue
		}
		reason := p.Schema.CheckText(v)
		switch {
		case reason == "":
		case p.Invalid == "":
			noted = append(noted, Violation{p, "", reason})
		case refused == nil:
			refused = &Violation{p, p.Invalid, reason}
		}
	}
	return refused, noted
}

// Undeclared returns the names of parameters that the operation does not declare,
// or declares elsewhere. Vendors ignore them, the journal tells.
func (op *Operation) Undeclared(d *Document, values Values) []string {
	var out []string
	for i := range values {
		v := &values[i]
		if p := op.Param(v.Name); (p == nil || (!d.Anywhere && p.In != v.In)) && !contains(out, v.Name) {
			out = append(out, v.Name)
		}
	}
	return out
}

// Check holds a body to the outcome's schema.
func (o *Outcome) Check(body []byte) []Finding {
	if o.Schema == nil {
		return nil
	}
	if IsJSON(o.ContentType) {
		return o.Schema.CheckJSON(body)
	}
	if reason := o.Schema.CheckText(string(body)); reason != "" {
		return []Finding{{Reason: reason}}
	}
	return nil
}
