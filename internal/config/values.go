package config

import (
	"fmt"
	"time"
)

// Values are the values of all options of a Set. The accessors panic when there is no
// such option or it is of another kind: that is the programmer's mistake.
type Values struct{ of map[string]value }

type value struct {
	option       Option
	text, source string
	parsed       any
}

// take puts a value in place that was found at a source.
func (v Values) take(o Option, text, source string) []error {
	parsed, err := o.parse(text)
	if err != nil {
		shown := fmt.Sprintf("%.100q", text)
		if o.Secret {
			shown = "the value"
		}
		return []error{&Error{Where: source, Text: shown + " " + err.Error()}}
	}
	v.of[o.Name] = value{option: o, text: text, source: source, parsed: parsed}
	return nil
}

// String returns the value of a String or Enum.
func (v Values) String(name string) string { return get[string](v, name) }

// Bool returns the value of a Bool.
func (v Values) Bool(name string) bool { return get[bool](v, name) }

// Int returns the value of an Int.
func (v Values) Int(name string) int64 { return get[int64](v, name) }

// Duration returns the value of a Duration.
func (v Values) Duration(name string) time.Duration { return get[time.Duration](v, name) }

// Size returns the value of a Size, in bytes.
func (v Values) Size(name string) int64 { return get[int64](v, name) }

// Text returns the value of an option of any kind as it was written.
func (v Values) Text(name string) string { return v.value(name).text }

// Source says where a value comes from: --flag, VARIABLE, file:line:column or default.
func (v Values) Source(name string) string { return v.value(name).source }

func (v Values) value(name string) value {
	found, ok := v.of[name]
	if !ok {
		panic(fmt.Sprintf("config: no option %q", name))
	}
	return found
}

func get[T any](v Values, name string) T {
	found := v.value(name)
	parsed, ok := found.parsed.(T)
	if !ok {
		panic(fmt.Sprintf("config: option %q is of kind %s", name, found.option.Kind))
	}
	return parsed
}
