// Package verifier replays scenarios against a target and reports what it found: the
// same files against the fakes in process, a running sandbox, and the real vendors.
//
// A scenario names operations, never URLs (docs/scenarios.md). The contract places the
// arguments, the signature scheme signs, and every reply is held to the contract as well
// as to what the scenario expects. Source.Load reads scenarios, InProcess, URL and File
// make targets, Run runs the ones at the other, and a Report is what comes of it.
//
// The package knows contracts and signatures, and the admin API of a sandbox as a client
// does; it knows no fake, prints nothing and reads no environment.
package verifier

import "time"

// Verdict is the result of a step, a scenario or a run. Later ones are worse.
type Verdict string

// Verdicts, from best to worst.
const (
	Pass    Verdict = "pass"
	Skip    Verdict = "skip"    // not run, with a reason
	Refuted Verdict = "refuted" // the target does otherwise than an assumed outcome says, in the same class
	Drift   Verdict = "drift"   // the reply is outside the contract
	Fail    Verdict = "fail"    // an expectation does not hold
	Error   Verdict = "error"   // the scenario could not go on
)

// Report is the result of one run against one target.
type Report struct {
	Target    string           `json:"target"`
	Started   time.Time        `json:"started"`
	Duration  time.Duration    `json:"duration_ns"`
	Seed      uint64           `json:"seed"`
	Scenarios []ScenarioResult `json:"scenarios"` // in the order of file and name
	Coverage  []APICoverage    `json:"coverage"`
	Sent      int              `json:"sent"`              // requests
	Stopped   bool             `json:"stopped,omitempty"` // before its end, so that scenarios were not run or not finished
	Created   []Created        `json:"created,omitempty"` // left behind at a foreign target
}

// ScenarioResult is what became of one scenario.
type ScenarioResult struct {
	Name     string        `json:"name"`
	API      string        `json:"api"`
	File     string        `json:"file"`
	Line     int           `json:"line"`
	Tags     []string      `json:"tags,omitempty"`
	Verdict  Verdict       `json:"verdict"`
	Reason   string        `json:"reason,omitempty"` // of a skip
	Duration time.Duration `json:"duration_ns"`
	Steps    []StepResult  `json:"steps"`
}

// StepResult is what became of one step, or of one round of a forEach.
type StepResult struct {
	Name      string        `json:"name"`
	Operation string        `json:"operation,omitempty"`
	Outcome   string        `json:"outcome,omitempty"` // that the reply turned out to be
	File      string        `json:"file"`
	Line      int           `json:"line"`
	Cleanup   bool          `json:"cleanup,omitempty"`
	Verdict   Verdict       `json:"verdict"`
	Reason    string        `json:"reason,omitempty"` // of a skip
	Problems  []Problem     `json:"problems,omitempty"`
	Exchange  *Exchange     `json:"exchange,omitempty"` // of the last attempt; masked
	Attempts  int           `json:"attempts,omitempty"`
	Duration  time.Duration `json:"duration_ns"`
}

// Problem is one thing that is not as it should be.
type Problem struct {
	Verdict  Verdict `json:"verdict"`
	What     string  `json:"what"`              // in one sentence
	Class    string  `json:"class"`             // status | content-type | outcome | field-added | field-removed | type | value | check | order | request | transport
	Pointer  string  `json:"pointer,omitempty"` // JSON pointer into the reply
	Expected string  `json:"expected,omitempty"`
	Actual   string  `json:"actual,omitempty"`
	Contract string  `json:"contract,omitempty"` // what the contract says there
	Line     int     `json:"line,omitempty"`     // of the expectation in the scenario
}

// Exchange is a request and its reply, secrets masked.
type Exchange struct {
	Method   string            `json:"method"`
	URL      string            `json:"url"`
	Curl     string            `json:"curl"`
	Request  string            `json:"request,omitempty"` // body
	Status   int               `json:"status"`
	Headers  map[string]string `json:"headers,omitempty"`  // of the reply
	Reply    string            `json:"reply,omitempty"`    // body
	Diagnose string            `json:"diagnose,omitempty"` // of a refused signature
}

// APICoverage is which operations and outcomes of an API a run met.
type APICoverage struct {
	API        string              `json:"api"`
	Operations []OperationCoverage `json:"operations"`
}

// OperationCoverage is one row of the matrix.
type OperationCoverage struct {
	Operation string            `json:"operation"`
	Outcomes  []OutcomeCoverage `json:"outcomes"`
}

// OutcomeCoverage is one cell of the matrix.
type OutcomeCoverage struct {
	Outcome string `json:"outcome"`
	Source  string `json:"source"`
	Forced  bool   `json:"forced,omitempty"`
	Met     int    `json:"met"`
	Why     string `json:"why,omitempty"` // it was not met
}

// Created is something that a run made at a target and did not remove.
type Created struct {
	Operation string `json:"operation"`
	What      string `json:"what"`
}
