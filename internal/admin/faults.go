package admin

import (
	"errors"
	"net/http"

	"github.com/mediasandbox/sandbox/internal/faults"
)

func (a *API) faultRoutes() []Route {
	path := Prefix + "/faults"
	return []Route{
		{Method: http.MethodGet, Path: path, Query: tenantQuery(), Serve: a.listFaults},
		{Method: http.MethodDelete, Path: path, Query: tenantQuery(), Serve: a.clearFaults},
		{Method: http.MethodGet, Path: path + "/{name}", Query: tenantQuery(), Serve: a.getFault},
		{Method: http.MethodPut, Path: path + "/{name}", Query: tenantQuery(), MaxBody: smallBody, Serve: a.putFault},
		{Method: http.MethodDelete, Path: path + "/{name}", Query: tenantQuery(), Serve: a.deleteFault},
	}
}

// faults returns the faults of the tenant that ?tenant= names.
func (c *Call) faults() (*faults.Set, error) {
	t, err := c.Tenant()
	if err != nil {
		return nil, err
	}
	s := faults.Of(t)
	if s == nil {
		return nil, refuse(http.StatusNotFound, "this sandbox breaks no calls")
	}
	return s, nil
}

// faultList is the answer to listFaults.
type faultList struct {
	Faults []faults.Status `json:"faults"`
}

func (a *API) listFaults(c *Call) (Reply, error) {
	s, err := c.faults()
	if err != nil {
		return Reply{}, err
	}
	return Reply{JSON: faultList{s.List()}}, nil
}

func (a *API) clearFaults(c *Call) (Reply, error) {
	s, err := c.faults()
	if err != nil {
		return Reply{}, err
	}
	s.Clear()
	return noContent(), nil
}

func (a *API) getFault(c *Call) (Reply, error) {
	s, err := c.faults()
	if err != nil {
		return Reply{}, err
	}
	st, err := s.Get(c.PathParam("name"))
	if err != nil {
		return Reply{}, noFault(c, err)
	}
	return Reply{JSON: st}, nil
}

func (a *API) putFault(c *Call) (Reply, error) {
	s, err := c.faults()
	if err != nil {
		return Reply{}, err
	}
	var spec faults.Spec
	if err := c.Decode(&spec); err != nil {
		return Reply{}, err
	}
	name := c.PathParam("name")
	if spec.Name != "" && spec.Name != name {
		return Reply{}, refuse(http.StatusBadRequest, "field %q is %.70q, the path says %.70q", "name", spec.Name, name)
	}
	spec.Name = name
	st, err := s.Put(spec)
	var wrong *faults.Error
	switch {
	case errors.As(err, &wrong):
		return Reply{}, refuse(http.StatusBadRequest, "field %q %s", wrong.Field, wrong.Text)
	case errors.Is(err, faults.ErrLimit):
		return Reply{}, refuse(http.StatusInsufficientStorage, "%s; delete one first", err)
	case err != nil:
		return Reply{}, err
	}
	return Reply{JSON: st}, nil
}

func (a *API) deleteFault(c *Call) (Reply, error) {
	s, err := c.faults()
	if err != nil {
		return Reply{}, err
	}
	if err := s.Delete(c.PathParam("name")); err != nil {
		return Reply{}, noFault(c, err)
	}
	return noContent(), nil
}

func noFault(c *Call, err error) error {
	return refuse(http.StatusNotFound, "fault %.70q: %s", c.PathParam("name"), err)
}
