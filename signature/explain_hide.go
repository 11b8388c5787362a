package signature

import (
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"unicode/utf8"
)

// curtain is what must not be seen in an Explanation, in lower case, and what is
// shown in its place.
type curtain struct{ needles []needle }

type needle struct{ low, by string }

// shortest is the length from which a secret is looked for: hiding every "a"
// would hide the explanation and no secret.
const shortest = 4

// add hides one text.
func (c *curtain) add(text, by string) {
	if len(text) >= shortest {
		c.needles = append(c.needles, needle{lower(text), by})
	}
}

// secret hides a secret in itself and in the encodings in which a request may
// repeat it.
func (c *curtain) secret(s string) {
	c.add(s, masked)
	c.add(url.QueryEscape(s), masked)
	c.add(url.PathEscape(s), masked)
	c.add(hex.EncodeToString([]byte(s)), masked)
	c.add(base64.RawStdEncoding.EncodeToString([]byte(s)), masked)
	c.add(base64.RawURLEncoding.EncodeToString([]byte(s)), masked)
	if raw, _ := decodeBase64(s); len(raw) >= 2*shortest {
		c.add(string(raw), masked)
	}
	if raw, err := hex.DecodeString(s); err == nil && len(raw) >= 2*shortest {
		c.add(string(raw), masked)
	}
}

// others hides what other accounts prove themselves by. There may be thousands, so
// that their encodings are not looked for.
func (c *curtain) others(in Context) {
	if in.Others == nil {
		return
	}
	for _, o := range in.Others() {
		c.add(o.Secret, masked)
		c.add(o.Token, masked)
	}
}

// digest hides a digest in the forms in which it can be written.
func (c *curtain) digest(sum []byte) {
	std := base64.StdEncoding.EncodeToString(sum)
	bare, digits := strings.TrimRight(std, "="), hex.EncodeToString(sum)
	for _, form := range []string{
		digits, std, bare, url.QueryEscape(std), strings.NewReplacer("+", "-", "/", "_").Replace(bare),
		strings.ReplaceAll(bare, "+", " "), base64.RawStdEncoding.EncodeToString([]byte(digits)),
		base64.RawStdEncoding.EncodeToString([]byte(strings.ToUpper(digits))),
	} {
		c.add(form, maskedSignature)
	}
}

// draw returns s with everything hidden that must be, whatever the case of its
// ASCII letters.
func (c *curtain) draw(s string) string {
	low := lower(s)
	for _, n := range c.needles {
		if strings.Contains(low, n.low) {
			s = replaceFold(s, n.low, n.by)
			low = lower(s)
		}
	}
	return s
}

// over draws the curtain over every text of e that can hold something of the
// request, and makes them valid UTF-8: bytes that are not are written \xNN.
func (c *curtain) over(e *Explanation) {
	clean := func(s *string) { *s = shownBytes(c.draw(*s)) }
	clean(&e.Caller)
	clean(&e.Expected)
	clean(&e.Sent)
	e.Mistakes = slices.Clone(e.Mistakes)
	for i := range e.Mistakes {
		clean(&e.Mistakes[i].Detail)
		clean(&e.Mistakes[i].Remedy)
		e.Mistakes[i].Detail, e.Mistakes[i].Remedy = cut(e.Mistakes[i].Detail), cut(e.Mistakes[i].Remedy)
	}
}

// replaceFold replaces a text given in lower case, whatever its case in s.
func replaceFold(s, low, by string) string {
	var out strings.Builder
	in := lower(s)
	for {
		at := strings.Index(in, low)
		if at < 0 {
			break
		}
		out.WriteString(s[:at])
		out.WriteString(by)
		s, in = s[at+len(low):], in[at+len(low):]
	}
	out.WriteString(s)
	return out.String()
}

// lower is lower case of ASCII letters alone, so that no byte moves.
func lower(s string) string {
	b := []byte(s)
	for i, c := range b {
		if 'A' <= c && c <= 'Z' {
			b[i] = c + 'a' - 'A'
		}
	}
	return string(b)
}

// shownBytes writes a value in another charset with \xNN for every byte beyond
// ASCII: some of them would pass for UTF-8 by chance.
func shownBytes(s string) string {
	if utf8.ValidString(s) {
		return s
	}
	var out strings.Builder
	for i := range len(s) {
		if s[i] < utf8.RuneSelf {
			out.WriteByte(s[i])
		} else {
			fmt.Fprintf(&out, `\x%02x`, s[i])
		}
	}
	return out.String()
}

// cut keeps a sentence readable, whatever a request put into it.
func cut(s string) string {
	const most = 600
	if len(s) <= most {
		return s
	}
	for i := range s {
		if i >= most {
			return s[:i] + "…"
		}
	}
	return s
}

// maskFields gives those values a mask that have the secret in them.
func maskFields(fields []field, secret string) {
	var c curtain
	c.secret(secret)
	for i := range fields {
		if hidden := c.draw(fields[i].value); hidden != fields[i].value {
			fields[i].mask = hidden
		}
	}
}
