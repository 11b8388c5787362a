package signature

import (
	"fmt"
	"iter"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/mediasandbox/sandbox/internal/contract"
)

// Explain says what the vendor would have signed and what the sender seems to have
// signed.
func (s Polyv) Explain(r *Request, in Context) Explanation {
	caller := s.Caller(r)
	secret, known, mistakes := account(caller, in)
	window := in.Window
	if window == 0 {
		window = polyvWindow
	}
	sent, ptime := polyvParam(r.Values, "sign"), polyvParam(r.Values, "ptime")
	anywhere := []contract.In{InQuery, InForm}
	var first []Mistake
	if sent == "" {
		first = append(first, misplaced(r.Values, anywhere, "sign", "sign-missing", "signature", "md5", "hash"))
	}
	if ptime == "" {
		first = append(first, misplaced(r.Values, anywhere, "ptime", "ptime-missing", "timestamp", "time", "ts", "t"))
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
	few, many := otherTwists("secret key", caller, in)
	q.twists = slices.Concat(orderTwists(), all.selectTwists(r.Values), few, placeTwists("secret key", false),
		valueTwists(), polyvJoinTwists(r), secretTwists("secret key", secret, caller), all.extraTwists(caller))
	q.alone = []iter.Seq[twist]{all.subsets(), many, clockTwists("ptime", ptime), all.permutations()}
	return diagnose(s, r, in, q)
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

// orderTwists are the ways of not sorting.
func orderTwists() []twist {
	row := func(detail string, f func([]field)) twist {
		return twist{Mistake{"parameters-unsorted", detail, "Sort the parameters by name, in byte order (as Java's TreeMap or PHP's ksort do)."},
			groupOrder, func(x *formula) { x.order = f }}
	}
	last := func(first bool) func([]field) {
		return func(fs []field) {
			byName(fs)
			slices.SortStableFunc(fs, func(a, b field) int {
				rank := func(x field) int {
					if (x.name == "ptime") == first {
						return 0
					}
					return 1
				}
				return rank(a) - rank(b)
			})
		}
	}
	return []twist{
		row("The parameters were signed in the order in which they were sent.", nil),
		row("The parameters were signed in reverse order of their names.", func(fs []field) { byName(fs); slices.Reverse(fs) }),
		row("The parameters were sorted without regard to case.", func(fs []field) {
			slices.SortStableFunc(fs, func(a, b field) int { return strings.Compare(lower(a.name), lower(b.name)) })
		}),
		row("The parameters were signed with ptime in front of the others.", last(true)),
		row("The parameters were signed with ptime behind the others.", last(false)),
		row("The parameters were sorted by their values.", func(fs []field) {
			slices.SortStableFunc(fs, func(a, b field) int { return strings.Compare(a.value, b.value) })
		}),
	}
}

// maxNamed bounds the parameters that are left out one by one.
const maxNamed = 24

// selectTwists are the ways of signing other parameters than were sent.
func (p polyvSelection) selectTwists(vs Values) []twist {
	row := func(id, detail, remedy string, f func([]field) []field) twist {
		return twist{Mistake{id, detail, remedy}, groupFields, func(x *formula) { x.fields = f(x.fields) }}
	}
	var out []twist
	if len(p.empty) > 0 {
		out = append(out, row("empty-parameters-signed", fmt.Sprintf("Empty parameters (%s) were signed.", namesOf(p.empty)),
			"Leave parameters without a value out of the string.", func(fs []field) []field { return with(fs, p.empty...) }))
		for _, x := range p.empty[:min(len(p.empty), maxNamed)] {
			out = append(out, row("empty-parameters-signed", fmt.Sprintf("The empty parameter %s was signed.", brief(x.name)),
				"Leave parameters without a value out of the string.", func(fs []field) []field { return with(fs, x) }))
		}
	}
	if len(p.query) > 0 && len(p.form) > 0 {
		out = append(out,
			row("body-not-signed", fmt.Sprintf("The parameters of the body (%s) were not signed.", namesOf(p.form)),
				"Sign the parameters of query and body together.", func(fs []field) []field { return withoutAll(fs, p.form) }),
			row("query-not-signed", fmt.Sprintf("The parameters of the query (%s) were not signed.", namesOf(p.query)),
				"Sign the parameters of query and body together.", func(fs []field) []field { return withoutAll(fs, p.query) }))
	}
	for _, x := range p.counted[:min(len(p.counted), maxNamed)] {
		out = append(out, row("sent-not-signed", fmt.Sprintf("Parameter %s was sent but not signed.", brief(x.name)),
			"Sign every parameter that is sent with a value, unknown ones included.",
			func(fs []field) []field { return withoutAll(fs, []field{x}) }))
	}
	for _, x := range p.shadowed[:min(len(p.shadowed), maxNamed)] {
		out = append(out, row("repeated-parameter", fmt.Sprintf("Parameter %s was sent more than once, and a value that does not count was signed.", brief(x.name)),
			"Send each parameter once; of several the first counts, the query before the body.",
			func(fs []field) []field {
				return with(without(fs, func(y field) bool { return y.name == x.name }), x)
			}))
		out = append(out, row("repeated-parameter", fmt.Sprintf("Parameter %s was sent more than once and signed each time.", brief(x.name)),
			"Send each parameter once; of several the first counts, the query before the body.",
			func(fs []field) []field { return with(fs, x) }))
	}
	return out
}

// extraTwists are parameters that clients of this vendor sign and do not send.
func (p polyvSelection) extraTwists(caller string) []twist {
	sent := map[string]bool{}
	for _, x := range slices.Concat(p.counted, p.empty) {
		sent[x.name] = true
	}
	var out []twist
	add := func(id, detail, remedy string, x field) {
		x.id = -1
		out = append(out, twist{Mistake{id, detail, remedy}, groupFields, func(f *formula) { f.fields = with(f.fields, x) }})
	}
	add("sign-signed", "The parameter sign itself was part of the string, still empty.",
		"Leave sign out of the string.", field{name: "sign"})
	if !sent["userid"] {
		add("userid-signed", "The userid of the path was signed as if it were a parameter.",
			"Leave the path's userid out of the string.", field{name: "userid", value: caller})
		add("userid-signed", "The userid of the path was signed as a parameter userId.",
			"Leave the path's userid out of the string.", field{name: "userId", value: caller})
	}
	for _, name := range []string{"secretkey", "secretKey"} {
		if !sent[name] {
			x := field{name: name, secret: true}
			out = append(out, twist{Mistake{"secret-as-parameter", "The secret key was signed as a parameter " + name + ".",
				"Append the bare secret key to the end of the string."}, groupPlace, func(f *formula) {
				f.fields, f.place = with(f.fields, x), placeNone
			}})
		}
	}
	for _, x := range []field{
		{name: "format", value: "json"}, {name: "jsonp", value: "callback"}, {name: "format", value: "xml"},
		{name: "page", value: "1"}, {name: "pageNum", value: "1"}, {name: "pageSize", value: "10"},
		{name: "pageSize", value: "20"}, {name: "numPerPage", value: "20"}, {name: "numPerPage", value: "10"},
		{name: "jsonp", value: "a"}, {name: "cataid", value: "1"}, {name: "format"}, {name: "jsonp"},
	} {
		if !sent[x.name] {
			add("signed-not-sent", fmt.Sprintf("Parameter %s=%s was signed but not sent.", x.name, x.value),
				"Send every parameter that is signed, or leave it out of both.", x)
		}
	}
	return out
}

// polyvJoinTwists are the ways of joining names and values differently.
func polyvJoinTwists(r *Request) []twist {
	row := func(id, detail string, f func(*formula)) twist {
		return twist{Mistake{id, detail, "Join name=value pairs with & and append the secret key with nothing between."}, groupJoin, f}
	}
	return []twist{
		row("separator-missing", "The pairs were joined without &.", func(f *formula) { f.sep = "" }),
		row("separator-missing", "Names and values were joined without = and &.", func(f *formula) { f.sep, f.pair = "", "" }),
		row("separator-missing", "Names and values were joined without =.", func(f *formula) { f.pair = "" }),
		row("separator-before-secret", "There was an & between the parameters and the secret key.", func(f *formula) { f.tail = "&" }),
		row("secret-as-parameter", "The secret key was appended as &secretkey=….", func(f *formula) { f.tail = "&secretkey=" }),
		row("secret-as-parameter", "The secret key was appended as &secretKey=….", func(f *formula) { f.tail = "&secretKey=" }),
		row("secret-as-parameter", "The secret key was appended as &key=….", func(f *formula) { f.tail = "&key=" }),
		row("names-not-signed", "Only the values were signed, without their names.", func(f *formula) { f.names, f.sep = false, "" }),
		row("names-not-signed", "Only the values were signed, joined with &.", func(f *formula) { f.names = false }),
		row("separator-wrong", "The pairs were joined with a comma.", func(f *formula) { f.sep = "," }),
		row("separator-wrong", "The pairs were joined with ; instead of &.", func(f *formula) { f.sep = ";" }),
		row("separator-wrong", "The pairs were joined with &amp; instead of &.", func(f *formula) { f.sep = "&amp;" }),
		row("separator-wrong", "There was a ? in front of the string.", func(f *formula) { f.lead = "?" }),
		row("path-signed", "The path was signed as well.", func(f *formula) { f.lead = r.Path }),
		row("path-signed", "The path was signed as well, joined with ?.", func(f *formula) { f.lead = r.Path + "?" }),
		row("string-url-encoded", "The whole string was URL-encoded before the secret key was appended.", func(f *formula) { f.whole = rawURLEncode }),
	}
}

// maxSubset bounds the parameters of which every selection is tried, and
// maxPermuted those of which every order is.
const (
	maxSubset   = 8
	maxPermuted = 6
)

// subsets leaves out three and more parameters at once.
func (p polyvSelection) subsets() iter.Seq[twist] {
	return func(yield func(twist) bool) {
		n := len(p.counted)
		if n > maxSubset {
			return
		}
		for set := 0; set < 1<<n; set++ {
			var out []field
			for i := range n {
				if set>>i&1 == 0 {
					out = append(out, p.counted[i])
				}
			}
			if len(out) < 3 {
				continue // singles and pairs are tried anyway
			}
			t := twist{Mistake{"sent-not-signed", fmt.Sprintf("Parameters %s were sent but not signed.", namesOf(out)),
				"Sign every parameter that is sent with a value, unknown ones included."},
				groupFields, func(f *formula) { f.fields = withoutAll(f.fields, out) }}
			if !yield(t) {
				return
			}
		}
	}
}

// permutations signs the parameters in every order.
func (p polyvSelection) permutations() iter.Seq[twist] {
	return func(yield func(twist) bool) {
		if len(p.counted) > maxPermuted {
			return
		}
		permute(slices.Clone(p.counted), 0, func(fs []field) bool {
			return yield(twist{Mistake{"parameters-unsorted", fmt.Sprintf("The parameters were signed in the order %s.", namesOf(fs)),
				"Sort the parameters by name, in byte order (as Java's TreeMap or PHP's ksort do)."},
				groupOrder, func(f *formula) { f.fields, f.order = fs, nil }})
		})
	}
}

// permute calls yield with every order of fs from index at on, until it says stop.
func permute(fs []field, at int, yield func([]field) bool) bool {
	if at >= len(fs)-1 {
		return yield(slices.Clone(fs))
	}
	for i := at; i < len(fs); i++ {
		fs[at], fs[i] = fs[i], fs[at]
		if !permute(fs, at+1, yield) {
			return false
		}
		fs[at], fs[i] = fs[i], fs[at]
	}
	return true
}

// clockTwists are other times than the one sent: the clock was read twice, or the
// time was signed in another unit.
func clockTwists(name, value string) iter.Seq[twist] {
	return func(yield func(twist) bool) {
		n, err := strconv.ParseInt(value, 10, 64)
		if err != nil || n > 1<<53 {
			return
		}
		send := func(id, detail, remedy string, signed int64) bool {
			text := strconv.FormatInt(signed, 10)
			return yield(twist{Mistake{id, detail, remedy}, groupTime,
				func(f *formula) { f.fields = replaced(f.fields, name, text) }})
		}
		same := "Read the clock once, and send the value that was signed."
		if !send("timestamp-unit-signed", name+" was signed in seconds and sent in milliseconds.", same, n/1000) ||
			!send("timestamp-unit-signed", name+" was signed in milliseconds and sent in seconds.", same, n*1000) ||
			!send("timestamp-taken-twice", name+" was signed in whole seconds and sent with the milliseconds.", same, n/1000*1000) {
			return
		}
		for _, unit := range []int64{1, 1000} {
			for d := int64(1); d <= 60; d++ {
				for _, off := range []int64{-d * unit, d * unit} {
					if !send("timestamp-taken-twice", fmt.Sprintf("%s was signed with another value than was sent (%+d).", name, off), same, n+off) {
						return
					}
				}
			}
		}
	}
}

// withoutAll returns fields but the given ones.
func withoutAll(fields, drop []field) []field {
	return without(fields, func(x field) bool {
		return slices.ContainsFunc(drop, func(y field) bool { return x.id == y.id && x.name == y.name })
	})
}
