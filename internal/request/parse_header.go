package request

import (
	"fmt"
	"net/http"
	"strings"

	"golang.org/x/net/http/httpguts"
)

// custom is a header of -H. Whether it is sent or not, curl then leaves out its own of
// that name.
type custom struct {
	name, text string
	sent       bool
}

// addHeader is -H: "Name: text" is sent, "Name;" is sent empty, "Name:" is not sent.
func (c *curlLine) addHeader(value string) error {
	if strings.HasPrefix(value, "@") {
		return fmt.Errorf("headers stand in the file %q: paste them", value[1:])
	}
	i := strings.IndexByte(value, ':')
	if i < 0 {
		i = strings.IndexByte(value, ';')
	}
	if i < 0 || i == 0 && value != ";" { // a semicolon alone is sent, as a header without a name
		c.note("curl sends no header for %.60q: it has no colon.", value)
		return nil
	}
	h := custom{name: value[:i], text: strings.TrimSpace(value[i+1:])}
	switch {
	case value[i] == ':':
		h.sent = h.text != ""
	case value[i+1:] == "":
		h.sent = true
	default:
		c.note("curl sends no header for %.60q: it has no colon, and more than a semicolon in its place.", value)
	}
	// Another name could not be sent, nor written as a line again.
	if h.sent && !httpguts.ValidHeaderFieldName(h.name) {
		return fmt.Errorf("%.60q cannot be the name of a header", h.name)
	}
	c.custom = append(c.custom, h)
	return nil
}

// named returns the first header of -H with this name, nil without.
func (c *curlLine) named(name string) *custom {
	for i := range c.custom {
		if strings.EqualFold(c.custom[i].name, name) {
			return &c.custom[i]
		}
	}
	return nil
}

// header is what -H and the other options make of the header.
func (c *curlLine) header() http.Header {
	h := http.Header{}
	for name, values := range c.own {
		if c.named(name) == nil {
			h[name] = values
		}
	}
	for _, given := range c.custom {
		if given.sent {
			h.Add(given.name, given.text)
		}
	}
	return h
}
