package signature

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
)

// stampUnit is a unit of time stamps and what to call it.
type stampUnit struct {
	unit time.Duration
	name string
}

// stampUnits lists the units clients use, coarse to fine.
func stampUnits() []stampUnit {
	return []stampUnit{
		{time.Second, "seconds"}, {time.Millisecond, "milliseconds"},
		{time.Microsecond, "microseconds"}, {time.Nanosecond, "nanoseconds"},
	}
}

// explainStamp says what is wrong with a time stamp that the vendor wants as a whole
// number of units since 1970, within window of now. It returns nothing for a good
// one and for a missing one.
func explainStamp(param, value string, unit time.Duration, now time.Time, window time.Duration) []Mistake {
	want := "seconds"
	if unit == time.Millisecond {
		want = "milliseconds"
	}
	remedy := fmt.Sprintf("Send the time as whole %s since 1970 UTC, now %d.", want, nowIn(unit, now))
	switch {
	case value == "":
		return nil
	case !digits(value):
		return []Mistake{notDigits(param, value, want, remedy)}
	}
	n, err := strconv.ParseInt(value, 10, 64)
	if err != nil {
		return []Mistake{{"timestamp-malformed", fmt.Sprintf("%s has %d digits, more than any time.", param, len(value)), remedy}}
	}
	if m, ok := wrongUnit(param, n, unit, want, now, remedy); ok {
		return []Mistake{m}
	}
	if unit == time.Millisecond && len(value) != 13 {
		return []Mistake{{"timestamp-malformed", fmt.Sprintf("%s has %d digits, not 13.", param, len(value)), remedy}}
	}
	return explainSkew(param, n, unit, now, window)
}

// notDigits tells the common forms of a time that is no number.
func notDigits(param, value, want, remedy string) Mistake {
	seen := "is not a whole number"
	switch {
	case digits(strings.TrimSpace(value)):
		seen = "has blanks around it"
	case strings.ContainsAny(value, "eE") && isFloat(value):
		seen = "is written with an exponent, as numbers too large for an integer are printed"
	case isFloat(value) && strings.HasPrefix(value, "-"):
		seen = "is negative"
	case isFloat(value):
		seen = "has a fraction"
	case strings.Count(value, "-") >= 2 || strings.Contains(value, ":"):
		seen = "is a date, not a number"
	}
	return Mistake{"timestamp-malformed", fmt.Sprintf("%s %s; the vendor takes %s.", param, seen, want), remedy}
}

// nowIn returns now in units since 1970; unit is a second or a millisecond.
func nowIn(unit time.Duration, now time.Time) int64 {
	if unit == time.Millisecond {
		return now.UnixMilli()
	}
	return now.Unix()
}

func isFloat(s string) bool {
	_, err := strconv.ParseFloat(s, 64)
	return err == nil
}

// wrongUnit recognises a time near now in another unit than the vendor's: within
// ten years, which no two units share.
func wrongUnit(param string, n int64, unit time.Duration, want string, now time.Time, remedy string) (Mistake, bool) {
	const near = 10 * 365 * 24 * 3600
	isNear := func(u time.Duration) bool {
		off := n/int64(time.Second/u) - now.Unix()
		return off > -near && off < near
	}
	if isNear(unit) {
		return Mistake{}, false
	}
	for _, u := range stampUnits() {
		if isNear(u.unit) {
			return Mistake{u.name + "-for-" + want, fmt.Sprintf("%s is in %s; the vendor takes %s.", param, u.name, want), remedy}, true
		}
	}
	return Mistake{}, false
}

// explainSkew states how far a time is from now, when that is outside the window,
// and whether a time zone explains it.
func explainSkew(param string, n int64, unit time.Duration, now time.Time, window time.Duration) []Mistake {
	skew := n - nowIn(unit, now)
	if limit := int64(window / unit); skew >= -limit && skew <= limit {
		return nil
	}
	var gap time.Duration
	if abs(skew) > math.MaxInt64/int64(unit) {
		gap = math.MaxInt64
	} else {
		gap = time.Duration(abs(skew)) * unit
	}
	way := "behind"
	if skew > 0 {
		way = "ahead of"
	}
	detail := fmt.Sprintf("%s is %s %s the sandbox's clock (%s), which allows %s.",
		param, short(gap), way, now.UTC().Format("2006-01-02 15:04:05 UTC"), short(window))
	if zone, ok := zoneOf(gap); ok {
		return []Mistake{{"time-zone",
			fmt.Sprintf("%s That is %s, the distance of a time zone.", detail, short(zone)),
			"Take the time in UTC (time(), System.currentTimeMillis(), Date.now()), not from a local date."}}
	}
	name := "timestamp-stale"
	if skew > 0 {
		name = "timestamp-ahead"
	}
	return []Mistake{{name, detail,
		"Take the time when the request is signed, send it at once, and set the client's clock to the sandbox's."}}
}

// zoneOf returns the offset of a time zone that a gap is within two minutes of:
// whole hours up to 14, and the half and quarter hours that countries use.
func zoneOf(gap time.Duration) (time.Duration, bool) {
	for quarter := 1; quarter <= 14*4; quarter++ {
		zone := time.Duration(quarter) * (15 * time.Minute)
		switch quarter % 4 {
		case 1:
			continue // no zone is a quarter past
		case 2:
			if h := zone / time.Hour; h != 3 && h != 4 && h != 5 && h != 6 && h != 9 && h != 10 {
				continue
			}
		case 3:
			if h := zone / time.Hour; h != 5 && h != 8 && h != 12 {
				continue
			}
		}
		if d := gap - zone; d >= -2*time.Minute && d <= 2*time.Minute {
			return zone, true
		}
	}
	return 0, false
}

// short writes a duration for a sentence: 4m12s, 8h, 12 days.
func short(d time.Duration) string {
	switch {
	case d >= 72*time.Hour:
		return strconv.FormatInt(int64(d/(24*time.Hour)), 10) + " days"
	case d >= time.Minute:
		d = d.Round(time.Second)
	}
	s := d.String()
	if strings.HasSuffix(s, "m0s") {
		s = strings.TrimSuffix(s, "0s")
	}
	if strings.HasSuffix(s, "h0m") {
		s = strings.TrimSuffix(s, "0m")
	}
	return s
}

func abs(n int64) int64 {
	if n == math.MinInt64 {
		return math.MaxInt64
	}
	if n < 0 {
		return -n
	}
	return n
}
