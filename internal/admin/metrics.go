package admin

import "net/http"

// metricsRoutes has the page for Prometheus. It is not guarded: a scraper comes by a service
// name, and nothing on the page is of any tenant.
func (a *API) metricsRoutes() []Route {
	return []Route{{Method: http.MethodGet, Path: "/metrics", Serve: a.metrics}}
}

func (a *API) metrics(*Call) (Reply, error) {
	if a.cfg.Metrics == nil {
		return Reply{}, refuse(http.StatusNotFound, "this sandbox counts nothing")
	}
	ctype, body := a.cfg.Metrics()
	return Reply{Type: ctype, Body: body}, nil
}
