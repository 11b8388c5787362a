package control

import (
	"github.com/mediasandbox/sandbox/fakes/qqtube"
)

type fundsIn struct {
	Add *string `json:"add"` // "25.00", "-3.50"
}

type statusIn struct {
	Status *int `json:"status"` // 1 to 25
}

type refundIn struct {
	Amount *string `json:"amount"` // all of the cost when it is left out
}

func qqtubeActions() []Action {
	const api = "qqtube"
	const refunded = 8 // vendor page, status
	return []Action{
		act(api, "/funds", func(w *qqtube.World, in fundsIn, _ *call) (Result, error) {
			if in.Add == nil {
				return Result{}, missing("add")
			}
			err := w.AddFunds(*in.Add)
			return Result{JSON: map[string]string{"funds": w.Funds.String()}}, err
		}),
		act(api, "/orders/{id}/status", func(w *qqtube.World, in statusIn, c *call) (Result, error) {
			if in.Status == nil {
				return Result{}, missing("status")
			}
			return Result{}, w.SetStatus(c.param("id"), *in.Status, c.now)
		}),
		act(api, "/orders/{id}/refund", func(w *qqtube.World, in refundIn, c *call) (Result, error) {
			if in.Amount == nil {
				return Result{}, w.SetStatus(c.param("id"), refunded, c.now)
			}
			return Result{}, w.Refund(c.param("id"), *in.Amount, c.now)
		}),
	}
}
