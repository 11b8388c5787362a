package server_test

import (
	"context"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"html"
	"io"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/mediasandbox/sandbox/fakes"
	"github.com/mediasandbox/sandbox/internal/admin"
	"github.com/mediasandbox/sandbox/internal/admin/admintest"
	"github.com/mediasandbox/sandbox/internal/contract"
	making "github.com/mediasandbox/sandbox/internal/request"
	"github.com/mediasandbox/sandbox/signature"
)

// adminAPI is one to ask for its routes.
func adminAPI(t *testing.T) *admin.API {
	t.Helper()
	return admin.New(admintest.NewHost(t, nil), admin.Config{})
}

// plan is a call of an operation by a tenant's own account, with the contract's examples.
func (w *whole) plan(tenant *fakes.Tenant, api, op string, args map[string]string) making.Plan {
	w.t.Helper()
	for _, a := range w.host.APIs() {
		if a.Name == api {
			own := tenant.Accounts(api)[0]
			return making.Plan{
				Document: w.host.Document(api), Operation: op, Args: args, BaseURL: w.base + "/t/" + tenant.ID + "/" + api, Examples: true, Scheme: a.Scheme,
				Credential: signature.Credential{ID: own.ID, Secret: own.Secret, Token: own.Credential["token"]},
				Signing:    signature.Signing{At: tenant.Clock.Now(), Salt: "c4ca4238a0b923820dcc509a6f75849b"},
			}
		}
	}
	w.t.Fatalf("no API %q", api)
	return making.Plan{}
}

// signed is the path and query of a call of the default tenant.
func (w *whole) signed(api, op string, args map[string]string) string {
	w.t.Helper()
	built, err := w.plan(w.host.Default(), api, op, args).Build()
	require.NoError(w.t, err)
	require.Equal(w.t, "GET", built.Method)
	return strings.TrimPrefix(built.URL, w.base)
}

// message sends a request that was built, and returns the answer's body.
func (w *whole) message(m making.Message) (int, string) {
	w.t.Helper()
	r, err := m.Request(w.t.Context())
	require.NoError(w.t, err)
	res, err := w.client.Do(r)
	require.NoError(w.t, err)
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	require.NoError(w.t, err)
	return res.StatusCode, fmt.Sprint(res.Header) + string(body)
}

// event is a body for the one operation that takes JSON.
const event = `{"EventType":"SnapshotComplete","VideoId":"v","Status":"success"}`

// tour calls every operation of every API as a tenant: rightly, and wrongly in many ways,
// with the tenant's secrets in places where none belong. It returns all that was answered.
func (w *whole) tour(tenant *fakes.Tenant) (answers []string) {
	w.t.Helper()
	say := func(p making.Plan, change func(*making.Message)) {
		built, err := p.Build()
		require.NoError(w.t, err, "%s %s", p.Document.Name, p.Operation)
		if change != nil {
			change(&built.Message)
		}
		_, answer := w.message(built.Message)
		answers = append(answers, answer)
	}
	for _, api := range w.host.APIs() {
		secrets := secretsOf(tenant, api.Name)
		for _, op := range w.host.Document(api.Name).Operations {
			plan := w.plan(tenant, api.Name, op.ID, nil)
			if op.JSONBody != nil {
				plan.Body = []byte(event)
			}
			say(plan, nil)
			late := plan
			late.Signing.At = late.Signing.At.Add(-time.Hour)
			say(late, nil)
			forged := plan
			forged.Credential.Secret += "x"
			say(forged, nil)
			bare := plan
			bare.Examples, bare.Scheme = false, nil
			if strings.Contains(op.Path, "{userid}") {
				bare.Args = map[string]string{"userid": plan.Credential.ID}
			}
			say(bare, nil)
			for _, secret := range secrets {
				lost := plan
				lost.AfterSign = func(vs *contract.Values) {
					in := contract.InQuery
					*vs = append(*vs, contract.Value{Name: "note", Value: "it is " + secret, In: in}, contract.Value{Name: secret, Value: "1", In: in})
				}
				say(lost, func(m *making.Message) {
					m.Header.Set("X-Debug", secret)
					m.Header.Set("Authorization", "Basic "+base64.StdEncoding.EncodeToString([]byte("user:"+secret)))
					m.Header.Set("User-Agent", "app/1 ("+url.QueryEscape(secret)+")")
					m.Header.Set("Cookie", "s="+hex.EncodeToString([]byte(secret)))
				})
			}
		}
		for _, secret := range secrets { // as a body of a kind that nobody reads
			status, answer := w.message(making.Message{
				Method: "POST", URL: w.base + "/t/" + tenant.ID + "/" + api.Name + "/", Header: http.Header{"Content-Type": {"application/json"}},
				Body: []byte(`{"secret":"` + secret + `","list":["` + base64.URLEncoding.EncodeToString([]byte(secret)) + `"]}`),
			})
			assert.Positive(w.t, status)
			answers = append(answers, answer)
		}
	}
	return answers
}

// secretsOf lists what nobody but a tenant's clients may know.
func secretsOf(t *fakes.Tenant, api string) []string {
	var out []string
	for _, a := range t.Accounts(api) {
		values := []string{a.Secret, a.Credential["token"], a.Credential["callback_key"]}
		if a.Secret == "" && a.Credential != nil {
			values = append(values, a.ID)
		}
		for _, v := range values {
			if len(v) > 4 { // "demo", which is the user's name as well, is on the vendor's page
				out = append(out, v)
			}
		}
	}
	return out
}

// spellings are the ways in which a secret can be written.
func spellings(secret string) map[string]string {
	quoted, err := json.Marshal(secret)
	if err != nil {
		panic(err) // a text is always JSON
	}
	out := map[string]string{
		"as it is": secret, "in capitals": strings.ToUpper(secret), "in small letters": strings.ToLower(secret),
		"in a query": url.QueryEscape(secret), "twice in a query": url.QueryEscape(url.QueryEscape(secret)), "in a path": url.PathEscape(secret),
		"in JSON": strings.Trim(string(quoted), `"`), "in HTML": html.EscapeString(secret),
		"in hexadecimal": hex.EncodeToString([]byte(secret)), "in capital hexadecimal": strings.ToUpper(hex.EncodeToString([]byte(secret))),
	}
	for shift := range 3 { // what is common to base64 of longer texts
		for name, enc := range map[string]*base64.Encoding{"base64": base64.RawStdEncoding, "base64 for URLs": base64.RawURLEncoding} {
			text := enc.EncodeToString([]byte("\x00\x00\x00"[:shift] + secret))
			out[fmt.Sprintf("in %s, shifted by %d", name, shift)] = text[[]int{0, 2, 3}[shift] : (shift+len(secret))*8/6]
		}
	}
	return out
}

// hides fails when a text has one of the secrets in any spelling.
func hides(t *testing.T, where, text string, secrets []string) {
	t.Helper()
	for _, secret := range secrets {
		for how, spelled := range spellings(secret) {
			if at := strings.Index(text, spelled); at >= 0 {
				t.Errorf("%s: a secret stands there %s: …%s…", where, how, text[max(0, at-200):min(len(text), at+len(spelled)+60)])
				return
			}
		}
	}
}

// No secret of any tenant stands in the log, in the figures, in the journal, in what is
// explained or in a refusal, whatever clients do with it.
func TestNoSecretShows(t *testing.T) {
	t.Parallel()
	w := startWhole(t, wholeOptions{breaches: true, host: func(c *fakes.Config) {
		c.ExplainHeader = true
		for i := range c.APIs { // one operation of each breaks, with all it knows in its last words
			c.APIs[i] = breakable(c.APIs[i])
		}
	}})
	guest, err := w.host.AddTenant(fakes.NewTenant{ID: "guest", Seed: 77})
	require.NoError(t, err)
	var secrets []string
	for _, tenant := range []*fakes.Tenant{w.host.Default(), guest} {
		for _, api := range w.host.APIs() {
			secrets = append(secrets, secretsOf(tenant, api.Name)...)
		}
	}
	require.Greater(t, len(secrets), 12)
	for _, tenant := range []*fakes.Tenant{w.host.Default(), guest} {
		w.tour(tenant)
		where := "?tenant=" + tenant.ID
		for _, path := range []string{"/requests" + where + "&limit=10000", "/requests.har" + where, "/coverage" + where, "/faults" + where, "/callbacks" + where, "/version"} {
			hides(t, path, w.admin("GET", path, ""), secrets)
		}
		var list struct{ Requests []struct{ ID int } }
		require.NoError(t, json.Unmarshal([]byte(w.admin("GET", "/requests"+where+"&limit=10000", "")), &list))
		require.Greater(t, len(list.Requests), 300)
		for i, e := range list.Requests {
			if i%3 != 0 { // the list has shown them all; this is for the diagnoses, each third of every kind
				continue
			}
			hides(t, "a request", w.admin("GET", fmt.Sprintf("/requests/%d%s", e.ID, where), ""), secrets)
			hides(t, "its diagnosis", w.admin("GET", fmt.Sprintf("/requests/%d/explain%s", e.ID, where), ""), secrets)
		}
		// A request pasted for a diagnosis, by somebody who does not know the secret.
		for _, api := range []string{"polyv", "cliparto", "interstream"} {
			for _, op := range w.host.Document(api).Operations {
				plan := w.plan(tenant, api, op.ID, nil)
				plan.Credential.Secret = "no idea"
				built, err := plan.Build()
				require.NoError(t, err)
				body, err := json.Marshal(map[string]any{"method": built.Method, "url": built.URL, "body": string(built.Body), "headers": map[string]string{"Content-Type": built.Header.Get("Content-Type")}})
				require.NoError(t, err)
				hides(t, "an explanation of "+op.ID, w.admin("POST", "/explain"+where, string(body)), secrets)
			}
		}
		for _, path := range []string{"/tenants/nobody", "/requests/999999", "/state/nothing", "/clock/nothing", "/faults/none", "/checkpoints/none/restore"} {
			for _, method := range []string{"GET", "POST", "PUT", "DELETE"} {
				for _, secret := range secrets[:3] {
					_, answer, err := w.do(method, "/__admin"+path+where, "application/json", `{"x":"`+secret+`"}`)
					require.NoError(t, err)
					hides(t, method+" "+path, answer, secrets)
				}
			}
		}
	}
	figures, err := w.send("GET", "/metrics", nil, "")
	require.NoError(t, err)
	text, err := io.ReadAll(figures.Body)
	require.NoError(t, err)
	hides(t, "/metrics", string(text), secrets)
	log := w.log.String()
	require.Contains(t, log, "last words", "the fakes have broken")
	require.Contains(t, log, `"msg":"request"`)
	hides(t, "the log", log, secrets)
	w.stopped()
}

// breakable is a fake of which one operation panics with everything it has in hand.
func breakable(api fakes.API) fakes.API {
	fresh := api.New
	api.New = func(env fakes.Env) fakes.World { return &lastWords{fresh(env), env} }
	return api
}

type lastWords struct {
	fakes.World
	env fakes.Env
}

// Admit and Settle are the fake's own.
func (w *lastWords) Admit(c *fakes.Call) error {
	if a, ok := w.World.(fakes.Admitter); ok {
		return a.Admit(c)
	}
	return nil
}

func (w *lastWords) Settle(now time.Time) []fakes.Event {
	if s, ok := w.World.(fakes.Settler); ok {
		return s.Settle(now)
	}
	return nil
}

func (w *lastWords) Handlers() fakes.Handlers {
	out := w.World.Handlers()
	for _, op := range []string{"funds", "authplayStatus", "BalanceCurrent", "demoGetSts", "getContentVote"} {
		if _, ok := out[op]; ok {
			out[op] = fakes.Handle(func(c *fakes.Call, _ struct{}) (string, error) {
				panic(fmt.Sprintf("last words: %v %v", c.Values, w.env.Accounts))
			})
		}
	}
	return out
}

// Nothing of this machine stands in an answer: not its folders, not the name of a file of
// source code, not an address of memory, not even when a fake breaks or a disk is full.
func TestNoPathShows(t *testing.T) {
	t.Parallel()
	store := &fullDisk{}
	w := startWhole(t, wholeOptions{breaches: true, host: func(c *fakes.Config) {
		c.ExplainHeader, c.Store = true, store
		for i := range c.APIs {
			c.APIs[i] = breakable(c.APIs[i])
		}
	}})
	guest, err := w.host.AddTenant(fakes.NewTenant{ID: "guest"})
	require.NoError(t, err)
	answers := w.tour(guest)
	store.full = true
	answers = append(answers, w.tour(guest)...)
	for _, rt := range adminRoutes(t) {
		if strings.HasSuffix(rt.path, "/wait") || strings.HasSuffix(rt.path, "/follow") || strings.HasSuffix(rt.path, "/pull") {
			continue
		}
		for _, body := range []string{"", "{}", "nonsense", `{"by":"1h"}`, `{"id":"eve"}`, `{"frozen":true}`} {
			_, answer, err := w.do(rt.method, rt.path, "application/json", body)
			require.NoError(t, err)
			answers = append(answers, answer)
		}
	}
	status, _, err := w.do("POST", "/__admin/reset", "", "")
	require.NoError(t, err)
	require.Equal(t, 500, status, "the disk is full")
	_, file, _, ok := runtime.Caller(0)
	require.True(t, ok)
	home, err := os.UserHomeDir()
	require.NoError(t, err)
	root := filepath.Dir(filepath.Dir(filepath.Dir(file)))
	for _, answer := range answers {
		for what, text := range map[string]string{
			"the project's folder": root, "Go's": os.Getenv("GOROOT"), "the home folder": home, "a temporary folder": os.TempDir(), "the data folder": "/srv/secret-folder",
			"a goroutine": "goroutine ", "source code": ".go:", "its own failure": "last words",
		} {
			if text != "" && text != "/" && strings.Contains(answer, text) {
				t.Errorf("%s stands in an answer: %.600s", what, answer)
			}
		}
	}
	require.Contains(t, w.log.String(), "secret-folder", "the log says what happened")
	w.stopped()
}

// fullDisk fails as a file system does, with the name of the file.
type fullDisk struct{ full bool }

func (f *fullDisk) Append(*fakes.Change) error {
	if f.full {
		return &os.PathError{Op: "write", Path: "/srv/secret-folder/changes.log", Err: errors.New("no space left on device")}
	}
	return nil
}

// A sandbox connects to nothing by itself: a tour of everything, with videos that fall due,
// makes no connection and asks no name server. It does so when a tenant has asked for it.
func TestNoConnectionUnlessAskedFor(t *testing.T) {
	dialled := make(chan string, 100)
	refused := errors.New("not in this test")
	old, resolver := http.DefaultTransport, net.DefaultResolver
	defer func() { http.DefaultTransport, net.DefaultResolver = old, resolver }()
	fail := func(_ context.Context, _, address string) (net.Conn, error) {
		dialled <- address
		return nil, refused
	}
	http.DefaultTransport = &http.Transport{DialContext: fail}
	net.DefaultResolver = &net.Resolver{PreferGo: true, Dial: fail}
	w := startWhole(t, wholeOptions{dial: fail, resolve: func(_ context.Context, host string) ([]netip.Addr, error) {
		dialled <- host
		return nil, refused
	}})
	guest, err := w.host.AddTenant(fakes.NewTenant{ID: "guest"})
	require.NoError(t, err)
	for _, tenant := range []*fakes.Tenant{w.host.Default(), guest} {
		w.tour(tenant)
		w.admin("POST", "/clock/advance?tenant="+tenant.ID, `{"by":"24h"}`)
		w.tour(tenant)
	}
	w.admin("POST", "/sign", `{"api":"polyv","operation":"danmuList","base_url":"http://api.polyv.net"}`)
	w.admin("POST", "/explain", `{"curl":"curl http://api.polyv.net/v2/danmu/8205ac89d3"}`)
	assert.Empty(t, dialled, "something was connected to")

	// One that a tenant asks for is tried, and only then.
	w.admin("PUT", "/callbacks/qulive/target?tenant=guest", `{"url":"http://127.0.0.1:9/hook"}`)
	assert.Empty(t, dialled, "setting a target sends nothing")
	built, err := w.plan(guest, "qulive", "videoPublish", map[string]string{"videoId": "v1", "coverUrl": "http://x/c.png"}).Build()
	require.NoError(t, err)
	_, answer := w.message(built.Message)
	require.Contains(t, answer, `"result":"true"`)
	w.admin("POST", "/clock/advance?tenant=guest", `{"by":"1h"}`)
	select {
	case address := <-dialled:
		assert.Equal(t, "127.0.0.1:9", address)
	case <-time.After(5 * time.Second):
		t.Error("the callback was not sent")
	}
	w.stopped()
}
