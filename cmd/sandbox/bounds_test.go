package main

import (
	"fmt"
	"log/slog"
	"net"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/mediasandbox/sandbox/fakes"
	"github.com/mediasandbox/sandbox/internal/config"
)

// The settings that bound what a sandbox keeps reach the parts that keep it.
func TestBoundsAreSettings(t *testing.T) {
	set, err := settings()
	require.NoError(t, err)
	start := func(environ ...string) (*fakes.Host, recording) {
		values, err := set.Read(nil, environ, config.File{})
		require.NoError(t, err)
		host, record, err := recordedHost(values, slog.New(slog.DiscardHandler))
		require.NoError(t, err)
		return host, record
	}
	ask := func(host *fakes.Host, target, body string) int {
		r := httptest.NewRequest("POST", "http://127.0.0.1:7311"+target, strings.NewReader(body))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		to, err := host.Resolve(r)
		require.NoError(t, err)
		w := httptest.NewRecorder()
		host.Serve(w, r, to)
		return w.Code
	}
	const funds = "/qqtube/v1-api?action=funds&api_key="

	host, record := start("SANDBOX_JOURNAL_ENTRIES=3")
	for i := range 10 {
		ask(host, funds+fmt.Sprint(i), "")
	}
	assert.Equal(t, 3, record.journal.Stats().Entries)
	assert.EqualValues(t, 7, record.journal.Stats().Evicted)

	host, record = start("SANDBOX_JOURNAL_BYTES=20KiB")
	for range 10 {
		ask(host, funds, "url="+strings.Repeat("x", 8<<10))
	}
	assert.Equal(t, 2, record.journal.Stats().Entries)

	host, record = start("SANDBOX_JOURNAL_TOTAL=20KiB")
	for i := range 10 {
		tenant, err := host.AddTenant(fakes.NewTenant{})
		require.NoError(t, err)
		ask(host, fmt.Sprintf("/t/%s%s%d", tenant.ID, funds, i), "url="+strings.Repeat("x", 8<<10))
	}
	assert.LessOrEqual(t, record.journal.Stats().Bytes, int64(20<<10))
	assert.Less(t, record.journal.Stats().Tenants, 3)

	host, _ = start("SANDBOX_MAX_BODY=1KiB", "SANDBOX_MAX_TENANTS=2")
	assert.Equal(t, 200, ask(host, funds, strings.Repeat("x", 1024)))
	assert.Equal(t, 413, ask(host, funds, strings.Repeat("x", 1025)))
	_, err = host.AddTenant(fakes.NewTenant{})
	require.NoError(t, err)
	_, err = host.AddTenant(fakes.NewTenant{})
	require.ErrorIs(t, err, fakes.ErrTenantLimit)
}

// Nobody but this machine reaches a sandbox that was told nothing, and it reaches nobody else.
func TestLoopbackByDefault(t *testing.T) {
	set, err := settings()
	require.NoError(t, err)
	values, err := set.Read(nil, nil, config.File{})
	require.NoError(t, err)
	host, _, err := net.SplitHostPort(values.String("listen"))
	require.NoError(t, err)
	assert.True(t, net.ParseIP(host).IsLoopback(), host)
	assert.Empty(t, values.String("admin-listen"))
	assert.Equal(t, "loopback", values.String("callback-allow"))
	assert.Empty(t, values.String("data"), "nothing is written")
	assert.False(t, values.Bool("explain-header"))
}
