package main

import (
	"context"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/mediasandbox/sandbox/fakes"
	"github.com/mediasandbox/sandbox/internal/admin"
	"github.com/mediasandbox/sandbox/internal/config"
)

// target is a running sandbox that a command talks to.
type target struct {
	url   string
	token string
	http  *http.Client
}

// answerTimeout is how long a sandbox may take to answer a command.
const answerTimeout = 5 * time.Second

// maxAnswer bounds what is read of an answer, in bytes.
const maxAnswer = 1 << 20

// target finds the sandbox: --url, SANDBOX_URL, or where one with these settings listens.
func (p *program) target(cmd *cobra.Command, values config.Values, listening ...string) (*target, error) {
	raw, _ := cmd.Flags().GetString("url") // every command that calls this has it
	if raw == "" {
		raw = p.getenv(urlVariable)
	}
	for _, name := range listening {
		if raw == "" && values.String(name) != "" {
			raw = localURL(values.String(name))
		}
	}
	u, err := url.Parse(raw)
	if err != nil || (u.Scheme != "http" && u.Scheme != "https") || u.Host == "" {
		return nil, misused("%q is not a URL such as http://127.0.0.1:7311", raw)
	}
	return &target{
		url: strings.TrimSuffix(raw, "/"), token: values.String("admin-token"),
		// No proxy: a sandbox is near, and proxies do not reach what is.
		http: &http.Client{Timeout: answerTimeout, Transport: &http.Transport{DisableKeepAlives: true}},
	}, nil
}

// tenantID is the id of the tenant to ask a sandbox for: --tenant, SANDBOX_TENANT, or the
// default one. An empty variable counts as none, as with settings.
func (p *program) tenantID(cmd *cobra.Command) string {
	if cmd.Flags().Changed("tenant") {
		return flagText(cmd, "tenant")
	}
	if id := p.getenv(tenantVariable); id != "" {
		return id
	}
	return fakes.DefaultTenant
}

// localURL is how this machine reaches a sandbox that listens on an address.
func localURL(listen string) string {
	host, port, err := net.SplitHostPort(listen)
	if err != nil {
		return listen
	}
	if ip, err := netip.ParseAddr(host); host == "" || (err == nil && ip.IsUnspecified()) {
		host = "127.0.0.1"
	}
	return "http://" + net.JoinHostPort(host, port)
}

// get reads a path, and the JSON that it answers with into into.
func (t *target) get(ctx context.Context, path string, into any) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, t.url+path, nil)
	if err != nil {
		return misused("%w", err)
	}
	if t.token != "" {
		req.Header.Set("Authorization", "Bearer "+t.token)
	}
	res, err := t.http.Do(req)
	if err != nil {
		return unreachable("no sandbox answers at %s: %w", t.url, unwrapURL(err))
	}
	defer res.Body.Close()
	body, err := io.ReadAll(io.LimitReader(res.Body, maxAnswer))
	if err != nil {
		return unreachable("%s: %w", t.url+path, err)
	}
	if res.StatusCode != http.StatusOK {
		var problem struct {
			fakes.ProblemBody
			Admin string `json:"admin"` // where it is instead
		}
		switch err := json.Unmarshal(body, &problem); {
		case err == nil && problem.Admin != "":
			return failed("%s: its admin API is at another address (--admin-listen); name %s", t.url, strings.TrimSuffix(problem.Admin, admin.Prefix))
		case err == nil && problem.Detail != "":
			return failed("%s: %s: %s", t.url+path, res.Status, problem.Detail)
		}
		return failed("%s: %s", t.url+path, res.Status)
	}
	if err := json.Unmarshal(body, into); err != nil {
		return failed("%s does not answer as a sandbox does: %w", t.url+path, err)
	}
	return nil
}

// unwrapURL takes the method and the URL off an error; the line has them already.
func unwrapURL(err error) error {
	if u, ok := err.(*url.Error); ok { //nolint:errorlint // http.Client returns nothing else
		return u.Err
	}
	return err
}
