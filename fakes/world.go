package fakes

import (
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"sort"
	"time"

	"github.com/mediasandbox/sandbox/internal/strict"
)

// ErrAPIUnknown is returned for an API that is not mounted.
var ErrAPIUnknown = errors.New("no such API")

// hold locks a tenant's world of an API and makes it when it is needed first. The
// caller unlocks the slot.
func (h *Host) hold(t *Tenant, m *mounted) *slot {
	s := &t.slots[m.index]
	s.mu.Lock()
	if s.world == nil {
		defer func() {
			if s.world == nil { // New has panicked: the slot is not to be held for ever
				s.mu.Unlock()
			}
		}()
		s.put(m.New(t.env(m)))
		s.seed = callSeed(t, m)
	}
	return s
}

func callSeed(t *Tenant, m *mounted) uint64 { return mix(t.Seed, "call", m.Name) }

func (s *slot) put(w World) {
	s.world, s.handlers, s.calls = w, w.Handlers(), 0
}

// With runs f with the tenant's world of an API in hand: for state control.
func (h *Host) With(t *Tenant, api string, f func(w World, now time.Time) error) error {
	m := h.byName[api]
	if m == nil {
		return ErrAPIUnknown
	}
	h.enter()
	defer h.leave()
	s := h.hold(t, m)
	defer s.mu.Unlock()
	now := t.Clock.Now()
	h.settle(t, m, s, now)
	if h.cfg.Store == nil {
		return f(s.world, now)
	}
	return h.withKept(t, m, s, func() error { return f(s.world, now) })
}

// withKept runs f, which changes a world that is held, and stores what came of it; when
// that cannot be stored, the world is again what it was.
func (h *Host) withKept(t *Tenant, m *mounted, s *slot, f func() error) error {
	before, err := s.export(t.bornAt(m))
	if err != nil {
		return err
	}
	if err := f(); err != nil {
		return err
	}
	// What f did is known to f only: the world as a whole is kept.
	after, err := s.export(t.bornAt(m))
	if err != nil {
		return err
	}
	if err := h.keep(t, &Change{State: &LoadedState{map[string]json.RawMessage{m.Name: after}}}); err != nil {
		undone, failed := m.restore(t, before)
		if failed != nil {
			return errors.Join(err, failed)
		}
		s.world, s.handlers = undone.world, undone.handlers
		return err
	}
	return nil
}

// settle applies what fell due in a world that is held, and tells OnEvents.
func (h *Host) settle(t *Tenant, m *mounted, s *slot, now time.Time) []Event {
	settler, ok := s.world.(Settler)
	if !ok {
		return nil
	}
	events := settler.Settle(now)
	for i := range events {
		events[i].API = m.Name
	}
	if len(events) > 0 && h.cfg.OnEvents != nil && !h.replaying {
		h.cfg.OnEvents(t, events)
	}
	return events
}

// Reset makes a tenant's worlds fresh and its clock real; credentials and settings stay.
func (h *Host) Reset(t *Tenant) error {
	return h.reset(t, h.wall())
}

func (h *Host) reset(t *Tenant, born time.Time) error {
	h.enter()
	defer h.leave()
	defer t.holdAll(func(int) bool { return true })() // no call sees one world fresh and another old
	if err := h.keep(t, &Change{Reset: &born}); err != nil {
		return err
	}
	t.Clock.Reset()
	t.born.Store(&born)
	for i := range t.slots {
		t.slots[i].world, t.slots[i].handlers, t.slots[i].calls = nil, nil, 0
		t.slots[i].born.Store(nil)
	}
	if r, ok := t.Recorder.(interface{ Reset() }); ok {
		r.Reset()
	}
	if r, ok := t.Faults.(interface{ Reset() }); ok {
		r.Reset()
	}
	return nil
}

// Settle applies what fell due in all of a tenant's worlds and returns it in order of time.
// Worlds that nobody has used yet have nothing due.
func (h *Host) Settle(t *Tenant) []Event { return h.settleAt(t, t.Clock.Now()) }

func (h *Host) settleAt(t *Tenant, now time.Time) []Event {
	events := []Event{}
	for _, m := range h.apis {
		events = append(events, h.settleOne(t, m, now)...)
	}
	sort.SliceStable(events, func(i, j int) bool { return events[i].At.Before(events[j].At) })
	return events
}

// settleOne is settle for a world that is not held, and that somebody has used.
func (h *Host) settleOne(t *Tenant, m *mounted, now time.Time) []Event {
	s := &t.slots[m.index]
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.world == nil {
		return nil
	}
	return h.settle(t, m, s, now)
}

// holdAll locks the wanted slots, always in the same order, so that two who want
// several cannot wait for each other, and returns what unlocks them.
func (t *Tenant) holdAll(wanted func(i int) bool) (release func()) {
	var held []*slot
	for i := range t.slots {
		if wanted(i) {
			t.slots[i].mu.Lock()
			held = append(held, &t.slots[i])
		}
	}
	return func() {
		for _, s := range held {
			s.mu.Unlock()
		}
	}
}

// worldState is how a world stands in an export: as it is when it is written, and as text
// when it is read, before there is one to read it into.
type worldState[W any] struct {
	Calls uint64    `json:"calls"`
	Born  time.Time `json:"born"`
	World W         `json:"world"`
}

// Export returns the state of a tenant's world as JSON.
func (h *Host) Export(t *Tenant, api string) (json.RawMessage, error) {
	m := h.byName[api]
	if m == nil {
		return nil, ErrAPIUnknown
	}
	s := h.hold(t, m)
	defer s.mu.Unlock()
	h.settle(t, m, s, t.Clock.Now()) // what fell due shows, whether or not a call has come since
	return s.export(t.bornAt(m))
}

func (s *slot) export(born time.Time) (json.RawMessage, error) {
	data, err := json.Marshal(worldState[World]{s.calls, born, s.world})
	if err != nil {
		return nil, fmt.Errorf("export: %w", err)
	}
	return data, nil
}

// Import replaces worlds by exported ones, all of them or, on an error, none. The
// error says which part of the document is wrong. Fields may be left out; what would be
// lost silently is wrong: fields that there are not, that stand twice or are null.
func (h *Host) Import(t *Tenant, states map[string]json.RawMessage) error {
	fresh := make(map[*mounted]*slot, len(states))
	for _, api := range sorted(states) {
		m := h.byName[api]
		if m == nil {
			return fmt.Errorf("%s: %w", api, ErrAPIUnknown)
		}
		s, err := m.restore(t, states[api])
		if err == nil && !h.replaying { // what was taken once is taken again
			err = s.lost(states[api])
		}
		if err != nil {
			return fmt.Errorf("%s: %w", api, err)
		}
		fresh[m] = s
	}
	h.enter()
	defer h.leave()
	defer t.holdAll(func(i int) bool { return fresh[h.apis[i]] != nil })()
	if err := h.keep(t, &Change{State: &LoadedState{states}}); err != nil {
		return err
	}
	for m, s := range fresh {
		to := &t.slots[m.index]
		to.world, to.handlers, to.calls, to.seed = s.world, s.handlers, s.calls, callSeed(t, m)
		to.born.Store(s.born.Load())
	}
	return nil
}

func (m *mounted) restore(t *Tenant, data json.RawMessage) (*slot, error) {
	var st worldState[json.RawMessage]
	if err := strict.Decode(data, &st, ""); err != nil {
		return nil, err
	}
	switch string(st.World) {
	case "":
		return nil, errors.New(`"world" is missing`)
	case "null":
		return nil, errors.New("world is null")
	}
	env := t.env(m)
	if !st.Born.IsZero() {
		env.Born = st.Born
	}
	// Into a zero world: decoding into a fresh one would merge with its maps.
	w, ok := reflect.New(reflect.TypeOf(m.New(env)).Elem()).Interface().(World)
	if !ok {
		return nil, errors.New("the world is no pointer to a struct")
	}
	if err := strict.Decode(st.World, w, "world"); err != nil {
		return nil, err
	}
	if r, ok := w.(Restorer); ok {
		if err := r.Restore(env); err != nil {
			return nil, err
		}
	}
	s := &slot{}
	s.put(w)
	s.calls = st.Calls
	s.born.Store(&env.Born)
	return s, nil
}

// lost returns an error for what a document says of a world and the world restored from it
// has not kept.
func (s *slot) lost(sent json.RawMessage) error {
	kept, err := s.export(*s.born.Load())
	if err != nil {
		return err
	}
	return strict.Lost(sent, kept, worldState[json.RawMessage]{}, s.world)
}
