// Package metrics counts what a sandbox does, for Prometheus: requests by API, operation
// and outcome, how long they took, replies outside the contract, and how many tenants and
// journal entries there are.
//
// It is a fakes.Recorder around another one. It keeps no requests (that is the journal)
// and knows no tenant by name: the values of labels come from the contracts alone, so that
// no client can make the number of series grow, and nothing that a request carries, secrets
// included, can get here.
//
// The page is written here rather than by Prometheus' own client, whose protocol buffers
// are a tenth of the binary and of the memory at rest; its parser judges the page in tests.
package metrics

import (
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"github.com/mediasandbox/sandbox/fakes"
	"github.com/mediasandbox/sandbox/internal/contract"
)

// None is the value of a label that has no name: the operation of a request that names
// none, the outcome of a connection that was broken before anything was said.
const None = "none"

// Metrics counts exchanges. All methods may be called from any number of goroutines.
type Metrics struct {
	next       fakes.Recorder
	started    time.Time
	gauges     Gauges
	apis       []*apiSeries // by name, as the page lists them
	operations map[operationKey]*operationSeries
}

// apiSeries are the series of one API.
type apiSeries struct {
	name       string
	faults     atomic.Uint64
	operations []*operationSeries // by name
}

// operationKey names the series of one operation.
type operationKey struct{ api, operation string }

// operationSeries are the series of one operation.
type operationSeries struct {
	api      *apiSeries
	name     string
	outcomes []string // sorted
	requests map[string]*atomic.Uint64
	breaches atomic.Uint64
	seconds  histogram // of all outcomes
}

// New returns metrics over the contracts of the given APIs. What it counts it passes on to
// next, which may be nil.
//
// Every series of every contract is there from the beginning, at 0: a rate is then right
// from the first request on, and an alert on an outcome that was never met can be written.
func New(docs map[string]*contract.Document, next fakes.Recorder) *Metrics {
	m := &Metrics{next: next, started: time.Now(), operations: map[operationKey]*operationSeries{}}
	for name, doc := range docs {
		api := &apiSeries{name: name}
		m.apis = append(m.apis, api)
		add := func(operation string, outcomes []string) {
			s := &operationSeries{api: api, name: operation, outcomes: outcomes, requests: make(map[string]*atomic.Uint64, len(outcomes))}
			slices.Sort(s.outcomes)
			for _, o := range outcomes {
				s.requests[o] = new(atomic.Uint64)
			}
			api.operations = append(api.operations, s)
			m.operations[operationKey{name, operation}] = s
		}
		outside := []string{None}
		for outcome := range doc.Common {
			outside = append(outside, outcome)
		}
		add(None, outside)
		for _, op := range doc.Operations {
			outcomes := []string{None}
			for _, o := range op.Outcomes {
				outcomes = append(outcomes, o.Name)
			}
			add(op.ID, outcomes)
		}
		slices.SortFunc(api.operations, func(a, b *operationSeries) int { return strings.Compare(a.name, b.name) })
	}
	slices.SortFunc(m.apis, func(a, b *apiSeries) int { return strings.Compare(a.name, b.name) })
	return m
}

// Open returns what the next recorder keeps for the tenant: the host finds its Reset and
// Close there as if it stood alone.
func (m *Metrics) Open(t *fakes.Tenant) any {
	if m.next == nil {
		return nil
	}
	return m.next.Open(t)
}

// Record counts an exchange and passes it on.
func (m *Metrics) Record(x *fakes.Exchange) {
	m.count(x)
	if m.next != nil {
		m.next.Record(x)
	}
}

func (m *Metrics) count(x *fakes.Exchange) {
	operation := x.Operation
	if operation == "" {
		operation = None
	}
	s, ok := m.operations[operationKey{x.API, operation}]
	if !ok {
		return // an API without a contract
	}
	requests, ok := s.requests[x.Outcome]
	if !ok { // nothing was said, or it is not the operation's: counted, but under no name of its own
		requests = s.requests[None]
	}
	requests.Add(1)
	s.seconds.observe(x.Duration)
	if len(x.Breach) > 0 {
		s.breaches.Add(1)
	}
	if x.Fault != "" {
		s.api.faults.Add(1)
	}
}

// bounds are the upper bounds of the histogram's buckets. A call in process takes some ten
// microseconds, a fault may delay it by seconds.
var bounds = [...]time.Duration{ //nolint:gochecknoglobals // a table
	25 * time.Microsecond, 50 * time.Microsecond, 100 * time.Microsecond, 250 * time.Microsecond, time.Millisecond, 5 * time.Millisecond,
	25 * time.Millisecond, 100 * time.Millisecond, 500 * time.Millisecond, 2500 * time.Millisecond, 10 * time.Second,
}

// histogram counts durations by size. Its zero value is empty.
type histogram struct {
	buckets [len(bounds) + 1]atomic.Uint64 // not cumulative; the last is above every bound
	sum     atomic.Int64                   // nanoseconds
}

func (h *histogram) observe(d time.Duration) {
	i := 0
	for i < len(bounds) && d > bounds[i] {
		i++
	}
	h.buckets[i].Add(1)
	h.sum.Add(int64(d))
}
