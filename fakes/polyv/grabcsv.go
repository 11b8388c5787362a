package polyv

import (
	"bytes"
	"encoding/csv"
	"strconv"
	"strings"

	"github.com/mediasandbox/sandbox/fakes"
)

// csvType is the content type that the page documents (导出视频同步任务).
const csvType = "text/csv;charset=UTF-8"

// grabExport writes a task's rows as CSV (导出视频同步任务). The columns are assumed
// (CONTRACTS section 2).
func (w *World) grabExport(c *fakes.Call, in taskIn) (fakes.Reply, error) {
	u, err := w.user(c)
	if err != nil {
		return fakes.Reply{}, err
	}
	t, ok := u.Tasks.Get(in.TaskID)
	if !ok {
		return fakes.Reply{}, c.Refuse("task-not-found")
	}
	rows := [][]string{{"vid", "title", "fileurl", "classifyid", "classifyname", "status", "message"}}
	for _, r := range t.Rows {
		rows = append(rows, []string{
			r.Vid, r.Title, c.Asset(r.File), strconv.FormatInt(t.Category, 10), t.CategoryName, r.Status, r.Message,
		})
	}
	text, err := table(rows)
	if err != nil {
		return fakes.Reply{}, err
	}
	return fakes.Reply{
		Answer: text,
		Header: map[string]string{"Content-Disposition": "attachment; filename=" + t.ID + ".csv"},
	}, nil
}

// Publish returns the CSV that a task was made from: what the user uploaded, so
// without results. Its file names are relative references, which lead from the
// CSV's own URL to the source files.
func (w *World) Publish(name string) (contentType string, body []byte, ok bool) {
	t := w.files[name]
	if t == nil {
		return "", nil, false
	}
	rows := [][]string{{"title", "fileurl", "classifyid", "classifyname"}}
	for _, r := range t.Rows {
		rows = append(rows, []string{r.Title, r.File, strconv.FormatInt(t.Category, 10), t.CategoryName})
	}
	text, err := table(rows)
	if err != nil {
		return "", nil, false
	}
	return csvType, []byte(text), true
}

// table writes rows as CSV (RFC 4180 quoting, lines ended by a line feed).
func table(rows [][]string) (string, error) {
	var buf bytes.Buffer
	out := csv.NewWriter(&buf)
	for _, row := range rows {
		for i := range row {
			row[i] = formulaSafe(row[i])
		}
		if err := out.Write(row); err != nil {
			return "", err
		}
	}
	out.Flush()
	return buf.String(), out.Error()
}

// formulaSafe puts an apostrophe before a field that a spreadsheet would run.
func formulaSafe(field string) string {
	if field != "" && strings.IndexByte("=+-@\t\r\n", field[0]) >= 0 {
		return "'" + field
	}
	return field
}
