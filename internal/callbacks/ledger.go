package callbacks

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/mediasandbox/sandbox/fakes"
)

// View is a delivery as it is shown. Neither keys nor signatures are part of it.
type View struct {
	ID       uint64          `json:"id"` // from 1, per tenant
	API      string          `json:"api"`
	Kind     string          `json:"kind"`   // of the event: review-complete
	Object   string          `json:"object"` // the event's id
	At       time.Time       `json:"at"`     // of the event, on the tenant's clock
	State    State           `json:"state"`
	Due      *time.Time      `json:"due,omitempty"` // of the next attempt, or of the end of the lease, while pending
	Body     json.RawMessage `json:"body"`
	Made     int             `json:"attempts_made"`
	Attempts []Attempt       `json:"attempts"` // the latest of them
}

// Filter selects deliveries. The zero value of a field selects all.
type Filter struct {
	API    string
	Kind   string
	Object string
	State  State
	Since  uint64 // ids above this one
	Limit  int    // the newest so many; List only
}

// Tally says how many deliveries a filter matches, and whether that can be relied on.
type Tally struct {
	Count   int    `json:"count"`
	Last    uint64 `json:"last"`    // id of the latest delivery, matching or not
	Evicted uint64 `json:"evicted"` // finished ones that the bounds have cost
	Dropped uint64 `json:"dropped"` // events that found no room, because too many are unsent
	// Inconclusive says that some which might have matched were evicted or dropped.
	Inconclusive bool `json:"inconclusive"`
}

// Page is the answer to List.
type Page struct {
	Callbacks []View `json:"callbacks"` // the oldest first
	Tally
}

func (f *Filter) matches(del *delivery) bool {
	return del.id > f.Since && (f.API == "" || f.API == del.event.API) && (f.Kind == "" || f.Kind == del.event.Kind) &&
		(f.Object == "" || f.Object == del.event.ID) && (f.State == "" || f.State == del.state)
}

// matching returns the deliveries of a filter; the lock is held.
func (b *outbox) matching(f Filter) (list []*delivery, tally Tally) {
	if b == nil {
		return nil, Tally{}
	}
	for _, del := range b.list {
		if f.matches(del) {
			list = append(list, del)
		}
	}
	return list, Tally{
		Count: len(list), Last: b.last, Evicted: b.evicted, Dropped: b.dropped,
		Inconclusive: b.lost > f.Since || b.dropped > 0,
	}
}

// List returns the newest deliveries of a filter.
func (d *Dispatcher) List(t *fakes.Tenant, f Filter) Page {
	d.mu.Lock()
	defer d.mu.Unlock()
	list, tally := d.boxes[t].matching(f)
	if f.Limit > 0 && len(list) > f.Limit {
		list = list[len(list)-f.Limit:]
	}
	return Page{views(list), tally}
}

// Get returns one delivery, ErrUnknown or ErrEvicted.
func (d *Dispatcher) Get(t *fakes.Tenant, id uint64) (View, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	del, err := d.boxes[t].get(id)
	if err != nil {
		return View{}, err
	}
	return del.view(), nil
}

func (b *outbox) get(id uint64) (*delivery, error) {
	if b == nil {
		return nil, fmt.Errorf("callback %d: %w", id, ErrUnknown)
	}
	if i, ok := b.find(id); ok {
		return b.list[i], nil
	}
	if id > 0 && id <= b.last {
		return nil, fmt.Errorf("callback %d: %w", id, ErrEvicted)
	}
	return nil, fmt.Errorf("callback %d: %w", id, ErrUnknown)
}

// Wait returns as soon as at least count deliveries match, counting those that are there
// already, and otherwise when ctx is done. met says which. It does not poll.
func (d *Dispatcher) Wait(ctx context.Context, t *fakes.Tenant, f Filter, count int) (tally Tally, met bool) {
	d.mu.Lock()
	b := d.open(t) // a target may be set meanwhile
	d.mu.Unlock()
	for {
		d.mu.Lock()
		_, tally := b.matching(f)
		if tally.Count >= count || b.gone {
			d.mu.Unlock()
			return tally, tally.Count >= count
		}
		changed := b.changed()
		d.mu.Unlock()
		select {
		case <-changed:
		case <-ctx.Done():
			return tally, false
		case <-d.done:
			return tally, false
		}
	}
}

func views(list []*delivery) []View {
	out := make([]View, len(list))
	for i, del := range list {
		out[i] = del.view()
	}
	return out
}

func (del *delivery) view() View {
	v := View{
		ID: del.id, API: del.event.API, Kind: del.event.Kind, Object: del.event.ID, At: del.event.At,
		State: del.state, Body: del.body, Made: del.made, Attempts: slices.Clone(del.attempts),
	}
	if v.Attempts == nil {
		v.Attempts = []Attempt{}
	}
	if del.state == Pending {
		due := del.due
		v.Due = &due
	}
	return v
}
