package fakes

import (
	"hash/maphash"
	"sync/atomic"

	"github.com/mediasandbox/sandbox/internal/contract"
)

// proven remembers replies that were held to their contract and found good. Clients ask
// the same thing over and over; an answer that is the same to the byte need not be read
// again.
//
// Only fingerprints are kept, of 64 bits and with seeds of this host: that a wrong body
// passes for a good one's sake is as likely as guessing one of the numbers. The table has
// a fixed size; a newer body takes the place of an older one.
type proven struct {
	body, outcome maphash.Seed
	table         [4096]atomic.Uint64
}

func newProven() *proven { return &proven{body: maphash.MakeSeed(), outcome: maphash.MakeSeed()} }

// check holds a body to the outcome's contract, unless that was done before.
func (p *proven) check(o *contract.Outcome, body []byte) []contract.Finding {
	fingerprint := maphash.Bytes(p.body, body) ^ maphash.Comparable(p.outcome, o)
	place := &p.table[fingerprint%uint64(len(p.table))]
	if place.Load() == fingerprint {
		return nil
	}
	found := o.Check(body)
	if len(found) == 0 {
		place.Store(fingerprint)
	}
	return found
}
