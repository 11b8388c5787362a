package polyv_test

import (
	"bytes"
	"fmt"
	"mime/multipart"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/mediasandbox/sandbox/fakes/polyv"
)

// phpFrames is the PHP sample's timeFrame: 7+15+11+84+21 = 138 seconds.
const phpFrames = `[{"end":12,"start":5},{"end":35,"start":20},{"end":82,"start":71},{"end":195,"start":111},{"end":236,"start":215}]`

// The page's PHP sample posts an array, which curl sends as multipart.
func TestClipPHPSample(t *testing.T) {
	c := open(t, userB)
	var body bytes.Buffer
	mw := multipart.NewWriter(&body)
	for name, v := range c.signed(args{"timeFrame": phpFrames, "title": "test", "vid": vidClip}) {
		require.NoError(t, mw.WriteField(name, v))
	}
	require.NoError(t, mw.Close())
	req := httptest.NewRequest("POST", "http://api.polyv.net/v2/video/"+userB+"/clip", &body)
	req.Header.Set("Content-Type", mw.FormDataContentType())
	r := c.SendHTTP(req)
	require.Equal(t, "clipped", r.Outcome, r.Body)
	vid := data[string](reply{t, r})
	assert.Regexp(t, "^3828390191[0-9a-f]{22}_3$", vid)
}

// A clip is a real video: it has a size, a switch, and can be clipped itself.
func TestClipMakesAVideo(t *testing.T) {
	c := open(t, userB)
	vid := data[string](c.must("clipped", "clip", args{"vid": vidAuth, "title": "新片段", "timeFrame": phpFrames}))
	source := data[[]group](c.must("sized", "videoSizes", args{"vids": vidAuth}))[0]
	made := data[[]group](c.must("sized", "videoSizes", args{"vids": vid}))[0]
	assert.Equal(t, source.Cataid, made.Cataid)
	assert.Equal(t, "00:02:18", made.Videos[0].Duration)
	assert.Equal(t, source.Videos[0].Filesize1*138/645, made.Videos[0].Filesize1)
	assert.Equal(t, source.Videos[0].Filesize2*138/645, made.Videos[0].Filesize2)
	assert.Equal(t, source.Videos[0].Filesize3*138/645, made.Videos[0].Filesize3)
	inCategory := data[[]group](c.must("sized", "videoSizes", args{"cataId": "1"}))[0].Videos
	assert.Equal(t, vid, inCategory[len(inCategory)-1].Vid)
	assert.Equal(t, 1, data[int](c.must("told", "authplayStatus", args{"vid": vid})), "the switch is the source's")

	again := data[string](c.must("clipped", "clip", args{"vid": vid, "title": "t", "timeFrame": `[{"start":133,"end":138}]`}))
	assert.NotEqual(t, vid, again)
	assert.Equal(t, "00:00:05", data[[]group](c.must("sized", "videoSizes", args{"vids": again}))[0].Videos[0].Duration)
	c.must("timeframe-beyond-end", "clip", args{"vid": vid, "title": "t", "timeFrame": `[{"start":133,"end":139}]`})
	as(c, userA).must("vid-unknown", "clip", args{"vid": vid, "title": "t", "timeFrame": phpFrames})
}

// Codes and texts in the documented order; vidClip lasts 312 seconds.
func TestClipRefusals(t *testing.T) {
	const f = "illegal timeFrames."
	c := open(t, userB)
	for _, row := range []struct {
		vid, title, frames string
		code               int
		message            string
	}{
		{"", "", "", 410, "vid is blank."},
		{" \t", "", "", 410, "vid is blank."},
		{"nothing", "", "", 411, "timeFrame is blank."},
		{"nothing", "", " ", 411, "timeFrame is blank."},
		{"nothing", "", "x", 400, "title is blank."},
		{"nothing", " ", "x", 400, "title is blank."},
		{"nothing", "t", "x", 412, "vid doesn't exist."},
		{vidExam, "t", phpFrames, 412, "vid doesn't exist."},
		{vidClip, "t", `x`, 413, f},
		{vidClip, "t", `[]`, 413, f},
		{vidClip, "t", `{}`, 413, f},
		{vidClip, "t", `{"start":1,"end":6}`, 413, f},
		{vidClip, "t", `null`, 413, f},
		{vidClip, "t", `"[]"`, 413, f},
		{vidClip, "t", `[null]`, 413, f},
		{vidClip, "t", `[1]`, 413, f},
		{vidClip, "t", `[[1,6]]`, 413, f},
		{vidClip, "t", `[{}]`, 413, f},
		{vidClip, "t", `[{"start":1}]`, 413, f},
		{vidClip, "t", `[{"START":1,"END":6}]`, 413, f},
		{vidClip, "t", `[{"start":"1","end":"6"}]`, 413, f},
		{vidClip, "t", `[{"start":1.5,"end":9}]`, 413, f},
		{vidClip, "t", `[{"start":1.0,"end":9}]`, 413, f},
		{vidClip, "t", `[{"start":1,"end":1e2}]`, 413, f},
		{vidClip, "t", `[{"start":-1,"end":9}]`, 413, f},
		{vidClip, "t", `[{"start":-99999999999999999999,"end":9}]`, 413, f},
		{vidClip, "t", `[{"start":true,"end":9}]`, 413, f},
		{vidClip, "t", `[{"start":1,"end":9}`, 413, f},
		{vidClip, "t", `[{"start":1,"end":9}]]`, 413, f},
		{vidClip, "t", `[{"start":1,"end":9}] x`, 413, f},
		{vidClip, "t", `[{"start":01,"end":9}]`, 413, f},
		{vidClip, "t", strings.Repeat("[", 20000), 413, f},
		{vidClip, "t", frames(6) + "x", 413, f},
		{vidClip, "t", strings.Replace(frames(6), "5}", "5.5}", 1), 413, f},
		{vidClip, "t", frames(6), 414, "timeFrames's size exceed 5."},
		{vidClip, "t", strings.Replace(frames(6), "[", `[{"start":9,"end":1},`, 1), 414, "timeFrames's size exceed 5."},
		{vidClip, "t", `[{"start":9,"end":8}]`, 415, f},
		{vidClip, "t", `[{"start":1,"end":2},{"start":9,"end":999},{"start":9,"end":8}]`, 415, f},
		{vidClip, "t", `[{"start":9,"end":9}]`, 416, f},
		{vidClip, "t", `[{"start":9,"end":13}]`, 416, f},
		{vidClip, "t", `[{"start":1,"end":999},{"start":9,"end":13}]`, 416, f},
		{vidClip, "t", `[{"start":307,"end":313}]`, 417, f},
		{vidClip, "t", `[{"start":1,"end":99999999999999999999}]`, 417, f},
		{vidClip, "t", `[{"start":99999999999999999998,"end":99999999999999999999}]`, 416, f},
	} {
		r := c.call("clip", args{"vid": row.vid, "title": row.title, "timeFrame": row.frames})
		assert.Equal(t, fmt.Sprintf(`{"code":%d,"status":"error","message":"%s","data":""}`, row.code, row.message), r.Body.String(), "%+v", row)
	}
}

func TestClipAccepts(t *testing.T) {
	c := open(t, userB)
	for in, duration := range map[string]string{
		`[{"start":0,"end":5}]`:                         "00:00:05", // exactly five seconds
		`[{"start":307,"end":312}]`:                     "00:00:05", // up to the very end
		`[{"start":0,"end":312}]`:                       "00:05:12",
		`[{"end":20,"start":10},{"start":0,"end":12}]`:  "00:00:22", // overlapping, out of order
		` [ {"start":-0,"end":6,"more":[1]} ] `:         "00:00:06",
		frames(5):                                       "00:00:25",
		`[{"start":1,"end":2,"start":0,"end":7}]`:       "00:00:07", // the last of two counts
		`[{"start":0,"end":312},{"start":0,"end":312}]`: "00:10:24",
		`[{"start":0,"end":312},{"start":0,"end":312},{"start":0,"end":312},{"start":0,"end":312},{"start":0,"end":312}]`: "00:26:00",
	} {
		vid := data[string](c.must("clipped", "clip", args{"vid": vidClip, "title": "t", "timeFrame": in}))
		assert.Equal(t, duration, data[[]group](c.must("sized", "videoSizes", args{"vids": vid}))[0].Videos[0].Duration, in)
	}
}

// frames are n stretches of exactly five seconds.
func frames(n int) string {
	out := make([]string, n)
	for i := range out {
		out[i] = fmt.Sprintf(`{"start":%d,"end":%d}`, i*10, i*10+5)
	}
	return "[" + strings.Join(out, ",") + "]"
}

// What a client can grow has an end: the length of a clip and the number of videos.
func TestClipBounds(t *testing.T) {
	c := open(t, userB)
	whole := func(seconds, n int) string {
		return "[" + strings.TrimSuffix(strings.Repeat(fmt.Sprintf(`{"start":0,"end":%d},`, seconds), n), ",") + "]"
	}
	vid, seconds := vidClip, 312
	for seconds*5 <= 86400 {
		vid = data[string](c.must("clipped", "clip", args{"vid": vid, "title": "t", "timeFrame": whole(seconds, 5)}))
		seconds *= 5
	}
	r := c.must("clip-too-long", "clip", args{"vid": vid, "title": "t", "timeFrame": whole(seconds, 5)})
	assert.Equal(t, `{"code":400,"status":"error","message":"clip exceeds 24 hours.","data":""}`, r.Body.String())

	have := 0
	c.with(func(w *polyv.World) {
		for _, u := range w.Users {
			if u.ID == userB {
				have = len(u.Videos)
			}
		}
		for i := have; i < 9999; i++ {
			require.NoError(t, w.AddVideo(userB, polyv.Video{Vid: fmt.Sprintf("%s%022x_3", userB, i), Category: 1, Seconds: 60}))
		}
	})
	c.must("clipped", "clip", args{"vid": vidClip, "title": "t", "timeFrame": frames(1)})
	r = c.must("videos-full", "clip", args{"vid": vidClip, "title": "t", "timeFrame": frames(1)})
	assert.Equal(t, `{"code":400,"status":"error","message":"videos exceed 10000.","data":""}`, r.Body.String())
	as(c, userA).must("clipped", "clip", args{"vid": vidExam, "title": "t", "timeFrame": frames(1)})
}

func TestClipKeepsABoundedTitle(t *testing.T) {
	c := open(t, userB)
	vid := data[string](c.must("clipped", "clip", args{"vid": vidClip, "title": strings.Repeat("题", 300) + "\xff", "timeFrame": frames(1)}))
	c.with(func(w *polyv.World) {
		for _, u := range w.Users {
			for _, v := range u.Videos {
				if v.Vid == vid {
					assert.Equal(t, strings.Repeat("题", 255), v.Title)
				}
			}
		}
	})
}
