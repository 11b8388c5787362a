// Package fakestest holds what every fake must do to the proof. The suite is derived
// from the contract document alone: a new operation or outcome is tested as soon as it
// is written down, and a fake needs tests of its own only for its rules.
package fakestest

import (
	"bytes"
	"io"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/mediasandbox/sandbox/fakes"
	"github.com/mediasandbox/sandbox/internal/clock"
	"github.com/mediasandbox/sandbox/internal/contract"
	"github.com/mediasandbox/sandbox/signature"
	"github.com/mediasandbox/sandbox/specs/openapi"
)

// Start is the time at which the clock of every bench stands first: a Wednesday
// noon in UTC, in the middle of a month.
var start = time.Date(2026, 3, 18, 12, 0, 0, 0, time.UTC)

// Bench is one fake, mounted alone on a host of its own with a frozen clock.
type Bench struct {
	T    testing.TB
	API  fakes.API
	Doc  *contract.Document
	Host *fakes.Host

	mu     sync.Mutex
	last   fakes.Exchange
	breach []fakes.Breach
	force  string
}

// Option changes a bench before its host is made.
type Option func(*fakes.Config)

// With changes one setting ("limits", without the API's name).
func With(api, setting, value string) Option {
	return func(c *fakes.Config) {
		if c.Settings == nil {
			c.Settings = map[string]string{}
		}
		c.Settings[api+"."+setting] = value
	}
}

// Seed sets the host's seed.
func Seed(seed uint64) Option { return func(c *fakes.Config) { c.Seed = seed } }

// New mounts a fake with its own document. A reply outside the contract fails the test.
func New(t testing.TB, api fakes.API, opts ...Option) *Bench {
	t.Helper()
	doc, err := openapi.Load(api.Name)
	require.NoError(t, err)
	return mount(t, api, doc, opts...)
}

func mount(t testing.TB, api fakes.API, doc *contract.Document, opts ...Option) *Bench {
	t.Helper()
	b := &Bench{T: t, API: api, Doc: doc}
	wall := clock.New(func() time.Time { return start })
	cfg := fakes.Config{
		APIs: []fakes.API{api}, Documents: map[string]*contract.Document{api.Name: doc},
		Now: wall.Now, Recorder: recorder{b}, Faulter: forcer{b},
		OnBreach: func(br fakes.Breach) {
			b.mu.Lock()
			defer b.mu.Unlock()
			b.breach = append(b.breach, br)
		},
	}
	for _, o := range opts {
		o(&cfg)
	}
	host, err := fakes.New(cfg)
	require.NoError(t, err)
	b.Host = host
	return b
}

type recorder struct{ b *Bench }

func (recorder) Open(*fakes.Tenant) any { return nil }

func (r recorder) Record(x *fakes.Exchange) {
	r.b.mu.Lock()
	defer r.b.mu.Unlock()
	r.b.last = *x
}

type forcer struct{ b *Bench }

func (forcer) Open(*fakes.Tenant) any { return nil }

func (f forcer) Pick(*fakes.Exchange) *fakes.Fault {
	if f.b.force == "" {
		return nil
	}
	return &fakes.Fault{Name: "forced", Outcome: f.b.force}
}

// Breaches returns the replies outside the contract so far, and forgets them.
func (b *Bench) Breaches() []fakes.Breach {
	b.mu.Lock()
	defer b.mu.Unlock()
	out := b.breach
	b.breach = nil
	return out
}

// Request is a call in the making. Every field may be changed before it is sent.
type Request struct {
	Method, Path string // Path without the sandbox's prefix
	Values       contract.Values
	Multipart    bool
	Body         string // a JSON body; Values in the form are not sent then
	Header       http.Header
	Tenant       string // names the tenant in the URL; "" leaves it to the credential
}

// Reply is what came back, and what the host said of it.
type Reply struct {
	*httptest.ResponseRecorder
	Outcome  string
	Exchange fakes.Exchange
}

// Request makes an unsigned call of an operation from arguments by parameter name.
func (b *Bench) Request(op string, args map[string]string) *Request {
	b.T.Helper()
	o := b.Doc.Operation(op)
	require.NotNil(b.T, o, "no operation %q", op)
	r := &Request{Method: o.Method, Path: o.Path, Header: http.Header{}}
	for _, pin := range o.Pins {
		r.Values = append(r.Values, contract.Value{Name: pin.Name, Value: pin.Value, In: pin.In})
	}
	for _, p := range o.Params {
		if v, ok := args[p.Name]; ok && !p.Pinned {
			r.Values = append(r.Values, contract.Value{Name: p.Name, Value: v, In: p.In})
		}
	}
	return r
}

// Credential is the given tenant's own credential.
func (b *Bench) Credential(t *fakes.Tenant) signature.Credential {
	a := t.Accounts(b.API.Name)[0]
	return signature.Credential{ID: a.ID, Secret: a.Secret, Token: a.Credential["token"]}
}

// Sign signs the call as the account at the given time.
func (b *Bench) Sign(r *Request, c signature.Credential, at time.Time) *Request {
	o := b.Doc.Match(r.Method, r.Path, r.Values)
	if o.Op != nil && !o.Op.Secured {
		return r
	}
	if strings.Contains(r.Path, "{userid}") {
		r.Path = strings.ReplaceAll(r.Path, "{userid}", url.PathEscape(c.ID))
	}
	req := signature.Request{Method: r.Method, Path: r.Path, Values: r.Values}
	if o.Op != nil {
		req.Operation = o.Op.ID
	}
	b.API.Scheme.Sign(&req, c, signature.Signing{At: at, Salt: "c4ca4238a0b923820dcc509a6f75849b"})
	r.Values = req.Values
	return r
}

// Call makes, signs as the default tenant and sends a call.
func (b *Bench) Call(op string, args map[string]string) Reply {
	b.T.Helper()
	t := b.Host.Default()
	return b.Send(b.Sign(b.Request(op, args), b.Credential(t), t.Clock.Now()))
}

// Examples are the arguments of an operation's required parameters, as the contract has them.
func (b *Bench) Examples(op string) map[string]string {
	args := map[string]string{}
	for _, p := range b.Doc.Operation(op).Params {
		if p.Required && !p.Security && !p.Pinned {
			args[p.Name] = p.Example
		}
	}
	return args
}

// Send sends a call in process.
func (b *Bench) Send(r *Request) Reply {
	b.T.Helper()
	return b.SendHTTP(r.HTTP(b.API.Name))
}

// SendHTTP sends any request in process.
func (b *Bench) SendHTTP(req *http.Request) Reply {
	b.T.Helper()
	w := httptest.NewRecorder()
	to, err := b.Host.Resolve(req)
	require.NoError(b.T, err, req.URL)
	b.Host.Serve(w, req, to)
	b.mu.Lock()
	defer b.mu.Unlock()
	return Reply{w, b.last.Outcome, b.last}
}

// HTTP renders the call.
func (r *Request) HTTP(api string) *http.Request {
	query, form := url.Values{}, url.Values{}
	for _, v := range r.Values {
		switch v.In {
		case contract.InQuery:
			query.Add(v.Name, v.Value)
		case contract.InForm:
			form.Add(v.Name, v.Value)
		}
	}
	target := "/" + api + r.Path
	if r.Tenant != "" {
		target = "/t/" + r.Tenant + target
	}
	if len(query) > 0 {
		target += "?" + query.Encode()
	}
	var body io.Reader
	ctype := ""
	switch {
	case r.Body != "":
		body, ctype = strings.NewReader(r.Body), "application/json"
	case r.Multipart && len(form) > 0:
		var buf bytes.Buffer
		mw := multipart.NewWriter(&buf)
		for name, values := range form {
			for _, v := range values {
				mw.WriteField(name, v)
			}
		}
		mw.Close()
		body, ctype = &buf, mw.FormDataContentType()
	case len(form) > 0:
		body, ctype = strings.NewReader(form.Encode()), "application/x-www-form-urlencoded"
	}
	req := httptest.NewRequest(r.Method, "http://127.0.0.1:7311"+target, body)
	if ctype != "" {
		req.Header.Set("Content-Type", ctype)
	}
	for k, v := range r.Header {
		req.Header[k] = v
	}
	return req
}
