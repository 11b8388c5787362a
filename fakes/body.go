package fakes

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
)

// errTooLarge is a body beyond Config.MaxBody.
var errTooLarge = errors.New("the request body is too large")

func readBody(w http.ResponseWriter, r *http.Request, limit int64) ([]byte, error) {
	if r.Body == nil || r.Body == http.NoBody {
		return nil, nil
	}
	if r.ContentLength > limit {
		return nil, fmt.Errorf("%w: %d bytes, at most %d", errTooLarge, r.ContentLength, limit)
	}
	if r.ContentLength > 0 && r.ContentLength <= early {
		body := make([]byte, r.ContentLength)
		_, err := io.ReadFull(r.Body, body)
		return body, err
	}
	var buf bytes.Buffer
	buf.Grow(early)
	_, err := buf.ReadFrom(http.MaxBytesReader(w, r.Body, limit))
	var over *http.MaxBytesError
	if errors.As(err, &over) {
		return nil, fmt.Errorf("%w: at most %d bytes", errTooLarge, limit)
	}
	return buf.Bytes(), err
}

// early is how many bytes are set aside for a body before any of it has come: a client
// that announces much and sends nothing costs no more.
const early = 16 << 10

// unreadable answers for the sandbox, not for a vendor: none says what it does then.
func unreadable(w http.ResponseWriter, err error) {
	w.Header().Set("Connection", "close")
	if errors.Is(err, errTooLarge) {
		Problem(w, http.StatusRequestEntityTooLarge, err.Error())
		return
	}
	status, detail := BrokenBody(err)
	Problem(w, status, detail)
}

// BrokenBody says with which status and words a request is refused whose body could not
// be read to its end. The addresses of a connection stay out of the words.
func BrokenBody(err error) (status int, detail string) {
	var connection *net.OpError
	switch {
	case errors.Is(err, os.ErrDeadlineExceeded):
		return http.StatusRequestTimeout, "the request body did not arrive in time"
	case errors.As(err, &connection), errors.Is(err, io.ErrUnexpectedEOF):
		return http.StatusBadRequest, "the request body broke off before its end"
	default:
		return http.StatusBadRequest, "the request body could not be read: " + err.Error()
	}
}
