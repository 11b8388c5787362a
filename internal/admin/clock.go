package admin

import (
	"net/http"
	"time"

	"github.com/mediasandbox/sandbox/fakes"
	"github.com/mediasandbox/sandbox/internal/clock"
)

// clockReply is a tenant's clock.
type clockReply struct {
	Now    time.Time `json:"now"`
	Frozen bool      `json:"frozen"`
}

// clockChange is the body of PUT /__admin/clock: what is absent stays.
type clockChange struct {
	Now    *time.Time `json:"now"`
	Frozen *bool      `json:"frozen"`
}

// clockAdvance is the body of POST /__admin/clock/advance: one of the two.
type clockAdvance struct {
	By *duration  `json:"by"`
	To *time.Time `json:"to"`
}

// advanceReply is where the clock stands and what fell due on the way, in order.
type advanceReply struct {
	Now   time.Time     `json:"now"`
	Fired []fakes.Event `json:"fired"`
}

// The years that a clock can show. Earlier than the first there are no Unix times for
// vendors to sign with; after the last, RFC 3339 ends.
const (
	firstYear = 1970
	lastYear  = 9998
)

func (a *API) clockRoutes() []Route {
	path := Prefix + "/clock"
	return []Route{
		{Method: http.MethodGet, Path: path, Query: tenantQuery(), Serve: a.getClock},
		{Method: http.MethodPut, Path: path, Query: tenantQuery(), MaxBody: smallBody, Serve: a.delivered(a.putClock)},
		{Method: http.MethodDelete, Path: path, Query: tenantQuery(), Serve: a.delivered(a.resetClock)},
		{Method: http.MethodPost, Path: path + "/advance", Query: tenantQuery(), MaxBody: smallBody, Serve: a.delivered(a.advanceClock)},
	}
}

func (a *API) getClock(c *Call) (Reply, error) {
	t, err := c.Tenant()
	if err != nil {
		return Reply{}, err
	}
	return clockOf(t), nil
}

func clockOf(t *fakes.Tenant) Reply {
	s := t.Clock.State()
	return Reply{JSON: clockReply{Now: s.Now, Frozen: s.Frozen}}
}

func (a *API) putClock(c *Call) (Reply, error) {
	t, err := c.Tenant()
	if err != nil {
		return Reply{}, err
	}
	var in clockChange
	if err := c.Decode(&in); err != nil {
		return Reply{}, err
	}
	if in.Now != nil {
		if err := inYears("now", *in.Now); err != nil {
			return Reply{}, err
		}
	}
	a.clocks.Lock()
	defer a.clocks.Unlock()
	_, err = a.host.PutClock(t, func(c *clock.Clock) {
		state := c.State()
		frozen := state.Frozen
		if in.Frozen != nil {
			frozen = *in.Frozen
		}
		switch {
		case in.Now != nil:
			c.Set(*in.Now, frozen)
		case frozen && !state.Frozen:
			c.Freeze()
		case !frozen && state.Frozen:
			c.Set(state.Now, false)
		}
	})
	return clockOf(t), err
}

func (a *API) resetClock(c *Call) (Reply, error) {
	t, err := c.Tenant()
	if err != nil {
		return Reply{}, err
	}
	_, err = a.host.MoveClock(t, (*clock.Clock).Reset)
	return clockOf(t), err
}

// advanceClock moves the clock forward and answers when everything that fell due on
// the way has happened. A clock is set back with PUT, where nothing can fall due.
func (a *API) advanceClock(c *Call) (Reply, error) {
	t, err := c.Tenant()
	if err != nil {
		return Reply{}, err
	}
	var in clockAdvance
	if err := c.Decode(&in); err != nil {
		return Reply{}, err
	}
	if (in.By == nil) == (in.To == nil) {
		return Reply{}, refuse(http.StatusBadRequest, `one of "by" and "to" is wanted`)
	}
	a.clocks.Lock()
	defer a.clocks.Unlock()
	move, err := in.from(t.Clock.State())
	if err != nil {
		return Reply{}, err
	}
	var now time.Time
	fired, err := a.host.MoveClock(t, func(c *clock.Clock) { now = move(c) })
	return Reply{JSON: advanceReply{Now: now, Fired: fired}}, err
}

// from returns how to move a clock that shows state; the move returns the new time.
func (in clockAdvance) from(state clock.State) (func(*clock.Clock) time.Time, error) {
	if in.By != nil {
		by := time.Duration(*in.By)
		return func(c *clock.Clock) time.Time { return c.Advance(by) }, inYears("by", state.Now.Add(by))
	}
	if in.To.Before(state.Now) {
		return nil, refuse(http.StatusBadRequest, `field "to" is before the clock, which shows %s; PUT sets it back`, state.Now.Format(time.RFC3339Nano))
	}
	return func(c *clock.Clock) time.Time { c.Set(*in.To, state.Frozen); return in.To.UTC() }, inYears("to", *in.To)
}

func inYears(field string, t time.Time) error {
	if y := t.UTC().Year(); y < firstYear || y > lastYear {
		return refuse(http.StatusBadRequest, "field %q leads to the year %d; a clock shows the years %d to %d", field, y, firstYear, lastYear)
	}
	return nil
}
