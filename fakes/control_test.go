package fakes_test

import (
	"errors"
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/mediasandbox/sandbox/fakes"
)

// The kind of a refusal does not show in its text, and survives being wrapped.
func TestKindsOfRefusals(t *testing.T) {
	missing, conflict := fakes.NotFound("no order %d", 7), fakes.Conflict("order %d is sent", 7)
	assert.EqualError(t, missing, "no order 7")
	assert.EqualError(t, conflict, "order 7 is sent")
	for err, kind := range map[error]error{missing: fakes.ErrNotFound, conflict: fakes.ErrConflict} {
		wrapped := fmt.Errorf("row 3: %w", err)
		assert.Equal(t, errors.Is(kind, fakes.ErrNotFound), errors.Is(wrapped, fakes.ErrNotFound))
		assert.Equal(t, errors.Is(kind, fakes.ErrConflict), errors.Is(wrapped, fakes.ErrConflict))
	}
}
