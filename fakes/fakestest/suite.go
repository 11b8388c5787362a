package fakestest

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

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
				check("empty", p.Missing, func(a map[string]string) { a[p.Name] = "" })
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

func (r *runner) credentials(t *testing.T) {
	b := r.bench(t)
	own := b.Host.Default()
	foreign, err := b.Host.AddTenant(fakes.NewTenant{ID: "foreign"})
	require.NoError(t, err)
	refused := func(t *testing.T, op *contract.Operation, req *Request) {
		t.Helper()
		require.NoError(t, b.Host.Reset(own))
		reply := b.Send(req)
		o := op.Outcome(reply.Outcome)
		if o == nil {
			o = r.doc.Common[reply.Outcome]
		}
		require.NotNil(t, o, "outcome %q", reply.Outcome)
		assert.False(t, o.Success, "accepted: %s", reply.Body)
		assert.NotEqual(t, contract.InternalError, o.Name)
		assert.Empty(t, b.Breaches())
	}
	for _, op := range r.doc.Operations {
		if !op.Secured {
			continue
		}
		sign := func(t *fakes.Tenant, at time.Time) *Request {
			return b.Sign(r.call(b, op, nil), b.Credential(t), at)
		}
		now := own.Clock.Now()
		for _, p := range op.Params {
			if !p.Security || p.In == contract.InPath {
				continue
			}
			t.Run(op.ID+" without "+p.Name, func(t *testing.T) {
				req := sign(own, now)
				req.Values = without(req.Values, p.Name)
				refused(t, op, req)
			})
			t.Run(op.ID+" with another "+p.Name, func(t *testing.T) {
				req := sign(own, now)
				for i := range req.Values {
					if req.Values[i].Name == p.Name {
						req.Values[i].Value = flip(req.Values[i].Value)
					}
				}
				refused(t, op, req)
			})
		}
		t.Run(op.ID+" with the credential of another tenant", func(t *testing.T) {
			req := sign(foreign, now)
			req.Tenant = own.ID
			refused(t, op, req)
		})
		if c := b.Credential(own); c.Secret != "" && r.signed(op) {
			t.Run(op.ID+" with another secret", func(t *testing.T) {
				c := c
				c.Secret = flip(c.Secret)
				refused(t, op, b.Sign(r.call(b, op, nil), c, now))
			})
		}
		if r.stamped(op) {
			for _, by := range []time.Duration{-48 * time.Hour, 48 * time.Hour} {
				t.Run(fmt.Sprintf("%s signed at %s", op.ID, by), func(t *testing.T) {
					refused(t, op, sign(own, now.Add(by)))
				})
			}
		}
	}
}

// signed says whether the operation carries a digest, stamped whether it carries a time.
func (r *runner) signed(op *contract.Operation) bool {
	return hasParam(op, "sign", "md5", "signature")
}
func (r *runner) stamped(op *contract.Operation) bool { return hasParam(op, "ptime", "timestamp") }

func hasParam(op *contract.Operation, names ...string) bool {
	for _, n := range names {
		if p := op.Param(n); p != nil && p.Security {
			return true
		}
	}
	return false
}

func without(vs contract.Values, name string) contract.Values {
	var out contract.Values
	for _, v := range vs {
		if v.Name != name {
			out = append(out, v)
		}
	}
	return out
}

// flip changes the last character that carries information in every encoding used
// here (the last of a base64 text may not).
func flip(s string) string {
	if len(s) < 3 {
		return s + "9"
	}
	b := []byte(s)
	i := len(b) / 2
	if b[i] == '7' {
		b[i] = '8'
	} else {
		b[i] = '7'
	}
	return string(b)
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

// tour calls every operation once at its example and returns the replies.
func (r *runner) tour(b *Bench) []string {
	var out []string
	for _, op := range r.doc.Operations {
		reply := r.send(b, op, nil)
		out = append(out, op.ID+" "+reply.Outcome+" "+reply.Body.String())
		b.Host.Default().Clock.Advance(90 * time.Minute)
	}
	return out
}

func (r *runner) export(b *Bench) string {
	b.T.Helper()
	state, err := b.Host.Export(b.Host.Default(), b.API.Name)
	require.NoError(b.T, err)
	return string(state)
}

// reads holds the x-effect of an operation to the truth: what is declared a read is not
// kept by a store.
func (r *runner) reads(t *testing.T) {
	if r.api.ReadsCount {
		t.Skip("the fake says that its reads count")
	}
	b := r.bench(t)
	world := func() string {
		var st struct{ World json.RawMessage }
		require.NoError(t, json.Unmarshal([]byte(r.export(b)), &st))
		return string(st.World)
	}
	for _, op := range r.doc.Operations {
		if op.Effect != contract.Read {
			continue
		}
		before := world()
		r.send(b, op, nil)
		assert.Equal(t, before, world(), "%s is declared a read and changes the world", op.ID)
	}
}

func (r *runner) reset(t *testing.T) {
	b := r.bench(t)
	fresh := r.export(b)
	r.tour(b)
	assert.NotEqual(t, fresh, r.export(b), "the tour leaves no trace: the comparison would prove nothing")
	require.NoError(t, b.Host.Reset(b.Host.Default()))
	assert.Equal(t, fresh, r.export(b))
	assert.Equal(t, start, b.Host.Default().Clock.Now())
}

func (r *runner) deterministic(t *testing.T) {
	a, b := r.bench(t), r.bench(t)
	assert.Equal(t, r.tour(a), r.tour(b))
	assert.Equal(t, r.export(a), r.export(b))
}

func (r *runner) state(t *testing.T) {
	a := r.bench(t)
	r.tour(a)
	out, err := a.Host.Export(a.Host.Default(), a.API.Name)
	require.NoError(t, err)
	b := r.bench(t)
	b.Host.Default().Clock.Set(a.Host.Default().Clock.Now(), true)
	a.Host.Default().Clock.Freeze()
	require.NoError(t, b.Host.Import(b.Host.Default(), map[string]json.RawMessage{a.API.Name: out}))
	assert.Equal(t, r.export(a), r.export(b))
	assert.Equal(t, r.tour(a), r.tour(b), "after an import the replies differ")
	assert.Equal(t, r.export(a), r.export(b))
	for _, bad := range []string{``, `null`, `{}`, `[]`, `{"calls":1}`, `{"world":{"no such field":1}}`, `{"world":3}`, `{"world":null}`, string(out) + "x"} {
		before := r.export(b)
		require.Error(t, b.Host.Import(b.Host.Default(), map[string]json.RawMessage{a.API.Name: json.RawMessage(bad)}), bad)
		assert.Equal(t, before, r.export(b), "a refused import changed the state")
	}
}

func (r *runner) parallel(t *testing.T) {
	b := r.bench(t)
	var wg sync.WaitGroup
	for i := range 4 {
		tenant, err := b.Host.AddTenant(fakes.NewTenant{ID: fmt.Sprintf("p%d", i)})
		require.NoError(t, err)
		for range 2 {
			wg.Go(func() {
				for _, op := range r.doc.Operations {
					req := b.Sign(r.call(b, op, nil), b.Credential(tenant), tenant.Clock.Now())
					req.Tenant = tenant.ID
					b.Send(req)
					if _, err := b.Host.Export(tenant, b.API.Name); err != nil {
						t.Error(err)
					}
				}
			})
		}
	}
	wg.Wait()
	assert.Empty(t, b.Breaches())
}

// broken is a world in which one operation panics.
type broken struct {
	fakes.World
	op string
}

func (w broken) Handlers() fakes.Handlers {
	handlers := fakes.Handlers{}
	for id, h := range w.World.Handlers() {
		handlers[id] = h
	}
	handlers[w.op] = fakes.Handle(func(*fakes.Call, struct{}) (any, error) { panic("secret detail") })
	return handlers
}

func (r *runner) panics(t *testing.T) {
	op := r.doc.Operations[0]
	api := r.api
	api.New = func(env fakes.Env) fakes.World { return broken{r.api.New(env), op.ID} }
	b := mount(t, api, r.doc, r.Options...)
	for range 2 {
		reply := r.send(b, op, nil)
		assert.Equal(t, contract.InternalError, reply.Outcome)
		assert.NotContains(t, reply.Body.String(), "secret detail")
		assert.NotContains(t, reply.Body.String(), "goroutine")
		assert.NotEmpty(t, b.Breaches(), "a panic is a defect and must be told")
	}
	for _, other := range r.doc.Operations[1:] {
		assert.NotEqual(t, contract.InternalError, r.send(b, other, nil).Outcome)
	}
}
