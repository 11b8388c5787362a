package admin

import (
	"encoding/json"
	"time"

	"github.com/mediasandbox/sandbox/internal/span"
)

// duration is a length of time in Go's notation, to which days are added: "4m",
// "1h30m", "1d", "1d12h", "250ms". A day has 24 hours.
type duration time.Duration

// UnmarshalJSON reads a text in the notation above.
func (d *duration) UnmarshalJSON(data []byte) error {
	var text string
	if json.Unmarshal(data, &text) != nil {
		return &fieldError{`wants a duration as text, such as "4m" or "1d12h"`}
	}
	got, err := span.Parse(text)
	if err != nil {
		return &fieldError{err.Error()}
	}
	*d = duration(got)
	return nil
}
