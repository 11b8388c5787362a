package span_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/mediasandbox/sandbox/internal/span"
)

func TestParse(t *testing.T) {
	const day = 24 * time.Hour
	for text, want := range map[string]time.Duration{
		"4m": 4 * time.Minute, "1h30m": 90 * time.Minute, "1d": day, "1d12h": day + 12*time.Hour, "250ms": 250 * time.Millisecond, "0s": 0, "0d": 0,
		"106751d23h47m16.854775807s": 1<<63 - 1,
	} {
		got, err := span.Parse(text)
		require.NoError(t, err, text)
		assert.Equal(t, want, got, text)
	}
	for text, says := range map[string]string{
		"": "wants a duration such as", "4": "wants", "d": "wants", "1d4": "wants", "1dx": "wants", "x": "wants", "1d-1h": "wants",
		"-1s": "not negative", "106752d": "is too long", "99999999999999999999d": "is too long", "9999999999h": "is too long",
	} {
		_, err := span.Parse(text)
		assert.ErrorContains(t, err, says, text)
	}
}
