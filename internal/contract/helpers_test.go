package contract_test

import (
	"encoding/json"
	"strings"
	"unicode/utf8"
)

func validUTF8(data []byte) bool {
	return utf8.Valid(data) && !strings.Contains(strings.ToLower(string(data)), `\ud`) // lone surrogates decode to U+FFFD
}

// repeats reports whether an object names a key twice.
func repeats(data []byte) bool {
	dec := json.NewDecoder(strings.NewReader(string(data)))
	type level struct {
		keys map[string]bool
		key  bool // a key comes next
	}
	var stack []level
	for {
		tok, err := dec.Token()
		if err != nil {
			return false
		}
		top := len(stack) - 1
		switch tok {
		case json.Delim('{'):
			if top >= 0 && stack[top].keys != nil {
				stack[top].key = true
			}
			stack = append(stack, level{keys: map[string]bool{}, key: true})
			continue
		case json.Delim('['):
			if top >= 0 && stack[top].keys != nil {
				stack[top].key = true
			}
			stack = append(stack, level{})
			continue
		case json.Delim('}'), json.Delim(']'):
			stack = stack[:top]
			continue
		}
		if top < 0 || stack[top].keys == nil {
			continue
		}
		if stack[top].key {
			name, _ := tok.(string)
			if stack[top].keys[name] {
				return true
			}
			stack[top].keys[name] = true
		}
		stack[top].key = !stack[top].key
	}
}
