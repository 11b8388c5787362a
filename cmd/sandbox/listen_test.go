package main

import (
	"net"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/mediasandbox/sandbox/internal/config"
)

// A port that is taken is told with its flag; two flags that name one port are wrong use.
func TestPortsInUse(t *testing.T) {
	set, err := settings()
	require.NoError(t, err)
	taken, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer taken.Close()
	address := taken.Addr().String()
	refused := func(environ ...string) *failure {
		values, err := set.Read(nil, environ, config.File{})
		require.NoError(t, err)
		_, err = listen(t.Context(), values)
		var f *failure
		require.ErrorAs(t, err, &f)
		return f
	}
	f := refused("SANDBOX_LISTEN=" + address)
	assert.Equal(t, exitFailed, f.code)
	assert.Regexp(t, `^--listen: .*: address already in use; port 0 takes a free one$`, f.Error())
	f = refused("SANDBOX_LISTEN=127.0.0.1:0", "SANDBOX_ADMIN_LISTEN="+address)
	assert.Equal(t, exitFailed, f.code)
	assert.Regexp(t, `^--admin-listen: .*: address already in use; port 0 takes a free one$`, f.Error())

	require.NoError(t, taken.Close())
	f = refused("SANDBOX_LISTEN="+address, "SANDBOX_ADMIN_LISTEN="+address)
	assert.Equal(t, exitUsage, f.code)
	assert.Equal(t, "--listen and --admin-listen are the same port, "+address+"; without --admin-listen the admin API is there, too", f.Error())
}

func TestSameAs(t *testing.T) {
	l, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer l.Close()
	_, port, err := net.SplitHostPort(l.Addr().String())
	require.NoError(t, err)
	for host, want := range map[string]bool{"127.0.0.1": true, "localhost": true, "0.0.0.0": true, "": true, "127.0.0.2": false} {
		assert.Equal(t, want, sameAs(l, net.JoinHostPort(host, port)), host)
	}
	assert.False(t, sameAs(l, "127.0.0.1:1"))
}
