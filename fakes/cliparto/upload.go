package cliparto

import (
	"errors"
	"fmt"
	"path"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/mediasandbox/sandbox/fakes"
)

// Bounds on what one author has (assumed).
const (
	maxFTP     = 1000 // files that wait
	maxImages  = 100_000
	maxSales   = 1_000_000
	maxPayouts = 100_000
)

// UploadFTP puts a file on FTP, where ProcessFilesFromFTP finds it. As on a file
// server, a file of the same name takes the place of the one that is there. It returns
// an error for what is no file name, or when maxFTP files wait already or, with them,
// there are maxImages images.
func (w *World) UploadFTP(fileName string) error {
	if err := checkFileName(fileName); err != nil {
		return err
	}
	if slices.Contains(w.FTP, fileName) {
		return nil
	}
	if len(w.FTP) >= maxFTP {
		return fakes.Conflict("%d files wait on FTP already", maxFTP)
	}
	if len(w.FTP)+len(w.Images) >= maxImages {
		return fakes.Conflict("there are %d images, which is the limit", maxImages)
	}
	w.FTP = append(w.FTP, fileName)
	return nil
}

func checkFileName(name string) error {
	switch {
	case name == "" || name == "." || name == "..":
		return fmt.Errorf("%q is no file name", name)
	case len(name) > 255:
		return errors.New("a file name has at most 255 bytes")
	case !utf8.ValidString(name) || strings.ContainsFunc(name, unicode.IsControl):
		return fmt.Errorf("the file name %q is not printable UTF-8", name)
	case strings.ContainsAny(name, `/\`):
		return fmt.Errorf("the file name %q names a folder", name)
	}
	return nil
}

// processFilesFromFTP makes an uploaded image of each file and empties FTP; it prints
// how many there were.
func (w *World) processFilesFromFTP(c *fakes.Call, _ none) (string, error) {
	for _, file := range w.FTP {
		name := strings.TrimSuffix(file, path.Ext(file))
		if name == "" {
			name = file
		}
		img := &Image{ID: w.NextImage, FileName: name, Title: titleOf(name), Uploaded: moment(c.Now)}
		w.NextImage++
		w.Images = append(w.Images, img)
		w.take(img)
	}
	n := len(w.FTP)
	w.FTP = []string{}
	return strconv.Itoa(n), nil
}

// titleOf makes a title of a file name, which is all that is known of the image.
func titleOf(fileName string) string {
	words := strings.FieldsFunc(fileName, func(r rune) bool { return r == '_' || r == '-' || r == ' ' })
	if len(words) == 0 {
		return fileName
	}
	return strings.Join(words, " ")
}

// submitToPending submits all uploaded images for review; it prints how many there were.
func (w *World) submitToPending(c *fakes.Call, _ none) (string, error) {
	now := moment(c.Now)
	for _, img := range w.unsubmitted {
		img.Submitted, img.Decided = now, now.Add(reviewTime)
		w.approvals.insert(img)
		w.due.insert(img)
	}
	n := len(w.unsubmitted)
	w.unsubmitted = nil
	return strconv.Itoa(n), nil
}

// Review ends the review of a pending image at now, one way or the other. It returns
// an error when there is no such image, when it is not pending, or when one that is to
// be rejected has a sale ahead (AddSale).
func (w *World) Review(imageID int64, approve bool, now time.Time) error {
	img := w.byID[imageID]
	now = moment(now)
	switch {
	case img == nil:
		return fakes.NotFound("there is no image %d", imageID)
	case img.Status(now) != pending:
		return fakes.Conflict("image %d is %s, not %s", imageID, img.Status(now), pending)
	case now.Before(img.Submitted):
		return fakes.Conflict("image %d is submitted at %s, later than now", imageID, date(img.Submitted))
	case !approve && w.earnedBy[imageID] != nil:
		return fakes.Conflict("image %d has sales, it cannot be rejected", imageID)
	}
	w.approvals.remove(img)
	w.due.remove(img)
	// Told anew: the clock may have been set back before a decision that was told already.
	img.Decided, img.Rejected, img.Announced = now, !approve, false
	if approve {
		w.approvals.insert(img)
	}
	w.due.insert(img)
	return nil
}

// Settle reports the reviews that have ended, in order. Nothing changes by them: an
// image's status follows from its times.
func (w *World) Settle(now time.Time) []fakes.Event {
	var events []fakes.Event
	for len(w.due) > 0 && !w.due[0].Decided.After(now) {
		img := w.due[0]
		w.due = w.due[1:]
		img.Announced = true
		events = append(events, fakes.Event{
			At: img.Decided, Kind: "image-" + img.Status(now), ID: strconv.FormatInt(img.ID, 10),
			Data: map[string]any{"file_name": img.FileName},
		})
	}
	return events
}
