package admin

import (
	"encoding/json"
	"errors"
	"net/http"
	"strings"

	"github.com/mediasandbox/sandbox/fakes"
)

func (a *API) stateRoutes() []Route {
	all, one := Prefix+"/state", Prefix+"/state/{api}"
	return []Route{
		{Method: http.MethodPost, Path: Prefix + "/reset", Query: tenantQuery(), Serve: a.reset},
		{Method: http.MethodGet, Path: all, Query: tenantQuery(), Serve: a.getStates},
		{Method: http.MethodPut, Path: all, Query: tenantQuery(), MaxBody: stateBody, Serve: a.putStates},
		{Method: http.MethodGet, Path: one, Query: tenantQuery(), Serve: a.getState},
		{Method: http.MethodPut, Path: one, Query: tenantQuery(), MaxBody: stateBody, Serve: a.putState},
	}
}

// reset makes one tenant as it was when it was made, or all with ?tenant=*.
func (a *API) reset(c *Call) (Reply, error) {
	if c.Params.Get("tenant") == "*" {
		var failed error
		for _, t := range a.host.Tenants() {
			failed = errors.Join(failed, a.fresh(t))
		}
		return noContent(), failed
	}
	t, err := c.Tenant()
	if err != nil {
		return Reply{}, err
	}
	return noContent(), a.fresh(t)
}

// fresh resets a tenant and what is kept of it outside of the host.
func (a *API) fresh(t *fakes.Tenant) error {
	if err := a.host.Reset(t); err != nil {
		return err
	}
	if a.cfg.Callbacks != nil {
		a.cfg.Callbacks.Reset(t)
	}
	return nil
}

func (a *API) getStates(c *Call) (Reply, error) {
	t, err := c.Tenant()
	if err != nil {
		return Reply{}, err
	}
	states, err := a.export(t)
	return Reply{JSON: states}, err
}

// export returns the states of all of a tenant's worlds. Each is of one moment; the
// worlds know nothing of each other, so that they need not be of the same.
func (a *API) export(t *fakes.Tenant) (map[string]json.RawMessage, error) {
	states := map[string]json.RawMessage{}
	for _, api := range a.apis() {
		state, err := a.host.Export(t, api)
		if err != nil {
			return nil, err
		}
		states[api] = state
	}
	return states, nil
}

// putStates replaces the worlds that the body names, all of them or none.
func (a *API) putStates(c *Call) (Reply, error) {
	t, err := c.Tenant()
	if err != nil {
		return Reply{}, err
	}
	list, err := members(c.body)
	if err != nil {
		return Reply{}, err
	}
	states := make(map[string]json.RawMessage, len(list))
	for _, m := range list {
		states[m.name] = m.value
	}
	return a.importStates(t, states)
}

func (a *API) importStates(t *fakes.Tenant, states map[string]json.RawMessage) (Reply, error) {
	err := a.host.Import(t, states)
	switch {
	case err == nil || errors.Is(err, fakes.ErrStore):
		return noContent(), err
	case errors.Is(err, fakes.ErrAPIUnknown):
		return Reply{}, refuse(http.StatusBadRequest, "%s; there are %s", err, strings.Join(a.apis(), ", "))
	}
	return Reply{}, refuse(http.StatusBadRequest, "nothing was changed: %s", err)
}

func (a *API) getState(c *Call) (Reply, error) {
	t, api, err := a.world(c)
	if err != nil {
		return Reply{}, err
	}
	state, err := a.host.Export(t, api)
	return Reply{JSON: state}, err
}

func (a *API) putState(c *Call) (Reply, error) {
	t, api, err := a.world(c)
	if err != nil {
		return Reply{}, err
	}
	if _, err := members(c.body); err != nil {
		return Reply{}, err
	}
	return a.importStates(t, map[string]json.RawMessage{api: c.body})
}

// world returns the tenant and the API that a request names.
func (a *API) world(c *Call) (*fakes.Tenant, string, error) {
	t, err := c.Tenant()
	if err != nil {
		return nil, "", err
	}
	api := c.PathParam("api")
	if a.host.Document(api) == nil {
		return nil, "", refuse(http.StatusNotFound, "no API is called %q; there are %s", api, strings.Join(a.apis(), ", "))
	}
	return t, api, nil
}
