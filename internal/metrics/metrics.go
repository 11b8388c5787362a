// Package metrics counts what a sandbox does, for Prometheus: requests by API, operation
// and outcome, how long they took, replies outside the contract, and how many tenants and
// journal entries there are.
//
// It is a fakes.Recorder around another one. It keeps no requests (that is the journal)
// and knows no tenant by name: the values of labels come from the contracts alone, so that
// no client can make the number of series grow, and nothing that a request carries, secrets
// included, can get here.
package metrics

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"

	"github.com/mediasandbox/sandbox/fakes"
	"github.com/mediasandbox/sandbox/internal/contract"
)

// None is the value of a label that has no name: the operation of a request that names
// none, the outcome of a connection that was broken before anything was said.
const None = "none"

// Metrics counts exchanges. All methods may be called from any number of goroutines.
type Metrics struct {
	next     fakes.Recorder
	registry *prometheus.Registry
	cells    map[cellKey]cell
	apis     map[string]apiCounters
}

// cellKey is one combination of labels.
type cellKey struct{ api, operation, outcome string }

// cell are the series that one exchange moves, looked up once.
type cell struct {
	requests prometheus.Counter
	seconds  prometheus.Observer // of the operation, shared by its outcomes
	breaches prometheus.Counter  // likewise
}

// apiCounters are counted by API alone.
type apiCounters struct{ faults prometheus.Counter }

// New returns metrics over the contracts of the given APIs. What it counts it passes on to
// next, which may be nil.
//
// Every series of every contract is there from the beginning, at 0: a rate is then right
// from the first request on, and an alert on an outcome that was never met can be written.
func New(docs map[string]*contract.Document, next fakes.Recorder) *Metrics {
	m := &Metrics{next: next, registry: prometheus.NewRegistry(), cells: map[cellKey]cell{}, apis: map[string]apiCounters{}}
	requests := prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "sandbox_requests_total",
		Help: "Requests to the APIs by what was answered; where several errors were answered together, by the first.",
	}, []string{"api", "operation", "outcome"})
	seconds := prometheus.NewHistogramVec(prometheus.HistogramOpts{
		Name:    "sandbox_request_duration_seconds",
		Help:    "Time from the head of a request to the end of its reply, delays that were asked for included.",
		Buckets: buckets(),
	}, []string{"api", "operation"})
	breaches := prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "sandbox_breaches_total",
		Help: "Replies of the sandbox outside its own contract: defects of a fake.",
	}, []string{"api", "operation"})
	faults := prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "sandbox_faults_total",
		Help: "Requests to which a fault was applied on request.",
	}, []string{"api"})
	m.registry.MustRegister(requests, seconds, breaches, faults,
		collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))

	for api, doc := range docs {
		m.apis[api] = apiCounters{faults.WithLabelValues(api)}
		add := func(operation string, outcomes []string) {
			observer, broken := seconds.WithLabelValues(api, operation), breaches.WithLabelValues(api, operation)
			for _, o := range outcomes {
				m.cells[cellKey{api, operation, o}] = cell{requests.WithLabelValues(api, operation, o), observer, broken}
			}
		}
		outside := []string{None}
		for name := range doc.Common {
			outside = append(outside, name)
		}
		add(None, outside)
		for _, op := range doc.Operations {
			outcomes := []string{None}
			for _, o := range op.Outcomes {
				outcomes = append(outcomes, o.Name)
			}
			add(op.ID, outcomes)
		}
	}
	return m
}

// buckets are upper bounds in seconds. A call in process takes some ten microseconds, a
// fault may delay it by seconds.
func buckets() []float64 {
	return []float64{25e-6, 50e-6, 100e-6, 250e-6, 1e-3, 5e-3, 25e-3, 0.1, 0.5, 2.5, 10}
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
	operation, outcome := x.Operation, x.Outcome
	if operation == "" {
		operation = None
	}
	if outcome == "" {
		outcome = None
	}
	c, ok := m.cells[cellKey{x.API, operation, outcome}]
	if !ok { // an outcome that is not the operation's: counted, but under no name of its own
		if c, ok = m.cells[cellKey{x.API, operation, None}]; !ok {
			return // an API without a contract
		}
	}
	c.requests.Inc()
	c.seconds.Observe(float64(x.Duration) / float64(time.Second))
	if len(x.Breach) > 0 {
		c.breaches.Inc()
	}
	if x.Fault != "" {
		m.apis[x.API].faults.Inc()
	}
}
