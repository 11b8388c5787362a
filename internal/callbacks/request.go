package callbacks

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"

	"github.com/mediasandbox/sandbox/fakes"
)

// Order is how several deliveries are sent on request.
type Order string

// The orders.
const (
	AsDue    Order = "due" // as they would have gone out
	Reversed Order = "reversed"
	Shuffled Order = "shuffled" // the same way for the same seed and deliveries
	Given    Order = "given"    // as the ids stand
)

// Orders returns all orders.
func Orders() []Order { return []Order{AsDue, Reversed, Shuffled, Given} }

// Request asks for deliveries to be sent at once, whatever was sent before.
type Request struct {
	IDs    []uint64 // nil for all that are pending
	Order  Order    // "" is AsDue
	Copies int      // how often each is sent in a row; 0 is once
}

// maxJobs bounds the attempts that a tenant may have asked for at once.
const maxJobs = 1000

// Deliver sends deliveries at once, one after the other, and returns them in the order in
// which they went out when the last was answered. One that is answered well is delivered;
// one that fails stays as it was, and is retried by the vendor's rule if it would have
// been. It returns ErrUnknown, ErrEvicted, ErrTarget, ErrPulled or ErrFull, and then has
// sent nothing, or the error of ctx.
func (d *Dispatcher) Deliver(ctx context.Context, t *fakes.Tenant, in Request) ([]View, error) {
	return d.request(ctx, t, in, Ordered)
}

// Replay sends one delivery once more. Errors are Deliver's.
func (d *Dispatcher) Replay(ctx context.Context, t *fakes.Tenant, id uint64) (View, error) {
	list, err := d.request(ctx, t, Request{IDs: []uint64{id}}, Replay)
	if err != nil {
		return View{}, err
	}
	return list[0], nil
}

func (d *Dispatcher) request(ctx context.Context, t *fakes.Tenant, in Request, cause Cause) ([]View, error) {
	d.mu.Lock()
	b := d.boxes[t]
	list, err := b.chosen(in)
	if err != nil || len(list) == 0 {
		d.mu.Unlock()
		return []View{}, err
	}
	if d.closed {
		d.mu.Unlock()
		return nil, ErrStopping
	}
	jobs := make([]*job, len(list))
	for i, del := range list {
		jobs[i] = &job{del, cause, make(chan struct{})}
	}
	b.jobs = append(b.jobs, jobs...)
	d.submit(b)
	d.mu.Unlock()
	for _, j := range jobs {
		select {
		case <-j.done:
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-d.done:
			return nil, ErrStopping
		}
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	return views(list), nil
}

// chosen returns the deliveries of a request in their order; the lock is held.
func (b *outbox) chosen(in Request) ([]*delivery, error) {
	var list []*delivery
	switch {
	case in.IDs != nil:
		for _, id := range in.IDs {
			del, err := b.get(id)
			if err != nil {
				return nil, err
			}
			list = append(list, del)
		}
	case b != nil:
		for _, del := range b.pending {
			if to := b.targets[del.event.API]; to != nil && !to.pull {
				list = append(list, del)
			}
		}
	}
	for _, del := range list {
		switch to := b.targets[del.event.API]; {
		case to == nil:
			return nil, fmt.Errorf("callback %d: %s: %w", del.id, del.event.API, ErrTarget)
		case to.pull:
			return nil, fmt.Errorf("callback %d: %s: %w", del.id, del.event.API, ErrPulled)
		}
	}
	b.sort(list, in.Order)
	list = repeat(list, in.Copies)
	if b != nil && len(b.jobs)+len(list) > maxJobs {
		return nil, fmt.Errorf("%w: at most %d", ErrFull, maxJobs)
	}
	return list, nil
}

func (b *outbox) sort(list []*delivery, o Order) {
	if o == Given || len(list) < 2 {
		return
	}
	// The event's time: the due time of one that was tried before is its retry's.
	slices.SortStableFunc(list, func(x, y *delivery) int {
		if c := x.event.At.Compare(y.event.At); c != 0 {
			return c
		}
		if x.id < y.id {
			return -1
		}
		return 1
	})
	switch o {
	case Reversed:
		slices.Reverse(list)
	case Shuffled:
		source := rand.New(rand.NewPCG(b.tenant.Seed, b.last)) //nolint:gosec // reproducible on purpose
		source.Shuffle(len(list), func(i, j int) { list[i], list[j] = list[j], list[i] })
	}
}

func repeat(list []*delivery, copies int) []*delivery {
	if copies < 2 {
		return list
	}
	out := make([]*delivery, 0, len(list)*copies)
	for _, del := range list {
		for range copies {
			out = append(out, del)
		}
	}
	return out
}
