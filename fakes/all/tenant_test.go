package all_test

import (
	"runtime"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/mediasandbox/sandbox/fakes"
	"github.com/mediasandbox/sandbox/fakes/all"
	"github.com/mediasandbox/sandbox/specs/openapi"
)

// A tenant that nobody has used costs below a millisecond and below 30 KB, and none is
// left of it when it is removed.
func TestUnusedTenantIsCheap(t *testing.T) {
	docs, err := openapi.LoadAll()
	require.NoError(t, err)
	host, err := fakes.New(fakes.Config{APIs: all.APIs(), Documents: docs})
	require.NoError(t, err)
	inUse := func() int64 {
		var m runtime.MemStats
		runtime.GC()
		runtime.GC()
		runtime.ReadMemStats(&m)
		return int64(m.HeapAlloc)
	}
	const many = 2000
	ids := make([]string, many)
	before := inUse()
	for i := range many {
		tenant, err := host.AddTenant(fakes.NewTenant{TTL: time.Hour})
		require.NoError(t, err)
		ids[i] = tenant.ID
	}
	each := (inUse() - before) / many
	t.Logf("%d bytes", each)
	assert.Less(t, each, int64(30<<10))
	for _, id := range ids {
		require.NoError(t, host.RemoveTenant(id))
	}
	assert.Less(t, (inUse()-before)/many, int64(1<<10))
	runtime.KeepAlive(host)
}
