package fakes_test

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/mediasandbox/sandbox/fakes"
	"github.com/mediasandbox/sandbox/fakes/fakestest"
	"github.com/mediasandbox/sandbox/internal/admin/admintest"
	"github.com/mediasandbox/sandbox/internal/clock"
)

// Tenants go when their time is over, whatever was made and removed before and after them.
func TestTenantsExpire(t *testing.T) {
	r := fakestest.Random(t)
	now := time.Date(2026, 3, 18, 12, 0, 0, 0, time.UTC)
	host := admintest.NewHost(t, func(c *fakes.Config) { c.Now = func() time.Time { return now } })
	ends := map[string]time.Time{} // zero for never
	for i := range 3000 {
		switch n := r.IntN(10); {
		case n < 5:
			made := fakes.NewTenant{ID: fmt.Sprintf("n%d", i), TTL: time.Duration(r.IntN(4)) * time.Duration(r.IntN(60)) * time.Second}
			tenant, err := host.AddTenant(made)
			require.NoError(t, err)
			require.Equal(t, made.TTL == 0, tenant.Expires.IsZero())
			ends[made.ID] = tenant.Expires
		case n < 8:
			if len(ends) == 0 {
				continue
			}
			id := slices.Sorted(maps.Keys(ends))[r.IntN(len(ends))]
			err := host.RemoveTenant(id)
			if end := ends[id]; !end.IsZero() && now.After(end) {
				require.ErrorIs(t, err, fakes.ErrTenantUnknown)
			} else {
				require.NoError(t, err)
			}
			delete(ends, id)
		default:
			now = now.Add(time.Duration(r.IntN(40)) * time.Second)
		}
		if i%100 == 0 {
			want := 1
			for id, end := range ends {
				over := !end.IsZero() && now.After(end)
				_, err := host.Tenant(id)
				require.Equal(t, over, errors.Is(err, fakes.ErrTenantUnknown), id)
				if !over {
					want++
				}
			}
			require.Len(t, host.Tenants(), want)
		}
	}
	// Each that is made takes with it what has expired: nothing is left behind.
	now = now.Add(time.Hour)
	_, err := host.AddTenant(fakes.NewTenant{ID: "last"})
	require.NoError(t, err)
	want := 2
	for _, end := range ends {
		if end.IsZero() {
			want++
		}
	}
	assert.Equal(t, want, host.TenantCount())
}

// failing is a store that keeps nothing once it is full.
type failing struct {
	full bool
	kept []*fakes.Change
}

var errFull = errors.New("no space left")

func (f *failing) Append(c *fakes.Change) error {
	if f.full {
		return errFull
	}
	f.kept = append(f.kept, c)
	return nil
}

// What cannot be stored is not done: worlds, clocks and tenants are as they were.
func TestNothingChangesThatIsNotStored(t *testing.T) {
	now := time.Date(2026, 3, 18, 12, 0, 0, 0, time.UTC)
	store := &failing{}
	host := admintest.NewHost(t, func(c *fakes.Config) { c.Now, c.Store = func() time.Time { return now }, store })
	tenant, err := host.AddTenant(fakes.NewTenant{ID: "bob"})
	require.NoError(t, err)
	brief, err := host.AddTenant(fakes.NewTenant{ID: "brief", TTL: time.Second})
	require.NoError(t, err)
	order := func(w fakes.World, now time.Time) error {
		world, ok := w.(*admintest.World)
		require.True(t, ok)
		world.Orders = append(world.Orders, admintest.Order{ID: len(world.Orders) + 1, At: now})
		return nil
	}
	require.NoError(t, host.With(tenant, "shop", order))
	before, err := host.Export(tenant, "shop")
	require.NoError(t, err)

	store.full = true
	require.ErrorIs(t, host.With(tenant, "shop", order), fakes.ErrStore)
	after, err := host.Export(tenant, "shop")
	require.NoError(t, err)
	assert.JSONEq(t, string(before), string(after))

	for name, put := range map[string]func(){
		"real":    tenant.Clock.Reset,
		"moved":   func() { tenant.Clock.Reset(); tenant.Clock.Advance(time.Hour) },
		"stopped": func() { tenant.Clock.Freeze() },
	} {
		put()
		want := tenant.Clock.State()
		_, err = host.MoveClock(tenant, func(c *clock.Clock) { c.Advance(time.Minute) })
		require.ErrorIs(t, err, fakes.ErrStore)
		assert.Equal(t, want, tenant.Clock.State(), name)
	}

	require.ErrorIs(t, host.RemoveTenant("bob"), errFull)
	now = brief.Expires.Add(time.Second)
	_, err = host.AddTenant(fakes.NewTenant{ID: "eve"})
	require.ErrorIs(t, err, errFull)
	assert.Equal(t, 3, host.TenantCount(), "brief's end could not be stored either")
	store.full = false
	_, err = host.AddTenant(fakes.NewTenant{ID: "eve"})
	require.NoError(t, err)
	assert.Equal(t, 3, host.TenantCount())
}

// After its removal nothing more is stored of a tenant: a log in which it goes on could
// not be replayed.
func TestNothingIsStoredOfTheDead(t *testing.T) {
	store := &failing{}
	host := admintest.NewHost(t, func(c *fakes.Config) { c.Store = store })
	tenant, err := host.AddTenant(fakes.NewTenant{ID: "bob"})
	require.NoError(t, err)
	require.NoError(t, host.RemoveTenant("bob"))
	n := len(store.kept)
	_, err = host.MoveClock(tenant, func(c *clock.Clock) { c.Advance(time.Minute) })
	require.NoError(t, err)
	require.NoError(t, host.Reset(tenant))
	require.NoError(t, host.With(tenant, "shop", func(fakes.World, time.Time) error { return nil }))
	assert.Len(t, store.kept, n)
}
