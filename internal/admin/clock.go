package admin

import (
	"net/http"
	"time"

	"github.com/mediasandbox/sandbox/fakes"
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
		{Method: http.MethodPut, Path: path, Query: tenantQuery(), MaxBody: smallBody, Serve: a.putClock},
		{Method: http.MethodDelete, Path: path, Query: tenantQuery(), Serve: a.resetClock},
		{Method: http.MethodPost, Path: path + "/advance", Query: tenantQuery(), MaxBody: smallBody, Serve: a.advanceClock},
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
	reply := a.changeClock(t, in)
	a.host.Settle(t)
	return reply, nil
}

func (a *API) changeClock(t *fakes.Tenant, in clockChange) Reply {
	a.clocks.Lock()
	defer a.clocks.Unlock()
	state := t.Clock.State()
	frozen := state.Frozen
	if in.Frozen != nil {
		frozen = *in.Frozen
	}
	switch {
	case in.Now != nil:
		t.Clock.Set(*in.Now, frozen)
	case frozen && !state.Frozen:
		t.Clock.Freeze()
	case !frozen && state.Frozen:
		t.Clock.Set(state.Now, false)
	}
	return clockOf(t)
}

func (a *API) resetClock(c *Call) (Reply, error) {
	t, err := c.Tenant()
	if err != nil {
		return Reply{}, err
	}
	t.Clock.Reset()
	return clockOf(t), nil
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
	now, err := a.moveClock(t, in)
	if err != nil {
		return Reply{}, err
	}
	return Reply{JSON: advanceReply{Now: now, Fired: a.host.Settle(t)}}, nil
}

// moveClock returns the time to which it has moved the clock.
func (a *API) moveClock(t *fakes.Tenant, in clockAdvance) (time.Time, error) {
	a.clocks.Lock()
	defer a.clocks.Unlock()
	state := t.Clock.State()
	if in.By != nil {
		by := time.Duration(*in.By)
		if err := inYears("by", state.Now.Add(by)); err != nil {
			return time.Time{}, err
		}
		return t.Clock.Advance(by), nil
	}
	if err := inYears("to", *in.To); err != nil {
		return time.Time{}, err
	}
	if in.To.Before(state.Now) {
		return time.Time{}, refuse(http.StatusBadRequest, `field "to" is before the clock, which shows %s; PUT sets it back`, state.Now.Format(time.RFC3339Nano))
	}
	t.Clock.Set(*in.To, state.Frozen)
	return in.To.UTC(), nil
}

func inYears(field string, t time.Time) error {
	if y := t.UTC().Year(); y < firstYear || y > lastYear {
		return refuse(http.StatusBadRequest, "field %q leads to the year %d; a clock shows the years %d to %d", field, y, firstYear, lastYear)
	}
	return nil
}
