package request

import (
	"bytes"
	"fmt"
	"net/http"
	"path"
	"strings"

	"github.com/mediasandbox/sandbox/internal/contract"
)

// part is one field of a form as -F and --form-string give it.
type part struct {
	name, value string
	isFile      bool // it is sent with a file name, which may be empty
	filename    string
	contentType string
}

// addPart is -F and --form-string.
func (c *curlLine) addPart(value string, literal bool) error {
	name, text, ok := strings.Cut(value, "=")
	if !ok {
		return fmt.Errorf("the form field %.60q has no =", value)
	}
	p := part{name: name, value: text}
	if literal {
		c.parts = append(c.parts, p)
		return nil
	}
	switch {
	case strings.HasPrefix(text, "("), name == "" && text == ")":
		return fmt.Errorf("the form field %.60q begins or ends a form within the form for curl, which cannot be read; give a value with --form-string", value)
	case strings.HasPrefix(text, "<"):
		return fmt.Errorf("the form field %s stands in the file %q: paste its content", name, text[1:])
	}
	r := attributes{rest: text, part: &p}
	file, isFile := strings.CutPrefix(text, "@")
	if isFile {
		r.rest, r.ends = file, ","
	}
	if err := r.read(); err != nil {
		return fmt.Errorf("the form field %.60q %w", value, err)
	}
	if isFile {
		file, p.value = p.value, ""
		if !p.isFile {
			p.isFile, p.filename = true, path.Base(file)
		}
		if p.contentType == "" {
			p.contentType = typeOf(p.filename, typeOf(file, "application/octet-stream"))
		}
		c.note("The content of the file %q is left out: files are not read.", file)
	}
	if r.skipped != "" {
		c.note("curl leaves %.60q of the form field %.60q out: put its value into double quotes, or give it with --form-string.", r.skipped, name)
	}
	c.parts = append(c.parts, p)
	return nil
}

// attributes reads what -F says of a field: value;type=…;filename=…
type attributes struct {
	*part
	rest    string
	ends    string // what ends a word beside the semicolon
	skipped string // what curl passes over
}

// blanks are the characters that curl passes over around a word.
const blanks = " \t\n\v\f\r"

func (a *attributes) read() error {
	a.value = a.word()
	inType := "" // from the beginning of a type: what is no attribute of the field, such as charset=utf-8, is the type's
	for strings.HasPrefix(a.rest, ";") {
		a.blank(1)
		switch {
		case inType == "" && a.names("type="):
			inType = a.rest
			text := a.plain()
			if major, minor, _ := strings.Cut(text, "/"); major == "" || strings.Contains(major, " ") || minor == "" || strings.IndexByte(";, \n", minor[0]) >= 0 {
				return fmt.Errorf("has a type that is none, which curl refuses")
			}
			a.contentType = text
		case a.names("filename="):
			a.isFile, a.filename, inType = true, a.word(), ""
		case a.names("headers="), a.names("encoder="):
			return fmt.Errorf("has headers or an encoder of its own, which cannot be read")
		case inType != "":
			a.plain()
			a.contentType = strings.TrimRight(inType[:len(inType)-len(a.rest)], blanks)
		default:
			if text := a.word(); text != "" && a.skipped == "" {
				a.skipped = ";" + text
			}
		}
	}
	if a.rest != "" {
		return fmt.Errorf("names several files, which cannot be read")
	}
	if a.contentType == "" && a.isFile {
		a.contentType = typeOf(a.filename, "")
	}
	return nil
}

// blank passes over n characters and the blanks after them.
func (a *attributes) blank(n int) { a.rest = strings.TrimLeft(a.rest[n:], blanks) }

// names passes over an attribute's name and reports whether it stands there.
func (a *attributes) names(name string) bool {
	if len(a.rest) < len(name) || !strings.EqualFold(a.rest[:len(name)], name) {
		return false
	}
	a.blank(len(name))
	return true
}

// plain reads up to a semicolon.
func (a *attributes) plain() string {
	end := strings.IndexAny(a.rest, ";"+a.ends)
	if end < 0 {
		end = len(a.rest)
	}
	text := a.rest[:end]
	a.rest = a.rest[end:]
	return strings.TrimRight(text, blanks)
}

// word reads up to a semicolon, or what stands in double quotes, in which a backslash
// stands before another and before a quote. Without its end a quote is a character.
func (a *attributes) word() string {
	a.blank(0)
	if !strings.HasPrefix(a.rest, `"`) {
		return a.plain()
	}
	var text strings.Builder
	for i := 1; i < len(a.rest); i++ {
		switch c := a.rest[i]; {
		case c == '"':
			a.rest = a.rest[i+1:]
			a.plain() // curl passes over what follows the quote
			return text.String()
		case c == '\\' && i+1 < len(a.rest) && (a.rest[i+1] == '\\' || a.rest[i+1] == '"'):
			i++
			text.WriteByte(a.rest[i])
		default:
			text.WriteByte(c)
		}
	}
	return a.plain()
}

// typeOf is the content type that curl sees in the name of a file.
func typeOf(name, otherwise string) string {
	switch strings.ToLower(path.Ext(name)) {
	case ".gif":
		return "image/gif"
	case ".jpg", ".jpeg":
		return "image/jpeg"
	case ".png":
		return "image/png"
	case ".svg":
		return "image/svg+xml"
	case ".txt":
		return "text/plain"
	case ".htm", ".html":
		return "text/html"
	case ".pdf":
		return "application/pdf"
	case ".xml":
		return "application/xml"
	}
	return otherwise
}

// form is the header and body of -F. curl puts its boundary behind whatever type -H gives,
// and calls the parts attachments where that is not a form's.
func (c *curlLine) form() (header http.Header, content []byte) {
	var values contract.Values
	for _, p := range c.parts {
		values = append(values, contract.Value{Name: p.name, Value: p.value})
	}
	line := boundary(values)
	contentType, disposition := multipartType, "form-data"
	if given := c.named("Content-Type"); given != nil {
		contentType = given.text
		if mt, _, _ := strings.Cut(contentType, ";"); !strings.EqualFold(strings.TrimSpace(mt), multipartType) {
			disposition = "attachment"
		}
		c.note("The line sets Content-Type: %.60s itself; curl adds the boundary to it.", given.text)
	}
	header = c.header()
	header.Set("Content-Type", contentType+"; boundary="+line)
	escape := strings.NewReplacer(`"`, "%22", "\r", "%0D", "\n", "%0A")
	if c.escape {
		escape = strings.NewReplacer(`\`, `\\`, `"`, `\"`)
	}
	var body bytes.Buffer
	for _, p := range c.parts {
		fmt.Fprintf(&body, "--%s\r\nContent-Disposition: %s", line, disposition)
		if p.name != "" {
			fmt.Fprintf(&body, `; name="%s"`, escape.Replace(p.name))
		}
		if p.isFile {
			fmt.Fprintf(&body, `; filename="%s"`, escape.Replace(p.filename))
		}
		if p.contentType != "" {
			fmt.Fprintf(&body, "\r\nContent-Type: %s", p.contentType)
		}
		fmt.Fprintf(&body, "\r\n\r\n%s\r\n", p.value)
	}
	fmt.Fprintf(&body, "--%s--\r\n", line)
	return header, body.Bytes()
}
