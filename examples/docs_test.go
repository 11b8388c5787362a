package examples_test

import (
	"bufio"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// pasted is a line of the page with what it prints; "…" stands for anything.
type pasted struct{ command, output string }

func page(t *testing.T) (lines []pasted) {
	t.Helper()
	text, err := os.ReadFile("../docs/testing-with-the-sandbox.md")
	require.NoError(t, err)
	for _, block := range regexp.MustCompile("(?s)```console\n(.*?)```").FindAllStringSubmatch(string(text), -1) {
		for line := range strings.Lines(block[1]) {
			if command, ok := strings.CutPrefix(line, "$ "); ok {
				lines = append(lines, pasted{command: strings.TrimSpace(command)})
			} else {
				lines[len(lines)-1].output += line
			}
		}
	}
	return lines
}

// TestTestingWithTheSandbox pastes the page into one shell, beside a sandbox that runs.
func TestTestingWithTheSandbox(t *testing.T) {
	for _, name := range []string{"bash", "curl", "sed"} {
		if _, err := exec.LookPath(name); err != nil {
			t.Skipf("%s is not installed", name)
		}
	}
	dir := t.TempDir()
	sandbox := build(t, dir, "sandbox", "../cmd/sandbox")
	serve := exec.Command(sandbox, "serve", "--listen", "127.0.0.1:0")
	serve.Dir = dir
	stdout, err := serve.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, serve.Start())
	defer func() {
		serve.Process.Signal(syscall.SIGTERM)
		serve.Wait()
	}()
	first, err := bufio.NewReader(stdout).ReadString('\n')
	require.NoError(t, err)
	at := strings.TrimPrefix(strings.TrimSpace(first), "listening on http://")

	lines := page(t)
	require.GreaterOrEqual(t, len(lines), 20, "the page lost its examples")
	var script strings.Builder
	for i, l := range lines {
		fmt.Fprintf(&script, "%s\nprintf '\\n--- %d ---\\n'\n", strings.ReplaceAll(l.command, "127.0.0.1:7311", at), i)
	}
	shell := exec.Command("bash", "-c", script.String())
	shell.Dir = dir
	shell.Env = []string{"PATH=" + dir + string(filepath.ListSeparator) + os.Getenv("PATH"), "SANDBOX_LISTEN=" + at}
	out, err := shell.Output()
	require.NoError(t, err)
	rest := string(out)
	for i, l := range lines {
		got, after, found := strings.Cut(rest, fmt.Sprintf("\n--- %d ---\n", i))
		require.True(t, found, "%s", l.command)
		rest = after
		pattern := "(?s)^" + strings.ReplaceAll(regexp.QuoteMeta(squeeze(l.output)), "…", ".*") + "$"
		assert.Regexp(t, pattern, squeeze(got), l.command)
	}
}

// squeeze leaves empty lines out.
func squeeze(s string) string {
	return strings.TrimSpace(regexp.MustCompile(`\n\s*\n`).ReplaceAllString(s, "\n"))
}
