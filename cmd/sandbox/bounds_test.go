package main

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

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

// The setting reaches the port, which takes so many connections, and the handler, which
// answers so many requests: one connection of HTTP/2 carries many.
func TestConnectionsAreASetting(t *testing.T) {
	base := serving(t, "--max-connections", "1")
	var protocols http.Protocols
	protocols.SetUnencryptedHTTP2(true)
	transport := &http.Transport{Protocols: &protocols}
	ask := func(ctx context.Context, path string) int {
		r, err := http.NewRequestWithContext(ctx, http.MethodGet, base+path, http.NoBody)
		assert.NoError(t, err)
		res, err := transport.RoundTrip(r)
		if err != nil {
			return 0
		}
		res.Body.Close()
		return res.StatusCode
	}
	require.Equal(t, 200, ask(t.Context(), "/healthz"))
	waiting, release := context.WithCancel(t.Context())
	released := make(chan int)
	go func() {
		status := 503
		for status == 503 { // while the one below is being answered
			status = ask(waiting, "/__admin/requests/wait?timeout=4m")
		}
		released <- status
	}()
	health := func(status int) func() bool { return func() bool { return ask(t.Context(), "/healthz") == status } }
	require.Eventually(t, health(503), 10*time.Second, time.Millisecond)
	release()
	assert.Zero(t, <-released)
	require.Eventually(t, health(200), 10*time.Second, time.Millisecond)

	further, err := (&net.Dialer{}).DialContext(t.Context(), "tcp", strings.TrimPrefix(base, "http://"))
	require.NoError(t, err)
	defer further.Close()
	_, err = io.WriteString(further, "GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n")
	require.NoError(t, err)
	require.NoError(t, further.SetReadDeadline(time.Now().Add(50*time.Millisecond)))
	var timeout net.Error
	_, err = further.Read(make([]byte, 1))
	require.ErrorAs(t, err, &timeout, "it waits")
	transport.CloseIdleConnections()
	require.NoError(t, further.SetReadDeadline(time.Now().Add(10*time.Second)))
	res, err := http.ReadResponse(bufio.NewReader(further), nil)
	require.NoError(t, err)
	res.Body.Close()
	assert.Equal(t, 200, res.StatusCode)
}

// A stop is no failure for those who only wait: they have their answer, and the stream its end.
func TestStopEndsWaits(t *testing.T) {
	ctx, stop := context.WithCancel(t.Context())
	base := servingUntil(ctx, t, "--max-connections", "2") // so that it shows when both are being answered
	var protocols http.Protocols
	protocols.SetUnencryptedHTTP2(true)
	client := &http.Client{Transport: &http.Transport{Protocols: &protocols}}
	defer client.CloseIdleConnections()
	ask := func(path string) (int, string) {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, base+path, http.NoBody)
		assert.NoError(t, err)
		res, err := client.Do(r)
		if !assert.NoError(t, err, path) {
			return 0, ""
		}
		defer res.Body.Close()
		body, err := io.ReadAll(res.Body)
		assert.NoError(t, err, "%s is cut off", path)
		return res.StatusCode, string(body)
	}
	status, _ := ask("/healthz") // on the connection that the others share
	require.Equal(t, 200, status)
	answers := make(chan string, 2)
	for _, path := range []string{"/__admin/requests/wait?count=99&timeout=4m", "/__admin/requests/follow"} {
		go func() {
			status, body := 503, ""
			for status == 503 { // while one below is being answered
				status, body = ask(path)
			}
			answers <- body
		}()
	}
	full := func() bool { status, _ := ask("/healthz"); return status == 503 }
	require.Eventually(t, full, 10*time.Second, time.Millisecond)
	stop()
	assert.ElementsMatch(t, []string{
		`{"count":0,"last":0,"evicted":0,"inconclusive":false,"met":false}` + "\n", ": the sandbox is listening\n\n",
	}, []string{<-answers, <-answers})
}

// serving runs "sandbox serve" until the end of the test, and returns its URL.
func serving(t *testing.T, args ...string) (base string) {
	t.Helper()
	return servingUntil(context.Background(), t, args...)
}

// servingUntil is serving that ends with a context, too.
func servingUntil(ctx context.Context, t *testing.T, args ...string) (base string) {
	t.Helper()
	ctx, cancel := context.WithCancel(ctx)
	out, stdout := io.Pipe()
	ended := make(chan int, 1)
	go func() {
		args := append([]string{"serve", "--listen", "127.0.0.1:0"}, args...)
		ended <- run(ctx, args, stdout, t.Output(), []string{"GOGC=100"}) // so that this process keeps its own
		stdout.Close()
	}()
	lines := bufio.NewReader(out)
	first, err := lines.ReadString('\n')
	require.NoError(t, err)
	read := make(chan struct{})
	go func() { _, _ = io.Copy(io.Discard, lines); close(read) }()
	t.Cleanup(func() {
		cancel()
		assert.Equal(t, exitOK, <-ended)
		<-read
	})
	base, ok := strings.CutPrefix(strings.TrimSpace(first), "listening on ")
	require.True(t, ok, first)
	return base
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
