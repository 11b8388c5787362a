package polyv_test

import (
	"cmp"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/mediasandbox/sandbox/fakes/fakestest"
	"github.com/mediasandbox/sandbox/fakes/polyv"
)

// stamped is a record of the model: what it is called, what it belongs to, and when.
type stamped[K cmp.Ordered] struct {
	id   K
	vid  string
	when int64
}

// newestFirst is how all lists are ordered.
func newestFirst[K cmp.Ordered](all map[K]stamped[K]) []stamped[K] {
	return slices.SortedFunc(maps.Values(all), func(a, b stamped[K]) int {
		return cmp.Or(cmp.Compare(b.when, a.when), cmp.Compare(b.id, a.id))
	})
}

// account is what the model knows of one user.
type account struct {
	*client
	danmu  map[int64]stamped[int64]
	tasks  map[string]stamped[string]
	rows   map[string]int    // of tasks
	file   map[string]string // of tasks
	logs   map[int64]stamped[int64]
	parent map[int64]int64
	videos map[string]polyv.Video
}

type model struct {
	t     *testing.T
	r     *rand.Rand
	users []*account
}

// newModel reads what the world begins with.
func newModel(t *testing.T) *model {
	m := &model{t: t, r: fakestest.Random(t)}
	first := open(t, userA)
	for _, id := range []string{userA, userE} {
		m.users = append(m.users, &account{
			client: as(first, id), danmu: map[int64]stamped[int64]{}, tasks: map[string]stamped[string]{}, rows: map[string]int{}, file: map[string]string{},
			logs: map[int64]stamped[int64]{}, parent: map[int64]int64{}, videos: map[string]polyv.Video{},
		})
	}
	first.with(func(w *polyv.World) {
		for _, a := range m.users {
			u := w.Users[slices.IndexFunc(w.Users, func(u *polyv.User) bool { return u.ID == a.user.ID })]
			u.Danmu.Scan(func(d *polyv.Danmu) bool { a.danmu[d.ID] = stamped[int64]{d.ID, d.Vid, d.Time}; return true })
			u.Logs.Scan(func(l *polyv.ExamLog) bool { a.logs[l.ID] = stamped[int64]{l.ID, l.Vid, l.Added}; return true })
			u.Tasks.Scan(func(k *polyv.GrabTask) bool {
				a.tasks[k.ID], a.rows[k.ID], a.file[k.ID] = stamped[string]{id: k.ID, when: k.Created}, len(k.Rows), k.File
				return true
			})
			for _, c := range u.Categories {
				a.parent[c.ID] = c.Parent
			}
			for _, v := range u.Videos {
				a.videos[v.Vid] = *v
			}
		}
	})
	return m
}

// TestModel makes random calls as two users and compares with the model after each.
func TestModel(t *testing.T) {
	m := newModel(t)
	var wheel []func(*account)
	for _, s := range []struct {
		weight int
		step   func(*account)
	}{
		{14, m.danmuList}, {8, m.danmuDelete}, {10, m.danmuAdd}, {8, m.grabList}, {2, m.grabDelete}, {4, m.grabExport},
		{12, m.move}, {3, m.grow}, {8, m.sizes}, {6, m.clip}, {8, m.logsOf}, {5, m.logAdd}, {6, m.authplay}, {4, m.clock},
	} {
		for range s.weight {
			wheel = append(wheel, s.step)
		}
	}
	for i := range fakestest.Steps() {
		if i%2000 == 0 {
			m.reload()
		}
		wheel[m.r.IntN(len(wheel))](m.users[m.r.IntN(len(m.users))])
	}
	m.reload()
}

func pickFrom[K cmp.Ordered, V any](r *rand.Rand, of map[K]V) K {
	keys := slices.Sorted(maps.Keys(of))
	return keys[r.IntN(len(keys))]
}

// checkPage holds a page to the list that it is one of.
func checkPage(t *testing.T, p page, number, size, total int64) {
	t.Helper()
	pages := (total + size - 1) / size
	before := (number - 1) * size
	if total == 0 {
		before = 0 // an empty list has one page, which is the first
	}
	n := max(0, min(size, total-before))
	require.Equal(t, page{
		PageNumber: number, TotalItems: total, StartRow: before + 1, EndRow: before + n, TotalPages: pages, Limit: n, Offset: before,
		FirstPage: number == 1 || total == 0, LastPage: number == pages,
		NextPageNumber: max(1, min(number+1, pages)), PrePageNumber: max(1, min(number-1, pages)), Contents: p.Contents,
	}, p)
	require.Len(t, p.Contents, int(n))
}

func (m *model) danmuList(a *account) {
	all := newestFirst(a.danmu)
	in := args{}
	if m.r.IntN(2) == 0 {
		vid := pickFrom(m.r, a.videos)
		in["vid"] = vid
		all = slices.DeleteFunc(all, func(d stamped[int64]) bool { return d.vid != vid })
	}
	size := 1 + m.r.Int64N(40)
	number := 1 + m.r.Int64N(int64(len(all))/size+2)
	in["pageNum"], in["numPerPage"] = strconv.FormatInt(number, 10), strconv.FormatInt(size, 10)
	p := data[page](a.must("listed", "danmuList", in))
	checkPage(m.t, p, number, size, int64(len(all)))
	for i, item := range p.Contents {
		want := all[(number-1)*size+int64(i)]
		require.Equal(m.t, want, stamped[int64]{item.ID, item.Vid, item.Timestamp})
	}
}

// danmuDelete names some that are there, some that are not, and some of the other user.
func (m *model) danmuDelete(a *account) {
	var ids []string
	for range 1 + m.r.IntN(4) {
		other := m.users[m.r.IntN(2)]
		if len(other.danmu) == 0 || m.r.IntN(4) == 0 {
			ids = append(ids, []string{"999999999", "none", "", "-1"}[m.r.IntN(4)])
			continue
		}
		id := pickFrom(m.r, other.danmu)
		ids = append(ids, strconv.FormatInt(id, 10))
		if other == a {
			delete(a.danmu, id)
		}
	}
	text := strings.Join(ids, ",")
	if strings.Trim(text, " ") == "" {
		return // a blank list is another outcome
	}
	a.must("deleted", "danmuDelete", args{"danmuIds": text})
}

func (m *model) danmuAdd(a *account) {
	d := polyv.Danmu{Vid: pickFrom(m.r, a.videos), Msg: "m", Time: a.tenant.Clock.Now().UnixMilli() - m.r.Int64N(1000)}
	a.with(func(w *polyv.World) {
		id, err := w.AddDanmu(a.user.ID, d)
		require.NoError(m.t, err)
		for _, other := range m.users {
			require.NotContains(m.t, other.danmu, id, "ids are unique")
		}
		a.danmu[id] = stamped[int64]{id, d.Vid, d.Time}
	})
}

func (m *model) grabList(a *account) {
	all := newestFirst(a.tasks)
	size := 1 + m.r.Int64N(12)
	number := 1 + m.r.Int64N(int64(len(all))/size+2)
	p := data[page](a.must("listed", "grabList", args{"page": strconv.FormatInt(number, 10), "pageSize": strconv.FormatInt(size, 10)}))
	checkPage(m.t, p, number, size, int64(len(all)))
	for i, item := range p.Contents {
		require.Equal(m.t, all[(number-1)*size+int64(i)].id, item.Taskid)
	}
}

func (m *model) grabDelete(a *account) {
	if len(a.tasks) == 0 || m.r.IntN(3) == 0 {
		a.must("task-unknown", "grabDelete", args{"taskId": "nothing"})
		return
	}
	id := pickFrom(m.r, a.tasks)
	a.must("deleted", "grabDelete", args{"taskId": id})
	delete(a.tasks, id)
	a.must("task-unknown", "grabDelete", args{"taskId": id})
	a.must("task-not-found", "grabExport", args{"taskId": id})
	a.with(func(w *polyv.World) {
		_, _, there := w.Publish(a.file[id])
		require.False(m.t, there, "its file is gone, too")
	})
}

func (m *model) grabExport(a *account) {
	if len(a.tasks) == 0 {
		return
	}
	id := pickFrom(m.r, a.tasks)
	r := a.must("exported", "grabExport", args{"taskId": id})
	lines, err := csv.NewReader(r.Body).ReadAll()
	require.NoError(m.t, err)
	require.Len(m.t, lines, 1+a.rows[id])
	for _, cells := range lines {
		for _, cell := range cells {
			require.NotRegexp(m.t, `^[=+\-@\t\r\n]`, cell, "a spreadsheet would run it")
		}
	}
}

// under reports whether c is top or stands below it.
func (a *account) under(c, top int64) bool {
	for steps := 0; c != 0; c = a.parent[c] {
		if c == top {
			return true
		}
		if steps++; steps > len(a.parent) {
			panic("the model's tree has a cycle")
		}
	}
	return false
}

func (m *model) move(a *account) {
	from, to := pickFrom(m.r, a.parent), pickFrom(m.r, a.parent)
	if m.r.IntN(10) == 0 {
		to = 77
	}
	want := "moved"
	switch _, known := a.parent[to]; {
	case from == to:
		want = "cataid-equal"
	case !known:
		want = "cataid-unknown"
	case a.parent[from] == to, a.under(to, from):
		want = "cataid-parent"
	}
	a.must(want, "cataChange", args{"cataid": strconv.FormatInt(from, 10), "destCataid": strconv.FormatInt(to, 10)})
	if want == "moved" {
		a.parent[from] = to
	}
}

// grow hangs one more category into the tree, up to a number.
func (m *model) grow(a *account) {
	if len(a.parent) >= 60 {
		return
	}
	c := polyv.Category{ID: 2 + m.r.Int64N(1000), Name: "n", Parent: pickFrom(m.r, a.parent)}
	_, taken := a.parent[c.ID]
	a.with(func(w *polyv.World) { require.Equal(m.t, taken, w.AddCategory(a.user.ID, c) != nil) })
	if !taken {
		a.parent[c.ID] = c.Parent
	}
}

// sizes asks for a category, which stands for all below it, or for some videos.
func (m *model) sizes(a *account) {
	want := map[string]bool{}
	in := args{}
	if m.r.IntN(2) == 0 {
		top := pickFrom(m.r, a.parent)
		in["cataId"] = strconv.FormatInt(top, 10)
		for _, v := range a.videos {
			if a.under(v.Category, top) {
				want[v.Vid] = true
			}
		}
	} else {
		vids := []string{"unknown", m.users[0].user.ID + strings.Repeat("0", 22) + "_8"}
		for range m.r.IntN(6) {
			vid := pickFrom(m.r, m.users[m.r.IntN(2)].videos)
			vids = append(vids, vid)
			if _, own := a.videos[vid]; own {
				want[vid] = true
			}
		}
		in["vids"] = strings.Join(vids, ",")
	}
	got := map[string]bool{}
	for _, g := range data[[]group](a.must("sized", "videoSizes", in)) {
		require.NotEmpty(m.t, g.Videos)
		for _, v := range g.Videos {
			require.False(m.t, got[v.Vid], "%s twice", v.Vid)
			got[v.Vid] = true
			own := a.videos[v.Vid]
			require.Equal(m.t, own.Category, g.Cataid)
			require.Equal(m.t, [3]int64{v.Filesize1, v.Filesize2, v.Filesize3}, own.Sizes)
			require.Equal(m.t, fmt.Sprintf("%02d:%02d:%02d", own.Seconds/3600, own.Seconds/60%60, own.Seconds%60), v.Duration)
		}
	}
	require.Equal(m.t, want, got)
}

// clip cuts a video in up to six random places, and knows which rule they break.
func (m *model) clip(a *account) {
	vid := pickFrom(m.r, a.videos)
	source := a.videos[vid]
	type frame struct {
		Start int64 `json:"start"`
		End   int64 `json:"end"`
	}
	var frames []frame
	var total int64
	var reversed, short, beyond bool
	for range 1 + m.r.IntN(6) {
		f := frame{Start: m.r.Int64N(source.Seconds)}
		f.End = f.Start + 5 + m.r.Int64N(60)
		switch m.r.IntN(12) {
		case 0:
			f.Start, f.End = f.End, f.Start
		case 1:
			f.End = f.Start + m.r.Int64N(5)
		case 2, 3, 4, 5, 6, 7:
			f.End = min(f.End, source.Seconds)
		}
		reversed, short, beyond = reversed || f.Start > f.End, short || f.End-f.Start < 5, beyond || f.End > source.Seconds
		total += f.End - f.Start
		frames = append(frames, f)
	}
	text, err := json.Marshal(frames)
	require.NoError(m.t, err)
	in := args{"vid": vid, "title": "剪辑", "timeFrame": string(text)}
	switch {
	case len(frames) > 5:
		a.must("timeframe-too-many", "clip", in)
		return
	case reversed:
		a.must("timeframe-reversed", "clip", in)
		return
	case short:
		a.must("timeframe-too-short", "clip", in)
		return
	case beyond:
		a.must("timeframe-beyond-end", "clip", in)
		return
	}
	made := data[string](a.must("clipped", "clip", in))
	require.NotContains(m.t, a.videos, made)
	require.Regexp(m.t, `^`+a.user.ID+`[0-9a-f]{22}_`+a.user.ID[:1]+`$`, made)
	v := polyv.Video{Vid: made, Category: source.Category, Seconds: total, Authplay: source.Authplay}
	for i, n := range source.Sizes {
		v.Sizes[i] = n * total / source.Seconds
	}
	a.videos[made] = v
}

func (m *model) logsOf(a *account) {
	vids := map[string]bool{}
	for range 1 + m.r.IntN(5) {
		vids[pickFrom(m.r, a.videos)] = true
	}
	in := args{"vids": strings.Join(slices.Sorted(maps.Keys(vids)), ",")}
	zone := time.FixedZone("", 8*3600)
	from, to := int64(0), int64(1)<<62
	if m.r.IntN(2) == 0 {
		day := a.tenant.Clock.Now().In(zone).AddDate(0, 0, -m.r.IntN(120))
		in["start"] = day.Format(time.DateOnly)
		from = time.Date(day.Year(), day.Month(), day.Day(), 0, 0, 0, 0, zone).UnixMilli()
	}
	if m.r.IntN(2) == 0 {
		day := a.tenant.Clock.Now().In(zone).AddDate(0, 0, -m.r.IntN(60))
		in["end"] = day.Format(time.DateOnly)
		to = time.Date(day.Year(), day.Month(), day.Day()+1, 0, 0, 0, 0, zone).UnixMilli()
	}
	want := slices.DeleteFunc(newestFirst(a.logs), func(l stamped[int64]) bool { return !vids[l.vid] || l.when < from || l.when >= to })
	number := 1 + m.r.IntN(len(want)/20+2)
	in["pageNum"] = strconv.Itoa(number)
	got := data[[]struct {
		Logid       int64
		VideoPoolID string
		DateAdded   int64
	}](a.must("listed", "examLog", in))
	first := min((number-1)*20, len(want))
	want = want[first:min(first+20, len(want))]
	require.Len(m.t, got, len(want))
	for i, l := range got {
		require.Equal(m.t, stamped[int64]{l.Logid, l.VideoPoolID, l.DateAdded}, want[i])
	}
}

func (m *model) logAdd(a *account) {
	l := polyv.ExamLog{Vid: pickFrom(m.r, a.videos), Answer: `["1"]`, Added: a.tenant.Clock.Now().UnixMilli() - m.r.Int64N(int64(90*24*time.Hour/time.Millisecond))}
	if m.r.IntN(3) == 0 {
		l.Added -= (l.Added + 8*3_600_000) % 86_400_000 // midnight in Shanghai, to the millisecond
	}
	a.with(func(w *polyv.World) {
		id, err := w.AddExamLog(a.user.ID, l)
		require.NoError(m.t, err)
		require.NotContains(m.t, a.logs, id)
		a.logs[id] = stamped[int64]{id, l.Vid, l.Added}
	})
}

func (m *model) authplay(a *account) {
	vid := pickFrom(m.r, a.videos)
	v := a.videos[vid]
	if m.r.IntN(2) == 0 {
		v.Authplay = !v.Authplay
		a.with(func(w *polyv.World) { require.NoError(m.t, w.SetAuthplay(a.user.ID, vid, v.Authplay)) })
		a.videos[vid] = v
	}
	want := 0
	if v.Authplay {
		want = 1
	}
	require.Equal(m.t, want, data[int](a.must("told", "authplayStatus", args{"vid": vid})))
}

func (m *model) clock(a *account) {
	a.tenant.Clock.Advance(time.Duration(m.r.Int64N(int64(6*time.Hour))) - time.Hour)
}

// reload takes the state out and in, and holds the whole of it to the model.
func (m *model) reload() {
	c := m.users[0].client
	state, err := c.Host.Export(c.tenant, "polyv")
	require.NoError(m.t, err)
	require.NoError(m.t, c.Host.Import(c.tenant, map[string]json.RawMessage{"polyv": state}))
	c.with(func(w *polyv.World) {
		for _, a := range m.users {
			u := w.Users[slices.IndexFunc(w.Users, func(u *polyv.User) bool { return u.ID == a.user.ID })]
			require.Equal(m.t, []int{len(a.danmu), len(a.tasks), len(a.logs), len(a.parent), len(a.videos)},
				[]int{u.Danmu.Len(), u.Tasks.Len(), u.Logs.Len(), len(u.Categories), len(u.Videos)}, "nothing came or went")
			for _, k := range u.Categories {
				require.Equal(m.t, a.parent[k.ID], k.Parent)
				require.True(m.t, a.under(k.ID, 1), "category %d hangs on the root", k.ID)
			}
		}
	})
	// All pages of all danmu, one after the other.
	a := m.users[m.r.IntN(2)]
	size := 1 + m.r.IntN(50)
	var ids []int64
	for number := 1; ; number++ {
		p := data[page](a.must("listed", "danmuList", args{"pageNum": strconv.Itoa(number), "numPerPage": strconv.Itoa(size)}))
		for _, d := range p.Contents {
			ids = append(ids, d.ID)
		}
		if len(p.Contents) == 0 {
			break
		}
	}
	var want []int64
	for _, d := range newestFirst(a.danmu) {
		want = append(want, d.id)
	}
	require.Equal(m.t, want, ids, "pages partition the list")
}
