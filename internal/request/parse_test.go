package request_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/mediasandbox/sandbox/internal/request"
)

func TestParseCurl(t *testing.T) {
	formHeader := http.Header{"Content-Type": {form}}
	for line, want := range map[string]request.Message{
		"curl http://x/y": {Method: "GET", URL: "http://x/y", Header: http.Header{}},
		"$ curl -sSL 'http://x/y?a=1&b=2#frag' | jq .":                                    {Method: "GET", URL: "http://x/y?a=1&b=2", Header: http.Header{}},
		"curl localhost:7311/p?u=http://e.test/":                                          {Method: "GET", URL: "http://localhost:7311/p?u=http://e.test/", Header: http.Header{}},
		"/usr/bin/curl -I https://x":                                                      {Method: "HEAD", URL: "https://x", Header: http.Header{}},
		"curl.exe --url http://x -d a=1 --data 'b=2 3'":                                   {Method: "POST", URL: "http://x", Header: formHeader, Body: []byte("a=1&b=2 3")},
		"curl -XPUT -d'{}' -H'Content-Type: application/json' http://x":                   {Method: "PUT", URL: "http://x", Header: http.Header{"Content-Type": {"application/json"}}, Body: []byte("{}")},
		"curl -G http://x/?a=1 -d b=2 --data-urlencode 'c=3 4&5'":                         {Method: "GET", URL: "http://x/?a=1&b=2&c=3+4%265", Header: http.Header{}},
		"curl http://x --data-urlencode '=a+b' --data-urlencode 'é'":                      {Method: "POST", URL: "http://x", Header: formHeader, Body: []byte("a%2Bb&%C3%A9")},
		"curl http://x --data-raw @notafile":                                              {Method: "POST", URL: "http://x", Header: formHeader, Body: []byte("@notafile")},
		"curl http://x -d ''":                                                             {Method: "POST", URL: "http://x", Header: formHeader, Body: []byte("")},
		"curl --json '{\"a\":1}' http://x":                                                {Method: "POST", URL: "http://x", Header: http.Header{"Content-Type": {"application/json"}, "Accept": {"application/json"}}, Body: []byte(`{"a":1}`)},
		"curl -u user:pa:ss http://x":                                                     {Method: "GET", URL: "http://x", Header: http.Header{"Authorization": {"Basic dXNlcjpwYTpzcw=="}}},
		"curl http://user:pass@x/":                                                        {Method: "GET", URL: "http://x/", Header: http.Header{"Authorization": {"Basic dXNlcjpwYXNz"}}},
		"curl -A ua -e ref -b b=0 -b c=1 -H 'X-Empty;' -H 'Accept:' http://x":             {Method: "GET", URL: "http://x", Header: http.Header{"User-Agent": {"ua"}, "Referer": {"ref"}, "Cookie": {"b=0; c=1"}, "X-Empty": {""}}},
		"curl \\\n  -X POST \\\r\n  \"http://x/\\\"q\\\"\" --compressed -m 5 -o out":      {Method: "POST", URL: "http://x/%22q%22", Header: http.Header{}},
		`curl http://x -d $'a\x41\u00e9\101\n\'' -d "b=\$5 \` + "`" + `c\` + "`" + ` 5$"`: {Method: "POST", URL: "http://x", Header: formHeader, Body: []byte("aAéA\n'&b=$5 `c` 5$")},
		"curl -- http://x":                                                                {Method: "GET", URL: "http://x", Header: http.Header{}},
		"curl http://x # a comment":                                                       {Method: "GET", URL: "http://x", Header: http.Header{}},
		"curl http://x -d a=1 -H Content-Type:":                                           {Method: "POST", URL: "http://x", Header: http.Header{}, Body: []byte("a=1")},
		"curl 'http://x/?a=1'\\''2' --no-buffer":                                          {Method: "GET", URL: "http://x/?a=1'2", Header: http.Header{}},
		"curl --oauth2-bearer tok -r 0-9 http://x":                                        {Method: "GET", URL: "http://x", Header: http.Header{"Authorization": {"Bearer tok"}, "Range": {"bytes=0-9"}}},
	} {
		m, notes, err := request.ParseCurl(line)
		require.NoError(t, err, line)
		assert.Empty(t, notes, line)
		assert.Equal(t, want, m, line)
	}
}

func TestParseCurlForm(t *testing.T) {
	m, notes, err := request.ParseCurl(`curl http://x -F vote=like -F 'ip=1.2.3.4;type=text/plain' --form-string 'raw=@x;type=y' -F 'q="a\"b"' -F up=@photo.png`)
	require.NoError(t, err)
	assert.Equal(t, []string{`The content of the file "photo.png" is left out: files are not read.`}, notes)
	assert.Equal(t, "POST", m.Method)
	r, err := m.Request(t.Context())
	require.NoError(t, err)
	require.NoError(t, r.ParseMultipartForm(1<<20))
	assert.Equal(t, map[string][]string{"vote": {"like"}, "ip": {"1.2.3.4"}, "raw": {"@x;type=y"}, "q": {`a"b`}}, r.MultipartForm.Value)
	assert.Len(t, r.MultipartForm.File["up"], 1)
}

func TestParseCurlNotes(t *testing.T) {
	for line, want := range map[string]string{
		"curl http://x/?a=1&sign=2":                                   `The URL is not quoted: the shell ends the command at the first &, so that "&sign=2" was not sent.`,
		"curl http://x http://y":                                      "The line has 2 URLs; only the first was read.",
		"curl http://x -H nocolon":                                    `curl sends no header for "nocolon": it has no colon.`,
		"curl http://x -H 'a;b'":                                      `curl sends no header for "a;b": it has no colon, and more than a semicolon in its place.`,
		"curl http://x -F 'a=1;2;3'":                                  `curl leaves ";2" of the form field "a" out: put its value into double quotes, or give it with --form-string.`,
		"curl http://x -G -d 'a=1#2'":                                 `"#2" was not sent: for curl, the # of what is added to the URL ends it.`,
		"curl http://x -b jar.txt":                                    `The cookies of the file "jar.txt" are left out: files are not read.`,
		"curl http://x -F a=1 -H 'Content-Type: multipart/form-data'": "The line sets Content-Type: multipart/form-data itself; curl adds the boundary to it.",
	} {
		_, notes, err := request.ParseCurl(line)
		require.NoError(t, err, line)
		assert.Equal(t, []string{want}, notes, line)
	}
}

func TestParseCurlNotesAreBounded(t *testing.T) {
	_, notes, err := request.ParseCurl("curl http://x" + strings.Repeat(" -H x", 1000))
	require.NoError(t, err)
	assert.Len(t, notes, 20)
}

func TestParseCurlRefuses(t *testing.T) {
	for line, want := range map[string]string{
		"":                                             "does not begin with",
		"wget http://x":                                "does not begin with",
		"curl":                                         "no URL",
		"curl 'http://x":                               "opened and not closed",
		`curl "http://x`:                               "opened and not closed",
		`curl $'http://x`:                              "opened and not closed",
		`curl $'a\`:                                    "opened and not closed",
		"curl http://x/?k=$API_KEY":                    "$API_KEY has a value in your shell only",
		"curl \"http://x/?k=${KEY}&b=1\"":              "${KEY} has a value",
		"curl http://x -d `date`":                      "has a value in your shell only",
		"curl http://x -d @body.json":                  `the file "body.json"`,
		"curl http://x --json @b":                      `the file "b"`,
		"curl http://x --data-urlencode n@f":           `the file "f"`,
		"curl http://x -F 'a=<f'":                      `the file "f"`,
		"curl http://x -H @h":                          `the file "h"`,
		"curl http://x -F 'a=1;headers=\"B: c\"'":      "headers or an encoder of its own",
		"curl http://x -F 'a=1; encoder=base64'":       "headers or an encoder of its own",
		"curl http://x -F 'a=(;type=x/y'":              "a form within the form",
		"curl http://x -F a=@b,c":                      "names several files",
		"curl http://x -H ';'":                         `"" cannot be the name of a header`,
		"curl http://x -H 'a : b'":                     `"a " cannot be the name of a header`,
		"curl http://x -G -d a=1 --url-query b=2":      "of which curl takes one",
		"curl http://x --url-query a@f":                `the file "f"`,
		"curl http://x/{a,b}":                          "add --globoff",
		"curl http://x -H ' @;'":                       `" @" cannot be the name of a header`,
		"curl http://x -H 'a b: c'":                    `"a b" cannot be the name of a header`,
		"curl http://x -F novalue":                     "has no =",
		"curl http://x -F a=1 -d b=2":                  "cannot be used together",
		"curl http://x --heder a:b":                    `no option --heder; did you mean "header"?`,
		"curl http://x -?":                             "no option -?",
		"curl http://x -H":                             "-H wants a value",
		"curl http://x --header":                       "--header wants a value",
		"curl http://x --next":                         "--next cannot be read",
		"curl http://x -K f":                           "--config cannot be read",
		"curl 'http://x/a b'":                          "has a blank",
		"curl ftp://x":                                 "scheme is ftp",
		"curl http://":                                 "has no host",
		"curl http://x:y/":                             "cannot be read",
		"curl " + strings.Repeat("x", request.MaxCurl): "more than",
	} {
		_, _, err := request.ParseCurl(line)
		require.Error(t, err, "%.80s", line)
		assert.Contains(t, err.Error(), want, "%.80s", line)
	}
}

// FuzzParseCurl: any line gives a request or an error, and what it gives can be written
// as a line again that means the same.
func FuzzParseCurl(f *testing.F) {
	for _, line := range []string{
		"curl http://x/?a=1 -d b=2", "curl -F a=b http://x", `curl $'http://x/\u00e9' -H 'A: b'`, "curl -G -d a=b x", "curl -X '' http://x",
		`curl --data-raw "a\"b" x`, "curl -I x -u a:b", "curl x -F 'a=\"b\"' -F c=@d", "curl x -d a -H 'Content-Type;'", "curl x --json 1 --json 2",
		"curl x -d a -H Content-Type:", "curl x -F 'a=1;filename=b;type=c/d;2'", "curl x -G -d a --url-query b", `curl 'x[]\{[::1]' -H 'a;' -H 'A: b'`,
	} {
		f.Add(line)
	}
	f.Fuzz(func(t *testing.T, line string) {
		m, _, err := request.ParseCurl(line)
		if err != nil {
			assert.NotEmpty(t, err.Error())
			return
		}
		if _, err := m.Request(t.Context()); err != nil {
			return // a method or header that net/http refuses
		}
		again, _, err := request.ParseCurl(m.Curl())
		if strings.HasPrefix(m.Curl(), "printf ") {
			return // a NUL: no curl line by itself
		}
		require.NoError(t, err, m.Curl())
		assert.Equal(t, m.Method, again.Method)
		assert.Equal(t, m.URL, again.URL)
		if !strings.HasPrefix(m.Header.Get("Content-Type"), "multipart/") {
			assert.Equal(t, m.Header["Content-Type"], again.Header["Content-Type"])
			assert.Equal(t, string(m.Body), string(again.Body))
		}
	})
}
