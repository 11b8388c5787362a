package polyv

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/mediasandbox/sandbox/fakes"
)

// Danmu is a comment that flies through a video (弹幕).
type Danmu struct {
	ID    int64  `json:"id"`
	Vid   string `json:"vid"`
	Msg   string `json:"msg"`
	At    int64  `json:"at"` // where in the video, seconds
	Size  string `json:"fontsize"`
	Mode  string `json:"fontmode"`
	Color string `json:"fontcolor"`
	Time  int64  `json:"timestamp"` // when it was written, Unix milliseconds
}

func (d *Danmu) key() int64    { return d.ID }
func (d *Danmu) when() int64   { return d.Time }
func (d *Danmu) group() string { return d.Vid }

// AddDanmu puts a danmu on one of the user's videos and returns its id, the next
// free one when d has none. Size, Mode and Color default to the page's 24, roll
// and 0xFFFFFF. It fails for an unknown user or video, a taken id, a position or
// time below zero.
func (w *World) AddDanmu(userid string, d Danmu) (id int64, err error) {
	u, err := w.named(userid)
	if err != nil {
		return 0, err
	}
	if d.ID == 0 {
		d.ID = w.LastDanmu + 1
	}
	if d.Size == "" {
		d.Size = "24"
	}
	if d.Mode == "" {
		d.Mode = "roll"
	}
	if d.Color == "" {
		d.Color = "0xFFFFFF"
	}
	if err := u.checkDanmu(&d); err != nil {
		return 0, err
	}
	if err := room(u, "danmu", u.Danmu.Len(), w.limits.danmu); err != nil {
		return 0, err
	}
	if err := u.Danmu.add(&d); err != nil {
		return 0, err
	}
	w.LastDanmu = max(w.LastDanmu, d.ID)
	return d.ID, nil
}

func (u *User) checkDanmu(d *Danmu) error {
	switch {
	case d.ID < 1:
		return fmt.Errorf("danmu %d: ids start at 1", d.ID)
	case d.At < 0:
		return fmt.Errorf("danmu %d: at %d is before the video", d.ID, d.At)
	case u.videos[d.Vid] == nil:
		return fakes.NotFound("danmu %d: no video %q", d.ID, d.Vid)
	}
	return checkTime(d.Time)
}

// danmuItem is a danmu as the list shows it, keys in the sample's order.
type danmuItem struct {
	ID        int64  `json:"id"`
	Vid       string `json:"vid"`
	Userid    string `json:"userid"`
	Msg       string `json:"msg"`
	Time      string `json:"time"`
	Fontsize  string `json:"fontsize"`
	Fontmode  string `json:"fontmode"`
	Fontcolor string `json:"fontcolor"`
	Timestamp int64  `json:"timestamp"`
}

type danmuListIn struct {
	PageNum    int64  `param:"pageNum"`
	NumPerPage int64  `param:"numPerPage"`
	Vid        string `param:"vid"`
}

// danmuList lists the user's danmu, or one video's (分页查询用户下所有弹幕信息).
func (w *World) danmuList(c *fakes.Call, in danmuListIn) (pager[danmuItem], error) {
	u, err := w.user(c)
	if err != nil {
		return pager[danmuItem]{}, err
	}
	found, total := u.Danmu.page(in.Vid, offset(in.PageNum, in.NumPerPage), in.NumPerPage)
	items := make([]danmuItem, len(found))
	for i, d := range found {
		items[i] = danmuItem{
			ID: d.ID, Vid: d.Vid, Userid: u.ID, Msg: d.Msg, Time: clock(d.At),
			Fontsize: d.Size, Fontmode: d.Mode, Fontcolor: d.Color, Timestamp: d.Time,
		}
	}
	return paged(in.PageNum, in.NumPerPage, total, items), nil
}

type danmuDeleteIn struct {
	IDs string `param:"danmuIds"`
}

// danmuDelete deletes what it finds of the ids; others' and unknown ones are passed
// over (批量删除弹幕信息; CONTRACTS section 2).
func (w *World) danmuDelete(c *fakes.Call, in danmuDeleteIn) (string, error) {
	u, err := w.user(c)
	if err != nil {
		return "", err
	}
	for text := range strings.SplitSeq(in.IDs, ",") {
		if id, err := strconv.ParseInt(strings.TrimSpace(text), 10, 64); err == nil {
			u.Danmu.remove(id)
		}
	}
	return "success", nil
}

// clock spells seconds as the vendor does, HH:MM:SS.
func clock(seconds int64) string {
	return fmt.Sprintf("%02d:%02d:%02d", seconds/3600, seconds/60%60, seconds%60)
}
