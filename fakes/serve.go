package fakes

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"os"
	"runtime/debug"
	"strconv"
	"strings"
	"time"

	"github.com/mediasandbox/sandbox/internal/assets"
	"github.com/mediasandbox/sandbox/internal/contract"
	"github.com/mediasandbox/sandbox/signature"
)

// Target is where a request leads: an API, a tenant when the URL names one, and the
// path on the vendor's own server.
type Target struct {
	api    *mounted
	Tenant *Tenant // nil when the credential decides
	Path   string  // percent-encoded, as sent
	base   string
}

// API returns the name of the API.
func (t Target) API() string { return t.api.Name }

// Resolve finds the API and tenant that host name and path lead to:
//
//	vendor host names, {api}.localhost, {tenant}.{api}.localhost   any path
//	/{api}/…, /t/{tenant}/{api}/…                                  any host
//
// It returns ErrTenantUnknown when the URL names a tenant that does not exist, and
// ErrAPIUnknown when nothing here answers.
func (h *Host) Resolve(r *http.Request) (Target, error) {
	scheme := "http"
	if r.TLS != nil {
		scheme = "https"
	}
	path := r.URL.EscapedPath()
	if m, tenant := h.byHostName(r.Host); m != nil {
		t := Target{api: m, Path: path, base: scheme + "://" + r.Host}
		if tenant == "" {
			return t, nil
		}
		var err error
		t.Tenant, err = h.Tenant(tenant)
		return t, err
	}
	prefix, rest := "", path
	var tenant *Tenant
	if after, ok := strings.CutPrefix(path, "/t/"); ok {
		id, more, _ := strings.Cut(after, "/")
		var err error
		if tenant, err = h.Tenant(id); err != nil {
			return Target{}, err
		}
		prefix, rest = "/t/"+id, "/"+more
	}
	name, more, _ := strings.Cut(strings.TrimPrefix(rest, "/"), "/")
	m := h.byName[name]
	if m == nil {
		return Target{}, ErrAPIUnknown
	}
	return Target{api: m, Tenant: tenant, Path: "/" + more, base: scheme + "://" + r.Host + prefix + "/" + name}, nil
}

func (h *Host) byHostName(host string) (*mounted, string) {
	if i := strings.LastIndexByte(host, ':'); i > strings.LastIndexByte(host, ']') {
		host = host[:i]
	}
	host = strings.TrimSuffix(strings.ToLower(host), ".")
	if m := h.byHost[host]; m != nil {
		return m, ""
	}
	if tenant, rest, ok := strings.Cut(host, "."); ok && strings.HasSuffix(rest, ".localhost") {
		if m := h.byHost[rest]; m != nil {
			return m, tenant
		}
	}
	return nil, ""
}

// Serve answers one request for the target.
func (h *Host) Serve(w http.ResponseWriter, r *http.Request, to Target) {
	if name, ok := strings.CutPrefix(to.Path, "/-/"); ok {
		h.serveAsset(w, r, to, name)
		return
	}
	s := serving{h: h, m: to.api, to: to, x: Exchange{Started: h.wall(), API: to.api.Name, Request: r, Path: to.Path}}
	body, err := readBody(w, r, h.cfg.MaxBody)
	if err != nil {
		unreadable(w, err)
		return
	}
	s.x.RequestBody = body
	s.run(w, r)
}

// errTooLarge is a body beyond Config.MaxBody.
var errTooLarge = errors.New("the request body is too large")

func readBody(w http.ResponseWriter, r *http.Request, limit int64) ([]byte, error) {
	if r.Body == nil || r.Body == http.NoBody {
		return nil, nil
	}
	if r.ContentLength > limit {
		return nil, fmt.Errorf("%w: %d bytes, at most %d", errTooLarge, r.ContentLength, limit)
	}
	if r.ContentLength > 0 && r.ContentLength <= early {
		body := make([]byte, r.ContentLength)
		_, err := io.ReadFull(r.Body, body)
		return body, err
	}
	var buf bytes.Buffer
	buf.Grow(early)
	_, err := buf.ReadFrom(http.MaxBytesReader(w, r.Body, limit))
	var over *http.MaxBytesError
	if errors.As(err, &over) {
		return nil, fmt.Errorf("%w: at most %d bytes", errTooLarge, limit)
	}
	return buf.Bytes(), err
}

// early is how many bytes are set aside for a body before any of it has come: a client
// that announces much and sends nothing costs no more.
const early = 16 << 10

// unreadable answers for the sandbox, not for a vendor: none says what it does then.
func unreadable(w http.ResponseWriter, err error) {
	w.Header().Set("Connection", "close")
	switch {
	case errors.Is(err, errTooLarge):
		Problem(w, http.StatusRequestEntityTooLarge, err.Error())
	case errors.Is(err, os.ErrDeadlineExceeded):
		Problem(w, http.StatusRequestTimeout, "the request body did not arrive in time")
	default:
		Problem(w, http.StatusBadRequest, "the request body could not be read: "+err.Error())
	}
}

// serving is one request on its way.
type serving struct {
	h     *Host
	m     *mounted
	to    Target
	x     Exchange
	match contract.Match
	call  Call
	reply Reply
	out   *contract.Outcome // what reply was drawn from
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
	form := s.x.RequestBody
	if !contract.ReadsForm(r.Method) {
		form = nil
	}
	values, err := s.m.doc.ParseValues(nil, r.URL.RawQuery, r.Header.Get("Content-Type"), form)
	if err != nil {
		return err
	}
	s.match = s.m.doc.Match(r.Method, s.to.Path, values)
	if len(s.match.Path) > 0 {
		values = append(append(make(contract.Values, 0, len(s.match.Path)+len(values)), s.match.Path...), values...)
	}
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

// methods adds HEAD, which is answered wherever GET is, and removes doubles.
func methods(list []string) []string {
	var out []string
	seen := map[string]bool{}
	for _, m := range list {
		if m == http.MethodGet && !seen[http.MethodHead] {
			seen[http.MethodHead] = true
			out = append(out, http.MethodHead)
		}
		if !seen[m] {
			seen[m] = true
			out = append(out, m)
		}
	}
	return out
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
	s.call.Rand = rand.New(rand.NewPCG(slot.seed, slot.calls)) //nolint:gosec // reproducible on purpose
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
	attrs := []any{"api", s.m.Name, "operation", s.x.Operation, "tenant", s.x.Tenant.ID, "error", err.Error()}
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
		body, err := s.body(o, answer, hasAnswer)
		if err != nil {
			s.fail(err)
			return
		}
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

func (s *serving) body(o *contract.Outcome, answer any, hasAnswer bool) ([]byte, error) {
	if text, ok := answer.(string); ok && hasAnswer && o.Text() {
		return []byte(text), nil
	}
	return o.Draw(s.m.doc, answer, hasAnswer, s.value)
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
		s.call.Rand = rand.New(rand.NewPCG(callSeed(s.x.Tenant, s.m), 0)) //nolint:gosec // reproducible on purpose
	}
	return s.m.Value(&s.call, name)
}

// finish checks the reply against the contract, then lets the API put it into its last form.
func (s *serving) finish() {
	if !s.out.Written() || s.x.Breach != nil {
		if found := s.out.Check(s.reply.Body); len(found) > 0 {
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
	header["Content-Type"] = []string{s.reply.ContentType}
	header["Content-Length"] = []string{strconv.Itoa(len(s.reply.Body))}
	for k, v := range s.reply.Header {
		header.Set(k, v)
	}
	if len(s.match.Allow) > 0 {
		header.Set("Allow", strings.Join(methods(s.match.Allow), ", "))
	}
	if s.h.cfg.ExplainHeader && s.x.scheme != nil && !s.reply.Success {
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

// serveAsset answers for a file behind a URL that a fake returned.
func (h *Host) serveAsset(w http.ResponseWriter, r *http.Request, to Target, name string) {
	switch r.Method {
	case http.MethodGet, http.MethodHead:
	case http.MethodPut, http.MethodPost:
		// An upload to an address that a fake handed out: taken, not kept.
		if _, err := readBody(w, r, h.cfg.MaxBody); err != nil {
			unreadable(w, err)
			return
		}
		w.WriteHeader(http.StatusOK)
		return
	default:
		w.Header().Set("Allow", "GET, HEAD, POST, PUT")
		Problem(w, http.StatusMethodNotAllowed, "files are read with GET and uploaded with PUT or POST")
		return
	}
	t := to.Tenant
	if after, ok := strings.CutPrefix(name, "t/"); ok && t == nil {
		id, rest, _ := strings.Cut(after, "/")
		var err error
		if t, err = h.Tenant(id); err != nil {
			Problem(w, http.StatusNotFound, err.Error())
			return
		}
		name = rest
	}
	if t == nil {
		t = h.def
	}
	ctype, body, ok := h.publish(t, to.api, name)
	if !ok {
		ctype, body, ok = assets.Make(name)
	}
	if !ok {
		Problem(w, http.StatusNotFound, "no file of that name, and no kind of file by that extension")
		return
	}
	w.Header().Set("Content-Type", ctype)
	w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	if r.Method != http.MethodHead {
		w.Write(body) //nolint:errcheck // the client is gone
	}
}

func (h *Host) publish(t *Tenant, m *mounted, name string) (string, []byte, bool) {
	s := h.hold(t, m)
	defer s.mu.Unlock()
	if p, ok := s.world.(Publisher); ok {
		return p.Publish(name)
	}
	return "", nil, false
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
