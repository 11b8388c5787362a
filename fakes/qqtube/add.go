package qqtube

import (
	"encoding/json"
	"hash/fnv"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/mediasandbox/sandbox/fakes"
)

// addInput are the parameters that every order has; a service's own are read by the
// names that its params give them.
type addInput struct {
	URL       string `param:"url"`
	Quantity  string `param:"quantity"`
	Service   string `param:"id_service"`
	Share     string `param:"share_type"`
	Countries string `param:"geo-countries"`
}

// addReply is the vendor's sample of an added order: the counts are numbers here,
// the id is a string, the key is "message".
type addReply struct {
	Status   string          `json:"status"`
	ID       string          `json:"id_service_submission"`
	ShortURL string          `json:"short_url"`
	LongURL  string          `json:"long_url"`
	Start    int64           `json:"start_count"`
	Wanted   int64           `json:"wanted_count"`
	Current  int64           `json:"current_count"`
	Message  json.RawMessage `json:"message"`
}

// add orders. All that is wrong is said at once; then nothing is added and no money moves.
func (w *World) add(c *fakes.Call, in addInput) (addReply, error) {
	o, wrong := w.check(in, c.Values.Get)
	if err := c.RefuseAll(wrong); err != nil {
		return addReply{}, err
	}
	counter := o.service.counter(in.URL)
	s := &Submission{
		ID: w.NextID, Service: o.service.ID, URL: in.URL, Start: w.count(counter, c.Now), Wanted: o.quantity,
		Cost: o.cost, Added: c.Now.UTC().Round(0), Delivery: o.service.Delivery,
	}
	if w.added == nil {
		w.added = c.Written("/message")
	}
	w.NextID++
	w.Funds -= o.cost
	w.Submissions = append(w.Submissions, s)
	w.waiting.Set(entry{s.due(), s})
	w.latest[counter] = s
	return addReply{
		Status: "success", ID: itoa(s.ID), ShortURL: shorten(o.url, s.URL), LongURL: s.URL,
		Start: s.Start, Wanted: s.Wanted, Current: s.Start,
		Message: w.added,
	}, nil
}

// counter stands for the count that the services of a kind drive up at a URL.
func (s *Service) counter(url string) uint64 {
	h := fnv.New64a()
	_, _ = h.Write([]byte(s.TypeName + "\n" + url))
	return h.Sum64()
}

// count reads a counter when an order is added: what the latest order before it shows,
// without one a number below one million that is made up.
func (w *World) count(counter uint64, now time.Time) int64 {
	if s := w.latest[counter]; s != nil {
		return min(s.at(now).current, maxCount)
	}
	return int64(counter % 1_000_000) //nolint:gosec // below 10^6
}

// order is an addInput that was understood, as far as it could be.
type order struct {
	service  *Service
	url      *url.URL
	quantity int64
	cost     Money
}

// problems are outcomes, each once, in the order met.
type problems []string

func (p *problems) add(names ...string) {
	for _, name := range names {
		known := false
		for _, have := range *p {
			known = known || have == name
		}
		if !known {
			*p = append(*p, name)
		}
	}
}

// check holds an order to every rule (CONTRACTS section 1, add errors). The service
// comes first, as what follows depends on it; sent gives the value of a parameter.
func (w *World) check(in addInput, sent func(string) (string, bool)) (order, problems) {
	var o order
	var wrong problems
	if in.Service == "" {
		wrong.add("service-missing")
	} else if o.service = w.byID[in.Service]; o.service == nil {
		wrong.add("service-unknown")
	}
	if in.URL == "" {
		wrong.add("url-missing")
	} else if o.url = parseURL(in.URL); o.url == nil {
		wrong.add("url-invalid")
	}
	quantity, problem := parseQuantity(in.Quantity)
	if problem != "" {
		wrong.add(problem)
	}
	if o.service == nil {
		return o, wrong
	}
	priced := problem == ""
	if priced {
		o.quantity = quantity
		found := o.service.checkQuantity(quantity, in.Quantity)
		wrong.add(found...)
		priced = len(found) == 0
	}
	wrong.add(o.service.checkPlaces(in)...)
	found, good := o.service.checkFields(sent)
	wrong.add(found...)
	if priced {
		// Whatever comes in place of a wrong parameter, it cannot make the order cheaper.
		var ok bool
		if o.cost, ok = o.service.cost(quantity, good); !ok || o.cost > w.Funds {
			wrong.add("insufficient-funds")
		}
	}
	if len(w.Submissions) >= w.limit {
		wrong.add("too-many-submissions")
	}
	return o, wrong
}

// parseQuantity reads a quantity. A number too long for any tier comes back as the
// largest there is.
func parseQuantity(text string) (n int64, problem string) {
	if text == "" {
		return 0, "quantity-missing"
	}
	n, ok := wholeNumber(text)
	if !ok && strings.Trim(text, "0123456789") != "" {
		return 0, "quantity-not-whole"
	}
	return n, ""
}

// wholeNumber reads digits and nothing else: no sign, no blank. A number that is
// too large is not ok and comes back as the largest there is.
func wholeNumber(text string) (n int64, ok bool) {
	if strings.Trim(text, "0123456789") != "" {
		return 0, false
	}
	n, err := strconv.ParseInt(text, 10, 64)
	return n, err == nil
}

// checkQuantity holds a quantity, as read and as sent, to minimum, increment and price
// tiers. Below the minimum nothing else is said about it.
func (s *Service) checkQuantity(n int64, text string) (wrong []string) {
	if n < s.minimum {
		return []string{"quantity-below-minimum"}
	}
	if !divides(s.increment, text) {
		wrong = append(wrong, "quantity-not-increment")
	}
	if s.tier(n) == nil {
		wrong = append(wrong, "quantity-outside-prices")
	}
	return wrong
}

// shareService is the one service that reads share_type (vendor page, share_type).
const shareService = "46"

// checkPlaces holds geo-countries and share_type to their rules, where the service
// reads them; elsewhere they are ignored.
func (s *Service) checkPlaces(in addInput) (wrong []string) {
	if s.IsGeo == "1" {
		if in.Countries == "" {
			wrong = append(wrong, "countries-missing")
		} else if !validCountries(in.Countries) {
			wrong = append(wrong, "countries-invalid")
		}
	}
	if s.ID == shareService && in.Share != "" {
		if n, ok := wholeNumber(in.Share); !ok || n > 13 {
			wrong = append(wrong, "share-type-invalid")
		}
	}
	return wrong
}
