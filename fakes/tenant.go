package fakes

import (
	"errors"
	"fmt"
	"hash/fnv"
	"regexp"
	"sort"
	"sync"
	"sync/atomic"
	"time"

	"github.com/mediasandbox/sandbox/internal/clock"
)

// DefaultTenant is the id of the tenant that owns the vendors' example credentials.
const DefaultTenant = "default"

// Tenant is a universe of its own: one credential per API, and its own worlds,
// clock, seed and settings. Nothing that a tenant does shows in another.
type Tenant struct {
	ID      string
	Seed    uint64
	Default bool
	Clock   *clock.Clock
	Created time.Time // on the wall clock
	Expires time.Time // on the wall clock; zero means never

	settings map[string]Settings // by API
	accounts map[string][]Account
	born     atomic.Pointer[time.Time]
	slots    []slot // by API, in the host's order
	place    int    // in the host's expiry
	life     sync.RWMutex
	gone     bool // it was removed; guarded by life, which no other lock is taken under

	// Recorder is what the host's Recorder keeps for this tenant.
	Recorder any
	// Faults is what the host's Faulter keeps for this tenant.
	Faults any
}

// slot holds one world. The lock is the world's single hand.
type slot struct {
	mu       sync.Mutex
	world    World
	handlers Handlers
	calls    uint64                    // handled since the world was made
	seed     uint64                    // with calls, seeds Call.Rand
	born     atomic.Pointer[time.Time] // when the world begins; nil takes the tenant's birth
}

// Errors of tenant management; the admin API turns them into problem documents.
var (
	ErrTenantExists  = errors.New("a tenant of that id exists already")
	ErrTenantUnknown = errors.New("no tenant of that id")
	ErrTenantDefault = errors.New("the default tenant cannot be deleted")
	ErrTenantID      = errors.New("a tenant id is 1 to 40 of a-z, 0-9 and -, and begins and ends with a letter or digit")
	ErrTenantLimit   = errors.New("the limit on tenants is reached")
)

// tenantID is a DNS label, because a tenant is also reached as {tenant}.{api}.localhost.
var tenantID = regexp.MustCompile(`^[a-z0-9]([a-z0-9-]{0,38}[a-z0-9])?$`)

// NewTenant describes a tenant to make.
type NewTenant struct {
	ID       string        // "" draws one
	Seed     uint64        // 0 derives one from the host's seed and the id
	TTL      time.Duration // 0 means until deleted
	Settings map[string]string
}

// AddTenant makes a tenant. Its worlds are made at their first use, as of now.
func (h *Host) AddTenant(n NewTenant) (*Tenant, error) {
	h.enter()
	defer h.leave()
	h.tenants.mu.Lock()
	defer h.tenants.mu.Unlock()
	h.expire()
	if n.ID == "" {
		for {
			h.tenants.drawn++
			n.ID = fmt.Sprintf("t%d", h.tenants.drawn)
			if h.tenants.byID[n.ID] == nil {
				break
			}
		}
	}
	switch {
	case !tenantID.MatchString(n.ID):
		return nil, ErrTenantID
	case h.tenants.byID[n.ID] != nil:
		return nil, ErrTenantExists
	case len(h.tenants.byID) >= h.cfg.MaxTenants:
		return nil, ErrTenantLimit
	}
	settings, err := h.settings(n.Settings)
	if err != nil {
		return nil, err
	}
	t := h.tenant(n.ID, n.Seed, settings, time.Time{})
	if n.TTL > 0 {
		t.Expires = t.Created.Add(n.TTL)
	}
	for _, api := range h.apis {
		for _, a := range t.accounts[api.Name] {
			if other := h.tenants.accounts[accountKey{api.Name, a.ID}]; other.tenant != nil {
				return nil, fmt.Errorf("%w: its %s credential is that of %s", ErrTenantExists, api.Name, other.tenant.ID)
			}
		}
	}
	if err := h.store(&Change{Tenant: t.ID, Made: t.made()}); err != nil {
		return nil, err
	}
	h.tenants.add(t)
	return t, nil
}

// tenant makes the value; the caller adds it to the table. A zero birth is now.
func (h *Host) tenant(id string, seed uint64, settings map[string]Settings, born time.Time) *Tenant {
	if seed == 0 {
		seed = mix(h.cfg.Seed, "tenant", id)>>11 | 1 // 53 bits: a number in every JSON reader
	}
	t := &Tenant{
		ID: id, Seed: seed, Default: id == DefaultTenant, Clock: clock.New(h.cfg.Now),
		settings: settings, accounts: make(map[string][]Account, len(h.apis)), slots: make([]slot, len(h.apis)),
	}
	now := t.Clock.Now()
	t.Created = now
	if born.IsZero() {
		born = now
	}
	t.born.Store(&born)
	for _, api := range h.apis {
		t.accounts[api.Name] = api.Accounts(t.env(api))
	}
	if h.cfg.Recorder != nil {
		t.Recorder = h.cfg.Recorder.Open(t)
	}
	if h.cfg.Faulter != nil {
		t.Faults = h.cfg.Faulter.Open(t)
	}
	return t
}

func (t *Tenant) env(api *mounted) Env {
	return Env{Tenant: t.ID, Default: t.Default, Seed: mix(t.Seed, "api", api.Name), Born: t.bornAt(api), Accounts: t.accounts[api.Name]}
}

func (t *Tenant) bornAt(api *mounted) time.Time {
	if born := t.slots[api.index].born.Load(); born != nil {
		return *born
	}
	return t.Born()
}

// Accounts returns the tenant's credentials at an API, its own first.
func (t *Tenant) Accounts(api string) []Account { return t.accounts[api] }

// Settings returns the tenant's settings of an API.
func (t *Tenant) Settings(api string) Settings { return t.settings[api] }

// Born is the time on the tenant's clock when it was made or reset. Its worlds begin
// then, unless the clock was put to another time before their first use.
func (t *Tenant) Born() time.Time { return *t.born.Load() }

// Tenant returns the tenant of that id, or ErrTenantUnknown.
func (h *Host) Tenant(id string) (*Tenant, error) {
	h.tenants.mu.RLock()
	t := h.tenants.byID[id]
	h.tenants.mu.RUnlock()
	if t == nil || h.expired(t) {
		return nil, ErrTenantUnknown
	}
	return t, nil
}

// TenantCount is how many tenants there are, those whose time is over and that nobody
// has missed yet included.
func (h *Host) TenantCount() int {
	h.tenants.mu.RLock()
	defer h.tenants.mu.RUnlock()
	return len(h.tenants.byID)
}

// Tenants returns all tenants by id, the default one first.
func (h *Host) Tenants() []*Tenant { return h.listTenants(false) }

// listTenants is Tenants that also lists those whose time is over and that nobody has
// missed yet.
func (h *Host) listTenants(over bool) []*Tenant {
	h.tenants.mu.RLock()
	defer h.tenants.mu.RUnlock()
	out := make([]*Tenant, 0, len(h.tenants.byID))
	for _, t := range h.tenants.byID {
		if over || !h.expired(t) {
			out = append(out, t)
		}
	}
	sort.Slice(out, func(i, j int) bool {
		if out[i].Default != out[j].Default {
			return out[i].Default
		}
		return out[i].ID < out[j].ID
	})
	return out
}

// RemoveTenant forgets a tenant and everything of it.
func (h *Host) RemoveTenant(id string) error {
	h.enter()
	defer h.leave()
	h.tenants.mu.Lock()
	defer h.tenants.mu.Unlock()
	t := h.tenants.byID[id]
	switch {
	case t == nil || h.expired(t):
		return ErrTenantUnknown
	case t.Default:
		return ErrTenantDefault
	}
	return h.forget(t)
}

// forget removes a tenant from store and table; the lock is held. Calls that are on their
// way go on and leave no trace: the removal is the last that is kept of it.
func (h *Host) forget(t *Tenant) error {
	t.life.Lock()
	defer t.life.Unlock()
	if err := h.store(&Change{Tenant: t.ID, Removed: &struct{}{}}); err != nil {
		return err
	}
	t.gone = true
	h.drop(t)
	return nil
}

// drop takes a tenant off the table; the lock is held.
func (h *Host) drop(t *Tenant) {
	h.tenants.remove(t)
	if c, ok := t.Recorder.(interface{ Close() }); ok {
		c.Close()
	}
}

func (h *Host) expired(t *Tenant) bool {
	return !t.Expires.IsZero() && h.wall().After(t.Expires)
}

// expire drops the tenants whose time is over; the lock is held. It runs when one is
// added, so that a loop which makes tenants with a ttl stays bounded without a timer.
func (h *Host) expire() {
	for len(h.tenants.expiry) > 0 && h.expired(h.tenants.expiry[0]) {
		if h.forget(h.tenants.expiry[0]) != nil {
			return // the store has said why; it is tried again with the next tenant
		}
	}
}

func (h *Host) wall() time.Time { return h.realClock.Now() }

// tenantTable finds tenants by id and by credential.
type tenantTable struct {
	mu       sync.RWMutex
	byID     map[string]*Tenant
	accounts map[accountKey]accountRef
	expiry   expiry
	drawn    uint64
}

type accountKey struct{ api, id string }

type accountRef struct {
	tenant  *Tenant
	account Account
}

func (tt *tenantTable) add(t *Tenant) {
	tt.byID[t.ID] = t
	tt.expiry.add(t)
	for api, list := range t.accounts {
		for _, a := range list {
			tt.accounts[accountKey{api, a.ID}] = accountRef{t, a}
		}
	}
}

func (tt *tenantTable) remove(t *Tenant) {
	delete(tt.byID, t.ID)
	tt.expiry.remove(t)
	for api, list := range t.accounts {
		for _, a := range list {
			delete(tt.accounts, accountKey{api, a.ID})
		}
	}
}

func (tt *tenantTable) account(api, id string) (accountRef, bool) {
	tt.mu.RLock()
	defer tt.mu.RUnlock()
	ref, ok := tt.accounts[accountKey{api, id}]
	return ref, ok
}

// mix derives a seed from another and a purpose; never 0, which means random to some.
func mix(seed uint64, parts ...string) uint64 {
	f := fnv.New64a()
	var b [8]byte
	for i := range b {
		b[i] = byte(seed >> (8 * i))
	}
	f.Write(b[:])
	for _, p := range parts {
		f.Write([]byte(p))
		f.Write([]byte{0})
	}
	if s := f.Sum64(); s != 0 {
		return s
	}
	return 1
}
