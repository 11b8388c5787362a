// Package admin is the sandbox's own API under /__admin, beside /healthz and /readyz:
// tenants, clocks, state, checkpoints and the contract documents. Its contract is
// specs/openapi/admin.yaml; the tests hold every reply to it.
//
// It decides nothing about the fakes: it turns requests into calls of the host, and
// what the host says into JSON or problem documents (RFC 9457). Who may ask is
// decided in guard.go.
package admin

import (
	"context"
	"log/slog"
	"sync"

	"github.com/labstack/echo/v4"

	"github.com/mediasandbox/sandbox/fakes"
	"github.com/mediasandbox/sandbox/internal/callbacks"
)

// Config is what the admin API is made of. The zero value serves loopback names and
// IP addresses without a token.
type Config struct {
	// Token guards /__admin when it is not "": requests bear it as
	// "Authorization: Bearer <token>".
	Token string
	// Hosts are host names, without port, under which /__admin is answered besides
	// localhost and IP addresses. "*" answers under every name.
	Hosts []string
	// APIPort is the port on which the APIs are reached when the admin API has one
	// of its own; "" when they share one. Base URLs name it.
	APIPort string
	// Version describes the build.
	Version Version
	// MaxCheckpoints bounds what the checkpoints of all tenants may hold, in bytes of
	// state; 0 takes 512 MiB.
	MaxCheckpoints int
	// Metrics returns the page of figures for Prometheus and its content type; nil when
	// nothing is counted.
	Metrics func() (contentType string, body []byte)
	// Callbacks delivers what falls due to tenants' targets; nil delivers nothing.
	Callbacks *callbacks.Dispatcher
	// Stopping is done when the sandbox is told to stop: what waits on the journal is then
	// answered with what is there. nil never is.
	Stopping context.Context
	// Log receives what went wrong on our side; nil discards.
	Log *slog.Logger
}

// API is the admin API of one host.
type API struct {
	host  *fakes.Host
	cfg   Config
	guard guard
	log   *slog.Logger

	paths       []path
	checkpoints checkpointTable
	clocks      sync.Mutex // held where a clock is set by what it shows
}

// New makes the admin API of a host.
func New(host *fakes.Host, cfg Config) *API {
	a := &API{host: host, cfg: cfg, guard: newGuard(cfg.Token, cfg.Hosts), log: cfg.Log}
	if a.log == nil {
		a.log = slog.New(slog.DiscardHandler)
	}
	a.checkpoints.limit = cfg.MaxCheckpoints
	if a.checkpoints.limit == 0 {
		a.checkpoints.limit = 512 << 20
	}
	return a
}

// untilStop returns a context that also ends when the sandbox is told to stop. A request
// that only waits would use up the time that those at work have to finish, and be cut off.
func (a *API) untilStop(ctx context.Context) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancel(ctx)
	if a.cfg.Stopping == nil {
		return ctx, cancel
	}
	release := context.AfterFunc(a.cfg.Stopping, cancel)
	return ctx, func() {
		release()
		cancel()
	}
}

// Mount adds all routes to e, each in the group of its first segment.
func (a *API) Mount(e *echo.Echo) { a.mount(e, a.Routes()) }

// MountHealth adds the routes that every port has: the health checks.
func (a *API) MountHealth(e *echo.Echo) { a.mount(e, a.healthRoutes()) }

func (a *API) mount(e *echo.Echo, routes []Route) {
	a.paths = pathsOf(routes)
	guarded, open := e.Group(Prefix), e.Group("")
	for _, rt := range routes {
		if Guards(rt.Path) {
			rt.add(guarded, Prefix, a.handle(rt))
		} else {
			rt.add(open, "", a.handle(rt))
		}
	}
}
