package verifier

import (
	"fmt"
	"regexp"
	"slices"
	"time"

	"github.com/mediasandbox/sandbox/specs/openapi"
	"github.com/mediasandbox/sandbox/verifier/internal/tree"
)

// Baseline is a list of differences between targets that are known and accepted, each
// with the reason and the day on which it is to be looked at again:
//
//	accepted:
//	  - {api: qqtube, operation: stats, class: field-added, pointer: /refund_note,
//	     reason: the vendor adds a note of its own, expires: 2027-01-31}
type Baseline struct {
	File    string
	entries []accepted
}

type accepted struct {
	api, operation, class, pointer, reason string
	expires                                time.Time
	line                                   int
}

// Remark is something to be done about a baseline: an entry that has expired, or one
// that nothing matches any more.
type Remark struct {
	File string `json:"file"`
	Line int    `json:"line"`
	What string `json:"what"`
}

// expiryDate is how the day is written.
const expiryDate = "2006-01-02"

var datePattern = regexp.MustCompile(`^[0-9]{4}-[0-9]{2}-[0-9]{2}$`)

// BaselineSchema is the JSON Schema of baseline files.
func BaselineSchema() map[string]any {
	return baselineShape().Schema("https://github.com/mediasandbox/sandbox/baseline.schema.json", "Accepted differences between targets")
}

func baselineShape() *tree.Shape {
	return &tree.Shape{Title: "a baseline", Kinds: tree.Map, Fields: []tree.Field{
		{Name: "accepted", Required: true, Shape: listOf("accepted", &tree.Shape{Title: "an accepted difference", Kinds: tree.Map, Fields: []tree.Field{
			{Name: "api", Shape: &tree.Shape{Title: "api", Kinds: tree.Text, Enum: openapi.APIs(), Wants: "an API"}, Required: true},
			{Name: "operation", Shape: text("operation", "Every operation without.")},
			{Name: "class", Shape: &tree.Shape{Title: "class", Kinds: tree.Text, Enum: classes(), Wants: "a class of differences"}, Required: true},
			{Name: "pointer", Shape: text("pointer", "Into the reply, * for the items of a list; anywhere without.")},
			{Name: "reason", Shape: text("reason", "Why it is well."), Required: true},
			{Name: "expires", Shape: &tree.Shape{Title: "expires", Kinds: tree.Text, Pattern: datePattern, Wants: "a day such as 2027-01-31"}, Required: true, Doc: "The last day on which it is accepted."},
		}})},
	}}
}

// LoadBaseline reads a baseline file and holds its names to the contracts; what is wrong in
// it is returned as Mistakes.
func LoadBaseline(name string, data []byte) (*Baseline, error) {
	f := tree.NewFile(name, data)
	root := tree.Parse(f, data)
	if root == nil || !baselineShape().Check(f, root) {
		return nil, f.Mistakes()
	}
	docs, err := openapi.LoadAll()
	if err != nil {
		return nil, err
	}
	b := &Baseline{File: name}
	for _, n := range root.Get("accepted").Items {
		e := accepted{line: n.Line}
		for _, each := range []struct {
			key string
			to  *string
		}{{"api", &e.api}, {"operation", &e.operation}, {"class", &e.class}, {"pointer", &e.pointer}, {"reason", &e.reason}} {
			if v := n.Get(each.key); v != nil {
				*each.to = v.Text
			}
		}
		if doc := docs[e.api]; e.operation != "" && doc.Operation(e.operation) == nil {
			f.At(n.Get("operation"), "%s has no operation %q%s", e.api, e.operation, tree.Hint(e.operation, operationNames(doc)))
		}
		day, err := time.Parse(expiryDate, n.Get("expires").Text)
		if err != nil {
			f.At(n.Get("expires"), "%q is no day", n.Get("expires").Text)
			continue
		}
		e.expires = day.AddDate(0, 0, 1)
		if e.reason == "" {
			f.At(n.Get("reason"), "an accepted difference wants a reason")
		}
		b.entries = append(b.entries, e)
	}
	if m := f.Mistakes(); m != nil {
		return nil, m
	}
	return b, nil
}

// Apply marks the differences that the baseline accepts, in place, and returns what is
// to be done about the baseline itself. An entry accepts until the end of its day (UTC).
func (b *Baseline) Apply(list []Difference, now time.Time) []Remark {
	used := make([]bool, len(b.entries))
	for i := range list {
		for j, e := range b.entries {
			if !e.matches(&list[i]) {
				continue
			}
			used[j] = true
			if now.Before(e.expires) {
				list[i].Accepted = e.reason
			}
		}
	}
	var out []Remark
	for j, e := range b.entries {
		switch {
		case !now.Before(e.expires):
			out = append(out, Remark{b.File, e.line, fmt.Sprintf("accepted until %s: %s", e.expires.AddDate(0, 0, -1).Format(expiryDate), e.reason)})
		case !used[j]:
			out = append(out, Remark{b.File, e.line, "no difference is like this any more: " + e.reason})
		}
	}
	return out
}

func (e *accepted) matches(d *Difference) bool {
	return e.api == d.API && e.class == d.Class && slices.Contains([]string{"", d.Operation}, e.operation) && slices.Contains([]string{"", d.Pointer}, e.pointer)
}
