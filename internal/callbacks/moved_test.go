package callbacks

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/mediasandbox/sandbox/fakes"
	"github.com/mediasandbox/sandbox/internal/clock"
)

// What the clock was moved past is attempted when it fell due, what it has run past now.
func TestTimeOfAnAttempt(t *testing.T) {
	begin := time.Date(2026, 3, 18, 12, 0, 0, 0, time.UTC)
	for name, row := range map[string]struct {
		due  time.Duration // after the beginning, on the tenant's clock
		come func(c *clock.Clock, run func(time.Duration))
		at   time.Duration
	}{
		"it runs":              {time.Minute, func(_ *clock.Clock, run func(time.Duration)) { run(65 * time.Second) }, 65 * time.Second},
		"moved past":           {time.Minute, func(c *clock.Clock, _ func(time.Duration)) { c.Advance(time.Hour) }, time.Minute},
		"moved to it":          {time.Minute, func(c *clock.Clock, _ func(time.Duration)) { c.Advance(time.Minute) }, time.Minute},
		"moved past, in use":   {time.Minute, func(c *clock.Clock, run func(time.Duration)) { c.Advance(time.Hour); run(3 * time.Second) }, time.Minute},
		"moved near, then run": {time.Minute, func(c *clock.Clock, run func(time.Duration)) { c.Advance(50 * time.Second); run(15 * time.Second) }, 65 * time.Second},
		"run, then moved":      {time.Minute, func(c *clock.Clock, run func(time.Duration)) { run(50 * time.Second); c.Advance(time.Hour) }, time.Minute},
		"set back, then run":   {time.Minute, func(c *clock.Clock, run func(time.Duration)) { c.Advance(-time.Minute); run(125 * time.Second) }, 65 * time.Second},
		"it stands":            {time.Minute, func(c *clock.Clock, _ func(time.Duration)) { c.Set(begin.Add(time.Hour), true) }, time.Minute},
		"it stood, and ran": {2 * time.Minute, func(c *clock.Clock, run func(time.Duration)) {
			c.Freeze()
			run(time.Hour)
			c.Set(begin.Add(time.Minute), false)
			run(65 * time.Second)
		}, 125 * time.Second},
		"further than a distance can be": {time.Minute, func(c *clock.Clock, _ func(time.Duration)) { c.Set(begin.AddDate(1000, 0, 0), false) }, time.Minute},
	} {
		t.Run(name, func(t *testing.T) {
			wall := begin
			c := clock.New(func() time.Time { return wall })
			box := newOutbox(New(Config{}), &fakes.Tenant{Clock: c})
			box.targets["qulive"] = &target{}
			box.put(&delivery{box: box, event: fakes.Event{API: "qulive"}, state: Pending, due: begin.Add(row.due)})
			row.come(c, func(d time.Duration) {
				box.clock() // as the tick does
				wall = wall.Add(d)
			})
			a, ok := box.next()
			require.True(t, ok)
			assert.Equal(t, begin.Add(row.at), a.at)
		})
	}
}

// The pause before a retry counts from the failure, on a clock that runs after the time
// that the attempt took.
func TestEndOfAnAttempt(t *testing.T) {
	begin := time.Date(2026, 3, 18, 12, 0, 0, 0, time.UTC)
	for name, row := range map[string]struct {
		meanwhile func(*clock.Clock)
		end       time.Duration
	}{
		"it runs":               {func(*clock.Clock) {}, 3 * time.Second},
		"it stands":             {func(c *clock.Clock) { c.Set(begin, true) }, 0},
		"moved meanwhile":       {func(c *clock.Clock) { c.Advance(time.Hour) }, 3 * time.Second},
		"set back meanwhile":    {func(c *clock.Clock) { c.Advance(-time.Minute) }, -57 * time.Second},
		"stopped, then run on ": {func(c *clock.Clock) { c.Freeze(); c.Set(begin.Add(3*time.Second), false) }, 3 * time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			wall := begin
			c := clock.New(func() time.Time { return wall })
			box := newOutbox(New(Config{}), &fakes.Tenant{Clock: c})
			wall = begin.Add(3 * time.Second)
			row.meanwhile(c)
			assert.Equal(t, begin.Add(row.end), box.ended(assignment{box: box, at: begin}, Attempt{DurationMS: 3000}))
		})
	}
}
