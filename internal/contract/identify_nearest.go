package contract

import (
	"encoding/json"
	"maps"
	"reflect"
	"slices"
	"strings"
)

// differs lists where the body is not as the outcome writes it: for a refusal anywhere
// but in its moving values, for a success outside the envelope.
func (r *reading) differs(o *Outcome) []Difference {
	if o.Text() {
		if o.Success {
			return nil
		}
		return []Difference{{Want: rawOf(o.Example), Got: rawOf(string(r.body))}}
	}
	if o.Success && r.doc.Envelope == "" {
		return nil
	}
	want, _ := parse([]byte(o.Example))
	if !r.json {
		return []Difference{{Want: json.RawMessage(o.Example), Got: rawOf(string(r.body))}}
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
		at := pointer + "/" + EscapePointer(k)
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
