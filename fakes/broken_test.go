package fakes_test

import (
	"net/http/httptest"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/mediasandbox/sandbox/fakes"
	"github.com/mediasandbox/sandbox/internal/admin/admintest"
)

// fragile is a world that breaks wherever it is told to.
type fragile struct {
	*admintest.World
	settle *bool
}

func (f fragile) Settle(now time.Time) []fakes.Event {
	if *f.settle {
		panic("broken")
	}
	return f.World.Settle(now)
}

// A fake that panics answers badly, and goes on answering: nothing of it stays locked.
func TestBrokenFakeIsNotHeldForEver(t *testing.T) {
	var inNew, inSettle bool
	host := admintest.NewHost(t, func(c *fakes.Config) {
		c.APIs[0].New = func(fakes.Env) fakes.World {
			if inNew {
				panic("broken")
			}
			return &fragile{&admintest.World{}, &inSettle}
		}
	})
	call := func() int {
		r := httptest.NewRequest("GET", "http://127.0.0.1/shop/orders?api_key="+admintest.Key("shop", "default"), nil)
		w := httptest.NewRecorder()
		to, err := host.Resolve(r)
		require.NoError(t, err)
		host.Serve(w, r, to)
		return w.Code
	}
	inNew = true
	assert.Panics(t, func() { call() }, "the server answers for what has no handlers")
	inNew = false
	assert.Equal(t, 200, call())
	inSettle = true
	assert.Equal(t, 500, call(), "the vendor's words for its own failure")
	assert.Panics(t, func() { host.Settle(host.Default()) })
	inSettle = false
	assert.Equal(t, 200, call())
	assert.NotPanics(t, func() { host.Settle(host.Default()) })
}
