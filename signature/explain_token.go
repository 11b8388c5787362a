package signature

import (
	"encoding/hex"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/mediasandbox/sandbox/internal/contract"
)

// Explain says what is wrong with an API key. The key is itself the secret, so it is
// shown by its first characters only.
func (s QQTube) Explain(r *Request, in Context) Explanation {
	in = in.once()
	v := s.Check(r, in)
	e := Explanation{Scheme: s.Name(), Caller: initials(v.Caller), Accepted: v.Refusal == "", Refusal: v.Refusal, Differ: -1}
	if r.Operation == "" {
		action, _ := r.Values.Get("action")
		detail := "action was not sent."
		if action != "" {
			detail = "There is no action " + brief(action) + "."
		}
		e.Mistakes = append(e.Mistakes, Mistake{"action-unknown", detail, "Send action=add, stats, submissions, funds or services."})
	}
	if _, ok := in.lookup(v.Caller); v.Caller == "" || !ok {
		e.Mistakes = append(e.Mistakes, explainKey(r, v.Caller, in))
	}
	hideTokens(&e, r, in, "api_key", v.Caller)
	return e
}

// explainKey says why a key is not known. Nothing of the key is repeated.
func explainKey(r *Request, key string, in Context) Mistake {
	if key == "" {
		return misplaced(r.Values, []contract.In{InQuery, InForm}, "api_key", "api-key-missing", "key", "token", "api")
	}
	for _, repair := range []struct {
		name, detail, remedy string
		key                  string
	}{
		{"api-key-blanks", "The key has blanks inside.", "Send the key without blanks.", strings.Join(strings.Fields(key), "")},
		{"api-key-quoted", "The key has quotes around it.", "Send the key without quotes.", strings.Trim(key, "\"'` ")},
		{"api-key-encoded-twice", "The key arrived still URL-encoded.", "URL-encode the key once only.", strings.Trim(decodeOnce(key), phpBlanks)},
		{"api-key-case", "The key is known in lower case only.", "Send the key in its own case.", strings.ToLower(key)},
		{"api-key-prefixed", "There is a word in front of the key.", "Send the bare key.", afterBlank(key)},
	} {
		if _, ok := in.lookup(repair.key); ok && repair.key != key && repair.key != "" {
			return Mistake{repair.name, repair.detail, repair.remedy}
		}
	}
	if in.Others != nil && slices.ContainsFunc(in.Others(), func(c Credential) bool { return c.ID == key }) {
		return Mistake{"account-of-another-tenant", "The key belongs to another tenant of the sandbox.",
			"Use the credentials of the tenant whose base URL the request goes to."}
	}
	if strings.ContainsAny(key, " \t\r\n") {
		return Mistake{"api-key-blanks", "The key has blanks inside, and is not known without them either.", "Send the key without blanks."}
	}
	if _, err := hex.DecodeString(key); err != nil || len(key) != 40 {
		return Mistake{"api-key-malformed",
			fmt.Sprintf("The key has %d characters; the vendor's keys are 40 hexadecimal digits.", len(key)),
			"Send the key whole, as the sandbox lists it for the tenant."}
	}
	return Mistake{"api-key-unknown", "The key has the right form, but no account of the sandbox has it.",
		"Use the api_key that the sandbox lists for the tenant; keys of the real vendor are not known here."}
}

// Explain says whose token was sent and what is wrong with it: with its form, and, where
// in.Token knows, whether it was given out and is still good.
func (s Qulive) Explain(r *Request, in Context) Explanation {
	in = in.once()
	v := s.Check(r, in)
	token, _ := r.Values.Get("token")
	e := Explanation{Scheme: s.Name(), Caller: v.Caller, Differ: -1}
	switch {
	case token != "":
		e.Mistakes = explainToken(r, token, v.Caller, in)
	default:
		e.Mistakes = []Mistake{misplaced(r.Values, []contract.In{InQuery, InForm}, "token", "token-missing",
			"accesstoken", "access_token", "authorization", "auth")}
	}
	if e.Accepted = len(e.Mistakes) == 0; !e.Accepted {
		e.Refusal = "token-refused"
	}
	if len(token) > tokenID {
		hideTokens(&e, r, in, "token", token)
	} else {
		hideTokens(&e, r, in, "token", "")
	}
	return e
}

// explainToken says why a token is refused. One that was given out is as it has to be,
// whatever it looks like: states can be made by hand.
func explainToken(r *Request, token, caller string, in Context) []Mistake {
	if in.Token == nil {
		return explainTokenForm(r, token, caller, in)
	}
	expires, known := in.Token(token)
	switch {
	case known && in.Now.Before(expires):
		return nil
	case known:
		return []Mistake{{"token-expired", fmt.Sprintf("The token was good until %s; it is %s on the sandbox's clock.",
			expires.UTC().Format(time.DateTime+" UTC"), in.Now.UTC().Format(time.DateTime+" UTC")),
			"Log in again, and send the token of the reply."}}
	}
	if out := explainTokenForm(r, token, caller, in); len(out) > 0 {
		return out
	}
	return []Mistake{{"token-unknown", "The token has the right form and names this tenant, but nobody was given it, or it is forgotten since (a reset, another state).",
		"Log in, and send the token of the reply."}}
}

// explainTokenForm says what is wrong with the form of a token.
func explainTokenForm(r *Request, token, caller string, in Context) []Mistake {
	var out []Mistake
	bare := strings.Trim(token, "\"' \t\r\n")
	switch decoded, err := url.PathUnescape(token); {
	case bare != token:
		out = append(out, Mistake{"token-padded", "The token has blanks or quotes around it.", "Send the bare token."})
	case strings.ContainsAny(token, " \t\r\n"):
		out = append(out, Mistake{"token-blanks", "The token has blanks inside, perhaps a word like Bearer in front or a lost plus sign.",
			"Send the bare token, URL-encoded."})
	case err == nil && decoded != token:
		out = append(out, Mistake{"token-encoded-twice", "The token arrived still URL-encoded.", "URL-encode the token once only."})
	case strings.Count(token, ".") == 2 && strings.HasPrefix(token, "eyJ"):
		out = append(out, Mistake{"token-foreign", "The token is a JSON Web Token, which this vendor does not issue.",
			"Send the token that login or randomUser returned."})
	case len([]rune(token)) <= tokenID:
		out = append(out, Mistake{"token-short",
			fmt.Sprintf("The token has %d characters: the first %d name the account, and the rest that proves it is missing.", len([]rune(token)), tokenID),
			"Send the token whole."})
	}
	if name, _ := r.Values.Get("username"); name != "" && name == token {
		out = append(out, Mistake{"username-for-token", "The token is the user name.", "Log in first, and send the token of the reply."})
	}
	if _, ok := in.lookup(caller); !ok {
		out = append(out, tokenOwner(caller, in))
	}
	return out
}

// tokenOwner says why nobody of this tenant owns a token.
func tokenOwner(caller string, in Context) Mistake {
	if in.Others != nil && slices.ContainsFunc(in.Others(), func(c Credential) bool {
		return c.ID == caller || c.Token != "" && strings.HasPrefix(c.Token, caller)
	}) {
		return Mistake{"account-of-another-tenant", "The token belongs to an account of another tenant of the sandbox.",
			"Use a token of the tenant whose base URL the request goes to."}
	}
	return Mistake{"token-of-no-account", "The beginning of the token names no account of this tenant.",
		"Send the token that login or randomUser of this sandbox returned."}
}

// initials shows enough of a key to recognise it: four characters of a long one.
func initials(key string) string {
	switch {
	case key == "":
		return ""
	case len(key) < 16 || !isASCII(key):
		return masked
	}
	return key[:4] + "…"
}

func isASCII(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool { return r > 0x7E })
}

// afterBlank returns what follows the last blank.
func afterBlank(s string) string { return s[strings.LastIndexByte(s, ' ')+1:] }

// hideTokens keeps what was sent as a credential, and every credential known, out
// of e.
func hideTokens(e *Explanation, r *Request, in Context, param, sent string) {
	var c curtain
	c.secret(sent)
	for _, v := range r.Values {
		if v.Name == param && len(v.Value) > tokenID {
			c.secret(v.Value)
		}
	}
	for _, id := range []string{sent, e.Caller} {
		if secret, ok := in.lookup(id); ok && id != "" {
			c.secret(secret)
		}
	}
	c.others(in)
	if param == "api_key" && in.Others != nil {
		for _, o := range in.Others() {
			c.add(o.ID, masked)
		}
	}
	c.over(e)
}
