// Package record stands between a client and a vendor: it passes requests on, holds each
// exchange to the contract, and writes it to a file with its secrets hidden. From such
// files it drafts scenarios.
//
// It sends only to the base URLs that it was given, changes nothing of what it passes on
// but the host, and judges no expectation: that is what scenarios are for.
package record

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/mediasandbox/sandbox/internal/contract"
)

// Limits on what is passed on and kept, in bytes.
const (
	maxRequest = 8 << 20
	maxReply   = 32 << 20
	// MaxKept is how much of a body is written to a file.
	MaxKept = 1 << 20
)

// hidden stands for what is masked.
const hidden = "***"

// Config is what a Recorder is made of.
type Config struct {
	Documents map[string]*contract.Document // by API
	BaseURLs  map[string]string             // where requests go, by API
	Dir       string                        // where exchanges are written
	// NewHider returns what hides the secrets of one exchange with an API.
	NewHider func(api string) Hider
	// Judge holds a reply to the contract; op is nil for a request outside every operation.
	Judge func(doc *contract.Document, op *contract.Operation, r *http.Response, body []byte) (outcome string, findings []Finding)
	// Recorded is told of each exchange after it was written; nil tells nobody.
	Recorded func(x *Exchange, file string)
	// Transport sends the requests; nil takes one that checks certificates and follows no
	// redirect. Tests give their own.
	Transport http.RoundTripper
	Now       func() time.Time // nil takes time.Now
	// MaxExchanges ends the recording of further ones; they are still passed on. 0 takes 10,000.
	MaxExchanges int
}

// Hider hides the secrets of one exchange. What it notes in one part it hides in all.
type Hider interface {
	// Request notes the secrets of a request.
	Request(values contract.Values, header http.Header)
	// Reply notes those of a reply.
	Reply(header http.Header, body []byte)
	// Named reports whether a parameter is a secret by its name.
	Named(name string) bool
	// Text hides what was noted, in every encoding.
	Text(s string) string
}

// Recorder is the proxy: an http.Handler that answers below /{api}/.
type Recorder struct {
	cfg   Config
	bases map[string]*url.URL

	mu     sync.Mutex
	folder *folder
	kept   int
	failed error // the first that kept an exchange from being written

	telling sync.Mutex
}

// New makes a recorder and its folder. It returns an error for a base URL that is none and
// for a folder that cannot be written.
func New(cfg Config) (*Recorder, error) {
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	if cfg.MaxExchanges == 0 {
		cfg.MaxExchanges = 10_000
	}
	if cfg.Transport == nil {
		cfg.Transport = &http.Transport{
			Proxy: http.ProxyFromEnvironment, ForceAttemptHTTP2: true, DisableCompression: true,
			TLSHandshakeTimeout: 10 * time.Second, ResponseHeaderTimeout: 2 * time.Minute, IdleConnTimeout: 90 * time.Second,
		}
	}
	r := &Recorder{cfg: cfg, bases: map[string]*url.URL{}}
	for _, api := range sortedKeys(cfg.BaseURLs) {
		u, err := url.Parse(cfg.BaseURLs[api])
		if err != nil || (u.Scheme != "http" && u.Scheme != "https") || u.Host == "" || u.RawQuery != "" || u.Fragment != "" {
			return nil, fmt.Errorf("%s: %q is not a base URL", api, cfg.BaseURLs[api])
		}
		if cfg.Documents[api] == nil {
			return nil, fmt.Errorf("there is no contract of %q", api)
		}
		r.bases[api] = u
	}
	if len(r.bases) == 0 {
		return nil, errors.New("the target has no base URL")
	}
	var err error
	if r.folder, err = openFolder(cfg.Dir); err != nil {
		return nil, err
	}
	return r, nil
}

// Err returns what kept an exchange from being written, if anything did.
func (r *Recorder) Err() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.failed
}

// ServeHTTP passes a request on and the reply back.
func (r *Recorder) ServeHTTP(w http.ResponseWriter, in *http.Request) {
	api, path, ok := r.lead(in)
	if !ok {
		http.Error(w, "the recorder answers below /"+strings.Join(sortedKeys(r.bases), "/, /")+"/", http.StatusNotFound)
		return
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, in.Body, maxRequest))
	if err != nil {
		http.Error(w, "the recorder cannot read the request: "+err.Error(), http.StatusRequestEntityTooLarge)
		return
	}
	began := r.cfg.Now()
	p := &passing{recorder: r, api: api, path: path, in: in, body: body, began: began}
	res, reply, err := p.send(in.Context()) //nolint:bodyclose // send has read and closed it
	p.took = r.cfg.Now().Sub(began)
	if err != nil {
		tell := r.keep(p.exchange(nil, nil, err))
		http.Error(w, "the recorder got no reply: "+p.plain(err), http.StatusBadGateway)
		tell()
		return
	}
	// Kept before the client goes on, so that exchanges stand in the order of the client.
	tell := r.keep(p.exchange(res, reply, nil))
	header := w.Header()
	copyHeader(header, res.Header)
	if in.Method == http.MethodHead {
		header["Content-Length"] = res.Header["Content-Length"]
	} else if res.StatusCode != http.StatusNoContent && res.StatusCode != http.StatusNotModified {
		header.Set("Content-Length", strconv.Itoa(len(reply)))
	}
	w.WriteHeader(res.StatusCode)
	if in.Method != http.MethodHead {
		w.Write(reply) //nolint:errcheck // the client is gone; the exchange is kept
	}
	// Told when the client has its reply: a terminal that was halted must not halt it.
	_ = http.NewResponseController(w).Flush() // as above
	tell()
}

// lead finds the API by the first part of the path; path is what follows, as sent.
func (r *Recorder) lead(in *http.Request) (api, path string, ok bool) {
	api, rest, _ := strings.Cut(strings.TrimPrefix(in.URL.EscapedPath(), "/"), "/")
	_, ok = r.bases[api]
	return api, "/" + rest, ok
}

// keep writes an exchange, and returns what tells of it.
func (r *Recorder) keep(x *Exchange) (tell func()) {
	tell = func() {}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.kept >= r.cfg.MaxExchanges {
		if r.failed == nil {
			r.failed = fmt.Errorf("%d exchanges were written; further ones were passed on and not kept", r.kept)
		}
		return tell
	}
	x.Number = r.folder.next
	name, err := r.folder.write(x)
	if err != nil {
		if r.failed == nil {
			r.failed = err
		}
		return tell
	}
	r.folder.next++
	r.kept++
	if r.cfg.Recorded == nil {
		return tell
	}
	return func() {
		r.telling.Lock()
		defer r.telling.Unlock()
		r.cfg.Recorded(x, name)
	}
}
