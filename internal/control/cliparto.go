package control

import (
	"strconv"
	"time"

	"github.com/mediasandbox/sandbox/fakes"
	"github.com/mediasandbox/sandbox/fakes/cliparto"
)

type ftpIn struct {
	File *string `json:"file"`
}

type saleIn struct {
	At      *time.Time `json:"at"` // now when it is left out
	ImageID *int64     `json:"image_id"`
	License *string    `json:"license"`
	Size    *string    `json:"size"`
	Cents   *int64     `json:"cents"` // what the author earns, USD
	Country *string    `json:"country"`
	Query   *string    `json:"query"`
}

type payoutIn struct {
	At    *time.Time `json:"at"`
	Cents *int64     `json:"cents"`
}

type approveIn struct {
	Approve *bool `json:"approve"`
}

func clipartoActions() []Action {
	const api = "cliparto"
	return []Action{
		act(api, "/ftp", func(w *cliparto.World, in ftpIn, _ *call) (Result, error) {
			if in.File == nil {
				return Result{}, missing("file")
			}
			return Result{}, w.UploadFTP(*in.File)
		}),
		act(api, "/sales", addSale),
		act(api, "/payouts", func(w *cliparto.World, in payoutIn, c *call) (Result, error) {
			if in.Cents == nil {
				return Result{}, missing("cents")
			}
			return Result{}, w.AddPayout(cliparto.Payout{At: or(in.At, c.now), Cents: *in.Cents})
		}),
		act(api, "/images/{id}/review", reviewImage),
	}
}

func addSale(w *cliparto.World, in saleIn, c *call) (Result, error) {
	switch {
	case in.ImageID == nil:
		return Result{}, missing("image_id")
	case in.Cents == nil:
		return Result{}, missing("cents")
	}
	return Result{}, w.AddSale(cliparto.Sale{
		At: or(in.At, c.now), ImageID: *in.ImageID, License: or(in.License, "standard"), Size: or(in.Size, "M"),
		Cents: *in.Cents, Country: or(in.Country, "US"), Query: or(in.Query, ""),
	})
}

func reviewImage(w *cliparto.World, in approveIn, c *call) (Result, error) {
	if in.Approve == nil {
		return Result{}, missing("approve")
	}
	id, err := strconv.ParseInt(c.param("id"), 10, 64)
	if err != nil {
		return Result{}, fakes.NotFound("there is no image %.40q; ids are whole numbers", c.param("id"))
	}
	return Result{}, w.Review(id, *in.Approve, c.now)
}
