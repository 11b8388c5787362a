package qqtube

import (
	"math/bits"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// checkFields holds the service's own parameters to their validators and options
// (vendor page, params[field_validators] and params[options]). A parameter that is
// empty counts as not sent. good is sent without the values that are wrong.
func (s *Service) checkFields(sent func(string) (string, bool)) (wrong []string, good func(string) (string, bool)) {
	var bad []string
	for i := range s.fields {
		f := &s.fields[i]
		value, _ := sent(f.Field)
		if found := f.check(value); len(found) > 0 {
			wrong, bad = append(wrong, found...), append(bad, f.Field)
		}
	}
	return wrong, func(name string) (string, bool) {
		if slices.Contains(bad, name) {
			return "", false
		}
		return sent(name)
	}
}

func (f *field) check(value string) (wrong []string) {
	if value == "" {
		for _, v := range f.rules {
			if v.name == "required" {
				return []string{"param-missing"}
			}
		}
		return nil
	}
	if problem := f.checkOption(value); problem != "" {
		wrong = append(wrong, problem)
	}
	var number int64
	numeric := false
	if f.needsNumber {
		if number, numeric = signedNumber(value); !numeric {
			wrong = append(wrong, "param-not-whole")
		}
	}
	for _, v := range f.rules {
		if problem := v.check(value, number, numeric); problem != "" {
			wrong = append(wrong, problem)
		}
	}
	return wrong
}

// check returns the outcome of a violated validator, "" when it holds. min, max and
// increment say nothing about a value that is no number.
func (v validator) check(value string, number int64, numeric bool) string {
	switch {
	case v.name == "min" && numeric && number < v.bound:
		return "param-below-min"
	case v.name == "max" && numeric && number > v.bound:
		return "param-above-max"
	case v.name == "increment" && numeric && !divides(v.bound, value):
		return "param-not-increment"
	case v.name == "minchar" && int64(utf8.RuneCountInString(value)) < v.bound:
		return "param-too-short"
	case v.name == "maxchar" && int64(utf8.RuneCountInString(value)) > v.bound:
		return "param-too-long"
	case v.name == "minlines" && lines(value) < v.bound:
		return "param-too-few-lines"
	}
	return ""
}

// signedNumber reads digits, with a minus or without. A number that is too large comes
// back as the largest or the least there is.
func signedNumber(text string) (n int64, ok bool) {
	digits := strings.TrimPrefix(text, "-")
	if digits == "" || strings.Trim(digits, "0123456789") != "" {
		return 0, false
	}
	n, _ = strconv.ParseInt(text, 10, 64) // all digits: beyond the range is all that can be wrong
	return n, true
}

// divides reports whether a whole number of any length is a multiple of step. It divides
// as on paper: reading a big number takes seconds when it is as long as a body may be.
func divides(step int64, number string) bool {
	by, rest := uint64(step), uint64(0) //nolint:gosec // above 0
	for _, digit := range []byte(strings.TrimPrefix(number, "-")) {
		hi, lo := bits.Mul64(rest, 10)
		lo, carry := bits.Add64(lo, uint64(digit-'0'), 0)
		rest = bits.Rem64(hi+carry, lo, by)
	}
	return rest == 0
}

// lines counts the lines that are not blank, separated by \n (a blank line is no
// comment; assumed).
func lines(value string) (n int64) {
	for line := range strings.SplitSeq(value, "\n") {
		if strings.TrimSpace(line) != "" {
			n++
		}
	}
	return n
}

// checkOption returns the outcome of a value that is no choice. An option that is
// not active is none.
func (f *field) checkOption(value string) string {
	if len(f.Options) == 0 {
		return ""
	}
	for i := range f.Options {
		if o := &f.Options[i]; o.Value == value && o.Active == "1" {
			if o.ErrorSelection == "1" {
				return "param-not-selected"
			}
			return ""
		}
	}
	return "param-not-an-option"
}
