package server_test

import (
	"bytes"
	"context"
	"flag"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/mediasandbox/sandbox/fakes"
	"github.com/mediasandbox/sandbox/fakes/all"
	"github.com/mediasandbox/sandbox/internal/admin"
	"github.com/mediasandbox/sandbox/internal/callbacks"
	"github.com/mediasandbox/sandbox/internal/contract"
	"github.com/mediasandbox/sandbox/internal/coverage"
	"github.com/mediasandbox/sandbox/internal/faults"
	"github.com/mediasandbox/sandbox/internal/journal"
	"github.com/mediasandbox/sandbox/internal/metrics"
	"github.com/mediasandbox/sandbox/internal/server"
	"github.com/mediasandbox/sandbox/specs/openapi"
)

// connections is how many keep-alive connections are opened at once: go test -run
// KeepAlive ./internal/server -connections 10000, where the limit on open files allows it.
var connections = flag.Int("connections", 2000, "keep-alive connections")

// documents are the contracts, read once: nobody changes them.
var documents = sync.OnceValues(openapi.LoadAll)

// lockedBuffer is a log that many write to.
type lockedBuffer struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (b *lockedBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.Write(p)
}

func (b *lockedBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.String()
}

// whole is a sandbox with everything in it, as the command runs it, on a port.
type whole struct {
	*running
	host      *fakes.Host
	log       *lockedBuffer // all of it, debug included
	base      string
	client    *http.Client
	callbacks *callbacks.Dispatcher
}

// wholeOptions change a sandbox before it starts; the zero value changes nothing.
type wholeOptions struct {
	host        func(*fakes.Config)
	server      func(*server.Options)
	timeouts    server.Timeouts
	connections int
	breaches    bool // replies outside the contract are expected
	dial        func(ctx context.Context, network, address string) (net.Conn, error)
	resolve     func(ctx context.Context, host string) ([]netip.Addr, error)
}

func startWhole(t *testing.T, o wholeOptions) *whole {
	t.Helper()
	docs, err := documents()
	require.NoError(t, err)
	var inOrder []*contract.Document
	for _, name := range openapi.APIs() {
		inOrder = append(inOrder, docs[name])
	}
	w := &whole{log: &lockedBuffer{}}
	log := slog.New(slog.NewJSONHandler(w.log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	breaker, err := faults.New(faults.Config{Documents: docs})
	require.NoError(t, err)
	kept := journal.New(journal.Config{Documents: docs, Coverage: coverage.NewCatalog(inOrder...)})
	figures := metrics.New(docs, kept)
	loopback, err := callbacks.ParseAllow("loopback")
	require.NoError(t, err)
	w.callbacks = callbacks.New(callbacks.Config{Allow: loopback, Log: log, Dial: o.dial, Resolve: o.resolve})
	cfg := fakes.Config{
		APIs: all.APIs(), Documents: docs, Recorder: figures, Faulter: breaker, OnEvents: w.callbacks.OnEvents, Log: log,
		Settings: map[string]string{"cliparto.limits": "off"},
		OnBreach: func(b fakes.Breach) {
			if !o.breaches {
				t.Error(b)
			}
		},
	}
	if o.host != nil {
		o.host(&cfg)
	}
	w.host, err = fakes.New(cfg)
	require.NoError(t, err)
	w.callbacks.Attach(w.host)
	figures.Watch(metrics.Gauges{Tenants: w.host.TenantCount, Journal: func() metrics.JournalStats { return metrics.JournalStats{} }})
	options := server.Options{Log: log, Admin: admin.Config{Log: log, Metrics: figures.Page, Callbacks: w.callbacks}}
	if o.server != nil {
		o.server(&options)
	}
	var lc net.ListenConfig
	l, err := lc.Listen(t.Context(), "tcp", "127.0.0.1:0")
	require.NoError(t, err)
	ctx, stop := context.WithCancel(context.Background())
	w.running = &running{t: t, addr: l.Addr().String(), stop: stop, done: make(chan error, 1)}
	w.base = "http://" + w.addr
	port := server.Port{Listener: l, Handler: server.New(w.host, options), Timeouts: o.timeouts, MaxConnections: o.connections}
	go func() { w.done <- server.Serve(ctx, log, port) }()
	w.client = &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 64}, Timeout: time.Minute}
	t.Cleanup(func() {
		w.client.CloseIdleConnections()
		stop()
		w.callbacks.Close(t.Context())
	})
	return w
}

// do sends a request and returns the answer, whose body was read. It may be called from
// any goroutine.
func (w *whole) do(method, path, ctype, body string) (status int, answer string, err error) {
	r, err := http.NewRequest(method, w.base+path, strings.NewReader(body))
	if err != nil {
		return 0, "", err
	}
	if ctype != "" {
		r.Header.Set("Content-Type", ctype)
	}
	res, err := w.client.Do(r)
	if err != nil {
		return 0, "", err
	}
	defer res.Body.Close()
	data, err := io.ReadAll(res.Body)
	return res.StatusCode, string(data), err
}

// admin calls the admin API and wants a success.
func (w *whole) admin(method, path, body string) string {
	w.t.Helper()
	status, answer, err := w.do(method, "/__admin"+path, "application/json", body)
	require.NoError(w.t, err)
	require.Less(w.t, status, 300, "%s %s: %s", method, path, answer)
	return answer
}

// form posts a form to QQTube.
func (w *whole) form(values url.Values) (int, string, error) {
	return w.do("POST", "/qqtube/v1-api", "application/x-www-form-urlencoded", values.Encode())
}

// order is the form of an order.
func order(key string) url.Values {
	return url.Values{"api_key": {key}, "action": {"add"}, "url": {"https://youtu.be/abc"}, "id_service": {"30"}, "quantity": {"500"}}
}

// raw is an order as it goes over the wire.
func rawOrder(key string) string {
	body := order(key).Encode()
	return "POST /qqtube/v1-api HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: " +
		itoa(len(body)) + "\r\n\r\n" + body
}

// pageKey is the default tenant's key at QQTube.
const pageKey = "172a1c261d1d84916d9e7321153d0416acab98fc"

// heap is what is in use after a collection, in bytes.
func heap() int64 {
	var m runtime.MemStats
	runtime.GC()
	runtime.GC() // what a pool or a finalizer held on to
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc + m.StackInuse)
}
