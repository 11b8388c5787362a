package polyv_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/mediasandbox/sandbox/fakes/polyv"
)

const sizesSample = `{"code":200,"status":"success","message":"success","data":[{"cataid":1458806129324,"videos":[` +
	`{"vid":"8205ac89d3d5c47690b01f2f08a4c91f_8","duration":"00:03:34","filesize1":8749719,"filesize2":15676091,"filesize3":35003810},` +
	`{"vid":"8205ac89d30d552b2f188c94515f4db6_8","duration":"00:00:37","filesize1":1360064,"filesize2":3229714,"filesize3":4606271}]}]}`

func TestVideoSizesAnswersThePagesSample(t *testing.T) {
	c := open(t, userA)
	both := vidSized1 + "," + vidSized2
	for _, in := range []args{
		{"cataId": "1458806129324"}, {"cataid": "1458806129324"}, {"vids": both}, {"vids": both, "cataId": "1"},
		{"vids": " " + vidSized1 + " ,, " + vidSized2 + "," + vidSized1 + ",nothing," + vidClip},
		{"cataId": "1458806129324, 77,abc,-1,1458806129324"},
	} {
		assert.Equal(t, sizesSample, c.raw("/v2/video/"+userA+"/getSizeByCata", in).Body.String(), in)
		assert.Equal(t, sizesSample, c.raw("/v2/video/"+userA+"/cata-info", in).Body.String(), "the PHP sample's path")
	}
	php := as(c, userC).raw("/v2/video/"+userC+"/cata-info", args{"vids": vidC1 + "," + vidC2})
	groups := data[[]group](php)
	require.Len(t, groups, 1)
	assert.Len(t, groups[0].Videos, 2)
}

func TestVideoSizesRefusesAndLeavesOut(t *testing.T) {
	c := open(t, userA)
	empty := `{"code":400,"status":"error","message":"vids and cataId can not both be empty.","data":""}`
	for _, in := range []args{nil, {"vids": ""}, {"vids": "", "cataId": ""}, {"vids": " "}} {
		assert.Equal(t, empty, c.must("ids-empty", "videoSizes", in).Body.String())
	}
	for _, in := range []args{{"vids": "nothing"}, {"vids": vidClip}, {"vids": ",", "cataId": "1"}, {"cataId": "7"}, {"cataId": "99999999999999999999"}} {
		assert.Equal(t, `{"code":200,"status":"success","message":"success","data":[]}`, c.must("sized", "videoSizes", in).Body.String(), in)
	}
	vids := func(n int) string { return strings.TrimSuffix(strings.Repeat(vidSized1+",", n), ",") }
	groups := data[[]group](c.must("sized", "videoSizes", args{"vids": vids(500)}))
	require.Len(t, groups, 1)
	assert.Len(t, groups[0].Videos, 1, "a repeated id is answered once")
	assert.Equal(t, `{"code":400,"status":"error","message":"vids exceed 500.","data":""}`, c.must("vids-too-many", "videoSizes", args{"vids": vids(501)}).Body.String())
	c.must("sized", "videoSizes", args{"vids": vids(500) + ",,"})
}

// Every user has a tree with videos in every category, and grouping is by category.
func TestVideoSizesGroups(t *testing.T) {
	def := open(t, userA)
	for _, c := range []*client{def, as(def, userB), as(def, userC), as(def, userD), as(def, userE), other(t)} {
		var ids []string
		depth := map[int64]int{}
		c.with(func(w *polyv.World) {
			for _, u := range w.Users {
				if u.ID != c.user.ID {
					continue
				}
				for _, cat := range u.Categories {
					ids = append(ids, fmt.Sprint(cat.ID))
					depth[cat.ID] = depth[cat.Parent] + 1
				}
			}
		})
		require.GreaterOrEqual(t, len(ids), 4, "the root and three more")
		two := 0
		for _, d := range depth {
			if d == 3 {
				two++
			}
		}
		assert.Positive(t, two, "two levels below the root")
		groups := data[[]group](c.must("sized", "videoSizes", args{"cataId": strings.Join(ids, ",")}))
		assert.Len(t, groups, len(ids), "each category has videos")
		var vids []string
		for _, g := range groups {
			assert.Contains(t, ids, fmt.Sprint(g.Cataid))
			for _, v := range g.Videos {
				assert.Regexp(t, "^"+c.user.ID+"[0-9a-f]{22}_"+c.user.ID[:1]+"$", v.Vid)
				vids = append(vids, v.Vid)
			}
		}
		assert.GreaterOrEqual(t, len(vids), 20)
		assert.Equal(t, groups, data[[]group](c.must("sized", "videoSizes", args{"vids": strings.Join(vids, ",")})))
	}
}

// A category answers for those below it too, itself first, and so shows a move.
func TestVideoSizesShowMoves(t *testing.T) {
	c := tree(t) // 1 ─ 10 ─ 11 ─ 12 and 1 ─ 20
	c.with(func(w *polyv.World) {
		for i, cat := range []int64{12, 20, 10} { // 11 has none
			vid := fmt.Sprintf("%s%022x_8", userA, i)
			require.NoError(t, w.AddVideo(userA, polyv.Video{Vid: vid, Category: cat, Seconds: 9}))
		}
	})
	groups := func(ids string) (out []int64) {
		for _, g := range data[[]group](c.must("sized", "videoSizes", args{"cataId": ids})) {
			out = append(out, g.Cataid)
			assert.NotEmpty(t, g.Videos)
		}
		return out
	}
	assert.Equal(t, []int64{20}, groups("20"))
	assert.Equal(t, []int64{10, 12}, groups("10"))
	assert.Equal(t, []int64{12, 10}, groups("11,10,12"))
	c.must("moved", "cataChange", move(11, 20))
	assert.Equal(t, []int64{20, 12}, groups("20"))
	assert.Equal(t, []int64{10}, groups("10"))
	assert.Equal(t, []int64{10, 20, 12}, groups("10,20,11"))
	all := groups("1")
	assert.Equal(t, int64(1), all[0])
	assert.Len(t, all, len(strings.Split(allCategories(c), ","))-1, "all but 11")
}

func TestAuthplay(t *testing.T) {
	c := open(t, userB)
	assert.Equal(t, `{"code":200,"status":"success","message":"success","data":1}`, c.must("told", "authplayStatus", args{"vid": vidAuth}).Body.String())
	assert.Equal(t, `{"code":200,"status":"success","message":"success","data":0}`, c.must("told", "authplayStatus", args{"vid": vidClip}).Body.String())
	for _, in := range []args{nil, {"vid": ""}, {"vid": " "}} {
		assert.Equal(t, `{"code":401,"status":"error","message":"vid为空.","data":""}`, c.must("vid-empty", "authplayStatus", in).Body.String())
	}
	for _, vid := range []string{"nothing", vidExam, vidAuth + " "} {
		assert.Equal(t, `{"code":403,"status":"error","message":"用户的视频下找不到该视频.","data":""}`, c.must("vid-unknown", "authplayStatus", args{"vid": vid}).Body.String())
	}
	c.with(func(w *polyv.World) {
		require.NoError(t, w.SetAuthplay(userB, vidAuth, false))
		require.Error(t, w.SetAuthplay(userA, vidAuth, false))
		require.Error(t, w.SetAuthplay("nobody", vidAuth, false))
	})
	assert.Equal(t, 0, data[int](c.must("told", "authplayStatus", args{"vid": vidAuth})))
}

func TestAddVideo(t *testing.T) {
	c := open(t, userE)
	ok := polyv.Video{Vid: userE + "0123456789abcdef012345_s", Category: 1, Seconds: 5, Sizes: [3]int64{1, 2, 3}}
	c.with(func(w *polyv.World) {
		for name, edit := range map[string]func(*polyv.Video){
			"taken":        func(v *polyv.Video) { v.Vid = vidDanmu },
			"foreign":      func(v *polyv.Video) { v.Vid = vidExam },
			"short":        func(v *polyv.Video) { v.Vid = userE + "0123_s" },
			"upper case":   func(v *polyv.Video) { v.Vid = userE + "0123456789ABCDEF012345_s" },
			"other suffix": func(v *polyv.Video) { v.Vid = userE + "0123456789abcdef012345_x" },
			"category":     func(v *polyv.Video) { v.Category = 2 },
			"no time":      func(v *polyv.Video) { v.Seconds = 0 },
			"too long":     func(v *polyv.Video) { v.Seconds = 86401 },
			"size":         func(v *polyv.Video) { v.Sizes[2] = -1 },
			"big":          func(v *polyv.Video) { v.Sizes[0] = 1<<40 + 1 },
		} {
			v := ok
			edit(&v)
			assert.Error(t, w.AddVideo(userE, v), name)
		}
		require.Error(t, w.AddVideo("nobody", ok))
		require.NoError(t, w.AddVideo(userE, ok))
	})
	r := c.must("sized", "videoSizes", args{"vids": ok.Vid})
	assert.Contains(t, r.Body.String(), `"duration":"00:00:05","filesize1":1,"filesize2":2,"filesize3":3`)
}
