package main

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/mediasandbox/sandbox/internal/config"
	"github.com/mediasandbox/sandbox/internal/contract"
	"github.com/mediasandbox/sandbox/internal/nearest"
	"github.com/mediasandbox/sandbox/specs/openapi"
	"github.com/mediasandbox/sandbox/verifier"
	"github.com/mediasandbox/sandbox/verifier/report"
)

func verifyCommand(p *program) *cobra.Command {
	v := &verification{p: p}
	cmd := &cobra.Command{
		Use:   "verify [FILE or FOLDER…]",
		Short: "Run scenarios against the fakes, a sandbox or the real vendors",
		Long: `Runs scenarios, those of this project or the ones named, and says what is not as the
contracts and the scenarios have it.

  sandbox verify                                     all, against the fakes, without a network
  sandbox verify --target http://127.0.0.1:7311      against a running sandbox
  sandbox verify --target real.yaml --dry-run        what would be sent to the vendors
  sandbox verify --target real.yaml --api qqtube     only what reads; see --allow
  sandbox verify --against fakes,real.yaml           run at both, and show how they differ
  sandbox verify my/scenarios --tags 'read && !slow' --report-html report.html

At a target that is not a sandbox only what reads is sent, unless --allow or the target
file says more. In GitHub Actions, failures become annotations and the summary of the step.

The exit code is 0 when all is well, 1 when something failed, drifted or differs, 2 for
wrong use (flags, scenarios, target file, baseline, wrong or missing), 3 when a target cannot
be reached.`,
		Args: cobra.ArbitraryArgs,
		RunE: func(cmd *cobra.Command, args []string) error {
			values, err := p.read(cmd)
			if err != nil {
				return err
			}
			v.jobsGiven = cmd.Flags().Changed("jobs")
			return v.run(cmd.Context(), values, args)
		},
	}
	v.flags(cmd)
	return p.bound(cmd, "admin-token")
}

// verification is one run of verify: its flags, and what is made of them.
type verification struct {
	p *program

	target, baseline string
	against, allow   []string
	dryRun           bool

	apis              []string
	tags, name, shard string
	jobs              int
	jobsGiven         bool // without, it is 0 and the verifier chooses
	failFast          bool
	seed              uint64

	failOn      []string
	minCoverage float64
	files       map[string]*string // of reports, by format

	options   verifier.Options
	source    *scenarioSource
	scenarios []*verifier.Scenario
}

// reportFlags are the formats that go into files.
func reportFlags() []reportFormatFlag {
	return []reportFormatFlag{
		{"junit", "JUnit XML, for Jenkins and GitLab", report.JUnit},
		{"json", "JSON", report.JSON},
		{"html", "one page of HTML that needs nothing else", report.HTML},
		{"md", "Markdown", report.Markdown},
	}
}

func (v *verification) flags(cmd *cobra.Command) {
	f := cmd.Flags()
	f.StringVar(&v.target, "target", "fakes", "fakes, the URL of a sandbox, or a target `file`")
	f.StringSliceVar(&v.against, "against", nil, "two or more `targets` to compare, separated by commas")
	f.StringVar(&v.baseline, "baseline", "", "`file` of differences that are accepted, with --against")
	f.StringSliceVar(&v.allow, "allow", nil, "`effects` allowed at a real vendor besides read: write, paid, destructive")
	f.BoolVar(&v.dryRun, "dry-run", false, "say what would be sent and what not, and why; send nothing")
	f.StringSliceVar(&v.apis, "api", nil, "only scenarios of these `APIs`")
	f.StringVar(&v.tags, "tags", "", "only scenarios for which this `expression` of tags holds: 'read && !slow'")
	f.StringVar(&v.name, "run", "", "only scenarios whose name or file matches this regular `expression`")
	f.StringVar(&v.shard, "shard", "", "only the i-th of n parts of the scenarios: `i/n`")
	f.IntVar(&v.jobs, "jobs", 0, "scenarios at once (default twice the processors)")
	f.BoolVar(&v.failFast, "fail-fast", false, "start no scenario after the first that failed")
	f.Uint64Var(&v.seed, "seed", 0, "seed of tenants and of what has to be unique (default 1 at a sandbox, drawn elsewhere)")
	f.StringSliceVar(&v.failOn, "fail-on", nil, "what else fails the run: `refuted`")
	f.Float64Var(&v.minCoverage, "min-coverage", 0, "fail when less than this `percentage` of an API's documented outcomes was met")
	completes(cmd, "api", openapi.APIs()...)
	completes(cmd, "allow", contract.Write, contract.Paid, contract.Destructive)
	completes(cmd, "fail-on", "refuted")
	v.files = map[string]*string{}
	for _, r := range reportFlags() {
		v.files[r.name] = f.String("report-"+r.name, "", "write a report to this `file`: "+r.usage)
	}
}

func (v *verification) run(ctx context.Context, values config.Values, args []string) error {
	if err := v.choose(); err != nil {
		return err
	}
	if err := v.load(args); err != nil {
		return err
	}
	targets, err := v.targets(values)
	if err != nil {
		return err
	}
	baseline, err := v.loadBaseline()
	if err != nil {
		return err
	}
	plans, err := v.plan(ctx, targets)
	if err != nil || v.dryRun {
		return err
	}
	out, err := v.openReports()
	if err != nil {
		return err
	}
	results := report.Results{FailOnRefuted: slices.Contains(v.failOn, "refuted"), Source: v.source.line}
	for i, t := range targets {
		results.Reports = append(results.Reports, v.execute(ctx, t, plans[i]))
	}
	v.compare(&results, baseline)
	if err := v.report(results, out); err != nil {
		return err
	}
	if results.Stopped() {
		return errStopped()
	}
	if short := v.uncovered(results); results.Failed() || short {
		return exitStatus(exitFailed)
	}
	return nil
}

// choose turns the flags into options; whatever is wrong with them is told here.
func (v *verification) choose() error {
	for _, api := range v.apis {
		if names := openapi.APIs(); !slices.Contains(names, api) {
			return misused("--api: there is no API %q%s", api, nearestOf(api, names))
		}
	}
	effects := []string{contract.Write, contract.Paid, contract.Destructive}
	for _, effect := range v.allow {
		if effect != contract.Read && !slices.Contains(effects, effect) {
			return misused("--allow: there is no effect %q%s", effect, nearestOf(effect, effects))
		}
	}
	for _, what := range v.failOn {
		if what != "refuted" {
			return misused("--fail-on: %q is not refuted", what)
		}
	}
	switch {
	case v.jobsGiven && v.jobs < 1:
		return misused("--jobs: %d is less than one", v.jobs)
	case !(v.minCoverage >= 0 && v.minCoverage <= 100): // NaN is neither
		return misused("--min-coverage: %v is not a percentage from 0 to 100", v.minCoverage)
	case len(v.against) == 1:
		return misused("--against: one target cannot be compared; name two or more, such as fakes,real.yaml")
	case v.baseline != "" && len(v.against) == 0:
		return misused("--baseline: it is for --against")
	}
	v.options = verifier.Options{APIs: v.apis, Tags: v.tags, Allow: v.allow, Jobs: v.jobs, FailFast: v.failFast, Seed: v.seed, DryRun: v.dryRun}
	if v.name != "" {
		re, err := regexp.Compile(v.name)
		if err != nil {
			return misused("--run: %w", err)
		}
		v.options.Run = re
	}
	return v.chooseShard()
}

func (v *verification) chooseShard() error {
	if v.shard == "" {
		return nil
	}
	first, second, _ := strings.Cut(v.shard, "/")
	i, err1 := strconv.Atoi(first)
	n, err2 := strconv.Atoi(second)
	if err1 != nil || err2 != nil || i < 1 || n < i {
		return misused("--shard: %q is not i/n with i from 1 to n, such as 2/3", v.shard)
	}
	v.options.ShardIndex, v.options.ShardCount = i, n
	return nil
}

func nearestOf(word string, names []string) string {
	if hint := nearest.Hint(word, names); hint != "" {
		return hint
	}
	return "; there are " + strings.Join(names, ", ")
}

// load reads the scenarios. Mistakes in them are told all at once.
func (v *verification) load(args []string) error {
	source, err := newScenarioSource(args)
	if err != nil {
		return err
	}
	v.source = source
	v.scenarios, err = source.load()
	switch {
	case err != nil:
		return v.p.wrong(err)
	case len(v.scenarios) == 0:
		return misused("there is no scenario in %s", strings.Join(args, ", "))
	}
	return nil
}

// plan asks every target what it can do, and says what will be sent.
func (v *verification) plan(ctx context.Context, targets []*verifier.Target) ([]*verifier.Plan, error) {
	var plans []*verifier.Plan
	for _, t := range targets {
		plan, err := verifier.NewPlan(ctx, t, v.options, v.scenarios...)
		var gone *verifier.UnreachableError
		switch {
		case err != nil && ctx.Err() != nil:
			return nil, errStopped()
		case errors.As(err, &gone):
			return nil, unreachable("%w", err)
		case err != nil:
			return nil, misused("%w", err)
		case len(plan.Run) == 0 && !v.anyChosen(plan) && v.options.ShardCount == 0:
			return nil, misused("none of %d scenarios is chosen by these flags", len(v.scenarios))
		}
		plans = append(plans, plan)
	}
	for i, plan := range plans {
		v.announce(targets[i], plan)
	}
	return plans, nil
}

// errStopped is a run that was interrupted: nobody knows what it would have found.
func errStopped() error { return failed("the run was stopped") }

func (v *verification) anyChosen(plan *verifier.Plan) bool {
	return slices.ContainsFunc(plan.Skip, func(s verifier.Skipped) bool { return s.Chosen })
}

// execute runs a plan, with a bar where somebody looks on.
func (v *verification) execute(ctx context.Context, t *verifier.Target, plan *verifier.Plan) *verifier.Report {
	o := v.options
	if terminal(v.p.stderr) {
		bar := report.NewProgress(v.p.stderr, t.Name)
		defer bar.Close()
		o.Progress = bar.Tell
	}
	return plan.Execute(ctx, t, o)
}

// uncovered tells of APIs that are below --min-coverage; at several targets, of each.
func (v *verification) uncovered(results report.Results) (short bool) {
	if v.minCoverage == 0 {
		return false
	}
	for _, rep := range results.Reports {
		for _, api := range rep.Coverage {
			c := report.Cover(api)
			if len(v.apis) > 0 && !slices.Contains(v.apis, api.API) || c.Percent() >= v.minCoverage {
				continue
			}
			short = true
			fmt.Fprintf(v.p.stderr, "sandbox: %s: %d of %d documented outcomes of %s were met, less than the %s%% of --min-coverage\n",
				rep.Target, c.DocumentedMet, c.Documented, api.API, percent(v.minCoverage))
		}
	}
	return short
}
