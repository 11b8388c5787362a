package main

import (
	"errors"
	"io/fs"
	"net"
	"os"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/mediasandbox/sandbox/fakes"
	"github.com/mediasandbox/sandbox/fakes/all"
	"github.com/mediasandbox/sandbox/internal/callbacks"
	"github.com/mediasandbox/sandbox/internal/config"
	"github.com/mediasandbox/sandbox/internal/store"
)

// variables is what the variables of settings begin with.
const variables = "SANDBOX_"

// defaultFile is read when it is there and no other is named.
const defaultFile = "sandbox.yaml"

// Variables that begin like settings and are none.
const (
	fileVariable = variables + "CONFIG" // the file of settings
	urlVariable  = variables + "URL"    // a running sandbox, for commands that talk to one

	tenantVariable = variables + "TENANT" // its tenant; "sandbox exec" sets both
)

// settings returns the one table of settings: those of the sandbox, then those of each fake.
func settings() (*config.Set, error) {
	options := []config.Option{
		{
			Name: "listen", Kind: config.String, Default: "127.0.0.1:7311", Check: address,
			Usage: "address and port to answer on",
			Why:   "Loopback, because the admin API can change everything. Port 0 takes a free one; the first line printed names it.",
		},
		{
			Name: "seed", Kind: config.Int, Default: "1", Check: config.Positive,
			Usage: "seed of all generated data, from 1 to 9223372036854775807",
			Why:   "The same seed and the same calls give the same bytes.",
		},
		{
			Name: "admin-token", Kind: config.String, Secret: true,
			Usage: "bearer token that the admin API wants",
			Why:   "Without one, whoever reaches the port can read and change everything. Set it wherever others can.",
		},
		{
			Name: "admin-listen", Kind: config.String, Check: address,
			Usage: "address and port for the admin API, away from the APIs",
			Why:   "Then the APIs can be open to a network and the admin API to this machine only.",
		},
		{
			Name: "admin-hosts", Kind: config.String, Check: hostNames,
			Usage: "host names of the admin API besides localhost and addresses, separated by commas; * for any",
			Why:   "Under other names it is closed, because a web page can point its own name at a loopback address. A service name such as sandbox in a compose file wants to be listed.",
		},
		{
			Name: "callback-allow", Kind: config.String, Default: callbacks.AllowDefault, None: "none", Check: callbackAllow,
			Usage: "where callbacks may be sent: host, host:port, address or range, separated by commas; loopback, none",
			Why:   "A tenant names the URL, and the sandbox connects to it from inside your network. A name does not lead to loopback, link-local or metadata addresses; those want an entry by address.",
		},
		{
			Name: "log-format", Kind: config.Enum, Default: "auto", Values: []string{"auto", "text", "json"},
			Usage: "how to log to standard error",
			Why:   "auto is text on a terminal and JSON otherwise.",
		},
		{
			Name: "log-level", Kind: config.Enum, Default: "info", Values: []string{"debug", "info", "warn", "error"},
			Usage: "the least that is logged",
			Why:   "A reply outside its contract, and a handler that failed, are errors; debug also has a line for each request, without its query.",
		},
		{
			Name: "explain-header", Kind: config.Bool, Default: "false",
			Usage: "say in the header Sandbox-Explain why a signature was refused",
			Why:   "The vendors send no such header, so that it is off.",
		},
		{
			Name: "adversarial", Kind: config.String, Default: "0", None: "0", Check: share,
			Usage: "share of calls to trouble, such as 0.05, in ways that a correct client survives",
			Why:   "Delays, broken connections, 503, half bodies: what happens at a vendor and not in tests. Which calls follows from --seed.",
		},
		{
			Name: "max-body", Kind: config.Size, Default: "1MiB", Check: config.Positive,
			Usage: "largest body of a request to an API",
			Why:   "A larger one is refused with 413. No vendor says what it does then; the calls of their pages need a few kilobytes.",
		},
		{
			Name: "max-tenants", Kind: config.Int, Default: "200000", Check: config.Positive,
			Usage: "how many tenants there may be at once",
			Why:   "A loop that makes tenants and deletes none ends in an error, not in a machine without memory.",
		},
		{
			Name: "max-connections", Kind: config.Int, Default: "10000", Check: notNegative,
			Usage: "how many connections may be open at once; 0 for any number",
			Why:   "Further ones wait until one is closed. As many requests are answered at once; further ones, which only HTTP/2 brings, are refused with 503.",
		},
		{
			Name: "journal-entries", Kind: config.Int, Default: "1000", Check: config.Positive,
			Usage: "how many of a tenant's requests the journal keeps",
			Why:   "The oldest go first. What a count or a wait could not see any more it says of itself.",
		},
		{
			Name: "journal-bytes", Kind: config.Size, Default: "4MiB", Check: config.Positive,
			Usage: "how large a tenant's journal may be",
			Why:   "Of a body it keeps the first 64 KiB. The latest request is kept whatever its size.",
		},
		{
			Name: "journal-total", Kind: config.Size, Default: "256MiB", Check: config.Positive,
			Usage: "how large the journals of all tenants may be together",
			Why:   "Those of tenants that were not used for longest go first.",
		},
		{
			Name: "data", Kind: config.String,
			Usage: "folder that keeps tenants and their state over restarts",
			Why:   "Without one nothing is ever written: a sandbox in CI starts fresh. With one, every change is in its log before the caller is answered. It keeps tenants with their worlds, clocks and settings; checkpoints, faults, the journal and the targets of callbacks are in memory and gone after a restart.",
		},
		{
			Name: "fsync", Kind: config.Enum, Default: string(store.Always), Values: []string{string(store.Always), string(store.Interval), string(store.Never)},
			Usage: "when a change in --data is forced to the disk",
			Why:   "always survives a power cut, interval loses at most 100 ms to one, never leaves it to the system. A killed process loses nothing under any of them.",
		},
	}
	for _, api := range all.APIs() {
		for _, s := range api.Settings {
			options = append(options, fakeOption(api.Name, s))
		}
	}
	return config.New(variables, options, fileVariable, urlVariable, tenantVariable)
}

func fakeOption(api string, s fakes.Setting) config.Option {
	o := config.Option{
		Name: api + "." + s.Name, Kind: config.Enum, Default: s.Default, Values: s.Values,
		Usage: api + ": " + strings.ReplaceAll(s.Name, "-", " "), Why: s.Why,
	}
	if s.Values == nil {
		o.Kind, o.Check = config.Duration, config.Positive
	}
	return o
}

// bound defines the flags of the named settings, of all without names, and --config.
func (p *program) bound(cmd *cobra.Command, names ...string) *cobra.Command {
	p.settings.Bind(cmd.Flags(), names...)
	for _, o := range p.settings.Options() {
		if o.Kind == config.Bool {
			o.Values = []string{"true", "false"}
		}
		if len(o.Values) > 0 && cmd.Flags().Lookup(o.Flag()) != nil {
			completes(cmd, o.Flag(), o.Values...)
		}
	}
	cmd.Flags().String("config", "", "file of settings (default sandbox.yaml, when there is one)")
	return cmd
}

// read returns the settings for a command that has bound some of their flags.
func (p *program) read(cmd *cobra.Command) (config.Values, error) {
	file, err := p.file(cmd)
	if err != nil {
		return config.Values{}, err
	}
	values, err := p.settings.Read(cmd.Flags(), p.environ, file)
	if err != nil {
		return values, &failure{exitUsage, err}
	}
	return values, nil
}

// file reads the file of settings. One that is named must be there; the default one need not.
func (p *program) file(cmd *cobra.Command) (config.File, error) {
	name, _ := cmd.Flags().GetString("config") // bound has defined it
	if name == "" {
		name = p.getenv(fileVariable)
	}
	named := name != ""
	if !named {
		name = defaultFile
	}
	data, err := os.ReadFile(name)
	switch {
	case errors.Is(err, fs.ErrNotExist) && !named:
		return config.File{}, nil
	case err != nil:
		return config.File{}, misused("the file of settings: %w", err)
	}
	return config.File{Name: name, Data: data}, nil
}

// getenv returns a variable of the program's environment.
func (p *program) getenv(name string) string {
	i := slices.IndexFunc(p.environ, func(entry string) bool { return strings.HasPrefix(entry, name+"=") })
	if i < 0 {
		return ""
	}
	return p.environ[i][len(name)+1:]
}

func notNegative(value string) error {
	if strings.HasPrefix(value, "-") {
		return errors.New("is negative")
	}
	return nil
}

func share(value string) error {
	if v, err := strconv.ParseFloat(value, 64); err != nil || !(v >= 0 && v <= 1) { // NaN is neither
		return errors.New("is not a share from 0 to 1, such as 0.05")
	}
	return nil
}

func address(value string) error {
	_, port, err := net.SplitHostPort(value)
	if err != nil {
		return errors.New("is not an address and port such as 127.0.0.1:7311")
	}
	if _, err := strconv.ParseUint(port, 10, 16); err != nil {
		return errors.New("has no port from 0 to 65535")
	}
	return nil
}

func hostNames(value string) error {
	for _, name := range splitHosts(value) {
		if name == "" || strings.ContainsAny(name, ":/ ") {
			return errors.New("is not a list of host names without port")
		}
	}
	return nil
}

func splitHosts(value string) []string {
	if value == "" {
		return nil
	}
	names := strings.Split(value, ",")
	for i := range names {
		names[i] = strings.TrimSpace(names[i])
	}
	return names
}
