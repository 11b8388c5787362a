package qulive_test

import (
	"net/http/httptest"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/mediasandbox/sandbox/fakes/fakestest"
)

func TestMusic(t *testing.T) {
	b := bench(t)
	type music struct {
		MusicList []struct{ MusicID, Title, ArtistName, Duration, Source string }
		Total     string
	}
	for _, c := range []struct {
		page, size string
		n          int
		first      string
	}{{"1", "3", 3, "T10033153675"}, {"1", "50", 40, "T10033153675"}, {"2", "2", 2, "T10033153645"}, {"4", "10", 10, ""}, {"5", "10", 0, ""}, {"50", "50", 0, ""}, {"01", "+3", 3, "T10033153675"}} {
		var d music
		r := b.Call("getRecommendMusic", args{"pageNo": c.page, "pageSize": c.size})
		data(t, r, &d)
		assert.Equal(t, "40", d.Total)
		assert.Len(t, d.MusicList, c.n)
		assert.Contains(t, r.Body.String(), `"musicList":[`, "an empty list is a list")
		if c.first != "" {
			assert.Equal(t, c.first, d.MusicList[0].MusicID)
		}
	}
	for _, a := range []args{{"pageNo": "0", "pageSize": "1"}, {"pageNo": "51", "pageSize": "1"}, {"pageNo": "1", "pageSize": "51"},
		{"pageNo": "1", "pageSize": "0"}, {"pageNo": "x", "pageSize": "1"}, {"pageNo": "-1", "pageSize": "1"}, {"pageNo": "1"}, {"pageSize": "1"}, {"pageNo": "1.0", "pageSize": "1"}} {
		r := b.Call("getRecommendMusic", a)
		assert.Equal(t, "page-out-of-range", r.Outcome, a)
		assert.Equal(t, 200, r.Code)
		e := open(t, r)
		assert.Equal(t, []string{"false", "500", "null"}, []string{e.Result, e.Code, string(e.Data)})
	}
}

func TestPlayPath(t *testing.T) {
	b := bench(t)
	var d struct{ PlayPath, ExpireTime string }
	r := b.Call("getPlayPath", args{"musicId": "T10033153675"})
	data(t, r, &d)
	assert.Equal(t, "song-found", r.Outcome)
	assert.Equal(t, "1773921600", d.ExpireTime, "24 hours from noon")
	song := b.SendHTTP(httptest.NewRequest("GET", d.PlayPath, nil))
	assert.Equal(t, 200, song.Code)
	assert.Equal(t, "audio/aac", song.Header().Get("Content-Type"))
	for _, id := range []string{"", "T1"} {
		r := b.Call("getPlayPath", args{"musicId": id})
		assert.Equal(t, "song-unknown", r.Outcome)
		assert.Equal(t, `{"playPath":"","expireTime":""}`, string(open(t, r).Data))
	}
}

// resource is what all resources have.
type resource struct {
	ID                            int
	Name, CreateTime              string
	Icon, URL, Preview            string
	PreviewPic, PreviewMp4        string
	Banner                        string
	Sort, FontID, MediaID, Aspect int
	AspectList                    []struct {
		Aspect   int
		Download string
	}
}

func list(t *testing.T, b *fakestest.Bench, op string, a args) (rows []resource, keys []string) {
	t.Helper()
	r := b.Call(op, a)
	data(t, r, &rows)
	raw := open(t, r).Data
	if len(rows) > 0 {
		keys = keysOf(t, raw[strings.Index(string(raw), "{"):])
	}
	return rows, keys
}

func TestResourcesHaveThePagesKeys(t *testing.T) {
	b := bench(t)
	for _, c := range []struct {
		op    string
		a     args
		keys  string
		first []int
		n     int
	}{
		{"getPasterInfo", nil, "id icon description name level preview sort type createTime", []int{84, 108}, 6},
		{"getPasterList", args{"pasterId": "108", "type": "1"}, "id icon url preview name sort type fontId createTime", []int{1083, 1092}, 5},
		{"getFrontPasterList", nil, "id icon mediaId url preview name duration desc sort aspect type fontId createTime", []int{5871, 5872, 5873}, 12},
		{"getTextPaster", nil, "id icon description name preview sort type createTime", []int{189, 196}, 3},
		{"getTextPasterList", args{"textPasterId": "189"}, "id icon mediaId url preview name duration desc sort type fontId createTime", []int{963, 964}, 4},
		{"getMv", nil, "id previewPic previewMp4 icon duration name sort createTime aspectList", []int{104}, 6},
		{"getFont", nil, "id name banner icon url sort", []int{52}, 8},
	} {
		rows, keys := list(t, b, c.op, c.a)
		require.Len(t, rows, c.n, c.op)
		want := strings.Fields(c.keys)
		assert.Equal(t, want, keys[:len(want)], c.op)
		seen := map[int]bool{}
		for i, r := range rows {
			if i < len(c.first) {
				assert.Equal(t, c.first[i], r.ID)
			}
			assert.False(t, seen[r.ID], "%s: id %d stands twice", c.op, r.ID)
			seen[r.ID] = true
			urls := []string{r.Icon, r.URL, r.Preview, r.PreviewPic, r.PreviewMp4, r.Banner}
			for _, a := range r.AspectList {
				urls = append(urls, a.Download)
			}
			for _, u := range urls {
				if u != "" {
					assert.Equal(t, 200, b.SendHTTP(httptest.NewRequest("GET", u, nil)).Code, u)
				}
			}
		}
	}
}

func TestCategoriesAndTheirMembers(t *testing.T) {
	b := bench(t)
	for _, c := range []struct{ categories, members, param string }{{"getPasterInfo", "getPasterList", "pasterId"}, {"getTextPaster", "getTextPasterList", "textPasterId"}} {
		categories, _ := list(t, b, c.categories, nil)
		previous := 1 << 30
		for _, k := range categories {
			assert.Less(t, k.Sort, previous)
			previous = k.Sort
			rows, _ := list(t, b, c.members, args{c.param: strconv.Itoa(k.ID)})
			assert.NotEmpty(t, rows, "category %d", k.ID)
			assert.Contains(t, k.Preview, "id="+strconv.Itoa(k.ID))
			for _, row := range rows {
				if row.FontID != 0 {
					assert.Equal(t, "font-found", b.Call("getFont", args{"fontId": strconv.Itoa(row.FontID)}).Outcome)
				}
			}
		}
		for _, id := range []string{"", "0", "9999", "x", "0108", "108 "} {
			r := b.Call(c.members, args{c.param: id})
			assert.Equal(t, "category-unknown", r.Outcome, id)
			assert.Equal(t, "[]", string(open(t, r).Data))
		}
	}
}

func TestFont(t *testing.T) {
	b := bench(t)
	var f resource
	r := b.Call("getFont", args{"fontId": "52"})
	data(t, r, &f)
	assert.Equal(t, "font-found", r.Outcome)
	assert.Equal(t, "Qulive.Vision", f.Name)
	assert.Equal(t, 1, f.Sort)
	for _, id := range []string{"1", "x", "52 "} {
		r := b.Call("getFont", args{"fontId": id})
		assert.Equal(t, "font-unknown", r.Outcome)
		assert.Equal(t, "null", string(open(t, r).Data))
	}
	assert.Equal(t, "fonts-listed", b.Call("getFont", args{"fontId": ""}).Outcome)
}

func TestMvShapes(t *testing.T) {
	b := bench(t)
	rows, _ := list(t, b, "getMv", nil)
	for _, m := range rows {
		var shapes []int
		for _, a := range m.AspectList {
			shapes = append(shapes, a.Aspect)
		}
		assert.Equal(t, []int{1, 2, 3}, shapes)
	}
}

// URLs lead to where the sandbox was reached, whatever its name.
func TestURLsFollowTheHost(t *testing.T) {
	b := bench(t)
	req := httptest.NewRequest("GET", "http://qulive.localhost:9000/resource/getFont?fontId=52", nil)
	body := b.SendHTTP(req).Body.String()
	assert.Len(t, regexp.MustCompile(`"http://qulive\.localhost:9000/-/[^"]+"`).FindAllString(body, -1), 3, body)
}
