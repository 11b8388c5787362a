package polyv

import (
	"bytes"
	"encoding/json"
	"strings"

	"github.com/mediasandbox/sandbox/fakes"
)

// finish applies what the vendor does to every reply alike: the callback around a
// success, and, where it is set so, the HTTP status of a refusal.
func finish(c *fakes.Call, r *fakes.Reply) {
	if r.Success {
		wrap(c, r)
		return
	}
	if c.Settings[settingStatus] != "code" {
		return
	}
	var envelope struct {
		Code int `json:"code"`
	}
	if json.Unmarshal(r.Body, &envelope) == nil && envelope.Code >= 400 && envelope.Code <= 599 {
		r.Status = envelope.Code
	}
}

// wrap puts a JSON success into the function that jsonp names (CONTRACTS section 2:
// successes only, and not the CSV export).
func wrap(c *fakes.Call, r *fakes.Reply) {
	name := c.Param("jsonp")
	if !callback(name) || !strings.HasPrefix(r.ContentType, "application/json") {
		return
	}
	body := make([]byte, 0, len(name)+len(r.Body)+2)
	body = append(append(body, name...), '(')
	body = append(append(body, scriptSafe(r.Body)...), ')')
	r.Body, r.ContentType = body, "application/javascript"
}

// callback says whether a jsonp value is a name: identifier characters and dots.
// Anything else would let a caller put script into a reply.
func callback(name string) bool {
	for i := range len(name) {
		switch b := name[i]; {
		case b >= 'a' && b <= 'z', b >= 'A' && b <= 'Z', b >= '0' && b <= '9', b == '_', b == '$', b == '.':
		default:
			return false
		}
	}
	return name != ""
}

// scriptSafe escapes the two line separators that JSON allows in strings and
// scripts before ES2019 do not.
func scriptSafe(body []byte) []byte {
	if !bytes.Contains(body, []byte("\u2028")) && !bytes.Contains(body, []byte("\u2029")) {
		return body
	}
	body = bytes.ReplaceAll(body, []byte("\u2028"), []byte(`\u2028`))
	return bytes.ReplaceAll(body, []byte("\u2029"), []byte(`\u2029`))
}
