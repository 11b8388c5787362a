package acceptance_test

import (
	"crypto/sha1"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// pvSecrets are the default tenant's users (§2 "Default tenant (userid / secret)").
var pvSecrets = map[string]string{
	"8205ac89d3": "kXmHMLeX6M", "3828390191": "tIQp4ATe9Z", "2d939377c2": "3OmoLbTlHu", "efbb4ae8ac": "hbjCVBhnth", "sl8da4jjbx": "tIQp4ATe9Z",
}

const (
	pvVid     = "8205ac89d3d5c47690b01f2f08a4c91f_8"
	pvClipVid = "382839019131be68715e9455f8d0971a_3"
	pvJSON    = "application/json;charset=UTF-8"
)

// pvError is the reply of an error (§2 "Envelope code, status, message, data, in that order; errors have status error and data """).
func pvError(code int, message string) string {
	return fmt.Sprintf(`{"code":%d,"status":"error","message":"%s","data":""}`, code, message)
}

// pvSign signs as the pages' "签名规则" say: the parameters that are not empty, by name, then the secret.
func pvSign(v values, secret string) string {
	var pairs []string
	for _, name := range slices.Sorted(maps.Keys(v)) {
		if name != "sign" && v[name] != "" {
			pairs = append(pairs, name+"="+v[name])
		}
	}
	sum := sha1.Sum([]byte(strings.Join(pairs, "&") + secret))
	return strings.ToUpper(hex.EncodeToString(sum[:]))
}

func ptime(at time.Time) string { return strconv.FormatInt(at.UnixMilli(), 10) }

// pv calls an operation of the default tenant's user; {u} in the path is the user. A ptime that is not given is now, a sign that is not
// given is right.
func (s *sandbox) pv(method, path, user string, pairs ...string) reply {
	s.Helper()
	return s.pvAs("/polyv", pvSecrets[user], method, path, user, pairs...)
}

func (s *sandbox) pvAs(base, secret, method, path, user string, pairs ...string) reply {
	s.Helper()
	v := values{"ptime": ptime(today)}.with(pairs...)
	if _, given := v["sign"]; !given && !slices.Contains(pairs, "sign") {
		v["sign"] = pvSign(v, secret)
	}
	r := request{method: method, url: base + "/v2" + strings.ReplaceAll(path, "{u}", user)}
	if method == http.MethodPost {
		r.form = v
	} else {
		r.query = v
	}
	return s.do(r)
}

// pvOp is one of the ten operations, with a call that succeeds.
type pvOp struct {
	name, method, path, user string
	params                   []string
}

func pvOps() []pvOp {
	return []pvOp{
		{"danmu delete", "POST", "/danmu/{u}/delete", "8205ac89d3", []string{"danmuIds", "333,444,556"}},
		{"danmu list", "GET", "/danmu/{u}", "sl8da4jjbx", nil},
		{"grab delete", "POST", "/video/grab/{u}/delete", "8205ac89d3", []string{"taskId", "o0IdvYDm4S"}},
		{"grab export", "GET", "/video/grab/{u}/listVideos/export", "8205ac89d3", []string{"taskId", "hHepZ2SjlE"}},
		{"size by category", "GET", "/video/{u}/getSizeByCata", "8205ac89d3", []string{"cataId", "1458806129324"}},
		{"grab list", "GET", "/video/grab/{u}/list", "8205ac89d3", nil},
		{"category move", "POST", "/cata/{u}/change", "8205ac89d3", nil},
		{"exam log", "GET", "/video/{u}/video-exam-log", "8205ac89d3", []string{"vids", "8205ac89d31c8c74e462548a2edd7dff_8"}},
		{"clip", "POST", "/video/{u}/clip", "3828390191", []string{"vid", pvClipVid, "title", "test", "timeFrame", `[{"start":1,"end":6}]`}},
		{"authplay status", "GET", "/video/{u}/authplay-status", "3828390191", []string{"vid", "3828390191de2b3fd3467c36187aac08_3"}},
	}
}

func TestPolyv(t *testing.T) {
	sections(t, "polyv", []section{
		{"vectors", pvVectors},
		{"what is signed", pvSigned},
		{"ptime", pvPtime},
		{"the order of checks", pvOrder},
		{"methods", pvMethods},
		{"jsonp", pvJSONP},
		{"names in query and body", pvTwice},
		{"hosts and prefixes", pvHosts},
		{"HTTP status", pvHTTPStatus},
		{"the window of authplay", pvWindow},
		{"deleting danmu", pvDanmuDelete},
		{"listing danmu", pvDanmuList},
		{"pages", pvPager},
		{"deleting grab tasks", pvGrabDelete},
		{"exporting grab tasks", pvGrabExport},
		{"listing grab tasks", pvGrabList},
		{"sizes by category", pvSizes},
		{"moving categories", pvCategories},
		{"exam logs", pvExamLog},
		{"clipping", pvClip},
		{"authplay status", pvAuthplay},
		{"objects of the pages", pvObjects},
		{"tenants", pvTenants},
	})
}

// §2 "Check against these vectors".
func pvVectors(s *sandbox) {
	for _, v := range []struct{ text, secret, sign, method, path, user string }{
		{"format=json&ptime=1492591990000&vid=382839019131be68715e9455f8d0971a_3", "tIQp4ATe9Z", "50BF9B165630A8047EB1D17D95A469CC51FF754E", "GET", "/video/{u}/authplay-status", "3828390191"},
		{"ptime=1527228607000&taskId=o0IdvYDm4S", "kXmHMLeX6M", "37D4F7BC82B927B14DFDD3D71FA8D4675A6FE2A0", "POST", "/video/grab/{u}/delete", "8205ac89d3"},
		{"page=1&ptime=1527231353000", "kXmHMLeX6M", "1C4ADD2222714FC08584853DC22C8F66AD998BED", "GET", "/video/grab/{u}/list", "8205ac89d3"},
		{"ptime=1493344799000&vids=2d939377c23a37d2b0a2428006755627_2,2d939377c23ebcfe8b4ff3dadcabfbbf_2", "3OmoLbTlHu", "66A7000F442DB7D701533C69F44053521D17C7D0", "GET", "/video/{u}/cata-info", "2d939377c2"},
		{"ptime=1493188350000&vid=3828390191de2b3fd3467c36187aac08_3", "tIQp4ATe9Z", "4CE511177FD5A8A3E56EB31A20776C0DE157519A", "GET", "/video/{u}/authplay-status", "3828390191"},
		{"ptime=1&vid=test1", "test2", "C2B1558D697EA3AF4ED2FC90152751860C1E2163", "", "", ""},
		{"danmuIds=333,444,556&format=json&ptime=1492591990000", "tIQp4ATe9Z", "A0E4E0E96AD2974F08E586954A629CE7B9CFA7A1", "POST", "/danmu/{u}/delete", "sl8da4jjbx"},
		{"format=json&ptime=1492591990000", "tIQp4ATe9Z", "F7329B0D2592B7E729925E4059F9B8D5394C488E", "GET", "/danmu/{u}", "sl8da4jjbx"},
		{"end=2012-09-05&pageNum=1&ptime=1522809252890&start=2012-02-03&vids=vid1,vid2", "3OmoLbTlHu", "B0C2EC50FE2CF9D4A996638B730E423FF8658C23", "GET", "/video/{u}/video-exam-log", "2d939377c2"},
	} {
		params := values{}
		for pair := range strings.SplitSeq(v.text, "&") {
			name, value, _ := strings.Cut(pair, "=")
			params[name] = value
		}
		require.Equal(s, v.sign, pvSign(params, v.secret), "the test's own signature: %s", v.text)
		if v.path == "" {
			continue
		}
		ms, err := strconv.ParseInt(params["ptime"], 10, 64)
		require.NoError(s, err)
		s.freeze(time.UnixMilli(ms))
		r := request{method: v.method, url: "/polyv/v2" + strings.ReplaceAll(v.path, "{u}", v.user), query: params.with("sign", v.sign)}
		assert.Contains(s, s.do(r).body, `{"code":200,"status":"success"`, v.text)
		// "the page prints clip's by mistake", "the page's is wrong"
		for _, misprint := range []string{"50BF9B165630A8047EB1D17D95A469CC51FF754E", "C6B9BBCF53DCD14F503795A952DCC0ECAFC1AACA", strings.ToLower(v.sign)} {
			if misprint != v.sign {
				r.query["sign"] = misprint
				assert.Equal(s, pvError(400, "the sign is not right."), s.do(r).body, v.text)
			}
		}
	}
}

// §2 "of every non-empty parameter received (query and body, unknown names such as format, jsonp, requestId included) except sign …; raw UTF-8 values".
func pvSigned(s *sandbox) {
	const wrong = "the sign is not right."
	path := "/video/{u}/getSizeByCata"
	good := values{"ptime": ptime(today), "vids": pvVid}
	secret := pvSecrets["8205ac89d3"]
	send := func(sent values, sign string) string {
		return s.do(request{url: "/polyv/v2" + strings.ReplaceAll(path, "{u}", "8205ac89d3"), query: sent.with("sign", sign)}).body
	}
	ok := func(sent, signed values, cite string) {
		s.Helper()
		assert.Contains(s, send(sent, pvSign(signed, secret)), `"code":200`, cite)
	}
	not := func(sent values, sign, cite string) {
		s.Helper()
		assert.Equal(s, pvError(400, wrong), send(sent, sign), cite)
	}
	ok(good, good, "plain")
	for _, name := range []string{"format", "jsonp2", "requestId", "Zed", "_x", "userid", "é"} {
		more := good.with(name, "value")
		ok(more, more, "unknown names included: "+name)
		not(more, pvSign(good, secret), "unknown names included: "+name)
	}
	ok(good.with("format", "", "cataId", ""), good, "empty ones are not")
	sum := sha1.Sum([]byte("cataId=&ptime=" + ptime(today) + "&vids=" + pvVid + secret))
	not(good.with("cataId", ""), strings.ToUpper(hex.EncodeToString(sum[:])), "empty ones are not")
	raw := good.with("title", "标题 a+b&c=d%20/é")
	ok(raw, raw, "raw UTF-8 values, not URL-encoded")
	not(raw, pvSign(good.with("title", url.QueryEscape(raw["title"])), secret), "not URL-encoded")
	not(good, strings.ToLower(pvSign(good, secret)), "A lower-case sign is wrong")
	not(good, pvSign(good.with("userid", "8205ac89d3"), secret), "The path's userid is not signed")
	not(good, pvSign(good, "kXmHMLeX6m"), "another secret")
	not(good, pvSign(good, ""), "no secret")
	not(good, "x", "no hash at all")
	not(good, pvSign(good, secret)+" ", "a blank behind")
	blank := good.with("x", " ")
	ok(blank, blank, "a blank is not empty")

	// A body is signed like a query, in both encodings, and together with it.
	clip := values{"ptime": ptime(today), "vid": pvClipVid, "title": "剪辑 a+b", "timeFrame": `[{"end":12,"start":5},{"end":35,"start":20},{"end":82,"start":71},{"end":195,"start":111},{"end":236,"start":215}]`}
	sign := pvSign(clip, pvSecrets["3828390191"])
	for _, multipart := range []bool{false, true} {
		got := s.do(request{url: "/polyv/v2/video/3828390191/clip", form: clip.with("sign", sign), multipart: multipart})
		assert.Contains(s, got.body, `{"code":200,"status":"success","message":"success","data":"3828390191`, "the page's PHP sample")
		both := s.do(request{url: "/polyv/v2/video/3828390191/clip", query: values{"sign": sign, "ptime": clip["ptime"]}, form: clip.with("ptime", "-"), multipart: multipart})
		assert.Contains(s, both.body, `"code":200`)
	}
}

// §2 "ptime is 13-digit Unix milliseconds. Valid from now − 3 min to now + 3 min, both ends included."
func pvPtime(s *sandbox) {
	now := today.UnixMilli()
	for _, op := range pvOps() {
		for _, c := range []struct {
			ptime, want string
		}{
			{strconv.FormatInt(now-180_000, 10), ""},
			{strconv.FormatInt(now+180_000, 10), ""},
			{strconv.FormatInt(now-180_001, 10), "ptime is too old."},
			{strconv.FormatInt(now+180_001, 10), "ptime is illegal."},
			{strconv.FormatInt(now-365*24*3600*1000, 10), "ptime is too old."},
			{strconv.FormatInt(now+365*24*3600*1000, 10), "ptime is illegal."},
			{"-", "ptime is illegal."},
			{"", "ptime is illegal."},
			{strconv.FormatInt(now/1000, 10), "ptime is illegal."},
			{strconv.FormatInt(now, 10) + "0", "ptime is illegal."},
			{strconv.FormatInt(now, 10)[1:], "ptime is illegal."},
			{"abcdefghijklm", "ptime is illegal."},
			{"-792591990000", "ptime is illegal."},
			{"+792591990000", "ptime is illegal."},
			{" " + strconv.FormatInt(now, 10)[1:], "ptime is illegal."},
			{"17735958000.0", "ptime is illegal."},
			{"１７７３５９５８０００００", "ptime is illegal."},
			{"0000000000000", "ptime is too old."},
			{"9999999999999", "ptime is illegal."},
		} {
			if op.name != "authplay status" && c.want == "" && op.method == "POST" {
				continue // a change could not be made twice; the window is the same code for all, held below
			}
			got := s.pv(op.method, op.path, op.user, append(slices.Clone(op.params), "ptime", c.ptime)...)
			assert.Equal(s, 200, got.status)
			if c.want != "" {
				assert.Equal(s, pvError(400, c.want), got.body, "%s: %q", op.name, c.ptime)
			} else {
				assert.NotContains(s, got.body, "ptime", "%s: %q", op.name, c.ptime)
				assert.NotContains(s, got.body, `"status":"error"`, "%s: %q", op.name, c.ptime)
			}
		}
	}
	// The window of a POST, at both ends.
	for _, at := range []int64{now - 180_000, now + 180_000} {
		got := s.pv("POST", "/danmu/{u}/delete", "8205ac89d3", "danmuIds", "1", "ptime", strconv.FormatInt(at, 10))
		assert.Equal(s, `{"code":200,"status":"success","message":"success","data":"success"}`, got.body)
	}
	// "All times are on the sandbox's clock": to the millisecond, from both sides.
	s.freeze(today.Add(180*time.Second + time.Millisecond))
	assert.Equal(s, pvError(400, "ptime is too old."), s.pv("GET", "/danmu/{u}", "sl8da4jjbx").body)
	s.freeze(today.Add(180 * time.Second))
	assert.Contains(s, s.pv("GET", "/danmu/{u}", "sl8da4jjbx").body, `"code":200`)
	s.freeze(today.Add(-180 * time.Second))
	assert.Contains(s, s.pv("GET", "/danmu/{u}", "sl8da4jjbx").body, `"code":200`)
	s.freeze(today.Add(-180*time.Second - time.Millisecond))
	assert.Equal(s, pvError(400, "ptime is illegal."), s.pv("GET", "/danmu/{u}", "sl8da4jjbx").body)
}

// §2 "Order of checks: sign empty → ptime illegal → ptime too old → user unknown → sign wrong → the operation's own", at all ten operations
// ("Common errors apply to all ten operations, also where a page's table omits them").
func pvOrder(s *sandbox) {
	old := ptime(today.Add(-time.Hour))
	for _, op := range pvOps() {
		call := func(user string, pairs ...string) string {
			got := s.pv(op.method, op.path, user, pairs...)
			assert.Equal(s, 200, got.status, "%s: HTTP status is 200 by default", op.name)
			assert.Equal(s, pvJSON, got.header.Get("Content-Type"), op.name)
			return got.body
		}
		signEmpty, illegal, tooOld := pvError(400, "sign can not be empty."), pvError(400, "ptime is illegal."), pvError(400, "ptime is too old.")
		unknown, wrong := pvError(400, "Could not find user by userid."), pvError(400, "the sign is not right.")
		assert.Equal(s, signEmpty, call(op.user, "sign", "-"), op.name)
		assert.Equal(s, signEmpty, call(op.user, "sign", ""), op.name)
		assert.Equal(s, signEmpty, call(op.user, "sign", "-", "ptime", "-"), op.name)
		assert.Equal(s, signEmpty, call(op.user, "sign", "-", "ptime", old), op.name)
		assert.Equal(s, signEmpty, call("nobody", "sign", ""), op.name)
		assert.Equal(s, illegal, call("nobody", "ptime", "x", "sign", "x"), op.name)
		assert.Equal(s, illegal, call(op.user, "ptime", "x", "sign", "x"), op.name)
		assert.Equal(s, tooOld, call("nobody", "ptime", old, "sign", "x"), op.name)
		assert.Equal(s, tooOld, call(op.user, "ptime", old, "sign", "x"), op.name)
		assert.Equal(s, unknown, call("nobody", "sign", "x"), op.name)
		assert.Equal(s, unknown, call("8205AC89D3", "sign", "x"), op.name)
		assert.Equal(s, wrong, call(op.user, "sign", "x"), "%s: before the operation's own", op.name)
		if op.params != nil {
			assert.Equal(s, wrong, call(op.user, append(slices.Clone(op.params), "sign", "x")...), op.name)
		}
	}
}

// §2 "POST operations accept GET too … Other methods: HTTP 405 with the envelope (code 405, assumed text)".
func pvMethods(s *sandbox) {
	for _, op := range pvOps() {
		if op.method == "POST" && op.params != nil {
			assert.Contains(s, s.pv("GET", op.path, op.user, op.params...).body, `"code":200`, op.name)
		}
		assert.Equal(s, 405, s.pv("HEAD", op.path, op.user, op.params...).status)
		others := []string{"PUT", "DELETE", "PATCH", "OPTIONS"}
		if op.method == "GET" {
			others = append(others, "POST")
		}
		for _, method := range others {
			got := s.pv(method, op.path, op.user, op.params...)
			assert.Equal(s, 405, got.status, "%s %s", method, op.name)
			assert.Equal(s, pvJSON, got.header.Get("Content-Type"))
			assert.Regexp(s, `^\{"code":405,"status":"error","message":"[^"]+","data":""\}$`, got.body, "%s %s", method, op.name)
		}
	}
	for _, path := range []string{"/polyv/v2/nope", "/polyv/v2/danmu", "/polyv/", "/polyv/v1/danmu/sl8da4jjbx", "/polyv/v2/danmu/sl8da4jjbx/", "/polyv/v2/danmu//delete"} {
		got := s.do(request{url: path})
		assert.Equal(s, pvJSON, got.header.Get("Content-Type"), path)
		assert.Regexp(s, `^\{"code":404,"status":"error","message":"[^"]+","data":""\}$`, got.body, path)
	}
}

// §2 "jsonp=cb wraps a success as cb({…}) (application/javascript), is part of the sign; errors are never wrapped. The callback name is
// restricted to identifier characters and dots; anything else is ignored."
func pvJSONP(s *sandbox) {
	for _, op := range pvOps() {
		if op.params == nil && op.name == "category move" {
			continue
		}
		got := s.pv(op.method, op.path, op.user, append(slices.Clone(op.params), "jsonp", "cb")...)
		if op.name == "grab export" {
			assert.Equal(s, "text/csv;charset=UTF-8", got.header.Get("Content-Type"), "jsonp is ignored on the CSV export")
			assert.NotContains(s, got.body, "cb(")
			continue
		}
		assert.Equal(s, "application/javascript", got.header.Get("Content-Type"), op.name)
		assert.Regexp(s, `^cb\(\{"code":200,"status":"success",.*\}\)$`, got.body, op.name)
	}
	status := func(pairs ...string) reply {
		return s.pv("GET", "/video/{u}/authplay-status", "3828390191", append([]string{"vid", pvClipVid}, pairs...)...)
	}
	plain := status().body
	for _, cb := range []string{"a", "a.b", "jQuery1124_1527", "A.B.c_1", "$", "_"} {
		got := status("jsonp", cb)
		assert.Equal(s, cb+"("+plain+")", got.body)
		assert.Equal(s, "application/javascript", got.header.Get("Content-Type"))
	}
	for _, cb := range []string{"a(b", "alert(1)//", "a b", "a;b", "<script>", "a\nb", "é", ""} {
		got := status("jsonp", cb)
		assert.Equal(s, plain, got.body, "%q is ignored", cb)
		assert.Equal(s, pvJSON, got.header.Get("Content-Type"))
	}
	// part of the sign
	unsigned := values{"ptime": ptime(today), "vid": pvClipVid}
	got := s.do(request{url: "/polyv/v2/video/3828390191/authplay-status", query: unsigned.with("sign", pvSign(unsigned, "tIQp4ATe9Z"), "jsonp", "cb")})
	assert.Equal(s, pvError(400, "the sign is not right."), got.body)
	// errors are never wrapped
	for _, c := range [][]string{{"vid", ""}, {"vid", "nope"}, {"sign", ""}, {"ptime", "x"}} {
		got := status(append([]string{"jsonp", "cb"}, c...)...)
		assert.True(s, strings.HasPrefix(got.body, `{"code":4`), got.body)
		assert.Equal(s, pvJSON, got.header.Get("Content-Type"))
	}
}

// §2 "A name in query and body: the query's value counts (servlet rule; assumed)".
func pvTwice(s *sandbox) {
	send := func(signed values) string {
		return s.do(request{
			url:   "/polyv/v2/video/3828390191/clip",
			query: values{"vid": pvClipVid, "sign": pvSign(signed, "tIQp4ATe9Z")},
			form:  values{"vid": "other", "ptime": ptime(today), "title": "t", "timeFrame": `[{"start":1,"end":6}]`},
		}).body
	}
	all := values{"vid": pvClipVid, "ptime": ptime(today), "title": "t", "timeFrame": `[{"start":1,"end":6}]`}
	assert.Contains(s, send(all), `"code":200`)
	assert.Equal(s, pvError(400, "the sign is not right."), send(all.with("vid", "other")))
	// A name twice in the query: a servlet's getParameter gives the first.
	v := values{"ptime": ptime(today), "vid": pvClipVid}
	got := s.do(request{url: "/polyv/v2/video/3828390191/authplay-status?vid=" + pvClipVid + "&vid=other&ptime=" + v["ptime"] + "&sign=" + pvSign(v, "tIQp4ATe9Z")})
	assert.Contains(s, got.body, `"code":200`)
}

// "Common to all", table.
func pvHosts(s *sandbox) {
	v := values{"ptime": ptime(today), "vid": pvClipVid}
	v["sign"] = pvSign(v, "tIQp4ATe9Z")
	for _, host := range []string{"api.polyv.net", "API.Polyv.NET", "api.polyv.net:80", "polyv.localhost", "polyv.localhost:7311", "default.polyv.localhost"} {
		got := s.do(request{host: host, url: "/v2/video/3828390191/authplay-status", query: v})
		assert.Equal(s, `{"code":200,"status":"success","message":"success","data":0}`, got.body, host)
	}
}

// §2 "Body code is the documented one; HTTP status is 200 by default, setting polyv.http-status = 200 (default) | code".
func pvHTTPStatus(s *sandbox) {
	made := s.tenant(`{"id":"codes","settings":{"polyv.http-status":"code"}}`)
	user, secret := made.Credentials["polyv"]["userid"], made.Credentials["polyv"]["secretkey"]
	for _, c := range []struct {
		path   string
		pairs  []string
		status int
	}{
		{"/danmu/{u}", nil, 200},
		{"/danmu/{u}", []string{"sign", ""}, 400},
		{"/video/{u}/authplay-status", nil, 401},
		{"/video/{u}/authplay-status", []string{"vid", "x"}, 403},
		{"/cata/{u}/change", []string{"cataid", "x", "destCataid", "1"}, 402},
		{"/video/{u}/clip", nil, 410},
		{"/video/{u}/clip", []string{"vid", "x"}, 411},
		{"/video/{u}/clip", []string{"vid", "x", "timeFrame", "x", "title", "x"}, 412},
	} {
		got := s.pvAs("/polyv", secret, "GET", c.path, user, c.pairs...)
		assert.Equal(s, c.status, got.status, "%v", c)
		assert.Contains(s, got.body, fmt.Sprintf(`{"code":%d,`, c.status))
	}
	got := s.pvAs("/polyv", secret, "GET", "/danmu/{u}", "nobody")
	assert.Equal(s, 200, got.status, "nobody's userid leads to the default tenant")
	got = s.pvAs("/t/codes/polyv", secret, "GET", "/danmu/{u}", "nobody")
	assert.Equal(s, 400, got.status)
	s.admin("POST", "/tenants", `{"settings":{"polyv.http-status":"x"}}`, 400)
}

// §2 "authplay-status's table says 30 minutes, its own code table 3: setting polyv.authplay-window, default 3m".
func pvWindow(s *sandbox) {
	made := s.tenant(`{"id":"long","settings":{"polyv.authplay-window":"30m"}}`)
	user, secret := made.Credentials["polyv"]["userid"], made.Credentials["polyv"]["secretkey"]
	at := func(path string, by time.Duration) string {
		return s.pvAs("/polyv", secret, "GET", path, user, "vid", "x", "ptime", ptime(today.Add(by))).body
	}
	inside := pvError(403, "用户的视频下找不到该视频.")
	assert.Equal(s, inside, at("/video/{u}/authplay-status", -30*time.Minute))
	assert.Equal(s, pvError(400, "ptime is too old."), at("/video/{u}/authplay-status", -30*time.Minute-time.Millisecond))
	assert.Equal(s, inside, at("/video/{u}/authplay-status", 3*time.Minute))
	assert.Equal(s, pvError(400, "ptime is illegal."), at("/video/{u}/authplay-status", 30*time.Minute+time.Millisecond))
	assert.Equal(s, pvError(400, "ptime is too old."), at("/danmu/{u}", -3*time.Minute-time.Millisecond), "for authplay alone")
	s.admin("POST", "/tenants", `{"settings":{"polyv.authplay-window":"long"}}`, 400)
}

type pvPage struct {
	PageNumber, TotalItems int
	Contents               []map[string]any
	StartRow, EndRow       int
	FirstPage, LastPage    bool
	NextPageNumber         int
	PrePageNumber          int
	TotalPages             int
	Limit, Offset          int
}

func (s *sandbox) pvPage(got reply) pvPage {
	s.Helper()
	v := decode[struct {
		Code   int
		Status string
		Data   json.RawMessage
	}](s, got.body)
	require.Equal(s, 200, v.Code, got.body)
	return decode[pvPage](s, string(v.Data))
}

// pvAll reads all pages of a list.
func (s *sandbox) pvAll(path, user string, pairs ...string) []map[string]any {
	s.Helper()
	return s.pvPage(s.pv("GET", path, user, append(pairs, "pageSize", "1000")...)).Contents
}

// §2 row "danmu delete".
func pvDanmuDelete(s *sandbox) {
	const path = "/danmu/{u}/delete"
	done := `{"code":200,"status":"success","message":"success","data":"success"}`
	for _, ids := range []string{"-", ""} {
		assert.Equal(s, pvError(400, "danmuIds can not be empty."), s.pv("POST", path, "sl8da4jjbx", "danmuIds", ids).body)
	}
	total := func(user string) int { return s.pvPage(s.pv("GET", "/danmu/{u}", user)).TotalItems }
	before, other := total("sl8da4jjbx"), total("8205ac89d3")
	foreign := fmt.Sprintf("%.0f", s.pvAll("/danmu/{u}", "8205ac89d3")[0]["id"])
	for _, ids := range []string{"1", "x", foreign, "1,2,x,,-1", "99999999999999999999999", ","} {
		got := s.pv("POST", path, "sl8da4jjbx", "danmuIds", ids)
		assert.Equal(s, done, got.body, "unknown or foreign ids are ignored: %s", ids)
	}
	assert.Equal(s, before, total("sl8da4jjbx"))
	assert.Equal(s, other, total("8205ac89d3"))
	assert.Equal(s, done, s.pv("POST", path, "sl8da4jjbx", "danmuIds", "43030,"+foreign+",37470").body)
	assert.Equal(s, before-2, total("sl8da4jjbx"))
	assert.Equal(s, other, total("8205ac89d3"))
	for _, item := range s.pvAll("/danmu/{u}", "sl8da4jjbx") {
		assert.NotContains(s, []float64{43030, 37470}, item["id"])
	}
	assert.Equal(s, done, s.pv("GET", path, "sl8da4jjbx", "danmuIds", "43030").body, "again, and by GET")
	assert.Equal(s, before-2, total("sl8da4jjbx"))
}

// §2 row "danmu list", and the page's sample.
func pvDanmuList(s *sandbox) {
	const path = "/danmu/{u}"
	sample := `{"code":200,"status":"success","message":"success","data":{"pageNumber":1,"totalItems":28,"contents":[{"id":43030,"vid":"sl8da4jjbx1c8baed8a48212d735d905_s","userid":"sl8da4jjbx","msg":"Iui","time":"00:00:55","fontsize":"4294967320","fontmode":"roll","fontcolor":"0xFFFFFF","timestamp":1529394571000},{"id":37470,"vid":"sl8da4jjbx1c8baed8a48212d735d905_s","userid":"sl8da4jjbx","msg":"藏族自治州","time":"00:00:20","fontsize":"24","fontmode":"roll","fontcolor":"0xFFFFFF","timestamp":1528106632000}],"startRow":1,"endRow":2,"firstPage":true,"lastPage":false,"nextPageNumber":2,"prePageNumber":1,"totalPages":14,"limit":2,"offset":0}}`
	assert.Equal(s, sample, s.pv("GET", path, "sl8da4jjbx", "numPerPage", "2").body)
	assert.Equal(s, sample, s.pv("GET", path, "sl8da4jjbx", "pageSize", "2", "page", "1").body, "aliases pageSize/page")
	assert.Len(s, s.pvPage(s.pv("GET", path, "sl8da4jjbx")).Contents, 20, "numPerPage default 20")
	assert.Len(s, s.pvPage(s.pv("GET", path, "sl8da4jjbx", "numPerPage", "", "pageNum", "")).Contents, 20)
	assert.Equal(s, 2, s.pvPage(s.pv("GET", path, "sl8da4jjbx", "page", "2")).PageNumber)
	for _, user := range slices.Sorted(maps.Keys(pvSecrets)) {
		all := s.pvAll(path, user)
		assert.Greater(s, len(all), 20, "enough to page")
		last := float64(1 << 60)
		for _, item := range all {
			assert.LessOrEqual(s, item["timestamp"], last, "newest first")
			last = item["timestamp"].(float64)
			assert.Less(s, last, float64(today.UnixMilli()+1))
			assert.True(s, strings.HasPrefix(item["vid"].(string), user), "vids begin with the userid")
			assert.Equal(s, user, item["userid"])
			assert.Regexp(s, `^\d\d:\d\d:\d\d$`, item["time"])
			assert.IsType(s, 0.0, item["id"])
			assert.IsType(s, "", item["fontsize"])
			assert.Contains(s, []any{"roll", "top", "bottom"}, item["fontmode"])
			assert.Regexp(s, `^0x[0-9A-F]{6}$`, item["fontcolor"])
			assert.Len(s, item, 9)
		}
		one := all[0]["vid"].(string)
		filtered := s.pvAll(path, user, "vid", one)
		assert.NotEmpty(s, filtered)
		count := 0
		for _, item := range all {
			if item["vid"] == one {
				count++
			}
		}
		assert.Len(s, filtered, count)
	}
	for _, bad := range []string{"0", "-1", "x", "1.5", " 1", "1e1", "+"} {
		assert.Equal(s, pvError(400, "pageNum is illegal."), s.pv("GET", path, "sl8da4jjbx", "pageNum", bad).body, bad)
		assert.Equal(s, pvError(400, "numPerPage is illegal."), s.pv("GET", path, "sl8da4jjbx", "numPerPage", bad).body, bad)
	}
}

// §2 "Pager object … offset = (page−1)·size, startRow = offset+1, …", "An empty list: …".
func pvPager(s *sandbox) {
	for _, size := range []int{1, 2, 5, 9, 10, 27, 28, 29, 100} {
		pages := (28 + size - 1) / size
		for page := 1; page <= pages+2; page++ {
			got := s.pvPage(s.pv("GET", "/danmu/{u}", "sl8da4jjbx", "numPerPage", strconv.Itoa(size), "pageNum", strconv.Itoa(page)))
			offset := (page - 1) * size
			records := max(0, min(size, 28-offset))
			clamp := func(n int) int { return max(1, min(n, pages)) }
			want := pvPage{
				PageNumber: page, TotalItems: 28, Contents: got.Contents, StartRow: offset + 1, EndRow: offset + records,
				FirstPage: page == 1, LastPage: page == pages, NextPageNumber: clamp(page + 1), PrePageNumber: clamp(page - 1),
				TotalPages: pages, Limit: records, Offset: offset,
			}
			assert.Equal(s, want, got, "page %d of %d", page, size)
			assert.Len(s, got.Contents, records)
		}
	}
	late := s.pvPage(s.pv("GET", "/danmu/{u}", "sl8da4jjbx", "vid", "none", "pageNum", "5"))
	assert.Equal(s, pvPage{PageNumber: 5, Contents: late.Contents, StartRow: 1, FirstPage: true, NextPageNumber: 1, PrePageNumber: 1}, late, "an empty list")
	empty := `{"code":200,"status":"success","message":"success","data":{"pageNumber":1,"totalItems":0,"contents":[],"startRow":1,"endRow":0,"firstPage":true,"lastPage":false,"nextPageNumber":1,"prePageNumber":1,"totalPages":0,"limit":0,"offset":0}}`
	assert.Equal(s, empty, s.pv("GET", "/danmu/{u}", "sl8da4jjbx", "vid", "none").body)
	for _, item := range s.pvAll("/video/grab/{u}/list", "8205ac89d3") {
		require.Contains(s, s.pv("POST", "/video/grab/{u}/delete", "8205ac89d3", "taskId", item["taskid"].(string)).body, "true")
	}
	assert.Equal(s, strings.Replace(empty, `"message":"success"`, `"message":""`, 1), s.pv("GET", "/video/grab/{u}/list", "8205ac89d3").body)
	// Far beyond the end, and numbers that do not fit.
	far := s.pvPage(s.pv("GET", "/danmu/{u}", "sl8da4jjbx", "pageNum", "1000000", "numPerPage", "1000"))
	assert.Empty(s, far.Contents)
	assert.Equal(s, 1, far.PrePageNumber)
	huge := s.pv("GET", "/danmu/{u}", "sl8da4jjbx", "pageNum", "99999999999999999999")
	assert.Equal(s, 200, huge.status)
}

// §2 row "grab delete".
func pvGrabDelete(s *sandbox) {
	const path = "/video/grab/{u}/delete"
	for _, id := range []string{"-", ""} {
		assert.Equal(s, `{"code":400,"status":"error","message":"TaskId is null!","data":""}`, s.pv("POST", path, "8205ac89d3", "taskId", id).body)
	}
	yes, no := `{"code":200,"status":"success","message":"success","data":true}`, `{"code":200,"status":"success","message":"success","data":false}`
	assert.Equal(s, no, s.pv("POST", path, "8205ac89d3", "taskId", "nope").body)
	assert.Equal(s, no, s.pv("POST", path, "2d939377c2", "taskId", "o0IdvYDm4S").body, "another user's is unknown")
	assert.Equal(s, yes, s.pv("POST", path, "8205ac89d3", "taskId", "o0IdvYDm4S").body)
	assert.Equal(s, no, s.pv("POST", path, "8205ac89d3", "taskId", "o0IdvYDm4S").body)
	assert.Equal(s, yes, s.pv("GET", path, "8205ac89d3", "taskId", "hHepZ2SjlE").body)
	assert.Equal(s, pvError(400, "Task not found."), s.pv("GET", "/video/grab/{u}/listVideos/export", "8205ac89d3", "taskId", "hHepZ2SjlE").body)
}

// §2 row "grab export".
func pvGrabExport(s *sandbox) {
	const path = "/video/grab/{u}/listVideos/export"
	for _, id := range []string{"-", ""} {
		assert.Equal(s, pvError(400, "TaskId is null!"), s.pv("GET", path, "8205ac89d3", "taskId", id).body)
	}
	for _, id := range []string{"nope", "HHEPZ2SJLE"} {
		got := s.pv("GET", path, "8205ac89d3", "taskId", id)
		assert.Equal(s, pvError(400, "Task not found."), got.body)
		assert.Equal(s, pvJSON, got.header.Get("Content-Type"), "errors JSON")
	}
	got := s.pv("GET", path, "8205ac89d3", "taskId", "hHepZ2SjlE")
	assert.Equal(s, 200, got.status)
	assert.Equal(s, "text/csv;charset=UTF-8", got.header.Get("Content-Type"))
	assert.Regexp(s, `^attachment; *filename=`, got.header.Get("Content-Disposition"))
	lines := strings.Split(strings.TrimRight(got.body, "\r\n"), "\n")
	assert.Equal(s, "vid,title,fileurl,classifyid,classifyname,status,message", strings.TrimRight(lines[0], "\r"))
	assert.Len(s, lines, 3, "totalcount 2")
	// "CSV-escaped, formula-safe"
	state := s.admin("GET", "/state/polyv", "", 200)
	nasty := []string{`a,b`, `say "x"`, "two\nlines", "=1+1", "+1", "-1", "@x", "\ttab"}
	for _, title := range nasty {
		var doc any
		require.NoError(s, json.Unmarshal([]byte(state), &doc))
		walk(doc, func(m map[string]any) {
			if m["taskid"] == "hHepZ2SjlE" {
				m["rows"].([]any)[0].(map[string]any)["title"] = title
			}
		})
		changed, err := json.Marshal(doc)
		require.NoError(s, err)
		s.admin("PUT", "/state/polyv", string(changed), 204)
		records := s.csv(s.pv("GET", path, "8205ac89d3", "taskId", "hHepZ2SjlE").body)
		require.Len(s, records, 3)
		require.Len(s, records[1], 7)
		cell := records[1][1]
		if strings.ContainsAny(title[:1], "=+-@\t") {
			assert.NotContains(s, "=+-@\t", cell[:1], "formula-safe: %q", cell)
			assert.Contains(s, cell, strings.TrimSpace(title))
		} else {
			assert.Equal(s, title, cell)
		}
	}
}

// walk calls f for every object in a decoded JSON document.
func walk(v any, f func(map[string]any)) {
	switch v := v.(type) {
	case map[string]any:
		f(v)
		for _, value := range v {
			walk(value, f)
		}
	case []any:
		for _, value := range v {
			walk(value, f)
		}
	}
}

// §2 row "grab list", and the page's sample.
func pvGrabList(s *sandbox) {
	const path = "/video/grab/{u}/list"
	got := s.pv("GET", path, "8205ac89d3")
	assert.True(s, strings.HasPrefix(got.body, `{"code":200,"status":"success","message":"","data":{"pageNumber":1,"totalItems":`), `success message is "" here`)
	sample := regexpQuote(`{"taskid":"hHepZ2SjlE","userid":"8205ac89d3","filename":null,"originalname":"111.csv","filesize":null,"filepath":null,"fileurl":"`) +
		`[^"]*1522286666296\.csv` + regexpQuote(`","classifyid":"1","classifyname":"视频分类(根目录)","seccesscount":2,"totalcount":2,"failcount":0,"status":"Y","endtime":1522286706000,"createtime":1522286672000}`)
	assert.Regexp(s, sample, got.body)
	assert.Contains(s, got.body, `"taskid":"o0IdvYDm4S"`)
	for _, user := range slices.Sorted(maps.Keys(pvSecrets)) {
		first := s.pvPage(s.pv("GET", path, user))
		all := s.pvAll(path, user)
		assert.Len(s, all, first.TotalItems)
		assert.LessOrEqual(s, len(first.Contents), 10, "page and pageSize have defaults 1 and 10")
		if user != "8205ac89d3" {
			assert.Len(s, first.Contents, 10)
		}
		for _, item := range all {
			assert.Equal(s, user, item["userid"])
			assert.IsType(s, "", item["classifyid"])
			assert.IsType(s, 0.0, item["createtime"])
			assert.InDelta(s, item["totalcount"], item["seccesscount"].(float64)+item["failcount"].(float64), 0, item["taskid"])
			assert.ElementsMatch(s, strings.Fields("taskid userid filename originalname filesize filepath fileurl classifyid classifyname seccesscount totalcount failcount status endtime createtime"), keys(item))
			records := s.csv(s.pv("GET", "/video/grab/{u}/listVideos/export", user, "taskId", item["taskid"].(string)).body)
			assert.Len(s, records, 1+int(item["totalcount"].(float64)), "the export agrees with the list")
		}
	}
	for _, bad := range []string{"0", "-1", "x", "1.5"} {
		assert.Equal(s, pvError(400, "page is illegal."), s.pv("GET", path, "8205ac89d3", "page", bad).body)
		assert.Equal(s, pvError(400, "pageSize is illegal."), s.pv("GET", path, "8205ac89d3", "pageSize", bad).body)
	}
	assert.Equal(s, s.pv("GET", path, "8205ac89d3", "page", "1", "pageSize", "10").body, got.body)
}

type pvGroup struct {
	Cataid int64
	Videos []struct {
		Vid, Duration                   string
		Filesize1, Filesize2, Filesize3 int64
	}
}

func (s *sandbox) pvGroups(user string, pairs ...string) []pvGroup {
	s.Helper()
	return decode[struct{ Data []pvGroup }](s, s.pv("GET", "/video/{u}/getSizeByCata", user, pairs...).body).Data
}

// §2 row "size by category", and the page's sample.
func pvSizes(s *sandbox) {
	const user, path = "8205ac89d3", "/video/{u}/getSizeByCata"
	sample := `{"code":200,"status":"success","message":"success","data":[{"cataid":1458806129324,"videos":[{"vid":"8205ac89d3d5c47690b01f2f08a4c91f_8","duration":"00:03:34","filesize1":8749719,"filesize2":15676091,"filesize3":35003810},{"vid":"8205ac89d30d552b2f188c94515f4db6_8","duration":"00:00:37","filesize1":1360064,"filesize2":3229714,"filesize3":4606271}]}]}`
	assert.Equal(s, sample, s.pv("GET", path, user, "cataId", "1458806129324").body)
	assert.Equal(s, sample, s.pv("GET", path, user, "cataid", "1458806129324").body, "also spelled cataid, the SDK's")
	assert.Equal(s, sample, s.pv("GET", "/video/{u}/cata-info", user, "cataId", "1458806129324").body, "alias /cata-info")
	assert.Equal(s, sample, s.pv("GET", path, user, "vids", pvVid+",8205ac89d30d552b2f188c94515f4db6_8").body)
	assert.Contains(s, s.pv("GET", "/video/{u}/cata-info", "2d939377c2", "vids", "2d939377c23a37d2b0a2428006755627_2,2d939377c23ebcfe8b4ff3dadcabfbbf_2").body, `"vid":"2d939377c23ebcfe8b4ff3dadcabfbbf_2"`)
	// "vids wins over cataId"
	wins := s.pv("GET", path, user, "vids", pvVid, "cataId", "1").body
	assert.Equal(s, s.pv("GET", path, user, "vids", pvVid).body, wins)
	nothing := `{"code":200,"status":"success","message":"success","data":[]}`
	assert.Equal(s, nothing, s.pv("GET", path, user, "vids", "nope", "cataId", "1458806129324").body)
	for _, pairs := range [][]string{{}, {"vids", ""}, {"cataId", ""}, {"vids", "", "cataId", ""}} {
		assert.Equal(s, pvError(400, "vids and cataId can not both be empty."), s.pv("GET", path, user, pairs...).body)
	}
	// "unknown ids left out", foreign ones too
	assert.Equal(s, s.pv("GET", path, user, "vids", pvVid).body, s.pv("GET", path, user, "vids", "nope,"+pvVid+","+pvClipVid+",").body)
	assert.Equal(s, nothing, s.pv("GET", path, user, "vids", pvClipVid).body)
	assert.Equal(s, nothing, s.pv("GET", path, user, "cataId", "999").body)
	assert.Equal(s, nothing, s.pv("GET", path, user, "cataId", "x").body)
	assert.Equal(s, sample, s.pv("GET", path, user, "cataId", "999,x,1458806129324").body)
	// "one group per category, empty ones left out"
	groups := s.pvGroups(user, "cataId", "1")
	seen := map[int64]bool{}
	var vids []string
	for _, g := range groups {
		assert.False(s, seen[g.Cataid], "one group per category")
		seen[g.Cataid] = true
		assert.NotEmpty(s, g.Videos)
		for _, v := range g.Videos {
			vids = append(vids, v.Vid)
			assert.True(s, strings.HasPrefix(v.Vid, user))
			assert.Regexp(s, `^\d\d:\d\d:\d\d$`, v.Duration)
			assert.Positive(s, v.Filesize1)
		}
	}
	byVids := s.pvGroups(user, "vids", strings.Join(vids, ","))
	assert.ElementsMatch(s, groups, byVids, "the same videos in the same groups")
	// "more than 500 vids: 400 vids exceed 500."
	long := strings.Repeat("x,", 499) + pvVid
	assert.Contains(s, s.pv("GET", path, user, "vids", long).body, pvVid, "500 are allowed")
	assert.Equal(s, pvError(400, "vids exceed 500."), s.pv("GET", path, user, "vids", "x,"+long).body)
}

// §2 row "category move", the page's note and sample, and "Each user has a category tree: …".
func pvCategories(s *sandbox) {
	const user, path = "8205ac89d3", "/cata/{u}/change"
	type category struct {
		Cataid int64
		Parent int64
		Name   string
	}
	tree := func() map[int64]category {
		out := map[int64]category{}
		walk(decode[any](s, s.admin("GET", "/state/polyv", "", 200)), func(m map[string]any) {
			if m["userid"] == user && m["categories"] != nil {
				for _, c := range m["categories"].([]any) {
					c := c.(map[string]any)
					id := int64(c["cataid"].(float64))
					out[id] = category{id, int64(c["parent"].(float64)), c["name"].(string)}
				}
			}
		})
		return out
	}
	cats := tree()
	assert.Equal(s, "视频分类(根目录)", cats[1].Name)
	assert.Equal(s, int64(1), cats[1458806129324].Parent)
	var child, parent, stranger int64
	for id, c := range cats {
		if c.Parent > 1 && cats[c.Parent].Parent == 1 {
			child, parent = id, c.Parent
		}
	}
	require.NotZero(s, child, "two levels deep")
	for id, c := range cats {
		if c.Parent == 1 && id != parent {
			stranger = max(stranger, id)
		}
	}
	assert.GreaterOrEqual(s, len(cats), 5, "at least three more")
	id := func(n int64) string { return strconv.FormatInt(n, 10) }
	move := func(a, b string) string {
		return s.pv("POST", path, user, "cataid", a, "destCataid", b).body
	}
	yes := `{"code":200,"status":"success","message":"success","data":true}`
	empty, malformed := pvError(400, "cataid为空."), pvError(402, "cataid格式出错.")
	equal, unknown, father := pvError(402, "两个cataid不能相同."), pvError(402, "cataid不存在."), pvError(402, "不能移动到自己的父亲节点.")
	for _, c := range []struct{ cite, a, b, want string }{
		{"either id empty", "", id(parent), empty},
		{"either id empty", "-", id(parent), empty},
		{"either id empty", id(child), "", empty},
		{"either id empty", id(child), "-", empty},
		{"both empty", "", "", empty},
		{"empty before malformed", "x", "", empty},
		{"empty before malformed", "", "x", empty},
		{"not a number", "x", id(parent), malformed},
		{"not a number", id(child), "x", malformed},
		{"not a number", "1.5", id(parent), malformed},
		{"not a number", id(child), "1e3", malformed},
		{"malformed before equal", "x", "x", malformed},
		{"equal", id(child), id(child), equal},
		{"equal before unknown", "999", "999", equal},
		{"equal", "1", "1", equal},
		{"unknown id", "999", id(parent), unknown},
		{"unknown id", id(child), "999", unknown},
		{"unknown id (before the parent check)", "999", "1", unknown},
		{"destination is its current parent", id(child), id(parent), father},
		{"destination is its current parent", id(parent), "1", father},
		{"its own descendant", id(parent), id(child), father},
		{"the root has only descendants", "1", id(child), father},
	} {
		assert.Equal(s, c.want, move(c.a, c.b), "%s: %s to %s", c.cite, c.a, c.b)
	}
	assert.Equal(s, cats, tree(), "nothing has moved")
	// "the tree really changes"
	before := s.pvGroups(user, "cataId", id(stranger))
	assert.Equal(s, yes, move(id(child), id(stranger)))
	assert.Equal(s, stranger, tree()[child].Parent)
	assert.Equal(s, father, move(id(child), id(stranger)), "a repeated move")
	assert.Greater(s, len(s.pvGroups(user, "cataId", id(stranger))), len(before), "size-by-category shows it")
	assert.Equal(s, father, move(id(stranger), id(child)), "a descendant now")
	assert.Equal(s, yes, move(id(child), id(parent)), "back")
	assert.Equal(s, cats, tree())
	assert.Equal(s, yes, s.pv("GET", path, user, "cataid", id(child), "destCataid", "1").body, "by GET, as the page's PHP sample sends it")
	// "the note's sign rule holds, the PHP sample's is wrong"
	sent := values{"ptime": ptime(today), "cataid": id(child), "destCataid": id(parent)}
	wrong := pvSign(values{"cataid": id(child), "ptime": ptime(today), "userid": user}, pvSecrets[user])
	got := s.do(request{url: "/polyv/v2/cata/8205ac89d3/change", query: sent.with("sign", wrong)})
	assert.Equal(s, pvError(400, "the sign is not right."), got.body)
	// Another user's category is unknown.
	foreign := s.pv("POST", path, "3828390191", "cataid", "1458806129324", "destCataid", "1").body
	assert.Equal(s, unknown, foreign)
}

// §2 row "exam log", and the page's sample; "Dates and days are Asia/Shanghai".
func pvExamLog(s *sandbox) {
	const user, path, vid = "8205ac89d3", "/video/{u}/video-exam-log", "8205ac89d31c8c74e462548a2edd7dff_8"
	ask := func(pairs ...string) string {
		return s.pv("GET", path, user, append([]string{"vids", vid}, pairs...)...).body
	}
	sample := `{"code":200,"status":"success","message":"success","data":[{"logid":27595105,"examId":"161d7dda0e4","userid":"8205ac89d3","videoPoolId":"8205ac89d31c8c74e462548a2edd7dff_8","question":"test(2)","answer":"[\"1\"]","isCorrect":0,"playId":"1519745038760X1487381","ipAddress":"61.144.145.7","province":"广东省","isp":"电信","operatingSystem":"Windows 7","browser":"Chrome","dateAdded":1519745103000}]}`
	nothing := `{"code":200,"status":"success","message":"success","data":[]}`
	assert.Equal(s, sample, ask())
	// 1519745103000 is 2018-02-27 23:25:03 in Shanghai.
	for _, c := range []struct{ start, end, want string }{
		{"2018-02-27", "2018-02-27", sample}, {"2018-02-27", "-", sample}, {"-", "2018-02-27", sample}, {"2018-02-26", "2018-02-28", sample}, {"", "", sample},
		{"2018-02-28", "-", nothing}, {"-", "2018-02-26", nothing}, {"2018-02-28", "2018-02-26", nothing}, {"2019-01-01", "2020-01-01", nothing},
	} {
		assert.Equal(s, c.want, ask("start", c.start, "end", c.end), "%v", c)
	}
	for _, bad := range []string{"x", "2018-2-27", "2018-13-01", "2018-02-30", "2018/02/27", "20180227", "2018-02-27 00:00:00", "2018-02", "1519745103000"} {
		assert.Equal(s, pvError(400, "日期格式错误."), ask("start", bad), bad)
		assert.Equal(s, pvError(400, "日期格式错误."), ask("end", bad), bad)
	}
	for _, vids := range []string{"", "-"} {
		assert.Equal(s, pvError(400, "请先选择目标视频."), ask("vids", vids))
		assert.Equal(s, pvError(400, "请先选择目标视频."), ask("vids", vids, "start", "x", "pageNum", "x"), "vids come first")
	}
	for _, bad := range []string{"0", "-1", "x", "1.5"} {
		assert.Equal(s, pvError(400, "pageNum is illegal."), ask("pageNum", bad))
	}
	assert.Equal(s, nothing, ask("pageNum", "2"), "beyond the end")
	assert.Equal(s, nothing, s.pv("GET", path, "efbb4ae8ac", "vids", vid, "start", "2012-02-01", "end", "2013-03-01", "pageNum", "1").body, "the page's PHP sample asks for another user's video")
	assert.Equal(s, nothing, ask("vids", "vid1,vid2"))

	// Pages of 20, newest first; days of Shanghai, start and end included.
	var vids []string
	for _, g := range s.pvGroups(user, "cataId", "1") {
		for _, v := range g.Videos {
			vids = append(vids, v.Vid)
		}
	}
	page := func(n int, pairs ...string) []map[string]any {
		body := s.pv("GET", path, user, append([]string{"vids", strings.Join(vids, ","), "pageNum", strconv.Itoa(n)}, pairs...)...).body
		return decode[struct{ Data []map[string]any }](s, body).Data
	}
	everything := func(pairs ...string) []map[string]any {
		var all []map[string]any
		for n := 1; ; n++ {
			got := page(n, pairs...)
			all = append(all, got...)
			if len(got) < 20 {
				return all
			}
			assert.Len(s, got, 20)
		}
	}
	all := everything()
	assert.Greater(s, len(all), 20, "enough to page")
	shanghai := time.FixedZone("", 8*3600)
	byDay, late, last := map[string]int{}, 0, float64(1<<60)
	for _, log := range all {
		at := log["dateAdded"].(float64)
		assert.LessOrEqual(s, at, last, "newest first")
		last = at
		day := time.UnixMilli(int64(at)).In(shanghai).Format(time.DateOnly)
		byDay[day]++
		if day != time.UnixMilli(int64(at)).UTC().Format(time.DateOnly) {
			late++
		}
		assert.IsType(s, "", log["answer"])
		decode[[]string](s, log["answer"].(string))
		assert.Contains(s, []any{0.0, 1.0}, log["isCorrect"])
	}
	require.NotZero(s, late, "a log between midnight in Shanghai and in Greenwich is needed here")
	for day, count := range byDay {
		assert.Len(s, everything("start", day, "end", day), count, day)
	}
}

// §2 row "clip", and the page's table.
func pvClip(s *sandbox) {
	const user, path = "3828390191", "/video/{u}/clip"
	groups := s.pvGroups(user, "vids", pvClipVid)
	require.Len(s, groups, 1)
	length, err := time.Parse("15:04:05", groups[0].Videos[0].Duration)
	require.NoError(s, err)
	duration := length.Hour()*3600 + length.Minute()*60 + length.Second()
	assert.GreaterOrEqual(s, duration, 236, "durations long enough for the clip sample (≥ 236 s)")
	frame := func(pairs ...int) string {
		var parts []string
		for i := 0; i < len(pairs); i += 2 {
			parts = append(parts, fmt.Sprintf(`{"start":%d,"end":%d}`, pairs[i], pairs[i+1]))
		}
		return "[" + strings.Join(parts, ",") + "]"
	}
	six := frame(0, 5, 10, 15, 20, 25, 30, 35, 40, 45, 50, 55)
	ask := func(vid, title, timeFrame string) string {
		got := s.pv("POST", path, user, "vid", vid, "title", title, "timeFrame", timeFrame)
		assert.Equal(s, 200, got.status)
		return got.body
	}
	for _, c := range []struct {
		cite, vid, title, frame string
		code                    int
		message                 string
	}{
		{"vid为空", "", "t", frame(1, 6), 410, "vid is blank."},
		{"vid为空", "-", "t", frame(1, 6), 410, "vid is blank."},
		{"410 → 411", "", "t", "", 410, "vid is blank."},
		{"410 → all", "", "", "x", 410, "vid is blank."},
		{"时间段为空", pvClipVid, "t", "", 411, "timeFrame is blank."},
		{"时间段为空", pvClipVid, "t", "-", 411, "timeFrame is blank."},
		{"411 → title", pvClipVid, "", "", 411, "timeFrame is blank."},
		{"411 → 412", "nope", "t", "", 411, "timeFrame is blank."},
		{"title blank (after 411)", pvClipVid, "", frame(1, 6), 400, "title is blank."},
		{"title blank (after 411)", pvClipVid, "-", frame(1, 6), 400, "title is blank."},
		{"title → 412", "nope", "", frame(1, 6), 400, "title is blank."},
		{"title → 413", pvClipVid, "", "x", 400, "title is blank."},
		{"vid不存在", "nope", "t", frame(1, 6), 412, "vid doesn't exist."},
		{"another user's vid", pvVid, "t", frame(1, 6), 412, "vid doesn't exist."},
		{"412 → 413", "nope", "t", "x", 412, "vid doesn't exist."},
		{"412 → 414", "nope", "t", six, 412, "vid doesn't exist."},
		{"non-object JSON", pvClipVid, "t", "x", 413, "illegal timeFrames."},
		{"non-object JSON", pvClipVid, "t", "1", 413, "illegal timeFrames."},
		{"non-object JSON", pvClipVid, "t", "null", 413, "illegal timeFrames."},
		{"non-object JSON", pvClipVid, "t", `{"start":1,"end":6}`, 413, "illegal timeFrames."},
		{"non-object JSON", pvClipVid, "t", `[1,6]`, 413, "illegal timeFrames."},
		{"non-object JSON", pvClipVid, "t", `[null]`, 413, "illegal timeFrames."},
		{"non-object JSON", pvClipVid, "t", `[[1,6]]`, 413, "illegal timeFrames."},
		{"non-object JSON", pvClipVid, "t", frame(1, 6) + "x", 413, "illegal timeFrames."},
		{"non-object JSON", pvClipVid, "t", frame(1, 6)[1:], 413, "illegal timeFrames."},
		{"empty list", pvClipVid, "t", "[]", 413, "illegal timeFrames."},
		{"non-integers", pvClipVid, "t", `[{}]`, 413, "illegal timeFrames."},
		{"non-integers", pvClipVid, "t", `[{"start":1}]`, 413, "illegal timeFrames."},
		{"non-integers", pvClipVid, "t", `[{"end":6}]`, 413, "illegal timeFrames."},
		{"non-integers", pvClipVid, "t", `[{"start":"1","end":"6"}]`, 413, "illegal timeFrames."},
		{"non-integers", pvClipVid, "t", `[{"start":1.5,"end":9}]`, 413, "illegal timeFrames."},
		{"non-integers", pvClipVid, "t", `[{"start":1,"end":true}]`, 413, "illegal timeFrames."},
		{"negatives", pvClipVid, "t", frame(-1, 6), 413, "illegal timeFrames."},
		{"negatives", pvClipVid, "t", frame(-9, -1), 413, "illegal timeFrames."},
		{"a bad one among good ones", pvClipVid, "t", `[{"start":1,"end":6},{"start":"x","end":9}]`, 413, "illegal timeFrames."},
		{"413 → 414", pvClipVid, "t", strings.Replace(six, `"start":50`, `"start":"50"`, 1), 413, "illegal timeFrames."},
		{"timeFrame时间段超过5段", pvClipVid, "t", six, 414, "timeFrames's size exceed 5."},
		{"414 → 415", pvClipVid, "t", strings.Replace(six, `"start":50,"end":55`, `"start":55,"end":50`, 1), 414, "timeFrames's size exceed 5."},
		{"414 → 417", pvClipVid, "t", strings.Replace(six, `"end":55`, `"end":99999`, 1), 414, "timeFrames's size exceed 5."},
		{"start > end 415", pvClipVid, "t", frame(6, 1), 415, "illegal timeFrames."},
		{"start > end 415", pvClipVid, "t", frame(6, 5), 415, "illegal timeFrames."},
		{"415 → 416", pvClipVid, "t", frame(1, 2, 20, 10), 415, "illegal timeFrames."},
		{"415 → 417", pvClipVid, "t", frame(99999, 1), 415, "illegal timeFrames."},
		{"shorter 416", pvClipVid, "t", frame(1, 5), 416, "illegal timeFrames."},
		{"shorter 416", pvClipVid, "t", frame(5, 5), 416, "illegal timeFrames."},
		{"416 → 417", pvClipVid, "t", frame(0, duration+1, 1, 2), 416, "illegal timeFrames."},
		{"416 → 417", pvClipVid, "t", frame(99998, 99999), 416, "illegal timeFrames."},
		{"结束时间超过视频的时长", pvClipVid, "t", frame(0, duration+1), 417, "illegal timeFrames."},
		{"结束时间超过视频的时长", pvClipVid, "t", frame(0, 10, 99990, 99999), 417, "illegal timeFrames."},
		{"numbers that do not fit", pvClipVid, "t", `[{"start":1,"end":99999999999999999999999}]`, 0, "illegal timeFrames."},
	} {
		got := ask(c.vid, c.title, c.frame)
		if c.code == 0 {
			assert.Contains(s, got, c.message, c.cite)
			continue
		}
		assert.Equal(s, pvError(c.code, c.message), got, "%s: %q %q %q", c.cite, c.vid, c.title, c.frame)
	}
	made := map[string]bool{}
	for _, good := range []struct {
		frame  string
		length int
	}{
		{frame(1, 6), 5}, {frame(0, 5), 5}, {frame(0, duration), duration}, {`[{"end":16,"start":10}]`, 6}, {` [ { "start" : 1 , "end" : 6 } ] `, 5},
		{`[{"end":12,"start":5},{"end":35,"start":20},{"end":82,"start":71},{"end":195,"start":111},{"end":236,"start":215}]`, 7 + 15 + 11 + 84 + 21},
	} {
		v := decode[struct{ Data string }](s, ask(pvClipVid, "剪辑", good.frame))
		// "vid = userid + 22 hex + _ + first character of userid"
		require.Regexp(s, `^3828390191[0-9a-f]{22}_3$`, v.Data, good.frame)
		assert.False(s, made[v.Data])
		made[v.Data] = true
		// "success creates a real new video"
		groups := s.pvGroups(user, "vids", v.Data)
		require.Len(s, groups, 1)
		assert.Equal(s, time.Unix(int64(good.length), 0).UTC().Format("15:04:05"), groups[0].Videos[0].Duration)
		assert.Regexp(s, `^\{"code":200,"status":"success","message":"success","data":[01]\}$`, s.pv("GET", "/video/{u}/authplay-status", user, "vid", v.Data).body)
	}
	for vid := range made {
		assert.Contains(s, s.pv("POST", path, user, "vid", vid, "title", "again", "timeFrame", frame(0, 5)).body, `"code":200`, "a clip of a clip")
	}
}

// §2 row "authplay status".
func pvAuthplay(s *sandbox) {
	const path = "/video/{u}/authplay-status"
	for _, vid := range []string{"", "-"} {
		assert.Equal(s, pvError(401, "vid为空."), s.pv("GET", path, "3828390191", "vid", vid).body)
	}
	for _, vid := range []string{"nope", pvVid, strings.ToUpper(pvClipVid)} {
		assert.Equal(s, pvError(403, "用户的视频下找不到该视频."), s.pv("GET", path, "3828390191", "vid", vid).body)
	}
	told := map[string]bool{}
	for user := range pvSecrets {
		for _, g := range s.pvGroups(user, "cataId", "1") {
			for _, v := range g.Videos {
				told[s.pv("GET", path, user, "vid", v.Vid).body] = true
			}
		}
	}
	assert.Equal(s, map[string]bool{
		`{"code":200,"status":"success","message":"success","data":0}`: true,
		`{"code":200,"status":"success","message":"success","data":1}`: true,
	}, told)
}

// §2 "every vid, task, danmu, category and log of the page's samples belongs to the user its id shows".
func pvObjects(s *sandbox) {
	for _, vid := range []string{
		"382839019131be68715e9455f8d0971a_3", "3828390191de2b3fd3467c36187aac08_3", "sl8da4jjbx1c8baed8a48212d735d905_s", "8205ac89d3d5c47690b01f2f08a4c91f_8",
		"8205ac89d30d552b2f188c94515f4db6_8", "8205ac89d31c8c74e462548a2edd7dff_8", "2d939377c23a37d2b0a2428006755627_2", "2d939377c23ebcfe8b4ff3dadcabfbbf_2",
	} {
		assert.Contains(s, s.pv("GET", "/video/{u}/authplay-status", vid[:10], "vid", vid).body, `"code":200`, vid)
		assert.Len(s, s.pvGroups(vid[:10], "vids", vid), 1, vid)
	}
	// "1 is the root …, and there are at least three more, two levels deep, with videos in them"
	users := 0
	walk(decode[any](s, s.admin("GET", "/state/polyv", "", 200)), func(m map[string]any) {
		categories, ok := m["categories"].([]any)
		if !ok {
			return
		}
		users++
		user := m["userid"].(string)
		filled := map[int64]bool{}
		for _, g := range s.pvGroups(user, "cataId", "1") {
			filled[g.Cataid] = true
		}
		parents, deep := map[float64]float64{}, false
		for _, c := range categories {
			c := c.(map[string]any)
			id := c["cataid"].(float64)
			parents[id] = c["parent"].(float64)
			if id == 1 {
				assert.Equal(s, "视频分类(根目录)", c["name"], user)
			} else {
				assert.True(s, filled[int64(id)], "%s: category %.0f has no videos", user, id)
			}
		}
		for _, parent := range parents {
			deep = deep || parent > 1
		}
		assert.GreaterOrEqual(s, len(categories), 4, user)
		assert.True(s, deep, "%s: two levels deep", user)
	})
	assert.Equal(s, len(pvSecrets), users)
}

// §2 "Other tenants start with one user and the same shapes under its own ids: videos, danmu, tasks, logs, categories enough to page".
func pvTenants(s *sandbox) {
	a, b := s.tenant(`{"id":"a"}`), s.tenant(`{"id":"b"}`)
	user, secret := a.Credentials["polyv"]["userid"], a.Credentials["polyv"]["secretkey"]
	assert.Regexp(s, `^[0-9a-z]{10}$`, user)
	assert.Regexp(s, `^[0-9A-Za-z]{10}$`, secret)
	assert.NotEqual(s, user, b.Credentials["polyv"]["userid"])
	ask := func(path string, pairs ...string) reply { return s.pvAs("/polyv", secret, "GET", path, user, pairs...) }
	assert.Greater(s, s.pvPage(ask("/danmu/{u}")).TotalItems, 20)
	assert.Greater(s, s.pvPage(ask("/video/grab/{u}/list")).TotalItems, 10)
	sizes := decode[struct{ Data []pvGroup }](s, ask("/video/{u}/getSizeByCata", "cataId", "1").body).Data
	assert.GreaterOrEqual(s, len(sizes), 4)
	var vids []string
	for _, g := range sizes {
		for _, v := range g.Videos {
			assert.Regexp(s, `^`+user+`[0-9a-f]{22}_`+user[:1]+`$`, v.Vid)
			vids = append(vids, v.Vid)
		}
	}
	logs := decode[struct{ Data []any }](s, ask("/video/{u}/video-exam-log", "vids", strings.Join(vids, ",")).body).Data
	assert.Len(s, logs, 20)
	for _, item := range s.pvPage(ask("/danmu/{u}", "numPerPage", "1000")).Contents {
		assert.Contains(s, vids, item["vid"])
	}
	// Nobody else's: users of other tenants are unknown where the URL names one.
	unknown := pvError(400, "Could not find user by userid.")
	assert.Equal(s, unknown, s.pvAs("/t/b/polyv", secret, "GET", "/danmu/{u}", user).body)
	assert.Equal(s, unknown, s.pvAs("/t/default/polyv", secret, "GET", "/danmu/{u}", user).body)
	assert.Equal(s, unknown, s.pvAs("/t/a/polyv", "kXmHMLeX6M", "GET", "/danmu/{u}", "8205ac89d3").body)
	assert.Contains(s, s.pvAs("/t/a/polyv", secret, "GET", "/danmu/{u}", user).body, `"code":200`)
	assert.Equal(s, pvError(403, "用户的视频下找不到该视频."), ask("/video/{u}/authplay-status", "vid", pvVid).body)
	v := values{"ptime": ptime(today)}
	v["sign"] = pvSign(v, secret)
	got := s.do(request{host: "a.polyv.localhost:7311", url: "/v2/danmu/" + user, query: v})
	assert.Contains(s, got.body, `"code":200`)
	got = s.do(request{host: "b.polyv.localhost", url: "/v2/danmu/" + user, query: v})
	assert.Equal(s, unknown, got.body)
}
