package verifier

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"slices"
	"time"

	"github.com/mediasandbox/sandbox/internal/contract"
)

// dialTimeout is how long a vendor may take to take a connection.
const dialTimeout = 5 * time.Second

// dial looks whether the servers of the APIs take connections. It sends nothing: a
// request would count.
func (t *Target) dial(ctx context.Context, apis []string) error {
	var seen []string
	for _, api := range apis {
		base := t.bases[api]
		u, err := url.Parse(base)
		if err != nil {
			return &UnreachableError{t.Name, err}
		}
		if proxy, err := http.ProxyFromEnvironment(&http.Request{URL: u}); err == nil && proxy != nil {
			continue // it is the proxy that would answer
		}
		port := u.Port()
		if port == "" {
			port = map[string]string{"http": "80", "https": "443"}[u.Scheme]
		}
		address := net.JoinHostPort(u.Hostname(), port)
		if slices.Contains(seen, address) {
			continue
		}
		seen = append(seen, address)
		d := net.Dialer{Timeout: dialTimeout}
		c, err := d.DialContext(ctx, "tcp", address)
		if err != nil {
			return &UnreachableError{t.Name, fmt.Errorf("%s at %s: %w", api, base, err)}
		}
		c.Close()
	}
	return nil
}

// lacks says why there is no credential of an API.
func (t *Target) lacks(account, api string) string {
	if name := t.unset[account+"\x00"+api]; name != "" {
		return fmt.Sprintf("the environment has no %s, which the credential of %s wants", name, api)
	}
	if account == "" {
		return "the target has no credential for " + api
	}
	return "the target has no account " + account + " for " + api
}

// readOnly reports whether a scenario only reads.
func readOnly(sc *Scenario) bool { return sc.Effect == contract.Read }
