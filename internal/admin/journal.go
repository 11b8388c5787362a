package admin

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/mediasandbox/sandbox/internal/contract"
	"github.com/mediasandbox/sandbox/internal/journal"
	"github.com/mediasandbox/sandbox/internal/nearest"
	"github.com/mediasandbox/sandbox/internal/span"
)

// Limits on reading the journal.
const (
	entriesPage = 100 // entries, unless ?limit= says otherwise
	maxPage     = 10_000
	defaultWait = 10 * time.Second
	maxWait     = 4 * time.Minute // the server ends what takes longer
)

// filterQuery are the query parameters that select entries, and those of a tenant's route.
func filterQuery(more ...string) []string {
	return append([]string{"tenant", "api", "operation", "outcome", "status", "caller", "fault", "since"}, more...)
}

func (a *API) journalRoutes() []Route {
	path := Prefix + "/requests"
	return []Route{
		{Method: http.MethodGet, Path: path, Query: filterQuery("limit"), Serve: a.listRequests},
		{Method: http.MethodDelete, Path: path, Query: tenantQuery(), Serve: a.clearRequests},
		{Method: http.MethodGet, Path: path + ".har", Query: filterQuery("limit"), Serve: a.exportRequests},
		{Method: http.MethodGet, Path: path + "/count", Query: filterQuery(), Serve: a.countRequests},
		{Method: http.MethodGet, Path: path + "/wait", Query: filterQuery("count", "timeout"), Serve: a.waitForRequests},
		{Method: http.MethodGet, Path: path + "/follow", Query: filterQuery("limit"), Serve: a.followRequests},
		{Method: http.MethodGet, Path: path + "/{id}", Query: tenantQuery(), Serve: a.getRequest},
		{Method: http.MethodGet, Path: path + "/{id}/explain", Query: tenantQuery(), Serve: a.explainRequest},
	}
}

// journal returns the journal of the tenant that ?tenant= names.
func (c *Call) journal() (*journal.Tenant, error) {
	t, err := c.Tenant()
	if err != nil {
		return nil, err
	}
	j := journal.Of(t)
	if j == nil {
		return nil, refuse(http.StatusNotFound, "this sandbox keeps no journal")
	}
	return j, nil
}

// filter reads the query. Names that no contract has are refused: a wait for them would
// end with the time, and tell nobody why.
func (c *Call) filter(limit int) (journal.Filter, error) {
	f := journal.Filter{
		API: c.Params.Get("api"), Operation: c.Params.Get("operation"), Outcome: c.Params.Get("outcome"),
		Caller: c.Params.Get("caller"), Fault: c.Params.Get("fault"),
	}
	var err error
	if f.Status, err = c.Whole("status", 0, 100, 599); err != nil {
		return f, err
	}
	if text := c.Params.Get("since"); text != "" {
		if f.Since, err = strconv.ParseUint(text, 10, 64); err != nil {
			return f, refuse(http.StatusBadRequest, "since: %q is not the id of an entry", text)
		}
	}
	if f.Limit, err = c.Whole("limit", limit, 1, maxPage); err != nil {
		return f, err
	}
	return f, c.known(f)
}

// known holds the names of a filter to the contracts.
func (c *Call) known(f journal.Filter) error {
	var apis, operations, outcomes []string
	for _, api := range c.host.APIs() {
		apis = append(apis, api.Name)
		if f.API != "" && f.API != api.Name {
			continue
		}
		doc := c.host.Document(api.Name)
		for name := range doc.Common {
			outcomes = append(outcomes, name)
		}
		for _, op := range doc.Operations {
			operations = append(operations, op.ID)
			if f.Operation == "" || f.Operation == op.ID {
				outcomes = append(outcomes, outcomeNames(op)...)
			}
		}
	}
	slices.Sort(outcomes) // of the common ones, which are a map
	for _, row := range []struct {
		name, value string
		there       []string
	}{{"api", f.API, apis}, {"operation", f.Operation, operations}, {"outcome", f.Outcome, outcomes}} {
		if row.value != "" && !slices.Contains(row.there, row.value) {
			return refuse(http.StatusBadRequest, "%s: no contract has %q there%s", row.name, row.value, choice(row.value, row.there))
		}
	}
	return nil
}

func outcomeNames(op *contract.Operation) []string {
	out := make([]string, len(op.Outcomes))
	for i, o := range op.Outcomes {
		out[i] = o.Name
	}
	return out
}

// choice ends a complaint about a name: with the nearest, or with all where they are few.
func choice(name string, names []string) string {
	if h := nearest.Hint(name, names); h != "" {
		return h
	}
	if len(names) == 0 || len(names) > 12 {
		return ""
	}
	return "; there are " + strings.Join(names, ", ")
}

func (a *API) listRequests(c *Call) (Reply, error) {
	j, err := c.journal()
	if err != nil {
		return Reply{}, err
	}
	f, err := c.filter(entriesPage)
	if err != nil {
		return Reply{}, err
	}
	return Reply{JSON: j.List(f)}, nil
}

func (a *API) clearRequests(c *Call) (Reply, error) {
	j, err := c.journal()
	if err != nil {
		return Reply{}, err
	}
	j.Clear()
	return noContent(), nil
}

func (a *API) exportRequests(c *Call) (Reply, error) {
	j, err := c.journal()
	if err != nil {
		return Reply{}, err
	}
	f, err := c.filter(maxPage)
	if err != nil {
		return Reply{}, err
	}
	return Reply{
		JSON:   j.HAR(f, a.cfg.Version.Version),
		Header: map[string]string{"Content-Disposition": `attachment; filename="requests.har"`},
	}, nil
}

func (a *API) countRequests(c *Call) (Reply, error) {
	j, err := c.journal()
	if err != nil {
		return Reply{}, err
	}
	f, err := c.filter(0)
	if err != nil {
		return Reply{}, err
	}
	return Reply{JSON: j.Count(f)}, nil
}

// waitReply is the answer to a wait.
type waitReply struct {
	journal.Tally
	Met bool `json:"met"`
}

func (a *API) waitForRequests(c *Call) (Reply, error) {
	j, err := c.journal()
	if err != nil {
		return Reply{}, err
	}
	f, err := c.filter(0)
	if err != nil {
		return Reply{}, err
	}
	ctx, cancel, count, err := a.wait(c)
	if err != nil {
		return Reply{}, err
	}
	defer cancel()
	tally, met := j.Wait(ctx, f, count)
	return Reply{JSON: waitReply{tally, met}}, nil
}

// wait reads what a call waits for: for how many, and, as the end of the context, for how
// long; it is over when the sandbox is told to stop.
func (a *API) wait(c *Call) (ctx context.Context, cancel context.CancelFunc, count int, err error) {
	if count, err = c.Whole("count", 1, 1, maxPage); err != nil {
		return nil, nil, 0, err
	}
	timeout := defaultWait
	if text := c.Params.Get("timeout"); text != "" {
		if timeout, err = span.Parse(text); err != nil {
			return nil, nil, 0, refuse(http.StatusBadRequest, "timeout %s", err)
		}
		if timeout > maxWait {
			return nil, nil, 0, refuse(http.StatusBadRequest, "timeout: at most %v", maxWait)
		}
	}
	running, release := a.untilStop(c.Context())
	ctx, done := context.WithTimeout(running, timeout)
	return ctx, func() { done(); release() }, count, nil
}

func (a *API) getRequest(c *Call) (Reply, error) {
	j, id, err := c.entry()
	if err != nil {
		return Reply{}, err
	}
	v, err := j.Get(id)
	if err != nil {
		return Reply{}, noEntry(id, err)
	}
	return Reply{JSON: v}, nil
}

// entry reads the id of the path.
func (c *Call) entry() (*journal.Tenant, uint64, error) {
	j, err := c.journal()
	if err != nil {
		return nil, 0, err
	}
	id, err := strconv.ParseUint(c.PathParam("id"), 10, 64)
	if err != nil {
		return nil, 0, refuse(http.StatusNotFound, "request %.40q: %s; ids are whole numbers", c.PathParam("id"), journal.ErrUnknown)
	}
	return j, id, nil
}

// noEntry answers for an entry that is not there. Of one that was, the journal remembers
// the id only: not whether it was cleared or evicted.
func noEntry(id uint64, err error) error {
	if errors.Is(err, journal.ErrEvicted) {
		return refuse(http.StatusGone, "request %d: the entry was there and is gone: it was cleared, or evicted, because "+
			"the journal keeps a bounded number of entries and bytes", id)
	}
	return refuse(http.StatusNotFound, "request %d: %s", id, err)
}
