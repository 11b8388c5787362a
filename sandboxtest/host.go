package sandboxtest

import (
	"fmt"
	"hash/fnv"
	"net/http"
	"strings"
	"sync"

	"github.com/mediasandbox/sandbox/fakes"
	"github.com/mediasandbox/sandbox/fakes/all"
	"github.com/mediasandbox/sandbox/internal/admin"
	"github.com/mediasandbox/sandbox/internal/callbacks"
	"github.com/mediasandbox/sandbox/internal/contract"
	"github.com/mediasandbox/sandbox/internal/coverage"
	"github.com/mediasandbox/sandbox/internal/faults"
	"github.com/mediasandbox/sandbox/internal/journal"
	"github.com/mediasandbox/sandbox/internal/server"
	"github.com/mediasandbox/sandbox/specs/openapi"
)

// shared is the one host of this process, made when the first test wants it.
//
// It is the only package-level state. Loading five contracts takes some ten milliseconds,
// making a tenant some ten microseconds; a test has no other place than its package to find
// the host of the tests before it. Nothing of a test is visible in it to another: all that a
// host holds, it holds by tenant.
var shared = sync.OnceValues(newHost)

// contracts are read once, also for tests that want a host of their own. They are never changed.
var contracts = sync.OnceValues(openapi.LoadAll)

// host serves the tenants of tests.
type host struct {
	*fakes.Host
	handler   http.Handler
	journal   *journal.Journal
	callbacks *callbacks.Dispatcher
	tests     sync.Map // *Sandbox by tenant id, while its test runs
	names     names
}

func newHost() (*host, error) { return newHostWith(choices{}) }

func newHostWith(c choices) (*host, error) {
	docs, err := contracts()
	if err != nil {
		return nil, err
	}
	var inOrder []*contract.Document
	for _, name := range openapi.APIs() {
		inOrder = append(inOrder, docs[name])
	}
	loopback, err := callbacks.ParseAllow(callbacks.AllowDefault)
	if err != nil {
		return nil, err
	}
	h := &host{
		journal:   journal.New(journal.Config{Documents: docs, Coverage: coverage.NewCatalog(inOrder...)}),
		callbacks: callbacks.New(callbacks.Config{Allow: loopback}),
	}
	breaker, err := faults.New(faults.Config{Documents: docs})
	if err != nil {
		return nil, err
	}
	h.Host, err = fakes.New(fakes.Config{
		APIs: all.APIs(), Documents: docs, Settings: c.settings, Seed: c.seed,
		Recorder: h, Faulter: breaker, OnEvents: h.callbacks.OnEvents, MaxTenants: 1 << 30,
	})
	if err != nil {
		return nil, err
	}
	h.callbacks.Attach(h.Host)
	h.handler = server.New(h.Host, server.Options{Admin: admin.Config{Callbacks: h.callbacks}})
	return h, nil
}

// host returns the host for a test: the shared one, unless it wants the default tenant.
func (c choices) host() (*host, error) {
	if c.examples {
		return newHostWith(c)
	}
	return shared()
}

// open gives a test its tenant.
func (h *host) open(sb *Sandbox, c choices) (*fakes.Tenant, error) {
	if c.examples {
		t := h.Default()
		h.tests.Store(t.ID, sb)
		return t, nil
	}
	id := tenantID(sb.t.Name(), h.names.take(sb.t.Name()))
	t, err := h.AddTenant(fakes.NewTenant{ID: id, Seed: c.seed, Settings: c.settings})
	if err != nil {
		h.names.leave(sb.t.Name())
		return nil, err
	}
	h.tests.Store(t.ID, sb)
	return t, nil
}

// names counts the sandboxes of each test, so that the first, the second and so on has the
// same data in every run. A test begins at 0 again when its last one has ended.
type names struct {
	mu sync.Mutex
	of map[string]tally
}

type tally struct{ made, live int }

func (n *names) take(test string) int {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.of == nil {
		n.of = map[string]tally{}
	}
	t := n.of[test]
	n.of[test] = tally{t.made + 1, t.live + 1}
	return t.made
}

func (n *names) leave(test string) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if t := n.of[test]; t.live > 1 {
		n.of[test] = tally{t.made, t.live - 1}
	} else {
		delete(n.of, test)
	}
}

// tenantID is the id of a test's n-th tenant: from the test's name, so that its data are the
// same in every run, whatever other tests there are. It has to be a DNS label.
func tenantID(test string, n int) string {
	const readable = 24
	label := strings.Map(func(r rune) rune {
		switch {
		case r >= 'a' && r <= 'z', r >= '0' && r <= '9':
			return r
		case r >= 'A' && r <= 'Z':
			return r + 'a' - 'A'
		}
		return '-'
	}, test)
	label = strings.Trim(label[:min(len(label), readable)], "-")
	f := fnv.New64a()
	fmt.Fprintf(f, "%s\x00%d", test, n)
	return strings.TrimPrefix(fmt.Sprintf("%s-%012x", label, f.Sum64()>>16), "-")
}

// close forgets the tenant of a test that has ended.
func (h *host) close(sb *Sandbox) {
	h.tests.Delete(sb.tenant.ID)
	h.callbacks.Forget(sb.tenant)
	if !sb.tenant.Default {
		h.RemoveTenant(sb.tenant.ID)
		h.names.leave(sb.t.Name())
	}
}

// Open is fakes.Recorder's: the journal keeps the exchanges.
func (h *host) Open(t *fakes.Tenant) any { return h.journal.Open(t) }

// Record is fakes.Recorder's. A reply outside the contract is told to the test.
func (h *host) Record(x *fakes.Exchange) {
	if len(x.Breach) > 0 {
		if sb, ok := h.tests.Load(x.Tenant.ID); ok {
			sb.(*Sandbox).breach(fakes.Breach{API: x.API, Operation: x.Operation, Outcome: x.Outcome, Findings: x.Breach}.String())
		}
	}
	h.journal.Record(x)
}

// ServeHTTP leads a request that names an API to the test's tenant, whatever its URL says
// beside: then calls without a credential are the test's own, too, and a vendor's own host
// name can be called.
func (sb *Sandbox) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	to, err := sb.host.Resolve(r)
	if err != nil || to.Tenant != nil {
		sb.host.handler.ServeHTTP(w, r)
		return
	}
	to.Tenant = sb.tenant
	sb.host.Serve(w, r, to)
}
