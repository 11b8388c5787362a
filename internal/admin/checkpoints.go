package admin

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"sync"
	"time"

	"github.com/mediasandbox/sandbox/fakes"
	"github.com/mediasandbox/sandbox/internal/clock"
)

// maxCheckpoints is how many checkpoints one tenant may have.
const maxCheckpoints = 20

// checkpoint is a tenant's worlds and clock at one moment.
type checkpoint struct {
	id     string
	tenant *fakes.Tenant
	states map[string]json.RawMessage
	clock  clock.State
	size   int
}

// checkpointReply is a checkpoint as it is listed.
type checkpointReply struct {
	ID    string    `json:"id"`
	Now   time.Time `json:"now"`   // on the tenant's clock when it was made
	Bytes int       `json:"bytes"` // of state
}

// checkpointTable holds the checkpoints of all tenants. They outlive a reset, and go
// with their tenant.
type checkpointTable struct {
	mu     sync.Mutex
	list   map[*fakes.Tenant][]*checkpoint
	stored int // bytes, of all tenants together
	limit  int // on stored
	drawn  int
}

func (a *API) checkpointRoutes() []Route {
	all, one := Prefix+"/checkpoints", Prefix+"/checkpoints/{id}"
	return []Route{
		{Method: http.MethodGet, Path: all, Query: tenantQuery(), Serve: a.listCheckpoints},
		{Method: http.MethodPost, Path: all, Query: tenantQuery(), Serve: a.addCheckpoint},
		{Method: http.MethodDelete, Path: one, Query: tenantQuery(), Serve: a.removeCheckpoint},
		{Method: http.MethodPost, Path: one + "/restore", Query: tenantQuery(), Serve: a.delivered(a.restoreCheckpoint)},
	}
}

func (a *API) addCheckpoint(c *Call) (Reply, error) {
	t, err := c.Tenant()
	if err != nil {
		return Reply{}, err
	}
	p := &checkpoint{tenant: t, clock: t.Clock.State()}
	if p.states, err = a.export(t); err != nil {
		return Reply{}, err
	}
	for _, state := range p.states {
		p.size += len(state)
	}
	if err := a.checkpoints.add(a.host, p); err != nil {
		return Reply{}, err
	}
	return Reply{Status: http.StatusCreated, JSON: map[string]string{"id": p.id}}, nil
}

func (a *API) listCheckpoints(c *Call) (Reply, error) {
	t, err := c.Tenant()
	if err != nil {
		return Reply{}, err
	}
	out := []checkpointReply{}
	for _, p := range a.checkpoints.of(t) {
		out = append(out, checkpointReply{p.id, p.clock.Now, p.size})
	}
	return Reply{JSON: map[string]any{"checkpoints": out}}, nil
}

func (a *API) removeCheckpoint(c *Call) (Reply, error) {
	p, err := a.checkpoint(c)
	if err != nil {
		return Reply{}, err
	}
	a.checkpoints.remove(p)
	return noContent(), nil
}

// restoreCheckpoint puts worlds and clock back. A clock that showed the real time
// shows it again, because clients sign with theirs; one that was moved stands where
// it stood.
func (a *API) restoreCheckpoint(c *Call) (Reply, error) {
	p, err := a.checkpoint(c)
	if err != nil {
		return Reply{}, err
	}
	if err := a.host.Import(p.tenant, p.states); err != nil {
		return Reply{}, err
	}
	a.clocks.Lock()
	defer a.clocks.Unlock()
	_, err = a.host.MoveClock(p.tenant, func(c *clock.Clock) {
		if p.clock.Frozen || p.clock.Offset != 0 {
			c.Set(p.clock.Now, p.clock.Frozen)
		} else {
			c.Reset()
		}
	})
	return noContent(), err
}

// checkpoint returns the one that the path names.
func (a *API) checkpoint(c *Call) (*checkpoint, error) {
	t, err := c.Tenant()
	if err != nil {
		return nil, err
	}
	id := c.PathParam("id")
	for _, p := range a.checkpoints.of(t) {
		if p.id == id {
			return p, nil
		}
	}
	return nil, refuse(http.StatusNotFound, "tenant %q has no checkpoint %q", t.ID, id)
}

func (ct *checkpointTable) add(host *fakes.Host, p *checkpoint) error {
	ct.mu.Lock()
	defer ct.mu.Unlock()
	for t := range ct.list { // tenants that expired took no leave
		if now, err := host.Tenant(t.ID); err != nil || now != t {
			ct.drop(t)
		}
	}
	if len(ct.list[p.tenant]) >= maxCheckpoints {
		return refuse(http.StatusInsufficientStorage, "tenant %q has %d checkpoints, which is the limit; delete one", p.tenant.ID, maxCheckpoints)
	}
	if ct.stored+p.size > ct.limit {
		return refuse(http.StatusInsufficientStorage, "the checkpoints of all tenants would exceed %d bytes; delete some", ct.limit)
	}
	if ct.list == nil {
		ct.list = map[*fakes.Tenant][]*checkpoint{}
	}
	ct.drawn++
	p.id = fmt.Sprintf("c%d", ct.drawn)
	ct.list[p.tenant] = append(ct.list[p.tenant], p)
	ct.stored += p.size
	return nil
}

// of returns a tenant's checkpoints, the oldest first.
func (ct *checkpointTable) of(t *fakes.Tenant) []*checkpoint {
	ct.mu.Lock()
	defer ct.mu.Unlock()
	return slices.Clone(ct.list[t])
}

func (ct *checkpointTable) remove(p *checkpoint) {
	ct.mu.Lock()
	defer ct.mu.Unlock()
	if i := slices.Index(ct.list[p.tenant], p); i >= 0 {
		ct.list[p.tenant] = slices.Delete(ct.list[p.tenant], i, i+1)
		ct.stored -= p.size
	}
}

// forget drops the checkpoints of a tenant that is gone.
func (ct *checkpointTable) forget(t *fakes.Tenant) {
	ct.mu.Lock()
	defer ct.mu.Unlock()
	ct.drop(t)
}

func (ct *checkpointTable) drop(t *fakes.Tenant) {
	for _, p := range ct.list[t] {
		ct.stored -= p.size
	}
	delete(ct.list, t)
}
