// Package config reads settings from flags, from the environment, from a file and from
// defaults, in this order of precedence. Which settings there are is a table that the
// caller writes down; every setting has a flag, a variable and a key in the file, and
// all three are held to the same rules.
//
// Whatever cannot be understood is an error that names the place and the nearest right
// name, and all errors are reported at once. It reads neither the environment nor files
// by itself, and it knows no setting: cmd/ has the table and turns Values into the one
// struct that it passes on.
package config

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Kind is what a setting's value is.
type Kind string

// The kinds, and how their values are written.
const (
	String   Kind = "string"   // any text
	Bool     Kind = "bool"     // true or false
	Int      Kind = "int"      // a whole number
	Duration Kind = "duration" // Go's notation, not negative: 90s, 1m30s
	Size     Kind = "size"     // a number of bytes: 4096, 64KB (thousands), 64KiB (1024s)
	Enum     Kind = "enum"     // one of Option.Values
)

// Option is one setting.
type Option struct {
	// Name is the setting's name in kebab case, with a section before a dot if it is in
	// one: "listen", "qqtube.error-key". Flag, variable and key follow from it.
	Name    string
	Kind    Kind
	Default string   // as it would be written; "" is the kind's zero
	Values  []string // what an Enum allows
	None    string   // how it is written that there is none, where leaving it out does not say so
	Usage   string   // what it does, in a line, for the help
	Why     string   // why one would change it, or why the default is what it is; for the documentation
	Secret  bool     // its value is never shown
	// Check refuses a value of the right kind; nil refuses none. Its error goes on where
	// the value ends: "is not positive". The default is held to it, too, unless empty.
	Check func(value string) error
}

// Flag returns the name of the option's flag, without dashes: "qqtube-error-key".
func (o Option) Flag() string { return strings.ReplaceAll(o.Name, ".", "-") }

// Variable returns the name of the option's variable behind a prefix such as
// "SANDBOX_": "SANDBOX_QQTUBE_ERROR_KEY".
func (o Option) Variable(prefix string) string {
	return prefix + strings.ToUpper(strings.NewReplacer(".", "_", "-", "_").Replace(o.Name))
}

// section returns the parts of the name; section is "" at the top.
func (o Option) section() (section, key string) {
	if section, key, ok := strings.Cut(o.Name, "."); ok {
		return section, key
	}
	return "", o.Name
}

// parse returns text as a value of the option's kind: string, bool, int64 (Int and
// Size) or time.Duration. The error goes on where the value ends.
func (o Option) parse(text string) (value any, err error) {
	switch o.Kind {
	case String:
		value = text
	case Bool:
		value, err = parseBool(text)
	case Int:
		value, err = parseInt(text)
	case Duration:
		value, err = parseDuration(text)
	case Size:
		value, err = parseSize(text)
	case Enum:
		if !slices.Contains(o.Values, text) {
			err = fmt.Errorf("is not one of %s", strings.Join(o.Values, ", "))
		}
		value = text
	default:
		err = fmt.Errorf("is of the unknown kind %q", o.Kind)
	}
	if err == nil && o.Check != nil {
		err = o.Check(text)
	}
	return value, err
}

// zero returns the value of an empty default.
func (o Option) zero() any {
	switch o.Kind {
	case Bool:
		return false
	case Int, Size:
		return int64(0)
	case Duration:
		return time.Duration(0)
	default:
		return ""
	}
}

// Positive is a Check that refuses everything from 0 down, for Int, Duration and Size.
func Positive(value string) error {
	if strings.HasPrefix(value, "-") || !strings.ContainsAny(value, "123456789") {
		return errors.New("is not positive")
	}
	return nil
}

func parseBool(text string) (bool, error) {
	switch text {
	case "true", "1":
		return true, nil
	case "false", "0":
		return false, nil
	default:
		return false, errors.New("is neither true nor false")
	}
}

func parseInt(text string) (int64, error) {
	n, err := strconv.ParseInt(text, 10, 64)
	switch {
	case errors.Is(err, strconv.ErrRange):
		return 0, errors.New("is too large a number")
	case err != nil:
		return 0, errors.New("is not a whole number")
	default:
		return n, nil
	}
}

func parseDuration(text string) (time.Duration, error) {
	d, err := time.ParseDuration(text)
	switch _, bare := parseInt(text); {
	case bare == nil && text != "0":
		return 0, errors.New("has no unit; write a duration as 500ms, 90s or 1h30m")
	case err != nil:
		return 0, errors.New("is not a duration such as 500ms, 90s or 1h30m")
	case d < 0:
		return 0, errors.New("is negative")
	default:
		return d, nil
	}
}

// parseSize reads a number of bytes. A unit counts in thousands, with an i in 1024s.
func parseSize(text string) (int64, error) {
	number := strings.TrimRight(text, "BKMGikmgb ")
	unit := strings.TrimSpace(text[len(number):])
	factors := map[string]int64{
		"": 1, "b": 1, "kb": 1e3, "mb": 1e6, "gb": 1e9, "kib": 1 << 10, "mib": 1 << 20, "gib": 1 << 30,
	}
	factor, known := factors[strings.ToLower(unit)]
	n, err := strconv.ParseInt(number, 10, 64)
	switch {
	case errors.Is(err, strconv.ErrRange), err == nil && known && n > (1<<63-1)/factor:
		return 0, errors.New("is too large a size")
	case err != nil, !known, n < 0:
		return 0, errors.New("is not a size such as 4096, 64KB or 1MiB")
	default:
		return n * factor, nil
	}
}
