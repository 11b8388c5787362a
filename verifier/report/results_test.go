package report

import (
	"time"

	"github.com/mediasandbox/sandbox/verifier"
)

// nasty is what a hostile reply may hold: commands of CI systems, an escape sequence, the
// ends of code blocks, of CDATA sections and of scripts, bytes that are not UTF-8.
const nasty = "first\n::set-env name=PATH::/evil\n##vso[task.complete result=Failed]\n\x1b[31mred\x1b[0m\n```\n</pre><script>alert(1)</script> ]]> | 50% \uffff\xff\xfe\u202e"

func allVerdicts() Results {
	started := time.Date(2026, 3, 1, 8, 30, 0, 0, time.UTC)
	return Results{
		Source: func(file string, line int) (string, bool) {
			if file == "scenarios/qqtube/order.yaml" && line == 14 {
				return "  - call: stats", true
			}
			return "", false
		},
		Reports: []*verifier.Report{{
			Target: "fakes", Started: started, Duration: 2345 * time.Millisecond, Seed: 7, Sent: 1204,
			Scenarios: []verifier.ScenarioResult{
				passing(),
				failing(),
				drifting(),
				refuted(),
				inError(),
				{
					Name: "Cliparto's limit of an hour", API: "cliparto", File: "scenarios/cliparto/limits.yaml", Line: 1,
					Tags: []string{"read", "slow"}, Verdict: verifier.Skip, Reason: "needs clock, which this target does not have",
				},
				{
					Name: "the limit of 20 seconds", API: "cliparto", File: "scenarios/cliparto/pace.yaml", Line: 1,
					Verdict: verifier.Skip, Reason: "needs clock, which this target does not have",
				},
			},
			Coverage: coverageOfAll(),
			Created:  []verifier.Created{{Operation: "qqtube add", What: "id_service_submission 123457"}},
		}},
	}
}

func passing() verifier.ScenarioResult {
	return verifier.ScenarioResult{
		Name: "funds are told", API: "qqtube", File: "scenarios/qqtube/funds.yaml", Line: 2, Tags: []string{"read"},
		Verdict: verifier.Pass, Duration: 3 * time.Millisecond,
		Steps: []verifier.StepResult{{Name: "funds", Operation: "funds", Outcome: "funds", File: "scenarios/qqtube/funds.yaml", Line: 5, Verdict: verifier.Pass}},
	}
}

func failing() verifier.ScenarioResult {
	const file = "scenarios/qqtube/order.yaml"
	return verifier.ScenarioResult{
		Name: "an order is delivered", API: "qqtube", File: file, Line: 2, Tags: []string{"paid"},
		Verdict: verifier.Fail, Duration: 45 * time.Millisecond,
		Steps: []verifier.StepResult{
			{Name: "add", Operation: "add", Outcome: "added", File: file, Line: 8, Verdict: verifier.Pass},
			{
				Name: "the order is full", Operation: "stats", Outcome: "found", File: file, Line: 14, Verdict: verifier.Fail, Attempts: 49,
				Problems: []verifier.Problem{
					{
						Verdict: verifier.Fail, What: "the value is another", Class: "value", Pointer: "/status/id_status",
						Expected: `"1"`, Actual: `"2"`, Line: 17,
					},
					{Verdict: verifier.Fail, What: "a check does not hold: int(body.current_count) == 1000", Class: "check", Actual: "false", Line: 19},
				},
				Exchange: &verifier.Exchange{
					Method: "GET", URL: "http://sandbox.test/qqtube/v1-api?action=stats&api_key=***&id_service_submission=123457",
					Curl:   "curl 'http://sandbox.test/qqtube/v1-api?action=stats&api_key=***&id_service_submission=123457'",
					Status: 200, Headers: map[string]string{"Content-Type": "application/json"},
					Reply: `{"status":{"id_status":"2","name":"In Progress"},"current_count":"998"}`,
				},
			},
			{Name: "", Operation: "funds", File: file, Line: 30, Cleanup: true, Verdict: verifier.Skip, Reason: "what it needs was not saved"},
		},
	}
}

func drifting() verifier.ScenarioResult {
	const file = "scenarios/polyv/danmu.yaml"
	return verifier.ScenarioResult{
		Name: "danmu are listed, newest first | all", API: "polyv", File: file, Line: 1, Verdict: verifier.Drift, Duration: time.Millisecond,
		Steps: []verifier.StepResult{{
			Name: "danmuList", Operation: "danmuList", Outcome: "listed", File: file, Line: 6, Verdict: verifier.Drift,
			Problems: []verifier.Problem{{
				Verdict: verifier.Drift, What: "the field is not in the contract", Class: "field-added", Pointer: "/data/contents/0/extra",
				Actual: nasty, Contract: "additionalProperties: false",
			}},
			Exchange: &verifier.Exchange{
				Method: "GET", URL: "http://sandbox.test/polyv/v2/danmu/8205ac89d3?ptime=1700000000000&sign=***",
				Curl:   "curl 'http://sandbox.test/polyv/v2/danmu/8205ac89d3?ptime=1700000000000&sign=***'",
				Status: 200, Headers: map[string]string{"Content-Type": "application/json;charset=UTF-8"}, Reply: nasty,
			},
		}},
	}
}

func refuted() verifier.ScenarioResult {
	const file = "scenarios/interstream/signature.yaml"
	return verifier.ScenarioResult{
		Name: "an expired timestamp", API: "interstream", File: file, Line: 1, Verdict: verifier.Refuted, Duration: 120 * time.Millisecond,
		Steps: []verifier.StepResult{{
			Name: "set", Operation: "setContentVote", File: file, Line: 9, Verdict: verifier.Refuted,
			Problems: []verifier.Problem{{
				Verdict: verifier.Refuted, What: "refused as expected, in other words than the contract assumes", Class: "outcome",
				Expected: "timestamp-expired", Actual: `{"error":"REQUEST_ERROR","error_long":"Request too old"}`,
			}},
			Exchange: &verifier.Exchange{
				Method: "POST", URL: "https://vendor.test/api.php?go=users", Curl: "curl --data-raw vote=like 'https://vendor.test/api.php?go=users'",
				Request: "vote=like", Status: 200, Headers: map[string]string{"Content-Type": "application/json"},
				Reply: `{"error":"REQUEST_ERROR","error_long":"Request too old"}`, Diagnose: "the timestamp is 4m0s behind",
			},
		}},
	}
}

func inError() verifier.ScenarioResult {
	const file = "scenarios/qulive/login.yaml"
	return verifier.ScenarioResult{
		Name: "a user logs in 用户", API: "qulive", File: file, Line: 3, Verdict: verifier.Error, Duration: 10 * time.Second,
		Steps: []verifier.StepResult{{
			Name: "login", Operation: "login", File: file, Line: 7, Verdict: verifier.Error,
			Problems: []verifier.Problem{{Verdict: verifier.Error, What: "the target did not answer within 10s", Class: "transport"}},
			Exchange: &verifier.Exchange{Method: "GET", URL: "http://sandbox.test/qulive/demo/login", Curl: "curl http://sandbox.test/qulive/demo/login"},
		}},
	}
}

func coverageOfAll() []verifier.APICoverage {
	outcomes := func(list ...verifier.OutcomeCoverage) []verifier.OutcomeCoverage { return list }
	return []verifier.APICoverage{
		{API: "qqtube", Operations: []verifier.OperationCoverage{
			{Operation: "funds", Outcomes: outcomes(
				verifier.OutcomeCoverage{Outcome: "funds", Source: "documented", Met: 3},
				verifier.OutcomeCoverage{Outcome: "invalid-api-key", Source: "observed", Met: 1},
				verifier.OutcomeCoverage{Outcome: "internal-error", Source: "assumed", Forced: true, Why: "only by forcing it"},
			)},
			{Operation: "stats", Outcomes: outcomes(
				verifier.OutcomeCoverage{Outcome: "found", Source: "documented", Met: 50},
				verifier.OutcomeCoverage{Outcome: "invalid-api-key", Source: "observed"},
				verifier.OutcomeCoverage{Outcome: "submission-unknown", Source: "assumed", Why: "no scenario ran that shows it"},
				verifier.OutcomeCoverage{Outcome: "internal-error", Source: "assumed", Forced: true, Met: 1},
			)},
		}},
		{API: "polyv", Operations: []verifier.OperationCoverage{
			{Operation: "danmuList", Outcomes: outcomes(
				verifier.OutcomeCoverage{Outcome: "listed", Source: "documented", Met: 12},
				verifier.OutcomeCoverage{Outcome: "sign-wrong", Source: "documented", Met: 2},
				verifier.OutcomeCoverage{Outcome: "ptime-illegal", Source: "documented"},
			)},
			{Operation: "danmuDelete", Outcomes: outcomes(
				verifier.OutcomeCoverage{Outcome: "deleted", Source: "documented"},
			)},
		}},
	}
}

func differing() Results {
	started := time.Date(2026, 3, 1, 8, 30, 0, 0, time.UTC)
	a := &verifier.Report{Target: "fakes", Started: started, Duration: time.Second, Seed: 1, Sent: 10, Scenarios: []verifier.ScenarioResult{passing()}}
	b := &verifier.Report{Target: "real", Started: started, Duration: 2 * time.Minute, Seed: 1, Sent: 10, Scenarios: []verifier.ScenarioResult{passing()}}
	return Results{Reports: []*verifier.Report{a, b}, Comparisons: []Comparison{{A: "fakes", B: "real", Differences: []verifier.Difference{
		{API: "qqtube", Operation: "stats", Class: "status", A: "200", B: "403", Scenario: "funds are told", Step: "stats", File: "scenarios/qqtube/funds.yaml", Line: 9, Count: 1},
		{API: "qqtube", Operation: "funds", Class: "field-added", Pointer: "/currency", A: "nothing", B: "string", Scenario: "funds are told", Step: "funds", File: "scenarios/qqtube/funds.yaml", Line: 5, Count: 1, Accepted: "since the change of March, issue 12"},
		{API: "qqtube", Operation: "funds", Class: "type", Pointer: "/funds", A: "string", B: "number", Scenario: "funds are told", Step: "funds", File: "scenarios/qqtube/funds.yaml", Line: 5, Count: 3},
	}, Remarks: []verifier.Remark{{File: "baseline.yaml", Line: 4, What: "accepted until 2026-02-28: a week of grace"}}}}}
}
