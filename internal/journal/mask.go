package journal

import (
	"encoding/base64"
	"encoding/hex"
	"sort"
	"strings"

	"github.com/mediasandbox/sandbox/fakes"
	"github.com/mediasandbox/sandbox/internal/contract"
)

// What is masked, in every view:
//
//   - by name: the value of every parameter, JSON member, form part and header whose name
//     is that of a credential or a signature, wherever it stands;
//   - by value: every secret of the tenant's accounts, and within one exchange every value
//     found by name, wherever else it occurs: as it is, in either case, URL-encoded, in
//     JSON escapes, in base64 (also inside a longer text) and in hexadecimal.
//
// A value of fewer than minSecret bytes is masked by name only: "demo", the default
// tenant's password at Qulive, stands on the vendor's page and in half of its URLs.
const (
	hidden    = "***"
	minSecret = 6
)

// secretNames are normalised names that mean a secret; secretParts are parts of such names.
const (
	secretNames = " sign md5 pwd apicode callbackkey uploadauth playauth authinfo accesskey credential credentials "
	secretParts = "secret password passwd signature apikey token authorization cookie"
)

// publicSecurity are parameters that belong to a signature and are no secret: who calls
// and when. They are what a tester looks for.
const publicSecurity = " userid id key username ptime timestamp salt "

// names tells which names are those of secrets.
type names struct{ declared map[string]bool }

// namesOf collects the security parameters of contracts.
func namesOf(docs map[string]*contract.Document) names {
	n := names{declared: map[string]bool{}}
	for _, doc := range docs {
		for _, op := range doc.Operations {
			for _, p := range op.Params {
				if p.Security && !strings.Contains(publicSecurity, " "+p.Name+" ") {
					n.declared[normal(p.Name)] = true
				}
			}
		}
	}
	return n
}

// secret reports whether a name, as it stands in a request or reply, is that of a secret.
func (n names) secret(name string) bool {
	if len(name) > 100 {
		name = name[:100]
	}
	name = normal(unescapePercent(name))
	if name == "" {
		return false
	}
	if n.declared[name] || strings.Contains(secretNames, " "+name+" ") {
		return true
	}
	for _, part := range strings.Fields(secretParts) {
		if strings.Contains(name, part) {
			return true
		}
	}
	return false
}

// normal is a name in lower case, letters and digits only.
func normal(name string) string {
	out := make([]byte, 0, len(name))
	for i := range len(name) {
		switch c := lower(name[i]); {
		case c >= 'a' && c <= 'z', c >= '0' && c <= '9':
			out = append(out, c)
		}
	}
	return string(out)
}

// needle is one spelling of a secret to look for.
type needle struct {
	text   string          // in lower case when fold
	fold   bool            // either case
	spread func(byte) bool // characters around it that belong to it; nil for none
	after  bool            // spread to the right only
}

// needles are the spellings of secrets, the longest first.
type needles []needle

// add adds the spellings of a secret.
func (ns *needles) add(secret string) {
	if len(secret) < minSecret {
		return
	}
	*ns = append(*ns, needle{text: lowerText(secret), fold: true}, needle{text: hex.EncodeToString([]byte(secret)), fold: true, spread: isHexDigit})
	for shift := range 3 {
		for _, enc := range []*base64.Encoding{base64.RawStdEncoding, base64.RawURLEncoding} {
			*ns = append(*ns, needle{text: core(enc, secret, shift), spread: isBase64})
		}
	}
}

// addPrefix adds the beginning of tokens: what follows belongs to it.
func (ns *needles) addPrefix(prefix string) {
	if len(prefix) >= minSecret {
		*ns = append(*ns, needle{text: lowerText(prefix), fold: true, spread: isToken, after: true})
		for shift := range 3 {
			*ns = append(*ns, needle{text: core(base64.RawStdEncoding, prefix, shift), spread: isBase64})
		}
	}
}

// core is what base64 of a longer text has in common wherever the secret begins at a
// position of that shift modulo 3.
func core(enc *base64.Encoding, secret string, shift int) string {
	text := enc.EncodeToString([]byte("\x00\x00\x00"[:shift] + secret))
	skip := []int{0, 2, 3}[shift] // characters that depend on what stands before
	end := (shift + len(secret)) * 8 / 6
	return text[skip:end]
}

// masker hides secrets in the exchanges of one tenant.
type masker struct {
	names  names
	tenant needles
}

// masker makes the tenant's masker from its accounts as they are now.
func (t *Tenant) masker() *masker {
	m := &masker{names: namesOf(t.journal.cfg.Documents)}
	for api := range t.journal.cfg.Documents {
		for _, a := range t.tenant.Accounts(api) {
			m.account(a)
		}
	}
	m.tenant.sort()
	return m
}

func (m *masker) account(a fakes.Account) {
	m.tenant.add(a.Secret)
	for name, v := range a.Credential {
		if m.names.secret(name) {
			m.tenant.add(v)
		}
	}
	if a.Secret == "" && a.Credential == nil {
		m.tenant.addPrefix(a.ID) // an account that exists only as the tag by which its tokens begin
	}
}

// sort puts the longest first, so that a secret which contains another is masked whole.
func (ns needles) sort() {
	sort.SliceStable(ns, func(i, j int) bool { return len(ns[i].text) > len(ns[j].text) })
}

// page masks the texts of one exchange: what one shows by name is hidden in all.
type page struct {
	*masker
	found needles
	seen  map[string]bool
}

func (m *masker) page() *page { return &page{masker: m, seen: map[string]bool{}} }

// maxFound bounds how many values found by name are looked for elsewhere.
const maxFound = 32

// note remembers a value that a name gave away.
func (p *page) note(value string) {
	for _, v := range []string{value, unescapePercent(value)} {
		if len(v) >= minSecret+2 && len(p.seen) < maxFound && !p.seen[v] {
			p.seen[v] = true
			p.found.add(v)
		}
	}
}

// value masks by value alone. cut says that the text goes on where it ends here.
func (p *page) value(s string, cut bool) string {
	if s == "" {
		return s
	}
	var spans []span
	for _, ns := range []needles{p.tenant, p.found} {
		if len(ns) > 0 {
			spans = ns.find(spans, s, cut)
		}
	}
	return blank(s, spans)
}

// span is a part of a text to be hidden.
type span struct{ from, to int }

// blank replaces the spans of s.
func blank(s string, spans []span) string {
	if len(spans) == 0 {
		return s
	}
	sort.Slice(spans, func(i, j int) bool { return spans[i].from < spans[j].from })
	var out strings.Builder
	pos := 0
	for i := 0; i < len(spans); {
		from, to := spans[i].from, spans[i].to
		for i++; i < len(spans) && spans[i].from <= to; i++ {
			to = max(to, spans[i].to)
		}
		out.WriteString(s[pos:from])
		out.WriteString(hidden)
		pos = to
	}
	out.WriteString(s[pos:])
	return out.String()
}

// find adds where s has a needle: as it is, and behind up to three layers of escapes.
func (ns needles) find(spans []span, s string, cut bool) []span {
	text, pos := s, []int32(nil)
	for range 4 {
		spans = ns.scan(spans, text, pos, len(s), cut)
		next, at := unescape(text)
		if at == nil {
			break
		}
		if pos != nil {
			for i := range at {
				at[i] = pos[at[i]]
			}
		}
		text, pos = next, at
	}
	return spans
}

// scan looks for the needles in one layer. pos maps it to the original, nil when it is that.
func (ns needles) scan(spans []span, text string, pos []int32, size int, cut bool) []span {
	whole := text
	if cut {
		text = text[:len(text)-partial(text)]
	}
	folded := lowerText(text)
	add := func(from, to int) {
		if pos != nil {
			start, end := int(pos[from]), size
			if to < len(pos) {
				end = int(pos[to])
			}
			spans = append(spans, span{start, end})
			return
		}
		spans = append(spans, span{from, to})
	}
	for i := range ns {
		n := &ns[i]
		in := text
		if n.fold {
			in = folded
		}
		for at := 0; ; {
			hit := strings.Index(in[at:], n.text)
			if hit < 0 {
				break
			}
			from, to := at+hit, at+hit+len(n.text)
			if n.spread != nil {
				for !n.after && from > 0 && n.spread(text[from-1]) {
					from--
				}
				for to < len(text) && n.spread(text[to]) {
					to++
				}
			}
			add(from, to)
			at = to
		}
		if cut {
			if k := tail(in, n.text); k > 0 {
				add(len(in)-k, len(whole))
			}
		}
	}
	return spans
}

// tail is how many bytes at the end of s begin a needle; fewer than four tell nothing.
func tail(s, n string) int {
	for k := min(len(n)-1, len(s)); k >= 4; k-- {
		if s[len(s)-k:] == n[:k] {
			return k
		}
	}
	return 0
}
