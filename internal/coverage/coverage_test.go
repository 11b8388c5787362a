package coverage_test

import (
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/mediasandbox/sandbox/internal/contract"
	"github.com/mediasandbox/sandbox/internal/coverage"
)

// shop is a contract of two operations with everything that coverage tells apart.
func shop() *contract.Document {
	outcome := func(name, source string) *contract.Outcome {
		return &contract.Outcome{Name: name, Summary: "About " + name + ".", Source: source}
	}
	bought := outcome("bought", contract.Documented)
	bought.Success = true
	broken := outcome(contract.InternalError, contract.Assumed)
	broken.Forced = true
	verb := outcome("verb-wrong", contract.Observed)
	return &contract.Document{
		Name: "shop",
		Operations: []*contract.Operation{
			{ID: "buy", Outcomes: []*contract.Outcome{bought, outcome("too-poor", contract.Documented), outcome("too-often", contract.Assumed), broken, verb}},
			{ID: "sell", Outcomes: []*contract.Outcome{bought, broken, verb}},
		},
		Common:    map[string]*contract.Outcome{"verb-wrong": verb, "lost": outcome("lost", contract.Assumed)},
		Unmatched: contract.Unmatched{Path: "lost", Method: "verb-wrong"},
	}
}

func TestReport(t *testing.T) {
	other := shop()
	other.Name = "other"
	c := coverage.NewCatalog(shop(), other)
	var run coverage.Run
	empty := run.Report(c)
	assert.Zero(t, empty.Percent)
	assert.Zero(t, empty.Total, "nothing was called")
	assert.Len(t, empty.APIs, 2)
	assert.Empty(t, empty.Missed())

	run.Meet(c, "shop", "buy", "bought")
	run.Meet(c, "shop", "buy", "bought")
	run.Meet(c, "shop", "buy", contract.InternalError)
	run.Meet(c, "shop", "", "lost")
	run.Meet(c, "shop", "buy", "verb-wrong")
	run.Meet(c, "shop", "buy", "")
	run.Meet(c, "nowhere", "buy", "bought")

	r := run.Report(c)
	assert.Equal(t, 2, r.Outside)
	assert.Equal(t, 3, r.Met, "bought, lost, verb-wrong; the forced one counts for nothing")
	assert.Equal(t, 6, r.Total)
	assert.InDelta(t, 50, r.Percent, 0)
	a := r.APIs[0]
	assert.True(t, a.Called)
	require.Len(t, a.Operations, 2)
	assert.Equal(t, coverage.Operation{Name: "buy", Called: true, Met: 1, Total: 3,
		Outcomes: []coverage.Outcome{
			{"bought", "About bought.", "documented", true, 2},
			{"too-poor", "About too-poor.", "documented", false, 0},
			{"too-often", "About too-often.", "assumed", false, 0},
		},
		Forced: []coverage.Outcome{{"internal-error", "About internal-error.", "assumed", false, 1}},
	}, a.Operations[0])
	assert.False(t, a.Operations[1].Called)
	assert.Equal(t, []coverage.Outcome{{"lost", "About lost.", "assumed", false, 1}, {"verb-wrong", "About verb-wrong.", "observed", false, 1}}, a.Unmatched)
	assert.False(t, r.APIs[1].Called)
	assert.Equal(t, 6, r.APIs[1].Total)

	var missed []string
	for _, m := range r.Missed() {
		missed = append(missed, m.String())
	}
	assert.Equal(t, []string{"shop buy: too-poor (About too-poor, documented)", "shop buy: too-often (About too-often, assumed)"}, missed)
	assert.Equal(t, []string{"shop sell"}, r.NotCalled())

	only := run.Report(c, "other")
	assert.Len(t, only.APIs, 1)
	assert.Zero(t, only.Total)

	run.Reset()
	assert.Zero(t, run.Report(c).Met)
}

func TestPercentIsRoundedDown(t *testing.T) {
	doc := &contract.Document{Name: "x"}
	op := &contract.Operation{ID: "op"}
	for range 2000 {
		op.Outcomes = append(op.Outcomes, &contract.Outcome{Name: string(rune('a' + len(op.Outcomes)))})
	}
	doc.Operations = []*contract.Operation{op}
	c := coverage.NewCatalog(doc)
	var run coverage.Run
	for _, o := range op.Outcomes[1:] {
		run.Meet(c, "x", "op", o.Name)
	}
	assert.InDelta(t, 99.9, run.Report(c).Percent, 0, "not all were met")
	run.Meet(c, "x", "op", op.Outcomes[0].Name)
	assert.InDelta(t, 100, run.Report(c).Percent, 0)
}

func TestMeetFromMany(t *testing.T) {
	c := coverage.NewCatalog(shop())
	var run coverage.Run
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for range 1000 {
				run.Meet(c, "shop", "buy", "too-poor")
			}
		})
	}
	wg.Wait()
	assert.Equal(t, 8000, run.Report(c).APIs[0].Operations[0].Outcomes[1].Count)
}

func BenchmarkMeet(b *testing.B) {
	c := coverage.NewCatalog(shop())
	var run coverage.Run
	b.ReportAllocs()
	for b.Loop() {
		run.Meet(c, "shop", "buy", "too-poor")
	}
}
