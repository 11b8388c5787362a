package config

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/pflag"

	"github.com/mediasandbox/sandbox/internal/nearest"
)

// FlagError says an error of parsing flags in the words of the other sources, and completes
// it with the nearest flag that exists; for cobra's SetFlagErrorFunc.
func FlagError(flags *pflag.FlagSet, err error) error {
	var unknown *pflag.NotExistError
	var missing *pflag.ValueRequiredError
	var invalid *pflag.InvalidValueError
	var malformed *pflag.InvalidSyntaxError
	switch {
	case errors.As(err, &unknown):
		return unknownFlag(flags, unknown)
	case errors.As(err, &missing):
		return &Error{Where: "--" + missing.GetFlag().Name, Text: "its value is missing"}
	case errors.As(err, &invalid):
		f := invalid.GetFlag()
		return &Error{Where: "--" + f.Name, Text: fmt.Sprintf("%.100q %s", invalid.GetValue(), unfit(f.Value.Type(), invalid.GetValue()))}
	case errors.As(err, &malformed):
		return &Error{Where: malformed.GetSpecifiedFlag(), Text: "is no flag: after the dashes comes its name"}
	}
	return err
}

// EmptyFlags refuses flags that were given with an empty value, nil when there are none:
// what "--data $DIR" comes to where DIR is not set must not pass for a flag left out.
func EmptyFlags(flags *pflag.FlagSet) error {
	var mistakes []error
	flags.Visit(func(f *pflag.Flag) {
		if !empty(f.Value) {
			return
		}
		text := "its value is empty"
		switch setting, ok := f.Value.(*flagValue); {
		case ok && setting.none != "":
			text += "; write " + setting.none + " if none is meant"
		case f.DefValue == "" || f.DefValue == "[]":
			text += "; leave the flag out if none is meant"
		}
		mistakes = append(mistakes, &Error{Where: "--" + f.Name, Text: text})
	})
	return errors.Join(mistakes...)
}

func empty(v pflag.Value) bool {
	if list, ok := v.(pflag.SliceValue); ok {
		return strings.Join(list.GetSlice(), "") == ""
	}
	return v.String() == ""
}

// DurationVar defines a flag for a duration as settings have it: with a unit, not negative.
func DurationVar(flags *pflag.FlagSet, to *time.Duration, name, usage string) {
	flags.Var((*durationFlag)(to), name, usage)
}

type durationFlag time.Duration

func (d *durationFlag) Type() string { return "duration" }

func (d *durationFlag) String() string {
	if *d == 0 {
		return "0" // the help leaves out a default of 0
	}
	return time.Duration(*d).String()
}

func (d *durationFlag) Set(text string) error {
	parsed, err := parseDuration(text)
	*d = durationFlag(parsed)
	return err
}

// unknownFlag names the flag that was meant. One dash introduces single letters, so that
// there what follows it is looked at as a whole.
func unknownFlag(flags *pflag.FlagSet, err *pflag.NotExistError) error {
	var names []string
	flags.VisitAll(func(f *pflag.Flag) {
		if !f.Hidden {
			names = append(names, f.Name)
		}
	})
	const text = "there is no such flag"
	name := err.GetSpecifiedName()
	if letters := err.GetSpecifiedShortnames(); letters != "" {
		word, _, _ := strings.Cut(letters, "=")
		if long := nearest.Name(word, names); len(word) > 1 && long != "" {
			return &Error{Where: "-" + word, Text: text + meant(word, []string{long}, "--")}
		}
		return &Error{Where: "-" + name, Text: text}
	}
	return &Error{Where: "--" + name, Text: text + meant(name, names, "--")}
}

// unfit says what is wrong with a value that a flag of pflag's own types has refused. It
// goes on where the value ends, as the errors of Option.parse do.
func unfit(kind, value string) string {
	var err error
	switch {
	case kind == "bool":
		_, err = parseBool(value)
	case kind == "duration":
		_, err = parseDuration(value)
	case kind == "uint64" && strings.HasPrefix(value, "-"):
		return "is negative"
	case strings.HasPrefix(kind, "int"), strings.HasPrefix(kind, "uint"):
		_, err = parseInt(value)
	case strings.HasPrefix(kind, "float"):
		if _, failed := strconv.ParseFloat(value, 64); errors.Is(failed, strconv.ErrRange) {
			return "is too large a number"
		}
		return "is not a number"
	case strings.HasSuffix(kind, "Slice"):
		return "is not a list separated by commas"
	}
	if err == nil {
		return "is not allowed"
	}
	return err.Error()
}
