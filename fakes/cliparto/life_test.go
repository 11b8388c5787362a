package cliparto

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/mediasandbox/sandbox/fakes"
	"github.com/mediasandbox/sandbox/fakes/fakestest"
)

// From FTP to a sale, as a client sees it, within the vendor's limits.
func TestLifeOfAnImage(t *testing.T) {
	b := fakestest.New(t, API())
	tenant := b.Host.Default()
	call := func(op, ext string) string {
		t.Helper()
		tenant.Clock.Advance(pace)
		return b.Call(op, args(ext)).Body.String()
	}
	total := call("ImagesTotal", "")
	assert.Equal(t, "3", call("ProcessFilesFromFTP", ""))
	assert.Equal(t, "ERROR: not found", call("ImageIDByFileName", "harbour_night"))
	assert.Equal(t, "3", call("SubmitToPending", ""))
	submitted := tenant.Clock.Now()
	require.Empty(t, b.Host.Settle(tenant))

	tenant.Clock.Set(submitted.Add(reviewTime-time.Nanosecond), true)
	require.Empty(t, b.Host.Settle(tenant), "an instant before the end of the review")
	assert.Equal(t, total, b.Call("ImagesTotal", nil).Body.String())

	tenant.Clock.Set(submitted.Add(reviewTime), true)
	events := b.Host.Settle(tenant)
	require.Len(t, events, 3)
	for i, e := range events {
		assert.Equal(t, "cliparto", e.API)
		assert.Equal(t, "image-approved", e.Kind)
		assert.Equal(t, submitted.Add(reviewTime), e.At)
		assert.Equal(t, []string{"DSC_8101", "DSC_8102", "harbour_night"}[i], e.Data["file_name"])
	}
	assert.Empty(t, b.Host.Settle(tenant), "an event is told once")
	state, err := b.Host.Export(tenant, "cliparto")
	require.NoError(t, err)
	require.NoError(t, b.Host.Import(tenant, map[string]json.RawMessage{"cliparto": state}))
	assert.Empty(t, b.Host.Settle(tenant), "nor again after an import")

	id := call("ImageIDByFileName", "harbour_night")
	assert.Equal(t, events[2].ID, id)
	assert.Equal(t, "approved;harbour night;0;0;0.00;0;harbour_night", call("ImageData", id))
	tenant.Clock.Advance(time.Hour)
	var before, after int
	_, err = fmt.Sscan(total, &before)
	require.NoError(t, err)
	_, err = fmt.Sscan(call("ImagesTotal", ""), &after)
	require.NoError(t, err)
	assert.Equal(t, before+3, after)

	assert.Equal(t, "OK", call("AttachReleaseToImage", "8702:"+id))
	tenant.Clock.Advance(time.Hour)
	assert.Equal(t, "OK", call("AttachReleaseToImage", "8702:"+id))
	require.NoError(t, b.Host.With(tenant, "cliparto", func(w fakes.World, now time.Time) error {
		world := w.(*World)
		assert.Equal(t, []int64{8702}, world.image(id).Releases, "attached once")
		return world.AddSale(Sale{At: now, ImageID: world.image(id).ID, License: "extended", Size: "XL", Cents: 1750, Country: "JP", Query: "harbour; night"})
	}))
	assert.True(t, strings.HasPrefix(call("DownloadsList", "1"), date(tenant.Clock.Now().Add(-pace))+";"+id+";extended;XL;17.50;JP;harbour  night"))
	tenant.Clock.Advance(time.Hour)
	assert.Equal(t, "approved;harbour night;1;1;17.50;0;harbour_night", call("ImageData", id))
	assert.Empty(t, b.Breaches())
}

// Files reach FTP through the state, as JSON.
func TestUploadThroughState(t *testing.T) {
	b := fakestest.New(t, API(), fakestest.With("cliparto", "limits", "off"))
	tenant := b.Host.Default()
	state, err := b.Host.Export(tenant, "cliparto")
	require.NoError(t, err)
	edited := strings.Replace(string(state), `"ftp":[`, `"ftp":["new.jpg",`, 1)
	require.NotEqual(t, string(state), edited)
	require.NoError(t, b.Host.Import(tenant, map[string]json.RawMessage{"cliparto": json.RawMessage(edited)}))
	assert.Equal(t, "4", b.Call("ProcessFilesFromFTP", nil).Body.String())
	assert.Equal(t, "0", b.Call("ProcessFilesFromFTP", nil).Body.String(), "FTP is empty now")
	assert.Equal(t, "4", b.Call("SubmitToPending", nil).Body.String())
	assert.Equal(t, "0", b.Call("SubmitToPending", nil).Body.String(), "nothing is uploaded any more")
}

func TestUploadFTP(t *testing.T) {
	w := fresh(t)
	w.FTP = nil
	for _, bad := range []string{"", ".", "..", "a/b.jpg", `a\b.jpg`, "a\nb.jpg", "a\x00.jpg", "\xff.jpg", strings.Repeat("x", 256)} {
		assert.Error(t, w.UploadFTP(bad), "%q", bad)
	}
	assert.Empty(t, w.FTP)
	require.NoError(t, w.UploadFTP("a.jpg"))
	require.NoError(t, w.UploadFTP("a.jpg"))
	assert.Equal(t, []string{"a.jpg"}, w.FTP, "the same file again takes its own place")
	for i := range maxFTP - 1 {
		require.NoError(t, w.UploadFTP(fmt.Sprintf("%d.jpg", i)))
	}
	assert.Error(t, w.UploadFTP("one too many.jpg"))
	require.NoError(t, w.UploadFTP("a.jpg"), "it is there already")
}

func TestFileNames(t *testing.T) {
	w := fresh(t)
	w.FTP = nil
	names := map[string]string{ // file: name, title
		"a.b.jpg": "a.b|a.b", ".jpg": ".jpg|.jpg", "none": "none|none", "red-fox_2.JPG": "red-fox_2|red fox 2", "__.eps": "__|__", "x.": "x|x",
	}
	for file := range names {
		require.NoError(t, w.UploadFTP(file))
	}
	first := len(w.Images)
	files := append([]string(nil), w.FTP...)
	assert.Equal(t, "6", ask(t, w.processFilesFromFTP, born))
	for i, img := range w.Images[first:] {
		assert.Equal(t, names[files[i]], img.FileName+"|"+img.Title)
		assert.Equal(t, uploaded, img.Status(born.AddDate(1, 0, 0)), "uploaded stays uploaded until somebody submits")
	}
	requireSound(t, w)
}

func TestSameFileNameTwice(t *testing.T) {
	w := fresh(t)
	now := born
	upload := func() *Image {
		require.NoError(t, w.UploadFTP("twice.jpg"))
		ask(t, w.processFilesFromFTP, now)
		ask(t, w.submitToPending, now)
		return w.Images[len(w.Images)-1]
	}
	first := upload()
	now = now.Add(reviewTime)
	assert.Equal(t, fmt.Sprint(first.ID), askExt(t, w.imageIDByFileName, now, "twice"))
	second := upload()
	assert.Equal(t, fmt.Sprint(first.ID), askExt(t, w.imageIDByFileName, now, "twice"), "the newest is not approved yet")
	now = now.Add(reviewTime)
	assert.Equal(t, fmt.Sprint(second.ID), askExt(t, w.imageIDByFileName, now, "twice"))
}

func TestReview(t *testing.T) {
	w := fresh(t)
	w.FTP = []string{"a.jpg", "b.jpg", "c.jpg"}
	ask(t, w.processFilesFromFTP, born)
	img := w.Images[len(w.Images)-3:]
	total := ask(t, w.imagesTotal, born)
	assert.ErrorContains(t, w.Review(img[0].ID, true, born), "is uploaded, not pending")
	ask(t, w.submitToPending, born)
	assert.ErrorContains(t, w.Review(1, true, born), "no image")
	assert.ErrorContains(t, w.Review(firstImage, false, born), "is approved, not pending")
	assert.ErrorContains(t, w.Review(img[0].ID, true, born.Add(-1)), "later than now")

	now := born.Add(time.Hour)
	require.NoError(t, w.AddSale(Sale{At: born.Add(30 * time.Hour), ImageID: img[2].ID, License: "standard", Size: "L", Cents: 210, Country: "DE"}))
	assert.ErrorContains(t, w.Review(img[2].ID, false, now), "has sales")
	require.NoError(t, w.Review(img[0].ID, true, now))
	require.NoError(t, w.Review(img[1].ID, false, now))
	assert.Equal(t, []string{approved, rejected, pending}, []string{img[0].Status(now), img[1].Status(now), img[2].Status(now)})
	kinds := func(now time.Time) (out []string) {
		for _, e := range w.Settle(now) {
			out = append(out, e.Kind+" "+e.ID)
		}
		return out
	}
	assert.Equal(t, []string{fmt.Sprintf("image-approved %d", img[0].ID), fmt.Sprintf("image-rejected %d", img[1].ID)}, kinds(now))
	later := born.Add(reviewTime)
	assert.Equal(t, []string{fmt.Sprintf("image-approved %d", img[2].ID)}, kinds(later))
	_, err := w.imageIDByFileName(&fakes.Call{Now: later}, extInput{"b"})
	assert.Error(t, err, "a rejected image is not found by its name")
	assert.Regexp(t, `^rejected;b;0;0;0\.00;0;b$`, askExt(t, w.imageData, later, fmt.Sprint(img[1].ID)))
	var before, after int
	_, err = fmt.Sscan(total+" "+ask(t, w.imagesTotal, later), &before, &after)
	require.NoError(t, err)
	assert.Equal(t, before+2, after)
	requireSound(t, w)
	requireAgreement(t, w, later)
}

func TestRestoreRefuses(t *testing.T) {
	rows := []struct {
		why    string
		change func(w *World)
	}{
		{"releases: id 8701 is used twice", func(w *World) { w.Releases[1].ID = w.Releases[0].ID }},
		{"id 0 is below 1", func(w *World) { w.Releases[1].ID = 0 }},
		{"type 3", func(w *World) { w.Releases[1].Type = 3 }},
		{"null is no image", func(w *World) { w.Images[3] = nil }},
		{"images: id 3120451 is used twice", func(w *World) { w.Images[1].ID = w.Images[0].ID }},
		{"the id is not within", func(w *World) { w.Images[1].ID = -1 }},
		{"the id is not within", func(w *World) { w.Images[1].ID = 1<<62 + 1 }},
		{"series and browsed", func(w *World) { w.Images[1].Series = -1 }},
		{"series and browsed", func(w *World) { w.Images[1].Browsed = -1 }},
		{"go together", func(w *World) { w.Images[1].Decided = time.Time{} }},
		{"decided is earlier", func(w *World) { w.Images[1].Decided = w.Images[1].Submitted.Add(-1) }},
		{"never submitted", func(w *World) { w.Images[1] = &Image{ID: 5, FileName: "x", Rejected: true} }},
		{"is no file name", func(w *World) { w.Images[1].FileName = "" }},
		{"there is no release 9", func(w *World) { w.Images[1].Releases = []int64{9} }},
		{"it cannot be sold", func(w *World) { w.Images[0].Decided = born; w.Sales[0].ImageID = w.Images[0].ID }},
		{"there is no image 9", func(w *World) { w.Sales[4].ImageID = 9 }},
		{"below zero", func(w *World) { w.Sales = w.Sales[100:] }},
		{"payouts[0]: an amount of 0 cents", func(w *World) { w.Payouts[0].Cents = 0 }},
		{"ftp[1]", func(w *World) { w.FTP[1] = "a/b" }},
		{"asked: 181 requests", func(w *World) { w.Asked["1"] = make([]Asked, maxAsked+1) }},
	}
	for _, r := range rows {
		t.Run(r.why, func(t *testing.T) {
			w := fresh(t)
			r.change(w)
			assert.ErrorContains(t, w.Restore(fakes.Env{}), r.why)
		})
	}
	t.Run("an empty state is one", func(t *testing.T) {
		var w World
		require.NoError(t, w.Restore(fakes.Env{}))
		requireSound(t, &w)
		assert.Equal(t, "0.00", ask(t, w.balanceCurrent, born))
		assert.Empty(t, ask(t, w.releasesList, born))
		require.NoError(t, w.UploadFTP("first.jpg"))
		ask(t, w.processFilesFromFTP, born)
		assert.Equal(t, int64(1), w.Images[0].ID)
	})
	t.Run("lists in any order", func(t *testing.T) {
		w, other := fresh(t), fresh(t)
		for i, j := 0, len(other.Sales)-1; i < j; i, j = i+1, j-1 {
			other.Sales[i], other.Sales[j] = other.Sales[j], other.Sales[i]
		}
		other.Images[0], other.Images[9] = other.Images[9], other.Images[0]
		other.Releases[0], other.Releases[1] = other.Releases[1], other.Releases[0]
		other.Payouts[0], other.Payouts[1] = other.Payouts[1], other.Payouts[0]
		require.NoError(t, other.Restore(fakes.Env{}))
		assert.Equal(t, answers(t, w, born), answers(t, other, born))
	})
}
