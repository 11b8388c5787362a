package server

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"sync"
	"time"

	"golang.org/x/net/netutil"
)

// Limits that keep one client from holding the sandbox. A request has to arrive
// within a minute, which is long for a 64 MiB state on a laptop; an answer may take
// five, for faults that delay and waits on the journal.
const (
	headerTimeout = 10 * time.Second
	readTimeout   = time.Minute
	writeTimeout  = 5 * time.Minute
	idleTimeout   = 2 * time.Minute
	maxHeader     = 256 << 10 // the request line included: a long list of ids is fine

	// grace is how long requests in flight may take to finish once the sandbox is told
	// to stop; together with what closing costs it stays below a second.
	grace = 800 * time.Millisecond
)

// Port is a listener and what answers on it.
type Port struct {
	Listener net.Listener
	Handler  http.Handler
	// MaxConnections bounds the connections open at once; further ones wait to be
	// accepted. 0 means no bound.
	MaxConnections int
}

// Serve answers on all ports, HTTP/1.1 and HTTP/2 without TLS, until ctx is done or a
// listener fails. Then it takes no more connections, lets requests in flight finish
// for up to 0.8 seconds, and closes what is left. A stop that was asked for is no error.
func Serve(ctx context.Context, log *slog.Logger, ports ...Port) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	failed := make(chan error, len(ports))
	var running sync.WaitGroup
	for _, port := range ports {
		srv := newHTTPServer(port.Handler, log)
		l := port.Listener
		if port.MaxConnections > 0 {
			l = netutil.LimitListener(l, port.MaxConnections)
		}
		running.Go(func() {
			if err := srv.Serve(l); !errors.Is(err, http.ErrServerClosed) {
				failed <- err
				cancel()
			}
		})
		running.Go(func() {
			<-ctx.Done()
			stop(srv)
		})
	}
	running.Wait()
	close(failed)
	return <-failed
}

func newHTTPServer(h http.Handler, log *slog.Logger) *http.Server {
	var protocols http.Protocols
	protocols.SetHTTP1(true)
	protocols.SetUnencryptedHTTP2(true)
	return &http.Server{
		Handler:           h,
		Protocols:         &protocols,
		ReadHeaderTimeout: headerTimeout,
		ReadTimeout:       readTimeout,
		WriteTimeout:      writeTimeout,
		IdleTimeout:       idleTimeout,
		MaxHeaderBytes:    maxHeader,
		ErrorLog:          slog.NewLogLogger(log.Handler(), slog.LevelWarn),
	}
}

func stop(srv *http.Server) {
	ctx, cancel := context.WithTimeout(context.Background(), grace)
	defer cancel()
	if srv.Shutdown(ctx) != nil {
		srv.Close() // nobody waits for what is cut off
	}
}
