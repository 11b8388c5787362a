package admin

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"sync"
	"time"

	"github.com/mediasandbox/sandbox/internal/journal"
)

// Times of a stream of events.
const (
	heartbeat  = 15 * time.Second // proxies close what is silent
	writeLimit = 10 * time.Second // a reader that takes nothing for so long is gone
)

// followRequests streams entries as server-sent events (HTML standard, section 9.2): an
// event "request" with an entry and its id, an event "missed" for what was evicted before
// it could be sent. A reader that comes back says with Last-Event-ID where it was.
func (a *API) followRequests(c *Call) (Reply, error) {
	j, err := c.journal()
	if err != nil {
		return Reply{}, err
	}
	f, err := c.filter(entriesPage)
	if err != nil {
		return Reply{}, err
	}
	if last := c.Header.Get("Last-Event-ID"); last != "" {
		if f.Since, err = strconv.ParseUint(last, 10, 64); err != nil {
			return Reply{}, refuse(http.StatusBadRequest, "the header Last-Event-ID: %.40q is not the id of an entry", last)
		}
		f.Limit = maxPage
	}
	return Reply{
		Header: map[string]string{"Cache-Control": "no-store"},
		Type:   "text/event-stream",
		Stream: func(w http.ResponseWriter, r *http.Request) {
			e := events{w: w, rc: http.NewResponseController(w)}
			stop := e.keepAlive(r)
			defer stop()
			ctx, release := a.untilStop(r.Context())
			defer release()
			j.Follow(ctx, f, e.send)
		},
	}, nil
}

// events writes a stream. The lock is held while something is written.
type events struct {
	mu sync.Mutex
	w  http.ResponseWriter
	rc *http.ResponseController
}

// send writes a batch, and reports whether the reader is still there.
func (e *events) send(b journal.Batch) bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.rc.SetWriteDeadline(time.Now().Add(writeLimit)) //nolint:errcheck // in process there is none
	if b.Missed > 0 {
		fmt.Fprintf(e.w, "event: missed\ndata: {\"missed\":%d}\n\n", b.Missed)
	}
	for i := range b.Entries {
		data, err := json.Marshal(b.Entries[i])
		if err != nil {
			return false
		}
		if _, err := fmt.Fprintf(e.w, "id: %d\nevent: request\ndata: %s\n\n", b.Entries[i].ID, data); err != nil {
			return false
		}
	}
	return e.flush()
}

// flush sends what was written; in process there may be nothing to send it with.
func (e *events) flush() bool {
	err := e.rc.Flush()
	return err == nil || err.Error() == http.ErrNotSupported.Error()
}

// keepAlive begins the stream and writes a comment now and then, until stop is called.
func (e *events) keepAlive(r *http.Request) (stop func()) {
	e.comment()
	done := make(chan struct{})
	var running sync.WaitGroup
	running.Go(func() {
		ticker := time.NewTicker(heartbeat)
		defer ticker.Stop()
		for {
			select {
			case <-ticker.C:
				e.comment()
			case <-done:
				return
			case <-r.Context().Done():
				return
			}
		}
	})
	return func() {
		close(done)
		running.Wait()
	}
}

func (e *events) comment() {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.rc.SetWriteDeadline(time.Now().Add(writeLimit)) //nolint:errcheck // in process there is none
	fmt.Fprint(e.w, ": the sandbox is listening\n\n") // a reader that is gone is found at the next event
	e.flush()
}
