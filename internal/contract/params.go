package contract

import (
	"errors"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"slices"
	"strings"
)

// MaxParams bounds what one request may carry; beyond it ParseValues refuses.
const MaxParams = 1000

// ErrTooMany is returned for more than MaxParams parameters.
var ErrTooMany = fmt.Errorf("more than %d parameters", MaxParams)

// ParseValues reads the parameters of a query and of a form body as the vendors'
// servers do: leniently. A wrong percent escape stands for itself, a pair without
// "=" has an empty value. contentType selects urlencoded or multipart; any other
// body has no parameters. Files in a multipart body are passed over. The rule for
// repeated names is applied. The values are appended to those of the path.
func (d *Document) ParseValues(path Values, query, contentType string, body []byte) (Values, error) {
	out, err := appendPairs(slices.Grow(path, 8), query, InQuery)
	if err != nil {
		return nil, err
	}
	if len(body) > 0 {
		switch form, boundary := formOf(contentType); form {
		case urlencoded:
			out, err = appendPairs(out, string(body), InForm)
		case multipartForm:
			out, err = appendParts(out, boundary, body)
		}
		if err != nil {
			return nil, err
		}
	}
	out.shadow(d.LastWins, !d.Anywhere)
	return out, nil
}

const (
	urlencoded    = "application/x-www-form-urlencoded"
	multipartForm = "multipart/form-data"
)

// formOf tells urlencoded and multipart from what is no form. A urlencoded one with
// parameters that cannot be read is one nevertheless.
func formOf(contentType string) (form, boundary string) {
	if contentType == urlencoded {
		return urlencoded, ""
	}
	form, params, err := mime.ParseMediaType(contentType)
	if err != nil {
		if strings.HasPrefix(contentType, urlencoded) {
			return urlencoded, ""
		}
		return "", ""
	}
	return form, params["boundary"]
}

func appendPairs(out Values, s string, in In) (Values, error) {
	for s != "" {
		var pair string
		pair, s, _ = strings.Cut(s, "&")
		if pair == "" {
			continue
		}
		if len(out) >= MaxParams {
			return nil, ErrTooMany
		}
		name, value, _ := strings.Cut(pair, "=")
		out = append(out, Value{Name: unescape(name), Value: unescape(value), In: in})
	}
	return out, nil
}

// unescape is url.QueryUnescape that leaves wrong escapes as they are.
func unescape(s string) string {
	if !strings.ContainsAny(s, "%+") {
		return s
	}
	var out strings.Builder
	out.Grow(len(s))
	for i := 0; i < len(s); i++ {
		switch {
		case s[i] == '+':
			out.WriteByte(' ')
		case s[i] == '%' && i+2 < len(s) && isHex(s[i+1]) && isHex(s[i+2]):
			out.WriteByte(unhex(s[i+1])<<4 | unhex(s[i+2]))
			i += 2
		default:
			out.WriteByte(s[i])
		}
	}
	return out.String()
}

func isHex(b byte) bool {
	return b >= '0' && b <= '9' || b >= 'a' && b <= 'f' || b >= 'A' && b <= 'F'
}

func unhex(b byte) byte {
	switch {
	case b <= '9':
		return b - '0'
	case b >= 'a':
		return b - 'a' + 10
	default:
		return b - 'A' + 10
	}
}

// appendParts reads a multipart body. A body cut short gives what was whole: PHP
// and the servlet containers do likewise, and the fake then says what is missing.
func appendParts(out Values, boundary string, body []byte) (Values, error) {
	if boundary == "" {
		return out, nil
	}
	r := multipart.NewReader(strings.NewReader(string(body)), boundary)
	for {
		part, err := r.NextRawPart()
		if err != nil {
			return out, nil //nolint:nilerr // the end, or a body cut short
		}
		if part.FileName() != "" || part.FormName() == "" {
			continue
		}
		if len(out) >= MaxParams {
			return nil, ErrTooMany
		}
		text, err := io.ReadAll(part)
		if err != nil && !errors.Is(err, io.ErrUnexpectedEOF) {
			return out, nil
		}
		out = append(out, Value{Name: part.FormName(), Value: string(text), In: InForm})
	}
}

// Form is the part of a request's body that is read for parameters: all of it, or nothing
// where the API reads no form with this method.
func (d *Document) Form(method string, body []byte) []byte {
	if d.AnyForm || SendsForm(method) {
		return body
	}
	return nil
}

// SendsForm reports whether clients put parameters into a form, rather than the URL.
func SendsForm(method string) bool { return method == http.MethodPost }
