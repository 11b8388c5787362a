package fakes

import (
	"errors"
	"fmt"
)

// Errors of the methods by which a world's state is controlled from outside (Host.With):
// they say of what kind a refusal is, the error's own text says the rest. Every other
// error means a value that is wrong in itself.
var (
	ErrNotFound = errors.New("no such object")
	ErrConflict = errors.New("the state does not allow it")
)

// controlError is one of the errors above in a world's own words.
type controlError struct {
	kind error
	text string
}

func (e *controlError) Error() string { return e.text }
func (e *controlError) Unwrap() error { return e.kind }

// NotFound returns an error that is ErrNotFound and says what there is not.
func NotFound(format string, args ...any) error {
	return &controlError{ErrNotFound, fmt.Sprintf(format, args...)}
}

// Conflict returns an error that is ErrConflict and says what the state does not allow.
func Conflict(format string, args ...any) error {
	return &controlError{ErrConflict, fmt.Sprintf(format, args...)}
}
