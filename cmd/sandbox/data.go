package main

import (
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/mediasandbox/sandbox/internal/config"
	"github.com/mediasandbox/sandbox/internal/store"
)

func dataCommand(p *program) *cobra.Command {
	const dir = "folder, which sandbox serve --data has written"
	check := &cobra.Command{
		Use:   "check DIR",
		Short: "Read the log and say whether it is sound",
		Long:  "Reads every record of the log. Ends with 1 when it is damaged, and says where and what to do.",
		Args:  oneArg(dir),
		RunE:  func(_ *cobra.Command, args []string) error { return p.checkData(args[0]) },
	}
	var cut int64
	compact := &cobra.Command{
		Use:   "compact DIR",
		Short: "Write the log anew, as short as it can be",
		Long: `Replays the log and replaces it by the shortest one that leads to the same state.

With --cut-at OFFSET the log is first cut at that byte, the way out of a damaged one, of
which check says the byte: what stood behind it is lost. The whole file stays beside it
as changes.log.damaged, with a number where there is one already.`,
		Args: oneArg(dir),
		RunE: func(cmd *cobra.Command, args []string) error {
			values, err := p.read(cmd)
			if err != nil {
				return err
			}
			return p.compactData(values, args[0], cut, cmd.Flags().Changed("cut-at"))
		},
	}
	compact.Flags().Int64Var(&cut, "cut-at", 0, "byte at which to cut a damaged log")
	p.bound(compact, "log-format", "log-level")
	return group(&cobra.Command{
		Use:   "data",
		Short: "Check or compact a folder of kept state",
		Long: `Looks after a folder that "sandbox serve --data DIR" keeps tenants and state in.
No sandbox may be running on it, except for check.`,
	}, check, compact)
}

func (p *program) checkData(dir string) error {
	sum, err := readLog(dir)
	if err != nil {
		return err
	}
	if sum.Damage != nil {
		return explainStore(sum.Damage)
	}
	torn := sum.Bytes - sum.Sound
	if sum.Tail != "" {
		fmt.Fprintf(p.stdout, "%s: %d sound changes in %d bytes; behind them, %s\n", sum.File, sum.Records, sum.Sound, sum.Tail)
		fmt.Fprintf(p.stdout, "that is what a crash of the machine leaves, or damage: the next start cuts %d bytes off and keeps them beside the log\n", torn)
		return nil
	}
	fmt.Fprintf(p.stdout, "%s: sound, %d changes in %d bytes\n", sum.File, sum.Records, sum.Sound)
	if torn > 0 {
		fmt.Fprintf(p.stdout, "%d bytes of an unfinished change at the end: the next start cuts them off\n", torn)
	}
	return nil
}

// readLog reads the log of a folder that serve has written.
func readLog(dir string) (store.Summary, error) {
	const by = "sandbox serve --data"
	if err := folder(dir, by); err != nil {
		return store.Summary{}, err
	}
	sum, err := store.Check(dir, nil)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return sum, misused("%q is no folder that %s has written: it has no log", dir, by)
	case err != nil:
		return sum, explainStore(err)
	}
	return sum, nil
}

func (p *program) compactData(values config.Values, dir string, cut int64, cutting bool) error {
	before, err := readLog(dir)
	if err != nil {
		return err
	}
	if cutting {
		aside, err := store.CutAt(dir, cut)
		if err != nil {
			return failed("%w", err)
		}
		fmt.Fprintf(p.stdout, "the whole log is kept as %s\n", aside)
		if before, err = readLog(dir); err != nil {
			return err
		}
	}
	host, _, err := keptHost(values, p.logger(values), dir)
	if err != nil {
		return err
	}
	err = errors.Join(host.Compact(), host.Close())
	if err != nil {
		return failed("%w", err)
	}
	after, err := store.Check(dir, nil)
	if err != nil {
		return explainStore(err)
	}
	fmt.Fprintf(p.stdout, "%s: %d changes in %d bytes, were %d in %d\n", after.File, after.Records, after.Sound, before.Records, before.Bytes)
	return nil
}

// explainStore adds the way out to what a store refuses.
func explainStore(err error) error {
	var d *store.Damage
	switch {
	case errors.As(err, &d):
		return failed("%w; to go on with the changes before it: sandbox data compact --cut-at %d %s", err, d.Offset, filepath.Dir(d.File))
	case errors.Is(err, store.ErrLocked):
		return failed("%w; stop it first, or take another folder", err)
	default:
		return failed("%w", err)
	}
}
