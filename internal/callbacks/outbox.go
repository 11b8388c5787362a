package callbacks

import (
	"container/list"
	"encoding/json"
	"slices"
	"sort"
	"time"

	"github.com/mediasandbox/sandbox/fakes"
	"github.com/mediasandbox/sandbox/internal/clock"
)

// State is how far a delivery has come.
type State string

// The states of a delivery.
const (
	Pending   State = "pending"   // it is to be sent, or sent again, or pulled
	Delivered State = "delivered" // it was answered with status 200, or acknowledged
	Failed    State = "failed"    // all attempts failed
	Discarded State = "discarded" // its target was removed
)

// Cause is why an attempt was made.
type Cause string

// The causes of attempts.
const (
	First   Cause = "first"   // the event fell due
	Retry   Cause = "retry"   // the attempt before failed
	Replay  Cause = "replay"  // asked for, of one delivery
	Ordered Cause = "deliver" // asked for, of several in an order
	Pulled  Cause = "pull"    // handed out
)

// Attempt is one try to deliver.
type Attempt struct {
	Cause      Cause     `json:"cause"`
	At         time.Time `json:"at"`      // on the tenant's clock; what is signed
	Started    time.Time `json:"started"` // on the real clock
	DurationMS float64   `json:"duration_ms"`
	URL        string    `json:"url"`
	Status     int       `json:"status,omitempty"` // of the answer; 0 when there was none
	Error      string    `json:"error,omitempty"`  // why it failed, status aside
	Reply      string    `json:"reply,omitempty"`  // the beginning of the answer
}

// maxAttempts is how many attempts of one delivery are kept.
const maxAttempts = 20

// delivery is one event on its way; guarded by the dispatcher's lock.
type delivery struct {
	box   *outbox
	id    uint64
	event fakes.Event // without its data
	body  json.RawMessage
	state State

	due   time.Time // of the next attempt, or of the end of the lease; on the tenant's clock
	tries int       // attempts by the vendor's rule so far
	lease string    // of the last pull

	attempts []Attempt
	made     int // attempts in all
	size     int64
	place    *list.Element // among the finished
}

// outbox is the deliveries of one tenant; guarded by the dispatcher's lock.
type outbox struct {
	d       *Dispatcher
	tenant  *fakes.Tenant
	targets map[string]*target // by API
	listed  bool               // in the dispatcher's round
	place   int                // there

	list    []*delivery // all that are kept, by id
	pending []*delivery // by due, then id
	jobs    []*job      // asked for; they go first
	last    uint64      // highest id
	evicted uint64      // finished ones that the bounds cost
	lost    uint64      // highest id among them
	dropped uint64      // events that found no room
	epoch   uint64      // counts resets
	busy    bool        // a worker has one of its deliveries on the way
	stale   bool        // and that is one of before the last reset
	queued  bool        // it waits for a worker
	gone    bool
	wake    chan struct{}

	offset time.Duration // of the clock from the real time, when it was last looked at
	moved  time.Time     // what a running clock showed when it was seen to have been moved
}

// job is an attempt that was asked for.
type job struct {
	del   *delivery
	cause Cause
	done  chan struct{} // closed when it was made, or never will be
}

func newOutbox(d *Dispatcher, t *fakes.Tenant) *outbox {
	b := &outbox{d: d, tenant: t, targets: map[string]*target{}}
	b.clock()
	return b
}

// clock reads the tenant's clock, and notes when it was moved: its distance from the real
// time is another then.
func (b *outbox) clock() clock.State {
	s := b.tenant.Clock.State()
	if s.Offset != b.offset {
		b.offset, b.moved = s.Offset, s.Now
	}
	return s
}

// passed reports whether the clock came to a time by being moved rather than by running:
// it stands, or was moved to that time or beyond.
func (b *outbox) passed(s clock.State, t time.Time) bool { return s.Frozen || !t.After(b.moved) }

// Sizes of what is not text, in bytes, for the bound on all of it.
const (
	deliverySize = 512
	attemptSize  = 256
)

// add makes a delivery of an event.
func (b *outbox) add(e fakes.Event, to *target) {
	body, err := to.body(e, to.asset)
	if err != nil { // data that is not JSON; the fakes make none
		b.d.log.Error("an event cannot be delivered", "tenant", b.tenant.ID, "api", e.API, "kind", e.Kind, "error", err.Error())
		return
	}
	e.Data = nil
	del := &delivery{box: b, event: e, body: body, state: Pending, due: e.At, size: int64(deliverySize + len(body))}
	if !b.room(del.size) {
		b.dropped++
		b.d.log.Warn("a callback is dropped: too many are unsent", "tenant", b.tenant.ID, "api", e.API, "kind", e.Kind, "id", e.ID)
		return
	}
	b.last++
	del.id = b.last
	b.list = append(b.list, del)
	b.d.bytes += del.size
	b.put(del)
}

// room evicts finished deliveries until there is room for one more. Unsent ones stay.
func (b *outbox) room(size int64) bool {
	for len(b.list) >= b.d.cfg.PerTenant {
		i := slices.IndexFunc(b.list, func(del *delivery) bool { return del.state != Pending })
		if i < 0 {
			return false
		}
		b.list[i].evict()
	}
	return b.d.trim(size)
}

// put enters a delivery among the pending.
func (b *outbox) put(del *delivery) {
	i := sort.Search(len(b.pending), func(i int) bool {
		c := b.pending[i].due.Compare(del.due)
		return c > 0 || c == 0 && b.pending[i].id > del.id
	})
	b.pending = slices.Insert(b.pending, i, del)
}

// take removes a delivery from the pending.
func (b *outbox) take(del *delivery) {
	if i := slices.Index(b.pending, del); i >= 0 {
		b.pending = slices.Delete(b.pending, i, i+1)
	}
}

// finish ends a delivery, or ends it otherwise than before.
func (b *outbox) finish(del *delivery, s State) {
	b.take(del)
	del.state, del.lease = s, ""
	b.d.keep(del)
}

// clear forgets all deliveries; ids begin anew.
func (b *outbox) clear() {
	for _, del := range b.list {
		b.d.unkeep(del)
		b.d.bytes -= del.size
	}
	for _, j := range b.jobs {
		close(j.done)
	}
	b.list, b.pending, b.jobs = nil, nil, nil
	b.last, b.evicted, b.lost, b.dropped = 0, 0, 0, 0
	b.epoch++
	b.stale = b.busy
	b.signal()
}

// signal wakes everybody who waits for a change.
func (b *outbox) signal() {
	if b.wake != nil {
		close(b.wake)
		b.wake = nil
	}
}

// changed returns a channel that is closed at the next change.
func (b *outbox) changed() <-chan struct{} {
	if b.wake == nil {
		b.wake = make(chan struct{})
	}
	return b.wake
}

// due returns the first pending delivery that is to be sent by now, nil for none.
func (b *outbox) due(now time.Time) *delivery {
	for _, del := range b.pending {
		if del.due.After(now) {
			return nil
		}
		if to := b.targets[del.event.API]; to != nil && !to.pull && !to.hold {
			return del
		}
	}
	return nil
}

// ready reports whether there is something to send.
func (b *outbox) ready() bool { return len(b.jobs) > 0 || b.due(b.tenant.Clock.Now()) != nil }

// note adds an attempt.
func (del *delivery) note(a Attempt) {
	del.made++
	del.attempts = append(del.attempts, a)
	grown := attemptSize + int64(len(a.URL)+len(a.Error)+len(a.Reply))
	if len(del.attempts) > maxAttempts {
		first := del.attempts[0]
		grown -= attemptSize + int64(len(first.URL)+len(first.Error)+len(first.Reply))
		del.attempts = slices.Delete(del.attempts, 0, 1)
	}
	if del.kept() {
		del.size += grown
		del.box.d.bytes += grown
	}
}

// kept reports whether the delivery is still in the ledger.
func (del *delivery) kept() bool {
	_, ok := del.box.find(del.id)
	return ok
}

// find returns the position of an id.
func (b *outbox) find(id uint64) (int, bool) {
	return slices.BinarySearchFunc(b.list, id, func(del *delivery, id uint64) int {
		switch {
		case del.id < id:
			return -1
		case del.id > id:
			return 1
		}
		return 0
	})
}

// evict removes a finished delivery from the ledger.
func (del *delivery) evict() {
	b := del.box
	b.d.unkeep(del)
	if i, ok := b.find(del.id); ok {
		b.list = slices.Delete(b.list, i, i+1)
		b.d.bytes -= del.size
		b.evicted++
		b.lost = max(b.lost, del.id)
	}
}
