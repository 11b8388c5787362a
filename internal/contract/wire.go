package contract

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"sync"
	"unicode/utf16"
	"unicode/utf8"
)

// Encode writes v as compact JSON in the API's style, without a final line break.
func (d *Document) Encode(v any) ([]byte, error) { return Encode(v, d.PHP) }

// Encode writes v as compact JSON, plain or as PHP does, without a final line break.
func Encode(v any, php bool) ([]byte, error) {
	return appendValue(nil, v, php)
}

// writer encodes values. Writers are used again: growing a buffer and setting up an
// encoder costs more than what most bodies hold.
type writer struct {
	buf  bytes.Buffer
	json *json.Encoder
}

var writers = sync.Pool{New: func() any { //nolint:gochecknoglobals // a pool is for all
	w := &writer{}
	w.reset()
	return w
}}

func (w *writer) reset() {
	w.json = json.NewEncoder(&w.buf)
	w.json.SetEscapeHTML(false) // no vendor escapes <, > and &
}

// release gives the writer back. One that has held a giant would hold on to its memory.
func (w *writer) release() {
	const kept = 64 << 10
	if w.buf.Cap() <= kept {
		writers.Put(w)
	}
}

// appendValue appends the JSON of a value, plain or as PHP spells it.
func appendValue(dst []byte, v any, php bool) ([]byte, error) {
	w := writers.Get().(*writer) //nolint:errcheck,forcetypeassert // the pool holds nothing else
	defer w.release()
	w.buf.Reset()
	if err := w.json.Encode(v); err != nil {
		w.reset() // an encoder that failed once fails for ever
		return nil, err
	}
	text := bytes.TrimSuffix(w.buf.Bytes(), []byte("\n"))
	if php {
		return appendPHP(dst, text), nil
	}
	return append(dst, text...), nil
}

// PHPStyle rewrites JSON as PHP's json_encode spells it: "/" as "\/" and
// characters beyond ASCII as \uXXXX. Both occur inside strings only.
func PHPStyle(in []byte) []byte { return appendPHP(make([]byte, 0, len(in)+16), in) }

func appendPHP(out, in []byte) []byte {
	for i := 0; i < len(in); {
		b := in[i]
		switch {
		case b == '\\' && i+1 < len(in):
			out = append(out, b, in[i+1]) // an escape, "\/" among them, stays as it is
			i += 2
		case b == '/':
			out = append(out, '\\', '/')
			i++
		case b < utf8.RuneSelf:
			from := i
			for i < len(in) && in[i] != '\\' && in[i] != '/' && in[i] < utf8.RuneSelf {
				i++
			}
			i = max(i, from+1)
			out = append(out, in[from:i]...)
		default:
			r, n := utf8.DecodeRune(in[i:])
			i += n
			if hi, lo := utf16.EncodeRune(r); hi != utf8.RuneError {
				out = appendU(appendU(out, hi), lo)
			} else {
				out = appendU(out, r)
			}
		}
	}
	return out
}

func appendU(dst []byte, r rune) []byte {
	const hex = "0123456789abcdef"
	return append(dst, '\\', 'u', hex[r>>12&15], hex[r>>8&15], hex[r>>4&15], hex[r&15])
}

// segment is a piece of a body: literal text, or the place of a value.
type segment struct {
	text  []byte
	value string // name of a moving value, answerValue for the handler's answer
}

const answerValue = "\x00answer"

// cut splits a literal body at the given values. Pointers that the body lacks are
// passed over; values may not overlap.
func cut(body []byte, values []Moving) ([]segment, error) {
	type place struct {
		name       string
		start, end int
	}
	var places []place
	for _, m := range values {
		if start, end, ok := locate(body, m.Pointer); ok {
			places = append(places, place{m.Name, start, end})
		}
	}
	var out []segment
	pos := 0
	for pos < len(body) {
		next := -1
		for i, p := range places {
			if p.start >= pos && (next < 0 || p.start < places[next].start) {
				next = i
			}
		}
		if next < 0 {
			break
		}
		p := places[next]
		out = append(out, segment{text: body[pos:p.start]}, segment{text: body[p.start:p.end], value: p.name})
		pos = p.end
	}
	for _, p := range places {
		found := false
		for _, s := range out {
			found = found || s.value == p.name
		}
		if !found {
			return nil, fmt.Errorf("the value %q stands inside another", strings.TrimPrefix(p.name, "\x00"))
		}
	}
	if pos < len(body) || len(out) == 0 {
		out = append(out, segment{text: body[pos:]})
	}
	return out, nil
}

// locate finds the byte range of the value at a JSON pointer.
func locate(body []byte, pointer string) (start, end int, ok bool) {
	c := scanner{data: body}
	c.space()
	if pointer != "" {
		for _, want := range strings.Split(pointer[1:], "/") {
			if !c.enter(UnescapePointer(want)) {
				return 0, 0, false
			}
		}
	}
	start = c.pos
	c.value(nil)
	return start, c.pos, !c.broken
}

// enter moves to the member of the object or array at the current position.
func (c *scanner) enter(want string) bool {
	switch c.peek() {
	case '{':
		c.pos++
		for {
			c.space()
			if c.peek() != '"' {
				return false
			}
			key, ok := c.str()
			if !ok {
				return false
			}
			c.space()
			c.pos++ // :
			c.space()
			if string(key.decoded()) == want {
				return true
			}
			c.value(nil)
			c.space()
			if c.broken || c.peek() != ',' {
				return false
			}
			c.pos++
		}
	case '[':
		n, err := strconv.Atoi(want)
		if err != nil || n < 0 {
			return false
		}
		c.pos++
		for i := 0; ; i++ {
			c.space()
			if c.peek() == ']' {
				return false
			}
			if i == n {
				return true
			}
			c.value(nil)
			c.space()
			if c.broken || c.peek() != ',' {
				return false
			}
			c.pos++
		}
	}
	return false
}

// Written is an outcome's body without moving parts: sent as written.
func (o *Outcome) Written() bool { return len(o.body) == 1 && o.body[0].value == "" }

// Moves reports whether the body has the named moving value.
func (o *Outcome) Moves(name string) bool {
	for _, s := range o.body {
		if s.value == name {
			return true
		}
	}
	return false
}

// Draw appends the body to dst: as in the document, with the answer at the envelope's
// place and each moving value asked of value. A nil value leaves what is written.
// An answer for a body without that place is an error.
func (o *Outcome) Draw(dst []byte, d *Document, answer any, hasAnswer bool, value func(name string) any) ([]byte, error) {
	if hasAnswer && !o.Moves(answerValue) {
		return nil, fmt.Errorf("%s: the body has no place for an answer", o.Name)
	}
	for i := range o.body {
		s := &o.body[i]
		v, given := answer, hasAnswer
		if s.value != answerValue {
			v, given = nil, false
			if s.value != "" {
				v = value(s.value)
				given = v != nil
			}
		}
		if !given {
			dst = append(dst, s.text...)
			continue
		}
		var err error
		if dst, err = appendValue(dst, v, d.PHP); err != nil {
			return nil, fmt.Errorf("%s: value %q: %w", o.Name, strings.TrimPrefix(s.value, "\x00"), err)
		}
	}
	return dst, nil
}

// Text reports whether the body is plain text rather than JSON.
func (o *Outcome) Text() bool { return !IsJSON(o.ContentType) }

// At returns the JSON of the example at a pointer, nil when it has none there.
func (o *Outcome) At(pointer string) json.RawMessage {
	start, end, ok := locate([]byte(o.Example), pointer)
	if !ok {
		return nil
	}
	return json.RawMessage(o.Example[start:end])
}

// IsJSON reports whether a content type is JSON.
func IsJSON(contentType string) bool {
	mt, _, _ := strings.Cut(contentType, ";")
	mt = strings.TrimSpace(mt)
	return mt == "application/json" || strings.HasSuffix(mt, "+json")
}

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
