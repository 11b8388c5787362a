package signature

import (
	"fmt"
	"slices"
	"strings"
)

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
func (p polyvSelection) selectTwists() []twist {
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
			}), row("repeated-parameter", fmt.Sprintf("Parameter %s was sent more than once and signed each time.", brief(x.name)),
			"Send each parameter once; of several the first counts, the query before the body.",
			func(fs []field) []field { return with(fs, x) }))
	}
	return out
}

// renameTwists sign a parameter under its name that was sent under another.
func (p polyvSelection) renameTwists(name string, aliases []string) []twist {
	var out []twist
	for _, x := range p.counted[:min(len(p.counted), maxNamed)] {
		for _, alias := range append([]string{name}, aliases...) {
			if x.name == name || !strings.EqualFold(simple(x.name), alias) {
				continue
			}
			y := x
			y.name = name
			out = append(out, twist{Mistake{"parameter-misnamed", fmt.Sprintf("Parameter %s was signed under the name %s.", brief(x.name), name),
				fmt.Sprintf("Send the parameter as %s.", name)}, groupFields,
				func(f *formula) { f.fields = with(withoutAll(f.fields, []field{x}), y) }})
		}
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
