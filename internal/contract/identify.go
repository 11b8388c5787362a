package contract

import (
	"bytes"
	"encoding/json"
	"maps"
	"mime"
	"reflect"
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

// sameJSON compares decoded values; numbers by value.
func sameJSON(a, b any) bool {
	switch a := a.(type) {
	case map[string]any:
		b, ok := b.(map[string]any)
		if !ok || len(a) != len(b) {
			return false
		}
		for k, v := range a {
			w, ok := b[k]
			if !ok || !sameJSON(v, w) {
				return false
			}
		}
		return true
	case []any:
		b, ok := b.([]any)
		return ok && slices.EqualFunc(a, b, sameJSON)
	case json.Number:
		b, ok := b.(json.Number)
		if !ok {
			return false
		}
		if a == b {
			return true
		}
		x, errX := a.Float64()
		y, errY := b.Float64()
		return errX == nil && errY == nil && x == y
	}
	return reflect.DeepEqual(a, b)
}

// lookup returns the member at a pointer of keys. Moving values stand in objects.
func lookup(v any, pointer string) (any, bool) {
	if pointer == "" {
		return v, true
	}
	for _, key := range strings.Split(pointer[1:], "/") {
		m, ok := v.(map[string]any)
		if !ok {
			return nil, false
		}
		if v, ok = m[strings.NewReplacer("~1", "/", "~0", "~").Replace(key)]; !ok {
			return nil, false
		}
	}
	return v, true
}

// without returns v with null at the pointer; what it shares with v is not changed.
func without(v any, pointer string) any {
	if pointer == "" {
		return nil
	}
	m, ok := v.(map[string]any)
	if !ok {
		return v
	}
	key, rest, more := strings.Cut(pointer[1:], "/")
	key = strings.NewReplacer("~1", "/", "~0", "~").Replace(key)
	out := make(map[string]any, len(m))
	for k, member := range m {
		out[k] = member
	}
	if _, ok := out[key]; ok {
		if more {
			out[key] = without(out[key], "/"+rest)
		} else {
			out[key] = nil
		}
	}
	return out
}

// collection is a refusal that has one list of parts, such as messages: a vendor that
// collects its refusals joins these lists.
type collection struct {
	outcome *Outcome
	list    string // the member that has the parts
	parts   []any
	rest    map[string]any
}

func collectionOf(o *Outcome) (c collection, ok bool) {
	if o.Success || o.Text() {
		return c, false
	}
	v, valid := parse([]byte(o.Example))
	obj, isObject := v.(map[string]any)
	if !valid || !isObject {
		return c, false
	}
	c = collection{outcome: o, rest: map[string]any{}}
	for key, member := range obj {
		if parts, isList := member.([]any); isList {
			if c.parts != nil {
				return c, false
			}
			c.list, c.parts = key, parts
		} else {
			c.rest[key] = member
		}
	}
	return c, len(c.parts) > 0
}

// collected finds several refusals in one reply: each part of its list belongs to one.
// An outcome whose parts are all among another's is not said as well: the page's
// "service missing" has two messages, one of which alone is "service unknown".
func (r *reading) collected(candidates []*Outcome) []*Outcome {
	body, ok := r.value.(map[string]any)
	if !ok {
		return nil
	}
	var in []collection
	for _, o := range candidates {
		c, ok := collectionOf(o)
		if !ok || o.Status != r.status {
			continue
		}
		parts, ok := body[c.list].([]any)
		if ok && len(c.rest)+1 == len(body) && sameJSON(c.rest, restOf(body, c.list)) && within(c.parts, parts) {
			in = append(in, c)
		}
	}
	if len(in) == 0 {
		return nil
	}
	in = slices.DeleteFunc(slices.Clone(in), func(c collection) bool {
		return slices.ContainsFunc(in, func(o collection) bool { return len(o.parts) > len(c.parts) && within(c.parts, o.parts) })
	})
	all, _ := body[in[0].list].([]any)
	for _, part := range all {
		if !slices.ContainsFunc(in, func(c collection) bool { return within([]any{part}, c.parts) }) {
			return nil
		}
	}
	slices.SortStableFunc(in, func(a, b collection) int { return position(all, a.parts[0]) - position(all, b.parts[0]) })
	out := make([]*Outcome, len(in))
	for i, c := range in {
		out[i] = c.outcome
	}
	return out
}

func restOf(body map[string]any, list string) map[string]any {
	out := make(map[string]any, len(body))
	for k, v := range body {
		if k != list {
			out[k] = v
		}
	}
	return out
}

func within(parts, all []any) bool {
	for _, p := range parts {
		if position(all, p) == len(all) {
			return false
		}
	}
	return true
}

func position(all []any, part any) int {
	for i, p := range all {
		if sameJSON(p, part) {
			return i
		}
	}
	return len(all)
}

// accepted finds the success that the reply is: what stands outside the envelope is
// as written, and the schema of a success holds. Of several, one with the reply's very
// body has been found before; else the one whose answer is of the same kind, and among
// those the usual one.
func (r *reading) accepted(op *Operation, candidates []*Outcome) *Outcome {
	if op == nil {
		return nil
	}
	var found *Outcome
	most := -1
	for _, o := range candidates {
		if !o.Success || o.Status != r.status || len(r.differs(o)) > 0 {
			continue
		}
		s := o.accepting()
		if o.Text() && s.CheckText(string(r.body)) != "" || !o.Text() && (!r.json || len(s.CheckJSON(r.body)) > 0) {
			continue
		}
		alike := 2 * r.kinship(o)
		if o.Name == op.Default {
			alike++
		}
		if alike > most {
			found, most = o, alike
		}
	}
	return found
}

// kinship is how much the reply's answer is of the kind of the outcome's: object, list,
// null or the same word, and of lists, whether anything is in them.
func (r *reading) kinship(o *Outcome) int {
	if o.Text() || !r.json {
		return 0
	}
	example, _ := parse([]byte(o.Example))
	want, ok := lookup(example, r.doc.Envelope)
	got, ok2 := lookup(r.value, r.doc.Envelope)
	if !ok || !ok2 || reflect.TypeOf(want) != reflect.TypeOf(got) {
		return 0
	}
	switch want := want.(type) {
	case []any:
		list, _ := got.([]any)
		if (len(want) == 0) == (len(list) == 0) {
			return 2
		}
		return 1
	case map[string]any:
		return 1
	}
	if sameJSON(want, got) {
		return 2
	}
	return 1
}

// accepting returns the part of the outcome's schema that its own example is inside of:
// of "a list or an error", the list.
func (o *Outcome) accepting() *Schema {
	s := o.Schema
	for range maxDepth {
		if s == nil {
			return &Schema{}
		}
		i := slices.IndexFunc(s.OneOf, func(sub *Schema) bool {
			if o.Text() {
				return sub.CheckText(o.Example) == ""
			}
			return len(sub.CheckJSON([]byte(o.Example))) == 0
		})
		if i < 0 {
			return s
		}
		s = s.OneOf[i]
	}
	return s
}

// differs lists where the body is not as the outcome writes it: for a refusal anywhere
// but in its moving values, for a success outside the envelope.
func (r *reading) differs(o *Outcome) []Difference {
	if o.Text() {
		if o.Success {
			return nil
		}
		return []Difference{{Want: raw(o.Example), Got: raw(string(r.body))}}
	}
	if o.Success && r.doc.Envelope == "" {
		return nil
	}
	want, _ := parse([]byte(o.Example))
	if !r.json {
		return []Difference{{Want: json.RawMessage(o.Example), Got: raw(string(r.body))}}
	}
	free := map[string]bool{}
	if o.Success {
		free[r.doc.Envelope] = true
	}
	for _, m := range o.Moving {
		free[m.Pointer] = true
	}
	var out []Difference
	compareAt(want, r.value, "", free, &out)
	return out
}

// maxDifferences bounds what is listed of one reply.
const maxDifferences = 20

func compareAt(want, got any, pointer string, free map[string]bool, out *[]Difference) {
	if free[pointer] || len(*out) >= maxDifferences {
		return
	}
	wantObject, ok := want.(map[string]any)
	gotObject, ok2 := got.(map[string]any)
	if !ok || !ok2 {
		if !sameJSON(want, got) {
			*out = append(*out, Difference{pointer, rawOf(want), rawOf(got)})
		}
		return
	}
	keys := slices.Sorted(maps.Keys(wantObject))
	for _, k := range slices.Sorted(maps.Keys(gotObject)) {
		if _, ok := wantObject[k]; !ok {
			keys = append(keys, k)
		}
	}
	for _, k := range keys {
		at := pointer + "/" + strings.NewReplacer("~", "~0", "/", "~1").Replace(k)
		w, inWant := wantObject[k]
		g, inGot := gotObject[k]
		switch {
		case free[at]:
		case !inGot:
			*out = append(*out, Difference{at, rawOf(w), nil})
		case !inWant:
			*out = append(*out, Difference{at, nil, rawOf(g)})
		default:
			compareAt(w, g, at, free, out)
		}
	}
}

func raw(text string) json.RawMessage { return rawOf(text) }

func rawOf(v any) json.RawMessage {
	text, err := Encode(v, false)
	if err != nil {
		return nil
	}
	return text
}

// nearest finds the outcome that a reply the contract does not know is most like.
func (r *reading) nearest(candidates []*Outcome) *Outcome {
	var best *Outcome
	most := 0.0
	for _, o := range candidates {
		like := r.likeness(o)
		if o.Status == r.status {
			like += 0.2
		}
		if like > most {
			best, most = o, like
		}
	}
	if most <= 0.2 {
		return nil
	}
	return best
}

// likeness is how much of the reply's top is as in the outcome, from 0 to about 2: the
// share of common keys, and of equal values where the outcome writes them.
func (r *reading) likeness(o *Outcome) float64 {
	if o.Text() {
		return r.textLikeness(o)
	}
	example, _ := parse([]byte(o.Example))
	want, ok := example.(map[string]any)
	got, ok2 := r.value.(map[string]any)
	if !ok || !ok2 {
		if r.json && reflect.TypeOf(example) == reflect.TypeOf(r.value) {
			return 1
		}
		return 0
	}
	common, equal, written := 0, 0, 0
	for k, w := range want {
		g, there := got[k]
		if there {
			common++
		}
		if o.Success && (r.doc.Envelope == "" || "/"+k == r.doc.Envelope) {
			continue
		}
		written++
		if there && sameJSON(w, g) {
			equal++
		}
	}
	like := float64(common) / float64(len(want)+len(got)-common)
	if written > 0 {
		like += float64(equal) / float64(written)
	} else {
		like *= 1.5
	}
	return like
}

// textLikeness compares the first word: vendors begin their errors alike.
func (r *reading) textLikeness(o *Outcome) float64 {
	if o.Success {
		if o.accepting().CheckText(string(r.body)) == "" {
			return 1
		}
		return 0.1
	}
	want, _, _ := strings.Cut(o.Example, " ")
	got, _, _ := strings.Cut(string(r.body), " ")
	if want != got {
		return 0.05
	}
	return 1.2
}

// close reports whether a reply is so much like a success that it is taken for one.
func (r *reading) close(o *Outcome) bool {
	if o.Text() {
		return false
	}
	return o.Status == r.status && len(r.differs(o)) == 0 && r.likeness(o) >= 0.5
}
