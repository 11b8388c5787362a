package verifier_test

import (
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/mediasandbox/sandbox/verifier"
)

// run runs one scenario at the fakes.
func run(t *testing.T, api, text string) verifier.ScenarioResult {
	t.Helper()
	return one(t, verifier.InProcess(sandbox(t)), verifier.Options{}, api, "scenario: x\napi: "+api+"\n"+text)
}

func names(r verifier.ScenarioResult) []string {
	var out []string
	for _, s := range r.Steps {
		out = append(out, s.Name+": "+string(s.Verdict))
	}
	return out
}

func TestOverTheNetwork(t *testing.T) {
	srv := httptest.NewServer(sandbox(t))
	defer srv.Close()
	target, err := verifier.URL(srv.URL+"/", "")
	require.NoError(t, err)
	list, err := verifier.Source{FS: examples, Prefix: "x/"}.Load()
	require.NoError(t, err)
	report, err := verifier.Run(t.Context(), target, verifier.Options{}, list...)
	require.NoError(t, err)
	require.NotEmpty(t, report.Scenarios)
	for _, sc := range report.Scenarios {
		assert.Equal(t, verifier.Pass, sc.Verdict, "%+v", problems(sc))
		assert.True(t, strings.HasPrefix(sc.File, "x/"))
	}
	assert.Equal(t, strings.TrimPrefix(srv.URL, "http://"), strings.TrimPrefix(report.Target, "http://"))
}

func TestForEach(t *testing.T) {
	got := run(t, "interstream", `steps:
  - forEach: [{iq: 1, good: true}, {iq: 2, good: true}, {iq: 3, good: false}]
    do:
      - {name: reads, call: getContentVote, with: {iq: "${row.iq}", contentID: 1}, if: row.good, check: [row.iq != 2]}
`)
	assert.Equal(t, verifier.Fail, got.Verdict)
	assert.Equal(t, []string{
		`reads [1: {"good":true,"iq":1}]: pass`, `reads [2: {"good":true,"iq":2}]: fail`, `reads [3: {"good":false,"iq":3}]: skip`,
	}, names(got), "a row that fails keeps no other from running")
	assert.Equal(t, "not when row.good is false", got.Steps[2].Reason)

	got = run(t, "interstream", "steps: [{forEach: 'filter([1], false)', do: [{call: getContentVote, with: {iq: 1, contentID: 1}}]}]")
	assert.Equal(t, verifier.Error, got.Verdict)
	assert.Contains(t, problems(got)[0].What, "no rows")
	got = run(t, "interstream", "steps: [{forEach: '3', do: [{call: getContentVote, with: {iq: 1, contentID: 1}}]}]")
	assert.Contains(t, problems(got)[0].What, "forEach wants a list, this is a number")
}

// TestStopsAtFailure: what comes after a failed step is not run, what cleans up is. The
// failed step has kept what there was to keep.
func TestStopsAtFailure(t *testing.T) {
	got := run(t, "interstream", `steps:
  - {name: one, call: getContentVote, with: {iq: 1, contentID: 1}, save: {first: body.vote}}
  - {name: two, call: getContentVote, with: {iq: 1, contentID: 1}, check: [body.vote == 1], save: {second: body.vote + 7}}
  - {name: three, call: getContentVote, with: {iq: 1, contentID: 1}}
cleanup:
  - {name: last, call: getContentVote, with: {iq: 1, contentID: "${first + 1}"}}
  - {name: middle, call: getContentVote, with: {iq: "${second}", contentID: 1}}
  - {name: first, call: getContentVote, with: {iq: 1, contentID: 1}, check: [body.vote == 5]}
`)
	assert.Equal(t, []string{"one: pass", "two: fail", "first: fail", "middle: pass", "last: pass"}, names(got))
	assert.True(t, got.Steps[2].Cleanup)
	p := problems(got)[0]
	assert.Equal(t, "check", p.Class)
	assert.Equal(t, "body.vote == 1", p.Expected)

	got = run(t, "interstream", `steps:
  - {name: one, call: getContentVote, with: {iq: 1, contentID: 1}, expect: {outcome: user-id-invalid}, save: {first: body.id}}
cleanup:
  - {name: last, call: getContentVote, with: {iq: "${first}", contentID: 1}}
`)
	assert.Equal(t, []string{"one: fail", "last: skip"}, names(got))
	assert.Contains(t, got.Steps[1].Reason, `"first" was not saved by an earlier step: there is nothing to clean up`)
}

// TestClock: a sandbox's time stands still but for what the scenario lets pass.
func TestClock(t *testing.T) {
	got := run(t, "cliparto", `steps:
  - {call: BalanceCurrent, save: {before: now()}}
  - {call: ImagesTotal, expect: {outcome: too-frequent}, check: [now() == before]}
  - advance: 19s999ms
  - {call: ImagesTotal, expect: {outcome: too-frequent}}
  - advance: 1ms
  - {call: ImagesTotal, check: ["now() - before == duration('20s')"]}
  - advance: "${string(1) + 'd'}"
  - {call: ImagesTotal}
`)
	assert.Equal(t, verifier.Pass, got.Verdict, "%+v", problems(got))
}

func TestUntil(t *testing.T) {
	const steps = `steps:
  - {call: services, save: {s: "find(body, .is_geo == '0' && len(.params) == 0)"}}
  - {call: add, with: {url: "https://www.youtube.com/watch?v=jofNR_WkoCE", quantity: "${s.amount_minimum}", id_service: "${s.id_service}"}, save: {order: body.id_service_submission}}
  - {name: wait, call: stats, with: {id_service_submission: "${order}"}, until: {within: WITHIN, every: 1h}, expect: {body: {status: {id_status: "1"}}}}
`
	got := run(t, "qqtube", strings.ReplaceAll(steps, "WITHIN", "30d"))
	assert.Equal(t, verifier.Pass, got.Verdict, "%+v", problems(got))
	assert.Greater(t, got.Steps[2].Attempts, 1)
	got = run(t, "qqtube", strings.ReplaceAll(steps, "WITHIN", "2h"))
	assert.Equal(t, verifier.Fail, got.Verdict)
	assert.Equal(t, 3, got.Steps[2].Attempts)
	p := problems(got)
	assert.Equal(t, "it did not come about within 2h0m0s, asked 3 times", p[len(p)-1].What)
}

func TestUse(t *testing.T) {
	list, err := load(t, `scenario: x
api: qqtube
steps:
  - call: funds
    save: {mine: body.funds}
  - {use: read, with: {which: "${mine}"}}
  - {check: [again == mine, seen == mine]}
  - {use: read, with: '${{"which": "9"}}'}
`, `read:
  params: [which]
  steps:
    - {call: funds, check: [which == mine], save: {again: body.funds}}
    - use: deeper
deeper:
  steps: [{call: funds, save: {seen: body.funds}}]
`)
	require.NoError(t, err)
	report, err := verifier.Run(t.Context(), verifier.InProcess(sandbox(t)), verifier.Options{}, list...)
	require.NoError(t, err)
	got := report.Scenarios[0]
	assert.Equal(t, []string{"funds: pass", "funds: pass", "funds: pass", "check or save: pass", "funds: fail"}, names(got), "%+v", problems(got))
	assert.Equal(t, "qqtube/_shared.yaml", got.Steps[1].File)
}

func TestArguments(t *testing.T) {
	got := run(t, "polyv", `steps:
  - {call: danmuList, with: {numPerPage: 1, pageNum: null, format: json}, save: {vid: "body.data.contents[0].vid"}}
  - {name: alias, call: danmuList, with: {pageSize: 1}, expect: {body: {data: {limit: 1}}}}
  - {name: list, call: clip, with: {vid: "${vid}", title: x, timeFrame: [{start: 0, end: 1}]}, expect: {outcome: timeframe-too-short}}
  - {name: not in the contract, call: danmuList, with: {numPerPage: "${'x'}"}}
`)
	assert.Equal(t, verifier.Error, got.Verdict)
	last := got.Steps[len(got.Steps)-1]
	assert.Equal(t, "not in the contract", last.Name)
	assert.Equal(t, "request", last.Problems[0].Class)
	assert.Contains(t, last.Problems[0].What, "the request is outside the contract, and not on purpose: numPerPage")
	assert.Zero(t, last.Exchange.Status, "it was not sent")
	assert.Contains(t, got.Steps[0].Exchange.URL, "format=json&numPerPage=1")
	assert.Contains(t, got.Steps[1].Exchange.URL, "pageSize=1")
}

func TestTamper(t *testing.T) {
	got := run(t, "polyv", `steps:
  - {name: undeclared, call: danmuList, tamper: {add: {requestId: "1"}}, expect: {outcome: sign-wrong}}
  - {name: undeclared and signed, call: danmuList, tamper: {signed: {add: {requestId: ["1", "2"]}}}}
  - {name: set, call: danmuList, tamper: {set: {sign: x}}, expect: {outcome: sign-wrong}}
  - {name: lower, call: danmuList, tamper: {sign: {lower: true}}, expect: {outcome: sign-wrong}}
  - {name: upper, call: danmuList, tamper: {sign: {upper: true}}}
  - {name: with, call: danmuList, with: {vid: a}, tamper: {sign: {with: {vid: b}}}, expect: {outcome: sign-wrong}}
  - {name: skip, call: danmuList, with: {vid: a}, tamper: {sign: {skip: [vid]}}, expect: {outcome: sign-wrong}}
  - {name: encode, call: danmuList, with: {vid: "a b"}, tamper: {sign: {encode: true}}, expect: {outcome: sign-wrong}}
  - {name: encode changes nothing, call: danmuList, with: {vid: ab}, tamper: {sign: {encode: true}}}
  - {name: id, call: danmuList, tamper: {sign: {id: nobody}}, expect: {outcome: user-unknown}}
  - {name: path, call: danmuList, tamper: {path: /v2/nowhere}, expect: {outcome: path-unknown, status: 404}}
  - {name: json, call: danmuDelete, with: {danmuIds: "1"}, tamper: {encoding: json}, expect: {outcome: sign-missing}}
  - {name: headers, call: danmuDelete, with: {danmuIds: "1"}, tamper: {headers: {Content-Type: text/plain}}, expect: {outcome: sign-missing}}
  - {name: header gone, call: danmuDelete, with: {danmuIds: "1"}, tamper: {headers: {Content-Type: null}}, expect: {outcome: sign-missing}}
  - {name: multipart, call: danmuDelete, with: {danmuIds: "1"}, tamper: {encoding: multipart}}
  - {name: query, call: danmuDelete, with: {danmuIds: "1"}, tamper: {encoding: query}}
  - {name: GET, call: danmuDelete, with: {danmuIds: "1"}, method: GET}
  - {name: HEAD, call: danmuList, tamper: {method: HEAD}, expect: {status: 405}}
`)
	assert.Equal(t, verifier.Pass, got.Verdict, "%v %+v", names(got), problems(got))
	assert.Contains(t, got.Steps[15].Exchange.URL, "danmuIds=1")
	assert.Empty(t, got.Steps[15].Exchange.Request)
	assert.Equal(t, "GET", got.Steps[16].Exchange.Method)
}

// TestDiagnose: who sees a refused signature is told why.
func TestDiagnose(t *testing.T) {
	got := run(t, "polyv", "steps: [{call: danmuList, tamper: {sign: {lower: true}}}]")
	require.Equal(t, verifier.Fail, got.Verdict)
	assert.Contains(t, got.Steps[0].Exchange.Diagnose, "sign-wrong")
	assert.Contains(t, got.Steps[0].Exchange.Diagnose, "lower-case")
	assert.True(t, strings.HasPrefix(got.Steps[0].Exchange.Curl, "curl '"))
}

func TestSelection(t *testing.T) {
	texts := []string{
		"scenario: a reads\napi: qqtube\nsteps: [{call: funds}]",
		"scenario: b is slow\napi: qqtube\ntags: [slow]\nsteps: [{call: funds}]",
		"scenario: c fails\napi: qqtube\nsteps: [{call: funds, check: [false]}]",
		"scenario: d orders\napi: qqtube\ntags: [paid]\nsteps: [{call: funds}]",
	}
	target := verifier.InProcess(sandbox(t))
	ran := func(o verifier.Options) string {
		var out []string
		for _, sc := range several(t, target, o, "qqtube", texts...).Scenarios {
			out = append(out, sc.Name[:1]+":"+string(sc.Verdict))
		}
		return strings.Join(out, " ")
	}
	for name, row := range map[string]struct {
		o    verifier.Options
		want string
	}{
		"all":       {verifier.Options{}, "a:pass b:pass c:fail d:pass"},
		"tags":      {verifier.Options{Tags: "read && !slow"}, "a:pass c:fail"},
		"paid":      {verifier.Options{Tags: "paid"}, "d:pass"},
		"name":      {verifier.Options{Run: regexp.MustCompile("^(b|d)")}, "b:pass d:pass"},
		"file":      {verifier.Options{Run: regexp.MustCompile(`a\.yaml`)}, "a:pass"},
		"API":       {verifier.Options{APIs: []string{"polyv"}}, ""},
		"shard 1":   {verifier.Options{ShardIndex: 1, ShardCount: 2}, "a:pass c:fail"},
		"shard 2":   {verifier.Options{ShardIndex: 2, ShardCount: 2}, "b:pass d:pass"},
		"fail fast": {verifier.Options{FailFast: true, Jobs: 1}, "a:pass b:pass c:fail d:skip"},
	} {
		t.Run(name, func(t *testing.T) { assert.Equal(t, row.want, ran(row.o)) })
	}
	for name, o := range map[string]verifier.Options{
		"no such shard": {ShardIndex: 3, ShardCount: 2}, "no shard": {ShardCount: 2}, "wrong tags": {Tags: "read +"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := verifier.Run(t.Context(), target, o)
			assert.Error(t, err)
		})
	}
}

// TestReproducible: the same seed sends the same requests.
func TestReproducible(t *testing.T) {
	sent := func(seed uint64) string {
		srv := sandbox(t)
		var log []string
		h := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if !strings.HasPrefix(r.URL.Path, "/__admin") {
				log = append(log, r.URL.Query().Get("salt")+r.URL.Query().Get("iq")+r.URL.Query().Get("key"))
			}
			srv.ServeHTTP(w, r)
		})
		report := several(t, verifier.InProcess(h), verifier.Options{Seed: seed, Jobs: 1}, "interstream",
			"scenario: x\napi: interstream\nsteps:\n  - save: {u: unique(), v: unique()}\n  - {call: getContentVote, with: {iq: \"${u}${v}\", contentID: 1}, check: [len(u) == 12 && u != v], expect: {outcome: user-id-invalid}}\n")
		assert.Equal(t, verifier.Pass, report.Scenarios[0].Verdict, "%+v", problems(report.Scenarios[0]))
		assert.Equal(t, max(seed, 1), report.Seed)
		return strings.Join(log, "\n")
	}
	first, again := sent(7), sent(7)
	assert.Equal(t, first, again)
	assert.NotEqual(t, first, sent(8))
	assert.NotEmpty(t, sent(0))
}

func TestProgress(t *testing.T) {
	var seen []verifier.Progress
	o := verifier.Options{Progress: func(p verifier.Progress) { seen = append(seen, p) }}
	several(t, verifier.InProcess(sandbox(t)), o, "qqtube", "scenario: a\napi: qqtube\nsteps: [{call: funds}]", "scenario: b\napi: qqtube\nsteps: [{call: funds}]")
	require.Len(t, seen, 2)
	assert.Equal(t, []int{1, 2}, []int{seen[0].Done, seen[1].Done})
	assert.Equal(t, 2, seen[0].Total)
}

func TestPlan(t *testing.T) {
	list, err := verifier.Source{FS: examples}.Load()
	require.NoError(t, err)
	srv := vendor(t, nil)
	plan, err := verifier.NewPlan(t.Context(), foreign(t, srv.URL, ""), verifier.Options{APIs: []string{"qqtube", "polyv"}}, list...)
	require.NoError(t, err)
	assert.Equal(t, "vendor", plan.Target)
	assert.Empty(t, plan.Run)
	reasons := map[string]string{}
	for _, s := range plan.Skip {
		reasons[s.Scenario.API] = s.Reason
	}
	assert.Equal(t, map[string]string{
		"qqtube": "paid is not allowed at this target (see --allow)", "polyv": "destructive is not allowed at this target (see --allow)", "interstream": "not chosen by API",
	}, reasons)
}

// TestCoverage: what was met is counted, what was not says why.
func TestCoverage(t *testing.T) {
	report := several(t, verifier.InProcess(sandbox(t)), verifier.Options{Run: regexp.MustCompile("^(met|skipped|failed)")}, "interstream",
		"scenario: met\napi: interstream\nsteps: [{call: getContentVote, with: {iq: 1, contentID: 1}}, {raw: {path: /nowhere}, expect: {outcome: not-found}}]",
		"scenario: skipped\napi: interstream\nneeds: [vars.x]\nsteps: [{call: getContentVote, with: {iq: 1, contentID: 0}, expect: {outcome: content-id-invalid}}]",
		"scenario: failed\napi: interstream\nsteps: [{call: getContentVote, with: {iq: 1, contentID: 1}, expect: {outcome: user-id-invalid}}]",
		"scenario: other\napi: interstream\nsteps: [{call: getContentVote, with: {iq: 0, contentID: 1}, expect: {outcome: user-ip-invalid}}]",
	)
	require.Len(t, report.Coverage, 1)
	rows := map[string]verifier.OutcomeCoverage{}
	for _, op := range report.Coverage[0].Operations {
		for _, o := range op.Outcomes {
			rows[op.Operation+" "+o.Outcome] = o
		}
	}
	assert.Equal(t, 2, rows["getContentVote vote-read"].Met)
	assert.Equal(t, 1, rows["getContentVote not-found"].Met)
	assert.Equal(t, 1, rows["setContentVote not-found"].Met, "no operation was named: it counts for each")
	for at, why := range map[string]string{
		"getContentVote content-id-invalid": "“skipped” was skipped: the target gives no vars.x",
		"getContentVote user-id-invalid":    "“failed” did not get there: fail",
		"getContentVote user-ip-invalid":    "“other” was not chosen by name",
		"getContentVote key-unknown":        "assumed, and no scenario expects it",
		"getContentVote internal-error":     "no rule leads there: only a sandbox that is asked for it answers so",
		"setContentVote voted-already":      "no scenario expects it",
	} {
		assert.Equal(t, why, rows[at].Why, at)
		assert.Zero(t, rows[at].Met, at)
	}
}

// Where nothing is signed, nothing is said of a signature.
func TestNothingToDiagnose(t *testing.T) {
	for api, want := range map[string]string{
		"qqtube": "",
		"qulive": "",
		"polyv":  "the signature is right, as far as this side can tell",
	} {
		step := map[string]string{
			"qqtube": "call: stats, with: {id_service_submission: 1}",
			"qulive": "call: vodRefreshVideoUploadAuth, tamper: {}",
			"polyv":  "call: authplayStatus, with: {vid: nothing}, tamper: {}",
		}[api]
		got := run(t, api, "steps: [{"+step+"}]")
		require.Equal(t, verifier.Fail, got.Verdict, "%+v", got)
		assert.Equal(t, want, got.Steps[0].Exchange.Diagnose, api)
	}
}

// A refusal that is outside the contract is held against the one that was expected, not
// against another that looks the same.
func TestDriftNamesWhatWasExpected(t *testing.T) {
	srv := vendor(t, say(`"messages"`, `"message"`))
	got := one(t, foreign(t, srv.URL, ""), verifier.Options{}, "qqtube", "scenario: x\napi: qqtube\nsteps: [{call: submissions, with: {limit: 0}, expect: {outcome: limit-invalid}}]")
	require.NotEmpty(t, problems(got))
	for _, p := range problems(got) {
		assert.NotContains(t, p.Contract, "starting-after-invalid")
		assert.Contains(t, p.Contract, "limit-invalid (")
	}
}
