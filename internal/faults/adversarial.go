package faults

import (
	"time"

	"github.com/mediasandbox/sandbox/internal/contract"
)

// Adversarial returns faults that together trouble about the given share of all calls,
// 0.05 for one in twenty, the same calls for the same seed. A correct client survives all
// of them: it may take longer, it may have to ask again, but it loses and doubles nothing.
// Replies are lost after the fake has handled the call only where asking again is free.
//
//	name                    trouble                               what a client learns to do
//	adversarial-latency     50 ms to 1 s late                     not to give up too early
//	adversarial-slow        the body takes 1 s                    to read to the end, with a timeout over all of it
//	adversarial-chunked     no Content-Length                     to read until the end, not once
//	adversarial-restyled    members in another order, blanks      to parse JSON, not to cut it
//	adversarial-reset       TCP reset, the call was not handled   to try again, for paid calls after looking whether it went through
//	adversarial-empty       closed without a byte, not handled    the same; libraries report it as another error
//	adversarial-busy        HTTP 503 with Retry-After and HTML    to look at the status before the body, and to wait as told
//	adversarial-truncated   half a body, calls that read only     to hold the length, and to ask again
//	adversarial-page        an HTML page in place of JSON,        to take what cannot be parsed for a failure, and to ask again
//	                        calls that read only
func Adversarial(share float64, seed uint64) []Spec {
	list := []Spec{
		{Name: "adversarial-latency", Kind: "latency", Delay: &Delay{Min: 50 * time.Millisecond, Max: time.Second}},
		{Name: "adversarial-slow", Kind: "slow", Delay: &Delay{Min: time.Second, Max: time.Second}},
		{Name: "adversarial-chunked", Kind: "chunked"},
		{Name: "adversarial-restyled", Kind: "restyled"},
		{Name: "adversarial-reset", Kind: "reset"},
		{Name: "adversarial-empty", Kind: "empty"},
		{Name: "adversarial-busy", Kind: "status", Status: 503},
		{Name: "adversarial-truncated", Kind: "truncate", Effect: contract.Read},
		{Name: "adversarial-page", Kind: "garbage", Effect: contract.Read},
	}
	for i := range list {
		list[i].Chance, list[i].Seed = share/float64(len(list)), seed
	}
	return list
}
