package admin

import (
	"errors"
	"net/http"

	"github.com/mediasandbox/sandbox/internal/callbacks"
)

// targetBody is the body of PUT /__admin/callbacks/{api}/target.
type targetBody struct {
	URL  *string `json:"url"`
	Key  *string `json:"key"`
	Pull bool    `json:"pull"`
	Hold bool    `json:"hold"`
}

func (a *API) putTarget(c *Call) (Reply, error) {
	var body targetBody
	if err := c.Decode(&body); err != nil {
		return Reply{}, err
	}
	d, t, err := a.callbacks(c)
	if err != nil {
		return Reply{}, err
	}
	api := c.PathParam("api")
	in := callbacks.Target{Key: body.Key, Pull: body.Pull, Hold: body.Hold}
	switch {
	case body.URL != nil:
		in.URL = *body.URL
		if in.URL == "" {
			return Reply{}, refuse(http.StatusBadRequest, `field "url" is empty`)
		}
	case !body.Pull:
		return Reply{}, refuse(http.StatusBadRequest, `field "url" is missing; only what is pulled ("pull": true) needs none`)
	}
	in.Base = BaseURLs(c.Request, a.cfg.APIPort, t, []string{api})[api]
	v, err := d.SetTarget(c.Context(), t, api, in)
	if err != nil {
		return Reply{}, callbackProblem(err)
	}
	return Reply{JSON: v}, nil
}

// targetList is the answer to listTargets.
type targetList struct {
	Targets []callbacks.TargetView `json:"targets"`
}

func (a *API) listTargets(c *Call) (Reply, error) {
	d, t, err := a.callbacks(c)
	if err != nil {
		return Reply{}, err
	}
	return Reply{JSON: targetList{d.Targets(t)}}, nil
}

func (a *API) getTarget(c *Call) (Reply, error) {
	d, t, err := a.callbacks(c)
	if err != nil {
		return Reply{}, err
	}
	v, err := d.Target(t, c.PathParam("api"))
	if err != nil {
		return Reply{}, noTarget(err)
	}
	return Reply{JSON: v}, nil
}

func (a *API) deleteTarget(c *Call) (Reply, error) {
	d, t, err := a.callbacks(c)
	if err != nil {
		return Reply{}, err
	}
	if err := d.RemoveTarget(t, c.PathParam("api")); err != nil {
		return Reply{}, noTarget(err)
	}
	return noContent(), nil
}

// noTarget is callbackProblem where the target itself is asked for.
func noTarget(err error) error {
	if errors.Is(err, callbacks.ErrTarget) {
		return refuse(http.StatusNotFound, "%s", err)
	}
	return callbackProblem(err)
}
