package admin

import (
	"errors"
	"net"
	"net/http"
	"strings"
	"time"

	"github.com/mediasandbox/sandbox/fakes"
)

// newTenant is the body of POST /__admin/tenants.
type newTenant struct {
	ID       *string           `json:"id"`
	Seed     uint64            `json:"seed" wants:"wants a whole number from 1 to 18446744073709551615; leave it out to have one derived from the id"`
	TTL      duration          `json:"ttl" wants:"is 0; leave it out for a tenant that stays until it is deleted"`
	Settings map[string]string `json:"settings"`
}

// tenantReply is a tenant as a client needs it.
type tenantReply struct {
	ID          string                       `json:"id"`
	Seed        uint64                       `json:"seed"`
	Credentials map[string]map[string]string `json:"credentials"` // by API
	BaseURLs    map[string]string            `json:"base_urls"`   // by API, as reached by this request
}

// tenantDetails adds what an existing tenant is set to.
type tenantDetails struct {
	tenantReply
	Settings map[string]string `json:"settings"` // "qqtube.error-key": complete with defaults
	Created  time.Time         `json:"created"`  // on the real clock
	Expires  *time.Time        `json:"expires,omitempty"`
}

// tenantList is one page of tenants.
type tenantList struct {
	Tenants []tenantReply `json:"tenants"`
	Total   int           `json:"total"`
	Next    string        `json:"next,omitempty"` // for ?after=, when there are more
}

// pageSize is how many tenants a page has at most.
const pageSize = 1000

func (a *API) tenantRoutes() []Route {
	one := Prefix + "/tenants/{id}"
	return []Route{
		{Method: http.MethodGet, Path: Prefix + "/tenants", Query: []string{"after", "limit"}, Serve: a.listTenants},
		{Method: http.MethodPost, Path: Prefix + "/tenants", MaxBody: smallBody, NoBody: true, Serve: a.addTenant},
		{Method: http.MethodGet, Path: one, Serve: a.getTenant},
		{Method: http.MethodDelete, Path: one, Serve: a.removeTenant},
	}
}

func (a *API) addTenant(c *Call) (Reply, error) {
	var in newTenant
	if err := c.Decode(&in); err != nil {
		return Reply{}, err
	}
	n := fakes.NewTenant{Seed: in.Seed, TTL: time.Duration(in.TTL), Settings: in.Settings}
	if in.ID != nil {
		if n.ID = *in.ID; n.ID == "" {
			return Reply{}, refuse(http.StatusBadRequest, `field "id": %s`, fakes.ErrTenantID)
		}
	}
	t, err := a.host.AddTenant(n)
	switch {
	case errors.Is(err, fakes.ErrTenantExists):
		return Reply{}, refuse(http.StatusConflict, "%s", err)
	case errors.Is(err, fakes.ErrTenantLimit):
		return Reply{}, refuse(http.StatusInsufficientStorage, "%s; delete some, or give them a ttl", err)
	case errors.Is(err, fakes.ErrTenantID):
		return Reply{}, refuse(http.StatusBadRequest, `field "id": %s`, err)
	case errors.Is(err, fakes.ErrStore):
		return Reply{}, err
	case err != nil:
		return Reply{}, refuse(http.StatusBadRequest, `field "settings": %s`, err)
	}
	return Reply{
		Status: http.StatusCreated,
		Header: map[string]string{"Location": Prefix + "/tenants/" + t.ID},
		JSON:   a.tenant(c, t),
	}, nil
}

// listTenants answers in pages: a sandbox may have a hundred thousand tenants.
func (a *API) listTenants(c *Call) (Reply, error) {
	limit, err := c.Whole("limit", pageSize, 1, pageSize)
	if err != nil {
		return Reply{}, err
	}
	all := a.host.Tenants() // the default one first, then by id
	list := tenantList{Tenants: []tenantReply{}, Total: len(all)}
	after := c.Params.Get("after")
	for _, t := range all {
		if after != "" && (t.Default || (after != fakes.DefaultTenant && t.ID <= after)) {
			continue
		}
		if len(list.Tenants) == limit {
			list.Next = list.Tenants[limit-1].ID
			break
		}
		list.Tenants = append(list.Tenants, a.tenant(c, t))
	}
	return Reply{JSON: list}, nil
}

func (a *API) getTenant(c *Call) (Reply, error) {
	t, err := a.named(c)
	if err != nil {
		return Reply{}, err
	}
	d := tenantDetails{tenantReply: a.tenant(c, t), Settings: map[string]string{}, Created: t.Created}
	for _, api := range a.apis() {
		for name, value := range t.Settings(api) {
			d.Settings[api+"."+name] = value
		}
	}
	if !t.Expires.IsZero() {
		d.Expires = &t.Expires
	}
	return Reply{JSON: d}, nil
}

func (a *API) removeTenant(c *Call) (Reply, error) {
	t, err := a.named(c)
	if err != nil {
		return Reply{}, err
	}
	switch err := a.host.RemoveTenant(t.ID); {
	case errors.Is(err, fakes.ErrTenantUnknown):
		return Reply{}, refuse(http.StatusNotFound, "tenant %q: %s", t.ID, err)
	case errors.Is(err, fakes.ErrTenantDefault):
		return Reply{}, refuse(http.StatusConflict, "%s; POST %s/reset makes it fresh", err, Prefix)
	case err != nil:
		return Reply{}, err
	}
	a.checkpoints.forget(t)
	if a.cfg.Callbacks != nil {
		a.cfg.Callbacks.Forget(t)
	}
	return noContent(), nil
}

// named returns the tenant that the path names.
func (a *API) named(c *Call) (*fakes.Tenant, error) {
	id := c.PathParam("id")
	t, err := a.host.Tenant(id)
	if err != nil {
		return nil, refuse(http.StatusNotFound, "tenant %q: %s", id, err)
	}
	return t, nil
}

func (a *API) tenant(c *Call, t *fakes.Tenant) tenantReply {
	out := tenantReply{
		ID: t.ID, Seed: t.Seed,
		Credentials: map[string]map[string]string{}, BaseURLs: BaseURLs(c.Request, a.cfg.APIPort, t, a.apis()),
	}
	for _, api := range a.apis() {
		accounts := t.Accounts(api)
		if len(accounts) == 0 {
			continue
		}
		credential := make(map[string]string, len(accounts[0].Credential))
		for key, value := range accounts[0].Credential {
			credential[key] = strings.ReplaceAll(value, fakes.BasePlace, out.BaseURLs[api])
		}
		out.Credentials[api] = credential
	}
	return out
}

// BaseURLs returns the URLs of the APIs for a tenant, by the name under which the
// request reached us. port replaces the request's own when the APIs are on another.
func BaseURLs(r *http.Request, port string, t *fakes.Tenant, apis []string) map[string]string {
	origin := "http://" + r.Host
	if r.TLS != nil {
		origin = "https://" + r.Host
	}
	if port != "" {
		origin = "http://" + net.JoinHostPort(hostName(r.Host), port)
	}
	if !t.Default {
		origin += "/t/" + t.ID
	}
	urls := make(map[string]string, len(apis))
	for _, api := range apis {
		urls[api] = origin + "/" + api
	}
	return urls
}
