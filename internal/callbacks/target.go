package callbacks

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/mediasandbox/sandbox/fakes"
)

// Target is where the callbacks of one API go.
type Target struct {
	// URL is what the callbacks are sent to and what their signature covers. With Pull it
	// is only signed, and the tenant's own callback URL when it is "".
	URL string
	// Key signs; nil takes the tenant's own, "" signs nothing, as the vendor does without.
	Key *string
	// Pull keeps the callbacks until they are asked for.
	Pull bool
	// Hold keeps them until they are delivered on request.
	Hold bool
	// Base is the URL of the API for the tenant: files in the bodies stand below it.
	Base string
}

// TargetView is a target as it is shown: without its key.
type TargetView struct {
	API    string `json:"api"`
	URL    string `json:"url"`
	Signed bool   `json:"signed"`
	Pull   bool   `json:"pull"`
	Hold   bool   `json:"hold"`
}

// target is a target that was checked.
type target struct {
	vendor
	url, key   string
	base       string
	pull, hold bool
}

// resolveTimeout bounds the look-up of a target's name when it is set.
const resolveTimeout = 2 * time.Second

// maxURL is the length of the longest URL.
const maxURL = 2048

// SetTarget sets where an API's callbacks go for a tenant. It returns ErrVendor, ErrURL,
// or ErrRefused with words.
func (d *Dispatcher) SetTarget(ctx context.Context, t *fakes.Tenant, api string, in Target) (TargetView, error) {
	v, err := vendorOf(api)
	if err != nil {
		return TargetView{}, err
	}
	if d.host == nil || d.host.Document(api) == nil {
		return TargetView{}, fmt.Errorf("%q: %w", api, fakes.ErrAPIUnknown)
	}
	to := &target{vendor: v, url: in.URL, base: in.Base, pull: in.Pull, hold: in.Hold}
	own, key := v.account(t)
	to.key = key
	if in.Key != nil {
		to.key = *in.Key
	}
	switch {
	case to.pull && to.hold:
		return TargetView{}, fmt.Errorf("%w: callbacks that are pulled wait anyway, hold is for those that are sent", ErrURL)
	case to.pull && to.url == "":
		to.url = strings.ReplaceAll(own, fakes.BasePlace, in.Base)
	default:
		if err := d.checkURL(ctx, to.url, to.pull); err != nil {
			return TargetView{}, err
		}
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.closed {
		return TargetView{}, ErrStopping
	}
	box := d.open(t)
	box.targets[api] = to
	d.list(box)
	d.submit(box)
	box.signal()
	return to.view(), nil
}

// checkURL says what is wrong with a URL, and whether callbacks may be sent there.
func (d *Dispatcher) checkURL(ctx context.Context, text string, pulled bool) error {
	u, err := url.Parse(text)
	switch {
	case text == "":
		return fmt.Errorf("%w: it is missing", ErrURL)
	case len(text) > maxURL:
		return fmt.Errorf("%w: it is longer than %d bytes", ErrURL, maxURL)
	case err != nil || strings.ContainsFunc(text, func(r rune) bool { return r <= ' ' || r > '~' }):
		return fmt.Errorf("%w: it is malformed", ErrURL)
	case u.Scheme != "http" && u.Scheme != "https":
		return fmt.Errorf("%w: it does not begin with http:// or https://", ErrURL)
	case u.User != nil:
		return fmt.Errorf("%w: it has a user name", ErrURL)
	case strings.Contains(text, "#"):
		return fmt.Errorf("%w: it has a fragment", ErrURL)
	case u.Opaque != "" || u.Hostname() == "":
		return fmt.Errorf("%w: it has no host", ErrURL)
	}
	port := uint16(80)
	if u.Scheme == "https" {
		port = 443
	}
	if digits := u.Port(); digits != "" || strings.HasSuffix(u.Host, ":") {
		if port, err = parsePort(digits); err != nil {
			return fmt.Errorf("%w: its port is not within 1 to 65535", ErrURL)
		}
	}
	if pulled {
		return nil
	}
	return d.checkHost(ctx, u.Hostname(), port)
}

// checkHost refuses at once what every attempt would be refused for. A name that is
// listed need not resolve yet: what it leads to is looked at by each attempt.
func (d *Dispatcher) checkHost(ctx context.Context, host string, port uint16) error {
	if _, err := netip.ParseAddr(host); err != nil && !nameLike(hostName(host)) {
		return fmt.Errorf("%w: its host is none", ErrURL)
	}
	ctx, cancel := context.WithTimeout(ctx, resolveTimeout)
	defer cancel()
	_, err := d.admitted(ctx, host, port)
	switch {
	case err == nil || errors.Is(err, ErrRefused):
		return err
	case d.cfg.Allow.names(hostName(host), port):
		return nil
	}
	return fmt.Errorf("%s: %w: the name is not listed in --callback-allow (SANDBOX_CALLBACK_ALLOW), and has no address", host, ErrRefused)
}

// Targets returns a tenant's targets by the name of their API.
func (d *Dispatcher) Targets(t *fakes.Tenant) []TargetView {
	d.mu.Lock()
	defer d.mu.Unlock()
	out := []TargetView{}
	if box := d.boxes[t]; box != nil {
		for _, to := range box.targets {
			out = append(out, to.view())
		}
	}
	slices.SortFunc(out, func(a, b TargetView) int { return strings.Compare(a.API, b.API) })
	return out
}

// Target returns a tenant's target of one API, ErrVendor or ErrTarget.
func (d *Dispatcher) Target(t *fakes.Tenant, api string) (TargetView, error) {
	if _, err := vendorOf(api); err != nil {
		return TargetView{}, err
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if box := d.boxes[t]; box != nil && box.targets[api] != nil {
		return box.targets[api].view(), nil
	}
	return TargetView{}, fmt.Errorf("%s: %w", api, ErrTarget)
}

// RemoveTarget ends an API's callbacks for a tenant: what is unsent is discarded, what was
// sent stays in the ledger. It returns ErrVendor or ErrTarget.
func (d *Dispatcher) RemoveTarget(t *fakes.Tenant, api string) error {
	if _, err := d.Target(t, api); err != nil {
		return err
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	box := d.boxes[t]
	if box == nil {
		return nil // gone meanwhile
	}
	delete(box.targets, api)
	for _, del := range slices.Clone(box.pending) {
		if del.event.API == api {
			box.finish(del, Discarded)
		}
	}
	d.list(box)
	box.signal()
	return nil
}

func (t *target) view() TargetView {
	return TargetView{API: t.api, URL: t.url, Signed: t.key != "", Pull: t.pull, Hold: t.hold}
}

// asset makes the URL of a file, as fakes.Call.Asset does.
func (t *target) asset(name string) string { return t.base + "/-/" + name }

// open returns a tenant's outbox and makes it when there is none; the lock is held.
func (d *Dispatcher) open(t *fakes.Tenant) *outbox {
	box := d.boxes[t]
	if box == nil {
		if d.opened++; d.opened%sweepEvery == 0 {
			d.sweep()
		}
		box = newOutbox(d, t)
		d.boxes[t] = box
	}
	return box
}

// sweepEvery is how many outboxes are made between two looks for tenants that are gone:
// one whose time is over takes no leave.
const sweepEvery = 256

func (d *Dispatcher) sweep() {
	for t, box := range d.boxes {
		if now, err := d.host.Tenant(t.ID); err != nil || now != t {
			d.drop(box)
		}
	}
}

// list puts an outbox among those that the tick looks at, or takes it off; the lock is held.
func (d *Dispatcher) list(box *outbox) {
	switch wanted := len(box.targets) > 0; {
	case wanted && !box.listed:
		box.listed, box.place = true, len(d.round)
		d.round = append(d.round, box)
		d.active.Add(1)
		d.tick()
	case !wanted && box.listed:
		last := d.round[len(d.round)-1]
		d.round[box.place], last.place = last, box.place
		d.round = d.round[:len(d.round)-1]
		box.listed = false
		d.active.Add(-1)
	}
}
