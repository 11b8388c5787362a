package admin

import (
	"net/http"
	"slices"

	"github.com/mediasandbox/sandbox/internal/coverage"
)

func (a *API) coverageRoutes() []Route {
	path := Prefix + "/coverage"
	return []Route{
		{Method: http.MethodGet, Path: path, Query: []string{"tenant", "api"}, Serve: a.getCoverage},
		{Method: http.MethodDelete, Path: path, Query: tenantQuery(), Serve: a.resetCoverage},
	}
}

// coverageReply is a report and what it comes to.
type coverageReply struct {
	coverage.Report
	Missed    []missedOutcome `json:"missed"`
	NotCalled []string        `json:"not_called"`
}

// missedOutcome is an outcome that the client was never shown.
type missedOutcome struct {
	API       string `json:"api"`
	Operation string `json:"operation"`
	Outcome   string `json:"outcome"`
	Summary   string `json:"summary"`
	Source    string `json:"source"`
}

func (a *API) getCoverage(c *Call) (Reply, error) {
	j, err := c.journal()
	if err != nil {
		return Reply{}, err
	}
	var names []string
	if api := c.Params.Get("api"); api != "" {
		if !slices.Contains(a.apis(), api) {
			return Reply{}, refuse(http.StatusBadRequest, "api: no contract has %q there%s", api, choice(api, a.apis()))
		}
		names = []string{api}
	}
	report, ok := j.Coverage(names...)
	if !ok {
		return Reply{}, refuse(http.StatusNotFound, "this sandbox counts no coverage")
	}
	out := coverageReply{Report: report, Missed: []missedOutcome{}, NotCalled: append([]string{}, report.NotCalled()...)}
	for _, m := range report.Missed() {
		out.Missed = append(out.Missed, missedOutcome{m.API, m.Operation, m.Outcome.Name, m.Outcome.Summary, m.Outcome.Source})
	}
	return Reply{JSON: out}, nil
}

func (a *API) resetCoverage(c *Call) (Reply, error) {
	j, err := c.journal()
	if err != nil {
		return Reply{}, err
	}
	j.ResetCoverage()
	return noContent(), nil
}
