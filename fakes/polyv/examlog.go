package polyv

import (
	"encoding/json"
	"fmt"
	"math"
	"time"

	"github.com/mediasandbox/sandbox/fakes"
)

// logsPerPage is the size of a page (批量获取答题日志: 默认每页显示20条记录).
const logsPerPage = 20

// ExamLog is one answer that a viewer gave to a question inside a video (答题日志).
type ExamLog struct {
	ID       int64  `json:"logid"`
	ExamID   string `json:"examId"`
	Vid      string `json:"vid"`
	Question string `json:"question"`
	Answer   string `json:"answer"` // JSON text, an array
	Correct  bool   `json:"correct"`
	PlayID   string `json:"playId"`
	IP       string `json:"ip"`
	Province string `json:"province"`
	ISP      string `json:"isp"`
	OS       string `json:"os"`
	Browser  string `json:"browser"`
	Added    int64  `json:"added"` // Unix milliseconds
}

func (l *ExamLog) key() int64    { return l.ID }
func (l *ExamLog) when() int64   { return l.Added }
func (l *ExamLog) group() string { return l.Vid }

// AddExamLog adds an answer to one of the user's videos and returns its id, the
// next free one when l has none. It fails for an unknown user or video, a taken id,
// an Answer that is no JSON array and a time below zero.
func (w *World) AddExamLog(userid string, l ExamLog) (id int64, err error) {
	u, err := w.named(userid)
	if err != nil {
		return 0, err
	}
	if l.ID == 0 {
		l.ID = w.LastLog + 1
	}
	if err := u.checkLog(&l); err != nil {
		return 0, err
	}
	if err := room(u, "exam logs", u.Logs.Len(), w.limits.logs); err != nil {
		return 0, err
	}
	if err := u.Logs.add(&l); err != nil {
		return 0, err
	}
	w.LastLog = max(w.LastLog, l.ID)
	return l.ID, nil
}

func (u *User) checkLog(l *ExamLog) error {
	var options []string
	switch {
	case l.ID < 1:
		return fmt.Errorf("exam log %d: ids start at 1", l.ID)
	case u.videos[l.Vid] == nil:
		return fakes.NotFound("exam log %d: no video %q", l.ID, l.Vid)
	case json.Unmarshal([]byte(l.Answer), &options) != nil || options == nil:
		return fmt.Errorf("exam log %d: answer is no JSON array of texts", l.ID)
	}
	return checkTime(l.Added)
}

// examItem is a log as the operation shows it, keys in the sample's order.
type examItem struct {
	Logid           int64  `json:"logid"`
	ExamID          string `json:"examId"`
	Userid          string `json:"userid"`
	VideoPoolID     string `json:"videoPoolId"`
	Question        string `json:"question"`
	Answer          string `json:"answer"`
	IsCorrect       int    `json:"isCorrect"`
	PlayID          string `json:"playId"`
	IPAddress       string `json:"ipAddress"`
	Province        string `json:"province"`
	ISP             string `json:"isp"`
	OperatingSystem string `json:"operatingSystem"`
	Browser         string `json:"browser"`
	DateAdded       int64  `json:"dateAdded"`
}

type examLogIn struct {
	Vids    string `param:"vids"`
	PageNum int64  `param:"pageNum"`
	Start   string `param:"start"`
	End     string `param:"end"`
}

// examLog lists answers of several videos, newest first (批量获取答题日志). The form of
// the dates the contract has checked, not that there are such days.
func (w *World) examLog(c *fakes.Call, in examLogIn) ([]examItem, error) {
	u, err := w.user(c)
	if err != nil {
		return nil, err
	}
	from, to, ok := days(in.Start, in.End)
	if !ok {
		return nil, c.Refuse("date-malformed")
	}
	seen := map[string]bool{}
	var vids []string
	for _, vid := range list(in.Vids) {
		if !seen[vid] {
			seen[vid] = true
			vids = append(vids, vid)
		}
	}
	items := []examItem{}
	for _, l := range u.Logs.merge(vids, from, to, offset(in.PageNum, logsPerPage), logsPerPage) {
		items = append(items, l.item(u.ID))
	}
	return items, nil
}

func (l *ExamLog) item(userid string) examItem {
	item := examItem{
		Logid: l.ID, ExamID: l.ExamID, Userid: userid, VideoPoolID: l.Vid, Question: l.Question, Answer: l.Answer,
		PlayID: l.PlayID, IPAddress: l.IP, Province: l.Province, ISP: l.ISP,
		OperatingSystem: l.OS, Browser: l.Browser, DateAdded: l.Added,
	}
	if l.Correct {
		item.IsCorrect = 1
	}
	return item
}

// days turns two days, either "" for open, both included, into the milliseconds
// [from, to). Days are Asia/Shanghai's: UTC+8 without summer time since 1991, so
// that the machine's time zone files are not needed.
func days(start, end string) (from, to int64, ok bool) {
	zone := time.FixedZone("UTC+8", 8*3600)
	from, to = 0, math.MaxInt64
	if start != "" {
		day, err := time.ParseInLocation(time.DateOnly, start, zone)
		if err != nil {
			return 0, 0, false
		}
		from = max(0, day.UnixMilli())
	}
	if end != "" {
		day, err := time.ParseInLocation(time.DateOnly, end, zone)
		if err != nil {
			return 0, 0, false
		}
		to = day.AddDate(0, 0, 1).UnixMilli()
	}
	return from, to, true
}
