package qulive

import (
	"container/heap"
	"fmt"
	"time"

	"github.com/mediasandbox/sandbox/fakes"
)

// When the clock does what to a published video: the snapshot and the review count from
// publishing, the transcoding from a passed review. VOD's own times depend on its load
// (assumed; a video is ready one minute after it was published).
const (
	snapshotAfter  = 5 * time.Second
	reviewAfter    = 20 * time.Second
	transcodeAfter = 40 * time.Second
)

// Kinds of events that fall due.
const (
	snapshotComplete  = "snapshot-complete"
	reviewComplete    = "review-complete"
	transcodeComplete = "transcode-complete"
)

// Due is something that the clock will do to a published video.
type Due struct {
	At    time.Time `json:"at"`
	Seq   uint64    `json:"seq"` // order of what falls due at the same moment
	Kind  string    `json:"kind"`
	Video int64     `json:"video"` // Video.ID
}

// Schedule is a heap of what falls due, the next first.
type Schedule []Due

// Len, Less, Swap, Push and Pop are container/heap's.
func (s Schedule) Len() int      { return len(s) }
func (s Schedule) Swap(i, j int) { s[i], s[j] = s[j], s[i] }

// Less orders by time, then by when it was planned.
func (s Schedule) Less(i, j int) bool {
	if !s[i].At.Equal(s[j].At) {
		return s[i].At.Before(s[j].At)
	}
	return s[i].Seq < s[j].Seq
}

// Push appends; use World.plan.
func (s *Schedule) Push(x any) {
	if d, ok := x.(Due); ok {
		*s = append(*s, d)
	}
}

// Pop takes the last; use next.
func (s *Schedule) Pop() any {
	last := len(*s) - 1
	d := (*s)[last]
	*s = (*s)[:last]
	return d
}

// plan lets the clock do something to a video.
func (w *World) plan(at time.Time, kind string, v *Video) {
	w.LastDue++
	heap.Push(&w.Due, Due{At: at, Seq: w.LastDue, Kind: kind, Video: v.ID})
}

// next takes what is due at now, if anything is.
func (s *Schedule) next(now time.Time) (Due, bool) {
	if len(*s) == 0 || (*s)[0].At.After(now) {
		return Due{}, false
	}
	d, ok := heap.Pop(s).(Due)
	return d, ok
}

func (s *Schedule) restore() error {
	for i, d := range *s {
		switch d.Kind {
		case snapshotComplete, reviewComplete, transcodeComplete:
		default:
			return fmt.Errorf("due: entry %d has the unknown kind %q", i, d.Kind)
		}
	}
	heap.Init(s)
	return nil
}

// Settle applies what fell due up to now, each at its own time and through the same
// rules as a notification that is received. It returns the notifications as events, those
// that state control has caused since the last time first: Data is the body that VOD
// would send, except that FileUrl and SnapshotRegular are names of files, for the sender
// to complete.
func (w *World) Settle(now time.Time) []fakes.Event {
	events := w.reported
	w.reported = nil
	for {
		d, ok := w.Due.next(now)
		if !ok {
			return events
		}
		v := w.Videos.Get(d.Video)
		if v == nil || !v.awaits(d.Kind) {
			continue // deleted, or decided by a notification meanwhile
		}
		n := v.notice(d.Kind)
		w.apply(n, d.At)
		events = append(events, n.event(d.At))
	}
}

// awaits reports whether nothing has decided yet what the event would decide.
func (v *Video) awaits(kind string) bool {
	switch kind {
	case snapshotComplete:
		return v.SnapshotStatus == ""
	case reviewComplete:
		return v.CensorStatus == onCensor
	default:
		return v.TranscodeStatus == onTranscode
	}
}

// notice is what VOD reports of the video when all goes well.
func (v *Video) notice(kind string) notice {
	n := notice{Kind: kind, VideoID: v.VideoID, Status: success}
	switch kind {
	case snapshotComplete:
		n.Frame = v.VideoID + "/snapshots/normal-00001.jpg"
	case reviewComplete:
		n.Suggestion = "pass"
	case transcodeComplete:
		n.File = v.VideoID + "/transcoded-sd.mp4"
	}
	return n
}

func (n notice) event(at time.Time) fakes.Event {
	return fakes.Event{At: at, API: name, Kind: n.Kind, ID: n.VideoID, Data: n.body(at)}
}

// apply changes a video in both lists as the server's receiver does (observed). An unknown
// video is passed over.
func (w *World) apply(n notice, at time.Time) {
	published, recommended := w.videoByID[n.VideoID], w.recByID[n.VideoID]
	if published != nil && published.changed(n) && len(w.Due) < maxDue { // told to and fro for ever, it is not transcoded any more
		w.plan(at.Add(transcodeAfter), transcodeComplete, published)
	}
	if recommended != nil {
		recommended.changed(n)
		if n.Kind == transcodeComplete && n.Status == success {
			recommended.NarrowTranscodeStatus = success
		}
	}
}

// changed applies an event and reports whether transcoding begins.
func (v *Video) changed(n notice) (transcode bool) {
	switch n.Kind {
	case snapshotComplete:
		v.snapshotTaken(n)
	case reviewComplete:
		return v.reviewed(n)
	case transcodeComplete:
		v.transcoded(n)
	}
	return false
}

func (v *Video) snapshotTaken(n notice) {
	switch n.Status {
	case success:
		v.SnapshotStatus = success
		v.FirstFrame = n.Frame
	case fail:
		v.SnapshotStatus = fail
	}
}

// reviewed sets the review's result; it reports whether transcoding begins. What says
// neither pass, review nor block counts by its status alone, as the page documents it;
// the statuses are those that a video shows.
// A review that is not passed stops a transcoding that has begun.
func (v *Video) reviewed(n notice) (transcode bool) {
	switch {
	case n.Suggestion != "block" && (n.Suggestion == "review" && n.Status == success || n.Status == check):
		v.CensorStatus = check
	case n.Status != success || n.Suggestion == "block":
		v.CensorStatus = fail
	default:
		v.CensorStatus = success
		if v.TranscodeStatus != "" || v.File != "" {
			return false // told twice, or transcoded long ago
		}
		v.TranscodeStatus = onTranscode
		return true
	}
	if v.TranscodeStatus == onTranscode {
		v.TranscodeStatus = ""
	}
	return false
}

func (v *Video) transcoded(n notice) {
	if n.Status != success {
		v.TranscodeStatus = fail
		return
	}
	v.TranscodeStatus = success
	v.File = n.File
}

// ErrVideoUnknown is returned by the methods that control a video that is not published.
var ErrVideoUnknown = fakes.NotFound("no such video is published")

// FinishSnapshot reports the snapshot of a published video, at now on the tenant's
// clock; the next Settle returns the notification. It returns ErrVideoUnknown for a video
// that is not published.
func (w *World) FinishSnapshot(videoID string, ok bool, now time.Time) error {
	return w.report(videoID, snapshotComplete, ok, "", now)
}

// PublishReview reports the review of a published video: "success", "fail" or "check"
// (a person has to look at it). After a success the clock transcodes the video. It
// returns ErrVideoUnknown for a video that is not published, and an error for another
// status.
func (w *World) PublishReview(videoID, status string, now time.Time) error {
	suggestion, ok := map[string]string{success: "pass", fail: "block", check: "review"}[status]
	if !ok {
		return fmt.Errorf("status %q is none of success, fail and check", status)
	}
	return w.report(videoID, reviewComplete, status != fail, suggestion, now)
}

// FinishTranscode reports the transcoding of a published video. It returns
// ErrVideoUnknown for a video that is not published.
func (w *World) FinishTranscode(videoID string, ok bool, now time.Time) error {
	return w.report(videoID, transcodeComplete, ok, "", now)
}

func (w *World) report(videoID, kind string, ok bool, suggestion string, now time.Time) error {
	v := w.videoByID[videoID]
	if v == nil {
		return ErrVideoUnknown
	}
	n := v.notice(kind)
	if !ok {
		n.Status, n.Frame, n.File = fail, "", ""
	}
	n.Suggestion = suggestion
	w.apply(n, now)
	w.reported = append(w.reported, n.event(now))
	return nil
}

// Recommend lists a published video among the recommended ones. It returns
// ErrVideoUnknown for a video that is not published; one that is recommended already
// stays where it is.
func (w *World) Recommend(videoID string) error {
	v := w.videoByID[videoID]
	if v == nil {
		return ErrVideoUnknown
	}
	if w.recByID[v.VideoID] != nil {
		return nil
	}
	r := *v
	r.ID, r.Status, r.CateID, r.CateName = w.LastRecommended+1, "1", 1, recommendedCategory
	w.addRecommended(&r)
	return nil
}
