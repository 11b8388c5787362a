package cliparto

import (
	"cmp"
	"errors"
	"fmt"
	"slices"

	"github.com/mediasandbox/sandbox/fakes"
)

// World is the portfolio, the history and the limits of a tenant's author. Everything
// that a query type prints is computed from Images, Sales and Payouts up to now, so
// that totals, lists and months cannot disagree.
type World struct {
	Images    []*Image           `json:"images"`  // by id
	Sales     []Sale             `json:"sales"`   // oldest first
	Payouts   []Payout           `json:"payouts"` // oldest first
	Releases  []Release          `json:"releases"`
	FTP       []string           `json:"ftp"`        // file names, in order of upload
	NextImage int64              `json:"next_image"` // id of the next image
	Asked     map[string][]Asked `json:"asked"`      // by id of the account: what passed the limits of late

	index
}

// index is what answers fast; Restore makes it.
type index struct {
	byID        map[int64]*Image
	byName      map[string][]*Image // by id
	unsubmitted []*Image            // in order of upload
	approvals   byDecision          // approved ones, also those whose review still runs
	due         byDecision          // submitted ones whose decision was not reported
	earned      ledger              // parallel to World.Sales
	earnedBy    map[int64]*ledger   // by image
	paid        ledger              // parallel to World.Payouts
}

// Restore brings an imported state in order and rebuilds the index. Lists may stand in
// any order. It returns an error for a state that contradicts itself: an id used twice,
// a sale of an image that is not approved by then, payouts above the earnings, and the
// like.
func (w *World) Restore(fakes.Env) error {
	w.index = index{byID: map[int64]*Image{}, byName: map[string][]*Image{}, earnedBy: map[int64]*ledger{}}
	for _, restore := range []func() error{w.restoreReleases, w.restoreImages, w.restoreSales, w.restorePayouts, w.restoreFTP, w.restoreAsked} {
		if err := restore(); err != nil {
			return err
		}
	}
	return nil
}

func (w *World) restoreReleases() error {
	if w.Releases == nil {
		w.Releases = []Release{}
	}
	slices.SortStableFunc(w.Releases, func(a, b Release) int { return cmp.Compare(a.ID, b.ID) })
	for i, r := range w.Releases {
		switch {
		case r.ID < 1:
			return fmt.Errorf("releases: id %d is below 1", r.ID)
		case i > 0 && w.Releases[i-1].ID == r.ID:
			return fmt.Errorf("releases: id %d is used twice", r.ID)
		case r.Type != modelRelease && r.Type != propertyRelease:
			return fmt.Errorf("release %d: type %d is neither %d nor %d", r.ID, r.Type, modelRelease, propertyRelease)
		}
	}
	return nil
}

func (w *World) restoreImages() error {
	if w.Images == nil {
		w.Images = []*Image{}
	}
	if len(w.Images) > maxImages {
		return fmt.Errorf("images: %d, at most %d are kept", len(w.Images), maxImages)
	}
	if slices.Contains(w.Images, nil) {
		return errors.New("images: null is no image")
	}
	slices.SortStableFunc(w.Images, func(a, b *Image) int { return cmp.Compare(a.ID, b.ID) })
	w.NextImage = max(w.NextImage, 1)
	for _, img := range w.Images {
		if w.byID[img.ID] != nil {
			return fmt.Errorf("images: id %d is used twice", img.ID)
		}
		if err := w.checkImage(img); err != nil {
			return fmt.Errorf("image %d: %w", img.ID, err)
		}
		w.NextImage = max(w.NextImage, img.ID+1)
		w.take(img)
	}
	return nil
}

func (w *World) checkImage(img *Image) error {
	img.Uploaded, img.Submitted, img.Decided = moment(img.Uploaded), moment(img.Submitted), moment(img.Decided)
	switch {
	case img.ID < 1 || img.ID > maxImageID:
		return fmt.Errorf("the id is not within 1 to %d", maxImageID)
	case img.Series < 0 || img.Browsed < 0:
		return errors.New("series and browsed are not below 0")
	case img.Submitted.IsZero() != img.Decided.IsZero():
		return errors.New("submitted and decided go together")
	case img.Decided.Before(img.Submitted):
		return errors.New("decided is earlier than submitted")
	case img.Rejected && img.Submitted.IsZero():
		return errors.New("rejected, but never submitted")
	}
	for _, id := range img.Releases {
		if !w.hasRelease(id) {
			return fmt.Errorf("there is no release %d", id)
		}
	}
	return checkFileName(img.FileName)
}

// maxImageID leaves room for the images to come.
const maxImageID = 1 << 62

// take enters an image into the index.
func (w *World) take(img *Image) {
	w.byID[img.ID] = img
	w.byName[img.FileName] = append(w.byName[img.FileName], img)
	if img.Submitted.IsZero() {
		w.unsubmitted = append(w.unsubmitted, img)
		return
	}
	if !img.Rejected {
		w.approvals.insert(img)
	}
	if !img.Announced {
		w.due.insert(img)
	}
}

func (w *World) restoreSales() error {
	if w.Sales == nil {
		w.Sales = []Sale{}
	}
	if len(w.Sales) > maxSales {
		return fmt.Errorf("sales: %d, at most %d are kept", len(w.Sales), maxSales)
	}
	slices.SortStableFunc(w.Sales, func(a, b Sale) int { return a.At.Compare(b.At) })
	for i := range w.Sales {
		s := &w.Sales[i]
		s.At = moment(s.At)
		if err := w.checkSale(s); err != nil {
			return fmt.Errorf("sales[%d]: %w", i, err)
		}
		w.enter(s)
	}
	return nil
}

func (w *World) restorePayouts() error {
	payouts := w.Payouts
	slices.SortStableFunc(payouts, func(a, b Payout) int { return a.At.Compare(b.At) })
	w.Payouts = make([]Payout, 0, len(payouts))
	for i, p := range payouts {
		if err := w.AddPayout(p); err != nil {
			return fmt.Errorf("payouts[%d]: %w", i, err)
		}
	}
	return nil
}

func (w *World) restoreFTP() error {
	files := w.FTP
	w.FTP = make([]string, 0, len(files))
	for i, name := range files {
		if err := w.UploadFTP(name); err != nil {
			return fmt.Errorf("ftp[%d]: %w", i, err)
		}
	}
	return nil
}

func (w *World) restoreAsked() error {
	if w.Asked == nil {
		w.Asked = map[string][]Asked{}
	}
	for id, list := range w.Asked {
		if len(list) > maxAsked {
			return fmt.Errorf("asked: %d requests of %s, at most %d fit in %s", len(list), id, maxAsked, memory)
		}
		for i := range list {
			list[i].At = moment(list[i].At)
		}
		slices.SortStableFunc(list, func(a, b Asked) int { return a.At.Compare(b.At) })
	}
	return nil
}
