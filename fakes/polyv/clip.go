package polyv

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"math"
	"math/rand/v2"
	"strconv"
	"strings"

	"github.com/mediasandbox/sandbox/fakes"
)

const (
	framesMax   = 5   // 时间段数量不能超过5个
	frameLength = 5   // seconds: 开始与结束时间间隔需要超过或者等于5秒
	titleMax    = 255 // characters kept of a title; nothing shows it but the state
)

type clipIn struct {
	Vid       string `param:"vid"`
	TimeFrame string `param:"timeFrame"`
	Title     string `param:"title"`
}

// frame is a stretch of a video in seconds.
type frame struct{ start, end int64 }

// clip makes a new video of stretches of another (提交视频裁剪任务) and returns its
// vid. Blank parameters (410, 411, title) the contract has refused; 412 to 417
// follow in the order of their codes, each over all stretches.
func (w *World) clip(c *fakes.Call, in clipIn) (string, error) {
	u, err := w.user(c)
	if err != nil {
		return "", err
	}
	source := u.videos[in.Vid]
	if source == nil {
		return "", c.Refuse("vid-unknown")
	}
	frames, ok := readFrames(in.TimeFrame)
	if !ok {
		return "", c.Refuse("timeframe-malformed")
	}
	if outcome := illegal(frames, source.Seconds); outcome != "" {
		return "", c.Refuse(outcome)
	}
	var seconds int64
	for _, f := range frames {
		seconds += f.end - f.start
	}
	if seconds > secondsMax {
		return "", c.Refuse("clip-too-long")
	}
	if len(u.Videos) >= w.limits.videos {
		return "", c.Refuse("videos-full")
	}
	v := Video{
		Vid: u.freshVid(c.Rand), Title: shortened(in.Title), Category: source.Category,
		Seconds: seconds, Authplay: source.Authplay,
	}
	for i, n := range source.Sizes {
		v.Sizes[i] = min(n*seconds/source.Seconds, bytesMax)
	}
	if err := w.AddVideo(u.ID, v); err != nil {
		return "", err
	}
	return v.Vid, nil
}

// illegal names the first rule of the code table that the stretches break, "" for
// none.
func illegal(frames []frame, duration int64) string {
	if len(frames) > framesMax {
		return "timeframe-too-many"
	}
	for _, rule := range []struct {
		outcome string
		broken  func(f frame) bool
	}{
		{"timeframe-reversed", func(f frame) bool { return f.start > f.end }},
		{"timeframe-too-short", func(f frame) bool { return f.end-f.start < frameLength }},
		{"timeframe-beyond-end", func(f frame) bool { return f.end > duration }},
	} {
		for _, f := range frames {
			if rule.broken(f) {
				return rule.outcome
			}
		}
	}
	return ""
}

// readFrames reads timeFrame: a JSON array, not empty, of objects with whole
// seconds from 0 up under exactly "start" and "end"; other keys are passed over.
func readFrames(text string) ([]frame, bool) {
	dec := json.NewDecoder(strings.NewReader(text))
	dec.UseNumber()
	var raw []map[string]any // a map: struct fields would match START too
	if dec.Decode(&raw) != nil || len(raw) == 0 {
		return nil, false
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return nil, false
	}
	frames := make([]frame, len(raw))
	for i, m := range raw {
		start, ok1 := seconds(m["start"])
		end, ok2 := seconds(m["end"])
		if !ok1 || !ok2 {
			return nil, false
		}
		frames[i] = frame{start, end}
	}
	return frames, true
}

// seconds reads a whole number from 0 up. One beyond 63 bits is as good as the
// largest: it lies behind the end of every video.
func seconds(v any) (int64, bool) {
	n, ok := v.(json.Number)
	if !ok || bytes.ContainsAny([]byte(n), ".eE") {
		return 0, false
	}
	s, err := strconv.ParseInt(n.String(), 10, 64)
	if errors.Is(err, strconv.ErrRange) && n[0] != '-' {
		return math.MaxInt64, true
	}
	return s, err == nil && s >= 0
}

// freshVid draws a vid that the user does not have yet.
func (u *User) freshVid(r *rand.Rand) string {
	for {
		var b [11]byte
		for i := range b {
			b[i] = byte(r.Uint32())
		}
		vid := u.ID + hex.EncodeToString(b[:]) + "_" + u.ID[:1]
		if u.videos[vid] == nil {
			return vid
		}
	}
}

// shortened keeps the beginning of a client's title: the state must not grow by
// whatever is sent.
func shortened(title string) string {
	title = strings.ToValidUTF8(title, "\uFFFD")
	n := 0
	for i := range title {
		if n == titleMax {
			return title[:i]
		}
		n++
	}
	return title
}
