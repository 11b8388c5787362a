package sandboxtest

import (
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/mediasandbox/sandbox/fakes"
	"github.com/mediasandbox/sandbox/internal/clock"
	"github.com/mediasandbox/sandbox/internal/faults"
	"github.com/mediasandbox/sandbox/internal/journal"
)

// TB is what the package needs of a test: *testing.T and *testing.B have it, and so have
// the T of most other test libraries.
type TB interface {
	Helper()
	Name() string
	Failed() bool
	Logf(format string, args ...any)
	Errorf(format string, args ...any)
	Fatalf(format string, args ...any)
	Cleanup(f func())
}

// Sandbox is one test's universe: credentials, worlds, clock, faults and journal of its own.
// All methods may be called from any number of goroutines; those that fail end the test
// with Fatalf, and therefore want to be called from the test's own.
type Sandbox struct {
	// The credentials of this test's tenant.
	QQTube      QQTube
	Polyv       Polyv
	Cliparto    Cliparto
	Qulive      Qulive
	Interstream Interstream

	// Clock is what all times in the replies are told by, and all windows, expiries and
	// life cycles.
	Clock *Clock

	t       TB
	host    *host
	tenant  *fakes.Tenant
	journal *journal.Tenant
	faults  *faults.Set

	mu       sync.Mutex
	client   *http.Client
	port     *port
	forced   int
	breaches []string
	closed   bool
	closers  []func() // run before the tenant is removed, last first
}

// New returns a sandbox for a test. It ends with the test.
func New(t TB, options ...Option) *Sandbox {
	t.Helper()
	var o choices
	for _, option := range options {
		option(&o)
	}
	h, err := o.host()
	if err != nil {
		t.Fatalf("sandboxtest: %s", err)
		return nil
	}
	sb := &Sandbox{t: t, host: h}
	if sb.tenant, err = h.open(sb, o); err != nil {
		t.Fatalf("sandboxtest: %s", err)
		return nil
	}
	sb.journal, sb.faults = journal.Of(sb.tenant), faults.Of(sb.tenant)
	sb.Clock = &Clock{sb}
	sb.credentials()
	t.Cleanup(sb.close)
	return sb
}

// close ends the sandbox and tells of what went wrong.
func (sb *Sandbox) close() {
	sb.t.Helper()
	sb.mu.Lock()
	closers := sb.closers
	sb.closers, sb.closed = nil, true
	sb.mu.Unlock()
	for _, f := range slices.Backward(closers) {
		f() // first: then no request is on its way any more
	}
	sb.mu.Lock()
	breaches := sb.breaches
	sb.mu.Unlock()
	for _, b := range breaches {
		sb.t.Errorf("sandboxtest: a reply of the sandbox is outside the contract, which is a defect of the sandbox: %s", b)
	}
	if sb.t.Failed() {
		if text := sb.story(); text != "" {
			sb.t.Logf("%s", text)
		}
	}
	sb.host.close(sb)
}

// onClose has f run when the test ends. It reports false when it has ended already.
func (sb *Sandbox) onClose(f func()) bool {
	if sb.closed {
		return false
	}
	sb.closers = append(sb.closers, f)
	return true
}

// breach notes a reply outside the contract. It is told when the test ends, because the
// request may be handled when no test is there any more to be failed.
func (sb *Sandbox) breach(text string) {
	sb.mu.Lock()
	defer sb.mu.Unlock()
	sb.breaches = append(sb.breaches, text)
}

// Tenant returns the id of the test's tenant: the admin API's ?tenant=.
func (sb *Sandbox) Tenant() string { return sb.tenant.ID }

// Reset makes everything as it was when the test began: worlds, clock, journal, coverage,
// faults, and callbacks that were sent or wait to be. Credentials stay, and so does where
// callbacks go.
func (sb *Sandbox) Reset() {
	sb.host.Reset(sb.tenant)
	sb.host.callbacks.Reset(sb.tenant)
}

// Environ returns base URLs and credentials as variables, "QQTUBE_BASE_URL=http://…", named
// as "sandbox exec" names them: for a program under test that runs in a process of its own.
// It starts a port.
func (sb *Sandbox) Environ() []string {
	url := sb.URL()
	out := []string{"SANDBOX_URL=" + url, "SANDBOX_TENANT=" + sb.Tenant()}
	for _, api := range sb.host.APIs() {
		name := strings.ToUpper(api.Name) + "_"
		out = append(out, name+"BASE_URL="+sb.BaseURL(api.Name))
		for key, value := range sb.credential(api.Name) {
			out = append(out, name+strings.ToUpper(key)+"="+value)
		}
	}
	slices.Sort(out)
	return out
}

// Clock is the test's clock. It shows the real time until it is moved.
type Clock struct{ sb *Sandbox }

// Now returns the time on the clock, in UTC.
func (c *Clock) Now() time.Time { return c.sb.tenant.Clock.Now() }

// Advance moves the clock by d and returns what fell due on the way, in order: orders that
// were completed, videos that were reviewed. A negative d moves it back.
func (c *Clock) Advance(d time.Duration) []Event {
	return c.move(func(clock *clock.Clock) { clock.Advance(d) })
}

// Set puts the clock to t, from where it goes on, or stays if it is frozen; it returns what
// fell due.
func (c *Clock) Set(t time.Time) []Event {
	return c.move(func(clock *clock.Clock) { clock.Set(t, clock.State().Frozen) })
}

// Freeze stops the clock and returns the time that it shows. Advance and Set still move it.
func (c *Clock) Freeze() time.Time { return c.sb.tenant.Clock.Freeze() }

// Reset shows the real time again.
func (c *Clock) Reset() { c.sb.tenant.Clock.Reset() }

// Event is something that fell due: an order completed, a video reviewed.
type Event struct {
	At   time.Time
	API  string
	Kind string // kebab-case: order-completed
	ID   string // of the object
}

// move moves the clock, and returns what fell due when the callbacks about it have arrived.
func (c *Clock) move(to func(*clock.Clock)) []Event {
	var out []Event
	c.sb.told(func() {
		to(c.sb.tenant.Clock)
		for _, e := range c.sb.host.Settle(c.sb.tenant) {
			out = append(out, Event{e.At, e.API, e.Kind, e.ID})
		}
	})
	return out
}
