// Package examples holds small clients of the five APIs, each in the manner of its language.
// The tests run every one of them as a user would, through "sandbox exec".
package examples_test

import (
	"bytes"
	"flag"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

var update = flag.Bool("update", false, "write what the examples print into testdata")

// example is one client.
type example struct {
	name    string
	command []string
	api     string
	// outcomes are at least how many outcomes of the API it meets: that it does call, and
	// meets failures too, shows in the coverage.
	outcomes int
	// lacks says in words what this machine lacks to run it, "" for nothing.
	lacks func() string
}

func examples(program string) []example {
	return []example{
		{"go-qqtube", []string{program}, "qqtube", 7, nothing},
		{"php-polyv", []string{"php", "php/polyv.php"}, "polyv", 9, php},
		{"python-interstream", []string{"python3", "python/interstream.py"}, "interstream", 8, python},
		{"javascript-cliparto", []string{"node", "javascript/cliparto.mjs"}, "cliparto", 9, node},
		{"javascript-qulive", []string{"node", "javascript/qulive.mjs"}, "qulive", 9, node},
	}
}

func nothing() string { return "" }

func php() string {
	out, err := exec.Command("php", "-r", "echo PHP_VERSION_ID, ' ', extension_loaded('curl') ? 1 : 0;").Output()
	version, curl, _ := strings.Cut(string(out), " ")
	if n, _ := strconv.Atoi(version); err != nil || n < 80100 || curl != "1" {
		return "PHP 8.1 with curl (Debian: php-cli, php-curl)"
	}
	return ""
}

func python() string {
	if exec.Command("python3", "-c", "import sys; sys.exit(sys.version_info < (3, 9))").Run() != nil {
		return "Python 3.9"
	}
	return ""
}

func node() string {
	out, err := exec.Command("node", "-p", "process.versions.node.split('.')[0]").Output()
	if n, _ := strconv.Atoi(strings.TrimSpace(string(out))); err != nil || n < 20 {
		return "Node.js 20"
	}
	return ""
}

func build(t *testing.T, dir, name, pkg string) string {
	t.Helper()
	if runtime.GOOS == "windows" {
		name += ".exe"
	}
	program := filepath.Join(dir, name)
	out, err := exec.Command("go", "build", "-o", program, pkg).CombinedOutput()
	require.NoError(t, err, "%s", out)
	return program
}

func TestExamples(t *testing.T) {
	dir := t.TempDir()
	sandbox := build(t, dir, "sandbox", "../cmd/sandbox")
	for _, e := range examples(build(t, dir, "qqtube", "./go/qqtube")) {
		t.Run(e.name, func(t *testing.T) {
			if what := e.lacks(); what != "" {
				t.Skipf("%s is not installed", what)
			}
			report := filepath.Join(t.TempDir(), "coverage.md")
			cmd := exec.Command(sandbox, append([]string{"exec", "--report", report, "--"}, e.command...)...)
			var stdout, stderr bytes.Buffer
			cmd.Stdout, cmd.Stderr = &stdout, &stderr
			require.NoError(t, cmd.Run(), "%s%s", &stdout, &stderr)

			golden := filepath.Join("testdata", e.name+".txt")
			if *update {
				require.NoError(t, os.WriteFile(golden, stdout.Bytes(), 0o600))
			}
			want, err := os.ReadFile(golden)
			require.NoError(t, err)
			assert.Equal(t, string(want), stdout.String())

			covered, err := os.ReadFile(report)
			require.NoError(t, err)
			assert.GreaterOrEqual(t, outcomes(t, string(covered), e.api), e.outcomes, "%s", covered)
			assert.NotContains(t, stderr.String(), "not the tenant's", "it uses the credentials of its environment")
		})
	}
}

// outcomes reads how many outcomes of an API were met: "| polyv | 2 of 10 | 9 of 94 | 9.5% |".
func outcomes(t *testing.T, report, api string) int {
	t.Helper()
	for line := range strings.Lines(report) {
		cells := strings.Split(line, "|")
		if len(cells) > 3 && strings.TrimSpace(cells[1]) == api {
			met, _, _ := strings.Cut(strings.TrimSpace(cells[3]), " ")
			n, err := strconv.Atoi(met)
			require.NoError(t, err, line)
			return n
		}
	}
	t.Fatalf("the report has no line about %s", api)
	return 0
}
