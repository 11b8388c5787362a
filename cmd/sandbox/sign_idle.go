package main

import (
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"github.com/mediasandbox/sandbox/internal/request"
)

// idle says which flags change nothing in what is sent, and why. Whether they do is found
// by building the request with another value, so that no scheme has to be known here.
func (s *signing) idle(cmd *cobra.Command, plan request.Plan, built *request.Built) {
	for _, f := range []struct {
		name, why string
		change    func(*request.Plan)
	}{
		{"at", "no time goes into this signature", func(p *request.Plan) { p.Signing.At = p.Signing.At.Add(time.Hour) }},
		{"salt", "no salt goes into this signature", func(p *request.Plan) { p.Signing.Salt += "x" }},
		{"multipart", "this request has no form", func(p *request.Plan) { p.Multipart = false }},
	} {
		event := f.name == "at" && plan.Body != nil // carries its time in a header
		if event || !cmd.Flags().Changed(f.name) {
			continue
		}
		other := plan
		f.change(&other)
		if again, err := other.Build(); err == nil && again.Curl() == built.Curl() {
			fmt.Fprintf(s.p.stderr, "sandbox: --%s changes nothing: %s\n", f.name, f.why)
		}
	}
}
