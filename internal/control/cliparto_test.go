package control_test

import (
	"crypto/md5"
	"encoding/hex"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// clipartoWorld is what is looked at of Cliparto's state.
type clipartoWorld struct {
	Images []struct {
		ID        int64
		FileName  string `json:"file_name"`
		Submitted time.Time
		Decided   time.Time
		Rejected  bool
	}
	Sales []struct {
		At                            time.Time
		ImageID                       int64 `json:"image_id"`
		Cents                         int64
		License, Size, Country, Query string
	}
	Payouts []struct {
		At    time.Time
		Cents int64
	}
	FTP []string
}

func TestCliparto(t *testing.T) {
	s := sandbox(t)
	bob := s.Frozen("bob")
	post(s, "bob", "cliparto/ftp", `{"file":"harbour.jpg"}`).OK(nil)
	for _, q := range []string{"ProcessFilesFromFTP", "SubmitToPending"} {
		id := bob.Credentials["cliparto"]["id"]
		sum := md5.Sum([]byte(id + q + bob.Credentials["cliparto"]["api_code"]))
		reply := s.Call("/cliparto/apiq/?id="+id+"&q="+q+"&md5="+hex.EncodeToString(sum[:]), nil)
		require.NotContains(t, reply.Body, "ERROR")
	}
	var w clipartoWorld
	world(s, "bob", "cliparto", &w)
	var approved, pending int64
	for _, img := range w.Images {
		switch {
		case img.Submitted.IsZero():
		case img.Decided.After(noon):
			pending = img.ID
		case !img.Rejected:
			approved = img.ID
		}
	}
	require.NotZero(t, approved)
	require.NotZero(t, pending)
	at, waiting := strconv.FormatInt(approved, 10), strconv.FormatInt(pending, 10)

	post(s, "bob", "cliparto/ftp", `{"file":"red_apple.jpg"}`).OK(nil)
	post(s, "bob", "cliparto/ftp", `{"file":"red_apple.jpg"}`).OK(nil)
	post(s, "bob", "cliparto/sales", `{"image_id":`+at+`,"cents":1000}`).OK(nil)
	post(s, "bob", "cliparto/sales", `{"image_id":`+at+`,"cents":5,"at":"2026-03-18T13:00:00Z","license":"extended","size":"XL","country":"DE","query":"apple"}`).OK(nil)
	post(s, "bob", "cliparto/payouts", `{"cents":7}`).OK(nil)
	refused(s, "bob", []refusal{
		{"cliparto/ftp", `{}`, 400, `"file" is missing`},
		{"cliparto/ftp", `{"file":""}`, 400, "no file name"},
		{"cliparto/ftp", `{"file":"../x"}`, 400, "folder"},
		{"cliparto/sales", `{"cents":5}`, 400, `"image_id" is missing`},
		{"cliparto/sales", `{"image_id":` + at + `}`, 400, `"cents" is missing`},
		{"cliparto/sales", `{"image_id":` + at + `,"cents":0}`, 400, "0 cents"},
		{"cliparto/sales", `{"image_id":` + at + `,"cents":5,"license":"free"}`, 400, "free"},
		{"cliparto/sales", `{"image_id":` + at + `,"cents":5,"size":"XXS"}`, 400, "XXS"},
		{"cliparto/sales", `{"image_id":` + at + `,"cents":5,"country":"de"}`, 400, "de"},
		{"cliparto/sales", `{"image_id":` + at + `,"cents":5,"at":"today"}`, 400, "RFC 3339"},
		{"cliparto/sales", `{"image_id":77777,"cents":5}`, 404, "77777"},
		{"cliparto/sales", `{"image_id":` + waiting + `,"cents":5}`, 409, "cannot be sold"},
		{"cliparto/payouts", `{}`, 400, `"cents" is missing`},
		{"cliparto/payouts", `{"cents":99999999}`, 409, "below zero"},
		{"cliparto/images/" + at + "/review", `{"approve":true}`, 409, "approved"},
		{"cliparto/images/77777/review", `{"approve":true}`, 404, "77777"},
		{"cliparto/images/x/review", `{"approve":true}`, 404, "whole numbers"},
		{"cliparto/images/" + waiting + "/review", `{}`, 400, `"approve" is missing`},
	})
	post(s, "bob", "cliparto/images/"+waiting+"/review", `{"approve":false}`).OK(nil)
	world(s, "bob", "cliparto", &w)
	assert.Equal(t, "red_apple.jpg", w.FTP[len(w.FTP)-1])
	sale := w.Sales[len(w.Sales)-2]
	assert.Equal(t, noon, sale.At.UTC())
	assert.Equal(t, []any{approved, int64(1000), "standard", "M", "US", ""}, []any{sale.ImageID, sale.Cents, sale.License, sale.Size, sale.Country, sale.Query})
	sale = w.Sales[len(w.Sales)-1]
	assert.Equal(t, noon.Add(time.Hour), sale.At.UTC())
	assert.Equal(t, []any{"extended", "XL", "DE", "apple"}, []any{sale.License, sale.Size, sale.Country, sale.Query})
	assert.EqualValues(t, 7, w.Payouts[len(w.Payouts)-1].Cents)
	for _, img := range w.Images {
		if img.ID == pending {
			assert.True(t, img.Rejected)
			assert.Equal(t, noon, img.Decided.UTC())
		}
	}
}
