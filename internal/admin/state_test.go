package admin_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/mediasandbox/sandbox/internal/admin"
)

const (
	statePath       = "/__admin/state"
	checkpointsPath = "/__admin/checkpoints"
)

func TestReset(t *testing.T) {
	b := newBench(t, admin.Config{})
	for _, id := range []string{"bob", "eve"} {
		b.do(http.MethodPost, tenants, `{"id":"`+id+`"}`)
		b.order("shop", id)
		b.do(http.MethodPut, clockPath+"?tenant="+id, `{"frozen":true}`)
	}
	b.order("shop", "default")

	b.do(http.MethodPost, "/__admin/reset?tenant=bob", "").want(204, "")
	assert.Equal(t, counted("0", "0"), b.count("shop", "bob"), "its credential stays")
	assert.Equal(t, counted("1", "0"), b.count("shop", "eve"))
	assert.Equal(t, counted("1", "0"), b.count("shop", "default"))
	b.do(http.MethodGet, clockPath+"?tenant=bob", "").want(200, `{"now":"2024-02-29T12:00:00.25Z","frozen":false}`)

	b.do(http.MethodPost, "/__admin/reset", "{}").want(204, "")
	assert.Equal(t, counted("1", "0"), b.count("shop", "eve"))
	assert.Equal(t, counted("0", "0"), b.count("shop", "default"))

	b.order("shop", "default")
	b.do(http.MethodPost, "/__admin/reset?tenant=*", "").want(204, "")
	assert.Equal(t, counted("0", "0"), b.count("shop", "eve"))
	assert.Equal(t, counted("0", "0"), b.count("shop", "default"))
	b.do(http.MethodPost, "/__admin/reset?tenant=zoe", "").problem(404, `"zoe"`)
}

// A state that was exported can be imported, elsewhere, too, and says the same again.
func TestStateRoundTrip(t *testing.T) {
	b := newBench(t, admin.Config{})
	b.order("shop", "default")
	b.order("kiosk", "default")
	exported := b.do(http.MethodGet, statePath, "")
	require.Equal(t, 200, exported.Status)
	b.order("shop", "default")

	b.do(http.MethodPut, statePath, exported.Body).want(204, "")
	assert.Equal(t, exported.Body, b.do(http.MethodGet, statePath, "").Body)
	assert.Equal(t, counted("1", "0"), b.count("shop", "default"))

	other := newBench(t, admin.Config{})
	other.do(http.MethodPost, tenants, `{"id":"bob"}`)
	other.do(http.MethodPut, statePath+"?tenant=bob", exported.Body).want(204, "")
	assert.Equal(t, counted("1", "0"), other.count("kiosk", "bob"))
	assert.Equal(t, counted("0", "0"), other.count("kiosk", "default"))
}

func TestStateOfOneAPI(t *testing.T) {
	b := newBench(t, admin.Config{})
	b.order("shop", "default")
	b.order("kiosk", "default")
	shop := b.do(http.MethodGet, statePath+"/shop", "")
	shop.want(200, `{"calls":1,"born":"2024-02-29T12:00:00.25Z","world":{"orders":[{"id":1,"at":"2024-02-29T12:00:00.25Z","delivered":false}]}}`)
	b.order("shop", "default")
	b.do(http.MethodPut, statePath+"/shop", shop.Body).want(204, "")
	assert.Equal(t, counted("1", "0"), b.count("shop", "default"))

	b.do(http.MethodPut, statePath, `{"shop":{"world":{"orders":[]}}}`).want(204, "")
	assert.Equal(t, counted("0", "0"), b.count("shop", "default"))
	assert.Equal(t, counted("1", "0"), b.count("kiosk", "default"), "the other was not named")

	b.do(http.MethodGet, statePath+"/shoe", "").problem(404, `"shoe"`, "shop, kiosk")
	b.do(http.MethodPut, statePath+"/shoe", "{}").problem(404, `"shoe"`)
}

// Either every world named is replaced or none is.
func TestStateIsAllOrNothing(t *testing.T) {
	b := newBench(t, admin.Config{})
	b.order("shop", "default")
	b.order("kiosk", "default")
	before := b.do(http.MethodGet, statePath, "").Body
	good := `{"world":{"orders":[]}}`
	for name, row := range map[string]struct {
		bad   string
		words []string
	}{
		"no world":       {`{}`, []string{"shop", "world"}},
		"null":           {`null`, []string{"shop"}},
		"world null":     {`{"world":null}`, []string{"shop"}},
		"list":           {`[]`, []string{"shop"}},
		"unknown field":  {`{"world":{"order":[]}}`, []string{"shop", "order"}},
		"beside world":   {`{"world":{},"clock":1}`, []string{"shop", "clock"}},
		"wrong type":     {`{"world":{"orders":[{"id":"1"}]}}`, []string{"shop: world.orders.0.id wants a whole number"}},
		"inconsistent":   {`{"world":{"orders":[{"id":1,"at":"2024-01-01T00:00:00Z"},{"id":1,"at":"2024-01-01T00:00:00Z"}]}}`, []string{"shop", "two orders"}},
		"negative calls": {`{"calls":-1,"world":{}}`, []string{"shop", "calls wants a whole number from 0"}},
		"calls null":     {`{"calls":null,"world":{}}`, []string{"shop: calls is null"}},
		"calls twice":    {`{"calls":1,"calls":2,"world":{}}`, []string{"shop: calls stands twice"}},
		"calls in caps":  {`{"CALLS":1,"world":{}}`, []string{`shop: it has no field "CALLS"`}},
		"born no time":   {`{"born":"now","world":{}}`, []string{"shop: born wants a time in RFC 3339"}},
		"world a list":   {`{"world":[]}`, []string{"shop: world wants an object"}},
		"world twice":    {`{"world":{},"world":{}}`, []string{"shop: world stands twice"}},
		"field null":     {`{"world":{"orders":[{"id":null,"at":"2024-01-01T00:00:00Z"}]}}`, []string{"shop: world.orders.0.id is null"}},
		"field twice":    {`{"world":{"orders":[],"orders":[]}}`, []string{"shop: world.orders stands twice"}},
		"twice, deep":    {`{"world":{"orders":[{"id":1},{"id":2,"id":3}]}}`, []string{"shop: world.orders.1.id stands twice"}},
		"field in caps":  {`{"world":{"ORDERS":[]}}`, []string{`shop: world has no field "ORDERS"`, "orders"}},
	} {
		t.Run(name, func(t *testing.T) {
			b.t = t
			b.do(http.MethodPut, statePath, `{"kiosk":`+good+`,"shop":`+row.bad+`}`).problem(400, row.words...)
			assert.Equal(t, before, b.do(http.MethodGet, statePath, "").Body)
		})
	}
	t.Run("unknown API", func(t *testing.T) {
		b.t = t
		b.do(http.MethodPut, statePath, `{"kiosk":`+good+`,"shoe":`+good+`}`).problem(400, "shoe", "shop, kiosk")
		assert.Equal(t, before, b.do(http.MethodGet, statePath, "").Body)
	})
}

func TestCheckpoints(t *testing.T) {
	b := newBench(t, admin.Config{})
	b.do(http.MethodGet, checkpointsPath, "").want(200, `{"checkpoints":[]}`)
	b.order("shop", "default")
	var first, second struct{ ID string }
	got := b.do(http.MethodPost, checkpointsPath, "")
	require.Equal(t, 201, got.Status)
	got.into(&first)
	b.order("shop", "default")
	b.do(http.MethodPut, clockPath, `{"now":"2030-01-01T00:00:00Z","frozen":true}`)
	b.do(http.MethodPost, checkpointsPath, "").into(&second)
	b.order("shop", "default")

	var list struct {
		Checkpoints []struct {
			ID    string
			Now   time.Time
			Bytes int
		}
	}
	b.do(http.MethodGet, checkpointsPath, "").into(&list)
	require.Len(t, list.Checkpoints, 2)
	assert.Equal(t, first.ID, list.Checkpoints[0].ID)
	assert.Equal(t, start, list.Checkpoints[0].Now)
	assert.Equal(t, second.ID, list.Checkpoints[1].ID)
	assert.Greater(t, list.Checkpoints[1].Bytes, list.Checkpoints[0].Bytes)

	// In any order, more than once, and after a reset.
	for range 2 {
		b.do(http.MethodPost, checkpointsPath+"/"+second.ID+"/restore", "").want(204, "")
		assert.Equal(t, counted("2", "2"), b.count("shop", "default"))
		b.do(http.MethodGet, clockPath, "").want(200, `{"now":"2030-01-01T00:00:00Z","frozen":true}`)
		b.wall = b.wall.Add(time.Minute)
		b.do(http.MethodPost, checkpointsPath+"/"+first.ID+"/restore", "").want(204, "")
		assert.Equal(t, counted("1", "0"), b.count("shop", "default"))
		now := fmt.Sprintf(`{"now":%q,"frozen":false}`, b.wall.Format(time.RFC3339Nano))
		b.do(http.MethodGet, clockPath, "").want(200, now) // it was the real time, and is again
		b.do(http.MethodPost, "/__admin/reset", "").want(204, "")
	}

	b.do(http.MethodDelete, checkpointsPath+"/"+first.ID, "").want(204, "")
	b.do(http.MethodDelete, checkpointsPath+"/"+first.ID, "").problem(404, first.ID)
	b.do(http.MethodPost, checkpointsPath+"/"+first.ID+"/restore", "").problem(404, first.ID)
	b.do(http.MethodPost, checkpointsPath+"/"+second.ID+"/restore", "").want(204, "")
}

func TestCheckpointsAreTheTenants(t *testing.T) {
	b := newBench(t, admin.Config{})
	b.do(http.MethodPost, tenants, `{"id":"bob"}`)
	var made struct{ ID string }
	b.do(http.MethodPost, checkpointsPath+"?tenant=bob", "").into(&made)
	b.do(http.MethodPost, checkpointsPath+"/"+made.ID+"/restore", "").problem(404, made.ID)
	b.do(http.MethodDelete, checkpointsPath+"/"+made.ID, "").problem(404, made.ID)
	b.do(http.MethodGet, checkpointsPath, "").want(200, `{"checkpoints":[]}`)
	b.do(http.MethodPost, checkpointsPath+"/"+made.ID+"/restore?tenant=bob", "").want(204, "")

	b.do(http.MethodDelete, tenants+"/bob", "").want(204, "")
	b.do(http.MethodPost, tenants, `{"id":"bob"}`)
	b.do(http.MethodGet, checkpointsPath+"?tenant=bob", "").want(200, `{"checkpoints":[]}`)
}

func TestCheckpointLimit(t *testing.T) {
	b := newBench(t, admin.Config{})
	b.do(http.MethodPost, tenants, `{"id":"bob","ttl":"1m"}`)
	b.do(http.MethodPost, checkpointsPath+"?tenant=bob", "")
	for range 20 {
		require.Equal(t, 201, b.do(http.MethodPost, checkpointsPath, "").Status)
	}
	b.do(http.MethodPost, checkpointsPath, "").problem(507, "20")
	require.Equal(t, 201, b.do(http.MethodPost, checkpointsPath+"?tenant=bob", "").Status, "the limit is the tenant's")
}

// States of all tenants together are bounded; those of a tenant that expired, or was
// deleted, count no more.
func TestCheckpointBytes(t *testing.T) {
	b := newBench(t, admin.Config{})
	b.do(http.MethodPost, checkpointsPath, "").want(201, `{"id":"c1"}`)
	var list struct{ Checkpoints []struct{ Bytes int } }
	b.do(http.MethodGet, checkpointsPath, "").into(&list)
	size := list.Checkpoints[0].Bytes

	b = newBench(t, admin.Config{MaxCheckpoints: 3 * size})
	b.do(http.MethodPost, tenants, `{"id":"bob"}`)
	b.do(http.MethodPost, tenants, `{"id":"eve","ttl":"1m"}`)
	for _, query := range []string{"", "?tenant=bob", "?tenant=eve"} {
		require.Equal(t, 201, b.do(http.MethodPost, checkpointsPath+query, "").Status)
	}
	full := func() { b.do(http.MethodPost, checkpointsPath, "").problem(507, "all tenants") }
	full()
	b.do(http.MethodDelete, tenants+"/bob", "")
	assert.Equal(t, 201, b.do(http.MethodPost, checkpointsPath, "").Status)
	full()
	b.wall = start.Add(time.Hour) // eve is gone
	b.do(http.MethodPost, checkpointsPath, "").want(201, `{"id":"c5"}`)
	full()
	b.do(http.MethodDelete, checkpointsPath+"/c5", "")
	b.do(http.MethodPost, checkpointsPath, "").want(201, `{"id":"c6"}`)
}

// firstTenant makes the reply of POST from that of a list that was empty before it.
func (r reply) firstTenant() string {
	r.t.Helper()
	var list struct{ Tenants []json.RawMessage }
	r.into(&list)
	if len(list.Tenants) == 0 {
		return ""
	}
	return string(list.Tenants[0])
}
