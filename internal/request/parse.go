package request

import (
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"

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
	c := curlLine{own: http.Header{}}
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
	custom  []custom    // -H
	own     http.Header // what curl sends of itself, unless -H names it
	data    strings.Builder
	query   strings.Builder // --url-query
	cookies []string
	hasData bool
	isJSON  bool
	parts   []part // -F
	escape  bool   // --form-escape
	get     bool
	head    bool
	literal bool // --globoff
	dots    bool // --path-as-is
	user    string
	notes   []string
}

// maxNotes bounds what is said of a line: it may be wrong in each of its options.
const maxNotes = 20

func (c *curlLine) note(format string, args ...any) {
	if len(c.notes) == maxNotes {
		return
	}
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
		c.isJSON, c.hasData = true, true
		c.data.WriteString(value) // curl joins it to what there is without anything between
	case "data-urlencode":
		encoded, err := encodeData(value)
		if err != nil {
			return err
		}
		c.addData(encoded)
	case "url-query":
		return c.addQuery(value)
	case "form", "form-string":
		return c.addPart(value, name == "form-string")
	case "form-escape":
		c.escape = true
	case "globoff":
		c.literal = true
	case "path-as-is":
		c.dots = true
	case "get":
		c.get = true
	case "head":
		c.head = true
	case "user":
		c.user = value
	case "oauth2-bearer":
		c.own.Set("Authorization", "Bearer "+value)
	case "user-agent":
		c.own.Set("User-Agent", value)
	case "referer":
		c.own.Set("Referer", strings.TrimSuffix(value, ";auto"))
	case "cookie":
		if !strings.Contains(value, "=") {
			c.note("The cookies of the file %q are left out: files are not read.", value)
			return nil
		}
		c.cookies = append(c.cookies, value)
	case "range":
		c.own.Set("Range", "bytes="+value)
	case "next", "config", "upload-file", "request-target", "variable", "continue-at":
		return fmt.Errorf("the option --%s cannot be read: paste a line that makes one request by itself", name)
	}
	return nil
}

func (c *curlLine) addData(text string) {
	if c.hasData {
		c.data.WriteByte('&')
	}
	c.hasData = true
	c.data.WriteString(text)
}

// encodeData is --data-urlencode: content, =content, name=content; files are not read.
func encodeData(value string) (string, error) {
	name, content, ok := strings.Cut(value, "=")
	switch {
	case !ok && strings.Contains(value, "@"):
		return "", fmt.Errorf("the content stands in the file %q: paste it", value[strings.IndexByte(value, '@')+1:])
	case !ok:
		return url.QueryEscape(value), nil
	case name == "":
		return url.QueryEscape(content), nil
	}
	return name + "=" + url.QueryEscape(content), nil
}

// addQuery is --url-query: as --data-urlencode, or as it stands after a "+".
func (c *curlLine) addQuery(value string) error {
	text, ok := strings.CutPrefix(value, "+")
	if !ok {
		var err error
		if text, err = encodeData(value); err != nil {
			return err
		}
	}
	if c.query.Len() > 0 {
		c.query.WriteByte('&')
	}
	c.query.WriteString(text)
	return nil
}

// message puts together what curl sends.
func (c *curlLine) message() (Message, error) {
	form := len(c.parts) > 0
	switch {
	case len(c.urls) == 0:
		return Message{}, errors.New("the line has no URL")
	case form && c.hasData:
		return Message{}, errors.New("-F and -d cannot be used together")
	case c.head && (form || c.hasData && !c.get):
		return Message{}, errors.New("-I cannot be used together with -F or -d: curl sends neither then")
	}
	if len(c.urls) > 1 {
		c.note("The line has %d URLs; only the first was read.", len(c.urls))
	}
	u, err := c.url()
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
	if len(c.cookies) > 0 {
		c.own.Set("Cookie", strings.Join(c.cookies, "; "))
	}
	m := Message{Method: c.verb(), URL: u.String()}
	switch {
	case form:
		m.Header, m.Body = c.form()
	case c.isJSON:
		c.own.Set("Accept", jsonType)
		c.own.Set("Content-Type", jsonType)
	case c.hasData && !c.get:
		c.own.Set("Content-Type", urlencoded)
	}
	if !form {
		m.Header = c.header()
	}
	if c.hasData && !c.get {
		m.Body = []byte(c.data.String())
	}
	return m, nil
}

func (c *curlLine) basic(user string) {
	if c.own.Get("Authorization") == "" {
		c.own.Set("Authorization", "Basic "+base64.StdEncoding.EncodeToString([]byte(user)))
	}
}

func (c *curlLine) verb() string {
	switch {
	case c.method != "":
		return c.method
	case c.head:
		return http.MethodHead
	case len(c.parts) > 0:
		return http.MethodPost
	case c.get || !c.hasData:
		return http.MethodGet
	}
	return http.MethodPost
}
