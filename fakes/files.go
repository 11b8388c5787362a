package fakes

import (
	"net/http"
	"strconv"
	"strings"

	"github.com/mediasandbox/sandbox/internal/assets"
)

// serveAsset answers for a file behind a URL that a fake returned.
func (h *Host) serveAsset(w http.ResponseWriter, r *http.Request, to Target, name string) {
	switch r.Method {
	case http.MethodGet, http.MethodHead:
	case http.MethodPut, http.MethodPost:
		// An upload to an address that a fake handed out: taken, not kept.
		if _, err := readBody(w, r, h.cfg.MaxBody); err != nil {
			unreadable(w, err)
			return
		}
		w.WriteHeader(http.StatusOK)
		return
	default:
		w.Header().Set("Allow", "GET, HEAD, POST, PUT")
		Problem(w, http.StatusMethodNotAllowed, "files are read with GET and uploaded with PUT or POST")
		return
	}
	t := to.Tenant
	if after, ok := strings.CutPrefix(name, "t/"); ok && t == nil {
		id, rest, _ := strings.Cut(after, "/")
		var err error
		if t, err = h.Tenant(id); err != nil {
			Problem(w, http.StatusNotFound, err.Error())
			return
		}
		name = rest
	}
	if t == nil {
		t = h.def
	}
	ctype, body, ok := h.publish(t, to.api, name)
	if !ok {
		ctype, body, ok = assets.Make(name)
	}
	if !ok {
		Problem(w, http.StatusNotFound, "no file of that name, and no kind of file by that extension")
		return
	}
	w.Header().Set("Content-Type", ctype)
	w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	if r.Method != http.MethodHead {
		w.Write(body) //nolint:errcheck // the client is gone
	}
}

func (h *Host) publish(t *Tenant, m *mounted, name string) (string, []byte, bool) {
	s := h.hold(t, m)
	defer s.mu.Unlock()
	if p, ok := s.world.(Publisher); ok {
		return p.Publish(name)
	}
	return "", nil, false
}
