package fakes

import (
	"net/http"
	"sort"
	"time"

	"github.com/mediasandbox/sandbox/signature"
)

// Inspection says as whom and when Inspect looks at a request. The zero value does as
// Serve would, now.
type Inspection struct {
	Tenant *Tenant   // nil finds it by URL and credential
	At     time.Time // zero takes the tenant's clock
	// Secret stands in for the secret of the account that the request names, for a
	// request that was signed for another server; "" takes the tenant's. For an event it
	// is the receiver's callback key.
	Secret string
	// Stateless leaves out what only a world knows, for a request that was sent to another
	// sandbox: which access tokens were given out.
	Stateless bool
}

// Inspect takes a request apart as Serve would: operation, tenant, parameters, credential
// and signature. Nothing changes and nothing is recorded. The outcome is the refusal of
// the credential, the signature or the request line, "" when all are right. The body is
// read to its end.
//
// It returns ErrAPIUnknown or ErrTenantUnknown when the URL leads nowhere here, and an
// error in words for people when the request cannot be read.
func (h *Host) Inspect(r *http.Request, in Inspection) (*Exchange, error) {
	to, err := h.Resolve(r)
	if err != nil {
		return nil, err
	}
	if in.Tenant != nil {
		to.Tenant = in.Tenant
	}
	s := serving{h: h, m: to.api, to: to, x: Exchange{Started: h.wall(), API: to.api.Name, Request: r, Path: to.Path}}
	if s.x.RequestBody, err = readBody(nil, r, h.cfg.MaxBody); err != nil {
		return nil, err
	}
	if err := s.prepare(r); err != nil {
		return nil, err
	}
	if !in.At.IsZero() {
		s.x.At, s.call.Now = in.At, in.At
	}
	if s.match.Op == nil && (!s.match.PathKnown || len(s.match.Allow) > 0) {
		s.x.Outcome = s.match.Unmatched
		return &s.x, nil
	}
	s.x.Outcome = s.authenticate()
	s.prepareExplanation()
	if in.Stateless {
		s.x.context.Token = nil
	}
	if in.Secret != "" {
		s.x.context.Secret = func(string) (string, bool) { return in.Secret, true }
		switch {
		case s.x.callback != nil:
			s.x.callback.Key = in.Secret
		case s.x.scheme != nil:
			s.x.Outcome = s.x.scheme.Check(&s.x.request, s.x.context).Refusal
		}
	}
	if s.x.Outcome == "" { // as far as the scheme knows: tokens and events are left
		e, _ := s.x.Explain()
		s.x.Outcome = e.Refusal
	}
	if s.x.Outcome == "" && s.match.Op == nil {
		s.x.Outcome = s.match.Unmatched
	}
	return &s.x, nil
}

// prepareExplanation completes the exchange with what Exchange.Explain needs and a check
// does not.
func (s *serving) prepareExplanation() {
	own := s.x.Tenant.Accounts(s.m.Name)
	if s.m.Callback != nil && s.match.Op != nil && len(own) > 0 {
		if c, ok := s.m.Callback(&s.call, own[0]); ok {
			s.x.callback = &c
			s.x.context = signature.Context{Now: s.x.At, Others: s.receivers}
			return
		}
	}
	s.x.context.Token = s.token
}

// token asks the world, where it keeps any, until when a token is good. A world that was
// not used yet is not made: when it begins is still open.
func (s *serving) token(text string) (time.Time, bool) {
	slot := &s.x.Tenant.slots[s.m.index]
	slot.mu.Lock()
	defer slot.mu.Unlock()
	world := slot.world
	if world == nil {
		world = s.m.New(s.x.Tenant.env(s.m))
	}
	keeper, ok := world.(TokenKeeper)
	if !ok {
		return time.Time{}, false
	}
	return keeper.Token(text)
}

// receivers lists the callback keys of other tenants.
func (s *serving) receivers() []signature.Credential {
	var out []signature.Credential
	s.foreign(func(t *Tenant, a Account) {
		if c, ok := s.m.Callback(&s.call, a); ok && c.Key != "" {
			out = append(out, signature.Credential{ID: t.ID, Secret: c.Key})
		}
	})
	return out
}

// maxOthers bounds how many accounts of other tenants a diagnosis compares with.
const maxOthers = 256

// others lists the accounts of the API but the call's own: those of its tenant, then some
// of other tenants.
func (s *serving) others() []signature.Credential {
	var own, foreign []signature.Credential
	for _, a := range s.x.Tenant.Accounts(s.m.Name) {
		if a.ID != s.x.Caller {
			own = append(own, signature.Credential{ID: a.ID, Secret: a.Secret})
		}
	}
	s.foreign(func(_ *Tenant, a Account) {
		foreign = append(foreign, signature.Credential{ID: a.ID, Secret: a.Secret})
	})
	return append(own, foreign...)
}

// foreign visits some accounts that other tenants have at the API, in the order of their ids.
func (s *serving) foreign(visit func(*Tenant, Account)) {
	var found []accountRef
	s.h.tenants.mu.RLock()
	for key, ref := range s.h.tenants.accounts {
		if len(found) == maxOthers {
			break
		}
		if key.api == s.m.Name && ref.tenant != s.x.Tenant {
			found = append(found, ref)
		}
	}
	s.h.tenants.mu.RUnlock()
	sort.Slice(found, func(i, j int) bool { return found[i].account.ID < found[j].account.ID })
	for _, ref := range found {
		visit(ref.tenant, ref.account)
	}
}
