package signature

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
)

func TestExplainQQTube(t *testing.T) {
	const key, foreign = "172a1c261d1d84916d9e7321153d0416acab98fc", "ffffffffffffffffffffffffffffffffffffffff"
	for _, row := range []struct {
		name, key string
		want      []string
	}{
		{"right", key, nil},
		{"right, with the page's blank", " " + key, nil},
		{"missing", "-", []string{"api-key-missing"}},
		{"empty", "", []string{"api-key-missing"}},
		{"blank inside", key[:20] + " " + key[20:], []string{"api-key-blanks"}},
		{"blank inside an unknown one", foreign[:20] + " " + foreign[21:], []string{"api-key-blanks"}},
		{"quoted", `"` + key + `"`, []string{"api-key-quoted"}},
		{"upper case", up(key), []string{"api-key-case"}},
		{"encoded twice", "%20" + key, []string{"api-key-encoded-twice"}},
		{"prefixed", "Bearer " + key, []string{"api-key-prefixed"}},
		{"another tenant's", foreign, []string{"account-of-another-tenant"}},
		{"too short", key[:39], []string{"api-key-malformed"}},
		{"no hex", strings.Repeat("z", 40), []string{"api-key-malformed"}},
		{"unknown", strings.Repeat("a", 40), []string{"api-key-unknown"}},
	} {
		t.Run(row.name, func(t *testing.T) {
			in := pageContext(noon)
			in.Others = func() []Credential { return []Credential{{ID: foreign}} }
			r := good(t, QQTube{})
			put(r, "api_key", row.key)
			e := QQTube{}.Explain(r, in)
			assert.Equal(t, row.want == nil, e.Accepted)
			assert.Equal(t, row.want, names(e))
			requireClean(t, e, key, foreign, key[:20], strings.Repeat("a", 40))
		})
	}
	r := good(t, QQTube{})
	r.Operation = ""
	put(r, "action", "order")
	e := QQTube{}.Explain(r, pageContext(noon))
	assert.Equal(t, []string{"action-unknown"}, names(e))
	assert.Equal(t, "invalid-action", e.Refusal)
	assert.Equal(t, "172a…", e.Caller)
	put(r, "api_key", "-")
	r.Values = append(r.Values, query("", "apiKey", key)...)
	e = QQTube{}.Explain(r, pageContext(noon))
	assert.Equal(t, "api_key was not sent, but apiKey was.", e.Mistakes[1].Detail)
	requireClean(t, e, key)
}

func TestExplainQulive(t *testing.T) {
	const token = "k1l2m3n4o5p6-0123456789"
	for _, row := range []struct {
		name  string
		pairs []string
		want  []string
	}{
		{"right", []string{"token", token}, nil},
		{"user name alone", []string{"username", "somebody"}, []string{"token-missing"}},
		{"missing", nil, []string{"token-missing"}},
		{"misnamed", []string{"accessToken", token}, []string{"token-missing"}},
		{"quoted", []string{"token", `"` + token + `"`}, []string{"token-padded", "token-of-no-account"}},
		{"bearer", []string{"token", "Bearer " + token}, []string{"token-blanks", "token-of-no-account"}},
		{"encoded twice", []string{"token", "k1l2m3n4o5p6%2D0123456789"}, []string{"token-encoded-twice"}},
		{"JSON Web Token", []string{"token", "eyJhbGciOi.eyJzdWIi.c2ln"}, []string{"token-foreign", "token-of-no-account"}},
		{"short", []string{"token", "k1l2m3n4o5p6"}, []string{"token-short"}},
		{"name for token", []string{"token", "somebody-long", "username", "somebody-long"}, []string{"username-for-token", "token-of-no-account"}},
		{"another tenant's", []string{"token", "otherotherot-abcdefgh"}, []string{"account-of-another-tenant"}},
		{"nobody's", []string{"token", "nobodynobody-abcdefgh"}, []string{"token-of-no-account"}},
	} {
		t.Run(row.name, func(t *testing.T) {
			in := pageContext(noon)
			in.Others = func() []Credential {
				return []Credential{{ID: "x", Secret: "hunter22", Token: "otherotherot-12345678"}}
			}
			e := Qulive{}.Explain(&Request{Operation: "getSts", Values: query("", row.pairs...)}, in)
			assert.Equal(t, row.want == nil, e.Accepted)
			assert.Equal(t, row.want, names(e))
			requireClean(t, e, token, "otherotherot-", "hunter22", "abcdefgh")
		})
	}
}

// Where it is known which tokens were given out, that decides; the form only explains.
func TestExplainQuliveTokens(t *testing.T) {
	const token = "k1l2m3n4o5p6-0123456789"
	explain := func(sent string, given map[string]time.Time) Explanation {
		in := pageContext(noon)
		in.Token = func(text string) (time.Time, bool) { expires, ok := given[text]; return expires, ok }
		return Qulive{}.Explain(&Request{Operation: "getSts", Values: query("", "token", sent)}, in)
	}
	for _, row := range []struct {
		name, sent string
		expires    time.Time
		want       []string
	}{
		{"good", token, noon.Add(1), nil},
		{"made by hand", "short", noon.Add(time.Hour), nil},
		{"at its end", token, noon, []string{"token-expired"}},
		{"not given out", token, time.Time{}, []string{"token-unknown"}},
		{"not given out, and short", "k1l2m3n4o5p6", time.Time{}, []string{"token-short"}},
	} {
		t.Run(row.name, func(t *testing.T) {
			given := map[string]time.Time{"another": noon}
			if !row.expires.IsZero() {
				given[row.sent] = row.expires
			}
			e := explain(row.sent, given)
			assert.Equal(t, row.want, names(e))
			assert.Equal(t, row.want == nil, e.Accepted)
			if row.want != nil {
				assert.Equal(t, "token-refused", e.Refusal)
			}
			requireClean(t, e, token)
		})
	}
	assert.Equal(t, "The token was good until 2026-03-01 11:00:00 UTC; it is 2026-03-01 12:00:00 UTC on the sandbox's clock.",
		explain(token, map[string]time.Time{token: noon.Add(-time.Hour)}).Mistakes[0].Detail)
}
