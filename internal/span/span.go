// Package span reads lengths of time as people write them: in Go's notation, to which days
// are added.
package span

import (
	"fmt"
	"regexp"
	"strconv"
	"time"
)

// longest is the longest duration there is: about 292 years.
const longest = time.Duration(1<<63 - 1)

const day = 24 * time.Hour

// Notations of a duration: days and what follows them, and Go's own, however long.
var (
	days     = regexp.MustCompile(`^([0-9]+)d(.*)$`)
	notation = regexp.MustCompile(`^(([0-9]+(\.[0-9]*)?|\.[0-9]+)(ns|us|µs|μs|ms|s|m|h))+$`)
)

// Parse reads a duration that is not negative: "4m", "1h30m", "1d", "1d12h", "250ms". A day
// has 24 hours. Its errors go on where the name of a field ends: "wants a duration such as …".
func Parse(text string) (time.Duration, error) {
	rest, whole := text, time.Duration(0)
	if m := days.FindStringSubmatch(text); m != nil {
		if rest = m[2]; rest == "" {
			rest = "0s"
		}
		if !notation.MatchString(rest) {
			return 0, noDuration(text)
		}
		n, err := strconv.Atoi(m[1])
		if err != nil || n > int(longest/day) {
			return 0, tooLong(text)
		}
		whole = time.Duration(n) * day
	}
	d, err := time.ParseDuration(rest)
	switch {
	case err != nil && notation.MatchString(rest), d > longest-whole:
		return 0, tooLong(text)
	case err != nil:
		return 0, noDuration(text)
	case d < 0:
		return 0, fmt.Errorf("wants a duration that is not negative, not %.40q", text)
	}
	return whole + d, nil
}

func noDuration(text string) error {
	return fmt.Errorf(`wants a duration such as "4m", "1h30m" or "1d12h", not %.40q`, text)
}

func tooLong(text string) error {
	return fmt.Errorf("is too long: %.40q; the longest is %dd%v", text, longest/day, longest%day)
}
