package durable_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/mediasandbox/sandbox/fakes"
	"github.com/mediasandbox/sandbox/internal/clock"
	"github.com/mediasandbox/sandbox/internal/durable"
	"github.com/mediasandbox/sandbox/internal/store"
)

// compactedFrom is the size from which a log is written anew.
const compactedFrom = 16 << 20

// wide is a state of Polyv of some more bytes than asked for.
func wide(t *testing.T, h *durable.Host, size int) json.RawMessage {
	t.Helper()
	state, err := h.Export(h.Default(), "polyv")
	require.NoError(t, err)
	title := []byte(`"title":"`)
	require.Contains(t, string(state), string(title))
	return bytes.Replace(state, title, append(title, bytes.Repeat([]byte("x"), size)...), 1)
}

// A start writes a log of more than 16 MiB anew, and leaves a shorter one as it is.
func TestCompactedAtStart(t *testing.T) {
	for name, row := range map[string]struct {
		record int // bytes of each of two changes, of which the second is enough
		again  bool
	}{
		"just below": {compactedFrom/2 - 1<<20, false},
		"just above": {compactedFrom/2 + 1, true},
	} {
		t.Run(name, func(t *testing.T) {
			dir, cfg := t.TempDir(), config(t, clock.New(nil))
			h, err := durable.Open(cfg, dir, store.Never)
			require.NoError(t, err)
			state := wide(t, h, row.record)
			require.NoError(t, h.Close())
			log, err := store.Open(dir, store.Never, slog.New(slog.DiscardHandler), func([]byte) error { return nil })
			require.NoError(t, err)
			for range 2 {
				require.NoError(t, log.Append(&fakes.Change{Tenant: "default", State: &fakes.LoadedState{Worlds: map[string]json.RawMessage{"polyv": state}}}))
			}
			before := log.Size()
			assert.Equal(t, row.again, before > compactedFrom)
			require.NoError(t, log.Close())

			h, err = durable.Open(cfg, dir, store.Never)
			require.NoError(t, err)
			if row.again {
				assert.Less(t, h.Size(), before*3/4)
			} else {
				assert.Equal(t, before, h.Size())
			}
			again, err := h.Export(h.Default(), "polyv")
			require.NoError(t, err)
			assert.Len(t, again, len(state))
			require.NoError(t, h.Close())
		})
	}
}

// A log that grows beyond its bound is written anew while the sandbox runs; what is left has
// to grow to four times its size before that is done again.
func TestCompactedWhileRunning(t *testing.T) {
	dir := t.TempDir()
	cfg := config(t, clock.New(func() time.Time { return time.Date(2026, 3, 18, 12, 0, 0, 0, time.UTC) }))
	h, err := durable.Open(cfg, dir, store.Never)
	require.NoError(t, err)
	states := map[string]json.RawMessage{"polyv": wide(t, h, 256<<10)}
	record := int64(len(states["polyv"]))
	h.CompactFrom(3*record + record/2)
	load := func() { require.NoError(t, h.Import(h.Default(), states)) }
	for range 3 {
		load()
	}
	assert.Greater(t, h.Size(), 3*record, "not yet")
	load()
	require.Eventually(t, func() bool { return h.Size() < 2*record }, 20*time.Second, time.Millisecond)
	for range 3 {
		load()
	}
	require.Never(t, func() bool { return h.Size() < 4*record }, 200*time.Millisecond, 10*time.Millisecond, "it is four times what was left")
	load()
	require.Eventually(t, func() bool { return h.Size() < 2*record }, 20*time.Second, time.Millisecond)
	want := picture(t, h.Host)
	require.NoError(t, h.Close())
	h, err = durable.Open(cfg, dir, store.Never)
	require.NoError(t, err)
	same(t, want, picture(t, h.Host))
	require.NoError(t, h.Close())
}

// Calls, clocks, tenants and states change while the log is written anew over and over: a
// copy of it taken at any moment can be read, and the last one has everything.
func TestCompactedUnderLoad(t *testing.T) {
	wall := clock.New(func() time.Time { return time.Date(2026, 3, 18, 12, 0, 0, 0, time.UTC) })
	dir := t.TempDir()
	h, err := durable.Open(config(t, wall), dir, store.Never)
	require.NoError(t, err)
	h.CompactFrom(1) // and each time that it has outgrown what is left, whenever that is
	seed := rand.Uint64()
	t.Logf("seed %d", seed)

	var clients sync.WaitGroup
	var calls atomic.Int64 // of all clients: whoever makes each 200th has the log written anew
	for i := range 4 {
		tenant, err := h.AddTenant(fakes.NewTenant{ID: fmt.Sprintf("client-%d", i), Settings: map[string]string{"cliparto.limits": "off"}})
		require.NoError(t, err)
		clients.Go(func() {
			r := rand.New(rand.NewPCG(seed, uint64(i))) //nolint:gosec // a test
			for n := range 1000 {
				if calls.Add(1)%200 == 0 {
					assert.NoError(t, h.Compact())
				}
				switch r.IntN(40) {
				case 0:
					id := fmt.Sprintf("guest-%d-%d", i, n)
					_, err := h.AddTenant(fakes.NewTenant{ID: id})
					assert.NoError(t, err)
					assert.NoError(t, h.RemoveTenant(id))
				case 1:
					advance(t, r, h.Host, tenant)
				case 2:
					put(t, r, h.Host, tenant)
				case 3:
					reload(t, h.Host, tenant)
				case 4:
					assert.NoError(t, h.Reset(tenant))
				default:
					call(t, r, h.Host, tenant)
				}
			}
		})
	}
	over := make(chan struct{})
	go func() { clients.Wait(); close(over) }()
	for copies := 0; ; copies++ {
		select {
		case <-over:
			t.Logf("%d copies were read", copies)
			want := picture(t, h.Host)
			require.NoError(t, h.Close())
			h, err = durable.Open(config(t, wall), dir, store.Never)
			require.NoError(t, err)
			same(t, want, picture(t, h.Host))
			require.NoError(t, h.Close())
			return
		default:
			copied := t.TempDir()
			copyFile(t, filepath.Join(dir, "changes.log"), filepath.Join(copied, "changes.log"))
			again, err := durable.Open(config(t, wall), copied, store.Never)
			require.NoError(t, err)
			require.NoError(t, again.Close())
		}
	}
}

func copyFile(t *testing.T, from, to string) {
	t.Helper()
	in, err := os.Open(from)
	require.NoError(t, err)
	defer in.Close()
	out, err := os.Create(to)
	require.NoError(t, err)
	_, err = io.Copy(out, in)
	require.NoError(t, err)
	require.NoError(t, out.Close())
}

// A tenant whose time is over, and that nobody has missed yet, is in the log that was
// written anew: its removal, which comes later, is one of a tenant that the log knows.
func TestCompactedWithATenantWhoseTimeIsOver(t *testing.T) {
	wall := clock.New(func() time.Time { return time.Date(2026, 3, 18, 12, 0, 0, 0, time.UTC) })
	dir := t.TempDir()
	h, err := durable.Open(config(t, wall), dir, store.Never)
	require.NoError(t, err)
	_, err = h.AddTenant(fakes.NewTenant{ID: "guest", TTL: time.Hour})
	require.NoError(t, err)
	wall.Advance(2 * time.Hour)
	require.NoError(t, h.Compact())
	_, err = h.AddTenant(fakes.NewTenant{ID: "next"})
	require.NoError(t, err)
	require.NoError(t, h.Close())
	h, err = durable.Open(config(t, wall), dir, store.Never)
	require.NoError(t, err)
	_, err = h.Tenant("guest")
	require.ErrorIs(t, err, fakes.ErrTenantUnknown)
	_, err = h.Tenant("next")
	require.NoError(t, err)
	require.NoError(t, h.Close())
}

// A crash while the log was written anew leaves a file that the next start removes.
func TestUnfinishedLogIsRemoved(t *testing.T) {
	dir := t.TempDir()
	unfinished := filepath.Join(dir, "changes.log.new")
	require.NoError(t, os.WriteFile(unfinished, []byte("sandbox lo"), 0o600))
	h, err := durable.Open(config(t, clock.New(nil)), dir, store.Never)
	require.NoError(t, err)
	assert.NoFileExists(t, unfinished)
	require.NoError(t, h.Close())
}
