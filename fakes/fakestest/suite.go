package fakestest

import (
	"cmp"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/mediasandbox/sandbox/fakes"
	"github.com/mediasandbox/sandbox/internal/contract"
	"github.com/mediasandbox/sandbox/specs/openapi"
)

// Suite is what Run needs to know beyond the contract.
type Suite struct {
	// Options change the bench, such as a setting that lifts a rate limit.
	Options []Option
	// Args are arguments of operations that need one of several optional parameters,
	// by operationId: the contract's required ones do not say that.
	Args map[string]map[string]string
	// Body gives the JSON body and headers of operations that take one.
	Body func(b *Bench, op string, r *Request)
}

// Run holds a fake to its contract.
func Run(t *testing.T, api fakes.API, s Suite) {
	t.Helper()
	doc, err := openapi.Load(api.Name)
	require.NoError(t, err)
	r := &runner{Suite: s, api: api, doc: doc}
	t.Run("each operation answers its example", r.examples)
	t.Run("each violated parameter gives its outcome", r.parameters)
	t.Run("wrong credentials are refused", r.credentials)
	t.Run("unknown path, action and method", r.unmatched)
	t.Run("every outcome can be forced", r.forced)
	t.Run("a read changes nothing", r.reads)
	t.Run("reset forgets", r.reset)
	t.Run("same seed, same calls, same bytes", r.deterministic)
	t.Run("state goes out and in", r.state)
	t.Run("parallel use", r.parallel)
	t.Run("a panic is answered in the vendor's words", r.panics)
}

type runner struct {
	Suite
	api fakes.API
	doc *contract.Document
}

func (r *runner) bench(t testing.TB) *Bench { return mount(t, r.api, r.doc, r.Options...) }

// call makes a signed call of an operation at its example, with edits to the arguments.
func (r *runner) call(b *Bench, op *contract.Operation, edit func(args map[string]string)) *Request {
	args := b.Examples(op.ID)
	for k, v := range r.Args[op.ID] {
		args[k] = v
	}
	if edit != nil {
		edit(args)
	}
	req := b.Request(op.ID, args)
	if r.Body != nil && op.JSONBody != nil {
		r.Body(b, op.ID, req)
	}
	return req
}

func (r *runner) send(b *Bench, op *contract.Operation, edit func(args map[string]string)) Reply {
	t := b.Host.Default()
	return b.Send(b.Sign(r.call(b, op, edit), b.Credential(t), t.Clock.Now()))
}

func (r *runner) examples(t *testing.T) {
	b := r.bench(t)
	for _, op := range r.doc.Operations {
		t.Run(op.ID, func(t *testing.T) {
			require.NoError(t, b.Host.Reset(b.Host.Default()))
			reply := r.send(b, op, nil)
			o := op.Outcome(reply.Outcome)
			if assert.NotNil(t, o, "outcome %q is not the operation's", reply.Outcome) {
				assert.True(t, o.Success, "outcome %s: %s", reply.Outcome, reply.Body)
			}
			assert.Empty(t, b.Breaches())
		})
	}
}

func (r *runner) parameters(t *testing.T) {
	b := r.bench(t)
	for _, op := range r.doc.Operations {
		for _, p := range op.Params {
			if p.Security || p.Pinned {
				continue
			}
			check := func(kind, want string, edit func(map[string]string)) {
				t.Run(op.ID+" "+p.Name+" "+kind, func(t *testing.T) {
					require.NoError(t, b.Host.Reset(b.Host.Default()))
					reply := r.send(b, op, edit)
					assert.Equal(t, want, reply.Outcome, "%s", reply.Body)
					assert.Empty(t, b.Breaches())
				})
			}
			if p.Missing != "" {
				check("missing", p.Missing, func(a map[string]string) { delete(a, p.Name) })
				check("empty", cmp.Or(p.Empty, p.Missing), func(a map[string]string) { a[p.Name] = "" })
			}
			if p.Invalid != "" {
				bad := outside(p.Schema)
				if bad == "" {
					t.Errorf("%s: parameter %s has x-invalid, yet every text is inside its schema", op.ID, p.Name)
					continue
				}
				check("malformed "+bad, p.Invalid, func(a map[string]string) { a[p.Name] = bad })
			}
		}
	}
}

// outside finds a text that the schema refuses.
func outside(s *contract.Schema) string {
	candidates := []string{"abc", "-1", "0", "!", "1.5", "zz zz", " ", "99999999999999999999", strings.Repeat("x", 5000), "ж"}
	for _, c := range candidates {
		if s.CheckText(c) != "" {
			return c
		}
	}
	return ""
}

func (r *runner) unmatched(t *testing.T) {
	b := r.bench(t)
	expect := func(t *testing.T, req *Request, want string) {
		t.Helper()
		reply := b.Send(req)
		o := r.doc.Common[want]
		require.NotNil(t, o)
		assert.Equal(t, want, reply.Outcome)
		assert.Equal(t, o.Status, reply.Code)
		assert.Equal(t, o.ContentType, reply.Header().Get("Content-Type"))
		assert.Empty(t, b.Breaches())
	}
	t.Run("path", func(t *testing.T) {
		for _, path := range []string{"/", "/nowhere", "/a/b/c/d/e", "/v1-api/..%2f", "/%00"} {
			expect(t, &Request{Method: http.MethodGet, Path: path}, r.doc.Unmatched.Path)
		}
	})
	for _, op := range r.doc.Operations {
		if len(op.Methods) < 6 {
			t.Run("method of "+op.ID, func(t *testing.T) {
				if !takesForm(op) { // a pin in a form cannot be seen with another method
					req := b.Sign(r.call(b, op, nil), b.Credential(b.Host.Default()), b.Host.Default().Clock.Now())
					req.Method = "PROPFIND"
					expect(t, req, r.doc.Unmatched.Method)
				}
			})
		}
		if len(op.Pins) > 0 && r.doc.Unmatched.Pin != "" {
			t.Run("pin of "+op.ID, func(t *testing.T) {
				req := r.call(b, op, nil)
				for i := range req.Values {
					if req.Values[i].Name == op.Pins[0].Name {
						req.Values[i].Value = "nonsense"
					}
				}
				tenant := b.Host.Default()
				sig := b.Credential(tenant)
				expect(t, b.Sign(req, sig, tenant.Clock.Now()), r.doc.Unmatched.Pin)
			})
		}
	}
}

func takesForm(op *contract.Operation) bool {
	for _, pin := range op.Pins {
		if pin.In == contract.InForm {
			return true
		}
	}
	return false
}

func (r *runner) forced(t *testing.T) {
	b := r.bench(t)
	for _, op := range r.doc.Operations {
		for _, o := range op.Outcomes {
			t.Run(op.ID+" "+o.Name, func(t *testing.T) {
				b.force = o.Name
				defer func() { b.force = "" }()
				reply := r.send(b, op, nil)
				assert.Equal(t, o.Name, reply.Outcome)
				if !strings.Contains(o.ContentType, "javascript") {
					assert.Equal(t, o.ContentType, reply.Header().Get("Content-Type"))
				}
				assert.Equal(t, o.Status, reply.Code)
				if o.Written() {
					assert.Equal(t, o.Example, reply.Body.String())
				}
				assert.Empty(t, b.Breaches())
			})
		}
	}
}
