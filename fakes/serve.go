package fakes

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"runtime/debug"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/mediasandbox/sandbox/internal/contract"
	"github.com/mediasandbox/sandbox/signature"
)

// Serve answers one request for the target.
func (h *Host) Serve(w http.ResponseWriter, r *http.Request, to Target) {
	if name, ok := strings.CutPrefix(to.Path, "/-/"); ok {
		h.serveAsset(w, r, to, name)
		return
	}
	s := servings.Get().(*serving) //nolint:errcheck,forcetypeassert // the pool holds nothing else
	defer s.release()
	s.h, s.m, s.to = h, to.api, to
	s.x = Exchange{Started: h.wall(), API: to.api.Name, Request: r, Path: to.Path}
	body, err := readBody(w, r, h.cfg.MaxBody)
	if err != nil {
		unreadable(w, err)
		return
	}
	s.x.RequestBody = body
	s.run(w, r)
}

// serving is one request on its way. Servings are used again: nothing of one outlives its
// request, and what wants to keep a part of it copies it.
type serving struct {
	h     *Host
	m     *mounted
	to    Target
	x     Exchange
	match contract.Match
	call  Call
	reply Reply
	out   *contract.Outcome // what reply was drawn from

	source rand.PCG
	random rand.Rand

	values contract.Values // room for those of the request
	body   []byte          // room for the body of the reply
}

var servings = sync.Pool{New: func() any { return new(serving) }} //nolint:gochecknoglobals // a pool is for all

// release gives the serving back. One that has held a giant would hold on to its memory.
func (s *serving) release() {
	const kept = 64 << 10
	if cap(s.body) > kept || cap(s.values) > 64 {
		return
	}
	clear(s.values[:cap(s.values)])
	*s = serving{values: s.values[:0], body: s.body[:0]}
	servings.Put(s)
}

func (s *serving) run(w http.ResponseWriter, r *http.Request) {
	if err := s.prepare(r); err != nil {
		Problem(w, http.StatusBadRequest, err.Error())
		return
	}
	defer s.record() // a fault may end the exchange by a panic
	fault := s.fault(r)
	if fault != nil && fault.Unheard && fault.Write != nil {
		fault.Write(w, r, nil)
		return
	}
	if fault != nil && fault.Outcome != "" && s.match.Op != nil && s.match.Op.Outcome(fault.Outcome) != nil {
		s.draw([]string{fault.Outcome}, nil, false)
	} else {
		s.answer()
	}
	s.finish()
	if fault != nil && fault.Write != nil {
		fault.Write(w, r, &s.reply)
	} else {
		s.write(w)
	}
}

// fault asks for the fault of this call, and waits as long as it says.
func (s *serving) fault(r *http.Request) *Fault {
	if s.h.cfg.Faulter == nil {
		return nil
	}
	fault := s.h.cfg.Faulter.Pick(&s.x)
	if fault != nil {
		s.x.Fault = fault.Name
		wait(r, fault.Delay)
	}
	return fault
}

func (s *serving) record() {
	if s.h.cfg.Recorder == nil {
		return
	}
	s.x.Duration = s.h.wall().Sub(s.x.Started)
	s.h.cfg.Recorder.Record(&s.x)
}

// prepare parses the parameters, matches the operation and finds the tenant.
func (s *serving) prepare(r *http.Request) error {
	form := s.m.doc.Form(r.Method, s.x.RequestBody)
	values, err := s.m.doc.ParseValues(s.values, r.URL.RawQuery, r.Header.Get("Content-Type"), form)
	if err != nil {
		return err
	}
	s.match = s.m.doc.Match(r.Method, s.to.Path, values)
	values = slices.Insert(values, 0, s.match.Path...)
	s.values = values
	s.x.Values = values
	s.x.request = signature.Request{Method: r.Method, Path: s.to.Path, Values: values}
	if s.match.Op != nil {
		s.x.Operation = s.match.Op.ID
		s.x.request.Operation = s.match.Op.ID
		s.x.Undeclared = s.match.Op.Undeclared(s.m.doc, values)
	}
	s.x.Caller = s.m.Scheme.Caller(&s.x.request)
	s.x.Tenant = s.tenant()
	s.x.At = s.x.Tenant.Clock.Now()
	s.call = Call{
		API: s.m.Name, Op: s.match.Op, Tenant: s.x.Tenant.ID, Now: s.x.At, Values: values,
		Header: r.Header.Get, Body: s.x.RequestBody, Path: s.to.Path, Method: r.Method,
		Settings: s.x.Tenant.settings[s.m.Name], Account: s.account, base: s.to.base,
	}
	if s.to.Tenant == nil && !s.x.Tenant.Default {
		s.call.files = "t/" + s.x.Tenant.ID + "/" // the URL of a file has no credential to go by
	}
	return nil
}

// tenant is the URL's, else the credential's, else the default one.
func (s *serving) tenant() *Tenant {
	if s.to.Tenant != nil {
		return s.to.Tenant
	}
	if id := s.x.Caller; id != "" {
		if ref, ok := s.h.tenants.account(s.m.Name, id); ok && !s.h.expired(ref.tenant) {
			return ref.tenant
		}
	}
	return s.h.def
}

// account returns an account of the call's tenant; those of others are unknown to it.
func (s *serving) account(id string) (Account, bool) {
	ref, ok := s.h.tenants.account(s.m.Name, id)
	return ref.account, ok && ref.tenant == s.x.Tenant
}

// answer asks contract, scheme and world, in the vendor's order.
func (s *serving) answer() {
	if s.match.Op == nil && (!s.match.PathKnown || len(s.match.Allow) > 0) {
		s.draw([]string{s.match.Unmatched}, nil, false)
		return
	}
	if refusal := s.authenticate(); refusal != "" {
		s.draw([]string{refusal}, nil, false)
		return
	}
	if s.match.Op == nil {
		s.draw([]string{s.match.Unmatched}, nil, false)
		return
	}
	answer, err := s.handle()
	if err == nil {
		if reply, ok := answer.(Reply); ok {
			s.reply.Header = reply.Header
			s.accept(reply.Outcome, reply.Answer)
			return
		}
		s.accept("", answer)
		return
	}
	if refusal, ok := AsRefusal(err); ok {
		s.call.refused = refusal.Values
		s.draw(refusal.Outcomes, nil, false)
		return
	}
	s.fail(err)
}

func (s *serving) authenticate() (refusal string) {
	if op := s.match.Op; op != nil && !op.Secured {
		s.call.Caller = s.x.Caller
		return ""
	}
	s.x.scheme = s.m.Scheme
	s.x.context = signature.Context{Now: s.x.At, Secret: s.secret, Others: s.others}
	if s.m.Window != nil {
		s.x.context.Window = s.m.Window(s.x.Operation, s.call.Settings)
	}
	v := s.m.Scheme.Check(&s.x.request, s.x.context)
	s.call.Caller, s.x.Caller = v.Caller, v.Caller
	return v.Refusal
}

func (s *serving) secret(id string) (string, bool) {
	a, ok := s.account(id)
	return a.Secret, ok
}

// errPanic is a handler's panic, kept from the caller.
type errPanic struct {
	value any
	stack []byte
}

func (e *errPanic) Error() string { return fmt.Sprintf("panic: %v", e.value) }

// handle calls the handler with the world in hand: what fell due, admission,
// parameters, then the rule itself.
func (s *serving) handle() (answer any, err error) {
	if s.kept() {
		s.h.enter()
		defer s.h.leave()
	}
	slot := s.h.hold(s.x.Tenant, s.m)
	defer slot.mu.Unlock()
	defer func() {
		if p := recover(); p != nil {
			err = &errPanic{p, debug.Stack()}
		}
	}()
	if err := s.storeCall(slot.calls + 1); err != nil {
		return nil, err
	}
	slot.calls++
	s.seed(slot.seed, slot.calls)
	s.h.settle(s.x.Tenant, s.m, slot, s.call.Now)
	if a, ok := slot.world.(Admitter); ok {
		if err := a.Admit(&s.call); err != nil {
			return nil, err
		}
	}
	refused, noted := s.match.Op.CheckParams(s.x.Values)
	s.x.Noted = noted
	// A vendor that collects errors wants all of them at once: its handlers check.
	if refused != nil && s.m.Merge == nil {
		return nil, s.call.Refuse(refused.Outcome, "param", refused.Param.Name, "value", s.call.Param(refused.Param.Name))
	}
	return slot.handlers[s.match.Op.ID].serve(&s.call)
}

// fail answers for a handler that broke: in the vendor's words, the reason to the log only.
func (s *serving) fail(err error) {
	attrs := []any{"api", s.m.Name, "operation", s.x.Operation, "tenant", s.x.Tenant.ID, "error", s.conceal(err.Error())}
	var p *errPanic
	if errors.As(err, &p) {
		attrs = append(attrs, "stack", string(p.stack))
	}
	if errors.Is(err, ErrStore) { // the log has it already, and no fake is to blame
		s.draw([]string{contract.InternalError}, nil, false)
		return
	}
	s.h.log.Error("a handler failed", attrs...)
	s.x.Breach = append(s.x.Breach, contract.Finding{Reason: "the handler failed"})
	s.breach()
	s.draw([]string{contract.InternalError}, nil, false)
}

func wait(r *http.Request, d time.Duration) {
	if d <= 0 {
		return
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-r.Context().Done():
	}
}
