package record

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/mediasandbox/sandbox/internal/contract"
)

// TestDefaults: TestLimits brings a bound that it can reach.
func TestDefaults(t *testing.T) {
	r, err := New(Config{
		Documents: map[string]*contract.Document{"shop": {}}, BaseURLs: map[string]string{"shop": "http://shop.example"}, Dir: t.TempDir(),
	})
	require.NoError(t, err)
	assert.Equal(t, 10_000, r.cfg.MaxExchanges)
}
