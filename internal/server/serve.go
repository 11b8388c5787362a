package server

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"sync"
	"time"
)

// Limits that keep one client from holding the sandbox.
const (
	maxHeader  = 256 << 10 // bytes, the request line included: a long list of ids is fine
	maxStreams = 250       // requests at once on one HTTP/2 connection

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
	Timeouts       Timeouts
}

// Timeouts are how long a client may take. A zero one takes its default.
type Timeouts struct {
	Header time.Duration // for the request line and the header: 10 seconds
	Read   time.Duration // for the whole request: a minute, which is long for a 64 MiB state on a laptop
	Write  time.Duration // for the answer: five minutes, for faults that delay and waits on the journal
	Idle   time.Duration // between two requests on a connection: two minutes
}

// complete fills in the defaults.
func (t Timeouts) complete() Timeouts {
	for _, row := range []struct {
		timeout *time.Duration
		def     time.Duration
	}{{&t.Header, 10 * time.Second}, {&t.Read, time.Minute}, {&t.Write, 5 * time.Minute}, {&t.Idle, 2 * time.Minute}} {
		if *row.timeout <= 0 {
			*row.timeout = row.def
		}
	}
	return t
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
		srv := newHTTPServer(port.Handler, port.Timeouts.complete(), log)
		l := port.Listener
		if port.MaxConnections > 0 {
			l = limited(l, port.MaxConnections)
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

func newHTTPServer(h http.Handler, t Timeouts, log *slog.Logger) *http.Server {
	var protocols http.Protocols
	protocols.SetHTTP1(true)
	protocols.SetUnencryptedHTTP2(true)
	return &http.Server{
		Handler:           h,
		Protocols:         &protocols,
		HTTP2:             &http.HTTP2Config{MaxConcurrentStreams: maxStreams},
		ReadHeaderTimeout: t.Header,
		ReadTimeout:       t.Read,
		WriteTimeout:      t.Write,
		IdleTimeout:       t.Idle,
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
