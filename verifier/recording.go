package verifier

import (
	"maps"
	"net/http"
	"regexp"
	"slices"
	"strings"

	"github.com/mediasandbox/sandbox/internal/contract"
)

// BaseURLs returns where the target answers for the named APIs, by API; those that it does
// not have are missing.
func (t *Target) BaseURLs(apis ...string) map[string]string {
	out := maps.Clone(t.bases)
	if t.Sandbox {
		out = map[string]string{}
		for _, api := range apis {
			out[api] = t.origin + "/" + api
		}
	}
	for api := range out {
		if !slices.Contains(apis, api) {
			delete(out, api)
		}
	}
	return out
}

// Concealer hides the secrets of one exchange: those of the target's credentials, what
// the request proves the caller with, and what the reply gives out under a name that
// says so. First all is noted, then texts are hidden.
type Concealer struct {
	mask *masker
	doc  *contract.Document
	veil *veil
}

// Conceal returns a Concealer for an exchange with an API.
func (t *Target) Conceal(doc *contract.Document) *Concealer {
	c := &Concealer{mask: newMasker(), doc: doc}
	c.mask.credential(doc.Name, t.own[doc.Name])
	for _, other := range t.others {
		c.mask.credential(doc.Name, other[doc.Name])
	}
	return c
}

// Request notes the secrets of a request.
func (c *Concealer) Request(values contract.Values, header http.Header) {
	names := securityNames(c.doc)
	for _, v := range values {
		if slices.Contains(names, v.Name) || secretName.MatchString(v.Name) {
			c.mask.derived(v.Name, v.Value)
		}
	}
	c.mask.headers(header)
}

// Reply notes the secrets of a reply.
func (c *Concealer) Reply(header http.Header, body []byte) {
	c.mask.reply(&incoming{header: header, body: body})
}

// Named reports whether a parameter is a secret by its name: part of a credential or a
// signature at any operation, or called as secrets are.
func (c *Concealer) Named(name string) bool {
	return slices.Contains(securityNames(c.doc), name) || secretName.MatchString(name)
}

// textMember is a member of a JSON object whose value is a text.
var textMember = regexp.MustCompile(`"((?:[^"\\]|\\.)*)"(\s*:\s*)"(?:[^"\\]|\\.)*"`)

// Text hides what was noted, in every encoding, and the members of JSON objects that are
// secrets by their name.
func (c *Concealer) Text(s string) string {
	if c.veil == nil {
		c.veil = c.mask.veil()
	}
	s = c.veil.text(s)
	if !strings.Contains(s, `"`) {
		return s
	}
	return textMember.ReplaceAllStringFunc(s, func(member string) string {
		parts := textMember.FindStringSubmatch(member)
		if !secretName.MatchString(parts[1]) {
			return member
		}
		return `"` + parts[1] + `"` + parts[2] + `"` + masked + `"`
	})
}

// HoldReply holds a reply to the contract, and to nothing else. op is nil for a request
// that names no operation. outcome is "" when the reply is none that the contract has;
// several that a vendor told together are joined by "+".
func HoldReply(doc *contract.Document, op *contract.Operation, status int, header http.Header, body []byte) (outcome string, problems []Problem) {
	j := &judgement{doc: doc, op: op, st: &step{}, in: &incoming{status: status, header: header, body: body}}
	j.id = doc.Identify(op, status, header.Get("Content-Type"), body)
	j.decode()
	j.contract()
	return strings.Join(j.id.Names(), "+"), j.problems
}
