package verifier

import (
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/mediasandbox/sandbox/internal/contract"
	"github.com/mediasandbox/sandbox/internal/request"
	"github.com/mediasandbox/sandbox/signature"
)

// outgoing is a request ready to be sent, and what it was made from.
type outgoing struct {
	request.Message
	op     *contract.Operation
	values contract.Values
	signed bool
	as     identity
	at     time.Time
}

// builder makes the request of one call.
type builder struct {
	doc *contract.Document
	st  *step
	env map[string]any
	as  identity
	now time.Time
	// salt makes signatures of one moment differ, where the scheme has a salt.
	salt string

	plan  request.Plan
	extra []pair // arguments that the contract does not declare
}

// build makes the request: places the arguments, signs, and spoils what is to be spoilt.
func (b *builder) build() (*outgoing, error) {
	st := b.st
	b.plan = request.Plan{
		Document: b.doc, Operation: st.op.ID, BaseURL: b.as.base, Method: st.method,
		Multipart: st.encoding == "multipart", Scheme: scheme(b.doc), Credential: signer(b.doc.Name, b.as.credential),
		Signing: signature.Signing{At: b.now, Salt: b.salt}, Header: http.Header{},
	}
	if err := b.arguments(); err != nil {
		return nil, err
	}
	if st.body != nil {
		v, err := st.body.eval(b.env)
		if err != nil {
			return nil, err
		}
		text, err := jsonText(v)
		if err != nil {
			return nil, err
		}
		b.plan.Body = []byte(text)
	}
	if err := b.headers(b.plan.Header, st.headers); err != nil {
		return nil, err
	}
	var spoil *spoiling
	if st.tamper != nil {
		var err error
		if spoil, err = b.spoiling(); err != nil {
			return nil, err
		}
	}
	b.hooks(spoil)
	built, err := b.plan.Build()
	if err != nil {
		return nil, err
	}
	out := &outgoing{Message: built.Message, op: st.op, values: built.Values, signed: built.Signed, as: b.as, at: b.plan.Signing.At}
	if spoil != nil {
		err = spoil.message(out)
	}
	return out, err
}

func (b *builder) arguments() error {
	b.plan.Args = map[string]string{}
	args, err := b.given()
	if err != nil {
		return err
	}
	for _, m := range args {
		text := m.value
		p := b.st.op.Param(m.name)
		if p == nil {
			// Only an object that was computed has such: what the vendor itself lists, and
			// no contract can name.
			b.extra = append(b.extra, m)
			continue
		}
		if p.Security {
			switch carries(b.doc, b.st.op, p) {
			case "token":
				b.plan.Credential.Token = text
			case "id":
				b.plan.Credential.ID = text
			}
			if p.In != contract.InPath {
				continue // signing sets it
			}
		}
		b.plan.Args[m.name] = text
	}
	return nil
}

// given computes the arguments; those that are null are left out.
func (b *builder) given() ([]pair, error) {
	var out []pair
	if b.st.argsAll != nil {
		v, err := b.st.argsAll.eval(b.env)
		if err != nil {
			return nil, err
		}
		obj, ok := v.(map[string]any)
		if !ok {
			return nil, fmt.Errorf("with wants an object, the expression gives %s", describe(v))
		}
		for _, name := range slices.Sorted(maps.Keys(obj)) {
			if obj[name] == nil {
				continue
			}
			text, err := textOf(obj[name])
			if err != nil {
				return nil, fmt.Errorf("%s: %w", name, err)
			}
			out = append(out, pair{name, text})
		}
		return out, nil
	}
	for _, m := range b.st.args {
		text, ok, err := m.argument(b.env)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", m.name, err)
		}
		if ok {
			out = append(out, pair{m.name, text})
		}
	}
	return out, nil
}

func (b *builder) headers(h http.Header, list []member) error {
	for _, m := range list {
		text, ok, err := m.argument(b.env)
		if err != nil {
			return fmt.Errorf("header %s: %w", m.name, err)
		}
		if ok {
			h.Set(m.name, text)
		} else {
			h.Del(m.name)
		}
	}
	return nil
}

// hooks puts what is done to the parameters around the signing.
func (b *builder) hooks(spoil *spoiling) {
	toQuery := b.st.encoding == "query" || spoil != nil && spoil.noForm()
	b.plan.BeforeSign = func(vs *contract.Values) {
		for _, p := range b.extra {
			*vs = append(*vs, contract.Value{Name: p.name, Value: p.value, In: b.place(nil)})
		}
		if spoil != nil {
			spoil.before(vs)
		}
		if toQuery {
			moveToQuery(vs)
		}
	}
	b.plan.AfterSign = func(vs *contract.Values) {
		if spoil != nil {
			spoil.after(vs)
		}
		if toQuery {
			moveToQuery(vs)
		}
	}
}

// place is where a parameter is put that has no place yet.
func (b *builder) place(p *contract.Param) contract.In {
	method := b.plan.Method
	if method == "" {
		method = b.st.op.Method
	}
	switch {
	case p != nil && (p.In != contract.InForm || !b.doc.Anywhere):
		return p.In
	case contract.SendsForm(method):
		return contract.InForm
	}
	return contract.InQuery
}

// moveToQuery sends form arguments in the URL.
func moveToQuery(vs *contract.Values) {
	for i := range *vs {
		if (*vs)[i].In == contract.InForm {
			(*vs)[i].In = contract.InQuery
		}
	}
}

// held says what of a request is outside the contract.
func (o *outgoing) held() string {
	refused, noted := o.op.CheckParams(o.values)
	switch {
	case refused != nil:
		return refused.Param.Name + " " + refused.Reason
	case len(noted) > 0:
		return noted[0].Param.Name + " " + noted[0].Reason
	}
	if o.op.JSONBody != nil {
		if found := o.op.JSONBody.CheckJSON(o.Body); len(found) > 0 {
			return "the body: " + found[0].String()
		}
	}
	return ""
}

// raw makes a request outside every operation.
func (r *rawRequest) build(as identity, env map[string]any) (*outgoing, error) {
	path, _, err := r.path.argument(env)
	if err != nil {
		return nil, err
	}
	if !strings.HasPrefix(path, "/") {
		return nil, fmt.Errorf("the path %q does not begin with /", path)
	}
	out := &outgoing{as: as, Message: request.Message{Method: r.method, URL: strings.TrimSuffix(as.base, "/") + path, Header: http.Header{}}}
	query, err := r.queryText(env)
	if err != nil {
		return nil, err
	}
	if query != "" {
		out.URL += "?" + query
	}
	b := builder{env: env}
	if err := b.headers(out.Header, r.headers); err != nil {
		return nil, err
	}
	if r.body != nil {
		text, _, err := r.body.argument(env)
		if err != nil {
			return nil, err
		}
		out.Body = []byte(text)
	}
	return out, nil
}

func (r *rawRequest) queryText(env map[string]any) (string, error) {
	if r.query == nil {
		return "", nil
	}
	if r.query.members == nil {
		text, _, err := r.query.argument(env)
		return text, err
	}
	var pairs []string
	for _, m := range r.query.members {
		text, ok, err := m.argument(env)
		if err != nil {
			return "", err
		}
		if ok {
			pairs = append(pairs, url.QueryEscape(m.name)+"="+url.QueryEscape(text))
		}
	}
	return strings.Join(pairs, "&"), nil
}

// path returns the request's path on the vendor's server, as sent, and its query.
func (o *outgoing) path() (path, query string) {
	rest := strings.TrimPrefix(o.URL, strings.TrimSuffix(o.as.base, "/"))
	path, query, _ = strings.Cut(rest, "?")
	return path, query
}

// jsonForm writes form values as the members of a JSON object, in their order.
func jsonForm(vs contract.Values) []byte {
	var b strings.Builder
	b.WriteByte('{')
	for _, v := range vs {
		if v.In != contract.InForm {
			continue
		}
		if b.Len() > 1 {
			b.WriteByte(',')
		}
		b.WriteString(quote(v.Name) + ":" + quote(v.Value))
	}
	b.WriteByte('}')
	return []byte(b.String())
}
