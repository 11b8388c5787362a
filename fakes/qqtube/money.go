package qqtube

import (
	"fmt"
	"math/big"
	"regexp"
	"strconv"
	"strings"
)

// Money is an exact amount in cents. As text, in JSON and on the wire, it has two
// decimals: "508.60".
type Money int64

// maxMoney bounds every amount, so that sums cannot overflow: 10,000,000,000.00.
const maxMoney Money = 1_000_000_000_000

var (
	amountText  = regexp.MustCompile(`^-?[0-9]{1,10}(\.[0-9]{1,2})?$`)
	tooLongText = regexp.MustCompile(`^-?[0-9]{11,}(\.|$)`)
	decimalText = regexp.MustCompile(`^[0-9]{1,18}(\.[0-9]{1,12})?$`)
)

// ParseMoney reads an amount such as "13", "13.5" or "-0.05". It returns an error
// for any other spelling and beyond ten digits before the point.
func ParseMoney(s string) (Money, error) {
	switch {
	case tooLongText.MatchString(s):
		return 0, fmt.Errorf("%.40q is too large: an amount has at most 10 digits before the point", s)
	case !amountText.MatchString(s):
		return 0, fmt.Errorf("%q is not an amount such as 12.34", s)
	}
	whole, cents, _ := strings.Cut(strings.TrimPrefix(s, "-"), ".")
	n, err := strconv.ParseInt(whole+(cents + "00")[:2], 10, 64)
	if err != nil {
		return 0, fmt.Errorf("%q is not an amount: %w", s, err)
	}
	if strings.HasPrefix(s, "-") {
		n = -n
	}
	return Money(n), nil
}

// String writes the amount with two decimals.
func (m Money) String() string {
	sign, n := "", int64(m)
	if n < 0 {
		sign, n = "-", -n
	}
	return fmt.Sprintf("%s%d.%02d", sign, n/100, n%100)
}

// MarshalText writes the amount for JSON.
func (m Money) MarshalText() ([]byte, error) { return []byte(m.String()), nil }

// UnmarshalText reads what MarshalText wrote, by the rules of ParseMoney.
func (m *Money) UnmarshalText(text []byte) error {
	v, err := ParseMoney(string(text))
	if err == nil {
		*m = v
	}
	return err
}

// decimal reads a price or a factor of a service: digits with or without decimals,
// exactly. The pattern keeps out what big.Rat reads besides ("1/3", "1e999999").
func decimal(s string) (*big.Rat, bool) {
	if !decimalText.MatchString(s) {
		return nil, false
	}
	return new(big.Rat).SetString(s)
}

// cents rounds a non-negative amount half up to cents; ok is false beyond maxMoney.
func cents(r *big.Rat) (m Money, ok bool) {
	// ⌊100 r + ½⌋ in whole numbers, as reducing fractions costs more than all the rest.
	n := new(big.Int).Mul(r.Num(), big.NewInt(200))
	n.Add(n, r.Denom())
	n.Quo(n, new(big.Int).Lsh(r.Denom(), 1))
	if !n.IsInt64() || n.Int64() > int64(maxMoney) {
		return maxMoney, false
	}
	return Money(n.Int64()), true
}
