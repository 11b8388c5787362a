package main

import (
	"errors"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"slices"
	"strings"

	"github.com/mediasandbox/sandbox/fakes"
	"github.com/mediasandbox/sandbox/fakes/all"
	"github.com/mediasandbox/sandbox/internal/admin"
	"github.com/mediasandbox/sandbox/internal/config"
	"github.com/mediasandbox/sandbox/internal/server"
	"github.com/mediasandbox/sandbox/verifier"
)

// inProcess is the target without a network.
const inProcess = "fakes"

// targets makes the targets that the flags name.
func (v *verification) targets(values config.Values) ([]*verifier.Target, error) {
	names := v.against
	if len(names) == 0 {
		names = []string{v.target}
	}
	var out []*verifier.Target
	for i, name := range names {
		name = strings.TrimSpace(name)
		if slices.Contains(names[:i], name) {
			return nil, misused("--against: %s is named twice", name)
		}
		t, err := v.p.verifyTarget(name, values)
		if err != nil {
			return nil, err
		}
		if len(v.against) == 0 { // what is compared is taken as it is
			t.Defaults = fakeDefaults(all.APIs())
		}
		out = append(out, t)
	}
	return out, nil
}

// verifyTarget is the sandbox in process, one at a URL, or what a file says.
func (p *program) verifyTarget(name string, values config.Values) (*verifier.Target, error) {
	if name == inProcess {
		return p.fakesInProcess()
	}
	return p.remoteTarget(name, values, "fakes, a URL or a file such as examples/targets/real.yaml")
}

// remoteTarget is a target that answers at an address; thereAre says what a
// target can be.
func (p *program) remoteTarget(name string, values config.Values, thereAre string) (*verifier.Target, error) {
	switch {
	case strings.Contains(name, "://"):
		t, err := verifier.URL(name, values.String("admin-token"))
		if err != nil {
			return nil, misused("--target: %w", err)
		}
		return t, nil
	case name == "":
		return nil, misused("--target: %q is no target; a target is %s", name, thereAre)
	}
	return p.targetFile(name, thereAre)
}

// fakeDefaults are the settings of fakes at their default, which is what scenarios are
// written for.
func fakeDefaults(apis []fakes.API) map[string]string {
	out := map[string]string{}
	for _, api := range apis {
		for _, s := range api.Settings {
			out[api.Name+"."+s.Name] = s.Default
		}
	}
	return out
}

// targetFile reads a target file. Every mistake in it is told.
func (p *program) targetFile(name, thereAre string) (*verifier.Target, error) {
	data, err := os.ReadFile(name)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, misused("there is no target file %q; a target is %s", name, thereAre)
	case err != nil:
		return nil, misused("the target file: %w", err)
	}
	t, err := verifier.File(name, data, p.lookupEnv)
	if err != nil {
		return nil, p.wrong(err)
	}
	return t, nil
}

func (p *program) lookupEnv(name string) (string, bool) {
	for _, entry := range p.environ {
		if key, value, _ := strings.Cut(entry, "="); key == name {
			return value, true
		}
	}
	return "", false
}

// fakesInProcess is a sandbox as serve has it, with all settings at their default, so that
// a sandbox.yaml which happens to lie here changes nothing.
func (p *program) fakesInProcess() (*verifier.Target, error) {
	values, err := p.settings.Read(nil, nil, config.File{})
	if err != nil {
		return nil, failed("%w", err)
	}
	log := slog.New(slog.NewTextHandler(io.Discard, nil))
	host, err := newHost(values, log)
	if err != nil {
		return nil, err
	}
	return verifier.InProcess(server.New(host, server.Options{Log: log, Admin: admin.Config{Version: buildVersion(), Log: log}})), nil
}
