package durable_test

import (
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/mediasandbox/sandbox/fakes"
	"github.com/mediasandbox/sandbox/internal/clock"
	"github.com/mediasandbox/sandbox/internal/durable"
	"github.com/mediasandbox/sandbox/internal/store"
)

// arrivals tells of each call that has found its tenant.
type arrivals chan struct{}

func (arrivals) Open(*fakes.Tenant) any              { return nil }
func (a arrivals) Pick(*fakes.Exchange) *fakes.Fault { a <- struct{}{}; return nil }

// A tenant is removed, and made again, while calls of it are on their way: the log that
// comes of it can be replayed, to the same state.
func TestRemovedUnderLoad(t *testing.T) {
	const clients = 4
	dir := t.TempDir()
	arrived := make(arrivals, clients)
	cfg := config(t, clock.New(func() time.Time { return time.Date(2026, 3, 18, 12, 0, 0, 0, time.UTC) }))
	cfg.Faulter = arrived
	h, err := durable.Open(cfg, dir, store.Never)
	require.NoError(t, err)
	for range 20 {
		tenant, err := h.AddTenant(fakes.NewTenant{ID: "guest"})
		require.NoError(t, err)
		form := "api_key=" + tenant.Accounts("qqtube")[0].ID + "&action=add&url=https%3A%2F%2Fyoutu.be%2Fabc&id_service=3&quantity=100"
		var calls sync.WaitGroup
		require.NoError(t, h.With(tenant, "qqtube", func(fakes.World, time.Time) error { // calls wait for the world
			for range clients {
				calls.Go(func() {
					r := httptest.NewRequest("POST", "http://127.0.0.1/qqtube/v1-api", strings.NewReader(form))
					r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
					to, err := h.Resolve(r)
					if err == nil {
						h.Serve(httptest.NewRecorder(), r, to)
					}
				})
			}
			for range clients {
				<-arrived
			}
			return h.RemoveTenant("guest")
		}))
		calls.Wait()
	}
	want := picture(t, h.Host)
	require.NoError(t, h.Close())
	h, err = durable.Open(cfg, dir, store.Never)
	require.NoError(t, err, "the log can be replayed")
	same(t, want, picture(t, h.Host))
	require.NoError(t, h.Close())
}
