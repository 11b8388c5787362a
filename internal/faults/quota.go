package faults

import (
	"net/http"
	"time"

	"github.com/mediasandbox/sandbox/fakes"
)

// quotaOutcomes are the outcomes by which vendors refuse further calls, as far as their
// contracts have one: Cliparto's limit of its page, QQTube's of which the page says that it
// may come.
const (
	clipartoQuota = "too-frequent"
	qqtubeQuota   = "throttled"
)

// quotaKind lets so many calls pass in a window of the tenant's clock and refuses the rest.
func quotaKind() *kind {
	return &kind{
		name: "quota", fields: "outcome limit window", handled: false,
		does: "After limit calls in a window, which begins with its first call, the vendor's own refusal, or the outcome given; " +
			"HTTP 429 of a gateway where the contract has none (assumed).",
		why: "Polyv's pages say that calls are limited and not how, QQTube's that it may throttle.",
		check: func(s *Spec) error {
			if s.Limit == 0 {
				return wrong("limit", "is missing: how many calls pass in a window")
			}
			if s.Window == 0 {
				s.Window = Duration(time.Minute)
			}
			return nil
		},
		turn: exceeds,
		apply: func(c *call) {
			for _, name := range []string{c.spec.Outcome, clipartoQuota, qqtubeQuota} {
				if name != "" && c.op != nil && c.op.Outcome(name) != nil {
					c.fault.Outcome = name
					return
				}
			}
			c.breaks(false, func(w http.ResponseWriter, r *http.Request, _ *fakes.Reply) {
				c.gateway(w, r, http.StatusTooManyRequests)
			})
		},
	}
}

// exceeds counts a call and says whether it is beyond the quota.
func exceeds(a *active, x *fakes.Exchange) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	if end := a.since.Add(time.Duration(a.spec.Window)); a.calls == 0 || !x.At.Before(end) || x.At.Before(a.since) {
		a.since, a.calls = x.At, 0
	}
	a.calls++
	return a.calls > a.spec.Limit
}
