package qqtube

import (
	"errors"
	"fmt"
	"math/bits"
	"strconv"
	"time"
	"unicode/utf8"
)

// The statuses that have rules; the others are only shown (vendor page, status).
const (
	statusCompleted  = 1
	statusInProgress = 2
	statusProgress3  = 3 // In Progress too, but of type error
	statusRefunded   = 8
	lastStatus       = 25
)

// Submission is an order. How far it has come is a function of the record and the
// time, see at; nothing is written while it is being delivered.
type Submission struct {
	ID       int64     `json:"id"`
	Service  string    `json:"service"` // id_service
	URL      string    `json:"url"`     // long_url, as sent
	Start    int64     `json:"start"`   // the count read when the order was added
	Wanted   int64     `json:"wanted"`
	Cost     Money     `json:"cost"`
	Added    time.Time `json:"added"`
	Delivery Duration  `json:"delivery"` // from begin to completion

	// Began is when delivery began, zero for when it was added. A stop moves it by
	// as long as the stop lasts, so that delivery goes on where it stood.
	Began time.Time `json:"began,omitzero"`
	// Override is a status set from outside.
	Override *Override `json:"override,omitempty"`
	// Literal is set on the page's examples, which keep the page's numbers.
	Literal *Literal `json:"literal,omitempty"`
	// Reported says that the completion was reported as an event.
	Reported bool `json:"reported,omitempty"`
}

// Override is a status that a test has set.
type Override struct {
	Status int       `json:"status"` // 1 to 25
	At     time.Time `json:"at"`     // since when; delivery stands still from then on, except at 2 and 3
	// Refund is what was returned to the funds; exactly with status 8. The refund's
	// time is At.
	Refund *Money `json:"refund,omitempty"`
}

// Literal are the numbers of an example on the vendor's page.
type Literal struct {
	Status  int   `json:"status"`
	Current int64 `json:"current"`
	Sent    int64 `json:"sent"`
}

// progress is what a submission looks like at some time.
type progress struct {
	status        int
	current, sent int64
}

// at returns the submission's status and counts at a time (CONTRACTS section 1,
// life of a new order): linear from start to start + wanted, then completed.
func (s *Submission) at(now time.Time) progress {
	p := progress{status: statusInProgress}
	if s.Override != nil {
		p.status = s.Override.Status
	}
	if s.Literal != nil {
		if s.Override == nil {
			p.status = s.Literal.Status
		}
		p.current, p.sent = s.Literal.Current, s.Literal.Sent
		return p
	}
	switch {
	case s.Override != nil && s.Override.Status == statusCompleted:
		p.sent = s.Wanted
	case s.stopped():
		p.sent = s.delivered(s.Override.At)
	default:
		p.sent = s.delivered(now)
		if p.sent == s.Wanted {
			p.status = statusCompleted
		}
	}
	p.current = s.Start + p.sent
	return p
}

// stopped reports whether an override keeps the order from being delivered.
func (s *Submission) stopped() bool {
	return s.Override != nil && s.Override.Status != statusInProgress && s.Override.Status != statusProgress3
}

// pending reports whether the order's completion is still to be reported.
func (s *Submission) pending() bool { return s.Literal == nil && !s.Reported && !s.stopped() }

func (s *Submission) began() time.Time {
	if s.Began.IsZero() {
		return s.Added
	}
	return s.Began
}

// due is when the last of the order is delivered.
func (s *Submission) due() time.Time { return s.began().Add(time.Duration(s.Delivery)) }

// delivered is how many were delivered by then: Wanted at due and not before.
func (s *Submission) delivered(by time.Time) int64 {
	elapsed := by.Sub(s.began())
	switch {
	case elapsed <= 0:
		return 0
	case elapsed >= time.Duration(s.Delivery):
		return s.Wanted
	}
	// elapsed < Delivery, so the quotient is below Wanted and Div64 cannot overflow.
	hi, lo := bits.Mul64(uint64(s.Wanted), uint64(elapsed)) //nolint:gosec // both positive
	n, _ := bits.Div64(hi, lo, uint64(s.Delivery))          //nolint:gosec // positive
	return int64(n)                                         //nolint:gosec // below Wanted
}

// maxCount bounds every counter, so that sums cannot overflow.
const maxCount = 1_000_000_000_000_000

// check returns what is wrong with a record that came from outside.
func (s *Submission) check() error {
	var wrong []error
	need := func(ok bool, what string) {
		if !ok {
			wrong = append(wrong, errors.New(what))
		}
	}
	need(s.ID > 0, "id is not above 0")
	need(digits.MatchString(s.Service), "service is not a number")
	need(s.URL != "" && utf8.ValidString(s.URL), "url is missing or not UTF-8")
	need(s.Start >= 0 && s.Start <= maxCount, "start is out of range")
	need(s.Wanted > 0 && s.Wanted <= maxCount, "wanted is out of range")
	need(!s.Added.IsZero(), "added is missing")
	need(s.Cost >= 0 && s.Cost <= maxMoney, "cost is out of range")
	need(s.Literal != nil || (s.Delivery > 0 && s.Delivery <= maxDelivery), "delivery is out of range")
	if o := s.Override; o != nil {
		need(o.Status >= 1 && o.Status <= lastStatus, "override.status is not between 1 and 25")
		need(!o.At.IsZero(), "override.at is missing")
		need((o.Status == statusRefunded) == (o.Refund != nil), "override.refund goes with status 8 and with no other")
		need(o.Refund == nil || (*o.Refund >= 0 && *o.Refund <= s.Cost), "override.refund is out of range")
	}
	if l := s.Literal; l != nil {
		need(l.Status >= 1 && l.Status <= lastStatus, "literal.status is not between 1 and 25")
		need(l.Status != statusRefunded, "literal.status cannot be 8: a refund is an override, which says how much and when")
		need(l.Current >= 0 && l.Sent >= 0, "literal has a count below 0")
	}
	if err := errors.Join(wrong...); err != nil {
		return fmt.Errorf("submission %d: %w", s.ID, err)
	}
	return nil
}

// wireTime writes a time as the page does: UTC, to the second.
func wireTime(t time.Time) string { return t.UTC().Format(time.DateTime) }

func itoa(n int64) string { return strconv.FormatInt(n, 10) }
