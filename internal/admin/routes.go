package admin

import (
	"net/http"
	"slices"
	"strings"

	"github.com/labstack/echo/v4"
)

// Prefix is where the guarded routes stand.
const Prefix = "/__admin"

// Limits on request bodies, in bytes.
const (
	smallBody = 64 << 10
	stateBody = 64 << 20
)

// Route is one operation of specs/openapi/admin.yaml.
type Route struct {
	Method  string
	Path    string   // in OpenAPI's notation: /__admin/tenants/{id}
	Query   []string // query parameters it reads; every other is refused
	MaxBody int64    // bytes of a JSON body; 0 means that it takes none
	NoBody  bool     // no body counts as {}
	Serve   Handler
}

// Handler answers one operation: with a reply, or with an error. A *Refusal says what
// the caller did wrong; every other error is our own failure.
type Handler func(*Call) (Reply, error)

// Routes lists every operation, in the order of the document.
func (a *API) Routes() []Route {
	return slices.Concat(
		a.healthRoutes(),
		a.metricsRoutes(),
		a.aboutRoutes(),
		a.tenantRoutes(),
		a.clockRoutes(),
		a.stateRoutes(),
		a.controlRoutes(),
		a.checkpointRoutes(),
		a.journalRoutes(),
		a.faultRoutes(),
		a.coverageRoutes(),
		a.signatureRoutes(),
		a.callbackRoutes(),
	)
}

// tenantQuery are the parameters of a route that concerns one tenant.
func tenantQuery() []string { return []string{"tenant"} }

// template is the path as Echo has it.
func (rt Route) template() string {
	return strings.NewReplacer("{", ":", "}", "").Replace(rt.Path)
}

// methods are those that the route answers to: HEAD wherever GET is.
func (rt Route) methods() []string {
	if rt.Method == http.MethodGet {
		return []string{http.MethodGet, http.MethodHead}
	}
	return []string{rt.Method}
}

// add registers the route with Echo.
func (rt Route) add(g *echo.Group, prefix string, h echo.HandlerFunc) {
	for _, method := range rt.methods() {
		g.Add(method, strings.TrimPrefix(rt.template(), prefix), h)
	}
}
