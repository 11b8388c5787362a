package callbacks_test

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/mediasandbox/sandbox/internal/callbacks"
)

// network is names and connections under a test's control.
type network struct {
	mu      sync.Mutex
	names   map[string][]string
	dialled []string
}

func (n *network) set(name string, addrs ...string) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.names == nil {
		n.names = map[string][]string{}
	}
	n.names[name] = addrs
}

func (n *network) resolve(_ context.Context, host string) ([]netip.Addr, error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	list, ok := n.names[host]
	if !ok {
		return nil, errors.New("no such host")
	}
	var out []netip.Addr
	for _, a := range list {
		out = append(out, netip.MustParseAddr(a))
	}
	return out, nil
}

// dial notes where it was asked to connect to, and connects to nothing.
func (n *network) dial(_ context.Context, _, address string) (net.Conn, error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.dialled = append(n.dialled, address)
	return nil, errors.New("not connected")
}

func (n *network) connections() []string {
	n.mu.Lock()
	defer n.mu.Unlock()
	out := n.dialled
	n.dialled = nil
	return out
}

func restricted(t *testing.T, allow string) (*bench, *network) {
	t.Helper()
	a, err := callbacks.ParseAllow(allow)
	require.NoError(t, err)
	n := &network{}
	return newBench(t, callbacks.Config{Allow: a, Resolve: n.resolve, Dial: n.dial, Log: slog.New(slog.DiscardHandler)}), n
}

// By default only this machine is reached, however it is spelt, and nothing else, however
// it is disguised.
func TestLoopbackOnly(t *testing.T) {
	b, n := restricted(t, "loopback")
	n.set("evil.example", "10.0.0.5")
	n.set("mixed.example", "10.0.0.5", "127.0.0.1")
	n.set("here.example", "127.0.0.1")
	n.set("six.example", "::ffff:169.254.169.254")
	n.set("localhost.evil.example", "192.0.2.1")
	n.set("127.1", "127.0.0.1")       // as some resolvers read it
	n.set("2130706433", "127.0.0.1")  // likewise
	n.set("0x7f.1", "10.0.0.5")       // and as some other might
	n.set("localhost", "192.0.2.1")   // a name server that lies
	n.set("x.localhost", "192.0.2.1") // likewise
	for url, to := range map[string]string{
		"http://127.0.0.1:8080/x":          "127.0.0.1:8080",
		"http://127.255.0.9/x":             "127.255.0.9:80",
		"https://[::1]/x":                  "[::1]:443",
		"http://[::ffff:127.0.0.1]:81/":    "127.0.0.1:81",
		"http://[::ffff:7f00:1]:81/":       "127.0.0.1:81",
		"http://localhost:8080":            "127.0.0.1:8080 [::1]:8080",
		"http://LOCALHOST.:8080":           "127.0.0.1:8080 [::1]:8080",
		"http://bob.qulive.localhost:1/cb": "127.0.0.1:1 [::1]:1",
		"http://x.localhost/":              "127.0.0.1:80 [::1]:80",
		"http://here.example/":             "127.0.0.1:80",
		"http://mixed.example/":            "127.0.0.1:80",
		"http://127.1/":                    "127.0.0.1:80",
		"http://2130706433/":               "127.0.0.1:80",
	} {
		b.target(`{"url":"` + url + `"}`).OK(nil)
		b.publish(url)
		b.advance("5s")
		assert.Equal(t, to, strings.Join(n.connections(), " "), url)
		b.advance("1h")
		n.connections()
	}
	for _, url := range []string{
		"http://10.0.0.5/", "http://192.168.1.1/", "http://172.16.0.1/", "http://8.8.8.8/", "http://100.64.0.1/",
		"http://0.0.0.0/", "http://0.1.2.3/", "http://[::]/", "http://169.254.169.254/latest/meta-data/", "http://100.100.100.200/latest/meta-data/",
		"http://[::ffff:10.0.0.5]/", "http://[::ffff:169.254.169.254]/", "http://[::10.0.0.5]/", "http://[::127.0.0.1]/",
		"http://[64:ff9b::7f00:1]/", "http://[2002:7f00:1::]/", "http://[fe80::1]/", "http://[fd00:ec2::254]/", "http://[ff02::1]/",
		"http://224.0.0.1/", "http://255.255.255.255/", "http://[fe80::1%25lo]/", "http://[::1%25lo0]:0/",
		"http://evil.example/", "http://six.example/", "http://localhost.evil.example/", "http://0x7f.1/", "http://unknown.example/",
	} {
		got := b.target(`{"url":"` + url + `"}`)
		if strings.HasSuffix(url, ":0/") {
			got.Problem(400, "port")
		} else {
			got.Problem(403, "--callback-allow")
		}
		assert.NotContains(t, got.Body, `10.0.0.5 `, "what a name resolves to is for the operator")
	}
	assert.Empty(t, n.connections())
}

// A name that is checked and then leads elsewhere leads nowhere.
func TestRebinding(t *testing.T) {
	b, n := restricted(t, "loopback")
	n.set("rebind.example", "127.0.0.1")
	b.target(`{"url":"http://rebind.example:8080/"}`).OK(nil)
	b.publish("v")
	n.set("rebind.example", "10.0.0.5")
	b.advance("5s")
	v := b.get(1)
	require.Len(t, v.Attempts, 1)
	assert.Contains(t, v.Attempts[0].Error, "the operator does not allow callbacks to go there")
	assert.Contains(t, v.Attempts[0].Error, "rebind.example:8080")
	assert.NotContains(t, v.Attempts[0].Error, "10.0.0.5")
	n.set("rebind.example", "::ffff:a00:5")
	b.advance("1s")
	n.set("rebind.example", "127.0.0.9", "10.0.0.5")
	b.advance("1s")
	assert.Equal(t, []string{"127.0.0.9:8080"}, n.connections(), "only what is allowed, and only when it is")
}

func TestLists(t *testing.T) {
	b, n := restricted(t, "App:8080, hooks.example, 192.0.2.7:9000, [2001:db8::1]:9000, 10.1.0.0/16, 169.254.9.9, 0.0.0.0/0, ::/0")
	n.set("app", "172.18.0.3")
	n.set("hooks.example", "203.0.113.5")
	n.set("inner.example", "10.1.2.3")
	for _, url := range []string{
		"http://app:8080/", "http://APP.:8080/", "http://hooks.example/", "https://hooks.example/", "http://192.0.2.7:9000/", "http://[2001:db8::1]:9000/",
		"http://10.1.255.255:1/", "http://inner.example/", "http://169.254.9.9/", "http://8.8.8.8/", "http://[2606:4700::1]/",
	} {
		b.target(`{"url":"` + url + `"}`).OK(nil)
	}
	for _, url := range []string{"http://127.0.0.1/", "http://169.254.169.254/", "http://100.100.100.200/", "http://[::1]/", "http://[::ffff:127.0.0.1]/", "http://0.0.0.0/", "http://[fe80::1]/"} {
		b.target(`{"url":"` + url + `"}`).Problem(403) // a wide range does not mean them
	}
	for _, addr := range []string{"127.0.0.1", "169.254.169.254", "100.100.100.200", "::1", "64:ff9b::a9fe:a9fe", "fd00:ec2::254", "0.0.0.0"} {
		n.set("hooks.example", addr)
		b.target(`{"url":"http://hooks.example/"}`).Problem(403) // nor does a name
	}
	n.set("hooks.example", "169.254.9.9")
	b.target(`{"url":"http://hooks.example/"}`).OK(nil) // it has an entry of its own

	b, n = restricted(t, "app:8080,10.1.0.0/16")
	b.target(`{"url":"http://app:8080/"}`).OK(nil) // not up yet
	for _, url := range []string{"http://app/", "http://app:8081/", "http://app.evil.example:8080/", "http://10.2.0.0/", "http://127.0.0.1/", "http://other/"} {
		b.target(`{"url":"` + url + `"}`).Problem(403)
	}
	n.set("app", "172.18.0.3")
	b.publish("v")
	b.advance("5s")
	assert.Equal(t, []string{"172.18.0.3:8080"}, n.connections())

	nowhere := callbacks.New(callbacks.Config{}) // what "none" says
	nowhere.Attach(b.Host)
	bob, err := b.Host.Tenant("bob")
	require.NoError(t, err)
	_, err = nowhere.SetTarget(t.Context(), bob, "qulive", callbacks.Target{URL: "http://127.0.0.1/"})
	require.ErrorIs(t, err, callbacks.ErrRefused)
}

func TestParseAllow(t *testing.T) {
	for list, ok := range map[string]bool{
		"loopback": true, "none": true, " app , 10.0.0.0/8 ": true, "app:1": true, "app:65535": true, "::1": true, "[::1]": true, "[::1]:80": true,
		"127.0.0.1:80": true, "fd00::/8": true, "a_b": true, "::ffff:10.0.0.1": true,
		"": false, ",": false, "app,": false, "none,app": false, "app:0": false, "app:65536": false, "app:+1": false, "app:": false, "app:http": false,
		"10.0.0.1/8": false, "10.0.0.0/33": false, "::ffff:10.0.0.0/104": false, "http://app": false, "app/x": false, "*": false, "a b": false,
		"[app]:80": false, "[app]": false, "[::1": false, "[::1]x": false, "[::1]:": false, "a..b": false, ".a": false, "bücher.example": false, "user@app": false,
	} {
		a, err := callbacks.ParseAllow(list)
		assert.Equal(t, ok, err == nil, "%q: %v", list, err)
		assert.Equal(t, !ok || list == "none", a.Empty(), list)
	}
}

// The error does not repeat the list: whoever shows it has shown that before.
func TestParseAllowSays(t *testing.T) {
	const wants = "no host, host:port, address or range such as 10.0.0.0/8"
	for list, want := range map[string]string{
		"foo bar":    "is " + wants,
		"app, a b":   `has an entry "a b", which is ` + wants,
		"none,app":   "has none beside others; it stands alone",
		"10.0.0.1/8": "is " + wants,
	} {
		_, err := callbacks.ParseAllow(list)
		assert.EqualError(t, err, want, list)
	}
}

func TestURLs(t *testing.T) {
	b := newBench(t, callbacks.Config{})
	for body, words := range map[string]string{
		`{}`:                                    `"url" is missing`,
		`{"hold":true}`:                         `"url" is missing`,
		`{"url":""}`:                            "empty",
		`{"url":7}`:                             "wants a text",
		`{"url":"127.0.0.1:80"}`:                "malformed",
		`{"url":"//127.0.0.1/"}`:                "http://",
		`{"url":"ftp://127.0.0.1/"}`:            "http://",
		`{"url":"file:///etc/passwd"}`:          "http://",
		`{"url":"http:///x"}`:                   "no host",
		`{"url":"http:127.0.0.1"}`:              "no host",
		`{"url":"http://"}`:                     "no host",
		`{"url":"http://u:p@127.0.0.1/"}`:       "user name",
		`{"url":"http://127.0.0.1/#x"}`:         "fragment",
		`{"url":"http://127.0.0.1/#"}`:          "fragment",
		`{"url":"http://127.0.0.1/a b"}`:        "malformed",
		`{"url":"http://127.0.0.1/\n"}`:         "malformed",
		`{"url":"http://127.0.0.1/ü"}`:          "malformed",
		`{"url":"http://127.0.0.1/%zz"}`:        "malformed",
		`{"url":"http://127.0.0.1:0/"}`:         "port",
		`{"url":"http://127.0.0.1:/"}`:          "port",
		`{"url":"http://127.0.0.1:65536/"}`:     "port",
		`{"url":"http://127.0.0.1:http/"}`:      "malformed",
		`{"url":"http://a..b/"}`:                "host is none",
		`{"url":"http://a*b/"}`:                 "host is none",
		`{"url":"http://127.0.0.1/","pull":1}`:  "true or false",
		`{"pull":true,"hold":true}`:             "hold",
		`{"pull":true,"url":"ftp://127.0.0.1"}`: "http://",
		`{"url":"http://127.0.0.1/` + strings.Repeat("x", 2048) + `"}`: "longer than 2048",
	} {
		b.target(body).Problem(400, words)
	}
	b.Admin(http.MethodGet, "/callbacks/qulive/target?tenant=bob", "").Problem(404, "no target")
	b.Admin(http.MethodPut, "/callbacks/polyv/target?tenant=bob", `{"url":"http://127.0.0.1/"}`).Problem(404, "polyv", "sends no callbacks", "qulive")
	b.Admin(http.MethodGet, "/callbacks/nope/target?tenant=bob", "").Problem(404, "nope")
	b.Admin(http.MethodDelete, "/callbacks/nope/target?tenant=bob", "").Problem(404, "nope")
	b.Admin(http.MethodPut, "/callbacks/qulive/target?tenant=nobody", `{"url":"http://127.0.0.1/"}`).Problem(404, "nobody")
}

// No list lets a name lead to what is special, and none makes the parser fail.
func FuzzAllow(f *testing.F) {
	for _, seed := range []string{"loopback", "none", "app:80", "10.0.0.0/8,[::1]:9", "::/0,0.0.0.0/0", "[", "]:", "a:b:c", "%"} {
		f.Add(seed, uint16(80))
	}
	f.Fuzz(func(t *testing.T, list string, port uint16) {
		a, err := callbacks.ParseAllow(list)
		if err != nil {
			assert.True(t, a.Empty())
			return
		}
		for _, special := range []string{"169.254.169.254", "100.100.100.200", "::ffff:169.254.169.254", "64:ff9b::a9fe:a9fe", "fd00:ec2::254"} {
			addr := netip.MustParseAddr(special)
			if a.Admits(addr, port, "hooks.example") {
				assert.True(t, named(list, addr), "%q allows %s:%s", list, addr, strconv.Itoa(int(port)))
			}
		}
	})
}

// named reports whether a list has an entry within the special range of an address, by a
// rule that is simpler and weaker than the one under test: at least 8 leading bits.
func named(list string, addr netip.Addr) bool {
	for entry := range strings.SplitSeq(list, ",") {
		entry = strings.TrimSpace(entry)
		if p, err := netip.ParsePrefix(entry); err == nil && p.Bits() >= 8 && p.Contains(addr.Unmap()) {
			return true
		}
		host := entry
		if i := strings.LastIndex(entry, ":"); i > 0 && !strings.HasSuffix(entry, "]") && (strings.HasPrefix(entry, "[") || strings.Count(entry, ":") == 1) {
			host = entry[:i]
		}
		if got, err := netip.ParseAddr(strings.Trim(host, "[]")); err == nil && got.Unmap().WithZone("") == addr.Unmap() {
			return true
		}
	}
	return false
}
