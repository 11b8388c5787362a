package admin

import (
	"encoding/json"
	"fmt"
	"regexp"
	"strconv"
	"time"
)

// duration is a length of time in Go's notation, to which days are added: "4m",
// "1h30m", "1d", "1d12h", "250ms". A day has 24 hours.
type duration time.Duration

// longest is the longest duration there is: about 292 years.
const longest = time.Duration(1<<63 - 1)

var days = regexp.MustCompile(`^([0-9]{1,6})d(.*)$`)

// UnmarshalJSON reads a text in the notation above.
func (d *duration) UnmarshalJSON(data []byte) error {
	var text string
	if json.Unmarshal(data, &text) != nil {
		return &fieldError{`wants a duration as text, such as "4m" or "1d12h"`}
	}
	got, err := parseDuration(text)
	if err != nil {
		return &fieldError{err.Error()}
	}
	*d = duration(got)
	return nil
}

// parseDuration reads a duration that is not negative.
func parseDuration(text string) (time.Duration, error) {
	wrong := fmt.Errorf(`wants a duration such as "4m", "1h30m" or "1d12h", not %q`, text)
	rest, whole := text, time.Duration(0)
	if m := days.FindStringSubmatch(text); m != nil {
		n, err := strconv.Atoi(m[1])
		if err != nil || n > int(longest/(24*time.Hour)) {
			return 0, wrong
		}
		whole, rest = time.Duration(n)*24*time.Hour, m[2]
		if rest == "" {
			return whole, nil
		}
	}
	d, err := time.ParseDuration(rest)
	switch {
	case err != nil:
		return 0, wrong
	case d < 0:
		return 0, fmt.Errorf("wants a duration that is not negative, not %q", text)
	case d > longest-whole:
		return 0, wrong
	}
	return whole + d, nil
}
