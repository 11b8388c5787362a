package cliparto

import (
	"slices"
	"sort"
	"time"
)

// ledger is amounts in order of time. It answers how many there were, and how much,
// up to any moment without going through them.
type ledger struct {
	at    []time.Time
	total []cents // total[i] is the sum of the first i+1 amounts
}

// position is where an entry of that time goes: behind those of the same time.
func (l *ledger) position(at time.Time) int {
	return sort.Search(len(l.at), func(i int) bool { return l.at[i].After(at) })
}

// add enters an amount. Entering at the end, as time goes, costs nothing.
func (l *ledger) add(at time.Time, amount cents) {
	i := l.position(at)
	before := cents(0)
	if i > 0 {
		before = l.total[i-1]
	}
	l.at = slices.Insert(l.at, i, at)
	l.total = slices.Insert(l.total, i, before+amount)
	for j := i + 1; j < len(l.total); j++ {
		l.total[j] += amount
	}
}

// sum is a number of entries and their amount.
type sum struct {
	n      int
	amount cents
}

func (s sum) minus(t sum) sum { return sum{s.n - t.n, s.amount - t.amount} }

func (l *ledger) first(n int) sum {
	if n == 0 {
		return sum{}
	}
	return sum{n, l.total[n-1]}
}

// upTo is what was entered at t or earlier.
func (l *ledger) upTo(t time.Time) sum {
	if l == nil {
		return sum{}
	}
	return l.first(l.position(t))
}

// before is what was entered earlier than t.
func (l *ledger) before(t time.Time) sum {
	if l == nil {
		return sum{}
	}
	return l.first(sort.Search(len(l.at), func(i int) bool { return !l.at[i].Before(t) }))
}

// thisMonth is what was entered from the beginning of now's month up to now.
func (l *ledger) thisMonth(now time.Time) sum {
	_, this := months(now)
	return l.upTo(now).minus(l.before(this))
}

// prevMonth is what was entered in the month before now's.
func (l *ledger) prevMonth(now time.Time) sum {
	prev, this := months(now)
	return l.before(this).minus(l.before(prev))
}
