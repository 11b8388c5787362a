package main

import (
	"context"
	"time"

	"github.com/spf13/cobra"

	"github.com/mediasandbox/sandbox/internal/config"
)

func healthcheckCommand(p *program) *cobra.Command {
	var wait time.Duration
	cmd := &cobra.Command{
		Use:   "healthcheck",
		Short: "Ask a running sandbox whether it is ready",
		Long: `Asks a running sandbox whether it is ready. Prints nothing when it is.

Without --url and SANDBOX_URL it asks the sandbox that has the same settings: in a
container, the one beside it.`,
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			values, err := p.read(cmd)
			if err != nil {
				return err
			}
			t, err := p.target(cmd, values, "listen")
			if err != nil {
				return err
			}
			return t.ready(cmd.Context(), wait)
		},
	}
	cmd.Flags().String("url", "", "URL of the sandbox")
	config.DurationVar(cmd.Flags(), &wait, "wait", "how long to wait for it to be ready")
	return p.bound(cmd, "listen")
}

// ready returns nil once the sandbox is ready, trying again for as long as wait.
func (t *target) ready(ctx context.Context, wait time.Duration) error {
	const pause = 20 * time.Millisecond
	for end := time.Now().Add(wait); ; {
		var status struct {
			Status string `json:"status"`
		}
		err := t.get(ctx, "/readyz", &status)
		switch {
		case err == nil && status.Status == "ready":
			return nil
		case err == nil:
			err = failed("%s does not answer as a sandbox does", t.url)
		}
		if time.Now().Add(pause).After(end) {
			return err
		}
		select {
		case <-time.After(pause):
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
}
