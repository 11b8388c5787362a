package verifier

import (
	"slices"
	"time"

	"github.com/mediasandbox/sandbox/internal/contract"
)

// Scenario is one flow, read from a file and checked against the contracts. It is made
// by Source.Load and does not change.
type Scenario struct {
	Name  string
	API   string
	About string
	// Tags are the effect and the free words, as declared; the effect is first.
	Tags []string
	// Effect is what the scenario does at a real vendor: read, write, paid or destructive.
	Effect string
	// Needs are what a target must have, those of the steps included.
	Needs []string
	File  string
	Line  int

	vars    map[string]any
	doc     *contract.Document
	steps   []*step
	cleanup []*step
}

// step is one thing to do.
type step struct {
	verb string
	name string
	file string
	line int
	cond *expression

	// call
	op       *contract.Operation
	args     []member
	argsAll  *expression // gives the arguments as an object
	body     *value
	headers  []member
	as       string // "" is own
	encoding string
	method   string
	until    *until
	tamper   *tamper

	raw     *rawRequest
	advance *value
	force   *force
	state   *stateRequest

	expect *expectation
	keep   []keeping // checks and saves, in the order written

	rows    *value      // forEach over a list that is written out
	over    *expression // forEach over what an expression gives
	steps   []*step     // of forEach and use
	with    []member    // of use
	withAll *expression // gives them as an object
	uses    string
	params  []string // of use
}

// keeping is a check, or, with a name, an expression whose value is kept under it.
type keeping struct {
	name string
	expr *expression
}

// until says how often and how long a call is repeated.
type until struct{ within, every *value }

// expectation is what a reply must be.
type expectation struct {
	line     int
	outcomes []string
	all      bool // all of outcomes together, no others
	status   int  // 0 for any
	headers  []memberMatcher
	gone     []string // headers that must not be there
	body     *matcher
	text     *matcher
}

// accepts reports whether the expectation names a success of the operation, or
// leaves the outcome to be one.
func (e *expectation) accepts(op *contract.Operation) bool {
	if e == nil || len(e.outcomes) == 0 {
		return true
	}
	return slices.ContainsFunc(e.outcomes, func(name string) bool {
		o := op.Outcome(name)
		return o != nil && o.Success
	})
}

// tamper spoils a request.
type tamper struct {
	change          // after signing
	signed   change // before
	sign     *signing
	method   string
	encoding string
	headers  []member
	path     *value
	query    []member // added to the query, whatever the method
}

// change is what tampering does to the parameters.
type change struct {
	omit []string
	set  []member
	add  []member
}

// signing is how a request is signed otherwise.
type signing struct {
	secret, id, salt *value
	at               *value
	lower, upper     bool
	with             []member
	skip             []string
	encode, raw      bool
	hex, plus        bool
	decodeSecret     bool
	swap             bool
}

type rawRequest struct {
	method  string
	path    *value
	query   *value
	headers []member
	body    *value
}

type force struct {
	operation, outcome string
	times, skip        int
}

type stateRequest struct {
	method string
	path   *value
	body   *value
	merge  *value
}

// effects are ordered from harmless to harmful.
func effects() []string {
	return []string{contract.Read, contract.Write, contract.Paid, contract.Destructive}
}

func stronger(a, b string) string {
	if slices.Index(effects(), b) > slices.Index(effects(), a) {
		return b
	}
	return a
}

// walk calls f for every step, those inside others included.
func walk(steps []*step, f func(*step)) {
	for _, s := range steps {
		f(s)
		walk(s.steps, f)
	}
}

// all lists the scenario's steps and its cleanup.
func (s *Scenario) walk(f func(*step)) {
	walk(s.steps, f)
	walk(s.cleanup, f)
}

// waits returns the longest that a single step waits on the vendor's clock, as far as
// that is written out.
func (s *Scenario) waits() (time.Duration, *step) {
	var longest time.Duration
	var at *step
	s.walk(func(st *step) {
		v := st.advance
		if st.until != nil {
			v = st.until.within
		}
		if v == nil || !v.static() {
			return
		}
		if d, err := parseDuration(v.node.Text); err == nil && d > longest {
			longest, at = d, st
		}
	})
	return longest, at
}
