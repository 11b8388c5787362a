package cliparto

import (
	"slices"
	"sort"
	"strconv"
	"time"

	"github.com/mediasandbox/sandbox/fakes"
)

// reviewTime is how long a submitted image waits for its approval (assumed).
const reviewTime = 24 * time.Hour

// Statuses of an image (assumed vocabulary).
const (
	uploaded = "uploaded"
	pending  = "pending"
	approved = "approved"
	rejected = "rejected"
)

// Image is one image of the author. Its status is not kept: it follows from the times.
type Image struct {
	ID       int64  `json:"id"`
	FileName string `json:"file_name"` // as uploaded, without its extension
	Title    string `json:"title"`
	Series   int64  `json:"series"`  // 0 for none
	Browsed  int    `json:"browsed"` // views without a sale; each sale was one more

	Uploaded  time.Time `json:"uploaded"`
	Submitted time.Time `json:"submitted,omitzero"`
	Decided   time.Time `json:"decided,omitzero"` // end of the review, known when it begins
	Rejected  bool      `json:"rejected,omitempty"`
	Announced bool      `json:"announced,omitempty"` // the decision was reported as an event

	Releases []int64 `json:"releases,omitempty"` // in the order in which they were attached
}

// Status returns uploaded, pending, approved or rejected.
func (i *Image) Status(now time.Time) string {
	switch {
	case i.Submitted.IsZero():
		return uploaded
	case now.Before(i.Decided):
		return pending
	case i.Rejected:
		return rejected
	}
	return approved
}

// byDecision is images in the order in which their reviews end.
type byDecision []*Image

func (s byDecision) upTo(t time.Time) int {
	return sort.Search(len(s), func(i int) bool { return s[i].Decided.After(t) })
}

func (s byDecision) before(t time.Time) int {
	return sort.Search(len(s), func(i int) bool { return !s[i].Decided.Before(t) })
}

func (s *byDecision) insert(img *Image) {
	at := sort.Search(len(*s), func(i int) bool {
		d := (*s)[i].Decided.Compare(img.Decided)
		return d > 0 || d == 0 && (*s)[i].ID > img.ID
	})
	*s = slices.Insert(*s, at, img)
}

func (s *byDecision) remove(img *Image) {
	if at := slices.Index(*s, img); at >= 0 {
		*s = slices.Delete(*s, at, at+1)
	}
}

// none is the input of a query type that has no ext.
type none struct{}

// extInput is the input of a query type that has one.
type extInput struct {
	Ext string `param:"ext"`
}

func (w *World) imagesTotal(c *fakes.Call, _ none) (string, error) {
	return strconv.Itoa(w.approvals.upTo(c.Now)), nil
}

func (w *World) imagesNew(c *fakes.Call, _ none) (string, error) {
	_, this := months(c.Now)
	return strconv.Itoa(w.approvals.upTo(c.Now) - w.approvals.before(this)), nil
}

func (w *World) imagesNewPrevMonth(c *fakes.Call, _ none) (string, error) {
	prev, this := months(c.Now)
	return strconv.Itoa(w.approvals.before(this) - w.approvals.before(prev)), nil
}

// imageIDByFileName finds approved images only (CONTRACTS section 3); a name that was
// uploaded again after the first image was taken over belongs to the newest.
func (w *World) imageIDByFileName(c *fakes.Call, in extInput) (string, error) {
	for _, img := range slices.Backward(w.byName[in.Ext]) {
		if img.Status(c.Now) == approved {
			return strconv.FormatInt(img.ID, 10), nil
		}
	}
	return "", c.Refuse("not-found")
}

// imageData answers: status; title; views; downloads; earnings; series; file name
// (page, "Типы запросов").
func (w *World) imageData(c *fakes.Call, in extInput) (string, error) {
	img := w.image(in.Ext)
	if img == nil {
		return "", c.Refuse("not-found")
	}
	sold := w.earnedBy[img.ID].upTo(c.Now)
	return record(
		img.Status(c.Now), img.Title, strconv.Itoa(img.Browsed+sold.n), strconv.Itoa(sold.n),
		sold.amount.String(), strconv.FormatInt(img.Series, 10), img.FileName,
	), nil
}

// image returns the image of an id in digits, or nil; digits beyond an int64 are no image's.
func (w *World) image(digits string) *Image {
	id, err := strconv.ParseInt(digits, 10, 64)
	if err != nil {
		return nil
	}
	return w.byID[id]
}
