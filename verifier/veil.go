package verifier

import (
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"html"
	"net/url"
	"regexp"
	"slices"
	"sort"
	"strings"
	"unicode/utf16"
)

// veil is a masker made ready for texts.
type veil struct {
	replacer *strings.Replacer
	forms    []string // sorted
	longest  int

	named  *regexp.Regexp  // name=value, of the names in placed; nil for none
	placed map[string]bool // "name\x00value", as it is and escaped
}

func (m *masker) veil() *veil {
	set := map[string]string{}
	for v := range m.anywhere {
		for _, form := range forms(v) {
			set[form] = masked
		}
	}
	v := &veil{placed: map[string]bool{}}
	var names []string
	for pair := range m.placed {
		name, value, _ := strings.Cut(pair, "\x00")
		for _, p := range placed(name, value) {
			if _, done := set[p.from]; !done {
				set[p.from] = p.to
			}
		}
		names = appendNew(names, regexp.QuoteMeta(name))
		for _, text := range []string{value, url.QueryEscape(value)} {
			v.placed[name+"\x00"+text] = true
		}
	}
	if len(names) > 0 {
		v.named = regexp.MustCompile(`\b(` + strings.Join(names, "|") + `)=[^&'"\s#<>\\…]+`)
	}
	for form := range set {
		v.forms = append(v.forms, form)
	}
	// Where one form begins as another does, the longer counts.
	sort.Slice(v.forms, func(i, j int) bool {
		if len(v.forms[i]) != len(v.forms[j]) {
			return len(v.forms[i]) > len(v.forms[j])
		}
		return v.forms[i] < v.forms[j]
	})
	pairs := make([]string, 0, 2*len(v.forms))
	for _, form := range v.forms {
		pairs = append(pairs, form, set[form])
		v.longest = max(v.longest, len(form))
	}
	v.replacer = strings.NewReplacer(pairs...)
	for pair := range v.placed {
		name, value, _ := strings.Cut(pair, "\x00")
		for _, before := range []string{"&", "?"} {
			v.forms = append(v.forms, before+name+"="+value)
			v.longest = max(v.longest, len(before+name+"="+value))
		}
	}
	sort.Strings(v.forms)
	return v
}

// forms lists how a secret can be written.
func forms(v string) []string {
	query, path := url.QueryEscape(v), url.PathEscape(v)
	lower := hex.EncodeToString([]byte(v))
	out := []string{
		v, query, path, url.QueryEscape(query), lowerEscapes(query), lowerEscapes(path),
		html.EscapeString(v), strings.ReplaceAll(v, "'", `'\''`), lower, strings.ToUpper(lower),
	}
	out = append(append(out, jsonForms(v)...), base64Forms(v)...)
	slices.Sort(out)
	return slices.Compact(out)
}

// jsonForms lists how the secret stands in a JSON text: of ours, of Go's usual writer,
// which escapes <, > and &, and of PHP's, which escapes / and all that is not ASCII.
func jsonForms(v string) []string {
	out := []string{quote(v)}
	if usual, err := json.Marshal(v); err == nil {
		out = append(out, string(usual))
	}
	for _, form := range out {
		out = append(out, strings.ReplaceAll(form, "/", `\/`), ascii(form), ascii(strings.ReplaceAll(form, "/", `\/`)))
	}
	for i, form := range out {
		out[i] = form[1 : len(form)-1]
	}
	return out
}

// ascii writes everything beyond ASCII as \uXXXX.
func ascii(s string) string {
	var b strings.Builder
	for _, r := range s {
		if r < 0x80 {
			b.WriteRune(r)
			continue
		}
		for _, unit := range utf16.Encode([]rune{r}) {
			fmt.Fprintf(&b, `\u%04x`, unit)
		}
	}
	return b.String()
}

var percentEscape = regexp.MustCompile(`%[0-9A-F]{2}`)

func lowerEscapes(s string) string { return percentEscape.ReplaceAllStringFunc(s, strings.ToLower) }

// base64Forms lists how the secret looks in base64, also amid a longer text: there its
// letters depend on where it begins, and the first and last of them on its neighbours.
func base64Forms(v string) []string {
	var out []string
	for _, enc := range []*base64.Encoding{base64.StdEncoding, base64.URLEncoding} {
		out = append(out, enc.EncodeToString([]byte(v)), enc.WithPadding(base64.NoPadding).EncodeToString([]byte(v)))
		for before := range 3 {
			text := enc.WithPadding(base64.NoPadding).EncodeToString([]byte(strings.Repeat("\x00", before) + v))
			from := (before*8 + 5) / 6
			to := (before + len(v)) * 8 / 6
			if to-from >= shortDerived {
				out = append(out, text[from:to])
			}
		}
	}
	for _, form := range out {
		if escaped := url.QueryEscape(form); escaped != form {
			out = append(out, escaped)
		}
	}
	return out
}

type replacement struct{ from, to string }

// placed lists how a value stands under its name where its end is seen: in a command, in
// JSON, in a multipart form, in a header. In queries and forms pair looks for its end.
func placed(name, v string) []replacement {
	return []replacement{
		{"'" + name + "=" + v + "'", "'" + name + "=" + masked + "'"},
		{`"` + name + `":` + quote(v), `"` + name + `":"` + masked + `"`},
		{`name="` + name + "\"\r\n\r\n" + v + "\r\n", `name="` + name + "\"\r\n\r\n" + masked + "\r\n"},
		{name + ": " + v + "'", name + ": " + masked + "'"},
	}
}

// pair masks the value of name=value when it is the whole of one that is to be masked:
// a longer one that begins like it is another. A sentence can end behind it.
func (v *veil) pair(text string) string {
	name, value, _ := strings.Cut(text, "=")
	for _, whole := range []string{value, strings.TrimRight(value, ").,;:")} {
		if v.placed[name+"\x00"+whole] {
			return name + "=" + masked + value[len(whole):]
		}
	}
	return text
}

// text masks a text, also a secret that was cut where the text was shortened.
func (v *veil) text(s string) string {
	if s == "" || len(v.forms) == 0 {
		return s
	}
	s = v.replacer.Replace(s)
	if v.named != nil {
		s = v.named.ReplaceAllStringFunc(s, v.pair)
	}
	const dots = "…"
	for from := 0; ; {
		i := strings.Index(s[from:], dots)
		if i < 0 {
			return s
		}
		i += from
		if n := v.beginning(s[max(0, i-v.longest):i]); n > 0 {
			s = s[:i-n] + masked + s[i:]
			i += len(masked) - n
		}
		from = i + len(dots)
	}
}

// beginning is how many bytes at the end of s are the beginning of a secret.
func (v *veil) beginning(s string) int {
	for n := len(s); n >= shortSecret; n-- {
		tail := s[len(s)-n:]
		if i := sort.SearchStrings(v.forms, tail); i < len(v.forms) && strings.HasPrefix(v.forms[i], tail) {
			return n
		}
	}
	return 0
}

// scenario masks everything that is reported of a scenario.
func (m *masker) scenario(r *ScenarioResult, made []Created) {
	v := m.veil()
	r.Reason = v.text(r.Reason)
	for i := range r.Steps {
		v.step(&r.Steps[i])
	}
	for i := range made {
		made[i].What = v.text(made[i].What)
	}
}

func (v *veil) step(s *StepResult) {
	s.Name, s.Reason = v.text(s.Name), v.text(s.Reason)
	for i := range s.Problems {
		p := &s.Problems[i]
		p.What, p.Expected, p.Actual, p.Contract = v.text(p.What), v.text(p.Expected), v.text(p.Actual), v.text(p.Contract)
		p.Pointer = v.text(p.Pointer)
	}
	if s.Exchange == nil {
		return
	}
	x := s.Exchange
	x.URL, x.Curl, x.Request, x.Reply, x.Diagnose = v.text(x.URL), v.text(x.Curl), v.text(x.Request), v.text(x.Reply), v.text(x.Diagnose)
	for name, text := range x.Headers {
		x.Headers[name] = v.text(text)
		if secretName.MatchString(name) {
			x.Headers[name] = masked
		}
	}
}
