package contract

import (
	"reflect"
	"slices"
)

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

// close reports whether a reply is so much like a success that it is taken for one.
func (r *reading) close(o *Outcome) bool {
	if o.Text() {
		return false
	}
	return o.Status == r.status && len(r.differs(o)) == 0 && r.likeness(o) >= 0.5
}
