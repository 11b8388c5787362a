package faults

import (
	"net/http"
	"strconv"
	"time"

	"github.com/mediasandbox/sandbox/fakes"
)

// pieces is how many pieces a slow body comes in.
const pieces = 10

// slowKind sends the headers at once and the body drop by drop.
func slowKind() *kind {
	return &kind{
		name: "slow", handled: true, stretches: true,
		does: "The right answer; its body comes in ten pieces over the time that delay gives (default 2s).",
		why:  "Overrun servers and thin lines send slowly. A timeout that begins anew with each byte never ends.",
		apply: func(c *call) {
			total := 2 * time.Second
			if c.spec.Delay != nil {
				total = c.spec.Delay.draw(c.even(c.n, 1), c.even(c.n, 2))
			}
			c.breaks(true, func(w http.ResponseWriter, r *http.Request, reply *fakes.Reply) {
				c.head(w, reply)
				w.Header().Set("Content-Length", strconv.Itoa(len(reply.Body)))
				w.WriteHeader(reply.Status)
				flush(w)
				c.inPieces(w, r, reply.Body, total)
			})
		},
	}
}

// chunkedKind sends the body without saying how long it will be.
func chunkedKind() *kind {
	return &kind{
		name: "chunked", handled: true,
		does: "The right answer without Content-Length, in three chunks.",
		why:  "Servers stream what they have not counted. A client that reads once, or by Content-Length, gets the beginning.",
		apply: func(c *call) {
			c.breaks(true, func(w http.ResponseWriter, r *http.Request, reply *fakes.Reply) {
				c.head(w, reply)
				w.WriteHeader(reply.Status)
				flush(w) // before the body: now its length cannot be said any more
				third := len(reply.Body)/3 + 1
				for from := 0; from < len(reply.Body); from += third {
					if !c.write(w, r, reply.Body[from:min(from+third, len(reply.Body))]) {
						return
					}
					flush(w)
				}
			})
		},
	}
}

// inPieces writes the body over a time, and stops when the client or the sandbox goes.
func (c *call) inPieces(w http.ResponseWriter, r *http.Request, body []byte, total time.Duration) {
	timer := time.NewTimer(total / pieces)
	defer timer.Stop()
	for i := range pieces {
		select {
		case <-timer.C:
			timer.Reset(total / pieces)
		case <-r.Context().Done():
			panic(http.ErrAbortHandler) // half a body is not an answer
		}
		if !c.write(w, r, body[len(body)*i/pieces:len(body)*(i+1)/pieces]) {
			return
		}
		flush(w)
	}
}
