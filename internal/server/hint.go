package server

import (
	"encoding/json"
	"net/http"

	"github.com/mediasandbox/sandbox/fakes"
	"github.com/mediasandbox/sandbox/internal/admin"
)

// hint is the answer where nothing is: a problem document that shows what is where.
type hint struct {
	fakes.ProblemBody
	BaseURLs map[string]string `json:"base_urls,omitempty"`
	Admin    string            `json:"admin,omitempty"`
}

func (s *server) notFound(w http.ResponseWriter, r *http.Request) {
	if s.alone || (s.opts.AdminURL == "" && admin.Guards(r.URL.Path)) {
		fakes.Problem(w, http.StatusNotFound, "the admin API has no such path; "+admin.Prefix+"/openapi.yaml lists them")
		return
	}
	h := hint{
		ProblemBody: fakes.ProblemBody{
			Title: http.StatusText(http.StatusNotFound), Status: http.StatusNotFound,
			Detail: "nothing answers here; the APIs are below base_urls, and under their vendors' host names",
		},
		Admin: s.opts.AdminURL,
	}
	if h.Admin == "" {
		h.Admin = "http://" + r.Host + admin.Prefix
	}
	var names []string
	for _, api := range s.host.APIs() {
		names = append(names, api.Name)
	}
	h.BaseURLs = admin.BaseURLs(r, "", s.host.Default(), names)
	body, err := json.Marshal(h)
	if err != nil {
		fakes.Problem(w, http.StatusNotFound, h.Detail)
		return
	}
	w.Header().Set("Content-Type", "application/problem+json")
	w.WriteHeader(http.StatusNotFound)
	w.Write(append(body, '\n')) //nolint:errcheck // the client is gone
}
