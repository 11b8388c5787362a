package signature

import (
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
)

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
	first, again := salt(noon), salt(noon)
	assert.Equal(t, first, again)
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
