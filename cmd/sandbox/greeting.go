package main

import (
	"fmt"
	"maps"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/mediasandbox/sandbox/fakes"
	"github.com/mediasandbox/sandbox/internal/admin"
	"github.com/mediasandbox/sandbox/internal/contract"
)

// greet says where everything is. The first line is for scripts and stays as it is;
// a sandbox that cannot tell where it listens does not start.
func (p *program) greet(host *fakes.Host, on listeners, adminURL string, guarded bool) error {
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
			value := strings.ReplaceAll(credential[key], fakes.BasePlace, base+"/"+api.Name)
			fmt.Fprintf(table, "\t  %s %s\n", key, value)
		}
	}
	table.Flush()
	if adminURL == "" {
		adminURL = base + admin.Prefix
	}
	if guarded {
		adminURL += " (wants its token)"
	}
	fmt.Fprintf(&out, "\nadmin API %s, seed %d\n", adminURL, host.Seed())
	if line := tryLine(host, base); line != "" {
		fmt.Fprintf(&out, "\nTry:\n  %s\n", line)
	}
	_, err := fmt.Fprint(p.stdout, out.String())
	return err
}

// credentialOf returns the default tenant's credential of an API.
func credentialOf(host *fakes.Host, api string) map[string]string {
	accounts := host.Default().Accounts(api)
	if len(accounts) == 0 {
		return nil
	}
	return accounts[0].Credential
}

// tryLine is a curl line that the default tenant answers, however late it is pasted: the
// shortest reading call of an API whose credential is a key alone, so that nothing is
// signed. It is "" when there is no such API.
func tryLine(host *fakes.Host, base string) string {
	for _, api := range host.APIs() {
		accounts := host.Default().Accounts(api.Name)
		if len(accounts) == 0 || accounts[0].Secret != "" {
			continue
		}
		shortest := ""
		for _, op := range host.Document(api.Name).Operations {
			if op.Method != http.MethodGet || op.Effect != contract.Read || strings.Contains(op.Path, "{") {
				continue
			}
			line := "curl '" + base + "/" + api.Name + op.Path + "?" + exampleQuery(op, accounts[0].Credential) + "'"
			if shortest == "" || len(line) < len(shortest) {
				shortest = line
			}
		}
		if shortest != "" {
			return shortest
		}
	}
	return ""
}

// exampleQuery fills in an operation's required parameters: those that select it first.
func exampleQuery(op *contract.Operation, credential map[string]string) string {
	var pairs []string
	for _, pin := range op.Pins {
		pairs = append(pairs, url.QueryEscape(pin.Name)+"="+url.QueryEscape(pin.Value))
	}
	for _, param := range op.Params {
		value := param.Example
		if param.Security {
			value = credential[param.Name]
		}
		if param.Required && !param.Pinned {
			pairs = append(pairs, url.QueryEscape(param.Name)+"="+url.QueryEscape(value))
		}
	}
	return strings.Join(pairs, "&")
}
