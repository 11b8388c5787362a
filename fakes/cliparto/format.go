package cliparto

import (
	"fmt"
	"strings"
	"time"
)

// What replies are made of (CONTRACTS section 3): one line, or one record a line with
// its fields joined by ";".

// cents is an amount of US dollars in cents.
type cents int64

// String writes an amount as 12.34.
func (c cents) String() string { return fmt.Sprintf("%d.%02d", c/100, c%100) }

// date writes a time as YYYY-MM-DD HH:MM:SS, UTC.
func date(t time.Time) string { return t.UTC().Format(time.DateTime) }

// record joins fields; a ";" or a line break inside one becomes a blank.
func record(fields ...string) string {
	clean := strings.NewReplacer(";", " ", "\r\n", " ", "\r", " ", "\n", " ")
	for i := range fields {
		fields[i] = clean.Replace(fields[i])
	}
	return strings.Join(fields, ";")
}

// moment is a time as the state keeps it: UTC, without the reading of the machine's
// monotonic clock, which JSON would lose.
func moment(t time.Time) time.Time { return t.UTC().Round(0) }

// months returns the beginnings, in UTC, of the month before that of now and of its own.
func months(now time.Time) (prev, this time.Time) {
	y, m, _ := now.UTC().Date()
	this = time.Date(y, m, 1, 0, 0, 0, 0, time.UTC)
	return this.AddDate(0, -1, 0), this
}
