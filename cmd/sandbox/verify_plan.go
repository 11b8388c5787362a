package main

import (
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"sort"
	"strings"

	"github.com/mediasandbox/sandbox/internal/contract"
	"github.com/mediasandbox/sandbox/verifier"
)

// wrong tells all mistakes in a file as compilers do, each with its place first, and
// returns the exit code of wrong use. Other errors come back as misuse.
func (p *program) wrong(err error) error {
	var mistakes verifier.Mistakes
	if !errors.As(err, &mistakes) {
		return misused("%w", err)
	}
	fmt.Fprintf(p.stderr, "%s\nsandbox: %s; nothing was sent\n", mistakes.Error(), count(len(mistakes), "mistake"))
	return exitStatus(exitUsage)
}

func count(n int, word string) string {
	if n == 1 {
		return "1 " + word
	}
	return fmt.Sprintf("%d %ss", n, word)
}

// announce says what will be sent and what not, and why: in a line at a sandbox, which
// nothing can be done to, in full elsewhere and for --dry-run.
func (v *verification) announce(t *verifier.Target, plan *verifier.Plan) {
	out := v.p.stdout
	fmt.Fprintf(out, "%s: %s, at least %s\n", plan.Target, count(len(plan.Run), "scenario"), count(plan.Requests, "request"))
	announceSettings(out, plan.Settings)
	if t.Sandbox && !v.dryRun {
		return
	}
	for _, line := range byAPI(plan.Run) {
		fmt.Fprintf(out, "  %s\n", line)
	}
	v.announceSkipped(out, plan)
	if v.dryRun {
		announceScenarios(out, plan.Run)
	}
}

// announceSettings says in which settings the run does not show the sandbox as it is.
func announceSettings(out io.Writer, settings map[string]string) {
	var parts []string
	for _, name := range slices.Sorted(maps.Keys(settings)) {
		parts = append(parts, name+" "+settings[name])
	}
	if len(parts) > 0 {
		fmt.Fprintf(out, "  the sandbox has other settings; its tenants of this run have the defaults: %s\n", strings.Join(parts, ", "))
	}
}

// byAPI counts scenarios by API and effect: "qqtube: 12 read, 3 paid".
func byAPI(list []*verifier.Scenario) []string {
	counts := map[string]map[string]int{}
	var order []string
	for _, sc := range list {
		if counts[sc.API] == nil {
			counts[sc.API] = map[string]int{}
			order = append(order, sc.API)
		}
		counts[sc.API][sc.Effect]++
	}
	var out []string
	for _, api := range order {
		var parts []string
		for _, effect := range []string{contract.Read, contract.Write, contract.Paid, contract.Destructive} {
			if n := counts[api][effect]; n > 0 {
				parts = append(parts, fmt.Sprintf("%d %s", n, effect))
			}
		}
		out = append(out, api+": "+strings.Join(parts, ", "))
	}
	return out
}

// announceSkipped lists what was chosen and is not sent, by reason.
func (v *verification) announceSkipped(out io.Writer, plan *verifier.Plan) {
	byReason := map[string][]string{}
	var reasons []string
	for _, s := range plan.Skip {
		if !s.Chosen {
			continue
		}
		if byReason[s.Reason] == nil {
			reasons = append(reasons, s.Reason)
		}
		byReason[s.Reason] = append(byReason[s.Reason], s.Scenario.Name)
	}
	sort.SliceStable(reasons, func(i, j int) bool { return len(byReason[reasons[i]]) > len(byReason[reasons[j]]) })
	for _, reason := range reasons {
		names := byReason[reason]
		fmt.Fprintf(out, "  not sent, %d: %s\n", len(names), reason)
		if !v.dryRun {
			continue
		}
		for _, name := range names {
			fmt.Fprintf(out, "    %s\n", name)
		}
	}
}

func announceScenarios(out io.Writer, list []*verifier.Scenario) {
	for _, sc := range list {
		fmt.Fprintf(out, "  %s: %s (%s:%d, %s)\n", sc.API, sc.Name, sc.File, sc.Line, sc.Effect)
	}
}
