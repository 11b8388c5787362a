package control

import (
	"fmt"

	"github.com/mediasandbox/sandbox/fakes/qulive"
)

type resultIn struct {
	Status *string `json:"status"` // success, fail; of a review also check
}

// ok reads success or fail.
func (in resultIn) ok() (bool, error) {
	if in.Status == nil {
		return false, missing("status")
	}
	switch *in.Status {
	case "success":
		return true, nil
	case "fail":
		return false, nil
	}
	return false, fmt.Errorf("status %.40q is neither success nor fail", *in.Status)
}

func quliveActions() []Action {
	const api = "qulive"
	return []Action{
		act(api, "/videos/{videoId}/snapshot", func(w *qulive.World, in resultIn, c *call) (Result, error) {
			ok, err := in.ok()
			if err != nil {
				return Result{}, err
			}
			return Result{}, w.FinishSnapshot(c.param("videoId"), ok, c.now)
		}),
		act(api, "/videos/{videoId}/review", func(w *qulive.World, in resultIn, c *call) (Result, error) {
			if in.Status == nil {
				return Result{}, missing("status")
			}
			return Result{}, w.PublishReview(c.param("videoId"), *in.Status, c.now)
		}),
		act(api, "/videos/{videoId}/transcode", func(w *qulive.World, in resultIn, c *call) (Result, error) {
			ok, err := in.ok()
			if err != nil {
				return Result{}, err
			}
			return Result{}, w.FinishTranscode(c.param("videoId"), ok, c.now)
		}),
		act(api, "/videos/{videoId}/recommend", func(w *qulive.World, _ nothing, c *call) (Result, error) {
			return Result{}, w.Recommend(c.param("videoId"))
		}),
	}
}
