package journal

import (
	"net/http"
	"strings"
	"time"
	"unsafe"

	"github.com/mediasandbox/sandbox/fakes"
	"github.com/mediasandbox/sandbox/internal/contract"
)

// entry is one exchange as it is kept. It is never changed once it has its id.
type entry struct {
	id        uint64
	api       string
	operation string
	outcome   string
	outcomes  []string // nil for one
	fault     string
	started   instant
	at        instant
	duration  time.Duration
	status    int

	// text holds method, URL, caller, request header, request body, reply header and
	// reply body, one after the other: one allocation that the garbage collector does not
	// look into. ends are where each but the last ends.
	text string
	ends [6]uint32

	requestBytes, replyBytes int // of the whole bodies, kept or not

	extra *extra // nil for most
}

// instant is a time.Time without the pointer to its zone, which would have to be traced
// in every entry.
type instant struct {
	sec  int64
	nsec int32
}

func instantOf(t time.Time) instant {
	return instant{t.Unix(), int32(t.Nanosecond())} //nolint:gosec // below a billion
}

func (i instant) time() time.Time { return time.Unix(i.sec, int64(i.nsec)).UTC() }

// extra is what few exchanges have.
type extra struct {
	undeclared []string
	noted      []contract.Violation
	breach     []contract.Finding
}

// The pieces of entry.text.
const (
	pieceMethod = iota
	pieceURL
	pieceCaller
	pieceRequestHeader
	pieceRequestBody
	pieceReplyHeader
	pieceReplyBody
)

// piece returns one part of the text.
func (e *entry) piece(n int) string {
	start, end := uint32(0), uint32(len(e.text)) //nolint:gosec // bounded by the bodies' bounds and net/http's on headers
	if n > 0 {
		start = e.ends[n-1]
	}
	if n < len(e.ends) {
		end = e.ends[n]
	}
	return e.text[start:end]
}

// requestCut and replyCut say that the body was longer than what is kept.
func (e *entry) requestCut() bool { return len(e.piece(pieceRequestBody)) < e.requestBytes }
func (e *entry) replyCut() bool   { return len(e.piece(pieceReplyBody)) < e.replyBytes }

// size is what the entry counts against the bounds.
func (e *entry) size() int {
	n := int(unsafe.Sizeof(entry{})) + len(e.text)
	if e.outcomes != nil {
		n += 16 * len(e.outcomes)
	}
	if e.extra != nil {
		n += int(unsafe.Sizeof(extra{})) + 64*(len(e.extra.undeclared)+len(e.extra.noted)+len(e.extra.breach))
		for _, name := range e.extra.undeclared {
			n += len(name)
		}
	}
	return n
}

// copy makes an entry of an exchange; nothing of it refers to the request any more.
func (j *Journal) copy(x *fakes.Exchange) *entry {
	e := &entry{
		api: x.API, operation: x.Operation, outcome: x.Outcome, fault: x.Fault,
		started: instantOf(x.Started), at: instantOf(x.At), duration: x.Duration, status: x.Status,
		requestBytes: len(x.RequestBody), replyBytes: len(x.Reply),
	}
	if len(x.Outcomes) > 1 {
		e.outcomes = append([]string(nil), x.Outcomes...)
	}
	if len(x.Undeclared)+len(x.Noted)+len(x.Breach) > 0 {
		e.extra = &extra{noted: x.Noted, breach: x.Breach}
		for _, name := range x.Undeclared {
			e.extra.undeclared = append(e.extra.undeclared, strings.Clone(name))
		}
	}
	request, reply := cut(x.RequestBody, j.cfg.BodyBytes), cut(x.Reply, j.cfg.BodyBytes)
	r := x.Request
	scheme, host, target := "http://", r.Host, r.RequestURI
	if r.TLS != nil {
		scheme = "https://"
	}
	switch {
	case target == "": // made by http.NewRequest, for use in process
		target = r.URL.RequestURI()
	case target[0] != '/': // a proxy's absolute form, or "*"
		scheme, host = "", ""
	}
	scratch := j.scratch.Get().(*[]byte) //nolint:errcheck,forcetypeassert // the pool holds nothing else
	b := (*scratch)[:0]
	end := func(n int) { e.ends[n] = uint32(len(b)) } //nolint:gosec // as in piece
	b = append(b, r.Method...)
	end(pieceMethod)
	b = append(append(append(b, scheme...), host...), target...)
	end(pieceURL)
	b = append(b, x.Caller...)
	end(pieceCaller)
	b = appendHeader(b, r.Header)
	end(pieceRequestHeader)
	b = append(b, request...)
	end(pieceRequestBody)
	b = appendHeader(b, x.ReplyHeader)
	end(pieceReplyHeader)
	b = append(b, reply...)
	e.text = string(b)
	*scratch = b
	j.scratch.Put(scratch)
	return e
}

func cut(body []byte, limit int) []byte { return body[:min(len(body), limit)] }

// appendHeader writes names and values, each ended by a zero byte, which no header can hold.
func appendHeader(b []byte, h http.Header) []byte {
	for name, values := range h {
		for _, v := range values {
			b = append(append(b, name...), 0)
			b = append(append(b, v...), 0)
		}
	}
	return b
}

// matches reports whether the entry is one of the filter's.
func (e *entry) matches(f *Filter) bool {
	return e.id > f.Since &&
		(f.API == "" || f.API == e.api) &&
		(f.Operation == "" || f.Operation == e.operation) &&
		(f.Outcome == "" || f.Outcome == e.outcome || contains(e.outcomes, f.Outcome)) &&
		(f.Status == 0 || f.Status == e.status) &&
		(f.Fault == "" || f.Fault == e.fault) &&
		(f.Caller == "" || f.Caller == e.piece(pieceCaller))
}

func contains(list []string, s string) bool {
	for _, v := range list {
		if v == s {
			return true
		}
	}
	return false
}
