// Package request makes HTTP requests of a contract: it places the arguments of an
// operation where the document puts them, signs them with a scheme of package signature,
// and writes the result as an *http.Request or as a curl command line that can be pasted
// into a shell; and it reads such a line back.
//
// It sends nothing, knows no tenant and no fake, and judges no reply.
package request

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
)

// Message is an HTTP request as plain data.
type Message struct {
	Method string
	URL    string // absolute
	Header http.Header
	Body   []byte
}

// Request returns the message as a request that a client can send. It returns an error for
// a URL or method that net/http refuses.
func (m *Message) Request(ctx context.Context) (*http.Request, error) {
	r, err := http.NewRequestWithContext(ctx, m.Method, m.URL, bytes.NewReader(m.Body))
	if err != nil {
		return nil, fmt.Errorf("request: %w", err)
	}
	if len(m.Body) == 0 {
		r.Body, r.GetBody = http.NoBody, func() (io.ReadCloser, error) { return http.NoBody, nil }
	}
	for name, values := range m.Header {
		r.Header[name] = append([]string(nil), values...)
	}
	if host := r.Header.Get("Host"); host != "" {
		r.Host = host
		r.Header.Del("Host")
	}
	return r, nil
}

// FromHTTP reads a request, and its body to the end, into a message. The host that the
// request asks for is part of the URL; where r.Host differs from it, the message has a
// Host header.
func FromHTTP(r *http.Request) (Message, error) {
	m := Message{Method: r.Method, Header: r.Header.Clone()}
	if m.Method == "" {
		m.Method = http.MethodGet
	}
	if m.Header == nil {
		m.Header = http.Header{}
	}
	u := *r.URL
	if u.Host == "" {
		u.Host, u.Scheme = r.Host, "http"
		if r.TLS != nil {
			u.Scheme = "https"
		}
	} else if r.Host != "" && r.Host != u.Host {
		m.Header.Set("Host", r.Host)
	}
	u.Fragment = ""
	m.URL = u.String()
	if r.Body == nil {
		return m, nil
	}
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return m, fmt.Errorf("request: reading the body: %w", err)
	}
	if len(body) > 0 {
		m.Body = body
	}
	return m, nil
}
