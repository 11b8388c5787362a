package main

import (
	"context"
	"log/slog"
	"time"

	"github.com/mediasandbox/sandbox/internal/callbacks"
	"github.com/mediasandbox/sandbox/internal/config"
	"github.com/mediasandbox/sandbox/internal/server"
)

// callbackGrace is how long callbacks on their way may take once the sandbox is told to
// stop, beside what requests in flight take.
const callbackGrace = 600 * time.Millisecond

// newCallbacks makes what delivers callbacks. Nothing runs before a tenant sets a target.
func newCallbacks(values config.Values, log *slog.Logger) *callbacks.Dispatcher {
	allow, err := callbacks.ParseAllow(values.String("callback-allow"))
	if err != nil { // its option has checked it; nothing is allowed then
		log.Error("callbacks go nowhere", "error", err.Error())
	}
	return callbacks.New(callbacks.Config{Allow: allow, Log: log})
}

// serve is server.Serve that ends the callbacks together with the requests: one that
// waits for a callback is not to be waited for.
func (r recording) serve(ctx context.Context, log *slog.Logger, ports ...server.Port) error {
	ctx, cancel := context.WithCancel(ctx)
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		<-ctx.Done()
		grace, cancel := context.WithTimeout(context.Background(), callbackGrace)
		defer cancel()
		r.callbacks.Close(grace)
	}()
	err := server.Serve(ctx, log, ports...)
	cancel()
	<-ended
	return err
}

func callbackAllow(value string) error {
	_, err := callbacks.ParseAllow(value)
	return err
}
