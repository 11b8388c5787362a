package verifier_test

import (
	"encoding/json"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/mediasandbox/sandbox/fakes"
	"github.com/mediasandbox/sandbox/fakes/all"
	"github.com/mediasandbox/sandbox/internal/contract"
	"github.com/mediasandbox/sandbox/internal/faults"
	"github.com/mediasandbox/sandbox/internal/server"
	"github.com/mediasandbox/sandbox/scenarios"
	"github.com/mediasandbox/sandbox/specs/openapi"
	"github.com/mediasandbox/sandbox/verifier"
)

// sandbox is the whole sandbox without a network, as cmd/sandbox serves it.
func sandbox(t testing.TB) http.Handler {
	t.Helper()
	docs, err := openapi.LoadAll()
	require.NoError(t, err)
	breaker, err := faults.New(faults.Config{Documents: docs})
	require.NoError(t, err)
	host, err := fakes.New(fakes.Config{APIs: all.APIs(), Documents: docs, Seed: 1, Faulter: breaker, OnBreach: func(b fakes.Breach) { t.Errorf("breach: %s", b) }})
	require.NoError(t, err)
	return server.New(host, server.Options{})
}

// TestScenarios runs every scenario of the project against the fakes in process. One file
// or one flow: go test ./verifier -run 'TestScenarios/qqtube/order', or
// SCENARIOS='qqtube/.*' go test ./verifier -run TestScenarios.
func TestScenarios(t *testing.T) {
	report := runAll(t, verifier.InProcess(sandbox(t)), scenarios.Files, "scenarios/")
	if t.Failed() || os.Getenv("SCENARIOS") != "" {
		return
	}
	for _, api := range report.Coverage {
		documented, met, all := 0, 0, 0
		for _, op := range api.Operations {
			some := false
			for _, o := range op.Outcomes {
				all++
				if some = some || o.Met > 0; o.Met > 0 {
					met++
				}
				if o.Source == contract.Documented && !o.Forced {
					documented++
					assert.NotZero(t, o.Met, "%s %s %s is documented: %s", api.API, op.Operation, o.Outcome, o.Why)
				}
				assert.Equal(t, o.Met == 0, o.Why != "", "%s %s %s: what is not met says why", api.API, op.Operation, o.Outcome)
			}
			assert.True(t, some, "%s %s was not called", api.API, op.Operation)
		}
		t.Logf("%s: %d of %d outcomes met, all %d documented ones that a rule leads to", api.API, met, all, documented)
	}
	assert.Len(t, report.Coverage, len(openapi.APIs()))
}

// TestScenariosOverTheNetwork runs them again at a sandbox behind a port.
func TestScenariosOverTheNetwork(t *testing.T) {
	srv := httptest.NewServer(sandbox(t))
	defer srv.Close()
	target, err := verifier.URL(srv.URL, "")
	require.NoError(t, err)
	runAll(t, target, scenarios.Files, "scenarios/")
}

// TestExamples runs the examples of the language.
func TestExamples(t *testing.T) {
	runAll(t, verifier.InProcess(sandbox(t)), examples, "testdata/examples/")
}

// examples are scenarios for the tests of this package.
var examples = os.DirFS("testdata/examples")

func runAll(t *testing.T, target *verifier.Target, fsys fs.FS, prefix string) *verifier.Report {
	t.Helper()
	list, err := verifier.Source{FS: fsys, Prefix: prefix}.Load()
	require.NoError(t, err)
	o := verifier.Options{}
	if only := os.Getenv("SCENARIOS"); only != "" {
		o.Run = regexp.MustCompile(only)
	}
	report, err := verifier.Run(t.Context(), target, o, list...)
	require.NoError(t, err)
	for _, sc := range report.Scenarios {
		t.Run(strings.TrimSuffix(strings.TrimPrefix(sc.File, prefix), ".yaml"), func(t *testing.T) {
			show(t, sc)
		})
	}
	return report
}

// show prints what a scenario came to.
func show(t *testing.T, sc verifier.ScenarioResult) {
	t.Helper()
	switch sc.Verdict {
	case verifier.Pass:
		return
	case verifier.Skip:
		t.Skip(sc.Reason)
	}
	for _, st := range sc.Steps {
		for _, p := range st.Problems {
			line := p.Line
			if line == 0 {
				line = st.Line
			}
			t.Errorf("%s:%d: %s: %s (%s): %s%s\n  expected %s\n  actual   %s\n  contract %s", st.File, line, st.Name, p.Verdict, p.Class, p.What, at(p.Pointer), p.Expected, p.Actual, p.Contract)
		}
		if st.Exchange != nil && len(st.Problems) > 0 {
			t.Logf("  %s\n  %d %s", st.Exchange.Curl, st.Exchange.Status, st.Exchange.Reply)
			if st.Exchange.Diagnose != "" {
				t.Log(st.Exchange.Diagnose)
			}
		}
	}
}

func at(pointer string) string {
	if pointer == "" {
		return ""
	}
	return " at " + pointer
}

func documents(t testing.TB) map[string]*contract.Document {
	t.Helper()
	docs, err := openapi.LoadAll()
	require.NoError(t, err)
	return docs
}

func jsonOf(v any) (string, error) {
	data, err := json.Marshal(v)
	return string(data), err
}
