package strict

import (
	"bytes"
	"encoding"
	"encoding/json"
	"errors"
	"maps"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/mediasandbox/sandbox/internal/nearest"
)

// where looks for the place at which a value of that type could not be read: the errors of
// types that read themselves (times, amounts, tables) name none. It reads the parts one by
// one until the one that fails, which costs once more the whole for each level.
func where(t reflect.Type, data []byte, at string, err error) error {
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	first := bytes.TrimLeft(data, " \t\r\n")[0]
	known := fields(t)
	var own Wanter
	var found error
	switch {
	case readsItself(t) && errors.As(err, &own): // its notation need not be that of its fields
	case len(known) > 0 && first == '{':
		found = inStruct(known, data, at)
	case t.Kind() == reflect.Map && !readsItself(t) && first == '{':
		found = inMap(t, data, at)
	case first == '[' && (readsItself(t) || t.Kind() == reflect.Slice):
		found = inList(t, data, at)
	}
	if found != nil {
		return found
	}
	return here(t, at, err)
}

func inStruct(known map[string]reflect.StructField, data []byte, at string) error {
	for _, m := range split(data) {
		f, ok := known[m.name]
		if !ok {
			return noField(at, m.name, slices.Sorted(maps.Keys(known)))
		}
		// A struct of the one field reads it as the whole does, with the options of its tag.
		one := reflect.New(reflect.StructOf([]reflect.StructField{{Name: f.Name, Type: f.Type, Tag: f.Tag}}))
		err := decode(m.alone(), one.Interface())
		switch {
		case err == nil:
		case strings.HasSuffix(f.Tag.Get("json"), ",string"):
			return wrong(join(at, m.name), "%s, written as a text", Wants(f.Type, err))
		default: // again without the struct, whose name for it the error has
			return part(f.Type, m.value, join(at, m.name))
		}
	}
	return nil
}

// part reads a part of a document, and says where it fails; nil when it does not.
func part(t reflect.Type, data []byte, at string) error {
	err := decode(data, reflect.New(t).Interface())
	if err == nil {
		return nil
	}
	return where(t, data, at, err)
}

func inMap(t reflect.Type, data []byte, at string) error {
	for _, m := range split(data) {
		if err := part(t.Elem(), m.value, join(at, m.name)); err != nil {
			return err
		}
	}
	return nil
}

// inList finds the item that fails by reading each in a list of its own: that goes for
// tables that are written as lists, too, whose items only they know.
func inList(t reflect.Type, data []byte, at string) error {
	var items []json.RawMessage
	if err := json.Unmarshal(data, &items); err != nil {
		return wrong(at, "is not JSON: %s", err)
	}
	for i, item := range items {
		place := join(at, strconv.Itoa(i))
		if !readsItself(t) {
			if err := part(t.Elem(), item, place); err != nil {
				return err
			}
			continue
		}
		if err := decode(slices.Concat([]byte("["), item, []byte("]")), reflect.New(t).Interface()); err != nil {
			return here(t, place, err)
		}
	}
	return nil
}

// here says of a place what is wrong there.
func here(t reflect.Type, at string, err error) error {
	var kind *json.UnmarshalTypeError
	var moment *time.ParseError
	if name, ok := strings.CutPrefix(err.Error(), "json: unknown field "); ok {
		if plain, err := strconv.Unquote(name); err == nil {
			name = plain
		}
		return noField(at, name, nil)
	}
	switch {
	case errors.As(err, &kind) && readsItself(t) && kind.Field != "": // the table has read a part of its own
		return wrong(join(at, kind.Field), "%s", Wants(kind.Type, err))
	case errors.As(err, &moment) && t != reflect.TypeFor[time.Time]():
		return wrong(at, "has %.40q where it %s", moment.Value, wantsTime)
	}
	return wrong(at, "%s", Wants(t, err))
}

func noField(at, name string, known []string) error {
	return wrong(at, "has no field %.40q%s", name, nearest.Hint(name, known))
}

// fields are those of a struct that JSON can name, none for other types.
func fields(t reflect.Type) map[string]reflect.StructField {
	if t.Kind() != reflect.Struct {
		return nil
	}
	out := map[string]reflect.StructField{}
	for _, f := range reflect.VisibleFields(t) {
		if name := nameOf(f); name != "" {
			out[name] = f
		}
	}
	return out
}

// nameOf is how JSON calls a field, "" for one that it does not see.
func nameOf(f reflect.StructField) string {
	name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
	switch {
	case !f.IsExported() || f.Tag.Get("json") == "-" || f.Anonymous && name == "":
		return ""
	case name == "":
		return f.Name
	}
	return name
}

// readsItself says that a type has a reader of its own, and its own words.
func readsItself(t reflect.Type) bool {
	p := reflect.PointerTo(t)
	return p.Implements(reflect.TypeFor[json.Unmarshaler]()) || readsText(t)
}

func readsText(t reflect.Type) bool {
	return reflect.PointerTo(t).Implements(reflect.TypeFor[encoding.TextUnmarshaler]())
}

// member is a name and its value in an object.
type member struct {
	name  string
	value json.RawMessage
}

// alone is an object of this member only.
func (m member) alone() []byte {
	name, err := json.Marshal(m.name)
	if err != nil { // a text can always be written
		return nil
	}
	return slices.Concat([]byte("{"), name, []byte(":"), m.value, []byte("}"))
}

// split takes an object apart; what cannot be read ends it.
func split(data []byte) []member {
	dec := json.NewDecoder(bytes.NewReader(data))
	if open, err := dec.Token(); err != nil || open != json.Delim('{') {
		return nil
	}
	var out []member
	for dec.More() {
		name, err := dec.Token()
		text, ok := name.(string)
		m := member{name: text}
		if err != nil || !ok || dec.Decode(&m.value) != nil {
			return out
		}
		out = append(out, m)
	}
	return out
}
