package qqtube

import (
	"math/big"
	"math/rand/v2"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestParseMoney(t *testing.T) {
	for text, want := range map[string]Money{
		"0": 0, "13": 1300, "13.5": 1350, "508.60": 50860, "0.05": 5, "-0.05": -5, "-12": -1200, "9999999999.99": 999999999999, "007.10": 710,
	} {
		got, err := ParseMoney(text)
		require.NoError(t, err, text)
		assert.Equal(t, want, got, text)
	}
	for _, text := range []string{"", ".", "1.", ".5", "1.234", "1,5", "+1", "--1", " 1", "1e3", "1/3", "NaN", "99999999999", "１"} {
		_, err := ParseMoney(text)
		assert.Error(t, err, text)
	}
}

func TestMoneyString(t *testing.T) {
	for m, want := range map[Money]string{0: "0.00", 5: "0.05", -5: "-0.05", 50860: "508.60", -1234: "-12.34", maxMoney: "10000000000.00"} {
		assert.Equal(t, want, m.String())
	}
}

func TestCentsRoundHalfUp(t *testing.T) {
	for text, want := range map[string]Money{"0": 0, "0.004999": 0, "0.005": 1, "1.725": 173, "1.7249999": 172, "2.5": 250, "10000000000": maxMoney} {
		r, ok := decimal(text)
		require.True(t, ok, text)
		m, ok := cents(r)
		assert.True(t, ok, text)
		assert.Equal(t, want, m, text)
	}
	_, ok := cents(big.NewRat(int64(maxMoney)+1, 100))
	assert.False(t, ok, "an amount beyond all funds")
}

func TestDecimalRefusesWhatRatWouldRead(t *testing.T) {
	for _, text := range []string{"", "1/3", "1e9", "1e999999999", "-1", "+1", "0x10", " 1", "1.", "1_000", "1234567890123456789"} {
		_, ok := decimal(text)
		assert.False(t, ok, text)
	}
}

// TestCostAgainstModel prices random orders and compares with a plain model in
// integers: everything in 10^-12 of a currency unit.
func TestCostAgainstModel(t *testing.T) {
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	rnd := rand.New(rand.NewPCG(seed, 1)) //nolint:gosec // a test's numbers
	const unit = 1_000_000_000_000
	money := func(cents int64) string { return Money(cents).String() }
	for range 3000 {
		price, drip := rnd.Int64N(2000), rnd.Int64N(50)
		per := []int64{1, 10, 100, 1000, 8}[rnd.IntN(5)]
		inc := []int64{1, 5, 50, 1000}[rnd.IntN(4)]
		every := []int64{1, 5, 40, 100}[rnd.IntN(4)]
		by := rnd.Int64N(2_000_000) // millionths
		multiply, numeric, asked := rnd.IntN(2) == 0, rnd.IntN(2) == 0, rnd.IntN(2) == 0
		quantity := inc * (1 + rnd.Int64N(300))
		kind := map[bool]string{true: "multiply", false: "add"}[multiply]
		s := &Service{Listing: Listing{
			ID: "9", AmountMinimum: "1", AmountIncrement: itoa(inc), IsDrip: "1", DripCost: money(drip),
			Prices: []TierList{{Minimum: "1", Maximum: "99999999", PricingPer: itoa(per), Price: money(price)}},
			Params: []Param{{
				Field: "x", IsPriceModifier: "1", ModifyType: kind, ModifyEvery: itoa(every) + ".000000",
				ModifyBy: strconv.FormatInt(by/1_000_000, 10) + "." + (strconv.FormatInt(1_000_000+by%1_000_000, 10))[1:],
			}},
		}, Delivery: 1}
		require.NoError(t, s.compile())
		values := map[string]string{"x": "text"}
		amount := quantity
		if numeric {
			amount = rnd.Int64N(10_000)
			values["x"] = itoa(amount)
		}
		model := quantity * price * (unit / 100) / per // per divides 10^10
		if asked {
			values["drip"] = "1"
			model += quantity / inc * drip * (unit / 100)
		}
		if multiply {
			model += amount * by * (unit / 1_000_000) / every
		} else {
			model += amount / every * by * (unit / 1_000_000)
		}
		want := Money((model + unit/200) / (unit / 100))
		got, ok := s.cost(quantity, func(name string) (string, bool) { v, ok := values[name]; return v, ok })
		require.True(t, ok)
		require.Equal(t, want.String(), got.String(), "%d at %d per %d, drip %v %d per %d, %s %d every %d by %d", quantity, price, per, asked, drip, inc, kind, amount, every, by)
	}
}
