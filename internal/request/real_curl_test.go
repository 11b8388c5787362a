package request_test

import (
	"bytes"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/mediasandbox/sandbox/fakes"
	"github.com/mediasandbox/sandbox/fakes/all"
	"github.com/mediasandbox/sandbox/internal/contract"
	"github.com/mediasandbox/sandbox/internal/request"
	"github.com/mediasandbox/sandbox/internal/server"
	"github.com/mediasandbox/sandbox/specs/openapi"
)

// sent is a request as a server gets it, and what a sandbox reads in it.
type sent struct {
	method, uri, body string
	contentType       []string
	accept            string
	operation         string
	values            contract.Values
}

// heldTo is the version that ParseCurl is held to. Others differ in odd corners, such as
// what becomes of a # in -G, or which blanks are escaped how.
const heldTo = "7.88."

// realCurl sends lines with the curl that is installed to a sandbox.
type realCurl struct {
	t         *testing.T
	path, url string
	dir       string // where curl runs, with an empty photo.png
	host      *fakes.Host
	got       chan sent
	read      sent // by the host, of the request that it answers
}

func newRealCurl(t *testing.T) *realCurl {
	t.Helper()
	path, err := exec.LookPath("curl")
	if err != nil {
		t.Skip("curl is not installed")
	}
	version, err := exec.CommandContext(t.Context(), path, "--version").Output()
	require.NoError(t, err)
	if !strings.HasPrefix(string(version), "curl "+heldTo) {
		t.Skipf("lines are held to curl %s, this is %.30q", heldTo, version)
	}
	c := &realCurl{t: t, path: path, dir: t.TempDir(), got: make(chan sent, 100)}
	require.NoError(t, os.WriteFile(filepath.Join(c.dir, "photo.png"), nil, 0o600))
	docs, err := openapi.LoadAll()
	require.NoError(t, err)
	c.host, err = fakes.New(fakes.Config{APIs: all.APIs(), Documents: docs, Recorder: c})
	require.NoError(t, err)
	handler := server.New(c.host, server.Options{})
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		assert.NoError(t, err)
		r.Body = io.NopCloser(bytes.NewReader(body))
		c.read = sent{}
		handler.ServeHTTP(w, r)
		s := c.read
		s.method, s.uri, s.body = r.Method, r.RequestURI, string(body)
		s.contentType, s.accept = r.Header["Content-Type"], r.Header.Get("Accept")
		c.got <- s
	}))
	t.Cleanup(srv.Close)
	c.url = srv.URL
	return c
}

func (c *realCurl) Open(*fakes.Tenant) any { return nil }

func (c *realCurl) Record(x *fakes.Exchange) {
	c.read = sent{operation: x.Operation, values: slices.Clone(x.Values)}
}

// run gives the words of a line to curl, and returns what it complains of.
func (c *realCurl) run(line string) (string, error) {
	words, err := request.Words(line)
	require.NoError(c.t, err, line)
	cmd := exec.CommandContext(c.t.Context(), c.path, append([]string{"-q", "-sS", "-m", "60", "--noproxy", "*"}, words[1:]...)...)
	cmd.Dir = c.dir
	var complaint strings.Builder
	cmd.Stderr = &complaint
	err = cmd.Run()
	return complaint.String(), err
}

// send is what arrives of a line.
func (c *realCurl) send(line string) sent {
	c.t.Helper()
	complaint, err := c.run(line)
	require.NoError(c.t, err, "%s\n%s", line, complaint)
	select {
	case s := <-c.got:
		return s
	case <-time.After(time.Minute):
		require.Fail(c.t, "the server passed nothing on", line)
		return sent{}
	}
}

// parse is what ParseCurl makes of a line.
func (c *realCurl) parse(line string) sent {
	c.t.Helper()
	m, _, err := request.ParseCurl(line)
	require.NoError(c.t, err, line)
	r, err := m.Request(c.t.Context())
	require.NoError(c.t, err, line)
	s := sent{method: r.Method, uri: r.URL.RequestURI(), body: string(m.Body), contentType: r.Header["Content-Type"], accept: r.Header.Get("Accept")}
	x, err := c.host.Inspect(r, fakes.Inspection{})
	require.NoError(c.t, err, line)
	s.operation, s.values = x.Operation, slices.Clone(x.Values)
	return s
}

// plain makes alike what may differ: boundaries, the case of escapes, and the Accept that
// curl sends of itself.
func (s sent) plain() sent {
	s.contentType = slices.Clone(s.contentType)
	for i, v := range s.contentType {
		at := strings.LastIndex(v, "boundary=")
		if at < 0 || !strings.Contains(s.body, v[at+len("boundary="):]) {
			continue
		}
		line := v[at+len("boundary="):]
		s.contentType[i] = v[:at] + "boundary=B"
		s.body = strings.ReplaceAll(s.body, line, "B")
		for j := range s.values { // of a form that was sent as another
			s.values[j].Name = strings.ReplaceAll(s.values[j].Name, line, "B")
			s.values[j].Value = strings.ReplaceAll(s.values[j].Value, line, "B")
		}
	}
	s.uri = regexp.MustCompile("%[0-9a-f]{2}").ReplaceAllStringFunc(s.uri, strings.ToUpper)
	if s.accept == "*/*" {
		s.accept = ""
	}
	return s
}

// TestParseCurlAsCurl holds what ParseCurl reads to what curl sends, byte by byte, and to
// what a sandbox reads in both.
func TestParseCurlAsCurl(t *testing.T) {
	c := newRealCurl(t)
	for _, options := range curlOptions {
		line := "curl " + options
		for name, path := range map[string]string{
			"POLYV":  "/polyv/v2/danmu/8205ac89d3/delete",
			"QQTUBE": "/qqtube/v1-api",
			"QULIVE": "/qulive/user/login",
			"VOTE":   "/interstream/api.php",
		} {
			line = strings.ReplaceAll(line, name, c.url+path)
		}
		assert.Equal(t, c.send(line).plain(), c.parse(line).plain(), options)
	}
}

// curlOptions are spellings of requests.
var curlOptions = []string{
	"POLYV",
	"POLYV?danmuIds=1",
	"-X POST 'POLYV?danmuIds=1'",
	"-I 'QULIVE?username=demo'",

	"-d danmuIds=1 POLYV",
	"-d danmuIds=1 -d 'ptime=2&sign=x' POLYV",
	"-d '' -X PUT POLYV",
	"--data 'danmuIds=1 2+3%20é' POLYV",
	"--data-ascii danmuIds=1 POLYV",
	"--data-binary $'danmuIds=1\\n2' POLYV",
	"--data-raw @x=1 POLYV",
	"-d a=1 --data-raw b=2 --data-binary c=3 --data-urlencode 'd=4 5' POLYV",
	"-X GET -d danmuIds=1 POLYV",
	"-X GET -d username=demo QULIVE",
	"-X PUT -d danmuIds=1 POLYV",
	"-d 'go=users' -d do=set_content_vote 'VOTE?go=users&do=set_content_vote'",
	"-d action=add 'QQTUBE?action=funds'",

	"--data-urlencode 'danmuIds=1 2+3&é~=' POLYV",
	"--data-urlencode '=a b' POLYV",
	"--data-urlencode 'a b' POLYV",
	"--data-urlencode 'a b=c d' POLYV",
	"--data-urlencode 'a@b=c' POLYV",
	"--data-urlencode '' -d a=1 POLYV",

	"-G -d danmuIds=1 POLYV",
	"-G POLYV",
	"-G -d a=1 --data-urlencode 'b=2 3' 'POLYV?c=4'",
	"-G -d a=1 'POLYV?c=4&'",
	"-G -d '&a=1' 'POLYV?c'",
	"-G -d 'a=1#2' 'POLYV#c'",
	"-G -X POST -d a=1 POLYV",
	"-G -I -d a=1 QULIVE",
	"-d a=1 --get QULIVE",
	"-G -F danmuIds=1 POLYV",
	"--url-query 'a=1 2' --url-query '+b=3+4' --url-query 'c d' --url-query '=e f' POLYV",
	"--url-query 'a=1' -d danmuIds=1 'POLYV?b=2'",
	"--url-query a=1 -G 'POLYV'",

	"--json '{\"danmuIds\":1}' POLYV",
	"--json '{\"a\":1}' --json x POLYV",
	"--json '{\"a\":1}' -d b=2 POLYV",
	"-d b=2 --json '{\"a\":1}' POLYV",
	"--json '{}' -H 'content-type: text/x' -H 'Accept: a/b' POLYV",
	"--json '{}' -H 'Content-Type:' -H 'accept;' POLYV",
	"-G -g --json 'a=1' POLYV",

	"-F danmuIds=1 POLYV",
	"-F danmuIds=1 -F danmuIds=2 -F ptime= POLYV",
	"-F 'danmuIds=1;filename=x' POLYV",
	"-F 'danmuIds=1;filename=\"x y\"' POLYV",
	"-F 'danmuIds=1;filename=\"x;\\\"\\\\ .TXT\"' POLYV",
	"-F 'danmuIds=1;filename=' POLYV",
	"-F 'danmuIds=1;Filename= x ;type=a/b' POLYV",
	"-F 'danmuIds=1;type=text/html; charset=utf-8 ; x=y;filename=x.png' POLYV",
	"-F 'danmuIds=1;type=text/plain;type=a/b' POLYV",
	"-F 'danmuIds=1;type=\"text/plain\"' POLYV",
	"-F 'danmuIds=1;type=a/b;filename=x;type=c/d' POLYV",
	"-F 'danmuIds=1;2' POLYV",
	"-F 'danmuIds=1;2;filename=x' POLYV",
	"-F 'danmuIds=1,2' POLYV",
	"-F 'danmuIds= 1 2 ' POLYV",
	"-F $'danmuIds=1\\n' POLYV",
	"-F 'danmuIds= \" 1;2 \" ' POLYV",
	"-F 'danmuIds=\"1\\\"2\\\\3\\4\"' POLYV",
	"-F 'danmuIds=1\\\"2\"3' POLYV",
	"-F 'danmuIds=\"1\"x;filename=y' POLYV",
	"-F 'danmuIds=\"1;2' POLYV",
	"-F 'danmuIds=a)' POLYV",
	"-F '=1' POLYV",
	"-F 'a b=1' -F $'n\"\\\\\\n=2' POLYV",
	"--form-escape -F 'n\"\\=2' POLYV",
	"-F danmuIds=@photo.png POLYV",
	"-F 'danmuIds=@\"photo.png\";type=a/b' POLYV",
	"-F 'danmuIds=@photo.png;filename=\"q\\\"r.pdf\"' POLYV",
	"-F 'danmuIds=@photo.png;filename=x' POLYV",
	"-F 'danmuIds=@./photo.png;filename=' POLYV",
	"--form-string 'danmuIds=1;filename=x' POLYV",
	"--form-string 'danmuIds=\"1\";type=a/b' --form-string a=@x --form-string 'b=<x' --form-string c='(' POLYV",
	"-X PUT -F danmuIds=1 POLYV",
	"-F go=users 'VOTE?go=users&do=set_content_vote'",

	"-F danmuIds=1 -H 'Content-Type: multipart/form-data' POLYV",
	"-F danmuIds=1 -H 'Content-Type: multipart/form-data; boundary=x' POLYV",
	"-F danmuIds=1 -H 'content-type: Multipart/Form-Data;charset=utf-8' POLYV",
	"-F danmuIds=1 -H 'Content-Type: application/json' POLYV",
	"-F danmuIds=1 -H 'Content-Type: application/x-www-form-urlencoded' POLYV",
	"-F danmuIds=1 -H 'Content-Type: a/b' -H 'Content-Type: multipart/form-data' POLYV",
	"-F danmuIds=1 -H 'Content-Type;' POLYV",
	"-F danmuIds=1 -H 'Content-Type:' POLYV",
	"-d danmuIds=1 -H 'Content-Type;' POLYV",
	"-d danmuIds=1 -H 'Content-Type:' POLYV",
	"-d danmuIds=1 -H 'Content-Type: ' POLYV",
	"-d danmuIds=1 -H 'Content-Type; ' POLYV",
	"-d danmuIds=1 -H 'Content-Type; a/b' POLYV",
	"-d danmuIds=1 -H 'Content-Type' POLYV",
	"-d danmuIds=1 -H ': a/b' POLYV",
	"-d danmuIds=1 -H 'content-type: text/plain' POLYV",
	"-d danmuIds=1 -H 'Content-Type: text/plain' -H 'Content-Type: application/x-www-form-urlencoded' POLYV",
	"-d danmuIds=1 -H 'Content-Type: application/x-www-form-urlencoded' -H 'Content-Type: text/plain' POLYV",
	"-d danmuIds=1 -H 'Content-Type:' -H 'Content-Type: text/plain' POLYV",
	"-d danmuIds=1 -H 'Content-Type: text/plain' -H 'Content-Type:' POLYV",
	"-d danmuIds=1 -H 'Content-Type;' -H 'Content-Type: application/x-www-form-urlencoded' POLYV",
	"-d danmuIds=1 -H 'Content-Type: application/x-www-form-urlencoded; charset=utf-8' POLYV",
	"-d '--x' -H 'Content-Type: multipart/form-data' POLYV",
	"-H 'Content-Type: application/x-www-form-urlencoded' POLYV",
	"-H 'Accept;' -H 'X:' POLYV",

	"'POLYV/../x//./delete?a=/../b'",
	"--path-as-is 'POLYV/../delete'",
	"'QULIVE/%C3%A9?a=%c3%a9+b'",
	"'QULIVE?a[]=1&b=[::1]'",
	"'QULIVE?a\\[\\]=1&b=\\{\\}'",
	"-g 'QULIVE?a[]=1&b={}'",
	"'QULIVE?'",
}

// TestParseCurlRefusesAsCurl: what curl does not send is no request.
func TestParseCurlRefusesAsCurl(t *testing.T) {
	c := newRealCurl(t)
	for options, want := range map[string]string{
		"-F danmuIds=1 -d a=1":       "-F and -d",
		"-F danmuIds=1 --json 1":     "-F and -d",
		"-I -d a=1":                  "-I cannot be used",
		"-I -F a=1":                  "-I cannot be used",
		"-F danmuIds":                "has no =",
		"--form-string danmuIds":     "has no =",
		"-F 'danmuIds=1;type=bad'":   "a type that is none",
		"-F 'danmuIds=1;type=/bad'":  "a type that is none",
		"-F 'danmuIds=1;type=a b/c'": "a type that is none",
		"-F '=)'":                    "a form within the form",
		"-G -d 'a=1 2'":              "has a blank",
		"--url-query '+1 2'":         "has a blank",
		"'URL?a[1]=1'":               "takes its [",
		"'URL?a={'":                  "takes its {",
		"'URL?a]'":                   "takes its ]",
	} {
		line := "curl " + strings.ReplaceAll(options, "URL", c.url+"/polyv/")
		if !strings.Contains(options, "URL") {
			line += " " + c.url + "/polyv/"
		}
		_, _, err := request.ParseCurl(line)
		assert.ErrorContains(t, err, want, options)
		_, err = c.run(line)
		assert.Error(t, err, options)
		assert.Empty(t, c.got, options)
	}
}
