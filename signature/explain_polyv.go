package signature

import (
	"iter"
	"slices"
	"time"

	"github.com/mediasandbox/sandbox/internal/contract"
)

// Explain says what the vendor would have signed and what the sender seems to have
// signed.
func (s Polyv) Explain(r *Request, in Context) Explanation {
	in = in.once()
	caller := s.Caller(r)
	secret, known, mistakes := account(caller, in)
	window := in.Window
	if window == 0 {
		window = polyvWindow
	}
	sent, ptime := polyvParam(r.Values, "sign"), polyvParam(r.Values, "ptime")
	anywhere := []contract.In{InQuery, InForm}
	ptimeNames := []string{"timestamp", "time", "ts", "t"}
	var first []Mistake
	if sent == "" {
		first = append(first, misplaced(r.Values, anywhere, "sign", "sign-missing", "signature", "md5", "hash"))
	}
	if ptime == "" {
		first = append(first, misplaced(r.Values, anywhere, "ptime", "ptime-missing", ptimeNames...))
	}
	first = append(first, explainStamp("ptime", ptime, time.Millisecond, in.Now, window)...)

	all := polyvFields(r.Values, secret)
	q := question{
		param: "sign", sent: sent, want: wireUpperHex, mistakes: append(first, mistakes...),
		vendor: formula{
			fields: all.counted, order: byName, names: true, pair: "=", sep: "&",
			secret: secret, shown: masked, known: known, algo: algoSHA1,
		},
	}
	few, many := otherTwists(caller, in, otherAccount("secret key", caller))
	q.twists = slices.Concat(all.renameTwists("ptime", ptimeNames), orderTwists(), all.selectTwists(), few, placeTwists("secret key", false),
		valueTwists(), polyvJoinTwists(r), secretTwists("secret key", secret, caller), all.extraTwists(caller))
	q.early = []iter.Seq[twist]{all.subsets(), many, clockTwists("ptime", ptime), all.permutations(fewPermuted)}
	q.late = []iter.Seq[twist]{all.permutations(manyPermuted)}
	return q.diagnose(verdict(s, r, in), in)
}

// polyvSelection is a request's parameters, sorted by what the vendor does with them.
type polyvSelection struct {
	counted  []field // signed, in order of arrival
	empty    []field // not signed because empty
	shadowed []field // hidden by another of the same name
	query    []field // those of counted that stand in the query
	form     []field // and in the form
}

// polyvFields sorts the parameters. A value with the secret in it, and one that is a
// signature under a wrong name, gets a mask.
func polyvFields(vs Values, secret string) polyvSelection {
	var out polyvSelection
	var c curtain
	c.secret(secret)
	seen := map[string]bool{}
	for i, v := range vs {
		if v.In == InPath || v.Name == "sign" {
			continue
		}
		x := field{name: v.Name, value: v.Value, id: i}
		if hidden := c.draw(v.Value); hidden != v.Value {
			x.mask = hidden
		}
		switch lower(simple(v.Name)) {
		case "sign", "signature", "md5", "sha1", "hash", "digest":
			x.mask = maskedSignature
		}
		switch {
		case v.Shadowed || seen[v.Name]:
			out.shadowed = append(out.shadowed, x)
			continue
		case v.Value == "":
			out.empty = append(out.empty, x)
		default:
			out.counted = append(out.counted, x)
			if v.In == InQuery {
				out.query = append(out.query, x)
			} else {
				out.form = append(out.form, x)
			}
		}
		seen[v.Name] = true
	}
	return out
}
