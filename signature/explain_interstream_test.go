package signature

import (
	"crypto/hmac"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/base64"
	"encoding/hex"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
)

const (
	interKey    = "1b323a1cb879fd4e66530fbad07a32ee"
	interSecret = "MWIzMjNhMWNiODc5ZmQ0ZTY2NTMwZmJhZDA3YTMyZWViOTQ3MDJiOGM2ZTU2NjE3"
	interSalt   = "c4ca4238a0b923820dcc509a6f75849b"
	interStamp  = "1772366400"
)

func hmac256(key, message string) []byte {
	m := hmac.New(sha256.New, []byte(key))
	m.Write([]byte(message))
	return m.Sum(nil)
}

func hmac512(key, message string) []byte {
	m := hmac.New(sha512.New, []byte(key))
	m.Write([]byte(message))
	return m.Sum(nil)
}

func std(raw []byte) string { return base64.StdEncoding.EncodeToString(raw) }

// plusSalt is a salt under which the right signature holds a plus sign.
func plusSalt(t testing.TB, begins bool) (salt, signature string) {
	for i := range 100000 {
		salt = md5Hex(seconds(time.Unix(int64(i), 0)))
		signature = std(hmac256(interSecret, salt+interStamp))
		if begins && signature[0] == '+' || !begins && strings.Contains(signature, "+") {
			return salt, signature
		}
	}
	t.Fatal("no signature with a plus")
	return "", ""
}

func TestExplainInterstreamMistakes(t *testing.T) {
	const m = interSalt + interStamp
	right := std(hmac256(interSecret, m))
	decoded, err := base64.StdEncoding.DecodeString(interSecret)
	assert.NoError(t, err)
	saltPlus, plus := plusSalt(t, false)
	saltFirst, first := plusSalt(t, true)
	for _, row := range []struct {
		name, signature string
		want            []string
		sent            string
		salt            string
	}{
		{name: "hex", signature: hex.EncodeToString(hmac256(interSecret, m)), want: []string{"digest-hex-for-base64"}},
		{name: "upper-case hex", signature: up(hex.EncodeToString(hmac256(interSecret, m))), want: []string{"digest-hex-for-base64"}},
		{name: "base64 of hex", signature: std([]byte(hex.EncodeToString(hmac256(interSecret, m)))), want: []string{"digest-base64-of-hex"}},
		{name: "base64url", signature: base64.URLEncoding.EncodeToString(hmac256(interSecret, saltPlus+interStamp)), salt: saltPlus, want: []string{"digest-base64url"}},
		{name: "unpadded", signature: strings.TrimRight(right, "="), want: []string{"digest-unpadded"}},
		{name: "plus became blank", signature: strings.ReplaceAll(plus, "+", " "), salt: saltPlus, want: []string{"plus-became-blank"}},
		{name: "leading plus became blank", signature: strings.ReplaceAll(first, "+", " "), salt: saltFirst, want: []string{"plus-became-blank"}},
		{name: "encoded twice", signature: url.QueryEscape(right), want: []string{"signature-encoded-twice"}},
		{name: "line break", signature: right + "\n", want: []string{"signature-padded"}},
		{name: "broken up", signature: right[:20] + "\r\n" + right[20:], want: []string{"signature-broken-up"}},
		{name: "secret base64-decoded", signature: std(hmac256(string(decoded), m)), want: []string{"secret-base64-decoded"}},
		{name: "swapped key and message", signature: std(hmac256(m, interSecret)), want: []string{"hmac-swapped"}, sent: "<secret>"},
		{name: "timestamp before salt", signature: std(hmac256(interSecret, interStamp+interSalt)), want: []string{"salt-and-timestamp-swapped"}, sent: interStamp + interSalt},
		{name: "salt alone", signature: std(hmac256(interSecret, interSalt)), want: []string{"timestamp-not-signed"}, sent: interSalt},
		{name: "timestamp alone", signature: std(hmac256(interSecret, interStamp)), want: []string{"salt-not-signed"}, sent: interStamp},
		{name: "key signed", signature: std(hmac256(interSecret, interKey+m)), want: []string{"key-signed"}, sent: interKey + m},
		{name: "separator", signature: std(hmac256(interSecret, interSalt+"."+interStamp)), want: []string{"separator-added"}, sent: interSalt + "." + interStamp},
		{name: "plain digest", signature: std(mustHex(sha256Hex(m + interSecret))), want: []string{"hash-for-hmac"}, sent: m + "<secret>"},
		{name: "plain digest, secret first", signature: std(mustHex(sha256Hex(interSecret + m))), want: []string{"hash-for-hmac"}, sent: "<secret>" + m},
		{name: "no secret", signature: std(mustHex(sha256Hex(m))), want: []string{"secret-missing"}},
		{name: "secret of another account", signature: std(hmac256("AnotherSecret0", m)), want: []string{"secret-of-another-account"}},
		{name: "secret with a line end", signature: std(hmac256(interSecret+"\n", m)), want: []string{"secret-with-line-end"}},
		{name: "key for secret", signature: std(hmac256(interKey, m)), want: []string{"account-id-for-secret"}},
		{name: "SHA-1", signature: std(mustHex(hmacSHA1(interSecret, m))), want: []string{"digest-sha1"}},
		{name: "SHA-512", signature: std(hmac512(interSecret, m)), want: []string{"digest-sha512"}},
		{name: "parameters signed", signature: std(hmac256(interSecret, m+"go=users&do=set_content_vote&iq=13")), want: []string{"parameters-signed"},
			sent: m + "go=users&do=set_content_vote&iq=13"},
		{name: "body signed", signature: std(hmac256(interSecret, m+"contentID=2635&vote=like")), want: []string{"parameters-signed"}, sent: m + "contentID=2635&vote=like"},
		{name: "salt in upper case", signature: std(hmac256(interSecret, up(interSalt)+interStamp)), want: []string{"values-upper-case"}, sent: up(interSalt) + interStamp},
		{name: "milliseconds signed", signature: std(hmac256(interSecret, m+"000")), want: []string{"timestamp-unit-signed"}, sent: m + "000"},
		{name: "clock read twice", signature: std(hmac256(interSecret, interSalt+"1772366399")), want: []string{"timestamp-taken-twice"}, sent: interSalt + "1772366399"},
		{name: "not a digest", signature: "hello", want: []string{"digest-malformed"}, sent: "?"},
		{name: "no reason", signature: "EuR7KP0iiOTIstP2WMucpSFnTkZXuHimzEqJr7j87SI=", want: []string{"digest-unexplained"}, sent: "?"},

		{name: "hex and decoded secret", signature: hex.EncodeToString(hmac256(string(decoded), m)), want: []string{"digest-hex-for-base64", "secret-base64-decoded"}},
		{name: "swapped order and decoded secret", signature: std(hmac256(string(decoded), interStamp+interSalt)),
			want: []string{"salt-and-timestamp-swapped", "secret-base64-decoded"}, sent: interStamp + interSalt},
		{name: "hex, SHA-1, separator and another account", signature: hmacSHA1("AnotherSecret0", interSalt+":"+interStamp),
			want: []string{"digest-hex-for-base64", "digest-sha1", "secret-of-another-account", "separator-added"}, sent: interSalt + ":" + interStamp},
	} {
		t.Run(row.name, func(t *testing.T) {
			r := good(t, Interstream{})
			put(r, "signature", row.signature)
			salt := interSalt
			if row.salt != "" {
				salt = row.salt
				put(r, "salt", salt)
			}
			in := pageContext(noon)
			in.Others = func() []Credential { return []Credential{{ID: "other", Secret: "AnotherSecret0"}} }
			e := Interstream{}.Explain(r, in)
			assert.Equal(t, "signature-wrong", e.Refusal)
			assert.Equal(t, e.Expected, salt+interStamp)
			assert.Equal(t, row.want, names(e))
			switch row.sent {
			case "":
				assert.Equal(t, e.Expected, e.Sent)
			case "?":
				assert.Empty(t, e.Sent)
			default:
				assert.Equal(t, row.sent, e.Sent)
			}
			requireClean(t, e, interSecret, string(decoded), "AnotherSecret0", std(hmac256(interSecret, salt+interStamp)),
				hex.EncodeToString(hmac256(interSecret, salt+interStamp)))
		})
	}
}

func mustHex(s string) []byte {
	raw, err := hex.DecodeString(s)
	if err != nil {
		panic(err)
	}
	return raw
}

func TestExplainInterstreamSentWrong(t *testing.T) {
	for _, row := range []struct {
		name    string
		change  func(*Request)
		refusal string
		want    []string
		detail  string
	}{
		{"nothing", func(*Request) {}, "", nil, ""},
		{"key missing", func(r *Request) { put(r, "key", "-") }, "key-missing", []string{"key-missing", "secret-of-another-account"}, "key was not sent."},
		{"timestamp empty", func(r *Request) { put(r, "timestamp", "") }, "timestamp-missing", []string{"timestamp-missing", "digest-unexplained"}, "timestamp was sent empty."},
		{"salt misnamed", func(r *Request) { put(r, "salt", "-"); r.Values = append(r.Values, query("", "Nonce", "x")...) }, "salt-missing",
			[]string{"salt-missing", "digest-unexplained"}, "salt was not sent, but Nonce was."},
		{"signature in the body", func(r *Request) {
			for i := range r.Values {
				if r.Values[i].Name == "signature" {
					r.Values[i].In = InForm
				}
			}
		}, "signature-missing", []string{"signature-missing"}, "signature was sent in the form, where the vendor does not look."},
		{"unknown key", func(r *Request) { put(r, "key", "nobody") }, "key-unknown", []string{"account-unknown", "secret-of-another-account"}, "No account is called nobody."},
		{"unknown action", func(r *Request) { r.Operation = "" }, "action-unknown", []string{"action-unknown"}, ""},
		{"exchanged", func(r *Request) { put(r, "salt", interStamp); put(r, "timestamp", interSalt) }, "timestamp-invalid",
			[]string{"salt-and-timestamp-exchanged", "salt-and-timestamp-swapped"}, ""},
		{"expired", func(r *Request) { put(r, "timestamp", "1772366000") }, "timestamp-expired", []string{"timestamp-stale", "digest-unexplained"},
			"timestamp is 6m40s behind the sandbox's clock (2026-03-01 12:00:00 UTC), which allows 5m."},
		{"milliseconds", func(r *Request) { put(r, "timestamp", interStamp+"000") }, "timestamp-expired", []string{"milliseconds-for-seconds", "timestamp-unit-signed"},
			"timestamp is in milliseconds; the vendor takes seconds."},
		{"fraction", func(r *Request) { put(r, "timestamp", interStamp+".5") }, "timestamp-invalid", []string{"timestamp-malformed", "digest-unexplained"}, ""},
		{"too large", func(r *Request) { put(r, "timestamp", "9223372036854775807") }, "timestamp-expired", []string{"timestamp-ahead", "digest-unexplained"}, ""},
	} {
		t.Run(row.name, func(t *testing.T) {
			r := good(t, Interstream{})
			row.change(r)
			in := pageContext(noon)
			in.Others = func() []Credential { return []Credential{{ID: interKey, Secret: interSecret}} }
			e := Interstream{}.Explain(r, in)
			assert.Equal(t, row.refusal, e.Refusal)
			assert.Equal(t, row.want, names(e))
			if row.detail != "" {
				assert.Equal(t, row.detail, e.Mistakes[0].Detail)
			}
			requireClean(t, e, interSecret)
		})
	}
}

// TestExplainInterstreamHidesAMisnamedSignature: the right signature under a wrong
// name is not repeated.
func TestExplainInterstreamHidesAMisnamedSignature(t *testing.T) {
	r := good(t, Interstream{})
	right, _ := r.Values.Get("signature")
	for _, form := range []string{right, strings.TrimRight(right, "="), hex.EncodeToString(hmac256(interSecret, interSalt+interStamp))} {
		r := good(t, Interstream{})
		put(r, "signature", "-")
		r.Values = append(r.Values, Value{Name: form, Value: "x", In: InQuery})
		put(r, "key", form)
		requireClean(t, Interstream{}.Explain(r, pageContext(noon)), interSecret)
		put(r, "key", interKey)
		put(r, "timestamp", "x")
		put(r, "salt", form)
		requireClean(t, Interstream{}.Explain(r, pageContext(noon)), interSecret)
	}
}
