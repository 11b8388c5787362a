package qqtube

import "math/big"

// tier returns the price group of a quantity, nil when there is none.
func (s *Service) tier(n int64) *tier {
	for i := range s.tiers {
		if t := &s.tiers[i]; n >= t.minimum && n <= t.maximum {
			return t
		}
	}
	return nil
}

// cost is what an order is charged (CONTRACTS section 1, Price): the tier's price
// per pricing_per, drip_cost per amount_increment when drip is asked for, and each
// price modifier that was sent. It is rounded once, at the end. ok is false when
// the quantity has no tier or the amount is beyond all funds.
func (s *Service) cost(quantity int64, sent func(string) (string, bool)) (m Money, ok bool) {
	t := s.tier(quantity)
	if t == nil {
		return 0, false
	}
	n := new(big.Rat).SetInt64(quantity)
	sum := new(big.Rat).Mul(n, t.each)
	if v, _ := sent("drip"); s.IsDrip == "1" && v == "1" {
		sum.Add(sum, new(big.Rat).Mul(n, s.drip))
	}
	for i := range s.fields {
		f := &s.fields[i]
		if v, _ := sent(f.Field); f.every != nil && v != "" {
			sum.Add(sum, f.surcharge(v, n))
		}
	}
	return cents(sum)
}

// each is the price of one where amount is the price of per.
func each(amount, per *big.Rat) *big.Rat { return amount.Quo(amount, per) }

// surcharge is what the parameter adds to the price: modify_by for each
// modify_every in the value, whole ones only with "add", proportionally with
// "multiply". The value is what was sent when it is a number from 0 up, else the
// order's quantity (the page's ProvidedAmount may be either; assumed).
func (f *field) surcharge(value string, quantity *big.Rat) *big.Rat {
	amount, ok := decimal(value)
	if !ok {
		amount = quantity
	}
	steps := new(big.Rat).Quo(amount, f.every)
	if f.wholeOnly {
		steps.SetInt(new(big.Int).Quo(steps.Num(), steps.Denom()))
	}
	return steps.Mul(steps, f.by)
}
