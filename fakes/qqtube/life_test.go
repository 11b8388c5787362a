package qqtube

import (
	"encoding/json"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/mediasandbox/sandbox/fakes"
	"github.com/mediasandbox/sandbox/fakes/fakestest"
)

func TestDelivery(t *testing.T) {
	w := world(t)
	id := mustPlace(t, w, noon, "id_service", "30", "quantity", "1000") // 6 hours
	start := w.Submissions[3].Start
	for _, c := range []struct {
		after  time.Duration
		count  int64
		status string
	}{
		{-time.Hour, 0, "2"},
		{0, 0, "2"},
		{6*time.Hour/1000 - 1, 0, "2"},
		{6 * time.Hour / 1000, 1, "2"},
		{time.Hour, 166, "2"},
		{3 * time.Hour, 500, "2"},
		{6*time.Hour - 1, 999, "2"},
		{6 * time.Hour, 1000, "1"},
		{100 * 365 * 24 * time.Hour, 1000, "1"},
	} {
		s := stats(t, w, noon.Add(c.after), id)
		assert.Equal(t, itoa(start+c.count), s.Current, c.after)
		assert.Equal(t, c.status, s.Status.ID, c.after)
		assert.Equal(t, itoa(start), s.Start)
		assert.Nil(t, s.Sent, "only views tell sent_count")
		items, err := w.list(at(noon.Add(c.after)), listInput{Limit: "1"})
		require.NoError(t, err)
		assert.Equal(t, s.Current, items[0].Current)
		assert.Equal(t, c.status, items[0].Status)
	}
}

func TestViewsTellWhatWasSent(t *testing.T) {
	w := world(t)
	for _, args := range [][]string{{"id_service", "54", "quantity", "1000"}, {"id_service", "55", "quantity", "1000", "retention", "30"}} {
		id := mustPlace(t, w, noon, args...)
		delivery := time.Duration(w.byID[args[1]].Delivery)
		s := stats(t, w, noon.Add(delivery/4), id)
		require.NotNil(t, s.Sent)
		assert.Equal(t, "250", *s.Sent)
		s = stats(t, w, noon.Add(delivery-1), id)
		assert.Equal(t, "999", *s.Sent)
		assert.Equal(t, "2", s.Status.ID)
		s = stats(t, w, noon.Add(delivery), id)
		assert.Equal(t, s.Wanted, *s.Sent)
		assert.Equal(t, "1", s.Status.ID)
	}
}

// TestDeliveryNeverFallsBack compares with a plain model at random times.
func TestDeliveryNeverFallsBack(t *testing.T) {
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	rnd := rand.New(rand.NewPCG(seed, 1)) //nolint:gosec // a test's numbers
	for range 200 {
		s := &Submission{Wanted: 1 + rnd.Int64N(maxCount), Start: rnd.Int64N(1000), Added: noon, Delivery: Duration(1 + rnd.Int64N(int64(maxDelivery)))}
		last, at := int64(0), time.Duration(0)
		for range 50 {
			at += time.Duration(rnd.Int64N(int64(s.Delivery)/20 + 1))
			p := s.at(noon.Add(at))
			require.GreaterOrEqual(t, p.sent, last)
			require.Equal(t, s.Start+p.sent, p.current)
			require.Equal(t, at >= time.Duration(s.Delivery), p.sent == s.Wanted && p.status == statusCompleted)
			last = p.sent
		}
	}
}

// An order begins at the count that the one before it for the same URL and kind of service has come to.
func TestCountsGoOnFromOrderToOrder(t *testing.T) {
	w := world(t)
	begins := func(after time.Duration, pairs ...string) int64 {
		t.Helper()
		now := noon.Add(after)
		copied := restored(t, w)
		r, err := place(w, now, pairs...)
		require.NoError(t, err)
		again, err := place(copied, now, pairs...)
		require.NoError(t, err)
		require.Equal(t, again.Start, r.Start, "it follows from the state")
		return r.Start
	}
	const other = "https://youtu.be/other"
	views := []string{"id_service", "54", "quantity", "1000"} // 10 hours
	base := begins(0, views...)
	assert.Equal(t, base, begins(0, views...), "nothing has come yet")
	assert.Equal(t, base+500, begins(5*time.Hour, "id_service", "55", "quantity", "1000", "retention", "30"), "views, too; 20 hours")
	likes, there := begins(5*time.Hour, "id_service", "30", "quantity", "500"), begins(5*time.Hour, append(views, "url", other)...)
	assert.Equal(t, likes, begins(5*time.Hour, "id_service", "30", "quantity", "500"))
	assert.NotEqual(t, likes, base)
	assert.Equal(t, there+1000, begins(100*time.Hour, append(views, "url", other)...), "all of it has come")

	assert.Equal(t, there+1000, begins(50*time.Hour, append(views, "url", other)...), "a clock that was set back")
	last := w.Submissions[len(w.Submissions)-1]
	require.NoError(t, w.SetStatus(itoa(last.ID), 19, noon.Add(52*time.Hour)))
	assert.Equal(t, there+1200, begins(90*time.Hour, append(views, "url", other)...), "it stands still")
	last = w.Submissions[len(w.Submissions)-1]
	require.NoError(t, w.Refund(itoa(last.ID), "0.20", noon.Add(91*time.Hour)))
	assert.Equal(t, there+1300, begins(200*time.Hour, append(views, "url", other)...), "what came before the refund stays")
	last = w.Submissions[len(w.Submissions)-1]
	require.NoError(t, w.SetStatus(itoa(last.ID), 1, noon.Add(200*time.Hour)))
	assert.Equal(t, there+2300, begins(200*time.Hour, append(views, "url", other)...), "completed from outside")
}

// No order begins at the numbers of the page's examples: they do not move.
func TestCountsLeaveThePagesExamplesOut(t *testing.T) {
	without, ok := API().New(fakes.Env{Tenant: "a", Seed: 5}).(*World)
	require.True(t, ok)
	for _, w := range []*World{world(t), restored(t, world(t))} {
		for _, example := range pageSubmissions() {
			order := []string{"id_service", example.Service, "quantity", "1000", "url", example.URL}
			want, err := place(without, noon, order...)
			require.NoError(t, err)
			got, err := place(w, noon, order...)
			require.NoError(t, err)
			assert.Equal(t, want.Start, got.Start)
		}
	}
}

// Counts stay within their bound, so that every state can be loaded again.
func TestCountsAreBounded(t *testing.T) {
	w := world(t)
	id := mustPlace(t, w, noon, "id_service", "30", "quantity", "500")
	w.submission(id).Wanted = maxCount
	r, err := place(w, noon.Add(24*time.Hour), "id_service", "30", "quantity", "500")
	require.NoError(t, err)
	assert.EqualValues(t, maxCount, r.Start)
	restored(t, w)
}

func TestSettleReportsInOrderOfCompletion(t *testing.T) {
	w := world(t)
	slow := mustPlace(t, w, noon, "id_service", "54", "quantity", "1000")                // due 22:00
	quick := mustPlace(t, w, noon.Add(time.Hour), "id_service", "30", "quantity", "500") // due 19:00
	same := mustPlace(t, w, noon.Add(time.Hour), "id_service", "30", "quantity", "750")  // due 19:00
	assert.Empty(t, w.Settle(noon.Add(7*time.Hour-1)))
	assert.Equal(t, []fakes.Event{
		{At: noon.Add(7 * time.Hour), API: "qqtube", Kind: "order-completed", ID: quick, Data: map[string]any{"id_service": "30", "wanted_count": int64(500)}},
		{At: noon.Add(7 * time.Hour), API: "qqtube", Kind: "order-completed", ID: same, Data: map[string]any{"id_service": "30", "wanted_count": int64(750)}},
	}, w.Settle(noon.Add(7*time.Hour)))
	assert.Empty(t, w.Settle(noon.Add(7*time.Hour)), "once")
	back := restored(t, w)
	events := back.Settle(noon.AddDate(1, 0, 0))
	require.Len(t, events, 1, "what was reported before the export is not reported after it")
	assert.Equal(t, slow, events[0].ID)
	assert.Empty(t, back.Settle(noon.AddDate(2, 0, 0)))
	assert.Empty(t, back.Settle(noon))
}

func TestStopAndGoOn(t *testing.T) {
	w := world(t)
	id := mustPlace(t, w, noon, "id_service", "30", "quantity", "1000")
	start := w.Submissions[3].Start
	count := func(after time.Duration) int64 { return w.Submissions[3].at(noon.Add(after)).current - start }
	status := func(after time.Duration) string { return stats(t, w, noon.Add(after), id).Status.ID }

	require.NoError(t, w.SetStatus(id, 19, noon.Add(3*time.Hour)))
	assert.Equal(t, "19", status(5*time.Hour))
	assert.EqualValues(t, 500, count(5*time.Hour))
	require.NoError(t, w.SetStatus(id, 5, noon.Add(6*time.Hour)))
	assert.EqualValues(t, 500, count(1000*time.Hour), "another stop leaves it where it stood")
	w = restored(t, w)
	assert.Empty(t, w.Settle(noon.Add(7*time.Hour)))

	require.NoError(t, w.SetStatus(id, 3, noon.Add(7*time.Hour)))
	assert.EqualValues(t, 500, count(7*time.Hour))
	assert.EqualValues(t, 750, count(8*time.Hour+30*time.Minute))
	assert.Equal(t, "3", status(9*time.Hour))
	require.NoError(t, w.SetStatus(id, 2, noon.Add(9*time.Hour)))
	assert.Equal(t, "2", status(10*time.Hour-1))
	assert.Equal(t, "1", status(10*time.Hour))
	w = restored(t, w)
	events := w.Settle(noon.Add(20 * time.Hour))
	require.Len(t, events, 1)
	assert.Equal(t, noon.Add(10*time.Hour), events[0].At)
	for _, s := range []int{2, 3} {
		assert.ErrorContains(t, w.SetStatus(id, s, noon.Add(21*time.Hour)), "completed")
	}
	require.NoError(t, w.SetStatus(id, 25, noon.Add(21*time.Hour)))
	assert.Equal(t, "25", status(22*time.Hour))
	assert.EqualValues(t, 1000, count(22*time.Hour))
	assert.ErrorContains(t, w.SetStatus(id, 2, noon.Add(23*time.Hour)), "completed")
	require.NoError(t, w.SetStatus(id, 1, noon.Add(23*time.Hour)))
	assert.Empty(t, w.Settle(noon.Add(100*time.Hour)), "its completion was told before")
}

func TestCompleteAtOnce(t *testing.T) {
	w := world(t)
	id := mustPlace(t, w, noon, "id_service", "54", "quantity", "1000")
	require.NoError(t, w.SetStatus(id, 1, noon.Add(time.Minute)))
	s := stats(t, w, noon.Add(time.Minute), id)
	assert.Equal(t, "1", s.Status.ID)
	assert.Equal(t, "1000", *s.Sent)
	events := w.Settle(noon.Add(time.Minute))
	require.Len(t, events, 1)
	assert.Equal(t, noon.Add(time.Minute), events[0].At)
}

func TestEveryStatusShows(t *testing.T) {
	for status := 1; status <= lastStatus; status++ {
		w := world(t)
		id := mustPlace(t, w, noon, "id_service", "54", "quantity", "1000")
		require.NoError(t, w.SetStatus(id, status, noon.Add(time.Hour)))
		s := stats(t, w, noon.Add(2*time.Hour), id)
		assert.Equal(t, w.catalog.statuses[status], s.Status)
		assert.Equal(t, status == statusRefunded, s.RefundTotal != "")
		require.NoError(t, w.SetStatus("123456", status, noon))
		s = stats(t, w, noon, "123456")
		assert.Equal(t, w.catalog.statuses[status], s.Status)
		assert.Equal(t, "580000", s.Current, "the page's numbers stay")
		assert.Equal(t, snapshot(t, w), snapshot(t, restored(t, w)))
	}
}

func TestRefund(t *testing.T) {
	w := world(t)
	id := mustPlace(t, w, noon, "id_service", "54", "quantity", "10000") // 1.60
	assert.Equal(t, "507.00", w.Funds.String())
	when := time.Date(2026, 3, 18, 23, 59, 59, 999, time.FixedZone("", 3*3600)) // 20:59:59 UTC
	before := snapshot(t, w)
	for total, want := range map[string]string{"1.61": "cannot be refunded", "0": "cannot be refunded", "-1": "cannot be refunded", "some": "not an amount", "": "not an amount"} {
		assert.ErrorContains(t, w.Refund(id, total, when), want, total)
	}
	assert.ErrorContains(t, w.Refund("5", "1", when), "does not exist")
	assert.Equal(t, before, snapshot(t, w), "a refused refund changes nothing")

	require.NoError(t, w.Refund(id, "0.6", when))
	assert.Equal(t, "507.60", w.Funds.String())
	s := stats(t, w, noon.AddDate(1, 0, 0), id)
	assert.Equal(t, "8", s.Status.ID)
	assert.Equal(t, "0.60", s.RefundTotal)
	assert.Equal(t, "2026-03-18 20:59:59", s.RefundTime)
	assert.Equal(t, "8999", *s.Sent, "delivery stopped with the refund")
	assert.Empty(t, w.Settle(noon.AddDate(1, 0, 0)))

	before = snapshot(t, w)
	assert.ErrorContains(t, w.Refund(id, "0.1", when), "already")
	assert.ErrorContains(t, w.SetStatus(id, 8, when), "already")
	assert.ErrorContains(t, w.SetStatus(id, 2, when), "is refunded")
	assert.ErrorContains(t, w.SetStatus(id, 0, when), "between 1 and 25")
	assert.ErrorContains(t, w.SetStatus(id, 26, when), "between 1 and 25")
	assert.ErrorContains(t, w.SetStatus("5", 2, when), "does not exist")
	assert.Equal(t, before, snapshot(t, w))

	require.NoError(t, w.SetStatus("123456", 8, when))
	assert.Equal(t, "520.60", w.Funds.String(), "the page's order refunds what it cost")
	assert.Equal(t, "13.00", stats(t, w, noon, "123456").RefundTotal)
	w.Funds = maxMoney
	assert.ErrorContains(t, w.Refund("1", "0.60", when), "full")
}

func TestAddFunds(t *testing.T) {
	w := world(t)
	require.NoError(t, w.AddFunds("25"))
	assert.Equal(t, "533.60", w.Funds.String())
	require.NoError(t, w.AddFunds("-533.60"))
	assert.Equal(t, "0.00", w.Funds.String())
	for _, amount := range []string{"-0.01", "x", "", "1.234"} {
		assert.Error(t, w.AddFunds(amount), amount)
	}
	w.Funds = maxMoney
	assert.Error(t, w.AddFunds("0.01"))
	assert.Equal(t, maxMoney, w.Funds)
}

// TestStateRoundTrip compares a world with its own export at every reply.
func TestStateRoundTrip(t *testing.T) {
	w := world(t)
	a := mustPlace(t, w, noon.Add(123456789), "id_service", "54", "quantity", "1000")
	b := mustPlace(t, w, noon, "id_service", "30", "quantity", "1000", "url", "https://例え.jp/<&>")
	c := mustPlace(t, w, noon, "id_service", "3", "quantity", "1000")
	require.NoError(t, w.Refund(a, "0.05", noon.Add(time.Hour)))
	require.NoError(t, w.SetStatus(b, 19, noon.Add(2*time.Hour)))
	require.NoError(t, w.SetStatus(b, 3, noon.Add(3*time.Hour)))
	w.Settle(noon.Add(4 * time.Hour))
	back := restored(t, w)
	assert.Equal(t, snapshot(t, w), snapshot(t, back))
	for _, after := range []time.Duration{0, 4 * time.Hour, 7*time.Hour - 1, 7 * time.Hour, 30 * time.Hour} {
		now := noon.Add(after)
		assert.Equal(t, w.Settle(now), back.Settle(now))
		for _, id := range []string{a, b, c, "1", "2", "123456"} {
			assert.Equal(t, stats(t, w, now, id), stats(t, back, now, id))
		}
		x, err := w.list(at(now), listInput{})
		require.NoError(t, err)
		y, err := back.list(at(now), listInput{})
		require.NoError(t, err)
		assert.Equal(t, x, y)
		assert.Equal(t, mustPlace(t, w, now, "id_service", "30", "quantity", "500"), mustPlace(t, back, now, "id_service", "30", "quantity", "500"))
		assert.Equal(t, snapshot(t, w), snapshot(t, back))
	}
}

func TestRestoreRefusesInconsistency(t *testing.T) {
	w := world(t)
	mustPlace(t, w, noon, "id_service", "54", "quantity", "1000")
	good := snapshot(t, w)
	for _, c := range [][3]string{
		{`"funds":"508.40"`, `"funds":"-1.00"`, "funds"},
		{`"next_id":123458`, `"next_id":123457`, "next_id"},
		{`"next_id":123458`, `"next_id":9223372036854775807`, "next_id"},
		{`"next_id":123458`, `"next_id":-1`, "next_id"},
		{`"id":2,`, `"id":1,`, "does not follow"},
		{`"id":2,`, `"id":-2,`, "id is not above 0"},
		{`"submissions":[`, `"submissions":[null,`, "null"},
		{`"service":"54"`, `"service":"views"`, "service"},
		{`"url":"https://www.youtube.com/watch?v=yPslBGjuRL0"`, `"url":""`, "url"},
		{`"start":500000`, `"start":-1`, "start"},
		{`"wanted":100000`, `"wanted":0`, "wanted"},
		{`"wanted":100000`, `"wanted":9000000000000000000`, "wanted"},
		{`"added":"2021-12-30T18:00:00Z"`, `"added":"0001-01-01T00:00:00Z"`, "added"},
		{`"literal":{"status":1`, `"override":{"status":5},"literal":{"status":1`, "override.at"},
		{`"cost":"13.00"`, `"cost":"-13.00"`, "cost"},
		{`"delivery":"10h0m0s"`, `"delivery":"0s"`, "delivery"},
		{`"delivery":"10h0m0s"`, `"delivery":"2000000h"`, "delivery"},
		{`"literal":{"status":2`, `"literal":{"status":26`, "literal.status"},
		{`"literal":{"status":2`, `"literal":{"status":8`, "literal.status cannot be 8: a refund is an override"},
		{`"current":580000`, `"current":-1`, "literal"},
		{`"literal":{"status":1`, `"override":{"status":0,"at":"2026-01-01T00:00:00Z"},"literal":{"status":1`, "override.status"},
		{`"literal":{"status":1`, `"override":{"status":8,"at":"2026-01-01T00:00:00Z"},"literal":{"status":1`, "override.refund"},
		{`"literal":{"status":1`, `"override":{"status":2,"at":"2026-01-01T00:00:00Z","refund":"0.10"},"literal":{"status":1`, "override.refund"},
		{`"literal":{"status":1`, `"override":{"status":8,"at":"2026-01-01T00:00:00Z","refund":"0.61"},"literal":{"status":1`, "override.refund"},
		{`"submissions":`, `"services":[{"id_service":"9"}],"submissions":`, `service "9"`},
	} {
		require.Contains(t, good, c[0])
		var back World
		require.NoError(t, json.Unmarshal([]byte(strings.Replace(good, c[0], c[1], 1)), &back), c[1])
		assert.ErrorContains(t, back.Restore(fakes.Env{}), c[2], c[1])
	}
	w.limit = 3
	assert.ErrorContains(t, w.Restore(fakes.Env{}), "at most 3")
	var back World
	require.NoError(t, json.Unmarshal([]byte(`{"funds":"1.00","next_id":1}`), &back))
	require.NoError(t, back.Restore(fakes.Env{}))
	assert.Contains(t, snapshot(t, &back), `"submissions":[]`)
}

// Spans are read with days, as durations are everywhere, and written as Go does.
func TestDurationText(t *testing.T) {
	for text, want := range map[string]string{"1d": "24h0m0s", "1d12h": "36h0m0s", "36h": "36h0m0s", "90m": "1h30m0s", "0s": "0s"} {
		var d Duration
		require.NoError(t, d.UnmarshalText([]byte(text)), text)
		got, err := d.MarshalText()
		require.NoError(t, err)
		assert.Equal(t, want, string(got))
	}
	b := fakestest.New(t, API())
	load := func(delivery string) error {
		return b.Host.Import(b.Host.Default(), map[string]json.RawMessage{"qqtube": json.RawMessage(`{"world":{"funds":"1.00","submissions":[{"id":7,"service":"30","url":"https://a/","start":0,"wanted":500,"cost":"0.30","added":"2026-03-18T12:00:00Z","delivery":"` + delivery + `"}]}}`)})
	}
	require.NoError(t, load("1d"))
	for _, text := range []string{"soon", "", "1", "1w", "-1h", "1d-1h"} {
		require.ErrorContains(t, load(text), "world.submissions.0.delivery wants a duration", text)
	}
}

// A state may leave out next_id: orders then go on above those that it has.
func TestRestoreDerivesTheNextID(t *testing.T) {
	w := world(t)
	last := mustPlace(t, w, noon, "id_service", "54", "quantity", "1000")
	whole := snapshot(t, w)
	next := `"next_id":` + itoa(w.NextID) + `,`
	require.Contains(t, whole, next)
	for state, want := range map[string]int64{
		`{}`:                                1,
		whole:                               w.NextID,
		strings.Replace(whole, next, "", 1): w.submission(last).ID + 1,
	} {
		var back World
		require.NoError(t, json.Unmarshal([]byte(state), &back))
		require.NoError(t, back.Restore(fakes.Env{}))
		assert.Equal(t, want, back.NextID)
	}
}

// TestOverridesFromTheStateDocument covers what SetStatus itself never writes.
func TestOverridesFromTheStateDocument(t *testing.T) {
	w := world(t)
	id := mustPlace(t, w, noon, "id_service", "54", "quantity", "1000")
	s := w.submission(id)
	s.Override = &Override{Status: 1, At: noon}
	w = restored(t, w)
	assert.Equal(t, "1000", *stats(t, w, noon, id).Sent)
	require.NoError(t, w.SetStatus(id, 19, noon.Add(time.Hour)))
	w.submission(id).Override = &Override{Status: 2, At: noon}
	w = restored(t, w)
	assert.Equal(t, "2", stats(t, w, noon.Add(time.Hour), id).Status.ID)
	assert.Len(t, w.Settle(noon.AddDate(1, 0, 0)), 1)
}
