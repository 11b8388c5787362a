package journal

import (
	"mime"
	"net/http"
	"strings"
)

// This file masks by name. Bodies are read for what looks like a name and a value rather
// than parsed, because broken ones, cut ones and those with the wrong content type have to
// be masked as well.

// url masks an absolute URL: its query as parameters.
func (p *page) url(s string) string {
	before, query, ok := strings.Cut(s, "?")
	if !ok {
		return s
	}
	return before + "?" + p.pairs(query)
}

// pairs masks name=value pairs joined by "&".
func (p *page) pairs(s string) string {
	parts := strings.Split(s, "&")
	for i, part := range parts {
		name, value, ok := strings.Cut(part, "=")
		if ok && value != "" && p.names.secret(name) {
			p.note(value)
			parts[i] = name + "=" + hidden
		}
	}
	return strings.Join(parts, "&")
}

// header masks one header's value.
func (p *page) header(name, value string) string {
	if value == "" || name == "" {
		return value
	}
	if p.names.secret(name) {
		p.note(value)
		if _, credential, ok := strings.Cut(value, " "); ok { // "Bearer …"
			p.note(strings.TrimSpace(credential))
		}
		return hidden
	}
	return p.loose(value)
}

// body masks a body of the given content type.
func (p *page) body(s, contentType string) string {
	if s == "" {
		return s
	}
	mt, params, err := mime.ParseMediaType(contentType)
	if err == nil && strings.HasPrefix(mt, "multipart/") && params["boundary"] != "" {
		return p.multipart(s, params["boundary"])
	}
	trimmed := strings.TrimLeft(s, " \t\r\n\ufeff")
	isJSON := strings.HasPrefix(trimmed, "{") || strings.HasPrefix(trimmed, "[") || strings.Contains(mt, "json") || strings.Contains(mt, "javascript")
	if !isJSON && !strings.HasPrefix(mt, "text/") {
		s = p.pairs(s)
	}
	if i := strings.Index(s, "form-data"); i >= 0 && strings.HasPrefix(trimmed, "--") { // a multipart body whose type does not say so
		if line, _, ok := strings.Cut(trimmed, "\n"); ok {
			s = p.multipart(s, strings.TrimSuffix(line[2:], "\r"))
		}
	}
	return p.loose(p.json(s))
}

// multipart masks the parts of a form whose names are those of secrets.
func (p *page) multipart(s, boundary string) string {
	if boundary == "" {
		return s
	}
	parts := strings.Split(s, "--"+boundary)
	for i, part := range parts {
		head, content, ok := cutHead(part)
		if !ok {
			continue
		}
		if !p.names.secret(partName(head)) {
			parts[i] = head + p.loose(p.json(content))
			continue
		}
		end := strings.TrimSuffix(strings.TrimSuffix(content, "\n"), "\r")
		if end != "" {
			p.note(end)
			parts[i] = head + hidden + content[len(end):]
		}
	}
	return strings.Join(parts, "--"+boundary)
}

// cutHead cuts a part after the empty line behind its header.
func cutHead(part string) (head, content string, ok bool) {
	for _, sep := range []string{"\r\n\r\n", "\n\n"} {
		if i := strings.Index(part, sep); i >= 0 {
			return part[:i+len(sep)], part[i+len(sep):], true
		}
	}
	return part, "", false
}

// partName reads the name of a part from its Content-Disposition.
func partName(head string) string {
	for _, line := range strings.Split(head, "\n") {
		key, value, ok := strings.Cut(strings.TrimSpace(line), ":")
		if !ok || http.CanonicalHeaderKey(strings.TrimSpace(key)) != "Content-Disposition" {
			continue
		}
		if _, params, err := mime.ParseMediaType(strings.TrimSpace(value)); err == nil {
			return params["name"]
		}
		if _, rest, ok := strings.Cut(value, `name="`); ok {
			name, _, _ := strings.Cut(rest, `"`)
			return name
		}
	}
	return ""
}

// loose masks name=value wherever it stands in a text: URLs inside JSON, cookies, HTML.
func (p *page) loose(s string) string {
	var out strings.Builder
	pos := 0
	for i := strings.IndexByte(s, '='); i >= 0 && i < len(s); {
		start := i
		for start > pos && (isAlnum(s[start-1]) || strings.IndexByte("_-.%[]", s[start-1]) >= 0) {
			start--
		}
		end := i + 1
		for end < len(s) && strings.IndexByte("&\"'<>\\;,{}() \t\r\n", s[end]) < 0 {
			end++
		}
		if start < i && end > i+1 && s[i+1:end] != hidden && p.names.secret(s[start:i]) {
			p.note(s[i+1 : end])
			out.WriteString(s[pos : i+1])
			out.WriteString(hidden)
			pos = end
			i = end
		} else {
			i++
		}
		next := strings.IndexByte(s[min(i, len(s)):], '=')
		if next < 0 {
			break
		}
		i += next
	}
	if pos == 0 {
		return s
	}
	out.WriteString(s[pos:])
	return out.String()
}

// json masks the members of JSON objects, also of JSON that stands as a text inside JSON.
func (p *page) json(s string) string {
	for escapes := 0; escapes <= 3; escapes = 2*escapes + 1 { // ", \", \\\"
		quote := strings.Repeat(`\`, escapes) + `"`
		if escapes > 0 && !strings.Contains(s, quote) {
			break
		}
		s = p.members(s, quote, escapes)
	}
	return s
}

// members masks the values behind names in one depth of quoting.
func (p *page) members(s, quote string, escapes int) string {
	var out strings.Builder
	pos := 0 // written so far
	hide := func(from, to int, by string) {
		out.WriteString(s[pos:from])
		out.WriteString(by)
		pos = to
	}
	for i := 0; i < len(s); {
		start := nextQuote(s, i, escapes)
		if start < 0 {
			break
		}
		end := nextQuote(s, start+1, escapes)
		if end < 0 {
			break
		}
		name := s[start+1 : max(start+1, end-escapes)]
		i = end + 1
		colon := i
		for colon < len(s) && strings.IndexByte(" \t\r\n", s[colon]) >= 0 {
			colon++
		}
		if colon >= len(s) || s[colon] != ':' {
			i = end // perhaps the closing quote of a value: it opens nothing
			if !opens(s, start) {
				continue
			}
			i = end + 1
			continue
		}
		i = colon + 1
		if !p.names.secret(name) {
			continue
		}
		i = p.valueEnd(s, i, quote, escapes, hide)
	}
	if pos == 0 {
		return s
	}
	out.WriteString(s[pos:])
	return out.String()
}

// opens reports whether the quote at i can begin a text, by what stands before it.
func opens(s string, i int) bool {
	for i--; i >= 0; i-- {
		switch s[i] {
		case ' ', '\t', '\r', '\n', '\\':
			continue
		case '{', '[', ',', ':', '(':
			return true
		}
		return false
	}
	return true
}

// valueEnd hides the value that begins at i, a text, a number or a list of texts, and
// returns where it ends. An object keeps its shape: its members have names of their own.
func (p *page) valueEnd(s string, i int, quote string, escapes int, hide func(from, to int, by string)) int {
	list := false
	for i < len(s) {
		switch {
		case strings.IndexByte(" \t\r\n", s[i]) >= 0, list && s[i] == ',':
			i++
		case s[i] == '[':
			list = true
			i++
		case s[i] == '{':
			return i + 1
		case s[i] == ']':
			return i + 1
		case strings.HasPrefix(s[i:], quote):
			from := i + len(quote)
			end := nextQuote(s, from, escapes)
			to := end - escapes
			if end < 0 || to < from { // it never ends: cut
				end, to = len(s)-1, len(s)
			}
			if from < to && s[from:to] != hidden {
				p.note(s[from:to])
				hide(from, to, hidden)
			}
			i = end + 1
			if !list {
				return i
			}
		default:
			from := i
			for i < len(s) && strings.IndexByte(",]}\\ \t\r\n", s[i]) < 0 {
				i++
			}
			if v := s[from:i]; v != "null" && v != "true" && v != "false" && v != "" {
				p.note(v)
				hide(from, i, quote+hidden+quote)
				return i
			}
			if i == from {
				return i + 1
			}
			if !list {
				return i
			}
		}
	}
	return i
}

// nextQuote finds the next double quote with exactly that many backslashes before it; with
// none, an even number counts as none.
func nextQuote(s string, from, escapes int) int {
	for i := from; i < len(s); i++ {
		if s[i] != '"' {
			continue
		}
		n := 0
		for j := i - 1; j >= 0 && s[j] == '\\'; j-- {
			n++
		}
		if n == escapes || escapes == 0 && n%2 == 0 {
			return i
		}
	}
	return -1
}
