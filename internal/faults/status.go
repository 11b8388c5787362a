package faults

import (
	"fmt"
	"net/http"
	"strconv"

	"github.com/mediasandbox/sandbox/fakes"
)

// statusKind answers as a server in front of the vendor does when it cannot reach it.
func statusKind() *kind {
	return &kind{
		name: "status", fields: "status handled",
		does:  "An HTTP status and the short HTML page of a gateway, not the vendor's JSON; 429 and 503 with Retry-After: 1.",
		why:   "Load balancers and proxies answer for a vendor that is being deployed or is overrun. Clients that parse every body as JSON fail here.",
		check: checkStatus,
		apply: func(c *call) {
			c.breaks(false, func(w http.ResponseWriter, r *http.Request, _ *fakes.Reply) { c.gateway(w, r, c.spec.Status) })
		},
	}
}

// gateway writes the page of a server that is not the vendor's.
func (c *call) gateway(w http.ResponseWriter, r *http.Request, status int) {
	page := fmt.Sprintf("<html>\r\n<head><title>%d %s</title></head>\r\n<body>\r\n<center><h1>%[1]d %[2]s</h1></center>\r\n</body>\r\n</html>\r\n",
		status, http.StatusText(status))
	reply := &fakes.Reply{Status: status, ContentType: "text/html", Header: map[string]string{"Content-Length": strconv.Itoa(len(page))}}
	if status == http.StatusTooManyRequests || status == http.StatusServiceUnavailable {
		reply.Header["Retry-After"] = "1"
	}
	c.head(w, reply)
	w.WriteHeader(status)
	c.write(w, r, []byte(page))
}
