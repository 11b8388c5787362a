package callbacks

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"
	"unicode"
)

// replySize is how much of an answer, or of what stood in its way, is kept, in bytes. More
// of an answer is not read.
const replySize = 512

// send makes one attempt. It takes as long as the receiver, but no longer than the vendor
// waits.
func (d *Dispatcher) send(a assignment) Attempt {
	out := Attempt{Cause: a.cause, At: a.at, Started: d.cfg.Now().UTC(), URL: a.to.url}
	begun := time.Now()
	out.Status, out.Reply, out.Error = d.post(a)
	out.DurationMS = float64(time.Since(begun).Microseconds()) / 1000
	return out
}

// succeeded is the vendor's rule: status 200, in time.
func (a *Attempt) succeeded() bool { return a.Status == http.StatusOK && a.Error == "" }

func (d *Dispatcher) post(a assignment) (status int, reply, problem string) {
	timeout := d.cfg.Timeout
	if timeout <= 0 {
		timeout = a.to.timeout
	}
	ctx, cancel := context.WithTimeout(d.ctx, timeout)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, a.to.url, bytes.NewReader(a.del.body))
	if err != nil {
		return 0, "", "the URL is malformed"
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("User-Agent", "sandbox")
	a.to.sign(req.Header, a.to.url, a.to.key, a.at)
	res, err := d.client.Do(req)
	if err != nil {
		return 0, "", d.reason(ctx, err, timeout)
	}
	defer res.Body.Close()
	// An answer that breaks off has come, one that does not end in time has not.
	data, err := io.ReadAll(io.LimitReader(res.Body, replySize))
	if err != nil && ctx.Err() != nil {
		return res.StatusCode, printable(data), d.reason(ctx, err, timeout)
	}
	return res.StatusCode, printable(data), ""
}

// reason says why there was no answer, in words without the URL, which stands beside them.
func (d *Dispatcher) reason(ctx context.Context, err error, timeout time.Duration) string {
	switch {
	case d.ctx.Err() != nil:
		return ErrStopping.Error()
	case ctx.Err() != nil:
		return "no answer within " + timeout.String()
	}
	var of *url.Error
	if errors.As(err, &of) {
		err = of.Err
	}
	text := err.Error() // of a malformed answer it may repeat a good part
	return printable([]byte(text[:min(len(text), replySize)]))
}

// printable makes a text of what somebody else has written.
func printable(data []byte) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsPrint(r) {
			return r
		}
		return ' '
	}, strings.ToValidUTF8(string(data), "\uFFFD"))
}
