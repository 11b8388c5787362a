package polyv

import (
	"cmp"
	"encoding/json"
	"errors"
	"math"
	"sort"

	"github.com/tidwall/btree"

	"github.com/mediasandbox/sandbox/fakes"
)

// record is something that a Timeline keeps.
type record[K cmp.Ordered] interface {
	comparable
	key() K        // unique in its timeline
	when() int64   // Unix milliseconds, the order
	group() string // a second order of its own for each group, "" for none
}

// Timeline keeps records newest first (of the same millisecond: highest key first),
// and those of each group (danmu and logs: of a video) likewise. Any page is found
// in O(log n), without walking to it; adding and removing cost O(log n) too. It
// marshals to a JSON array, newest first. The zero value is an empty timeline.
type Timeline[K cmp.Ordered, T record[K]] struct {
	byKey  map[K]T
	all    *btree.BTreeG[T]
	groups map[string]*btree.BTreeG[T]
}

// Len returns the number of records.
func (t *Timeline[K, T]) Len() int { return len(t.byKey) }

// Get returns the record of a key.
func (t *Timeline[K, T]) Get(key K) (T, bool) {
	r, ok := t.byKey[key]
	return r, ok
}

// Scan calls f for each record, newest first, until f returns false.
func (t *Timeline[K, T]) Scan(f func(T) bool) {
	if t.all != nil {
		t.all.Scan(f)
	}
}

// add keeps r; it fails when the key is taken.
func (t *Timeline[K, T]) add(r T) error {
	if _, taken := t.byKey[r.key()]; taken {
		return fakes.Conflict("id %v is taken", r.key())
	}
	if t.byKey == nil {
		t.byKey, t.all, t.groups = make(map[K]T), newOrder[K, T](), make(map[string]*btree.BTreeG[T])
	}
	t.byKey[r.key()] = r
	t.all.Load(r) // cheap when records come in order, as they do from JSON
	if g := r.group(); g != "" {
		order := t.groups[g]
		if order == nil {
			order = newOrder[K, T]()
			t.groups[g] = order
		}
		order.Load(r)
	}
	return nil
}

// remove forgets the record of a key and reports whether there was one.
func (t *Timeline[K, T]) remove(key K) bool {
	r, ok := t.byKey[key]
	if !ok {
		return false
	}
	delete(t.byKey, key)
	t.all.Delete(r)
	if order := t.groups[r.group()]; order != nil {
		order.Delete(r)
		if order.Len() == 0 {
			delete(t.groups, r.group())
		}
	}
	return true
}

// newOrder makes an index, newest first. The host calls a world from one goroutine
// at a time: no locks.
func newOrder[K cmp.Ordered, T record[K]]() *btree.BTreeG[T] {
	return btree.NewBTreeGOptions(func(a, b T) bool {
		if a.when() != b.when() {
			return a.when() > b.when()
		}
		return a.key() > b.key()
	}, btree.Options{NoLocks: true})
}

// order returns the index of a group, of all for "", nil when there is none.
func (t *Timeline[K, T]) order(group string) *btree.BTreeG[T] {
	if group == "" {
		return t.all
	}
	return t.groups[group]
}

// page returns at most size records after the offset newest, and how many there
// are in all. size and offset are not negative.
func (t *Timeline[K, T]) page(group string, offset, size int64) (records []T, total int64) {
	order := t.order(group)
	if order == nil {
		return nil, 0
	}
	total = int64(order.Len())
	if offset >= total || size == 0 {
		return nil, total
	}
	first, _ := order.GetAt(int(offset))
	records = make([]T, 0, min(size, total-offset))
	order.Ascend(first, func(r T) bool {
		records = append(records, r)
		return int64(len(records)) < size
	})
	return records, total
}

// span is the stretch of one group's index that lies in a range of time.
type span[K cmp.Ordered, T record[K]] struct {
	order    *btree.BTreeG[T]
	from, to int // positions, newest first, to excluded
}

// since returns the first position of s whose record is not newer than ms.
func (s span[K, T]) since(ms int64) int {
	return s.from + sort.Search(s.to-s.from, func(i int) bool {
		r, _ := s.order.GetAt(s.from + i)
		return r.when() <= ms
	})
}

// merge returns at most size records of several groups taken together, after the
// offset newest that lie in [from, to). The walk starts where the page starts: it
// is searched for by time, so that a late page costs what the first does.
func (t *Timeline[K, T]) merge(groups []string, from, to int64, offset, size int64) []T {
	spans, total := t.spans(groups, from, to)
	if offset >= total {
		return nil
	}
	offset -= skip(spans, offset)
	out := make([]T, 0, min(size, total))
	for int64(len(out)) < size {
		r, ok := next(spans)
		if !ok {
			break
		}
		if offset > 0 {
			offset--
			continue
		}
		out = append(out, r)
	}
	return out
}

// spans returns the stretches of the groups that have records in [from, to).
func (t *Timeline[K, T]) spans(groups []string, from, to int64) (spans []span[K, T], total int64) {
	for _, g := range groups {
		order := t.groups[g]
		if order == nil || from >= to {
			continue
		}
		s := span[K, T]{order, 0, order.Len()}
		s.from, s.to = s.since(to-1), s.since(from-1)
		if s.from < s.to {
			spans = append(spans, s)
			total += int64(s.to - s.from)
		}
	}
	return spans, total
}

// skip moves the spans past as many of the newest records as fit into offset at
// millisecond borders, and returns how many those were. offset is below the number
// of records.
func skip[K cmp.Ordered, T record[K]](spans []span[K, T], offset int64) (skipped int64) {
	if offset == 0 {
		return 0
	}
	newer := func(ms int64) (n int64) {
		for _, s := range spans {
			n += int64(s.since(ms) - s.from)
		}
		return n
	}
	low, high := int64(math.MaxInt64), int64(math.MinInt64)
	for _, s := range spans {
		newest, _ := s.order.GetAt(s.from)
		oldest, _ := s.order.GetAt(s.to - 1)
		low, high = min(low, oldest.when()-1), max(high, newest.when())
	}
	for high-low > 1 { // newer(low) is above offset, newer(high) is not
		if mid := low + (high-low)/2; newer(mid) <= offset {
			high = mid
		} else {
			low = mid
		}
	}
	skipped = newer(high)
	for i := range spans {
		spans[i].from = spans[i].since(high)
	}
	return skipped
}

// next takes the newest record off the spans.
func next[K cmp.Ordered, T record[K]](spans []span[K, T]) (newest T, ok bool) {
	at := -1
	for i, s := range spans {
		if s.from >= s.to {
			continue
		}
		r, _ := s.order.GetAt(s.from)
		if at < 0 || r.when() > newest.when() || (r.when() == newest.when() && r.key() > newest.key()) {
			at, newest = i, r
		}
	}
	if at < 0 {
		return newest, false
	}
	spans[at].from++
	return newest, true
}

// MarshalJSON writes the records as an array, newest first.
func (t Timeline[K, T]) MarshalJSON() ([]byte, error) {
	records := make([]T, 0, len(t.byKey))
	t.Scan(func(r T) bool {
		records = append(records, r)
		return true
	})
	return json.Marshal(records)
}

// UnmarshalJSON replaces the timeline by the records of an array, in any order; it
// fails on a null record, an unknown key and an id that comes twice.
func (t *Timeline[K, T]) UnmarshalJSON(data []byte) error {
	var records []T
	if err := strict(data, &records); err != nil {
		return err
	}
	*t = Timeline[K, T]{}
	var none T
	for _, r := range records {
		if r == none {
			return errors.New("a record is null")
		}
		if err := t.add(r); err != nil {
			return err
		}
	}
	return nil
}
