package signature

import (
	"crypto/subtle"
	"iter"
)

// A twist is one mistake as a change to the vendor's formula.
type twist struct {
	mistake Mistake
	group   group
	apply   func(*formula)
}

// group keeps two twists from undoing each other: of each but groupFields, a pair
// takes one only.
type group int

const (
	groupFields group = iota // adding and leaving out fields combine
	groupOrder
	groupValue
	groupJoin
	groupSecret
	groupPlace
	groupTime
)

// Bounds of one search. A candidate costs about a microsecond, and long requests
// are bounded by what is handled, so that a diagnosis stays below some milliseconds
// whatever is sent.
const (
	maxCandidates = 3000
	maxWork       = 2 << 20 // bytes, and as many for telling twists apart
)

// families are generated twists that are tried alone: too many for pairs.
type families struct {
	early []iter.Seq[twist] // before the pairs: they explain more simply
	late  []iter.Seq[twist] // after them, with what is left to spend
}

// search looks for the twists that lead to a digest which was sent.
type search struct {
	base     formula
	readings []reading // ways to read what was sent, the likeliest first
	twists   []twist   // tried alone and in pairs
	families

	mem   scratch
	spent int // candidates
}

// found is a formula that leads to what was sent, with its mistakes.
type found struct {
	formula  formula
	mistakes []Mistake
}

// run tries the vendor's formula, then each mistake alone, then pairs, and stops at
// the first match: the fewest mistakes explain best.
func (s *search) run() (found, bool) {
	for _, r := range s.readings {
		if f, ok := s.try(r, nil); ok {
			return f, true
		}
	}
	s.prune()
	s.mem.work = 0
	for i := range s.twists {
		for _, r := range s.readings {
			if f, ok := s.try(r, s.twists[i:i+1]); ok {
				return f, true
			}
		}
	}
	for _, family := range s.early {
		if f, ok := s.family(family); ok {
			return f, true
		}
	}
	if f, ok := s.pairs(); ok {
		return f, true
	}
	for _, family := range s.late {
		if f, ok := s.family(family); ok {
			return f, true
		}
	}
	return found{}, false
}

// family tries each twist of a generated family alone.
func (s *search) family(family iter.Seq[twist]) (found, bool) {
	for t := range family {
		if s.exhausted() {
			break
		}
		for _, r := range s.readings {
			if f, ok := s.try(r, []twist{t}); ok {
				return f, true
			}
		}
	}
	return found{}, false
}

// pairs tries each two twists together, those that stand early in the list first.
func (s *search) pairs() (found, bool) {
	pair := make([]twist, 2)
	for sum := 1; sum < 2*len(s.twists); sum++ {
		for i := max(0, sum-len(s.twists)+1); i < sum-i; i++ {
			a, b := s.twists[i], s.twists[sum-i]
			if a.group == b.group && a.group != groupFields {
				continue
			}
			if s.exhausted() {
				return found{}, false
			}
			pair[0], pair[1] = a, b
			for _, r := range s.readings {
				if f, ok := s.try(r, pair); ok {
					return f, true
				}
			}
		}
	}
	return found{}, false
}

func (s *search) exhausted() bool { return s.spent >= maxCandidates || s.mem.work >= maxWork }

// try makes the digest of the formula under the given twists and compares.
func (s *search) try(r reading, twists []twist) (found, bool) {
	f := s.base
	f.algo = r.algo
	for i := range twists {
		twists[i].apply(&f)
	}
	if !f.known && f.place != placeNone || s.exhausted() {
		return found{}, false
	}
	sum := f.digest(&s.mem)
	s.spent++
	if subtle.ConstantTimeCompare(sum, r.raw) != 1 {
		return found{}, false
	}
	out := found{formula: f, mistakes: append([]Mistake(nil), r.mistakes...)}
	for i := range twists {
		out.mistakes = append(out.mistakes, twists[i].mistake)
	}
	return out, true
}

// prune drops twists that change nothing in this request, and those that an
// earlier one equals: they would name a mistake that was not made.
func (s *search) prune() {
	seen := map[string]bool{s.fingerprint(s.base): true}
	kept := s.twists[:0]
	for _, t := range s.twists {
		f := s.base
		t.apply(&f)
		if s.mem.work >= maxWork {
			break
		}
		if key := s.fingerprint(f); !seen[key] {
			seen[key] = true
			kept = append(kept, t)
		}
	}
	s.twists = kept
}

// fingerprint tells formulas with different results apart.
func (s *search) fingerprint(f formula) string {
	s.mem.text = f.join(s.mem.text[:0], &s.mem, false)
	known := "0"
	if f.known {
		known = "1"
	}
	switch f.place {
	case placeHMAC:
		return "hmac" + known + "\x00" + f.secret + "\x00" + string(s.mem.text)
	case placeHMACSwapped:
		return "swapped" + known + "\x00" + f.secret + "\x00" + string(s.mem.text)
	case placeNone:
		return "1" + string(s.mem.text)
	}
	return known + string(s.mem.text)
}
