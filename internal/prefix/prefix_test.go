package prefix_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/mediasandbox/sandbox/internal/prefix"
)

func TestOf(t *testing.T) {
	for limit, want := range []string{"", "a", "a", "aé", "aé", "aé", "aé中", "aé中"} {
		assert.Equal(t, want, prefix.Of("aé中", limit), limit)
	}
	assert.Empty(t, prefix.Of("\x80\x80\x80", 2), "bytes that begin no character")
}
