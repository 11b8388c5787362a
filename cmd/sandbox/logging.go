package main

import (
	"io"
	"log/slog"
	"os"

	"golang.org/x/term"

	"github.com/mediasandbox/sandbox/internal/config"
)

// logger logs to standard error: standard output is for what was asked for.
func (p *program) logger(values config.Values) *slog.Logger {
	level := map[string]slog.Level{
		"debug": slog.LevelDebug, "info": slog.LevelInfo, "warn": slog.LevelWarn, "error": slog.LevelError,
	}[values.String("log-level")]
	options := &slog.HandlerOptions{Level: level}
	format := values.String("log-format")
	if format == "text" || (format == "auto" && terminal(p.stderr)) {
		return slog.New(slog.NewTextHandler(p.stderr, options))
	}
	return slog.New(slog.NewJSONHandler(p.stderr, options))
}

func terminal(w io.Writer) bool {
	f, ok := unwrap(w).(*os.File)
	return ok && term.IsTerminal(int(f.Fd())) //nolint:gosec // a descriptor is small
}
