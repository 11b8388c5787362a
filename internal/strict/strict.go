// Package strict reads JSON that comes from outside such that nothing of it is lost
// silently, and says in words where it is wrong and what is wanted there: never in those of
// encoding/json, which are about Go.
//
// It knows no document in particular. What a fake's state may be stands in its types.
package strict

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"reflect"
)

// Error is something wrong with a JSON document.
type Error struct {
	Path string // of the place: names and indexes with dots between, such as world.orders.3.id
	Text string // what is wrong there, as the rest of a sentence
}

func (e *Error) Error() string {
	if e.Path == "" {
		return "it " + e.Text
	}
	return e.Path + " " + e.Text
}

func wrong(at, format string, args ...any) error {
	return &Error{at, fmt.Sprintf(format, args...)}
}

// errTrailing is a second value where one is wanted.
var errTrailing = errors.New("there is data after the JSON value")

// Decode reads JSON into what a pointer leads to and refuses unknown fields and trailing
// data. It returns an *Error; at is the path of the document itself.
func Decode(data []byte, into any, at string) error {
	err := decode(data, into)
	if err == nil {
		return nil
	}
	var syntax *json.SyntaxError
	switch {
	case errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF):
		return wrong(at, "is not JSON: it ends too early")
	case errors.As(err, &syntax), errors.Is(err, errTrailing):
		return wrong(at, "is not JSON: %s", err)
	}
	return where(reflect.TypeOf(into), data, at, err)
}

func decode(data []byte, into any) error {
	dec := json.NewDecoder(bytes.NewReader(data))
	dec.DisallowUnknownFields()
	if err := dec.Decode(into); err != nil {
		return err
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return errTrailing
	}
	return nil
}

// longestName is how much of a name is shown: names come from outside.
const longestName = 64

// join is the path of a member.
func join(at, name string) string {
	if runes := []rune(name); len(runes) > longestName {
		name = string(runes[:longestName]) + "…"
	}
	if at == "" {
		return name
	}
	return at + "." + name
}
