package server_test

import (
	"bufio"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io"
	"io/fs"
	"net/http"
	"net/url"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/mediasandbox/sandbox/internal/server"
)

// A page on the web can have its own name lead to this machine; it cannot choose localhost,
// an address, or what it does not control, as its name (DNS rebinding).
func TestHostNames(t *testing.T) {
	t.Parallel()
	w := startWhole(t, wholeOptions{server: func(o *server.Options) { o.Admin.Hosts = []string{"Sandbox.Internal"} }})
	ask := func(target, host, more string) *http.Response {
		conn := w.dial()
		defer conn.Close()
		_, err := fmt.Fprintf(conn, "GET %s HTTP/1.1\r\n%s%sConnection: close\r\n\r\n", target, host, more)
		require.NoError(t, err)
		res, err := http.ReadResponse(bufio.NewReader(conn), nil)
		require.NoError(t, err, "%s %s", target, host)
		body, err := io.ReadAll(res.Body)
		require.NoError(t, err)
		res.Body.Close()
		res.Body = io.NopCloser(strings.NewReader(string(body)))
		return res
	}
	const version = "/__admin/version"
	for _, host := range []string{
		"localhost", "LOCALHOST:7311", "localhost.", "localhost.:80", "127.0.0.1", "127.0.0.1:1", "127.9.9.9", "[::1]", "[::1]:7311", "[0:0:0:0:0:0:0:1]:7311",
		"[::ffff:127.0.0.1]:80", "[fe80::1%25eth0]", "192.168.1.7:7311", "10.0.0.1", "qulive.tenant.localhost", "sandbox.internal", "SANDBOX.internal.:7311",
	} {
		assert.Equal(t, 200, ask(version, "Host: "+host+"\r\n", "").StatusCode, host)
	}
	for _, host := range []string{
		"evil.example", "evil.example:7311", "localhost.evil.example", "127.0.0.1.evil.example", "127.0.0.1.nip.io", "evil-localhost", "localhostt", "notlocalhost",
		"0x7f.0.0.1", "127.1", "2130706433", "017700000001", "127.0.0.1x", "[::1].evil.example", "[::1]evil", "::1.evil.example", "sandbox.internal.evil.example",
		"xsandbox.internal", "localhost:7311:evil.example", "localhost..", ".", "", "sandbox", "ｌocalhost",
	} {
		assert.NotEqual(t, 200, ask(version, "Host: "+host+"\r\n", "").StatusCode, host)
	}
	const evil = "Host: evil.example\r\n"
	for _, more := range []string{
		"X-Forwarded-Host: localhost\r\n", "Forwarded: host=localhost;for=127.0.0.1\r\n", "X-Host: localhost\r\n", "X-Original-Host: localhost\r\n",
		"X-Forwarded-For: 127.0.0.1\r\n", "X-Real-IP: 127.0.0.1\r\n", "Origin: http://localhost\r\n", "Referer: http://localhost/\r\n", "X-Original-URL: /healthz\r\n",
	} {
		assert.Equal(t, 403, ask(version, evil, more).StatusCode, more)
	}
	// In an absolute target the host stands there, and the header does not count (RFC 9112, section 3.2.2).
	assert.Equal(t, 403, ask("http://evil.example"+version, "Host: localhost\r\n", "").StatusCode)
	assert.Equal(t, 200, ask("http://localhost:7311"+version, evil, "").StatusCode)
	// No other spelling of the path leads around the guard.
	for _, target := range []string{
		"//__admin/version", "/./__admin/version", "/x/../__admin/version", "/%5f%5fadmin/version", "/__admin%2fversion", "/__admin%2Fversion", "/__ADMIN/version",
		"/__admin;x/version", "/__admin/./version", "/__admin//version", "/t/default/__admin/version", "/qqtube/__admin/version", "/__admin/version/", "/healthz/../__admin/version",
		"/__admin", "/__admin/", "/__admin?x", "*",
	} {
		res := ask(target, evil, "")
		body, err := io.ReadAll(res.Body)
		require.NoError(t, err)
		assert.GreaterOrEqual(t, res.StatusCode, 400, target)
		assert.NotContains(t, string(body), `"go"`, target)
	}
	// Every route is behind the guard, what is no route too; health and figures are not.
	for _, rt := range adminRoutes(t) {
		res, err := w.send(rt.method, rt.path, map[string]string{"Host": "evil.example"}, "")
		require.NoError(t, err)
		want := 403
		if !strings.HasPrefix(rt.path, "/__admin") {
			want = 200
		}
		assert.Equal(t, want, res.StatusCode, "%s %s", rt.method, rt.path)
	}
	w.stopped()
}

// adminRoute is an operation of the admin API, with something in place of its parameters.
type adminRoute struct{ method, path string }

func adminRoutes(t *testing.T) []adminRoute {
	t.Helper()
	var out []adminRoute
	for _, rt := range adminAPI(t).Routes() {
		out = append(out, adminRoute{rt.Method, strings.NewReplacer("{file}", "qqtube.yaml", "{api}", "qulive", "{", "", "}", "").Replace(rt.Path)})
	}
	require.Greater(t, len(out), 40)
	return out
}

// send sends a request with headers; Host is one.
func (w *whole) send(method, path string, header map[string]string, body string) (*http.Response, error) {
	r, err := http.NewRequest(method, w.base+path, strings.NewReader(body))
	if err != nil {
		return nil, err
	}
	for name, value := range header {
		r.Header.Set(name, value)
	}
	if host := header["Host"]; host != "" {
		r.Host = host
	}
	res, err := w.client.Do(r)
	if err != nil {
		return nil, err
	}
	defer res.Body.Close()
	data, err := io.ReadAll(res.Body)
	res.Body = io.NopCloser(strings.NewReader(string(data)))
	return res, err
}

// No page of another origin may read anything of the admin API, or change it.
func TestOtherOrigins(t *testing.T) {
	t.Parallel()
	w := startWhole(t, wholeOptions{})
	before := w.admin("GET", "/tenants", "")
	for _, rt := range adminRoutes(t) {
		if strings.HasSuffix(rt.path, "/wait") || strings.HasSuffix(rt.path, "/follow") {
			continue
		}
		for _, header := range []map[string]string{
			{"Origin": "https://evil.example"},
			{"Origin": "null"},
			{"Origin": "http://localhost:1"},
			{"Origin": "https://evil.example", "Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "no-cors", "Content-Type": "text/plain"},
			{"Sec-Fetch-Site": "same-site"},
		} {
			for _, method := range []string{rt.method, "OPTIONS"} {
				if method == "OPTIONS" {
					header["Access-Control-Request-Method"], header["Access-Control-Request-Headers"] = rt.method, "authorization"
				}
				res, err := w.send(method, rt.path, header, "")
				require.NoError(t, err)
				for name := range res.Header {
					require.False(t, strings.HasPrefix(name, "Access-Control"), "%s %s: %s", method, rt.path, name)
				}
				if method != "GET" && method != "OPTIONS" {
					require.Equal(t, 403, res.StatusCode, "%s %s with %v", method, rt.path, header)
				}
			}
		}
	}
	assert.Equal(t, before, w.admin("GET", "/tenants", ""))
	// Programs send neither header, and a page of the sandbox's own is one origin with it.
	for _, header := range []map[string]string{{}, {"Origin": w.base}, {"Sec-Fetch-Site": "same-origin"}, {"Sec-Fetch-Site": "none"}} {
		res, err := w.send("POST", "/__admin/reset", header, "")
		require.NoError(t, err)
		assert.Equal(t, 204, res.StatusCode, "%v", header)
	}
	w.stopped()
}

// With a token nothing below the prefix answers without it, however it is asked for.
func TestToken(t *testing.T) {
	t.Parallel()
	const token = "correct-horse-battery-staple"
	w := startWhole(t, wholeOptions{server: func(o *server.Options) { o.Admin.Token = token }})
	for _, rt := range adminRoutes(t) {
		if !strings.HasPrefix(rt.path, "/__admin") {
			continue
		}
		for _, header := range []map[string]string{
			{}, {"Authorization": token}, {"Authorization": "Bearer"}, {"Authorization": "Bearer "}, {"Authorization": "Bearer " + token[:len(token)-1]},
			{"Authorization": "Bearer " + token + "x"}, {"Authorization": "Bearer " + strings.ToUpper(token)}, {"Authorization": "Basic " + token},
			{"Authorization": "Bearer " + token + " " + token}, {"X-Authorization": "Bearer " + token}, {"Cookie": "token=" + token},
			{"Proxy-Authorization": "Bearer " + token}, {"Authorization": "Bearer " + strings.Repeat("x", 10_000)}, {"Authorization": "Bearer " + token + "\u00a0x"},
		} {
			res, err := w.send(rt.method, rt.path, header, "")
			require.NoError(t, err)
			require.Equal(t, 401, res.StatusCode, "%s %s with %v", rt.method, rt.path, header)
			body, err := io.ReadAll(res.Body)
			require.NoError(t, err)
			require.NotContains(t, string(body), token)
			require.Contains(t, res.Header.Get("Www-Authenticate"), "Bearer")
		}
		res, err := w.send(rt.method, rt.path+"?token="+token+"&access_token="+token, nil, "")
		require.NoError(t, err)
		require.Equal(t, 401, res.StatusCode, "%s %s", rt.method, rt.path)
	}
	for _, header := range []string{"Bearer " + token, "bearer " + token, "BEARER  " + token} {
		res, err := w.send("GET", "/__admin/version", map[string]string{"Authorization": header}, "")
		require.NoError(t, err)
		assert.Equal(t, 200, res.StatusCode, header)
	}
	for _, path := range []string{"/healthz", "/readyz", "/metrics", "/qqtube/v1-api?action=funds&api_key=" + pageKey} {
		res, err := w.send("GET", path, nil, "")
		require.NoError(t, err)
		assert.Equal(t, 200, res.StatusCode, "%s needs none", path)
	}
	assert.NotContains(t, w.log.String(), token)
	w.stopped()
}

// What a spreadsheet would run, or a page would, is harmless where the sandbox writes it.
func TestInjection(t *testing.T) {
	t.Parallel()
	w := startWhole(t, wholeOptions{})
	titles := []string{
		`=1+1`, `=cmd|' /C calc'!A0`, `+1`, `-1+2`, `@SUM(A1)`, "\t=1", "\r=1", "\n=1", `"=1"`, `=HYPERLINK("http://evil.example","x")`, "a\",=1,\"b", "a\n=1", ";=1",
		`<script>alert(1)</script>`, `</title><img src=x onerror=alert(1)>`,
	}
	rows := make([]map[string]any, 0, len(titles))
	for i, title := range titles {
		rows = append(rows, map[string]any{"title": title, "file": fmt.Sprintf("f%d.mp4", i), "status": "N", "message": title})
	}
	task, err := json.Marshal(map[string]any{"userid": "8205ac89d3", "taskid": "injected", "originalname": "x.csv", "file": "x.csv", "classifyid": 1, "rows": rows})
	require.NoError(t, err)
	w.admin("POST", "/state/polyv/grab-tasks", string(task))
	res, err := w.send("GET", w.signed("polyv", "grabExport", map[string]string{"taskId": "injected"}), nil, "")
	require.NoError(t, err)
	require.Equal(t, "text/csv;charset=UTF-8", res.Header.Get("Content-Type"))
	assert.Contains(t, res.Header.Get("Content-Disposition"), "attachment")
	text, err := io.ReadAll(res.Body)
	require.NoError(t, err)
	lines, err := csv.NewReader(strings.NewReader(string(text))).ReadAll()
	require.NoError(t, err)
	require.Len(t, lines, 1+len(titles))
	for i, cells := range lines {
		for _, cell := range cells {
			assert.NotRegexp(t, `^[=+\-@\t\r\n]`, cell)
		}
		if i > 0 {
			assert.Equal(t, strings.ReplaceAll(titles[i-1], "\r", ""), strings.ReplaceAll(strings.TrimPrefix(cells[1], "'"), "\r", ""), "the text is all there")
		}
	}
	// Nothing that a client chooses is answered as a page: not in a refusal, a hint, a file's name or a callback's.
	const script = "<script>alert(1)</script>"
	for _, target := range []string{
		"/" + url.PathEscape(script), "/__admin/" + url.PathEscape(script), "/t/" + url.PathEscape(script) + "/qqtube/", "/__admin/tenants?" + url.QueryEscape(script) + "=1",
		"/qqtube/v1-api?action=" + url.QueryEscape(script), "/polyv/v2/danmu/" + url.PathEscape(script) + "?jsonp=" + url.QueryEscape(script),
		"/qulive/vod/getRecommendVideoList?pageIndex=" + url.QueryEscape(script), "/qulive/" + url.PathEscape(script), "/qulive/-/" + url.PathEscape(script) + ".txt",
		"/qulive/-/x.html", "/qulive/-/x.svg", "/interstream/api.php?go=" + url.QueryEscape(script), "/__admin/requests",
	} {
		res, err := w.send("GET", target, nil, "")
		require.NoError(t, err)
		assert.NotContains(t, res.Header.Get("Content-Type"), "html", target)
		assert.NotContains(t, res.Header.Get("Content-Type"), "svg", target)
		assert.Empty(t, res.Header.Get("Location"), target)
	}
	// Cliparto's one line is text/html, as PHP has it: there, nothing of the client's comes back.
	res, err = w.send("GET", "/cliparto/apiq/?id="+url.QueryEscape(script)+"&q="+url.QueryEscape(script)+"&md5="+url.QueryEscape(script)+"&ext="+url.QueryEscape(script), nil, "")
	require.NoError(t, err)
	text, err = io.ReadAll(res.Body)
	require.NoError(t, err)
	assert.NotContains(t, string(text), "<")
	// A signed callback is script only under a name, and a success.
	for name, want := range map[string]bool{"cb": true, "a.b_c$9": true, "alert(1)//": false, "a;b": false, "<b>": false, "a\u2028b": false} {
		res, err := w.send("GET", w.signed("polyv", "danmuList", map[string]string{"jsonp": name}), nil, "")
		require.NoError(t, err)
		assert.Equal(t, want, res.Header.Get("Content-Type") == "application/javascript", name)
	}
	// A header cannot be split by what a client names.
	conn := w.dial()
	_, err = fmt.Fprintf(conn, "GET /%%0d%%0aX-Injected:%%20yes HTTP/1.1\r\nHost: x%%0d%%0aX-Injected:y\r\nConnection: close\r\n\r\n")
	require.NoError(t, err)
	raw, err := io.ReadAll(conn)
	require.NoError(t, err)
	assert.NotRegexp(t, `(?m)^X-Injected`, string(raw))
	w.stopped()
}

// Only three parts of the project ever connect to anything: callbacks, which a tenant
// orders, the verifier, which runs when it is told to, and tools.
func TestWhoConnects(t *testing.T) {
	t.Parallel()
	allowed := []string{"cmd/", "bench/", "examples/", "verifier/", "sandboxtest/", "internal/callbacks/", "internal/tools/"}
	connects := map[string][]string{
		"net":     {"Dial", "DialTimeout", "DialTCP", "DialUDP", "DialUnix", "DialIP", "Dialer", "LookupHost", "LookupIP", "LookupAddr", "LookupTXT", "DefaultResolver"},
		"http":    {"Get", "Post", "PostForm", "Head", "Client", "Transport", "DefaultClient", "DefaultTransport"},
		"exec":    {"Command", "CommandContext"},
		"syscall": {"Connect", "Exec", "ForkExec"},
		"os":      {"StartProcess"},
		"tls":     {"Dial", "Dialer"},
	}
	root := filepath.Join("..", "..")
	seen := 0
	require.NoError(t, filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		rel, relErr := filepath.Rel(root, path)
		require.NoError(t, relErr)
		rel = filepath.ToSlash(rel)
		switch {
		case err != nil:
			return err
		case d.IsDir() && strings.HasPrefix(d.Name(), ".") && rel != ".":
			return filepath.SkipDir
		case d.IsDir() || !strings.HasSuffix(rel, ".go") || strings.HasSuffix(rel, "_test.go") || strings.HasSuffix(filepath.Dir(path), "test"):
			return nil
		}
		for _, prefix := range allowed {
			if strings.HasPrefix(rel, prefix) {
				return nil
			}
		}
		seen++
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		ast.Inspect(file, func(n ast.Node) bool {
			sel, ok := n.(*ast.SelectorExpr)
			if !ok {
				return true
			}
			if pkg, ok := sel.X.(*ast.Ident); ok {
				assert.NotContains(t, connects[pkg.Name], sel.Sel.Name, "%s uses %s.%s: it must not connect to anything", rel, pkg.Name, sel.Sel.Name)
			}
			return true
		})
		return nil
	}))
	assert.Greater(t, seen, 100)
}
