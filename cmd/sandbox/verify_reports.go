package main

import (
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/mediasandbox/sandbox/verifier/report"
)

// reportFormatFlag is a format with a flag of its own.
type reportFormatFlag struct {
	name, usage string
	print       func(io.Writer, report.Results) error
}

// Variables of GitHub Actions.
const (
	actionsVariable = "GITHUB_ACTIONS"
	summaryVariable = "GITHUB_STEP_SUMMARY"
)

// openReports opens the files before anything is sent: a long run must not end with
// nowhere to write to.
func (v *verification) openReports() (map[string]*os.File, error) {
	out := map[string]*os.File{}
	for _, r := range reportFlags() {
		name := *v.files[r.name]
		if name == "" {
			continue
		}
		f, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE, 0o644) //nolint:gosec // a report is for others to read
		if err != nil {
			return nil, misused("--report-%s: %w", r.name, err)
		}
		out[r.name] = f
	}
	return out, nil
}

// report prints the results in all the ways that were asked for.
func (v *verification) report(results report.Results, files map[string]*os.File) error {
	p := v.p
	color := terminal(p.stdout) && p.getenv("NO_COLOR") == "" && p.getenv("TERM") != "dumb"
	if err := report.Terminal(p.stdout, results, color); err != nil {
		return failed("%w", err)
	}
	var errs []error
	for _, r := range reportFlags() {
		if f := files[r.name]; f != nil {
			if err := overwrite(f, func(w io.Writer) error { return r.print(w, results) }); err != nil {
				errs = append(errs, fmt.Errorf("--report-%s: %w", r.name, err))
			}
		}
	}
	if name := p.getenv(summaryVariable); name != "" {
		if err := appendTo(name, func(w io.Writer) error { return report.Markdown(w, results) }); err != nil {
			errs = append(errs, fmt.Errorf("%s: %w", summaryVariable, err))
		}
	}
	if p.getenv(actionsVariable) == "true" {
		errs = append(errs, report.Annotations(p.stdout, results))
	}
	if err := errors.Join(errs...); err != nil {
		return failed("%w", err)
	}
	return nil
}

// overwrite writes a file that is open, and closes it.
func overwrite(f *os.File, write func(io.Writer) error) error {
	err := f.Truncate(0)
	if errors.Is(err, os.ErrInvalid) || !regular(f) {
		err = nil // a pipe or a terminal has nothing to cut
	}
	if err == nil {
		err = write(f)
	}
	return errors.Join(err, f.Close())
}

func regular(f *os.File) bool {
	info, err := f.Stat()
	return err == nil && info.Mode().IsRegular()
}

func appendTo(name string, write func(io.Writer) error) error {
	f, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o644) //nolint:gosec // as the runner made it
	if err != nil {
		return err
	}
	return errors.Join(write(f), f.Close())
}
