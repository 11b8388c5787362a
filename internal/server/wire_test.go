package server_test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/net/http2"
	"golang.org/x/net/http2/hpack"

	"github.com/mediasandbox/sandbox/fakes/fakestest"
	"github.com/mediasandbox/sandbox/internal/server"
)

// Requests sent in one go are answered one after the other.
func TestPipelining(t *testing.T) {
	t.Parallel()
	w := startWhole(t, wholeOptions{})
	conn := w.dial()
	const many = 100
	go func() {
		_, err := io.WriteString(conn, strings.Repeat(rawOrder(pageKey), many))
		assert.NoError(t, err)
	}()
	r := bufio.NewReader(conn)
	last := ""
	for range many {
		res, err := http.ReadResponse(r, nil)
		require.NoError(t, err)
		var reply struct {
			ID string `json:"id_service_submission"`
		}
		require.NoError(t, json.NewDecoder(res.Body).Decode(&reply))
		_, err = io.Copy(io.Discard, res.Body)
		require.NoError(t, err)
		require.Greater(t, reply.ID, last, "in order")
		last = reply.ID
	}
	w.stopped()
}

// What is not HTTP is refused, and nothing else suffers.
func TestMalformed(t *testing.T) {
	t.Parallel()
	w := startWhole(t, wholeOptions{timeouts: server.Timeouts{Header: 200 * time.Millisecond, Read: 200 * time.Millisecond, Idle: 200 * time.Millisecond}})
	const head = "POST /qqtube/v1-api HTTP/1.1\r\nHost: x\r\n"
	var clients sync.WaitGroup
	for name, row := range map[string]struct {
		sent string
		want string // statuses, one of which is the answer; "closed" for none at all
	}{
		"nothing of HTTP":          {"hello\r\n\r\n", "400"},
		"a TLS hello":              {"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + strings.Repeat("\x00", 300), "400"},
		"no version":               {"GET /\r\n\r\n", "400"},
		"version 9":                {"GET / HTTP/9.9\r\nHost: x\r\n\r\n", "505"},
		"no host":                  {"GET / HTTP/1.1\r\n\r\n", "400"},
		"two hosts":                {"GET / HTTP/1.1\r\nHost: x\r\nHost: y\r\n\r\n", "400"},
		"a host with a blank":      {"GET / HTTP/1.1\r\nHost: a b\r\n\r\n", "400"},
		"a blank before a colon":   {"GET / HTTP/1.1\r\nHost: x\r\nX : y\r\n\r\n", "400"},
		"a zero byte":              {"GET / HTTP/1.1\r\nHost: x\r\nX: a\x00b\r\n\r\n", "400"},
		"a bare carriage return":   {"GET / HTTP/1.1\r\nHost: x\r\nX: a\rb\r\n\r\n", "400"},
		"a header without colon":   {"GET / HTTP/1.1\r\nHost: x\r\nnothing\r\n\r\n", "400"},
		"two lengths":              {head + "Content-Length: 3\r\nContent-Length: 4\r\n\r\nabcd", "400"},
		"a negative length":        {head + "Content-Length: -1\r\n\r\n", "400"},
		"a length in hexadecimal":  {head + "Content-Length: 0x4\r\n\r\nabcd", "400"},
		"a length beyond all":      {head + "Content-Length: 99999999999999999999\r\n\r\n", "400"},
		"an enormous length":       {head + "Content-Length: 9223372036854775807\r\n\r\n", "413"},
		"an unknown encoding":      {head + "Transfer-Encoding: gzip\r\n\r\n", "501"},
		"two encodings":            {head + "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n0\r\n\r\n", "400 501"},
		"a chunk of no number":     {head + "Transfer-Encoding: chunked\r\n\r\nzz\r\n", "400"},
		"an enormous chunk":        {head + "Transfer-Encoding: chunked\r\n\r\nffffffffffffffffff\r\n", "400"},
		"a chunk with an essay":    {head + "Transfer-Encoding: chunked\r\n\r\n1;" + strings.Repeat("x", 8192) + "\r\n", "400"},
		"a body cut short":         {head + "Content-Length: 10\r\n\r\nabc", "400 408"},
		"an unknown expectation":   {head + "Expect: 200-maybe\r\nContent-Length: 1\r\n\r\na", "417"},
		"a target without a slash": {"GET qqtube HTTP/1.1\r\nHost: x\r\n\r\n", "400"},
		"a method with a slash":    {"G/ET / HTTP/1.1\r\nHost: x\r\n\r\n", "400"},
		"an empty method":          {" / HTTP/1.1\r\nHost: x\r\n\r\n", "400"},
		"only line breaks":         {"\r\n\r\n\r\n\r\n", "400 closed"},
		"a preface, then HTTP/1":   {http2.ClientPreface + "GET / HTTP/1.1\r\nHost: x\r\n\r\n", "closed"},
		"a preface, then nonsense": {http2.ClientPreface + "\x00\x00\x00\x09\x00\x00\x00\x00\x00", "closed"},
		"half a preface":           {"PRI * HTTP/2.0\r\n\r\nXX\r\n\r\n", "404"},
		"an upgrade to HTTP/2":     {"GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQAAP__\r\n\r\n", "200"},
		"an upgrade to WebSocket":  {"GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n", "200"},
	} {
		conn := w.dial()
		clients.Go(func() {
			_, err := io.WriteString(conn, row.sent)
			assert.NoError(t, err, name)
			got := "closed"
			if first, err := bufio.NewReader(conn).ReadString('\n'); err == nil && strings.HasPrefix(first, "HTTP/1.1 ") {
				got = first[9:12]
			} else {
				var timeout net.Error
				assert.False(t, errors.As(err, &timeout) && timeout.Timeout(), "%s: neither an answer nor an end", name)
			}
			assert.Contains(t, row.want, got, name)
			conn.Close()
		})
	}
	clients.Wait()
	w.healthy()
}

// Bytes at random break nothing, in HTTP/1 nor behind the preface of HTTP/2.
func TestRandomBytes(t *testing.T) {
	t.Parallel()
	w := startWhole(t, wholeOptions{timeouts: server.Timeouts{Header: 100 * time.Millisecond, Read: 100 * time.Millisecond, Idle: 100 * time.Millisecond}})
	r := fakestest.Random(t)
	frames := []string{"", "GET ", "POST /qqtube/v1-api HTTP/1.1\r\nHost: x\r\n", http2.ClientPreface, http2.ClientPreface + "\x00\x00\x00\x04\x00\x00\x00\x00\x00"}
	var clients sync.WaitGroup
	for range 60 {
		data := make([]byte, r.IntN(3000))
		for i := range data {
			data[i] = byte(r.Uint32())
		}
		begin := frames[r.IntN(len(frames))]
		conn := w.dial()
		clients.Go(func() {
			if _, err := io.WriteString(conn, begin+string(data)); err == nil {
				_, err = io.Copy(io.Discard, conn)
				var timeout net.Error
				assert.False(t, errors.As(err, &timeout) && timeout.Timeout(), "it stays open")
			}
			conn.Close()
		})
	}
	clients.Wait()
	w.healthy()
}

// healthy asks for something that works, and for the log, which has no defect in it.
func (w *whole) healthy() {
	w.t.Helper()
	status, body, err := w.do("GET", "/qqtube/v1-api?action=funds&api_key="+pageKey, "", "")
	require.NoError(w.t, err)
	assert.Equal(w.t, 200, status, body)
	assert.NotContains(w.t, w.log.String(), "panic")
	assert.Less(w.t, w.stopped(), 10*time.Second)
}

// Methods that no vendor documents are answered in the vendor's words, and echo nothing.
func TestUnusualMethods(t *testing.T) {
	t.Parallel()
	w := startWhole(t, wholeOptions{})
	for _, method := range []string{"HEAD", "OPTIONS", "TRACE", "CONNECT", "PUT", "DELETE", "PATCH", "PROPFIND", "BREW"} {
		for _, target := range []string{"/qqtube/v1-api?action=funds", "/polyv/v2/danmu/8205ac89d3", "/cliparto/apiq/", "/qulive/vod/getSts", "/interstream/api.php", "/__admin/version", "/healthz", "/"} {
			conn := w.dial()
			_, err := fmt.Fprintf(conn, "%s %s HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Secret: do-not-echo\r\nConnection: close\r\n\r\n", method, target)
			require.NoError(t, err)
			req, err := http.NewRequest(method, "http://x", nil)
			require.NoError(t, err)
			res, err := http.ReadResponse(bufio.NewReader(conn), req)
			require.NoError(t, err, "%s %s", method, target)
			body, err := io.ReadAll(res.Body)
			require.NoError(t, err)
			assert.NotContains(t, string(body), "do-not-echo")
			assert.Less(t, res.StatusCode, 500, "%s %s", method, target)
			switch {
			case method == "HEAD", method == "OPTIONS" && res.StatusCode == 204:
				assert.Empty(t, body)
			case strings.HasPrefix(target, "/interstream"): // it says everything with 200
				assert.Contains(t, string(body), "REQUEST_ERROR")
			default:
				assert.GreaterOrEqual(t, res.StatusCode, 400, "%s %s: %s", method, target, body)
			}
			for name := range res.Header {
				assert.NotContains(t, name, "Access-Control")
			}
		}
	}
	w.healthy()
}

// endless is a body that goes on and counts what was taken of it.
type endless struct {
	taken atomic.Int64
	limit int64
}

func (e *endless) Read(p []byte) (int, error) {
	n := int(min(int64(len(p)), e.limit-e.taken.Load()))
	if n == 0 {
		return 0, io.EOF
	}
	for i := range n {
		p[i] = 'x'
	}
	e.taken.Add(int64(n))
	return n, nil
}

// A body beyond the bound is refused before it is read, and is not kept.
func TestLargeBodies(t *testing.T) {
	w := startWhole(t, wholeOptions{})
	const mega = 1 << 20
	send := func(path string, size int64, declared bool) (status int, taken int64) {
		body := &endless{limit: size}
		r, err := http.NewRequest("POST", w.base+path, body)
		require.NoError(t, err)
		r.ContentLength = -1
		if declared {
			r.ContentLength = size
		}
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		res, err := w.client.Do(r)
		require.NoError(t, err)
		defer res.Body.Close()
		answer, err := io.ReadAll(res.Body)
		require.NoError(t, err)
		if res.StatusCode == 413 {
			assert.Contains(t, string(answer), "too large", path)
		}
		return res.StatusCode, body.taken.Load()
	}
	for _, path := range []string{"/qqtube/v1-api", "/polyv/v2/danmu/8205ac89d3/delete", "/interstream/api.php", "/qulive/vodcallback/callback", "/cliparto/apiq/", "/qulive/-/x.mp4"} {
		for _, declared := range []bool{true, false} {
			status, _ := send(path, mega, declared)
			assert.NotEqual(t, 413, status, "%s: a body of the largest size", path)
			status, _ = send(path, mega+1, declared)
			assert.Equal(t, 413, status, "%s: one byte more", path)
		}
	}

	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	for range 5 {
		for _, declared := range []bool{true, false} {
			status, taken := send("/qqtube/v1-api", 100*mega, declared)
			assert.Equal(t, 413, status)
			assert.Less(t, taken, int64(32*mega), "what lies in the buffers between")
		}
	}
	runtime.ReadMemStats(&after)
	allocated := after.TotalAlloc - before.TotalAlloc
	t.Logf("10 bodies of 100 MB: %d KiB allocated on both sides", allocated>>10)
	assert.Less(t, allocated, uint64(100*mega), "they are not buffered")

	// With Expect, not even the beginning is sent.
	conn := w.dial()
	res := w.say(conn, "POST /qqtube/v1-api HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 104857600\r\n\r\n")
	assert.Equal(t, 413, res.StatusCode)

	// Who announces a large body and sends none of it costs little.
	const many = 200
	idle := heap()
	for range many {
		_, err := fmt.Fprintf(w.dial(), "POST /qqtube/v1-api HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n", mega)
		require.NoError(t, err)
	}
	require.Eventually(t, func() bool { return w.bodiesAwaited() >= many }, 5*time.Second, 5*time.Millisecond)
	per := (heap() - idle) / many
	assert.Less(t, per, int64(64<<10), "of memory for each")
	w.stop()
}

// announced is a body of which nothing comes.
type announced struct{ room int }

func (a *announced) Read(p []byte) (int, error) {
	a.room = max(a.room, len(p))
	return 0, io.ErrUnexpectedEOF
}

// However large a body is said to be, 16 KiB are set aside for it until some of it has come.
func TestBodiesTakeWhatComes(t *testing.T) {
	host, _ := newHost(t)
	h := server.New(host, server.Options{})
	for length, want := range map[int64]int{1 << 20: 16 << 10, 16<<10 + 1: 16 << 10, 16 << 10: 16 << 10, 100: 100, -1: 16 << 10} {
		r := request(t, "POST", "127.0.0.1", "/shop/orders")
		body := &announced{}
		r.Body, r.ContentLength = io.NopCloser(body), length
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		assert.Equal(t, 400, w.Code)
		assert.Equal(t, want, body.room, "%d bytes are announced", length)
	}
}

// bodiesAwaited is how many goroutines read a body.
func (w *whole) bodiesAwaited() int {
	stacks := make([]byte, 8<<20)
	return bytes.Count(stacks[:runtime.Stack(stacks, true)], []byte("fakes.readBody("))
}

// Fields beyond their bounds are refused, files of a form are not parameters.
func TestManyFields(t *testing.T) {
	t.Parallel()
	w := startWhole(t, wholeOptions{})
	ask := func(ctype, body string) int {
		status, _, err := w.do("POST", "/qqtube/v1-api", ctype, body)
		require.NoError(t, err)
		return status
	}
	const form = "application/x-www-form-urlencoded"
	assert.Equal(t, 200, ask(form, strings.Repeat("a=b&", 1000)))
	assert.Equal(t, 400, ask(form, strings.Repeat("a=b&", 1001)))
	parts := func(n int, file string) string {
		return strings.Repeat("--B\r\nContent-Disposition: form-data; name=\"a\""+file+"\r\n\r\nb\r\n", n) + "--B--\r\n"
	}
	assert.Equal(t, 200, ask("multipart/form-data; boundary=B", parts(1000, "")))
	assert.Equal(t, 400, ask("multipart/form-data; boundary=B", parts(1001, "")))
	assert.Equal(t, 200, ask("multipart/form-data; boundary=B", parts(5000, `; filename="f"`)))
	assert.Equal(t, 200, ask("multipart/form-data; boundary=B", strings.Repeat("--B\r\n", 100_000)), "parts without a name")

	conn := w.dial()
	_, err := io.WriteString(conn, "GET / HTTP/1.1\r\nHost: x\r\n"+strings.Repeat("A: b\r\n", 60_000)+"\r\n")
	require.NoError(t, err)
	res, err := http.ReadResponse(bufio.NewReader(conn), nil)
	require.NoError(t, err)
	assert.Equal(t, http.StatusRequestHeaderFieldsTooLarge, res.StatusCode)
	w.healthy()
}

// framer opens a connection of HTTP/2 and returns it with the server's settings.
func (w *whole) framer() (*http2.Framer, map[http2.SettingID]uint32) {
	w.t.Helper()
	conn := w.dial()
	_, err := io.WriteString(conn, http2.ClientPreface)
	require.NoError(w.t, err)
	f := http2.NewFramer(conn, conn)
	require.NoError(w.t, f.WriteSettings())
	frame, err := f.ReadFrame()
	require.NoError(w.t, err)
	settings, ok := frame.(*http2.SettingsFrame)
	require.True(w.t, ok, "%v", frame)
	out := map[http2.SettingID]uint32{}
	require.NoError(w.t, settings.ForeachSetting(func(s http2.Setting) error { out[s.ID] = s.Val; return nil }))
	require.NoError(w.t, f.WriteSettingsAck())
	return f, out
}

// get asks for a path on a stream.
func get(t *testing.T, f *http2.Framer, stream uint32, path string) {
	t.Helper()
	var block bytes.Buffer
	enc := hpack.NewEncoder(&block)
	for _, h := range [][2]string{{":method", "GET"}, {":scheme", "http"}, {":authority", "127.0.0.1"}, {":path", path}} {
		require.NoError(t, enc.WriteField(hpack.HeaderField{Name: h[0], Value: h[1]}))
	}
	require.NoError(t, f.WriteHeaders(http2.HeadersFrameParam{StreamID: stream, BlockFragment: block.Bytes(), EndStream: true, EndHeaders: true}))
}

// One connection of HTTP/2 carries a bounded number of requests at once, all connections
// together as many as there may be.
func TestStreams(t *testing.T) {
	t.Parallel()
	const most = 20
	w := startWhole(t, wholeOptions{server: func(o *server.Options) { o.MaxRequests = most }})
	f, settings := w.framer()
	assert.EqualValues(t, 250, settings[http2.SettingMaxConcurrentStreams])
	for i := range uint32(2 * most) {
		get(t, f, 2*i+1, "/__admin/requests/wait?timeout=4m")
	}
	statuses := map[string]int{}
	dec := hpack.NewDecoder(4096, func(h hpack.HeaderField) {
		if h.Name == ":status" {
			statuses[h.Value]++
		}
	})
	for statuses["503"] < most {
		frame, err := f.ReadFrame()
		require.NoError(t, err)
		if h, ok := frame.(*http2.HeadersFrame); ok {
			_, err = dec.Write(h.HeaderBlockFragment())
			require.NoError(t, err)
		}
	}
	assert.Equal(t, map[string]int{"503": most}, statuses, "as many wait as may")
	status, body, err := w.do("GET", "/healthz", "", "")
	require.NoError(t, err)
	assert.Equal(t, 503, status, body)

	// Who opens streams and ends them at once gets nowhere with it.
	for i := range uint32(most) {
		require.NoError(t, f.WriteRSTStream(2*i+1, http2.ErrCodeCancel))
	}
	require.Eventually(t, func() bool {
		status, _, err := w.do("GET", "/healthz", "", "")
		return err == nil && status == 200
	}, 5*time.Second, 5*time.Millisecond)
	for i := range uint32(5000) {
		stream := 2*(2*most+i) + 1
		if f.WriteHeaders(http2.HeadersFrameParam{StreamID: stream, BlockFragment: []byte{0x82, 0x86, 0x84, 0x01, 0x09, '1', '2', '7', '.', '0', '.', '0', '.', '1'}, EndStream: true, EndHeaders: true}) != nil ||
			f.WriteRSTStream(stream, http2.ErrCodeCancel) != nil {
			break // it was told to go away
		}
	}
	w.healthy()
}

// The header Date is the tenant's clock, as is everything else that tells the time: a
// client that sets its own by it signs in time.
func TestDate(t *testing.T) {
	t.Parallel()
	w := startWhole(t, wholeOptions{})
	w.admin("PUT", "/clock", `{"now":"2026-03-18T12:00:00.9Z","frozen":true}`)
	for _, path := range []string{
		"/qqtube/v1-api", "/polyv/v2/video/3828390191/authplay-status", "/cliparto/apiq/", "/qulive/demo/getSts", "/interstream/api.php", "/polyv/nothing",
	} {
		res, err := w.client.Get(w.base + path)
		require.NoError(t, err)
		res.Body.Close()
		assert.Equal(t, []string{"Wed, 18 Mar 2026 12:00:00 GMT"}, res.Header.Values("Date"), path)
	}
	res, err := w.client.Get(w.base + "/healthz")
	require.NoError(t, err)
	res.Body.Close()
	assert.NotEqual(t, "Wed, 18 Mar 2026 12:00:00 GMT", res.Header.Get("Date"), "no tenant's")
}
