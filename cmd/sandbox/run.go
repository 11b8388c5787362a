package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"github.com/mediasandbox/sandbox/internal/config"
	"github.com/mediasandbox/sandbox/internal/nearest"
)

// Exit codes, the same for all commands.
const (
	exitOK          = 0
	exitFailed      = 1 // a check failed, or the command could not do its work
	exitUsage       = 2 // the command line, a setting or a file that is named there is wrong or missing
	exitUnreachable = 3 // there is no sandbox to talk to

	exitInterrupted = 130 // a signal ended the wait for something, as shells say of Ctrl-C
)

// failure is an error that has an exit code.
type failure struct {
	code int
	err  error
}

func (f *failure) Error() string { return f.err.Error() }
func (f *failure) Unwrap() error { return f.err }

func failed(format string, args ...any) error {
	return &failure{exitFailed, fmt.Errorf(format, args...)}
}

func misused(format string, args ...any) error {
	return &failure{exitUsage, fmt.Errorf(format, args...)}
}

func unreachable(format string, args ...any) error {
	return &failure{exitUnreachable, fmt.Errorf(format, args...)}
}

// exitStatus is an error that has been reported already: nothing is left but to end with it.
type exitStatus int

func (s exitStatus) Error() string { return fmt.Sprintf("exit status %d", int(s)) }

// program is what a command may know of the world around it.
type program struct {
	stdout, stderr io.Writer
	environ        []string
	settings       *config.Set
}

// commands are the subcommands, in the order of the help.
func commands() []func(*program) *cobra.Command {
	return []func(*program) *cobra.Command{
		serveCommand,
		execCommand,
		verifyCommand,
		recordCommand,
		scenarioCommand,
		signCommand,
		explainCommand,
		envCommand,
		specsCommand,
		dataCommand,
		healthcheckCommand,
		completionCommand,
		versionCommand,
	}
}

// run is the whole program; it returns the exit code.
func run(ctx context.Context, args []string, stdout, stderr io.Writer, environ []string) int {
	set, err := settings()
	if err != nil {
		fmt.Fprintf(stderr, "sandbox: %s\n", err)
		return exitFailed
	}
	out := &output{to: stdout}
	p := &program{out, stderr, environ, set}
	root := &cobra.Command{
		Use:   "sandbox",
		Short: "Faithful fakes of five vendors' HTTP APIs",
		Long: `sandbox stands in for the APIs of QQTube, Polyv, Cliparto, Qulive and Interstream.

Every setting of serve is a flag, a variable SANDBOX_… and a key in sandbox.yaml; a flag
counts over the environment, the environment over the file. Other commands have those
settings that concern them; their other flags are flags only. SANDBOX_CONFIG names the
file, SANDBOX_URL and SANDBOX_TENANT a running sandbox and the tenant to ask it for.

Exit codes: 0 well; 1 a check failed, or the work could not be done, such as when a port is in
use; 2 wrong use: the command line or a file that it names is wrong, missing or cannot be
written, and nothing was done; 3 the sandbox cannot be reached; 130 interrupted while it waited.
exec ends as its command does.`,
		Args: cobra.ArbitraryArgs,
		PersistentPreRunE: func(cmd *cobra.Command, _ []string) error {
			if err := config.EmptyFlags(cmd.Flags()); err != nil {
				return &failure{exitUsage, err}
			}
			return nil
		},
		SilenceErrors: true, // reported below, once
		SilenceUsage:  true,
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 {
				return cmd.Help()
			}
			return unknownCommand(cmd, args[0])
		},
	}
	for _, make := range commands() {
		root.AddCommand(make(p))
	}
	root.SetHelpCommand(helpCommand())
	root.SetFlagErrorFunc(func(cmd *cobra.Command, err error) error {
		return &failure{exitUsage, config.FlagError(cmd.Flags(), err)}
	})
	root.SetArgs(args)
	root.SetOut(out)
	root.SetErr(stderr)
	if args == nil {
		root.SetArgs([]string{}) // cobra takes nil for os.Args
	}
	cmd, err := root.ExecuteContextC(ctx)
	return p.end(ctx, cmd, out.ending(err))
}

// end says what a command ended with, and returns the exit code.
func (p *program) end(ctx context.Context, cmd *cobra.Command, err error) int {
	var status exitStatus
	switch {
	case err == nil:
		return exitOK
	case errors.As(err, &status):
		return int(status)
	case ctx.Err() != nil && errors.Is(err, context.Canceled):
		return exitInterrupted
	}
	code := exitUsage // what cobra itself refuses: arguments
	var f *failure
	if errors.As(err, &f) {
		code = f.code
	}
	for _, line := range strings.Split(err.Error(), "\n") {
		fmt.Fprintf(p.stderr, "sandbox: %s\n", line)
	}
	if code == exitUsage {
		fmt.Fprintf(p.stderr, "See '%s --help'.\n", cmd.CommandPath())
	}
	return code
}

// helpCommand is cobra's, but for an unknown topic, which is an error.
func helpCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "help [COMMAND]",
		Short: "Print the help of a command",
		ValidArgsFunction: func(cmd *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
			var names []string
			if at, _, err := cmd.Root().Find(args); err == nil {
				for _, c := range at.Commands() {
					names = append(names, c.Name())
				}
			}
			return names, cobra.ShellCompDirectiveNoFileComp
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			topic, rest, err := cmd.Root().Find(args)
			if err != nil || len(rest) > 0 {
				return unknownCommand(cmd.Root(), strings.Join(args, " "))
			}
			topic.InitDefaultHelpFlag()
			return topic.Help()
		},
	}
}

func unknownCommand(root *cobra.Command, name string) error {
	var names []string
	for _, c := range root.Commands() {
		names = append(names, c.Name())
	}
	return misused("there is no command %q%s", name, nearest.Hint(name, names))
}

// group makes a command of those below it: alone it prints its help.
func group(cmd *cobra.Command, below ...*cobra.Command) *cobra.Command {
	cmd.Args = cobra.ArbitraryArgs
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if len(args) == 0 {
			return cmd.Help()
		}
		return unknownCommand(cmd, args[0])
	}
	cmd.AddCommand(below...)
	return cmd
}

// oneArg wants one argument; what says which, in words.
func oneArg(what string) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		switch len(args) {
		case 1:
			return nil
		case 0:
			return misused("%s wants one %s", wholeName(cmd), what)
		}
		return misused("%s wants one %s, not %d arguments", wholeName(cmd), what, len(args))
	}
}

// oneArgAtMost takes one argument or none; what says which, in words.
func oneArgAtMost(what string) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		if len(args) > 1 {
			return misused("%s takes one %s at most, not %d arguments", wholeName(cmd), what, len(args))
		}
		return nil
	}
}

// wholeName is the command's name with those above it, without the program's.
func wholeName(cmd *cobra.Command) string {
	_, name, _ := strings.Cut(cmd.CommandPath(), " ")
	return name
}

// oneOf refuses flags of which only one may be given.
func oneOf(cmd *cobra.Command, names ...string) error {
	var given []string
	for _, name := range names {
		if cmd.Flags().Changed(name) {
			given = append(given, "--"+name)
		}
	}
	if len(given) > 1 {
		return misused("%s cannot be given together; give one of them", strings.Join(given, " and "))
	}
	return nil
}

// noArgs refuses arguments in words that name the command.
func noArgs(cmd *cobra.Command, args []string) error {
	if len(args) > 0 {
		return misused("%s takes no arguments, only flags: %q", cmd.Name(), args[0])
	}
	return nil
}
