package signature

import (
	"crypto/sha512"
	"encoding/base64"
	"encoding/hex"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
)

const (
	polyvUser   = "3828390191"
	polyvSecret = "tIQp4ATe9Z"
	polyvNow    = "1772366400000" // noon
)

// polyvRequest is a POST with four parameters in the body, one of them empty and
// one Chinese, and one in the query.
func polyvRequest(sign string) *Request {
	return &Request{Operation: "clip", Method: "POST", Path: "/v2/video/3828390191/clip", Values: Values{
		{Name: "userid", Value: polyvUser, In: InPath},
		{Name: "format", Value: "json", In: InQuery},
		{Name: "vid", Value: "vid+1 2", In: InForm},
		{Name: "title", Value: "视频", In: InForm},
		{Name: "ptime", Value: polyvNow, In: InForm},
		{Name: "jsonp", Value: "", In: InForm},
		{Name: "sign", Value: sign, In: InForm},
	}}
}

const polyvRight = "format=json&ptime=1772366400000&title=视频&vid=vid+1 2"

func polyvOthers() []Credential {
	return []Credential{{ID: "8205ac89d3", Secret: "kXmHMLeX6M"}, {ID: "zzsecond00", Secret: "SecondKey1"}}
}

func sha512Sum(s string) []byte {
	h := sha512.Sum512([]byte(s))
	return h[:]
}

func TestExplainPolyvMistakes(t *testing.T) {
	const s = polyvSecret
	gbk := string([]byte{0xca, 0xd3, 0xc6, 0xb5}) // 视频
	for _, row := range []struct {
		name string
		sign string
		want []string
		sent string // "" when it is the expected string
	}{
		{"lower case", sha1Hex(polyvRight + s), []string{"digest-lower-case"}, ""},
		{"mixed case", up(sha1Hex(polyvRight + s)[:20]) + sha1Hex(polyvRight + s)[20:], []string{"digest-mixed-case"}, ""},
		{"order of arrival", up(sha1Hex("format=json&vid=vid+1 2&title=视频&ptime=1772366400000" + s)),
			[]string{"parameters-unsorted"}, "format=json&vid=vid+1 2&title=视频&ptime=1772366400000<secret>"},
		{"reverse order", up(sha1Hex("vid=vid+1 2&title=视频&ptime=1772366400000&format=json" + s)),
			[]string{"parameters-unsorted"}, "vid=vid+1 2&title=视频&ptime=1772366400000&format=json<secret>"},
		{"some other order", up(sha1Hex("title=视频&format=json&vid=vid+1 2&ptime=1772366400000" + s)),
			[]string{"parameters-unsorted"}, "title=视频&format=json&vid=vid+1 2&ptime=1772366400000<secret>"},
		{"ptime last", up(sha1Hex("format=json&title=视频&vid=vid+1 2&ptime=1772366400000" + s)),
			[]string{"parameters-unsorted"}, "format=json&title=视频&vid=vid+1 2&ptime=1772366400000<secret>"},
		{"URL-encoded", up(sha1Hex("format=json&ptime=1772366400000&title=%E8%A7%86%E9%A2%91&vid=vid%2B1+2" + s)),
			[]string{"values-url-encoded"}, "format=json&ptime=1772366400000&title=%E8%A7%86%E9%A2%91&vid=vid%2B1+2<secret>"},
		{"URL-encoded with %20", up(sha1Hex("format=json&ptime=1772366400000&title=%E8%A7%86%E9%A2%91&vid=vid%2B1%202" + s)),
			[]string{"values-url-encoded"}, "format=json&ptime=1772366400000&title=%E8%A7%86%E9%A2%91&vid=vid%2B1%202<secret>"},
		{"URL-encoded by .NET", up(sha1Hex("format=json&ptime=1772366400000&title=%e8%a7%86%e9%a2%91&vid=vid%2b1+2" + s)),
			[]string{"values-url-encoded"}, "format=json&ptime=1772366400000&title=%e8%a7%86%e9%a2%91&vid=vid%2b1+2<secret>"},
		{"whole string URL-encoded", up(sha1Hex("format%3Djson%26ptime%3D1772366400000%26title%3D%E8%A7%86%E9%A2%91%26vid%3Dvid%2B1%202" + s)),
			[]string{"string-url-encoded"}, "format%3Djson%26ptime%3D1772366400000%26title%3D%E8%A7%86%E9%A2%91%26vid%3Dvid%2B1%202<secret>"},
		{"plus lost on the way", up(sha1Hex("format=json&ptime=1772366400000&title=视频&vid=vid+1+2" + s)),
			[]string{"plus-became-blank"}, "format=json&ptime=1772366400000&title=视频&vid=vid+1+2<secret>"},
		{"empty kept", up(sha1Hex("format=json&jsonp=&ptime=1772366400000&title=视频&vid=vid+1 2" + s)),
			[]string{"empty-parameters-signed"}, "format=json&jsonp=&ptime=1772366400000&title=视频&vid=vid+1 2<secret>"},
		{"sign included", up(sha1Hex("format=json&ptime=1772366400000&sign=&title=视频&vid=vid+1 2" + s)),
			[]string{"sign-signed"}, "format=json&ptime=1772366400000&sign=&title=视频&vid=vid+1 2<secret>"},
		{"path userid signed", up(sha1Hex("format=json&ptime=1772366400000&title=视频&userid=3828390191&vid=vid+1 2" + s)),
			[]string{"userid-signed"}, "format=json&ptime=1772366400000&title=视频&userid=3828390191&vid=vid+1 2<secret>"},
		{"sent not signed", up(sha1Hex("format=json&ptime=1772366400000&vid=vid+1 2" + s)),
			[]string{"sent-not-signed"}, "format=json&ptime=1772366400000&vid=vid+1 2<secret>"},
		{"ptime alone signed", up(sha1Hex("ptime=1772366400000" + s)),
			[]string{"sent-not-signed"}, "ptime=1772366400000<secret>"},
		{"body not signed", up(sha1Hex("format=json" + s)), []string{"body-not-signed"}, "format=json<secret>"},
		{"query not signed", up(sha1Hex("ptime=1772366400000&title=视频&vid=vid+1 2" + s)),
			[]string{"query-not-signed"}, "ptime=1772366400000&title=视频&vid=vid+1 2<secret>"},
		{"signed not sent", up(sha1Hex("format=json&page=1&ptime=1772366400000&title=视频&vid=vid+1 2" + s)),
			[]string{"signed-not-sent"}, "format=json&page=1&ptime=1772366400000&title=视频&vid=vid+1 2<secret>"},
		{"secret missing", up(sha1Hex(polyvRight)), []string{"secret-missing"}, polyvRight},
		{"secret prepended", up(sha1Hex(s + polyvRight)), []string{"secret-prepended"}, "<secret>" + polyvRight},
		{"secret twice", up(sha1Hex(s + polyvRight + s)), []string{"secret-twice"}, "<secret>" + polyvRight + "<secret>"},
		{"secret of another account", up(sha1Hex(polyvRight + "SecondKey1")), []string{"secret-of-another-account"}, ""},
		{"secret with a blank", up(sha1Hex(polyvRight + s + " ")), []string{"secret-with-blank"}, polyvRight + "<secret> "},
		{"secret with a blank in front", up(sha1Hex(polyvRight + " " + s)), []string{"secret-with-blank"}, polyvRight + " <secret>"},
		{"secret with a line end", up(sha1Hex(polyvRight + s + "\n")), []string{"secret-with-line-end"}, polyvRight + "<secret>\n"},
		{"secret quoted", up(sha1Hex(polyvRight + `"` + s + `"`)), []string{"secret-quoted"}, polyvRight + `"<secret>"`},
		{"secret in lower case", up(sha1Hex(polyvRight + strings.ToLower(s))), []string{"secret-lower-case"}, ""},
		{"secret base64-encoded", up(sha1Hex(polyvRight + base64.StdEncoding.EncodeToString([]byte(s)))), []string{"secret-base64-encoded"}, ""},
		{"userid for secret", up(sha1Hex(polyvRight + polyvUser)), []string{"account-id-for-secret"}, ""},
		{"& before the secret", up(sha1Hex(polyvRight + "&" + s)), []string{"separator-before-secret"}, polyvRight + "&<secret>"},
		{"secret as a parameter", up(sha1Hex(polyvRight + "&secretkey=" + s)), []string{"secret-as-parameter"}, polyvRight + "&secretkey=<secret>"},
		{"secret as a sorted parameter", up(sha1Hex("format=json&ptime=1772366400000&secretkey=" + s + "&title=视频&vid=vid+1 2")),
			[]string{"secret-as-parameter"}, "format=json&ptime=1772366400000&secretkey=<secret>&title=视频&vid=vid+1 2"},
		{"no &", up(sha1Hex("format=jsonptime=1772366400000title=视频vid=vid+1 2" + s)),
			[]string{"separator-missing"}, "format=jsonptime=1772366400000title=视频vid=vid+1 2<secret>"},
		{"no = and &", up(sha1Hex("formatjsonptime1772366400000title视频vidvid+1 2" + s)),
			[]string{"separator-missing"}, "formatjsonptime1772366400000title视频vidvid+1 2<secret>"},
		{"values only", up(sha1Hex("json1772366400000视频vid+1 2" + s)), []string{"names-not-signed"}, "json1772366400000视频vid+1 2<secret>"},
		{"path signed", up(sha1Hex("/v2/video/3828390191/clip?" + polyvRight + s)), []string{"path-signed"}, "/v2/video/3828390191/clip?" + polyvRight + "<secret>"},
		{"MD5", up(md5Hex(polyvRight + s)), []string{"digest-md5"}, ""},
		{"MD5 in lower case", md5Hex(polyvRight + s), []string{"digest-lower-case", "digest-md5"}, ""},
		{"SHA-256", up(sha256Hex(polyvRight + s)), []string{"digest-sha256"}, ""},
		{"SHA-512", up(hex.EncodeToString(sha512Sum(polyvRight + s))), []string{"digest-sha512"}, ""},
		{"HMAC", up(hmacSHA1(s, polyvRight)), []string{"hmac-for-hash"}, polyvRight},
		{"HMAC with key and message swapped", up(hmacSHA1(polyvRight, s)), []string{"hmac-swapped"}, "<secret>"},
		{"base64", b64(sha1Hex(polyvRight + s)), []string{"digest-base64-for-hex"}, ""},
		{"base64 of hex", base64.StdEncoding.EncodeToString([]byte(sha1Hex(polyvRight + s))), []string{"digest-base64-of-hex"}, ""},
		{"bytes separated", dashed(up(sha1Hex(polyvRight + s))), []string{"digest-separated"}, ""},
		{"blank behind the sign", up(sha1Hex(polyvRight+s)) + " ", []string{"signature-padded"}, ""},
		{"sign in quotes", `"` + up(sha1Hex(polyvRight+s)) + `"`, []string{"signature-padded"}, ""},
		{"GBK", up(sha1Hex("format=json&ptime=1772366400000&title=" + gbk + "&vid=vid+1 2" + s)),
			[]string{"charset-gbk"}, `format=json&ptime=1772366400000&title=\xca\xd3\xc6\xb5&vid=vid+1 2<secret>`},
		{"Latin-1", up(sha1Hex("format=json&ptime=1772366400000&title=??&vid=vid+1 2" + s)),
			[]string{"charset-latin1"}, "format=json&ptime=1772366400000&title=??&vid=vid+1 2<secret>"},
		{"UTF-8 twice", up(sha1Hex("format=json&ptime=1772366400000&title=è§\u0086é¢\u0091&vid=vid+1 2" + s)),
			[]string{"charset-double"}, "format=json&ptime=1772366400000&title=è§\u0086é¢\u0091&vid=vid+1 2<secret>"},
		{"ptime in seconds signed", up(sha1Hex("format=json&ptime=1772366400&title=视频&vid=vid+1 2" + s)),
			[]string{"timestamp-unit-signed"}, "format=json&ptime=1772366400&title=视频&vid=vid+1 2<secret>"},
		{"clock read twice", up(sha1Hex("format=json&ptime=1772366399993&title=视频&vid=vid+1 2" + s)),
			[]string{"timestamp-taken-twice"}, "format=json&ptime=1772366399993&title=视频&vid=vid+1 2<secret>"},
		{"not a digest", "hello", []string{"digest-malformed"}, "?"},
		{"a digit lost", up(sha1Hex(polyvRight + s))[:39], []string{"digest-malformed"}, "?"},
		{"no reason to be found", "50BF9B165630A8047EB1D17D95A469CC51FF754E", []string{"digest-unexplained"}, "?"},

		// two at once
		{"unsorted and URL-encoded", up(sha1Hex("format=json&vid=vid%2B1+2&title=%E8%A7%86%E9%A2%91&ptime=1772366400000" + s)),
			[]string{"parameters-unsorted", "values-url-encoded"}, "format=json&vid=vid%2B1+2&title=%E8%A7%86%E9%A2%91&ptime=1772366400000<secret>"},
		{"two parameters not signed", up(sha1Hex("format=json&ptime=1772366400000" + s)),
			[]string{"sent-not-signed", "sent-not-signed"}, "format=json&ptime=1772366400000<secret>"},
		{"lower case, unsorted and secret prepended", sha1Hex(s + "format=json&vid=vid+1 2&title=视频&ptime=1772366400000"),
			[]string{"digest-lower-case", "parameters-unsorted", "secret-prepended"}, "<secret>format=json&vid=vid+1 2&title=视频&ptime=1772366400000"},
		{"empty kept and another secret", up(sha1Hex("format=json&jsonp=&ptime=1772366400000&title=视频&vid=vid+1 2kXmHMLeX6M")),
			[]string{"empty-parameters-signed", "secret-of-another-account"}, "format=json&jsonp=&ptime=1772366400000&title=视频&vid=vid+1 2<secret>"},
		{"the category page's own sample: userid signed, a parameter not", up(sha1Hex("format=json&ptime=1772366400000&userid=3828390191&vid=vid+1 2" + s)),
			[]string{"sent-not-signed", "userid-signed"}, "format=json&ptime=1772366400000&userid=3828390191&vid=vid+1 2<secret>"},
	} {
		t.Run(row.name, func(t *testing.T) {
			in := pageContext(noon)
			in.Others = polyvOthers
			e := Polyv{}.Explain(polyvRequest(row.sign), in)
			assert.False(t, e.Accepted)
			assert.Equal(t, "sign-wrong", e.Refusal)
			assert.Equal(t, polyvUser, e.Caller)
			assert.Equal(t, polyvRight+"<secret>", e.Expected)
			assert.Equal(t, row.want, names(e))
			switch row.sent {
			case "":
				assert.Equal(t, e.Expected, e.Sent)
			case "?":
				assert.Empty(t, e.Sent)
			default:
				assert.Equal(t, row.sent, e.Sent)
			}
			requireClean(t, e, polyvSecret, "SecondKey1", "kXmHMLeX6M", sha1Hex(polyvRight+s), b64(sha1Hex(polyvRight+s)))
		})
	}
}

// TestExplainPolyvNamed: the sentences name the parameters in question.
func TestExplainPolyvNamed(t *testing.T) {
	in := pageContext(noon)
	e := Polyv{}.Explain(polyvRequest(up(sha1Hex("format=json&ptime=1772366400000&vid=vid+1 2"+polyvSecret))), in)
	assert.Equal(t, "Parameter title was sent but not signed.", e.Mistakes[0].Detail)
	assert.Equal(t, strings.Index(e.Expected, "title"), e.Differ)
	e = Polyv{}.Explain(polyvRequest(up(sha1Hex("format=json&page=1&ptime=1772366400000&title=视频&vid=vid+1 2"+polyvSecret))), in)
	assert.Equal(t, "Parameter page=1 was signed but not sent.", e.Mistakes[0].Detail)
	e = Polyv{}.Explain(polyvRequest(up(sha1Hex("ptime=1772366400000"+polyvSecret))), in)
	assert.Equal(t, "Parameters format, vid, title were sent but not signed.", e.Mistakes[0].Detail)
	e = Polyv{}.Explain(polyvRequest(up(sha1Hex("format=json"+polyvSecret))), in)
	assert.Contains(t, e.Mistakes[0].Detail, "(vid, title, ptime)")
}
