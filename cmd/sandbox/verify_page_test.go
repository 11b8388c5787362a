package main

import (
	"bytes"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestVerifyingPage runs what docs/verifying.md shows; "…" stands for anything.
func TestVerifyingPage(t *testing.T) {
	text, err := os.ReadFile("../../docs/verifying.md")
	require.NoError(t, err)
	blocks := regexp.MustCompile("(?s)```console\n\\$ sandbox (.*?)\n(.*?)```").FindAllStringSubmatch(string(text), -1)
	require.NotEmpty(t, blocks)
	for _, b := range blocks {
		var args []string
		for _, word := range regexp.MustCompile(`'[^']*'|\S+`).FindAllString(b[1], -1) {
			args = append(args, strings.Trim(word, "'"))
		}
		var stdout, stderr bytes.Buffer
		assert.Equal(t, exitOK, run(t.Context(), args, &stdout, &stderr, nil), "%s\n%s%s", b[1], &stdout, &stderr)
		assert.Regexp(t, "^"+strings.ReplaceAll(regexp.QuoteMeta(b[2]), "…", ".*")+"$", stdout.String(), b[1])
	}
}

// The page names every flag of verify.
func TestVerifyingPageNamesEveryFlag(t *testing.T) {
	text, err := os.ReadFile("../../docs/verifying.md")
	require.NoError(t, err)
	var help, stderr bytes.Buffer
	require.Equal(t, exitOK, run(t.Context(), []string{"verify", "--help"}, &help, &stderr, nil))
	flags := regexp.MustCompile(`(?m)^ {6}(--[a-z-]+)`).FindAllStringSubmatch(help.String(), -1)
	require.Greater(t, len(flags), 15)
	for _, flag := range flags {
		if flag[1] != "--config" {
			assert.Contains(t, string(text), flag[1])
		}
	}
}
