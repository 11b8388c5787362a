package admin_test

import (
	"bytes"
	"errors"
	"log/slog"
	"net/http"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/mediasandbox/sandbox/fakes"
	"github.com/mediasandbox/sandbox/internal/admin"
)

// full is a store that can run out of space.
type full struct{ out bool }

func (f *full) Append(*fakes.Change) error {
	if f.out {
		return errors.New("no space left on /dev/secret")
	}
	return nil
}

// What cannot be kept is not done, and our own failure is told to the log alone.
func TestStoreFails(t *testing.T) {
	var log bytes.Buffer
	store := &full{}
	b := newBenchOf(t, admin.Config{Log: slog.New(slog.NewTextHandler(&log, nil))}, func(c *fakes.Config) { c.Store = store })
	b.do(http.MethodPost, tenants, `{"id":"bob"}`)
	b.order("shop", "default")
	b.do(http.MethodPost, checkpointsPath, "").want(201, `{"id":"c1"}`)
	b.do(http.MethodPut, clockPath, `{"now":"2030-01-01T00:00:00Z","frozen":true}`)
	before := b.do(http.MethodGet, statePath, "").Body

	store.out = true
	for _, row := range []struct{ method, path, body string }{
		{http.MethodPost, tenants, `{"id":"eve"}`},
		{http.MethodDelete, tenants + "/bob", ""},
		{http.MethodPut, clockPath, `{"frozen":false}`},
		{http.MethodPut, clockPath, `{"now":"2031-01-01T00:00:00Z"}`},
		{http.MethodDelete, clockPath, ""},
		{http.MethodPost, clockPath + "/advance", `{"by":"1h"}`},
		{http.MethodPost, clockPath + "/advance", `{"to":"2031-01-01T00:00:00Z"}`},
		{http.MethodPost, "/__admin/reset", ""},
		{http.MethodPost, "/__admin/reset?tenant=*", ""},
		{http.MethodPut, statePath, `{"shop":{"world":{"orders":[]}}}`},
		{http.MethodPut, statePath + "/shop", `{"world":{"orders":[]}}`},
		{http.MethodPost, checkpointsPath + "/c1/restore", ""},
	} {
		log.Reset()
		got := b.do(row.method, row.path, row.body)
		got.problem(500, "could not be stored, and was not made", "log says why")
		assert.NotContains(t, got.Body, "secret")
		assert.Contains(t, log.String(), "no space left", "%s %s", row.method, row.path)
	}
	assert.Len(t, b.host.Tenants(), 2)
	assert.Equal(t, before, b.do(http.MethodGet, statePath, "").Body)
	b.do(http.MethodGet, clockPath, "").want(200, `{"now":"2030-01-01T00:00:00Z","frozen":true}`)
}
