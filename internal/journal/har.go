package journal

import (
	"mime"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// HAR is an HTTP archive, version 1.2, as the network panels of browsers open it
// (http://www.softwareishard.com/blog/har-12-spec/). Secrets are masked as in every view.
// What the format has no field for stands in _sandbox.
type HAR struct {
	Log HARLog `json:"log"`
}

// HARLog is the archive's one object.
type HARLog struct {
	Version string     `json:"version"`
	Creator HARCreator `json:"creator"`
	Pages   []struct{} `json:"pages"` // none; some readers want the field
	Entries []HAREntry `json:"entries"`
	Comment string     `json:"comment,omitempty"`
}

// HARCreator says what wrote the archive.
type HARCreator struct {
	Name    string `json:"name"`
	Version string `json:"version"`
}

// HAREntry is one exchange. Times are in milliseconds; what is not known is -1.
type HAREntry struct {
	Started  time.Time   `json:"startedDateTime"`
	Time     float64     `json:"time"`
	Request  HARRequest  `json:"request"`
	Response HARResponse `json:"response"`
	Cache    struct{}    `json:"cache"`
	Timings  HARTimings  `json:"timings"`
	Comment  string      `json:"comment,omitempty"`
	Sandbox  HARSandbox  `json:"_sandbox"`
}

// HARSandbox is what the sandbox knows beyond the archive's format.
type HARSandbox struct {
	ID        uint64    `json:"id"`
	Tenant    string    `json:"tenant"`
	API       string    `json:"api"`
	Operation string    `json:"operation"`
	Outcome   string    `json:"outcome"`
	Fault     string    `json:"fault,omitempty"`
	At        time.Time `json:"at"` // the tenant's clock
}

// HARRequest is what was received.
type HARRequest struct {
	Method      string       `json:"method"`
	URL         string       `json:"url"`
	HTTPVersion string       `json:"httpVersion"`
	Cookies     []struct{}   `json:"cookies"` // they stand in the header, masked
	Headers     []Header     `json:"headers"`
	Query       []Header     `json:"queryString"`
	Post        *HARPostData `json:"postData,omitempty"`
	HeadersSize int          `json:"headersSize"`
	BodySize    int          `json:"bodySize"`
}

// HARPostData is a request's body.
type HARPostData struct {
	MimeType string     `json:"mimeType"`
	Params   []HARParam `json:"params"`
	Text     string     `json:"text"`
	Comment  string     `json:"comment,omitempty"`
}

// HARParam is a field of a form.
type HARParam struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

// HARResponse is what was sent.
type HARResponse struct {
	Status      int        `json:"status"`
	StatusText  string     `json:"statusText"`
	HTTPVersion string     `json:"httpVersion"`
	Cookies     []struct{} `json:"cookies"`
	Headers     []Header   `json:"headers"`
	Content     HARContent `json:"content"`
	RedirectURL string     `json:"redirectURL"`
	HeadersSize int        `json:"headersSize"`
	BodySize    int        `json:"bodySize"`
	Error       string     `json:"_error,omitempty"` // as Chrome writes for a broken connection
}

// HARContent is a reply's body.
type HARContent struct {
	Size     int    `json:"size"`
	MimeType string `json:"mimeType"`
	Text     string `json:"text"`
	Encoding string `json:"encoding,omitempty"`
	Comment  string `json:"comment,omitempty"`
}

// HARTimings are the phases of an exchange; all the time it took is waiting here.
type HARTimings struct {
	Blocked float64 `json:"blocked"`
	DNS     float64 `json:"dns"`
	Connect float64 `json:"connect"`
	SSL     float64 `json:"ssl"`
	Send    float64 `json:"send"`
	Wait    float64 `json:"wait"`
	Receive float64 `json:"receive"`
}

// HAR exports the newest entries of a filter. version is that of the sandbox.
func (t *Tenant) HAR(f Filter, version string) HAR {
	page := t.List(f)
	if version == "" {
		version = "devel"
	}
	out := HAR{HARLog{
		Version: "1.2", Creator: HARCreator{"sandbox", version}, Pages: []struct{}{},
		Entries: make([]HAREntry, 0, len(page.Entries)),
	}}
	if page.Inconclusive {
		out.Log.Comment = "Entries of the journal were evicted: this is what is left."
	}
	for i := range page.Entries {
		out.Log.Entries = append(out.Log.Entries, page.Entries[i].har())
	}
	return out
}

// har writes a view as an entry of an archive.
func (v *View) har() HAREntry {
	e := HAREntry{
		Started: v.Started, Time: v.DurationMS,
		Request: HARRequest{
			Method: v.Request.Method, URL: v.Request.URL, HTTPVersion: "HTTP/1.1", Cookies: []struct{}{},
			Headers: v.Request.Header, Query: query(v.Request.URL), HeadersSize: -1, BodySize: v.Request.Bytes,
		},
		Response: HARResponse{
			Status: v.Status, StatusText: http.StatusText(v.Status), HTTPVersion: "HTTP/1.1", Cookies: []struct{}{},
			Headers: v.Reply.Header, HeadersSize: -1, BodySize: v.Reply.Bytes, RedirectURL: v.Reply.Get("Location"),
			Content: HARContent{Size: v.Reply.Bytes, MimeType: v.Reply.Get("Content-Type"), Text: v.Reply.Body, Encoding: v.Reply.Encoding, Comment: cutComment(v.Reply.Cut)},
		},
		Timings: HARTimings{Blocked: -1, DNS: -1, Connect: -1, SSL: -1, Wait: v.DurationMS},
		Sandbox: HARSandbox{v.ID, v.Tenant, v.API, v.Operation, v.Outcome, v.Fault, v.At},
	}
	if v.Status == 0 {
		e.Response.Error = "the connection was broken on request"
	}
	if v.Request.Bytes > 0 {
		ctype := v.Request.Get("Content-Type")
		e.Request.Post = &HARPostData{MimeType: ctype, Params: []HARParam{}, Text: v.Request.Text(), Comment: cutComment(v.Request.Cut)}
		if v.Request.Encoding != "" {
			e.Request.Post.Text = printable(e.Request.Post.Text)
		}
		if mt, _, err := mime.ParseMediaType(ctype); err == nil && mt == "application/x-www-form-urlencoded" {
			for _, h := range pairsOf(e.Request.Post.Text) {
				e.Request.Post.Params = append(e.Request.Post.Params, HARParam(h))
			}
		}
	}
	for _, a := range v.Advice {
		if e.Comment != "" {
			e.Comment += " "
		}
		e.Comment += a.Text
	}
	return e
}

func cutComment(cut bool) string {
	if cut {
		return "The journal kept the beginning of the body only."
	}
	return ""
}

// query lists the parameters of a masked URL, decoded.
func query(raw string) []Header {
	_, q, _ := strings.Cut(raw, "?")
	return pairsOf(q)
}

func pairsOf(s string) []Header {
	out := []Header{}
	for _, pair := range strings.Split(s, "&") {
		if pair == "" {
			continue
		}
		name, value, _ := strings.Cut(pair, "=")
		out = append(out, Header{printable(decoded(name)), printable(decoded(value))})
	}
	return out
}

// decoded is url.QueryUnescape that leaves what it cannot read.
func decoded(s string) string {
	if d, err := url.QueryUnescape(s); err == nil {
		return d
	}
	return s
}
