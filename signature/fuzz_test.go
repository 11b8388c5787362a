package signature

import (
	"encoding/json"
	"net/url"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/mediasandbox/sandbox/internal/contract"
)

// The fuzz targets share one shape: query and body in wire form, the caller's
// secret, and a sandbox's clock in milliseconds. Check and Explain must not panic
// whatever is sent; what Sign makes must be accepted; no explanation may hold a
// secret or the signature that would have been right.

const (
	fuzzAccount = "fuzz-account"
	fuzzToken   = fuzzAccount + "-0123456789"
	fuzzOther   = "Other#Secret^42"
)

func fuzzScheme(f *testing.F, s Scheme, seeds ...[2]string) {
	for _, seed := range seeds {
		f.Add(seed[0], seed[1], "Tq9#Zx^77wQv", int64(1772366400000))
	}
	f.Fuzz(func(t *testing.T, query, body, secret string, now int64) {
		r := &Request{Operation: "op", Method: "POST", Path: "/v2/x"}
		r.Values = append(r.Values, Value{Name: "userid", Value: fuzzAccount, In: InPath})
		r.Values = append(r.Values, parseWire(query, InQuery)...)
		r.Values = append(r.Values, parseWire(body, InForm)...)
		in := Context{
			Now:    time.UnixMilli(now),
			Secret: func(id string) (string, bool) { return secret, id == fuzzAccount },
			Others: func() []Credential {
				return []Credential{{ID: "fuzz-other", Secret: fuzzOther}, {ID: fuzzAccount, Secret: secret}}
			},
		}
		v := s.Check(r, in)
		e := s.Explain(r, in)
		if s.Name() == "qulive" { // Check leaves it to the world
			v.Refusal = ""
			if len(e.Mistakes) > 0 {
				v.Refusal = "token-refused"
			}
		}
		if e.Accepted != (v.Refusal == "") || e.Refusal != v.Refusal {
			t.Fatalf("Explain says %v %q, Check %q", e.Accepted, e.Refusal, v.Refusal)
		}
		holdsNothing(t, s, e, r, secret)

		if s.Name() == "polyv" && (now < 0 || now > 9999999999999) {
			return // no 13-digit time to sign with
		}
		s.Sign(r, Credential{ID: fuzzAccount, Secret: secret, Token: fuzzToken}, Signing{At: in.Now, Salt: "s"})
		if s.Name() == "cliparto" {
			if q, _ := r.Values.GetIn(InQuery, "q"); q == "" {
				return
			}
		}
		if s.Name() == "interstream" && now < 0 {
			return // no time before 1970
		}
		if v := s.Check(r, in); v.Refusal != "" {
			t.Fatalf("signed, and refused: %s", v.Refusal)
		}
		in.Token = func(token string) (time.Time, bool) { return in.Now.Add(1), token == fuzzToken }
		if e := s.Explain(r, in); !e.Accepted || len(e.Mistakes) > 0 {
			t.Fatalf("signed, and explained: %+v", e.Mistakes)
		}
	})
}

// holdsNothing looks for the secrets and the right signature in an explanation.
func holdsNothing(t *testing.T, s Scheme, e Explanation, r *Request, secret string) {
	raw, err := json.Marshal(e)
	if err != nil {
		t.Fatal(err)
	}
	shown := strings.ToLower(string(raw))
	var boilerplate strings.Builder // words of ours, not of the request
	for _, m := range e.Mistakes {
		boilerplate.WriteString(strings.ToLower(m.Name + m.Remedy + m.Detail))
	}
	// A short secret is a syllable of our own sentences; one with odd bytes is
	// escaped in JSON and looked for in the texts instead.
	if len(secret) >= 8 && utf8.ValidString(secret) && distinct(secret) {
		for _, text := range []string{e.Caller, e.Expected, e.Sent, boilerplate.String()} {
			if strings.Contains(strings.ToLower(text), strings.ToLower(secret)) {
				t.Fatalf("the secret stands in %q", text)
			}
		}
	}
	if s.Name() == "qqtube" && strings.Contains(shown, fuzzAccount) {
		t.Fatalf("the key stands in %s", raw)
	}
	if strings.Contains(shown, strings.ToLower(fuzzOther)) {
		t.Fatalf("another secret stands in %s", raw)
	}
	for _, right := range rightSignatures(s, r, secret) {
		if strings.Contains(shown, strings.ToLower(right)) {
			t.Fatalf("the right signature stands in %s", raw)
		}
	}
}

// distinct reports whether a secret cannot be part of the explanation's own words
// and marks.
func distinct(secret string) bool {
	return strings.ContainsAny(secret, "#^0123456789") && strings.ContainsAny(secret, "QXZqxz#^") && !strings.ContainsAny(secret, "<> ")
}

// rightSignatures is what the sender should have sent, in hexadecimal and base64.
func rightSignatures(s Scheme, r *Request, secret string) []string {
	switch s.Name() {
	case "polyv":
		sum := sha1Hex(PolyvString(r.Values) + secret)
		return []string{sum, strings.TrimRight(b64(sum), "=")}
	case "cliparto":
		q, _ := r.Values.GetIn(InQuery, "q")
		ext, _ := r.Values.GetIn(InQuery, "ext")
		sum := md5Hex(s.Caller(r) + q + ext + secret)
		return []string{sum, strings.TrimRight(b64(sum), "=")}
	case "interstream":
		salt, _ := r.Values.GetIn(InQuery, "salt")
		stamp, _ := r.Values.GetIn(InQuery, "timestamp")
		return []string{strings.TrimRight(std(hmac256(secret, salt+stamp)), "=")}
	}
	return nil
}

// parseWire reads name=value pairs, in order.
func parseWire(wire string, in contract.In) Values {
	var out Values
	for pair := range strings.SplitSeq(wire, "&") {
		name, value, _ := strings.Cut(pair, "=")
		if decoded, err := url.QueryUnescape(name); err == nil {
			name = decoded
		}
		if decoded, err := url.QueryUnescape(value); err == nil {
			value = decoded
		}
		out = append(out, Value{Name: name, Value: value, In: in})
	}
	return out
}

func FuzzQQTube(f *testing.F) {
	fuzzScheme(f, QQTube{}, [2]string{"action=stats&api_key=fuzz-account", ""}, [2]string{"", "action=add&api_key=%20172a1c261d1d84916d9e7321153d0416acab98fc"},
		[2]string{"apikey=Tq9%23Zx%5E77wQv", "api_key=%22fuzz-account%22"})
}

func FuzzPolyv(f *testing.F) {
	fuzzScheme(f, Polyv{},
		[2]string{"format=json&ptime=1772366400000&vid=v_3&sign=50BF9B165630A8047EB1D17D95A469CC51FF754E", ""},
		[2]string{"ptime=1772366400", "title=%E8%A7%86%E9%A2%91+%2B&jsonp=&sign=50bf9b165630a8047eb1d17d95a469cc51ff754e"},
		[2]string{"ptime=1772366400000&secretkey=Tq9%23Zx%5E77wQv", "a=1&a=2&sign=UL%2BbFlYwqAR%2BsdF9laRpzFH%2FdU4%3D"},
		[2]string{"%FF=%FE&ptime=x", "sign=%00"})
}

func FuzzCliparto(f *testing.F) {
	fuzzScheme(f, Cliparto{}, [2]string{"id=fuzz-account&q=BalanceCurrent&md5=372aadd1bad841a7c898b57dbbecab44", ""},
		[2]string{"id=fuzz-account&q=ImageIDByFileName&ext=%D0%9A+%2B&md5=372AADD1BAD841A7C898B57DBBECAB44", ""},
		[2]string{"id=Tq9%23Zx%5E77wQv&q=x&md5=Nyqt0brYQafImLV9u%2BzrRA%3D%3D", "id=1"})
}

func FuzzInterstream(f *testing.F) {
	fuzzScheme(f, Interstream{},
		[2]string{"go=users&key=fuzz-account&timestamp=1772366400&salt=c4ca4238a0b923820dcc509a6f75849b&signature=EuR7KP0iiOTIstP2WMucpSFnTkZXuHimzEqJr7j87SI%3D", "contentID=1"},
		[2]string{"key=fuzz-account&timestamp=9223372036854775807&salt=Tq9%23Zx%5E77wQv&signature=+uR7KP0iiOTIstP2WMucpSFnTkZXuHimzEqJr7j87SI", ""},
		[2]string{"key=fuzz-account&timestamp=c4ca&salt=1772366400&signature=12e47b28fd2288e4c8b2d3f658c", "signature=x"})
}

func FuzzQulive(f *testing.F) {
	fuzzScheme(f, Qulive{}, [2]string{"token=fuzz-accountrest", ""}, [2]string{"", "username=fuzz-account&password=Tq9%23Zx%5E77wQv"},
		[2]string{"token=Bearer+Tq9%23Zx%5E77wQv", "userName=%FF"})
}
