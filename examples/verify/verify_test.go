// Package verify shows the verifier as a Go test: ten lines that hold a vendor, or whatever
// stands in for one, to scenarios.
package verify

import (
	"os"
	"testing"

	"github.com/mediasandbox/sandbox/sandboxtest"
	"github.com/mediasandbox/sandbox/verifier"
)

func TestVotes(t *testing.T) {
	scenarios, err := verifier.Source{FS: os.DirFS("scenarios")}.Load()
	if err != nil {
		t.Fatal(err)
	}
	target, err := verifier.URL(sandboxtest.New(t).URL(), "") // or verifier.File, for the vendor itself
	if err != nil {
		t.Fatal(err)
	}
	report, err := verifier.Run(t.Context(), target, verifier.Options{}, scenarios...)
	if err != nil {
		t.Fatal(err)
	}
	for _, sc := range report.Scenarios {
		if sc.Verdict != verifier.Pass {
			t.Errorf("%s:%d: %s: %s %+v", sc.File, sc.Line, sc.Name, sc.Verdict, sc.Steps)
		}
	}
}
