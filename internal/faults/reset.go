package faults

import (
	"crypto/tls"
	"net"
	"net/http"

	"github.com/mediasandbox/sandbox/fakes"
)

// resetKind ends the connection with a TCP reset.
func resetKind() *kind {
	return &kind{
		name: "reset", fields: "handled",
		does: "The connection is reset (TCP RST) and no byte comes. Over HTTP/2, and in process, the exchange is aborted.",
		why:  "A server or firewall drops connections: whether the call was handled, nobody can tell from here.",
		apply: func(c *call) {
			c.breaks(false, func(w http.ResponseWriter, _ *http.Request, _ *fakes.Reply) { hangUp(w, true) })
		},
	}
}

// emptyKind ends the connection in good order, before an answer.
func emptyKind() *kind {
	return &kind{
		name: "empty", fields: "handled",
		does: "The connection is closed and no byte comes. Over HTTP/2, and in process, the exchange is aborted.",
		why:  "A server that restarts closes the connections it had kept open; a request that is just on its way meets that.",
		apply: func(c *call) {
			c.breaks(false, func(w http.ResponseWriter, _ *http.Request, _ *fakes.Reply) { hangUp(w, false) })
		},
	}
}

// hangUp closes the connection behind w. Where there is none to take, over HTTP/2 or in
// process, the panic tells net/http, or whoever calls the handler, to abort.
func hangUp(w http.ResponseWriter, reset bool) {
	conn, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		panic(http.ErrAbortHandler)
	}
	if t, ok := conn.(*tls.Conn); ok {
		conn = t.NetConn() // TLS would say goodbye
	}
	below := conn
	if wrapped, ok := conn.(interface{ NetConn() net.Conn }); ok { // the server's bound on connections
		below = wrapped.NetConn()
	}
	if t, ok := below.(*net.TCPConn); ok && reset {
		t.SetLinger(0) //nolint:errcheck // then it is closed in good order, which breaks the call too
	}
	conn.Close() // it is to be gone, and is
}
