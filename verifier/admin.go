package verifier

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// admin speaks to the admin API of a sandbox. Its types are those of
// specs/openapi/admin.yaml, as far as they are read here.
type admin struct{ t *Target }

type tenantReply struct {
	ID          string            `json:"id"`
	Settings    map[string]string `json:"settings"` // of a tenant that is asked for
	Credentials accounts          `json:"credentials"`
	BaseURLs    map[string]string `json:"base_urls"`
}

type clockReply struct {
	Now    time.Time `json:"now"`
	Frozen bool      `json:"frozen"`
}

// errAdmin is a refusal of the admin API.
type errAdmin struct {
	path   string
	status int
	detail string
	at     string // where the admin API is instead, when the sandbox says so
}

func (e *errAdmin) Error() string {
	if e.detail == "" {
		return fmt.Sprintf("the admin API answers %s with %d", e.path, e.status)
	}
	return fmt.Sprintf("the admin API answers %s with %d: %s", e.path, e.status, e.detail)
}

// tenantLife is how long a scenario's tenant lives should nobody delete it.
const tenantLife = "1h"

// call sends body as JSON and reads the reply into into; nil for neither.
func (a admin) call(ctx context.Context, method, path string, body, into any) error {
	var payload io.Reader = http.NoBody
	if body != nil {
		text, err := json.Marshal(body)
		if err != nil {
			return fmt.Errorf("the admin API's %s: %w", path, err)
		}
		payload = bytes.NewReader(text)
	}
	req, err := http.NewRequestWithContext(ctx, method, a.t.origin+path, payload)
	if err != nil {
		return fmt.Errorf("the admin API's %s: %w", path, err)
	}
	if body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	if a.t.token != "" {
		req.Header.Set("Authorization", "Bearer "+a.t.token)
	}
	res, err := a.t.client.Do(req)
	if err != nil {
		return fmt.Errorf("the admin API's %s: %s", path, oneLine(err))
	}
	defer res.Body.Close()
	data, err := io.ReadAll(io.LimitReader(res.Body, maxReply))
	if err != nil {
		return fmt.Errorf("the admin API's %s: %w", path, err)
	}
	if res.StatusCode/100 != 2 {
		var problem struct{ Detail, Admin string }
		if json.Unmarshal(data, &problem) != nil {
			problem.Detail = shorten(string(data), 200)
		}
		return &errAdmin{path, res.StatusCode, problem.Detail, strings.TrimSuffix(problem.Admin, "/__admin")}
	}
	if into == nil || len(data) == 0 {
		return nil
	}
	if raw, ok := into.(*json.RawMessage); ok {
		*raw = data
		return nil
	}
	if err := json.Unmarshal(data, into); err != nil {
		return fmt.Errorf("the admin API's %s answers what is not expected: %w", path, err)
	}
	return nil
}

// probe finds out what a sandbox can do, and whether it is there at all.
func (t *Target) probe(ctx context.Context) (abilities, error) {
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	a := admin{t}
	var refusal *errAdmin
	var can abilities
	err := a.call(ctx, http.MethodGet, "/__admin/clock", nil, &clockReply{})
	switch {
	case err == nil:
		can.clock = true
	case errors.As(err, &refusal) && (refusal.status == http.StatusUnauthorized || refusal.status == http.StatusForbidden):
		return can, &UnreachableError{t.Name, fmt.Errorf("its admin API refuses: %s", refusal.detail)}
	case errors.As(err, &refusal) && refusal.at != "":
		return can, &UnreachableError{t.Name, fmt.Errorf("its admin API is at another address (--admin-listen); name %s", refusal.at)}
	case errors.As(err, &refusal):
		return can, &UnreachableError{t.Name, errors.New("no sandbox's admin API answers there; " + t.elsewhere())}
	default:
		return can, &UnreachableError{t.Name, err}
	}
	can.tenants = a.call(ctx, http.MethodGet, "/__admin/tenants?limit=1", nil, nil) == nil
	can.force = a.call(ctx, http.MethodGet, "/__admin/faults", nil, nil) == nil
	can.state = true
	can.settings = t.settings(ctx)
	return can, nil
}

// elsewhere says what to name where no admin API answers: the sandbox that an API's URL
// belongs to, or a file.
func (t *Target) elsewhere() string {
	const file = "another implementation wants a target file"
	if u, err := url.Parse(t.origin); err == nil && u.Path != "" {
		return fmt.Sprintf("leave the path off: %s://%s; %s", u.Scheme, u.Host, file)
	}
	return file
}

// settings are the defaults that the sandbox does not have, as its default tenant tells.
func (t *Target) settings(ctx context.Context) map[string]string {
	if len(t.Defaults) == 0 {
		return nil
	}
	var has tenantReply
	if err := (admin{t}).call(ctx, http.MethodGet, "/__admin/tenants/default", nil, &has); err != nil {
		return nil // then tenants have what it has, and the scenarios will tell
	}
	out := map[string]string{}
	for name, want := range t.Defaults {
		if is, ok := has.Settings[name]; ok && is != want {
			out[name] = want
		}
	}
	return out
}

// tenant makes a tenant with a seed, and with settings that differ from the sandbox's.
func (a admin) tenant(ctx context.Context, seed uint64, settings map[string]string) (tenantReply, error) {
	var out tenantReply
	body := map[string]any{"seed": seed, "ttl": tenantLife}
	if len(settings) > 0 {
		body["settings"] = settings
	}
	err := a.call(ctx, http.MethodPost, "/__admin/tenants", body, &out)
	return out, err
}

func (a admin) remove(ctx context.Context, tenant string) error {
	return a.call(ctx, http.MethodDelete, "/__admin/tenants/"+url.PathEscape(tenant), nil, nil)
}

// freeze stops a tenant's clock, so that time moves only when a scenario says so.
func (a admin) freeze(ctx context.Context, tenant string) (time.Time, error) {
	var out clockReply
	err := a.call(ctx, http.MethodPut, "/__admin/clock?tenant="+url.QueryEscape(tenant), map[string]any{"frozen": true}, &out)
	return out.Now, err
}

func (a admin) advance(ctx context.Context, tenant string, by time.Duration) (time.Time, error) {
	var out clockReply
	err := a.call(ctx, http.MethodPost, "/__admin/clock/advance?tenant="+url.QueryEscape(tenant), map[string]any{"by": by.String()}, &out)
	return out.Now, err
}

// force asks for an outcome. The fault ends with its tenant.
func (a admin) force(ctx context.Context, tenant, name, api string, f *force) error {
	body := map[string]any{"api": api, "operation": f.operation, "outcome": f.outcome, "times": f.times}
	if f.skip > 0 {
		body["skip"] = f.skip
	}
	return a.call(ctx, http.MethodPut, "/__admin/faults/"+url.PathEscape(name)+"?tenant="+url.QueryEscape(tenant), body, nil)
}

// state sends a request below the state of an API, and returns its reply as text.
func (a admin) state(ctx context.Context, tenant, api, method, path string, body any) ([]byte, error) {
	var out json.RawMessage
	err := a.call(ctx, method, "/__admin/state/"+api+path+"?tenant="+url.QueryEscape(tenant), body, &out)
	return out, err
}

// set moves a tenant's clock to a time and stops it there.
func (a admin) set(ctx context.Context, tenant string, to time.Time) error {
	return a.call(ctx, http.MethodPut, "/__admin/clock?tenant="+url.QueryEscape(tenant), map[string]any{"frozen": true, "now": to}, nil)
}
