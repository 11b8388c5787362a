package verifier

import (
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/mediasandbox/sandbox/internal/contract"
)

// judgement is what came of one reply.
type judgement struct {
	doc     *contract.Document
	op      *contract.Operation // nil for a request that names none
	st      *step
	foreign bool
	head    bool // a reply without a body

	in       *incoming
	id       contract.Identity
	body     any // decoded
	problems []Problem
	refuted  bool
}

// judge holds a reply to the contract and to the step's expectation; checks and saves
// come later, with what it leaves in the environment.
func (j *judgement) judge(env map[string]any) error {
	j.id = j.doc.Identify(j.op, j.in.status, j.in.contentType(), j.in.body)
	j.measure()
	j.decode()
	env["body"], env["text"], env["status"] = j.body, string(j.in.body), j.in.status
	env["headers"], env["outcome"] = headerMap(j.in.header), strings.Join(j.id.Names(), "+")
	if j.head {
		return j.expectations(env)
	}
	j.contract()
	j.outcome()
	if j.refuted {
		// What the contract assumes there does not hold; the reply is reported, not judged.
		return nil
	}
	return j.expectations(env)
}

func (j *judgement) decode() {
	if v, err := decodeJSON(j.id.Body); err == nil && (isJSONType(j.in.contentType()) || j.id.Wrapped) {
		j.body = v
		return
	}
	j.body = string(j.in.body)
}

func isJSONType(contentType string) bool {
	mt, _, _ := strings.Cut(contentType, ";")
	mt = strings.ToLower(strings.TrimSpace(mt))
	return mt == "application/json" || strings.HasSuffix(mt, "+json")
}

// headerMap gives expressions the headers by lower-case name.
func headerMap(h http.Header) map[string]any {
	out := make(map[string]any, len(h))
	for name, list := range h {
		out[strings.ToLower(name)] = strings.Join(list, ", ")
	}
	return out
}

func (j *judgement) add(p Problem) { j.problems = append(j.problems, p) }

// contract notes what of the reply is outside the contract.
func (j *judgement) contract() {
	o := j.said()
	if j.op == nil {
		j.common(o)
		return
	}
	declared := j.declared()
	if declared == nil {
		j.undeclared(o)
		if o != nil && o.Schema != nil {
			j.findings(o.Check(j.id.Body), o)
		}
	} else {
		j.schema(declared, o)
	}
	if len(j.id.Outcomes) == 0 && !j.hasDrift("field-added", "field-removed", "type") {
		j.unknown()
	}
}

// said is the outcome that the reply is, or is most like.
func (j *judgement) said() *contract.Outcome {
	if len(j.id.Outcomes) > 0 {
		return j.id.Outcomes[0]
	}
	return j.id.Nearest
}

// measure holds a reply that is none of the outcomes to the expected one instead of the
// nearest, when one is expected and both refuse or both accept: replies that are none are
// often as much like several.
func (j *judgement) measure() {
	near := j.id.Nearest
	wants, _ := j.wanted()
	if near == nil || len(wants) != 1 || wants[0].Success != near.Success {
		return
	}
	alone := *j.doc
	alone.Common = nil
	id := alone.Identify(&contract.Operation{Outcomes: wants}, j.in.status, j.in.contentType(), j.in.body)
	if id.Nearest != nil {
		j.id.Nearest, j.id.Differs = id.Nearest, id.Differs
	}
}

// declared finds the reply's status and content type in the contract.
func (j *judgement) declared() *contract.Body {
	for i := range j.op.Replies {
		b := &j.op.Replies[i]
		if b.Status == j.in.status && sameType(b.ContentType, j.in.contentType()) {
			return b
		}
	}
	return nil
}

// undeclared says whether it is the status or the content type that the contract lacks.
func (j *judgement) undeclared(o *contract.Outcome) {
	var statuses, types []string
	for _, b := range j.op.Replies {
		statuses = appendNew(statuses, strconv.Itoa(b.Status))
		if b.Status == j.in.status {
			types = appendNew(types, b.ContentType)
		}
	}
	switch {
	case o != nil && len(j.id.Outcomes) > 0 && o.Status != j.in.status && j.codeIsStatus():
		// A vendor's other habit, which the contract knows: the status is the body's code.
		if !sameType(o.ContentType, j.in.contentType()) {
			j.contentType([]string{o.ContentType})
		}
	case types == nil:
		j.add(Problem{
			Verdict: Drift, Class: "status", What: "the HTTP status is not in the contract of " + j.op.ID,
			Expected: strings.Join(statuses, " or "), Actual: strconv.Itoa(j.in.status), Contract: said(o),
		})
	default:
		if o != nil && o.Status == j.in.status {
			types = []string{o.ContentType}
		}
		j.contentType(types)
	}
}

func (j *judgement) contentType(wants []string) {
	j.add(Problem{
		Verdict: Drift, Class: "content-type", What: "the content type is not in the contract",
		Expected: strings.Join(wants, " or "), Actual: strconv.Quote(j.in.contentType()),
	})
}

func appendNew(list []string, v string) []string {
	if slices.Contains(list, v) {
		return list
	}
	return append(list, v)
}

// codeIsStatus reports whether the HTTP status is the number that the body calls code.
func (j *judgement) codeIsStatus() bool {
	obj, ok := j.body.(map[string]any)
	return ok && equalValues(obj["code"], j.in.status)
}

// schema holds the body to the schema of its status and content type.
func (j *judgement) schema(declared *contract.Body, o *contract.Outcome) {
	switch {
	case j.id.Wrapped:
		if o != nil && o.Schema != nil {
			j.findings(o.Check(j.id.Body), o)
		}
	case isJSONType(declared.ContentType):
		j.findings(declared.Schema.CheckJSON(j.in.body), o)
	default:
		if reason := declared.Schema.CheckText(string(j.in.body)); reason != "" {
			j.findings([]contract.Finding{{Reason: "the text " + reason}}, o)
		}
	}
	// An outcome has one status; another that is declared as well is still not its own.
	if o != nil && len(j.id.Outcomes) > 0 && o.Status != j.in.status && !j.codeIsStatus() {
		j.add(Problem{
			Verdict: Drift, Class: "status", What: "the HTTP status is not that of the outcome " + o.Name,
			Expected: strconv.Itoa(o.Status), Actual: strconv.Itoa(j.in.status), Contract: said(o),
		})
	}
}

func (j *judgement) findings(found []contract.Finding, o *contract.Outcome) {
	for _, f := range found {
		class, pointer := classOf(f)
		p := Problem{Verdict: Drift, Class: class, Pointer: pointer, What: where(pointer) + " " + f.Reason, Actual: j.at(pointer)}
		if class == "field-removed" {
			p.What, p.Actual = where(pointer)+" is not there", "nothing"
		}
		if o != nil {
			if text := o.At(pointer); text != nil && !o.Text() {
				p.Contract = fmt.Sprintf("%s writes there %s", said(o), shorten(string(text), 200))
			} else {
				p.Contract = said(o)
			}
		}
		j.add(p)
	}
}

// classOf sorts a finding of the schema into the classes of reports.
func classOf(f contract.Finding) (class, pointer string) {
	switch f.Kind {
	case contract.Undeclared:
		return "field-added", f.Pointer
	case contract.Lacking:
		return "field-removed", f.Pointer + "/" + contract.EscapePointer(f.Missing)
	case contract.OfType:
		return "type", f.Pointer
	default:
		return "value", f.Pointer
	}
}

// at shows what the reply has at a pointer.
func (j *judgement) at(pointer string) string {
	v := j.body
	if pointer == "" {
		return show(v)
	}
	for _, key := range strings.Split(pointer[1:], "/") {
		key = contract.UnescapePointer(key)
		switch c := v.(type) {
		case map[string]any:
			v = c[key]
		case []any:
			i, err := strconv.Atoi(key)
			if err != nil || i < 0 || i >= len(c) {
				return ""
			}
			v = c[i]
		default:
			return ""
		}
	}
	return show(v)
}

func (j *judgement) hasDrift(classes ...string) bool {
	return slices.ContainsFunc(j.problems, func(p Problem) bool { return p.Verdict == Drift && slices.Contains(classes, p.Class) })
}
