package request

import (
	"bytes"
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"net/textproto"
	"sort"
	"strings"
)

// Curl writes the message as a curl command line for a POSIX shell. Pasted, it sends the
// same method, URL, headers and parameters; what curl adds on its own (User-Agent, Accept)
// is left to it unless the message has it. A multipart form becomes --form-string options,
// so that curl draws the boundary.
func (m *Message) Curl() string {
	args := []string{"curl"}
	if strings.Contains(m.URL, "/.") {
		args = append(args, "--path-as-is")
	}
	if strings.ContainsAny(m.URL, "[]{}") {
		args = append(args, "--globoff")
	}
	form := m.formStrings()
	hasBody := len(m.Body) > 0
	switch {
	case m.Method == http.MethodHead:
		args = append(args, "--head")
	case m.Method == http.MethodGet && !hasBody || m.Method == http.MethodPost && hasBody:
	default:
		args = append(args, "-X", Quote(m.Method))
	}
	args = append(args, Quote(m.URL))
	args = append(args, m.headerArgs(form != nil)...)
	if form != nil {
		return strings.Join(append(args, form...), " ")
	}
	if !hasBody {
		return strings.Join(args, " ")
	}
	if bytes.IndexByte(m.Body, 0) >= 0 {
		// No shell can pass a NUL as an argument.
		return "printf " + printfQuote(m.Body) + " | " + strings.Join(append(args, "--data-binary", "@-"), " ")
	}
	return strings.Join(append(args, "--data-raw", Quote(string(m.Body))), " ")
}

// headerArgs lists the headers by name, without those that curl sends anyway.
func (m *Message) headerArgs(form bool) []string {
	names := make([]string, 0, len(m.Header))
	for name := range m.Header {
		names = append(names, name)
	}
	sort.Strings(names)
	var out []string
	if len(m.Body) > 0 && !form && len(m.Header.Values("Content-Type")) == 0 {
		out = append(out, "-H", "Content-Type:") // curl would send its own
	}
	for _, name := range names {
		switch key := textproto.CanonicalMIMEHeaderKey(name); {
		case key == "Content-Length":
			continue
		case key == "Content-Type" && form:
			continue
		case key == "Content-Type" && len(m.Body) > 0 && len(m.Header[name]) == 1 && m.Header[name][0] == urlencoded:
			continue
		}
		for _, v := range m.Header[name] {
			if v == "" {
				out = append(out, "-H", Quote(name+";"))
			} else {
				out = append(out, "-H", Quote(name+": "+v))
			}
		}
	}
	return out
}

// formStrings returns --form-string options for a multipart body of plain fields; nil when
// the body is anything else, and then goes as it is.
func (m *Message) formStrings() []string {
	mt, params, err := mime.ParseMediaType(m.Header.Get("Content-Type"))
	if err != nil || mt != "multipart/form-data" || m.Method != http.MethodPost {
		return nil
	}
	r := multipart.NewReader(bytes.NewReader(m.Body), params["boundary"])
	var out []string
	for {
		part, err := r.NextRawPart()
		if errors.Is(err, io.EOF) {
			return out
		}
		if err != nil || part.FileName() != "" || len(part.Header) != 1 {
			return nil
		}
		name := part.FormName()
		value, err := io.ReadAll(part)
		if err != nil || name == "" || strings.ContainsAny(name, "=\"\\\r\n\x00") || bytes.IndexByte(value, 0) >= 0 {
			return nil
		}
		out = append(out, "--form-string", Quote(name+"="+string(value)))
	}
}

// Quote quotes an argument for a POSIX shell, where it needs it. Control characters are
// written as escapes ($'…', of bash, zsh and POSIX 2024): a tab that is pasted into a
// terminal is a command, not a character. A NUL cannot be an argument and is left out.
func Quote(s string) string {
	if s != "" && strings.Trim(s, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_./:=,@+%") == "" {
		return s
	}
	control := false
	for i := range len(s) {
		control = control || s[i] < ' ' || s[i] == 0x7f
	}
	if !control {
		return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
	}
	var out strings.Builder
	out.WriteString("$'")
	for i := range len(s) {
		switch c := s[i]; {
		case c == 0:
		case c == '\'' || c == '\\':
			out.WriteByte('\\')
			out.WriteByte(c)
		case c == '\n':
			out.WriteString(`\n`)
		case c == '\r':
			out.WriteString(`\r`)
		case c == '\t':
			out.WriteString(`\t`)
		case c < ' ' || c == 0x7f:
			out.WriteString(octal(c))
		default:
			out.WriteByte(c)
		}
	}
	out.WriteByte('\'')
	return out.String()
}

// printfQuote writes bytes as the format of the shell's printf.
func printfQuote(body []byte) string {
	var out strings.Builder
	for _, c := range body {
		switch {
		case c == '%':
			out.WriteString("%%")
		case c == '\\':
			out.WriteString(`\\`)
		case c < ' ' || c >= 0x7f:
			out.WriteString(octal(c))
		default:
			out.WriteByte(c)
		}
	}
	return "'" + strings.ReplaceAll(out.String(), "'", `'\''`) + "'"
}

func octal(c byte) string {
	return string([]byte{'\\', '0' + c>>6, '0' + c>>3&7, '0' + c&7})
}

// Curl writes a request as a curl command line; its body is read to the end.
func Curl(r *http.Request) (string, error) {
	m, err := FromHTTP(r)
	if err != nil {
		return "", err
	}
	return m.Curl(), nil
}
