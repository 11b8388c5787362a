package polyv_test

import (
	"fmt"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/mediasandbox/sandbox/fakes/fakestest"
	"github.com/mediasandbox/sandbox/fakes/polyv"
)

func TestConformance(t *testing.T) {
	fakestest.Run(t, polyv.API(), fakestest.Suite{Args: map[string]map[string]string{
		"videoSizes": {"vids": vidSized1}, // vids or cataId, neither is required alone
	}})
}

// The five common errors belong to all ten operations, and come in this order.
func TestCommonErrorsInOrder(t *testing.T) {
	c := open(t, userA)
	const unknown = "ffffffffff"
	send := func(op, userid string, q url.Values) fakestest.Reply {
		path := strings.ReplaceAll(c.Doc.Operation(op).Path, "{userid}", userid)
		return c.SendHTTP(httptest.NewRequest(c.Doc.Operation(op).Method, "http://x/polyv"+path+"?"+q.Encode(), nil))
	}
	now := c.tenant.Clock.Now()
	ms := func(d time.Duration) string { return fmt.Sprint(now.Add(d).UnixMilli()) }
	for _, op := range c.Doc.Operations {
		for _, row := range []struct {
			userid, ptime, sign, want, message string
		}{
			{unknown, "bad", "", "sign-missing", "sign can not be empty."},
			{unknown, "", "X", "ptime-illegal", "ptime is illegal."},
			{unknown, "bad", "X", "ptime-illegal", "ptime is illegal."},
			{unknown, ms(3*time.Minute + time.Millisecond), "X", "ptime-illegal", "ptime is illegal."},
			{unknown, ms(-3*time.Minute - time.Millisecond), "X", "ptime-too-old", "ptime is too old."},
			{unknown, ms(-3 * time.Minute), "X", "user-unknown", "Could not find user by userid."},
			{userA, ms(3 * time.Minute), "X", "sign-wrong", "the sign is not right."},
		} {
			r := send(op.ID, row.userid, url.Values{"ptime": {row.ptime}, "sign": {row.sign}})
			assert.Equal(t, row.want, r.Outcome, "%s %+v", op.ID, row)
			assert.Equal(t, `{"code":400,"status":"error","message":"`+row.message+`","data":""}`, r.Body.String())
			assert.Equal(t, 200, r.Code)
			assert.Equal(t, "application/json;charset=UTF-8", r.Header().Get("Content-Type"))
		}
	}
}

func TestLowerCaseSignIsWrong(t *testing.T) {
	c := open(t, userA)
	p := c.signed(args{"vid": vidExam})
	q := url.Values{"ptime": {p["ptime"]}, "vid": {vidExam}, "sign": {strings.ToLower(p["sign"])}}
	r := c.SendHTTP(httptest.NewRequest("GET", "http://x/polyv/v2/video/"+userA+"/authplay-status?"+q.Encode(), nil))
	assert.Equal(t, "sign-wrong", r.Outcome)
}

// Unknown names are part of the sign, and so are format, jsonp and requestId.
func TestEveryParameterIsSigned(t *testing.T) {
	c := open(t, userB)
	path := "/v2/video/" + userB + "/authplay-status"
	extra := args{"vid": vidAuth, "format": "json", "requestId": "r 1", "名": "值", "empty": ""}
	assert.Equal(t, "told", c.raw(path, extra).Outcome)
	p := c.signed(args{"vid": vidAuth})
	q := url.Values{"ptime": {p["ptime"]}, "vid": {vidAuth}, "sign": {p["sign"]}, "format": {"json"}}
	r := c.SendHTTP(httptest.NewRequest("GET", "http://x/polyv"+path+"?"+q.Encode(), nil))
	assert.Equal(t, "sign-wrong", r.Outcome, "a parameter that was not signed")
}

func TestJsonp(t *testing.T) {
	c := open(t, userB)
	path := "/v2/video/" + userB + "/authplay-status"
	const plain = `{"code":200,"status":"success","message":"success","data":1}`
	for _, row := range []struct{ jsonp, body, ctype string }{
		{"cb", "cb(" + plain + ")", "application/javascript"},
		{"a.b_1.$c", "a.b_1.$c(" + plain + ")", "application/javascript"},
		{"", plain, "application/json;charset=UTF-8"},
		{"alert(1)//", plain, "application/json;charset=UTF-8"},
		{"a b", plain, "application/json;charset=UTF-8"},
		{"回调", plain, "application/json;charset=UTF-8"},
		{"<script>", plain, "application/json;charset=UTF-8"},
	} {
		r := c.raw(path, args{"vid": vidAuth, "jsonp": row.jsonp})
		assert.Equal(t, row.body, r.Body.String(), row.jsonp)
		assert.Equal(t, row.ctype, r.Header().Get("Content-Type"), row.jsonp)
	}
	r := c.raw(path, args{"vid": "nope", "jsonp": "cb"})
	assert.Equal(t, `{"code":403,"status":"error","message":"用户的视频下找不到该视频.","data":""}`, r.Body.String())
	assert.Equal(t, "application/json;charset=UTF-8", r.Header().Get("Content-Type"), "errors are never wrapped")
	p := c.signed(args{"vid": vidAuth})
	q := url.Values{"ptime": {p["ptime"]}, "vid": {vidAuth}, "sign": {p["sign"]}, "jsonp": {"cb"}}
	unsigned := c.SendHTTP(httptest.NewRequest("GET", "http://x/polyv"+path+"?"+q.Encode(), nil))
	assert.Equal(t, "sign-wrong", unsigned.Outcome, "jsonp is part of the sign")
}

func TestHTTPStatusSetting(t *testing.T) {
	for setting, want := range map[string][2]int{"200": {200, 200}, "code": {400, 412}} {
		c := open(t, userA, fakestest.With("polyv", "http-status", setting))
		assert.Equal(t, want[0], c.must("numperpage-illegal", "danmuList", args{"numPerPage": "0"}).Code)
		assert.Equal(t, want[1], c.must("vid-unknown", "clip", args{"vid": "x", "title": "t", "timeFrame": "[]"}).Code)
		assert.Equal(t, 200, c.must("listed", "danmuList", nil).Code)
		r := c.SendHTTP(httptest.NewRequest("DELETE", "http://x/polyv/v2/danmu/"+userA, nil))
		assert.Equal(t, 405, r.Code)
		assert.Equal(t, `{"code":405,"status":"error","message":"Method Not Allowed.","data":""}`, r.Body.String())
		r = c.SendHTTP(httptest.NewRequest("GET", "http://x/polyv/v2/nothing", nil))
		assert.Equal(t, 404, r.Code)
		assert.Equal(t, `{"code":404,"status":"error","message":"Not Found.","data":""}`, r.Body.String())
	}
}

// POST operations answer GET, GET operations do not answer POST (CONTRACTS section 2).
func TestMethods(t *testing.T) {
	c := open(t, userA)
	for id, post := range map[string]bool{
		"danmuDelete": true, "grabDelete": true, "cataChange": true, "clip": true,
		"danmuList": false, "grabExport": false, "grabList": false, "videoSizes": false, "examLog": false, "authplayStatus": false,
	} {
		op := c.Doc.Operation(id)
		path := "http://x/polyv" + strings.ReplaceAll(op.Path, "{userid}", userA)
		for method, ok := range map[string]bool{"GET": true, "POST": post, "PUT": false, "DELETE": false, "PATCH": false} {
			r := c.SendHTTP(httptest.NewRequest(method, path, nil))
			want := "method-not-allowed"
			if ok {
				want = "sign-missing"
			}
			assert.Equal(t, want, r.Outcome, "%s %s", method, id)
		}
	}
}

// authplay-status's window is a setting; elsewhere it stays three minutes.
func TestAuthplayWindow(t *testing.T) {
	c := open(t, userB, fakestest.With("polyv", "authplay-window", "30m"))
	at := func(d time.Duration) string { return fmt.Sprint(c.tenant.Clock.Now().Add(d).UnixMilli()) }
	path := "/v2/video/" + userB + "/authplay-status"
	assert.Equal(t, "told", c.raw(path, args{"vid": vidAuth, "ptime": at(-30 * time.Minute)}).Outcome)
	assert.Equal(t, "ptime-too-old", c.raw(path, args{"vid": vidAuth, "ptime": at(-30*time.Minute - time.Millisecond)}).Outcome)
	assert.Equal(t, "ptime-too-old", c.raw("/v2/danmu/"+userB, args{"ptime": at(-4 * time.Minute)}).Outcome)
	c = open(t, userB)
	assert.Equal(t, "ptime-too-old", c.raw(path, args{"vid": vidAuth, "ptime": at(-3*time.Minute - time.Millisecond)}).Outcome)
}

// The texts of what only forcing reaches, byte for byte.
func TestForcedTexts(t *testing.T) {
	doc := open(t, userA).Doc
	for _, row := range []struct{ op, outcome, body string }{
		{"danmuDelete", "internal-error", `{"code":500,"status":"error","message":"query failed.","data":""}`},
		{"danmuList", "internal-error", `{"code":500,"status":"error","message":"query failed.","data":""}`},
		{"examLog", "internal-error", `{"code":500,"status":"error","message":"查询出错.","data":""}`},
		{"authplayStatus", "internal-error", `{"code":500,"status":"error","message":"获取失败,请查看后台日志.","data":""}`},
		{"clip", "internal-error", `{"code":500,"status":"error","message":"save clip task failed.","data":""}`},
		{"clip", "clip-failed-418", `{"code":418,"status":"error","message":"inital clip task filed.","data":""}`},
		{"clip", "clip-failed-419", `{"code":419,"status":"error","message":"inital clip task filed.","data":""}`},
	} {
		o := doc.Operation(row.op).Outcome(row.outcome)
		require.NotNil(t, o, "%s %s", row.op, row.outcome)
		assert.Equal(t, row.body, o.Example)
		assert.True(t, o.Forced)
		assert.Equal(t, "documented", o.Source)
	}
}
