package fakes

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
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
		t.Tenant, err = h.named(tenant)
		return t, err
	}
	prefix, rest := "", path
	var tenant *Tenant
	if after, ok := strings.CutPrefix(path, "/t/"); ok {
		id, more, _ := strings.Cut(after, "/")
		var err error
		if tenant, err = h.named(id); err != nil {
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

// named returns the tenant that a URL names. The error shows the name as people read it,
// and no more of it than tells which was meant: it is whatever a client has sent.
func (h *Host) named(id string) (*Tenant, error) {
	t, err := h.Tenant(id)
	if err == nil {
		return t, nil
	}
	if plain, err := url.PathUnescape(id); err == nil {
		id = plain
	}
	return nil, fmt.Errorf("%w: %.40q", err, id)
}

// byHostName finds the API of a host name, and the tenant that stands before it. An empty
// label before it is no tenant's, so that such a name leads nowhere.
func (h *Host) byHostName(host string) (*mounted, string) {
	if i := strings.LastIndexByte(host, ':'); i > strings.LastIndexByte(host, ']') {
		host = host[:i]
	}
	host = strings.TrimSuffix(strings.ToLower(host), ".")
	if m := h.byHost[host]; m != nil {
		return m, ""
	}
	if tenant, rest, ok := strings.Cut(host, "."); ok && tenant != "" && strings.HasSuffix(rest, ".localhost") {
		if m := h.byHost[rest]; m != nil {
			return m, tenant
		}
	}
	return nil, ""
}
