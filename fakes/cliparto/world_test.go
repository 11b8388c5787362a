package cliparto

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/mediasandbox/sandbox/fakes"
)

// born is a moment with a part of a second, in the middle of a month.
var born = time.Date(2026, 3, 18, 12, 0, 0, 500_000_000, time.UTC)

func fresh(t testing.TB) *World {
	t.Helper()
	w := New(fakes.Env{Tenant: "default", Default: true, Seed: 1, Born: born})
	requireSound(t, w)
	return w
}

// requireSound fails when a world does not survive JSON, or would be refused as an import.
func requireSound(t testing.TB, w *World) {
	t.Helper()
	out, err := json.Marshal(w)
	require.NoError(t, err)
	var back World
	require.NoError(t, json.Unmarshal(out, &back))
	require.NoError(t, back.Restore(fakes.Env{}))
	again, err := json.Marshal(&back)
	require.NoError(t, err)
	require.Equal(t, string(out), string(again))
	for _, at := range []time.Time{born, born.AddDate(0, 0, 40)} {
		require.Equal(t, answers(t, w, at), answers(t, &back, at))
	}
}

// ask calls a query type that has no ext.
func ask(t testing.TB, f func(*fakes.Call, none) (string, error), now time.Time) string {
	t.Helper()
	out, err := f(&fakes.Call{Now: now}, none{})
	require.NoError(t, err)
	return out
}

func askExt(t testing.TB, f func(*fakes.Call, extInput) (string, error), now time.Time, ext string) string {
	t.Helper()
	out, err := f(&fakes.Call{Now: now}, extInput{ext})
	require.NoError(t, err)
	return out
}

// answers is everything that can be read at a moment.
func answers(t testing.TB, w *World, now time.Time) map[string]string {
	t.Helper()
	out := map[string]string{}
	for name, f := range map[string]func(*fakes.Call, none) (string, error){
		"BalanceCurrent": w.balanceCurrent, "EarningsTotal": w.earningsTotal, "EarningsThisMonth": w.earningsThisMonth,
		"EarningsPrevMonth": w.earningsPrevMonth, "DownloadsTotal": w.downloadsTotal, "DownloadsThisMonth": w.downloadsThisMonth,
		"DownloadsPrevMonth": w.downloadsPrevMonth, "ImagesTotal": w.imagesTotal, "ImagesNew": w.imagesNew,
		"ImagesNewPrevMonth": w.imagesNewPrevMonth, "ReleasesList": w.releasesList,
	} {
		out[name] = ask(t, f, now)
	}
	out["DownloadsList"] = askExt(t, w.downloadsList, now, "100")
	for _, img := range w.Images {
		id := strconv.FormatInt(img.ID, 10)
		out["ImageData "+id] = askExt(t, w.imageData, now, id)
	}
	return out
}

func TestMonthBoundaries(t *testing.T) {
	at := func(s string) time.Time {
		v, err := time.Parse("2006-01-02 15:04:05.999999999 -07:00", s)
		require.NoError(t, err)
		return v
	}
	rows := []struct {
		name                 string
		sold, now            string
		this, prev           string
		thisMonth, prevMonth string
	}{
		{"the first instant of a month", "2026-03-01 00:00:00 +00:00", "2026-03-01 00:00:00 +00:00", "1", "0", "2.10", "0.00"},
		{"one second before", "2026-02-28 23:59:59 +00:00", "2026-03-01 00:00:00 +00:00", "0", "1", "0.00", "2.10"},
		{"one nanosecond before", "2026-02-28 23:59:59.999999999 +00:00", "2026-03-01 00:00:00 +00:00", "0", "1", "0.00", "2.10"},
		{"months are those of UTC", "2026-03-01 01:00:00 +03:00", "2026-03-15 12:00:00 +00:00", "0", "1", "0.00", "2.10"},
		{"now's own zone does not matter", "2026-03-01 00:00:00 +00:00", "2026-04-01 02:00:00 +03:00", "1", "0", "2.10", "0.00"},
		{"a leap day", "2028-02-29 23:59:59 +00:00", "2028-03-31 23:59:59 +00:00", "0", "1", "0.00", "2.10"},
		{"the month before a long one", "2026-02-01 00:00:00 +00:00", "2026-03-31 12:00:00 +00:00", "0", "1", "0.00", "2.10"},
		{"two months before", "2026-01-31 23:59:59 +00:00", "2026-03-31 12:00:00 +00:00", "0", "0", "0.00", "0.00"},
		{"over the year", "2025-12-31 23:59:59 +00:00", "2026-01-01 00:00:00 +00:00", "0", "1", "0.00", "2.10"},
		{"at this moment", "2026-03-15 12:00:00 +00:00", "2026-03-15 12:00:00 +00:00", "1", "0", "2.10", "0.00"},
		{"not yet", "2026-03-15 12:00:00.000000001 +00:00", "2026-03-15 12:00:00 +00:00", "0", "0", "0.00", "0.00"},
	}
	for _, r := range rows {
		t.Run(r.name, func(t *testing.T) {
			old := at("2020-01-01 00:00:00 +00:00")
			w := &World{Images: []*Image{{ID: 7, FileName: "x", Uploaded: old, Submitted: old, Decided: old}}}
			require.NoError(t, w.Restore(fakes.Env{}))
			require.NoError(t, w.AddSale(Sale{At: at(r.sold), ImageID: 7, License: "standard", Size: "L", Cents: 210, Country: "DE"}))
			now := at(r.now)
			assert.Equal(t, r.this, ask(t, w.downloadsThisMonth, now))
			assert.Equal(t, r.prev, ask(t, w.downloadsPrevMonth, now))
			assert.Equal(t, r.thisMonth, ask(t, w.earningsThisMonth, now))
			assert.Equal(t, r.prevMonth, ask(t, w.earningsPrevMonth, now))

			// An approval at the same moment is counted in the same month.
			w = &World{Images: []*Image{{ID: 7, FileName: "x", Uploaded: old, Submitted: old, Decided: at(r.sold)}}}
			require.NoError(t, w.Restore(fakes.Env{}))
			assert.Equal(t, r.this, ask(t, w.imagesNew, now))
			assert.Equal(t, r.prev, ask(t, w.imagesNewPrevMonth, now))
		})
	}
}

func TestDownloadsList(t *testing.T) {
	old := born.AddDate(-1, 0, 0)
	w := &World{Images: []*Image{{ID: 7, FileName: "x", Uploaded: old, Submitted: old, Decided: old}}}
	require.NoError(t, w.Restore(fakes.Env{}))
	assert.Empty(t, askExt(t, w.downloadsList, born, ""), "no sale, no line")
	for i, s := range []Sale{
		{At: born.Add(-time.Hour), Cents: 1750, License: "extended", Size: "XL", Country: "US", Query: "a;b\r\nc\nd\re"},
		{At: born.Add(-3 * time.Hour), Cents: 5, License: "standard", Size: "XS", Country: "DE", Query: "first"},
		{At: born.Add(-time.Hour), Cents: 350, License: "standard", Size: "XXL", Country: "RU"},
		{At: born.Add(time.Hour), Cents: 100, License: "standard", Size: "M", Country: "RU"},
	} {
		s.ImageID = 7
		require.NoError(t, w.AddSale(s), i)
	}
	lines := []string{
		"2026-03-18 11:00:00;7;standard;XXL;3.50;RU;", // of the same second: entered last, first
		"2026-03-18 11:00:00;7;extended;XL;17.50;US;a b c d e",
		"2026-03-18 09:00:00;7;standard;XS;0.05;DE;first",
	}
	assert.Equal(t, strings.Join(lines, "\n"), askExt(t, w.downloadsList, born, ""))
	assert.Equal(t, strings.Join(lines[:1], "\n"), askExt(t, w.downloadsList, born, "1"))
	assert.Equal(t, strings.Join(lines[:2], "\n"), askExt(t, w.downloadsList, born, "2"))
	assert.Equal(t, "2026-03-18 13:00:00;7;standard;M;1.00;RU;", askExt(t, w.downloadsList, born.Add(time.Hour), "1"), "when the clock gets there")
	assert.Equal(t, "approved;;3;3;21.05;0;x", askExt(t, w.imageData, born, "7"))
}

func TestListIsFullEnough(t *testing.T) {
	w := fresh(t)
	count := func(ext string) int { return strings.Count(askExt(t, w.downloadsList, born, ext), "\n") + 1 }
	assert.Equal(t, 100, count("100"))
	assert.Equal(t, 10, count(""))
	assert.Equal(t, 1, count("1"))
	assert.Equal(t, someReleases, strings.Count(ask(t, w.releasesList, born), "\n")+1)
	first := strings.Split(ask(t, w.releasesList, born), "\n")[0]
	assert.Regexp(t, `^8701;1;\S+ \S+$`, first)
}

func TestAddSaleRefuses(t *testing.T) {
	w := fresh(t)
	good := Sale{At: born, ImageID: firstImage, License: "standard", Size: "L", Cents: 210, Country: "DE"}
	before, err := json.Marshal(w)
	require.NoError(t, err)
	for why, change := range map[string]func(*Sale){
		"there is no image": func(s *Sale) { s.ImageID = 1 },
		"it cannot be sold": func(s *Sale) { s.At = born.AddDate(-9, 0, 0) },
		`license "free"`:    func(s *Sale) { s.License = "free" },
		`size "l"`:          func(s *Sale) { s.Size = "l" },
		"0 cents":           func(s *Sale) { s.Cents = 0 },
		"-1 cents":          func(s *Sale) { s.Cents = -1 },
		"100000001 cents":   func(s *Sale) { s.Cents = maxCents + 1 },
		`country "Germany"`: func(s *Sale) { s.Country = "Germany" },
		`country "de"`:      func(s *Sale) { s.Country = "de" },
		`country "ÄÖ"`:      func(s *Sale) { s.Country = "ÄÖ" },
		"rejected at":       func(s *Sale) { s.ImageID = w.Images[7].ID },
	} {
		s := good
		change(&s)
		assert.ErrorContains(t, w.AddSale(s), why)
	}
	after, err := json.Marshal(w)
	require.NoError(t, err)
	assert.Equal(t, string(before), string(after))
	require.NoError(t, w.AddSale(good))
}

func TestPayouts(t *testing.T) {
	old := born.AddDate(-1, 0, 0)
	w := &World{Images: []*Image{{ID: 7, FileName: "x", Uploaded: old, Submitted: old, Decided: old}}}
	require.NoError(t, w.Restore(fakes.Env{}))
	day := func(n int) time.Time { return born.AddDate(0, 0, n) }
	for _, n := range []int{1, 5} {
		require.NoError(t, w.AddSale(Sale{At: day(n), ImageID: 7, License: "standard", Size: "L", Cents: 1000, Country: "DE"}))
	}
	require.Error(t, w.AddPayout(Payout{At: day(0), Cents: 1}), "before the first sale")
	require.Error(t, w.AddPayout(Payout{At: day(2), Cents: 1001}))
	require.Error(t, w.AddPayout(Payout{At: day(6), Cents: 0}))
	require.NoError(t, w.AddPayout(Payout{At: day(6), Cents: 1500}))
	require.Error(t, w.AddPayout(Payout{At: day(2), Cents: 501}), "covered on its day, but the later one would not be")
	require.NoError(t, w.AddPayout(Payout{At: day(2), Cents: 500}))
	assert.Equal(t, "10.00", ask(t, w.balanceCurrent, day(1)))
	assert.Equal(t, "5.00", ask(t, w.balanceCurrent, day(2)))
	assert.Equal(t, "15.00", ask(t, w.balanceCurrent, day(5)))
	assert.Equal(t, "0.00", ask(t, w.balanceCurrent, day(6)))
	assert.Equal(t, "20.00", ask(t, w.earningsTotal, day(6)))
	requireSound(t, w)
}

// requireAgreement checks everything that is printed against a plain walk over the state.
func requireAgreement(t testing.TB, w *World, now time.Time) {
	t.Helper()
	prev, this := months(now)
	var total, thisMonth, prevMonth, paid cents
	var n, nThis, nPrev int
	byImage := map[int64]sum{}
	var list []string
	for _, s := range w.Sales {
		if s.At.After(now) {
			continue
		}
		total, n = total+cents(s.Cents), n+1
		b := byImage[s.ImageID]
		byImage[s.ImageID] = sum{b.n + 1, b.amount + cents(s.Cents)}
		switch {
		case !s.At.Before(this):
			thisMonth, nThis = thisMonth+cents(s.Cents), nThis+1
		case !s.At.Before(prev):
			prevMonth, nPrev = prevMonth+cents(s.Cents), nPrev+1
		}
		list = append([]string{fmt.Sprintf("%s;%d;%s;%s;%s;%s;%s", date(s.At), s.ImageID, s.License, s.Size, cents(s.Cents), s.Country, s.Query)}, list...)
	}
	for _, p := range w.Payouts {
		if !p.At.After(now) {
			paid += cents(p.Cents)
		}
	}
	got := answers(t, w, now)
	require.Equal(t, total.String(), got["EarningsTotal"])
	require.Equal(t, thisMonth.String(), got["EarningsThisMonth"])
	require.Equal(t, prevMonth.String(), got["EarningsPrevMonth"])
	require.Equal(t, (total - paid).String(), got["BalanceCurrent"])
	require.NotContains(t, got["BalanceCurrent"], "-")
	require.Equal(t, strconv.Itoa(n), got["DownloadsTotal"])
	require.Equal(t, strconv.Itoa(nThis), got["DownloadsThisMonth"])
	require.Equal(t, strconv.Itoa(nPrev), got["DownloadsPrevMonth"])
	require.Equal(t, strings.Join(list[:min(len(list), 100)], "\n"), got["DownloadsList"])

	var images, fresh, freshPrev int
	for _, img := range w.Images {
		f := strings.Split(got["ImageData "+strconv.FormatInt(img.ID, 10)], ";")
		require.Len(t, f, 7)
		sold := byImage[img.ID]
		require.Equal(t, []string{img.Status(now), strconv.Itoa(sold.n), sold.amount.String()}, []string{f[0], f[3], f[4]})
		views, err := strconv.Atoi(f[2])
		require.NoError(t, err)
		require.GreaterOrEqual(t, views, sold.n)
		if f[0] != approved {
			require.Zero(t, sold.n, "a sale of an image that is %s", f[0])
			continue
		}
		images++
		switch {
		case !img.Decided.Before(this):
			fresh++
		case !img.Decided.Before(prev):
			freshPrev++
		}
		id, err := strconv.ParseInt(askExt(t, w.imageIDByFileName, now, img.FileName), 10, 64)
		require.NoError(t, err)
		require.GreaterOrEqual(t, id, img.ID)
	}
	require.Equal(t, strconv.Itoa(images), got["ImagesTotal"])
	require.Equal(t, strconv.Itoa(fresh), got["ImagesNew"])
	require.Equal(t, strconv.Itoa(freshPrev), got["ImagesNewPrevMonth"])
	require.Equal(t, ask(t, w.earningsThisMonth, this.Add(-1)), got["EarningsPrevMonth"], "last month's end")
}

func TestAgreement(t *testing.T) {
	for seed := range uint64(8) {
		t.Run(fmt.Sprintf("seed %d", seed), func(t *testing.T) {
			r := rand.New(rand.NewPCG(seed, 1))
			w := New(fakes.Env{Tenant: "x", Seed: seed + 1, Born: born})
			now := born
			requireAgreement(t, w, now)
			for range 60 {
				random(t, w, r, &now)
				requireAgreement(t, w, now)
			}
			requireSound(t, w)
		})
	}
}

// random does something to the world, or lets time pass.
func random(t testing.TB, w *World, r *rand.Rand, now *time.Time) {
	t.Helper()
	c := &fakes.Call{Now: *now}
	img := w.Images[r.IntN(len(w.Images))]
	switch r.IntN(9) {
	case 0:
		*now = now.Add(time.Duration(r.IntN(40*24)) * time.Hour)
	case 1:
		*now = now.Add(-time.Duration(r.IntN(5*24)) * time.Hour)
	case 2:
		_, this := months(*now)
		*now = this // the first instant of the month
	case 3, 4:
		at := now.Add(time.Duration(r.IntN(4000)-3000) * time.Minute)
		s := Sale{At: at, ImageID: img.ID, License: licenses()[r.IntN(2)], Size: sizes()[r.IntN(6)], Cents: int64(r.IntN(3000) + 1), Country: "DE", Query: "q"}
		if err := w.AddSale(s); err != nil {
			require.ErrorContains(t, err, "cannot be sold")
		}
	case 5:
		amount := r.IntN(20000) + 1
		if err := w.AddPayout(Payout{At: *now, Cents: int64(amount)}); err != nil {
			require.ErrorContains(t, err, "below zero")
		}
	case 6:
		require.NoError(t, w.UploadFTP(fmt.Sprintf("file_%d.jpg", r.IntN(5))))
		_, err := w.processFilesFromFTP(c, none{})
		require.NoError(t, err)
	case 7:
		_, err := w.submitToPending(c, none{})
		require.NoError(t, err)
	case 8:
		if img.Status(*now) == pending && !now.Before(img.Submitted) {
			if err := w.Review(img.ID, r.IntN(2) == 0, *now); err != nil {
				require.ErrorContains(t, err, "has sales")
			}
		}
	}
	w.Settle(*now)
}

func TestGenerated(t *testing.T) {
	for seed := range uint64(60) {
		for _, at := range []time.Time{born, time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC), time.Date(2028, 2, 29, 23, 59, 59, 0, time.UTC)} {
			env := fakes.Env{Tenant: "x", Default: seed%2 == 0, Seed: seed + 1, Born: at}
			w := New(env)
			require.Equal(t, w, New(env), "same seed, same world")
			require.Len(t, w.Sales, someSales, "seed %d", seed)
			require.Len(t, w.Images, someImages, "seed %d", seed)
			require.NotEmpty(t, w.Payouts, "seed %d", seed)
			require.NotEqual(t, "0", ask(t, w.downloadsPrevMonth, at))
			require.Empty(t, w.Settle(at.AddDate(1, 0, 0)), "nothing happens by itself")
			require.Equal(t, answers(t, w, at)["EarningsTotal"], answers(t, w, at.AddDate(1, 0, 0))["EarningsTotal"])
			if seed < 4 {
				requireSound(t, w)
				requireAgreement(t, w, at)
			}
		}
	}
}

func BenchmarkNew(b *testing.B) {
	for b.Loop() {
		New(fakes.Env{Tenant: "x", Seed: 3, Born: born})
	}
}
