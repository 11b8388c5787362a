// Package server stands between the network and the host: it leads each request to
// an API, to the admin API or to a hint, and runs the listeners. It has no words of
// its own for a vendor's path; whatever names an API is answered by the host.
package server

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"runtime/debug"
	"sync/atomic"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/mediasandbox/sandbox/fakes"
	"github.com/mediasandbox/sandbox/internal/admin"
)

// Options are the choices for a handler. The zero value serves APIs and admin API
// together.
type Options struct {
	Admin admin.Config
	// AdminURL is where the admin API is answered when that is not here; "" when it is.
	AdminURL string
	// MaxRequests bounds the requests that are answered at once; further ones are refused.
	// One HTTP/2 connection carries many, so that a bound on connections is none on them.
	// 0 means no bound.
	MaxRequests int
	Log         *slog.Logger // nil discards
}

// New returns the handler of a sandbox: the APIs, the health checks and, unless it is
// elsewhere, the admin API. It is all that runs in a process; tests and the verifier
// use it without a network.
func New(host *fakes.Host, o Options) http.Handler {
	s := newServer(host, o)
	if o.AdminURL == "" {
		s.admin.Mount(s.echo)
	} else {
		s.admin.MountHealth(s.echo)
	}
	return s.echo
}

// NewAdmin returns the handler of a port for the admin API alone.
func NewAdmin(host *fakes.Host, o Options) http.Handler {
	s := newServer(host, o)
	s.alone = true
	s.admin.Mount(s.echo)
	return s.echo
}

type server struct {
	host  *fakes.Host
	opts  Options
	log   *slog.Logger
	admin *admin.API
	echo  *echo.Echo
	alone bool // the APIs are on another port
	busy  atomic.Int64
}

func newServer(host *fakes.Host, o Options) *server {
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Admin.Log == nil {
		o.Admin.Log = o.Log
	}
	s := &server{host: host, opts: o, log: o.Log, admin: admin.New(host, o.Admin), echo: echo.New()}
	s.echo.HideBanner, s.echo.HidePort = true, true
	s.echo.HTTPErrorHandler = s.unrouted
	if s.log.Enabled(context.Background(), slog.LevelDebug) {
		s.echo.Pre(s.watch)
	}
	s.echo.Pre(s.front)
	s.echo.Use(s.admin.Strict)
	return s
}

// front is passed by every request, before Echo looks at its path. It is one middleware
// because Echo makes each anew for each request.
func (s *server) front(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		defer s.recover(c)
		defer s.busy.Add(-1)
		if !s.enter(c) {
			return nil
		}
		if !s.alone && s.lead(c) {
			return nil
		}
		if admin.Guards(c.Request().URL.Path) && !s.admin.Admit(c.Response(), c.Request()) {
			return nil
		}
		return next(c)
	}
}

// enter refuses a request while as many are being answered as may be.
func (s *server) enter(c echo.Context) bool {
	if busy := s.busy.Add(1); s.opts.MaxRequests <= 0 || busy <= int64(s.opts.MaxRequests) {
		return true
	}
	c.Response().Header().Set("Retry-After", "1")
	fakes.Problem(c.Response(), http.StatusServiceUnavailable, fmt.Sprintf("%d requests are being answered, which is the limit", s.opts.MaxRequests))
	return false
}

// lead sends what names an API to the host, and reports whether it was answered. On a
// vendor's host name every path is the vendor's, /healthz too, and every method. The
// path is taken as sent; nothing is cleaned, decoded or redirected.
func (s *server) lead(c echo.Context) bool {
	r := c.Request()
	if r.URL.Path == "" { // CONNECT, or an absolute target without a path
		u := *r.URL
		u.Path, u.RawPath = "/", ""
		r = r.WithContext(r.Context())
		r.URL = &u
		c.SetRequest(r)
	}
	to, err := s.host.Resolve(r)
	switch {
	case errors.Is(err, fakes.ErrAPIUnknown):
		return false
	case err != nil:
		fakes.Problem(c.Response(), http.StatusNotFound, err.Error())
	default:
		s.host.Serve(c.Response(), r, to)
	}
	return true
}

// watch logs each request, for those who want to see them pass. The query stays out of
// it: credentials stand there.
func (s *server) watch(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		r, start := c.Request(), time.Now()
		defer func() {
			s.log.DebugContext(r.Context(), "request", "method", r.Method, "host", r.Host, "path", r.URL.EscapedPath(),
				"status", c.Response().Status, "duration", time.Since(start), "proto", r.Proto, "remote", r.RemoteAddr)
		}()
		if err := next(c); err != nil {
			s.unrouted(err, c) // Echo would call it only after this has logged
		}
		return nil
	}
}

// recover keeps a defect of ours from ending the connection without a word.
func (s *server) recover(c echo.Context) {
	p := recover()
	if p == nil {
		return
	}
	if p == http.ErrAbortHandler { //nolint:errorlint // a sentinel of net/http, compared as it does
		panic(p)
	}
	r := c.Request()
	s.log.Error("a request made the sandbox panic", "method", r.Method, "path", r.URL.Path, "panic", fmt.Sprint(p), "stack", string(debug.Stack()))
	if !c.Response().Committed {
		fakes.Problem(c.Response(), http.StatusInternalServerError, "the sandbox failed; its log says why")
	}
}

// unrouted answers for what Echo has no route for: below the admin prefix with a
// problem document, elsewhere with a hint.
func (s *server) unrouted(err error, c echo.Context) {
	w, r := c.Response(), c.Request()
	if w.Committed {
		return
	}
	var failure *echo.HTTPError
	if !errors.As(err, &failure) {
		failure = echo.ErrInternalServerError
		s.log.Error("a request failed", "method", r.Method, "path", r.URL.Path, "error", err.Error())
	}
	switch failure.Code {
	case http.StatusMethodNotAllowed: // Echo has set Allow
		fakes.Problem(w, failure.Code, "this path does not answer to "+r.Method+"; it does to "+w.Header().Get("Allow"))
	case http.StatusNotFound:
		s.notFound(w, r)
	default:
		fakes.Problem(w, failure.Code, http.StatusText(failure.Code))
	}
}
