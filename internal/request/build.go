package request

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"sort"
	"strings"

	"github.com/mediasandbox/sandbox/internal/contract"
	"github.com/mediasandbox/sandbox/internal/nearest"
	"github.com/mediasandbox/sandbox/signature"
)

// Plan says which request to build. Document and Operation are needed, everything else
// has a zero value that works.
type Plan struct {
	Document  *contract.Document
	Operation string
	// Args are the arguments by parameter name or alias. A name that the operation does
	// not declare is an error; the hooks can add what the contract does not know.
	Args map[string]string
	// BaseURL is where the API is reached, such as http://127.0.0.1:7311/qqtube.
	BaseURL string
	// Method is "" for the declared one, or another that the operation answers to.
	Method string
	// Multipart sends a form as multipart/form-data, otherwise it is urlencoded.
	Multipart bool
	// Examples fills required parameters that have no argument with the contract's example.
	Examples bool
	// Body is the body of an operation that takes JSON.
	Body   []byte
	Header http.Header

	// Scheme signs the request where the operation wants a credential; nil leaves it unsigned.
	Scheme     signature.Scheme
	Credential signature.Credential
	Signing    signature.Signing

	// BeforeSign and AfterSign may change the parameters as they like: leave one out, add
	// one, spoil the signature.
	BeforeSign, AfterSign func(*contract.Values)
}

// Built is a request that is ready to be sent.
type Built struct {
	Message
	Operation *contract.Operation
	// Values are the parameters as sent, path, query and form.
	Values contract.Values
	// Unsigned are the parameters as they were before they were signed.
	Unsigned contract.Values
	// Signed says that the scheme was asked.
	Signed bool
}

// Build makes the request. Its errors are those of whoever wrote the plan, in words for
// people: no such operation or parameter (with the nearest that exists), a missing path
// parameter, a method that the operation does not answer to, a wrong base URL.
func (p Plan) Build() (*Built, error) {
	b := &builder{Plan: p}
	if err := b.find(); err != nil {
		return nil, err
	}
	if err := b.place(); err != nil {
		return nil, err
	}
	if p.BeforeSign != nil {
		p.BeforeSign(&b.values)
	}
	out := &Built{Operation: b.op, Unsigned: append(contract.Values(nil), b.values...)}
	if p.Scheme != nil && b.op.Secured {
		out.Signed = true
		r := signature.Request{Operation: b.op.ID, Method: b.Method, Path: b.op.Path, Values: b.values}
		p.Scheme.Sign(&r, p.Credential, p.Signing)
		b.values = r.Values
		if err := b.overruled(); err != nil {
			return nil, err
		}
	}
	if p.AfterSign != nil {
		p.AfterSign(&b.values)
	}
	out.Values = b.values
	return out, b.write(&out.Message)
}

// builder is the state of one Build.
type builder struct {
	Plan
	op     *contract.Operation
	values contract.Values
}

func (b *builder) find() error {
	if b.Document == nil {
		return fmt.Errorf("request: no contract document")
	}
	if b.op = b.Document.Operation(b.Operation); b.op == nil {
		ids := make([]string, len(b.Document.Operations))
		for i, op := range b.Document.Operations {
			ids[i] = op.ID
		}
		return fmt.Errorf("%s has no operation %q%s", b.Document.Name, b.Operation, hint(b.Operation, ids))
	}
	if b.Method == "" {
		b.Method = b.op.Method
	}
	b.Method = strings.ToUpper(b.Method)
	if slices.Contains(b.op.Methods, b.Method) {
		return nil
	}
	return fmt.Errorf("%s %s does not answer to %s, only to %s", b.Document.Name, b.op.ID, b.Method, strings.Join(b.op.Methods, ", "))
}

// place puts every argument where the contract declares it, in the order declared.
func (b *builder) place() error {
	given := make(map[*contract.Param]string, len(b.Args))
	spelt := make(map[*contract.Param]string, len(b.Args))
	for _, name := range sortedKeys(b.Args) {
		p := b.op.Param(name)
		switch {
		case p == nil:
			return fmt.Errorf("%s %s has no parameter %q%s", b.Document.Name, b.op.ID, name, hint(name, paramNames(b.op)))
		case spelt[p] != "":
			return fmt.Errorf("%s and %s are one parameter of %s %s", spelt[p], name, b.Document.Name, b.op.ID)
		case p.Pinned && b.Args[name] != p.Example:
			return fmt.Errorf("%s=%s selects another operation than %s %s", name, b.Args[name], b.Document.Name, b.op.ID)
		}
		given[p], spelt[p] = b.Args[name], name
	}
	var path, query, form contract.Values
	for _, p := range b.op.Params {
		text, ok := given[p]
		if !ok {
			text, ok = b.preset(p)
		}
		if !ok {
			continue
		}
		v := contract.Value{Name: p.Name, Value: text, In: p.In}
		if name := spelt[p]; name != "" {
			v.Name = name
		}
		switch {
		case p.In == contract.InPath:
			v.Name = p.Name
			path = append(path, v)
		case p.In == contract.InForm && (contract.SendsForm(b.Method) || !b.Document.Anywhere):
			form = append(form, v)
		default:
			v.In = contract.InQuery
			query = append(query, v)
		}
	}
	b.values = append(append(path, query...), form...)
	return nil
}

// preset is the value of a parameter that has no argument.
func (b *builder) preset(p *contract.Param) (string, bool) {
	switch {
	case p.Pinned:
		return p.Example, true
	case p.In == contract.InPath && b.Scheme != nil && b.Credential.ID != "" && b.names(p):
		return b.Credential.ID, true
	case b.Examples && !p.Security && p.Required && p.Example != "":
		return p.Example, true
	}
	return "", false
}

// names reports whether the scheme finds the caller in this path parameter. Path
// parameters are not signed, so that Sign does not set them.
func (b *builder) names(p *contract.Param) bool {
	r := signature.Request{Values: contract.Values{{Name: p.Name, Value: b.Credential.ID, In: contract.InPath}}}
	return b.Scheme.Caller(&r) == b.Credential.ID
}

// overruled refuses an argument that the signature has replaced: it would be lost silently.
func (b *builder) overruled() error {
	for _, name := range sortedKeys(b.Args) {
		p := b.op.Param(name)
		if !p.Security || p.In == contract.InPath {
			continue
		}
		if got, ok := b.values.Get(name); ok && got != b.Args[name] {
			return fmt.Errorf("%s is set when %s %s is signed, it cannot be given", name, b.Document.Name, b.op.ID)
		}
	}
	return nil
}

// write turns the values into URL, header and body.
func (b *builder) write(m *Message) error {
	base, err := url.Parse(b.BaseURL)
	if err != nil {
		return fmt.Errorf("base URL: %w", err)
	}
	if base.RawQuery != "" || base.Fragment != "" || (b.BaseURL != "" && (base.Scheme == "" || base.Host == "")) {
		return fmt.Errorf("base URL %q: wants scheme, host and path, such as http://127.0.0.1:7311/%s", b.BaseURL, b.Document.Name)
	}
	path, err := expand(b.op.Path, b.values)
	if err != nil {
		return fmt.Errorf("%s %s: %w", b.Document.Name, b.op.ID, err)
	}
	m.Method = b.Method
	m.URL = strings.TrimSuffix(b.BaseURL, "/") + path
	if q := encode(b.values, contract.InQuery); q != "" {
		m.URL += "?" + q
	}
	m.Header = b.Header.Clone()
	if m.Header == nil {
		m.Header = http.Header{}
	}
	return b.body(m)
}

// expand writes a path with its parameters.
func expand(template string, values contract.Values) (string, error) {
	parts := strings.Split(template, "/")
	for i, part := range parts {
		if len(part) < 3 || part[0] != '{' || part[len(part)-1] != '}' {
			continue
		}
		name := part[1 : len(part)-1]
		v, ok := values.GetIn(contract.InPath, name)
		if !ok || v == "" {
			return "", fmt.Errorf("the path wants a value for %s", name)
		}
		parts[i] = escapeSegment(v)
	}
	return strings.Join(parts, "/"), nil
}

// escapeSegment is url.PathEscape that also keeps a segment of dots what it is.
func escapeSegment(v string) string {
	if v == "." || v == ".." {
		return strings.ReplaceAll(v, ".", "%2E")
	}
	return url.PathEscape(v)
}

// encode writes the values of one place as name=value pairs, in order.
func encode(values contract.Values, in contract.In) string {
	var out strings.Builder
	for _, v := range values {
		if v.In != in {
			continue
		}
		if out.Len() > 0 {
			out.WriteByte('&')
		}
		out.WriteString(url.QueryEscape(v.Name))
		out.WriteByte('=')
		out.WriteString(url.QueryEscape(v.Value))
	}
	return out.String()
}

func hint(name string, names []string) string {
	if h := nearest.Hint(name, names); h != "" {
		return h
	}
	if len(names) == 0 {
		return ""
	}
	return "; there are " + strings.Join(names, ", ")
}

func paramNames(op *contract.Operation) []string {
	var out []string
	for _, p := range op.Params {
		out = append(out, p.Name)
		out = append(out, p.Aliases...)
	}
	return out
}

func sortedKeys(m map[string]string) []string {
	out := make([]string, 0, len(m))
	for k := range m {
		out = append(out, k)
	}
	sort.Strings(out)
	return out
}
