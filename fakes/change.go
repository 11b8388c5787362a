package fakes

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/mediasandbox/sandbox/internal/clock"
	"github.com/mediasandbox/sandbox/internal/contract"
)

// Store keeps changes beyond the life of the process. A world is a deterministic state
// machine, so what is kept is not the state but the calls that led to it.
type Store interface {
	// Append keeps a change; it is called before the change is made, so that whatever
	// a caller was told is kept. After an error the change is not made.
	Append(c *Change) error
}

// ErrStore is a change that could not be kept, and was not made.
var ErrStore = errors.New("the change could not be stored")

// Change is one step of a sandbox's history. Exactly one of the pointers is set.
type Change struct {
	Tenant string `json:"tenant"`

	Made    *MadeTenant  `json:"made,omitempty"`
	Removed *struct{}    `json:"removed,omitempty"`
	Call    *MadeCall    `json:"call,omitempty"`
	Clock   *MovedClock  `json:"clock,omitempty"`
	Reset   *time.Time   `json:"reset,omitempty"` // the new birth
	State   *LoadedState `json:"state,omitempty"`
}

// MadeTenant is a tenant as it was made.
type MadeTenant struct {
	Seed     uint64              `json:"seed"`
	Born     time.Time           `json:"born"`
	Created  time.Time           `json:"created"`
	Expires  time.Time           `json:"expires,omitzero"`
	Settings map[string]Settings `json:"settings"`
	// Begins is when worlds begin whose clock was put to another time before their first use, by API.
	Begins map[string]time.Time `json:"begins,omitempty"`
}

// MadeCall is a call as it came to a world.
type MadeCall struct {
	API       string            `json:"api"`
	Operation string            `json:"operation"`
	Number    uint64            `json:"number"` // of the world's calls: seeds its randomness
	Now       time.Time         `json:"now"`
	Caller    string            `json:"caller,omitempty"`
	Method    string            `json:"method"`
	Path      string            `json:"path"`
	Base      string            `json:"base"`
	Values    []MadeValue       `json:"values,omitempty"`
	Header    map[string]string `json:"header,omitempty"` // only with a JSON body
	Body      []byte            `json:"body,omitempty"`   // likewise
}

// MadeValue is a parameter; what a client sends need not be UTF-8.
type MadeValue struct {
	Name     []byte      `json:"name"`
	Value    []byte      `json:"value"`
	In       contract.In `json:"in"`
	Shadowed bool        `json:"shadowed,omitempty"`
}

// MovedClock is where a clock was put.
type MovedClock struct {
	Real   bool          `json:"real,omitempty"`
	Frozen bool          `json:"frozen,omitempty"`
	Now    time.Time     `json:"now"`
	Offset time.Duration `json:"offset,omitempty"` // from the real time, of a clock that runs
	Begins []string      `json:"begins,omitempty"` // APIs whose worlds begin there: nobody had used them yet
}

// LoadedState is the state of some worlds, by API, as Export gives it.
type LoadedState struct {
	Worlds map[string]json.RawMessage `json:"worlds"`
}

// store keeps a change, if there is a store.
func (h *Host) store(c *Change) error {
	if h.cfg.Store == nil || h.replaying {
		return nil
	}
	if err := h.cfg.Store.Append(c); err != nil {
		h.log.Error("a change could not be stored", "tenant", c.Tenant, "error", err.Error())
		return fmt.Errorf("%w: %w", ErrStore, err)
	}
	return nil
}

// keep is store for a change of a tenant that others may be removing: what is not there
// any more has nothing to keep, and a log that goes on after a removal could not be replayed.
func (h *Host) keep(t *Tenant, c *Change) error {
	if h.cfg.Store == nil || h.replaying {
		return nil
	}
	t.life.RLock()
	defer t.life.RUnlock()
	if t.gone {
		return nil
	}
	c.Tenant = t.ID
	return h.store(c)
}

// kept reports whether the call may change its world, and is kept for that.
func (s *serving) kept() bool {
	return s.h.cfg.Store != nil && !s.h.replaying && (s.match.Op.Effect != contract.Read || s.m.ReadsCount)
}

// storeCall keeps a call that may change its world; the world is held.
func (s *serving) storeCall(number uint64) error {
	if !s.kept() {
		return nil
	}
	c := &MadeCall{
		API: s.m.Name, Operation: s.match.Op.ID, Number: number, Now: s.call.Now, Caller: s.call.Caller,
		Method: s.call.Method, Path: s.call.Path, Base: s.call.base,
	}
	for _, v := range s.call.Values {
		c.Values = append(c.Values, MadeValue{[]byte(v.Name), []byte(v.Value), v.In, v.Shadowed})
	}
	if s.match.Op.JSONBody != nil {
		c.Body = s.call.Body
		c.Header = map[string]string{}
		for name, v := range s.x.Request.Header {
			c.Header[name] = v[0]
		}
	}
	return s.h.keep(s.x.Tenant, &Change{Call: c})
}

// enter begins a change, from before it is kept until it is made; leave ends it. Where
// nothing is kept, nobody asks.
func (h *Host) enter() {
	if h.cfg.Store != nil {
		h.changes.RLock()
	}
}

func (h *Host) leave() {
	if h.cfg.Store != nil {
		h.changes.RUnlock()
	}
}

// Still runs f while nothing changes: changes under way are ended first, others wait.
func (h *Host) Still(f func() error) error {
	h.changes.Lock()
	defer h.changes.Unlock()
	return f()
}

// MoveClock changes a tenant's clock and returns what fell due by that, in order.
func (h *Host) MoveClock(t *Tenant, move func(c *clock.Clock)) ([]Event, error) {
	h.enter()
	_, err := h.moveClock(t, move, nil)
	h.leave()
	if err != nil {
		return nil, err
	}
	return h.Settle(t), nil
}

// PutClock is MoveClock for a clock that is put to a time rather than moved on: worlds
// that nobody has used yet begin there, so that their history is one relative to the
// clock whatever it shows.
func (h *Host) PutClock(t *Tenant, move func(c *clock.Clock)) ([]Event, error) {
	if err := h.putClock(t, move); err != nil {
		return nil, err
	}
	return h.Settle(t), nil
}

func (h *Host) putClock(t *Tenant, move func(c *clock.Clock)) error {
	h.enter()
	defer h.leave()
	defer t.holdAll(func(int) bool { return true })() // no world is made meanwhile
	var begins []string
	for _, m := range h.apis {
		if t.slots[m.index].world == nil {
			begins = append(begins, m.Name)
		}
	}
	now, err := h.moveClock(t, move, begins)
	if err == nil {
		h.begin(t, begins, now)
	}
	return err
}

// begin has worlds begin at a time. They are held.
func (h *Host) begin(t *Tenant, apis []string, at time.Time) {
	for _, api := range apis {
		if m := h.byName[api]; m != nil {
			t.slots[m.index].born.Store(&at)
		}
	}
}

func (h *Host) moveClock(t *Tenant, move func(c *clock.Clock), begins []string) (time.Time, error) {
	before := t.Clock.State()
	move(t.Clock)
	st := t.Clock.State()
	change := &MovedClock{Real: st.Offset == 0 && !st.Frozen, Frozen: st.Frozen, Now: st.Now, Offset: st.Offset, Begins: begins}
	if err := h.keep(t, &Change{Clock: change}); err != nil {
		switch {
		case before.Frozen:
			t.Clock.Set(before.Now, true)
		case before.Offset == 0:
			t.Clock.Reset()
		default:
			t.Clock.Set(h.wall().Add(before.Offset), false)
		}
		return time.Time{}, err
	}
	return st.Now, nil
}

// Replay makes a kept change again, in the order of Append, before the host serves.
func (h *Host) Replay(c *Change) error {
	h.replaying = true
	defer func() { h.replaying = false }()
	if c.Made != nil {
		return h.replayTenant(c.Tenant, c.Made)
	}
	t := h.tenants.byID[c.Tenant]
	if t == nil {
		return fmt.Errorf("%w: %s", ErrTenantUnknown, c.Tenant)
	}
	switch {
	case c.Removed != nil:
		h.drop(t)
	case c.Call != nil:
		return h.replayCall(t, c.Call)
	case c.Clock != nil:
		switch m := c.Clock; {
		case m.Real:
			t.Clock.Reset()
		case m.Frozen:
			t.Clock.Set(m.Now, true)
		default:
			t.Clock.Set(h.wall().Add(m.Offset), false)
		}
		h.begin(t, c.Clock.Begins, c.Clock.Now)
		h.settleAt(t, c.Clock.Now)
	case c.Reset != nil:
		return h.reset(t, *c.Reset)
	case c.State != nil:
		return h.Import(t, c.State.Worlds)
	default:
		return errors.New("an empty change")
	}
	return nil
}

func (h *Host) replayTenant(id string, m *MadeTenant) error {
	for api, s := range m.Settings {
		known := h.byName[api]
		if known == nil {
			return fmt.Errorf("%s: %w", api, ErrAPIUnknown)
		}
		for _, def := range known.API.Settings { // settings that came later have their default
			if _, ok := s[def.Name]; !ok {
				s[def.Name] = def.Default
			}
		}
	}
	if old := h.tenants.byID[id]; old != nil {
		h.tenants.remove(old) // the default tenant, made anew with its own seed and birth
	}
	t := h.tenant(id, m.Seed, m.Settings, m.Born)
	t.Created, t.Expires = m.Created, m.Expires
	for api, at := range m.Begins {
		h.begin(t, []string{api}, at)
	}
	h.tenants.add(t)
	if t.Default {
		h.def = t
	}
	return nil
}

func (h *Host) replayCall(t *Tenant, c *MadeCall) error {
	m := h.byName[c.API]
	if m == nil {
		return fmt.Errorf("%s: %w", c.API, ErrAPIUnknown)
	}
	op := m.doc.Operation(c.Operation)
	if op == nil {
		return fmt.Errorf("%s: no operation %q", c.API, c.Operation)
	}
	var values contract.Values
	for _, v := range c.Values {
		values = append(values, contract.Value{Name: string(v.Name), Value: string(v.Value), In: v.In, Shadowed: v.Shadowed})
	}
	header := http.Header{}
	for k, v := range c.Header {
		header.Set(k, v)
	}
	s := serving{h: h, m: m, match: contract.Match{Op: op}, x: Exchange{Tenant: t, API: c.API, Operation: c.Operation, Values: values}}
	s.call = Call{
		API: c.API, Op: op, Caller: c.Caller, Tenant: t.ID, Now: c.Now, Values: values, Header: header.Get, Body: c.Body,
		Path: c.Path, Method: c.Method, Settings: t.settings[c.API], Account: s.account, base: c.Base,
	}
	slot := h.hold(t, m)
	slot.calls = c.Number - 1
	slot.mu.Unlock()
	_, err := s.handle()
	if _, refused := AsRefusal(err); refused {
		return nil // it was refused the first time, too
	}
	var p *errPanic
	if errors.As(err, &p) {
		return nil // likewise
	}
	return err
}

// History yields the shortest series of changes that leads to the present state: for a
// store that starts anew. Nothing may change meanwhile (Still).
func (h *Host) History(yield func(*Change) error) error {
	for _, t := range h.listTenants(true) { // whose time is over they are there until their removal is kept
		if err := h.historyOf(t, yield); err != nil {
			return err
		}
	}
	return nil
}

func (h *Host) historyOf(t *Tenant, yield func(*Change) error) error {
	made := t.made()
	for _, m := range h.apis {
		if born := t.slots[m.index].born.Load(); born != nil {
			if made.Begins == nil {
				made.Begins = map[string]time.Time{}
			}
			made.Begins[m.Name] = *born
		}
	}
	if err := yield(&Change{Tenant: t.ID, Made: made}); err != nil {
		return err
	}
	worlds := map[string]json.RawMessage{}
	for _, m := range h.apis {
		if !t.used(m) {
			continue
		}
		data, err := h.Export(t, m.Name)
		if err != nil {
			return err
		}
		worlds[m.Name] = data
	}
	if len(worlds) > 0 {
		if err := yield(&Change{Tenant: t.ID, State: &LoadedState{worlds}}); err != nil {
			return err
		}
	}
	if st := t.Clock.State(); st.Frozen || st.Offset != 0 {
		return yield(&Change{Tenant: t.ID, Clock: &MovedClock{Frozen: st.Frozen, Now: st.Now, Offset: st.Offset}})
	}
	return nil
}

// used reports whether a tenant has a world of an API.
func (t *Tenant) used(m *mounted) bool {
	s := &t.slots[m.index]
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.world != nil
}

func (t *Tenant) made() *MadeTenant {
	return &MadeTenant{Seed: t.Seed, Born: t.Born(), Created: t.Created, Expires: t.Expires, Settings: t.settings}
}
