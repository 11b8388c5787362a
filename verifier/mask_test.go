package verifier

import (
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/mediasandbox/sandbox/internal/contract"
	"github.com/mediasandbox/sandbox/internal/request"
	"github.com/mediasandbox/sandbox/specs/openapi"
)

// encodings are the ways in which a secret can come to stand in a report.
func encodings(v string) map[string]string {
	js, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	out := map[string]string{
		"raw":              v,
		"query":            url.QueryEscape(v),
		"path":             url.PathEscape(v),
		"query, twice":     url.QueryEscape(url.QueryEscape(v)),
		"query, lower":     lowerEscapes(url.QueryEscape(v)),
		"hex":              hex.EncodeToString([]byte(v)),
		"upper hex":        strings.ToUpper(hex.EncodeToString([]byte(v))),
		"base64":           base64.StdEncoding.EncodeToString([]byte(v)),
		"base64, URL":      base64.RawURLEncoding.EncodeToString([]byte(v)),
		"JSON":             string(js[1 : len(js)-1]),
		"JSON, all ASCII":  ascii(string(js[1 : len(js)-1])),
		"JSON as PHP does": strings.ReplaceAll(string(js[1:len(js)-1]), "/", `\/`),
		"shell":            request.Quote("x" + v),
	}
	for before := range 3 {
		text := strings.Repeat("x", before) + v + "yy"
		enc := base64.StdEncoding.EncodeToString([]byte(text))
		from, to := (before*8+5)/6, (before+len(v))*8/6
		out[fmt.Sprintf("inside base64, %d", before)] = enc[from:to]
	}
	return out
}

const secretLetters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+/=&'\"_-.%é"

func drawSecret(r *rand.Rand) string {
	letters := []rune(secretLetters)
	var b strings.Builder
	for range 12 + r.IntN(40) {
		b.WriteRune(letters[r.IntN(len(letters))])
	}
	return b.String()
}

// TestMaskProperty: whatever a secret is and however it is written, nothing of a report
// has it.
func TestMaskProperty(t *testing.T) {
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	r := rand.New(rand.NewPCG(seed, 1))
	for range 200 {
		secret := drawSecret(r)
		m := newMasker()
		m.credential("polyv", map[string]string{"userid": "8205ac89d3", "secretkey": secret})
		v := m.veil()
		for name, form := range encodings(secret) {
			before, after := drawSecret(r), drawSecret(r)
			text := v.text(before + form + after)
			assert.NotContains(t, text, form, "%s of %q (seed %d)", name, secret, seed)
		}
		// Cut short, the beginning is as good as the whole.
		for n := shortSecret; n < len(secret); n++ {
			if text := v.text("x " + secret[:n] + "…"); strings.Contains(text, secret[:n]) {
				t.Fatalf("%q shows the beginning of %q (seed %d)", text, secret, seed)
			}
		}
		assert.Equal(t, "8205ac89d3 is no secret", v.text("8205ac89d3 is no secret"))
	}
}

// TestMaskReport: every text of a scenario's report is masked, and tokens that a reply
// gives out as well.
func TestMaskReport(t *testing.T) {
	const secret, token, sign = "kXmHMLeX6M", "a1b2c3d4e5f6token", "50BF9B165630A8047EB1D17D95A469CC51FF754E"
	doc, err := openapi.Load("polyv")
	require.NoError(t, err)
	m := newMasker()
	m.credential("polyv", map[string]string{"userid": "u", "secretkey": secret})
	m.request(doc, &outgoing{op: doc.Operation("danmuList"), values: contract.Values{
		{Name: "ptime", Value: "1492591990000", In: contract.InQuery}, {Name: "sign", Value: sign, In: contract.InQuery},
	}})
	inner := base64.StdEncoding.EncodeToString([]byte(`{"SecurityToken":"` + token + `"}`))
	m.reply(&incoming{header: http.Header{"Set-Cookie": {"session=verysecretcookie"}}, body: []byte(`{"data":{"uploadAuth":"` + inner + `"}}`)})
	everything := strings.Join([]string{secret, token, sign, inner, "verysecretcookie"}, " ")
	res := ScenarioResult{Reason: everything, Steps: []StepResult{{
		Name: everything, Reason: everything,
		Problems: []Problem{{What: everything, Expected: everything, Actual: everything, Contract: everything, Pointer: "/" + token}},
		Exchange: &Exchange{
			URL: "http://x/v2?a=1&ptime=1492591990000&sign=" + sign, Curl: "curl 'http://x/v2?ptime=1492591990000&sign=" + sign + "'",
			Request: everything, Reply: everything + " 1492591990000", Diagnose: everything, Headers: map[string]string{"Set-Cookie": "session=x", "X": everything},
		},
	}}}
	made := []Created{{What: everything}}
	m.scenario(&res, made)
	text, err := json.Marshal([]any{res, made})
	require.NoError(t, err)
	for _, s := range []string{secret, token, sign, inner, "verysecretcookie", "session=x"} {
		assert.NotContains(t, string(text), s)
	}
	assert.Equal(t, "http://x/v2?a=1&ptime=***&sign=***", res.Steps[0].Exchange.URL)
	assert.Contains(t, res.Steps[0].Exchange.Reply, "1492591990000", "a time is no secret where it stands by itself")
}

// TestMaskShort: what is too short to be looked for everywhere is masked under its name.
func TestMaskShort(t *testing.T) {
	m := newMasker()
	m.derived("salt", "x1")
	v := m.veil()
	for text, want := range map[string]string{
		"?salt=x1&a=x1":               "?salt=***&a=x1",
		"&salt=x1":                    "&salt=***",
		`{"salt":"x1","b":"x1"}`:      `{"salt":"***","b":"x1"}`,
		"salt=x1&b=2":                 "salt=***&b=2",
		"--form-string 'salt=x1'":     "--form-string 'salt=***'",
		"name=\"salt\"\r\n\r\nx1\r\n": "name=\"salt\"\r\n\r\n***\r\n",
		"(as ?salt=x1).":              "(as ?salt=***).",
		"?salt=x1#there":              "?salt=***#there",
		"?salt=x12&a=1":               "?salt=x12&a=1",
		"&salt=x1%20":                 "&salt=x1%20",
		"salt=x12&b=2":                "salt=x12&b=2",
		"?basalt=x1":                  "?basalt=x1",
	} {
		assert.Equal(t, want, v.text(text))
	}
}

// TestMaskNoIDs: the name of an account is no secret, also not one that was made up.
func TestMaskNoIDs(t *testing.T) {
	doc, err := openapi.Load("cliparto")
	require.NoError(t, err)
	m := newMasker()
	m.credential("cliparto", map[string]string{"id": "188988825968", "api_code": "8zn2eBj90M0F"})
	m.request(doc, &outgoing{op: doc.Operation("ImageData"), values: contract.Values{
		{Name: "id", Value: "1", In: contract.InQuery}, {Name: "md5", Value: "372aadd1bad841a7c898b57dbbecab44", In: contract.InQuery},
	}})
	v := m.veil()
	for _, text := range []string{"/apiq/?id=1&q=ImageData", "/apiq/?id=188988825968&q=ImageData", "id=1&md5=0"} {
		assert.Equal(t, text, v.text(text))
	}
	assert.Equal(t, "?id=1&md5=***", v.text("?id=1&md5=372aadd1bad841a7c898b57dbbecab44"))
}
