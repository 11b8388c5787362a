// Package callbacks delivers what a vendor tells its customers' servers by itself: the
// events that fall due in a tenant's worlds, sent to a URL of the tenant's as the vendor
// sends them, or handed out to who asks for them.
//
// Deliveries of a tenant go out one at a time, in the order in which they fall due on its
// clock; a retry falls due on the clock, too. Nothing is ever sent before a tenant has set
// a target, and only where the operator allows it (allow.go). Everything is in memory:
// a restart forgets targets and deliveries.
//
// One pool of workers serves all tenants and has no goroutine while there is nothing to
// send. It knows no admin API; internal/admin turns its methods into routes.
package callbacks

import (
	"container/list"
	"context"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"sync"
	"sync/atomic"
	"time"

	"github.com/mediasandbox/sandbox/fakes"
)

// Config is what a Dispatcher is made of. The zero value sends to no address at all.
type Config struct {
	Allow Allow            // where callbacks may go
	Log   *slog.Logger     // nil discards
	Now   func() time.Time // the real clock; nil takes time.Now

	Workers   int           // deliveries on their way at once; 0 takes 32
	PerTenant int           // deliveries kept, sent and unsent; 0 takes 1,000
	Bytes     int64         // that the deliveries of all tenants may hold; 0 takes 64 MiB
	Timeout   time.Duration // of one attempt, on the real clock; 0 takes the vendor's
	Tick      time.Duration // how often running clocks are looked at; 0 takes 200 ms

	// Resolve looks up a host name; nil asks the system.
	Resolve func(ctx context.Context, host string) ([]netip.Addr, error)
	// Dial connects to an address that was allowed; nil uses TCP.
	Dial func(ctx context.Context, network, address string) (net.Conn, error)
}

// Errors of the methods, in words for the caller.
var (
	ErrVendor   = errors.New("this API sends no callbacks")
	ErrTarget   = errors.New("no target is set")
	ErrURL      = errors.New("the URL is none for callbacks")
	ErrRefused  = errors.New("the operator does not allow callbacks to go there")
	ErrPulled   = errors.New("its callbacks are pulled, not sent")
	ErrUnknown  = errors.New("there is no such callback")
	ErrEvicted  = errors.New("the callback was there and has been evicted: a bounded number is kept")
	ErrLease    = errors.New("the lease is not, or no longer, the callback's")
	ErrFull     = errors.New("too many deliveries are asked for at once")
	ErrStopping = errors.New("the sandbox is stopping")
)

// Dispatcher is the callbacks of one host.
type Dispatcher struct {
	cfg    Config
	log    *slog.Logger
	host   *fakes.Host
	client *http.Client

	ctx    context.Context // of all that is sent
	cancel context.CancelFunc
	done   chan struct{} // closed when it is closed
	still  sync.RWMutex  // read-held while a clock is moved by request; see Still

	active atomic.Int64 // outboxes with a target; most sandboxes have none

	mu       sync.Mutex // never held while the host is called: the host calls OnEvents with a world in hand
	boxes    map[*fakes.Tenant]*outbox
	opened   int       // outboxes made so far
	round    []*outbox // those with a target, for the tick
	cursor   int       // where in round the next tick begins
	queue    []*outbox // that wait for a worker
	workers  int
	ticking  bool
	closed   bool
	bytes    int64
	finished list.List // *delivery of all tenants, those that were finished first in front
	running  sync.WaitGroup
}

// New makes a dispatcher. Its OnEvents is the host's Config.OnEvents; Attach gives it the
// host before that serves, and Close ends it.
func New(cfg Config) *Dispatcher {
	if cfg.Workers <= 0 {
		cfg.Workers = 32
	}
	if cfg.PerTenant <= 0 {
		cfg.PerTenant = 1000
	}
	if cfg.Bytes <= 0 {
		cfg.Bytes = 64 << 20
	}
	if cfg.Tick <= 0 {
		cfg.Tick = 200 * time.Millisecond
	}
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	d := &Dispatcher{cfg: cfg, log: cfg.Log, boxes: map[*fakes.Tenant]*outbox{}, done: make(chan struct{})}
	d.ctx, d.cancel = context.WithCancel(context.Background())
	d.client = d.newClient()
	return d
}

// Attach gives the dispatcher its host.
func (d *Dispatcher) Attach(host *fakes.Host) { d.host = host }

// OnEvents takes what fell due in a tenant's world, which is held: it sends nothing itself.
func (d *Dispatcher) OnEvents(t *fakes.Tenant, events []fakes.Event) {
	if d.active.Load() == 0 {
		return
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	box := d.boxes[t]
	if box == nil || d.closed {
		return
	}
	for _, e := range events {
		if target := box.targets[e.API]; target != nil {
			box.add(e, target)
		}
	}
	d.submit(box)
	box.signal()
}

// Reset forgets a tenant's deliveries, as at its reset; targets stay. What is on its way
// arrives, and is not noted.
func (d *Dispatcher) Reset(t *fakes.Tenant) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if box := d.boxes[t]; box != nil {
		box.clear()
	}
}

// Forget forgets everything of a tenant that is gone.
func (d *Dispatcher) Forget(t *fakes.Tenant) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if box := d.boxes[t]; box != nil {
		d.drop(box)
	}
}

// drop removes an outbox; the lock is held.
func (d *Dispatcher) drop(box *outbox) {
	box.clear()
	box.gone = true
	clear(box.targets)
	d.list(box)
	delete(d.boxes, box.tenant)
	box.signal()
}

// Close takes no more events, lets what is on its way arrive until ctx is done, and ends
// the rest. Nothing runs any more when it returns.
func (d *Dispatcher) Close(ctx context.Context) {
	d.mu.Lock()
	if !d.closed {
		d.closed = true
		close(d.done)
		unsent := 0
		for _, box := range d.boxes {
			unsent += len(box.pending)
		}
		if unsent > 0 {
			d.log.Warn("callbacks are lost, because the sandbox stops", "unsent", unsent)
		}
	}
	d.mu.Unlock()
	stopped := make(chan struct{})
	go func() { d.running.Wait(); close(stopped) }()
	select {
	case <-stopped:
	case <-ctx.Done():
		d.cancel()
		<-stopped
	}
	d.cancel()
}
