package signature

import (
	"fmt"
	"iter"
	"slices"
	"strconv"
)

// Bounds on the parameters of which every selection or every order is tried: 2⁸
// selections, 5! orders before and 6! after the pairs.
const (
	maxSubset    = 8
	fewPermuted  = 5
	manyPermuted = 6
)

// subsets leaves out three and more parameters at once.
func (p polyvSelection) subsets() iter.Seq[twist] {
	return func(yield func(twist) bool) {
		n := len(p.counted)
		if n > maxSubset {
			return
		}
		for set := range 1 << n {
			var out []field
			for i := range n {
				if set>>i&1 == 0 {
					out = append(out, p.counted[i])
				}
			}
			if len(out) < 3 {
				continue // singles and pairs are tried anyway
			}
			t := twist{Mistake{"sent-not-signed", fmt.Sprintf("Parameters %s were sent but not signed.", namesOf(out)),
				"Sign every parameter that is sent with a value, unknown ones included."},
				groupFields, func(f *formula) { f.fields = withoutAll(f.fields, out) }}
			if !yield(t) {
				return
			}
		}
	}
}

// permutations signs the parameters, up to so many, in every order.
func (p polyvSelection) permutations(most int) iter.Seq[twist] {
	return func(yield func(twist) bool) {
		if n := len(p.counted); n > most || most > fewPermuted && n <= fewPermuted {
			return
		}
		permute(slices.Clone(p.counted), 0, func(fs []field) bool {
			return yield(twist{Mistake{"parameters-unsorted", fmt.Sprintf("The parameters were signed in the order %s.", namesOf(fs)),
				"Sort the parameters by name, in byte order (as Java's TreeMap or PHP's ksort do)."},
				groupOrder, func(f *formula) { f.fields, f.order = fs, nil }})
		})
	}
}

// permute calls yield with every order of fs from index at on, until it says stop.
func permute(fs []field, at int, yield func([]field) bool) bool {
	if at >= len(fs)-1 {
		return yield(slices.Clone(fs))
	}
	for i := at; i < len(fs); i++ {
		fs[at], fs[i] = fs[i], fs[at]
		if !permute(fs, at+1, yield) {
			return false
		}
		fs[at], fs[i] = fs[i], fs[at]
	}
	return true
}

// clockTwists are other times than the one sent: the clock was read twice, or the
// time was signed in another unit.
func clockTwists(name, value string) iter.Seq[twist] {
	return func(yield func(twist) bool) {
		n, err := strconv.ParseInt(value, 10, 64)
		if err != nil || n > 1<<53 {
			return
		}
		send := func(id, detail string, signed int64) bool {
			text := strconv.FormatInt(signed, 10)
			return yield(twist{Mistake{id, detail, "Read the clock once, and send the value that was signed."}, groupTime,
				func(f *formula) { f.fields = replaced(f.fields, name, text) }})
		}
		if !send("timestamp-unit-signed", name+" was signed in seconds and sent in milliseconds.", n/1000) ||
			!send("timestamp-unit-signed", name+" was signed in milliseconds and sent in seconds.", n*1000) ||
			!send("timestamp-taken-twice", name+" was signed in whole seconds and sent with the milliseconds.", n/1000*1000) {
			return
		}
		for _, step := range []struct{ unit, most int64 }{{1, 25}, {1000, 5}} {
			for d := int64(1); d <= step.most; d++ {
				for _, off := range []int64{-d * step.unit, d * step.unit} {
					if !send("timestamp-taken-twice", fmt.Sprintf("%s was signed with another value than was sent (%+d).", name, off), n+off) {
						return
					}
				}
			}
		}
	}
}
