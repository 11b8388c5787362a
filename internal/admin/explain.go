package admin

import (
	"errors"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/mediasandbox/sandbox/fakes"
	"github.com/mediasandbox/sandbox/internal/request"
	"github.com/mediasandbox/sandbox/signature"
)

// explainBody is the body of POST /__admin/explain: a request in its parts, or as a curl
// line.
type explainBody struct {
	Curl    string            `json:"curl"`
	Method  string            `json:"method"`
	URL     string            `json:"url"`
	Headers map[string]string `json:"headers"`
	Body    string            `json:"body"`

	At     *time.Time `json:"at"`     // when the vendor gets it; now on the tenant's clock without
	Secret *string    `json:"secret"` // of the account that the request names, when it is not the tenant's
}

// explainReply is what can be said of a request before a fake is asked.
type explainReply struct {
	API        string    `json:"api"`
	Operation  string    `json:"operation"`
	Tenant     string    `json:"tenant"`
	Outcome    string    `json:"outcome"` // by which the signature, or the request line, is refused; "" when neither is
	Summary    string    `json:"summary"`
	At         time.Time `json:"at"`
	Undeclared []string  `json:"undeclared,omitempty"`
	Notes      []string  `json:"notes,omitempty"`
	// Explanation is null where the operation wants no credential.
	Explanation *explanation `json:"explanation"`
}

// explanation is a signature.Explanation whose fields are always there.
type explanation struct {
	Scheme   string              `json:"scheme"`
	Caller   string              `json:"caller"`
	Accepted bool                `json:"accepted"`
	Refusal  string              `json:"refusal"`
	Expected string              `json:"expected"`
	Sent     string              `json:"sent"`
	Differ   int                 `json:"differ"`
	Mistakes []signature.Mistake `json:"mistakes"`
}

// explain diagnoses a pasted request. It sends nothing and changes nothing.
func (a *API) explain(c *Call) (Reply, error) {
	var in explainBody
	if err := c.Decode(&in); err != nil {
		return Reply{}, err
	}
	message, notes, err := in.message()
	if err != nil {
		return Reply{}, err
	}
	look := fakes.Inspection{}
	if c.Params.Has("tenant") {
		if look.Tenant, err = c.Tenant(); err != nil {
			return Reply{}, err
		}
	}
	if in.At != nil {
		if err := inYears("at", *in.At); err != nil {
			return Reply{}, err
		}
		look.At = in.At.UTC()
	}
	if in.Secret != nil {
		look.Secret = *in.Secret
	}
	r, err := message.Request(c.Context())
	if err != nil {
		return Reply{}, refuse(http.StatusBadRequest, "the request cannot be read: %s", err)
	}
	out, err := a.inspect(r, look)
	out.Notes = slices.Concat(notes, out.Notes)
	return Reply{JSON: out}, err
}

// message reads the request.
func (in explainBody) message() (request.Message, []string, error) {
	parts := in.Method != "" || in.URL != "" || in.Headers != nil || in.Body != ""
	switch {
	case in.Curl != "" && parts:
		return request.Message{}, nil, refuse(http.StatusBadRequest, "field %q stands beside the parts of a request; one of them is wanted", "curl")
	case in.Curl != "":
		m, notes, err := request.ParseCurl(in.Curl)
		if err != nil {
			return m, nil, refuse(http.StatusBadRequest, "field %q: %s", "curl", err)
		}
		return m, notes, nil
	case in.URL == "":
		return request.Message{}, nil, refuse(http.StatusBadRequest, "field %q is missing, or a %q", "url", "curl")
	case !strings.HasPrefix(in.URL, "http://") && !strings.HasPrefix(in.URL, "https://"):
		return request.Message{}, nil, refuse(http.StatusBadRequest, "field %q begins with neither http:// nor https://", "url")
	}
	m := request.Message{Method: in.Method, URL: in.URL, Header: http.Header{}, Body: []byte(in.Body)}
	if m.Method == "" {
		m.Method = http.MethodGet
		if in.Body != "" {
			m.Method = http.MethodPost
		}
	}
	for name, value := range in.Headers {
		m.Header.Set(name, value)
	}
	return m, nil, nil
}

// explainRequest diagnoses an entry of the journal, as of the time when it came.
func (a *API) explainRequest(c *Call) (Reply, error) {
	t, err := c.Tenant()
	if err != nil {
		return Reply{}, err
	}
	j, id, err := c.entry()
	if err != nil {
		return Reply{}, err
	}
	r, at, whole, err := j.Request(id)
	if err != nil {
		return Reply{}, noEntry(id, err)
	}
	var notes []string
	if !whole {
		notes = append(notes, "The journal kept the beginning of the body only: what is said here is about a request with that body.")
	}
	out, err := a.inspect(r, fakes.Inspection{Tenant: t, At: at})
	if err != nil {
		return Reply{}, err
	}
	out.Notes = slices.Concat(notes, out.Notes)
	out.mask(j.Mask)
	return Reply{JSON: out}, nil
}

// mask hides secrets that stand where none belong: what a request carries in its parameters
// is part of the string to sign.
func (r *explainReply) mask(hide func(string) string) {
	for i, name := range r.Undeclared {
		r.Undeclared[i] = hide(name)
	}
	e := r.Explanation
	if e == nil {
		return
	}
	expected, sent := hide(e.Expected), hide(e.Sent)
	if e.Differ >= 0 && (expected != e.Expected || sent != e.Sent) {
		for e.Differ = 0; e.Differ < min(len(expected), len(sent)) && expected[e.Differ] == sent[e.Differ]; {
			e.Differ++
		}
	}
	e.Expected, e.Sent, e.Caller = expected, sent, hide(e.Caller)
	for i := range e.Mistakes {
		e.Mistakes[i].Detail, e.Mistakes[i].Remedy = hide(e.Mistakes[i].Detail), hide(e.Mistakes[i].Remedy)
	}
}

// inspect says of a request what can be said without asking a fake.
func (a *API) inspect(r *http.Request, look fakes.Inspection) (explainReply, error) {
	x, err := a.host.Inspect(r, look)
	switch {
	case errors.Is(err, fakes.ErrAPIUnknown):
		return explainReply{}, refuse(http.StatusBadRequest, "the URL leads to none of the APIs: it wants a vendor's host name or the path of a sandbox, /%s/…", a.apis()[0])
	case errors.Is(err, fakes.ErrTenantUnknown):
		return explainReply{}, refuse(http.StatusNotFound, "the URL names a tenant: %s", err)
	case err != nil:
		return explainReply{}, refuse(http.StatusBadRequest, "the request cannot be read: %s", err)
	}
	out := explainReply{
		API: x.API, Operation: x.Operation, Tenant: x.Tenant.ID, Outcome: x.Outcome, Summary: a.summary(x),
		At: x.At, Undeclared: append([]string(nil), x.Undeclared...),
		Notes: a.host.Document(x.API).Unread(x.Operation, x.Request.Method, x.Request.Header, x.RequestBody),
	}
	if e, ok := x.Explain(); ok {
		out.Explanation = &explanation{e.Scheme, e.Caller, e.Accepted, e.Refusal, e.Expected, e.Sent, e.Differ, append([]signature.Mistake{}, e.Mistakes...)}
	}
	return out, nil
}

// summary is what the contract says about the outcome.
func (a *API) summary(x *fakes.Exchange) string {
	if x.Outcome == "" {
		return "Signature and request line are right; the fake was not asked for more."
	}
	doc := a.host.Document(x.API)
	if op := doc.Operation(x.Operation); op != nil {
		if o := op.Outcome(x.Outcome); o != nil {
			return o.Summary
		}
	}
	if o := doc.Common[x.Outcome]; o != nil {
		return o.Summary
	}
	return ""
}
