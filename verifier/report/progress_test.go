package report

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/mediasandbox/sandbox/verifier"
)

func TestProgressKeepsQuietAtFirst(t *testing.T) {
	var out bytes.Buffer
	p := NewProgress(&out, "fakes")
	p.Tell(verifier.Progress{Done: 1, Total: 2, Result: passing()})
	p.Close()
	assert.Empty(t, out.String())
}

func TestProgressOfALongRun(t *testing.T) {
	var out bytes.Buffer
	p := NewProgress(&out, "real")
	p.begun = time.Now().Add(-2 * patience)
	p.Tell(verifier.Progress{Done: 1, Total: 4, Result: passing()})
	p.Tell(verifier.Progress{Done: 2, Total: 4, Result: failing()})
	p.Tell(verifier.Progress{Done: 3, Total: 4, Result: refuted()})
	assert.Contains(t, out.String(), "real")
	assert.Contains(t, out.String(), "/4)")
	p.Close()
	assert.True(t, strings.HasSuffix(out.String(), "\r"), "nothing is left of the bar: %q", out.String())
	assert.Equal(t, 1, p.failed)
	p.Close() // a second time changes nothing
}
