package signature

import (
	"math"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// Accounts of the vendors' pages.
var pageSecrets = map[string]string{
	"8205ac89d3": "kXmHMLeX6M", "3828390191": "tIQp4ATe9Z",
	"176050":                           "8zn2eBj90M0F",
	"1b323a1cb879fd4e66530fbad07a32ee": "MWIzMjNhMWNiODc5ZmQ0ZTY2NTMwZmJhZDA3YTMyZWViOTQ3MDJiOGM2ZTU2NjE3",
	"172a1c261d1d84916d9e7321153d0416acab98fc": "", "k1l2m3n4o5p6": "",
}

func pageContext(now time.Time) Context {
	return Context{Now: now, Secret: func(id string) (string, bool) { s, ok := pageSecrets[id]; return s, ok }}
}

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
		id := "1b323a1cb879fd4e66530fbad07a32ee"
		s.Sign(r, Credential{ID: id, Secret: pageSecrets[id]}, Signing{At: noon, Salt: "c4ca4238a0b923820dcc509a6f75849b"})
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

var (
	polyvFaults = []fault{
		{"sign-missing", func(r *Request) { put(r, "sign", "") }},
		{"ptime-illegal", func(r *Request) { put(r, "ptime", "177236640000") }},
		{"ptime-too-old", func(r *Request) { put(r, "ptime", millis(noon.Add(-3*time.Minute-time.Millisecond))) }},
		{"user-unknown", func(r *Request) { put(r, "userid", "nobody") }},
		{"sign-wrong", func(r *Request) { put(r, "vid", "other") }},
	}
	clipartoFaults = []fault{
		{"id-missing", func(r *Request) { put(r, "id", "-") }},
		{"q-missing", func(r *Request) { put(r, "q", ""); r.Operation = "" }},
		{"q-unknown", func(r *Request) { put(r, "q", "Nothing"); r.Operation = "" }},
		{"md5-missing", func(r *Request) { put(r, "md5", "") }},
		{"user-unknown", func(r *Request) { put(r, "id", "176051") }},
		{"md5-wrong", func(r *Request) { put(r, "ext", "21") }},
	}
	interstreamFaults = []fault{
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
	qqtubeFaults = []fault{
		{"invalid-action", func(r *Request) { r.Operation = "" }},
		{"invalid-api-key", func(r *Request) { put(r, "api_key", "-") }},
	}
)

func millis(t time.Time) string  { return strconv.FormatInt(t.UnixMilli(), 10) }
func seconds(t time.Time) string { return strconv.FormatInt(t.Unix(), 10) }

// TestOrderOfChecks makes each fault alone and each two together: the earlier wins.
func TestOrderOfChecks(t *testing.T) {
	for _, row := range []struct {
		scheme Scheme
		faults []fault
	}{{QQTube{}, qqtubeFaults}, {Polyv{}, polyvFaults}, {Cliparto{}, clipartoFaults}, {Interstream{}, interstreamFaults}} {
		for i, a := range row.faults {
			for _, b := range row.faults[i:] {
				t.Run(row.scheme.Name()+"/"+a.outcome+"+"+b.outcome, func(t *testing.T) {
					r := good(t, row.scheme)
					b.make(r)
					a.make(r) // last, where both touch one parameter
					v := row.scheme.Check(r, pageContext(noon))
					assert.Equal(t, a.outcome, v.Refusal)
					assert.Equal(t, row.scheme.Caller(r), v.Caller)
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
			id := "1b323a1cb879fd4e66530fbad07a32ee"
			r := &Request{Operation: "x", Method: "POST"}
			Interstream{}.Sign(r, Credential{ID: id, Secret: pageSecrets[id]}, Signing{At: noon.Add(row.off)})
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

// TestPlaces: where a parameter stands decides whether it counts.
func TestPlaces(t *testing.T) {
	t.Run("interstream and cliparto look at the query only", func(t *testing.T) {
		for _, s := range []Scheme{Interstream{}, Cliparto{}} {
			r := good(t, s)
			for i := range r.Values {
				r.Values[i].In = InForm
			}
			assert.Contains(t, s.Check(r, pageContext(noon)).Refusal, "-missing")
			assert.Empty(t, s.Caller(r))
		}
	})
	t.Run("polyv takes the userid of the path only, and signs one that is a parameter", func(t *testing.T) {
		r := &Request{Operation: "x", Method: "POST", Values: query("8205ac89d3", "userid", "3828390191")}
		assert.Equal(t, "8205ac89d3", Polyv{}.Caller(r))
		assert.Equal(t, "userid=3828390191", PolyvString(r.Values))
		r.Values = r.Values[1:]
		assert.Empty(t, Polyv{}.Caller(r))
	})
	t.Run("polyv signs query and form together, without what is empty, shadowed, sign or in the path", func(t *testing.T) {
		vs := Values{{Name: "userid", Value: "u", In: InPath}, {Name: "b", Value: "2 & 3=ä", In: InForm}, {Name: "A", Value: "1", In: InQuery},
			{Name: "b", Value: "9", In: InForm, Shadowed: true}, {Name: "c", In: InQuery}, {Name: "sign", Value: "X", In: InForm}, {Name: "a", Value: "+", In: InForm}}
		assert.Equal(t, "A=1&a=+&b=2 & 3=ä", PolyvString(vs))
		assert.Empty(t, PolyvString(nil))
	})
	t.Run("of values that nobody marked the first counts, empty or not", func(t *testing.T) {
		assert.Equal(t, "a=1", PolyvString(query("", "a", "1", "a", "2")))
		assert.Equal(t, "b=1", PolyvString(query("", "a", "", "b", "1", "a", "2")))
	})
	t.Run("more parameters than fit the stack", func(t *testing.T) {
		var vs Values
		for i := 99; i >= 10; i-- {
			vs = append(vs, Value{Name: "p" + strconv.Itoa(i), Value: "v", In: InForm})
		}
		s := PolyvString(vs)
		assert.Len(t, s, 90*6-1)
		assert.Equal(t, "p10=v&p11=v", s[:11])
	})
	t.Run("qqtube trims what PHP trims", func(t *testing.T) {
		r := &Request{Operation: "stats", Values: Values{{Name: "api_key", Value: " \t\r\n\x00\v172a \n", In: InForm}}}
		assert.Equal(t, "172a", QQTube{}.Caller(r))
	})
	t.Run("qulive", func(t *testing.T) {
		for _, row := range []struct{ want, token, username, userName string }{
			{"k1l2m3n4o5p6", "k1l2m3n4o5p6rest", "demo", ""}, {"short", "short", "demo", ""}, {"k1l2m3n4o5p6", "k1l2m3n4o5p6", "", ""},
			{"demo", "", "demo", "other"}, {"other", "", "", "other"}, {"", "", "", ""}, {"äöüäöüäöüäöü", "äöüäöüäöüäöüx", "", ""},
		} {
			r := &Request{Operation: "x", Values: query("", "token", row.token, "username", row.username, "userName", row.userName)}
			assert.Equal(t, Verdict{Caller: row.want}, Qulive{}.Check(r, Context{}))
		}
	})
}

// TestDigestCase: Polyv compares upper case, Cliparto either.
func TestDigestCase(t *testing.T) {
	r := good(t, Polyv{})
	sign, _ := r.Values.Get("sign")
	put(r, "sign", lower(sign))
	assert.Equal(t, "sign-wrong", Polyv{}.Check(r, pageContext(noon)).Refusal)

	r = good(t, Cliparto{})
	put(r, "md5", "F0A1E1E8A8B0B1D3F0A1E1E8A8B0B1D3")
	assert.Equal(t, "md5-wrong", Cliparto{}.Check(r, pageContext(noon)).Refusal)
	for _, sum := range []string{"372aadd1bad841a7c898b57dbbecab44", "372AADD1BAD841A7C898B57DBBECAB44", "372aadd1bad841a7c898b57dbbecAB44"} {
		r := &Request{Operation: "BalanceCurrent", Values: query("", "id", "176050", "q", "BalanceCurrent", "md5", sum)}
		assert.Empty(t, Cliparto{}.Check(r, pageContext(noon)).Refusal, sum)
	}
}

// TestSignPlaces: what Sign adds stands where a client of the vendor puts it, once,
// and the caller's own values are left alone.
func TestSignPlaces(t *testing.T) {
	for _, row := range []struct {
		scheme Scheme
		method string
		want   map[string]string
	}{
		{QQTube{}, "GET", map[string]string{"api_key": "query"}}, {QQTube{}, "POST", map[string]string{"api_key": "form"}},
		{Polyv{}, "GET", map[string]string{"ptime": "query", "sign": "query"}}, {Polyv{}, "POST", map[string]string{"ptime": "form", "sign": "form"}},
		{Cliparto{}, "GET", map[string]string{"id": "query", "md5": "query"}},
		{Interstream{}, "POST", map[string]string{"key": "query", "timestamp": "query", "salt": "query", "signature": "query"}},
		{Qulive{}, "GET", map[string]string{"token": "query"}}, {Qulive{}, "POST", map[string]string{"token": "form"}},
	} {
		given := make(Values, 0, 32)
		given = append(given, query("u", "q", "1")...)
		for name := range row.want { // already there, twice, and to be replaced
			given = append(given, Value{Name: name, Value: "old", In: InQuery})
		}
		given = append(given, Value{Name: "f", Value: "2", In: InForm})
		for name := range row.want {
			given = append(given, Value{Name: name, Value: "old", In: InForm, Shadowed: true})
		}
		before := append(Values(nil), given...)
		r := &Request{Operation: "x", Method: row.method, Values: given}
		row.scheme.Sign(r, Credential{ID: "i", Secret: "s", Token: "t"}, Signing{At: noon, Salt: "a"})
		assert.Equal(t, before, given)
		got := map[string]string{}
		for i, v := range r.Values {
			if i > 0 {
				assert.LessOrEqual(t, rank(r.Values[i-1].In), rank(v.In), "path, query, form")
			}
			if _, ok := row.want[v.Name]; ok {
				assert.NotContains(t, got, v.Name)
				assert.NotEqual(t, "old", v.Value)
				got[v.Name] = string(v.In)
			}
		}
		assert.Equal(t, row.want, got, "%s %s", row.scheme.Name(), row.method)
		assert.Len(t, r.Values, 3+len(row.want))
	}
	r := &Request{Method: "GET"}
	Qulive{}.Sign(r, Credential{ID: "demo", Secret: "demo"}, Signing{})
	assert.Empty(t, r.Values, "an account without a token signs nothing")
}

// TestSignSalt: without a salt Sign takes one from key and time, the same again.
func TestSignSalt(t *testing.T) {
	salt := func(at time.Time) string {
		r := &Request{}
		Interstream{}.Sign(r, Credential{ID: "k"}, Signing{At: at})
		s, _ := r.Values.Get("salt")
		return s
	}
	assert.Len(t, salt(noon), 32)
	assert.Equal(t, salt(noon), salt(noon))
	assert.NotEqual(t, salt(noon), salt(noon.Add(time.Nanosecond)))
}

// TestZeroContext: a Context that knows nobody refuses and does not panic.
func TestZeroContext(t *testing.T) {
	for _, s := range All() {
		s.Check(&Request{}, Context{})
		s.Explain(&Request{}, Context{})
		v := s.Check(good(t, s), Context{Now: noon})
		assert.Equal(t, s.Name() != "qulive", v.Refusal != "", s.Name())
	}
}

func TestByName(t *testing.T) {
	assert.Len(t, All(), 5)
	for _, s := range All() {
		got, ok := ByName(s.Name())
		assert.True(t, ok)
		assert.Equal(t, s, got)
	}
	_, ok := ByName("Polyv")
	assert.False(t, ok)
}

func TestAliyunCallback(t *testing.T) {
	const url, stamp, key = "https://www.example.com/your/callback", "1519375990", "Test123"
	sum := AliyunCallback(url, stamp, key)
	assert.Equal(t, "c587b80d2d0ede300e8967937da7219b", sum) // md5sum of url|stamp|key
	assert.True(t, CheckAliyunCallback(url, stamp, key, sum))
	for _, wrong := range []string{"", "C587B80D2D0EDE300E8967937DA7219B", sum + " ", sum[:31]} {
		assert.False(t, CheckAliyunCallback(url, stamp, key, wrong), wrong)
	}
	assert.False(t, CheckAliyunCallback(url, "1519375991", key, sum))
	assert.False(t, CheckAliyunCallback(url, stamp, "", sum))
}
