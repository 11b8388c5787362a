package cliparto

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/mediasandbox/sandbox/fakes"
)

// Sale is one download that was paid for.
type Sale struct {
	At      time.Time `json:"at"`
	ImageID int64     `json:"image_id"`
	License string    `json:"license"` // standard or extended
	Size    string    `json:"size"`    // XS, S, M, L, XL or XXL
	Cents   int64     `json:"cents"`   // what the author earned, USD
	Country string    `json:"country"` // the buyer's, ISO 3166 alpha-2
	Query   string    `json:"query"`   // what the buyer searched for, "" when not known
}

// Payout is money that was sent to the author.
type Payout struct {
	At    time.Time `json:"at"`
	Cents int64     `json:"cents"`
}

// maxCents bounds one amount, so that no sum can overflow.
const maxCents = 100_000_000

// list limits of DownloadsList (page, "Типы запросов").
const (
	listMax     = 100
	listDefault = 10
)

// AddSale records a sale. One that lies ahead of the clock is counted when the clock
// gets there. It returns an error when the image is not approved by then, or when
// license, size, country or amount are none.
func (w *World) AddSale(s Sale) error {
	s.At = moment(s.At)
	if err := w.checkSale(&s); err != nil {
		return err
	}
	if len(w.Sales) >= maxSales {
		return fakes.Conflict("there are %d sales, which is the limit", maxSales)
	}
	w.Sales = slices.Insert(w.Sales, w.earned.position(s.At), s)
	w.enter(&s)
	return nil
}

func (w *World) enter(s *Sale) {
	w.earned.add(s.At, cents(s.Cents))
	l := w.earnedBy[s.ImageID]
	if l == nil {
		l = &ledger{}
		w.earnedBy[s.ImageID] = l
	}
	l.add(s.At, cents(s.Cents))
}

func (w *World) checkSale(s *Sale) error {
	img := w.byID[s.ImageID]
	switch {
	case img == nil:
		return fakes.NotFound("there is no image %d", s.ImageID)
	case img.Status(s.At) != approved:
		return fakes.Conflict("image %d is %s at %s, it cannot be sold", s.ImageID, img.Status(s.At), date(s.At))
	case !slices.Contains(licenses(), s.License):
		return fmt.Errorf("license %q is none of %s", s.License, strings.Join(licenses(), ", "))
	case !slices.Contains(sizes(), s.Size):
		return fmt.Errorf("size %q is none of %s", s.Size, strings.Join(sizes(), ", "))
	case s.Cents < 1 || s.Cents > maxCents:
		return fmt.Errorf("an amount of %d cents is not within 1 to %d", s.Cents, maxCents)
	case !isCountry(s.Country):
		return fmt.Errorf("country %q is no alpha-2 code", s.Country)
	}
	return nil
}

func isCountry(code string) bool {
	return len(code) == 2 && strings.Trim(code, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") == ""
}

// AddPayout records money sent to the author. It returns an error when the balance
// would be below zero, then or at a later payout.
func (w *World) AddPayout(p Payout) error {
	p.At = moment(p.At)
	if p.Cents < 1 || p.Cents > maxCents {
		return fmt.Errorf("an amount of %d cents is not within 1 to %d", p.Cents, maxCents)
	}
	if len(w.Payouts) >= maxPayouts {
		return fakes.Conflict("there are %d payouts, which is the limit", maxPayouts)
	}
	// The balance falls at payouts only: where it holds at this one and at all later
	// ones, it holds everywhere.
	for _, at := range append([]time.Time{p.At}, w.paid.at[w.paid.position(p.At):]...) {
		if w.balance(at) < cents(p.Cents) {
			return fakes.Conflict("the balance would be below zero at %s", date(at))
		}
	}
	w.Payouts = slices.Insert(w.Payouts, w.paid.position(p.At), p)
	w.paid.add(p.At, cents(p.Cents))
	return nil
}

// balance is what was earned up to t less what was paid out.
func (w *World) balance(t time.Time) cents {
	return w.earned.upTo(t).amount - w.paid.upTo(t).amount
}

func (w *World) balanceCurrent(c *fakes.Call, _ none) (string, error) {
	return w.balance(c.Now).String(), nil
}

func (w *World) earningsTotal(c *fakes.Call, _ none) (string, error) {
	return w.earned.upTo(c.Now).amount.String(), nil
}

func (w *World) earningsThisMonth(c *fakes.Call, _ none) (string, error) {
	return w.earned.thisMonth(c.Now).amount.String(), nil
}

func (w *World) earningsPrevMonth(c *fakes.Call, _ none) (string, error) {
	return w.earned.prevMonth(c.Now).amount.String(), nil
}

func (w *World) downloadsTotal(c *fakes.Call, _ none) (string, error) {
	return strconv.Itoa(w.earned.upTo(c.Now).n), nil
}

func (w *World) downloadsThisMonth(c *fakes.Call, _ none) (string, error) {
	return strconv.Itoa(w.earned.thisMonth(c.Now).n), nil
}

func (w *World) downloadsPrevMonth(c *fakes.Call, _ none) (string, error) {
	return strconv.Itoa(w.earned.prevMonth(c.Now).n), nil
}

// downloadsList answers the latest sales, newest first: date; image; license; size;
// earning; country; search query (page, "Типы запросов").
func (w *World) downloadsList(c *fakes.Call, in extInput) (string, error) {
	limit, refusal := lines(in.Ext)
	if refusal != "" {
		return "", c.Refuse(refusal)
	}
	n := w.earned.upTo(c.Now).n
	out := make([]string, 0, min(n, limit))
	for i := n - 1; i >= 0 && len(out) < limit; i-- {
		s := &w.Sales[i]
		out = append(out, record(date(s.At), strconv.FormatInt(s.ImageID, 10), s.License, s.Size, cents(s.Cents).String(), s.Country, s.Query))
	}
	return strings.Join(out, "\n"), nil
}

// lines reads the number of lines asked for. A whole number, signed or long as it may
// be, is out of range, anything else malformed.
func lines(ext string) (n int, refusal string) {
	if ext == "" {
		return listDefault, ""
	}
	if digits := strings.TrimPrefix(ext, "-"); digits == "" || strings.Trim(digits, "0123456789") != "" {
		return 0, "ext-malformed"
	}
	n, err := strconv.Atoi(ext)
	if err != nil || n < 1 || n > listMax {
		return 0, "ext-out-of-range"
	}
	return n, ""
}
