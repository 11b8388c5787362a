package faults

import (
	"encoding/json"
	"fmt"
	"math"
	"strings"
	"time"
)

// Spec describes a fault: which calls it concerns, when it is their turn, and what happens.
type Spec struct {
	Name string `json:"name"`

	// Which calls. A call has to fit all that are given.
	API       string            `json:"api,omitempty"`
	Operation string            `json:"operation,omitempty"`
	Effect    string            `json:"effect,omitempty"` // read, write, paid or destructive
	Caller    string            `json:"caller,omitempty"` // account id
	Params    map[string]string `json:"params,omitempty"` // parameters with exactly these values

	// When it is their turn.
	Skip   uint64   `json:"skip,omitempty"`   // let so many calls pass first
	Times  uint64   `json:"times,omitempty"`  // break so many calls, then no more; 0 means all
	Chance float64  `json:"chance,omitempty"` // break this share of calls, above 0 up to 1; 0 means all
	Seed   uint64   `json:"seed,omitempty"`   // of chance and of drawn delays; 0 takes the tenant's
	TTL    Duration `json:"ttl,omitempty"`    // from putting it, on the tenant's clock; 0 means until it is deleted

	// What happens.
	Kind    string `json:"kind"`              // see Kinds; "" is told by what else is given
	Outcome string `json:"outcome,omitempty"` // of the operation
	Delay   *Delay `json:"delay,omitempty"`   // before the reply; how long a slow body takes
	Status  int    `json:"status,omitempty"`  // HTTP status, 400 to 599
	// Handled says whether the fake handles the call before its reply is broken: the client
	// cannot tell, the state can. Without it each kind has its own default.
	Handled *bool `json:"handled,omitempty"`
	// Limit and Window are a quota: so many calls in a window pass.
	Limit  uint64   `json:"limit,omitempty"`
	Window Duration `json:"window,omitempty"`
}

// Error is a field of a Spec that cannot be, in words for people.
type Error struct{ Field, Text string }

func (e *Error) Error() string { return e.Field + " " + e.Text }

func wrong(field, format string, args ...any) error {
	return &Error{field, fmt.Sprintf(format, args...)}
}

// Duration is a time.Duration that reads and writes as text: "4m".
type Duration time.Duration

// UnmarshalJSON reads Go's notation of a duration that is not negative.
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
	v, err := time.ParseDuration(strings.TrimSpace(text))
	if err != nil || v < 0 {
		return 0, &Error{"", fmt.Sprintf(`wants a duration such as "200ms" or "4m", not %.40q`, text)}
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
	var err error
	if d.Min, err = duration(low); err != nil {
		return Delay{}, err
	}
	if d.Max, err = duration(high); err != nil {
		return Delay{}, err
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
