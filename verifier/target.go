package verifier

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// Target is what scenarios run against: made by InProcess, URL or File.
type Target struct {
	Name string
	// Sandbox says that the target has the sandbox's admin API: tenants to run in, a
	// clock to move. A target without it is foreign: a vendor, or an implementation of
	// the same contract by others.
	Sandbox bool

	// Defaults are the settings of a sandbox that scenarios are written for, by their full
	// name; nil takes those that it has. Tenants of a sandbox that has others are made with
	// these.
	Defaults map[string]string

	origin string // of a sandbox
	token  string // of its admin API
	client *http.Client

	bases    map[string]string   // of a foreign target, by API
	own      accounts            // as above
	others   map[string]accounts // by name; "foreign" is one
	unset    map[string]string   // environment variables that credentials want, by account and API
	vars     map[string]any
	allow    []string
	pace     map[string]Pace
	budget   int // 0 for none
	scale    float64
	patience time.Duration
}

// Pace is how often an API may be asked.
type Pace struct {
	Every    time.Duration // between two requests
	Requests int           // at most so many
	Per      time.Duration // in such a time
	Repeat   time.Duration // before the same request is sent again
}

// UnreachableError says that a target could not be reached; its text is one line.
type UnreachableError struct {
	Target string
	Err    error
}

func (e *UnreachableError) Error() string {
	return fmt.Sprintf("the target %s cannot be reached: %s", e.Target, oneLine(e.Err))
}

func (e *UnreachableError) Unwrap() error { return e.Err }

// oneLine writes an error without the method and URL that the HTTP client puts before it.
func oneLine(err error) string {
	var u *url.Error
	if errors.As(err, &u) {
		err = u.Err
	}
	text, _, _ := strings.Cut(err.Error(), "\n")
	return text
}

// requestTimeout is how long one reply may take.
const requestTimeout = 60 * time.Second

// defaultPatience is how long a step may wait at a target without a clock to move.
const defaultPatience = time.Minute

// InProcess is the sandbox whose handler is given, without a network: requests are
// answered by a call of the handler.
func InProcess(handler http.Handler) *Target {
	return &Target{
		Name: "fakes", Sandbox: true, origin: "http://localhost", scale: 1, patience: defaultPatience,
		client: newClient(&handlerTransport{handler}),
	}
}

// URL is a running sandbox, such as http://127.0.0.1:7311. token guards its admin API, ""
// when nothing does. Whether one answers there is seen when scenarios run.
func URL(raw, token string) (*Target, error) {
	u, err := url.Parse(raw)
	if err != nil || (u.Scheme != "http" && u.Scheme != "https") || u.Host == "" || u.RawQuery != "" || u.Fragment != "" {
		return nil, fmt.Errorf("%q is not the URL of a sandbox such as http://127.0.0.1:7311", raw)
	}
	if u.User != nil {
		return nil, fmt.Errorf("the URL of a sandbox has no user name in it")
	}
	return &Target{
		Name: strings.TrimSuffix(raw, "/"), Sandbox: true, origin: strings.TrimSuffix(raw, "/"), token: token, scale: 1, patience: defaultPatience,
		// No proxy: a sandbox is near, and proxies do not reach what is.
		client: newClient(newTransport(nil)),
	}, nil
}

func newTransport(proxy func(*http.Request) (*url.URL, error)) *http.Transport {
	return &http.Transport{
		Proxy: proxy, MaxIdleConnsPerHost: 16, IdleConnTimeout: 30 * time.Second,
		TLSHandshakeTimeout: 10 * time.Second, DisableCompression: true,
	}
}

// newClient follows no redirect and keeps no cookie: the reply is what the vendor says.
func newClient(t http.RoundTripper) *http.Client {
	return &http.Client{
		Transport: t, Timeout: requestTimeout,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

// Foreign reports whether assumed outcomes are held by class only: at everything that is
// not a sandbox of ours.
func (t *Target) Foreign() bool { return !t.Sandbox }

// APIs returns the APIs that the target has, nil for all.
func (t *Target) has(api string) bool {
	if t.Sandbox {
		return true
	}
	_, ok := t.bases[api]
	return ok
}

// abilities are what a target can do besides answering.
type abilities struct {
	tenants, clock, force, state bool
	// settings are those in which tenants of this run differ from the sandbox.
	settings map[string]string
}

// can reports whether a need of a scenario is met, and if not, why.
func (t *Target) can(a abilities, api, need string) (ok bool, reason string) {
	if key, isKey := strings.CutPrefix(need, "credential."); isKey {
		if t.Sandbox || t.own[api][key] != "" {
			return true, ""
		}
		return false, fmt.Sprintf("the target gives no %s with the credential of %s", key, api)
	}
	if name, isVar := strings.CutPrefix(need, "vars."); isVar {
		if v, there := t.vars[name]; there && v != nil && v != "" {
			return true, ""
		}
		return false, fmt.Sprintf("the target gives no vars.%s", name)
	}
	if name, isAccount := strings.CutPrefix(need, "accounts."); isAccount {
		return t.account(a, name, api)
	}
	switch need {
	case "clock":
		return a.clock, "the target has no clock that can be moved"
	case "tenants":
		return a.tenants, "the target has no tenants"
	case "force":
		return a.force, "the target cannot be asked for an outcome"
	case "state", "restore":
		return a.state, "the target's state cannot be controlled"
	case "foreign":
		return t.account(a, "foreign", api)
	}
	return false, "the target does not know " + need
}

// account reports whether the target has an account of that name; a sandbox makes one.
func (t *Target) account(a abilities, name, api string) (ok bool, reason string) {
	if t.Sandbox {
		return a.tenants, "the target has no tenants"
	}
	return t.others[name][api] != nil, t.lacks(name, api)
}
