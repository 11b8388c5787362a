package fakes

import (
	"encoding/json"
	"net/http"
)

// ProblemBody is an application/problem+json document (RFC 9457).
type ProblemBody struct {
	Title  string `json:"title"`
	Status int    `json:"status"`
	Detail string `json:"detail"`
}

// Problem answers for the sandbox itself, where no vendor's words apply.
func Problem(w http.ResponseWriter, status int, detail string) {
	body, err := json.Marshal(ProblemBody{http.StatusText(status), status, detail})
	if err != nil {
		body = []byte(`{"title":"Internal Server Error","status":500,"detail":""}`)
	}
	w.Header().Set("Content-Type", "application/problem+json")
	w.WriteHeader(status)
	w.Write(append(body, '\n')) //nolint:errcheck // the client is gone
}
