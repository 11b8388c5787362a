package contract_test

import (
	"mime"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/mediasandbox/sandbox/internal/contract"
	"github.com/mediasandbox/sandbox/internal/contract/source"
)

func TestUnread(t *testing.T) {
	d := load(t)
	const (
		form   = "application/x-www-form-urlencoded"
		remedy = "send it as application/x-www-form-urlencoded or multipart/form-data."
		multi  = "multipart/form-data; boundary=B"
		whole  = "--B\r\nContent-Disposition: form-data; name=\"amount\"\r\n\r\n1\r\n"
		file   = "--B\r\nContent-Disposition: form-data; name=\"amount\"; filename=\"x\"\r\n\r\n1\r\n"
		other  = "--B\r\nContent-Disposition: form-data; name=\"other\"; filename=\"x\"\r\n\r\n1\r\n"
		end    = "--B--\r\n"
	)
	for name, c := range map[string]struct {
		operation, method string
		types             []string
		body, want        string
	}{
		"no body":          {"buy", "POST", []string{"application/json"}, "", ""},
		"form":             {"buy", "POST", []string{form}, "a=1", ""},
		"form in words":    {"buy", "POST", []string{form + "; charset=UTF-8"}, "a=1", ""},
		"form, then JSON":  {"buy", "POST", []string{form, "application/json"}, "a=1", ""},
		"JSON":             {"buy", "POST", []string{"application/json; charset=utf-8"}, "{}", "The body is application/json, which the vendor does not read as parameters: " + remedy},
		"no operation":     {"", "POST", []string{"Text/Plain"}, "a=1", "The body is text/plain, which the vendor does not read as parameters: " + remedy},
		"JSON, then form":  {"buy", "POST", []string{"application/json", form}, "a=1", "The body is application/json, which the vendor does not read as parameters: " + remedy + " Of several Content-Types the first counts."},
		"no type":          {"buy", "POST", nil, "a=1", "The body has no Content-Type, without which the vendor does not read it as parameters: " + remedy},
		"empty type":       {"buy", "POST", []string{""}, "a=1", "The body has an empty Content-Type, with which the vendor does not read it as parameters: " + remedy},
		"type of curl":     {"buy", "POST", []string{"; boundary=B"}, whole + end, "The Content-Type of the body is none, with which the vendor does not read it as parameters: " + remedy},
		"long type":        {"buy", "POST", []string{"a/" + strings.Repeat("b", 200)}, "a=1", "The body is a/" + strings.Repeat("b", 98) + "…, which the vendor does not read as parameters: " + remedy},
		"no boundary":      {"buy", "POST", []string{"multipart/form-data"}, whole + end, "The body is multipart/form-data without a boundary in its Content-Type, so that the vendor cannot tell its parts: let the client write the header."},
		"two boundaries":   {"buy", "POST", []string{multi + "; boundary=C"}, whole + end, "The Content-Type of the body has more than one boundary, with which the vendor does not read it as parameters: let the client write the header."},
		"another boundary": {"buy", "POST", []string{"multipart/form-data; boundary=C"}, whole + end, "The body has no part that begins with the boundary of its Content-Type, so that the vendor reads no parameters in it: let the client write the header."},
		"multipart":        {"buy", "POST", []string{multi}, whole + whole + end, ""},
		"no parts":         {"buy", "POST", []string{multi}, end, ""},
		"value cut short":  {"buy", "POST", []string{multi}, whole, ""},
		"cut short":        {"buy", "POST", []string{multi}, whole + "--B\r\nContent-Disp", "The body is cut short, or broken between its parts: the vendor does not read the rest of it."},
		"cut in the head":  {"buy", "POST", []string{multi}, "--B\r\nContent-Disp", "The body is cut short, or broken between its parts: the vendor does not read the rest of it."},
		"file":             {"buy", "POST", []string{multi}, file + file + end, "The part amount of the body has a file name, so that the vendor takes it for a file, not for a parameter: send it without one."},
		"another file":     {"buy", "POST", []string{multi}, other + whole + end, ""},
		"file of unknown":  {"", "POST", []string{multi}, other + end, "A part of the body has a file name, so that the vendor takes it for a file, not for a parameter: send it without one."},
		"no name":          {"buy", "POST", []string{multi}, "--B\r\nContent-Disposition: form-data\r\n\r\n1\r\n" + end, "A part of the body has no Content-Disposition of form-data with a name, so that the vendor does not take it for a parameter."},
		"attachment":       {"buy", "POST", []string{multi}, strings.Replace(whole, "form-data", "attachment", 1) + end, "A part of the body has no Content-Disposition of form-data with a name, so that the vendor does not take it for a parameter."},
		"PUT":              {"", "PUT", []string{form}, "a=1", "The vendor reads no parameters in the body of a request with this method: send it with POST, or put them into the URL."},
		"GET of a POST":    {"buy", "GET", []string{form}, "a=1", "The vendor reads no parameters in the body of a request with this method: send it with POST, or put them into the URL."},
		"GET":              {"look", "GET", []string{form}, "a=1", "The vendor reads no parameters in the body of a request with this method: put them into the URL."},
	} {
		header := http.Header{"Content-Type": c.types}
		var want []string
		if c.want != "" {
			want = []string{c.want}
		}
		assert.Equal(t, want, d.Unread(c.operation, c.method, header, []byte(c.body)), name)
	}

	d.Operation("buy").JSONBody = &contract.Schema{}
	assert.Empty(t, d.Unread("buy", "POST", http.Header{"Content-Type": {"application/json"}}, []byte("{}")))
	strict, err := source.Load("shop", []byte(strings.Replace(good, "anywhere: true", "anywhere: false", 1)))
	require.NoError(t, err)
	assert.Equal(t, []string{"The vendor reads no parameters in the body of a request with this method: send it with POST."},
		strict.Unread("buy", "GET", http.Header{}, []byte("a=1")))
}

// FuzzUnread: a body of which nothing is read as parameters is told of.
func FuzzUnread(f *testing.F) {
	f.Add("POST", "multipart/form-data; boundary=B", "--B\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n1\r\n--B--\r\n")
	f.Add("POST", "multipart/form-data; boundary=B", "--B\r\nContent-Disposition: form-data; name=\"a\"; filename=\"b\"\r\n\r\n1")
	f.Add("PUT", "application/x-www-form-urlencoded", "a=1")
	f.Add("POST", "application/json", "{}")
	d, err := source.Load("shop", []byte(good))
	require.NoError(f, err)
	f.Fuzz(func(t *testing.T, method, contentType, body string) {
		values, err := d.ParseValues(nil, "", contentType, d.Form(method, []byte(body)))
		if err != nil {
			return
		}
		notes := d.Unread("", method, http.Header{"Content-Type": {contentType}}, []byte(body))
		_, params, _ := mime.ParseMediaType(contentType)
		empty := strings.Trim(body, "&") == "" || strings.Contains(body, "--"+params["boundary"]+"--")
		if len(values) == 0 && !empty {
			assert.NotEmpty(t, notes)
		}
		if strings.HasPrefix(contentType, "application/x-www-form-urlencoded") && len(values) > 0 {
			assert.Empty(t, notes)
		}
	})
}
