package journal_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/mediasandbox/sandbox/internal/journal"
)

// Of a body 64 KiB are kept, and the entry says how much there was.
func TestBoundOnBodies(t *testing.T) {
	const most = 64 << 10
	h, j := newHost(t, journal.Config{})
	for _, size := range []int{most, most + 1} {
		x := exchange(h.Default(), "stats", "fine")
		x.RequestBody, x.Reply = []byte(strings.Repeat("q", size)), []byte(strings.Repeat("r", size))
		j.Record(x)
	}
	entries := journal.Of(h.Default()).List(journal.Filter{}).Entries
	require.Len(t, entries, 2)
	assert.False(t, entries[0].Request.Cut)
	assert.False(t, entries[0].Reply.Cut)
	for _, v := range entries {
		assert.Len(t, v.Request.Body, most)
		assert.Len(t, v.Reply.Body, most)
	}
	assert.True(t, entries[1].Request.Cut)
	assert.True(t, entries[1].Reply.Cut)
	assert.Equal(t, most+1, entries[1].Request.Bytes)
	assert.Equal(t, most+1, entries[1].Reply.Bytes)
}
