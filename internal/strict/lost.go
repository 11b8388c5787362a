package strict

import (
	"bytes"
	"encoding/json"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Lost compares a document that was read with what the values that it was read into are
// written as, and returns an *Error for the first thing that got lost on the way: a name that
// stands twice, one that is spelled otherwise than the values' own, and null where a value
// took its place. A field that is left out is no loss, and neither is an empty one that the
// values leave out in their turn. Both documents are JSON.
//
// Lists are not compared item by item, because they may have been brought in order
// meanwhile: an item is held to all that is in the list.
func Lost(sent, kept []byte, values ...any) error {
	if bytes.Equal(sent, kept) { // an export as it was, which need not be read again
		return nil
	}
	s := &shape{}
	if err := s.learn(reader(kept)); err != nil {
		return err
	}
	c := &comparison{dec: reader(sent), names: namesOf(values)}
	return c.value(s)
}

func reader(data []byte) *json.Decoder {
	dec := json.NewDecoder(bytes.NewReader(data))
	dec.UseNumber() // numbers are not looked at
	return dec
}

// shape is what stands at a place of a document, in all items of the lists above it.
type shape struct {
	null   bool
	fields map[string]*shape
	items  *shape
	object uint64 // the object of the other document in which this field was met last
}

// learn adds the next value to the shape.
func (s *shape) learn(dec *json.Decoder) error {
	token, err := dec.Token()
	if err != nil {
		return err
	}
	switch token {
	case nil:
		s.null = true
		return nil
	case json.Delim('['):
		if s.items == nil {
			s.items = &shape{}
		}
		return within(dec, func() error { return s.items.learn(dec) })
	case json.Delim('{'):
		return within(dec, func() error { return s.learnField(dec) })
	}
	return nil
}

func (s *shape) learnField(dec *json.Decoder) error {
	name, err := nameIn(dec)
	if err != nil {
		return err
	}
	if s.fields == nil {
		s.fields = map[string]*shape{}
	}
	if s.fields[name] == nil {
		s.fields[name] = &shape{}
	}
	return s.fields[name].learn(dec)
}

// within reads the rest of a list or an object whose beginning was read.
func within(dec *json.Decoder, each func() error) error {
	for dec.More() {
		if err := each(); err != nil {
			return err
		}
	}
	_, err := dec.Token()
	return err
}

func nameIn(dec *json.Decoder) (string, error) {
	token, err := dec.Token()
	name, _ := token.(string) // nothing else stands there
	return name, err
}

// comparison holds a document to a shape.
type comparison struct {
	dec     *json.Decoder
	names   map[string]bool // of all fields that the values have anywhere
	path    []string
	objects uint64 // met so far
}

func (c *comparison) value(s *shape) error {
	token, err := c.dec.Token()
	if err != nil {
		return err
	}
	switch token {
	case nil:
		if !s.null {
			return c.wrong("is null; leave it out instead")
		}
	case json.Delim('['):
		return c.list(s)
	case json.Delim('{'):
		return c.object(s)
	}
	return nil
}

func (c *comparison) list(s *shape) error {
	items := s.items
	if items == nil {
		items = &shape{}
	}
	n := 0
	return within(c.dec, func() error {
		c.path = append(c.path, strconv.Itoa(n))
		n++
		err := c.value(items)
		c.path = c.path[:len(c.path)-1]
		return err
	})
}

func (c *comparison) object(s *shape) error {
	c.objects++
	this := c.objects
	var left []string // fields that the values leave out
	return within(c.dec, func() error {
		name, err := nameIn(c.dec)
		if err != nil {
			return err
		}
		field := s.fields[name]
		if field != nil && field.object == this || slices.Contains(left, name) {
			c.path = append(c.path, name)
			return c.wrong("stands twice")
		}
		if field == nil {
			left = append(left, name)
			return c.absent(name, s)
		}
		field.object = this
		c.path = append(c.path, name)
		err = c.value(field)
		c.path = c.path[:len(c.path)-1]
		return err
	})
}

// absent reads a field that the values do not write: they have one of that name and leave
// it out because it is empty, or they have none.
func (c *comparison) absent(name string, s *shape) error {
	var value json.RawMessage
	if err := c.dec.Decode(&value); err != nil {
		return err
	}
	switch {
	case c.names[name] && string(value) == "null":
		c.path = append(c.path, name)
		return c.wrong("is null; leave it out instead")
	case c.names[name] && empty(value):
		return nil
	}
	var known []string
	for field := range s.fields {
		if strings.EqualFold(field, name) { // that is how it was taken for one
			known = append(known, field)
		}
	}
	slices.Sort(known)
	return noField(c.at(), name, known)
}

func (c *comparison) at() string {
	at := ""
	for _, name := range c.path {
		at = join(at, name)
	}
	return at
}

func (c *comparison) wrong(text string) error { return &Error{c.at(), text} }

// empty says that a value is one that omitempty or omitzero leave out.
func empty(data json.RawMessage) bool {
	var value any
	return json.Unmarshal(data, &value) == nil && nothing(value)
}

func nothing(value any) bool {
	switch v := value.(type) {
	case bool:
		return !v
	case float64:
		return v == 0
	case string:
		t, err := time.Parse(time.RFC3339, v)
		return v == "" || err == nil && t.IsZero()
	case []any:
		return len(v) == 0
	case map[string]any:
		for _, member := range v {
			if member != nil && !nothing(member) {
				return false
			}
		}
	}
	return value != nil
}

// namesOf collects the names of all fields that are somewhere in the types of values, also
// behind fields that JSON does not see: tables keep their rows there.
func namesOf(values []any) map[string]bool {
	names, seen := map[string]bool{}, map[reflect.Type]bool{}
	var look func(t reflect.Type)
	look = func(t reflect.Type) {
		if seen[t] {
			return
		}
		seen[t] = true
		switch t.Kind() {
		case reflect.Pointer, reflect.Slice, reflect.Array, reflect.Map:
			look(t.Elem())
		case reflect.Struct:
			for f := range t.Fields() {
				if name := nameOf(f); name != "" {
					names[name] = true
				}
				look(f.Type)
			}
		}
	}
	for _, v := range values {
		look(reflect.TypeOf(v))
	}
	return names
}
