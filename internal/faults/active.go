package faults

import (
	"hash/fnv"
	"sync"
	"sync/atomic"
	"time"

	"github.com/mediasandbox/sandbox/fakes"
	"github.com/mediasandbox/sandbox/internal/contract"
)

// active is a fault of one tenant with its counts.
type active struct {
	spec    Spec
	kind    *kind
	docs    map[string]*contract.Document
	seed    uint64
	expires time.Time // on the tenant's clock; zero means never
	now     func() time.Time

	matched atomic.Uint64
	applied atomic.Uint64

	mu    sync.Mutex // of the quota's window
	since time.Time
	calls uint64
}

func (s *Set) activate(spec Spec) *active {
	seed := spec.Seed
	if seed == 0 {
		seed = s.tenant.Seed
	}
	a := &active{
		spec: spec, kind: kindOf(spec.Kind), docs: s.faulter.docs, now: s.tenant.Clock.Now,
		seed: splitmix(seed ^ hash(spec.Name)),
	}
	if spec.TTL > 0 {
		a.expires = a.now().Add(time.Duration(spec.TTL))
	}
	return a
}

func (a *active) status() Status {
	st := Status{Spec: a.spec, Matched: a.matched.Load(), Applied: a.applied.Load()}
	if !a.expires.IsZero() {
		st.Expires = &a.expires
		st.Over = !a.now().Before(a.expires)
	}
	st.Over = st.Over || a.spec.Times > 0 && st.Applied >= a.spec.Times
	return st
}

// pick returns the fault when the call is one of its and it is the call's turn.
func (a *active) pick(x *fakes.Exchange) *fakes.Fault {
	s := &a.spec
	if !a.expires.IsZero() && !x.At.Before(a.expires) {
		return nil
	}
	op, ok := a.concerns(x)
	if !ok {
		return nil
	}
	n := a.matched.Add(1)
	if n <= s.Skip || s.Chance > 0 && a.even(n, 0) >= s.Chance {
		return nil
	}
	if a.kind.turn != nil && !a.kind.turn(a, x) {
		return nil
	}
	if !a.take() {
		return nil
	}
	fault := &fakes.Fault{Name: s.Name}
	if s.Delay != nil && !a.kind.stretches {
		fault.Delay = s.Delay.draw(a.even(n, 1), a.even(n, 2))
	}
	a.kind.apply(&call{active: a, x: x, op: op, n: n, fault: fault})
	return fault
}

// concerns says whether a call is one of those that the fault is about. op is nil for a
// request that names no operation.
func (a *active) concerns(x *fakes.Exchange) (op *contract.Operation, ok bool) {
	s := &a.spec
	if s.API != "" && s.API != x.API || s.Operation != "" && s.Operation != x.Operation || s.Caller != "" && s.Caller != x.Caller {
		return nil, false
	}
	if doc := a.docs[x.API]; doc != nil && x.Operation != "" {
		op = doc.Operation(x.Operation)
	}
	if s.Effect != "" && (op == nil || op.Effect != s.Effect) || a.kind.needsOutcome && (op == nil || op.Outcome(s.Outcome) == nil) {
		return op, false
	}
	for name, want := range s.Params {
		var got string
		found := false
		if op != nil {
			if p := op.Param(name); p != nil {
				got, found = p.Find(x.Values)
			}
		}
		if !found || got != want {
			return op, false
		}
	}
	return op, true
}

// take uses up one of Spec.Times.
func (a *active) take() bool {
	for {
		n := a.applied.Load()
		if a.spec.Times > 0 && n >= a.spec.Times {
			return false
		}
		if a.applied.CompareAndSwap(n, n+1) {
			return true
		}
	}
}

// even is an even draw from 0 up to 1 for the n-th call: the same for the same seed, name
// and n, whatever else happens at the same time.
func (a *active) even(n, purpose uint64) float64 {
	return float64(splitmix(a.seed+splitmix(n*8+purpose))>>11) / (1 << 53)
}

// splitmix is the generator SplitMix64, one step.
func splitmix(x uint64) uint64 {
	x += 0x9e3779b97f4a7c15
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}

func hash(s string) uint64 {
	h := fnv.New64a()
	h.Write([]byte(s)) // a hash takes everything
	return h.Sum64()
}
