package polyv

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/mediasandbox/sandbox/fakes"
)

// GrabTask is a list of URLs from which the platform fetched videos (抓取任务).
type GrabTask struct {
	ID           string    `json:"taskid"`
	Name         string    `json:"originalname"` // of the CSV that the user uploaded
	File         string    `json:"file"`         // name under which the sandbox serves that CSV
	Category     int64     `json:"classifyid"`   // as it was then; it need not exist any more
	CategoryName string    `json:"classifyname"`
	Rows         []GrabRow `json:"rows"`
	Status       string    `json:"status"`     // "Y" when done
	Created      int64     `json:"createtime"` // Unix milliseconds
	Ended        *int64    `json:"endtime"`    // Unix milliseconds, nil while it runs
}

// GrabRow is one video of a task.
type GrabRow struct {
	Vid     string `json:"vid"` // "" when it was not fetched
	Title   string `json:"title"`
	File    string `json:"file"`    // name of the source file
	Status  string `json:"status"`  // "Y" fetched, "N" failed, "" not yet tried
	Message string `json:"message"` // why it failed
}

func (t *GrabTask) key() string   { return t.ID }
func (t *GrabTask) when() int64   { return t.Created }
func (t *GrabTask) group() string { return "" }

// count returns how many rows have a status.
func (t *GrabTask) count(status string) (n int) {
	for _, r := range t.Rows {
		if r.Status == status {
			n++
		}
	}
	return n
}

// AddGrabTask gives a user a grab task. It fails for an unknown user, a taken or
// empty id or file name, one with anything but letters, digits, "_", "-" and (in
// file names) dots, a category that the user has not, and for rows that claim a video that
// the user has not or whose status there is not.
func (w *World) AddGrabTask(userid string, t GrabTask) error {
	u, err := w.named(userid)
	if err != nil {
		return err
	}
	if err := u.checkTask(&t); err != nil {
		return err
	}
	if err := u.checkNewTask(&t); err != nil {
		return err
	}
	if _, taken := u.Tasks.Get(t.ID); taken {
		return fakes.Conflict("task %q is taken", t.ID)
	}
	if err := room(u, "grab tasks", u.Tasks.Len(), w.limits.tasks); err != nil {
		return err
	}
	if err := w.file(&t); err != nil {
		return err
	}
	return u.Tasks.add(&t)
}

// file makes a task's CSV findable; names are unique in the world, because a URL
// names no user.
func (w *World) file(t *GrabTask) error {
	if w.files[t.File] != nil {
		return fakes.Conflict("task %q: file %q is taken", t.ID, t.File)
	}
	w.files[t.File] = t
	return nil
}

// checkNewTask refuses what only a task that is there already may have: a category that is
// gone, and what a state from outside once brought.
func (u *User) checkNewTask(t *GrabTask) error {
	if u.categories[t.Category] == nil {
		return fakes.NotFound("task %q: no category %d", t.ID, t.Category)
	}
	for i, r := range t.Rows {
		if r.Status != "" && r.Status != "Y" && r.Status != "N" {
			return fmt.Errorf("task %q: row %d has the status %.40q, which is neither Y nor N nor empty", t.ID, i, r.Status)
		}
	}
	return nil
}

func (u *User) checkTask(t *GrabTask) error {
	if !plain(t.ID, "_-") || !plain(t.File, "_-.") {
		return fmt.Errorf("task %q, file %q: wants letters and digits", t.ID, t.File)
	}
	if t.Category < rootCategory {
		return fmt.Errorf("task %q: category %d is below 1", t.ID, t.Category)
	}
	for _, r := range t.Rows {
		if r.Vid != "" && u.videos[r.Vid] == nil {
			return fakes.NotFound("task %q: no video %q", t.ID, r.Vid)
		}
		if !plain(r.File, "_-.") {
			return fmt.Errorf("task %q: source file %q wants letters and digits", t.ID, r.File)
		}
	}
	if t.Ended != nil {
		if err := checkTime(*t.Ended); err != nil {
			return err
		}
	}
	return checkTime(t.Created)
}

// plain says whether name is not empty and has letters, digits and those others only.
func plain(name, others string) bool {
	for i := range len(name) {
		switch b := name[i]; {
		case b >= 'a' && b <= 'z', b >= 'A' && b <= 'Z', b >= '0' && b <= '9':
		case strings.IndexByte(others, b) >= 0:
		default:
			return false
		}
	}
	return name != ""
}

// grabItem is a task as the list shows it, keys in the sample's order.
type grabItem struct {
	Taskid       string  `json:"taskid"`
	Userid       string  `json:"userid"`
	Filename     *string `json:"filename"` // null in the sample, nothing says when not
	Originalname string  `json:"originalname"`
	Filesize     *int64  `json:"filesize"` // as filename
	Filepath     *string `json:"filepath"` // as filename
	Fileurl      string  `json:"fileurl"`
	Classifyid   string  `json:"classifyid"`
	Classifyname string  `json:"classifyname"`
	Seccesscount int     `json:"seccesscount"` // the vendor's spelling
	Totalcount   int     `json:"totalcount"`
	Failcount    int     `json:"failcount"`
	Status       string  `json:"status"`
	Endtime      *int64  `json:"endtime"`
	Createtime   int64   `json:"createtime"`
}

type grabListIn struct {
	Page     int64 `param:"page"`
	PageSize int64 `param:"pageSize"`
}

// grabList lists the user's tasks (分页获取视频同步列表).
func (w *World) grabList(c *fakes.Call, in grabListIn) (pager[grabItem], error) {
	u, err := w.user(c)
	if err != nil {
		return pager[grabItem]{}, err
	}
	found, total := u.Tasks.page("", offset(in.Page, in.PageSize), in.PageSize)
	items := make([]grabItem, len(found))
	for i, t := range found {
		items[i] = grabItem{
			Taskid: t.ID, Userid: u.ID, Originalname: t.Name, Fileurl: c.Asset(t.File),
			Classifyid: strconv.FormatInt(t.Category, 10), Classifyname: t.CategoryName,
			Seccesscount: t.count("Y"), Totalcount: len(t.Rows), Failcount: t.count("N"),
			Status: t.Status, Endtime: t.Ended, Createtime: t.Created,
		}
	}
	return paged(in.Page, in.PageSize, total, items), nil
}

type taskIn struct {
	TaskID string `param:"taskId"`
}

// grabDelete deletes a task and its CSV (删除抓取视频任务); the videos stay. An
// unknown task is no error, data says false (CONTRACTS section 2, assumed).
func (w *World) grabDelete(c *fakes.Call, in taskIn) (fakes.Reply, error) {
	u, err := w.user(c)
	if err != nil {
		return fakes.Reply{}, err
	}
	t, ok := u.Tasks.Get(in.TaskID)
	if !ok {
		return fakes.Reply{Outcome: "task-unknown", Answer: false}, nil
	}
	u.Tasks.remove(t.ID)
	delete(w.files, t.File)
	return fakes.Reply{Answer: true}, nil
}
