package request_test

import (
	"math/rand/v2"
	"net/http"
	"os/exec"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/mediasandbox/sandbox/internal/contract"
	"github.com/mediasandbox/sandbox/internal/request"
)

const form = "application/x-www-form-urlencoded"

func TestCurl(t *testing.T) {
	for want, m := range map[string]request.Message{
		"curl http://x/y":                            {Method: "GET", URL: "http://x/y"},
		"curl 'http://x/y?a=1&b=%20'":                {Method: "GET", URL: "http://x/y?a=1&b=%20"},
		"curl --head http://x/":                      {Method: "HEAD", URL: "http://x/"},
		"curl -X DELETE http://x/":                   {Method: "DELETE", URL: "http://x/"},
		"curl -X POST http://x/":                     {Method: "POST", URL: "http://x/"},
		"curl http://x/ --data-raw 'a=1&b=it'\\''s'": {Method: "POST", URL: "http://x/", Body: []byte("a=1&b=it's"), Header: http.Header{"Content-Type": {form}}},
		"curl http://x/ -H 'Content-Type: application/json' --data-raw '{\"a\": \"$HOME\"}'": {
			Method: "POST", URL: "http://x/", Body: []byte(`{"a": "$HOME"}`), Header: http.Header{"Content-Type": {"application/json"}}},
		"curl -X PUT http://x/ -H 'X-Empty;' -H 'X-Two: 1' -H 'X-Two: 2' --data-raw @file": {
			Method: "PUT", URL: "http://x/", Body: []byte("@file"), Header: http.Header{"Content-Type": {form}, "X-Empty": {""}, "X-Two": {"1", "2"}}},
		`curl http://x/ --data-raw $'a\tb\n\'\\\001'`: {Method: "POST", URL: "http://x/", Body: []byte("a\tb\n'\\\x01"), Header: http.Header{"Content-Type": {form}}},
		`printf 'a\000b%%\\'\''\377' | curl http://x/ --data-binary @-`: {
			Method: "POST", URL: "http://x/", Body: []byte("a\x00b%\\'\xff"), Header: http.Header{"Content-Type": {form}}},
		"curl --path-as-is --globoff 'http://x/../[1]'": {Method: "GET", URL: "http://x/../[1]"},
		"curl ''": {Method: "GET"},
		// curl's own type is taken away where the message has none.
		"curl http://x/ -H Content-Type: --data-raw a=1":   {Method: "POST", URL: "http://x/", Body: []byte("a=1")},
		"curl http://x/ -H 'Content-Type;' --data-raw a=1": {Method: "POST", URL: "http://x/", Body: []byte("a=1"), Header: http.Header{"Content-Type": {""}}},
	} {
		assert.Equal(t, want, m.Curl())
	}
}

func TestCurlMultipart(t *testing.T) {
	p := interstreamVote(t)
	p.Multipart = true
	p.Args["vote"] = "@like;type=x"
	b, err := p.Build()
	require.NoError(t, err)
	line := b.Curl()
	assert.Contains(t, line, " --form-string contentID=2635 --form-string 'vote=@like;type=x'")
	assert.NotContains(t, line, "boundary")

	r, err := b.Request(t.Context())
	require.NoError(t, err)
	same, err := request.Curl(r)
	require.NoError(t, err)
	assert.Equal(t, line, same)
}

// nasty draws text from what shells, curl and URLs find hard.
func nasty(r *rand.Rand) string {
	pool := []string{"a", "Z", "0", " ", "'", "\"", "\\", "$", "`", "\n", "\t", "\r", "!", "#", "&", "=", "?", "%", "+", "@", ";",
		"<", ">", "|", "(", ")", "{", "}", "[", "]", "*", "~", "^", "-", "--", "\x01", "\x7f", "é", "中文", "😀", "\xff", "$'", "$(x)", "\\n", "${HOME}"}
	var out strings.Builder
	for range r.IntN(12) {
		out.WriteString(pool[r.IntN(len(pool))])
	}
	return out.String()
}

// TestCurlRoundTrip holds Curl and ParseCurl to each other, and both to a real shell.
func TestCurlRoundTrip(t *testing.T) {
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	r := rand.New(rand.NewPCG(seed, 0))
	bash, bashErr := exec.LookPath("bash")
	vote := interstreamVote(t)
	for i := range 2000 {
		p := vote
		p.Multipart = r.IntN(2) == 0
		p.BeforeSign = func(vs *contract.Values) {
			for range r.IntN(3) {
				*vs = append(*vs, contract.Value{Name: "n" + strings.Trim(nasty(r), "="), Value: nasty(r), In: contract.InForm})
			}
		}
		b, err := p.Build()
		require.NoError(t, err)
		line := b.Curl()
		m, notes, err := request.ParseCurl(line)
		require.NoError(t, err, line)
		assert.Empty(t, notes)
		assert.Equal(t, b.Method, m.Method)
		assert.Equal(t, b.URL, m.URL)
		want, err := p.Document.ParseValues(nil, "", b.Header.Get("Content-Type"), b.Body)
		require.NoError(t, err)
		got, err := p.Document.ParseValues(nil, "", m.Header.Get("Content-Type"), m.Body)
		require.NoError(t, err)
		assert.Equal(t, want, got, line)
		if bashErr == nil && i < 20 {
			sameInShell(t, bash, line)
		}
		if t.Failed() {
			return
		}
	}
}

// sameInShell asks a real shell for the words of a line.
func sameInShell(t *testing.T, bash, line string) {
	t.Helper()
	words, err := request.Words(line)
	require.NoError(t, err)
	out, err := exec.Command(bash, "-c", `curl() { printf '%s\0' curl "$@"; }; `+line).Output()
	require.NoError(t, err, line)
	assert.Equal(t, words, strings.Split(strings.TrimSuffix(string(out), "\x00"), "\x00"), line)
}

func TestQuoteInShell(t *testing.T) {
	bash, err := exec.LookPath("bash")
	if err != nil {
		t.Skip("no bash")
	}
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	r := rand.New(rand.NewPCG(seed, 0))
	for range 50 {
		text := nasty(r)
		line := "curl " + request.Quote(text)
		sameInShell(t, bash, line)
		words, err := request.Words(line)
		require.NoError(t, err)
		assert.Equal(t, []string{"curl", text}, words)
	}
}

// TestPrintfInShell lets a real shell write a body that no argument can carry.
func TestPrintfInShell(t *testing.T) {
	m := request.Message{Method: "POST", URL: "http://x/"}
	for i := range 256 {
		m.Body = append(m.Body, byte(i))
	}
	out, err := exec.Command("sh", "-c", `curl() { cat; }; `+m.Curl()).Output()
	if err != nil {
		t.Skip("no sh")
	}
	assert.Equal(t, m.Body, out)
}
