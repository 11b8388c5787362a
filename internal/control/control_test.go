package control_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/mediasandbox/sandbox/fakes"
	"github.com/mediasandbox/sandbox/internal/admin/wholetest"
	"github.com/mediasandbox/sandbox/internal/callbacks"
	"github.com/mediasandbox/sandbox/internal/control"
	"github.com/mediasandbox/sandbox/specs/openapi"
)

var kit = sync.OnceValues(wholetest.Load)

// noon is what the real clock shows.
var noon = time.Date(2026, 3, 18, 12, 0, 0, 0, time.UTC)

func sandbox(t *testing.T) *wholetest.Sandbox {
	t.Helper()
	k, err := kit()
	require.NoError(t, err)
	return k.New(t, callbacks.Config{}, func(c *fakes.Config) {
		c.Now = func() time.Time { return noon }
		c.Settings = map[string]string{"cliparto.limits": "off"}
	})
}

// post sends a change of state; path is below the tenant's API.
func post(s *wholetest.Sandbox, tenant, path, body string) wholetest.Reply {
	s.T.Helper()
	return s.Admin(http.MethodPost, "/state/"+path+"?tenant="+tenant, body)
}

// world returns the state of an API.
func world(s *wholetest.Sandbox, tenant, api string, into any) {
	s.T.Helper()
	var state struct{ World json.RawMessage }
	s.Admin(http.MethodGet, "/state/"+api+"?tenant="+tenant, "").OK(&state)
	require.NoError(s.T, json.Unmarshal(state.World, into))
}

// unchanged runs f and holds the whole state to what it was.
func unchanged(s *wholetest.Sandbox, tenant string, f func()) {
	s.T.Helper()
	before := s.Admin(http.MethodGet, "/state?tenant="+tenant, "").Body
	f()
	assert.Equal(s.T, before, s.Admin(http.MethodGet, "/state?tenant="+tenant, "").Body)
}

// refusal is a change that is refused.
type refusal struct {
	path, body string
	status     int
	words      string
}

func refused(s *wholetest.Sandbox, tenant string, rows []refusal) {
	s.T.Helper()
	unchanged(s, tenant, func() {
		for _, r := range rows {
			post(s, tenant, r.path, r.body).Problem(r.status, r.words)
		}
	})
}

// A whole world is still read and replaced beside its direct changes, an unknown tenant is
// unknown, and what is not in the table is not there.
func TestBesideTheTable(t *testing.T) {
	s := sandbox(t)
	state := s.Admin(http.MethodGet, "/state/qqtube", "").OK(nil).Body
	s.Admin(http.MethodPut, "/state/qqtube", state).OK(nil)
	post(s, "nobody", "qqtube/funds", `{"add":"1.00"}`).Problem(404, `"nobody"`)
	for _, a := range control.Actions() {
		assert.Contains(t, []string{"qqtube", "polyv", "cliparto", "qulive"}, a.API)
		assert.True(t, strings.HasPrefix(a.Path, "/"), a.Path)
	}
}

// What is controlled is kept like what is called: the store gets the world after it.
func TestKept(t *testing.T) {
	k, err := kit()
	require.NoError(t, err)
	store := &memory{}
	s := k.New(t, callbacks.Config{}, func(c *fakes.Config) { c.Store = store })
	post(s, fakes.DefaultTenant, "qqtube/funds", `{"add":"1.00"}`).OK(nil)
	require.Len(t, store.changes, 1)
	var state struct{ World struct{ Funds string } }
	require.NoError(t, json.Unmarshal(store.changes[0].State.Worlds["qqtube"], &state))
	assert.Equal(t, "509.60", state.World.Funds)
	post(s, fakes.DefaultTenant, "qqtube/funds", `{"add":"-9999.00"}`).Problem(409)
	assert.Len(t, store.changes, 1, "what was refused is not kept")
}

// What the contract gives as examples can be done in a fresh world, in the contract's order.
func TestExamples(t *testing.T) {
	doc, err := openapi.YAML("admin")
	require.NoError(t, err)
	contract, err := openapi3.NewLoader().LoadFromData(doc)
	require.NoError(t, err)
	s := sandbox(t)
	for _, a := range control.Actions() {
		path, item := a.API+a.Path, contract.Paths.Find("/__admin/state/"+a.API+a.Path)
		for _, p := range item.Parameters {
			path = strings.ReplaceAll(path, "{"+p.Value.Name+"}", fmt.Sprint(p.Value.Example))
		}
		body := map[string]any{}
		if item.Post.RequestBody != nil {
			for name, p := range item.Post.RequestBody.Value.Content.Get("application/json").Schema.Value.Properties {
				if p.Value.Example != nil {
					body[name] = p.Value.Example
				}
			}
		}
		text, err := json.Marshal(body)
		require.NoError(t, err)
		reply := s.Admin(http.MethodPost, "/state/"+path, string(text))
		if a.Path == "/images/{id}/review" { // it waits for an upload, as the contract says
			reply.Problem(404, "no image")
			continue
		}
		reply.OK(nil)
	}
}

type memory struct{ changes []*fakes.Change }

func (m *memory) Append(c *fakes.Change) error {
	m.changes = append(m.changes, c)
	return nil
}

// The page lists the whole table, with every field, and nothing else.
func TestPage(t *testing.T) {
	data, err := os.ReadFile("../../docs/state-control.md")
	require.NoError(t, err)
	doc, err := openapi.YAML("admin")
	require.NoError(t, err)
	contract, err := openapi3.NewLoader().LoadFromData(doc)
	require.NoError(t, err)
	rows := map[string]string{}
	for line := range strings.Lines(string(data)) {
		if rest, ok := strings.CutPrefix(line, "| `/"); ok {
			path, body, _ := strings.Cut(rest, "` |")
			rows["/"+path] = body
		}
	}
	assert.Len(t, rows, len(control.Actions()))
	for _, a := range control.Actions() {
		row, ok := rows["/"+a.API+a.Path]
		if !assert.True(t, ok, "%s%s is not on the page", a.API, a.Path) || !a.Body {
			continue
		}
		schema := contract.Paths.Find("/__admin/state/" + a.API + a.Path).Post.RequestBody.Value.Content.Get("application/json").Schema.Value
		for field := range schema.Properties {
			if field == "userid" {
				continue // below the table
			}
			assert.Contains(t, row, "`"+field+"`", "%s%s", a.API, a.Path)
		}
		for _, field := range schema.Required {
			assert.Less(t, strings.Index(row, "`"+field+"`"), strings.Index(row+"[", "["), "%s%s: %s is required", a.API, a.Path, field)
		}
	}
}
