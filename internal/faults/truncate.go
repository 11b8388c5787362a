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
		check: func(s *Spec) error {
			if s.Handled != nil && !*s.Handled {
				return wrong("handled", "is false: without a reply of the fake's there is nothing to truncate; the kind empty closes the connection instead")
			}
			return nil
		},
		apply: func(c *call) {
			c.breaks(false, func(w http.ResponseWriter, r *http.Request, reply *fakes.Reply) {
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
