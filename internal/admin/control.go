package admin

import (
	"errors"
	"net/http"

	"github.com/mediasandbox/sandbox/fakes"
	"github.com/mediasandbox/sandbox/internal/control"
)

// controlRoutes are the direct changes of state, one for each row of control's table.
func (a *API) controlRoutes() []Route {
	var routes []Route
	for _, action := range control.Actions() {
		rt := Route{Method: http.MethodPost, Path: Prefix + "/state/" + action.API + action.Path, Query: tenantQuery(), Serve: a.delivered(a.control(action))}
		if action.Body {
			rt.MaxBody = smallBody
		}
		routes = append(routes, rt)
	}
	return routes
}

func (a *API) control(action control.Action) Handler {
	return func(c *Call) (Reply, error) {
		t, err := c.Tenant()
		if err != nil {
			return Reply{}, err
		}
		out, err := action.Do(a.host, t, control.Input{Param: c.PathParam, Decode: c.Decode})
		var refused *control.Refused
		switch {
		case err == nil && out.JSON == nil:
			return noContent(), nil
		case err == nil && out.Created:
			return Reply{Status: http.StatusCreated, JSON: out.JSON}, nil
		case err == nil:
			return Reply{JSON: out.JSON}, nil
		case errors.Is(err, fakes.ErrAPIUnknown):
			return Reply{}, refuse(http.StatusNotFound, "%s: %s", action.API, err)
		case !errors.As(err, &refused):
			return Reply{}, err
		}
		status := http.StatusBadRequest
		switch {
		case errors.Is(err, fakes.ErrNotFound):
			status = http.StatusNotFound
		case errors.Is(err, fakes.ErrConflict):
			status = http.StatusConflict
		}
		return Reply{}, refuse(status, "nothing was changed: %s", err)
	}
}
