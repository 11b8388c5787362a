package durable_test

import (
	"bytes"
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/mediasandbox/sandbox/internal/clock"
	"github.com/mediasandbox/sandbox/internal/durable"
	"github.com/mediasandbox/sandbox/internal/store"
)

// A start writes a log of more than 16 MiB anew, and leaves a shorter one as it is.
func TestCompactedAtStart(t *testing.T) {
	const bound = 16 << 20
	for name, row := range map[string]struct {
		record int // bytes of each of two changes, of which the second is enough
		again  bool
	}{
		"just below": {bound/2 - 1<<20, false},
		"just above": {bound/2 + 1, true},
	} {
		t.Run(name, func(t *testing.T) {
			dir, cfg := t.TempDir(), config(t, clock.New(nil))
			h, err := durable.Open(cfg, dir, store.Never)
			require.NoError(t, err)
			state, err := h.Export(h.Default(), "polyv")
			require.NoError(t, err)
			title := []byte(`"title":"`)
			require.Contains(t, string(state), string(title))
			state = bytes.Replace(state, title, append(title, bytes.Repeat([]byte("x"), row.record)...), 1)
			for range 2 {
				require.NoError(t, h.Import(h.Default(), map[string]json.RawMessage{"polyv": state}))
			}
			before := h.Size()
			assert.Equal(t, row.again, before > bound)
			require.NoError(t, h.Close())

			h, err = durable.Open(cfg, dir, store.Never)
			require.NoError(t, err)
			if row.again {
				assert.Less(t, h.Size(), before*3/4)
			} else {
				assert.Equal(t, before, h.Size())
			}
			again, err := h.Export(h.Default(), "polyv")
			require.NoError(t, err)
			assert.Len(t, again, len(state))
			require.NoError(t, h.Close())
		})
	}
}
