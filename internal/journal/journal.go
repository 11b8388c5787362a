// Package journal keeps what tenants' clients sent and what they got: the last exchanges
// of each tenant, bounded in entries and bytes, to be listed, counted, waited for,
// followed and exported.
//
// Recording copies bytes and decides nothing. Rendering, masking of secrets and advice
// are the reader's cost, at the time of reading; no view contains a secret of the
// tenant's (mask.go says what that means). It serves no HTTP.
package journal

import (
	"sync"
	"sync/atomic"

	"github.com/mediasandbox/sandbox/fakes"
	"github.com/mediasandbox/sandbox/internal/contract"
	"github.com/mediasandbox/sandbox/internal/coverage"
)

// Config bounds a journal. The zero value works.
type Config struct {
	Entries    int   // of one tenant; 0 takes 1,000
	Bytes      int   // of one tenant; 0 takes 4 MiB
	TotalBytes int64 // of all tenants together; 0 takes 256 MiB
	BodyBytes  int   // kept of each request's and each reply's body; 0 takes 64 KiB

	// Documents are the contracts by API: they tell which parameters are secret, and
	// advice reads parameters by them.
	Documents map[string]*contract.Document
	// Coverage is what replies are counted against; nil counts nothing.
	Coverage *coverage.Catalog
}

// Journal is the fakes.Recorder of a host.
type Journal struct {
	cfg     Config
	total   atomic.Int64 // bytes kept
	swept   atomic.Uint64
	entries atomic.Int64 // kept
	evicted atomic.Uint64
	roster  roster
	scratch sync.Pool // *[]byte, in which an entry's text is put together
}

// New makes a journal.
func New(cfg Config) *Journal {
	setDefault(&cfg.Entries, 1000)
	setDefault(&cfg.Bytes, 4<<20)
	setDefault(&cfg.BodyBytes, 64<<10)
	if cfg.TotalBytes <= 0 {
		cfg.TotalBytes = 256 << 20
	}
	return &Journal{cfg: cfg, scratch: sync.Pool{New: func() any { return new([]byte) }}}
}

func setDefault(n *int, def int) {
	if *n <= 0 {
		*n = def
	}
}

// Tenant is the journal of one tenant. Until something is recorded it costs a few words.
type Tenant struct {
	journal *Journal
	tenant  *fakes.Tenant
	log     atomic.Pointer[log]
	run     coverage.Run
}

// Open returns the *Tenant that fakes.Tenant.Recorder holds.
func (j *Journal) Open(t *fakes.Tenant) any { return &Tenant{journal: j, tenant: t} }

// Of returns the journal of a tenant, nil when its host keeps none.
func Of(t *fakes.Tenant) *Tenant {
	own, _ := t.Recorder.(*Tenant)
	return own
}

// Record keeps an exchange.
func (j *Journal) Record(x *fakes.Exchange) {
	t := Of(x.Tenant)
	if t == nil {
		return
	}
	if c := j.cfg.Coverage; c != nil {
		for _, o := range x.Outcomes {
			t.run.Meet(c, x.API, x.Operation, o)
		}
		if len(x.Outcomes) == 0 { // a fault kept the answer from the client
			t.run.Meet(c, x.API, x.Operation, "")
		}
	}
	t.add(j.copy(x))
}

// Stats are figures about the whole journal, for metrics.
type Stats struct {
	Entries int    // kept now
	Bytes   int64  // kept now
	Tenants int    // that have entries
	Evicted uint64 // entries that the bounds cost, since the start
	Swept   uint64 // of these, what the bound over all tenants cost
}

// Stats returns figures about the whole journal.
func (j *Journal) Stats() Stats {
	return Stats{
		Entries: int(j.entries.Load()), Bytes: j.total.Load(), Tenants: j.roster.len(),
		Evicted: j.evicted.Load(), Swept: j.swept.Load(),
	}
}

// Coverage returns what the tenant's traffic has met, of the named APIs or of all; false
// when nothing is counted.
func (t *Tenant) Coverage(apis ...string) (coverage.Report, bool) {
	if t.journal.cfg.Coverage == nil {
		return coverage.Report{}, false
	}
	return t.run.Report(t.journal.cfg.Coverage, apis...), true
}

// ResetCoverage starts the count anew.
func (t *Tenant) ResetCoverage() { t.run.Reset() }
