package qqtube

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/mediasandbox/sandbox/fakes"
)

// The bounds as docs/limits.md has them; TestAddBound brings one that it can reach.
func TestBounds(t *testing.T) {
	assert.Equal(t, 2_000_000, world(t).limit)
	w := &World{NextID: 1}
	require.NoError(t, w.Restore(fakes.Env{}))
	assert.Equal(t, 2_000_000, w.limit, "of a state that came from outside")

	w = world(t)
	url := func(size int) string { return "https://a/" + strings.Repeat("x", size-len("https://a/")) }
	mustPlace(t, w, noon, "id_service", "30", "quantity", "1000", "url", url(2048))
	_, err := place(w, noon, "id_service", "30", "quantity", "1000", "url", url(2049))
	assert.Equal(t, []string{"url-invalid"}, refused(t, err))
}
