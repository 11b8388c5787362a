package contract

import (
	"bytes"
	"encoding/json"
	"maps"
	"mime"
	"regexp"
	"slices"
	"strings"
)

// Identity is what a reply turned out to be.
type Identity struct {
	// Outcomes are those that the reply is: one, or several where a vendor collects its
	// refusals in one reply, in the order of their parts. None means that the contract
	// does not know the reply.
	Outcomes []*Outcome
	// Success says that the call was accepted: by the outcome, or, for an unknown reply,
	// by what it looks like.
	Success bool
	// Nearest is the outcome that the reply is most like; set when there are no Outcomes.
	Nearest *Outcome
	// Differs are the places where the reply is not as the outcome, or the nearest one, is written.
	Differs []Difference
	// Body is the reply without what wraps it, and Wrapped says that something did: a
	// script's callback around JSON.
	Body    []byte
	Wrapped bool
}

// Difference is a place where a reply is not what the contract writes there.
type Difference struct {
	Pointer   string
	Want, Got json.RawMessage // nil where there is nothing
}

// Names lists the names of the outcomes.
func (id *Identity) Names() []string {
	out := make([]string, len(id.Outcomes))
	for i, o := range id.Outcomes {
		out[i] = o.Name
	}
	return out
}

// Identify finds the outcome that a reply of the operation is. op may be nil, for a
// request that names none: then the common outcomes are looked at.
//
// A refusal is known by its body, literally but for its moving values; JSON is compared
// as values, so that spaces, the order of keys and escapes do not count. A success is
// known by what stands outside the envelope, and by its schema. The status decides
// between outcomes of one body and is otherwise not looked at: it has its own place in
// the contract.
func (d *Document) Identify(op *Operation, status int, contentType string, body []byte) Identity {
	id := Identity{Body: body}
	if inner, ok := unwrap(contentType, body); ok {
		id.Body, id.Wrapped = inner, true
	}
	candidates := d.candidates(op)
	parsed, isObject := parse(id.Body)
	r := reading{doc: d, status: status, body: id.Body, value: parsed, json: isObject}
	if o := r.literal(candidates); o != nil {
		id.Outcomes, id.Success = []*Outcome{o}, o.Success
		return id
	}
	if list := r.collected(candidates); list != nil {
		id.Outcomes = list
		return id
	}
	if o := r.accepted(op, candidates); o != nil {
		id.Outcomes, id.Success = []*Outcome{o}, true
		return id
	}
	id.Nearest = r.nearest(candidates)
	if id.Nearest == nil {
		id.Success = status < 400
		return id
	}
	id.Success = id.Nearest.Success
	id.Differs = r.differs(id.Nearest)
	if id.Success && r.close(id.Nearest) {
		// A success with a field too many, or of another type: the schema says so.
		id.Outcomes = []*Outcome{id.Nearest}
		id.Nearest = nil
	}
	return id
}

// candidates are the operation's outcomes, then the common ones it does not have.
func (d *Document) candidates(op *Operation) []*Outcome {
	var out []*Outcome
	if op != nil {
		out = append(out, op.Outcomes...)
	}
	for _, name := range slices.Sorted(maps.Keys(d.Common)) {
		if op == nil || op.Outcome(name) == nil {
			out = append(out, d.Common[name])
		}
	}
	return out
}

// callback is JSON as the argument of a function.
var callback = regexp.MustCompile(`(?s)^\s*(?:/\*\*/)?[\w$.]+\(\s*(.*?)\s*\)\s*;?\s*$`)

func unwrap(contentType string, body []byte) ([]byte, bool) {
	mt, _, err := mime.ParseMediaType(contentType)
	if err != nil || !strings.HasSuffix(mt, "/javascript") && !strings.HasSuffix(mt, "/x-javascript") {
		return nil, false
	}
	m := callback.FindSubmatch(body)
	if len(m) < 2 || !json.Valid(m[1]) {
		return nil, false
	}
	return m[1], true
}

// parse decodes JSON; ok is false for anything else.
func parse(body []byte) (v any, ok bool) {
	dec := json.NewDecoder(bytes.NewReader(body))
	dec.UseNumber()
	if dec.Decode(&v) != nil {
		return nil, false
	}
	if _, err := dec.Token(); err == nil {
		return nil, false
	}
	return v, true
}

// reading is one reply being identified.
type reading struct {
	doc    *Document
	status int
	body   []byte
	value  any
	json   bool
}

// literal finds the outcome whose body this is, moving values aside. Of several, those
// with the reply's status count, and of these the one that leaves least open.
func (r *reading) literal(candidates []*Outcome) *Outcome {
	var found *Outcome
	least := 0
	for _, o := range candidates {
		open, ok := r.equals(o)
		if !ok {
			continue
		}
		if o.Status != r.status {
			open += 1000
		}
		if found == nil || open < least {
			found, least = o, open
		}
	}
	return found
}

// equals compares the body with an outcome's; open is how many values of it move.
func (r *reading) equals(o *Outcome) (open int, ok bool) {
	if o.Text() {
		return 0, string(r.body) == o.Example
	}
	if !r.json {
		return 0, false
	}
	want, ok := parse([]byte(o.Example))
	if !ok {
		return 0, false
	}
	got := r.value
	for _, m := range o.Moving {
		if _, there := lookup(want, m.Pointer); !there {
			continue
		}
		if _, there := lookup(got, m.Pointer); !there {
			return 0, false
		}
		open++
		want, got = without(want, m.Pointer), without(got, m.Pointer)
	}
	return open, sameJSON(want, got)
}
