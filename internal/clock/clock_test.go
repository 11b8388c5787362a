package clock_test

import (
	"encoding/json"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/mediasandbox/sandbox/internal/clock"
)

var born = time.Date(2024, 2, 29, 23, 59, 59, 123456789, time.UTC)

// wall is a real clock in the hands of a test.
type wall struct{ now time.Time }

func (w *wall) read() time.Time { return w.now }

func newClock() (*clock.Clock, *wall) {
	w := &wall{now: born}
	return clock.New(w.read), w
}

func TestRealByDefault(t *testing.T) {
	c, w := newClock()
	assert.Equal(t, born, c.Now())
	w.now = w.now.Add(time.Hour)
	assert.Equal(t, born.Add(time.Hour), c.Now())
	assert.Equal(t, clock.State{Now: born.Add(time.Hour)}, c.State())
}

func TestWallClock(t *testing.T) {
	for name, c := range map[string]*clock.Clock{"zero value": {}, "new": clock.New(nil)} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				first := c.Now()
				assert.True(t, first.Equal(time.Now()), "%s is not %s", first, time.Now())
				time.Sleep(3 * time.Second) // of the bubble's clock
				assert.Equal(t, first.Add(3*time.Second), c.Now())
			})
		})
	}
}

func TestNowIsPlain(t *testing.T) {
	shanghai := time.FixedZone("Asia/Shanghai", 8*60*60)
	readings := map[string]func(*clock.Clock) time.Time{
		"real":     func(c *clock.Clock) time.Time { return c.Now() },
		"set":      func(c *clock.Clock) time.Time { c.Set(time.Now().In(shanghai), false); return c.Now() },
		"frozen":   func(c *clock.Clock) time.Time { c.Set(time.Now().In(shanghai), true); return c.Now() },
		"freeze":   (*clock.Clock).Freeze,
		"advanced": func(c *clock.Clock) time.Time { return c.Advance(time.Minute) },
		"state":    func(c *clock.Clock) time.Time { return c.State().Now },
	}
	for name, read := range readings {
		t.Run(name, func(t *testing.T) {
			now := read(clock.New(func() time.Time { return time.Now().In(shanghai) }))
			assert.Equal(t, time.UTC, now.Location())
			assert.NotContains(t, now.String(), "m=", "a monotonic reading is left")

			text, err := json.Marshal(now)
			require.NoError(t, err)
			var back time.Time
			require.NoError(t, json.Unmarshal(text, &back))
			assert.Equal(t, now, back)
		})
	}
}

func TestSet(t *testing.T) {
	past := time.Date(2012, 2, 3, 4, 5, 6, 7, time.UTC)
	t.Run("runs on", func(t *testing.T) {
		c, w := newClock()
		c.Set(past, false)
		assert.Equal(t, past, c.Now())
		w.now = w.now.Add(90 * time.Second)
		assert.Equal(t, past.Add(90*time.Second), c.Now())
		assert.False(t, c.State().Frozen)
	})
	t.Run("frozen", func(t *testing.T) {
		c, w := newClock()
		c.Set(past, true)
		w.now = w.now.Add(90 * time.Second)
		assert.Equal(t, past, c.Now())
		assert.True(t, c.State().Frozen)
	})
	t.Run("again", func(t *testing.T) {
		c, w := newClock()
		c.Set(past, true)
		w.now = w.now.Add(time.Hour)
		c.Set(past, false)
		assert.Equal(t, past, c.Now(), "the hour in which it stood does not count")
		w.now = w.now.Add(time.Second)
		assert.Equal(t, past.Add(time.Second), c.Now())
	})
	t.Run("further away than a duration reaches", func(t *testing.T) {
		c, w := newClock()
		for _, far := range []time.Time{time.Unix(0, 0).UTC().AddDate(-1000, 0, 0), time.Date(9999, 12, 31, 0, 0, 0, 0, time.UTC)} {
			c.Set(far, false)
			w.now = w.now.Add(time.Second)
			assert.Equal(t, far.Add(time.Second), c.Now())
		}
	})
}

func TestFreeze(t *testing.T) {
	c, w := newClock()
	w.now = w.now.Add(time.Minute)
	assert.Equal(t, born.Add(time.Minute), c.Freeze())
	w.now = w.now.Add(time.Hour)
	assert.Equal(t, born.Add(time.Minute), c.Now())
	assert.Equal(t, born.Add(time.Minute), c.Freeze(), "frozen twice is frozen where it was")
	assert.Equal(t, clock.State{Now: born.Add(time.Minute), Frozen: true, Offset: -time.Hour}, c.State())
}

func TestAdvance(t *testing.T) {
	t.Run("a running clock runs on", func(t *testing.T) {
		c, w := newClock()
		assert.Equal(t, born.Add(4*time.Minute), c.Advance(4*time.Minute))
		w.now = w.now.Add(time.Second)
		assert.Equal(t, born.Add(4*time.Minute+time.Second), c.Now())
		assert.Equal(t, clock.State{Now: c.Now(), Offset: 4 * time.Minute}, c.State())
	})
	t.Run("a frozen clock stays frozen", func(t *testing.T) {
		c, w := newClock()
		c.Freeze()
		w.now = w.now.Add(time.Hour)
		assert.Equal(t, born.Add(4*time.Minute), c.Advance(4*time.Minute))
		w.now = w.now.Add(time.Hour)
		assert.Equal(t, born.Add(4*time.Minute), c.Now())
		assert.True(t, c.State().Frozen)
	})
	t.Run("sums up, back too", func(t *testing.T) {
		c, _ := newClock()
		c.Advance(time.Hour)
		c.Advance(time.Nanosecond)
		assert.Equal(t, born.Add(time.Nanosecond), c.Advance(-time.Hour))
		assert.Equal(t, born.Add(time.Nanosecond), c.Advance(0))
	})
}

func TestReset(t *testing.T) {
	for name, move := range map[string]func(*clock.Clock){
		"set":      func(c *clock.Clock) { c.Set(born.AddDate(1, 0, 0), false) },
		"frozen":   func(c *clock.Clock) { c.Freeze() },
		"advanced": func(c *clock.Clock) { c.Advance(-time.Hour) },
	} {
		t.Run(name, func(t *testing.T) {
			c, w := newClock()
			move(c)
			w.now = w.now.Add(time.Hour)
			c.Reset()
			assert.Equal(t, clock.State{Now: born.Add(time.Hour)}, c.State())
		})
	}
}

// Run with -race: readers and writers at once, and no advance is lost.
func TestConcurrentUse(t *testing.T) {
	const writers, steps = 4, 500
	c := clock.New(func() time.Time { return born })
	var all sync.WaitGroup
	for range writers {
		all.Go(func() {
			for range steps {
				c.Advance(time.Second)
			}
		})
		all.Go(func() {
			for last := c.Now(); last.Before(born.Add(writers * steps * time.Second)); {
				now := c.State().Now
				if now.Before(last) {
					t.Errorf("went back from %s to %s", last, now)
					return
				}
				last = now
			}
		})
	}
	all.Wait()
	assert.Equal(t, born.Add(writers*steps*time.Second), c.Now())
}

func TestReadingAllocatesNothing(t *testing.T) {
	c, _ := newClock()
	c.Advance(time.Hour)
	assert.Zero(t, testing.AllocsPerRun(100, func() { c.Now() }))
}

func BenchmarkNow(b *testing.B) {
	c := clock.New(nil)
	c.Advance(time.Hour)
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			c.Now()
		}
	})
}
