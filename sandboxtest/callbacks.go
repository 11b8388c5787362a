package sandboxtest

import (
	"context"
	"time"

	"github.com/mediasandbox/sandbox/internal/callbacks"
)

// Callback is something that a vendor told its customer's server by itself, or tried to.
type Callback struct {
	API    string
	Kind   string    // of the event, kebab-case: review-complete
	Object string    // the event's id: of the video
	At     time.Time // of the event, on the test's clock
	Body   string    // JSON

	Delivered bool
	Attempts  int    // made so far; the vendor gives up after the third
	Status    int    // HTTP, of the latest answer; 0 when there was none
	Error     string // why the latest attempt had no answer
}

// SendCallbacks has what a vendor tells its customers' servers by itself sent to a URL on
// this machine, such as an httptest.Server's: signed with the tenant's key, and retried, as
// the vendor does. Of the five vendors only Qulive's does so.
//
// What falls due by Clock.Advance, Clock.Set or Change has arrived when they return,
// retries included. Where the clock runs, it is sent when its time has come.
//
//	receiver := httptest.NewServer(app)
//	sb.SendCallbacks("qulive", receiver.URL+"/vod")
//	sb.Clock.Freeze()
//	publish(video)
//	sb.Clock.Advance(2 * time.Minute) // snapshot, review and transcoding were told
//
// A URL elsewhere, or an API that tells nothing, ends the test.
func (sb *Sandbox) SendCallbacks(api, url string) {
	sb.t.Helper()
	in := callbacks.Target{URL: url, Base: sb.BaseURL(api)}
	if _, err := sb.host.callbacks.SetTarget(context.Background(), sb.tenant, api, in); err != nil {
		sb.t.Fatalf("sandboxtest: SendCallbacks(%q, %q): %s", api, url, err)
	}
}

// Callbacks returns what was or is to be sent since SendCallbacks, the oldest first.
func (sb *Sandbox) Callbacks() []Callback {
	var out []Callback
	for _, v := range sb.host.callbacks.List(sb.tenant, callbacks.Filter{}).Callbacks {
		c := Callback{
			API: v.API, Kind: v.Kind, Object: v.Object, At: v.At, Body: string(v.Body),
			Delivered: v.State == callbacks.Delivered, Attempts: v.Made,
		}
		if n := len(v.Attempts); n > 0 {
			c.Status, c.Error = v.Attempts[n-1].Status, v.Attempts[n-1].Error
		}
		out = append(out, c)
	}
	return out
}

// told runs what makes things fall due, and returns when the callbacks about them have arrived.
func (sb *Sandbox) told(f func()) {
	func() {
		defer sb.host.callbacks.Still()() // what fell due is f's to return
		f()
	}()
	sb.host.callbacks.Flush(context.Background(), sb.tenant)
}
