package faults

import (
	"net/http"
	"strconv"

	"github.com/mediasandbox/sandbox/fakes"
)

// notice is what comes in place of the reply.
const notice = "<!DOCTYPE html>\n<html><head><title>System maintenance</title></head>\n" +
	"<body><p>The system is under maintenance. Please try again later.</p></body></html>\n"

// garbageKind says that everything is well and sends something else.
func garbageKind() *kind {
	return &kind{
		name: "garbage", handled: true, fields: "handled",
		does: "The status and Content-Type of the right answer, and in its body an HTML page.",
		why:  "Maintenance pages, captive portals and proxies answer 200 with a page of their own.",
		apply: func(c *call) {
			c.breaks(false, func(w http.ResponseWriter, r *http.Request, reply *fakes.Reply) {
				if reply.Status == 0 {
					reply.Status, reply.ContentType = http.StatusOK, c.contentType()
				}
				c.head(w, reply)
				w.Header().Set("Content-Length", strconv.Itoa(len(notice)))
				w.WriteHeader(reply.Status)
				c.write(w, r, []byte(notice))
			})
		},
	}
}

// contentType is what a success of the operation has.
func (c *call) contentType() string {
	if c.op == nil || c.op.Success == nil {
		return "application/json"
	}
	return c.op.Success.ContentType
}
