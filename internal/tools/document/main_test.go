package main

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestPagesAreCurrent(t *testing.T) {
	pages, err := pages()
	require.NoError(t, err)
	for name, want := range pages {
		have, err := os.ReadFile(filepath.Join("..", "..", "..", "docs", name))
		require.NoError(t, err)
		current := want == string(have)
		assert.True(t, current, "docs/%s is out of date: run go generate ./...", name)
	}
}
