package mutation

import (
	"net/http"
	"os"
	"sort"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/mediasandbox/sandbox/fakes"
	"github.com/mediasandbox/sandbox/fakes/all"
	"github.com/mediasandbox/sandbox/internal/contract"
	"github.com/mediasandbox/sandbox/internal/server"
	"github.com/mediasandbox/sandbox/signature"
	"github.com/mediasandbox/sandbox/specs/openapi"
	"github.com/mediasandbox/sandbox/verifier"
)

// mutation is one way of being wrong.
type mutation struct {
	name string
	// spoil makes the spoiler anew for each run; one that remembers starts empty.
	spoil func() spoiler
	// survives is why the verifier cannot notice it; "" for what it must notice.
	survives string
}

// bench is what all mutations share.
type bench struct {
	docs      map[string]*contract.Document
	apis      []fakes.API
	scenarios []*verifier.Scenario
}

func newBench(t *testing.T) *bench {
	t.Helper()
	docs, err := openapi.LoadAll()
	require.NoError(t, err)
	scenarios, err := verifier.Source{FS: os.DirFS("../../scenarios"), Prefix: "scenarios/", Documents: docs}.Load()
	require.NoError(t, err)
	return &bench{docs: docs, apis: all.APIs(), scenarios: scenarios}
}

func (b *bench) handler(t *testing.T, api fakes.API) http.Handler {
	t.Helper()
	host, err := fakes.New(fakes.Config{APIs: []fakes.API{api}, Documents: b.docs, Seed: 1})
	require.NoError(t, err)
	return server.New(host, server.Options{})
}

// run runs the API's scenarios and returns the first that is not as it should be, with
// what is wrong.
func (b *bench) run(t *testing.T, api string, s *spoiler) (noticed string) {
	t.Helper()
	target := verifier.InProcess(spoilt(t, b, api, s))
	rep, err := verifier.Run(t.Context(), target, verifier.Options{APIs: []string{api}, FailFast: true, Jobs: 2}, b.scenarios...)
	require.NoError(t, err)
	for _, sc := range rep.Scenarios {
		if sc.Verdict == verifier.Pass || sc.Verdict == verifier.Skip {
			continue
		}
		for _, st := range sc.Steps {
			if len(st.Problems) > 0 {
				p := st.Problems[0]
				return sc.Name + ": " + st.Name + ": " + string(p.Verdict) + ": " + p.What + " " + p.Pointer
			}
		}
		return sc.Name + ": " + string(sc.Verdict)
	}
	return ""
}

// mutations are all of them, by API.
func mutations() map[string][]mutation {
	return map[string][]mutation{
		"qqtube": qqtube(), "polyv": polyv(), "cliparto": cliparto(), "qulive": qulive(), "interstream": interstream(),
	}
}

// share is how many of the mutations the verifier must notice, in percent.
const share = 95

func TestVerifierNotices(t *testing.T) {
	b := newBench(t)
	var noticed, total atomic.Int64
	begun := time.Now()
	t.Run("each", func(t *testing.T) {
		for api, list := range mutations() {
			for i, m := range list {
				if testing.Short() && i%8 != 0 {
					continue
				}
				t.Run(api+"/"+strings.ReplaceAll(m.name, " ", "-"), func(t *testing.T) {
					t.Parallel()
					s := m.spoil()
					got := b.run(t, api, &s)
					total.Add(1)
					switch {
					case got != "":
						noticed.Add(1)
						t.Log(got)
						assert.Empty(t, m.survives, "it is noticed after all: %s", got)
					case m.survives == "":
						t.Error("the verifier does not notice")
					default:
						t.Logf("survives: %s", m.survives)
					}
				})
			}
		}
	})
	n, of := noticed.Load(), total.Load()
	t.Logf("%d of %d mutations noticed in %s", n, of, time.Since(begun).Round(time.Millisecond))
	if of >= 50 { // not with -run
		assert.GreaterOrEqual(t, n*100, of*share, "the verifier must notice %d %%", share)
	}
}

// Without a spoiler all is well: what is noticed above is the mutation, not the bench.
func TestUnspoiltPasses(t *testing.T) {
	b := newBench(t)
	for api := range mutations() {
		t.Run(api, func(t *testing.T) {
			t.Parallel()
			s := spoiler{
				before:  func(*signature.Request, signature.Context) {},
				verdict: func(v signature.Verdict, _ *signature.Request, _ signature.Context) signature.Verdict { return v },
				params:  func(string, signature.Values) {},
				reply:   func(r *reply) { r.json(func(v any) any { return v }) },
			}
			assert.Empty(t, b.run(t, api, &s))
		})
	}
}

// There are enough of them, over all APIs, under names of their own.
func TestMutationsAreMany(t *testing.T) {
	total := 0
	var survivors []string
	for api, list := range mutations() {
		assert.GreaterOrEqual(t, len(list), 8, api)
		seen := map[string]bool{}
		for _, m := range list {
			assert.False(t, seen[m.name], "%s: %s", api, m.name)
			seen[m.name] = true
			if m.survives != "" {
				survivors = append(survivors, api+"/"+m.name+": "+m.survives)
			}
		}
		total += len(list)
	}
	assert.GreaterOrEqual(t, total, 60)
	assert.LessOrEqual(t, len(survivors)*100, total*(100-share))
	sort.Strings(survivors)
	t.Logf("%d mutations; survivors: %v", total, survivors)
}
