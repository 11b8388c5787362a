package admin

import (
	"crypto/sha256"
	"crypto/subtle"
	"net"
	"net/http"
	"net/netip"
	"slices"
	"strings"

	"github.com/mediasandbox/sandbox/fakes"
)

// guard decides who may ask under /__admin. Whoever may can read and change
// everything in the sandbox, so that it is closed to web pages by default:
//
//   - The Host header must be localhost, an IP address or a name from Config.Hosts. A page
//     can have its own name resolve to a loopback address (DNS rebinding) and would then
//     be of one origin with the sandbox; it cannot choose an address as its name.
//   - A request that changes something must not come from another origin, as browsers
//     mark it (Origin, Sec-Fetch-Site). Nothing is ever allowed to other origins (CORS).
//   - With Config.Token, the request must bear it.
type guard struct {
	hosts    []string
	anyHost  bool
	token    *[sha256.Size]byte // of the token, so that all compare in the same time
	crossing *http.CrossOriginProtection
}

func newGuard(token string, hosts []string) guard {
	g := guard{crossing: http.NewCrossOriginProtection()}
	for _, h := range hosts {
		if h == "*" {
			g.anyHost = true
		}
		g.hosts = append(g.hosts, hostName(h))
	}
	if token != "" {
		sum := sha256.Sum256([]byte(token))
		g.token = &sum
	}
	return g
}

// Guards reports whether path is one that only guarded requests may reach.
func Guards(path string) bool {
	rest, ok := strings.CutPrefix(path, Prefix)
	return ok && (rest == "" || rest[0] == '/')
}

// Admit answers with a problem document and false when the request may not ask.
func (a *API) Admit(w http.ResponseWriter, r *http.Request) bool {
	switch {
	case !a.guard.knows(r.Host):
		fakes.Problem(w, http.StatusForbidden, "the admin API is not answered under the host name "+quoteHost(r.Host)+
			": use localhost or an IP address, or allow the name with --admin-hosts (SANDBOX_ADMIN_HOSTS)")
	case !a.guard.bears(r):
		w.Header().Set("WWW-Authenticate", `Bearer realm="sandbox admin"`)
		fakes.Problem(w, http.StatusUnauthorized, "the admin API wants its token, as in Authorization: Bearer TOKEN")
	case a.guard.crossing.Check(r) != nil:
		fakes.Problem(w, http.StatusForbidden, "the admin API takes no changes from pages of another origin")
	default:
		return true
	}
	return false
}

func (g *guard) knows(host string) bool {
	if g.anyHost {
		return true
	}
	name := hostName(host)
	if name == "localhost" || strings.HasSuffix(name, ".localhost") || slices.Contains(g.hosts, name) {
		return name != ""
	}
	_, err := netip.ParseAddr(name)
	return err == nil
}

// bears compares digests: neither the token's length nor where it differs shows in
// the time it takes.
func (g *guard) bears(r *http.Request) bool {
	if g.token == nil {
		return true
	}
	scheme, token, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	sum := sha256.Sum256([]byte(strings.TrimSpace(token)))
	return subtle.ConstantTimeCompare(sum[:], g.token[:]) == 1 && strings.EqualFold(scheme, "Bearer")
}

// hostName takes the port and the brackets off a Host header.
func hostName(host string) string {
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	host = strings.TrimSuffix(strings.TrimPrefix(host, "["), "]")
	return strings.TrimSuffix(strings.ToLower(host), ".")
}

// quoteHost keeps a refusal short whatever the client sent.
func quoteHost(host string) string {
	const limit = 100
	if len(host) > limit {
		host = host[:limit] + "…"
	}
	return `"` + host + `"`
}
