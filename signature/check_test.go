package signature

import (
	"math"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// pageSecret knows the accounts of the vendors' pages.
func pageSecret(id string) (string, bool) {
	switch id {
	case "8205ac89d3":
		return "kXmHMLeX6M", true
	case polyvUser:
		return polyvSecret, true
	case "176050":
		return "8zn2eBj90M0F", true
	case interKey:
		return interSecret, true
	case "172a1c261d1d84916d9e7321153d0416acab98fc", "k1l2m3n4o5p6":
		return "", true
	}
	return "", false
}

func pageContext(now time.Time) Context { return Context{Now: now, Secret: pageSecret} }

// noon has no sub-second part; tests at the edge add one.
var noon = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

// good returns a request of the scheme that is accepted at noon.
func good(t testing.TB, s Scheme) *Request {
	t.Helper()
	var r *Request
	switch s.Name() {
	case "qqtube":
		r = &Request{Operation: "stats", Method: "GET", Values: query("", "action", "stats", "id_service_submission", "1")}
		s.Sign(r, Credential{ID: "172a1c261d1d84916d9e7321153d0416acab98fc"}, Signing{At: noon})
	case "polyv":
		r = &Request{Operation: "authplayStatus", Method: "GET", Path: "/v2/video/3828390191/authplay-status",
			Values: query("3828390191", "vid", "3828390191de2b3fd3467c36187aac08_3", "format", "json")}
		s.Sign(r, Credential{ID: "3828390191", Secret: "tIQp4ATe9Z"}, Signing{At: noon})
	case "cliparto":
		r = &Request{Operation: "DownloadsList", Method: "GET", Path: "/apiq/", Values: query("", "q", "DownloadsList", "ext", "20")}
		s.Sign(r, Credential{ID: "176050", Secret: "8zn2eBj90M0F"}, Signing{At: noon})
	case "interstream":
		r = &Request{Operation: "set_content_vote", Method: "POST", Path: "/api.php",
			Values: append(query("", "go", "users", "do", "set_content_vote", "iq", "13"), Value{Name: "contentID", Value: "2635", In: InForm},
				Value{Name: "vote", Value: "like", In: InForm})}
		s.Sign(r, Credential{ID: interKey, Secret: interSecret}, Signing{At: noon, Salt: "c4ca4238a0b923820dcc509a6f75849b"})
	case "qulive":
		r = &Request{Operation: "getSts", Method: "GET"}
		s.Sign(r, Credential{ID: "k1l2m3n4o5p6", Token: "k1l2m3n4o5p6-0123456789"}, Signing{At: noon})
	}
	require.Empty(t, s.Check(r, pageContext(noon)).Refusal)
	return r
}

// put changes a parameter wherever it stands; "-" removes it.
func put(r *Request, name, value string) {
	var out Values
	for _, v := range r.Values {
		if v.Name == name {
			if value == "-" {
				continue
			}
			v.Value = value
		}
		out = append(out, v)
	}
	r.Values = out
}

// fault is one way of being refused, in the order in which the vendor looks.
type fault struct {
	outcome string
	make    func(*Request)
}

// faultsOf lists the faults of a scheme.
func faultsOf(s Scheme) []fault {
	switch s.(type) {
	case Polyv:
		return []fault{
			{"sign-missing", func(r *Request) { put(r, "sign", "") }},
			{"ptime-illegal", func(r *Request) { put(r, "ptime", "177236640000") }},
			{"ptime-too-old", func(r *Request) { put(r, "ptime", millis(noon.Add(-3*time.Minute-time.Millisecond))) }},
			{"user-unknown", func(r *Request) { put(r, "userid", "nobody") }},
			{"sign-wrong", func(r *Request) { put(r, "vid", "other") }},
		}
	case Cliparto:
		return []fault{
			{"id-missing", func(r *Request) { put(r, "id", "-") }},
			{"q-missing", func(r *Request) { put(r, "q", ""); r.Operation = "" }},
			{"q-unknown", func(r *Request) { put(r, "q", "Nothing"); r.Operation = "" }},
			{"md5-missing", func(r *Request) { put(r, "md5", "") }},
			{"user-unknown", func(r *Request) { put(r, "id", "176051") }},
			{"md5-wrong", func(r *Request) { put(r, "ext", "21") }},
		}
	case Interstream:
		return []fault{
			{"key-missing", func(r *Request) { put(r, "key", "") }},
			{"timestamp-missing", func(r *Request) { put(r, "timestamp", "-") }},
			{"salt-missing", func(r *Request) { put(r, "salt", "") }},
			{"signature-missing", func(r *Request) { put(r, "signature", "-") }},
			{"key-unknown", func(r *Request) { put(r, "key", "nobody") }},
			{"timestamp-invalid", func(r *Request) { put(r, "timestamp", "17e8") }},
			{"timestamp-expired", func(r *Request) { put(r, "timestamp", seconds(noon.Add(-5*time.Minute-time.Second))) }},
			{"signature-wrong", func(r *Request) { put(r, "salt", "other") }},
			{"action-unknown", func(r *Request) { r.Operation = "" }},
		}
	case QQTube:
		return []fault{
			{"invalid-action", func(r *Request) { r.Operation = "" }},
			{"invalid-api-key", func(r *Request) { put(r, "api_key", "-") }},
		}
	}
	return nil
}

func millis(t time.Time) string  { return strconv.FormatInt(t.UnixMilli(), 10) }
func seconds(t time.Time) string { return strconv.FormatInt(t.Unix(), 10) }

// TestOrderOfChecks makes each fault alone and each two together: the earlier wins.
func TestOrderOfChecks(t *testing.T) {
	for _, s := range []Scheme{QQTube{}, Polyv{}, Cliparto{}, Interstream{}} {
		faults := faultsOf(s)
		for i, a := range faults {
			for _, b := range faults[i:] {
				t.Run(s.Name()+"/"+a.outcome+"+"+b.outcome, func(t *testing.T) {
					r := good(t, s)
					b.make(r)
					a.make(r) // last, where both touch one parameter
					v := s.Check(r, pageContext(noon))
					assert.Equal(t, a.outcome, v.Refusal)
					assert.Equal(t, s.Caller(r), v.Caller)
				})
			}
		}
	}
}

// TestPolyvWindow holds both edges to the millisecond, on a clock with a fraction.
func TestPolyvWindow(t *testing.T) {
	now := noon.Add(123*time.Millisecond + 999*time.Microsecond)
	base := time.UnixMilli(now.UnixMilli())
	for _, row := range []struct {
		name    string
		at      time.Time
		window  time.Duration
		refusal string
	}{
		{"now", base, 0, ""},
		{"oldest", base.Add(-3 * time.Minute), 0, ""},
		{"too old by 1 ms", base.Add(-3*time.Minute - time.Millisecond), 0, "ptime-too-old"},
		{"furthest ahead", base.Add(3 * time.Minute), 0, ""},
		{"ahead by 1 ms more", base.Add(3*time.Minute + time.Millisecond), 0, "ptime-illegal"},
		{"oldest of a wider window", base.Add(-30 * time.Minute), 30 * time.Minute, ""},
		{"too old for a wider window", base.Add(-30*time.Minute - time.Millisecond), 30 * time.Minute, "ptime-too-old"},
		{"ahead in a wider window", base.Add(30 * time.Minute), 30 * time.Minute, ""},
		{"ahead of a wider window", base.Add(30*time.Minute + time.Millisecond), 30 * time.Minute, "ptime-illegal"},
	} {
		t.Run(row.name, func(t *testing.T) {
			r := &Request{Operation: "x", Method: "GET", Values: query("8205ac89d3", "vid", "v")}
			Polyv{}.Sign(r, Credential{Secret: "kXmHMLeX6M"}, Signing{At: row.at})
			in := pageContext(now)
			in.Window = row.window
			assert.Equal(t, row.refusal, Polyv{}.Check(r, in).Refusal)
		})
	}
}

// TestPolyvPtime lists what is not a ptime.
func TestPolyvPtime(t *testing.T) {
	for _, ptime := range []string{"", "-", "1", "1772366400", "177236640000", "17723664000000", "177236640000x", " 1772366400000",
		"1772366400000 ", "+772366400000", "-772366400000", "1772366400.00", "１７７２３６６４０００００", "1772366400000\x00"} {
		r := good(t, Polyv{})
		put(r, "ptime", ptime)
		assert.Equal(t, "ptime-illegal", Polyv{}.Check(r, pageContext(noon)).Refusal, "%q", ptime)
	}
}

// TestInterstreamWindow holds both edges. The vendor's clock counts whole seconds,
// so that a fraction of the sandbox's does not.
func TestInterstreamWindow(t *testing.T) {
	for _, fraction := range []time.Duration{0, time.Millisecond, 999 * time.Millisecond} {
		now := noon.Add(fraction)
		for _, row := range []struct {
			off     time.Duration
			window  time.Duration
			refusal string
		}{
			{0, 0, ""},
			{-5 * time.Minute, 0, ""}, {-5*time.Minute - time.Second, 0, "timestamp-expired"},
			{5 * time.Minute, 0, ""}, {5*time.Minute + time.Second, 0, "timestamp-expired"},
			{-time.Hour, time.Hour, ""}, {-time.Hour - time.Second, time.Hour, "timestamp-expired"},
			{time.Hour, time.Hour, ""}, {time.Hour + time.Second, time.Hour, "timestamp-expired"},
		} {
			r := &Request{Operation: "x", Method: "POST"}
			Interstream{}.Sign(r, Credential{ID: interKey, Secret: interSecret}, Signing{At: noon.Add(row.off)})
			in := pageContext(now)
			in.Window = row.window
			assert.Equal(t, row.refusal, Interstream{}.Check(r, in).Refusal, "%v of %v at +%v", row.off, row.window, fraction)
		}
	}
}

// TestInterstreamTimestamp tells what is no time from what is far away.
func TestInterstreamTimestamp(t *testing.T) {
	for stamp, refusal := range map[string]string{
		"17e8": "timestamp-invalid", "-1": "timestamp-invalid", "+1772366400": "timestamp-invalid", " 1772366400": "timestamp-invalid",
		"1772366400.5": "timestamp-invalid", "9223372036854775808": "timestamp-invalid", "99999999999999999999": "timestamp-invalid",
		"9223372036854775807": "timestamp-expired", "0": "timestamp-expired", "1772366400000": "timestamp-expired",
		"": "timestamp-missing",
	} {
		r := good(t, Interstream{})
		put(r, "timestamp", stamp)
		assert.Equal(t, refusal, Interstream{}.Check(r, pageContext(noon)).Refusal, "%q", stamp)
	}
	r := good(t, Interstream{})
	put(r, "timestamp", strconv.FormatInt(math.MaxInt64, 10))
	assert.Equal(t, "timestamp-expired", Interstream{}.Check(r, pageContext(time.Unix(-1<<40, 0))).Refusal, "a clock before 1970")
}
