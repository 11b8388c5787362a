package polyv

import (
	"errors"
	"fmt"
	"strings"

	"github.com/mediasandbox/sandbox/fakes"
)

// Bounds of a video.
const (
	secondsMax = 24 * 3600
	bytesMax   = 1 << 40
	vidsMax    = 500 // of one sizes call (CONTRACTS section 2, observed)
)

// Video is one video of a user.
type Video struct {
	Vid      string   `json:"vid"`
	Title    string   `json:"title"`
	Category int64    `json:"cataid"`
	Seconds  int64    `json:"seconds"` // duration
	Sizes    [3]int64 `json:"sizes"`   // bytes in low, middle and high definition
	Authplay bool     `json:"authplay"`
}

// AddVideo gives a user a video. It fails for an unknown user or category, a vid
// that is taken or is not userid + 22 hexadecimal digits + "_" + the userid's first
// character, a duration outside 1 second to 24 hours, sizes outside 0 to 1 TiB, and when
// the user has as many as may be.
func (w *World) AddVideo(userid string, v Video) error {
	u, err := w.named(userid)
	if err != nil {
		return err
	}
	if err := room(u, "videos", len(u.Videos), w.limits.videos); err != nil {
		return err
	}
	if err := u.indexVideo(&v); err != nil {
		return err
	}
	u.Videos = append(u.Videos, &v)
	return nil
}

// SetAuthplay sets a video's switch of authorised playing.
func (w *World) SetAuthplay(userid, vid string, on bool) error {
	u, err := w.named(userid)
	if err != nil {
		return err
	}
	v := u.videos[vid]
	if v == nil {
		return fakes.NotFound("no video %q", vid)
	}
	v.Authplay = on
	return nil
}

func (u *User) indexVideos() error {
	u.videos, u.byCategory = make(map[string]*Video, len(u.Videos)), map[int64][]*Video{}
	for _, v := range u.Videos {
		if v == nil {
			return errors.New("a video is null")
		}
		if err := u.indexVideo(v); err != nil {
			return err
		}
	}
	return nil
}

// indexVideo checks v and makes it findable.
func (u *User) indexVideo(v *Video) error {
	switch {
	case !vidOf(u.ID, v.Vid):
		return fmt.Errorf("video %q: a vid is the userid, 22 hexadecimal digits, _ and the userid's first character", v.Vid)
	case u.videos[v.Vid] != nil:
		return fakes.Conflict("video %q is taken", v.Vid)
	case u.categories[v.Category] == nil:
		return fakes.NotFound("video %q: no category %d", v.Vid, v.Category)
	case v.Seconds < 1 || v.Seconds > secondsMax:
		return fmt.Errorf("video %q: %d seconds are outside 1 to %d", v.Vid, v.Seconds, secondsMax)
	}
	for _, n := range v.Sizes {
		if n < 0 || n > bytesMax {
			return fmt.Errorf("video %q: a size of %d bytes is outside 0 to %d", v.Vid, n, bytesMax)
		}
	}
	u.videos[v.Vid] = v
	u.byCategory[v.Category] = append(u.byCategory[v.Category], v)
	return nil
}

// vidOf says whether vid can be one of the user's.
func vidOf(userid, vid string) bool {
	rest, ok := strings.CutPrefix(vid, userid)
	if !ok || len(userid) == 0 || len(rest) != 24 || rest[22:] != "_"+userid[:1] {
		return false
	}
	return strings.Trim(rest[:22], "0123456789abcdef") == ""
}

// sizeGroup is the videos of one category, keys in the sample's order.
type sizeGroup struct {
	Cataid int64       `json:"cataid"`
	Videos []sizedItem `json:"videos"`
}

type sizedItem struct {
	Vid       string `json:"vid"`
	Duration  string `json:"duration"`
	Filesize1 int64  `json:"filesize1"`
	Filesize2 int64  `json:"filesize2"`
	Filesize3 int64  `json:"filesize3"`
}

type videoSizesIn struct {
	Vids   string `param:"vids"`
	CataID string `param:"cataId"`
}

// videoSizes tells durations and sizes by vid or by category (根据分类批量获取视频时长和大小).
// A category stands for all below it too: CONTRACTS section 2 has this operation show
// that a category was moved. Repeated ids count against the limit, and are answered once.
func (w *World) videoSizes(c *fakes.Call, in videoSizesIn) ([]sizeGroup, error) {
	u, err := w.user(c)
	if err != nil {
		return nil, err
	}
	var found []*Video
	switch {
	case strings.TrimSpace(in.Vids) != "":
		vids := list(in.Vids)
		if len(vids) > vidsMax {
			return nil, c.Refuse("vids-too-many")
		}
		for _, vid := range vids {
			if v := u.videos[vid]; v != nil {
				found = append(found, v)
			}
		}
	case strings.TrimSpace(in.CataID) != "":
		for _, cat := range u.subtrees(list(in.CataID)) {
			found = append(found, u.byCategory[cat.ID]...)
		}
	default:
		return nil, c.Refuse("ids-empty")
	}
	return grouped(found), nil
}

// grouped puts videos into groups in the order of their first appearance.
func grouped(videos []*Video) []sizeGroup {
	groups := []sizeGroup{}
	at := map[int64]int{}
	seen := make(map[*Video]bool, len(videos))
	for _, v := range videos {
		if seen[v] {
			continue
		}
		seen[v] = true
		i, ok := at[v.Category]
		if !ok {
			i = len(groups)
			at[v.Category] = i
			groups = append(groups, sizeGroup{Cataid: v.Category})
		}
		groups[i].Videos = append(groups[i].Videos, sizedItem{v.Vid, clock(v.Seconds), v.Sizes[0], v.Sizes[1], v.Sizes[2]})
	}
	return groups
}

// list splits at commas; blanks around an entry do not count, empty entries neither.
func list(text string) []string {
	var out []string
	for entry := range strings.SplitSeq(text, ",") {
		if entry = strings.TrimSpace(entry); entry != "" {
			out = append(out, entry)
		}
	}
	return out
}

type authplayIn struct {
	Vid string `param:"vid"`
}

// authplayStatus tells a video's switch, 0 or 1 (根据视频vid查询视频的授权播放开关状态).
func (w *World) authplayStatus(c *fakes.Call, in authplayIn) (int, error) {
	u, err := w.user(c)
	if err != nil {
		return 0, err
	}
	v := u.videos[in.Vid]
	switch {
	case v == nil:
		return 0, c.Refuse("vid-unknown")
	case v.Authplay:
		return 1, nil
	}
	return 0, nil
}
