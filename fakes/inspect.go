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
	// request that was signed for another server; "" takes the tenant's.
	Secret string
}

// Inspect takes a request apart as Serve would: operation, tenant, parameters and
// signature. No world is asked, nothing changes and nothing is recorded. The outcome is
// the refusal of the signature or of the request line, "" when both are right. The body
// is read to its end.
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
	if in.Secret != "" && s.x.scheme != nil {
		s.x.context.Secret = func(string) (string, bool) { return in.Secret, true }
		s.x.Outcome = s.x.scheme.Check(&s.x.request, s.x.context).Refusal
	}
	if s.x.Outcome == "" && s.match.Op == nil {
		s.x.Outcome = s.match.Unmatched
	}
	return &s.x, nil
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
	s.h.tenants.mu.RLock()
	defer s.h.tenants.mu.RUnlock()
	for key, ref := range s.h.tenants.accounts {
		if len(foreign) == maxOthers {
			break
		}
		if key.api == s.m.Name && ref.tenant != s.x.Tenant {
			foreign = append(foreign, signature.Credential{ID: key.id, Secret: ref.account.Secret})
		}
	}
	sort.Slice(foreign, func(i, j int) bool { return foreign[i].ID < foreign[j].ID })
	return append(own, foreign...)
}
