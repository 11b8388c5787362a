package admin

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

// TestDefaultOfCheckpoints: the other tests bring a bound that they can reach.
func TestDefaultOfCheckpoints(t *testing.T) {
	assert.Equal(t, 512<<20, New(nil, Config{}).checkpoints.limit)
	assert.Equal(t, 1, New(nil, Config{MaxCheckpoints: 1}).checkpoints.limit)
}
