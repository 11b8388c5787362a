package record

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/mediasandbox/sandbox/internal/contract"
)

// passing is one request on its way.
type passing struct {
	recorder *Recorder
	api      string
	path     string
	in       *http.Request
	body     []byte
	began    time.Time
	took     time.Duration
}

// hopByHop are headers between two neighbours (RFC 9110, section 7.6.1).
func hopByHop() []string {
	return []string{
		"Connection", "Proxy-Connection", "Keep-Alive", "Proxy-Authenticate", "Proxy-Authorization", "Te", "Trailer", "Transfer-Encoding", "Upgrade",
	}
}

// send sends the request to the target and reads the whole reply.
func (p *passing) send(ctx context.Context) (*http.Response, []byte, error) {
	base := p.recorder.bases[p.api]
	to := strings.TrimSuffix(base.String(), "/") + p.path
	if p.in.URL.RawQuery != "" || p.in.URL.ForceQuery {
		to += "?" + p.in.URL.RawQuery
	}
	req, err := http.NewRequestWithContext(ctx, p.in.Method, to, bytes.NewReader(p.body))
	if err != nil {
		return nil, nil, err
	}
	if req.URL.Host != base.Host || req.URL.Scheme != base.Scheme {
		return nil, nil, errors.New("the request would leave the target") // never: the host is the base's
	}
	copyHeader(req.Header, p.in.Header)
	req.Header.Del("Accept-Encoding")
	if len(p.body) == 0 {
		req.Body = http.NoBody
	}
	res, err := p.recorder.cfg.Transport.RoundTrip(req)
	if err != nil {
		return nil, nil, err
	}
	defer res.Body.Close()
	reply, err := io.ReadAll(io.LimitReader(res.Body, maxReply+1))
	switch {
	case err != nil:
		return nil, nil, err
	case len(reply) > maxReply:
		return nil, nil, fmt.Errorf("the reply is larger than %d bytes", maxReply)
	}
	return res, reply, nil
}

// plain is an error without the URL that it may name: a URL has secrets.
func (p *passing) plain(err error) string {
	var u *url.Error
	if errors.As(err, &u) {
		err = u.Err
	}
	return err.Error()
}

// copyHeader copies what is meant for the far end.
func copyHeader(to, from http.Header) {
	drop := map[string]bool{"Content-Length": true}
	for _, name := range hopByHop() {
		drop[name] = true
	}
	for _, list := range from.Values("Connection") {
		for _, name := range strings.Split(list, ",") {
			drop[http.CanonicalHeaderKey(strings.TrimSpace(name))] = true
		}
	}
	for name, list := range from {
		if !drop[name] {
			to[name] = append([]string(nil), list...)
		}
	}
}

// exchange makes what is written, secrets hidden.
func (p *passing) exchange(res *http.Response, reply []byte, failed error) *Exchange {
	r := p.recorder
	doc := r.cfg.Documents[p.api]
	x := &Exchange{Time: p.began, API: p.api, Reply: Reply{Millis: p.took.Milliseconds()}}
	op, values := p.match(doc)
	hide := r.cfg.NewHider(p.api)
	hide.Request(values, p.in.Header)
	if res != nil {
		hide.Reply(res.Header, reply)
	}
	if op != nil {
		x.Operation = op.ID
		x.Findings = requestFindings(doc, op, values)
	}
	p.request(x, op, values, hide)
	switch {
	case failed != nil:
		x.Failed = hide.Text(p.plain(failed))
	case p.in.Method == http.MethodHead:
		x.Reply.Status, x.Reply.ContentType = res.StatusCode, res.Header.Get("Content-Type")
	default:
		x.Reply.Status, x.Reply.ContentType = res.StatusCode, res.Header.Get("Content-Type")
		var found []Finding
		x.Outcome, found = r.cfg.Judge(doc, op, res, reply)
		x.Findings = append(x.Findings, found...)
		x.Reply.Body, x.Reply.Cut = keepText(string(reply), hide)
	}
	for i := range x.Findings {
		x.Findings[i].What = hide.Text(x.Findings[i].What)
	}
	return x
}

// match finds operation and parameters as the vendor's server would.
func (p *passing) match(doc *contract.Document) (*contract.Operation, contract.Values) {
	form := doc.Form(p.in.Method, p.body)
	values, err := doc.ParseValues(nil, p.in.URL.RawQuery, p.in.Header.Get("Content-Type"), form)
	if err != nil {
		return nil, nil
	}
	m := doc.Match(p.in.Method, p.path, values)
	return m.Op, append(append(contract.Values(nil), m.Path...), values...)
}

// request fills in the request. A parameter that proves who calls is hidden by its name,
// any other where it holds a secret.
func (p *passing) request(x *Exchange, op *contract.Operation, values contract.Values, hide Hider) {
	x.Request.Method = p.in.Method
	x.Request.Path = hide.Text(p.path)
	x.Request.ContentType = p.in.Header.Get("Content-Type")
	form := false
	var query []string
	for _, v := range values {
		param := Param{Name: hide.Text(v.Name), Value: hide.Text(v.Value), In: v.In}
		if v.In != contract.InPath && (hide.Named(v.Name) || proves(op, v.Name)) {
			param.Value = hidden
		}
		param.Hidden = param.Value != v.Value
		form = form || v.In == contract.InForm
		if v.In == contract.InQuery {
			query = append(query, url.QueryEscape(param.Name)+"="+url.QueryEscape(param.Value))
		}
		x.Request.Params = append(x.Request.Params, param)
	}
	if op == nil {
		x.Request.Query = strings.Join(query, "&")
	}
	if !form && len(p.body) > 0 {
		x.Request.Body, _ = keepText(string(p.body), hide)
	}
}

// proves reports whether a parameter of the operation is part of a credential or signature.
func proves(op *contract.Operation, name string) bool {
	if op == nil {
		return false
	}
	p := op.Param(name)
	return p != nil && p.Security
}

// keepText hides secrets before it cuts: half a secret would not be recognised.
func keepText(s string, hide Hider) (text string, cut bool) {
	text = strings.ToValidUTF8(hide.Text(s), "\uFFFD")
	if len(text) <= MaxKept {
		return text, false
	}
	return strings.ToValidUTF8(text[:MaxKept], ""), true
}

// requestFindings says what of a request is outside the contract.
func requestFindings(doc *contract.Document, op *contract.Operation, values contract.Values) []Finding {
	var out []Finding
	refused, noted := op.CheckParams(values)
	if refused != nil {
		out = append(out, Finding{Side: "request", Pointer: refused.Param.Name, What: refused.Param.Name + " " + refused.Reason})
	}
	for _, v := range noted {
		out = append(out, Finding{Side: "request", Pointer: v.Param.Name, What: v.Param.Name + " " + v.Reason})
	}
	for _, name := range op.Undeclared(doc, values) {
		out = append(out, Finding{Side: "request", Pointer: name, What: name + " is not declared"})
	}
	return out
}
