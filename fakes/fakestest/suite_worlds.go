package fakestest

import (
	"encoding/json"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/mediasandbox/sandbox/fakes"
	"github.com/mediasandbox/sandbox/internal/contract"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

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
