package record_test

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/mediasandbox/sandbox/internal/contract"
	"github.com/mediasandbox/sandbox/specs/openapi"
	"github.com/mediasandbox/sandbox/verifier/record"
)

const secret = "172a1c261d1d84916d9e7321153d0416acab98fc"

// plainHider hides one secret as it is written.
type plainHider struct{}

func (plainHider) Request(contract.Values, http.Header) {}
func (plainHider) Reply(http.Header, []byte)            {}
func (plainHider) Named(name string) bool               { return name == "api_key" }
func (plainHider) Text(s string) string                 { return strings.ReplaceAll(s, secret, "***") }

// vendor is a server that keeps what it was sent.
type vendor struct {
	*httptest.Server
	requests []*http.Request
	bodies   []string
	reply    http.HandlerFunc
}

func newVendor(t *testing.T, reply http.HandlerFunc) *vendor {
	t.Helper()
	v := &vendor{reply: reply}
	v.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		assert.NoError(t, err)
		v.requests, v.bodies = append(v.requests, r), append(v.bodies, string(body))
		v.reply(w, r)
	}))
	t.Cleanup(v.Close)
	return v
}

func funds(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Connection", "X-Hop")
	w.Header().Set("X-Hop", "mine")
	io.WriteString(w, `{"funds":"508.60","echo":"`+secret+`"}`)
}

func configOf(t *testing.T, base, dir string) record.Config {
	t.Helper()
	docs, err := openapi.LoadAll()
	require.NoError(t, err)
	return record.Config{
		Documents: docs, BaseURLs: map[string]string{"qqtube": base}, Dir: dir,
		NewHider: func(string) record.Hider { return plainHider{} },
		Judge: func(_ *contract.Document, op *contract.Operation, _ *http.Response, body []byte) (string, []record.Finding) {
			if op == nil {
				return "", nil
			}
			return op.Default, []record.Finding{{Side: "reply", What: "is " + string(body)}}
		},
	}
}

func start(t *testing.T, cfg record.Config) (*record.Recorder, string) {
	t.Helper()
	r, err := record.New(cfg)
	require.NoError(t, err)
	proxy := httptest.NewServer(r)
	t.Cleanup(proxy.Close)
	return r, proxy.URL
}

func get(t *testing.T, method, to string, header http.Header, body string) (*http.Response, string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, to, strings.NewReader(body))
	require.NoError(t, err)
	for k, v := range header {
		req.Header[k] = v
	}
	res, err := http.DefaultTransport.RoundTrip(req)
	require.NoError(t, err)
	defer res.Body.Close()
	reply, err := io.ReadAll(res.Body)
	require.NoError(t, err)
	return res, string(reply)
}

func TestPassesOnAndRecords(t *testing.T) {
	v := newVendor(t, funds)
	dir := filepath.Join(t.TempDir(), "new")
	told := make(chan string, 1)
	cfg := configOf(t, v.URL+"/base/", dir)
	cfg.Recorded = func(x *record.Exchange, file string) { told <- filepath.Base(file) }
	r, proxy := start(t, cfg)

	header := http.Header{"X-Mine": {"1"}, "Connection": {"X-Drop"}, "X-Drop": {"1"}, "Accept-Encoding": {"gzip"}, "Cookie": {"a=" + secret}}
	res, body := get(t, "GET", proxy+"/qqtube/v1-api?action=funds&api_key="+secret+"&a%2Fb=%5c", header, "")
	assert.Equal(t, 200, res.StatusCode)
	assert.JSONEq(t, `{"funds":"508.60","echo":"`+secret+`"}`, body, "the client gets what the vendor sent")
	assert.Empty(t, res.Header.Get("X-Hop"), "what is between neighbours stays there")

	require.Len(t, v.requests, 1)
	got := v.requests[0]
	assert.Equal(t, "/base/v1-api?action=funds&api_key="+secret+"&a%2Fb=%5c", got.RequestURI, "as it was sent")
	assert.Equal(t, strings.TrimPrefix(v.URL, "http://"), got.Host)
	assert.Equal(t, "1", got.Header.Get("X-Mine"))
	assert.Empty(t, got.Header.Get("X-Drop"))
	assert.Empty(t, got.Header.Get("Accept-Encoding"))

	name := <-told
	assert.Equal(t, "0001-qqtube-funds.json", name)
	file := filepath.Join(dir, name)
	info, err := os.Stat(file)
	require.NoError(t, err)
	assert.Equal(t, os.FileMode(0o600), info.Mode().Perm())
	data, err := os.ReadFile(file)
	require.NoError(t, err)
	assert.NotContains(t, string(data), secret)
	assert.NoError(t, r.Err())

	list, err := record.Read(os.DirFS(dir))
	require.NoError(t, err)
	require.Len(t, list, 1)
	x := list[0]
	assert.Equal(t, "funds", x.Operation)
	assert.Contains(t, x.Request.Params, record.Param{Name: "api_key", Value: "***", In: contract.InQuery, Hidden: true})
	assert.JSONEq(t, `{"funds":"508.60","echo":"***"}`, x.Reply.Body)
	assert.Contains(t, x.Findings, record.Finding{Side: "request", Pointer: "a/b", What: "a/b is not declared"})
	assert.Contains(t, x.Findings, record.Finding{Side: "reply", What: `is {"funds":"508.60","echo":"***"}`}, "findings are masked too")
}

// A short credential is hidden by its name, where no search by value would find it.
func TestHidesByName(t *testing.T) {
	v := newVendor(t, funds)
	dir := t.TempDir()
	_, proxy := start(t, configOf(t, v.URL, dir))
	get(t, "POST", proxy+"/qqtube/v1-api", http.Header{"Content-Type": {"application/x-www-form-urlencoded"}}, "action=funds&api_key=ab1")
	get(t, "GET", proxy+"/qqtube/v1-api?action=unheard-of&api_key=ab1&x=1+2", nil, "")
	list, err := record.Read(os.DirFS(dir))
	require.NoError(t, err)
	require.Len(t, list, 2)
	assert.Equal(t, "action=funds&api_key=ab1", v.bodies[0])
	assert.Equal(t, "***", list[0].Request.Params[1].Value)
	assert.Empty(t, list[0].Request.Body, "a form stands in the parameters")
	assert.Empty(t, list[1].Operation)
	assert.Equal(t, "action=unheard-of&api_key=%2A%2A%2A&x=1+2", list[1].Request.Query)
	for _, name := range []string{"0001-qqtube-funds.json", "0002-qqtube-unknown.json"} {
		data, err := os.ReadFile(filepath.Join(dir, name))
		require.NoError(t, err)
		assert.NotContains(t, string(data), "ab1")
	}
}

func TestGoesOnlyToTheTarget(t *testing.T) {
	v := newVendor(t, func(w http.ResponseWriter, r *http.Request) {
		if strings.HasPrefix(r.URL.Path, "/v1-api") {
			http.Redirect(w, r, "/elsewhere", http.StatusFound)
		}
	})
	_, proxy := start(t, configOf(t, v.URL, t.TempDir()))
	for _, path := range []string{"/", "/polyv/v2/danmu/x", "/qqtubex/v1-api", "/http://example.test/", "/.qqtube/"} {
		res, body := get(t, "GET", proxy+path, nil, "")
		assert.Equal(t, http.StatusNotFound, res.StatusCode, path)
		assert.Contains(t, body, "below /qqtube/")
	}
	assert.Empty(t, v.requests)
	for _, path := range []string{"//evil.test/x", "/@evil.test", "/../../x", "/%2e%2e/x"} {
		get(t, "GET", proxy+"/qqtube"+path, nil, "")
	}
	for _, r := range v.requests {
		assert.Equal(t, strings.TrimPrefix(v.URL, "http://"), r.Host)
	}
	before := len(v.requests)
	res, _ := get(t, "GET", proxy+"/qqtube/v1-api?action=funds", nil, "")
	assert.Equal(t, http.StatusFound, res.StatusCode, "a redirect is the client's to follow")
	assert.Len(t, v.requests, before+1)
}

// A certificate that nobody vouches for is not talked to.
func TestChecksCertificates(t *testing.T) {
	v := httptest.NewTLSServer(http.HandlerFunc(funds))
	t.Cleanup(v.Close)
	v.Config.ErrorLog = nil
	dir := t.TempDir()
	_, proxy := start(t, configOf(t, v.URL, dir))
	res, body := get(t, "GET", proxy+"/qqtube/v1-api?action=funds&api_key="+secret, nil, "")
	assert.Equal(t, http.StatusBadGateway, res.StatusCode)
	assert.Contains(t, body, "certificate")
	assert.NotContains(t, body, secret)
	list, err := record.Read(os.DirFS(dir))
	require.NoError(t, err)
	assert.Contains(t, list[0].Failed, "certificate")
	assert.Equal(t, "funds", list[0].Operation, "what had no reply is recorded too")
}

func TestLimits(t *testing.T) {
	big := strings.Repeat("x", record.MaxKept) + "the end"
	v := newVendor(t, func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, big) })
	dir := t.TempDir()
	cfg := configOf(t, v.URL, dir)
	cfg.MaxExchanges = 2
	r, proxy := start(t, cfg)

	res, _ := get(t, "POST", proxy+"/qqtube/v1-api", nil, strings.Repeat("y", 9<<20))
	assert.Equal(t, http.StatusRequestEntityTooLarge, res.StatusCode)
	assert.Empty(t, v.requests)

	for range 3 {
		_, body := get(t, "GET", proxy+"/qqtube/v1-api?action=funds", nil, "")
		assert.Len(t, body, len(big), "the client gets all")
	}
	list, err := record.Read(os.DirFS(dir))
	require.NoError(t, err)
	assert.Len(t, list, 2)
	assert.True(t, list[0].Reply.Cut)
	assert.Len(t, list[0].Reply.Body, record.MaxKept)
	assert.ErrorContains(t, r.Err(), "2 exchanges were written")
}

func TestGoesOnCounting(t *testing.T) {
	v := newVendor(t, funds)
	dir := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(dir, "0041-qqtube-funds.json"), []byte("{}"), 0o600))
	require.NoError(t, os.WriteFile(filepath.Join(dir, "notes.txt"), nil, 0o600))
	_, proxy := start(t, configOf(t, v.URL, dir))
	get(t, "GET", proxy+"/qqtube/v1-api?action=funds", nil, "")
	assert.FileExists(t, filepath.Join(dir, "0042-qqtube-funds.json"))
}

func TestNewRefuses(t *testing.T) {
	for base, why := range map[string]string{
		"ftp://vendor.test": "is not a base URL", "": "is not a base URL", "http://": "is not a base URL", "http://a.test/?x=1": "is not a base URL",
	} {
		_, err := record.New(configOf(t, base, t.TempDir()))
		assert.ErrorContains(t, err, why, base)
	}
	cfg := configOf(t, "http://a.test", t.TempDir())
	cfg.BaseURLs = nil
	_, err := record.New(cfg)
	assert.ErrorContains(t, err, "no base URL")
	cfg.BaseURLs = map[string]string{"nobody": "http://a.test"}
	_, err = record.New(cfg)
	assert.ErrorContains(t, err, `no contract of "nobody"`)
	file := filepath.Join(t.TempDir(), "file")
	require.NoError(t, os.WriteFile(file, nil, 0o600))
	_, err = record.New(configOf(t, "http://a.test", file))
	assert.Error(t, err)
}

func TestReadRefuses(t *testing.T) {
	dir := t.TempDir()
	_, err := record.Read(os.DirFS(dir))
	assert.ErrorIs(t, err, record.ErrNoRecording)
	require.NoError(t, os.WriteFile(filepath.Join(dir, "0001-qqtube-add.json"), []byte("{"), 0o600))
	_, err = record.Read(os.DirFS(dir))
	assert.ErrorContains(t, err, "0001-qqtube-add.json: no recorded exchange")
}

// What cannot be written does not keep the client from its reply.
func TestAFullDiskIsTold(t *testing.T) {
	v := newVendor(t, funds)
	dir := filepath.Join(t.TempDir(), "gone")
	r, proxy := start(t, configOf(t, v.URL, dir))
	require.NoError(t, os.RemoveAll(dir))
	res, _ := get(t, "GET", proxy+"/qqtube/v1-api?action=funds", nil, "")
	assert.Equal(t, 200, res.StatusCode)
	var path *os.PathError
	assert.ErrorAs(t, r.Err(), &path)
}

// The URL in an error of the transport has secrets in it.
func TestErrorsHaveNoURL(t *testing.T) {
	cfg := configOf(t, "http://127.0.0.1:1", t.TempDir())
	cfg.Transport = failing{}
	_, proxy := start(t, cfg)
	_, body := get(t, "GET", proxy+"/qqtube/v1-api?action=funds&api_key="+secret, nil, "")
	assert.NotContains(t, body, secret)
	assert.Contains(t, body, "it is down")
}

type failing struct{}

func (failing) RoundTrip(r *http.Request) (*http.Response, error) {
	return nil, &url.Error{Op: "Get", URL: r.URL.String(), Err: errors.New("it is down")}
}

func TestMultipartIsReadAsAForm(t *testing.T) {
	v := newVendor(t, funds)
	dir := t.TempDir()
	_, proxy := start(t, configOf(t, v.URL, dir))
	var body bytes.Buffer
	body.WriteString("--b\r\nContent-Disposition: form-data; name=\"action\"\r\n\r\nadd\r\n--b\r\nContent-Disposition: form-data; name=\"api_key\"\r\n\r\n" + secret + "\r\n--b--\r\n")
	get(t, "POST", proxy+"/qqtube/v1-api", http.Header{"Content-Type": {"multipart/form-data; boundary=b"}}, body.String())
	list, err := record.Read(os.DirFS(dir))
	require.NoError(t, err)
	assert.Equal(t, "add", list[0].Operation)
	assert.Equal(t, body.String(), v.bodies[0])
}
