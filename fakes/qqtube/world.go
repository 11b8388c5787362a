package qqtube

import (
	"encoding/json"
	"fmt"
	"hash/fnv"
	"sort"
	"strconv"
	"time"

	"github.com/tidwall/btree"

	"github.com/mediasandbox/sandbox/fakes"
)

// World is one tenant's account at QQTube.
type World struct {
	Funds Money `json:"funds"`
	// NextID is the id of the next order, above all that exist. A state may leave it out.
	NextID int64 `json:"next_id"`
	// Submissions are ascending by id; none is ever deleted.
	Submissions []*Submission `json:"submissions"`
	// Services replace the ones that every tenant starts with; empty for those.
	Services []*Service `json:"services,omitempty"`

	catalog *catalog
	*shelf                         // the services on offer
	waiting *btree.BTreeG[entry]   // orders whose completion is to be reported, first due first
	latest  map[uint64]*Submission // the last order at each counter; the page's examples are at none
	limit   int                    // how many submissions are kept
	added   json.RawMessage        // what the contract says of an order that was added; nil until asked for
}

// entry is a place in the queue of completions.
type entry struct {
	due time.Time
	sub *Submission
}

func earlier(a, b entry) bool {
	if c := a.due.Compare(b.due); c != 0 {
		return c < 0
	}
	return a.sub.ID < b.sub.ID
}

// maxSubmissions bounds what one tenant keeps (assumed; about 600 MB with URLs of usual length).
const maxSubmissions = 2_000_000

func newWorld(env fakes.Env, data *catalog) *World {
	w := &World{Funds: 50860, NextID: firstID(env), Submissions: []*Submission{}, catalog: data, limit: maxSubmissions}
	if env.Default {
		w.Submissions = pageSubmissions()
	}
	w.shelf = data.services
	w.waiting = newQueue()
	w.latest = map[uint64]*Submission{}
	return w
}

func newQueue() *btree.BTreeG[entry] {
	return btree.NewBTreeGOptions(earlier, btree.Options{NoLocks: true})
}

// firstID is the id of a tenant's first order: above the page's highest for the
// default tenant, elsewhere a number that differs from tenant to tenant, so that a
// foreign id is an unknown one.
func firstID(env fakes.Env) int64 {
	if env.Default {
		return 123457
	}
	h := fnv.New64a()
	_, _ = h.Write([]byte(env.Tenant + "/" + strconv.FormatUint(env.Seed, 16)))
	return 1_000_000 + int64(h.Sum64()%1_000_000_000) //nolint:gosec // below 10^9
}

// Restore checks a state that came from outside and rebuilds what follows from it, also
// in a zero World that was only unmarshalled. It returns an error that names what is
// inconsistent.
func (w *World) Restore(fakes.Env) error {
	if w.catalog == nil {
		w.catalog, w.limit = mustLoadCatalog(), maxSubmissions
	}
	if w.Funds < 0 || w.Funds > maxMoney {
		return fmt.Errorf("funds: %s is out of range", w.Funds)
	}
	if len(w.Submissions) > w.limit {
		return fmt.Errorf("submissions: %d, at most %d are kept", len(w.Submissions), w.limit)
	}
	w.shelf = w.catalog.services
	if len(w.Services) > 0 {
		own, err := newShelf(w.Services)
		if err != nil {
			return err
		}
		w.shelf = own
	}
	if w.Submissions == nil {
		w.Submissions = []*Submission{}
	}
	queue, latest, last := newQueue(), map[uint64]*Submission{}, int64(0)
	for i, s := range w.Submissions {
		if s == nil {
			return fmt.Errorf("submissions.%d is null", i)
		}
		if err := s.check(); err != nil {
			return err
		}
		if s.ID <= last {
			return fmt.Errorf("submissions.%d: id %d does not follow %d", i, s.ID, last)
		}
		last = s.ID
		if s.pending() {
			queue.Set(entry{s.due(), s})
		}
		if service := w.byID[s.Service]; service != nil && s.Literal == nil {
			latest[service.counter(s.URL)] = s
		}
	}
	if w.NextID == 0 { // left out
		w.NextID = last + 1
	}
	if w.NextID <= last || w.NextID > maxCount {
		return fmt.Errorf("next_id: %d is not above the last submission, %d", w.NextID, last)
	}
	w.waiting, w.latest = queue, latest
	return nil
}

// below returns the index of the first submission whose id is not below id.
func (w *World) below(id int64) int {
	return sort.Search(len(w.Submissions), func(i int) bool { return w.Submissions[i].ID >= id })
}

// submission returns the order with that id, nil when there is none.
func (w *World) submission(id string) *Submission {
	if !digits.MatchString(id) {
		return nil
	}
	n, err := strconv.ParseInt(id, 10, 64)
	if err != nil {
		return nil
	}
	if i := w.below(n); i < len(w.Submissions) && w.Submissions[i].ID == n {
		return w.Submissions[i]
	}
	return nil
}

// Settle reports the orders that were completed by now, first completed first. The
// orders themselves do not change: that they are complete follows from the time.
func (w *World) Settle(now time.Time) []fakes.Event {
	var events []fakes.Event
	for {
		next, ok := w.waiting.Min()
		if !ok || next.due.After(now) {
			return events
		}
		w.waiting.Delete(next)
		next.sub.Reported = true
		events = append(events, fakes.Event{
			At: next.due, API: "qqtube", Kind: "order-completed", ID: itoa(next.sub.ID),
			Data: map[string]any{"id_service": next.sub.Service, "wanted_count": next.sub.Wanted},
		})
	}
}
