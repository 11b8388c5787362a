package qulive_test

import (
	"fmt"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/mediasandbox/sandbox/fakes/qulive"
)

var allRows = args{"pageIndex": "1", "pageSize": "100"}

func TestPublish(t *testing.T) {
	b := bench(t)
	id, token := visitor(t, b)
	r := as(b, token, "videoPublish", args{
		"videoId": "v 1", "coverUrl": "https://example.com/a?b=1&c=<2>", "title": "标题", "description": "D", "duration": "12.5",
		"size": "56", "tags": "a,b", "cateId": "12", "cateName": "twelve",
	})
	require.Equal(t, "published", r.Outcome)
	e := open(t, r)
	assert.Nil(t, e.Message)
	assert.Equal(t, "{}", string(e.Data))
	v := newest(t, b, token)
	assert.Equal(t, "26", v.ID, "ids go on after the page's")
	assert.Equal(t, "v 1", v.VideoID)
	assert.Equal(t, "标题", v.Title)
	assert.Equal(t, "D", v.Description)
	assert.InDelta(t, 12.5, v.Duration, 0)
	assert.Equal(t, "https://example.com/a?b=1&c=<2>", v.CoverURL)
	assert.Equal(t, "2026-03-18 20:00:00.0", v.CreationTime)
	assert.EqualValues(t, 56, v.Size)
	assert.EqualValues(t, 12, v.CateID)
	assert.Equal(t, "twelve", v.CateName)
	assert.Equal(t, "a,b", v.Tags)
	assert.Equal(t, id, v.User.UserID)
	assert.Equal(t, []string{"", "", "onCensor", ""}, []string{v.TranscodeStatus, v.SnapshotStatus, v.CensorStatus, v.NarrowTranscodeStatus})
	assert.Empty(t, v.FirstFrameURL+v.ShareURL+v.Status)
}

func TestPublishRefusals(t *testing.T) {
	b := bench(t)
	up := authorise(t, b)
	for _, c := range []struct {
		a                args
		outcome, message string
	}{
		{args{"coverUrl": "c"}, "video-id-missing", "videoId为必填项"},
		{args{"videoId": "n"}, "cover-url-missing", "coverUrl为必填项"},
		{args{}, "video-id-missing", "videoId为必填项"},
		{args{"videoId": "23rfewc23", "coverUrl": "c"}, "already-published", "该视频已经发布，无法重复发布！"},
		{args{"videoId": "febc0388fab9491d8199bdad1958b756", "coverUrl": "c"}, "already-published", "该视频已经发布，无法重复发布！"}, // recommended
		{args{"videoId": "n", "coverUrl": strings.Repeat("c", 4097)}, "limit-reached", "业务异常：超过沙箱的上限"},
	} {
		r := b.Call("videoPublish", c.a)
		assert.Equal(t, c.outcome, r.Outcome)
		e := open(t, r)
		assert.Equal(t, "false", e.Result)
		assert.Equal(t, "500", e.Code)
		assert.Equal(t, c.message, *e.Message)
		assert.Equal(t, "null", string(e.Data))
	}
	assert.Equal(t, 7, personal(t, b, ownToken(b), allRows).Total, "nothing was added")
	publish(t, b, ownToken(b), up.VideoID)
	assert.Equal(t, "already-published", b.Call("videoPublish", args{"videoId": up.VideoID, "coverUrl": "c"}).Outcome)
	_, other := visitor(t, b)
	assert.Equal(t, "already-published", as(b, other, "videoPublish", args{"videoId": up.VideoID, "coverUrl": "c"}).Outcome)
}

// The page's samples, as far as they are printed.
// The page's upload is published once, under either spelling of its id.
func TestPublishMasked(t *testing.T) {
	const masked, whole = "034813ff97984171a57aefe71c84****", "034813ff97984171a57aefe71c84b5e1"
	for _, ids := range [][2]string{{masked, whole}, {whole, masked}} {
		b := bench(t)
		publish(t, b, ownToken(b), ids[0])
		assert.Equal(t, whole, newest(t, b, ownToken(b)).VideoID)
		for _, id := range ids {
			assert.Equal(t, "already-published", as(b, ownToken(b), "videoPublish", args{"videoId": id, "coverUrl": "c"}).Outcome)
		}
		require.Equal(t, "deleted", as(b, ownToken(b), "deleteVideoById", args{"videoId": ids[1]}).Outcome)
		publish(t, b, ownToken(b), ids[0])
	}
}

func TestPersonalSample(t *testing.T) {
	b := bench(t)
	r := b.Call("getPersonalVideoList", args{"pageIndex": "1", "pageSize": "1"})
	var p page
	data(t, r, &p)
	assert.Equal(t, 7, p.Total)
	require.Len(t, p.VideoList, 1)
	v := p.VideoList[0]
	assert.Equal(t, "25", v.ID)
	assert.Equal(t, "23rfewc23", v.VideoID)
	assert.Equal(t, "test video", v.Title)
	assert.Equal(t, "2019-01-09 22:11:29.0", v.CreationTime)
	assert.Equal(t, "onCensor", v.CensorStatus)
	assert.Equal(t, demoID, v.User.UserID)
	assert.Equal(t, "xx", v.User.UserName)
	assert.Nil(t, v.FileURL)
	list := open(t, r).Data
	assert.Equal(t, []string{"total", "videoList"}, keysOf(t, list))
	row := list[strings.Index(string(list), "[")+1 : len(list)-2]
	assert.Equal(t, strings.Fields("id videoId title description duration coverUrl creationTime status firstFrameUrl size cateId cateName tags "+
		"shareUrl user transcodeStatus snapshotStatus censorStatus narrowTranscodeStatus"), keysOf(t, row))
}

func TestRecommendedSample(t *testing.T) {
	b := bench(t)
	r := b.Call("getRecommendVideoList", args{"pageIndex": "1", "pageSize": "2"})
	var p page
	data(t, r, &p)
	assert.Equal(t, 59, p.Total)
	assert.Equal(t, []string{"110", "109"}, ids(p))
	v := p.VideoList[0]
	assert.Equal(t, "Hot Air Balloon", v.Title)
	assert.InDelta(t, 7, v.Duration, 0)
	assert.EqualValues(t, 389938, v.Size)
	assert.Equal(t, "Recommended List", v.CateName)
	assert.Equal(t, "1", v.Status)
	assert.Empty(t, v.CreationTime)
	assert.Equal(t, demoID, v.User.UserID)
	assert.Empty(t, v.User.UserName+v.User.AvatarURL)
	assert.Equal(t, "febc0388fab9491d8199bdad1958b756", p.VideoList[1].VideoID)
	for _, v := range p.VideoList {
		for _, u := range []string{v.CoverURL, v.FirstFrameURL, *v.FileURL} {
			assert.Equal(t, 200, b.SendHTTP(httptest.NewRequest("GET", u, nil)).Code, u)
		}
	}
	list := open(t, r).Data
	row := list[strings.Index(string(list), "[")+1:]
	keys := keysOf(t, row)
	assert.Equal(t, []string{"narrowTranscodeStatus", "fileUrl"}, keys[18:20])
}

func TestPages(t *testing.T) {
	b := bench(t)
	_, token := visitor(t, b)
	for i := range 7 {
		publish(t, b, token, fmt.Sprintf("p%d", i))
	}
	for _, c := range []struct {
		index, size, id string
		want            string
	}{
		{"1", "3", "", "32 31 30"},
		{"2", "3", "", "29 28 27"},
		{"3", "3", "", "26"},
		{"4", "3", "", ""},
		{"0", "3", "", ""},
		{"-1", "3", "", ""},
		{"1", "0", "", ""},
		{"1", "-1", "", ""},
		{"1", "7", "", "32 31 30 29 28 27 26"},
		{"1", "8", "", "32 31 30 29 28 27 26"},
		{"1", "3", "30", "29 28 27"},
		{"2", "3", "30", "26"},
		{"1", "3", "33", "32 31 30"},
		{"1", "3", "26", ""},
		{"1", "3", "27", "26"},
		{"1", "3", "0", ""},
		{"1", "3", "-5", ""},
		{"2147483647", "2147483647", "", ""},
		{"1", "2147483647", "2147483647", "32 31 30 29 28 27 26"},
	} {
		p := personal(t, b, token, args{"pageIndex": c.index, "pageSize": c.size, "id": c.id})
		assert.Equal(t, c.want, strings.Join(ids(p), " "), c)
		assert.Equal(t, 7, p.Total, "the total ignores the cursor")
	}
}

func TestCursorWalksAll(t *testing.T) {
	b := bench(t)
	seen := map[string]bool{}
	cursor := ""
	for {
		var p page
		data(t, b.Call("getRecommendVideoList", args{"pageIndex": "1", "pageSize": "10", "id": cursor}), &p)
		if len(p.VideoList) == 0 {
			break
		}
		for _, v := range p.VideoList {
			require.False(t, seen[v.ID], "no row twice, so that this ends")
			seen[v.ID] = true
			cursor = v.ID
		}
	}
	assert.Len(t, seen, 59)
}

func TestNumbers(t *testing.T) {
	const missing = "Optional int parameter '%s' is present but cannot be translated into a null value due to being declared as a primitive type. Consider declaring it as object wrapper for the corresponding primitive type."
	malformed := func(typ, text string) string {
		return "Failed to convert value of type 'java.lang.String' to required type '" + typ + "'; nested exception is java.lang.NumberFormatException: For input string: \"" + text + "\""
	}
	for _, c := range []struct {
		op      string
		a       args
		status  int
		message string
	}{
		{"getPersonalVideoList", args{"pageSize": "3"}, 500, fmt.Sprintf(missing, "pageIndex")},
		{"getPersonalVideoList", args{"pageIndex": "", "pageSize": "3"}, 400, malformed("int", "")}, // an int is not to be had from nothing
		{"getPersonalVideoList", args{"pageIndex": "", "pageSize": "y"}, 400, malformed("int", "")},
		{"getPersonalVideoList", args{"pageIndex": "1", "pageSize": "", "id": ""}, 400, malformed("int", "")}, // an Integer is
		{"getPersonalVideoList", args{"pageIndex": "1"}, 500, fmt.Sprintf(missing, "pageSize")},
		{"getRecommendVideoList", args{}, 500, fmt.Sprintf(missing, "pageIndex")},
		{"getRecommendVideoList", args{"pageIndex": "abc", "pageSize": "3"}, 400, malformed("int", "abc")},
		{"getRecommendVideoList", args{"pageIndex": "1", "pageSize": "1.5"}, 400, malformed("int", "1.5")},
		{"getRecommendVideoList", args{"pageIndex": "2147483648", "pageSize": "3"}, 400, malformed("int", "2147483648")},
		{"getRecommendVideoList", args{"pageIndex": "x", "pageSize": "y"}, 400, malformed("int", "x")},
		{"getRecommendVideoList", args{"pageIndex": "x"}, 400, malformed("int", "x")},
		{"getPersonalVideoList", args{"pageIndex": "1", "pageSize": "3", "id": `a"b`}, 400, malformed("java.lang.Integer", `a"b`)},
		{"vodGetVideoUploadAuth", args{"title": "t", "fileName": "f.mp4", "fileSize": "big"}, 400, malformed("java.lang.Long", "big")},
		{"vodGetVideoUploadAuth", args{"fileSize": "big"}, 400, malformed("java.lang.Long", "big")},
		{"videoPublish", args{"size": "big"}, 400, malformed("java.lang.Integer", "big")},
		{"videoPublish", args{"videoId": "v", "coverUrl": "c", "duration": "long"}, 400, malformed("java.lang.Float", "long")},
		{"videoPublish", args{"videoId": "v", "coverUrl": "c", "cateId": "汉"}, 400, malformed("java.lang.Integer", "汉")},
	} {
		b := bench(t)
		r := b.Call(c.op, c.a)
		assert.Equal(t, c.status, r.Code, c)
		e := spring(t, r)
		assert.Equal(t, c.message, e.Message)
		assert.Equal(t, c.status, e.Status)
		assert.Equal(t, b.Doc.Operation(c.op).Path, e.Path)
		assert.EqualValues(t, 1773835200000, e.Timestamp)
		if c.status == 500 {
			assert.Equal(t, "java.lang.IllegalStateException", e.Exception)
			assert.Equal(t, "Internal Server Error", e.Error)
		} else {
			assert.Equal(t, "org.springframework.web.method.annotation.MethodArgumentTypeMismatchException", e.Exception)
			assert.Equal(t, "Bad Request", e.Error)
		}
	}
}

func TestDelete(t *testing.T) {
	b := bench(t)
	id, token := visitor(t, b)
	_, other := visitor(t, b)
	publish(t, b, token, "mine")
	world(t, b, func(w *qulive.World) { require.NoError(t, w.Recommend("mine")) })
	refused := func(token string, a args) {
		t.Helper()
		r := as(b, token, "deleteVideoById", a)
		assert.Equal(t, "not-owner", r.Outcome)
		e := open(t, r)
		assert.Equal(t, "true", e.Result, "as observed")
		assert.Equal(t, "403", e.Code)
		assert.Equal(t, "删除视频，权限不足", *e.Message)
		assert.Equal(t, "null", string(e.Data))
	}
	refused(other, args{"videoId": "mine", "userId": id})
	refused(other, args{"videoId": "mine"})
	refused(token, args{"videoId": "mine", "userId": demoID})
	refused(token, args{"videoId": "23rfewc23", "userId": id})
	refused(token, args{"videoId": "febc0388fab9491d8199bdad1958b756", "userId": id})
	require.Equal(t, 1, personal(t, b, token, allRows).Total)
	r := as(b, token, "deleteVideoById", args{"videoId": "mine", "userId": id})
	assert.Equal(t, "deleted", r.Outcome)
	assert.Equal(t, "Deletion complete", *open(t, r).Message)
	assert.Equal(t, "null", string(open(t, r).Data))
	assert.Equal(t, 0, personal(t, b, token, allRows).Total)
	var rec page
	data(t, b.Call("getRecommendVideoList", allRows), &rec)
	assert.Equal(t, 59, rec.Total)
	for _, videoID := range []string{"mine", "unknown", ""} {
		for _, user := range []string{id, demoID, ""} {
			assert.Equal(t, "deleted", as(b, token, "deleteVideoById", args{"videoId": videoID, "userId": user}).Outcome)
		}
	}
	publish(t, b, token, "unnamed")
	assert.Equal(t, "deleted", as(b, token, "deleteVideoById", args{"videoId": "unnamed"}).Outcome, "the video says whose it is")
	assert.Equal(t, "video-not-found", b.Call("demoGetVideoPlayAuth", args{"videoId": "mine"}).Outcome)
	publish(t, b, token, "mine")
	assert.Equal(t, "28", newest(t, b, token).ID, "the id is new")
}

func TestDeletedVideosHaveNoUpload(t *testing.T) {
	b := bench(t)
	up := authorise(t, b)
	drop := args{"videoId": up.VideoID, "userId": demoID}
	require.Equal(t, "deleted", b.Call("deleteVideoById", drop).Outcome)
	assert.Equal(t, "upload-refreshed", b.Call("demoRefreshVideoUploadAuth", drop).Outcome, "it was not published: nothing to delete")
	publish(t, b, ownToken(b), up.VideoID)
	require.Equal(t, "deleted", b.Call("deleteVideoById", drop).Outcome)
	assert.Equal(t, "video-not-found", b.Call("demoRefreshVideoUploadAuth", drop).Outcome)
}

func TestVerbsAndPaths(t *testing.T) {
	b := bench(t)
	for _, op := range b.Doc.Operations {
		method := "PUT"
		if op.Method == "GET" && len(op.Methods) == 1 {
			method = "POST"
		}
		r := b.Request(op.ID, nil)
		r.Method = method
		reply := b.Send(r)
		require.Equal(t, 405, reply.Code, op.ID)
		e := spring(t, reply)
		assert.Equal(t, "Request method '"+method+"' not supported", e.Message, "before the token's check")
		assert.Equal(t, "org.springframework.web.HttpRequestMethodNotSupportedException", e.Exception)
		assert.Equal(t, "Method Not Allowed", e.Error)
		assert.Equal(t, op.Path, e.Path)
	}
	reply := b.SendHTTP(httptest.NewRequest("GET", "/qulive/vod/nothing?token=x", nil))
	assert.Equal(t, 404, reply.Code)
	assert.Equal(t, fmt.Sprintf(`{"timestamp":%d,"status":404,"error":"Not Found","message":"No message available","path":"/vod/nothing"}`, 1773835200000), reply.Body.String())
	assert.Equal(t, "application/json;charset=UTF-8", reply.Header().Get("Content-Type"))
}

func TestVendorHost(t *testing.T) {
	b := bench(t)
	req := httptest.NewRequest("GET", "https://alivc-demo.aliyuncs.com/vod/getSts?token="+ownToken(b), nil)
	assert.Equal(t, "sts-issued", b.SendHTTP(req).Outcome)
}
