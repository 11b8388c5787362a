package server

import (
	"log/slog"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
)

// The other tests of slow clients bring timeouts that they can wait for; these are the ones
// that a sandbox has.
func TestTimeouts(t *testing.T) {
	srv := newHTTPServer(nil, Timeouts{}.complete(), slog.New(slog.DiscardHandler))
	assert.Equal(t, 10*time.Second, srv.ReadHeaderTimeout)
	assert.Equal(t, time.Minute, srv.ReadTimeout)
	assert.Equal(t, 5*time.Minute, srv.WriteTimeout)
	assert.Equal(t, 2*time.Minute, srv.IdleTimeout)
	own := Timeouts{Header: 1, Read: 2, Write: 3, Idle: 4}
	assert.Equal(t, own, own.complete())
}
