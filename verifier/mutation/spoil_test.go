package mutation

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/mediasandbox/sandbox/fakes"
	"github.com/mediasandbox/sandbox/internal/contract"
	"github.com/mediasandbox/sandbox/signature"
)

// spoiler changes one API. All of its functions are optional; they are called by one
// goroutine at a time.
type spoiler struct {
	// api changes the plug-in: its settings, its windows.
	api func(*fakes.API)
	// before changes what the scheme is shown: a lenient check.
	before func(*signature.Request, signature.Context)
	// verdict changes what the scheme said.
	verdict func(signature.Verdict, *signature.Request, signature.Context) signature.Verdict
	// params changes the parameters of an accepted request, by operation: another rule.
	params func(op string, values signature.Values)
	// reply changes a reply on its way out.
	reply func(*reply)
}

// reply is a reply and what it answers.
type reply struct {
	op      string // "" for a request outside every operation
	caller  string // who the request names
	request *http.Request
	values  contract.Values
	doc     *contract.Document

	status int
	header http.Header
	body   []byte
}

// get returns a parameter of the request.
func (r *reply) get(name string) string {
	v, _ := r.values.Get(name)
	return v
}

func (r *reply) ok() bool { return r.status == http.StatusOK }

// json changes a JSON body; a body that is none stays.
func (r *reply) json(change func(v any) any) {
	var v any
	dec := json.NewDecoder(strings.NewReader(string(r.body)))
	dec.UseNumber()
	if dec.Decode(&v) != nil || dec.More() {
		return
	}
	out, err := r.doc.Encode(change(v)) // in the style of the API
	if err == nil {
		r.body = out
	}
}

// object changes the body of a JSON object.
func (r *reply) object(change func(m map[string]any)) {
	r.json(func(v any) any {
		if m, ok := v.(map[string]any); ok {
			change(m)
		}
		return v
	})
}

// data changes the object that an envelope carries.
func (r *reply) data(change func(m map[string]any)) {
	r.object(func(m map[string]any) {
		if d, ok := m["data"].(map[string]any); ok {
			change(d)
		}
	})
}

// list changes the list at a path of members: "data", "contents".
func (r *reply) list(change func(list []any) []any, path ...string) {
	r.json(func(v any) any { return listAt(v, path, change) })
}

func listAt(v any, path []string, change func([]any) []any) any {
	if len(path) == 0 {
		if list, ok := v.([]any); ok {
			return change(list)
		}
		return v
	}
	if m, ok := v.(map[string]any); ok {
		if inner, there := m[path[0]]; there {
			m[path[0]] = listAt(inner, path[1:], change)
		}
	}
	return v
}

func reversed(list []any) []any {
	out := slices.Clone(list)
	slices.Reverse(out)
	return out
}

func withoutLast(list []any) []any { return list[:max(0, len(list)-1)] }

// each changes every object of a list.
func each(change func(m map[string]any)) func([]any) []any {
	return func(list []any) []any {
		for _, item := range list {
			if m, ok := item.(map[string]any); ok {
				change(m)
			}
		}
		return list
	}
}

// text replaces a piece of the body.
func (r *reply) text(old, replacement string) {
	r.body = []byte(strings.ReplaceAll(string(r.body), old, replacement))
}

func rename(m map[string]any, from, to string) {
	if v, ok := m[from]; ok {
		delete(m, from)
		m[to] = v
	}
}

// number adds to a number, also to one that is written as a text.
func number(m map[string]any, name string, add int64) {
	switch v := m[name].(type) {
	case json.Number:
		if n, err := v.Int64(); err == nil {
			m[name] = json.Number(strconv.FormatInt(n+add, 10))
		}
	case string:
		if n, err := strconv.ParseInt(v, 10, 64); err == nil {
			m[name] = strconv.FormatInt(n+add, 10)
		}
	}
}

// on is a spoiler of the replies of some operations, of all without names.
func on(change func(*reply), ops ...string) func() spoiler {
	return func() spoiler {
		return spoiler{reply: func(r *reply) {
			if len(ops) == 0 || slices.Contains(ops, r.op) {
				change(r)
			}
		}}
	}
}

// accepting lets through what the scheme refuses in one of these ways.
func accepting(refusals ...string) func() spoiler {
	return func() spoiler {
		return spoiler{verdict: func(v signature.Verdict, _ *signature.Request, _ signature.Context) signature.Verdict {
			if slices.Contains(refusals, v.Refusal) {
				v.Refusal = ""
			}
			return v
		}}
	}
}

// rule is a spoiler of the parameters of one operation.
func rule(change func(values signature.Values), ops ...string) func() spoiler {
	return func() spoiler {
		return spoiler{params: func(op string, values signature.Values) {
			if slices.Contains(ops, op) {
				change(values)
			}
		}}
	}
}

// set changes a parameter where it was sent.
func set(values signature.Values, name string, change func(string) string) {
	for i := range values {
		if values[i].Name == name {
			values[i].Value = change(values[i].Value)
		}
	}
}

// scheme is a scheme with a spoiler around it.
type scheme struct {
	signature.Scheme
	s  *spoiler
	mu *sync.Mutex
}

// Check implements signature.Scheme.
func (s scheme) Check(r *signature.Request, in signature.Context) signature.Verdict {
	s.mu.Lock()
	defer s.mu.Unlock()
	shown := r
	if s.s.before != nil {
		// The rules see what was sent; only the check is fooled.
		copied := *r
		copied.Values = slices.Clone(r.Values)
		s.s.before(&copied, in)
		shown = &copied
	}
	v := s.Scheme.Check(shown, in)
	if s.s.verdict != nil {
		v = s.s.verdict(v, r, in)
	}
	if v.Refusal == "" && s.s.params != nil {
		s.s.params(r.Operation, r.Values) // the host's own, so that rules see the change
	}
	return v
}

// unsecured are the operations for which no scheme is asked; their parameters are changed
// when the caller is looked for.
type unsecured struct {
	scheme
	secured map[string]bool
}

// Caller implements signature.Scheme.
func (s unsecured) Caller(r *signature.Request) string {
	if s.s.params != nil && r.Operation != "" && !s.secured[r.Operation] {
		s.mu.Lock()
		s.s.params(r.Operation, r.Values)
		s.mu.Unlock()
	}
	return s.Scheme.Caller(r)
}

// spoilt is a sandbox of one API with a spoiler.
func spoilt(t *testing.T, b *bench, name string, s *spoiler) http.Handler {
	t.Helper()
	var mu sync.Mutex
	doc := b.docs[name]
	i := slices.IndexFunc(b.apis, func(a fakes.API) bool { return a.Name == name })
	require.GreaterOrEqual(t, i, 0)
	api := b.apis[i]
	secured := map[string]bool{}
	for _, op := range doc.Operations {
		secured[op.ID] = op.Secured
	}
	plain := api.Scheme
	api.Scheme = unsecured{scheme{plain, s, &mu}, secured}
	api.Settings = slices.Clone(api.Settings)
	if s.api != nil {
		s.api(&api)
	}
	inner := b.handler(t, api)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, path, found := strings.Cut(r.URL.EscapedPath(), "/"+name+"/")
		if strings.HasPrefix(r.URL.Path, "/__admin") || !found || s.reply == nil {
			inner.ServeHTTP(w, r)
			return
		}
		body := read(r)
		rec := httptest.NewRecorder()
		inner.ServeHTTP(rec, r)
		out := &reply{request: r, doc: doc, status: rec.Code, header: rec.Header(), body: rec.Body.Bytes()}
		values, err := doc.ParseValues(nil, r.URL.RawQuery, r.Header.Get("Content-Type"), doc.Form(r.Method, body))
		if err == nil {
			m := doc.Match(r.Method, "/"+path, values)
			out.values = append(m.Path, values...)
			if m.Op != nil {
				out.op = m.Op.ID
			}
			out.caller = plain.Caller(&signature.Request{Operation: out.op, Method: r.Method, Path: "/" + path, Values: out.values})
		}
		mu.Lock()
		s.reply(out)
		mu.Unlock()
		for k, v := range out.header {
			w.Header()[k] = v
		}
		w.Header().Del("Content-Length")
		w.WriteHeader(out.status)
		if r.Method != http.MethodHead {
			w.Write(out.body)
		}
	})
}
