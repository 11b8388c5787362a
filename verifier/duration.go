package verifier

import (
	"fmt"
	"regexp"
	"strconv"
	"time"
)

// durationPattern is a length of time as people write it: Go's notation and days.
var durationPattern = regexp.MustCompile(`^[+-]?([0-9]{1,6}d)?([0-9]+(\.[0-9]+)?(ns|us|µs|ms|s|m|h))*$`)

var leadingDays = regexp.MustCompile(`^([+-]?)([0-9]{1,6})d(.*)$`)

// parseDuration reads "20s", "1h30m", "1d12h", "-4m". A day has 24 hours.
func parseDuration(text string) (time.Duration, error) {
	wrong := fmt.Errorf("%q is not a duration such as 20s, 1h30m or 2d", text)
	if text == "" || !durationPattern.MatchString(text) {
		return 0, wrong
	}
	m := leadingDays.FindStringSubmatch(text)
	if m == nil {
		d, err := time.ParseDuration(text)
		if err != nil {
			return 0, wrong
		}
		return d, nil
	}
	n, err := strconv.Atoi(m[2])
	if err != nil || n > 100_000 {
		return 0, wrong
	}
	d := time.Duration(n) * 24 * time.Hour
	if m[3] != "" {
		rest, err := time.ParseDuration(m[3])
		if err != nil || rest > 1<<62 {
			return 0, wrong
		}
		d += rest
	}
	if m[1] == "-" {
		d = -d
	}
	return d, nil
}
