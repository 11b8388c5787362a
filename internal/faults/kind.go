package faults

import (
	"net/http"

	"github.com/mediasandbox/sandbox/fakes"
	"github.com/mediasandbox/sandbox/internal/contract"
)

// kind is one way of breaking a call.
type kind struct {
	name string
	does string // what the client meets
	why  string // where that happens outside tests
	// fields are those of Spec, beside selection, turn and delay, that the kind reads.
	fields       string
	handled      bool // the fake handles the call, unless Spec.Handled says otherwise
	stretches    bool // Spec.Delay is how long it takes, not a wait before it
	needsOutcome bool // it concerns only calls whose operation has Spec.Outcome
	check        func(*Spec) error
	turn         func(*active, *fakes.Exchange) bool // nil: whenever it concerns
	apply        func(*call)
}

// call is one call that is to be broken.
type call struct {
	*active
	x     *fakes.Exchange
	op    *contract.Operation
	n     uint64
	fault *fakes.Fault
}

// kinds lists every kind, in the order of the documentation.
func kinds() []*kind {
	return []*kind{
		outcomeKind(), latencyKind(), statusKind(), quotaKind(),
		resetKind(), emptyKind(), truncateKind(), garbageKind(),
		slowKind(), chunkedKind(), restyledKind(),
	}
}

// Kind describes a kind for the documentation.
type Kind struct {
	Name    string `json:"kind"`
	Does    string `json:"does"`
	Why     string `json:"why"`
	Fields  string `json:"fields,omitempty"` // fields of a fault that the kind reads, besides those that all have
	Handled bool   `json:"handled"`          // by default the fake handles the call, and then its reply is broken
}

// Kinds lists what a call can be broken by.
func Kinds() []Kind {
	var out []Kind
	for _, k := range kinds() {
		out = append(out, Kind{k.name, k.does, k.why, k.fields, k.handled})
	}
	return out
}

func kindOf(name string) *kind {
	for _, k := range kinds() {
		if k.name == name {
			return k
		}
	}
	return nil
}

func kindNames() []string {
	var out []string
	for _, k := range kinds() {
		out = append(out, k.name)
	}
	return out
}

// breaks sets what is sent in place of the answer. shown says that the client still gets
// to see the outcome; otherwise it counts as shown to nobody.
func (c *call) breaks(shown bool, write func(w http.ResponseWriter, r *http.Request, reply *fakes.Reply)) {
	handled := c.kind.handled
	if c.spec.Handled != nil {
		handled = *c.spec.Handled
	}
	c.fault.Unheard = !handled
	x := c.x
	c.fault.Write = func(w http.ResponseWriter, r *http.Request, reply *fakes.Reply) {
		if !shown {
			x.Outcomes = nil
		}
		x.Status, x.Reply, x.ReplyHeader = 0, nil, nil
		if reply == nil {
			reply = &fakes.Reply{}
		}
		write(w, r, reply)
	}
}

// send writes a reply with everything that the host would have set.
func (c *call) head(w http.ResponseWriter, reply *fakes.Reply) {
	header := w.Header()
	header["Content-Type"] = []string{reply.ContentType}
	for name, value := range reply.Header {
		header.Set(name, value)
	}
	c.x.ReplyHeader, c.x.Status = header, reply.Status
}

// write sends a piece of the body and notes it. It reports whether the client takes more.
func (c *call) write(w http.ResponseWriter, r *http.Request, piece []byte) bool {
	c.x.Reply = append(c.x.Reply, piece...)
	if r.Method == http.MethodHead {
		return true
	}
	if _, err := w.Write(piece); err != nil {
		return false
	}
	return true
}

// flush sends what was written so far on its way, where that can be done.
func flush(w http.ResponseWriter) {
	http.NewResponseController(w).Flush() // a recorder in process has nothing to flush
}
