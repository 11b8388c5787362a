package control

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"

	"github.com/mediasandbox/sandbox/fakes"
	"github.com/mediasandbox/sandbox/fakes/polyv"
)

const polyvName = "polyv"

type danmuIn struct {
	Userid    *string `json:"userid"` // the tenant's own account when it is left out, here and below
	ID        *int64  `json:"id"`
	Vid       *string `json:"vid"`
	Msg       *string `json:"msg"`
	At        *int64  `json:"at"` // seconds into the video
	Fontsize  *string `json:"fontsize"`
	Fontmode  *string `json:"fontmode"`
	Fontcolor *string `json:"fontcolor"`
	Timestamp *int64  `json:"timestamp"` // Unix milliseconds; now
}

type videoIn struct {
	Userid   *string `json:"userid"`
	Vid      *string `json:"vid"` // drawn
	Title    *string `json:"title"`
	Cataid   *int64  `json:"cataid"`
	Seconds  *int64  `json:"seconds"`
	Sizes    []int64 `json:"sizes"` // bytes, of three definitions
	Authplay *bool   `json:"authplay"`
}

type authplayIn struct {
	On *bool `json:"on"`
}

type categoryIn struct {
	Userid *string `json:"userid"`
	Cataid *int64  `json:"cataid"` // the next
	Name   *string `json:"name"`
	Parent *int64  `json:"parent"`
}

type grabTaskIn struct {
	Userid       *string         `json:"userid"`
	Taskid       *string         `json:"taskid"` // drawn
	Originalname *string         `json:"originalname"`
	File         *string         `json:"file"` // drawn
	Classifyid   *int64          `json:"classifyid"`
	Classifyname *string         `json:"classifyname"`
	Rows         []polyv.GrabRow `json:"rows"`
	Status       *string         `json:"status"`
	Createtime   *int64          `json:"createtime"` // Unix milliseconds; now
	Endtime      *int64          `json:"endtime"`
}

type examLogIn struct {
	Userid   *string `json:"userid"`
	Logid    *int64  `json:"logid"`
	ExamID   *string `json:"examId"`
	Vid      *string `json:"vid"`
	Question *string `json:"question"`
	Answer   *string `json:"answer"` // JSON text
	Correct  *bool   `json:"correct"`
	PlayID   *string `json:"playId"`
	IP       *string `json:"ip"`
	Province *string `json:"province"`
	ISP      *string `json:"isp"`
	OS       *string `json:"os"`
	Browser  *string `json:"browser"`
	Added    *int64  `json:"added"` // Unix milliseconds; now
}

func polyvActions() []Action {
	return []Action{
		act(polyvName, "/danmu", addDanmu),
		act(polyvName, "/videos", addVideo),
		act(polyvName, "/videos/{vid}/authplay", setAuthplay),
		act(polyvName, "/categories", addCategory),
		act(polyvName, "/grab-tasks", addGrabTask),
		act(polyvName, "/exam-logs", addExamLog),
	}
}

func created(key string, value any) Result {
	return Result{Created: true, JSON: map[string]any{key: value}}
}

func addDanmu(w *polyv.World, in danmuIn, c *call) (Result, error) {
	switch {
	case in.Vid == nil:
		return Result{}, missing("vid")
	case in.Msg == nil:
		return Result{}, missing("msg")
	case *in.Msg == "":
		return Result{}, empty("msg")
	}
	if in.ID != nil && *in.ID < 1 {
		return Result{}, fmt.Errorf("id %d: ids start at 1", *in.ID)
	}
	id, err := w.AddDanmu(or(in.Userid, c.own()), polyv.Danmu{
		ID: or(in.ID, 0), Vid: *in.Vid, Msg: *in.Msg, At: or(in.At, 0), Size: or(in.Fontsize, ""),
		Mode: or(in.Fontmode, ""), Color: or(in.Fontcolor, ""), Time: or(in.Timestamp, c.now.UnixMilli()),
	})
	return created("id", id), err
}

func addVideo(w *polyv.World, in videoIn, c *call) (Result, error) {
	switch {
	case in.Title == nil:
		return Result{}, missing("title")
	case *in.Title == "":
		return Result{}, empty("title")
	}
	userid := or(in.Userid, c.own())
	v := polyv.Video{
		Title: *in.Title, Category: or(in.Cataid, 1), Seconds: or(in.Seconds, 60),
		Sizes: [3]int64{1 << 20, 2 << 20, 4 << 20}, Authplay: or(in.Authplay, false),
	}
	if in.Sizes != nil {
		if len(in.Sizes) != len(v.Sizes) {
			return Result{}, fmt.Errorf("field %q wants %d sizes, not %d", "sizes", len(v.Sizes), len(in.Sizes))
		}
		v.Sizes = [3]int64(in.Sizes)
	}
	if in.Vid != nil {
		v.Vid = *in.Vid
		return created("vid", v.Vid), w.AddVideo(userid, v)
	}
	u := user(w, userid)
	if u == nil {
		return Result{}, fakes.NotFound("no user %.40q", userid)
	}
	err := c.draw("vid", userid, len(u.Videos), func(text string) error {
		v.Vid = userid + text[:22] + "_" + userid[:1]
		return w.AddVideo(userid, v)
	})
	return created("vid", v.Vid), err
}

// setAuthplay finds the owner in the vid, as the vendor's ids have it.
func setAuthplay(w *polyv.World, in authplayIn, c *call) (Result, error) {
	if in.On == nil {
		return Result{}, missing("on")
	}
	const tail = len("_") + 22 + 1
	vid := c.param("vid")
	if len(vid) <= tail || user(w, vid[:len(vid)-tail]) == nil {
		return Result{}, fakes.NotFound("no video %.60q", vid)
	}
	return Result{}, w.SetAuthplay(vid[:len(vid)-tail], vid, *in.On)
}

func addCategory(w *polyv.World, in categoryIn, c *call) (Result, error) {
	if in.Name == nil {
		return Result{}, missing("name")
	}
	userid := or(in.Userid, c.own())
	id := or(in.Cataid, 0)
	if u := user(w, userid); in.Cataid == nil && u != nil {
		for _, other := range u.Categories {
			id = max(id, other.ID+1)
		}
	}
	return created("cataid", id), w.AddCategory(userid, polyv.Category{ID: id, Name: *in.Name, Parent: or(in.Parent, 1)})
}

func addGrabTask(w *polyv.World, in grabTaskIn, c *call) (Result, error) {
	userid := or(in.Userid, c.own())
	u := user(w, userid)
	if u == nil {
		return Result{}, fakes.NotFound("no user %.40q", userid)
	}
	t := polyv.GrabTask{
		Name: or(in.Originalname, "videos.csv"), Category: or(in.Classifyid, 1), CategoryName: or(in.Classifyname, ""),
		Status: or(in.Status, "Y"), Created: or(in.Createtime, c.now.UnixMilli()), Ended: in.Endtime, Rows: append([]polyv.GrabRow{}, in.Rows...),
	}
	add := func(text string) error {
		t.ID = or(in.Taskid, text[:10])
		t.File = or(in.File, t.ID+".csv")
		return w.AddGrabTask(userid, t)
	}
	if in.Taskid != nil {
		return created("taskid", *in.Taskid), add("          ")
	}
	err := c.draw("task", userid, u.Tasks.Len(), add)
	return created("taskid", t.ID), err
}

func addExamLog(w *polyv.World, in examLogIn, c *call) (Result, error) {
	if in.Vid == nil {
		return Result{}, missing("vid")
	}
	if in.Logid != nil && *in.Logid < 1 {
		return Result{}, fmt.Errorf("logid %d: ids start at 1", *in.Logid)
	}
	id, err := w.AddExamLog(or(in.Userid, c.own()), polyv.ExamLog{
		ID: or(in.Logid, 0), ExamID: or(in.ExamID, ""), Vid: *in.Vid, Question: or(in.Question, ""), Answer: or(in.Answer, "[]"),
		Correct: or(in.Correct, false), PlayID: or(in.PlayID, ""), IP: or(in.IP, ""), Province: or(in.Province, ""),
		ISP: or(in.ISP, ""), OS: or(in.OS, ""), Browser: or(in.Browser, ""), Added: or(in.Added, c.now.UnixMilli()),
	})
	return created("logid", id), err
}

func user(w *polyv.World, userid string) *polyv.User {
	for _, u := range w.Users {
		if u.ID == userid {
			return u
		}
	}
	return nil
}

// draw tries names until one is free: the same ones in the same state.
func (c *call) draw(purpose, userid string, n int, try func(text string) error) error {
	const tries = 100 // each hits a taken one with a chance of 2^-40
	var err error
	for range tries {
		sum := sha256.Sum256(fmt.Appendf(nil, "%d/%s/%s/%d", c.tenant.Seed, purpose, userid, n))
		if err = try(hex.EncodeToString(sum[:])); !errors.Is(err, fakes.ErrConflict) {
			return err
		}
		n++
	}
	return err
}
