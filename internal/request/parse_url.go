package request

import (
	"errors"
	"fmt"
	"net/url"
	"strings"
)

// url is the first URL as curl sends it: with what -G and --url-query add to its query,
// and without the dots of its path.
func (c *curlLine) url() (*url.URL, error) {
	raw := c.urls[0]
	if !c.literal {
		var err error
		if raw, err = unglob(raw); err != nil {
			return nil, err
		}
	}
	u, err := absolute(raw)
	if err != nil {
		return nil, err
	}
	if !c.dots {
		u = u.ResolveReference(u)
	}
	more := c.query.String()
	if c.get && c.hasData {
		if more != "" {
			return nil, errors.New("-G and --url-query both add to it, of which curl takes one: give all of it to one of them")
		}
		more = c.data.String()
	}
	if more == "" {
		return u, nil
	}
	if strings.ContainsAny(more, " \t\r\n") {
		return nil, errors.New("what -G or --url-query adds to it has a blank, which curl refuses: use --data-urlencode")
	}
	more, lost, cut := strings.Cut(more, "#")
	if cut {
		c.note("%.60q was not sent: for curl, the # of what is added to the URL ends it.", "#"+lost)
	}
	if u.RawQuery != "" && !strings.HasSuffix(u.RawQuery, "&") {
		u.RawQuery += "&"
	}
	u.RawQuery += more
	return u, nil
}

// unglob reads a URL in which curl takes braces and brackets for a list of URLs, unless a
// backslash stands before them.
func unglob(raw string) (string, error) {
	var out strings.Builder
	for i := 0; i < len(raw); i++ {
		switch c := raw[i]; {
		case c == '\\' && i+1 < len(raw) && strings.IndexByte("[]{}", raw[i+1]) >= 0:
			i++
			out.WriteByte(raw[i])
		case c == '[' && address(raw[i:]) > 0:
			n := address(raw[i:])
			out.WriteString(raw[i : i+n])
			i += n - 1
		case strings.IndexByte("[]{}", c) >= 0:
			return "", fmt.Errorf("curl takes its %c for part of a list of URLs: add --globoff", c)
		default:
			out.WriteByte(c)
		}
	}
	return out.String(), nil
}

// address is the length of what text begins with when that is an IPv6 address in its
// brackets, which curl leaves as they are, as it does empty ones; 0 when it is not.
func address(text string) int {
	end := strings.IndexByte(text, ']')
	if end == 1 || end > 1 && strings.Contains(text[:end], ":") && strings.Trim(text[1:end], "0123456789abcdefABCDEF:.") == "" {
		return end + 1
	}
	return 0
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
