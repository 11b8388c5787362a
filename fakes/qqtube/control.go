package qqtube

import (
	"fmt"
	"time"

	"github.com/mediasandbox/sandbox/fakes"
)

// AddFunds adds an amount such as "25.00" to the funds, or takes it away when it is
// negative. It returns an error for anything that is no amount and for funds that
// would be negative or too large.
func (w *World) AddFunds(amount string) error {
	m, err := ParseMoney(amount)
	if err != nil {
		return err
	}
	if sum := w.Funds + m; sum < 0 || sum > maxMoney {
		return fakes.Conflict("funds of %s cannot change by %s", w.Funds, m)
	}
	w.Funds += m
	return nil
}

// SetStatus gives an order a status from 1 to 25. Delivery stands still while it is
// neither 2 nor 3, and goes on where it stood when it becomes one of them again; 1
// completes the order at once; 8 refunds what it cost (see Refund). It returns an
// error for an unknown order or status, and for what cannot be taken back: any
// change after a refund, 2 or 3 after completion.
func (w *World) SetStatus(id string, status int, now time.Time) error {
	s := w.submission(id)
	switch {
	case s == nil:
		return fakes.NotFound("submission %q does not exist", id)
	case status < 1 || status > lastStatus:
		return fmt.Errorf("status %d is not between 1 and %d", status, lastStatus)
	case status == statusRefunded:
		return w.Refund(id, s.Cost.String(), now)
	case s.Override != nil && s.Override.Status == statusRefunded:
		return fakes.Conflict("submission %s is refunded", id)
	}
	now = now.UTC().Round(0) // no monotonic reading, the record must survive JSON
	progressing := status == statusInProgress || status == statusProgress3
	if progressing && s.Literal == nil && s.at(now).sent == s.Wanted {
		return fakes.Conflict("submission %s is completed", id)
	}
	w.leave(s, now)
	switch {
	case s.Literal != nil:
		s.Override = &Override{Status: status, At: now}
	case status == statusCompleted:
		s.Began, s.Override = now.Add(-time.Duration(s.Delivery)), nil
	case status == statusInProgress:
		s.Override = nil
	default:
		s.Override = &Override{Status: status, At: now}
	}
	if s.pending() {
		w.waiting.Set(entry{s.due(), s})
	}
	return nil
}

// Refund stops an order with status 8 and returns the amount to the funds. It
// returns an error for an unknown order, a second refund, and an amount that is not
// above 0 and at most what the order cost.
func (w *World) Refund(id, total string, now time.Time) error {
	s := w.submission(id)
	if s == nil {
		return fakes.NotFound("submission %q does not exist", id)
	}
	if s.Override != nil && s.Override.Status == statusRefunded {
		return fakes.Conflict("submission %s is refunded already", id)
	}
	m, err := ParseMoney(total)
	if err != nil {
		return err
	}
	if m <= 0 || m > s.Cost {
		return fmt.Errorf("submission %s cost %s, %s cannot be refunded", id, s.Cost, m)
	}
	if w.Funds > maxMoney-m {
		return fakes.Conflict("the funds are full")
	}
	now = now.UTC().Round(0)
	w.leave(s, now)
	w.Funds += m
	s.Override = &Override{Status: statusRefunded, At: now, Refund: &m}
	return nil
}

// leave takes an order out of its status: out of the queue, and, when it stood
// still, on to now.
func (w *World) leave(s *Submission, now time.Time) {
	if s.pending() {
		w.waiting.Delete(entry{s.due(), s})
	}
	if s.Literal == nil && s.stopped() && s.Override.Status != statusCompleted {
		if stood := now.Sub(s.Override.At); stood > 0 {
			s.Began = s.began().Add(stood)
		}
	}
}
