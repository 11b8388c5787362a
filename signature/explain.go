package signature

import (
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/mediasandbox/sandbox/internal/contract"
)

// masked stands for a secret, maskedSignature for what was derived from one.
const (
	masked          = "<secret>"
	maskedSignature = "<signature>"
)

// once returns a Context that lists the other accounts once, however often they
// are looked at.
func (in Context) once() Context {
	if in.Others != nil {
		in.Others = sync.OnceValue(in.Others)
	}
	return in
}

// question is what a scheme asks of the diagnosis.
type question struct {
	param  string  // the signature's parameter
	sent   string  // its value, "" when missing
	want   wire    // how the vendor wants the digest written
	vendor formula // how the vendor makes it
	twists []twist
	families
	mistakes []Mistake // known without a search: time, account, missing parameters
}

// verdict begins an Explanation with what the scheme says of the request.
func verdict(s Scheme, r *Request, in Context) Explanation {
	v := s.Check(r, in)
	return Explanation{Scheme: s.Name(), Caller: v.Caller, Accepted: v.Refusal == "", Refusal: v.Refusal, Differ: -1}
}

// diagnose completes a verdict with the question's answer: it reads the digest that was
// sent and searches for the mistakes that lead to it.
func (q question) diagnose(e Explanation, in Context) Explanation {
	e.Expected, e.Differ, e.Mistakes = q.vendor.show(), -1, q.mistakes
	if q.sent != "" {
		e.search(q)
	}
	var c curtain
	if q.vendor.known {
		var mem scratch
		c.secret(q.vendor.secret)
		c.digest(q.vendor.digest(&mem))
	}
	c.others(in)
	c.over(&e)
	if e.Sent != "" {
		e.Differ = differ(e.Expected, e.Sent)
	}
	return e
}

// search completes e with what was found about the digest.
func (e *Explanation) search(q question) {
	s := search{base: q.vendor, twists: q.twists, families: q.families,
		readings: readDigest(q.param, q.sent, q.want, q.vendor.algo)}
	if len(s.readings) == 0 {
		e.Mistakes = append(e.Mistakes, notADigest(q.param, q.sent, q.want, q.vendor.algo))
		return
	}
	if f, ok := s.run(); ok {
		e.Sent = f.formula.show()
		e.Mistakes = append(e.Mistakes, f.mistakes...)
		return
	}
	if s.readings[0].guess {
		e.Mistakes = append(e.Mistakes, notADigest(q.param, q.sent, q.want, q.vendor.algo))
		return
	}
	e.Mistakes = append(e.Mistakes, s.readings[0].mistakes...)
	e.Mistakes = append(e.Mistakes, Mistake{"digest-unexplained",
		fmt.Sprintf("None of %d known mistakes and pairs of them leads to this %s.", s.spent, q.param),
		"Print the string that the client signs and compare it with the expected one byte by byte; then compare the secret."})
}

// differ returns the first byte at which two strings differ, -1 when they do not.
func differ(a, b string) int {
	for i := 0; i < len(a) && i < len(b); i++ {
		if a[i] != b[i] {
			return i
		}
	}
	if len(a) == len(b) {
		return -1
	}
	return min(len(a), len(b))
}

// brief is a name or id of the request for a sentence. It is not cut here: a secret
// that a client put there must still be found whole.
func brief(s string) string {
	if s == "" || strings.ContainsFunc(s, func(r rune) bool { return r <= ' ' || r == 0x7F }) {
		return `"` + s + `"`
	}
	return s
}

// misplaced looks for a parameter that is missing under another spelling or in
// another place, and says that it is missing either way.
func misplaced(vs Values, in []contract.In, name, outcome string, aliases ...string) Mistake {
	for _, v := range vs {
		if v.Name == name && v.Value != "" && !slices.Contains(in, v.In) {
			return Mistake{outcome, fmt.Sprintf("%s was sent in the %s, where the vendor does not look.", name, v.In),
				fmt.Sprintf("Send %s in the %s.", name, in[0])}
		}
	}
	for _, v := range vs {
		if v.Name == name && v.Value == "" {
			return Mistake{outcome, name + " was sent empty.", "Give " + name + " a value."}
		}
	}
	for _, v := range vs {
		if v.Value == "" || v.In == InPath {
			continue
		}
		for _, alias := range append([]string{name}, aliases...) {
			if strings.EqualFold(simple(v.Name), simple(alias)) {
				return Mistake{outcome, fmt.Sprintf("%s was not sent, but %s was.", name, brief(v.Name)),
					fmt.Sprintf("Name the parameter %s.", name)}
			}
		}
	}
	return Mistake{outcome, name + " was not sent.", "Send " + name + "."}
}

// simple drops what spellings of a name differ in besides case.
func simple(name string) string { return strings.NewReplacer("_", "", "-", "", " ", "").Replace(name) }
