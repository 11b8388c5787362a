// Package clock is one tenant's clock: real by default, it can be set, frozen and
// advanced. It is the only place of the project that reads the wall clock. It tells
// the time and nothing else: there are no timers and no sleeps, and what falls due
// when the clock moves is the business of its owner.
package clock

import (
	"sync/atomic"
	"time"
)

// Clock is a clock that can be moved. All methods may be called from any number of
// goroutines; reading takes no lock. The zero value shows the real time.
type Clock struct {
	wall    func() time.Time        // nil: time.Now
	setting atomic.Pointer[setting] // nil: the real time
}

// setting is a moved clock, never changed once stored: at was the time on the clock
// when the real clock showed since. Two points rather than a distance, because a
// time.Duration ends at 292 years and a clock may be set further away than that.
type setting struct {
	at, since time.Time
	frozen    bool
}

// State is what a clock shows and how.
type State struct {
	Now    time.Time     // in UTC
	Frozen bool          // it stands still
	Offset time.Duration // Now minus the real time, at most about ±292 years; 0 when never moved
}

// New returns a clock that shows the real time as told by wall, or by time.Now when
// wall is nil.
func New(wall func() time.Time) *Clock { return &Clock{wall: wall} }

// Now returns the time on the clock, in UTC and without a monotonic reading: two
// equal times are equal after a trip through JSON, too. Like the wall clock it
// follows, it may go back.
func (c *Clock) Now() time.Time { return c.setting.Load().now(c.real()) }

// Set puts the clock to t. Frozen it stays there, otherwise it runs on from there.
func (c *Clock) Set(t time.Time, frozen bool) {
	c.setting.Store(&setting{at: plain(t), since: c.real(), frozen: frozen})
}

// Freeze stops the clock and returns the time at which it stands. A frozen clock
// is left as it is.
func (c *Clock) Freeze() time.Time {
	return c.change(func(now time.Time, _ bool) (time.Time, bool) { return now, true })
}

// Advance moves the clock by d, back when d is negative, and returns the new time.
// A frozen clock stays frozen, a running one runs on.
func (c *Clock) Advance(d time.Duration) time.Time {
	return c.change(func(now time.Time, frozen bool) (time.Time, bool) { return now.Add(d), frozen })
}

// Reset returns to the real time.
func (c *Clock) Reset() { c.setting.Store(nil) }

// State returns what the clock shows, all read at one moment.
func (c *Clock) State() State {
	s, wall := c.setting.Load(), c.real()
	now := s.now(wall)
	return State{Now: now, Frozen: s != nil && s.frozen, Offset: now.Sub(wall)}
}

// change replaces the setting by a function of the time shown, as one step: two
// callers who advance at once have both advanced.
func (c *Clock) change(to func(now time.Time, frozen bool) (time.Time, bool)) time.Time {
	for {
		old, wall := c.setting.Load(), c.real()
		now, frozen := to(old.now(wall), old != nil && old.frozen)
		if c.setting.CompareAndSwap(old, &setting{at: now, since: wall, frozen: frozen}) {
			return now
		}
	}
}

// now returns the time on a clock with this setting when the real one shows wall.
func (s *setting) now(wall time.Time) time.Time {
	switch {
	case s == nil:
		return wall
	case s.frozen:
		return s.at
	default:
		return s.at.Add(wall.Sub(s.since))
	}
}

func (c *Clock) real() time.Time {
	if c.wall == nil {
		return plain(time.Now())
	}
	return plain(c.wall())
}

// plain returns t in UTC without a monotonic reading, which would make equal times
// differ and outlive a change of the machine's clock.
func plain(t time.Time) time.Time { return t.Round(0).UTC() }
