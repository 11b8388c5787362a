package verifier_test

import (
	"context"
	"fmt"
	"os"

	"github.com/mediasandbox/sandbox/fakes"
	"github.com/mediasandbox/sandbox/fakes/all"
	"github.com/mediasandbox/sandbox/internal/server"
	"github.com/mediasandbox/sandbox/specs/openapi"
	"github.com/mediasandbox/sandbox/verifier"
)

// A report is a value: what "sandbox verify" prints is one way to look at it.
func Example() {
	docs, err := openapi.LoadAll()
	if err != nil {
		panic(err)
	}
	host, err := fakes.New(fakes.Config{APIs: all.APIs(), Documents: docs})
	if err != nil {
		panic(err)
	}

	scenarios, err := verifier.Source{FS: os.DirFS("../scenarios"), Prefix: "scenarios/"}.Load()
	if err != nil {
		panic(err) // verifier.Mistakes: every mistake in every file, with its place
	}
	target := verifier.InProcess(server.New(host, server.Options{}))
	report, err := verifier.Run(context.Background(), target, verifier.Options{APIs: []string{"interstream"}}, scenarios...)
	if err != nil {
		panic(err)
	}
	bad := 0
	for _, sc := range report.Scenarios {
		if sc.Verdict != verifier.Pass && sc.Verdict != verifier.Skip {
			bad++
			fmt.Println(sc.File, sc.Name, sc.Verdict)
		}
	}
	fmt.Println(bad, "of Interstream's scenarios are not as they should be")
	// Output: 0 of Interstream's scenarios are not as they should be
}
