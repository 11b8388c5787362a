package signature

import "strings"

// QQTube proves a caller by an API key alone (vendor page, "api_key"): nothing is
// signed, the key is account and secret in one.
type QQTube struct{}

// phpBlanks is what PHP's trim removes. The vendor's own sample sends the key with
// a leading blank (vendor page, sample of "add").
const phpBlanks = " \t\n\r\v\x00"

// Name returns "qqtube".
func (QQTube) Name() string { return "qqtube" }

// Caller returns the trimmed api_key, from query or form.
func (QQTube) Caller(r *Request) string {
	key, _ := r.Values.Get("api_key")
	return strings.Trim(key, phpBlanks)
}

// Check refuses with invalid-action, then invalid-api-key (CONTRACTS section 1,
// order of checks; the method stands between the two and is the host's).
func (s QQTube) Check(r *Request, in Context) Verdict {
	v := Verdict{Caller: s.Caller(r)}
	if r.Operation == "" {
		v.Refusal = "invalid-action"
		return v
	}
	if v.Caller == "" {
		v.Refusal = "invalid-api-key"
		return v
	}
	if _, ok := in.lookup(v.Caller); !ok {
		v.Refusal = "invalid-api-key"
	}
	return v
}

// Sign sets api_key: in the query of a GET, in the form otherwise.
func (QQTube) Sign(r *Request, c Credential, _ Signing) {
	r.Values = set(r.Values, placeFor(r.Method), "api_key", c.ID)
}
