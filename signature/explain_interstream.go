package signature

import (
	"iter"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/mediasandbox/sandbox/internal/contract"
)

// Explain says what the vendor would have signed and what the sender seems to have
// signed.
func (s Interstream) Explain(r *Request, in Context) Explanation {
	in = in.once()
	caller := s.Caller(r)
	secret, known, mistakes := account(caller, in)
	get := func(name string) string { v, _ := r.Values.GetIn(InQuery, name); return v }
	stamp, salt, sent := get("timestamp"), get("salt"), get("signature")
	window := in.Window
	if window == 0 {
		window = interstreamWindow
	}

	fields := []field{{name: "salt", value: salt, id: 0}, {name: "timestamp", value: stamp, id: 1}}
	maskFields(fields, secret)
	q := question{
		param: "signature", sent: sent, want: wireBase64,
		mistakes: slices.Concat(interstreamMissing(r), mistakes, interstreamTime(salt, stamp, in.Now, window)),
		vendor:   formula{fields: fields, place: placeHMAC, secret: secret, shown: masked, known: known, algo: algoSHA256},
	}
	few, many := otherTwists(caller, in, otherAccount("shared secret", caller))
	q.twists = slices.Concat(interstreamFieldTwists(fields, caller), secretTwists("shared secret", secret, caller), few,
		placeTwists("shared secret", true), interstreamJoinTwists(), interstreamSignedParameters(r, secret), interstreamSaltTwists())
	q.early = []iter.Seq[twist]{many, clockTwists("timestamp", stamp)}
	e := q.diagnose(verdict(s, r, in), in)
	if e.Refusal == "action-unknown" {
		e.Mistakes = append(e.Mistakes, Mistake{"action-unknown", "go and do together name no action that exists.",
			"Send go=users and do=set_content_vote (or get_content_vote) in the query."})
	}
	return e
}

// interstreamMissing says which of the four parameters are missing, and where they are.
func interstreamMissing(r *Request) []Mistake {
	query := []contract.In{InQuery}
	var out []Mistake
	for _, p := range []struct {
		name    string
		aliases []string
	}{
		{"key", []string{"apikey", "keyid", "apikeyid"}}, {"timestamp", []string{"time", "ts", "t"}},
		{"salt", []string{"nonce", "random"}}, {"signature", []string{"sign", "sig", "hash", "hmac"}},
	} {
		if v, _ := r.Values.GetIn(InQuery, p.name); v == "" {
			out = append(out, misplaced(r.Values, query, p.name, p.name+"-missing", p.aliases...))
		}
	}
	return out
}

// interstreamTime explains the timestamp, also when it arrived as the salt.
func interstreamTime(salt, stamp string, now time.Time, window time.Duration) []Mistake {
	if !digits(stamp) && len(salt) == 10 && digits(salt) && stamp != "" {
		return []Mistake{{"salt-and-timestamp-exchanged", "salt holds a time and timestamp holds the salt.",
			"Exchange the values of salt and timestamp."}}
	}
	return explainStamp("timestamp", stamp, time.Second, now, window)
}

// interstreamFieldTwists are the ways of signing salt and timestamp differently.
func interstreamFieldTwists(fields []field, key string) []twist {
	const remedy = "Sign salt followed by timestamp, and nothing else."
	row := func(id, detail string, f func([]field) []field) twist {
		return twist{Mistake{id, detail, remedy}, groupFields, func(x *formula) { x.fields = f(x.fields) }}
	}
	account := field{name: "key", value: key, id: 2}
	return []twist{
		{Mistake{"salt-and-timestamp-swapped", "The timestamp was put in front of the salt.", remedy}, groupOrder, func(f *formula) {
			f.order = func(fs []field) { slices.SortStableFunc(fs, func(a, b field) int { return swapRank(a) - swapRank(b) }) }
		}},
		row("salt-not-signed", "The salt was not signed.", func(fs []field) []field { return withoutAll(fs, fields[:1]) }),
		row("timestamp-not-signed", "The timestamp was not signed.", func(fs []field) []field { return withoutAll(fs, fields[1:]) }),
		row("key-signed", "The key was signed as well, in front.", func(fs []field) []field { return with([]field{account}, fs...) }),
		row("key-signed", "The key was signed as well, at the end.", func(fs []field) []field { return with(fs, account) }),
	}
}

// swapRank puts the timestamp before the salt and leaves the others behind.
func swapRank(x field) int {
	switch x.name {
	case "timestamp":
		return 0
	case "salt":
		return 1
	}
	return 2
}

// interstreamJoinTwists are the ways of putting something between salt and timestamp.
func interstreamJoinTwists() []twist {
	const remedy = "Join salt and timestamp with nothing between them."
	row := func(name, sep string) twist {
		return twist{Mistake{"separator-added", "Salt and timestamp were joined with " + name + ".", remedy}, groupJoin,
			func(f *formula) { f.sep = sep }}
	}
	return []twist{
		row("a dot", "."), row("a colon", ":"), row("|", "|"), row("&", "&"), row("a hyphen", "-"), row("a plus sign", "+"),
		row("a blank", " "), row("an underscore", "_"), row("a comma", ","), row("a line end", "\n"),
		{Mistake{"names-signed", "Salt and timestamp were signed with their names, as a query.", remedy}, groupJoin,
			func(f *formula) { f.names, f.pair, f.sep = true, "=", "&" }},
	}
}

// interstreamSaltTwists are the ways of changing the salt before it is signed.
func interstreamSaltTwists() []twist {
	row := func(id, detail string, f func(string) string) twist {
		return twist{Mistake{id, detail, remedyReceive}, groupValue, func(x *formula) { x.value = f }}
	}
	return []twist{
		row("values-upper-case", "The salt was signed in upper case.", strings.ToUpper),
		row("values-lower-case", "The salt was signed in lower case.", strings.ToLower),
		row("values-url-encoded", "The salt was URL-encoded before it was signed.", url.QueryEscape),
		row("plus-became-blank", "The salt was signed with plus signs, which arrived as blanks.",
			func(s string) string { return strings.ReplaceAll(s, " ", "+") }),
		row("values-encoded-twice", "The salt arrived still URL-encoded; it was signed decoded.", decodeOnce),
		row("values-trimmed", "The salt was signed without the blanks around it.", strings.TrimSpace),
	}
}

// interstreamSignedParameters are the ways of signing parameters too, which this
// vendor does not.
func interstreamSignedParameters(r *Request, secret string) []twist {
	const remedy = "Sign salt followed by timestamp only; this vendor does not sign parameters."
	var out []twist
	for _, set := range []struct {
		name string
		keep func(Value) bool
	}{
		{"the query's parameters", func(v Value) bool { return v.In == InQuery && !credential(v.Name) }},
		{"all of the query but the signature", func(v Value) bool { return v.In == InQuery && v.Name != "signature" }},
		{"the body's parameters", func(v Value) bool { return v.In == InForm && v.Name != "signature" }},
		{"the parameters of query and body", func(v Value) bool { return v.In != InPath && !credential(v.Name) }},
	} {
		var kept []Value
		for _, v := range r.Values {
			if set.keep(v) && len(kept) < maxNamed {
				kept = append(kept, v)
			}
		}
		if len(kept) == 0 {
			continue
		}
		for _, sorted := range []bool{false, true} {
			text := buildQuery(kept, sorted)
			xs := []field{{name: "parameters", value: text, id: 3}}
			maskFields(xs, secret)
			x := xs[0]
			row := func(how string, f func([]field) []field) {
				out = append(out, twist{Mistake{"parameters-signed", "The signature covers " + set.name + how + ".", remedy},
					groupFields, func(m *formula) { m.fields = f(m.fields) }})
			}
			row(", behind salt and timestamp", func(fs []field) []field { return with(fs, x) })
			row(", in front of salt and timestamp", func(fs []field) []field { return with([]field{x}, fs...) })
			row(" in place of salt and timestamp", func([]field) []field { return []field{x} })
		}
	}
	return out
}

// credential reports whether a parameter belongs to the signature.
func credential(name string) bool {
	switch name {
	case "key", "timestamp", "salt", "signature":
		return true
	}
	return false
}

// buildQuery writes parameters as PHP's http_build_query does.
func buildQuery(vs []Value, sorted bool) string {
	vs = slices.Clone(vs)
	if sorted {
		slices.SortStableFunc(vs, func(a, b Value) int { return strings.Compare(a.Name, b.Name) })
	}
	var out strings.Builder
	for i, v := range vs {
		if i > 0 {
			out.WriteByte('&')
		}
		out.WriteString(url.QueryEscape(v.Name) + "=" + url.QueryEscape(v.Value))
	}
	return out.String()
}
