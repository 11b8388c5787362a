package signature

import (
	"encoding/base64"
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestExplainClipartoMistakes(t *testing.T) {
	const (
		code = "8zn2eBj90M0F"
		text = "176050ImageIDByFileNameКот+кот 1"
	)
	for _, row := range []struct {
		name, md5 string
		want      []string
		sent      string
	}{
		{"nothing", md5Hex(text + code), nil, text + "<secret>"},
		{"upper case", up(md5Hex(text + code)), nil, text + "<secret>"},
		{"code missing", md5Hex(text), []string{"secret-missing"}, text},
		{"code prepended", md5Hex(code + text), []string{"secret-prepended"}, "<secret>" + text},
		{"code of another account", md5Hex(text + "OtherCode9"), []string{"secret-of-another-account"}, text + "<secret>"},
		{"code with a blank", md5Hex(text + code + " "), []string{"secret-with-blank"}, text + "<secret> "},
		{"ext not hashed", md5Hex("176050ImageIDByFileName" + code), []string{"sent-not-signed"}, "176050ImageIDByFileName<secret>"},
		{"id not hashed", md5Hex("ImageIDByFileNameКот+кот 1" + code), []string{"sent-not-signed"}, "ImageIDByFileNameКот+кот 1<secret>"},
		{"q before id", md5Hex("ImageIDByFileName176050Кот+кот 1" + code), []string{"parameters-unsorted"}, "ImageIDByFileName176050Кот+кот 1<secret>"},
		{"code before ext", md5Hex("176050ImageIDByFileName" + code + "Кот+кот 1"), []string{"parameters-unsorted"}, "176050ImageIDByFileName<secret>Кот+кот 1"},
		{"plus signs, as the page writes", md5Hex("176050 + ImageIDByFileName + Кот+кот 1 + " + code), []string{"separator-added"},
			"176050 + ImageIDByFileName + Кот+кот 1 + <secret>"},
		{"names hashed", md5Hex("id=176050&q=ImageIDByFileName&ext=Кот+кот 1" + code), []string{"names-signed"}, "id=176050&q=ImageIDByFileName&ext=Кот+кот 1<secret>"},
		{"URL-encoded", md5Hex("176050ImageIDByFileName%D0%9A%D0%BE%D1%82%2B%D0%BA%D0%BE%D1%82+1" + code), []string{"values-url-encoded"},
			"176050ImageIDByFileName%D0%9A%D0%BE%D1%82%2B%D0%BA%D0%BE%D1%82+1<secret>"},
		{"plus became blank", md5Hex("176050ImageIDByFileNameКот+кот+1" + code), []string{"plus-became-blank"}, "176050ImageIDByFileNameКот+кот+1<secret>"},
		{"Windows-1251", md5Hex("176050ImageIDByFileName\xca\xee\xf2+\xea\xee\xf2 1" + code), []string{"charset-windows1251"},
			`176050ImageIDByFileName\xca\xee\xf2+\xea\xee\xf2 1<secret>`},
		{"SHA-1", sha1Hex(text + code), []string{"digest-sha1"}, text + "<secret>"},
		{"SHA-256", sha256Hex(text + code), []string{"digest-sha256"}, text + "<secret>"},
		{"base64", b64(md5Hex(text + code)), []string{"digest-base64-for-hex"}, text + "<secret>"},
		{"base64 of hex", base64.StdEncoding.EncodeToString([]byte(md5Hex(text + code))), []string{"digest-base64-of-hex"}, text + "<secret>"},
		{"no reason", "372aadd1bad841a7c898b57dbbecab44", []string{"digest-unexplained"}, ""},
		{"not a digest", "372aadd1", []string{"digest-malformed"}, ""},
		{"URL-encoded and plus signs", md5Hex("176050+ImageIDByFileName+%D0%9A%D0%BE%D1%82%2B%D0%BA%D0%BE%D1%82%201+" + code),
			[]string{"separator-added", "values-url-encoded"}, "176050+ImageIDByFileName+%D0%9A%D0%BE%D1%82%2B%D0%BA%D0%BE%D1%82%201+<secret>"},
	} {
		t.Run(row.name, func(t *testing.T) {
			r := &Request{Operation: "ImageIDByFileName", Method: "GET", Values: query("", "id", "176050", "q", "ImageIDByFileName", "ext", "Кот+кот 1", "md5", row.md5)}
			in := pageContext(noon)
			in.Others = func() []Credential { return []Credential{{ID: "176051", Secret: "OtherCode9"}} }
			e := Cliparto{}.Explain(r, in)
			assert.Equal(t, row.want == nil, e.Accepted)
			assert.Equal(t, text+"<secret>", e.Expected)
			assert.Equal(t, row.want, names(e))
			assert.Equal(t, row.sent, e.Sent)
			requireClean(t, e, code, "OtherCode9", md5Hex(text+code))
		})
	}
}

func TestExplainClipartoSentWrong(t *testing.T) {
	const code = "8zn2eBj90M0F"
	for _, row := range []struct {
		name    string
		values  Values
		op      string
		refusal string
		want    []string
	}{
		{"ext default hashed", query("", "id", "176050", "q", "DownloadsList", "md5", md5Hex("176050DownloadsList10"+code)), "DownloadsList", "md5-wrong", []string{"signed-not-sent"}},
		{"n/a hashed", query("", "id", "176050", "q", "BalanceCurrent", "md5", md5Hex("176050BalanceCurrentn/a"+code)), "BalanceCurrent", "md5-wrong", []string{"signed-not-sent"}},
		{"id missing", query("", "q", "BalanceCurrent", "md5", md5Hex("BalanceCurrent"+code)), "BalanceCurrent", "id-missing", []string{"id-missing", "digest-unexplained"}},
		{"q missing", query("", "id", "176050", "query", "BalanceCurrent"), "", "q-missing", []string{"q-missing", "md5-missing"}},
		{"q unknown", query("", "id", "176050", "q", "balancecurrent", "md5", md5Hex("176050balancecurrent"+code)), "", "q-unknown", []string{"q-unknown"}},
		{"unknown user", query("", "id", "9", "q", "BalanceCurrent", "md5", md5Hex("9BalanceCurrent"+code)), "BalanceCurrent", "user-unknown", []string{"account-unknown", "digest-unexplained"}},
		{"id with a blank", query("", "id", " 176050", "q", "BalanceCurrent", "md5", md5Hex("176050BalanceCurrent"+code)), "BalanceCurrent", "user-unknown",
			[]string{"account-misspelt", "values-trimmed"}},
	} {
		t.Run(row.name, func(t *testing.T) {
			e := Cliparto{}.Explain(&Request{Operation: row.op, Method: "GET", Values: row.values}, pageContext(noon))
			assert.Equal(t, row.refusal, e.Refusal)
			assert.Equal(t, row.want, names(e))
			requireClean(t, e, code)
		})
	}
}
