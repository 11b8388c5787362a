package verifier_test

import (
	"encoding/json"
	"fmt"
	"github.com/mediasandbox/sandbox/verifier"
	"os"
	"testing"
	"time"
)

func TestZZCov(t *testing.T) {
	scs, err := verifier.Source{FS: os.DirFS("../scenarios"), Prefix: "scenarios/"}.Load()
	if err != nil {
		t.Fatal(err)
	}
	st := time.Now()
	rep, err := verifier.Run(t.Context(), verifier.InProcess(sandbox(t)), verifier.Options{}, scs...)
	if err != nil {
		t.Fatal(err)
	}
	fmt.Println(time.Since(st), rep.Sent, len(rep.Scenarios))
	for _, a := range rep.Coverage {
		met, all, doc, docmet := 0, 0, 0, 0
		for _, o := range a.Operations {
			for _, c := range o.Outcomes {
				all++
				if c.Met > 0 {
					met++
				}
				if c.Source == "documented" && !c.Forced {
					doc++
					if c.Met > 0 {
						docmet++
					} else {
						fmt.Println("  ", a.API, o.Operation, c.Outcome, c.Why)
					}
				}
			}
		}
		fmt.Println(a.API, met, all, docmet, doc)
	}
	b, _ := json.Marshal(rep)
	os.WriteFile("/tmp/rep.json", b, 0o644)
	fmt.Println(len(b))
}
