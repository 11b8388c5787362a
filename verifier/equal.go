package verifier

import (
	"fmt"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// missing stands for a member that is not there.
type missing struct{}

// equalValues compares as JSON does: 1 and 1.0 are one number, "1" is a text.
func equalValues(a, b any) bool {
	switch a := a.(type) {
	case map[string]any:
		b, ok := b.(map[string]any)
		if !ok || len(a) != len(b) {
			return false
		}
		for k, v := range a {
			w, ok := b[k]
			if !ok || !equalValues(v, w) {
				return false
			}
		}
		return true
	case []any:
		b, ok := b.([]any)
		return ok && slices.EqualFunc(a, b, equalValues)
	case int, float64:
		x, _ := number(a)
		y, ok := number(b)
		_, text := b.(string)
		return ok && !text && x == y
	}
	return scalar(a) && scalar(b) && a == b
}

// scalar reports whether == on the value cannot panic.
func scalar(v any) bool {
	switch v.(type) {
	case map[string]any, []any:
		return false
	}
	return true
}

func isNumber(v any) bool {
	switch v.(type) {
	case int, float64:
		return true
	}
	return false
}

// decimal is a number as a vendor writes it into a text: no exponent, no name.
var decimal = regexp.MustCompile(`^-?[0-9]+(\.[0-9]+)?$`)

// number reads a number, or a text that is one.
func number(v any) (float64, bool) {
	switch v := v.(type) {
	case int:
		return float64(v), true
	case float64:
		return v, !math.IsNaN(v)
	case string:
		if !decimal.MatchString(v) {
			return 0, false
		}
		f, err := strconv.ParseFloat(v, 64)
		return f, err == nil
	}
	return 0, false
}

// compare orders two values: as numbers when both are, else as texts.
func compare(a, b any) (int, bool) {
	if x, ok := number(a); ok {
		if y, ok := number(b); ok {
			switch {
			case x < y:
				return -1, true
			case x > y:
				return 1, true
			}
			return 0, true
		}
	}
	x, ok := a.(string)
	y, ok2 := b.(string)
	if !ok || !ok2 {
		return 0, false
	}
	return strings.Compare(x, y), true
}

func jsonType(v any) string {
	switch v := v.(type) {
	case nil:
		return "null"
	case bool:
		return "boolean"
	case int:
		return "integer"
	case float64:
		if v == math.Trunc(v) {
			return "integer"
		}
		return "number"
	case string:
		return "string"
	case []any:
		return "array"
	case map[string]any:
		return "object"
	}
	return "unknown"
}

// show writes a value for a report, shortened.
func show(v any) string {
	switch v.(type) {
	case missing:
		return "nothing"
	case nil:
		return "null"
	}
	text, err := jsonText(v)
	if err != nil {
		text = fmt.Sprint(v)
	}
	return shorten(text, 300)
}

// where names a place of a reply.
func where(pointer string) string {
	if pointer == "" {
		return "the body"
	}
	return pointer
}
