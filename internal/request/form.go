package request

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"mime/multipart"
	"net/http"
	"strings"

	"github.com/mediasandbox/sandbox/internal/contract"
)

const (
	urlencoded    = "application/x-www-form-urlencoded"
	multipartType = "multipart/form-data"
	jsonType      = "application/json"
)

// body writes the body and its content type: the JSON given, or the form.
func (b *builder) body(m *Message) error {
	switch {
	case b.op.JSONBody != nil:
		m.Body = b.Body
		setDefault(m.Header, "Content-Type", jsonType)
		return nil
	case b.Multipart && hasForm(b.values):
		body, ctype, err := multipartForm(b.values)
		if err != nil {
			return err
		}
		m.Body = body
		m.Header.Set("Content-Type", ctype)
		return nil
	case hasForm(b.values) || contract.SendsForm(b.Method):
		m.Body = []byte(encode(b.values, contract.InForm))
		setDefault(m.Header, "Content-Type", urlencoded)
	}
	return nil
}

func setDefault(h http.Header, name, value string) {
	if h.Get(name) == "" {
		h.Set(name, value)
	}
}

func hasForm(values contract.Values) bool {
	for _, v := range values {
		if v.In == contract.InForm {
			return true
		}
	}
	return false
}

// multipartForm writes the form's values as multipart/form-data. The boundary is derived
// from the values, so that the same request has the same bytes.
func multipartForm(values contract.Values) (body []byte, contentType string, err error) {
	var buf bytes.Buffer
	w := multipart.NewWriter(&buf)
	if err := w.SetBoundary(boundary(values)); err != nil {
		return nil, "", err
	}
	for _, v := range values {
		if v.In != contract.InForm {
			continue
		}
		if err := w.WriteField(v.Name, v.Value); err != nil {
			return nil, "", err
		}
	}
	if err := w.Close(); err != nil {
		return nil, "", err
	}
	return buf.Bytes(), w.FormDataContentType(), nil
}

// boundary returns a line that none of the values contains.
func boundary(values contract.Values) string {
	h := sha256.New()
	for _, v := range values {
		h.Write([]byte(v.Name + "\x00" + v.Value + "\x00"))
	}
	for {
		line := "sandbox-" + hex.EncodeToString(h.Sum(nil))[:32]
		clash := false
		for _, v := range values {
			clash = clash || strings.Contains(v.Value, line)
		}
		if !clash {
			return line
		}
		h.Write([]byte{0})
	}
}
