package fakes

import (
	"fmt"
	"log/slog"
	"sort"
	"strings"
	"sync"
	"time"

	"github.com/mediasandbox/sandbox/internal/clock"
	"github.com/mediasandbox/sandbox/internal/contract"
	"github.com/mediasandbox/sandbox/internal/nearest"
)

// Config is what a Host is made of. Only APIs and Documents are needed.
type Config struct {
	APIs      []API
	Documents map[string]*contract.Document // by API name
	Seed      uint64                        // 0 takes 1
	Now       func() time.Time              // the real clock; nil takes time.Now
	Settings  map[string]string             // "qqtube.error-key": "message"; absent ones have their default
	Log       *slog.Logger                  // nil discards

	MaxBody    int64 // bytes of a request body; 0 takes 1 MiB
	MaxTenants int   // 0 takes 200,000

	// Recorder keeps exchanges; nil keeps none.
	Recorder Recorder
	// Faulter breaks calls on request; nil never does.
	Faulter Faulter
	// Store keeps what changes tenants and worlds; nil keeps nothing.
	Store Store
	// OnEvents is told what fell due in a tenant's world, in order, while the world
	// is held: it must not call back into the host.
	OnEvents func(*Tenant, []Event)
	// OnBreach is told of each reply outside the contract, after it was logged.
	OnBreach func(Breach)
	// ExplainHeader adds the diagnosis of a refused signature to the reply.
	ExplainHeader bool
}

// Breach is a reply of ours that the contract does not allow: a defect of a fake.
type Breach struct {
	API, Operation, Outcome string
	Findings                []contract.Finding
}

func (b Breach) String() string {
	return fmt.Sprintf("%s %s, outcome %s: %v", b.API, b.Operation, b.Outcome, b.Findings)
}

// Host serves fakes to all tenants.
type Host struct {
	cfg       Config
	apis      []*mounted
	byName    map[string]*mounted
	byHost    map[string]*mounted
	tenants   tenantTable
	def       *Tenant
	realClock *clock.Clock
	proven    *proven
	log       *slog.Logger
	replaying bool         // changes come from the store; nothing is served yet
	changes   sync.RWMutex // read-locked by every change under way; before every other lock
}

// mounted is an API with its contract.
type mounted struct {
	API
	index int
	doc   *contract.Document
}

// New makes a host, and fails when a fake and its contract do not fit: an operation
// without handler or the reverse, an input that the contract does not declare, a
// setting that does not exist.
func New(cfg Config) (*Host, error) {
	if cfg.Seed == 0 {
		cfg.Seed = 1
	}
	if cfg.MaxBody == 0 {
		cfg.MaxBody = 1 << 20
	}
	if cfg.MaxTenants == 0 {
		cfg.MaxTenants = 200_000
	}
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	h := &Host{
		cfg: cfg, log: cfg.Log, realClock: clock.New(cfg.Now), proven: newProven(),
		byName: map[string]*mounted{}, byHost: map[string]*mounted{},
		tenants: tenantTable{byID: map[string]*Tenant{}, accounts: map[accountKey]accountRef{}},
	}
	for i, api := range cfg.APIs {
		doc := cfg.Documents[api.Name]
		if doc == nil {
			return nil, fmt.Errorf("%s: no contract document", api.Name)
		}
		m := &mounted{API: api, index: i, doc: doc}
		h.apis = append(h.apis, m)
		h.byName[api.Name] = m
		for _, host := range append([]string{api.Name + ".localhost"}, api.Hosts...) {
			h.byHost[host] = m
		}
	}
	settings, err := h.settings(nil)
	if err != nil {
		return nil, err
	}
	h.def = h.tenant(DefaultTenant, cfg.Seed, settings, time.Time{})
	h.tenants.add(h.def)
	for _, m := range h.apis {
		if err := m.check(h.def); err != nil {
			return nil, fmt.Errorf("%s: %w", m.Name, err)
		}
	}
	return h, nil
}

// check holds handlers and document together. The world made for it is dropped: the
// default tenant makes its own at first use.
func (m *mounted) check(t *Tenant) error {
	handlers := m.New(t.env(m)).Handlers()
	for _, op := range m.doc.Operations {
		handler, ok := handlers[op.ID]
		if !ok {
			return fmt.Errorf("the operation %q has no handler", op.ID)
		}
		if err := handler.in.mount(op, m.Merge != nil); err != nil {
			return err
		}
	}
	for id := range handlers {
		if m.doc.Operation(id) == nil {
			return fmt.Errorf("the handler %q has no operation", id)
		}
	}
	return nil
}

// settings completes the given settings with the host's and the defaults.
func (h *Host) settings(given map[string]string) (map[string]Settings, error) {
	all := map[string]Setting{}
	out := make(map[string]Settings, len(h.apis))
	for _, m := range h.apis {
		s := make(Settings, len(m.API.Settings))
		for _, def := range m.API.Settings {
			s[def.Name] = def.Default
			all[m.Name+"."+def.Name] = def
		}
		out[m.Name] = s
	}
	for _, from := range []map[string]string{h.cfg.Settings, given} {
		for _, name := range sorted(from) {
			def, ok := all[name]
			if !ok {
				return nil, noSetting(name, sorted(all))
			}
			if err := def.Check(from[name]); err != nil {
				return nil, fmt.Errorf("setting %s: %w", name, err)
			}
			api, short, _ := strings.Cut(name, ".")
			out[api][short] = from[name]
		}
	}
	return out, nil
}

// noSetting names the setting that was probably meant, or else all that there are.
func noSetting(name string, known []string) error {
	if hint := nearest.Hint(name, known); hint != "" {
		return fmt.Errorf("no setting is called %q%s", name, hint)
	}
	return fmt.Errorf("no setting is called %q; there are %s", name, strings.Join(known, ", "))
}

// Check says whether v is a value of the setting.
func (s Setting) Check(v string) error {
	if s.Values == nil {
		if d, err := time.ParseDuration(v); err != nil || d <= 0 {
			return fmt.Errorf("%q is not a positive duration such as %s", v, s.Default)
		}
		return nil
	}
	for _, allowed := range s.Values {
		if v == allowed {
			return nil
		}
	}
	return fmt.Errorf("%q is not one of %s", v, strings.Join(s.Values, ", "))
}

// APIs returns the mounted APIs in their order.
func (h *Host) APIs() []API {
	out := make([]API, len(h.apis))
	for i, m := range h.apis {
		out[i] = m.API
	}
	return out
}

// Document returns an API's contract, or nil.
func (h *Host) Document(api string) *contract.Document {
	if m := h.byName[api]; m != nil {
		return m.doc
	}
	return nil
}

// Default returns the default tenant.
func (h *Host) Default() *Tenant { return h.def }

// Seed returns the host's seed.
func (h *Host) Seed() uint64 { return h.cfg.Seed }

func sorted[V any](m map[string]V) []string {
	out := make([]string, 0, len(m))
	for k := range m {
		out = append(out, k)
	}
	sort.Strings(out)
	return out
}
