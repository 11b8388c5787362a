package signature

import (
	"bytes"
	"encoding/json"
	"net/url"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/simplifiedchinese"
)

// Remedies that several mistakes share.
const (
	remedyRaw     = "Sign the raw UTF-8 values, and URL-encode them only when the request is built."
	remedyUTF8    = "Turn the text into UTF-8 bytes before it is signed and sent."
	remedyReceive = "Sign exactly the value that is sent."
)

// valueTwists are the ways in which values are changed before they are signed.
func valueTwists() []twist {
	row := func(name, detail, remedy string, f func(string) string) twist {
		return twist{Mistake{name, detail, remedy}, groupValue, func(x *formula) { x.value = f }}
	}
	encoded := "The values were URL-encoded before they were signed"
	return []twist{
		row("values-url-encoded", encoded+" (blank as +).", remedyRaw, url.QueryEscape),
		row("values-url-encoded", encoded+" (blank as %20).", remedyRaw, rawURLEncode),
		row("values-url-encoded", encoded+" (as encodeURIComponent does).", remedyRaw, encodeURIComponent),
		row("values-url-encoded", encoded+" (with small hexadecimal digits).", remedyRaw,
			func(s string) string { return smallEscapes(url.QueryEscape(s)) }),
		row("values-url-encoded", encoded+" (blank as %20, small hexadecimal digits).", remedyRaw,
			func(s string) string { return smallEscapes(rawURLEncode(s)) }),
		row("values-url-encoded", encoded+" (as Java's URLEncoder does).", remedyRaw,
			func(s string) string { return strings.ReplaceAll(unescape(url.QueryEscape(s), "*"), "~", "%7E") }),
		row("values-url-encoded", encoded+" (slashes kept).", remedyRaw,
			func(s string) string { return unescape(rawURLEncode(s), "/") }),
		row("values-url-encoded", encoded+" (as encodeURI does).", remedyRaw,
			func(s string) string { return unescape(encodeURIComponent(s), ";,/?:@&=+$#") }),
		row("plus-became-blank", "The values were signed with plus signs, which arrived as blanks.",
			"URL-encode the values, so that + travels as %2B.",
			func(s string) string { return strings.ReplaceAll(s, " ", "+") }),
		row("values-encoded-twice", "The values arrived still URL-encoded; they were signed decoded.",
			"URL-encode each value once only; the HTTP library may do so already.", decodeOnce),
		row("charset-gbk", "The values were signed in GBK.", remedyUTF8, toGBK),
		row("charset-sent-double", "The values were sent after their UTF-8 bytes had been taken for Latin-1 and encoded again.",
			remedyUTF8, func(s string) string { return validOr(toLatin1(s, ""), s) }),
		row("charset-windows1251", "The values were signed in Windows-1251.", remedyUTF8, toCyrillic),
		row("charset-latin1", "The values were signed in Latin-1.", remedyUTF8, func(s string) string { return toLatin1(s, "") }),
		row("charset-latin1", "The values were signed in Latin-1, with ? for what it lacks.", remedyUTF8,
			func(s string) string { return toLatin1(s, "?") }),
		row("charset-sent-latin1", "The values were sent in Latin-1 and signed in UTF-8.", remedyUTF8, latin1Bytes),
		row("charset-double", "The values were signed after their UTF-8 bytes had been taken for Latin-1 and encoded again.",
			remedyUTF8, fromLatin1),
		row("charset-sent-gbk", "The values were sent in GBK and signed in UTF-8.", remedyUTF8, fromGBK),
		row("values-trimmed", "The values were signed without the blanks around them.", remedyReceive, strings.TrimSpace),
		row("values-lower-case", "The values were signed in lower case.", remedyReceive, strings.ToLower),
		row("values-upper-case", "The values were signed in upper case.", remedyReceive, strings.ToUpper),
		row("json-compacted", "JSON values were signed without their blanks and sent with them.", remedyReceive, compactJSON),
		row("line-ends", "The values were signed with LF and sent with CRLF as line ends.", remedyReceive,
			func(s string) string { return strings.ReplaceAll(s, "\r\n", "\n") }),
	}
}

// rawURLEncode is RFC 3986 encoding, PHP's rawurlencode.
func rawURLEncode(s string) string { return strings.ReplaceAll(url.QueryEscape(s), "+", "%20") }

// encodeURIComponent is JavaScript's.
func encodeURIComponent(s string) string { return unescape(rawURLEncode(s), "!'()*") }

// unescape puts the given characters back where they were escaped.
func unescape(s, chars string) string {
	for i := range len(chars) {
		s = strings.ReplaceAll(s, string(appendHex([]byte{'%'}, upperHex, []byte{chars[i]})), chars[i:i+1])
	}
	return s
}

// smallEscapes writes percent escapes with small letters, as .NET does.
func smallEscapes(s string) string {
	b := []byte(s)
	for i := 0; i+2 < len(b); i++ {
		if b[i] == '%' {
			copy(b[i+1:i+3], bytes.ToLower(b[i+1:i+3]))
			i += 2
		}
	}
	return string(b)
}

func decodeOnce(s string) string {
	if out, err := url.PathUnescape(s); err == nil {
		return out
	}
	return s
}

// toGBK leaves a value alone that GBK cannot write.
func toGBK(s string) string {
	out, err := simplifiedchinese.GBK.NewEncoder().String(s)
	if err != nil {
		return s
	}
	return out
}

// toCyrillic leaves a value alone that Windows-1251 cannot write.
func toCyrillic(s string) string {
	out, err := charmap.Windows1251.NewEncoder().String(s)
	if err != nil {
		return s
	}
	return out
}

// fromGBK reads bytes that are no UTF-8 as GBK.
func fromGBK(s string) string {
	if utf8.ValidString(s) {
		return s
	}
	out, err := simplifiedchinese.GBK.NewDecoder().String(s)
	if err != nil {
		return s
	}
	return out
}

// toLatin1 writes characters above U+00FF as other, and leaves a value with any of
// them alone when other is "".
func toLatin1(s, other string) string {
	out := make([]byte, 0, len(s))
	for _, r := range s {
		switch {
		case r <= 0xFF:
			out = append(out, byte(r))
		case other == "":
			return s
		default:
			out = append(out, other...)
		}
	}
	return string(out)
}

// fromLatin1 takes each byte for a character of Latin-1.
func fromLatin1(s string) string {
	out, err := charmap.ISO8859_1.NewDecoder().String(s)
	if err != nil {
		return s
	}
	return out
}

// latin1Bytes reads bytes that are no UTF-8 as Latin-1.
func latin1Bytes(s string) string {
	if utf8.ValidString(s) {
		return s
	}
	return fromLatin1(s)
}

// validOr returns s when it is UTF-8, otherwise the other.
func validOr(s, other string) string {
	if utf8.ValidString(s) {
		return s
	}
	return other
}

func compactJSON(s string) string {
	var out bytes.Buffer
	if !strings.ContainsAny(s, "{[") || json.Compact(&out, []byte(s)) != nil {
		return s
	}
	return out.String()
}
