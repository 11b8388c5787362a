package durable_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/mediasandbox/sandbox/fakes"
	"github.com/mediasandbox/sandbox/fakes/all"
	"github.com/mediasandbox/sandbox/internal/clock"
	"github.com/mediasandbox/sandbox/internal/durable"
	"github.com/mediasandbox/sandbox/internal/request"
	"github.com/mediasandbox/sandbox/internal/store"
	"github.com/mediasandbox/sandbox/signature"
	"github.com/mediasandbox/sandbox/specs/openapi"
)

// config has a wall clock that a test moves.
func config(t *testing.T, wall *clock.Clock) fakes.Config {
	t.Helper()
	docs, err := openapi.LoadAll()
	require.NoError(t, err)
	return fakes.Config{APIs: all.APIs(), Documents: docs, Now: wall.Now, Log: slog.New(slog.DiscardHandler), OnBreach: func(b fakes.Breach) { t.Error(b) }}
}

// picture is all there is to know of a host's state.
func picture(t *testing.T, h *fakes.Host) map[string]string {
	t.Helper()
	out := map[string]string{}
	for _, tenant := range h.Tenants() {
		st := tenant.Clock.State()
		out[tenant.ID] = fmt.Sprint(tenant.Seed, tenant.Born(), st.Now, st.Frozen, tenant.Expires)
		for _, api := range h.APIs() {
			state, err := h.Export(tenant, api.Name)
			require.NoError(t, err)
			var s struct {
				Born  time.Time
				World json.RawMessage
			}
			require.NoError(t, json.Unmarshal(state, &s))
			out[tenant.ID+"/"+api.Name] = s.Born.String() + string(s.World)
		}
	}
	return out
}

// same names what differs without printing whole worlds.
func same(t *testing.T, want, have map[string]string) {
	t.Helper()
	assert.Len(t, have, len(want))
	for name := range want {
		w, g := want[name], have[name]
		at := 0
		for at < len(w) && at < len(g) && w[at] == g[at] {
			at++
		}
		if w != g {
			t.Errorf("%s differs at byte %d:\nwas %.200s\nis  %.200s", name, at, w[max(0, at-80):], g[max(0, min(at-80, len(g))):])
		}
	}
}

// step does something at random that changes state.
func step(t *testing.T, r *rand.Rand, h *fakes.Host) {
	t.Helper()
	tenants := h.Tenants()
	tenant := tenants[r.IntN(len(tenants))]
	switch r.IntN(30) {
	case 0:
		_, err := h.AddTenant(fakes.NewTenant{Settings: map[string]string{"cliparto.limits": "off"}})
		require.NoError(t, err)
	case 1:
		require.NoError(t, h.Reset(tenant))
	case 2:
		if !tenant.Default {
			require.NoError(t, h.RemoveTenant(tenant.ID))
		}
	case 3, 4:
		advance(t, r, h, tenant)
	case 5:
		_, err := h.MoveClock(tenant, func(c *clock.Clock) { c.Freeze() })
		require.NoError(t, err)
	case 6:
		put(t, r, h, tenant)
	case 7:
		reload(t, h, tenant)
	default:
		call(t, r, h, tenant)
	}
}

// advance, put and reload may be called from any goroutine.
func advance(t *testing.T, r *rand.Rand, h *fakes.Host, tenant *fakes.Tenant) {
	t.Helper()
	_, err := h.MoveClock(tenant, func(c *clock.Clock) { c.Advance(time.Duration(r.IntN(100)) * time.Hour) })
	assert.NoError(t, err)
}

func put(t *testing.T, r *rand.Rand, h *fakes.Host, tenant *fakes.Tenant) {
	t.Helper()
	at := tenant.Clock.Now().Add(time.Duration(r.IntN(200)-100) * time.Hour)
	_, err := h.PutClock(tenant, func(c *clock.Clock) { c.Set(at, r.IntN(2) == 0) })
	assert.NoError(t, err)
}

func reload(t *testing.T, h *fakes.Host, tenant *fakes.Tenant) {
	t.Helper()
	state, err := h.Export(tenant, "qqtube")
	assert.NoError(t, err)
	assert.NoError(t, h.Import(tenant, map[string]json.RawMessage{"qqtube": state}))
}

func call(t *testing.T, r *rand.Rand, h *fakes.Host, tenant *fakes.Tenant) {
	t.Helper()
	apis := h.APIs()
	api := apis[r.IntN(len(apis))]
	doc := h.Document(api.Name)
	op := doc.Operations[r.IntN(len(doc.Operations))]
	account := tenant.Accounts(api.Name)[0]
	built, err := request.Plan{
		Document: doc, Operation: op.ID, Examples: true, BaseURL: "http://127.0.0.1:7311/t/" + tenant.ID + "/" + api.Name,
		Scheme: api.Scheme, Credential: signature.Credential{ID: account.ID, Secret: account.Secret, Token: account.Credential["token"]},
		Signing: signature.Signing{At: tenant.Clock.Now(), Salt: "salt"}, Body: []byte(`{"EventType":"SnapshotComplete"}`),
	}.Build()
	require.NoError(t, err)
	req, err := built.Request(context.Background())
	require.NoError(t, err)
	w := httptest.NewRecorder()
	to, err := h.Resolve(req)
	require.NoError(t, err)
	h.Serve(w, req, to)
}

func TestStateOutlivesTheProcess(t *testing.T) {
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	r := rand.New(rand.NewPCG(seed, 1)) //nolint:gosec // a test
	wall := clock.New(func() time.Time { return time.Date(2026, 3, 18, 12, 0, 0, 0, time.UTC) })
	dir := t.TempDir()
	for range 6 {
		h, err := durable.Open(config(t, wall), dir, store.Never)
		require.NoError(t, err)
		for range 60 {
			step(t, r, h.Host)
			wall.Advance(time.Duration(r.IntN(60)) * time.Second)
		}
		if r.IntN(3) == 0 {
			require.NoError(t, h.Compact())
		}
		want := picture(t, h.Host)
		require.NoError(t, h.Close())
		again, err := durable.Open(config(t, wall), dir, store.Never)
		require.NoError(t, err)
		same(t, want, picture(t, again.Host))
		require.NoError(t, again.Close())
	}
}

// TestAChangeThatIsNotKeptIsNotMade closes the store under a running host.
func TestAChangeThatIsNotKeptIsNotMade(t *testing.T) {
	wall := clock.New(func() time.Time { return time.Date(2026, 3, 18, 12, 0, 0, 0, time.UTC) })
	h, err := durable.Open(config(t, wall), t.TempDir(), store.Always)
	require.NoError(t, err)
	r := rand.New(rand.NewPCG(1, 1)) //nolint:gosec // a test
	for range 20 {
		call(t, r, h.Host, h.Default())
	}
	want := picture(t, h.Host)
	require.NoError(t, h.Close())
	for range 40 {
		call(t, r, h.Host, h.Default())
	}
	_, err = h.AddTenant(fakes.NewTenant{})
	require.ErrorIs(t, err, fakes.ErrStore)
	require.ErrorIs(t, h.Reset(h.Default()), fakes.ErrStore)
	_, err = h.MoveClock(h.Default(), func(c *clock.Clock) { c.Advance(time.Hour) })
	require.ErrorIs(t, err, fakes.ErrStore)
	state, err := h.Export(h.Default(), "interstream")
	require.NoError(t, err)
	require.ErrorIs(t, h.Import(h.Default(), map[string]json.RawMessage{"interstream": state}), fakes.ErrStore)
	have := picture(t, h.Host)
	delete(want, "default")
	delete(have, "default")
	same(t, want, have)
}

// Tenants keep what they were made with; a start with other settings says so.
func TestOtherSettings(t *testing.T) {
	dir, said := t.TempDir(), &bytes.Buffer{}
	start := func(seed uint64, key string) {
		said.Reset()
		cfg := config(t, clock.New(nil))
		cfg.Seed, cfg.Settings, cfg.Log = seed, map[string]string{"qqtube.error-key": key, "cliparto.limits": "on"}, slog.New(slog.NewTextHandler(said, nil))
		h, err := durable.Open(cfg, dir, store.Never)
		require.NoError(t, err)
		assert.Equal(t, "messages", h.Default().Settings("qqtube")["error-key"])
		require.NoError(t, h.Close())
	}
	for range 2 {
		start(5, "messages")
		assert.NotContains(t, said.String(), "WARN")
	}
	start(6, "message")
	assert.Contains(t, said.String(), "seed is 5, not 6; qqtube.error-key is messages, not message")
	assert.NotContains(t, said.String(), "cliparto")
}

func TestOpenRefusals(t *testing.T) {
	wall := clock.New(nil)
	dir := t.TempDir()
	h, err := durable.Open(config(t, wall), dir, store.Always)
	require.NoError(t, err)
	_, err = durable.Open(config(t, wall), dir, store.Always)
	require.ErrorIs(t, err, store.ErrLocked)
	require.NoError(t, h.Close())
	s, err := store.Open(dir, store.Always, slog.New(slog.DiscardHandler), func([]byte) error { return nil })
	require.NoError(t, err)
	require.NoError(t, s.Append(map[string]any{"tenant": "nobody", "removed": struct{}{}}))
	require.NoError(t, s.Close())
	_, err = durable.Open(config(t, wall), dir, store.Always)
	require.ErrorIs(t, err, fakes.ErrTenantUnknown)

	if os.Getuid() != 0 { // root may write everywhere
		locked := filepath.Join(t.TempDir(), "locked")
		require.NoError(t, os.Mkdir(locked, 0o500))
		_, err = durable.Open(config(t, wall), locked, store.Always)
		require.Error(t, err)
		assert.NotErrorIs(t, err, store.ErrLocked)
	}
}
