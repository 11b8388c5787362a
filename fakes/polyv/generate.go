package polyv

import (
	"fmt"
	"hash/fnv"
	"math/rand/v2"
	"strconv"

	"github.com/mediasandbox/sandbox/fakes"
)

// How much a user starts with: each list fills several pages of its default size.
const (
	startVideos = 24
	startDanmu  = 150
	startTasks  = 23
	startLogs   = 60
	logsOnFirst = 45 // of them on the first generated video: three pages of one vid
)

const day = 24 * 3_600_000 // milliseconds

// populate fills a fresh world. What it adds is right by construction; an error
// here is a mistake in this package, which the tests of New would show.
func populate(w *World, env fakes.Env) {
	// Whatever the clock shows: nothing may come to stand outside 13-digit times.
	g := &generator{w: w, born: min(max(env.Born.UnixMilli(), 200*day), 9_999_999_999_999-day)}
	if env.Default {
		// The vendor's sequences run over all users; what the page shows comes first.
		w.LastDanmu, w.LastLog = 50000, 27595105
	} else {
		w.LastDanmu, w.LastLog = 10000, 100000
	}
	for _, u := range w.Users {
		h := fnv.New64a()
		_, _ = h.Write([]byte(u.ID))
		g.u, g.r = u, rand.New(rand.NewPCG(env.Seed, h.Sum64()))
		g.user(env.Default)
	}
}

// generator fills one user after the other.
type generator struct {
	w    *World
	u    *User
	r    *rand.Rand
	born int64 // Unix milliseconds
}

func (g *generator) user(ofPage bool) {
	var page []Video
	if ofPage {
		page = pageVideos()[g.u.ID]
	}
	first := len(page) // the generated videos stand after the page's
	g.categories(ofPage)
	for _, v := range page {
		g.must(g.w.AddVideo(g.u.ID, v))
	}
	g.videos()
	if ofPage && g.u.ID == "8205ac89d3" {
		for _, t := range pageTasks() {
			g.must(g.w.AddGrabTask(g.u.ID, t))
		}
		_, err := g.w.AddExamLog(g.u.ID, pageLog())
		g.must(err)
	} else {
		g.tasks(first)
	}
	if ofPage && g.u.ID == "sl8da4jjbx" {
		for _, d := range pageDanmu(g.u, g.r) {
			_, err := g.w.AddDanmu(g.u.ID, d)
			g.must(err)
		}
	} else {
		g.danmu()
	}
	g.logs(first)
}

// must stops at a generated object that the world refuses. Only a mistake in this
// file leads there: nothing here comes from a caller.
func (g *generator) must(err error) {
	if err != nil {
		panic("polyv: generated data: " + err.Error())
	}
}

// categories hangs three under the root and three under those.
func (g *generator) categories(ofPage bool) {
	names := categoryNames()
	id := 1_420_000_000_000 + g.r.Int64N(30_000_000_000)
	add := func(name string, parent int64) int64 {
		id += 1 + g.r.Int64N(1_000_000)
		g.must(g.w.AddCategory(g.u.ID, Category{ID: id, Name: name, Parent: parent}))
		return id
	}
	if ofPage && g.u.ID == "8205ac89d3" {
		g.must(g.w.AddCategory(g.u.ID, Category{ID: pageCategory, Name: names[0], Parent: rootCategory}))
		g.must(g.w.AddCategory(g.u.ID, Category{ID: besideIt, Name: names[7], Parent: rootCategory}))
	}
	one, two := add(names[1], rootCategory), add(names[2], rootCategory)
	add(names[3], rootCategory)
	add(names[4], one)
	add(names[5], one)
	add(names[6], two)
}

// videos spreads videos over all categories but the page's.
func (g *generator) videos() {
	at := 0
	for i := range startVideos {
		c := g.u.Categories[at%len(g.u.Categories)]
		if c.ID == pageCategory {
			at++
			c = g.u.Categories[at%len(g.u.Categories)]
		}
		at++
		seconds := 240 + g.r.Int64N(3000)
		g.must(g.w.AddVideo(g.u.ID, Video{
			Vid: g.u.freshVid(g.r), Title: pick(g.r, videoTopics()) + strconv.Itoa(i+1), Category: c.ID,
			Seconds: seconds, Sizes: sizes(seconds), Authplay: g.r.IntN(2) == 1,
		}))
	}
}

// danmu writes comments over the last months, the newest an hour before birth.
func (g *generator) danmu() {
	at := g.born - startDanmu*day - 3_600_000
	for range startDanmu {
		at += 1 + g.r.Int64N(2*day*9/10)
		v := pick(g.r, g.u.Videos)
		_, err := g.w.AddDanmu(g.u.ID, Danmu{
			Vid: v.Vid, Msg: pick(g.r, danmuTexts()), At: g.r.Int64N(v.Seconds),
			Color: pick(g.r, danmuColors()), Time: min(at, g.born-3_600_000),
		})
		g.must(err)
	}
}

// tasks makes finished grab tasks, about one a day; each third has failures.
func (g *generator) tasks(first int) {
	for i := range startTasks {
		created := g.born - int64(startTasks-i)*day + g.r.Int64N(day/2)
		id := make([]byte, 10)
		for j := range id {
			id[j] = byte(g.r.Uint32())
		}
		t := GrabTask{
			ID: alnum(id), Name: fmt.Sprintf("import-%d.csv", i+1), Category: rootCategory, CategoryName: rootName(),
			Status: "Y", Created: created,
		}
		ended := created + 30_000
		t.Ended = &ended
		for stamp := created - 5704; ; stamp++ { // the sample's name is that much older than its task
			if t.File = strconv.FormatInt(stamp, 10) + ".csv"; g.w.files[t.File] == nil {
				break
			}
		}
		for n := range 1 + g.r.IntN(6) {
			v := pick(g.r, g.u.Videos[first:])
			row := GrabRow{Vid: v.Vid, Title: v.Title, File: fmt.Sprintf("%s-%d.mp4", t.ID, n+1), Status: "Y"}
			if i%3 == 2 && n%2 == 0 {
				row.Vid, row.Status, row.Message = "", "N", pick(g.r, grabFailures())
				row.Title = `=HYPERLINK("` + v.Title + `"), 第2版` // what an export has to quote and to make safe
			}
			t.Rows = append(t.Rows, row)
		}
		g.must(g.w.AddGrabTask(g.u.ID, t))
	}
}

// logs makes answers over the last months, most on the first generated video.
func (g *generator) logs(first int) {
	videos := g.u.Videos[first:]
	for i := range startLogs {
		v := videos[0]
		if i%(startLogs/(startLogs-logsOnFirst)) == 0 {
			v = pick(g.r, videos[1:])
		}
		added := g.born - int64(startLogs-i)*day*3/2 + g.r.Int64N(day)
		option := 1 + g.r.IntN(4)
		_, err := g.w.AddExamLog(g.u.ID, ExamLog{
			ExamID: strconv.FormatInt(added-40*day, 16), Vid: v.Vid,
			Question: fmt.Sprintf("%s(%d)", pick(g.r, questions()), 1+g.r.IntN(9)),
			Answer:   fmt.Sprintf(`["%d"]`, option), Correct: option == 1,
			PlayID: fmt.Sprintf("%dX%d", added-64_240, 1_000_000+g.r.IntN(1_000_000)),
			IP:     fmt.Sprintf("203.0.113.%d", 1+g.r.IntN(254)), Province: pick(g.r, provinces()), ISP: pick(g.r, providers()),
			OS: pick(g.r, systems()), Browser: pick(g.r, browsers()), Added: added,
		})
		g.must(err)
	}
}

// pick draws one of a list that is not empty.
func pick[T any](r *rand.Rand, from []T) T { return from[r.IntN(len(from))] }
