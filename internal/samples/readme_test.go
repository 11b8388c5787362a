package samples

import (
	"net/http/httptest"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/mediasandbox/sandbox/fakes"
	"github.com/mediasandbox/sandbox/fakes/all"
	"github.com/mediasandbox/sandbox/internal/server"
	"github.com/mediasandbox/sandbox/specs/openapi"
)

// line is a command of the README with what it prints; "…" stands for anything.
type line struct{ command, output string }

// console returns the commands of a page's console blocks.
func console(text string) []line {
	var out []line
	for _, block := range regexp.MustCompile("(?s)```console\n(.*?)```").FindAllStringSubmatch(text, -1) {
		for _, l := range strings.Split(strings.TrimSpace(block[1]), "\n") {
			if command, ok := strings.CutPrefix(l, "$ "); ok {
				out = append(out, line{command: command})
			} else if n := len(out); n > 0 {
				out[n-1].output += l + "\n"
			}
		}
	}
	return out
}

// TestREADME pastes the README's curl lines, in order, and compares what they print.
func TestREADME(t *testing.T) {
	for _, name := range []string{"bash", "curl", "openssl", "sha1sum", "md5sum"} {
		if _, err := exec.LookPath(name); err != nil {
			t.Skipf("%s is not installed", name)
		}
	}
	text, err := os.ReadFile("../../README.md")
	require.NoError(t, err)
	docs, err := openapi.LoadAll()
	require.NoError(t, err)
	host, err := fakes.New(fakes.Config{APIs: all.APIs(), Documents: docs, OnBreach: func(b fakes.Breach) { t.Error(b) }})
	require.NoError(t, err)
	srv := httptest.NewServer(server.New(host, server.Options{}))
	t.Cleanup(srv.Close)
	ran := 0
	for _, l := range console(string(text)) {
		if !strings.Contains(l.command, "curl") {
			continue
		}
		ran++
		command := strings.ReplaceAll(l.command, "http://127.0.0.1:7311", srv.URL)
		out, err := exec.Command("bash", "-c", command).CombinedOutput()
		require.NoError(t, err, "%s\n%s", command, out)
		pattern := "^" + strings.ReplaceAll(regexp.QuoteMeta(strings.TrimSpace(l.output)), "…", ".*") + "$"
		assert.Regexp(t, pattern, strings.TrimSpace(string(out)), l.command)
	}
	assert.GreaterOrEqual(t, ran, 10, "the README lost its examples")
}
