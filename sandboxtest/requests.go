package sandboxtest

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/mediasandbox/sandbox/internal/journal"
)

// Filter selects requests; a field that is not set selects all.
type Filter struct {
	API       string
	Operation string
	Outcome   string // any of those that were answered together
	Status    int    // HTTP
}

func (f Filter) journal() journal.Filter {
	return journal.Filter{API: f.API, Operation: f.Operation, Outcome: f.Outcome, Status: f.Status}
}

// Request is one request that the sandbox answered, secrets masked.
type Request struct {
	API       string
	Operation string   // "" when the request names none
	Outcome   string   // the first, where several errors were answered together
	Outcomes  []string // all of them
	Status    int      // HTTP; 0 when a fault broke the connection before
	Fault     string   // name of the fault that was applied
	At        time.Time

	Method string
	URL    string
	Header http.Header
	Body   string
	Reply  string

	// Undeclared are parameters that the contract does not know: mostly misspelt ones.
	Undeclared []string
	// Advice is what a vendor's page asks of its clients and this call did not keep to.
	Advice []string

	id uint64
}

// Param returns a parameter that was sent in the query or in an urlencoded form, "" without.
func (r Request) Param(name string) string {
	if _, query, ok := strings.Cut(r.URL, "?"); ok {
		if values, err := url.ParseQuery(query); err == nil && values.Has(name) {
			return values.Get(name)
		}
	}
	if values, err := url.ParseQuery(r.Body); err == nil {
		return values.Get(name)
	}
	return ""
}

// Requests returns the requests that this test's client made, the oldest first. The last
// thousand are kept.
func (sb *Sandbox) Requests(f Filter) []Request {
	var out []Request
	for _, v := range sb.journal.List(f.journal()).Entries {
		out = append(out, ofView(v))
	}
	return out
}

func ofView(v journal.View) Request {
	r := Request{
		API: v.API, Operation: v.Operation, Outcome: v.Outcome, Outcomes: v.Outcomes, Status: v.Status, Fault: v.Fault, At: v.At,
		Method: v.Request.Method, URL: v.Request.URL, Header: http.Header{}, Body: v.Request.Text(), Reply: v.Reply.Text(),
		Undeclared: v.Undeclared, id: v.ID,
	}
	if r.Outcomes == nil && r.Outcome != "" {
		r.Outcomes = []string{r.Outcome}
	}
	for _, h := range v.Request.Header {
		r.Header.Add(h.Name, h.Value)
	}
	for _, a := range v.Advice {
		r.Advice = append(r.Advice, a.Text)
	}
	return r
}

// Wait waits until at least n requests of a filter were answered and returns them: for
// clients that call in the background. It ends the test when they do not come in time.
func (sb *Sandbox) Wait(f Filter, n int, within time.Duration) []Request {
	sb.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), within)
	defer cancel()
	if tally, met := sb.journal.Wait(ctx, f.journal(), n); !met {
		sb.t.Fatalf("sandboxtest: %d requests came within %s, not %d: %+v", tally.Count, within, n, f)
	}
	return sb.Requests(f)
}

// Coverage says what of the contracts this test's client has met.
type Coverage struct {
	Percent float64 // of the outcomes of the APIs that were called
	Met     int
	Total   int
	// Failures are documented failures that the client was never shown, of the operations
	// that it called: "polyv clip: sign-wrong".
	Failures []string
	// NotCalled are operations of the APIs that were called: "polyv danmuList".
	NotCalled []string
}

// Coverage returns what this test's client has met so far.
func (sb *Sandbox) Coverage() Coverage {
	r, _ := sb.journal.Coverage() // it always counts here
	c := Coverage{Percent: r.Percent, Met: r.Met, Total: r.Total, NotCalled: r.NotCalled()}
	for _, m := range r.Missed() {
		if m.Outcome.Source == documented && !m.Outcome.Success {
			c.Failures = append(c.Failures, m.API+" "+m.Operation+": "+m.Outcome.Name)
		}
	}
	return c
}
