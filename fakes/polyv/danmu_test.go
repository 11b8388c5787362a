package polyv_test

import (
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/mediasandbox/sandbox/fakes/polyv"
)

// The page's list sample, compacted: what numPerPage=2 answered there.
const danmuSample = `{"code":200,"status":"success","message":"success","data":{"pageNumber":1,"totalItems":28,"contents":[` +
	`{"id":43030,"vid":"sl8da4jjbx1c8baed8a48212d735d905_s","userid":"sl8da4jjbx","msg":"Iui","time":"00:00:55","fontsize":"4294967320","fontmode":"roll","fontcolor":"0xFFFFFF","timestamp":1529394571000},` +
	`{"id":37470,"vid":"sl8da4jjbx1c8baed8a48212d735d905_s","userid":"sl8da4jjbx","msg":"藏族自治州","time":"00:00:20","fontsize":"24","fontmode":"roll","fontcolor":"0xFFFFFF","timestamp":1528106632000}` +
	`],"startRow":1,"endRow":2,"firstPage":true,"lastPage":false,"nextPageNumber":2,"prePageNumber":1,"totalPages":14,"limit":2,"offset":0}}`

func TestDanmuListAnswersThePagesSample(t *testing.T) {
	c := open(t, userE)
	assert.Equal(t, danmuSample, c.call("danmuList", args{"numPerPage": "2"}).Body.String())
	assert.Equal(t, danmuSample, c.raw("/v2/danmu/"+userE, args{"pageSize": "2", "page": "1"}).Body.String(), "the SDK's names")
	assert.Equal(t, danmuSample, c.raw("/v2/danmu/"+userE, args{"numPerPage": "2", "pageNum": ""}).Body.String(), "an empty parameter is none")
}

func TestDanmuListPages(t *testing.T) {
	c := open(t, userE) // 28 danmu
	for _, row := range []struct {
		name                                      string
		in                                        args
		number, start, end, next, pre, pages, len int64
		first, last                               bool
	}{
		{"defaults", nil, 1, 1, 20, 2, 1, 2, 20, true, false},
		{"last page", args{"pageNum": "2"}, 2, 21, 28, 2, 1, 2, 8, false, true},
		{"beyond the end", args{"pageNum": "3"}, 3, 41, 40, 2, 2, 2, 0, false, false},
		{"far beyond", args{"pageNum": "2147483647", "numPerPage": "2147483647"}, 2147483647, 4611686011984936963, 4611686011984936962, 1, 1, 1, 0, false, false},
		{"one page", args{"numPerPage": "28"}, 1, 1, 28, 1, 1, 1, 28, true, true},
		{"bigger than the list", args{"numPerPage": "2147483647"}, 1, 1, 28, 1, 1, 1, 28, true, true},
		{"middle", args{"numPerPage": "5", "pageNum": "3"}, 3, 11, 15, 4, 2, 6, 5, false, false},
	} {
		t.Run(row.name, func(t *testing.T) {
			p := data[page](c.must("listed", "danmuList", row.in))
			assert.Equal(t, int64(28), p.TotalItems)
			assert.Equal(t, []int64{row.number, row.start, row.end, row.next, row.pre, row.pages, row.len, row.start - 1},
				[]int64{p.PageNumber, p.StartRow, p.EndRow, p.NextPageNumber, p.PrePageNumber, p.TotalPages, p.Limit, p.Offset})
			assert.Equal(t, []bool{row.first, row.last}, []bool{p.FirstPage, p.LastPage})
			assert.Len(t, p.Contents, int(row.len))
		})
	}
}

// CONTRACTS section 2: an empty list, key for key.
func TestDanmuListEmpty(t *testing.T) {
	c := open(t, userE)
	const empty = `{"code":200,"status":"success","message":"success","data":{"pageNumber":1,"totalItems":0,"contents":[],` +
		`"startRow":1,"endRow":0,"firstPage":true,"lastPage":false,"nextPageNumber":1,"prePageNumber":1,"totalPages":0,"limit":0,"offset":0}}`
	assert.Equal(t, empty, c.call("danmuList", args{"vid": "nothing"}).Body.String())
	assert.Equal(t, empty, c.call("danmuList", args{"vid": vidExam}).Body.String(), "another user's video")
}

func TestDanmuListRefusesNumbers(t *testing.T) {
	c := open(t, userE)
	for _, bad := range []string{"0", "-1", "1.5", "abc", " 1", "1e3", "2147483648", "99999999999999999999", "１"} {
		for name, outcome := range map[string]string{"pageNum": "pagenum-illegal", "numPerPage": "numperpage-illegal"} {
			r := c.must(outcome, "danmuList", args{name: bad})
			assert.Equal(t, `{"code":400,"status":"error","message":"`+name+` is illegal.","data":""}`, r.Body.String())
		}
	}
	assert.Equal(t, "pagenum-illegal", c.raw("/v2/danmu/"+userE, args{"page": "0"}).Outcome, "an alias is the parameter")
}

// Newest first, each once, with and without filter, over all pages.
func TestDanmuListIsNewestFirst(t *testing.T) {
	for _, c := range []*client{open(t, userA), open(t, userE), other(t)} {
		seen := map[int64]bool{}
		perVid := map[string]int64{}
		last := int64(1 << 62)
		var total int64
		for n := int64(1); ; n++ {
			p := data[page](c.must("listed", "danmuList", args{"pageNum": strconv.FormatInt(n, 10), "numPerPage": "7"}))
			for _, d := range p.Contents {
				assert.False(t, seen[d.ID])
				seen[d.ID] = true
				assert.LessOrEqual(t, d.Timestamp, last)
				assert.True(t, strings.HasPrefix(d.Vid, c.user.ID))
				last = d.Timestamp
				perVid[d.Vid]++
			}
			if total = p.TotalItems; n >= p.TotalPages {
				assert.True(t, p.LastPage)
				break
			}
		}
		assert.Len(t, seen, int(total))
		assert.Greater(t, len(perVid), 1)
		for vid, n := range perVid {
			assert.Equal(t, n, data[page](c.must("listed", "danmuList", args{"vid": vid})).TotalItems)
		}
	}
}

func TestDanmuDelete(t *testing.T) {
	const done = `{"code":200,"status":"success","message":"success","data":"success"}`
	c := open(t, userE)
	total := func(c *client, vid string) int64 {
		return data[page](c.must("listed", "danmuList", args{"vid": vid})).TotalItems
	}
	all, onVid, foreign := total(c, ""), total(c, vidDanmu), total(as(c, userA), "")

	r := c.must("danmuids-empty", "danmuDelete", nil)
	assert.Equal(t, `{"code":400,"status":"error","message":"danmuIds can not be empty.","data":""}`, r.Body.String())

	assert.Equal(t, done, as(c, userA).call("danmuDelete", args{"danmuIds": "43030"}).Body.String(), "a foreign id is ignored")
	assert.Equal(t, done, c.call("danmuDelete", args{"danmuIds": "9999,abc,,-1,333333,444,99999999999999999999"}).Body.String())
	assert.Equal(t, all, total(c, ""))

	assert.Equal(t, done, c.call("danmuDelete", args{"danmuIds": "43030, 5 ,43030"}).Body.String())
	assert.Equal(t, all-1, total(c, ""))
	assert.Equal(t, onVid-1, total(c, vidDanmu))
	assert.Equal(t, done, c.raw("/v2/danmu/"+userE+"/delete", args{"danmuIds": "x, 37470"}).Body.String(), "the sample sends GET")
	assert.Equal(t, all-2, total(c, ""))
	assert.Equal(t, foreign, total(as(c, userA), ""))
	for _, d := range data[page](c.must("listed", "danmuList", nil)).Contents {
		assert.NotContains(t, []int64{43030, 37470}, d.ID)
	}
}

func TestAddDanmu(t *testing.T) {
	c := open(t, userE)
	c.with(func(w *polyv.World) {
		id, err := w.AddDanmu(userE, polyv.Danmu{Vid: vidDanmu, Msg: `<&">`, At: 3 * 3600, Time: c.tenant.Clock.Now().UnixMilli()})
		require.NoError(t, err)
		again, err := w.AddDanmu(userE, polyv.Danmu{Vid: vidDanmu, Time: 1})
		require.NoError(t, err)
		assert.Equal(t, id+1, again)
		for _, bad := range []polyv.Danmu{
			{ID: id, Vid: vidDanmu}, {Vid: vidExam}, {Vid: vidDanmu, At: -1}, {Vid: vidDanmu, Time: -1}, {ID: -1, Vid: vidDanmu},
		} {
			_, err := w.AddDanmu(userE, bad)
			assert.Error(t, err, "%+v", bad)
		}
		_, err = w.AddDanmu("nobody", polyv.Danmu{})
		require.Error(t, err)
	})
	r := c.must("listed", "danmuList", args{"numPerPage": "1"})
	assert.Contains(t, r.Body.String(), `"msg":"<&\">","time":"03:00:00","fontsize":"24","fontmode":"roll","fontcolor":"0xFFFFFF"`)
	assert.Equal(t, int64(30), data[page](r).TotalItems)
}
