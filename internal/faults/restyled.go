package faults

import (
	"bytes"
	"encoding/json"
	"net/http"
	"sort"
	"strconv"

	"github.com/mediasandbox/sandbox/fakes"
)

// restyledKind sends the same JSON written differently.
func restyledKind() *kind {
	return &kind{
		name: "restyled", handled: true,
		does: "The right answer as JSON with its members in another order and with white space. Other replies come as they are.",
		why:  "The order of members and white space mean nothing in JSON. A client that cuts text out of replies breaks when the vendor's library changes.",
		apply: func(c *call) {
			c.breaks(true, func(w http.ResponseWriter, r *http.Request, reply *fakes.Reply) {
				body := reply.Body
				if styled, ok := c.restyle(body); ok {
					body = styled
				}
				c.head(w, reply)
				w.Header().Set("Content-Length", strconv.Itoa(len(body)))
				w.WriteHeader(reply.Status)
				c.write(w, r, body)
			})
		},
	}
}

// restyle writes JSON in another order and indented; false for what is not JSON.
func (c *call) restyle(body []byte) ([]byte, bool) {
	dec := json.NewDecoder(bytes.NewReader(body))
	dec.UseNumber()
	var v any
	if dec.Decode(&v) != nil || dec.More() {
		return nil, false
	}
	var out bytes.Buffer
	c.shuffle(&out, v, "\n")
	return out.Bytes(), true
}

// shuffle writes a value; lead is the line break and indentation that members begin with.
func (c *call) shuffle(out *bytes.Buffer, v any, lead string) {
	inner := lead + "  "
	switch v := v.(type) {
	case map[string]any:
		names := make([]string, 0, len(v))
		for name := range v {
			names = append(names, name)
		}
		sort.Slice(names, func(i, j int) bool {
			a, b := splitmix(c.seed^hash(names[i])), splitmix(c.seed^hash(names[j]))
			return a < b || a == b && names[i] < names[j]
		})
		out.WriteByte('{')
		for i, name := range names {
			if i > 0 {
				out.WriteString(" ,")
			}
			out.WriteString(inner)
			literal(out, name)
			out.WriteString(" : ")
			c.shuffle(out, v[name], inner)
		}
		out.WriteString(lead + "}")
	case []any:
		out.WriteByte('[')
		for i, item := range v {
			if i > 0 {
				out.WriteString(", ")
			}
			c.shuffle(out, item, inner)
		}
		out.WriteString(" ]")
	default:
		literal(out, v)
	}
}

// literal writes a text, number or word.
func literal(out *bytes.Buffer, v any) {
	switch v := v.(type) {
	case string:
		enc := json.NewEncoder(out)
		enc.SetEscapeHTML(false)
		if err := enc.Encode(v); err == nil { // as every text does
			out.Truncate(out.Len() - 1) // the line end
		}
	case json.Number:
		out.WriteString(v.String())
	case bool:
		out.WriteString(strconv.FormatBool(v))
	default:
		out.WriteString("null")
	}
}
