package journal

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"time"
)

// Filter selects entries. The zero value of a field selects all.
type Filter struct {
	API       string
	Operation string
	Outcome   string // any of those that were refused together
	Status    int
	Caller    string // the account's id, not masked
	Fault     string
	Since     uint64 // ids above this one
	Limit     int    // the newest so many; List, HAR and Follow only
}

// Errors of looking up one entry.
var (
	ErrUnknown = errors.New("the journal has no such entry")
	ErrEvicted = errors.New("the entry was there and has been evicted: the journal keeps a bounded number of entries and bytes")
)

// Page is the answer to List.
type Page struct {
	Entries []View `json:"requests"`
	Tally
}

// Tally says how many entries a filter matches and whether that can be relied on.
type Tally struct {
	Count   int    `json:"count"`   // that match, also beyond Filter.Limit
	Last    uint64 `json:"last"`    // id of the latest entry, matching or not; 0 when there was none yet
	Evicted uint64 `json:"evicted"` // entries that the bounds have cost since the journal was cleared
	// Inconclusive says that entries which might have matched were evicted: Count is
	// what is left of them.
	Inconclusive bool `json:"inconclusive"`
}

// snapshot is what was there at one moment. Entries never change, so that they can be
// read without the lock.
type snapshot struct {
	all     []*entry // for advice, which looks back
	matches []*entry
	tally   Tally
	lost    uint64 // highest id that was evicted
	epoch   uint64
	closed  bool
	changed <-chan struct{}
}

// snapshot takes the entries of a filter. With watch, it also returns a channel that is
// closed when something is added.
func (t *Tenant) snapshot(f *Filter, watch bool) snapshot {
	l := t.log.Load()
	if l == nil {
		if !watch {
			return snapshot{}
		}
		l = t.open()
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	s := snapshot{lost: l.lost, epoch: l.epoch, closed: l.closed, all: make([]*entry, l.n)}
	for i := range l.n {
		e := l.at(i)
		s.all[i] = e
		if e.matches(f) {
			s.matches = append(s.matches, e)
		}
	}
	s.tally = Tally{Count: len(s.matches), Last: l.next, Evicted: l.evicted, Inconclusive: l.evicted > 0 && l.lost > f.Since}
	if watch {
		s.changed = l.changed()
	}
	return s
}

// List returns the newest entries of a filter, the oldest of them first.
func (t *Tenant) List(f Filter) Page {
	s := t.snapshot(&f, false)
	return Page{Entries: t.views(s, newest(s.matches, f.Limit)), Tally: s.tally}
}

func newest(list []*entry, limit int) []*entry {
	if limit > 0 && len(list) > limit {
		return list[len(list)-limit:]
	}
	return list
}

// Count counts the entries of a filter.
func (t *Tenant) Count(f Filter) Tally { return t.snapshot(&f, false).tally }

// Get returns one entry, ErrUnknown or ErrEvicted.
func (t *Tenant) Get(id uint64) (View, error) {
	e, s, err := t.find(id)
	if err != nil {
		return View{}, err
	}
	return t.views(s, []*entry{e})[0], nil
}

func (t *Tenant) find(id uint64) (*entry, snapshot, error) {
	s := t.snapshot(&Filter{}, false)
	for _, e := range s.all {
		if e.id == id {
			return e, s, nil
		}
	}
	if id != 0 && id <= s.tally.Last && len(s.all) > 0 && id < s.all[0].id {
		return nil, s, ErrEvicted
	}
	return nil, s, ErrUnknown
}

// Wait returns as soon as at least count entries match, counting those that are there
// already, and otherwise when ctx is done. met says which. It does not poll.
func (t *Tenant) Wait(ctx context.Context, f Filter, count int) (tally Tally, met bool) {
	for {
		s := t.snapshot(&f, true)
		if s.tally.Count >= count {
			return s.tally, true
		}
		if s.closed {
			return s.tally, false
		}
		select {
		case <-s.changed:
		case <-ctx.Done():
			return s.tally, false
		}
	}
}

// Batch is what Follow hands out at once.
type Batch struct {
	Entries []View
	// Missed is how many entries were evicted before they could be handed out, matching
	// or not.
	Missed uint64
}

// Follow hands out the entries of a filter with ids above f.Since as they are recorded,
// beginning with those that are there already (the newest f.Limit of them), until ctx is
// done, the tenant is removed, or send returns false. After a reset it goes on with the
// new entries.
func (t *Tenant) Follow(ctx context.Context, f Filter, send func(Batch) bool) {
	first, limit := true, f.Limit
	var epoch uint64
	for {
		s := t.snapshot(&f, true)
		if !first && s.epoch != epoch && f.Since > 0 {
			f.Since, epoch = 0, s.epoch
			continue
		}
		epoch = s.epoch
		list := s.matches
		var missed uint64
		if s.lost > f.Since && (f.Since > 0 || !first) {
			missed = s.lost - f.Since
		}
		if first {
			list = newest(list, limit)
		}
		first = false
		f.Since = s.tally.Last
		if (len(list) > 0 || missed > 0) && !send(Batch{t.views(s, list), missed}) {
			return
		}
		if s.closed {
			return
		}
		select {
		case <-s.changed:
		case <-ctx.Done():
			return
		}
	}
}

// Request returns the request of an entry as it was received, secrets and all, and the
// time on the tenant's clock when it was: for a diagnosis, not for a view. whole is false
// when its body was longer than what the journal keeps.
func (t *Tenant) Request(id uint64) (r *http.Request, at time.Time, whole bool, err error) {
	e, _, err := t.find(id)
	if err != nil {
		return nil, time.Time{}, false, err
	}
	r, err = http.NewRequestWithContext(context.Background(), e.piece(pieceMethod), e.piece(pieceURL), strings.NewReader(e.piece(pieceRequestBody)))
	if err != nil {
		return nil, time.Time{}, false, err
	}
	r.Header = e.header(pieceRequestHeader)
	return r, e.at.time(), !e.requestCut(), nil
}

// header reads a header back.
func (e *entry) header(piece int) http.Header {
	h := http.Header{}
	text := e.piece(piece)
	for text != "" {
		var name, value string
		name, text, _ = strings.Cut(text, "\x00")
		value, text, _ = strings.Cut(text, "\x00")
		h[name] = append(h[name], value)
	}
	return h
}
