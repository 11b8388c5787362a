package main

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net"
	"runtime/debug"
	"strconv"
	"time"

	"github.com/spf13/cobra"

	"github.com/mediasandbox/sandbox/fakes"
	"github.com/mediasandbox/sandbox/fakes/all"
	"github.com/mediasandbox/sandbox/internal/admin"
	"github.com/mediasandbox/sandbox/internal/config"
	"github.com/mediasandbox/sandbox/internal/durable"
	"github.com/mediasandbox/sandbox/internal/faults"
	"github.com/mediasandbox/sandbox/internal/server"
	"github.com/mediasandbox/sandbox/internal/store"
	"github.com/mediasandbox/sandbox/specs/openapi"
)

func serveCommand(p *program) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "serve",
		Short: "Answer as the vendors until interrupted",
		Long: `Answers as the vendors until it is interrupted, and stops within a second.

The first line on standard output is "listening on URL", when requests are answered;
then come the base URLs, the credentials of the default tenant, and a line to try.`,
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			values, err := p.read(cmd)
			if err != nil {
				return err
			}
			return p.serve(cmd.Context(), values)
		},
	}
	return p.bound(cmd)
}

// gcPercent lets the heap grow to five times what lives. A sandbox keeps a few megabytes,
// so that at Go's default the collector runs every few hundred calls under load; at
// rest, nothing grows. GOGC overrules it.
const gcPercent = 400

func (p *program) serve(ctx context.Context, values config.Values) error {
	if p.getenv("GOGC") == "" {
		debug.SetGCPercent(gcPercent)
	}
	log := p.logger(values)
	on, err := listen(ctx, values)
	if err != nil {
		return err
	}
	var host *fakes.Host
	var record recording
	var keeping io.Closer = io.NopCloser(nil)
	if dir := values.String("data"); dir != "" {
		var kept *durable.Host
		if kept, record, err = keptHost(values, log, dir); err == nil {
			host, keeping = kept.Host, kept
		}
	} else {
		host, record, err = recordedHost(values, log)
	}
	if err != nil {
		on.close()
		return err
	}
	o := server.Options{Log: log, Admin: admin.Config{
		Token: values.String("admin-token"), Hosts: adminHosts(values), Version: buildVersion(), Log: log,
		Metrics: record.metrics.Page, Callbacks: record.callbacks, Stopping: ctx,
	}}
	connections := int(values.Int("max-connections"))
	o.MaxRequests = connections // also where one connection carries many
	var ports []server.Port
	if on.admin != nil {
		_, o.Admin.APIPort, _ = net.SplitHostPort(on.api.Addr().String())
		o.AdminURL = baseURL(on.admin.Addr()) + admin.Prefix
		ports = append(ports, server.Port{Listener: on.admin, Handler: server.NewAdmin(host, o), MaxConnections: connections})
	}
	ports = append(ports, server.Port{Listener: on.api, Handler: server.New(host, o), MaxConnections: connections})
	guarded := on.api
	if on.admin != nil {
		guarded = on.admin
	}
	if !loopback(guarded.Addr()) && o.Admin.Token == "" {
		log.Warn("the admin API is open to everybody who can reach this address; set --admin-token", "address", guarded.Addr().String())
	}
	if err := p.greet(host, on, o.AdminURL, o.Admin.Token != ""); err != nil {
		on.close()
		return errors.Join(err, keeping.Close())
	}
	// Reading the contracts leaves garbage that nothing else would collect for long.
	tidy := time.AfterFunc(time.Second, debug.FreeOSMemory)
	defer tidy.Stop()
	if err := errors.Join(record.serve(ctx, log, ports...), keeping.Close()); err != nil {
		return failed("%w", err)
	}
	return nil
}

// hostConfig is what the settings say of a host. Its recording is to watch the host.
func hostConfig(values config.Values, log *slog.Logger) (fakes.Config, recording, error) {
	docs, err := openapi.LoadAll()
	if err != nil {
		return fakes.Config{}, recording{}, failed("%w", err)
	}
	breaker, err := faults.New(faults.Config{Documents: docs, Always: adversarial(values)})
	if err != nil {
		return fakes.Config{}, recording{}, failed("%w", err)
	}
	apis := all.APIs()
	chosen := map[string]string{}
	for _, api := range apis {
		for _, s := range api.Settings {
			name := api.Name + "." + s.Name
			chosen[name] = values.Text(name)
		}
	}
	record := newRecording(values, docs, newCallbacks(values, log))
	return fakes.Config{
		Recorder: record.metrics, Faulter: breaker, OnEvents: record.callbacks.OnEvents,
		APIs: apis, Documents: docs, Seed: uint64(values.Int("seed")), Settings: chosen, Log: log, //nolint:gosec // positive, as its option says
		MaxBody: values.Size("max-body"), MaxTenants: int(values.Int("max-tenants")), ExplainHeader: values.Bool("explain-header"),
	}, record, nil
}

// adversarial are the faults that every tenant begins with, none unless they are asked for.
func adversarial(values config.Values) []faults.Spec {
	share, err := strconv.ParseFloat(values.String("adversarial"), 64) // its option has checked it
	if err != nil || share == 0 {
		return nil
	}
	return faults.Adversarial(share, uint64(values.Int("seed"))) //nolint:gosec // positive, as its option says
}

// newHost makes a host that lives as long as the process.
func newHost(values config.Values, log *slog.Logger) (*fakes.Host, error) {
	host, _, err := recordedHost(values, log)
	return host, err
}

// recordedHost is newHost that also returns what is recorded.
func recordedHost(values config.Values, log *slog.Logger) (*fakes.Host, recording, error) {
	cfg, record, err := hostConfig(values, log)
	if err != nil {
		return nil, record, err
	}
	host, err := fakes.New(cfg)
	if err != nil {
		return nil, record, failed("%w", err)
	}
	record.watch(host)
	return host, record, nil
}

// keptHost makes a host whose state the folder keeps.
func keptHost(values config.Values, log *slog.Logger, dir string) (*durable.Host, recording, error) {
	cfg, record, err := hostConfig(values, log)
	if err != nil {
		return nil, record, err
	}
	host, err := durable.Open(cfg, dir, store.Policy(values.Text("fsync")))
	if err != nil {
		return nil, record, explainStore(err)
	}
	record.watch(host.Host)
	return host, record, nil
}

// adminHosts are the names that were allowed, and those under which we were told to listen.
func adminHosts(values config.Values) []string {
	hosts := splitHosts(values.String("admin-hosts"))
	for _, name := range []string{"listen", "admin-listen"} {
		if host, _, err := net.SplitHostPort(values.String(name)); err == nil && host != "" {
			hosts = append(hosts, host)
		}
	}
	return hosts
}

func loopback(addr net.Addr) bool {
	tcp, ok := addr.(*net.TCPAddr)
	return ok && tcp.IP.IsLoopback()
}

// baseURL is a URL by which this machine reaches a listener.
func baseURL(addr net.Addr) string {
	tcp, ok := addr.(*net.TCPAddr)
	if ok && tcp.IP.IsUnspecified() {
		_, port, _ := net.SplitHostPort(addr.String())
		return "http://" + net.JoinHostPort("127.0.0.1", port)
	}
	return "http://" + addr.String()
}
