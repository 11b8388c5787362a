package examples_test

import (
	"os"
	"os/exec"
	"regexp"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// The pipelines run elsewhere; what can be held here is that they are YAML, and that the
// flags and variables they use exist.
func TestPipelines(t *testing.T) {
	sandbox := build(t, t.TempDir(), "sandbox", "../cmd/sandbox")
	help := func(command string) string {
		out, err := exec.Command(sandbox, command, "--help").Output()
		require.NoError(t, err)
		return string(out)
	}
	ofExec, ofServe := help("exec"), help("serve")
	used := 0
	for _, file := range []string{"github-actions.yml", "gitlab-ci.yml", "compose.yaml"} {
		data, err := os.ReadFile(file)
		require.NoError(t, err)
		var tree map[string]any
		require.NoError(t, yaml.Unmarshal(data, &tree), file)
		for _, line := range regexp.MustCompile(`sandbox exec (.*?) -- `).FindAllStringSubmatch(string(data), -1) {
			for _, flag := range regexp.MustCompile(`--[a-z-]+`).FindAllString(line[1], -1) {
				assert.Contains(t, ofExec, " "+flag+" ", file)
				used++
			}
		}
		for _, name := range regexp.MustCompile(`SANDBOX_([A-Z_]+):`).FindAllStringSubmatch(string(data), -1) {
			flag := "--" + strings.ReplaceAll(strings.ToLower(name[1]), "_", "-")
			assert.Contains(t, ofServe, " "+flag+" ", file)
			used++
		}
	}
	assert.GreaterOrEqual(t, used, 8)
}
