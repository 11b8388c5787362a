package polyv_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/mediasandbox/sandbox/fakes/polyv"
)

type logItem struct {
	Logid       int64
	VideoPoolID string `json:"videoPoolId"`
	DateAdded   int64
}

func TestExamLogAnswersThePagesSample(t *testing.T) {
	c := open(t, userA)
	assert.Equal(t, `{"code":200,"status":"success","message":"success","data":[{"logid":27595105,"examId":"161d7dda0e4","userid":"8205ac89d3",`+
		`"videoPoolId":"8205ac89d31c8c74e462548a2edd7dff_8","question":"test(2)","answer":"[\"1\"]","isCorrect":0,"playId":"1519745038760X1487381",`+
		`"ipAddress":"61.144.145.7","province":"广东省","isp":"电信","operatingSystem":"Windows 7","browser":"Chrome","dateAdded":1519745103000}]}`,
		c.call("examLog", args{"vids": vidExam}).Body.String())
	php := as(c, userD).raw("/v2/video/"+userD+"/video-exam-log", args{"vids": vidExam, "pageNum": "1", "start": "2012-02-01", "end": "2013-03-01"})
	assert.Equal(t, `{"code":200,"status":"success","message":"success","data":[]}`, php.Body.String(), "the PHP sample asks for another user's video")
}

func TestExamLogRefusals(t *testing.T) {
	c := open(t, userA)
	for _, in := range []args{nil, {"vids": ""}, {"vids": "  "}, {"pageNum": "0", "start": "x"}} {
		assert.Equal(t, `{"code":400,"status":"error","message":"请先选择目标视频.","data":""}`, c.must("vids-empty", "examLog", in).Body.String())
	}
	for _, bad := range []string{"0", "-1", "x", "1.5"} {
		assert.Equal(t, `{"code":400,"status":"error","message":"pageNum is illegal.","data":""}`, c.must("pagenum-illegal", "examLog", args{"vids": vidExam, "pageNum": bad}).Body.String())
	}
	for _, bad := range []string{"2018-2-27", "20180227", "2018-02-30", "2018-13-01", "2018-00-10", "x", "2018-02-27 00:00:00", "2018/02/27", "2019-02-29", " 2018-02-27"} {
		for _, name := range []string{"start", "end"} {
			assert.Equal(t, `{"code":400,"status":"error","message":"日期格式错误.","data":""}`, c.must("date-malformed", "examLog", args{"vids": vidExam, name: bad}).Body.String(), bad)
		}
	}
	c.must("listed", "examLog", args{"vids": vidExam, "start": "2020-02-29", "end": ""})
}

// The sample's log was added 2018-02-27 23:25:03 in Shanghai; days end at its
// midnight, whatever the machine's time zone.
func TestExamLogDays(t *testing.T) {
	zone := time.FixedZone("", 8*3600)
	c := open(t, userA)
	c.with(func(w *polyv.World) {
		for i, at := range []time.Time{
			time.Date(2018, 2, 28, 0, 0, 0, 0, zone), time.Date(2018, 2, 28, 23, 59, 59, 999e6, zone), time.Date(2018, 3, 1, 0, 0, 0, 0, zone),
		} {
			_, err := w.AddExamLog(userA, polyv.ExamLog{ID: int64(i + 1), Vid: vidExam, Answer: "[]", Added: at.UnixMilli()})
			require.NoError(t, err)
		}
	})
	for _, row := range []struct {
		start, end string
		want       []int64
	}{
		{"", "", []int64{3, 2, 1, 27595105}},
		{"2018-02-27", "2018-02-27", []int64{27595105}},
		{"2018-02-28", "2018-02-28", []int64{2, 1}},
		{"2018-02-28", "", []int64{3, 2, 1}},
		{"", "2018-02-28", []int64{2, 1, 27595105}},
		{"2018-03-01", "2018-03-01", []int64{3}},
		{"2018-03-02", "", nil},
		{"", "2018-02-26", nil},
		{"2018-03-01", "2018-02-27", nil},
		{"0000-01-01", "9999-12-31", []int64{3, 2, 1, 27595105}},
		{"", "1960-01-01", nil},
	} {
		var got []int64
		for _, l := range data[[]logItem](c.must("listed", "examLog", args{"vids": vidExam, "start": row.start, "end": row.end})) {
			got = append(got, l.Logid)
		}
		assert.Equal(t, row.want, got, "%s to %s", row.start, row.end)
	}
}

// Several videos are merged newest first, 20 a page, each log once.
func TestExamLogPages(t *testing.T) {
	for _, c := range []*client{open(t, userB), other(t)} {
		var vids []string
		for _, g := range data[[]group](c.must("sized", "videoSizes", args{"cataId": allCategories(c)})) {
			for _, v := range g.Videos {
				vids = append(vids, v.Vid)
			}
		}
		list := strings.Join(vids, ",") + ",nothing, " + vids[0] + "," + vidExam
		seen := map[int64]bool{}
		last := int64(1 << 62)
		for n, want := range []int{20, 20, 20, 0, 0} {
			logs := data[[]logItem](c.must("listed", "examLog", args{"vids": list, "pageNum": fmt.Sprint(n + 1)}))
			assert.Len(t, logs, want)
			for _, l := range logs {
				assert.False(t, seen[l.Logid])
				seen[l.Logid] = true
				assert.Less(t, l.DateAdded, last)
				last = l.DateAdded
			}
		}
		assert.Len(t, seen, 60)
		assert.Equal(t, "[]", string(data[rawJSON](c.must("listed", "examLog", args{"vids": list, "pageNum": "2147483647"}))))
	}
}

type rawJSON []byte

func (r *rawJSON) UnmarshalJSON(b []byte) error { *r = append(rawJSON(nil), b...); return nil }

func allCategories(c *client) string {
	var ids []string
	c.with(func(w *polyv.World) {
		for _, u := range w.Users {
			if u.ID == c.user.ID {
				for _, cat := range u.Categories {
					ids = append(ids, fmt.Sprint(cat.ID))
				}
			}
		}
	})
	return strings.Join(ids, ",")
}

func TestAddExamLogRefuses(t *testing.T) {
	c := open(t, userA)
	c.with(func(w *polyv.World) {
		for _, bad := range []polyv.ExamLog{
			{ID: 27595105, Vid: vidExam, Answer: "[]"}, {Vid: vidClip, Answer: "[]"}, {Vid: vidExam, Answer: `["1"`},
			{Vid: vidExam, Answer: `{}`}, {Vid: vidExam, Answer: "null"}, {Vid: vidExam, Answer: "[]", Added: -1}, {ID: -4, Vid: vidExam, Answer: "[]"},
		} {
			_, err := w.AddExamLog(userA, bad)
			assert.Error(t, err, "%+v", bad)
		}
		_, err := w.AddExamLog("nobody", polyv.ExamLog{})
		require.Error(t, err)
	})
}
