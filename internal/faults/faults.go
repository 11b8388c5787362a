// Package faults breaks calls on request: it forces outcomes of the contract, delays
// replies, cuts connections and sends what no vendor would. A fault is a small named thing
// that a tenant lists, puts and deletes; each kind stands in a file of its own.
//
// It decides whether and how a call is broken. What the fake says meanwhile is the fake's
// business, and the label in the journal is the host's.
package faults

import (
	"errors"
	"fmt"
	"sort"
	"sync"
	"sync/atomic"
	"time"

	"github.com/mediasandbox/sandbox/fakes"
	"github.com/mediasandbox/sandbox/internal/contract"
)

// Limits on the faults of one tenant.
const (
	MaxFaults = 100
	// MaxDelay is the longest that one call is delayed: the server ends what takes longer.
	MaxDelay = 4 * time.Minute
)

// Errors of managing faults.
var (
	ErrUnknown = errors.New("there is no fault of that name")
	ErrLimit   = fmt.Errorf("a tenant has at most %d faults", MaxFaults)
)

// Config is what a Faulter is made of.
type Config struct {
	// Documents are the contracts, by which names are checked.
	Documents map[string]*contract.Document
	// Always are the faults that every tenant begins with, and has again after a reset:
	// see Adversarial.
	Always []Spec
}

// Faulter is the fakes.Faulter of a host.
type Faulter struct {
	docs   map[string]*contract.Document
	always []Spec
}

// New makes a Faulter, and fails when a fault of Config.Always is none.
func New(cfg Config) (*Faulter, error) {
	f := &Faulter{docs: cfg.Documents, always: cfg.Always}
	for i := range f.always {
		if err := f.check(&f.always[i]); err != nil {
			return nil, fmt.Errorf("fault %s: %w", f.always[i].Name, err)
		}
	}
	return f, nil
}

// Set is the faults of one tenant. All methods may be called from any number of goroutines.
type Set struct {
	faulter *Faulter
	tenant  *fakes.Tenant
	mu      sync.Mutex                // held by those who change the list
	list    atomic.Pointer[[]*active] // in the order in which they were put; nil for none
}

// Open returns the *Set that fakes.Tenant.Faults holds.
func (f *Faulter) Open(t *fakes.Tenant) any {
	s := &Set{faulter: f, tenant: t}
	s.Reset()
	return s
}

// Of returns the faults of a tenant, nil when its host has none.
func Of(t *fakes.Tenant) *Set {
	s, _ := t.Faults.(*Set)
	return s
}

// Pick returns the fault for a call: of those that concern it, the first whose turn it is.
func (f *Faulter) Pick(x *fakes.Exchange) *fakes.Fault {
	s := Of(x.Tenant)
	if s == nil {
		return nil
	}
	list := s.list.Load()
	if list == nil {
		return nil
	}
	for _, a := range *list {
		if fault := a.pick(x); fault != nil {
			return fault
		}
	}
	return nil
}

// Put adds a fault, or replaces the one of that name; what was counted of it starts anew.
// It returns an *Error that names the field when the fault cannot be, and ErrLimit.
func (s *Set) Put(spec Spec) (Status, error) {
	if err := s.faulter.check(&spec); err != nil {
		return Status{}, err
	}
	a := s.activate(spec)
	s.mu.Lock()
	defer s.mu.Unlock()
	var list []*active
	if old := s.list.Load(); old != nil {
		list = append(list, *old...)
	}
	place := -1
	for i, other := range list {
		if other.spec.Name == spec.Name {
			place = i
		}
	}
	switch {
	case place >= 0:
		list[place] = a
	case len(list) >= MaxFaults:
		return Status{}, ErrLimit
	default:
		list = append(list, a)
	}
	s.list.Store(&list)
	return a.status(), nil
}

// Delete removes a fault, or returns ErrUnknown.
func (s *Set) Delete(name string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	old := s.list.Load()
	if old == nil {
		return ErrUnknown
	}
	var list []*active
	for _, a := range *old {
		if a.spec.Name != name {
			list = append(list, a)
		}
	}
	switch len(list) {
	case len(*old):
		return ErrUnknown
	case 0:
		s.list.Store(nil)
	default:
		s.list.Store(&list)
	}
	return nil
}

// Clear removes all faults, those of Config.Always too.
func (s *Set) Clear() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.list.Store(nil)
}

// Reset leaves the faults that every tenant begins with, and starts their counts anew. The
// host calls it at the tenant's reset.
func (s *Set) Reset() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.faulter.always) == 0 {
		s.list.Store(nil)
		return
	}
	list := make([]*active, 0, len(s.faulter.always))
	for _, spec := range s.faulter.always {
		list = append(list, s.activate(spec))
	}
	s.list.Store(&list)
}

// List returns the faults in the order in which they are asked.
func (s *Set) List() []Status {
	out := []Status{}
	if list := s.list.Load(); list != nil {
		for _, a := range *list {
			out = append(out, a.status())
		}
	}
	return out
}

// Get returns one fault, or ErrUnknown.
func (s *Set) Get(name string) (Status, error) {
	for _, st := range s.List() {
		if st.Name == name {
			return st, nil
		}
	}
	return Status{}, ErrUnknown
}

// Status is a fault and what has come of it.
type Status struct {
	Spec
	Matched uint64     `json:"matched"` // calls that it concerns, skipped ones too
	Applied uint64     `json:"applied"` // calls that it broke
	Expires *time.Time `json:"expires,omitempty"`
	Over    bool       `json:"over"` // it will break no further call: times are used up, or its time has passed
}

func (f *Faulter) apis() []string {
	out := make([]string, 0, len(f.docs))
	for name := range f.docs {
		out = append(out, name)
	}
	sort.Strings(out)
	return out
}
