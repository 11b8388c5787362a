package signature

import (
	"iter"
	"slices"

	"github.com/mediasandbox/sandbox/internal/contract"
)

// Explain says what the vendor would have hashed and what the sender seems to have
// hashed.
func (s Cliparto) Explain(r *Request, in Context) Explanation {
	in = in.once()
	caller := s.Caller(r)
	secret, known, mistakes := account(caller, in)
	get := func(name string) string { v, _ := r.Values.GetIn(InQuery, name); return v }
	q, ext, sent := get("q"), get("ext"), get("md5")
	query := []contract.In{InQuery}
	var first []Mistake
	if caller == "" {
		first = append(first, misplaced(r.Values, query, "id", "id-missing", "userid", "user"))
	}
	switch {
	case q == "":
		first = append(first, misplaced(r.Values, query, "q", "q-missing", "query", "type"))
	case r.Operation == "":
		first = append(first, Mistake{"q-unknown", "There is no query type " + brief(q) + ".",
			"Write the query type as the vendor's page does, in its own case."})
	}
	if sent == "" {
		first = append(first, misplaced(r.Values, query, "md5", "md5-missing", "hash", "sign", "signature", "mdfive"))
	}

	fields := []field{{name: "id", value: caller, id: 0}, {name: "q", value: q, id: 1}, {name: "ext", value: ext, id: 2}}
	maskFields(fields, secret)
	ask := question{
		param: "md5", sent: sent, want: wireAnyHex, mistakes: append(first, mistakes...),
		vendor: formula{fields: fields, secret: secret, shown: masked, known: known, algo: algoMD5},
	}
	few, many := otherTwists(caller, in, otherAccount("API code", caller))
	ask.twists = slices.Concat(clipartoFieldTwists(fields), clipartoJoinTwists(), few, placeTwists("API code", false),
		valueTwists(), secretTwists("API code", secret, caller))
	ask.early = []iter.Seq[twist]{many, clipartoOrders(fields)}
	return ask.diagnose(verdict(s, r, in), in)
}

// clipartoFieldTwists are the ways of hashing other parts than were sent.
func clipartoFieldTwists(fields []field) []twist {
	const remedy = "Hash id, q, ext and the API code, each exactly as it is sent."
	drop := func(i int, id, detail string) twist {
		return twist{Mistake{id, detail, remedy}, groupFields, func(f *formula) { f.fields = withoutAll(f.fields, fields[i:i+1]) }}
	}
	out := []twist{
		drop(2, "sent-not-signed", "Parameter ext was sent but not hashed."),
		drop(1, "sent-not-signed", "Parameter q was sent but not hashed."),
		drop(0, "sent-not-signed", "Parameter id was sent but not hashed."),
	}
	if fields[2].value == "" {
		for _, ext := range []string{"10", "n/a", "1", "100", "0", "null", "ext"} {
			out = append(out, twist{Mistake{"signed-not-sent", "An ext of " + ext + " was hashed but not sent.", remedy},
				groupFields, func(f *formula) { f.fields = replaced(f.fields, "ext", ext) }})
		}
	}
	return out
}

// clipartoJoinTwists are the ways of putting something between the parts: the page
// writes "id + q + ext + API Code", where + is not a character.
func clipartoJoinTwists() []twist {
	const remedy = "Join id, q, ext and the API code with nothing between them."
	row := func(detail, sep string) twist {
		return twist{Mistake{"separator-added", detail, remedy}, groupJoin, func(f *formula) { f.sep, f.tail = sep, sep }}
	}
	sparse := func(detail, sep string) twist {
		return twist{Mistake{"separator-added", detail, remedy}, groupJoin, func(f *formula) {
			f.sep, f.tail = sep, sep
			f.fields = without(f.fields, func(x field) bool { return x.value == "" })
		}}
	}
	named := func(id, detail, tail string) twist {
		return twist{Mistake{id, detail, remedy}, groupJoin, func(f *formula) {
			f.names, f.pair, f.sep, f.tail = true, "=", "&", tail
			f.fields = without(f.fields, func(x field) bool { return x.value == "" })
		}}
	}
	out := []twist{named("names-signed", "The parameters were hashed with their names, as a query.", ""),
		named("names-signed", "The parameters were hashed with their names, as a query, with & before the API code.", "&")}
	for _, sep := range []struct{ text, name string }{
		{"+", "a plus sign"}, {" + ", "a plus sign between blanks"}, {" ", "a blank"}, {"&", "&"}, {":", "a colon"},
		{"|", "|"}, {"-", "a hyphen"}, {"_", "an underscore"}, {",", "a comma"}, {";", "a semicolon"}, {".", "a dot"}, {"\n", "a line end"},
	} {
		out = append(out, row("The parts were joined with "+sep.name+".", sep.text),
			sparse("The parts that are not empty were joined with "+sep.name+".", sep.text))
	}
	return out
}

// clipartoOrders puts the four parts in every order, the API code among them.
func clipartoOrders(fields []field) iter.Seq[twist] {
	return func(yield func(twist) bool) {
		parts := with(fields, field{name: "API code", secret: true, id: 3})
		permute(slices.Clone(parts), 0, func(fs []field) bool {
			return yield(twist{Mistake{"parameters-unsorted", "The parts were hashed in the order " + namesOf(fs) + ".",
				"Hash id, q, ext and the API code in this order."}, groupOrder, func(f *formula) {
				f.fields, f.place = fs, placeNone
			}})
		})
	}
}
