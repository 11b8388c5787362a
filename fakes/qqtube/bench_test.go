package qqtube

import (
	"strconv"
	"testing"
	"time"

	"github.com/mediasandbox/sandbox/fakes"
)

const million = 1_000_000

// full makes a world with a million orders, one a second, once for all benchmarks
// of one run; those that add make their own.
func full(b *testing.B) *World {
	b.Helper()
	w := world(b)
	w.Funds = maxMoney
	for i := range million {
		s := &Submission{
			ID: w.NextID, Service: "30", URL: "https://www.youtube.com/watch?v=v" + strconv.Itoa(i), Start: int64(i), Wanted: 500,
			Cost: 30, Added: noon.Add(time.Duration(i) * time.Second), Delivery: Duration(6 * time.Hour),
		}
		w.NextID++
		w.Submissions = append(w.Submissions, s)
	}
	if err := w.Restore(fakes.Env{}); err != nil {
		b.Fatal(err)
	}
	w.Settle(noon.Add((million - 1000) * time.Second))
	return w
}

func BenchmarkMillion(b *testing.B) {
	w := full(b)
	now := noon.Add(million * time.Second)
	page := func(after string) func(*testing.B) {
		return func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				items, err := w.list(at(now), listInput{after, "100"})
				if err != nil || len(items) != 100 {
					b.Fatal(err, len(items))
				}
			}
		}
	}
	b.Run("submissions page 1", page(""))
	b.Run("submissions page 10000", page(itoa(w.Submissions[103].ID)))
	b.Run("stats", func(b *testing.B) {
		for b.Loop() {
			if _, err := w.stats(at(now), statsInput{"600000"}); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("settle, nothing due", func(b *testing.B) {
		now := noon.Add((million - 1000) * time.Second)
		for b.Loop() {
			w.Settle(now)
		}
	})
	b.Run("add", func(b *testing.B) { benchmarkAdd(b, w, now) })
}

func BenchmarkAddToNone(b *testing.B) {
	w := world(b)
	w.Funds = maxMoney
	benchmarkAdd(b, w, noon)
}

func benchmarkAdd(b *testing.B, w *World, now time.Time) {
	b.Helper()
	b.ReportAllocs()
	w.limit = 1 << 40
	for b.Loop() {
		if _, err := place(w, now, "id_service", "30", "quantity", "500"); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkNew(b *testing.B) {
	api := API()
	env := fakes.Env{Tenant: "a", Seed: 5}
	for b.Loop() {
		api.New(env)
	}
}

func BenchmarkAPI(b *testing.B) {
	for b.Loop() {
		API()
	}
}
