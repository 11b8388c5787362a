package journal

import (
	"encoding/base64"
	"net/http"
	"sort"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/mediasandbox/sandbox/internal/contract"
)

// View is one exchange for people and for JSON, secrets masked.
type View struct {
	ID        uint64   `json:"id"` // from 1, per tenant
	Tenant    string   `json:"tenant"`
	API       string   `json:"api"`
	Operation string   `json:"operation"`          // "" when the request names none
	Outcome   string   `json:"outcome"`            // what the fake answered, whether or not a fault let it through; "" when it was not asked
	Outcomes  []string `json:"outcomes,omitempty"` // when several were refused together
	Caller    string   `json:"caller"`             // the account that the request names, proven or not
	Status    int      `json:"status"`             // 0 when none was sent
	Fault     string   `json:"fault,omitempty"`    // name of the fault that was applied

	Started    time.Time `json:"started"` // wall clock, UTC
	At         time.Time `json:"at"`      // the tenant's clock, UTC
	DurationMS float64   `json:"duration_ms"`

	Request Request `json:"request"`
	Reply   Reply   `json:"reply"`

	Undeclared []string           `json:"undeclared,omitempty"` // parameters that the contract does not declare there
	Noted      []Noted            `json:"noted,omitempty"`      // values outside the contract that the vendor passes on
	Breach     []contract.Finding `json:"breach,omitempty"`     // the sandbox's own reply was outside the contract
	Advice     []Advice           `json:"advice,omitempty"`
}

// Request is what was received.
type Request struct {
	Method string `json:"method"`
	URL    string `json:"url"`
	Content
}

// Reply is what was sent.
type Reply struct{ Content }

// Content is a header and a body.
type Content struct {
	Header []Header `json:"headers"`
	// Body is text; bytes that are not UTF-8 come in base64, and Encoding says so.
	Body     string `json:"body"`
	Encoding string `json:"body_encoding,omitempty"` // "base64"
	Bytes    int    `json:"body_bytes"`              // of the whole body
	Cut      bool   `json:"body_cut,omitempty"`      // the journal kept its beginning only
}

// Header is one line of a header.
type Header struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

// Noted is a value outside the contract.
type Noted struct {
	Parameter string `json:"parameter"`
	Reason    string `json:"reason"`
}

// views renders entries of a snapshot.
func (t *Tenant) views(s snapshot, list []*entry) []View {
	out := make([]View, 0, len(list))
	if len(list) == 0 {
		return out
	}
	m := t.masker()
	advice := t.journal.advise(s.all)
	for _, e := range list {
		v := t.view(m, e)
		v.Advice = advice[e.id]
		out = append(out, v)
	}
	return out
}

// view renders one entry. By name comes first, for all texts: what a name gives away in
// one is then hidden in every other.
func (t *Tenant) view(m *masker, e *entry) View {
	p := m.page()
	url := p.url(e.piece(pieceURL))
	request, reply := e.header(pieceRequestHeader), e.header(pieceReplyHeader)
	sent, got := p.headers(request), p.headers(reply)
	requestBody := p.body(e.piece(pieceRequestBody), request.Get("Content-Type"))
	replyBody := p.body(e.piece(pieceReplyBody), reply.Get("Content-Type"))
	v := View{
		ID: e.id, Tenant: t.tenant.ID, API: e.api, Operation: e.operation, Outcome: e.outcome, Outcomes: e.outcomes,
		Caller: p.value(e.piece(pieceCaller), false), Status: e.status, Fault: e.fault,
		Started: e.started.time(), At: e.at.time(), DurationMS: float64(e.duration.Microseconds()) / 1000,
		Request: Request{
			Method:  p.value(e.piece(pieceMethod), false),
			URL:     printable(p.value(url, false)),
			Content: Content{Header: p.finish(sent), Bytes: e.requestBytes, Cut: e.requestCut()},
		},
		Reply: Reply{Content{Header: p.finish(got), Bytes: e.replyBytes, Cut: e.replyCut()}},
	}
	v.Request.set(p.value(requestBody, e.requestCut()))
	v.Reply.set(p.value(replyBody, e.replyCut()))
	if x := e.extra; x != nil {
		for _, name := range x.undeclared {
			v.Undeclared = append(v.Undeclared, printable(p.value(name, false)))
		}
		for _, n := range x.noted {
			v.Noted = append(v.Noted, Noted{n.Param.Name, p.value(n.Reason, false)})
		}
		for _, f := range x.breach {
			v.Breach = append(v.Breach, contract.Finding{Pointer: p.value(f.Pointer, false), Reason: p.value(f.Reason, false)})
		}
	}
	return v
}

// Mask hides the tenant's secrets in a text about one of its requests, wherever and however
// they stand in it.
func (t *Tenant) Mask(text string) string { return t.masker().page().value(text, false) }

// set puts a body into a form that JSON can carry.
func (c *Content) set(body string) {
	if utf8.ValidString(body) {
		c.Body = body
		return
	}
	c.Body, c.Encoding = base64.StdEncoding.EncodeToString([]byte(body)), "base64"
}

// Text returns the body as it was, whatever its encoding in the view.
func (c *Content) Text() string {
	if c.Encoding != "base64" {
		return c.Body
	}
	raw, err := base64.StdEncoding.DecodeString(c.Body)
	if err != nil {
		return c.Body
	}
	return string(raw)
}

// Get returns the first header of that name, in any case; "" without.
func (c *Content) Get(name string) string {
	for _, h := range c.Header {
		if strings.EqualFold(h.Name, name) {
			return h.Value
		}
	}
	return ""
}

// headers masks by name; finish masks by value what is left.
func (p *page) headers(h http.Header) []Header {
	keys := make([]string, 0, len(h))
	for name := range h {
		keys = append(keys, name)
	}
	sort.Strings(keys)
	out := make([]Header, 0, len(h))
	for _, name := range keys {
		for _, v := range h[name] {
			out = append(out, Header{name, p.header(name, v)})
		}
	}
	return out
}

func (p *page) finish(list []Header) []Header {
	for i := range list {
		list[i] = Header{printable(p.value(list[i].Name, false)), printable(p.value(list[i].Value, false))}
	}
	return list
}

// printable keeps JSON from replacing bytes that are not UTF-8 without a trace: they are
// written as %XX, as a URL would.
func printable(s string) string {
	if utf8.ValidString(s) {
		return s
	}
	const digits = "0123456789ABCDEF"
	var out strings.Builder
	for i := 0; i < len(s); {
		r, n := utf8.DecodeRuneInString(s[i:])
		if r == utf8.RuneError && n == 1 {
			out.WriteString("%" + string(digits[s[i]>>4]) + string(digits[s[i]&15]))
		} else {
			out.WriteString(s[i : i+n])
		}
		i += n
	}
	return out.String()
}
