package admin

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"reflect"
	"slices"
	"strings"

	"github.com/mediasandbox/sandbox/internal/strict"
)

// member is a name and its value in a JSON object.
type member struct {
	name  string
	value json.RawMessage
}

// maxMembers is more than any object has that is wanted here. Looking for names that
// stand twice takes longer the more there are.
const maxMembers = 1000

// members reads a JSON object and refuses everything else: an empty body, trailing
// data, a name that stands twice.
func members(data []byte) ([]member, error) {
	if len(bytes.TrimSpace(data)) == 0 {
		return nil, refuse(http.StatusBadRequest, "the body is empty; it wants a JSON object, {} at least")
	}
	dec := json.NewDecoder(bytes.NewReader(data))
	first, err := dec.Token()
	if err != nil {
		return nil, badJSON(err)
	}
	if first != json.Delim('{') {
		return nil, refuse(http.StatusBadRequest, "the body wants a JSON object")
	}
	var out []member
	for dec.More() {
		name, err := dec.Token()
		if err != nil {
			return nil, badJSON(err)
		}
		m := member{name: fmt.Sprint(name)}
		if err := dec.Decode(&m.value); err != nil {
			return nil, badJSON(err)
		}
		if slices.ContainsFunc(out, func(o member) bool { return o.name == m.name }) {
			return nil, refuse(http.StatusBadRequest, "field %q stands twice", m.name)
		}
		if len(out) == maxMembers {
			return nil, refuse(http.StatusBadRequest, "the object has more than %d fields", maxMembers)
		}
		out = append(out, m)
	}
	if _, err := dec.Token(); err != nil {
		return nil, badJSON(err)
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return nil, refuse(http.StatusBadRequest, "there is data after the JSON object")
	}
	return out, nil
}

func badJSON(err error) error {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		err = errors.New("it ends too early")
	}
	return refuse(http.StatusBadRequest, "the body is not JSON: %s", err)
}

// Decode reads the body into a struct whose fields have json tags. Stricter than
// encoding/json: names are compared exactly, unknown and repeated ones and null are
// refused at every depth, and the refusal names the field.
func (c *Call) Decode(into any) error {
	list, err := members(c.body)
	if err != nil {
		return err
	}
	v := reflect.ValueOf(into).Elem()
	names := make([]string, v.NumField())
	for i := range names {
		names[i], _, _ = strings.Cut(v.Type().Field(i).Tag.Get("json"), ",")
	}
	for _, m := range list {
		i := slices.Index(names, m.name)
		if i < 0 {
			return refuse(http.StatusBadRequest, "no field is called %q; there are %s", m.name, strings.Join(names, ", "))
		}
		if string(m.value) == "null" {
			return refuse(http.StatusBadRequest, "field %q is null; leave it out instead", m.name)
		}
		if err := decodeField(v.Type().Field(i), v.Field(i), m); err != nil {
			return err
		}
	}
	return nil
}

// decodeField reads one field. Where its zero value stands for a field that is left out, the
// tag "wants" says what it takes: a zero that is given would be lost silently.
func decodeField(f reflect.StructField, into reflect.Value, m member) error {
	text := f.Tag.Get("wants")
	if text == "" {
		return decodeDeep(m, into.Addr().Interface())
	}
	err := json.Unmarshal(m.value, into.Addr().Interface())
	if err == nil && !reflect.Indirect(into).IsZero() {
		return nil
	}
	var own strict.Wanter
	if errors.As(err, &own) {
		text = own.Wants()
	}
	return refuse(http.StatusBadRequest, "field %q %s", m.name, text)
}

// decodeDeep reads a field that may have others inside, as strictly as those around it. The
// refusal names the place, such as rows.0.vid.
func decodeDeep(m member, into any) error {
	err := strict.Decode(m.value, into, m.name)
	if err == nil {
		err = lost(m, into)
	}
	var wrong *strict.Error
	if errors.As(err, &wrong) {
		return refuse(http.StatusBadRequest, "field %q %s", wrong.Path, wrong.Text)
	}
	return err
}

// lost returns a *strict.Error for what was sent and is not in the value that was read of it.
func lost(m member, value any) error {
	sent, err := json.Marshal(map[string]json.RawMessage{m.name: m.value})
	if err != nil {
		return err
	}
	kept, err := json.Marshal(map[string]any{m.name: value})
	if err != nil {
		return err
	}
	return strict.Lost(sent, kept, value)
}

// fieldError is what a field's own type says about a value.
type fieldError struct{ text string }

func (e *fieldError) Error() string { return e.text }

// Wants is the text: it stands behind the field's name.
func (e *fieldError) Wants() string { return e.text }
