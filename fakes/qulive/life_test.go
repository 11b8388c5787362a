package qulive_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/mediasandbox/sandbox/fakes"
	"github.com/mediasandbox/sandbox/fakes/fakestest"
	"github.com/mediasandbox/sandbox/fakes/qulive"
)

// statuses are censor, transcode, snapshot.
func statuses(t *testing.T, b *fakestest.Bench, token string) [3]string {
	t.Helper()
	v := newest(t, b, token)
	return [3]string{v.CensorStatus, v.TranscodeStatus, v.SnapshotStatus}
}

func TestLifeOfAVideo(t *testing.T) {
	b := bench(t)
	_, token := visitor(t, b)
	clock := b.Host.Default().Clock
	publish(t, b, token, "v")
	play := func() string { return b.Call("demoGetVideoPlayAuth", args{"videoId": "v"}).Outcome }
	at := time.Duration(0)
	for _, step := range []struct {
		at   time.Duration
		want [3]string
		play string
	}{
		{0, [3]string{"onCensor", "", ""}, "video-not-ready"},
		{5*time.Second - 1, [3]string{"onCensor", "", ""}, "video-not-ready"},
		{5 * time.Second, [3]string{"onCensor", "", "success"}, "video-not-ready"},
		{20*time.Second - 1, [3]string{"onCensor", "", "success"}, "video-not-ready"},
		{20 * time.Second, [3]string{"success", "onTranscode", "success"}, "video-not-ready"},
		{60*time.Second - 1, [3]string{"success", "onTranscode", "success"}, "video-not-ready"},
		{60 * time.Second, [3]string{"success", "success", "success"}, "play-authorised"},
		{60 * time.Hour, [3]string{"success", "success", "success"}, "play-authorised"},
	} {
		clock.Advance(step.at - at)
		at = step.at
		assert.Equal(t, step.want, statuses(t, b, token), "after %s", at)
		assert.Equal(t, step.play, play(), "after %s", at)
	}
	assert.NotEmpty(t, newest(t, b, token).FirstFrameURL)
}

// What falls due in one step comes in the order of time, with the body that VOD sends.
func TestEventsOfAVideo(t *testing.T) {
	b := bench(t)
	tenant := b.Host.Default()
	publish(t, b, ownToken(b), "a")
	tenant.Clock.Advance(30 * time.Second)
	publish(t, b, ownToken(b), "b") // what was due for a has come with this call
	tenant.Clock.Advance(time.Hour)
	events := b.Host.Settle(tenant)
	noon := time.Date(2026, 3, 18, 12, 0, 0, 0, time.UTC)
	type event struct {
		after    time.Duration
		kind, id string
	}
	var got []event
	for _, e := range events {
		got = append(got, event{e.At.Sub(noon), e.Kind, e.ID})
		assert.Equal(t, "qulive", e.API)
		assert.Equal(t, e.ID, e.Data["VideoId"])
		assert.Equal(t, "success", e.Data["Status"])
		assert.Equal(t, e.At.Format("2006-01-02T15:04:05Z"), e.Data["EventTime"])
	}
	assert.Equal(t, []event{
		{35 * time.Second, "snapshot-complete", "b"},
		{50 * time.Second, "review-complete", "b"},
		{60 * time.Second, "transcode-complete", "a"},
		{90 * time.Second, "transcode-complete", "b"},
	}, got)
	assert.Equal(t, "SnapshotComplete", events[0].Data["EventType"])
	assert.Equal(t, "AIVideoCensorComplete", events[1].Data["EventType"])
	assert.Equal(t, "b", events[1].Data["MediaId"])
	assert.Equal(t, "StreamTranscodeComplete", events[2].Data["EventType"])
	assert.Empty(t, b.Host.Settle(tenant))
}

// An event's body, sent to the receiver, changes a video as the clock did.
func TestEventsCanBeReceived(t *testing.T) {
	b := bench(t)
	tenant := b.Host.Default()
	publish(t, b, ownToken(b), "v")
	tenant.Clock.Advance(time.Hour)
	events := b.Host.Settle(tenant)
	require.Len(t, events, 3)
	byClock := newest(t, b, ownToken(b))
	other := bench(t)
	publish(t, other, ownToken(other), "v")
	for i, outcome := range []string{"snapshot-noted", "review-noted", "transcode-noted"} {
		r := other.Request("vodCallback", nil)
		notify(other, r, events[i].Data)
		require.Equal(t, outcome, other.Send(r).Outcome)
	}
	assert.Equal(t, byClock, newest(t, other, ownToken(other)))
}

func TestControl(t *testing.T) {
	for _, c := range []struct {
		review string
		after  [3]string // at once
		later  [3]string // an hour on
	}{
		{"success", [3]string{"success", "onTranscode", ""}, [3]string{"success", "success", "success"}},
		{"fail", [3]string{"fail", "", ""}, [3]string{"fail", "", "success"}},
		{"check", [3]string{"check", "", ""}, [3]string{"check", "", "success"}},
	} {
		b := bench(t)
		clock := b.Host.Default().Clock
		_, token := visitor(t, b)
		publish(t, b, token, "v")
		world(t, b, func(w *qulive.World) { require.NoError(t, w.PublishReview("v", c.review, clock.Now())) })
		assert.Equal(t, c.after, statuses(t, b, token))
		clock.Advance(time.Hour)
		assert.Equal(t, c.later, statuses(t, b, token), "a review that was decided stays so")
	}
}

func TestControlOfTheRest(t *testing.T) {
	b := bench(t)
	clock := b.Host.Default().Clock
	_, token := visitor(t, b)
	publish(t, b, token, "v")
	do := func(f func(w *qulive.World) error) {
		t.Helper()
		world(t, b, func(w *qulive.World) { require.NoError(t, f(w)) })
	}
	do(func(w *qulive.World) error { return w.FinishSnapshot("v", false, clock.Now()) })
	do(func(w *qulive.World) error { return w.PublishReview("v", "success", clock.Now()) })
	do(func(w *qulive.World) error { return w.FinishTranscode("v", false, clock.Now()) })
	clock.Advance(time.Hour)
	assert.Equal(t, [3]string{"success", "fail", "fail"}, statuses(t, b, token))
	r := b.Call("demoGetVideoPlayAuth", args{"videoId": "v"})
	assert.Contains(t, *open(t, r).Message, "Currently Video Status is TranscodeFail and AuditStatus is Normal.")
	do(func(w *qulive.World) error { return w.Recommend("v") })
	do(func(w *qulive.World) error { return w.Recommend("v") })
	do(func(w *qulive.World) error { return w.FinishTranscode("v", true, clock.Now()) })
	var rec page
	data(t, b.Call("getRecommendVideoList", args{"pageIndex": "1", "pageSize": "1"}), &rec)
	assert.Equal(t, 60, rec.Total)
	assert.Equal(t, "111", rec.VideoList[0].ID)
	assert.Equal(t, "v", rec.VideoList[0].VideoID)
	assert.Equal(t, "success", rec.VideoList[0].NarrowTranscodeStatus)
	world(t, b, func(w *qulive.World) {
		require.ErrorIs(t, w.PublishReview("w", "success", clock.Now()), qulive.ErrVideoUnknown)
		require.ErrorIs(t, w.FinishSnapshot("w", true, clock.Now()), qulive.ErrVideoUnknown)
		require.ErrorIs(t, w.FinishTranscode("w", true, clock.Now()), qulive.ErrVideoUnknown)
		require.ErrorIs(t, w.Recommend("w"), qulive.ErrVideoUnknown)
		require.ErrorContains(t, w.PublishReview("v", "maybe", clock.Now()), `"maybe"`)
	})
}

// An event is told of a video wherever it is listed.
func TestEventsOfRecommendedVideos(t *testing.T) {
	b := bench(t)
	clock := b.Host.Default().Clock
	_, token := visitor(t, b)
	newestRecommended := func(a args) row {
		t.Helper()
		var p page
		data(t, as(b, token, "getRecommendVideoList", a), &p)
		return p.VideoList[0]
	}
	publish(t, b, token, "v")
	world(t, b, func(w *qulive.World) { require.NoError(t, w.Recommend("v")) })
	for _, step := range []time.Duration{5 * time.Second, 15 * time.Second, 40 * time.Second} {
		clock.Advance(step)
		mine, theirs := newest(t, b, token), newestRecommended(args{"pageIndex": "1", "pageSize": "1"})
		assert.Equal(t, [3]string{mine.CensorStatus, mine.TranscodeStatus, mine.SnapshotStatus},
			[3]string{theirs.CensorStatus, theirs.TranscodeStatus, theirs.SnapshotStatus}, "after %v more", step)
		assert.Equal(t, mine.FirstFrameURL, theirs.FirstFrameURL)
	}
	file := newestRecommended(args{"pageIndex": "1", "pageSize": "1"}).FileURL
	require.NotNil(t, file)
	assert.Contains(t, *file, "v/transcoded-sd.mp4")

	// One that is listed there alone, as the page's samples are.
	const sample = "febc0388fab9491d8199bdad1958b756"
	r := b.Request("vodCallback", nil)
	for _, status := range []string{"success", "fail"} {
		notify(b, r, event{"EventType": "AIVideoCensorComplete", "VideoId": sample, "Status": status})
		require.Equal(t, "review-noted", b.Send(r).Outcome)
		clock.Advance(time.Hour)
		v := newestRecommended(args{"pageIndex": "1", "pageSize": "1", "id": "110"})
		require.Equal(t, sample, v.VideoID)
		assert.Equal(t, status, v.CensorStatus)
		assert.Empty(t, v.TranscodeStatus, "it was transcoded long ago")
		played := b.Call("demoGetVideoPlayAuth", args{"videoId": sample}).Outcome
		assert.Equal(t, map[string]string{"success": "play-authorised", "fail": "video-not-ready"}[status], played)
	}
}

func TestDeletedVideosHaveNoLife(t *testing.T) {
	b := bench(t)
	tenant := b.Host.Default()
	publish(t, b, ownToken(b), "v")
	require.Equal(t, "deleted", b.Call("deleteVideoById", args{"videoId": "v", "userId": demoID}).Outcome)
	tenant.Clock.Advance(10 * time.Second)
	publish(t, b, ownToken(b), "v") // published again: the first one's events are not its own
	tenant.Clock.Advance(10 * time.Second)
	assert.Equal(t, [3]string{"onCensor", "", "success"}, statuses(t, b, ownToken(b)))
	tenant.Clock.Advance(time.Hour)
	var kinds []string
	for _, e := range b.Host.Settle(tenant) {
		kinds = append(kinds, e.Kind)
	}
	assert.Equal(t, []string{"review-complete", "transcode-complete"}, kinds)
}

func TestPageSamplesDoNotMove(t *testing.T) {
	b := bench(t)
	before := personal(t, b, ownToken(b), allRows)
	b.Host.Default().Clock.Advance(24 * time.Hour)
	assert.Empty(t, b.Host.Settle(b.Host.Default()))
	assert.Equal(t, before, personal(t, b, ownToken(b), allRows))
}

var _ fakes.Settler = (*qulive.World)(nil)

// What state control reports is told as what falls due is, once, and before it.
func TestEventsOfControl(t *testing.T) {
	b := bench(t)
	tenant := b.Host.Default()
	publish(t, b, ownToken(b), "v")
	now := tenant.Clock.Now()
	for _, c := range []struct {
		do   func(w *qulive.World) error
		kind string
		want map[string]any
	}{
		{func(w *qulive.World) error { return w.FinishSnapshot("v", false, now) }, "snapshot-complete", map[string]any{
			"EventType": "SnapshotComplete", "SubType": "SpecifiedTime", "Status": "fail",
		}},
		{func(w *qulive.World) error { return w.PublishReview("v", "fail", now) }, "review-complete", map[string]any{
			"EventType": "AIVideoCensorComplete", "MediaId": "v", "Status": "fail", "Data": map[string]any{"Suggestion": "block"},
		}},
		{func(w *qulive.World) error { return w.PublishReview("v", "success", now) }, "review-complete", map[string]any{
			"EventType": "AIVideoCensorComplete", "MediaId": "v", "Status": "success", "Data": map[string]any{"Suggestion": "pass", "Label": "normal"},
		}},
		{func(w *qulive.World) error { return w.FinishTranscode("v", false, now) }, "transcode-complete", map[string]any{
			"EventType": "StreamTranscodeComplete", "Format": "mp4", "Definition": "SD", "Status": "fail",
		}},
		{func(w *qulive.World) error { return w.FinishTranscode("v", true, now) }, "transcode-complete", map[string]any{
			"EventType": "StreamTranscodeComplete", "Format": "mp4", "Definition": "SD", "Status": "success", "FileUrl": "v/transcoded-sd.mp4",
		}},
	} {
		world(t, b, func(w *qulive.World) { require.NoError(t, c.do(w)) })
		c.want["VideoId"], c.want["EventTime"] = "v", now.Format("2006-01-02T15:04:05Z")
		assert.Equal(t, []fakes.Event{{At: now, API: "qulive", Kind: c.kind, ID: "v", Data: c.want}}, b.Host.Settle(tenant))
		assert.Empty(t, b.Host.Settle(tenant))
	}
	world(t, b, func(w *qulive.World) {
		require.ErrorIs(t, w.FinishSnapshot("w", true, now), fakes.ErrNotFound)
		require.Error(t, w.PublishReview("v", "maybe", now))
	})
	assert.Empty(t, b.Host.Settle(tenant), "what was refused is not told")
}
