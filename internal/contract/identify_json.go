package contract

import (
	"encoding/json"
	"reflect"
	"slices"
	"strings"
)

// sameJSON compares decoded values; numbers by value.
func sameJSON(a, b any) bool {
	switch a := a.(type) {
	case map[string]any:
		b, ok := b.(map[string]any)
		if !ok || len(a) != len(b) {
			return false
		}
		for k, v := range a {
			w, ok := b[k]
			if !ok || !sameJSON(v, w) {
				return false
			}
		}
		return true
	case []any:
		b, ok := b.([]any)
		return ok && slices.EqualFunc(a, b, sameJSON)
	case json.Number:
		b, ok := b.(json.Number)
		if !ok {
			return false
		}
		if a == b {
			return true
		}
		x, errX := a.Float64()
		y, errY := b.Float64()
		return errX == nil && errY == nil && x == y
	}
	return reflect.DeepEqual(a, b)
}

// lookup returns the member at a pointer of keys. Moving values stand in objects.
func lookup(v any, pointer string) (any, bool) {
	if pointer == "" {
		return v, true
	}
	for _, key := range strings.Split(pointer[1:], "/") {
		m, ok := v.(map[string]any)
		if !ok {
			return nil, false
		}
		if v, ok = m[UnescapePointer(key)]; !ok {
			return nil, false
		}
	}
	return v, true
}

// without returns v with null at the pointer; what it shares with v is not changed.
func without(v any, pointer string) any {
	if pointer == "" {
		return nil
	}
	m, ok := v.(map[string]any)
	if !ok {
		return v
	}
	key, rest, more := strings.Cut(pointer[1:], "/")
	key = UnescapePointer(key)
	out := make(map[string]any, len(m))
	for k, member := range m {
		out[k] = member
	}
	if _, ok := out[key]; ok {
		if more {
			out[key] = without(out[key], "/"+rest)
		} else {
			out[key] = nil
		}
	}
	return out
}
