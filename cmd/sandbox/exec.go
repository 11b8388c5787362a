package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/http"
	"os"
	"os/exec"
	"os/signal"
	"slices"
	"strings"
	"syscall"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"github.com/mediasandbox/sandbox/fakes"
	"github.com/mediasandbox/sandbox/fakes/all"
	"github.com/mediasandbox/sandbox/internal/admin"
	"github.com/mediasandbox/sandbox/internal/config"
	"github.com/mediasandbox/sandbox/internal/journal"
	"github.com/mediasandbox/sandbox/internal/server"
)

// Exit codes of a command that was not run, as shells have them.
const (
	exitNotExecutable = 126
	exitNotFound      = 127
	exitSignalled     = 128 // plus the signal's number
)

// execTenant is the tenant that the command's traffic is counted for.
const execTenant = "exec"

func execCommand(p *program) *cobra.Command {
	var minimum float64
	var reports []string
	var tenant string
	cmd := &cobra.Command{
		Use:   "exec [flags] -- COMMAND [ARGUMENT…]",
		Short: "Run a command against a sandbox of its own",
		Long: `Starts a sandbox on a free port, makes a fresh tenant, runs the command and stops.

  sandbox exec -- go test ./...
  sandbox exec --min-coverage 40 --report coverage.md -- npm test

The command finds the sandbox in its environment: QQTUBE_BASE_URL, QQTUBE_API_KEY,
POLYV_BASE_URL, POLYV_USERID, POLYV_SECRETKEY and so on, as "sandbox env" prints them,
SANDBOX_URL for the admin API, and SANDBOX_TENANT for its ?tenant=. The loopback address
is added to NO_PROXY where there is a proxy.

Afterwards a summary on standard error says which operations and outcomes the command's
traffic met, and which documented failures it was never shown. Signals are passed on.

The exit code is the command's; 1 when it succeeded and met less than --min-coverage
percent of the outcomes of the APIs it called, forced ones aside; 128 and the signal's number
when a signal ended it; 126 when it cannot be run and 127 when there is none of that name;
2 wrong use.`,
		Args: cobra.ArbitraryArgs,
		RunE: func(cmd *cobra.Command, args []string) error {
			values, err := p.read(cmd)
			if err != nil {
				return err
			}
			e := execution{p: p, args: args, minimum: minimum, reports: reports, tenantID: tenant}
			if err := e.check(); err != nil {
				return err
			}
			return e.run(cmd.Context(), values)
		},
	}
	flags := cmd.Flags()
	flags.SetInterspersed(false) // "exec npm test --silent": the flags are the command's
	flags.Float64Var(&minimum, "min-coverage", 0, "fail below this percentage of outcomes met, of the APIs called and without forced ones")
	flags.StringArrayVar(&reports, "report", nil, "file for the coverage: .json, or .md for a CI summary; can be repeated")
	flags.StringVar(&tenant, "tenant", execTenant, "id of the tenant; default has the vendors' example credentials")
	names := append([]string{"seed", "log-level", "log-format", "explain-header", "max-body", "adversarial", "callback-allow"}, fakeSettings(all.APIs())...)
	return p.bound(cmd, names...)
}

// execution is one run of the command.
type execution struct {
	p        *program
	args     []string
	minimum  float64
	reports  []string
	tenantID string

	host   *fakes.Host
	tenant *fakes.Tenant
}

func (e *execution) check() error {
	switch {
	case len(e.args) == 0:
		return misused("exec wants a command: sandbox exec -- npm test")
	case !(e.minimum >= 0 && e.minimum <= 100): // NaN is neither
		return misused("--min-coverage: %v is not a percentage from 0 to 100", e.minimum)
	}
	for _, file := range e.reports {
		if !slices.Contains(reportFormats(), reportFormat(file)) {
			return misused("--report %q: its name tells the format; it ends in .%s", file, strings.Join(reportFormats(), " or ."))
		}
	}
	return nil
}

func (e *execution) run(ctx context.Context, values config.Values) error {
	for _, file := range e.reports {
		if err := writable(file); err != nil {
			return misused("--report: %w", err)
		}
	}
	url, stop, err := e.start(ctx, values)
	if err != nil {
		return err
	}
	code, err := e.command(url)
	if stopErr := stop(); err == nil {
		err = stopErr
	}
	if err != nil {
		return err
	}
	return e.finish(code)
}

// start runs a sandbox until stop is called, and returns once it is ready.
func (e *execution) start(ctx context.Context, values config.Values) (url string, stop func() error, err error) {
	log := e.p.logger(values)
	var record recording
	if e.host, record, err = recordedHost(values, log); err != nil {
		return "", nil, err
	}
	e.tenant = e.host.Default()
	if e.tenantID != fakes.DefaultTenant {
		if e.tenant, err = e.host.AddTenant(fakes.NewTenant{ID: e.tenantID}); err != nil {
			return "", nil, misused("--tenant %q: %w", e.tenantID, err)
		}
	}
	var lc net.ListenConfig
	l, err := lc.Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return "", nil, failed("%w", err)
	}
	// The signal that ends the command is not to end the sandbox first.
	running, cancel := context.WithCancel(context.WithoutCancel(ctx))
	done := make(chan error, 1)
	handler := server.New(e.host, server.Options{Log: log, Admin: admin.Config{
		Version: buildVersion(), Log: log, Metrics: record.metrics.Page, Callbacks: record.callbacks, Stopping: running,
	}})
	go func() { done <- record.serve(running, log, server.Port{Listener: l, Handler: handler}) }()
	stop = func() error {
		cancel()
		if err := <-done; err != nil {
			return failed("%w", err)
		}
		return nil
	}
	t := &target{url: baseURL(l.Addr()), http: localClient()}
	if err := t.ready(running, answerTimeout); err != nil {
		return "", nil, errors.Join(err, stop())
	}
	return t.url, stop, nil
}

// command runs the command and returns its exit code.
func (e *execution) command(url string) (int, error) {
	path, err := e.find(e.args[0])
	switch {
	case errors.Is(err, exec.ErrNotFound), errors.Is(err, fs.ErrNotExist):
		fmt.Fprintf(e.p.stderr, "sandbox: there is no command %q\n", e.args[0])
		return 0, exitStatus(exitNotFound)
	case err != nil:
		fmt.Fprintf(e.p.stderr, "sandbox: the command %q cannot be run: %s\n", e.args[0], err)
		return 0, exitStatus(exitNotExecutable)
	}
	signals := make(chan os.Signal, 8)
	for _, s := range []os.Signal{os.Interrupt, syscall.SIGTERM, syscall.SIGHUP, syscall.SIGQUIT} {
		if !signal.Ignored(s) { // as nohup has it; listening would end that
			signal.Notify(signals, s)
		}
	}
	defer signal.Stop(signals)
	child := exec.Command(path, e.args[1:]...) //nolint:gosec,noctx // it is what we are asked to run; signals end it
	child.Args[0] = e.args[0]
	child.Env = e.environ(url)
	child.Stdin, child.Stdout, child.Stderr = os.Stdin, unwrap(e.p.stdout), e.p.stderr
	if err := child.Start(); err != nil {
		fmt.Fprintf(e.p.stderr, "sandbox: the command %q cannot be run: %s\n", e.args[0], err)
		if errors.Is(err, fs.ErrNotExist) { // a script whose interpreter is missing
			return 0, exitStatus(exitNotFound)
		}
		return 0, exitStatus(exitNotExecutable)
	}
	ended := make(chan error, 1)
	go func() { ended <- child.Wait() }()
	for {
		select {
		case s := <-signals:
			e.pass(child.Process, s)
		case err := <-ended:
			return exitCode(child.ProcessState, err)
		}
	}
}

// find looks the command up in the PATH that it will be run with, which is ours.
func (e *execution) find(name string) (string, error) {
	path, err := exec.LookPath(name)
	if errors.Is(err, exec.ErrDot) { // a PATH with ".": a shell would take it, too
		return path, nil
	}
	return path, err
}

// pass sends a signal on. A terminal has sent its own to the command already.
func (e *execution) pass(child *os.Process, s os.Signal) {
	fromTerminal := s == os.Interrupt || s == syscall.SIGQUIT || s == syscall.SIGHUP
	if fromTerminal && term.IsTerminal(int(os.Stdin.Fd())) { //nolint:gosec // a descriptor is small
		return
	}
	child.Signal(s) //nolint:errcheck // it has ended at this very moment
}

func exitCode(state *os.ProcessState, err error) (int, error) {
	if state == nil {
		return 0, failed("%w", err)
	}
	if status, ok := state.Sys().(syscall.WaitStatus); ok && status.Signaled() {
		return exitSignalled + int(status.Signal()), nil
	}
	return state.ExitCode(), nil
}

// environ is the environment of the command.
func (e *execution) environ(url string) []string {
	r, err := http.NewRequest(http.MethodGet, url, nil) //nolint:noctx // it is never sent
	if err != nil {
		return e.p.environ // a URL of our own is none that can be wrong
	}
	u := universe{Credentials: map[string]map[string]string{}}
	var apis []string
	for _, api := range e.host.APIs() {
		apis = append(apis, api.Name)
	}
	u.BaseURLs = admin.BaseURLs(r, "", e.tenant, apis)
	for _, api := range apis {
		credential := map[string]string{}
		for key, value := range e.tenant.Accounts(api)[0].Credential {
			credential[key] = strings.ReplaceAll(value, fakes.BasePlace, u.BaseURLs[api])
		}
		u.Credentials[api] = credential
	}
	set := append(u.variables(), variable{urlVariable, url}, variable{tenantVariable, e.tenant.ID})
	set = append(set, e.noProxy()...)
	out := slices.DeleteFunc(slices.Clone(e.p.environ), func(entry string) bool {
		name, _, _ := strings.Cut(entry, "=")
		return slices.ContainsFunc(set, func(v variable) bool { return v.name == name })
	})
	for _, v := range set {
		out = append(out, v.name+"="+v.value)
	}
	return out
}

// noProxy keeps the command's requests away from a proxy, which could not reach us.
func (e *execution) noProxy() (out []variable) {
	proxied := slices.ContainsFunc([]string{"HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"}, func(name string) bool { return e.p.getenv(name) != "" })
	if !proxied {
		return nil
	}
	for _, name := range []string{"NO_PROXY", "no_proxy"} {
		value := "127.0.0.1,localhost"
		if old := e.p.getenv(name); old != "" {
			value = old + "," + value
		}
		out = append(out, variable{name, value})
	}
	return out
}

// finish prints and writes what was covered, and returns the command's exit code as an error.
func (e *execution) finish(code int) error {
	kept := journal.Of(e.tenant)
	if kept == nil {
		return failed("the sandbox keeps no journal")
	}
	report, ok := kept.Coverage()
	if !ok {
		return failed("the sandbox counts no coverage")
	}
	e.summarize(e.p.stderr, report)
	for _, file := range e.reports {
		if err := writeCoverage(file, report); err != nil {
			return misused("--report: %w", err)
		}
	}
	switch {
	case code != exitOK:
		return exitStatus(code)
	case report.Percent < e.minimum:
		fmt.Fprintf(e.p.stderr, "sandbox: %s%% of the outcomes were met, less than the %s%% of --min-coverage\n", percent(report.Percent), percent(e.minimum))
		return exitStatus(exitFailed)
	}
	return nil
}

// strays counts the requests that were not the tenant's: the client has credentials, and a
// base URL, of its own.
func (e *execution) strays() int {
	if other := journal.Of(e.host.Default()); other != nil && !e.tenant.Default {
		return other.Count(journal.Filter{}).Count
	}
	return 0
}

// localClient is for requests to this machine.
func localClient() *http.Client {
	return &http.Client{Timeout: answerTimeout, Transport: &http.Transport{DisableKeepAlives: true}}
}
