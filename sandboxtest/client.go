package sandboxtest

import (
	"context"
	"log/slog"
	"net"
	"net/http"
	"sync"

	"github.com/mediasandbox/sandbox/internal/server"
)

// origin is where the APIs are while the test has no port. No such host exists (RFC 6761),
// so that a client which is not sb.Client fails at once instead of calling somebody.
const origin = "http://sandbox.invalid"

// Client returns an HTTP client that reaches the sandbox in process: no port, no name is
// looked up. Every request goes to the sandbox, whatever its host: to the base URLs, and to
// the vendors' own host names over http or https, so that a client whose URLs cannot be
// changed is tested by its http.Client alone.
func (sb *Sandbox) Client() *http.Client {
	sb.mu.Lock()
	defer sb.mu.Unlock()
	if sb.client == nil {
		in := newPipes()
		stop := serve(in, sb)
		transport := &http.Transport{DialContext: in.dial, DialTLSContext: in.dial, MaxIdleConnsPerHost: 16}
		sb.client = &http.Client{Transport: transport}
		stopped := func() { transport.CloseIdleConnections(); stop() }
		if !sb.onClose(stopped) {
			stopped()
		}
	}
	return sb.client
}

// URL starts a port on the loopback address, once, and returns its URL: for programs in other
// languages, and for clients that cannot be given an http.Client. From then on BaseURL names
// it. Requests to it are the test's own, also those that bear no credential.
func (sb *Sandbox) URL() string {
	sb.t.Helper()
	sb.mu.Lock()
	defer sb.mu.Unlock()
	if sb.port == nil {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			sb.t.Fatalf("sandboxtest: %s", err)
			return ""
		}
		stop := serve(l, sb)
		sb.port = &port{"http://" + l.Addr().String()}
		if !sb.onClose(stop) {
			stop()
		}
	}
	return sb.port.url
}

type port struct{ url string }

// BaseURL returns where an API is: what the vendor's own origin, such as
// https://api.polyv.net, is to be replaced by. It is reached with Client; once URL was
// called, with any client.
func (sb *Sandbox) BaseURL(api string) string {
	sb.t.Helper()
	if sb.host.Document(api) == nil {
		sb.t.Fatalf("sandboxtest: there is no API %q", api)
	}
	sb.mu.Lock()
	defer sb.mu.Unlock()
	if sb.port != nil {
		return sb.port.url + "/" + api
	}
	return origin + "/" + api
}

// serve answers on a listener until stop is called, which returns when nothing runs any more.
func serve(l net.Listener, h http.Handler) (stop func()) {
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() {
		defer close(done)
		server.Serve(ctx, slog.New(slog.DiscardHandler), server.Port{Listener: l, Handler: h})
	}()
	return func() { cancel(); <-done }
}

// pipes is a listener without a network: net/http's own client and server are joined by it,
// so that timeouts, broken connections and half replies are what they are elsewhere.
type pipes struct {
	conns  chan net.Conn
	closed chan struct{}
	once   sync.Once
}

func newPipes() *pipes { return &pipes{conns: make(chan net.Conn), closed: make(chan struct{})} }

func (p *pipes) dial(ctx context.Context, _, _ string) (net.Conn, error) {
	here, there := net.Pipe()
	select {
	case p.conns <- there:
		return here, nil
	case <-p.closed:
		return nil, net.ErrClosed
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// Accept is net.Listener's.
func (p *pipes) Accept() (net.Conn, error) {
	select {
	case c := <-p.conns:
		return c, nil
	case <-p.closed:
		return nil, net.ErrClosed
	}
}

// Close is net.Listener's.
func (p *pipes) Close() error {
	p.once.Do(func() { close(p.closed) })
	return nil
}

// Addr is net.Listener's.
func (p *pipes) Addr() net.Addr { return &net.UnixAddr{Name: "sandbox", Net: "pipe"} }
