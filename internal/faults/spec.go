package faults

import (
	"encoding/json"
	"fmt"
	"math"
	"strings"
	"time"

	"github.com/mediasandbox/sandbox/internal/span"
)

// Spec describes a fault: which calls it concerns, when it is their turn, and what happens.
// A field of which "" or 0 means that it is left out says in its tag "wants" what it takes
// when it is given: the admin API refuses a zero that would be lost silently.
type Spec struct {
	Name string `json:"name" wants:"is empty; leave it out, the path says it"`

	// Which calls. A call has to fit all that are given.
	API       string `json:"api,omitempty" wants:"wants the name of an API"`
	Operation string `json:"operation,omitempty" wants:"wants an operation of the api"`
	Effect    string `json:"effect,omitempty" wants:"wants read, write, paid or destructive"`
	Caller    string `json:"caller,omitempty" wants:"wants the id of an account; leave it out for all callers"`
	// Params are parameters with exactly these values.
	Params map[string]string `json:"params,omitempty"`

	// When it is their turn: let Skip calls pass first, break Times and then no more, 0 for
	// all; break the share Chance of calls, 0 for all.
	Skip   uint64  `json:"skip,omitempty"`
	Times  uint64  `json:"times,omitempty"`
	Chance float64 `json:"chance,omitempty" wants:"wants a share above 0, up to 1; leave it out for all calls"`
	// Seed is of chance and of drawn delays; 0 takes the tenant's.
	Seed uint64 `json:"seed,omitempty" wants:"wants a whole number from 1 to 18446744073709551615; leave it out for the tenant's"`
	// TTL counts from putting it, on the tenant's clock; 0 means until it is deleted.
	TTL Duration `json:"ttl,omitempty" wants:"is 0; leave it out for a fault that stays until it is deleted"`

	// What happens.
	Kind    string `json:"kind"` // see Kinds; "" is told by what else is given
	Outcome string `json:"outcome,omitempty" wants:"wants the name of an outcome"`
	Delay   *Delay `json:"delay,omitempty"` // before the reply; how long a slow body takes
	Status  int    `json:"status,omitempty" wants:"wants a whole number from 400 to 599"`
	// Handled says whether the fake handles the call before its reply is broken: the client
	// cannot tell, the state can. Without it each kind has its own default.
	Handled *bool `json:"handled,omitempty"`
	// Limit and Window are a quota: so many calls in a window pass.
	Limit  uint64   `json:"limit,omitempty" wants:"wants a whole number from 1 to 18446744073709551615"`
	Window Duration `json:"window,omitempty" wants:"is 0; leave it out for a minute"`
}

// Error is a field of a Spec that cannot be, in words for people.
type Error struct{ Field, Text string }

func (e *Error) Error() string { return e.Field + " " + e.Text }

// Wants is the text: it stands behind the field's name.
func (e *Error) Wants() string { return e.Text }

func wrong(field, format string, args ...any) error {
	return &Error{field, fmt.Sprintf(format, args...)}
}

// Duration is a time.Duration that reads and writes as text: "4m".
type Duration time.Duration

// UnmarshalJSON reads a duration that is not negative (package span).
func (d *Duration) UnmarshalJSON(data []byte) error {
	var text string
	if json.Unmarshal(data, &text) != nil {
		return &Error{"", `wants a duration as text, such as "4m" or "1h30m"`}
	}
	v, err := duration(text)
	*d = Duration(v)
	return err
}

// MarshalJSON writes Go's notation.
func (d Duration) MarshalJSON() ([]byte, error) { return json.Marshal(time.Duration(d).String()) }

func duration(text string) (time.Duration, error) {
	v, err := span.Parse(strings.TrimSpace(text))
	if err != nil {
		return 0, &Error{"", err.Error()}
	}
	return v, nil
}

// Delay is a length of time: fixed ("200ms"), drawn evenly from a range ("100ms-2s"), or
// drawn from a distribution ({"distribution": "normal", "mean": "300ms", "stddev": "100ms"},
// {"distribution": "exponential", "mean": "300ms"}). What is drawn is at least 0 and at
// most MaxDelay.
type Delay struct {
	Min, Max     time.Duration // fixed when they are equal
	Distribution string        // "", "normal" or "exponential"
	Mean, StdDev time.Duration
}

// distribution is the notation of a Delay that is drawn from one.
type distribution struct {
	Distribution string   `json:"distribution"`
	Mean         Duration `json:"mean"`
	StdDev       Duration `json:"stddev,omitempty"`
}

// UnmarshalJSON reads the three notations.
func (d *Delay) UnmarshalJSON(data []byte) error {
	var text string
	if json.Unmarshal(data, &text) == nil {
		v, err := ParseDelay(text)
		*d = v
		return err
	}
	var form distribution
	dec := json.NewDecoder(strings.NewReader(string(data)))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&form); err != nil {
		return &Error{"", `wants "200ms", "100ms-2s" or {"distribution": "normal", "mean": "300ms", "stddev": "100ms"}`}
	}
	if form.Distribution == "" {
		return &Error{"", "wants a distribution, normal or exponential"}
	}
	*d = Delay{Distribution: form.Distribution, Mean: time.Duration(form.Mean), StdDev: time.Duration(form.StdDev)}
	return d.check()
}

// MarshalJSON writes the notation that reads back as the same.
func (d Delay) MarshalJSON() ([]byte, error) {
	if d.Distribution != "" {
		return json.Marshal(distribution{d.Distribution, Duration(d.Mean), Duration(d.StdDev)})
	}
	return json.Marshal(d.String())
}

// String is the delay for people.
func (d Delay) String() string {
	switch {
	case d.Distribution != "":
		return fmt.Sprintf("%s, mean %v, standard deviation %v", d.Distribution, d.Mean, d.StdDev)
	case d.Min == d.Max:
		return d.Min.String()
	}
	return d.Min.String() + "-" + d.Max.String()
}

// ParseDelay reads a fixed delay or a range.
func ParseDelay(text string) (Delay, error) {
	low, high, ranged := strings.Cut(text, "-")
	if !ranged {
		high = low
	}
	d := Delay{}
	var err, failed error
	d.Min, err = duration(low)
	d.Max, failed = duration(high)
	if err != nil || failed != nil {
		return Delay{}, &Error{"", fmt.Sprintf(`wants a duration such as "200ms" or "100ms-2s", not %.40q`, text)} // as it was sent: of "-1s" the end before the dash is empty
	}
	return d, d.check()
}

func (d Delay) check() error {
	switch {
	case d.Distribution != "" && d.Distribution != "normal" && d.Distribution != "exponential":
		return &Error{"", fmt.Sprintf("knows the distributions normal and exponential, not %.40q", d.Distribution)}
	case d.Distribution != "" && d.Mean <= 0:
		return &Error{"", "wants a mean above 0"}
	case d.Distribution == "exponential" && d.StdDev != 0:
		return &Error{"", "has no stddev when it is exponential: the mean says it all"}
	case d.Min > d.Max:
		return &Error{"", fmt.Sprintf("has the larger end first: %v-%v", d.Min, d.Max)}
	case d.Max > MaxDelay || d.Mean > MaxDelay:
		return &Error{"", fmt.Sprintf("is at most %v", MaxDelay)}
	}
	return nil
}

// draw takes one delay; u and v are even draws from 0 up to 1.
func (d *Delay) draw(u, v float64) time.Duration {
	if d == nil {
		return 0
	}
	var out float64
	switch d.Distribution {
	case "normal": // Box and Muller
		out = float64(d.Mean) + float64(d.StdDev)*math.Sqrt(-2*math.Log(1-u))*math.Cos(2*math.Pi*v)
	case "exponential":
		out = -float64(d.Mean) * math.Log(1-u)
	default:
		out = float64(d.Min) + u*float64(d.Max-d.Min)
	}
	return time.Duration(min(max(out, 0), float64(MaxDelay)))
}
