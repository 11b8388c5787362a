package server_test

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/mediasandbox/sandbox/internal/server"
)

func itoa(n int) string { return strconv.Itoa(n) }

// quick are timeouts that a test can wait for.
var quick = server.Timeouts{Header: 150 * time.Millisecond, Read: 400 * time.Millisecond, Write: 10 * time.Second, Idle: 150 * time.Millisecond}

// trickle sends text a byte at a time until that fails, and returns how long it took.
func trickle(conn net.Conn, text string) time.Duration {
	begin := time.Now()
	for i := range len(text) {
		if _, err := io.WriteString(conn, text[i:i+1]); err != nil {
			break
		}
		time.Sleep(10 * time.Millisecond)
	}
	return time.Since(begin)
}

// Clients that send next to nothing are let go, all of them at once, while others are
// served.
func TestSlowClients(t *testing.T) {
	t.Parallel()
	w := startWhole(t, wholeOptions{timeouts: quick})
	const soon = 8 * time.Second // the timeouts are far shorter, the machine may be busy
	endless := strings.Repeat("x", 1000)
	closed := func(conn net.Conn, within time.Duration) {
		require.NoError(t, conn.SetReadDeadline(time.Now().Add(within)))
		_, err := io.Copy(io.Discard, conn)
		var timeout net.Error
		assert.False(t, errors.As(err, &timeout) && timeout.Timeout(), "it is still open")
	}
	slowBody := func(path string, status int) {
		conn := w.dial()
		_, err := io.WriteString(conn, "POST "+path+" HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: 50000\r\n\r\n")
		assert.NoError(t, err)
		answer := make(chan *http.Response, 1)
		go func() {
			res, err := http.ReadResponse(bufio.NewReader(conn), nil)
			assert.NoError(t, err)
			answer <- res
		}()
		assert.Less(t, trickle(conn, endless), soon)
		if res := <-answer; assert.NotNil(t, res) {
			assert.Equal(t, status, res.StatusCode, path)
			assert.True(t, res.Close)
			res.Body.Close()
		}
	}
	var clients sync.WaitGroup
	for _, attack := range map[string]func(){
		"silent": func() { closed(w.dial(), soon) },
		"a header, byte by byte": func() {
			conn := w.dial()
			assert.Less(t, trickle(conn, "GET / HTTP/1.1\r\nX: "+endless), soon)
			closed(conn, soon)
		},
		"headers, line by line": func() {
			conn := w.dial()
			_, err := io.WriteString(conn, "GET / HTTP/1.1\r\n")
			assert.NoError(t, err)
			begin := time.Now()
			for time.Since(begin) < soon {
				if _, err := io.WriteString(conn, "X: y\r\n"); err != nil {
					break
				}
				time.Sleep(20 * time.Millisecond)
			}
			assert.Less(t, time.Since(begin), soon)
			closed(conn, soon)
		},
		"a body, byte by byte":    func() { slowBody("/qqtube/v1-api", http.StatusRequestTimeout) },
		"a body of the admin API": func() { slowBody("/__admin/tenants", http.StatusRequestTimeout) },
		"a chunked body that never ends": func() {
			conn := w.dial()
			_, err := io.WriteString(conn, "POST /qqtube/v1-api HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n")
			assert.NoError(t, err)
			assert.Less(t, trickle(conn, strings.Repeat("1\r\nx\r\n", 200)), soon)
			closed(conn, soon)
		},
		"idle after an answer": func() {
			conn := w.dial()
			assert.Equal(t, 200, w.say(conn, "GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n").StatusCode)
			closed(conn, soon)
		},
		"a preface, and nothing more": func() {
			conn := w.dial()
			_, err := io.WriteString(conn, "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n")
			assert.NoError(t, err)
			closed(conn, soon)
		},
	} {
		for range 3 {
			clients.Go(func() {
				attack()
			})
		}
	}
	for range 20 { // others are served meanwhile
		status, _, err := w.do("GET", "/healthz", "", "")
		require.NoError(t, err)
		require.Equal(t, 200, status)
		time.Sleep(10 * time.Millisecond)
	}
	clients.Wait()
	assert.Less(t, w.stopped(), 10*time.Second)
}

// A client that asks on and on and takes no answer is let go.
func TestWhoNeverReads(t *testing.T) {
	t.Parallel()
	w := startWhole(t, wholeOptions{timeouts: server.Timeouts{Write: 200 * time.Millisecond}})
	conn := w.dial()
	ask := strings.Repeat("GET /qqtube/v1-api?action=services&api_key="+pageKey+" HTTP/1.1\r\nHost: x\r\n\r\n", 50)
	begin := time.Now()
	for { // until the answers fill every buffer on the way
		if _, err := io.WriteString(conn, ask); err != nil {
			break
		}
	}
	assert.Less(t, time.Since(begin), 8*time.Second, "before the deadline of the connection")
	assert.Less(t, w.stopped(), 10*time.Second)
}

// A client that closes its half after asking is answered.
func TestHalfClosed(t *testing.T) {
	t.Parallel()
	w := startWhole(t, wholeOptions{})
	conn := w.dial()
	_, err := io.WriteString(conn, rawOrder(pageKey))
	require.NoError(t, err)
	require.NoError(t, conn.(*net.TCPConn).CloseWrite())
	res, err := http.ReadResponse(bufio.NewReader(conn), nil)
	require.NoError(t, err)
	body, err := io.ReadAll(res.Body)
	require.NoError(t, err)
	assert.Contains(t, string(body), `"status":"success"`)
	w.stopped()
}

// Many keep-alive connections are all served, cost little each, and leave nothing behind.
func TestKeepAliveConnections(t *testing.T) {
	want := *connections
	if room := openFiles() / 2; want > room-100 { // both ends are in this process
		t.Logf("%d connections fit into the limit on open files", room-100)
		want = room - 100
	}
	w := startWhole(t, wholeOptions{})
	before, routines := heap(), runtime.NumGoroutine()
	conns := make([]net.Conn, want)
	var workers sync.WaitGroup
	each := func(f func(conn net.Conn, r *bufio.Reader)) {
		const many = 8
		for n := range many {
			workers.Go(func() {
				r := bufio.NewReaderSize(nil, 1024)
				for i := n; i < want; i += many {
					r.Reset(conns[i])
					f(conns[i], r)
				}
			})
		}
		workers.Wait()
	}
	for i := range conns {
		conn, err := (&net.Dialer{Timeout: 10 * time.Second}).DialContext(t.Context(), "tcp", w.addr)
		require.NoError(t, err)
		conns[i] = conn
		defer conn.Close()
	}
	ask := fmt.Sprintf("GET /qqtube/v1-api?action=funds&api_key=%s HTTP/1.1\r\nHost: x\r\n\r\n", pageKey)
	for range 2 {
		each(func(conn net.Conn, r *bufio.Reader) {
			_, err := io.WriteString(conn, ask)
			if !assert.NoError(t, err) {
				return
			}
			res, err := http.ReadResponse(r, nil)
			if assert.NoError(t, err) {
				assert.Equal(t, 200, res.StatusCode)
				_, err = io.Copy(io.Discard, res.Body)
				assert.NoError(t, err)
			}
		})
	}
	per := (heap() - before) / int64(want)
	t.Logf("%d connections, %d bytes each, both ends together", want, per)
	assert.Less(t, per, int64(64<<10))
	for _, conn := range conns {
		conn.Close()
	}
	require.Eventually(t, func() bool { return runtime.NumGoroutine() < routines+20 }, 10*time.Second, 10*time.Millisecond, "their goroutines end")
	w.stopped()
}
