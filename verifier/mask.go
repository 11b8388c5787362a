package verifier

import (
	"net/http"
	"regexp"
	"slices"
	"strings"

	"github.com/mediasandbox/sandbox/internal/contract"
)

// masked stands in reports for what must not be shown.
const masked = "***"

// masker knows what must not be shown in the report of one scenario: secrets, and what
// was derived from them. A token is often known to be one only when a later request
// carries it, so that a report is masked as a whole, at its end.
//
// Values that nobody can take for anything else are masked wherever they stand, in every
// encoding. Short ones and numbers, such as a timestamp beside a signature, are masked
// where they stand under their own name: elsewhere they would take half of a report along.
type masker struct {
	anywhere map[string]bool
	placed   map[string]bool // "name\x00value"
	public   map[string]bool // account names: no secret, whatever else they are
}

func newMasker() *masker {
	return &masker{anywhere: map[string]bool{}, placed: map[string]bool{}, public: map[string]bool{}}
}

const (
	shortSecret  = 4 // bytes below which a secret is masked in its place only
	shortDerived = 8 // the same for a value that only may be one
)

// credential adds the secrets of a credential.
func (m *masker) credential(api string, c map[string]string) {
	for _, key := range fieldsOf(api).public {
		if v := c[key]; v != "" {
			m.public[v] = true
		}
	}
	for _, v := range secrets(api, c) {
		if len(v) >= shortSecret {
			m.anywhere[v] = true
		}
	}
	for key, v := range c {
		if !m.public[v] && v != "" {
			m.placed[key+"\x00"+v] = true
		}
	}
}

var digitsOnly = regexp.MustCompile(`^[0-9]*$`)

// derived adds a value that a request carries as its proof.
func (m *masker) derived(name, v string) {
	if v == "" || m.public[v] {
		return
	}
	m.placed[name+"\x00"+v] = true
	if len(v) >= shortDerived && !digitsOnly.MatchString(v) {
		m.anywhere[v] = true
	}
}

// request adds the values of the security parameters of a request, and of headers that
// prove something.
func (m *masker) request(doc *contract.Document, o *outgoing) {
	names, public := securityNames(doc), fieldsOf(doc.Name).public
	values := o.values
	if values == nil {
		path, query := o.path()
		match := doc.Match(o.Method, path, nil)
		parsed, err := doc.ParseValues(match.Path, query, o.Header.Get("Content-Type"), o.Body)
		if err == nil {
			values = parsed
		}
	}
	for _, v := range values {
		if !slices.Contains(public, v.Name) && (slices.Contains(names, v.Name) || secretName.MatchString(v.Name)) {
			m.derived(v.Name, v.Value)
		}
	}
	m.headers(o.Header)
}

func securityNames(doc *contract.Document) []string {
	var out []string
	for _, op := range doc.Operations {
		for _, p := range op.Params {
			if p.Security {
				out = appendNew(out, p.Name)
			}
		}
	}
	return out
}

// secretName is how vendors call what must not be shown.
var secretName = regexp.MustCompile(`(?i)(token|secret|passw(or)?d|signature|access_?key|auth$|authorization|^set-cookie$|^cookie$|api_?(key|code)|private_?key|callback_?key)`)

func (m *masker) headers(h http.Header) {
	for name, list := range h {
		if !secretName.MatchString(name) {
			continue
		}
		for _, v := range list {
			m.derived(name, v)
			if scheme, token, ok := strings.Cut(v, " "); ok && !strings.HasSuffix(scheme, ";") {
				m.derived(name, token) // Bearer …
			}
			if c, err := http.ParseSetCookie(v); err == nil {
				m.derived(c.Name, c.Value)
			}
		}
	}
}

// reply adds what a reply gives out under a name that says so: tokens, keys.
func (m *masker) reply(r *incoming) {
	m.headers(r.header)
	v, err := decodeJSON(r.body)
	if err != nil {
		return
	}
	m.members(v, 0)
}

// maxNested is how deep texts that are base64 of JSON are looked into.
const maxNested = 4

func (m *masker) members(v any, nested int) {
	switch v := v.(type) {
	case []any:
		for _, item := range v {
			m.members(item, nested)
		}
	case map[string]any:
		for name, member := range v {
			text, ok := member.(string)
			if !ok {
				m.members(member, nested)
				continue
			}
			if secretName.MatchString(name) {
				m.derived(name, text)
			}
			if nested < maxNested {
				m.inside(text, nested+1)
			}
		}
	}
}

// inside looks into a text that carries an object of its own.
func (m *masker) inside(text string, nested int) {
	if len(text) < shortDerived {
		return
	}
	if text[0] != '{' {
		decoded, err := decodeBase64(text)
		if err != nil || decoded == "" || decoded[0] != '{' {
			return
		}
		text = decoded
	}
	if v, err := decodeJSON([]byte(text)); err == nil {
		m.members(v, nested)
	}
}
