package qqtube

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/mediasandbox/sandbox/fakes"
)

func TestAddAnswersAndPays(t *testing.T) {
	w := world(t)
	r, err := place(w, noon, "id_service", "3", "quantity", "1000", "share_type", "2")
	require.NoError(t, err)
	assert.Equal(t, addReply{
		Status: "success", ID: "123457", ShortURL: "jofNR_WkoCE", LongURL: watchURL,
		Start: r.Start, Wanted: 1000, Current: r.Start,
	}, r)
	assert.Positive(t, r.Start)
	assert.Equal(t, "496.60", w.Funds.String(), "508.60 - 12.00")
	next, err := place(w, noon, "id_service", "3", "quantity", "100")
	require.NoError(t, err)
	assert.Equal(t, "123458", next.ID)
	assert.Equal(t, r.Start, next.Start, "the same video has the same count")
	other, err := place(w, noon, "id_service", "3", "quantity", "100", "url", "https://youtu.be/other")
	require.NoError(t, err)
	assert.NotEqual(t, r.Start, other.Start)
}

// TestAddRefusals has each outcome alone; money and orders stay as they were.
func TestAddRefusals(t *testing.T) {
	for _, c := range []struct {
		name, args string // name=value pairs separated by |
		want       string // outcomes, separated by blanks
	}{
		{"no service", "quantity=1000", "service-missing"},
		{"unknown service", "id_service=4|quantity=1000", "service-unknown"},
		{"a service that is no number", "id_service=three|quantity=1000", "service-unknown"},
		{"no url", "id_service=3|quantity=1000|url=", "url-missing"},
		{"no url but a word", "id_service=3|quantity=1000|url=video", "url-invalid"},
		{"no quantity", "id_service=3", "quantity-missing"},
		{"a word for a quantity", "id_service=3|quantity=many", "quantity-not-whole"},
		{"a decimal quantity", "id_service=3|quantity=1000.0", "quantity-not-whole"},
		{"a signed quantity", "id_service=3|quantity=+1000", "quantity-not-whole"},
		{"a negative quantity", "id_service=3|quantity=-100", "quantity-not-whole"},
		{"a blank in a quantity", "id_service=3|quantity=1000 ", "quantity-not-whole"},
		{"zero", "id_service=3|quantity=0", "quantity-below-minimum"},
		{"one step below the minimum", "id_service=30|quantity=250", "quantity-below-minimum"},
		{"below the minimum and no multiple: only the first is said", "id_service=3|quantity=99", "quantity-below-minimum"},
		{"no multiple", "id_service=30|quantity=501", "quantity-not-increment"},
		{"above all tiers", "id_service=30|quantity=100250", "quantity-outside-prices"},
		{"no multiple, above all tiers", "id_service=54|quantity=1000001", "quantity-not-increment quantity-outside-prices"},
		{"between two tiers", "id_service=3|quantity=950", "quantity-not-increment quantity-outside-prices"},
		{"beyond all numbers, a multiple", "id_service=30|quantity=100000000000000000000", "quantity-outside-prices"},
		{"beyond all numbers, no multiple", "id_service=30|quantity=100000000000000000001", "quantity-not-increment quantity-outside-prices"},
		{"no country", "id_service=5|quantity=1000", "countries-missing"},
		{"empty country", "id_service=5|quantity=1000|geo-countries=", "countries-missing"},
		{"lower-case country", "id_service=5|quantity=1000|geo-countries=us", "countries-invalid"},
		{"no such country in a list", "id_service=5|quantity=1000|geo-countries=US,XX", "countries-invalid"},
		{"share type 14", "id_service=46|quantity=100|share_type=14", "share-type-invalid"},
		{"share type -1", "id_service=46|quantity=100|share_type=-1", "share-type-invalid"},
		{"share type in words", "id_service=46|quantity=100|share_type=Twitter", "share-type-invalid"},
		{"share type 014", "id_service=46|quantity=100|share_type=014", "share-type-invalid"},
		{"share type +2", "id_service=46|quantity=100|share_type=+2", "share-type-invalid"},
		{"share type beyond all numbers", "id_service=46|quantity=100|share_type=18446744073709551618", "share-type-invalid"},
		{"required param", "id_service=80|quantity=1000", "param-missing"},
		{"the entry that only asks", "id_service=80|quantity=1000|geotarget=0", "param-not-selected"},
		{"no option", "id_service=80|quantity=1000|geotarget=22", "param-not-an-option"},
		{"drip", "id_service=3|quantity=1000|drip=2", "param-not-an-option"},
		{"retention missing", "id_service=55|quantity=1000", "param-missing"},
		{"retention no number", "id_service=55|quantity=1000|retention=1m", "param-not-whole"},
		{"retention decimal", "id_service=55|quantity=1000|retention=60.0", "param-not-whole"},
		{"retention below", "id_service=55|quantity=1000|retention=0", "param-below-min"},
		{"retention above", "id_service=55|quantity=1000|retention=630", "param-above-max"},
		{"retention between steps", "id_service=55|quantity=1000|retention=31", "param-not-increment"},
		{"bonus below", "id_service=55|quantity=1000|retention=30|bonus_likes=9", "param-below-min"},
		{"bonus and retention wrong alike: said once", "id_service=55|quantity=1000|retention=0|bonus_likes=9", "param-below-min"},
		{"keyword short", "id_service=55|quantity=1000|retention=30|keyword=ab", "param-too-short"},
		{"keyword long", "id_service=55|quantity=1000|retention=30|keyword=" + strings.Repeat("é", 61), "param-too-long"},
		{"few lines", "id_service=35|quantity=10|comments=first line\nsecond line", "param-too-few-lines"},
		{"blank lines are none", "id_service=35|quantity=10|comments=first line\n\n \r\nsecond line\n", "param-too-few-lines"},
		{"short and few lines", "id_service=35|quantity=10|comments=a\nb", "param-too-short param-too-few-lines"},
		{"funds", "id_service=3|quantity=50000", "insufficient-funds"},
		{"funds, and the URL is wrong too", "id_service=3|quantity=50000|url=x", "url-invalid insufficient-funds"},
		{"nothing at all", "url=", "service-missing url-missing quantity-missing"},
		{
			"everything", "id_service=55|quantity=1|url=x|retention=631|bonus_likes=x|keyword=ab|drip=9",
			"url-invalid quantity-below-minimum param-above-max param-not-increment param-not-whole param-too-short param-not-an-option",
		},
		{"unknown service: only what needs none", "id_service=4|quantity=x|url=x|share_type=99|geo-countries=us", "service-unknown url-invalid quantity-not-whole"},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := world(t)
			before := snapshot(t, w)
			var pairs []string
			for _, pair := range strings.Split(c.args, "|") {
				name, value, _ := strings.Cut(pair, "=")
				pairs = append(pairs, name, value)
			}
			_, err := place(w, noon, pairs...)
			assert.Equal(t, strings.Fields(c.want), refused(t, err))
			assert.Equal(t, before, snapshot(t, w))
			assert.Empty(t, w.Settle(noon.AddDate(1, 0, 0)))
		})
	}
}

func TestAddAccepts(t *testing.T) {
	for _, c := range []struct{ name, args, cost string }{
		{"the parameter table's values", "id_service=3|quantity=1000|share_type=2", "12.00"},
		{"the PHP sample", "id_service=5|quantity=2000|geo-countries=US", "6.40"},
		{"geo-countries where none is asked for", "id_service=30|quantity=1000|geo-countries=nowhere", "0.60"},
		{"several countries", "id_service=5|quantity=1000|geo-countries=US,GB,DE", "3.20"},
		{"share types are read by 46 only", "id_service=30|quantity=500|share_type=99", "0.30"},
		{"share type 0", "id_service=46|quantity=100|share_type=0", "1.15"},
		{"share type 13", "id_service=46|quantity=100|share_type=13", "1.15"},
		{"share type 00", "id_service=46|quantity=100|share_type=00", "1.15"},
		{"share type 013", "id_service=46|quantity=100|share_type=013", "1.15"},
		{"share type not sent", "id_service=46|quantity=150", "1.73"}, // 1.725
		{"minimum", "id_service=30|quantity=500", "0.30"},
		{"maximum", "id_service=30|quantity=100000", "60.00"},
		{"as many lines and characters as must be", "id_service=35|quantity=10|comments=a b\nc d\ne f", "4.25"},
		{"leading zeros", "id_service=30|quantity=000750", "0.45"},
		{"first tier, last", "id_service=3|quantity=900", "12.15"},
		{"second tier, first", "id_service=3|quantity=1000", "12.00"},
		{"second tier, last", "id_service=3|quantity=9900", "118.80"},
		{"third tier, first", "id_service=3|quantity=10000", "105.00"},
		{"the page's order", "id_service=54|quantity=100000", "13.00"},
		{"drip", "id_service=3|quantity=1000|drip=1", "12.50"}, // 10 × 0.05
		{"no drip", "id_service=3|quantity=1000|drip=0", "12.00"},
		{"drip where there is none", "id_service=30|quantity=1000|drip=1", "0.60"},
		{"drip in a query's spelling of empty", "id_service=3|quantity=1000|drip=", "12.00"},
		{"an option", "id_service=80|quantity=1000|geotarget=21", "2.50"},
		{"multiply with a number", "id_service=55|quantity=1000|retention=30", "2.03"}, // 1.85 + 0.175 = 2.025
		{"multiply at the maximum", "id_service=55|quantity=1000|retention=600", "5.35"},
		{"add: whole steps only", "id_service=55|quantity=1000|retention=60|bonus_likes=149", "2.50"},                                        // 1.85 + 0.35 + 2 × 0.15
		{"add: not one whole step", "id_service=55|quantity=1000|retention=60|bonus_likes=49", "2.20"},                                       // 1.85 + 0.35
		{"add: a whole step", "id_service=55|quantity=1000|retention=60|bonus_likes=50", "2.35"},                                             // 1.85 + 0.35 + 0.15
		{"everything together, rounded once", "id_service=55|quantity=1500|retention=30|bonus_likes=60|drip=1", "3.19"},                      // 2.775 + 0.175 + 0.15 + 0.09 = 3.19
		{"add with a word takes the quantity", "id_service=46|quantity=2550|guarantee=lifetime", "29.53"},                                    // 29.325 + 2 × 0.10 = 29.525
		{"multiply with a word takes the quantity", "id_service=35|quantity=15|language=es|comments=first line\nsecond line\nthird", "6.49"}, // 6.375 + 0.1125 = 6.4875
		{"keyword of three characters", "id_service=55|quantity=1000|retention=30|keyword=äöü", "2.03"},
		{"keyword of sixty characters", "id_service=55|quantity=1000|retention=30|keyword=" + strings.Repeat("é", 60), "2.03"},
		{"an unknown parameter", "id_service=30|quantity=1000|color=red", "0.60"},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := world(t)
			var pairs []string
			for _, pair := range strings.Split(c.args, "|") {
				name, value, _ := strings.Cut(pair, "=")
				pairs = append(pairs, name, value)
			}
			id := mustPlace(t, w, noon, pairs...)
			assert.Equal(t, c.cost, stats(t, w, noon, id).Cost)
			cost, err := ParseMoney(c.cost)
			require.NoError(t, err)
			assert.Equal(t, Money(50860)-cost, w.Funds)
		})
	}
}

func TestFundsToTheLastCent(t *testing.T) {
	w := world(t)
	w.Funds = 60
	mustPlace(t, w, noon, "id_service", "30", "quantity", "1000")
	assert.Equal(t, "0.00", w.Funds.String())
	w.Funds = 59
	_, err := place(w, noon, "id_service", "30", "quantity", "1000")
	assert.Equal(t, []string{"insufficient-funds"}, refused(t, err))
	assert.Equal(t, "0.59", w.Funds.String())
}

func TestAddBound(t *testing.T) {
	w := world(t)
	w.limit = len(w.Submissions) + 1
	mustPlace(t, w, noon, "id_service", "30", "quantity", "1000")
	before := snapshot(t, w)
	_, err := place(w, noon, "id_service", "30", "quantity", "1000")
	assert.Equal(t, []string{"too-many-submissions"}, refused(t, err))
	assert.Equal(t, before, snapshot(t, w))
}

// TestOwnServices holds validators to rules that the catalog does not combine.
func TestOwnServices(t *testing.T) {
	w := world(t)
	w.Services = []*Service{{
		Listing: Listing{
			ID: "9", AmountMinimum: "1", AmountIncrement: "1", IsDrip: "0", DripCost: "5.00", TypeName: "own",
			Prices: []TierList{{Minimum: "1", Maximum: "10", PricingPer: "3", Price: "1.00"}},
			Params: []Param{
				{Field: "n", Validators: "min:-5|max:5|increment:5", IsPriceModifier: "1", ModifyType: "multiply", ModifyEvery: "2.5", ModifyBy: "1"},
				{Field: "o", Options: []Option{{Value: "a", Active: "1", ErrorSelection: "0"}, {Value: "b", Active: "0"}}},
			},
		},
		Delivery: Duration(1),
	}}
	require.NoError(t, w.Restore(fakes.Env{}))
	_, err := place(w, noon, "id_service", "30", "quantity", "1000")
	assert.Equal(t, []string{"service-unknown"}, refused(t, err), "own services replace the others")
	for args, want := range map[string]string{
		"n=-10": "param-below-min", "n=-3": "param-not-increment", "n=+5": "param-not-whole", "n=10": "param-above-max", "o=b": "param-not-an-option",
		"n=99999999999999999990": "param-above-max", "n=-99999999999999999990": "param-below-min", "n=9999999999999999999x": "param-not-whole",
		"n=99999999999999999999999990x": "param-not-whole", "n=-": "param-not-whole",
	} {
		name, value, _ := strings.Cut(args, "=")
		_, err := place(w, noon, "id_service", "9", "quantity", "1", name, value)
		assert.Equal(t, []string{want}, refused(t, err), args)
	}
	for args, want := range map[string]string{
		"x=": "0.33", "drip=1": "0.33", "o=a": "0.33", "n=5": "2.33", "n=0": "0.33",
		"n=-5": "0.73", // below 0 is no amount: the quantity, 1 / 2.5
	} {
		name, value, _ := strings.Cut(args, "=")
		id := mustPlace(t, w, noon, "id_service", "9", "quantity", "1", name, value)
		assert.Equal(t, want, stats(t, w, noon, id).Cost, args)
	}
	back := restored(t, w)
	mustPlace(t, back, noon, "id_service", "9", "quantity", "1")
	list, err := back.listServices(nil, struct{}{})
	require.NoError(t, err)
	require.Len(t, list, 1)
	assert.NotNil(t, list[0].Params[0].Options, "a list without entries is [], never null")
}

// The funds are looked at wherever the quantity has a price. What is wrong adds nothing to it: an order is said to be
// beyond the funds when it is so whatever comes in its place.
func TestFundsBesideOtherMistakes(t *testing.T) {
	for _, c := range []struct {
		funds Money
		args  string
		want  []string
	}{
		{0, "retention=30|keyword=ab", []string{"param-too-short", "insufficient-funds"}},
		{0, "retention=30|keyword=abc", []string{"insufficient-funds"}},
		{184, "keyword=abc", []string{"param-missing", "insufficient-funds"}}, // 1.85 and what retention will add
		{185, "keyword=abc", []string{"param-missing"}},
		{184, "retention=0", []string{"param-below-min", "insufficient-funds"}},
		{185, "retention=0", []string{"param-below-min"}},
		{185, "retention=600x", []string{"param-not-whole"}},
		{199, "retention=0|bonus_likes=50", []string{"param-below-min", "insufficient-funds"}}, // 1.85 + 0.15
		{200, "retention=0|bonus_likes=50", []string{"param-below-min"}},
		{200, "retention=0|bonus_likes=5000", []string{"param-below-min", "param-above-max"}},
		{190, "retention=0|drip=1", []string{"param-below-min", "insufficient-funds"}}, // 1.85 + 0.06
		{191, "retention=0|drip=1", []string{"param-below-min"}},
		{185, "retention=0|drip=2", []string{"param-below-min", "param-not-an-option"}},
		{0, "quantity=1001|retention=0", []string{"quantity-not-increment", "param-below-min"}},
	} {
		w := world(t)
		w.Funds = c.funds
		var pairs []string
		for _, pair := range strings.Split(c.args+"|id_service=55|quantity=1000", "|") { // the first of a name counts here
			name, value, _ := strings.Cut(pair, "=")
			pairs = append(pairs, name, value)
		}
		_, err := place(w, noon, pairs...)
		assert.Equal(t, c.want, refused(t, err), "%s, %s", c.funds, c.args)
	}
}
