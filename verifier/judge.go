package verifier

import (
	"encoding/json"
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
	switch {
	case f.Reason == "is not declared", f.Reason == "is given twice":
		return "field-added", f.Pointer
	case strings.HasPrefix(f.Reason, "lacks "):
		if name, err := strconv.Unquote(strings.TrimPrefix(f.Reason, "lacks ")); err == nil {
			return "field-removed", f.Pointer + "/" + escapePointer(name)
		}
		return "field-removed", f.Pointer
	case strings.HasPrefix(f.Reason, "broken JSON") || strings.HasPrefix(f.Reason, "is a ") || strings.HasPrefix(f.Reason, "is an ") || strings.HasPrefix(f.Reason, "is null, wants"):
		return "type", f.Pointer
	}
	return "value", f.Pointer
}

// at shows what the reply has at a pointer.
func (j *judgement) at(pointer string) string {
	v := j.body
	if pointer == "" {
		return show(v)
	}
	for _, key := range strings.Split(pointer[1:], "/") {
		key = strings.NewReplacer("~1", "/", "~0", "~").Replace(key)
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

// unknown reports a reply that is none of the outcomes.
func (j *judgement) unknown() {
	p := Problem{Verdict: Drift, Class: "outcome", Actual: shorten(string(j.in.body), 300)}
	p.What = "the reply is no outcome that the contract has"
	if j.op != nil {
		p.What = "the reply is none of the outcomes of " + j.op.ID
	}
	if near := j.id.Nearest; near != nil {
		p.Contract = "nearest is " + said(near)
		if len(j.id.Differs) > 0 {
			d := j.id.Differs[0]
			p.Pointer, p.Expected, p.Actual = d.Pointer, rawText(d.Want), rawText(d.Got)
		}
	}
	j.add(p)
}

func rawText(raw json.RawMessage) string {
	if raw == nil {
		return "nothing"
	}
	return shorten(string(raw), 300)
}

// said names an outcome with its source.
func said(o *contract.Outcome) string {
	if o == nil {
		return ""
	}
	return fmt.Sprintf("%s (%s: %s)", o.Name, o.Source, o.Section)
}

// common judges the reply to a request that names no operation.
func (j *judgement) common(o *contract.Outcome) {
	if len(j.id.Outcomes) == 0 {
		j.unknown()
		return
	}
	if o.Status != j.in.status {
		j.add(Problem{Verdict: Drift, Class: "status", What: "the HTTP status is not that of " + o.Name, Expected: strconv.Itoa(o.Status), Actual: strconv.Itoa(j.in.status), Contract: said(o)})
	}
	if !sameType(o.ContentType, j.in.contentType()) {
		j.contentType([]string{o.ContentType})
	}
}

// outcome holds the outcome to the expected one. Where the target is not ours and the
// contract only assumes, the class decides: refused or accepted.
func (j *judgement) outcome() {
	wants, all := j.wanted()
	if wants == nil || j.met(wants, all) {
		return
	}
	success := slices.ContainsFunc(wants, func(o *contract.Outcome) bool { return o.Success })
	refusal := slices.ContainsFunc(wants, func(o *contract.Outcome) bool { return !o.Success })
	assumed := !slices.ContainsFunc(wants, func(o *contract.Outcome) bool { return o.Source != contract.Assumed })
	// A reply that is like nothing the contract has is in no class.
	unlike := len(j.id.Outcomes) == 0 && j.id.Nearest == nil
	inClass := !unlike && (j.id.Success && success || !j.id.Success && refusal)
	p := Problem{
		Verdict: Fail, Class: "outcome", What: "the outcome is not the expected one", Expected: joinNames(wants, all),
		Actual: j.told(), Contract: said(wants[0]) + ": " + shorten(wants[0].Example, 200), Line: j.line(),
	}
	switch {
	case j.foreign && assumed && inClass:
		p.Verdict, p.What = Refuted, "the target does otherwise than is assumed"
		j.refuted = true
		// What is outside the contract there is outside our assumption, not the vendor's word.
		j.problems = []Problem{p}
		return
	case len(j.id.Outcomes) == 0 && (inClass || unlike) && (j.foreign || !assumed):
		return // reported as drift, with the place where it differs
	}
	j.add(p)
}

// wanted are the outcomes of which one is expected; without any named, the successes.
func (j *judgement) wanted() (wants []*contract.Outcome, all bool) {
	e := j.st.expect
	if e == nil || len(e.outcomes) == 0 {
		if j.op == nil || j.st.op == nil || (e != nil && e.status >= 400) {
			return nil, false
		}
		for _, o := range j.op.Outcomes {
			if o.Success {
				wants = append(wants, o)
			}
		}
		return wants, false
	}
	for _, name := range e.outcomes {
		var o *contract.Outcome
		if j.op != nil {
			o = j.op.Outcome(name)
		}
		if o == nil {
			o = j.doc.Common[name]
		}
		if o == nil {
			o = anyOutcome(j.doc, name)
		}
		if o != nil {
			wants = append(wants, o)
		}
	}
	return wants, e.all
}

func anyOutcome(doc *contract.Document, name string) *contract.Outcome {
	for _, op := range doc.Operations {
		if o := op.Outcome(name); o != nil {
			return o
		}
	}
	return nil
}

func (j *judgement) met(wants []*contract.Outcome, all bool) bool {
	names := j.id.Names()
	if !all {
		return len(names) == 1 && slices.ContainsFunc(wants, func(o *contract.Outcome) bool { return o.Name == names[0] })
	}
	if len(names) != len(wants) {
		return false
	}
	for _, o := range wants {
		if !slices.Contains(names, o.Name) {
			return false
		}
	}
	return true
}

func joinNames(list []*contract.Outcome, all bool) string {
	names := make([]string, len(list))
	for i, o := range list {
		names[i] = o.Name
	}
	if all {
		return strings.Join(names, " and ")
	}
	return strings.Join(names, " or ")
}

// told is what the reply said, for people.
func (j *judgement) told() string {
	text := shorten(string(j.in.body), 300)
	if names := j.id.Names(); len(names) > 0 {
		return strings.Join(names, " and ") + ": " + text
	}
	return text
}

func (j *judgement) line() int {
	if j.st.expect != nil {
		return j.st.expect.line
	}
	return j.st.line
}

// expectations holds status, headers, body and text to what the step says.
func (j *judgement) expectations(env map[string]any) error {
	e := j.st.expect
	if e == nil {
		return nil
	}
	if e.status != 0 && e.status != j.in.status {
		j.add(Problem{Verdict: Fail, Class: "status", What: "the HTTP status is not the expected one", Expected: strconv.Itoa(e.status), Actual: strconv.Itoa(j.in.status), Line: e.line})
	}
	g := matching{env: env}
	for _, h := range e.headers {
		var v any = missing{}
		if list := j.in.header.Values(h.name); len(list) > 0 {
			v = strings.Join(list, ", ")
		}
		before := len(g.problems)
		g.match(h.matcher, v, "")
		for i := before; i < len(g.problems); i++ {
			p := &g.problems[i]
			p.What = "the header " + h.name + strings.TrimPrefix(p.What, "the body")
			if strings.EqualFold(h.name, "Content-Type") {
				p.Class = "content-type"
			}
		}
	}
	for _, name := range e.gone {
		if v := j.in.header.Get(name); v != "" {
			g.fail(e.line, "value", "", "the header "+name+" is there", "absent", v)
		}
	}
	if e.body != nil {
		g.match(e.body, j.body, "")
	}
	if e.text != nil {
		g.match(e.text, string(j.in.body), "")
	}
	j.problems = append(j.problems, g.problems...)
	return g.err
}
