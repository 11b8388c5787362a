package verifier

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/mediasandbox/sandbox/internal/contract"
	"github.com/mediasandbox/sandbox/signature"
)

// spoiling is a tamper with its values computed.
type spoiling struct {
	*tamper
	b                *builder
	signed, unsigned changed
	query            []pair
	instead          []pair // signed but not sent
	sent             contract.Values
	path             string
	header           http.Header
	gone             []string
}

type pair struct{ name, value string }

// changed is a change with its values computed.
type changed struct {
	omit []string
	set  []pair
	add  []pair
}

// spoiling computes what the tamper says and puts the credential and time to sign with
// into the plan.
func (b *builder) spoiling() (*spoiling, error) {
	t := b.st.tamper
	s := &spoiling{tamper: t, b: b, header: http.Header{}}
	var err error
	if s.signed, err = b.change(t.signed); err != nil {
		return nil, err
	}
	if s.unsigned, err = b.change(t.change); err != nil {
		return nil, err
	}
	if s.query, err = b.pairs(t.query); err != nil {
		return nil, err
	}
	if t.path != nil {
		if s.path, _, err = t.path.argument(b.env); err != nil {
			return nil, err
		}
	}
	for _, m := range t.headers {
		text, ok, err := m.argument(b.env)
		if err != nil {
			return nil, err
		}
		if ok {
			s.header.Set(m.name, text)
		} else {
			s.gone = append(s.gone, m.name)
		}
	}
	if t.encoding != "" {
		b.plan.Multipart = t.encoding == "multipart"
	}
	if t.sign != nil {
		err = s.signing(t.sign)
	}
	return s, err
}

func (b *builder) change(c change) (changed, error) {
	out := changed{omit: c.omit}
	var err error
	if out.set, err = b.pairs(c.set); err != nil {
		return out, err
	}
	out.add, err = b.pairs(c.add)
	return out, err
}

// pairs computes values; a list gives its name several times.
func (b *builder) pairs(list []member) ([]pair, error) {
	var out []pair
	for _, m := range list {
		if len(m.items) > 0 {
			for _, item := range m.items {
				text, _, err := item.argument(b.env)
				if err != nil {
					return nil, fmt.Errorf("%s: %w", m.name, err)
				}
				out = append(out, pair{m.name, text})
			}
			continue
		}
		text, _, err := m.argument(b.env)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", m.name, err)
		}
		out = append(out, pair{m.name, text})
	}
	return out, nil
}

func (s *spoiling) signing(g *signing) error {
	c, signing := &s.b.plan.Credential, &s.b.plan.Signing
	f := fieldsOf(s.b.doc.Name)
	for _, each := range []struct {
		from *value
		to   *string
	}{{g.secret, s.secretOf(c, f)}, {g.id, &c.ID}, {g.salt, &signing.Salt}} {
		if each.from == nil {
			continue
		}
		text, _, err := each.from.argument(s.b.env)
		if err != nil {
			return err
		}
		*each.to = text
	}
	if g.decodeSecret {
		to := s.secretOf(c, f)
		decoded, err := decodeBase64(*to)
		if err != nil {
			return fmt.Errorf("decodeSecret: %w", err)
		}
		*to = decoded
	}
	if g.at != nil {
		text, _, err := g.at.argument(s.b.env)
		if err != nil {
			return err
		}
		d, err := parseDuration(text)
		if err != nil {
			return err
		}
		signing.At = signing.At.Add(d)
	}
	if g.plus {
		s.salted(c, signing)
	}
	var err error
	s.instead, err = s.b.pairs(g.with)
	return err
}

// salted looks for a salt with which the signature has a plus sign.
func (s *spoiling) salted(c *signature.Credential, signing *signature.Signing) {
	for i := range 10_000 {
		signing.Salt = strconv.Itoa(i)
		r := signature.Request{Method: http.MethodGet}
		s.b.plan.Scheme.Sign(&r, *c, *signing)
		if v, _ := r.Values.Get(fieldsOf(s.b.doc.Name).signature); strings.Contains(v, "+") {
			return
		}
	}
}

// secretOf is where the secret of a credential stands: in the token or the id, where a
// scheme has no secret of its own.
func (s *spoiling) secretOf(c *signature.Credential, f fields) *string {
	switch {
	case f.token != "":
		return &c.Token
	case f.secret == "":
		return &c.ID
	}
	return &c.Secret
}

// before runs ahead of the signing.
func (s *spoiling) before(vs *contract.Values) {
	s.apply(vs, s.signed)
	if s.sign == nil {
		return
	}
	s.sent = append(contract.Values(nil), *vs...)
	for _, p := range s.instead {
		if _, ok := vs.GetIn(contract.InPath, p.name); ok {
			// A path is not signed: this is a parameter of the same name.
			*vs = append(*vs, contract.Value{Name: p.name, Value: p.value, In: s.b.place(nil)})
			continue
		}
		s.put(vs, p)
	}
	for _, name := range s.sign.skip {
		s.drop(vs, name)
	}
	if s.sign.encode {
		for i := range *vs {
			if (*vs)[i].In != contract.InPath {
				(*vs)[i].Value = url.QueryEscape((*vs)[i].Value)
			}
		}
	}
}

// after runs once the request is signed.
func (s *spoiling) after(vs *contract.Values) {
	if s.sign != nil {
		s.restore(vs)
		if s.sign.swap {
			s.swapped(vs)
		}
		for i := range *vs {
			v := &(*vs)[i]
			if v.Name != fieldsOf(s.b.doc.Name).signature {
				continue
			}
			if s.sign.lower {
				v.Value = strings.ToLower(v.Value)
			}
			if s.sign.upper {
				v.Value = strings.ToUpper(v.Value)
			}
			if s.sign.hex {
				v.Value = otherNotation(v.Value)
			}
		}
	}
	s.apply(vs, s.unsigned)
	for _, p := range s.query {
		*vs = append(*vs, contract.Value{Name: p.name, Value: p.value, In: contract.InQuery})
	}
	slices.SortStableFunc(*vs, func(a, b contract.Value) int { return rank(a.In) - rank(b.In) })
}

// otherNotation writes a digest in hexadecimal that is in base64, and the reverse.
func otherNotation(v string) string {
	if sum, err := hex.DecodeString(v); err == nil {
		return base64.StdEncoding.EncodeToString(sum)
	}
	if sum, err := base64.StdEncoding.DecodeString(v); err == nil {
		return hex.EncodeToString(sum)
	}
	return v
}

// swapped signs anew with salt and timestamp in each other's place.
func (s *spoiling) swapped(vs *contract.Values) {
	salt, _ := vs.Get("salt")
	stamp, _ := vs.Get("timestamp")
	mac := hmac.New(sha256.New, []byte(s.b.plan.Credential.Secret))
	mac.Write([]byte(stamp + salt))
	s.put(vs, pair{"signature", base64.StdEncoding.EncodeToString(mac.Sum(nil))})
}

// restore brings back what was sent, beside what the signing has set.
func (s *spoiling) restore(vs *contract.Values) {
	out := append(contract.Values(nil), s.sent...)
	for _, v := range *vs {
		p := s.b.st.op.Param(v.Name)
		if p != nil && p.Security && v.In != contract.InPath && !slices.ContainsFunc(out, func(o contract.Value) bool { return o.Name == v.Name }) {
			out = append(out, v)
		}
	}
	slices.SortStableFunc(out, func(a, b contract.Value) int { return rank(a.In) - rank(b.In) })
	*vs = out
}

func rank(in contract.In) int {
	return slices.Index([]contract.In{contract.InPath, contract.InQuery, contract.InForm}, in)
}

func (s *spoiling) apply(vs *contract.Values, c changed) {
	for _, name := range c.omit {
		s.drop(vs, name)
	}
	for _, p := range c.set {
		s.put(vs, p)
	}
	for _, p := range c.add {
		*vs = append(*vs, contract.Value{Name: p.name, Value: p.value, In: s.b.place(nil)})
	}
	slices.SortStableFunc(*vs, func(a, b contract.Value) int { return rank(a.In) - rank(b.In) })
}

func (s *spoiling) names(name string) []string {
	p := s.b.st.op.Param(name)
	if p == nil {
		return []string{name}
	}
	return append([]string{p.Name}, p.Aliases...)
}

func (s *spoiling) drop(vs *contract.Values, name string) {
	names := s.names(name)
	*vs = slices.DeleteFunc(slices.Clone(*vs), func(v contract.Value) bool { return slices.Contains(names, v.Name) })
}

func (s *spoiling) put(vs *contract.Values, p pair) {
	names := s.names(p.name)
	for i := range *vs {
		if slices.Contains(names, (*vs)[i].Name) {
			(*vs)[i].Value = p.value
			return
		}
	}
	*vs = append(*vs, contract.Value{Name: p.name, Value: p.value, In: s.b.place(s.b.st.op.Param(p.name))})
}

// noForm reports whether the parameters have to travel in the URL.
func (s *spoiling) noForm() bool {
	return s.encoding == "query" || s.method != "" && !contract.SendsForm(s.method)
}

// message spoils what is no parameter: method, path, headers, the body's form.
func (s *spoiling) message(o *outgoing) error {
	if s.method != "" {
		o.Method = s.method
		if !contract.SendsForm(s.method) && len(o.Body) == 0 {
			o.Header.Del("Content-Type")
		}
	}
	if s.path != "" {
		if !strings.HasPrefix(s.path, "/") {
			return fmt.Errorf("the path %q does not begin with /", s.path)
		}
		_, query := o.path()
		o.URL = strings.TrimSuffix(o.as.base, "/") + s.path
		if query != "" {
			o.URL += "?" + query
		}
	}
	if s.encoding == "json" {
		o.Body = jsonForm(o.values)
		o.Header.Set("Content-Type", "application/json")
	}
	if s.sign != nil && s.sign.raw {
		name := fieldsOf(s.b.doc.Name).signature
		for _, v := range o.values {
			if v.Name == name {
				escaped := name + "=" + url.QueryEscape(v.Value)
				o.URL = strings.Replace(o.URL, escaped, name+"="+v.Value, 1)
				o.Body = []byte(strings.Replace(string(o.Body), escaped, name+"="+v.Value, 1))
			}
		}
	}
	for name, list := range s.header {
		o.Header[name] = list
	}
	for _, name := range s.gone {
		o.Header.Del(name)
	}
	return nil
}
