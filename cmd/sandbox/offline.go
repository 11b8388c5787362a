package main

import (
	"errors"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/mediasandbox/sandbox/fakes"
	"github.com/mediasandbox/sandbox/fakes/all"
	"github.com/mediasandbox/sandbox/internal/config"
	"github.com/mediasandbox/sandbox/signature"
	"github.com/mediasandbox/sandbox/specs/openapi"
)

// offline is what commands need that work without a running sandbox: contracts, settings
// and the credentials of tenants, which follow from seed and id alone.
type offline struct {
	p      *program
	values config.Values
	host   *fakes.Host
}

func (p *program) offline(values config.Values) (*offline, error) {
	docs, err := openapi.LoadAll()
	if err != nil {
		return nil, failed("%w", err)
	}
	cfg := fakes.Config{
		APIs: all.APIs(), Documents: docs, Settings: map[string]string{},
		Seed: uint64(values.Int("seed")), //nolint:gosec // positive, as its option says
	}
	for _, name := range fakeSettings(cfg.APIs) {
		cfg.Settings[name] = values.Text(name)
	}
	host, err := fakes.New(cfg)
	if err != nil {
		return nil, failed("%w", err)
	}
	return &offline{p, values, host}, nil
}

// fakeSettings are the names of the settings of fakes.
func fakeSettings(apis []fakes.API) (names []string) {
	for _, api := range apis {
		for _, s := range api.Settings {
			names = append(names, api.Name+"."+s.Name)
		}
	}
	return names
}

// bindOffline defines the settings by which such a command finds what a sandbox with the
// same settings would do.
func (p *program) bindOffline(cmd *cobra.Command) *cobra.Command {
	return p.bound(cmd, append([]string{"seed", "listen"}, fakeSettings(all.APIs())...)...)
}

// tenant returns the tenant of that id as a sandbox with the same seed makes it.
func (o *offline) tenant(id string) (*fakes.Tenant, error) {
	t, err := o.host.Tenant(id)
	if errors.Is(err, fakes.ErrTenantUnknown) {
		t, err = o.host.AddTenant(fakes.NewTenant{ID: id})
	}
	if err != nil {
		return nil, misused("--tenant %q: %w", id, err)
	}
	return t, nil
}

// identity is who a request is from.
type identity struct {
	signature.Credential
	base string // URL of the API, "" when nobody says

	callbackURL, callbackKey string // Qulive's
}

// given is the identity that flags or variables name: --id and --secret, else the
// variables that "sandbox env" and "sandbox exec" set. false when there is none, or when
// flags name a tenant.
func (o *offline) given(cmd *cobra.Command, api string) (identity, bool, error) {
	id, secret := flagText(cmd, "id"), flagText(cmd, "secret")
	tenant := cmd.Flags().Changed("tenant")
	keys := keysOf(api)
	switch {
	case tenant && secret != "":
		return identity{}, false, misused("--tenant and --secret name two accounts")
	case secret != "" && keys.secret == "" && keys.token == "":
		return identity{}, false, misused("%s knows no secret; its key is the --id", api)
	case secret != "" && id == "" && keys.token == "":
		return identity{}, false, misused("--secret wants the --id that it belongs to")
	case secret != "" || id != "" && keys.secret == "":
		who := identity{Credential: signature.Credential{ID: id, Secret: secret}}
		if keys.token != "" {
			who.Token = secret
		}
		return who, true, nil
	case tenant || id != "":
		return identity{}, false, nil
	}
	who := identity{
		Credential: signature.Credential{
			ID: o.variable(api, keys.id), Secret: o.variable(api, keys.secret), Token: o.variable(api, keys.token),
		},
		base:        strings.TrimSuffix(o.variable(api, "base_url"), "/"),
		callbackURL: o.variable(api, "callback_url"), callbackKey: o.variable(api, "callback_key"),
	}
	if err := half(api, who.Credential); err != nil {
		return identity{}, false, err
	}
	return who, who.ID != "" || who.Token != "", nil
}

// half refuses a credential of which variables give one part only: it would sign with an
// empty secret, or as somebody else than was meant. A token is whole without a name.
func half(api string, c signature.Credential) error {
	keys := keysOf(api)
	proof, proven := keys.secret, c.Secret != ""
	if keys.token != "" {
		proof, proven = keys.token, c.Token != ""
	}
	var has, lacks string
	switch {
	case proof == "":
		return nil
	case !proven && c.ID != "":
		has, lacks = keys.id, proof
	case !proven && c.Secret != "":
		has, lacks = keys.secret, proof
	case proven && c.ID == "" && keys.token == "":
		has, lacks = proof, keys.id
	default:
		return nil
	}
	return misused("half a credential: %s is set and %s is not; set both, or neither, or name a tenant with --tenant",
		variableName(api, has), variableName(api, lacks))
}

func (o *offline) variable(api, key string) string {
	if key == "" {
		return ""
	}
	return o.p.getenv(variableName(api, key))
}

// credentialKeys say which keys of a credential, as the admin API shows it, are which.
type credentialKeys struct{ id, secret, token string }

func keysOf(api string) credentialKeys {
	switch api {
	case "qqtube":
		return credentialKeys{id: "api_key"}
	case "polyv":
		return credentialKeys{id: "userid", secret: "secretkey"}
	case "cliparto":
		return credentialKeys{id: "id", secret: "api_code"}
	case "qulive":
		return credentialKeys{id: "username", secret: "password", token: "token"}
	case "interstream":
		return credentialKeys{id: "key", secret: "secret"}
	}
	return credentialKeys{}
}

func flagText(cmd *cobra.Command, name string) string {
	text, _ := cmd.Flags().GetString(name)
	return text
}

// parseAt reads a time: RFC 3339, Unix seconds or milliseconds, or a distance from now
// with its sign, such as -4m. "" is now.
func parseAt(text string, now time.Time) (time.Time, error) {
	if text == "" {
		return now, nil
	}
	if text[0] == '+' || text[0] == '-' {
		d, err := time.ParseDuration(text)
		if err != nil {
			return now, misused("--at %q: a distance from now is written as -4m or +1h30m", text)
		}
		return now.Add(d), nil
	}
	if n, err := strconv.ParseInt(text, 10, 64); err == nil {
		switch len(text) {
		case 10:
			return time.Unix(n, 0).UTC(), nil
		case 13:
			return time.UnixMilli(n).UTC(), nil
		}
	}
	t, err := time.Parse(time.RFC3339, strings.ToUpper(text))
	if err != nil {
		return now, misused("--at %q: a time is written as 2024-02-29T12:00:00Z, as Unix seconds or milliseconds, or as a distance from now such as -4m", text)
	}
	return t.UTC(), nil
}
