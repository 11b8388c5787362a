package signature

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
)

// The sum was made with md5sum.
func TestCallback(t *testing.T) {
	const url, stamp, key, sum = "https://www.example.com/your/callback", "1519375990", "Test123", "c587b80d2d0ede300e8967937da7219b"
	assert.Equal(t, sum, AliyunCallback(url, stamp, key))
	right := Callback{URLs: []string{"http://127.0.0.1/other", url}, Timestamp: stamp, Signature: sum, Key: key}
	assert.Empty(t, right.Check())
	for _, row := range []struct {
		name   string
		change func(*Callback)
		want   string
	}{
		{"nothing", func(c *Callback) { c.Timestamp, c.Signature = "", "" }, "timestamp-missing"},
		{"no timestamp", func(c *Callback) { c.Timestamp = "" }, "timestamp-missing"},
		{"no signature", func(c *Callback) { c.Signature = "" }, "signature-missing"},
		{"upper case", func(c *Callback) { c.Signature = strings.ToUpper(sum) }, "signature-wrong"},
		{"a blank behind it", func(c *Callback) { c.Signature += " " }, "signature-wrong"},
		{"cut off", func(c *Callback) { c.Signature = sum[:31] }, "signature-wrong"},
		{"another time", func(c *Callback) { c.Timestamp = "1519375991" }, "signature-wrong"},
		{"another key", func(c *Callback) { c.Key = "test123" }, "signature-wrong"},
		{"another URL", func(c *Callback) { c.URLs = c.URLs[:1] }, "signature-wrong"},
		{"a receiver without a key", func(c *Callback) { c.Key, c.Signature = "", AliyunCallback(url, stamp, "") }, "signature-wrong"},
	} {
		t.Run(row.name, func(t *testing.T) {
			c := right
			row.change(&c)
			assert.Equal(t, row.want, c.Check())
		})
	}
}

func TestExplainCallback(t *testing.T) {
	const url, stamp, key, foreign = "http://127.0.0.1:7311/qulive/vodcallback/callback", "1772366400", "0f1e2d3c4b5a69788796a5b4c3d2e1f0", "ffeeddccbbaa99887766554433221100"
	md5 := func(text string) string { return md5Hex(strings.NewReplacer("URL", url, "KEY", key).Replace(text)) }
	sum := AliyunCallback(url, stamp, key)
	for _, row := range []struct {
		name, stamp, sent string
		want              []string
		signed            string
	}{
		{"right", stamp, sum, nil, "URL|" + stamp + "|<secret>"},
		{"no headers", "", "", []string{"timestamp-missing", "signature-missing"}, ""},
		{"no timestamp", "", sum, []string{"timestamp-missing", "digest-unexplained"}, ""},
		{"no signature", stamp, "", []string{"signature-missing"}, ""},
		{"upper case", stamp, up(sum), []string{"digest-upper-case"}, "URL|" + stamp + "|<secret>"},
		{"mixed case", stamp, up(sum[:16]) + sum[16:], []string{"digest-mixed-case"}, "URL|" + stamp + "|<secret>"},
		{"base64", stamp, b64(sum), []string{"digest-base64-for-hex"}, "URL|" + stamp + "|<secret>"},
		{"no digest", stamp, "00", []string{"digest-malformed"}, ""},
		{"joined with nothing", stamp, md5("URL" + stamp + "KEY"), []string{"separator-wrong"}, "URL" + stamp + "<secret>"},
		{"joined with &", stamp, md5("URL&" + stamp + "&KEY"), []string{"separator-wrong"}, "URL&" + stamp + "&<secret>"},
		{"localhost", stamp, md5("http://localhost:7311/qulive/vodcallback/callback|" + stamp + "|KEY"), []string{"url-host"}, ""},
		{"without port", stamp, md5("http://127.0.0.1/qulive/vodcallback/callback|" + stamp + "|KEY"), []string{"url-host"}, ""},
		{"with a slash", stamp, md5("URL/|" + stamp + "|KEY"), []string{"url-with-slash"}, ""},
		{"https", stamp, md5("https" + url[4:] + "|" + stamp + "|KEY"), []string{"url-scheme"}, ""},
		{"the path alone", stamp, md5("/qulive/vodcallback/callback|" + stamp + "|KEY"), []string{"url-path-only"}, ""},
		{"the sandbox alone", stamp, md5("http://127.0.0.1:7311|" + stamp + "|KEY"), []string{"url-path-missing"}, ""},
		{"no URL", stamp, md5(stamp + "|KEY"), []string{"url-not-signed"}, stamp + "|<secret>"},
		{"no timestamp signed", stamp, md5("URL|KEY"), []string{"timestamp-not-signed"}, "URL|<secret>"},
		{"no key", stamp, md5("URL|" + stamp), []string{"secret-missing"}, "URL|" + stamp},
		{"key in front", stamp, md5("KEY|URL|" + stamp), []string{"parts-unsorted"}, "<secret>|URL|" + stamp},
		{"timestamp in front", stamp, md5(stamp + "|URL|KEY"), []string{"parts-unsorted"}, stamp + "|URL|<secret>"},
		{"milliseconds signed", stamp, md5("URL|" + stamp + "000|KEY"), []string{"timestamp-unit-signed"}, "URL|" + stamp + "000|<secret>"},
		{"the time taken twice", stamp, md5("URL|1772366401|KEY"), []string{"timestamp-taken-twice"}, ""},
		{"another tenant's key", stamp, md5Hex(url + "|" + stamp + "|" + foreign), []string{"key-of-another-tenant"}, "URL|" + stamp + "|<secret>"},
		{"a key read from a file", stamp, md5("URL|" + stamp + "|KEY\n"), []string{"secret-with-line-end"}, "URL|" + stamp + "|<secret>\n"},
		{"localhost, and upper case", stamp, up(md5("http://localhost:7311/qulive/vodcallback/callback|" + stamp + "|KEY")), []string{"digest-upper-case", "url-host"}, ""},
		{"localhost, joined with nothing", stamp, md5("http://localhost:7311/qulive/vodcallback/callback" + stamp + "KEY"), []string{"url-host", "separator-wrong"}, ""},
		{"SHA-256", stamp, sha256Hex(url + "|" + stamp + "|" + key), []string{"digest-sha256"}, "URL|" + stamp + "|<secret>"},
		{"something else", stamp, md5("something else"), []string{"digest-unexplained"}, ""},
	} {
		t.Run(row.name, func(t *testing.T) {
			c := Callback{URLs: []string{url, "http://127.0.0.1:7311/t/default/qulive/vodcallback/callback"}, Timestamp: row.stamp, Signature: row.sent, Key: key}
			e := c.Explain(Context{Now: noon, Others: func() []Credential { return []Credential{{ID: "bob", Secret: foreign}} }})
			assert.Equal(t, row.want, names(e))
			assert.Equal(t, row.want == nil, e.Accepted)
			assert.Equal(t, c.Check(), e.Refusal)
			expected := url + "|" + row.stamp + "|<secret>"
			assert.Equal(t, expected, e.Expected)
			if row.signed != "" {
				assert.Equal(t, strings.ReplaceAll(row.signed, "URL", url), e.Sent)
			}
			requireClean(t, e, key, foreign, sum)
		})
	}
	// The URL that was signed is the one to compare with.
	other := "http://127.0.0.1:7311/t/default/qulive/vodcallback/callback"
	e := Callback{URLs: []string{url, other}, Timestamp: stamp, Signature: AliyunCallback(other, stamp, key), Key: key}.Explain(Context{})
	assert.True(t, e.Accepted)
	expected := other + "|" + stamp + "|<secret>"
	assert.Equal(t, expected, e.Expected)
	// However many other receivers there are.
	many := make([]Credential, 50)
	for i := range many {
		many[i] = Credential{ID: "bob", Secret: md5Hex(string(rune('a' + i)))}
	}
	e = Callback{URLs: []string{url}, Timestamp: stamp, Signature: AliyunCallback(url, stamp, many[49].Secret), Key: key}.
		Explain(Context{Others: func() []Credential { return many }})
	assert.Equal(t, []string{"key-of-another-tenant"}, names(e))
	// A receiver of which nothing is known explains nothing, and does not break.
	e = Callback{}.Explain(Context{})
	assert.Equal(t, []string{"timestamp-missing", "signature-missing"}, names(e))
}

func FuzzCallback(f *testing.F) {
	f.Add("http://127.0.0.1:7311/qulive/vodcallback/callback", "1772366400", "57669da1b679c255ad0b6379dd1151b5")
	f.Add("://", "", "V2adobZ5wlWtC2N53RFRtQ==")
	f.Add("http://[::1%25eth0]:99999/%zz", "-1", "0x57669DA1")
	f.Fuzz(func(t *testing.T, url, stamp, sent string) {
		const key = "Tq9#Zx^7wQv"
		c := Callback{URLs: []string{url}, Timestamp: stamp, Signature: sent, Key: key}
		e := c.Explain(Context{Now: noon})
		if e.Accepted != (c.Check() == "") || !e.Accepted && len(e.Mistakes) == 0 {
			t.Fatalf("%+v", e)
		}
		if right := AliyunCallback(url, stamp, key); sent != right {
			requireClean(t, e, key, right)
		}
		c.Signature = AliyunCallback(url, stamp, key)
		if c.Timestamp != "" && (c.Check() != "" || !c.Explain(Context{}).Accepted) {
			t.Fatal("signed, and refused")
		}
	})
}
