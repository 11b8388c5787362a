package main

import (
	"github.com/spf13/cobra"

	"github.com/mediasandbox/sandbox/specs/openapi"
)

func completionCommand(p *program) *cobra.Command {
	shells := []string{"bash", "fish", "powershell", "zsh"}
	return &cobra.Command{
		Use:   "completion SHELL",
		Short: "Print the script by which a shell completes commands",
		Long: `Prints the script by which bash, fish, powershell or zsh completes commands, flags and
their values.

  source <(sandbox completion bash)                     in ~/.bashrc
  sandbox completion fish > ~/.config/fish/completions/sandbox.fish
  sandbox completion zsh > "${fpath[1]}/_sandbox"`,
		Args:      oneArg("shell, bash, fish, powershell or zsh"),
		ValidArgs: shells,
		RunE: func(cmd *cobra.Command, args []string) error {
			root := cmd.Root()
			switch args[0] {
			case "bash":
				return root.GenBashCompletionV2(p.stdout, true)
			case "fish":
				return root.GenFishCompletion(p.stdout, true)
			case "powershell":
				return root.GenPowerShellCompletionWithDesc(p.stdout)
			case "zsh":
				return root.GenZshCompletion(p.stdout)
			}
			return misused("there are no completions for %q%s", args[0], choice(args[0], shells))
		},
	}
}

// completes has shells offer these values for a flag.
func completes(cmd *cobra.Command, flag string, values ...string) {
	if err := cmd.RegisterFlagCompletionFunc(flag, cobra.FixedCompletions(values, cobra.ShellCompDirectiveNoFileComp)); err != nil {
		panic(err) // there is no such flag
	}
}

// completeSign offers APIs, then operations, then the names of parameters.
func completeSign(_ *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
	if len(args) == 0 {
		return openapi.APIs(), cobra.ShellCompDirectiveNoFileComp
	}
	doc, err := openapi.Load(args[0])
	if err != nil {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	var out []string
	if len(args) == 1 {
		for _, op := range doc.Operations {
			out = append(out, op.ID)
		}
		return out, cobra.ShellCompDirectiveNoFileComp
	}
	if op := doc.Operation(args[1]); op != nil {
		for _, p := range op.Params {
			if !p.Pinned && !p.Security {
				out = append(out, p.Name+"=")
			}
		}
	}
	return out, cobra.ShellCompDirectiveNoFileComp | cobra.ShellCompDirectiveNoSpace
}
