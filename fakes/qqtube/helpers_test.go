package qqtube

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/mediasandbox/sandbox/fakes"
	"github.com/mediasandbox/sandbox/internal/contract"
)

var noon = time.Date(2026, 3, 18, 12, 0, 0, 0, time.UTC)

const watchURL = "https://www.youtube.com/watch?v=jofNR_WkoCE"

// world is the default tenant's account.
func world(t testing.TB) *World {
	t.Helper()
	w, ok := API().New(fakes.Env{Tenant: "default", Default: true, Seed: 1, Born: noon}).(*World)
	require.True(t, ok)
	return w
}

// at makes a call at a time from name, value pairs.
func at(now time.Time, pairs ...string) *fakes.Call {
	c := &fakes.Call{Now: now, Settings: fakes.Settings{settingErrorKey: "messages"}}
	for i := 0; i+1 < len(pairs); i += 2 {
		c.Values = append(c.Values, contract.Value{Name: pairs[i], Value: pairs[i+1], In: contract.InForm})
	}
	return c
}

// place orders with the given parameters; url is watchURL unless given.
func place(w *World, now time.Time, pairs ...string) (addReply, error) {
	c := at(now, pairs...)
	if _, ok := c.Lookup("url"); !ok {
		c.Values = append(c.Values, contract.Value{Name: "url", Value: watchURL, In: contract.InForm})
	}
	return w.add(c, addInput{c.Param("url"), c.Param("quantity"), c.Param("id_service"), c.Param("share_type"), c.Param("geo-countries")})
}

// order is place that must succeed.
func mustPlace(t testing.TB, w *World, now time.Time, pairs ...string) string {
	t.Helper()
	r, err := place(w, now, pairs...)
	require.NoError(t, err)
	return r.ID
}

// refused returns the outcomes of a refusal.
func refused(t testing.TB, err error) []string {
	t.Helper()
	require.Error(t, err)
	r, ok := fakes.AsRefusal(err)
	require.True(t, ok, "%v is no refusal", err)
	return r.Outcomes
}

func stats(t testing.TB, w *World, now time.Time, id string) statsReply {
	t.Helper()
	r, err := w.stats(at(now), statsInput{id})
	require.NoError(t, err)
	return r
}

// snapshot is the state as JSON.
func snapshot(t testing.TB, w *World) string {
	t.Helper()
	data, err := json.Marshal(w)
	require.NoError(t, err)
	return string(data)
}

// restored is a world that went out to JSON and in again, as the host does it.
func restored(t testing.TB, w *World) *World {
	t.Helper()
	var back World
	require.NoError(t, json.Unmarshal([]byte(snapshot(t, w)), &back))
	require.NoError(t, back.Restore(fakes.Env{Tenant: "default", Default: true, Seed: 1}))
	return &back
}
