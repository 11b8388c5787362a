package mutation

import (
	"bytes"
	"io"
	"net/http"
)

// read reads a request's body and leaves it to be read again.
func read(r *http.Request) []byte {
	if r.Body == nil {
		return nil
	}
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return nil
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	return body
}
