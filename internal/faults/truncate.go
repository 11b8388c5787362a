package faults

import (
	"net/http"
	"strconv"

	"github.com/mediasandbox/sandbox/fakes"
)

// truncateKind announces the whole body and sends its first half.
func truncateKind() *kind {
	return &kind{
		name: "truncate", handled: true, fields: "handled",
		does: "Status, headers with the full Content-Length, half of the body, then the connection ends.",
		why:  "Connections break in the middle of long replies. A client that does not look at the length takes half of a list for all of it.",
		apply: func(c *call) {
			c.breaks(false, func(w http.ResponseWriter, r *http.Request, reply *fakes.Reply) {
				if reply.Status == 0 { // the fake was not asked: there is nothing to cut
					hangUp(w, false)
					return
				}
				c.head(w, reply)
				w.Header().Set("Content-Length", strconv.Itoa(len(reply.Body)))
				w.WriteHeader(reply.Status)
				c.write(w, r, reply.Body[:len(reply.Body)/2])
				flush(w)
				panic(http.ErrAbortHandler) // net/http closes the connection
			})
		},
	}
}
