package admin

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strconv"
	"time"

	"github.com/mediasandbox/sandbox/fakes"
	"github.com/mediasandbox/sandbox/internal/callbacks"
)

// Limits on callbacks.
const (
	maxCopies    = 10
	maxPull      = 100
	defaultLease = 30 * time.Second
	maxLease     = 24 * time.Hour
)

// callbackQuery are the query parameters that select callbacks, and those of a tenant's route.
func callbackQuery(more ...string) []string {
	return append([]string{"tenant", "api", "kind", "object", "state", "since"}, more...)
}

func (a *API) callbackRoutes() []Route {
	all, one, target := Prefix+"/callbacks", Prefix+"/callbacks/{id}", Prefix+"/callbacks/{api}/target"
	return []Route{
		{Method: http.MethodGet, Path: all, Query: callbackQuery("limit"), Serve: a.listCallbacks},
		{Method: http.MethodGet, Path: all + "/wait", Query: callbackQuery("count", "timeout"), Serve: a.waitForCallbacks},
		{Method: http.MethodPost, Path: all + "/deliver", Query: tenantQuery(), MaxBody: smallBody, Serve: a.deliverCallbacks},
		{Method: http.MethodPost, Path: all + "/pull", Query: tenantQuery(), MaxBody: smallBody, Serve: a.pullCallbacks},
		{Method: http.MethodGet, Path: all + "/targets", Query: tenantQuery(), Serve: a.listTargets},
		{Method: http.MethodGet, Path: one, Query: tenantQuery(), Serve: a.getCallback},
		{Method: http.MethodPost, Path: one + "/replay", Query: tenantQuery(), Serve: a.replayCallback},
		{Method: http.MethodPost, Path: one + "/ack", Query: tenantQuery(), MaxBody: smallBody, Serve: a.acknowledgeCallback},
		{Method: http.MethodGet, Path: target, Query: tenantQuery(), Serve: a.getTarget},
		{Method: http.MethodPut, Path: target, Query: tenantQuery(), MaxBody: smallBody, Serve: a.putTarget},
		{Method: http.MethodDelete, Path: target, Query: tenantQuery(), Serve: a.deleteTarget},
	}
}

// delivered makes a handler answer when the callbacks have arrived that fall due by what
// it does.
func (a *API) delivered(h Handler) Handler {
	return func(c *Call) (Reply, error) {
		if a.cfg.Callbacks == nil {
			return h(c)
		}
		reply, err := func() (Reply, error) {
			defer a.cfg.Callbacks.Still()()
			return h(c)
		}()
		if t, unknown := c.Tenant(); unknown == nil && err == nil {
			a.cfg.Callbacks.Flush(c.Context(), t)
		}
		return reply, err
	}
}

// callbacks returns the tenant that ?tenant= names and what delivers its callbacks.
func (a *API) callbacks(c *Call) (*callbacks.Dispatcher, *fakes.Tenant, error) {
	t, err := c.Tenant()
	if err == nil && a.cfg.Callbacks == nil {
		err = refuse(http.StatusNotFound, "this sandbox delivers no callbacks")
	}
	return a.cfg.Callbacks, t, err
}

// callbackProblem turns what a dispatcher says into a refusal.
func callbackProblem(err error) error {
	for _, row := range []struct {
		err    error
		status int
	}{
		{callbacks.ErrVendor, http.StatusNotFound},
		{callbacks.ErrUnknown, http.StatusNotFound},
		{fakes.ErrAPIUnknown, http.StatusNotFound},
		{callbacks.ErrEvicted, http.StatusGone},
		{callbacks.ErrURL, http.StatusBadRequest},
		{callbacks.ErrRefused, http.StatusForbidden},
		{callbacks.ErrTarget, http.StatusConflict},
		{callbacks.ErrPulled, http.StatusConflict},
		{callbacks.ErrLease, http.StatusConflict},
		{callbacks.ErrFull, http.StatusInsufficientStorage},
		{callbacks.ErrStopping, http.StatusServiceUnavailable},
		{context.Canceled, http.StatusServiceUnavailable}, // nobody is left to be told
		{context.DeadlineExceeded, http.StatusServiceUnavailable},
	} {
		if errors.Is(err, row.err) {
			return refuse(row.status, "%s", err)
		}
	}
	return err
}

func (c *Call) callbackFilter(limit int) (f callbacks.Filter, err error) {
	f = callbacks.Filter{
		API: c.Params.Get("api"), Kind: c.Params.Get("kind"), Object: c.Params.Get("object"), State: callbacks.State(c.Params.Get("state")),
	}
	if f.API != "" && !slices.Contains(callbacks.Vendors(), f.API) {
		return f, refuse(http.StatusBadRequest, "api: %.40q sends no callbacks%s", f.API, choice(f.API, callbacks.Vendors()))
	}
	states := []string{string(callbacks.Pending), string(callbacks.Delivered), string(callbacks.Failed), string(callbacks.Discarded)}
	if f.State != "" && !slices.Contains(states, string(f.State)) {
		return f, refuse(http.StatusBadRequest, "state: there is no %.40q%s", string(f.State), choice(string(f.State), states))
	}
	if text := c.Params.Get("since"); text != "" {
		if f.Since, err = strconv.ParseUint(text, 10, 64); err != nil {
			return f, refuse(http.StatusBadRequest, "since: %.40q is not the id of a callback", text)
		}
	}
	f.Limit, err = c.Whole("limit", limit, 1, maxPage)
	return f, err
}

func (a *API) listCallbacks(c *Call) (Reply, error) {
	d, t, err := a.callbacks(c)
	if err != nil {
		return Reply{}, err
	}
	f, err := c.callbackFilter(entriesPage)
	if err != nil {
		return Reply{}, err
	}
	return Reply{JSON: d.List(t, f)}, nil
}

// callbackWait is the answer to a wait.
type callbackWait struct {
	callbacks.Tally
	Met bool `json:"met"`
}

func (a *API) waitForCallbacks(c *Call) (Reply, error) {
	d, t, err := a.callbacks(c)
	if err != nil {
		return Reply{}, err
	}
	f, err := c.callbackFilter(0)
	if err != nil {
		return Reply{}, err
	}
	ctx, cancel, count, err := a.wait(c)
	if err != nil {
		return Reply{}, err
	}
	defer cancel()
	tally, met := d.Wait(ctx, t, f, count)
	return Reply{JSON: callbackWait{tally, met}}, nil
}

// deliverRequest is the body of POST /__admin/callbacks/deliver.
type deliverRequest struct {
	IDs    *[]uint64        `json:"ids"`
	Order  *callbacks.Order `json:"order"`
	Copies *int             `json:"copies"`
}

// callbackList is deliveries in the order in which they went out.
type callbackList struct {
	Callbacks []callbacks.View `json:"callbacks"`
}

func (a *API) deliverCallbacks(c *Call) (Reply, error) {
	var body deliverRequest
	if err := c.Decode(&body); err != nil {
		return Reply{}, err
	}
	var in callbacks.Request
	if body.IDs != nil {
		if in.IDs, in.Order = *body.IDs, callbacks.Given; len(in.IDs) == 0 {
			return Reply{}, refuse(http.StatusBadRequest, `field "ids" is empty; leave it out for all that are pending`)
		}
	}
	if body.Order != nil {
		in.Order = *body.Order
		if in.Order == callbacks.Given && in.IDs == nil {
			return Reply{}, refuse(http.StatusBadRequest, `field "order" is "given", which wants "ids"`)
		}
		if !slices.Contains(callbacks.Orders(), in.Order) {
			return Reply{}, refuse(http.StatusBadRequest, `field "order" wants one of due, reversed, shuffled and given`)
		}
	}
	if body.Copies != nil {
		if in.Copies = *body.Copies; in.Copies < 1 || in.Copies > maxCopies {
			return Reply{}, refuse(http.StatusBadRequest, `field "copies" wants a whole number from 1 to %d`, maxCopies)
		}
	}
	d, t, err := a.callbacks(c)
	if err != nil {
		return Reply{}, err
	}
	list, err := d.Deliver(c.Context(), t, in)
	if err != nil {
		return Reply{}, callbackProblem(err)
	}
	return Reply{JSON: callbackList{list}}, nil
}

// callbackID reads the id of the path.
func (c *Call) callbackID() (uint64, error) {
	id, err := strconv.ParseUint(c.PathParam("id"), 10, 64)
	if err != nil {
		return 0, refuse(http.StatusNotFound, "callback %.40q: %s; ids are whole numbers", c.PathParam("id"), callbacks.ErrUnknown)
	}
	return id, nil
}

func (a *API) getCallback(c *Call) (Reply, error) {
	return a.oneCallback(c, func(d *callbacks.Dispatcher, t *fakes.Tenant, id uint64) (callbacks.View, error) { return d.Get(t, id) })
}

func (a *API) replayCallback(c *Call) (Reply, error) {
	return a.oneCallback(c, func(d *callbacks.Dispatcher, t *fakes.Tenant, id uint64) (callbacks.View, error) {
		return d.Replay(c.Context(), t, id)
	})
}

func (a *API) oneCallback(c *Call, f func(*callbacks.Dispatcher, *fakes.Tenant, uint64) (callbacks.View, error)) (Reply, error) {
	d, t, err := a.callbacks(c)
	if err != nil {
		return Reply{}, err
	}
	id, err := c.callbackID()
	if err != nil {
		return Reply{}, err
	}
	v, err := f(d, t, id)
	if err != nil {
		return Reply{}, callbackProblem(err)
	}
	return Reply{JSON: v}, nil
}

// pullRequest is the body of POST /__admin/callbacks/pull.
type pullRequest struct {
	Max   *int      `json:"max"`
	Wait  *duration `json:"wait"`  // on the real clock
	Lease *duration `json:"lease"` // on the tenant's
}

// pulled is the answer to it.
type pulled struct {
	Callbacks []callbacks.Leased `json:"callbacks"`
}

// pullCallbacks is a POST because it changes what the next one answers.
func (a *API) pullCallbacks(c *Call) (Reply, error) {
	var body pullRequest
	if err := c.Decode(&body); err != nil {
		return Reply{}, err
	}
	limit, wait, lease := maxPull, time.Duration(0), defaultLease
	if body.Max != nil {
		if limit = *body.Max; limit < 1 || limit > maxPull {
			return Reply{}, refuse(http.StatusBadRequest, `field "max" wants a whole number from 1 to %d`, maxPull)
		}
	}
	if body.Wait != nil {
		if wait = time.Duration(*body.Wait); wait > maxWait {
			return Reply{}, refuse(http.StatusBadRequest, `field "wait" is at most %v`, maxWait)
		}
	}
	if body.Lease != nil {
		if lease = time.Duration(*body.Lease); lease == 0 || lease > maxLease {
			return Reply{}, refuse(http.StatusBadRequest, `field "lease" is more than 0 and at most %v`, maxLease)
		}
	}
	d, t, err := a.callbacks(c)
	if err != nil {
		return Reply{}, err
	}
	ctx, cancel := context.WithTimeout(c.Context(), wait)
	defer cancel()
	list, err := d.Pull(ctx, t, limit, lease)
	if err != nil {
		return Reply{}, callbackProblem(err)
	}
	return Reply{JSON: pulled{list}}, nil
}

// acknowledgement is the body of POST /__admin/callbacks/{id}/ack.
type acknowledgement struct {
	Lease *string `json:"lease"`
}

func (a *API) acknowledgeCallback(c *Call) (Reply, error) {
	var body acknowledgement
	if err := c.Decode(&body); err != nil {
		return Reply{}, err
	}
	if body.Lease == nil {
		return Reply{}, refuse(http.StatusBadRequest, `field "lease" is missing`)
	}
	d, t, err := a.callbacks(c)
	if err != nil {
		return Reply{}, err
	}
	id, err := c.callbackID()
	if err != nil {
		return Reply{}, err
	}
	if err := d.Acknowledge(t, id, *body.Lease); err != nil {
		return Reply{}, callbackProblem(err)
	}
	return noContent(), nil
}
