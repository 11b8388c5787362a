package qqtube

import (
	"errors"
	"fmt"
	"math/big"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/mediasandbox/sandbox/fakes"
	"github.com/mediasandbox/sandbox/internal/span"
)

// Listing is a service as the action "services" shows it (vendor page, "Get Active
// Services"): every amount, id and flag is a string, countries is false, a param
// has a number id and a null id_shop_list.
type Listing struct {
	ID              string     `json:"id_service"`
	Name            string     `json:"public_name"`
	AmountMinimum   string     `json:"amount_minimum"`
	AmountIncrement string     `json:"amount_increment"`
	IsGeo           string     `json:"is_geo"`
	IsRetention     string     `json:"is_retention"`
	IsDrip          string     `json:"is_drip"`
	DripCost        string     `json:"drip_cost"`
	Example         string     `json:"example"`
	TypeName        string     `json:"type_name"`
	Prices          []TierList `json:"prices"`
	Countries       bool       `json:"countries"`
	Params          []Param    `json:"params"`
}

// TierList is a price group: what an order from Minimum to Maximum costs per PricingPer.
type TierList struct {
	ID         string `json:"id_service_pricing"`
	Service    string `json:"id_service"`
	Minimum    string `json:"minimum"`
	Maximum    string `json:"maximum"`
	PricingPer string `json:"pricing_per"`
	Price      string `json:"price"`
}

// Param is a parameter that a service adds to an order.
type Param struct {
	ParamID         string   `json:"id_service_params"`
	Service         string   `json:"id_service"`
	Label           string   `json:"field_label"`
	Description     string   `json:"field_descr"`
	Placeholder     string   `json:"field_placeholder"`
	Field           string   `json:"field_name"`
	Type            string   `json:"field_type"`
	Validators      string   `json:"field_validators"`
	IsPriceModifier string   `json:"is_price_modifier"`
	ModifyType      string   `json:"modify_type"`
	ModifyEvery     string   `json:"modify_every"`
	ModifyBy        string   `json:"modify_by"`
	Options         []Option `json:"options"`
	OverrideID      bool     `json:"override_id"`
	Number          int      `json:"id"`
	ShopList        *int     `json:"id_shop_list"`
}

// Option is a value that a parameter may take, or, with ErrorSelection "1", the
// entry that only asks for a choice.
type Option struct {
	ID             string `json:"id_service_param_option"`
	Param          string `json:"id_service_param"` // not id_service_params: the page spells it so
	Name           string `json:"name"`
	Value          string `json:"value"`
	ErrorSelection string `json:"error_selection"`
	OrderBy        string `json:"order_by"`
	Active         string `json:"active"`
}

// Service is a listing and what the listing does not show.
type Service struct {
	Listing
	Delivery Duration `json:"delivery"` // how long an order takes, whatever its size

	minimum, increment int64
	tiers              []tier
	drip               *big.Rat // price of one more when drip is asked for
	fields             []field
}

type tier struct {
	minimum, maximum int64
	each             *big.Rat // price of one
}

// Duration is a time span that writes itself as Go does, "36h0m0s", and reads days, too.
type Duration time.Duration

// MarshalText writes the span for JSON.
func (d Duration) MarshalText() ([]byte, error) { return []byte(time.Duration(d).String()), nil }

// UnmarshalText reads a span such as "36h" or "1d12h"; it returns an error for any other text.
func (d *Duration) UnmarshalText(text []byte) error {
	v, err := span.Parse(string(text))
	if err != nil {
		return spanError{err}
	}
	*d = Duration(v)
	return nil
}

// spanError lets whoever reads a state say where the span stands and what it wants.
type spanError struct{ error }

func (e spanError) Wants() string { return e.Error() }

// maxDelivery bounds the delivery time, so that sums of times stay in range.
const maxDelivery = Duration(10 * 365 * 24 * time.Hour)

// compile reads the listing's texts. It returns every mistake found.
func (s *Service) compile() error {
	var wrong []error
	number := func(what, text string) int64 {
		n, err := strconv.ParseInt(text, 10, 64)
		if err != nil || n < 1 || n > maxCount {
			wrong = append(wrong, fmt.Errorf("%s: %q is not a whole number from 1 to %d", what, text, int64(maxCount)))
		}
		return n
	}
	rat := func(what, text string) *big.Rat {
		r, ok := decimal(text)
		if !ok {
			wrong = append(wrong, fmt.Errorf("%s: %q is not a decimal number", what, text))
			return new(big.Rat)
		}
		return r
	}
	s.minimum = number("amount_minimum", s.AmountMinimum)
	s.increment = number("amount_increment", s.AmountIncrement)
	s.drip = each(rat("drip_cost", s.DripCost), new(big.Rat).SetInt64(max(s.increment, 1)))
	s.tiers = make([]tier, len(s.Prices))
	for i, p := range s.Prices {
		what := "prices." + strconv.Itoa(i)
		per := rat(what, p.PricingPer)
		if per.Sign() == 0 {
			wrong = append(wrong, fmt.Errorf("%s: pricing_per is 0", what))
			per.SetInt64(1)
		}
		s.tiers[i] = tier{number(what, p.Minimum), number(what, p.Maximum), each(rat(what, p.Price), per)}
	}
	s.fields = make([]field, len(s.Params))
	for i := range s.Params {
		var err error
		if s.fields[i], err = compileField(&s.Params[i]); err != nil {
			wrong = append(wrong, fmt.Errorf("params.%d: %w", i, err))
		}
	}
	if !digits.MatchString(s.ID) {
		wrong = append(wrong, fmt.Errorf("id_service: %q is not a number", s.ID))
	}
	if s.Delivery <= 0 || s.Delivery > maxDelivery {
		wrong = append(wrong, fmt.Errorf("delivery: %v is not between 0 and %v", time.Duration(s.Delivery), time.Duration(maxDelivery)))
	}
	if err := errors.Join(wrong...); err != nil {
		return fmt.Errorf("service %q: %w", s.ID, err)
	}
	// A list without entries is [] on the wire, never null.
	if s.Prices == nil {
		s.Prices = []TierList{}
	}
	if s.Params == nil {
		s.Params = []Param{}
	}
	for i := range s.Params {
		if s.Params[i].Options == nil {
			s.Params[i].Options = []Option{}
		}
	}
	return nil
}

var digits = regexp.MustCompile(`^[0-9]{1,18}$`)

// field is a Param, ready to be checked against a value.
type field struct {
	*Param
	rules       []validator
	every, by   *big.Rat // nil when the param does not modify the price
	wholeOnly   bool     // modify_type add: only whole steps count
	needsNumber bool
}

// validator is one entry of field_validators, "min:5".
type validator struct {
	name  string
	bound int64
}

// compileField reads the param's validators and price modifier. It returns an error
// for a validator or modify_type that the page does not have, or a step of 0.
func compileField(p *Param) (field, error) {
	f := field{Param: p}
	for _, text := range strings.Split(p.Validators, "|") {
		name, bound, configured := strings.Cut(text, ":")
		v := validator{name: name}
		var err error
		if configured {
			v.bound, err = strconv.ParseInt(bound, 10, 64)
		}
		switch {
		case text == "":
			continue
		case err != nil, configured == (name == "required"):
			return f, fmt.Errorf("%s: validator %q", p.Field, text)
		case name == "increment" && v.bound <= 0:
			return f, fmt.Errorf("%s: validator %q wants a step above 0", p.Field, text)
		}
		switch name {
		case "min", "max", "increment":
			f.needsNumber = true
		case "required", "minchar", "maxchar", "minlines":
		default:
			return f, fmt.Errorf("%s: unknown validator %q", p.Field, text)
		}
		f.rules = append(f.rules, v)
	}
	if p.Field == "" {
		return f, errors.New("no field_name")
	}
	if p.IsPriceModifier != "1" {
		return f, nil
	}
	if p.ModifyType != "add" && p.ModifyType != "multiply" {
		return f, fmt.Errorf("%s: modify_type %q is neither add nor multiply", p.Field, p.ModifyType)
	}
	var okEvery, okBy bool
	f.every, okEvery = decimal(p.ModifyEvery)
	f.by, okBy = decimal(p.ModifyBy)
	if !okEvery || !okBy || f.every.Sign() == 0 {
		return f, fmt.Errorf("%s: modify_every %q and modify_by %q want decimal numbers, the first above 0", p.Field, p.ModifyEvery, p.ModifyBy)
	}
	f.wholeOnly = p.ModifyType == "add"
	return f, nil
}

// listServices answers the action "services": a JSON array, although the page shows
// one element of it.
func (w *World) listServices(*fakes.Call, struct{}) ([]*Listing, error) { return w.listings, nil }
