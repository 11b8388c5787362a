package verifier

import (
	"context"
	"fmt"
	"io"
	"mime"
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// maxReply is how much of a reply is read, in bytes.
const maxReply = 8 << 20

// incoming is a reply as received.
type incoming struct {
	status int
	header http.Header
	body   []byte
}

func (r *incoming) contentType() string { return r.header.Get("Content-Type") }

// errTransport is a request that got no reply.
type errTransport struct{ err error }

func (e *errTransport) Error() string { return "no reply: " + oneLine(e.err) }

func (e *errTransport) Unwrap() error { return e.err }

// sender sends requests at the target's pace and counts them.
type sender struct {
	target *Target
	wall   wall
	sent   atomic.Int64

	paces map[string]*pacer
	purse *purse
}

func newSender(t *Target, w wall) *sender {
	s := &sender{target: t, wall: w, paces: map[string]*pacer{}, purse: newPurse(t.budget)}
	for api, p := range t.pace {
		s.paces[api] = &pacer{pace: p}
	}
	return s
}

func (s *sender) send(ctx context.Context, api string, o *outgoing, pays *allowance) (*incoming, error) {
	if p := s.paces[api]; p != nil {
		if err := p.wait(ctx, s.wall, o.same(), s.target.patience); err != nil {
			return nil, err
		}
	}
	if err := pays.spend(); err != nil {
		return nil, err
	}
	s.sent.Add(1)
	req, err := o.Request(ctx)
	if err != nil {
		return nil, err
	}
	if req.Header.Get("User-Agent") == "" {
		req.Header.Set("User-Agent", "sandbox-verify")
	}
	res, err := s.target.client.Do(req)
	if err != nil {
		return nil, &errTransport{err}
	}
	defer res.Body.Close()
	body, err := io.ReadAll(io.LimitReader(res.Body, maxReply+1))
	switch {
	case err != nil:
		return nil, &errTransport{fmt.Errorf("the reply broke off after %d bytes: %w", len(body), err)}
	case len(body) > maxReply:
		return nil, &errTransport{fmt.Errorf("the reply is larger than %d bytes", maxReply)}
	}
	return &incoming{res.StatusCode, res.Header, body}, nil
}

// pacer holds one API's requests to its pace.
type pacer struct {
	pace Pace
	mu   sync.Mutex
	last []time.Time          // when the latest requests were let go, oldest first
	sent map[string]time.Time // when a request was last sent, where repeating it has to wait
}

// wait lets one request go when the pace allows it.
func (p *pacer) wait(ctx context.Context, w wall, request string, patience time.Duration) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	now := w.now()
	d := p.due(now)
	if p.pace.Repeat > 0 {
		if at, ok := p.sent[request]; ok {
			again := at.Add(p.pace.Repeat).Sub(now)
			if again > patience {
				return &stop{fmt.Sprintf("the same request must not be sent again for %s, the target's patience is %s", again.Round(time.Second), patience)}
			}
			d = max(d, again)
		}
	}
	if d > 0 {
		if err := w.sleep(ctx, d); err != nil {
			return &errTransport{err}
		}
	}
	if p.pace.Repeat > 0 {
		if p.sent == nil {
			p.sent = map[string]time.Time{}
		}
		p.sent[request] = w.now()
	}
	keep := max(p.pace.Requests, 1)
	p.last = append(p.last, w.now())
	if len(p.last) > keep {
		p.last = p.last[len(p.last)-keep:]
	}
	return nil
}

// same names a request without what signing adds: two of one name are the same to a
// vendor that does not want requests repeated.
func (o *outgoing) same() string {
	if o.op == nil {
		return o.Method + " " + o.URL
	}
	parts := []string{o.Method, o.op.ID}
	for _, v := range o.values {
		if p := o.op.Param(v.Name); p == nil || !p.Security {
			parts = append(parts, v.Name+"="+v.Value)
		}
	}
	slices.Sort(parts[2:])
	return strings.Join(parts, "\x00")
}

// due is how long the next request has to wait.
func (p *pacer) due(now time.Time) time.Duration {
	var d time.Duration
	if n := len(p.last); n > 0 {
		d = p.last[n-1].Add(p.pace.Every).Sub(now)
		if p.pace.Requests > 0 && n >= p.pace.Requests {
			d = max(d, p.last[n-p.pace.Requests].Add(p.pace.Per).Sub(now))
		}
	}
	return d
}

// exchange writes request and reply for a report. Secrets are masked afterwards.
func exchange(o *outgoing, r *incoming) *Exchange {
	x := &Exchange{Method: o.Method, URL: o.URL, Curl: o.Curl(), Request: clip(string(o.Body))}
	if r == nil {
		return x
	}
	x.Status, x.Reply = r.status, clip(string(r.body))
	x.Headers = make(map[string]string, len(r.header))
	for name, list := range r.header {
		x.Headers[name] = strings.Join(list, ", ")
	}
	return x
}

// maxShown is how much of a body a report keeps, in bytes.
const maxShown = 64 << 10

func clip(s string) string {
	if len(s) <= maxShown {
		return strings.ToValidUTF8(s, "�")
	}
	return shorten(strings.ToValidUTF8(s[:maxShown], "�"), maxShown)
}

// sameType compares content types: the type and its parameters, whatever the spaces and
// the case.
func sameType(a, b string) bool {
	ta, pa, errA := mime.ParseMediaType(a)
	tb, pb, errB := mime.ParseMediaType(b)
	if errA != nil || errB != nil {
		return a == b
	}
	if ta != tb || len(pa) != len(pb) {
		return false
	}
	for k, v := range pa {
		if !strings.EqualFold(v, pb[k]) {
			return false
		}
	}
	return true
}
