package verifier

import (
	"github.com/mediasandbox/sandbox/internal/contract"
)

// coverage sets what the run met against all that the contracts have, of the APIs whose
// scenarios were chosen. Every outcome that was not met says why.
func (r *run) coverage() []APICoverage {
	docs, order := r.documents()
	expected := r.expected()
	out := make([]APICoverage, 0, len(order))
	for _, api := range order {
		doc := docs[api]
		c := APICoverage{API: api}
		for _, op := range doc.Operations {
			oc := OperationCoverage{Operation: op.ID}
			for _, o := range op.Outcomes {
				at := cell{api, op.ID, o.Name}
				row := OutcomeCoverage{Outcome: o.Name, Source: o.Source, Forced: o.Forced, Met: r.met[at]}
				if row.Met == 0 {
					row.Why = r.why(o, expected[at])
				}
				oc.Outcomes = append(oc.Outcomes, row)
			}
			c.Operations = append(c.Operations, oc)
		}
		out = append(out, c)
	}
	return out
}

// documents are the contracts of the scenarios that were chosen, in their order.
func (r *run) documents() (map[string]*contract.Document, []string) {
	docs := map[string]*contract.Document{}
	var order []string
	add := func(sc *Scenario) {
		if docs[sc.API] == nil {
			docs[sc.API] = sc.doc
			order = append(order, sc.API)
		}
	}
	for _, sc := range r.plan.Run {
		add(sc)
	}
	for _, s := range r.plan.Skip {
		if s.Chosen {
			add(s.Scenario)
		}
	}
	return docs, order
}

// expectation in a scenario of one outcome, and why it was not met there.
type hope struct {
	name   string
	reason string
}

// expected lists by outcome the scenarios that expect it, with the reason why they did
// not meet it.
func (r *run) expected() map[cell][]hope {
	out := map[cell][]hope{}
	add := func(sc *Scenario, reason string) {
		sc.walk(func(st *step) {
			for _, at := range st.hopes(sc.doc) {
				out[at] = append(out[at], hope{sc.Name, reason})
			}
		})
	}
	for i, sc := range r.plan.Run {
		switch res := &r.results[i]; {
		case res.Verdict == Skip:
			add(sc, "was skipped: "+res.Reason)
		case worse(res.Verdict, Skip):
			add(sc, "did not get there: "+string(res.Verdict))
		default:
			add(sc, "met another")
		}
	}
	for _, s := range r.plan.Skip {
		if s.Chosen {
			add(s.Scenario, "was skipped: "+s.Reason)
		} else {
			add(s.Scenario, "was "+s.Reason)
		}
	}
	return out
}

// hopes are the outcomes that a step expects.
func (st *step) hopes(doc *contract.Document) []cell {
	switch {
	case st.op != nil && (st.expect == nil || len(st.expect.outcomes) == 0):
		return []cell{{doc.Name, st.op.ID, st.op.Default}}
	case st.op != nil:
		var out []cell
		for _, name := range st.expect.outcomes {
			out = append(out, cell{doc.Name, st.op.ID, name})
		}
		return out
	case st.raw != nil && st.expect != nil:
		var out []cell
		for _, op := range doc.Operations {
			for _, name := range st.expect.outcomes {
				out = append(out, cell{doc.Name, op.ID, name})
			}
		}
		return out
	}
	return nil
}

// why says why an outcome was not met.
func (r *run) why(o *contract.Outcome, hopes []hope) string {
	for _, h := range hopes {
		if h.reason != "met another" {
			return "“" + h.name + "” " + h.reason
		}
	}
	switch {
	case len(hopes) > 0:
		return "“" + hopes[0].name + "” met another in its place"
	case o.Forced:
		return "no rule leads there: only a sandbox that is asked for it answers so"
	case o.Source == contract.Assumed:
		return "assumed, and no scenario expects it"
	}
	return "no scenario expects it"
}
