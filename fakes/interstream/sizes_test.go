package interstream

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

// The bound as docs/limits.md has it: the test that meets it goes by its name.
func TestSizeOfBound(t *testing.T) {
	assert.Equal(t, 100_000, MaxVotes)
}
