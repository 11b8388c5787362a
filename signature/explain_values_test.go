package signature

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
)

// TestExplainValueMistakes sends one value and signs another that was made of it.
func TestExplainValueMistakes(t *testing.T) {
	for _, row := range []struct{ name, sent, signed, want string }{
		{"encodeURIComponent", "(a b)'*!", "(a%20b)'*!", "values-url-encoded"},
		{"encodeURI", "a/b?c=d e", "a/b?c=d%20e", "values-url-encoded"},
		{"Java's URLEncoder", "a*b~c", "a*b%7Ec", "values-url-encoded"},
		{"Python's quote", "a/b*c", "a/b%2Ac", "values-url-encoded"},
		{"small escapes", "ä ö", "%c3%a4%20%c3%b6", "values-url-encoded"},
		{"Latin-1", "Grüße", "Gr\xfc\xdfe", "charset-latin1"},
		{"sent in Latin-1", "Gr\xfc\xdfe", "Grüße", "charset-sent-latin1"},
		{"Windows-1251", "Кот", "\xca\xee\xf2", "charset-windows1251"},
		{"JSON with blanks", `[{"start": 1, "end": 6}]`, `[{"start":1,"end":6}]`, "json-compacted"},
		{"line ends", "a\r\nb", "a\nb", "line-ends"},
		{"lower case", "ABC", "abc", "values-lower-case"},
		{"upper case", "abc", "ABC", "values-upper-case"},
		{"still encoded", "100%25", "100%", "values-encoded-twice"},
		{"not to be decoded", "100%", "1", "digest-unexplained"},
		{"no JSON", "{a: 1}", "{a:1}", "digest-unexplained"},
		{"neither UTF-8 nor GBK", "\xff\xff", "x", "digest-unexplained"},
	} {
		t.Run(row.name, func(t *testing.T) {
			sign := up(sha1Hex("ptime=" + polyvNow + "&title=" + row.signed + polyvSecret))
			r := &Request{Operation: "x", Method: "GET", Values: query(polyvUser, "title", row.sent, "ptime", polyvNow, "sign", sign)}
			e := Polyv{}.Explain(r, pageContext(noon))
			assert.Equal(t, []string{row.want}, names(e))
			requireClean(t, e, polyvSecret)
		})
	}
}

// TestExplainSecretMistakes: secrets that look like an encoding of something.
func TestExplainSecretMistakes(t *testing.T) {
	const hexSecret = "746f702d7365637265742d38"
	in := Context{Now: noon, Secret: func(string) (string, bool) { return hexSecret, true }}
	for want, secret := range map[string]string{
		"secret-hex-decoded":    "top-secret-8",
		"secret-upper-case":     up(hexSecret),
		"secret-base64-decoded": string(mustBase64(hexSecret)),
		"secret-hex-encoded":    "373436663730326437333635363337323635373432643338",
	} {
		e := Polyv{}.Explain(polyvRequest(up(sha1Hex(polyvRight+secret))), in)
		assert.Equal(t, []string{want}, names(e))
		requireClean(t, e, hexSecret, "top-secret-8")
	}
	r := polyvRequest("50BF9B165630A8047EB1D17D95A469CC51FF754E")
	r.Values = append(r.Values, Value{Name: "x", Value: "top-secret-8", In: InForm})
	requireClean(t, Polyv{}.Explain(r, in), "top-secret-8")
}

func mustBase64(s string) []byte {
	raw, _ := decodeBase64(s)
	return raw
}

// TestExplainLongNames: a sentence stays a sentence, and is not cut inside a character.
func TestExplainLongNames(t *testing.T) {
	long := strings.Repeat("长", 5000)
	r := &Request{Operation: "x", Method: "GET", Values: query(polyvUser, long, "1", "ptime", polyvNow, "sign", up(sha1Hex("ptime="+polyvNow+polyvSecret)))}
	e := Polyv{}.Explain(r, pageContext(noon))
	assert.Equal(t, []string{"sent-not-signed"}, names(e))
	assert.Less(t, len(e.Mistakes[0].Detail), 610)
	requireClean(t, e, polyvSecret)
}

// TestShort writes durations for people.
func TestShort(t *testing.T) {
	for d, want := range map[time.Duration]string{
		0: "0s", 999 * time.Millisecond: "999ms", time.Minute: "1m", 3*time.Minute + time.Millisecond: "3m", 4*time.Minute + 12*time.Second: "4m12s",
		time.Hour: "1h", 8*time.Hour + 30*time.Minute: "8h30m", time.Hour + time.Second: "1h0m1s", 72 * time.Hour: "3 days", 71 * time.Hour: "71h",
	} {
		assert.Equal(t, want, short(d))
	}
}

// TestZoneOf knows the offsets that clocks have, and no others.
func TestZoneOf(t *testing.T) {
	for gap, want := range map[time.Duration]time.Duration{
		time.Hour: time.Hour, 58 * time.Minute: time.Hour, 62 * time.Minute: time.Hour, 14 * time.Hour: 14 * time.Hour,
		5*time.Hour + 45*time.Minute: 5*time.Hour + 45*time.Minute, 3*time.Hour + 30*time.Minute: 3*time.Hour + 30*time.Minute,
		57 * time.Minute: 0, 63 * time.Minute: 0, 15 * time.Minute: 0, 30 * time.Minute: 0, 75 * time.Minute: 0, 45 * time.Minute: 0, 15 * time.Hour: 0,
	} {
		got, ok := zoneOf(gap)
		assert.Equal(t, want, got, "%v", gap)
		assert.Equal(t, want != 0, ok)
	}
}
