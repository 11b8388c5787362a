package control_test

import (
	"encoding/json"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/mediasandbox/sandbox/fakes"
)

// polyvWorld is what is looked at of Polyv's state.
type polyvWorld struct {
	Users []struct {
		Userid string
		Videos []struct {
			Vid, Title     string
			Cataid         int64
			Seconds        int64
			Sizes          []int64
			Authplay       bool
			PlayerSettings any
		}
		Categories []struct {
			Cataid, Parent int64
			Name           string
		}
		Danmu []struct {
			ID, At, Timestamp             int64
			Vid, Msg                      string
			Fontsize, Fontmode, Fontcolor string
		}
		Tasks []struct {
			Taskid, Originalname, File string
			Rows                       []struct{ Vid, File string }
			Createtime                 int64
			Endtime                    *int64
		} `json:"grab_tasks"`
		Logs []struct {
			Logid, Added int64
			Answer       string
			Correct      bool
		} `json:"exam_logs"`
	}
}

func TestPolyv(t *testing.T) {
	s := sandbox(t)
	bob := s.Frozen("bob")
	userid := bob.Credentials["polyv"]["userid"]
	now := noon.UnixMilli()
	number := func(path, body, key string) int64 {
		out := map[string]json.Number{}
		reply := post(s, "bob", "polyv/"+path, body)
		require.Equal(t, 201, reply.Status, reply.Body)
		reply.OK(&out)
		n, err := out[key].Int64()
		require.NoError(t, err)
		return n
	}
	text := func(path, body, key string) string {
		out := map[string]string{}
		reply := post(s, "bob", "polyv/"+path, body)
		require.Equal(t, 201, reply.Status, reply.Body)
		reply.OK(&out)
		return out[key]
	}
	category := number("categories", `{"name":"Travel"}`, "cataid")
	below := number("categories", `{"name":"Harbours","parent":`+strconv.FormatInt(category, 10)+`}`, "cataid")
	assert.Equal(t, category+1, below)
	vid := text("videos", `{"title":"Harbour","cataid":`+strconv.FormatInt(below, 10)+`,"seconds":75,"sizes":[1,2,3]}`, "vid")
	other := text("videos", `{"title":"Harbour"}`, "vid")
	assert.NotEqual(t, vid, other)
	post(s, "bob", "polyv/videos/"+vid+"/authplay", `{"on":true}`).OK(nil)
	danmu := number("danmu", `{"vid":"`+vid+`","msg":"你好"}`, "id")
	assert.Equal(t, danmu+1, number("danmu", `{"vid":"`+vid+`","msg":"再见","at":70,"fontsize":"18","fontmode":"top","fontcolor":"0x0","timestamp":5}`, "id"))
	log := number("exam-logs", `{"vid":"`+vid+`","answer":"[\"1\"]","correct":true}`, "logid")
	task := text("grab-tasks", `{"rows":[{"vid":"`+vid+`","file":"a.mp4","status":"Y"},{"file":"b.mp4","status":"N","message":"404"}],"endtime":9}`, "taskid")
	again := text("grab-tasks", `{}`, "taskid")
	assert.NotEqual(t, task, again)
	assert.Equal(t, "mine", text("grab-tasks", `{"taskid":"mine","file":"m.csv"}`, "taskid"))

	var w polyvWorld
	world(s, "bob", "polyv", &w)
	u := w.Users[0]
	require.Equal(t, userid, u.Userid)
	v := u.Videos[len(u.Videos)-2]
	assert.Equal(t, vid, v.Vid)
	assert.Equal(t, below, v.Cataid)
	assert.EqualValues(t, 75, v.Seconds)
	assert.Equal(t, []int64{1, 2, 3}, v.Sizes)
	assert.True(t, v.Authplay)
	assert.EqualValues(t, 60, u.Videos[len(u.Videos)-1].Seconds)
	assert.Equal(t, danmu, u.Danmu[0].ID, "the newest")
	assert.Equal(t, now, u.Danmu[0].Timestamp)
	assert.Equal(t, "roll", u.Danmu[0].Fontmode)
	assert.Equal(t, log, u.Logs[0].Logid)
	assert.Equal(t, now, u.Logs[0].Added)
	assert.Equal(t, `["1"]`, u.Logs[0].Answer)
	assert.NotContains(t, s.Admin("GET", "/state/polyv?tenant=bob", "").Body, `"rows":null`)
	for _, tk := range u.Tasks {
		if tk.Taskid == task {
			assert.Equal(t, task+".csv", tk.File)
			assert.Len(t, tk.Rows, 2)
			assert.EqualValues(t, 9, *tk.Endtime)
		}
	}
	unknown := userid + strings.Repeat("0", 22) + "_" + userid[:1]
	refused(s, "bob", []refusal{
		{"polyv/danmu", `{"msg":"x"}`, 400, `"vid" is missing`},
		{"polyv/danmu", `{"vid":"` + vid + `"}`, 400, `"msg" is missing`},
		{"polyv/danmu", `{"vid":"` + unknown + `","msg":"x"}`, 404, "no video"},
		{"polyv/danmu", `{"vid":"` + vid + `","msg":"x","id":` + strconv.FormatInt(danmu, 10) + `}`, 409, "taken"},
		{"polyv/danmu", `{"vid":"` + vid + `","msg":"x","id":0}`, 400, "start at 1"},
		{"polyv/danmu", `{"vid":"` + vid + `","msg":"x","at":-1}`, 400, "-1"},
		{"polyv/danmu", `{"vid":"` + vid + `","msg":"x","timestamp":-1}`, 400, "-1"},
		{"polyv/danmu", `{"userid":"8205ac89d3","vid":"` + vid + `","msg":"x"}`, 404, "no user"},
		{"polyv/danmu", `{"vid":"` + vid + `","msg":""}`, 400, `"msg" is empty`},
		{"polyv/videos", `{}`, 400, `"title" is missing`},
		{"polyv/videos", `{"title":""}`, 400, `"title" is empty`},
		{"polyv/videos", `{"title":"x","vid":"` + vid + `"}`, 409, "taken"},
		{"polyv/videos", `{"title":"x","vid":"short"}`, 400, "a vid is"},
		{"polyv/videos", `{"title":"x","userid":"nobody"}`, 404, "no user"},
		{"polyv/videos", `{"title":"x","cataid":77}`, 404, "no category 77"},
		{"polyv/videos", `{"title":"x","seconds":0}`, 400, "0 seconds"},
		{"polyv/videos", `{"title":"x","seconds":86401}`, 400, "86401 seconds"},
		{"polyv/videos", `{"title":"x","sizes":[1,2]}`, 400, "wants 3 sizes, not 2"},
		{"polyv/videos", `{"title":"x","sizes":[1,2,3,4]}`, 400, "wants 3 sizes, not 4"},
		{"polyv/videos", `{"title":"x","sizes":[1,2,-3]}`, 400, "-3"},
		{"polyv/videos", `{"title":"x","sizes":3}`, 400, `"sizes" wants a list`},
		{"polyv/videos/" + unknown + "/authplay", `{"on":true}`, 404, "no video"},
		{"polyv/videos/x/authplay", `{"on":true}`, 404, "no video"},
		{"polyv/videos/" + vid + "/authplay", `{}`, 400, `"on" is missing`},
		{"polyv/categories", `{}`, 400, `"name" is missing`},
		{"polyv/categories", `{"name":"x","cataid":1}`, 400, "above 1"},
		{"polyv/categories", `{"name":"x","cataid":` + strconv.FormatInt(below, 10) + `}`, 409, "taken"},
		{"polyv/categories", `{"name":"x","parent":77}`, 404, "no parent 77"},
		{"polyv/categories", `{"name":"x","userid":"nobody"}`, 404, "no user"},
		{"polyv/grab-tasks", `{"taskid":"mine"}`, 409, "taken"},
		{"polyv/grab-tasks", `{"file":"m.csv"}`, 409, "taken"},
		{"polyv/grab-tasks", `{"taskid":"a b"}`, 400, "letters and digits"},
		{"polyv/grab-tasks", `{"userid":"nobody"}`, 404, "no user"},
		{"polyv/grab-tasks", `{"rows":[{"file":"a.mp4","colour":"red"}]}`, 400, `rows.0" has no field "colour"`},
		{"polyv/grab-tasks", `{"rows":[{"file":"a.mp4","vid":"` + unknown + `"}]}`, 404, "no video"},
		{"polyv/grab-tasks", `{"rows":[{"file":"a.mp4","status":"Y"},{"file":"b.mp4","status":"Q"}]}`, 400, `row 1 has the status "Q"`},
		{"polyv/grab-tasks", `{"classifyid":77}`, 404, "no category 77"},
		{"polyv/grab-tasks", `{"classifyid":0}`, 400, "below 1"},
		{"polyv/exam-logs", `{}`, 400, `"vid" is missing`},
		{"polyv/exam-logs", `{"vid":"` + vid + `","logid":0}`, 400, "start at 1"},
		{"polyv/exam-logs", `{"vid":"` + vid + `","answer":"1"}`, 400, "JSON array"},
		{"polyv/exam-logs", `{"vid":"` + unknown + `"}`, 404, "no video"},
	})
}

// The default tenant has several users; each of them can be meant.
func TestPolyvUsers(t *testing.T) {
	s := sandbox(t)
	for _, userid := range []string{"8205ac89d3", "2d939377c2", "sl8da4jjbx"} {
		var made struct{ Vid string }
		post(s, fakes.DefaultTenant, "polyv/videos", `{"title":"x","userid":"`+userid+`"}`).OK(&made)
		assert.True(t, strings.HasPrefix(made.Vid, userid))
		post(s, fakes.DefaultTenant, "polyv/videos/"+made.Vid+"/authplay", `{"on":true}`).OK(nil)
	}
}
