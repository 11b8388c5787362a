package polyv_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/mediasandbox/sandbox/fakes/polyv"
)

// million is a user with 1,000,000 danmu on ten videos.
func million(b *testing.B) *client {
	c := open(b, userD)
	c.with(func(w *polyv.World) {
		var vids []string
		for i := range 10 {
			vid := fmt.Sprintf("%s%022x_e", userD, i)
			require.NoError(b, w.AddVideo(userD, polyv.Video{Vid: vid, Category: 1, Seconds: 3600}))
			vids = append(vids, vid)
		}
		for i := range 1_000_000 {
			_, err := w.AddDanmu(userD, polyv.Danmu{Vid: vids[i*7%10], Msg: "666", Time: 1_600_000_000_000 + int64(i)})
			require.NoError(b, err)
		}
	})
	return c
}

// Late pages must cost what the first does, with and without filter; the whole
// pipeline is in the figures.
func BenchmarkDanmuList(b *testing.B) {
	c := million(b)
	vid := fmt.Sprintf("%s%022x_e", userD, 3)
	for _, row := range []struct {
		name string
		in   args
	}{
		{"page 1", args{"pageNum": "1"}},
		{"page 10000", args{"pageNum": "10000"}},
		{"page 50000", args{"pageNum": "50000"}},
		{"one video, page 1", args{"pageNum": "1", "vid": vid}},
		{"one video, page 5000", args{"pageNum": "5000", "vid": vid}},
	} {
		b.Run(row.name, func(b *testing.B) {
			r := c.must("listed", "danmuList", row.in)
			require.Equal(b, int64(20), data[page](r).Limit)
			for b.Loop() {
				c.call("danmuList", row.in)
			}
		})
	}
	b.Run("add and delete", func(b *testing.B) {
		for b.Loop() {
			var id int64
			c.with(func(w *polyv.World) {
				var err error
				id, err = w.AddDanmu(userD, polyv.Danmu{Vid: vid, Time: 1_600_000_500_000})
				require.NoError(b, err)
			})
			c.call("danmuDelete", args{"danmuIds": fmt.Sprint(id)})
		}
	})
}

func BenchmarkExamLog(b *testing.B) {
	c := open(b, userD)
	vids := ""
	c.with(func(w *polyv.World) {
		for i := range 10 {
			vid := fmt.Sprintf("%s%022x_e", userD, i)
			require.NoError(b, w.AddVideo(userD, polyv.Video{Vid: vid, Category: 1, Seconds: 3600}))
			vids += vid + ","
			for j := range 20_000 {
				_, err := w.AddExamLog(userD, polyv.ExamLog{Vid: vid, Answer: "[]", Added: 1_600_000_000_000 + int64(j*10+i)})
				require.NoError(b, err)
			}
		}
	})
	for _, n := range []string{"1", "5000", "10000"} {
		b.Run("page "+n, func(b *testing.B) {
			in := args{"vids": vids, "pageNum": n}
			require.Len(b, data[[]logItem](c.must("listed", "examLog", in)), 20)
			for b.Loop() {
				c.call("examLog", in)
			}
		})
	}
}
