package callbacks

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/mediasandbox/sandbox/fakes"
	"github.com/mediasandbox/sandbox/internal/clock"
)

// TestDefaults: the other tests bring bounds that they can reach.
func TestDefaults(t *testing.T) {
	cfg := New(Config{}).cfg
	assert.Equal(t, 32, cfg.Workers)
	assert.Equal(t, 1000, cfg.PerTenant)
	assert.Equal(t, int64(64<<20), cfg.Bytes)
}

// Who moves a clock is answered in the end, whatever becomes of the callbacks.
func TestFlushEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d, tenant := New(Config{}), &fakes.Tenant{Clock: clock.New(nil)}
		box := newOutbox(d, tenant)
		box.busy = true // with one that never arrives
		d.boxes[tenant] = box
		d.active.Add(1)
		begin := time.Now()
		d.Flush(t.Context(), tenant)
		assert.Equal(t, time.Minute, time.Since(begin))
	})
}
