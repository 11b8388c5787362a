// Package prefix shortens texts for people.
package prefix

import "unicode/utf8"

// Of returns the beginning of a text, at most limit bytes of it; no character is cut in two.
func Of(s string, limit int) string {
	if len(s) <= limit {
		return s
	}
	for limit > 0 && !utf8.RuneStart(s[limit]) {
		limit--
	}
	return s[:limit]
}
