package journal

import (
	"container/list"
	"sync"
	"sync/atomic"
)

// log is the ring of one tenant's entries, the oldest first.
type log struct {
	mu      sync.Mutex
	ring    []*entry // grows to the bound on entries
	start   int
	n       int
	bytes   int
	next    uint64 // id of the latest entry
	evicted uint64 // entries that the bounds cost
	lost    uint64 // highest id among them
	epoch   uint64 // counts resets: ids begin anew
	wake    chan struct{}
	closed  bool

	used  atomic.Int64  // when the last entry was added
	place *list.Element // in the roster; guarded by the roster's lock
	stamp int64         // used, when the roster looked last; likewise
	known atomic.Bool   // it is in the roster
}

// at returns the i-th entry, the oldest is 0.
func (l *log) at(i int) *entry { return l.ring[(l.start+i)%len(l.ring)] }

// drop removes the oldest entry and returns its size.
func (l *log) drop() int {
	e := l.ring[l.start]
	l.ring[l.start] = nil
	l.start = (l.start + 1) % len(l.ring)
	l.n--
	size := e.size()
	l.bytes -= size
	return size
}

// evict is drop that counts.
func (l *log) evict() int {
	l.evicted++
	l.lost = l.ring[l.start].id
	return l.drop()
}

// push adds an entry; the ring doubles until it has room for limit entries.
func (l *log) push(e *entry, limit int) {
	if l.n == len(l.ring) {
		grown := make([]*entry, min(max(8, 2*len(l.ring)), limit))
		for i := range l.n {
			grown[i] = l.at(i)
		}
		l.ring, l.start = grown, 0
	}
	l.ring[(l.start+l.n)%len(l.ring)] = e
	l.n++
	l.bytes += e.size()
}

// clear forgets the entries, and the journal what they counted.
func (l *log) clear(j *Journal) {
	j.entries.Add(-int64(l.n))
	j.total.Add(-int64(l.bytes))
	l.ring, l.start, l.n, l.bytes, l.evicted, l.lost = nil, 0, 0, 0, 0, 0
}

// signal wakes everybody who waits for a change.
func (l *log) signal() {
	if l.wake != nil {
		close(l.wake)
		l.wake = nil
	}
}

// changed returns a channel that is closed at the next change.
func (l *log) changed() <-chan struct{} {
	if l.wake == nil {
		l.wake = make(chan struct{})
	}
	return l.wake
}

// open returns the tenant's log, and makes it when it is needed first.
func (t *Tenant) open() *log {
	l := t.log.Load()
	if l == nil {
		l = &log{}
		if !t.log.CompareAndSwap(nil, l) {
			l = t.log.Load()
		}
	}
	return l
}

// add keeps an entry and evicts what the tenant's bounds ask for. At least the entry
// itself is kept.
func (t *Tenant) add(e *entry) {
	l, cfg := t.open(), &t.journal.cfg
	size := e.size()
	grown, lost := int64(size), 0
	l.mu.Lock()
	if l.closed {
		l.mu.Unlock()
		return
	}
	for l.n > 0 && (l.n >= cfg.Entries || l.bytes+size > cfg.Bytes) {
		grown -= int64(l.evict())
		lost++
	}
	l.next++
	e.id = l.next
	l.push(e, cfg.Entries)
	l.signal()
	l.mu.Unlock()
	t.journal.entries.Add(int64(1 - lost))
	t.journal.evicted.Add(uint64(lost))                     //nolint:gosec // a count
	l.used.Store(e.started.sec<<30 | int64(e.started.nsec)) // grows with time, and never overflows
	if !l.known.Load() {
		t.journal.roster.enlist(l)
	}
	if t.journal.total.Add(grown) > cfg.TotalBytes {
		t.journal.sweep()
	}
}

// Clear forgets the tenant's entries. Ids go on, so that who follows goes on following.
func (t *Tenant) Clear() {
	if l := t.log.Load(); l != nil {
		l.mu.Lock()
		defer l.mu.Unlock()
		l.clear(t.journal)
		l.signal()
	}
}

// Reset makes the journal and the coverage as new: ids begin at 1 again. The host calls
// it at the tenant's reset.
func (t *Tenant) Reset() {
	t.run.Reset()
	if l := t.log.Load(); l != nil {
		l.mu.Lock()
		defer l.mu.Unlock()
		l.clear(t.journal)
		l.next = 0
		l.epoch++
		l.signal()
	}
}

// Close forgets everything and ends all waits. The host calls it when the tenant is removed.
func (t *Tenant) Close() {
	l := t.open()
	l.mu.Lock()
	l.clear(t.journal)
	l.closed = true
	l.signal()
	l.mu.Unlock()
	t.journal.roster.remove(l)
}

// roster lists the logs that have entries, those that were used longest ago first, as
// well as it needs to know: looking at the order costs nothing when something is recorded.
type roster struct {
	mu   sync.Mutex
	list list.List
}

func (r *roster) len() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.list.Len()
}

func (r *roster) enlist(l *log) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if l.place != nil {
		return
	}
	l.mu.Lock()
	closed := l.closed
	l.mu.Unlock()
	if !closed {
		l.stamp = l.used.Load()
		l.place = r.list.PushBack(l)
		l.known.Store(true)
	}
}

func (r *roster) remove(l *log) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if l.place != nil {
		r.list.Remove(l.place)
		l.place = nil
		l.known.Store(false)
	}
}

// sweep brings the bytes of all tenants below the bound, with some room to spare: the
// entries of tenants that were not used for longest go first. A tenant that was used
// since the roster looked last gets a second chance.
func (j *Journal) sweep() {
	r := &j.roster
	r.mu.Lock()
	defer r.mu.Unlock()
	goal := j.cfg.TotalBytes - j.cfg.TotalBytes/16
	chances := r.list.Len()
	for j.total.Load() > goal {
		front := r.list.Front()
		if front == nil {
			return
		}
		l := front.Value.(*log) //nolint:errcheck,forcetypeassert // the roster holds nothing else
		if used := l.used.Load(); used > l.stamp && chances > 0 {
			chances--
			l.stamp = used
			r.list.MoveToBack(front)
			continue
		}
		l.mu.Lock()
		var freed int64
		for l.n > 0 && j.total.Load()-freed > goal {
			freed += int64(l.evict())
			j.swept.Add(1)
			j.evicted.Add(1)
			j.entries.Add(-1)
		}
		if l.n == 0 {
			l.ring, l.start = nil, 0
			r.list.Remove(front)
			l.place = nil
			l.known.Store(false)
		}
		l.mu.Unlock()
		j.total.Add(-freed)
	}
}
