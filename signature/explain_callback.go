package signature

import (
	"fmt"
	"iter"
	"net/url"
	"slices"
)

// Explain says what VOD would have signed and what the sender seems to have signed. Of
// in only Now and Others count: the accounts of other receivers, whose Secret is their
// callback key.
func (c Callback) Explain(in Context) Explanation {
	in = in.once()
	refusal := c.Check()
	e := Explanation{Scheme: "aliyun-callback", Accepted: refusal == "", Refusal: refusal}
	to, ok := c.signed()
	if !ok && len(c.URLs) > 0 {
		to = c.URLs[0]
	}
	fields := []field{{name: "url", value: to, id: 0}, {name: "timestamp", value: c.Timestamp, id: 1}}
	maskFields(fields, c.Key)
	q := question{
		param: "X-VOD-SIGNATURE", sent: c.Signature, want: wireLowerHex,
		vendor: formula{fields: fields, sep: "|", tail: "|", secret: c.Key, shown: masked, known: c.Key != "", algo: algoMD5},
	}
	for _, header := range []struct{ name, value, missing, remedy string }{
		{"X-VOD-TIMESTAMP", c.Timestamp, "timestamp-missing", "Send the Unix time that was signed in the header X-VOD-TIMESTAMP."},
		{"X-VOD-SIGNATURE", c.Signature, "signature-missing", "Send the signature in the header X-VOD-SIGNATURE."},
	} {
		if header.value == "" {
			q.mistakes = append(q.mistakes, Mistake{header.missing, "The header " + header.name + " was not sent, or is empty.", header.remedy})
		}
	}
	few, many := otherTwists("", in, otherReceiver)
	q.twists = slices.Concat(c.urlTwists(), callbackFieldTwists(fields), callbackJoinTwists(), few,
		placeTwists("callback key", false), secretTwists("callback key", c.Key, ""))
	q.early = []iter.Seq[twist]{many, callbackOrders(fields), clockTwists("timestamp", c.Timestamp)}
	return q.diagnose(e, in)
}

// urlTwists are the ways of signing another spelling of the receiver's URL, or a part of it.
func (c Callback) urlTwists() []twist {
	var out []twist
	add := func(id, detail, text string) {
		if text != "" && !slices.Contains(c.URLs, text) {
			out = append(out, twist{Mistake{id, detail, "Sign the URL to which the event is sent, as the sandbox lists it: callback_url."}, groupValue,
				func(f *formula) { f.fields = replaced(f.fields, "url", text) }})
		}
	}
	for _, text := range c.URLs {
		u, err := url.Parse(text)
		if err != nil {
			continue
		}
		at := func(scheme, host, path string) string { return scheme + "://" + host + path }
		add("url-with-slash", "The URL was signed with a slash at its end.", text+"/")
		add("url-scheme", "The URL was signed with https.", at("https", u.Host, u.Path))
		add("url-scheme", "The URL was signed with http.", at("http", u.Host, u.Path))
		add("url-scheme", "The URL was signed without its scheme.", u.Host+u.Path)
		add("url-path-only", "The path alone was signed, without scheme and host.", u.Path)
		add("url-path-missing", "The URL was signed without its path.", at(u.Scheme, u.Host, ""))
		add("url-encoded", "The URL was URL-encoded before it was signed.", url.QueryEscape(text))
		for _, name := range []string{"localhost", "127.0.0.1", "[::1]", "0.0.0.0", "host.docker.internal", "sandbox"} {
			host := name
			if port := u.Port(); port != "" {
				host += ":" + port
			}
			add("url-host", "The URL was signed with the host "+host+"; the event was sent to "+u.Host+".", at(u.Scheme, host, u.Path))
		}
		if u.Port() != "" {
			add("url-host", "The URL was signed without its port.", at(u.Scheme, u.Hostname(), u.Path))
		}
	}
	return out
}

const remedyCallback = "Join URL, timestamp and callback key with | between them, in this order."

// callbackFieldTwists leave a part out.
func callbackFieldTwists(fields []field) []twist {
	row := func(i int, id, detail string) twist {
		return twist{Mistake{id, detail, remedyCallback}, groupFields, func(f *formula) { f.fields = withoutAll(f.fields, fields[i:i+1]) }}
	}
	return []twist{row(0, "url-not-signed", "The URL was not signed."), row(1, "timestamp-not-signed", "The timestamp was not signed.")}
}

// callbackJoinTwists put something else between the parts.
func callbackJoinTwists() []twist {
	var out []twist
	for _, sep := range []struct{ text, name string }{
		{"", "nothing"}, {" | ", "| and blanks"}, {"&", "&"}, {"+", "a plus sign"}, {":", "a colon"}, {",", "a comma"}, {"-", "a hyphen"},
		{"_", "an underscore"}, {";", "a semicolon"}, {".", "a dot"}, {" ", "a blank"}, {"\n", "a line end"}, {"||", "||"},
	} {
		out = append(out, twist{Mistake{"separator-wrong", "The parts were joined with " + sep.name + ".", remedyCallback}, groupJoin,
			func(f *formula) { f.sep, f.tail = sep.text, sep.text }})
	}
	return append(out, twist{Mistake{"separator-wrong", "There is no | in front of the callback key.", remedyCallback}, groupJoin,
		func(f *formula) { f.tail = "" }})
}

// otherReceiver says that another receiver's key was used.
func otherReceiver(c Credential) Mistake {
	return Mistake{"key-of-another-tenant", fmt.Sprintf("The callback key of tenant %s was used.", brief(c.ID)),
		"Use callback_url and callback_key of one and the same tenant."}
}

// callbackOrders puts the three parts in every order.
func callbackOrders(fields []field) iter.Seq[twist] {
	return func(yield func(twist) bool) {
		for _, sep := range []string{"|", ""} {
			parts := with(fields, field{name: "callback key", secret: true, id: 2})
			ok := permute(parts, 0, func(fs []field) bool {
				return yield(twist{Mistake{"parts-unsorted", "The parts were joined in the order " + namesOf(fs) + ".", remedyCallback},
					groupOrder, func(f *formula) { f.fields, f.place, f.sep = fs, placeNone, sep }})
			})
			if !ok {
				return
			}
		}
	}
}
