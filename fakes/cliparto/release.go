package cliparto

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"github.com/mediasandbox/sandbox/fakes"
)

// Types of a release (page, "Типы запросов").
const (
	modelRelease    = 1
	propertyRelease = 2
)

// Release is the consent of a model, or of the owner of a property.
type Release struct {
	ID    int64  `json:"id"`
	Type  int    `json:"type"`
	Title string `json:"title"`
}

// releasesList answers all releases by id: id; type; title.
func (w *World) releasesList(_ *fakes.Call, _ none) (string, error) {
	out := make([]string, len(w.Releases))
	for i, r := range w.Releases {
		out[i] = record(strconv.FormatInt(r.ID, 10), strconv.Itoa(r.Type), r.Title)
	}
	return strings.Join(out, "\n"), nil
}

// attachReleaseToImage attaches a release to an image; again, it changes nothing.
func (w *World) attachReleaseToImage(c *fakes.Call, in extInput) (fakes.Literal, error) {
	release, image, _ := strings.Cut(in.Ext, ":")
	id, err := strconv.ParseInt(release, 10, 64)
	if err != nil || !w.hasRelease(id) {
		return fakes.Literal{}, c.Refuse("not-found")
	}
	img := w.image(image)
	if img == nil {
		return fakes.Literal{}, c.Refuse("not-found")
	}
	if !slices.Contains(img.Releases, id) {
		img.Releases = append(img.Releases, id)
	}
	return fakes.Literal{}, nil
}

func (w *World) hasRelease(id int64) bool {
	_, ok := slices.BinarySearchFunc(w.Releases, id, func(r Release, id int64) int { return cmp.Compare(r.ID, id) })
	return ok
}
