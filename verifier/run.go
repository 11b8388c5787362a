package verifier

import (
	"context"
	"crypto/rand"
	"encoding/binary"
	"sort"
	"sync"
	"time"

	"github.com/mediasandbox/sandbox/internal/contract"
)

// Run runs scenarios at a target and reports. An error is returned only where nothing
// could be run: wrong options, a target that cannot be reached (*UnreachableError), or a
// ctx that ended before anything was sent; everything else is in the report. When ctx ends
// later, the report has what there is: what was not finished is skipped.
//
// At a sandbox each scenario has a tenant of its own, whose clock stands still unless
// the scenario moves it, and scenarios run side by side. At a foreign target those of
// one API run one after the other, at the target's pace.
func Run(ctx context.Context, t *Target, o Options, scenarios ...*Scenario) (*Report, error) {
	plan, err := NewPlan(ctx, t, o, scenarios...)
	if err != nil {
		return nil, err
	}
	return plan.Execute(ctx, t, o), nil
}

// Execute runs the plan; see Run.
func (p *Plan) Execute(ctx context.Context, t *Target, o Options) *Report {
	if o.wall.now == nil {
		o.wall = realWall()
	}
	r := &run{target: t, options: o, plan: p, sender: newSender(t, o.wall), started: o.wall.now()}
	r.seed = o.Seed
	if r.seed == 0 {
		r.seed = 1
		if !t.Sandbox {
			r.seed = drawSeed()
		}
	}
	r.results = make([]ScenarioResult, len(p.Run))
	r.execute(ctx)
	return r.report()
}

// drawSeed makes what unique() gives at a vendor differ from run to run.
func drawSeed() uint64 {
	var b [8]byte
	if _, err := rand.Read(b[:]); err != nil {
		return uint64(time.Now().UnixNano()) //nolint:gosec // any number will do
	}
	return binary.LittleEndian.Uint64(b[:])>>1 | 1 // fits a signed number, and is never 0
}

// run is the state of one run.
type run struct {
	target  *Target
	options Options
	plan    *Plan
	sender  *sender
	seed    uint64
	started time.Time
	results []ScenarioResult

	mu      sync.Mutex
	done    int
	failed  bool
	stopped bool // before its end
	created []Created
	met     map[cell]int
}

// stopped is why a scenario was not run, or not to its end, when the run was.
const stopped = "the run was stopped"

// cell is one outcome of one operation.
type cell struct{ api, operation, outcome string }

func (r *run) execute(ctx context.Context) {
	queues := r.queues()
	slots := make(chan struct{}, r.options.jobs())
	var wg sync.WaitGroup
	for _, queue := range queues {
		wg.Go(func() {
			for _, i := range queue {
				slots <- struct{}{}
				r.one(ctx, i)
				<-slots
			}
		})
	}
	wg.Wait()
}

// queues are the scenarios that may not run side by side: each alone at a sandbox, one
// API's together elsewhere.
func (r *run) queues() [][]int {
	if r.target.Sandbox {
		// As many as there are jobs, dealt out in turn, so that the order is roughly kept.
		n := min(r.options.jobs(), max(len(r.plan.Run), 1))
		out := make([][]int, n)
		for i := range r.plan.Run {
			out[i%n] = append(out[i%n], i)
		}
		return out
	}
	var out [][]int
	at := map[string]int{}
	for i, sc := range r.plan.Run {
		k, ok := at[sc.API]
		if !ok {
			k = len(out)
			at[sc.API] = k
			out = append(out, nil)
		}
		out[k] = append(out[k], i)
	}
	return out
}

// one runs a scenario, unless the run is to stop.
func (r *run) one(ctx context.Context, i int) {
	sc := r.plan.Run[i]
	var result ScenarioResult
	switch {
	case ctx.Err() != nil:
		result = skipped(sc, stopped)
	case r.options.FailFast && r.hasFailed():
		result = skipped(sc, "an earlier scenario failed")
	default:
		result = r.scenario(ctx, sc)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.results[i] = result
	r.done++
	r.stopped = r.stopped || result.Reason == stopped
	r.failed = r.failed || worse(result.Verdict, Refuted)
	if r.options.Progress != nil {
		r.options.Progress(Progress{r.done, len(r.plan.Run), result})
	}
}

func (r *run) hasFailed() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.failed
}

func skipped(sc *Scenario, reason string) ScenarioResult {
	return ScenarioResult{Name: sc.Name, API: sc.API, File: sc.File, Line: sc.Line, Tags: sc.Tags, Verdict: Skip, Reason: reason, Steps: []StepResult{}}
}

// severity orders verdicts.
func severity(v Verdict) int {
	switch v {
	case Pass:
		return 0
	case Skip:
		return 1
	case Refuted:
		return 2
	case Drift:
		return 3
	case Fail:
		return 4
	}
	return 5
}

// worse reports whether a is worse than b.
func worse(a, b Verdict) bool { return severity(a) > severity(b) }

func worst(a, b Verdict) Verdict {
	if worse(b, a) {
		return b
	}
	return a
}

func (r *run) report() *Report {
	rep := &Report{
		Target: r.target.Name, Started: r.started, Duration: r.options.wall.now().Sub(r.started), Seed: r.seed,
		Scenarios: r.results, Sent: int(r.sender.sent.Load()), Created: r.created, Stopped: r.stopped,
	}
	for _, s := range r.plan.Skip {
		if s.Chosen {
			rep.Scenarios = append(rep.Scenarios, skipped(s.Scenario, s.Reason))
		}
	}
	sort.SliceStable(rep.Scenarios, func(i, j int) bool {
		a, b := &rep.Scenarios[i], &rep.Scenarios[j]
		if a.File != b.File {
			return a.File < b.File
		}
		return a.Name < b.Name
	})
	rep.Coverage = r.coverage()
	return rep
}

// meet counts an outcome for coverage.
func (r *run) meet(doc *contract.Document, op *contract.Operation, names []string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.met == nil {
		r.met = map[cell]int{}
	}
	for _, name := range names {
		for _, other := range doc.Operations {
			// A request that names no operation meets the outcome for every one that has it.
			if other.Outcome(name) != nil && (op == nil || op == other) {
				r.met[cell{doc.Name, other.ID, name}]++
			}
		}
	}
}

// leave notes what a call made at a foreign target.
func (r *run) leave(c ...Created) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.created = append(r.created, c...)
}
