package server_test

import (
	"bufio"
	"bytes"
	"context"
	"errors"
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
	"go.uber.org/goleak"

	"github.com/mediasandbox/sandbox/fakes"
	"github.com/mediasandbox/sandbox/internal/server"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// running is a sandbox that answers on a port.
type running struct {
	t    *testing.T
	addr string
	stop context.CancelFunc
	done chan error
}

func start(t *testing.T, h http.Handler, connections int) *running {
	t.Helper()
	var lc net.ListenConfig
	l, err := lc.Listen(t.Context(), "tcp", "127.0.0.1:0")
	require.NoError(t, err)
	ctx, stop := context.WithCancel(context.Background())
	r := &running{t: t, addr: l.Addr().String(), stop: stop, done: make(chan error, 1)}
	go func() {
		r.done <- server.Serve(ctx, slog.New(slog.DiscardHandler), server.Port{Listener: l, Handler: h, MaxConnections: connections})
	}()
	t.Cleanup(stop)
	return r
}

// stopped waits for the end and returns how long it took.
func (r *running) stopped() time.Duration {
	r.t.Helper()
	begin := time.Now()
	r.stop()
	select {
	case err := <-r.done:
		assert.NoError(r.t, err)
	case <-time.After(5 * time.Second):
		r.t.Fatal("it does not stop")
	}
	return time.Since(begin)
}

func (r *running) dial() net.Conn {
	r.t.Helper()
	conn, err := (&net.Dialer{Timeout: 5 * time.Second}).DialContext(r.t.Context(), "tcp", r.addr)
	require.NoError(r.t, err)
	r.t.Cleanup(func() { conn.Close() })
	require.NoError(r.t, conn.SetDeadline(time.Now().Add(10*time.Second)))
	return conn
}

// say sends text on a connection and reads an answer.
func (r *running) say(conn net.Conn, text string) *http.Response {
	r.t.Helper()
	_, err := io.WriteString(conn, text)
	require.NoError(r.t, err)
	res, err := http.ReadResponse(bufio.NewReader(conn), nil)
	require.NoError(r.t, err)
	body, err := io.ReadAll(res.Body)
	require.NoError(r.t, err)
	res.Body.Close()
	res.Body = io.NopCloser(bytes.NewReader(body))
	return res
}

func TestProtocols(t *testing.T) {
	host, _ := newHost(t)
	r := start(t, server.New(host, server.Options{}), 0)
	for version, set := range map[int]func(*http.Protocols){
		1: func(p *http.Protocols) { p.SetHTTP1(true) },
		2: func(p *http.Protocols) { p.SetUnencryptedHTTP2(true) },
	} {
		var protocols http.Protocols
		set(&protocols)
		transport := &http.Transport{Protocols: &protocols}
		res, err := (&http.Client{Transport: transport}).Get("http://" + r.addr + "/shop/orders?api_key=key-shop-bob")
		require.NoError(t, err)
		body, err := io.ReadAll(res.Body)
		require.NoError(t, err)
		res.Body.Close()
		transport.CloseIdleConnections()
		assert.Equal(t, version, res.ProtoMajor)
		assert.Equal(t, `{"orders":0,"delivered":0}`, string(body))
	}
	assert.Less(t, r.stopped(), 10*time.Second)
}

// Targets that no client library sends.
func TestRawTargets(t *testing.T) {
	host, seen := newHost(t)
	r := start(t, server.New(host, server.Options{}), 0)
	for target, want := range map[string]int{
		"GET http://www.shop.example HTTP/1.1\r\nHost: www.shop.example\r\n\r\n":        404, // the vendor's page not found
		"GET http://www.shop.example/orders HTTP/1.1\r\nHost: elsewhere\r\n\r\n":        403, // the target's host counts; no key
		"CONNECT www.shop.example:443 HTTP/1.1\r\nHost: www.shop.example:443\r\n\r\n":   404,
		"CONNECT elsewhere.example:443 HTTP/1.1\r\nHost: elsewhere.example:443\r\n\r\n": 404,
		"OPTIONS * HTTP/1.1\r\nHost: www.shop.example\r\n\r\n":                          200, // net/http's own
		"GET /shop/%zz HTTP/1.1\r\nHost: x\r\n\r\n":                                     400,
		"GET mailto:a@b HTTP/1.1\r\nHost: x\r\n\r\n":                                    404,
		"GET /shop/orders HTTP/1.0\r\n\r\n":                                             403,
		"GET /shop/orders?api_key=key-shop-bob HTTP/1.1\r\nHost: bad host\r\n\r\n":      400,
	} {
		res := r.say(r.dial(), target)
		assert.Equal(t, want, res.StatusCode, "%q", target)
	}
	assert.NotEmpty(t, seen.got)
	r.stopped()
}

// Request line and header have 256 KiB together: a long list of ids is fine.
func TestLargeHeaders(t *testing.T) {
	host, _ := newHost(t)
	r := start(t, server.New(host, server.Options{}), 0)
	const most, more = 256 << 10, 8 << 10 // net/http has 4 KiB to spare
	for name, ask := range map[string]func(size int) string{
		"the line": func(size int) string {
			return fmt.Sprintf("GET /shop/orders?api_key=key-shop-bob&ids=%s HTTP/1.1\r\nHost: x\r\n\r\n", strings.Repeat("x", size-200))
		},
		"one field": func(size int) string {
			return fmt.Sprintf("GET /shop/orders?api_key=key-shop-bob HTTP/1.1\r\nHost: x\r\nX: %s\r\n\r\n", strings.Repeat("x", size-200))
		},
		"many fields": func(size int) string {
			return fmt.Sprintf("GET /shop/orders?api_key=key-shop-bob HTTP/1.1\r\nHost: x\r\n%s\r\n", strings.Repeat("X: y\r\n", (size-200)/6))
		},
	} {
		assert.Equal(t, 200, r.say(r.dial(), ask(most)).StatusCode, name)
		assert.Equal(t, http.StatusRequestHeaderFieldsTooLarge, r.say(r.dial(), ask(most+more)).StatusCode, name)
	}
	r.stopped()
}

// Requests in flight finish; then nobody listens any more.
func TestStopFinishesRequests(t *testing.T) {
	entered, leave := make(chan struct{}), make(chan struct{})
	r := start(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		close(entered)
		<-leave
		fmt.Fprint(w, "finished")
	}), 0)
	answer := make(chan string, 1)
	conn := r.dial()
	go func() {
		defer close(answer) // say ends this goroutine when nothing comes
		res := r.say(conn, "GET / HTTP/1.1\r\nHost: x\r\n\r\n")
		body, _ := io.ReadAll(res.Body)
		answer <- string(body)
	}()
	<-entered
	r.stop()
	refused := func() bool {
		c, err := (&net.Dialer{}).DialContext(t.Context(), "tcp", r.addr)
		if err == nil {
			c.Close()
		}
		return err != nil
	}
	// The server stops within a second whatever happens: on a busy machine the request may
	// leave before the listener is seen to be gone.
	for until := time.Now().Add(300 * time.Millisecond); !refused() && time.Now().Before(until); {
		time.Sleep(time.Millisecond)
	}
	close(leave)
	assert.Equal(t, "finished", <-answer)
	assert.Less(t, r.stopped(), 10*time.Second)
	assert.True(t, refused(), "no new connections")
}

// What does not finish is cut off, within a second all in all.
func TestStopCutsOff(t *testing.T) {
	entered, gone := make(chan struct{}), make(chan struct{})
	r := start(t, http.HandlerFunc(func(_ http.ResponseWriter, req *http.Request) {
		close(entered)
		<-req.Context().Done()
		close(gone)
	}), 0)
	silent, busy := r.dial(), r.dial()
	_, err := io.WriteString(busy, "GET / HTTP/1.1\r\nHost: x\r\n\r\n")
	require.NoError(t, err)
	<-entered
	assert.Less(t, r.stopped(), 10*time.Second)
	<-gone
	for _, conn := range []net.Conn{silent, busy} {
		_, err := conn.Read(make([]byte, 1))
		assert.Error(t, err)
	}
}

func TestMaxConnections(t *testing.T) {
	host, _ := newHost(t)
	r := start(t, server.New(host, server.Options{}), 2)
	const ask = "GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"
	first, second, third := r.dial(), r.dial(), r.dial()
	assert.Equal(t, 200, r.say(first, ask).StatusCode)
	assert.Equal(t, 200, r.say(second, ask).StatusCode)

	_, err := io.WriteString(third, ask)
	require.NoError(t, err)
	require.NoError(t, third.SetReadDeadline(time.Now().Add(50*time.Millisecond)))
	_, err = third.Read(make([]byte, 1))
	var timeout net.Error
	require.ErrorAs(t, err, &timeout)
	assert.True(t, timeout.Timeout(), "it waits")

	first.Close()
	require.NoError(t, third.SetReadDeadline(time.Now().Add(5*time.Second)))
	res, err := http.ReadResponse(bufio.NewReader(third), nil)
	require.NoError(t, err)
	assert.Equal(t, 200, res.StatusCode)
	res.Body.Close()
	r.stopped()
}

// broken is a listener that fails.
type broken struct{ net.Listener }

var errBroken = errors.New("broken")

func (broken) Accept() (net.Conn, error) { return nil, errBroken }

// One listener that fails ends all.
func TestListenerFails(t *testing.T) {
	var lc net.ListenConfig
	var ports []server.Port
	for range 2 {
		l, err := lc.Listen(t.Context(), "tcp", "127.0.0.1:0")
		require.NoError(t, err)
		ports = append(ports, server.Port{Listener: l, Handler: http.NotFoundHandler()})
	}
	ports[1].Listener = broken{ports[1].Listener}
	err := server.Serve(t.Context(), slog.New(slog.DiscardHandler), ports...)
	assert.ErrorIs(t, err, errBroken)
}

// A defect outside of a handler ends in a 500 and a log line, not in silence.
func TestPanic(t *testing.T) {
	var log bytes.Buffer
	host := brokenHost(t)
	h := server.New(host, server.Options{Log: slog.New(slog.NewTextHandler(&log, nil))})
	w := httptest.NewRecorder()
	h.ServeHTTP(w, request(t, "GET", "127.0.0.1", "/shop/orders"))
	assert.Equal(t, 500, w.Code)
	assert.Equal(t, "application/problem+json", w.Header().Get("Content-Type"))
	assert.Contains(t, log.String(), "a defect")
	assert.Contains(t, log.String(), "/shop/orders")

	// Aborting is a way of answering, for faults.
	host, _ = newHost(t)
	assert.PanicsWithValue(t, http.ErrAbortHandler, func() {
		server.New(host, server.Options{}).ServeHTTP(aborting{httptest.NewRecorder()}, request(t, "GET", "127.0.0.1", "/shop/orders"))
	})
}

// brokenHost panics as soon as a request is for an API.
func brokenHost(t *testing.T) *fakes.Host {
	t.Helper()
	return hostWith(t, func(c *fakes.Config) { c.Faulter = defect{} })
}

type defect struct{}

func (defect) Open(*fakes.Tenant) any            { return nil }
func (defect) Pick(*fakes.Exchange) *fakes.Fault { panic("a defect") }

type aborting struct{ http.ResponseWriter }

func (aborting) WriteHeader(int) { panic(http.ErrAbortHandler) }

// With debug there is a line for each request, and no credential in it.
func TestRequestLog(t *testing.T) {
	var log bytes.Buffer
	host, _ := newHost(t)
	h := server.New(host, server.Options{Log: slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))})
	for target, status := range map[string]int{"/shop/orders?api_key=key-shop-bob": 200, "/shop/orders?api_key=wrong": 403, "/healthz": 200, "/nope": 404} {
		log.Reset()
		h.ServeHTTP(httptest.NewRecorder(), request(t, "GET", "127.0.0.1", target))
		assert.Contains(t, log.String(), fmt.Sprintf("status=%d", status), target)
		assert.Contains(t, log.String(), "method=GET")
		assert.NotContains(t, log.String(), "api_key")
	}
}
