package faults

import "net/http"

// outcomeKind answers with an outcome of the contract, by name: the only way to those that
// no request leads to.
func outcomeKind() *kind {
	return &kind{
		name: "outcome", fields: "outcome", needsOutcome: true, handled: false,
		does: "The reply of the named outcome, in the vendor's words. Signature, parameters and state are not asked.",
		why:  "A vendor fails in ways that no request brings about: tasks that cannot be made, failures of its own.",
		check: func(s *Spec) error {
			if s.Outcome == "" {
				return wrong("outcome", "is missing")
			}
			return nil
		},
		apply: func(c *call) { c.fault.Outcome = c.spec.Outcome },
	}
}

// latencyKind delays the answer and changes nothing else.
func latencyKind() *kind {
	return &kind{
		name: "latency", handled: true,
		does: "The right answer, after a delay.",
		why:  "Vendors have slow days; a client wants a timeout, and one that is not too short.",
		check: func(s *Spec) error {
			if s.Delay == nil {
				return wrong("delay", "is missing")
			}
			return nil
		},
		apply: func(*call) {},
	}
}

func checkStatus(s *Spec) error {
	if s.Status < 400 || s.Status > 599 || http.StatusText(s.Status) == "" {
		return wrong("status", "wants an HTTP status from 400 to 599, such as 503")
	}
	return nil
}
