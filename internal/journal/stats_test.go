package journal_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/mediasandbox/sandbox/fakes"
	"github.com/mediasandbox/sandbox/internal/admin/admintest"
	"github.com/mediasandbox/sandbox/internal/journal"
)

// The figures agree with what is there, through eviction, clearing, reset and removal.
func TestStatsAddUp(t *testing.T) {
	j := journal.New(journal.Config{Entries: 5})
	host := admintest.NewHost(t, func(c *fakes.Config) { c.Recorder = j })
	want := func(entries int, evicted uint64) {
		t.Helper()
		s := j.Stats()
		assert.Equal(t, entries, s.Entries)
		assert.Equal(t, evicted, s.Evicted)
		assert.Equal(t, entries == 0, s.Bytes == 0)
	}
	want(0, 0)
	var tenants []*fakes.Tenant
	for i := range 3 {
		tenant, err := host.AddTenant(fakes.NewTenant{ID: fmt.Sprint("t", i)})
		assert.NoError(t, err)
		tenants = append(tenants, tenant)
		for range 8 {
			j.Record(exchange(tenant, "count", "counted"))
		}
	}
	want(15, 9)
	journal.Of(tenants[0]).Clear()
	want(10, 9)
	host.Reset(tenants[1])
	want(5, 9)
	assert.NoError(t, host.RemoveTenant("t2"))
	want(0, 9)
	j.Record(exchange(tenants[0], "count", "counted"))
	want(1, 9)
}

// The bound over all tenants counts as well.
func TestStatsOfASweep(t *testing.T) {
	j := journal.New(journal.Config{TotalBytes: 2000})
	host := admintest.NewHost(t, func(c *fakes.Config) { c.Recorder = j })
	for range 100 {
		j.Record(exchange(host.Default(), "count", "counted"))
	}
	s := j.Stats()
	assert.Positive(t, s.Swept)
	assert.Equal(t, s.Swept, s.Evicted)
	assert.Equal(t, uint64(100), uint64(s.Entries)+s.Evicted) //nolint:gosec // a count
}
