package qqtube

import (
	"bytes"
	"encoding/json"

	"github.com/mediasandbox/sandbox/fakes"
)

// merge makes one error body of several: the messages of all, in order, each id
// once (vendor page, messages: a missing service is answered with ids 30 and 32
// together). The texts stay byte for byte; a body that is no error body is left out.
func merge(bodies [][]byte) []byte {
	var out []byte
	seen := map[string]bool{}
	for _, body := range bodies {
		var reply struct {
			Messages []json.RawMessage `json:"messages"`
		}
		if json.Unmarshal(body, &reply) != nil {
			continue
		}
		for _, message := range reply.Messages {
			var m struct {
				ID json.Number `json:"id"`
			}
			if json.Unmarshal(message, &m) != nil || seen[m.ID.String()] {
				continue
			}
			seen[m.ID.String()] = true
			if out != nil {
				out = append(out, ',')
			}
			out = append(out, message...)
		}
	}
	return append(append([]byte(`{"status":"error","messages":[`), out...), `]}`...)
}

// finish writes errors under the key that the setting error-key names (CONTRACTS
// section 1: the page's samples disagree).
func finish(c *fakes.Call, r *fakes.Reply) {
	if key := c.Settings[settingErrorKey]; !r.Success && key != "" && key != "messages" {
		r.Body = renameKey(r.Body, "messages", key)
	}
}

// renameKey renames a member of the outermost object and nothing inside it. What is
// not a JSON object is returned as it is.
func renameKey(body []byte, from, to string) []byte {
	dec := json.NewDecoder(bytes.NewReader(body))
	if t, err := dec.Token(); err != nil || t != json.Delim('{') {
		return body
	}
	for dec.More() {
		t, err := dec.Token()
		if err != nil {
			return body
		}
		end := dec.InputOffset()
		if t == from {
			start := int64(bytes.LastIndexByte(body[:end-1], '"'))
			name, err := json.Marshal(to)
			if err != nil || start < 0 {
				return body
			}
			out := make([]byte, 0, len(body)+len(to))
			return append(append(append(out, body[:start]...), name...), body[end:]...)
		}
		var skip json.RawMessage
		if dec.Decode(&skip) != nil {
			return body
		}
	}
	return body
}
