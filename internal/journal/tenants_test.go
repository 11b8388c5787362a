package journal_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/mediasandbox/sandbox/fakes"
	"github.com/mediasandbox/sandbox/internal/journal"
)

// TestThousandTenants serves a thousand tenants at once: each journal has its own calls,
// all of them, and nothing of anybody else's.
func TestThousandTenants(t *testing.T) {
	const tenants, calls = 1000, 5
	h, j := newHost(t, journal.Config{})
	var wg sync.WaitGroup
	for i := range tenants {
		tenant, err := h.AddTenant(fakes.NewTenant{ID: fmt.Sprintf("tenant-%d", i)})
		require.NoError(t, err)
		key := tenant.Accounts("qqtube")[0].ID
		wg.Go(func() {
			for n := range calls {
				r := httptest.NewRequest(http.MethodGet, fmt.Sprintf("/qqtube/v1-api?action=funds&api_key=%s&mark=%s-%d", key, tenant.ID, n), http.NoBody)
				to, err := h.Resolve(r)
				if !assert.NoError(t, err) {
					return
				}
				h.Serve(httptest.NewRecorder(), r, to)
			}
			_, met := journal.Of(tenant).Wait(t.Context(), journal.Filter{Operation: "funds"}, calls)
			assert.True(t, met)
		})
	}
	wg.Wait()
	for _, tenant := range h.Tenants() {
		if tenant.Default {
			continue
		}
		page := journal.Of(tenant).List(journal.Filter{})
		require.Len(t, page.Entries, calls, tenant.ID)
		for n, v := range page.Entries {
			assert.Equal(t, uint64(n+1), v.ID)
			assert.True(t, strings.HasSuffix(v.Request.URL, fmt.Sprintf("&api_key=***&mark=%s-%d", tenant.ID, n)), v.Request.URL)
		}
		report, _ := journal.Of(tenant).Coverage("qqtube")
		assert.Equal(t, 1, report.Met)
	}
	assert.Zero(t, journal.Of(h.Default()).Count(journal.Filter{}).Count)
	assert.Equal(t, tenants, j.Stats().Tenants)
}
