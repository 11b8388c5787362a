package cliparto

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// The bounds as docs/limits.md has them: the tests that meet them go by their names.
func TestSizesOfBounds(t *testing.T) {
	assert.Equal(t, 1000, maxFTP)
	assert.Equal(t, 100_000, maxImages)
	assert.Equal(t, 1_000_000, maxSales)
	assert.Equal(t, 100_000, maxPayouts)
	require.NoError(t, fresh(t).UploadFTP(strings.Repeat("x", 255)), "TestUploadFTP has one byte more")
	assert.Equal(t, 180, maxAsked, "one in 20 seconds for an hour")
}
