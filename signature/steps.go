package signature

import (
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// Step is one step of making a signature, for people.
type Step struct {
	Title string `json:"title"`
	Text  string `json:"text"`
}

// Steps signs a copy of r and returns the computation step by step: what goes in,
// the string to sign, the digest, and what is added to the request. The secret (for
// QQTube the key, for Qulive the token) stands in it as "<secret>" unless reveal is
// set. It returns nil for a scheme of another package.
func Steps(s Scheme, r *Request, c Credential, sg Signing, reveal bool) []Step {
	signed := *r
	signed.Values = slices.Clone(r.Values)
	s.Sign(&signed, c, sg)
	shown := masked
	if reveal {
		shown = c.Secret
	}
	switch s.(type) {
	case QQTube:
		return tokenSteps("api_key", c.ID, &signed, reveal)
	case Polyv:
		return polyvSteps(&signed, shown)
	case Cliparto:
		return clipartoSteps(&signed, shown)
	case Interstream:
		return interstreamSteps(&signed, c, shown)
	case Qulive:
		return tokenSteps("token", c.Token, &signed, reveal)
	}
	return nil
}

// tokenSteps is a scheme without a signature.
func tokenSteps(param, token string, r *Request, reveal bool) []Step {
	if token == "" {
		return []Step{{"Nothing to send", "The account has no " + param + " yet."}}
	}
	if !reveal {
		token = masked
	}
	place := placeFor(r.Method)
	return []Step{
		{"Nothing is signed", "The " + param + " alone proves the caller."},
		{"Add to the " + string(place), param + "=" + token},
	}
}

func polyvSteps(r *Request, shown string) []Step {
	var given, sorted []string
	for _, v := range r.Values {
		if v.In != InPath && v.Name != "sign" {
			line := v.Name + "=" + v.Value
			switch {
			case v.Shadowed:
				line += " (left out: another value of that name counts)"
			case v.Value == "":
				line += " (left out: empty)"
			}
			given = append(given, line)
		}
	}
	fields := polyvFields(r.Values, "").counted
	byName(fields)
	for _, x := range fields {
		sorted = append(sorted, x.name+"="+x.value)
	}
	text, sign, place := PolyvString(r.Values), polyvParam(r.Values, "sign"), placeFor(r.Method)
	return []Step{
		{"Take the parameters of query and body, ptime (milliseconds) among them, without the path's userid", strings.Join(given, "\n")},
		{"Leave out empty ones and sort by name, in byte order", strings.Join(sorted, "\n")},
		{"Join with &, raw UTF-8, not URL-encoded", text},
		{"Append the secret key", text + shown},
		{"SHA-1 in hexadecimal digits", lower(sign)},
		{"In upper case", sign},
		{"Add to the " + string(place), "ptime=" + polyvParam(r.Values, "ptime") + "\nsign=" + sign},
	}
}

func clipartoSteps(r *Request, shown string) []Step {
	get := func(name string) string { v, _ := r.Values.GetIn(InQuery, name); return v }
	id, q, ext, sum := get("id"), get("q"), get("ext"), get("md5")
	return []Step{
		{"Take id, q and ext as they are, not URL-encoded", "id=" + id + "\nq=" + q + "\next=" + ext},
		{"Join them with nothing between", id + q + ext},
		{"Append the API code", id + q + ext + shown},
		{"MD5 in hexadecimal digits", sum},
		{"Add to the query", "id=" + id + "\nmd5=" + sum},
	}
}

func interstreamSteps(r *Request, c Credential, shown string) []Step {
	get := func(name string) string { v, _ := r.Values.GetIn(InQuery, name); return v }
	salt, stamp, signature := get("salt"), get("timestamp"), get("signature")
	raw, _ := base64.StdEncoding.DecodeString(signature)
	return []Step{
		{"Take a salt and the time in seconds", "salt=" + salt + "\ntimestamp=" + stamp},
		{"Join them with nothing between", salt + stamp},
		{"Key of the HMAC: the shared secret as plain text, not base64-decoded", shown},
		{"HMAC-SHA256 (raw, " + strconv.Itoa(len(raw)) + " bytes; here in hexadecimal digits)", hex.EncodeToString(raw)},
		{"In base64", signature},
		{"Add to the query, URL-encoded (+ as %2B)", fmt.Sprintf("key=%s\ntimestamp=%s\nsalt=%s\nsignature=%s", c.ID, stamp, salt, signature)},
	}
}
