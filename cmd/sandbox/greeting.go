package main

import (
	"fmt"
	"maps"
	"net"
	"net/url"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/mediasandbox/sandbox/fakes"
	"github.com/mediasandbox/sandbox/internal/admin"
	"github.com/mediasandbox/sandbox/internal/contract"
)

// greet says where everything is. The first line is for scripts and stays as it is.
func (p *program) greet(host *fakes.Host, on listeners, adminURL string) {
	base := baseURL(on.api.Addr())
	var out strings.Builder
	fmt.Fprintf(&out, "listening on %s\n", base)
	if tcp, ok := on.api.Addr().(*net.TCPAddr); ok && tcp.IP.IsUnspecified() {
		fmt.Fprintln(&out, "and on every other address of this machine")
	}
	fmt.Fprintln(&out)
	table := tabwriter.NewWriter(&out, 0, 0, 2, ' ', 0)
	for _, api := range host.APIs() {
		fmt.Fprintf(table, "%s\t%s/%s\n", api.Name, base, api.Name)
		credential := credentialOf(host, api.Name)
		for _, key := range slices.Sorted(maps.Keys(credential)) {
			value := strings.ReplaceAll(credential[key], admin.BasePlace, base+"/"+api.Name)
			fmt.Fprintf(table, "\t  %s %s\n", key, value)
		}
	}
	table.Flush() //nolint:errcheck // a Builder takes everything
	if adminURL == "" {
		adminURL = base + admin.Prefix
	}
	fmt.Fprintf(&out, "\nadmin API %s, seed %d\n", adminURL, host.Seed())
	if line := tryLine(host, base); line != "" {
		fmt.Fprintf(&out, "\nTry:\n  %s\n", line)
	}
	fmt.Fprint(p.stdout, out.String())
}

// credentialOf returns the default tenant's credential of an API.
func credentialOf(host *fakes.Host, api string) map[string]string {
	accounts := host.Default().Accounts(api)
	if len(accounts) == 0 {
		return nil
	}
	return accounts[0].Credential
}

// tryLine is a curl line that the default tenant answers, however late it is pasted: a
// reading call of an API whose credential is a key alone, so that nothing is signed.
func tryLine(host *fakes.Host, base string) string {
	for _, api := range host.APIs() {
		accounts := host.Default().Accounts(api.Name)
		if len(accounts) == 0 || accounts[0].Secret != "" {
			continue
		}
		for _, op := range host.Document(api.Name).Operations {
			if op.Method != "GET" || op.Effect != contract.Read || strings.Contains(op.Path, "{") {
				continue
			}
			if query, ok := exampleQuery(op, accounts[0].Credential); ok {
				return "curl '" + base + "/" + api.Name + op.Path + "?" + query + "'"
			}
		}
	}
	return ""
}

// exampleQuery fills in an operation's required parameters.
func exampleQuery(op *contract.Operation, credential map[string]string) (string, bool) {
	var pairs []string
	for _, param := range op.Params {
		value := param.Example
		switch {
		case param.Security:
			value = credential[param.Name]
		case param.Pinned:
			for _, pin := range op.Pins {
				if pin.Name == param.Name {
					value = pin.Value
				}
			}
		case !param.Required:
			continue
		}
		if value == "" {
			return "", false
		}
		pairs = append(pairs, url.QueryEscape(param.Name)+"="+url.QueryEscape(value))
	}
	return strings.Join(pairs, "&"), len(pairs) > 0
}
