package admin

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"

	"github.com/mediasandbox/sandbox/fakes"
)

// Call is one request to an operation.
type Call struct {
	*http.Request
	Params url.Values // the query, held to Route.Query

	body  []byte
	param func(name string) string
	host  *fakes.Host
}

// Reply is the answer of an operation: a JSON value, or a body of another type.
type Reply struct {
	Status int // 0 means 200; 204 has no body
	Header map[string]string
	JSON   any
	Type   string // of Body
	Body   []byte
	// Stream writes a body of Type that has no end; it returns when the request is over.
	Stream func(w http.ResponseWriter, r *http.Request)
}

// Refusal is an answer that says what the caller did wrong.
type Refusal struct {
	Status int
	Detail string
	Header map[string]string
}

func (r *Refusal) Error() string { return r.Detail }

func refuse(status int, format string, args ...any) error {
	return &Refusal{Status: status, Detail: fmt.Sprintf(format, args...)}
}

// noContent is the reply of an operation that has nothing to say.
func noContent() Reply { return Reply{Status: http.StatusNoContent} }

// PathParam returns a parameter of the path, decoded.
func (c *Call) PathParam(name string) string {
	v := c.param(name)
	if c.URL.RawPath != "" { // then Echo matched the encoded path
		if decoded, err := url.PathUnescape(v); err == nil {
			return decoded
		}
	}
	return v
}

// Tenant returns the tenant that ?tenant= names, the default one without.
func (c *Call) Tenant() (*fakes.Tenant, error) {
	id, given := c.Params["tenant"]
	if !given {
		return c.host.Default(), nil
	}
	t, err := c.host.Tenant(id[0])
	if err != nil {
		return nil, refuse(http.StatusNotFound, "tenant %q: %s", id[0], err)
	}
	return t, nil
}

// Whole returns the query parameter as a whole number from low to high, or def
// when it is absent.
func (c *Call) Whole(name string, def, low, high int) (int, error) {
	if !c.Params.Has(name) {
		return def, nil
	}
	n, err := strconv.Atoi(c.Params.Get(name))
	if err != nil || n < low || n > high {
		return 0, refuse(http.StatusBadRequest, "%s: %q is not a whole number from %d to %d", name, c.Params.Get(name), low, high)
	}
	return n, nil
}

// handle adapts a route to Echo: the only place that writes.
func (a *API) handle(rt Route) echo.HandlerFunc {
	return func(c echo.Context) error {
		w := c.Response()
		reply, err := a.answer(rt, c)
		if err != nil {
			a.problem(w, c.Request(), err)
			return nil
		}
		return a.write(w, c.Request(), reply)
	}
}

func (a *API) answer(rt Route, c echo.Context) (Reply, error) {
	r := c.Request()
	params, err := query(r, rt.Query)
	if err != nil {
		return Reply{}, err
	}
	body, err := readBody(c.Response().Writer, r, rt.MaxBody)
	if err != nil {
		return Reply{}, err
	}
	if rt.NoBody && len(bytes.TrimSpace(body)) == 0 {
		body = []byte("{}")
	}
	return rt.Serve(&Call{Request: r, Params: params, body: body, param: c.Param, host: a.host})
}

// query refuses what the route does not read: a misspelt ?tenant= would otherwise act
// on the default tenant.
func query(r *http.Request, known []string) (url.Values, error) {
	params, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil {
		return nil, refuse(http.StatusBadRequest, "the query is malformed: %s", err)
	}
	for name, values := range params {
		switch {
		case !slices.Contains(known, name):
			hint := "this operation takes none"
			if len(known) > 0 {
				hint = "there are " + strings.Join(known, ", ")
			}
			return nil, refuse(http.StatusBadRequest, "no query parameter is called %q; %s", name, hint)
		case len(values) > 1:
			return nil, refuse(http.StatusBadRequest, "the query parameter %q stands %d times", name, len(values))
		case values[0] == "":
			return nil, refuse(http.StatusBadRequest, "the query parameter %q is empty; leave it out instead", name)
		}
	}
	return params, nil
}

// readBody reads a JSON body. An operation that takes none refuses one that says
// something: what it says would be lost silently.
func readBody(w http.ResponseWriter, r *http.Request, limit int64) ([]byte, error) {
	bodyless := limit == 0
	if bodyless {
		limit = smallBody
	}
	tooLarge := refuse(http.StatusRequestEntityTooLarge, "the body is larger than %d bytes", limit)
	if r.ContentLength > limit {
		return nil, tooLarge
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, limit))
	var exceeded *http.MaxBytesError
	switch {
	case errors.As(err, &exceeded):
		return nil, tooLarge
	case err != nil:
		status, detail := fakes.BrokenBody(err)
		return nil, refuse(status, "%s", detail)
	}
	if bodyless {
		if text := string(bytes.TrimSpace(body)); text != "" && text != "{}" {
			return nil, refuse(http.StatusBadRequest, "this operation takes no body")
		}
	}
	return body, nil
}

func (a *API) write(w http.ResponseWriter, r *http.Request, reply Reply) error {
	body, ctype := reply.Body, reply.Type
	if reply.JSON != nil {
		var buf bytes.Buffer
		enc := json.NewEncoder(&buf)
		enc.SetEscapeHTML(false)
		if err := enc.Encode(reply.JSON); err != nil {
			a.problem(w, r, err)
			return nil
		}
		body, ctype = buf.Bytes(), "application/json"
	}
	header := w.Header()
	for k, v := range reply.Header {
		header.Set(k, v)
	}
	status := reply.Status
	if status == 0 {
		status = http.StatusOK
	}
	if status != http.StatusNoContent {
		header.Set("Content-Type", ctype)
	}
	if status != http.StatusNoContent && reply.Stream == nil {
		header.Set("Content-Length", strconv.Itoa(len(body)))
	}
	w.WriteHeader(status)
	if r.Method == http.MethodHead || status == http.StatusNoContent {
		return nil
	}
	if reply.Stream != nil {
		reply.Stream(w, r)
		return nil
	}
	w.Write(body) //nolint:errcheck // the client is gone; nobody is left to tell
	return nil
}

// problem answers with a problem document. Only a Refusal is for the caller's eyes.
func (a *API) problem(w http.ResponseWriter, r *http.Request, err error) {
	var refusal *Refusal
	if !errors.As(err, &refusal) {
		a.log.Error("the admin API failed", "method", r.Method, "path", r.URL.Path, "error", err.Error())
		refusal = failure(err)
	}
	for k, v := range refusal.Header {
		w.Header().Set(k, v)
	}
	fakes.Problem(w, refusal.Status, refusal.Detail)
}

// failure is what a caller is told of a failure of ours. Why a change could not be stored
// names places of this machine, and stays in the log.
func failure(err error) *Refusal {
	detail := "the sandbox failed; its log says why"
	if errors.Is(err, fakes.ErrStore) {
		detail = "a change could not be stored, and was not made; the sandbox's log says why"
	}
	return &Refusal{Status: http.StatusInternalServerError, Detail: detail}
}
