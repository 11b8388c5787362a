package polyv

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/mediasandbox/sandbox/fakes"
)

// The bounds as docs/limits.md has them; TestLimits brings some that it can reach.
func TestBounds(t *testing.T) {
	want := limits{videos: 10_000, categories: 10_000, danmu: 2_000_000, tasks: 100_000, logs: 2_000_000}
	assert.Equal(t, want, New(fakes.Env{Tenant: "other", Seed: 1}).limits)
	w := &World{}
	require.NoError(t, w.Restore(fakes.Env{Tenant: "other", Seed: 1}))
	assert.Equal(t, want, w.limits, "of a state that came from outside")
}
