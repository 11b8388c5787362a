package callbacks

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"time"

	"github.com/mediasandbox/sandbox/fakes"
)

// Leased is a delivery that was handed out, with all that the vendor would have sent.
type Leased struct {
	ID      uint64            `json:"id"`
	Lease   string            `json:"lease"` // for Acknowledge
	Until   time.Time         `json:"until"` // on the tenant's clock; then it is handed out again
	URL     string            `json:"url"`   // that the signature covers
	Headers map[string]string `json:"headers"`
	Body    json.RawMessage   `json:"body"`
}

// Pull hands out up to max deliveries that are due, the first due first, and waits for
// the first until ctx is done. Each is the caller's for as long as the lease says, on the
// tenant's clock, and is handed out again afterwards unless it was acknowledged: the order
// is kept among those that were never handed out. It returns ErrTarget when no API's
// callbacks are pulled.
func (d *Dispatcher) Pull(ctx context.Context, t *fakes.Tenant, limit int, lease time.Duration) ([]Leased, error) {
	over := false
	for {
		d.mu.Lock()
		b := d.boxes[t]
		if !b.pulls() {
			d.mu.Unlock()
			return nil, fmt.Errorf("%w that is pulled", ErrTarget)
		}
		if out := b.lease(limit, lease); len(out) > 0 || over {
			d.mu.Unlock()
			return out, nil
		}
		changed := b.changed()
		d.mu.Unlock()
		select {
		case <-changed:
		case <-ctx.Done():
			over = true // one more look
		case <-d.done:
			return nil, ErrStopping
		}
	}
}

// pulls reports whether any API's callbacks are pulled.
func (b *outbox) pulls() bool {
	if b == nil {
		return false
	}
	for _, to := range b.targets {
		if to.pull {
			return true
		}
	}
	return false
}

// lease hands out deliveries; the lock is held.
func (b *outbox) lease(limit int, lease time.Duration) []Leased {
	out := []Leased{}
	now := b.tenant.Clock.Now()
	var some []*delivery
	for _, del := range b.pending {
		if del.due.After(now) || len(some) == limit {
			break
		}
		if to := b.targets[del.event.API]; to != nil && to.pull {
			some = append(some, del)
		}
	}
	for _, del := range some {
		to := b.targets[del.event.API]
		h := http.Header{"Content-Type": {"application/json"}}
		to.sign(h, to.url, to.key, now)
		headers := make(map[string]string, len(h))
		for name, values := range h {
			headers[name] = values[0]
		}
		b.take(del)
		del.due = now.Add(lease)
		b.put(del)
		del.note(Attempt{Cause: Pulled, At: now, Started: b.d.cfg.Now().UTC(), URL: to.url})
		del.lease = fmt.Sprintf("%d-%d", del.id, del.made)
		out = append(out, Leased{del.id, del.lease, del.due, to.url, headers, del.body})
	}
	return out
}

// Acknowledge ends a delivery that was handed out. It returns ErrUnknown, ErrEvicted, or
// ErrLease when the lease is over or is another's.
func (d *Dispatcher) Acknowledge(t *fakes.Tenant, id uint64, lease string) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	b := d.boxes[t]
	del, err := b.get(id)
	if err != nil {
		return err
	}
	if del.state != Pending || del.lease == "" || del.lease != lease || !del.due.After(t.Clock.Now()) {
		return fmt.Errorf("callback %d: %w", id, ErrLease)
	}
	b.finish(del, Delivered)
	b.signal()
	return nil
}
