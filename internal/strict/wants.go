package strict

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/netip"
	"reflect"
	"strings"
	"time"
)

const wantsTime = "wants a time in RFC 3339, such as 2024-02-29T12:00:00.5Z"

// Wanter is an error of a type's own reader that says what the type takes, as the rest of
// a sentence: "wants a duration".
type Wanter interface{ Wants() string }

// Wants says what a type takes, when a value could not be read into it: with the words of
// the error, where they are the type's own.
func Wants(t reflect.Type, err error) string {
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	var own Wanter
	if errors.As(err, &own) {
		return own.Wants()
	}
	switch t {
	case reflect.TypeFor[time.Time]():
		return wantsTime
	case reflect.TypeFor[netip.Addr]():
		return "wants an IP address as text, such as 192.0.2.1"
	}
	var kind *json.UnmarshalTypeError
	switch ours := errors.As(err, &kind); {
	case strings.HasPrefix(err.Error(), "time: "): // of package time, where a type hands it on
		return `wants a duration such as "4m0s" or "1h30m"`
	case !ours && readsItself(t):
		return fmt.Sprintf("is wrong: %s", err)
	case ours && readsText(t):
		return "wants a text"
	case ours && readsItself(t): // it reads itself from something else, such as a list
		return wantsKind(kind.Type)
	}
	return wantsKind(t)
}

// wantsKind says what a type takes that encoding/json reads.
func wantsKind(t reflect.Type) string {
	switch k := t.Kind(); k {
	case reflect.String:
		return "wants a text"
	case reflect.Bool:
		return "wants true or false"
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		return "wants a whole number"
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		return fmt.Sprintf("wants a whole number from 0 to %d", ^uint64(0)>>(64-t.Bits()))
	case reflect.Float32, reflect.Float64:
		return "wants a number"
	case reflect.Map:
		if t.Elem().Kind() == reflect.String {
			return "wants an object of texts"
		}
		return "wants an object"
	case reflect.Struct:
		return "wants an object"
	case reflect.Slice, reflect.Array:
		return "wants a list"
	}
	return "is of the wrong type"
}
