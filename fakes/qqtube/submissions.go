package qqtube

import (
	"math"

	"github.com/mediasandbox/sandbox/fakes"
)

// statsReply is one order in full (vendor page, "Retrieving stats"): every number a
// string, sent_count null except for views, the refund only after one.
type statsReply struct {
	ID          string      `json:"id_service_submission"`
	ShortURL    string      `json:"short_url"`
	LongURL     string      `json:"long_url"`
	Start       string      `json:"start_count"`
	Wanted      string      `json:"wanted_count"`
	Current     string      `json:"current_count"`
	Sent        *string     `json:"sent_count"`
	Cost        string      `json:"total_cost"`
	Status      statusReply `json:"status"`
	RefundTotal string      `json:"refund_total,omitempty"`
	RefundTime  string      `json:"refund_time,omitempty"`
}

// statusReply is a row of statuses.json: a status as stats shows it.
type statusReply struct {
	ID          string `json:"id_status"`
	Name        string `json:"name"`
	Type        string `json:"type"` // info for 1, 2 and 8, else error
	Description string `json:"description"`
}

type statsInput struct {
	ID string `param:"id_service_submission"`
}

// stats shows one order. Orders of other tenants do not exist here.
func (w *World) stats(c *fakes.Call, in statsInput) (statsReply, error) {
	s := w.submission(in.ID)
	if s == nil {
		return statsReply{}, c.Refuse("submission-unknown")
	}
	p := s.at(c.Now)
	r := statsReply{
		ID: itoa(s.ID), ShortURL: shortURL(s.URL), LongURL: s.URL,
		Start: itoa(s.Start), Wanted: itoa(s.Wanted), Current: itoa(p.current),
		Cost: s.Cost.String(), Status: w.catalog.statuses[p.status],
	}
	if s.Service == "54" || s.Service == "55" { // vendor page, sent_count
		sent := itoa(p.sent)
		r.Sent = &sent
	}
	if o := s.Override; o != nil && o.Refund != nil {
		r.RefundTotal, r.RefundTime = o.Refund.String(), wireTime(o.At)
	}
	return r, nil
}

// listItem is one order in a list (vendor page, "Retrieving all submissions"): no
// long_url, status object or sent_count.
type listItem struct {
	ID       string `json:"id_service_submission"`
	ShortURL string `json:"short_url"`
	Status   string `json:"id_status"`
	Service  string `json:"id_service"`
	Start    string `json:"start_count"`
	Wanted   string `json:"wanted_count"`
	Current  string `json:"current_count"`
	Cost     string `json:"total_cost"`
	Added    string `json:"date_added"`
}

type listInput struct {
	After string `param:"starting_after"`
	Limit string `param:"limit"`
}

// maxPage is the most orders that one list shows, and the default (vendor page, limit).
const maxPage = 500

// read reads the two parameters; what is wrong with both is said at once.
func (in listInput) read() (after, limit int64, wrong problems) {
	after, limit = math.MaxInt64, maxPage
	if in.After != "" {
		var ok bool
		if after, ok = wholeNumber(in.After); !ok {
			wrong.add("starting-after-invalid")
		}
	}
	if in.Limit != "" {
		var ok bool
		if limit, ok = wholeNumber(in.Limit); !ok || limit < 1 || limit > maxPage {
			wrong.add("limit-invalid")
		}
	}
	return after, limit, wrong
}

// list shows orders, highest id first, those below starting_after only. It finds
// its place by binary search: the last page costs as much as the first.
func (w *World) list(c *fakes.Call, in listInput) ([]listItem, error) {
	after, limit, wrong := in.read()
	if err := c.RefuseAll(wrong); err != nil {
		return nil, err
	}
	end := w.below(after)
	from := max(0, end-int(limit))
	items := make([]listItem, 0, end-from)
	for i := end - 1; i >= from; i-- {
		s := w.Submissions[i]
		p := s.at(c.Now)
		items = append(items, listItem{
			ID: itoa(s.ID), ShortURL: shortURL(s.URL), Status: itoa(int64(p.status)), Service: s.Service,
			Start: itoa(s.Start), Wanted: itoa(s.Wanted), Current: itoa(p.current),
			Cost: s.Cost.String(), Added: wireTime(s.Added),
		})
	}
	return items, nil
}

type fundsReply struct {
	Funds string `json:"funds"`
}

// funds shows what is left to spend.
func (w *World) funds(*fakes.Call, struct{}) (fundsReply, error) {
	return fundsReply{w.Funds.String()}, nil
}
