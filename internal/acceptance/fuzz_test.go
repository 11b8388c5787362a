package acceptance_test

import (
	"crypto/md5"
	"encoding/hex"
	"io"
	"maps"
	"mime"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/mediasandbox/sandbox/fakes"
	"github.com/mediasandbox/sandbox/fakes/all"
	"github.com/mediasandbox/sandbox/internal/contract"
	"github.com/mediasandbox/sandbox/internal/server"
)

// fuzzer puts arbitrary requests to one API. Whatever comes, the answer is one of the
// contract, and comes at once.
type fuzzer struct {
	api     string
	handler http.Handler
	host    *fakes.Host
	doc     *contract.Document
	breach  []fakes.Breach
	last    *fakes.Exchange
	runs    int
}

// Open is the recorder's; there is nothing to keep for a tenant.
func (z *fuzzer) Open(*fakes.Tenant) any { return nil }

// Record keeps the last exchange.
func (z *fuzzer) Record(x *fakes.Exchange) { last := *x; z.last = &last }

func newFuzzer(f *testing.F, api string) *fuzzer {
	f.Helper()
	docs, err := documents()
	require.NoError(f, err)
	z := &fuzzer{api: api, doc: docs[api]}
	z.host, err = fakes.New(fakes.Config{
		APIs: all.APIs(), Documents: docs, Now: func() time.Time { return today }, Recorder: z, ExplainHeader: true,
		Settings: map[string]string{"cliparto.limits": "off"},
		OnBreach: func(b fakes.Breach) { z.breach = append(z.breach, b) },
	})
	require.NoError(f, err)
	z.handler = server.New(z.host, server.Options{})
	return z
}

// input is what a fuzz run consists of.
type input struct{ method, target, query, body, kind string }

// fuzz runs the target. sign makes a request one of the default tenant's, when the run
// says so: what it sets is part of the request that is sent.
func (z *fuzzer) fuzz(f *testing.F, sign func(*input, http.Header)) {
	f.Fuzz(func(t *testing.T, method, target, query, body, kind string, signed bool) {
		in := input{method, target, query, body, kind}
		header := http.Header{}
		if signed {
			sign(&in, header)
		}
		r := in.request(header)
		if r == nil {
			t.Skip("the server would not read it")
		}
		if z.runs++; z.runs%2000 == 0 { // orders, votes and users pile up
			require.NoError(t, z.host.Reset(z.host.Default()))
		}
		z.breach, z.last = nil, nil
		w := httptest.NewRecorder()
		start := time.Now()
		z.handler.ServeHTTP(w, r)
		if took := time.Since(start); took > 5*time.Second {
			t.Errorf("it took %s", took)
		}
		for _, b := range z.breach {
			t.Error("a reply outside the contract: ", b)
		}
		z.judge(t, w)
	})
}

// judge holds a reply to the contract: its status and content type stand there, and a
// failure is none that only a fault leads to.
func (z *fuzzer) judge(t *testing.T, w *httptest.ResponseRecorder) {
	kind := w.Header().Get("Content-Type")
	if z.last == nil {
		// Not for the API: a file, or a request that the sandbox itself refuses.
		if w.Code >= 500 {
			t.Errorf("status %d: %s", w.Code, w.Body)
		}
		return
	}
	if z.last.Outcome == "" {
		t.Errorf("no outcome of the contract: %d %s", w.Code, w.Body)
		return
	}
	var outcome *contract.Outcome
	if op := z.doc.Operation(z.last.Operation); op != nil {
		outcome = op.Outcome(z.last.Outcome)
	}
	if outcome == nil {
		outcome = z.doc.Common[z.last.Outcome]
	}
	switch {
	case outcome == nil:
		t.Errorf("the contract has no outcome %q", z.last.Outcome)
	case outcome.Forced:
		t.Errorf("the outcome %q without a fault: %s", z.last.Outcome, w.Body)
	case w.Code != outcome.Status:
		t.Errorf("%s: status %d, the contract says %d", outcome.Name, w.Code, outcome.Status)
	case kind != outcome.ContentType && kind != "application/javascript":
		t.Errorf("%s: content type %q, the contract says %q", outcome.Name, kind, outcome.ContentType)
	}
}

// request makes a request as net/http's server would, or nil where that refuses.
func (in input) request(header http.Header) *http.Request {
	if in.method == "" || strings.ContainsFunc(in.method, func(r rune) bool { return r <= ' ' || r >= 0x7f || strings.ContainsRune(`()<>@,;:\"/[]?={}`, r) }) || in.method == http.MethodConnect {
		return nil
	}
	target := in.target
	if in.query != "" {
		target += "?" + in.query
	}
	if strings.ContainsFunc(target, func(r rune) bool { return r <= ' ' || r == 0x7f }) || !strings.HasPrefix(target, "/") {
		return nil
	}
	u, err := url.ParseRequestURI(target)
	if err != nil {
		return nil
	}
	if strings.ContainsFunc(in.kind, func(r rune) bool { return r < ' ' && r != '\t' || r == 0x7f }) {
		return nil
	}
	if in.kind != "" {
		header.Set("Content-Type", in.kind)
	}
	return &http.Request{
		Method: in.method, URL: u, RequestURI: target, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1, Header: header,
		Body: io.NopCloser(strings.NewReader(in.body)), ContentLength: int64(len(in.body)), Host: "127.0.0.1:7311",
	}
}

// add appends parameters to the query.
func (in *input) add(v values) {
	if in.query != "" {
		in.query += "&"
	}
	in.query += v.encode()
}

// params are what a request carries, as far as a well-behaved reader sees it.
func (in *input) params() values {
	out := values{}
	read := func(text string) {
		u, _ := url.ParseQuery(text)
		for name := range u {
			if _, ok := out[name]; !ok {
				out[name] = u.Get(name)
			}
		}
	}
	read(in.query)
	if kind, _, _ := mime.ParseMediaType(in.kind); in.method == http.MethodPost && kind == "application/x-www-form-urlencoded" {
		read(in.body)
	}
	return out
}

const formKind = "application/x-www-form-urlencoded"

// add adds seeds that every API has.
func (z *fuzzer) seeds(f *testing.F, path string) {
	prefix := "/" + z.api
	for _, method := range []string{"GET", "POST", "PUT", "HEAD", "OPTIONS"} {
		f.Add(method, prefix+path, "", "", "", false)
		f.Add(method, prefix+path, "a=1&a=2&%zz=%&=&&", "a=%ff%fe&b", formKind, true)
	}
	f.Add("GET", prefix+"/", "", "", "", false)
	f.Add("GET", prefix+path+"/..%2f%00", "x", "", "", false)
	f.Add("GET", prefix+"/-/x.png", "", "", "", false)
	f.Add("GET", "/t/default"+prefix+path, "", "", "", true)
	f.Add("GET", "/t/nobody"+prefix+path, "", "", "", true)
	f.Add("POST", prefix+path, "", "--b\r\nContent-Disposition: form-data; name=\"x\"\r\n\r\n1\r\n--b--", "multipart/form-data; boundary=b", true)
	f.Add("POST", prefix+path, "", "--b\r\n", "multipart/form-data; boundary=", true)
	f.Add("POST", prefix+path, "", `{"a":1}`, "application/json", true)
}

func FuzzQQTube(f *testing.F) {
	z := newFuzzer(f, "qqtube")
	z.seeds(f, "/v1-api")
	for _, query := range []string{"action=funds", "action=services", "action=submissions&limit=2&starting_after=3", "action=stats&id_service_submission=123456"} {
		f.Add("GET", "/qqtube/v1-api", query, "", "", true)
	}
	add := values{"url": qqVideo, "quantity": "2000", "id_service": "5", "geo-countries": "US"}
	for _, more := range []values{add, add.with("id_service", "55", "retention", "60", "bonus_likes", "100", "keyword", "cat", "drip", "1"), add.with("id_service", "46", "share_type", "2", "guarantee", "lifetime"),
		add.with("id_service", "35", "quantity", "10", "comments", "one line\ntwo\nthree", "language", "en"), add.with("id_service", "80", "geotarget", "21"), add.with("url", "https://youtu.be/é%00", "quantity", "1e99")} {
		f.Add("POST", "/qqtube/v1-api", "action=add", more.encode(), formKind, true)
	}
	z.fuzz(f, func(in *input, _ http.Header) { in.add(values{"api_key": qqKey}) })
}

func FuzzPolyv(f *testing.F) {
	z := newFuzzer(f, "polyv")
	z.seeds(f, "/v2/danmu/sl8da4jjbx")
	for _, op := range pvOps() {
		params := values{}.with(op.params...)
		target := "/polyv/v2" + strings.ReplaceAll(op.path, "{u}", op.user)
		f.Add("GET", target, params.encode(), "", "", true)
		f.Add("POST", target, "", params.encode(), formKind, true)
		f.Add("GET", target, params.with("jsonp", "cb", "pageNum", "2", "pageSize", "x", "start", "2018-02-30").encode(), "", "", true)
	}
	f.Add("POST", "/polyv/v2/cata/8205ac89d3/change", "cataid=1427893120964&destCataid=1", "", "", true)
	f.Add("POST", "/polyv/v2/video/3828390191/clip", "", values{"vid": pvClipVid, "title": "=1+1", "timeFrame": `[{"start":1e3,"end":-6},{}]`}.encode(), formKind, true)
	z.fuzz(f, func(in *input, _ http.Header) {
		v := in.params().with("ptime", ptime(today), "sign", "-")
		parts := strings.Split(in.target, "/")
		secret := pvSecrets["8205ac89d3"]
		for _, part := range parts {
			if s, ok := pvSecrets[part]; ok {
				secret = s
			}
		}
		if _, ok := in.params()["ptime"]; !ok {
			in.add(values{"ptime": v["ptime"]})
		}
		in.add(values{"sign": pvSign(v, secret)})
	})
}

func FuzzCliparto(f *testing.F) {
	z := newFuzzer(f, "cliparto")
	z.seeds(f, "/apiq/")
	for _, q := range slices.Sorted(maps.Keys(clTypes)) {
		for _, ext := range []string{"", "5", "red_apple", "3120451", "8701:3120451", "é;\n", "99999999999999999999"} {
			f.Add("GET", "/cliparto/apiq", values{"q": q, "ext": ext}.encode(), "", "", true)
		}
	}
	z.fuzz(f, func(in *input, _ http.Header) {
		v := in.params()
		in.add(values{"id": clID, "md5": clHash(clID, v["q"], v["ext"], clCode)})
	})
}

func FuzzQulive(f *testing.F) {
	z := newFuzzer(f, "qulive")
	z.seeds(f, "/vod/getSts")
	for _, op := range quOps() {
		f.Add(op.method, "/qulive"+op.path, op.params.encode(), "", "", true)
		f.Add("POST", "/qulive"+op.path, "", op.params.with("title", "é", "duration", "NaN", "size", "9e99", "pageSize", "-1", "id", "x").encode(), formKind, true)
		f.Add("GET", "/qulive"+op.path, op.params.with("tags", strings.Repeat(",", 20), "pageNo", "50", "imageExt", "../x", "fileName", "a.mp4\x00").encode(), "", "", true)
	}
	for _, body := range []string{`{"EventType":"SnapshotComplete","VideoId":"23rfewc23","Status":"success"}`, `{"EventType":"AIVideoCensorComplete","MediaId":"23rfewc23","Status":"fail"}`, `{"EventType":[1],"VideoId":{}}`, "null", "\xff"} {
		f.Add("POST", "/qulive/vodcallback/callback", "", body, "application/json", true)
	}
	account := z.host.Default().Accounts("qulive")[0].Credential
	signature := md5.Sum([]byte("http://127.0.0.1:7311/qulive/vodcallback/callback|1|" + account["callback_key"]))
	z.fuzz(f, func(in *input, header http.Header) {
		in.add(values{"token": account["token"]})
		header.Set("X-VOD-TIMESTAMP", "1")
		header.Set("X-VOD-SIGNATURE", hex.EncodeToString(signature[:]))
	})
}

func FuzzInterstream(f *testing.F) {
	z := newFuzzer(f, "interstream")
	z.seeds(f, "/api.php")
	for _, query := range []string{"go=users&do=set_content_vote&iq=13", "go=users&do=set_content_vote&iq=0", "go=users&do=get_content_vote&iq=13&contentID=2635", "go=users&do=get_content_vote&iq=0&contentID=1&ip=::ffff:1.2.3.4"} {
		for _, form := range []values{isVote("2635", "like"), isVote("9223372036854775807", "dislike").with("ip", "2001:db8::1%eth0"), isVote("1", "").with("ip", "1.2.3.4")} {
			f.Add("POST", "/interstream/api.php", query, form.encode(), formKind, true)
		}
	}
	z.fuzz(f, func(in *input, _ http.Header) {
		timestamp := strconv.FormatInt(today.Unix(), 10)
		in.add(values{"key": isKey, "salt": "salt", "timestamp": timestamp, "signature": isSign("salt", timestamp, isSecret)})
	})
}
