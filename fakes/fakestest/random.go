package fakestest

import (
	"math/rand/v2"
	"os"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// seedVariable names the variable that repeats a run: MODEL_SEED=17 go test ./fakes/…
const seedVariable = "MODEL_SEED"

// Random returns a source for a test that draws at random. Its seed is printed, and
// MODEL_SEED sets it.
func Random(t testing.TB) *rand.Rand {
	t.Helper()
	seed := uint64(time.Now().UnixNano()) //nolint:gosec // positive until 2262
	if text := os.Getenv(seedVariable); text != "" {
		var err error
		seed, err = strconv.ParseUint(text, 10, 64)
		require.NoError(t, err, seedVariable)
	}
	t.Logf("%s=%d repeats this", seedVariable, seed)
	return rand.New(rand.NewPCG(seed, 1)) //nolint:gosec // reproducible on purpose
}

// Steps is how long a model test runs.
func Steps() int {
	if testing.Short() {
		return 1000
	}
	return 10_000
}
