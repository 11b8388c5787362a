package request

import (
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"golang.org/x/net/http/httpguts"

	"github.com/mediasandbox/sandbox/internal/nearest"
)

// MaxCurl is the longest command line that ParseCurl reads, in bytes.
const MaxCurl = 2 << 20

// ParseCurl reads a curl command line as a POSIX shell and curl would, into the request
// that curl sends. notes say, in sentences, what of the line was left out and why: a file
// that curl would have read, the rest of a URL after an unquoted "&".
//
// An error says which part of the line cannot be read: a quote that never ends, a shell
// variable, an option that curl does not have, no URL, a body that stands in a file.
func ParseCurl(line string) (m Message, notes []string, err error) {
	if len(line) > MaxCurl {
		return Message{}, nil, fmt.Errorf("the line has more than %d bytes", MaxCurl)
	}
	line = strings.TrimSpace(line)
	line = strings.TrimSpace(strings.TrimPrefix(line, "$ "))
	args, rest, err := words(line)
	if err != nil {
		return Message{}, nil, err
	}
	if len(args) == 0 || !isCurl(args[0]) {
		return Message{}, nil, errors.New(`the line does not begin with "curl"`)
	}
	c := curlLine{header: http.Header{}}
	if err := c.options(args[1:]); err != nil {
		return Message{}, nil, err
	}
	if strings.HasPrefix(rest, "&") && len(rest) > 1 && rest[1] != '&' && rest[1] != ' ' {
		c.note("The URL is not quoted: the shell ends the command at the first &, so that %.60q was not sent.", strings.TrimSpace(rest))
	}
	m, err = c.message()
	return m, c.notes, err
}

func isCurl(word string) bool {
	if i := strings.LastIndexAny(word, `/\`); i >= 0 {
		word = word[i+1:]
	}
	return word == "curl" || strings.EqualFold(word, "curl.exe")
}

// curlLine is what the options of a line say.
type curlLine struct {
	method  string
	urls    []string
	header  http.Header
	removed []string // headers taken away with -H 'Name:'
	data    []string // pieces of the body, joined by "&"
	hasData bool
	isJSON  bool
	parts   []part // -F
	get     bool
	head    bool
	user    string
	notes   []string
}

// part is one field of a form given with -F.
type part struct{ name, value, file string }

func (c *curlLine) note(format string, args ...any) {
	c.notes = append(c.notes, fmt.Sprintf(format, args...))
}

// options reads the words after "curl".
func (c *curlLine) options(args []string) error {
	for i := 0; i < len(args); i++ {
		arg := args[i]
		switch {
		case arg == "--":
			c.urls = append(c.urls, args[i+1:]...)
			return nil
		case strings.HasPrefix(arg, "--"):
			name := arg[2:]
			kind, ok := longOption(name)
			if !ok {
				return fmt.Errorf("curl has no option --%s%s", name, nearest.Hint(name, longNames()))
			}
			value := ""
			if kind != flag {
				if i++; i >= len(args) {
					return fmt.Errorf("the option --%s wants a value", name)
				}
				value = args[i]
			}
			if err := c.set(name, value); err != nil {
				return err
			}
		case len(arg) > 1 && arg[0] == '-':
			used, err := c.short(arg[1:], args[i+1:])
			if err != nil {
				return err
			}
			i += used
		default:
			c.urls = append(c.urls, arg)
		}
	}
	return nil
}

// short reads a cluster of one-letter options, such as -sSLXPOST; used is how many of the
// following words were values.
func (c *curlLine) short(cluster string, following []string) (used int, err error) {
	for j := range len(cluster) {
		name, ok := shortOption(cluster[j])
		if !ok {
			return 0, fmt.Errorf("curl has no option -%s", strings.ToValidUTF8(cluster[j:j+1], "?"))
		}
		kind, _ := longOption(name)
		if kind == flag {
			if err := c.set(name, ""); err != nil {
				return 0, err
			}
			continue
		}
		value := cluster[j+1:]
		if value == "" {
			if len(following) == 0 {
				return 0, fmt.Errorf("the option -%c wants a value", cluster[j])
			}
			value, used = following[0], 1
		}
		return used, c.set(name, value)
	}
	return 0, nil
}

// set applies one option by its long name.
func (c *curlLine) set(name, value string) error {
	switch name {
	case "request":
		c.method = value
	case "url":
		c.urls = append(c.urls, value)
	case "header":
		return c.addHeader(value)
	case "data", "data-ascii", "data-binary":
		if strings.HasPrefix(value, "@") {
			return fmt.Errorf("the body stands in the file %q: paste its content with --data-raw", value[1:])
		}
		c.addData(value)
	case "data-raw":
		c.addData(value)
	case "json":
		if strings.HasPrefix(value, "@") {
			return fmt.Errorf("the body stands in the file %q: paste its content", value[1:])
		}
		if c.isJSON { // curl joins them without anything between
			c.data[len(c.data)-1] += value
			return nil
		}
		c.isJSON = true
		c.addData(value)
	case "data-urlencode":
		return c.addEncoded(value)
	case "form", "form-string":
		return c.addPart(value, name == "form-string")
	case "get":
		c.get = true
	case "head":
		c.head = true
	case "user":
		c.user = value
	case "oauth2-bearer":
		c.header.Set("Authorization", "Bearer "+value)
	case "user-agent":
		c.header.Set("User-Agent", value)
	case "referer":
		c.header.Set("Referer", strings.TrimSuffix(value, ";auto"))
	case "cookie":
		if !strings.Contains(value, "=") {
			c.note("The cookies of the file %q are left out: files are not read.", value)
			return nil
		}
		c.header.Add("Cookie", value)
	case "range":
		c.header.Set("Range", "bytes="+value)
	case "next", "config", "upload-file", "url-query", "request-target", "variable", "continue-at":
		return fmt.Errorf("the option --%s cannot be read: paste a line that makes one request by itself", name)
	}
	return nil
}

func (c *curlLine) addHeader(value string) error {
	if strings.HasPrefix(value, "@") {
		return fmt.Errorf("headers stand in the file %q: paste them", value[1:])
	}
	if i := strings.IndexByte(value, ':'); i > 0 {
		name, text := strings.TrimSpace(value[:i]), strings.TrimSpace(value[i+1:])
		if text == "" {
			c.removed = append(c.removed, name)
			return nil
		}
		return c.putHeader(name, text)
	}
	if name, ok := strings.CutSuffix(strings.TrimSpace(value), ";"); ok && name != "" {
		return c.putHeader(name, "")
	}
	c.note("curl sends no header for %.60q: it has no colon.", value)
	return nil
}

// putHeader adds a header that can be one: another could not be sent, nor written as a
// line again.
func (c *curlLine) putHeader(name, text string) error {
	if !httpguts.ValidHeaderFieldName(name) {
		return fmt.Errorf("%.60q cannot be the name of a header", name)
	}
	c.header.Add(name, text)
	return nil
}

func (c *curlLine) addData(text string) {
	c.hasData = true
	c.data = append(c.data, text)
}

// addEncoded is --data-urlencode: content, =content, name=content; files are not read.
func (c *curlLine) addEncoded(value string) error {
	at := strings.IndexAny(value, "=@")
	switch {
	case at < 0:
		c.addData(curlEscape(value))
	case value[at] == '@':
		return fmt.Errorf("the body stands in the file %q: paste its content", value[at+1:])
	case at == 0:
		c.addData(curlEscape(value[1:]))
	default:
		c.addData(value[:at+1] + curlEscape(value[at+1:]))
	}
	return nil
}

// curlEscape encodes as curl does: everything but letters, digits and -._~ as %XX.
func curlEscape(s string) string {
	return strings.ReplaceAll(url.QueryEscape(s), "+", "%20")
}

// addPart is -F and --form-string.
func (c *curlLine) addPart(value string, literal bool) error {
	name, text, ok := strings.Cut(value, "=")
	if !ok || name == "" {
		return fmt.Errorf("the form field %.60q has no =", value)
	}
	p := part{name: name, value: text}
	if !literal {
		for _, attr := range []string{";type=", ";filename=", ";headers=", ";encoder="} {
			if i := strings.Index(p.value, attr); i >= 0 {
				p.value = p.value[:i]
			}
		}
		switch {
		case strings.HasPrefix(p.value, "@"):
			p.file, p.value = p.value[1:], ""
			c.note("The content of the file %q is left out: files are not read.", p.file)
		case strings.HasPrefix(p.value, "<"):
			return fmt.Errorf("the form field %s stands in the file %q: paste its content", name, p.value[1:])
		case len(p.value) > 1 && p.value[0] == '"' && p.value[len(p.value)-1] == '"':
			p.value = strings.NewReplacer(`\"`, `"`, `\\`, `\`).Replace(p.value[1 : len(p.value)-1])
		}
	}
	c.parts = append(c.parts, p)
	return nil
}

// absolute returns the URL as curl understands it: without a scheme it is http.
func absolute(raw string) (*url.URL, error) {
	if strings.ContainsAny(raw, " \t\r\n") {
		return nil, errors.New("it has a blank, which curl refuses; encode it as %20")
	}
	if scheme, _, ok := strings.Cut(raw, "://"); !ok || scheme == "" || strings.ContainsAny(scheme, "/?#@:.") {
		raw = "http://" + raw
	}
	u, err := url.Parse(raw)
	switch {
	case err != nil:
		return nil, err
	case u.Scheme != "http" && u.Scheme != "https":
		return nil, fmt.Errorf("its scheme is %s, not http or https", u.Scheme)
	case u.Host == "":
		return nil, errors.New("it has no host")
	}
	u.Fragment, u.RawFragment = "", ""
	return u, nil
}

// message puts together what curl sends.
func (c *curlLine) message() (Message, error) {
	switch {
	case len(c.urls) == 0:
		return Message{}, errors.New("the line has no URL")
	case len(c.parts) > 0 && c.hasData:
		return Message{}, errors.New("-F and -d cannot be used together")
	}
	if len(c.urls) > 1 {
		c.note("The line has %d URLs; only the first was read.", len(c.urls))
	}
	u, err := absolute(c.urls[0])
	if err != nil {
		return Message{}, fmt.Errorf("the URL cannot be read: %w", err)
	}
	if c.user != "" {
		c.basic(c.user)
	} else if u.User != nil {
		password, _ := u.User.Password()
		c.basic(u.User.Username() + ":" + password)
	}
	u.User = nil
	m := Message{Method: c.verb(), Header: c.header}
	data := strings.Join(c.data, "&")
	switch {
	case c.get && c.hasData:
		if u.RawQuery != "" {
			u.RawQuery += "&"
		}
		u.RawQuery += strings.NewReplacer("#", "%23", " ", "%20").Replace(data) // as it is, but inside the query
	case c.hasData:
		m.Body = []byte(data)
		c.contentType()
	case len(c.parts) > 0:
		body, ctype, err := multipartParts(c.parts)
		if err != nil {
			return Message{}, err
		}
		m.Body = body
		if got := c.header.Get("Content-Type"); got != "" && got != ctype {
			c.note("The line sets Content-Type: %.60s itself; curl adds the boundary to it.", got)
		}
		c.header.Set("Content-Type", ctype)
	}
	for _, name := range c.removed {
		c.header.Del(name)
	}
	m.URL = u.String()
	return m, nil
}

func (c *curlLine) basic(user string) {
	if c.header.Get("Authorization") == "" {
		c.header.Set("Authorization", "Basic "+base64.StdEncoding.EncodeToString([]byte(user)))
	}
}

func (c *curlLine) verb() string {
	switch {
	case c.method != "":
		return c.method
	case c.head:
		return http.MethodHead
	case c.get || !c.hasData && len(c.parts) == 0:
		return http.MethodGet
	}
	return http.MethodPost
}

func (c *curlLine) contentType() {
	if c.isJSON {
		setDefault(c.header, "Content-Type", jsonType)
		setDefault(c.header, "Accept", jsonType)
		return
	}
	setDefault(c.header, "Content-Type", urlencoded)
}
