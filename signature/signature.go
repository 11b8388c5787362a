// Package signature holds the five vendors' ways of proving who calls, both ways:
// Check for the fakes, Sign for the verifier and the command line, Explain for
// people. It knows nothing of HTTP servers, tenants or documents: a Request in,
// a Verdict out.
package signature

import (
	"time"

	"github.com/mediasandbox/sandbox/internal/contract"
)

// Value is one parameter of a request.
type Value = contract.Value

// Values are the parameters of a request, in order of arrival.
type Values = contract.Values

// Places a value can stand in.
const (
	InPath  = contract.InPath
	InQuery = contract.InQuery
	InForm  = contract.InForm
)

// Request is what a scheme sees of a call.
type Request struct {
	// Operation is the operation's id, "" when the call names none that exists
	// (its path is right, its selecting parameter is not).
	Operation string
	Method    string
	Path      string // as received, without the sandbox's prefix
	Values    Values // path, query and form parameters, decoded
}

// Context is what a scheme may know when it checks.
type Context struct {
	// Secret returns the secret of the account with that id.
	Secret func(id string) (secret string, ok bool)
	Now    time.Time
	// Window is how far a timestamp may lie from Now, either way, both ends
	// included; 0 takes the scheme's own default.
	Window time.Duration
	// Others lists accounts besides the one named, of this tenant and of others,
	// so that Explain can tell a signature made with another account's secret.
	// Only Explain calls it; nil means that none are known.
	Others func() []Credential
	// Token returns until when an access token that was given out is good. Only Explain
	// calls it; nil means that nobody knows which were.
	Token func(token string) (expires time.Time, ok bool)
}

// Verdict is the result of a check.
type Verdict struct {
	Caller  string // the account that the request names, proven when Refusal is ""
	Refusal string // the outcome by which the vendor refuses, "" when accepted
}

// Credential is one account at one API.
type Credential struct {
	ID     string // api_key, userid, id, username or key
	Secret string // "" where the id itself is the secret
	Token  string // Qulive's access token
}

// Signing says when, and with which salt, a request is signed.
type Signing struct {
	At   time.Time
	Salt string // Interstream only
}

// Scheme is one vendor's way of proving who calls.
type Scheme interface {
	// Name is the scheme's name in contract documents (x-scheme).
	Name() string
	// Caller returns the account id that a request names, "" when it names none.
	// The host finds the tenant by it before anything is checked.
	Caller(r *Request) string
	// Check holds a request to the vendor's rules in the vendor's order.
	Check(r *Request, in Context) Verdict
	// Sign completes r.Values with the credential and the signature.
	Sign(r *Request, c Credential, s Signing)
	// Explain says what the vendor would have signed, what the sender seems to
	// have signed, and what to change. It never fails and never panics.
	Explain(r *Request, in Context) Explanation
}

// Explanation is the diagnosis of a signed request. Secrets stand in it as
// "<secret>"; what a request derived from them is not repeated.
type Explanation struct {
	Scheme   string    `json:"scheme"`
	Caller   string    `json:"caller,omitempty"`
	Accepted bool      `json:"accepted"`
	Refusal  string    `json:"refusal,omitempty"`  // outcome
	Expected string    `json:"expected,omitempty"` // the string to sign as the vendor builds it
	Sent     string    `json:"sent,omitempty"`     // the string that the sender seems to have signed
	Differ   int       `json:"differ"`             // first byte at which the two differ, -1 when they do not or Sent is unknown
	Mistakes []Mistake `json:"mistakes,omitempty"`
}

// Mistake is a recognised way of getting a signature wrong.
type Mistake struct {
	Name   string `json:"name"`   // stable, kebab-case: digest-lower-case
	Detail string `json:"detail"` // what was seen, in one sentence
	Remedy string `json:"remedy"` // what to change, in one sentence
}
