package contract

import "strings"

// EscapePointer spells a key as a JSON pointer has it (RFC 6901, section 3).
func EscapePointer(key string) string {
	return strings.ReplaceAll(strings.ReplaceAll(key, "~", "~0"), "/", "~1")
}

// UnescapePointer is the key that a part of a JSON pointer stands for.
func UnescapePointer(part string) string {
	return strings.ReplaceAll(strings.ReplaceAll(part, "~1", "/"), "~0", "~")
}
