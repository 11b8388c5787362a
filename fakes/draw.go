package fakes

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/mediasandbox/sandbox/internal/contract"
)

func (s *serving) accept(outcome string, answer any) {
	if outcome == "" {
		outcome = s.match.Op.Success.Name
	}
	_, literal := answer.(Literal)
	s.draw([]string{outcome}, answer, !literal)
}

// draw makes the reply of one or more outcomes.
func (s *serving) draw(names []string, answer any, hasAnswer bool) {
	s.x.Outcomes, s.x.Outcome = names, names[0]
	var bodies [][]byte
	for i, name := range names {
		o := s.outcome(name)
		if o == nil {
			s.fail(fmt.Errorf("the outcome %q is not in the contract of %q", name, s.x.Operation))
			return
		}
		before := len(s.body)
		var err error
		if s.body, err = s.appendBody(o, answer, hasAnswer); err != nil {
			s.fail(err)
			return
		}
		body := s.body[before:len(s.body):len(s.body)]
		if i == 0 {
			s.out = o
		}
		bodies = append(bodies, body)
	}
	s.reply.Status, s.reply.ContentType, s.reply.Success, s.reply.Outcome = s.out.Status, s.out.ContentType, s.out.Success, names[0]
	s.reply.Body = bodies[0]
	if len(bodies) > 1 && s.m.Merge != nil {
		s.reply.Body = s.m.Merge(bodies)
	}
}

func (s *serving) outcome(name string) *contract.Outcome {
	if s.match.Op != nil {
		if o := s.match.Op.Outcome(name); o != nil {
			return o
		}
	}
	return s.m.doc.Common[name]
}

func (s *serving) appendBody(o *contract.Outcome, answer any, hasAnswer bool) ([]byte, error) {
	if text, ok := answer.(string); ok && hasAnswer && o.Text() {
		return append(s.body, text...), nil
	}
	return o.Draw(s.body, s.m.doc, answer, hasAnswer, s.value)
}

// value draws a moving value: the refusal's own, else the API's.
func (s *serving) value(name string) any {
	if v, ok := s.call.refused[name]; ok {
		return v
	}
	if s.m.Value == nil {
		return nil
	}
	if s.call.Rand == nil {
		s.seed(callSeed(s.x.Tenant, s.m), 0)
	}
	return s.m.Value(&s.call, name)
}

// seed gives the call its random numbers, which are the same for the same call in the
// same state.
func (s *serving) seed(hi, lo uint64) {
	s.source.Seed(hi, lo)
	s.random = *rand.New(&s.source) //nolint:gosec // reproducible on purpose
	s.call.Rand = &s.random
}

// finish checks the reply against the contract, then lets the API put it into its last form.
func (s *serving) finish() {
	if !s.out.Written() || s.x.Breach != nil {
		if found := s.h.proven.check(s.out, s.reply.Body); len(found) > 0 {
			s.x.Breach = append(s.x.Breach, found...)
			s.breach()
		}
	}
	if s.m.Finish != nil {
		s.m.Finish(&s.call, &s.reply)
	}
	s.x.Status, s.x.Reply = s.reply.Status, s.reply.Body
}

func (s *serving) breach() {
	b := Breach{s.m.Name, s.x.Operation, s.x.Outcome, s.x.Breach}
	s.h.log.Error("a reply is outside the contract", "breach", b.String())
	if s.h.cfg.OnBreach != nil {
		s.h.cfg.OnBreach(b)
	}
}

func (s *serving) write(w http.ResponseWriter) {
	header := w.Header()
	// The date, too, is that of the tenant's clock: clients set theirs by it before they sign.
	values := []string{s.reply.ContentType, strconv.Itoa(len(s.reply.Body)), s.x.At.UTC().Format(http.TimeFormat)}
	header["Content-Type"], header["Content-Length"], header["Date"] = values[:1:1], values[1:2:2], values[2:]
	for k, v := range s.reply.Header {
		header.Set(k, v)
	}
	if len(s.match.Allow) > 0 {
		header.Set("Allow", strings.Join(slices.Compact(slices.Sorted(slices.Values(s.match.Allow))), ", "))
	}
	if s.h.cfg.ExplainHeader && !s.reply.Success {
		s.explainHeader(header)
	}
	s.x.ReplyHeader = header
	w.WriteHeader(s.reply.Status)
	if s.x.Request.Method != http.MethodHead {
		w.Write(s.reply.Body) //nolint:errcheck // the client is gone; nobody is left to tell
	}
}

// explainHeader says in one line why a signature was refused; a success costs nothing.
func (s *serving) explainHeader(header http.Header) {
	s.prepareExplanation()
	e, ok := s.x.Explain()
	if !ok || e.Accepted {
		return
	}
	text := e.Refusal
	for _, m := range e.Mistakes {
		text += "; " + m.Name + ": " + m.Remedy
	}
	header.Set("Sandbox-Explain", headerText(text))
}

// headerText keeps what a header line can carry.
func headerText(s string) string {
	const limit = 1000
	out := make([]byte, 0, min(len(s), limit))
	for i := 0; i < len(s) && len(out) < limit; i++ {
		if s[i] >= ' ' && s[i] < 0x7f {
			out = append(out, s[i])
		} else {
			out = append(out, '?')
		}
	}
	return string(out)
}
