package verifier_test

import (
	"context"
	"net/http"
	"sync/atomic"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/mediasandbox/sandbox/verifier"
)

// everyVerb speaks to the sandbox in all the ways that a scenario can.
const everyVerb = `scenario: x
api: qqtube
needs: [foreign]
steps:
  - {call: services, save: {s: "find(body, .is_geo == '0' && len(.params) == 0)"}}
  - {call: add, with: {url: "https://www.youtube.com/watch?v=jofNR_WkoCE", quantity: "${s.amount_minimum}", id_service: "${s.id_service}"}, save: {order: body.id_service_submission}}
  - {call: stats, with: {id_service_submission: "${order}"}, until: {within: 30d, every: 1d}, expect: {body: {status: {id_status: "1"}}}}
  - {advance: 1h}
  - {force: {operation: funds, outcome: invalid-api-key}}
  - {call: funds, expect: {outcome: invalid-api-key}}
  - {state: {get: "/"}}
  - {call: funds, as: foreign}
cleanup:
  - {call: funds}
`

// TestStoppedAnywhere: whichever request a run is stopped at, nothing is blamed for it,
// neither the target nor a scenario.
func TestStoppedAnywhere(t *testing.T) {
	inner := sandbox(t)
	list, err := verifier.Source{FS: fstest.MapFS{"qqtube/a.yaml": {Data: []byte(everyVerb)}}}.Load()
	require.NoError(t, err)
	for at := int64(1); ; at++ {
		ctx, cancel := context.WithCancel(t.Context())
		var requests atomic.Int64
		target := verifier.InProcess(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if requests.Add(1) == at {
				cancel()
			}
			inner.ServeHTTP(w, r)
		}))
		report, err := verifier.Run(ctx, target, verifier.Options{}, list...)
		over := ctx.Err() == nil
		cancel()
		if over {
			require.Greater(t, at, int64(15), "every request was tried")
			assert.Equal(t, verifier.Pass, report.Scenarios[0].Verdict, "%+v", problems(report.Scenarios[0]))
			assert.False(t, report.Stopped)
			return
		}
		if err != nil {
			assert.ErrorIs(t, err, context.Canceled, at)
			continue
		}
		got := report.Scenarios[0]
		assert.Empty(t, problems(got), at)
		if got.Verdict != verifier.Pass { // it was not only cleanup that was left
			assert.Equal(t, verifier.Skip, got.Verdict, at)
			assert.Equal(t, "the run was stopped", got.Reason, at)
			assert.True(t, report.Stopped, at)
		}
	}
}

// A sandbox that makes no tenant is an error that says so.
func TestNoTenant(t *testing.T) {
	inner := sandbox(t)
	target := verifier.InProcess(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodPost && r.URL.Path == "/__admin/tenants" {
			w.WriteHeader(http.StatusServiceUnavailable)
			return
		}
		inner.ServeHTTP(w, r)
	}))
	got := one(t, target, verifier.Options{}, "interstream", wrongUser)
	assert.Equal(t, verifier.Error, got.Verdict)
	assert.Equal(t, []string{"make a tenant: error"}, names(got))
}
