package main

import (
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/mediasandbox/sandbox/internal/admin"
	"github.com/mediasandbox/sandbox/specs/openapi"
)

func envCommand(p *program) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "env",
		Short: "Print base URLs and credentials as shell variables",
		Long: `Prints the base URLs and credentials of a tenant of a running sandbox as lines for a shell:

  eval "$(sandbox env)"
  curl "$QQTUBE_BASE_URL/v1-api?action=funds&api_key=$QQTUBE_API_KEY"

Without --url and SANDBOX_URL it asks the sandbox that has the same settings, without
--tenant and SANDBOX_TENANT for its default tenant.`,
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			values, err := p.read(cmd)
			if err != nil {
				return err
			}
			t, err := p.target(cmd, values, "admin-listen", "listen")
			if err != nil {
				return err
			}
			var got universe
			if err := t.get(cmd.Context(), admin.Prefix+"/tenants/"+url.PathEscape(p.tenantID(cmd)), &got); err != nil {
				return err
			}
			for _, v := range got.variables() {
				fmt.Fprintf(p.stdout, "export %s=%s\n", v.name, quote(v.value))
			}
			return nil
		},
	}
	cmd.Flags().String("url", "", "URL of the sandbox's admin API, without its path")
	cmd.Flags().String("tenant", "", "id of the tenant (default $SANDBOX_TENANT, else default)")
	return p.bound(cmd, "listen", "admin-listen", "admin-token")
}

// universe is what a client has to know of a tenant; the admin API's tenants have it.
type universe struct {
	Credentials map[string]map[string]string `json:"credentials"`
	BaseURLs    map[string]string            `json:"base_urls"`
}

type variable struct{ name, value string }

// variables are named {API}_BASE_URL and {API}_{KEY OF THE CREDENTIAL}.
func (u universe) variables() []variable {
	var out []variable
	apis := slices.Sorted(maps.Keys(u.BaseURLs))
	order := openapi.APIs()
	slices.SortStableFunc(apis, func(a, b string) int { return slices.Index(order, a) - slices.Index(order, b) })
	for _, api := range apis {
		out = append(out, variable{variableName(api, "base_url"), u.BaseURLs[api]})
		credential := u.Credentials[api]
		for _, key := range slices.Sorted(maps.Keys(credential)) {
			out = append(out, variable{variableName(api, key), credential[key]})
		}
	}
	return out
}

func variableName(api, key string) string {
	return strings.ToUpper(strings.NewReplacer("-", "_", ".", "_").Replace(api + "_" + key))
}

// quote writes a value as one word of a POSIX shell.
func quote(value string) string {
	plain := func(r rune) bool {
		return !strings.ContainsRune("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-./:=+@%,", r)
	}
	if value != "" && !strings.ContainsFunc(value, plain) {
		return value
	}
	return "'" + strings.ReplaceAll(value, "'", `'\''`) + "'"
}
