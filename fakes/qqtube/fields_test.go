package qqtube

import (
	"math"
	"math/big"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestDivides compares with big numbers.
func TestDivides(t *testing.T) {
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	rnd := rand.New(rand.NewPCG(seed, 1)) //nolint:gosec // a test's numbers
	multiples := 0
	for range 3000 {
		step := 1 + rnd.Int64N([]int64{10, 1000, math.MaxInt64}[rnd.IntN(3)])
		n := new(big.Int).Mul(big.NewInt(rnd.Int64()), big.NewInt(rnd.Int64()))
		if rnd.IntN(2) == 0 {
			n.Mul(n, big.NewInt(step))
		}
		want := new(big.Int).Rem(n, big.NewInt(step)).Sign() == 0
		if want {
			multiples++
		}
		for _, sign := range []string{"", "-"} {
			require.Equal(t, want, divides(step, sign+"00"+n.String()), "%d and %s%s", step, sign, n)
		}
	}
	assert.Positive(t, multiples)
}

// Four times as long as a body may be is a moment's work; a big number would take a minute.
func TestDividesTakesTheLongest(t *testing.T) {
	longest := strings.Repeat("9", 4<<20)
	began := time.Now()
	assert.True(t, divides(9, longest))
	assert.False(t, divides(250, longest))
	assert.Less(t, time.Since(began), 10*time.Second)
}
