package journal_test

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/mediasandbox/sandbox/fakes"
	"github.com/mediasandbox/sandbox/internal/contract"
	"github.com/mediasandbox/sandbox/internal/journal"
)

// secretsOf lists a tenant's secrets by where they stand in its credentials.
func secretsOf(tenant *fakes.Tenant) map[string]string {
	out := map[string]string{}
	for api := range documents() {
		for i, a := range tenant.Accounts(api) {
			for name, v := range a.Credential {
				switch name {
				case "api_key", "secretkey", "api_code", "password", "token", "callback_key", "secret":
					if v != "demo" { // on the vendor's page, and in every second URL
						out[fmt.Sprintf("%s %s %d", api, name, i)] = v
					}
				}
			}
		}
	}
	return out
}

var base64Run = regexp.MustCompile(`[A-Za-z0-9+/_-]{6,}`)

// leaks looks for a secret in an output, by other means than those that mask it.
func leaks(out, secret string) string {
	text := out
	for range 5 {
		lower := strings.ToLower(text)
		if strings.Contains(lower, strings.ToLower(secret)) {
			return "as it is"
		}
		if strings.Contains(lower, hex.EncodeToString([]byte(secret))) {
			return "in hexadecimal"
		}
		for _, run := range base64Run.FindAllString(text, -1) {
			run = strings.NewReplacer("-", "+", "_", "/").Replace(run)
			for skip := range 4 {
				if skip >= len(run) {
					break
				}
				part := run[skip:]
				raw, err := base64.RawStdEncoding.DecodeString(part[:len(part)-len(part)%4])
				if err == nil && bytes.Contains(raw, []byte(secret)) {
					return "in base64"
				}
			}
		}
		next := text
		if d, err := url.PathUnescape(strings.ReplaceAll(text, "%%", "%25%")); err == nil {
			next = d
		}
		next = unJSON(next)
		if next == text {
			break
		}
		text = next
	}
	return ""
}

var escapes = regexp.MustCompile(`\\u[0-9a-fA-F]{4}|\\[/"\\]`)

// unJSON takes the escapes of JSON off, one layer.
func unJSON(s string) string {
	return escapes.ReplaceAllStringFunc(s, func(e string) string {
		var out string
		if json.Unmarshal([]byte(`"`+e+`"`), &out) != nil {
			return e
		}
		return out
	})
}

// spell writes a secret in one of the forms in which it may stand in an exchange.
func spell(r *rand.Rand, secret string) string {
	switch r.IntN(9) {
	case 0:
		return url.QueryEscape(secret)
	case 1: // every byte, lower-case digits
		var b strings.Builder
		for i := range len(secret) {
			fmt.Fprintf(&b, "%%%02x", secret[i])
		}
		return b.String()
	case 2:
		var b strings.Builder
		for i := range len(secret) {
			fmt.Fprintf(&b, "\\u%04X", secret[i])
		}
		return b.String()
	case 3:
		return base64.StdEncoding.EncodeToString([]byte("user:xyz"[:r.IntN(8)] + secret + "tail"[:r.IntN(4)]))
	case 4:
		return base64.RawURLEncoding.EncodeToString([]byte("??>"[:r.IntN(3)] + secret))
	case 5:
		return hex.EncodeToString([]byte(secret))
	case 6:
		return strings.ToUpper(hex.EncodeToString([]byte("ab" + secret)))
	case 7:
		return url.QueryEscape(url.QueryEscape(strings.ReplaceAll(secret, "/", `\/`) + "&"))
	}
	return secret
}

// plant puts a text somewhere into an exchange.
func plant(r *rand.Rand, x *fakes.Exchange, text string) {
	header := strings.NewReplacer("\n", "", "\x00", "").Replace(text)
	around := []string{"", " ", "/", "x=", "&y=", `"`, `{"a":"`, ",", "日本", "\xff", "a", "0"}
	before, after := around[r.IntN(len(around))], around[r.IntN(len(around))]
	switch r.IntN(10) {
	case 0:
		x.Request.RequestURI += "&q=" + url.QueryEscape(text)
	case 1:
		x.Request.RequestURI += "&" + strings.ReplaceAll(header, " ", "+") + "=1"
	case 2:
		x.Request.Header.Add("X-Custom", before+header+after)
	case 3:
		x.Request.Header.Add(header, "v")
	case 4:
		x.RequestBody = append(x.RequestBody, []byte("&f="+before+text+after)...)
	case 5:
		x.RequestBody = fmt.Appendf(nil, `{"nested":{"list":[1,"%s%s"]}}`, before, text)
		x.Request.Header.Set("Content-Type", "application/json")
	case 6:
		x.Reply = append(x.Reply, []byte(before+text+after)...)
	case 7:
		x.ReplyHeader.Add("Location", "http://x/?a="+header)
	case 8:
		x.Caller = text
		x.Undeclared = append(x.Undeclared, before+text)
		x.Noted = append(x.Noted, contract.Violation{Param: &contract.Param{Name: "p"}, Reason: "is " + text})
		x.Breach = append(x.Breach, contract.Finding{Pointer: "/" + text, Reason: text + after})
	case 9:
		var buf bytes.Buffer
		w := multipart.NewWriter(&buf)
		w.WriteField("file", before+text) // a buffer
		w.Close()                         // a buffer
		x.RequestBody = buf.Bytes()
		x.Request.Header.Set("Content-Type", w.FormDataContentType())
	}
}

// everything is all that the journal shows of a tenant, as JSON and decoded.
func everything(t testing.TB, tj *journal.Tenant) string {
	t.Helper()
	page := tj.List(journal.Filter{})
	var out strings.Builder
	for _, v := range []any{page, tj.HAR(journal.Filter{}, "v1")} {
		data, err := json.Marshal(v)
		require.NoError(t, err)
		out.Write(data)
		out.WriteByte('\n')
	}
	for i := range page.Entries {
		out.WriteString(page.Entries[i].Request.Text() + "\n" + page.Entries[i].Reply.Text() + "\n")
		fmt.Fprintf(&out, "%+v\n", page.Entries[i])
	}
	return out.String()
}

// TestNoSecretInAnyView plants the secrets of tenants everywhere, in every spelling.
func TestNoSecretInAnyView(t *testing.T) {
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	r := rand.New(rand.NewPCG(seed, 0))
	h, j := newHost(t, journal.Config{BodyBytes: 300})
	other, err := h.AddTenant(fakes.NewTenant{ID: "other"})
	require.NoError(t, err)
	for _, tenant := range []*fakes.Tenant{h.Default(), other} {
		secrets := secretsOf(tenant)
		require.GreaterOrEqual(t, len(secrets), 6)
		tj := journal.Of(tenant)
		for round := range 60 {
			for where, secret := range secrets {
				x := exchange(tenant, "stats", "fine")
				x.Reply = []byte(strings.Repeat("x", r.IntN(320)))
				text := spell(r, secret)
				for range 1 + r.IntN(3) {
					plant(r, x, text)
				}
				j.Record(x)
				if how := leaks(everything(t, tj), secret); how != "" {
					t.Fatalf("round %d: %s leaks %s, spelt %q:\n%s", round, where, how, text, everything(t, tj))
				}
				tj.Clear()
			}
		}
	}
}

func TestMaskByName(t *testing.T) {
	h, j := newHost(t, journal.Config{})
	tj := journal.Of(h.Default())
	const v = "S3cr=t" // short: by name alone
	for name, row := range map[string]struct {
		target, ctype, body, reply string
		wantURL, wantBody, want    string
	}{
		"query":        {target: "/a?sign=ABC&vid=1&MD5=x&%73ign=y&a=sign", wantURL: "http://h/a?sign=***&vid=1&MD5=***&%73ign=***&a=sign"},
		"public parts": {target: "/a?ptime=1&timestamp=2&salt=3&key=4&userid=5&id=6", wantURL: "http://h/a?ptime=1&timestamp=2&salt=3&key=4&userid=5&id=6"},
		"form":         {ctype: "application/x-www-form-urlencoded", body: "a=1&password=it's; se<cret&b=2", wantBody: "a=1&password=***&b=2"},
		"no type":      {body: "a=1&api_key=" + v + "&b=2", wantBody: "a=1&api_key=***&b=2"},
		"json":         {ctype: "application/json", body: `{"api_key": "a\"b", "n": {"Token": 12, "ok": "1"}, "tokens": ["x", "y"], "secret": null}`, wantBody: `{"api_key": "***", "n": {"Token": "***", "ok": "1"}, "tokens": ["***", "***"], "secret": null}`},
		"json untold":  {body: `[{"sign":"x"}]`, wantBody: `[{"sign":"***"}]`},
		"json cut":     {ctype: "application/json", body: `{"a":"b","sign":"never end`, wantBody: `{"a":"b","sign":"***`},
		"json in json": {ctype: "application/json", body: `{"text":"{\"token\":\"x\",\"n\":\"1\"}"}`, wantBody: `{"text":"{\"token\":\"***\",\"n\":\"1\"}"}`},
		"url in json":  {reply: `{"u":"http:\/\/x\/?a=1&sign=ABC","b":"2"}`, want: `{"u":"http:\/\/x\/?a=1&sign=***","b":"2"}`},
		"login":        {reply: `{"result":"true","data":{"token":"0f3a9c12b7d4-5e8a"}}`, want: `{"result":"true","data":{"token":"***"}}`},
		"strange json": {reply: `"a" : "b" "sign" : "c", "x":"sign"`, want: `"a" : "b" "sign" : "***", "x":"sign"`},
		"html":         {reply: `<a href="?token=abc&x=1">`, want: `<a href="?token=***&x=1">`},
		"multipart": {ctype: "multipart/form-data; boundary=B",
			body:     "--B\r\nContent-Disposition: form-data; name=\"vote\"\r\n\r\nlike\r\n--B\r\nContent-Disposition: form-data; name=\"sign\"\r\n\r\nA B\r\nC\r\n--B--\r\n",
			wantBody: "--B\r\nContent-Disposition: form-data; name=\"vote\"\r\n\r\nlike\r\n--B\r\nContent-Disposition: form-data; name=\"sign\"\r\n\r\n***\r\n--B--\r\n"},
		"multipart untold": {ctype: "text/plain",
			body:     "--B\nContent-Disposition: form-data; name=sign\n\nA\n--B--\n",
			wantBody: "--B\nContent-Disposition: form-data; name=sign\n\n***\n--B--\n"},
	} {
		t.Run(name, func(t *testing.T) {
			x := exchange(h.Default(), "stats", "fine")
			x.Request = httptest.NewRequest(http.MethodPost, "http://h/a", http.NoBody)
			x.Request.RequestURI = "/a"
			if row.target != "" {
				x.Request.RequestURI = row.target
			}
			if row.ctype != "" {
				x.Request.Header.Set("Content-Type", row.ctype)
			}
			x.RequestBody, x.Reply = []byte(row.body), []byte(row.reply)
			j.Record(x)
			got := tj.List(journal.Filter{}).Entries
			view := got[len(got)-1]
			if row.wantURL != "" {
				assert.Equal(t, row.wantURL, view.Request.URL)
			}
			assert.Equal(t, row.wantBody, view.Request.Body)
			assert.Equal(t, row.want, view.Reply.Body)
		})
	}
}

func TestMaskHeaders(t *testing.T) {
	h, j := newHost(t, journal.Config{})
	x := exchange(h.Default(), "stats", "fine")
	for name, value := range map[string]string{
		"Authorization": "Bearer abcdefghijk", "Cookie": "a=b", "X-Vod-Signature": "0123", "X-Api-Key": "k", "Accept": "*/*",
		"X-Echo": "abcdefghijk was sent", "Referer": "http://x/?sign=1&a=2",
	} {
		x.Request.Header.Set(name, value)
	}
	x.ReplyHeader.Set("Set-Cookie", "session=1")
	j.Record(x)
	v, err := journal.Of(h.Default()).Get(1)
	require.NoError(t, err)
	got := map[string]string{}
	for _, line := range v.Request.Header {
		got[line.Name] = line.Value
	}
	assert.Equal(t, map[string]string{
		"Authorization": "***", "Cookie": "***", "X-Vod-Signature": "***", "X-Api-Key": "***", "Accept": "*/*",
		"X-Echo": "*** was sent", "Referer": "http://x/?sign=***&a=2",
	}, got)
	assert.Equal(t, "***", v.Reply.Get("set-cookie"))
}

// TestMaskIssuedToken: a token that a login gave out is hidden where nobody expects it.
func TestMaskIssuedToken(t *testing.T) {
	h, j := newHost(t, journal.Config{})
	var tag string
	for _, a := range h.Default().Accounts("qulive") {
		if a.Credential == nil {
			tag = a.ID
		}
	}
	require.NotEmpty(t, tag)
	x := exchange(h.Default(), "stats", "fine")
	x.Request.RequestURI = "/qulive/vod/x?tokn=" + tag + "-12345678-90abcdef"
	j.Record(x)
	v, err := journal.Of(h.Default()).Get(1)
	require.NoError(t, err)
	assert.True(t, strings.HasSuffix(v.Request.URL, "?tokn=***"), v.Request.URL)
}

// TestMaskCutSecret: where the kept part of a body ends inside a secret, no more than
// three bytes of it are left.
func TestMaskCutSecret(t *testing.T) {
	h, j := newHost(t, journal.Config{BodyBytes: 100})
	tj := journal.Of(h.Default())
	const key = "172a1c261d1d84916d9e7321153d0416acab98fc"
	for _, text := range []string{key, "%31%37%32%61%31%63%32%36%31%64%31%64%38%34%39%31%36%64%39%65", base64.StdEncoding.EncodeToString([]byte(key))} {
		for kept := range len(text) {
			x := exchange(h.Default(), "stats", "fine")
			x.Reply = []byte(strings.Repeat("-", 100-kept) + text + "tail")
			j.Record(x)
			v := tj.List(journal.Filter{}).Entries[0].Reply
			tj.Clear()
			require.True(t, v.Cut)
			shown := strings.TrimSuffix(strings.TrimLeft(v.Body, "-"), "***")
			assert.LessOrEqual(t, len(unPercent(t, shown)), 3, "%q", v.Body)
		}
	}
}

func unPercent(t *testing.T, s string) string {
	t.Helper()
	if i := strings.LastIndexByte(s, '%'); i >= 0 && len(s)-i < 3 {
		s = s[:i]
	}
	out, err := url.PathUnescape(s)
	require.NoError(t, err)
	return out
}

// FuzzMask: whatever is sent, the default tenant's secrets do not come out.
func FuzzMask(f *testing.F) {
	h, j := newHost(f, journal.Config{BodyBytes: 200})
	secrets := secretsOf(h.Default())
	tj := journal.Of(h.Default())
	f.Add("a=1&sign=%s", "application/json", `{"token":"%s"}`, uint8(1))
	f.Add("%s", "multipart/form-data; boundary=x", "--x\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n%s\r\n--x", uint8(200))
	f.Add("q=%25%s&x", "", "\\\"\\\\%s\\u00", uint8(77))
	f.Fuzz(func(t *testing.T, query, ctype, body string, pick uint8) {
		i := int(pick) % len(secrets)
		for _, secret := range secrets {
			if i--; i >= 0 {
				continue
			}
			r := rand.New(rand.NewPCG(uint64(pick), 1))
			x := exchange(h.Default(), "stats", "fine")
			x.Request.RequestURI = "/qqtube/v1-api?" + strings.ReplaceAll(query, "%s", spell(r, secret))
			x.Request.Header.Set("Content-Type", ctype)
			x.RequestBody = []byte(strings.ReplaceAll(body, "%s", spell(r, secret)))
			x.Reply = []byte(strings.ReplaceAll(body, "%s", spell(r, secret)))
			j.Record(x)
			out := everything(t, tj)
			tj.Clear()
			if how := leaks(out, secret); how != "" {
				t.Fatalf("%q leaks %s:\n%s", secret, how, out)
			}
			return
		}
	})
}
