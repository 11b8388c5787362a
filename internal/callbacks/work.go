package callbacks

import (
	"context"
	"time"

	"github.com/mediasandbox/sandbox/fakes"
)

// flushTime bounds how long Flush waits: who does not answer in time holds up his own
// callbacks, and not for ever the one who moves the clock.
const flushTime = time.Minute

// assignment is one attempt to be made.
type assignment struct {
	box   *outbox
	epoch uint64
	del   *delivery
	to    *target
	cause Cause
	at    time.Time
	job   *job // nil when it fell due
}

// submit has a worker look at an outbox, where there is something to send; the lock is held.
func (d *Dispatcher) submit(b *outbox) {
	b.clock() // also while a worker is at it, so that a move is seen when it is made
	if d.closed || b.gone || b.queued || b.busy || !b.ready() {
		return
	}
	b.queued = true
	d.queue = append(d.queue, b)
	if d.workers < d.cfg.Workers {
		d.workers++
		d.running.Go(d.work)
	}
}

// work sends what there is to send, an outbox after the other, and ends when nothing is.
func (d *Dispatcher) work() {
	d.mu.Lock()
	defer d.mu.Unlock()
	for {
		if len(d.queue) == 0 || d.closed {
			d.workers--
			return
		}
		b := d.queue[0]
		d.queue = d.queue[1:]
		b.queued = false
		a, ok := b.next()
		if !ok {
			continue
		}
		b.busy = true
		d.mu.Unlock()
		result := d.send(a)
		d.mu.Lock()
		b.busy, b.stale = false, false
		b.record(a, result)
		d.submit(b) // behind the others
		b.signal()
	}
}

// next takes what is to be sent first: what was asked for, then what fell due. What the
// clock was moved past is attempted at the time at which it fell due; so the retries that
// fall due on the way are made on the way. Where the clock has run there an attempt is
// made now, because a receiver that is slow holds up those after it.
func (b *outbox) next() (assignment, bool) {
	now := b.clock()
	a := assignment{box: b, epoch: b.epoch, at: now.Now}
	for len(b.jobs) > 0 {
		j := b.jobs[0]
		b.jobs = b.jobs[1:]
		if to := b.targets[j.del.event.API]; to != nil {
			a.del, a.to, a.cause, a.job = j.del, to, j.cause, j
			return a, true
		}
		close(j.done) // its target was removed
	}
	del := b.due(now.Now)
	if del == nil || b.gone {
		return a, false
	}
	a.del, a.to, a.cause = del, b.targets[del.event.API], First
	if del.tries > 0 {
		a.cause = Retry
	}
	if b.passed(now, del.due) {
		a.at = del.due
	}
	return a, true
}

// record notes an attempt and what follows from it by the vendor's rule.
func (b *outbox) record(a assignment, result Attempt) {
	if a.job != nil {
		defer close(a.job.done)
	}
	if a.epoch != b.epoch { // reset meanwhile
		return
	}
	del, ok := a.del, result.succeeded()
	del.note(result)
	defer b.d.trim(0)
	switch {
	case ok:
		b.finish(del, Delivered)
		return
	case a.job != nil || del.state != Pending:
		return // what was asked for changes no plan when it fails
	}
	del.tries++
	if del.tries >= a.to.attempts {
		b.finish(del, Failed)
		b.d.log.Warn("a callback failed for good", "tenant", b.tenant.ID, "api", del.event.API, "kind", del.event.Kind,
			"id", del.event.ID, "attempts", del.tries, "status", result.Status, "error", result.Error)
		return
	}
	b.take(del)
	del.due = b.ended(a, result).Add(a.to.pause)
	b.put(del)
}

// ended is when an attempt ended, on the tenant's clock: no time has passed where that
// stands, and none that it does not show where it was set back meanwhile.
func (b *outbox) ended(a assignment, result Attempt) time.Time {
	now := b.clock()
	if now.Frozen {
		return a.at
	}
	end := a.at.Add(time.Duration(result.DurationMS * float64(time.Millisecond)))
	if end.After(now.Now) {
		return now.Now
	}
	return end
}

// tick starts looking at running clocks; the lock is held.
func (d *Dispatcher) tick() {
	if d.ticking || d.closed {
		return
	}
	d.ticking = true
	d.running.Go(func() {
		ticker := time.NewTicker(d.cfg.Tick)
		defer ticker.Stop()
		for {
			select {
			case <-ticker.C:
			case <-d.done:
				return
			}
			if !d.look() {
				return
			}
		}
	})
}

// perTick is how many outboxes are looked at in one tick; with more, each has its turn.
const perTick = 5000

// look lets things fall due in the worlds of running clocks, because nobody else may be
// calling there, and has sent what is due. It reports false when no targets are left.
func (d *Dispatcher) look() bool {
	d.mu.Lock()
	if len(d.round) == 0 || d.closed {
		d.ticking = false
		d.mu.Unlock()
		return false
	}
	var some []*outbox
	for range min(perTick, len(d.round)) {
		d.cursor = (d.cursor + 1) % len(d.round)
		some = append(some, d.round[d.cursor])
	}
	d.mu.Unlock()
	for _, b := range some {
		if t, err := d.host.Tenant(b.tenant.ID); err != nil || t != b.tenant {
			d.Forget(b.tenant) // its time was over
			continue
		}
		if !b.tenant.Clock.State().Frozen {
			d.still.Lock()
			d.host.Settle(b.tenant)
			d.still.Unlock()
		}
		d.mu.Lock()
		d.submit(b)
		if len(b.pending) > 0 {
			b.signal() // a lease may have ended
		}
		d.mu.Unlock()
	}
	return true
}

// Still keeps the dispatcher from letting things fall due by itself until release is
// called: who moves a clock wants to be told himself of what fell due by that.
func (d *Dispatcher) Still() (release func()) {
	d.still.RLock()
	return d.still.RUnlock
}

// Flush returns when everything of a tenant's that is due by now was sent, retries that
// fall due on the way included; at the latest when ctx is done or after a minute.
func (d *Dispatcher) Flush(ctx context.Context, t *fakes.Tenant) {
	if d.active.Load() == 0 {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, flushTime)
	defer cancel()
	now := t.Clock.Now()
	for {
		d.mu.Lock()
		b := d.boxes[t]
		if b == nil {
			d.mu.Unlock()
			return
		}
		d.submit(b)
		if (!b.busy || b.stale) && len(b.jobs) == 0 && b.due(now) == nil {
			d.mu.Unlock()
			return
		}
		changed := b.changed()
		d.mu.Unlock()
		select {
		case <-changed:
		case <-ctx.Done():
			return
		case <-d.done:
			return
		}
	}
}

// keep enters a delivery among the finished, where it may be evicted; the lock is held.
func (d *Dispatcher) keep(del *delivery) {
	if del.place == nil && del.kept() {
		del.place = d.finished.PushBack(del)
	}
}

func (d *Dispatcher) unkeep(del *delivery) {
	if del.place != nil {
		d.finished.Remove(del.place)
		del.place = nil
	}
}

// trim evicts finished deliveries of all tenants, the oldest first, until size more bytes
// fit; it reports whether they do. The lock is held.
func (d *Dispatcher) trim(size int64) bool {
	for d.bytes+size > d.cfg.Bytes {
		front := d.finished.Front()
		if front == nil {
			return false
		}
		front.Value.(*delivery).evict() //nolint:errcheck,forcetypeassert // nothing else is in the list
	}
	return true
}
