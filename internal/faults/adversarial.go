package faults

import (
	"time"

	"github.com/mediasandbox/sandbox/internal/contract"
)

// Trouble is one fault of the adversarial preset.
type Trouble struct {
	Spec
	Does    string // what the client meets
	Teaches string // what a correct client does
}

// Troubles lists the adversarial preset. A correct client survives all of it: it may take
// longer, it may have to ask again, but it loses and doubles nothing. So a reply is lost
// after the fake has handled the call only where asking again is free, for calls that read.
func Troubles() []Trouble {
	named := func(name, kind string) Spec { return Spec{Name: "adversarial-" + name, Kind: kind} }
	latency, slow := named("latency", "latency"), named("slow", "slow")
	latency.Delay = &Delay{Min: 50 * time.Millisecond, Max: time.Second}
	slow.Delay = &Delay{Min: time.Second, Max: time.Second}
	busy, cut, page := named("busy", "status"), named("truncated", "truncate"), named("page", "garbage")
	busy.Status = 503
	cut.Effect, page.Effect = contract.Read, contract.Read
	return []Trouble{
		{latency, "The answer comes 50 ms to 1 s late.", "Has a timeout, and one that is not too short."},
		{slow, "The body takes 1 s.", "Reads to the end, with a timeout over all of it."},
		{named("chunked", "chunked"), "No Content-Length, three chunks.", "Reads until the end, not once."},
		{named("restyled", "restyled"), "Members of JSON in another order, white space.", "Parses JSON rather than cutting it."},
		{named("reset", "reset"), "TCP reset; the call was not handled.", "Tries again; for a paid call, after looking whether it went through."},
		{named("empty", "empty"), "Closed without a byte; the call was not handled.", "The same; libraries report it as another error."},
		{busy, "HTTP 503 with Retry-After and an HTML page; the call was not handled.", "Looks at the status before the body, and waits as told."},
		{cut, "Half a body, for calls that only read.", "Holds the length, and asks again."},
		{page, "An HTML page in place of JSON, for calls that only read.", "Takes what cannot be parsed for a failure, and asks again."},
	}
}

// Adversarial returns the preset such that together it troubles at most the given share of
// all calls, 0.05 for one in twenty: the same calls for the same seed.
func Adversarial(share float64, seed uint64) []Spec {
	troubles := Troubles()
	list := make([]Spec, len(troubles))
	for i, t := range troubles {
		list[i] = t.Spec
		list[i].Chance, list[i].Seed = share/float64(len(troubles)), seed
	}
	return list
}
