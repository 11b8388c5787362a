package cliparto

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/mediasandbox/sandbox/fakes"
	"github.com/mediasandbox/sandbox/fakes/fakestest"
)

// modelImage is an image as plain facts.
type modelImage struct {
	id                 int64
	file               string
	browsed            int
	submitted, decided time.Time
	rejected, told     bool
	releases           map[int64]bool
}

func (i *modelImage) status(now time.Time) string {
	switch {
	case i.submitted.IsZero():
		return "uploaded"
	case now.Before(i.decided):
		return "pending"
	case i.rejected:
		return "rejected"
	}
	return "approved"
}

type amount struct {
	at    time.Time
	image int64
	cents int64
}

// model adds everything up anew each time it is asked.
type model struct {
	t       *testing.T
	r       *rand.Rand
	b       *fakestest.Bench
	now     time.Time
	images  []*modelImage // by id
	sales   []amount
	payouts []amount
	ftp     []string
	asked   []Asked // what passed the limits
	names   int
}

func newModel(t *testing.T) *model {
	m := &model{t: t, r: fakestest.Random(t), b: fakestest.New(t, API())}
	m.now = m.b.Host.Default().Clock.Now()
	m.with(func(w *World) {
		for _, i := range w.Images {
			image := &modelImage{
				id: i.ID, file: i.FileName, browsed: i.Browsed, submitted: i.Submitted, decided: i.Decided,
				rejected: i.Rejected, told: i.Announced, releases: map[int64]bool{},
			}
			for _, id := range i.Releases {
				image.releases[id] = true
			}
			m.images = append(m.images, image)
		}
		for _, s := range w.Sales {
			m.sales = append(m.sales, amount{s.At, s.ImageID, s.Cents})
		}
		for _, p := range w.Payouts {
			m.payouts = append(m.payouts, amount{at: p.At, cents: p.Cents})
		}
		m.ftp = slices.Clone(w.FTP)
	})
	return m
}

func (m *model) with(f func(w *World)) {
	m.t.Helper()
	require.NoError(m.t, m.b.Host.With(m.b.Host.Default(), "cliparto", func(w fakes.World, _ time.Time) error {
		f(w.(*World))
		return nil
	}))
}

// TestModel asks at random, changes the state from outside and moves the clock; every
// answer is added up anew.
func TestModel(t *testing.T) {
	m := newModel(t)
	for i := range fakestest.Steps() {
		switch n := m.r.IntN(100); {
		case n < 40:
			m.clock()
		case n < 75:
			m.ask()
		case n < 82:
			m.upload()
		case n < 88:
			m.sell()
		case n < 92:
			m.pay()
		case n < 96:
			m.review()
		default:
			m.agree()
		}
		if i%1000 == 999 {
			m.reload()
		}
	}
	m.reload()
	require.Empty(t, m.b.Breaches())
}

// sum adds up from (included) to (included).
func sumOf(list []amount, from, to time.Time) (n int, cents int64) {
	for _, a := range list {
		if !a.at.Before(from) && !a.at.After(to) {
			n++
			cents += a.cents
		}
	}
	return n, cents
}

func (m *model) approved(from, to time.Time) (n int) {
	for _, i := range m.images {
		if !i.submitted.IsZero() && !i.rejected && !i.decided.Before(from) && !i.decided.After(to) {
			n++
		}
	}
	return n
}

func dollars(n int64) string { return fmt.Sprintf("%d.%02d", n/100, n%100) }

// month is the first and the last moment of the month that lies back months before now.
func month(now time.Time, back int) (from, to time.Time) {
	from = time.Date(now.Year(), now.Month()-time.Month(back), 1, 0, 0, 0, 0, time.UTC)
	return from, from.AddDate(0, 1, 0).Add(-1)
}

// figures are the answers without an ext.
func (m *model) figures() map[string]string {
	from, _ := month(m.now, 0)
	prev, end := month(m.now, 1)
	n, all := sumOf(m.sales, time.Time{}, m.now)
	nThis, this := sumOf(m.sales, from, m.now)
	nPrev, last := sumOf(m.sales, prev, end)
	_, paid := sumOf(m.payouts, time.Time{}, m.now)
	return map[string]string{
		"BalanceCurrent": dollars(all - paid), "EarningsTotal": dollars(all), "EarningsThisMonth": dollars(this), "EarningsPrevMonth": dollars(last),
		"DownloadsTotal": strconv.Itoa(n), "DownloadsThisMonth": strconv.Itoa(nThis), "DownloadsPrevMonth": strconv.Itoa(nPrev),
		"ImagesTotal": strconv.Itoa(m.approved(time.Time{}, m.now)), "ImagesNew": strconv.Itoa(m.approved(from, m.now)),
		"ImagesNewPrevMonth": strconv.Itoa(m.approved(prev, end)),
	}
}

// admit applies the vendor's two limits to the list of what passed them.
func (m *model) admit(q, ext string) (refusal string) {
	var kept []Asked
	for _, a := range m.asked { // what lies ahead was asked before the clock was set back
		if d := m.now.Sub(a.At); d >= 0 && d < time.Hour {
			kept = append(kept, a)
		}
	}
	for _, a := range kept {
		if m.now.Sub(a.At) < 20*time.Second {
			return "too-frequent"
		}
	}
	for _, a := range kept {
		if a.Q == q && a.Ext == ext {
			return "repeated"
		}
	}
	m.asked = append(kept, Asked{At: m.now, Q: q, Ext: ext})
	return ""
}

func (m *model) ask() {
	ops := m.b.Doc.Operations
	op := ops[m.r.IntN(len(ops))].ID
	image := m.images[m.r.IntN(len(m.images))]
	ext := ""
	switch op {
	case "DownloadsList":
		ext = []string{"", "1", "7", "100", "0", "101", "x", "-5"}[m.r.IntN(8)]
	case "ImageData":
		ext = []string{strconv.FormatInt(image.id, 10), "99", "", "x"}[min(m.r.IntN(8), 3)%4]
	case "ImageIDByFileName":
		ext = []string{image.file, "nothing"}[m.r.IntN(2)]
	case "AttachReleaseToImage":
		ext = fmt.Sprintf("%d:%d", firstRelease+m.r.Int64N(8), image.id+m.r.Int64N(2))
	}
	want := m.admit(op, ext)
	args := map[string]string{}
	if ext != "" {
		args["ext"] = ext
	}
	r := m.b.Call(op, args)
	if want != "" {
		require.Equal(m.t, want, r.Outcome, "%s %q at %s", op, ext, m.now)
		return
	}
	body := r.Body.String()
	if figure, ok := m.figures()[op]; ok {
		require.Equal(m.t, figure, body, "%s at %s", op, m.now)
		return
	}
	switch op {
	case "DownloadsList":
		m.downloads(ext, r.Outcome, body)
	case "ImageData":
		m.imageData(ext, r.Outcome, body)
	case "ImageIDByFileName":
		want := "not-found"
		for _, i := range m.images {
			if i.file == ext && i.status(m.now) == "approved" {
				want = strconv.FormatInt(i.id, 10)
			}
		}
		require.True(m.t, body == want || want == r.Outcome, "%s %q: %q, not %q", op, ext, body, want)
	case "AttachReleaseToImage":
		m.attach(ext, r.Outcome)
	case "ReleasesList":
		require.Len(m.t, strings.Split(body, "\n"), someReleases)
	case "ProcessFilesFromFTP":
		require.Equal(m.t, strconv.Itoa(len(m.ftp)), body)
		m.taken()
	case "SubmitToPending":
		n := 0
		for _, i := range m.images {
			if i.submitted.IsZero() {
				i.submitted, i.decided = m.now, m.now.Add(24*time.Hour)
				n++
			}
		}
		require.Equal(m.t, strconv.Itoa(n), body)
	default:
		require.Fail(m.t, "not modelled", op)
	}
}

func (m *model) downloads(ext, outcome, body string) {
	limit := 10
	if ext != "" {
		var err error
		if limit, err = strconv.Atoi(ext); err != nil {
			require.Equal(m.t, "ext-malformed", outcome)
			return
		}
	}
	if limit < 1 || limit > 100 {
		require.Equal(m.t, "ext-out-of-range", outcome)
		return
	}
	var want []string
	for _, s := range slices.Backward(m.sales) {
		if !s.at.After(m.now) && len(want) < limit {
			want = append(want, s.at.Format(time.DateTime)+";"+strconv.FormatInt(s.image, 10)+";")
		}
	}
	lines := strings.Split(body, "\n")
	require.Len(m.t, lines, len(want))
	for i := range want {
		require.True(m.t, strings.HasPrefix(lines[i], want[i]), "line %d: %q, not %q", i, lines[i], want[i])
	}
}

func (m *model) imageData(ext, outcome, body string) {
	id, err := strconv.ParseInt(ext, 10, 64)
	at := slices.IndexFunc(m.images, func(i *modelImage) bool { return i.id == id })
	switch {
	case ext == "":
		require.Equal(m.t, "ext-missing", outcome)
	case err != nil:
		require.Equal(m.t, "ext-malformed", outcome)
	case at < 0:
		require.Equal(m.t, "not-found", outcome)
	default:
		i := m.images[at]
		n, cents := sumOf(slices.DeleteFunc(slices.Clone(m.sales), func(s amount) bool { return s.image != id }), time.Time{}, m.now)
		fields := strings.Split(body, ";")
		require.Len(m.t, fields, 7)
		require.Equal(m.t, []string{i.status(m.now), strconv.Itoa(i.browsed + n), strconv.Itoa(n), dollars(cents), i.file},
			[]string{fields[0], fields[2], fields[3], fields[4], fields[6]})
	}
}

func (m *model) attach(ext, outcome string) {
	var release, image int64
	_, err := fmt.Sscanf(ext, "%d:%d", &release, &image)
	require.NoError(m.t, err)
	at := slices.IndexFunc(m.images, func(i *modelImage) bool { return i.id == image })
	if release >= firstRelease+someReleases || at < 0 {
		require.Equal(m.t, "not-found", outcome)
		return
	}
	require.Equal(m.t, "release-attached", outcome)
	m.images[at].releases[release] = true
}

// taken reads the ids that the files from FTP got: new ones, in order.
func (m *model) taken() {
	m.with(func(w *World) {
		fresh := w.Images[len(m.images):]
		require.Len(m.t, fresh, len(m.ftp))
		require.Empty(m.t, w.FTP)
		for n, i := range fresh {
			require.Greater(m.t, i.ID, m.images[len(m.images)-1].id, "ids are unique and ascend")
			require.Equal(m.t, m.ftp[n][:len(m.ftp[n])-len(".jpg")], i.FileName)
			m.images = append(m.images, &modelImage{id: i.ID, file: i.FileName, releases: map[int64]bool{}})
		}
	})
	m.ftp = nil
}

func (m *model) upload() {
	m.names++
	name := fmt.Sprintf("file_%d.jpg", m.names/2) // every other one twice
	if !slices.Contains(m.ftp, name) {
		m.ftp = append(m.ftp, name)
	}
	m.with(func(w *World) { require.NoError(m.t, w.UploadFTP(name)) })
}

func (m *model) sell() {
	image := m.images[m.r.IntN(len(m.images))]
	s := Sale{
		At: m.now.Add(time.Duration(m.r.Int64N(int64(96*time.Hour))) - 48*time.Hour), ImageID: image.id,
		License: "standard", Size: "M", Cents: 1 + m.r.Int64N(500), Country: "DE",
	}
	m.with(func(w *World) {
		require.Equal(m.t, image.status(s.At) == "approved", w.AddSale(s) == nil, "%+v of %+v", s, image)
	})
	if image.status(s.At) == "approved" {
		m.sales = insert(m.sales, amount{s.At, s.ImageID, s.Cents})
	}
}

func insert(list []amount, a amount) []amount {
	list = append(list, a)
	slices.SortStableFunc(list, func(a, b amount) int { return a.at.Compare(b.at) })
	return list
}

// pay pays out; no payout, early or late, may take the balance below zero at any time.
func (m *model) pay() {
	p := amount{at: m.now.Add(-time.Duration(m.r.Int64N(int64(72 * time.Hour)))), cents: 1 + m.r.Int64N(3000)}
	covered := true
	with := insert(slices.Clone(m.payouts), p)
	for _, at := range with {
		_, earned := sumOf(m.sales, time.Time{}, at.at)
		_, paid := sumOf(with, time.Time{}, at.at)
		covered = covered && earned >= paid
	}
	m.with(func(w *World) {
		require.Equal(m.t, covered, w.AddPayout(Payout{p.at, p.cents}) == nil, "%+v", p)
	})
	if covered {
		m.payouts = with
	}
}

func (m *model) review() {
	i := m.images[max(0, len(m.images)-1-m.r.IntN(30))]
	approve := m.r.IntN(2) == 0
	sold := slices.ContainsFunc(m.sales, func(s amount) bool { return s.image == i.id })
	may := i.status(m.now) == "pending" && !m.now.Before(i.submitted) && (approve || !sold)
	m.with(func(w *World) { require.Equal(m.t, may, w.Review(i.id, approve, m.now) == nil, "%+v at %s", i, m.now) })
	if may {
		i.decided, i.rejected, i.told = m.now, !approve, false
		m.settle()
	}
}

// clock moves the clock: mostly a little beyond a limit or just short of one.
func (m *model) clock() {
	d := []time.Duration{
		0, time.Nanosecond, 20*time.Second - 1, 20 * time.Second, 25 * time.Second, time.Minute, 40 * time.Minute,
		time.Hour - 1, time.Hour, 5 * time.Hour, 26 * time.Hour,
	}[m.r.IntN(11)]
	if m.r.IntN(8) == 0 {
		d = -d / 2
	}
	m.now = m.b.Host.Default().Clock.Advance(d)
	m.settle()
}

// settle hears the decisions: each once, at its time, in order.
func (m *model) settle() {
	events := m.b.Host.Settle(m.b.Host.Default())
	for n, e := range events {
		i := m.images[slices.IndexFunc(m.images, func(i *modelImage) bool { return strconv.FormatInt(i.id, 10) == e.ID })]
		require.False(m.t, i.told, "%s is told once", e.ID)
		i.told = true
		require.Equal(m.t, "image-"+i.status(m.now), e.Kind)
		require.True(m.t, e.At.Equal(i.decided))
		require.False(m.t, n > 0 && e.At.Before(events[n-1].At))
	}
	for _, i := range m.images {
		require.True(m.t, i.told || i.submitted.IsZero() || i.decided.After(m.now), "%+v at %s, and nobody was told", i, m.now)
	}
}

// agree holds totals, lists and months to each other, past the limits.
func (m *model) agree() {
	want := m.figures()
	m.with(func(w *World) {
		c := &fakes.Call{Now: m.now}
		for op, f := range map[string]func(*fakes.Call, none) (string, error){
			"BalanceCurrent": w.balanceCurrent, "EarningsTotal": w.earningsTotal, "EarningsThisMonth": w.earningsThisMonth,
			"EarningsPrevMonth": w.earningsPrevMonth, "DownloadsTotal": w.downloadsTotal, "DownloadsThisMonth": w.downloadsThisMonth,
			"DownloadsPrevMonth": w.downloadsPrevMonth, "ImagesTotal": w.imagesTotal, "ImagesNew": w.imagesNew, "ImagesNewPrevMonth": w.imagesNewPrevMonth,
		} {
			got, err := f(c, none{})
			require.NoError(m.t, err)
			require.Equal(m.t, want[op], got, "%s at %s", op, m.now)
		}
		byImage := int64(0)
		for _, i := range m.images {
			byImage += int64(w.earnedBy[i.id].upTo(m.now).amount)
		}
		require.Equal(m.t, want["EarningsTotal"], dollars(byImage), "the images' earnings are all earnings")
	})
}

// reload takes the state out and in.
func (m *model) reload() {
	t := m.b.Host.Default()
	state, err := m.b.Host.Export(t, "cliparto")
	require.NoError(m.t, err)
	require.NoError(m.t, m.b.Host.Import(t, map[string]json.RawMessage{"cliparto": state}))
	m.agree()
	m.with(func(w *World) {
		require.Len(m.t, w.Images, len(m.images))
		for n, i := range w.Images {
			require.Len(m.t, i.Releases, len(m.images[n].releases))
			for _, id := range i.Releases {
				require.True(m.t, m.images[n].releases[id])
			}
		}
	})
}
