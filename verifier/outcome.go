package verifier

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/mediasandbox/sandbox/internal/contract"
)

// unknown reports a reply that is none of the outcomes.
func (j *judgement) unknown() {
	p := Problem{Verdict: Drift, Class: "outcome", Actual: shorten(string(j.in.body), 300)}
	p.What = "the reply is no outcome that the contract has"
	if j.op != nil {
		p.What = "the reply is none of the outcomes of " + j.op.ID
	}
	if near := j.id.Nearest; near != nil {
		p.Contract = "nearest is " + said(near)
		if wants, _ := j.wanted(); len(wants) == 1 && wants[0] == near {
			p.Contract = "expected is " + said(near)
		}
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
