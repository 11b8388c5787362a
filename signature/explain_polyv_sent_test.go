package signature

import (
	"encoding/base64"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
)

// TestExplainPolyvSentWrong: mistakes in what is sent rather than signed.
func TestExplainPolyvSentWrong(t *testing.T) {
	right := up(sha1Hex(polyvRight + polyvSecret))
	for _, row := range []struct {
		name    string
		change  func(*Request)
		refusal string
		want    []string
	}{
		{"nothing", func(*Request) {}, "", nil},
		{"sign missing", func(r *Request) { put(r, "sign", "-") }, "sign-missing", []string{"sign-missing"}},
		{"sign empty", func(r *Request) { put(r, "sign", "") }, "sign-missing", []string{"sign-missing"}},
		{"sign misnamed", func(r *Request) { r.Values[6].Name = "Signature" }, "sign-missing", []string{"sign-missing"}},
		{"ptime missing", func(r *Request) { put(r, "ptime", "-") }, "ptime-illegal", []string{"ptime-missing", "digest-unexplained"}},
		{"ptime misnamed", func(r *Request) { r.Values[4].Name = "timestamp" }, "ptime-illegal", []string{"ptime-missing", "parameter-misnamed"}},
		{"unknown user", func(r *Request) { put(r, "userid", "nobody") }, "user-unknown", []string{"account-unknown", "secret-of-another-account"}},
		{"user with a blank", func(r *Request) { put(r, "userid", polyvUser+" ") }, "user-unknown", []string{"account-misspelt"}},
		{"user of another tenant", func(r *Request) { put(r, "userid", "zzsecond00") }, "user-unknown", []string{"account-of-another-tenant", "secret-of-another-account"}},
		{"values encoded twice", func(r *Request) { put(r, "title", "%E8%A7%86%E9%A2%91") }, "sign-wrong", []string{"values-encoded-twice"}},
		{"sent in GBK", func(r *Request) { put(r, "title", "\xca\xd3\xc6\xb5") }, "sign-wrong", []string{"charset-sent-gbk"}},
		{"sent in UTF-8 twice", func(r *Request) { put(r, "title", "è§\u0086é¢\u0091") }, "sign-wrong", []string{"charset-sent-double"}},
		{"blank added to a value", func(r *Request) { put(r, "title", "视频 ") }, "sign-wrong", []string{"values-trimmed"}},
		{"sent twice", func(r *Request) {
			r.Values[1].Shadowed = true
			r.Values = append(r.Values, Value{Name: "format", Value: "xml", In: InQuery})
		}, "sign-wrong", []string{"repeated-parameter"}},
	} {
		t.Run(row.name, func(t *testing.T) {
			in := pageContext(noon)
			in.Others = func() []Credential {
				return append(polyvOthers(), Credential{ID: polyvUser, Secret: polyvSecret})
			}
			r := polyvRequest(right)
			row.change(r)
			e := Polyv{}.Explain(r, in)
			assert.Equal(t, row.refusal, e.Refusal)
			assert.Equal(t, row.refusal == "", e.Accepted)
			assert.Equal(t, row.want, names(e))
			requireClean(t, e, polyvSecret, right)
		})
	}
}

// TestExplainPolyvTime states units, skew and time zones.
func TestExplainPolyvTime(t *testing.T) {
	for _, row := range []struct {
		ptime, name, detail string
	}{
		{"1772366400", "seconds-for-milliseconds", "ptime is in seconds; the vendor takes milliseconds."},
		{"1772366400000000", "microseconds-for-milliseconds", ""},
		{"1772366400000000000", "nanoseconds-for-milliseconds", ""},
		{"1.7723664E+12", "timestamp-malformed", "ptime is written with an exponent, as numbers too large for an integer are printed; the vendor takes milliseconds."},
		{"1772366400000.25", "timestamp-malformed", "ptime has a fraction; the vendor takes milliseconds."},
		{"2026-03-01 12:00:00", "timestamp-malformed", "ptime is a date, not a number; the vendor takes milliseconds."},
		{" 1772366400000", "timestamp-malformed", "ptime has blanks around it; the vendor takes milliseconds."},
		{"-1772366400000", "timestamp-malformed", ""},
		{"abc", "timestamp-malformed", ""},
		{"17723664000000", "timestamp-malformed", "ptime has 14 digits, not 13."},
		{"99999999999999999999", "timestamp-malformed", "ptime has 20 digits, more than any time."},
		{millis(noon.Add(-4*time.Minute - 12*time.Second)), "timestamp-stale",
			"ptime is 4m12s behind the sandbox's clock (2026-03-01 12:00:00 UTC), which allows 3m."},
		{millis(noon.Add(-3*time.Minute - time.Millisecond)), "timestamp-stale", ""},
		{millis(noon.Add(3*time.Minute + time.Millisecond)), "timestamp-ahead", ""},
		{millis(noon.Add(-96 * time.Hour)), "timestamp-stale", "ptime is 4 days behind the sandbox's clock (2026-03-01 12:00:00 UTC), which allows 3m."},
		{millis(noon.Add(8 * time.Hour)), "time-zone",
			"ptime is 8h ahead of the sandbox's clock (2026-03-01 12:00:00 UTC), which allows 3m. That is 8h, the distance of a time zone."},
		{millis(noon.Add(-8*time.Hour - 3*time.Second)), "time-zone", ""},
		{millis(noon.Add(5*time.Hour + 30*time.Minute)), "time-zone", ""},
		{millis(noon.Add(5*time.Hour + 10*time.Minute)), "timestamp-ahead", ""},
		{millis(noon.Add(15 * time.Hour)), "timestamp-ahead", ""},
	} {
		t.Run(row.ptime, func(t *testing.T) {
			text := "format=json&ptime=" + row.ptime + "&title=视频&vid=vid+1 2"
			r := polyvRequest(up(sha1Hex(text + polyvSecret)))
			put(r, "ptime", row.ptime)
			e := Polyv{}.Explain(r, pageContext(noon))
			assert.Contains(t, []string{"ptime-illegal", "ptime-too-old"}, e.Refusal)
			assert.Equal(t, []string{row.name}, names(e), "the signature itself is right")
			assert.Equal(t, text+"<secret>", e.Sent)
			if row.detail != "" {
				assert.Equal(t, row.detail, e.Mistakes[0].Detail)
			}
			requireClean(t, e, polyvSecret)
		})
	}
}

// TestExplainHidesTheSecretInParameters: a client that sends its secret, or a right
// signature under a wrong name, finds neither in the explanation.
func TestExplainHidesTheSecretInParameters(t *testing.T) {
	r := polyvRequest("50BF9B165630A8047EB1D17D95A469CC51FF754E")
	r.Values = append(r.Values, Value{Name: "secretkey", Value: polyvSecret, In: InForm}, Value{Name: "x", Value: "a" + up(polyvSecret) + "b", In: InForm},
		Value{Name: "y", Value: base64.StdEncoding.EncodeToString([]byte(polyvSecret)), In: InForm}, Value{Name: "Sign", Value: "ABCDEF", In: InForm},
		Value{Name: "other", Value: "kXmHMLeX6M", In: InForm})
	in := pageContext(noon)
	in.Others = polyvOthers
	e := Polyv{}.Explain(r, in)
	requireClean(t, e, polyvSecret, "kXmHMLeX6M", base64.StdEncoding.EncodeToString([]byte(polyvSecret)), "ABCDEF")
	assert.Contains(t, e.Expected, "secretkey=<secret>")
	assert.Contains(t, e.Expected, "x=a<secret>b")
	assert.Contains(t, e.Expected, "Sign=<signature>")
}

// TestExplainIsBounded: neither many parameters nor long ones make it slow.
func TestExplainIsBounded(t *testing.T) {
	for name, r := range map[string]*Request{"many": polyvRequest(""), "long": polyvRequest("")} {
		put(r, "sign", "50BF9B165630A8047EB1D17D95A469CC51FF754E")
		switch name {
		case "many":
			for i := range 5000 {
				r.Values = append(r.Values, Value{Name: "p" + millis(time.UnixMilli(int64(i))), Value: "视", In: InForm})
			}
		case "long":
			r.Values = append(r.Values, Value{Name: "long", Value: strings.Repeat("视 +", 1<<18), In: InForm})
		}
		in := pageContext(noon)
		in.Others = polyvOthers
		s := time.Now()
		e := Polyv{}.Explain(r, in)
		assert.Less(t, time.Since(s), 30*time.Second, name) // some 20 ms; the rest is for busy machines and the race detector
		assert.Contains(t, names(e), "digest-unexplained")
		for _, m := range e.Mistakes {
			assert.Less(t, len(m.Detail), 700)
		}
	}
}

// TestExplainManyOthers: with a thousand tenants the right account is still found.
func TestExplainManyOthers(t *testing.T) {
	in := pageContext(noon)
	in.Others = func() []Credential {
		var out []Credential
		for i := range 1000 {
			out = append(out, Credential{ID: "u" + millis(time.UnixMilli(int64(i))), Secret: "secret" + millis(time.UnixMilli(int64(i)))})
		}
		return out
	}
	e := Polyv{}.Explain(polyvRequest(up(sha1Hex(polyvRight+"secret250"))), in)
	assert.Equal(t, []string{"secret-of-another-account"}, names(e))
	assert.Contains(t, e.Mistakes[0].Detail, "u250")
	requireClean(t, e, "secret250", polyvSecret)
}

// TestExplainZerosLost: a digest printed as a number lacks its leading zeros.
func TestExplainZerosLost(t *testing.T) {
	for i := range 1000 {
		vid := "v" + millis(time.UnixMilli(int64(i)))
		sign := up(sha1Hex("ptime=" + polyvNow + "&vid=" + vid + polyvSecret))
		if !strings.HasPrefix(sign, "0") {
			continue
		}
		r := &Request{Operation: "x", Method: "GET", Values: query(polyvUser, "vid", vid, "ptime", polyvNow, "sign", strings.TrimLeft(sign, "0"))}
		e := Polyv{}.Explain(r, pageContext(noon))
		assert.Equal(t, []string{"digest-zeros-lost"}, names(e))
		return
	}
	t.Fatal("no digest began with a zero")
}

// TestExplainSecretTrimmed: blanks that belong to a secret were taken off, as forms
// and configuration files do.
func TestExplainSecretTrimmed(t *testing.T) {
	in := Context{Now: noon, Secret: func(string) (string, bool) { return " two words ", true }}
	e := Polyv{}.Explain(polyvRequest(up(sha1Hex(polyvRight+"two words"))), in)
	assert.Equal(t, []string{"secret-trimmed"}, names(e))
	requireClean(t, e, "two words")
}
