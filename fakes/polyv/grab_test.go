package polyv_test

import (
	"encoding/csv"
	"fmt"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/mediasandbox/sandbox/fakes/polyv"
)

const taskNull = `{"code":400,"status":"error","message":"TaskId is null!","data":""}`

// The page listed after it had deleted o0IdvYDm4S: so does this.
func TestGrabPagesSamples(t *testing.T) {
	c := open(t, userA)
	assert.Equal(t, int64(2), data[page](c.must("listed", "grabList", nil)).TotalItems)
	r := c.raw("/v2/video/grab/"+userA+"/delete", args{"taskId": "o0IdvYDm4S"})
	assert.Equal(t, `{"code":200,"status":"success","message":"success","data":true}`, r.Body.String())
	assert.Equal(t, `{"code":200,"status":"success","message":"","data":{"pageNumber":1,"totalItems":1,"contents":[`+
		`{"taskid":"hHepZ2SjlE","userid":"8205ac89d3","filename":null,"originalname":"111.csv","filesize":null,"filepath":null,`+
		`"fileurl":"http://127.0.0.1:7311/polyv/-/1522286666296.csv","classifyid":"1","classifyname":"视频分类(根目录)",`+
		`"seccesscount":2,"totalcount":2,"failcount":0,"status":"Y","endtime":1522286706000,"createtime":1522286672000}],`+
		`"startRow":1,"endRow":1,"firstPage":true,"lastPage":true,"nextPageNumber":1,"prePageNumber":1,"totalPages":1,"limit":1,"offset":0}}`,
		c.raw("/v2/video/grab/"+userA+"/list", args{"page": "1"}).Body.String())
}

func TestGrabDelete(t *testing.T) {
	const no = `{"code":200,"status":"success","message":"success","data":false}`
	c := open(t, userA)
	assert.Equal(t, taskNull, c.must("taskid-null", "grabDelete", nil).Body.String())
	assert.Equal(t, no, c.must("task-unknown", "grabDelete", args{"taskId": "nothing"}).Body.String())
	assert.Equal(t, no, as(c, userB).must("task-unknown", "grabDelete", args{"taskId": "hHepZ2SjlE"}).Body.String(), "another user's")
	c.must("deleted", "grabDelete", args{"taskId": "hHepZ2SjlE"})
	c.must("task-unknown", "grabDelete", args{"taskId": "hHepZ2SjlE"})
	c.must("task-not-found", "grabExport", args{"taskId": "hHepZ2SjlE"})
	c.with(func(w *polyv.World) {
		_, _, ok := w.Publish("1522286666296.csv")
		assert.False(t, ok, "its CSV went with it")
	})
	assert.Len(t, data[[]group](c.must("sized", "videoSizes", args{"vids": vidExam})), 1, "the videos stay")
}

func TestGrabListPages(t *testing.T) {
	for _, c := range []*client{open(t, userB), other(t)} { // 23 tasks
		var last int64 = 1 << 62
		ids := map[string]bool{}
		for n, want := range []int{10, 10, 3, 0} {
			p := data[page](c.must("listed", "grabList", args{"page": fmt.Sprint(n + 1)}))
			assert.Len(t, p.Contents, want)
			assert.Equal(t, int64(23), p.TotalItems)
			for _, task := range p.Contents {
				ids[task.Taskid] = true
			}
		}
		assert.Len(t, ids, 23)
		type times struct {
			Contents []struct{ Createtime, Endtime, Totalcount, Seccesscount, Failcount int64 }
		}
		full := data[times](c.must("listed", "grabList", args{"pageSize": "99"}))
		failed := int64(0)
		for _, task := range full.Contents {
			assert.LessOrEqual(t, task.Createtime, last)
			last = task.Createtime
			assert.Equal(t, task.Totalcount, task.Seccesscount+task.Failcount)
			assert.Less(t, task.Createtime, task.Endtime)
			failed += task.Failcount
		}
		assert.Positive(t, failed)
	}
	c := open(t, userB)
	for _, bad := range []string{"0", "-3", "x", "1.0"} {
		assert.Equal(t, `{"code":400,"status":"error","message":"page is illegal.","data":""}`, c.must("page-illegal", "grabList", args{"page": bad}).Body.String())
		assert.Equal(t, `{"code":400,"status":"error","message":"pageSize is illegal.","data":""}`, c.must("pagesize-illegal", "grabList", args{"pageSize": bad}).Body.String())
	}
}

func TestGrabExport(t *testing.T) {
	c := open(t, userA)
	r := c.must("exported", "grabExport", args{"taskId": "hHepZ2SjlE"})
	assert.Equal(t, "text/csv;charset=UTF-8", r.Header().Get("Content-Type"))
	assert.Equal(t, "attachment; filename=hHepZ2SjlE.csv", r.Header().Get("Content-Disposition"))
	assert.Equal(t, "vid,title,fileurl,classifyid,classifyname,status,message\n"+
		vidExam+",随堂测验,http://127.0.0.1:7311/polyv/-/hHepZ2SjlE-1.mp4,1,视频分类(根目录),Y,\n"+
		vidSized1+",产品介绍(上),http://127.0.0.1:7311/polyv/-/hHepZ2SjlE-2.mp4,1,视频分类(根目录),Y,\n", r.Body.String())

	wrapped := c.raw("/v2/video/grab/"+userA+"/listVideos/export", args{"taskId": "hHepZ2SjlE", "jsonp": "cb"})
	assert.Equal(t, r.Body.String(), wrapped.Body.String(), "jsonp is ignored on the CSV")

	bad := c.must("taskid-null", "grabExport", nil)
	assert.Equal(t, taskNull, bad.Body.String())
	assert.Equal(t, "application/json;charset=UTF-8", bad.Header().Get("Content-Type"))
	assert.Empty(t, bad.Header().Get("Content-Disposition"))
	assert.Equal(t, `{"code":400,"status":"error","message":"Task not found.","data":""}`, c.must("task-not-found", "grabExport", args{"taskId": "no"}).Body.String())
	as(c, userB).must("task-not-found", "grabExport", args{"taskId": "hHepZ2SjlE"})
}

// Quoting and formulas: what a spreadsheet reads back is the text, never a formula.
func TestGrabExportIsSafe(t *testing.T) {
	c := open(t, userA)
	titles := []string{`a,b`, `say "x"`, "two\nlines", "=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "", " =1"}
	want := []string{`a,b`, `say "x"`, "two\nlines", "'=1+1", "'+1", "'-1", "'@SUM(A1)", "'\t=1", "'\r=1", "", " =1"}
	task := polyv.GrabTask{ID: "T", File: "t.csv", Category: 1, CategoryName: "=cmd|' /C calc'!A0", Status: "N"}
	for _, title := range titles {
		task.Rows = append(task.Rows, polyv.GrabRow{Title: title, File: "t.mp4", Status: "N", Message: "@m"})
	}
	c.with(func(w *polyv.World) { require.NoError(t, w.AddGrabTask(userA, task)) })
	rows, err := csv.NewReader(strings.NewReader(c.must("exported", "grabExport", args{"taskId": "T"}).Body.String())).ReadAll()
	require.NoError(t, err)
	require.Len(t, rows, len(titles)+1)
	for i, row := range rows[1:] {
		assert.Equal(t, []string{"", want[i], "http://127.0.0.1:7311/polyv/-/t.mp4", "1", "'=cmd|' /C calc'!A0", "N", "'@m"}, row)
	}
	list := c.must("listed", "grabList", args{"pageSize": "99"}).Body.String()
	assert.Contains(t, list, `"taskid":"T",`)
	assert.Contains(t, list, `"status":"N","endtime":null`, "a task that runs has no end")
}

// fileurl leads to the task's CSV, and that CSV's references to its source files.
func TestGrabFileURL(t *testing.T) {
	for _, c := range []*client{open(t, userA), other(t)} {
		type listed struct {
			Contents []struct {
				Fileurl    string
				Totalcount int
			}
		}
		task := data[listed](c.must("listed", "grabList", nil)).Contents[0]
		r := c.SendHTTP(httptest.NewRequest("GET", task.Fileurl, nil))
		require.Equal(t, 200, r.Code, task.Fileurl)
		assert.Equal(t, "text/csv;charset=UTF-8", r.Header().Get("Content-Type"))
		rows, err := csv.NewReader(r.Body).ReadAll()
		require.NoError(t, err)
		assert.Equal(t, []string{"title", "fileurl", "classifyid", "classifyname"}, rows[0])
		require.Len(t, rows, task.Totalcount+1)
		base, err := url.Parse(task.Fileurl)
		require.NoError(t, err)
		source, err := base.Parse(rows[1][1])
		require.NoError(t, err)
		assert.Equal(t, 200, c.SendHTTP(httptest.NewRequest("GET", source.String(), nil)).Code)
	}
}

func TestAddGrabTaskRefuses(t *testing.T) {
	c := open(t, userA)
	far := int64(1 << 60)
	ok := polyv.GrabTask{ID: "new", File: "new.csv", Category: 1}
	c.with(func(w *polyv.World) {
		for name, edit := range map[string]func(*polyv.GrabTask){
			"taken id":         func(t *polyv.GrabTask) { t.ID = "hHepZ2SjlE" },
			"taken file":       func(t *polyv.GrabTask) { t.File = "1522286666296.csv" },
			"no id":            func(t *polyv.GrabTask) { t.ID = "" },
			"header injection": func(t *polyv.GrabTask) { t.ID = "a\r\nb" },
			"path":             func(t *polyv.GrabTask) { t.File = "../x.csv" },
			"no category":      func(t *polyv.GrabTask) { t.Category = 0 },
			"another category": func(t *polyv.GrabTask) { t.Category = 77 },
			"row status":       func(t *polyv.GrabTask) { t.Rows = []polyv.GrabRow{{File: "a.mp4", Status: "Q"}} },
			"foreign video":    func(t *polyv.GrabTask) { t.Rows = []polyv.GrabRow{{Vid: vidClip, File: "a.mp4"}} },
			"source file":      func(t *polyv.GrabTask) { t.Rows = []polyv.GrabRow{{File: "http://x"}} },
			"created":          func(t *polyv.GrabTask) { t.Created = -1 },
			"ended":            func(t *polyv.GrabTask) { t.Ended = &far },
		} {
			task := ok
			edit(&task)
			assert.Error(t, w.AddGrabTask(userA, task), name)
		}
		require.Error(t, w.AddGrabTask("nobody", ok))
		require.NoError(t, w.AddGrabTask(userA, ok))
	})
	assert.Equal(t, int64(3), data[page](c.must("listed", "grabList", nil)).TotalItems, "what was refused left nothing")
}
