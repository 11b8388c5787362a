package fakes

import (
	"net/http"
	"time"

	"github.com/mediasandbox/sandbox/internal/contract"
	"github.com/mediasandbox/sandbox/signature"
)

// Exchange is one request and its reply, with everything the host found out. A
// Recorder that keeps one copies what it keeps: nothing in it may be changed.
type Exchange struct {
	Tenant    *Tenant
	API       string
	Operation string // "" when the request names none
	Outcome   string // the first, when several were refused together
	Outcomes  []string
	Caller    string // the account that the request names, proven or not
	Fault     string // name of the fault that was applied

	Started  time.Time // wall clock
	At       time.Time // tenant's clock
	Duration time.Duration

	Request     *http.Request // body already read
	Path        string        // without the sandbox's prefix
	RequestBody []byte
	Values      contract.Values

	Status      int
	ReplyHeader http.Header
	Reply       []byte

	Undeclared []string             // parameters the contract does not declare
	Noted      []contract.Violation // values outside the contract that the vendor passes on
	Breach     []contract.Finding   // our own reply outside the contract

	scheme   signature.Scheme    // nil where no credential is wanted
	callback *signature.Callback // of an event that has to be proven
	request  signature.Request
	context  signature.Context
}

// Explain diagnoses what the request proves itself by: the credential and signature of a
// call, the signature of an event. It returns false where no proof is wanted. It may be
// called at any time later; it works on what the request carried and on the clock as it
// stood then.
func (x *Exchange) Explain() (signature.Explanation, bool) {
	switch {
	case x.callback != nil:
		return x.callback.Explain(x.context), true
	case x.scheme != nil:
		return x.scheme.Explain(&x.request, x.context), true
	}
	return signature.Explanation{}, false
}

// Recorder keeps the exchanges of tenants: the journal.
type Recorder interface {
	// Open returns what Tenant.Recorder holds. Where that has Reset() or Close(),
	// they are called at the tenant's reset and removal.
	Open(t *Tenant) any
	// Record is called once per exchange, after the reply was sent or the connection
	// broken on request. It must be quick.
	Record(x *Exchange)
}

// Faulter decides whether a call is to be broken on request.
type Faulter interface {
	// Open returns what Tenant.Faults holds.
	Open(t *Tenant) any
	// Pick returns the fault for this call, or nil. What a Fault.Write sends in place of
	// the answer it may note in x, which is recorded afterwards.
	Pick(x *Exchange) *Fault
}

// Fault says how one call is broken. The zero value of everything but Name changes nothing.
type Fault struct {
	Name    string
	Outcome string        // answer with this outcome of the operation, no rule asked
	Delay   time.Duration // wait before anything else
	// Write takes over the connection in place of an answer, or of the answer
	// given; the host calls it with what it would have sent. It may panic with
	// http.ErrAbortHandler to break the connection off.
	Write func(w http.ResponseWriter, r *http.Request, reply *Reply)
	// Unheard says that the call never reaches the fake, so that nothing changes:
	// Write is called with a nil reply. Otherwise the call is answered first.
	Unheard bool
}
