package qqtube

import (
	"encoding/json"
	"math/rand/v2"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/mediasandbox/sandbox/fakes"
)

func ids(items []listItem) []string {
	out := []string{}
	for _, i := range items {
		out = append(out, i.ID)
	}
	return out
}

// TestPageSubmissions compares with the page's examples; the clock does not move them.
func TestPageSubmissions(t *testing.T) {
	const (
		list = `[{"id_service_submission":"2","short_url":"jofNR_WkoCE","id_status":"2","id_service":"30","start_count":"200000","wanted_count":"1000","current_count":"200001","total_cost":"0.60","date_added":"2020-07-30 16:56:40"},` +
			`{"id_service_submission":"1","short_url":"dQw4w9WgXcQ","id_status":"1","id_service":"30","start_count":"200000","wanted_count":"1000","current_count":"200001","total_cost":"0.60","date_added":"2020-07-30 16:52:14"}]`
		one = `{"id_service_submission":"123456","short_url":"yPslBGjuRL0","long_url":"https://www.youtube.com/watch?v=yPslBGjuRL0","start_count":"500000","wanted_count":"100000","current_count":"580000","sent_count":"4000","total_cost":"13.00",` +
			`"status":{"id_status":"2","name":"In Progress","type":"info","description":"Submission is currently receiving what was ordered."}}`
	)
	w := world(t)
	for _, now := range []time.Time{noon.AddDate(-20, 0, 0), noon, noon.AddDate(20, 0, 0)} {
		assert.Empty(t, w.Settle(now))
		items, err := w.list(at(now), listInput{After: "123456"})
		require.NoError(t, err)
		got, err := json.Marshal(items)
		require.NoError(t, err)
		assert.Equal(t, list, string(got))
		got, err = json.Marshal(stats(t, w, now, "123456"))
		require.NoError(t, err)
		assert.Equal(t, one, string(got))
	}
	assert.Nil(t, stats(t, w, noon, "1").Sent)
	r, err := w.funds(nil, struct{}{})
	require.NoError(t, err)
	assert.Equal(t, "508.60", r.Funds)
}

func TestStatsOfUnknownSubmissions(t *testing.T) {
	w := world(t)
	for _, id := range []string{"", "0", "3", "123457", "-1", "+1", "1.0", " 1", "one", "1x", "99999999999999999999", "9223372036854775807"} {
		_, err := w.stats(at(noon), statsInput{id})
		assert.Equal(t, []string{"submission-unknown"}, refused(t, err), id)
	}
}

func TestListParameters(t *testing.T) {
	w := world(t)
	all := []string{"123456", "2", "1"}
	for _, c := range []struct {
		after, limit string
		want         []string
	}{
		{"", "", all},
		{"", "1", all[:1]},
		{"", "2", all[:2]},
		{"", "500", all},
		{"", "007", all},
		{"123457", "", all},
		{"123456", "", all[1:]},
		{"3", "", all[1:]},
		{"2", "", all[2:]},
		{"2", "1", all[2:]},
		{"1", "", []string{}},
		{"0", "", []string{}},
		{"9223372036854775807", "1", all[:1]},
	} {
		items, err := w.list(at(noon), listInput{c.after, c.limit})
		require.NoError(t, err, c)
		assert.Equal(t, c.want, ids(items), c)
	}
	for _, c := range []struct {
		after, limit string
		want         []string
	}{
		{"", "0", []string{"limit-invalid"}},
		{"", "501", []string{"limit-invalid"}},
		{"", "-1", []string{"limit-invalid"}},
		{"", "all", []string{"limit-invalid"}},
		{"", "1.5", []string{"limit-invalid"}},
		{"", "99999999999999999999", []string{"limit-invalid"}},
		{"-1", "", []string{"starting-after-invalid"}},
		{"+1", "", []string{"starting-after-invalid"}},
		{"x", "", []string{"starting-after-invalid"}},
		{"9223372036854775808", "", []string{"starting-after-invalid"}},
		{"x", "x", []string{"starting-after-invalid", "limit-invalid"}},
	} {
		_, err := w.list(at(noon), listInput{c.after, c.limit})
		assert.Equal(t, c.want, refused(t, err), c)
	}
}

// TestPagesPartition walks through random pages: every order once, in order.
func TestPagesPartition(t *testing.T) {
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	rnd := rand.New(rand.NewPCG(seed, 1)) //nolint:gosec // a test's numbers
	w := world(t)
	w.Funds = maxMoney
	for range 1300 {
		mustPlace(t, w, noon, "id_service", "30", "quantity", "500")
	}
	var want []string
	for i := len(w.Submissions) - 1; i >= 0; i-- {
		want = append(want, itoa(w.Submissions[i].ID))
	}
	for _, limit := range []int{0, 1, 7, 500, 1 + rnd.IntN(500), 1 + rnd.IntN(500)} {
		var got []string
		after, text := "", ""
		if limit > 0 {
			text = strconv.Itoa(limit)
		} else {
			limit = 500
		}
		for {
			items, err := w.list(at(noon), listInput{after, text})
			require.NoError(t, err)
			if len(items) == 0 {
				break
			}
			require.LessOrEqual(t, len(items), limit)
			got = append(got, ids(items)...)
			after = items[len(items)-1].ID
			if len(items) == limit && rnd.IntN(3) == 0 { // a new order does not disturb the pages below
				want = append([]string{mustPlace(t, w, noon, "id_service", "30", "quantity", "500")}, want...)
				got = append([]string{want[0]}, got...)
			}
		}
		assert.Equal(t, want, got, "limit %q", text)
	}
}

func TestAccounts(t *testing.T) {
	own := accounts(fakes.Env{Tenant: "default", Default: true, Seed: 5})
	assert.Equal(t, []fakes.Account{{ID: pageKey, Credential: map[string]string{"api_key": pageKey}}}, own)
	seen := map[string]bool{pageKey: true}
	for _, env := range []fakes.Env{{Tenant: "a", Seed: 5}, {Tenant: "a", Seed: 6}, {Tenant: "b", Seed: 5}} {
		list := accounts(env)
		require.Len(t, list, 1)
		assert.Regexp(t, `^[0-9a-f]{40}$`, list[0].ID)
		assert.False(t, seen[list[0].ID])
		seen[list[0].ID] = true
		assert.Equal(t, list, accounts(env))
	}
}

func TestOtherTenants(t *testing.T) {
	api := API()
	a, ok := api.New(fakes.Env{Tenant: "a", Seed: 5}).(*World)
	require.True(t, ok)
	b, ok := api.New(fakes.Env{Tenant: "b", Seed: 5}).(*World)
	require.True(t, ok)
	assert.Equal(t, "508.60", a.Funds.String())
	assert.Empty(t, a.Submissions)
	assert.Len(t, a.listings, 8)
	id := mustPlace(t, a, noon, "id_service", "30", "quantity", "1000")
	mustPlace(t, b, noon, "id_service", "30", "quantity", "1000")
	_, err := b.stats(at(noon), statsInput{id})
	assert.Equal(t, []string{"submission-unknown"}, refused(t, err), "an order of another tenant")
}
