package main

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/mediasandbox/sandbox/internal/config"
)

// Every bound on the page is held by a test that exists, and a setting has its default.
func TestLimitsPage(t *testing.T) {
	page, err := os.ReadFile("../../docs/limits.md")
	require.NoError(t, err)
	set, err := settings()
	require.NoError(t, err)
	values, err := set.Read(nil, nil, config.File{})
	require.NoError(t, err)

	named := regexp.MustCompile(`((?:cmd|fakes|internal)/[a-z]+)((?:,? Test[A-Za-z0-9]+)+)`)
	setting := regexp.MustCompile("`([a-z]+(?:-[a-z]+)+)` ([0-9][0-9A-Za-z]*)")
	text := map[string]string{} // of a package's tests
	rows := 0
	for line := range strings.Lines(string(page)) {
		if strings.HasPrefix(line, "| ") && !strings.HasPrefix(line, "| ---") && !strings.Contains(line, "| held by |") {
			rows++
			assert.Regexp(t, named, line, "no test is named")
		}
		for _, m := range named.FindAllStringSubmatch(line, -1) {
			if text[m[1]] == "" {
				files, err := filepath.Glob(filepath.Join("..", "..", m[1], "*_test.go"))
				require.NoError(t, err)
				require.NotEmpty(t, files, m[1])
				for _, file := range files {
					data, err := os.ReadFile(file)
					require.NoError(t, err)
					text[m[1]] += string(data)
				}
			}
			for _, name := range regexp.MustCompile(`Test\w+`).FindAllString(m[2], -1) {
				assert.Contains(t, text[m[1]], "func "+name+"(t *testing.T)", "%s has no test %s", m[1], name)
			}
		}
		for _, m := range setting.FindAllStringSubmatch(line, -1) {
			assert.Equal(t, m[2], values.Text(m[1]), "the default of %s", m[1])
		}
	}
	assert.Greater(t, rows, 30)
}
