package server_test

import (
	"io"
	"syscall"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// A fault that ends the connection does so as it says where connections are bounded, as
// they are by default, and makes room for the next one.
func TestFaultsThatEndTheConnection(t *testing.T) {
	t.Parallel()
	w := startWhole(t, wholeOptions{connections: 2}) // one of them is the admin's
	for kind, want := range map[string]error{"reset": syscall.ECONNRESET, "empty": io.EOF} {
		w.admin("PUT", "/faults/f", `{"kind":"`+kind+`"}`)
		for range 3 {
			conn := w.dial()
			_, err := io.WriteString(conn, rawOrder(pageKey))
			require.NoError(t, err)
			_, err = conn.Read(make([]byte, 1))
			assert.ErrorIs(t, err, want, kind)
		}
	}
}
