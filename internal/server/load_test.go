package server_test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/mediasandbox/sandbox/fakes/fakestest"
)

// books reads all orders of a key, page by page, and its funds.
func (w *whole) books(key string) (ids map[string]bool, spent, funds int) {
	w.t.Helper()
	ids = map[string]bool{}
	get := func(query string, into any) {
		status, body, err := w.do("GET", "/qqtube/v1-api?api_key="+key+"&"+query, "", "")
		require.NoError(w.t, err)
		require.Equal(w.t, 200, status)
		require.NoError(w.t, json.Unmarshal([]byte(body), into), body)
	}
	cents := func(text string) int {
		var whole, part int
		_, err := fmt.Sscanf(text, "%d.%d", &whole, &part)
		require.NoError(w.t, err, text)
		return whole*100 + part
	}
	for after := ""; ; {
		var page []struct {
			ID    string `json:"id_service_submission"`
			Cost  string `json:"total_cost"`
			Added string `json:"date_added"`
		}
		get("action=submissions&limit=100&starting_after="+after, &page)
		if len(page) == 0 {
			break
		}
		for _, s := range page {
			require.False(w.t, ids[s.ID], "order %s is on two pages", s.ID)
			ids[s.ID] = true
			spent += cents(s.Cost)
			after = s.ID
		}
	}
	var f struct{ Funds string }
	get("action=funds", &f)
	return ids, spent, cents(f.Funds)
}

// tenant makes a tenant and returns its id and its key.
func (w *whole) tenant(body string) (id, key string) {
	w.t.Helper()
	var made struct {
		ID          string
		Credentials struct {
			QQTube struct {
				Key string `json:"api_key"`
			}
		}
	}
	require.NoError(w.t, json.Unmarshal([]byte(w.admin("POST", "/tenants", body)), &made))
	return made.ID, made.Credentials.QQTube.Key
}

// begun is what a new tenant has, in cents.
const begun = 50860

// Many clients of one tenant order and read while its clock is moved back and forth,
// calls are broken and states are taken out: no order is lost or paid twice.
func TestOneTenantUnderLoad(t *testing.T) {
	t.Parallel()
	w := startWhole(t, wholeOptions{})
	tenant, key := w.tenant("{}")
	var placed sync.Map
	var orders, clients sync.WaitGroup
	var over atomic.Bool
	for range 16 {
		orders.Go(func() {
			for range 25 {
				status, body, err := w.form(order(key))
				if err != nil || status == 503 {
					continue // broken on request: nobody knows whether it was placed
				}
				var reply struct {
					ID string `json:"id_service_submission"`
				}
				if !assert.NoError(t, json.Unmarshal([]byte(body), &reply), body) || !assert.NotEmpty(t, reply.ID, body) {
					return
				}
				_, twice := placed.LoadOrStore(reply.ID, true)
				assert.False(t, twice, "id %s was given twice", reply.ID)
				status, body, err = w.do("GET", "/qqtube/v1-api?action=stats&api_key="+key+"&id_service_submission="+reply.ID, "", "")
				if err == nil && status == 200 {
					assert.Contains(t, body, `"id_status":`, "what was placed is there")
				}
			}
		})
	}
	meanwhile := func(f func(i int)) {
		clients.Go(func() {
			for i := 0; !over.Load(); i++ {
				f(i)
			}
		})
	}
	meanwhile(func(i int) {
		if i%5 == 4 {
			w.admin("PUT", "/clock?tenant="+tenant, fmt.Sprintf(`{"now":"2026-0%d-01T00:00:00Z","frozen":%t}`, 1+i%9, i%2 == 0))
			return
		}
		w.admin("POST", "/clock/advance?tenant="+tenant, `{"by":"90m"}`)
	})
	meanwhile(func(i int) {
		w.admin("PUT", fmt.Sprintf("/faults/f%d?tenant=%s", i%3, tenant), []string{`{"kind":"reset","times":1}`, `{"kind":"status:503","times":1}`, `{"delay":"1ms","chance":0.2,"times":5}`}[i%3])
		w.admin("GET", "/faults?tenant="+tenant, "")
	})
	meanwhile(func(int) {
		w.admin("GET", "/state/qqtube?tenant="+tenant, "")
		w.admin("GET", "/requests?limit=20&tenant="+tenant, "")
	})
	orders.Wait()
	over.Store(true)
	clients.Wait()
	w.admin("DELETE", "/faults?tenant="+tenant, "")
	w.admin("DELETE", "/clock?tenant="+tenant, "")
	ids, spent, funds := w.books(key)
	n := 0
	placed.Range(func(id, _ any) bool {
		assert.True(t, ids[id.(string)], "order %v was placed and is gone", id)
		n++
		return true
	})
	t.Logf("%d orders, %d of them known to clients", len(ids), n)
	assert.Positive(t, n)
	assert.Equal(t, begun, funds+spent, "money and orders agree")
	w.healthy()
}

// Resets and restored states come between the calls, never into one.
func TestResetUnderLoad(t *testing.T) {
	t.Parallel()
	w := startWhole(t, wholeOptions{})
	tenant, key := w.tenant("{}")
	w.admin("POST", "/checkpoints?tenant="+tenant, "")
	var checkpoints struct{ Checkpoints []struct{ ID string } }
	require.NoError(t, json.Unmarshal([]byte(w.admin("GET", "/checkpoints?tenant="+tenant, "")), &checkpoints))
	var clients sync.WaitGroup
	var over atomic.Bool
	for range 8 {
		clients.Go(func() {
			for !over.Load() {
				status, body, err := w.form(order(key))
				if assert.NoError(t, err) && assert.Equal(t, 200, status) {
					assert.True(t, strings.Contains(body, `"status":"success"`) || strings.Contains(body, `"id":10`), body)
				}
			}
		})
	}
	for i := range 60 {
		switch i % 3 {
		case 0:
			w.admin("POST", "/reset?tenant="+tenant, "")
		case 1:
			w.admin("POST", "/checkpoints/"+checkpoints.Checkpoints[0].ID+"/restore?tenant="+tenant, "")
		default:
			state := w.admin("GET", "/state/qqtube?tenant="+tenant, "")
			w.admin("PUT", "/state/qqtube?tenant="+tenant, state)
		}
		_, body, err := w.form(url.Values{"api_key": {key}, "action": {"funds"}})
		require.NoError(t, err)
		require.Contains(t, body, "funds")
	}
	over.Store(true)
	clients.Wait()
	_, spent, funds := w.books(key)
	assert.Equal(t, begun, funds+spent, "money and orders agree")
	w.healthy()
}

// Tenants come and go while their clients go on: a client meets its own tenant, or, when
// that is gone, a refusal in the vendor's words.
func TestTenantsComeAndGo(t *testing.T) {
	w := startWhole(t, wholeOptions{})
	routines := runtime.NumGoroutine()
	var clients sync.WaitGroup
	for n := range 6 {
		clients.Go(func() {
			for i := range 12 {
				id, key := w.tenant(fmt.Sprintf(`{"id":"guest-%d-%d"}`, n, i))
				var calls sync.WaitGroup
				for range 3 {
					calls.Go(func() {
						for range 4 {
							status, body, err := w.form(order(key))
							if assert.NoError(t, err) && assert.Equal(t, 200, status) {
								assert.True(t, strings.Contains(body, `"status":"success"`) || strings.Contains(body, "Invalid API key"), body)
							}
							status, _, err = w.do("GET", "/t/"+id+"/qulive/demo/getSts", "", "")
							assert.NoError(t, err)
							assert.Contains(t, []int{200, 404}, status)
						}
					})
				}
				w.admin("PUT", "/clock?tenant="+id, `{"frozen":true}`)
				w.admin("DELETE", "/tenants/"+id, "")
				calls.Wait()
			}
		})
	}
	clients.Wait()
	assert.Equal(t, 1, w.host.TenantCount())
	w.client.CloseIdleConnections()
	require.Eventually(t, func() bool { return runtime.NumGoroutine() <= routines+10 }, 5*time.Second, 5*time.Millisecond)
	w.healthy()
}

// answer is what became of a request.
type answer struct {
	begun bool // a byte of it has come
	whole bool // and all of it
	ok    bool
}

// ask sends one order and reads what comes back.
func ask(conn net.Conn, r *bufio.Reader, key string) (a answer) {
	if _, err := io.WriteString(conn, rawOrder(key)); err != nil {
		return a
	}
	if _, err := r.Peek(1); err != nil {
		return a
	}
	a.begun = true
	res, err := http.ReadResponse(r, nil)
	if err != nil {
		return a
	}
	body, err := io.ReadAll(res.Body)
	res.Body.Close()
	a.whole = err == nil
	a.ok = bytes.Contains(body, []byte(`"status":"success"`))
	return a
}

// A sandbox that is told to stop in the middle of things answers what it has begun: each
// order that it took was answered to the end, and each that was not answered was not taken.
func TestStopUnderLoad(t *testing.T) {
	r := fakestest.Random(t)
	all := 0
	for range 8 {
		w := startWhole(t, wholeOptions{})
		_, key := w.tenant("{}")
		var clients sync.WaitGroup
		var answered atomic.Int64
		for n := range 8 {
			clients.Go(func() {
				for {
					conn, err := net.Dial("tcp", w.addr)
					if err != nil {
						return // nobody listens any more
					}
					in := bufio.NewReader(conn)
					calls := 1 << 30
					if n%2 == 0 {
						calls = 3 // some connections are kept, some are not
					}
					for range calls {
						a := ask(conn, in, key)
						assert.Equal(t, a.begun, a.whole, "an answer that was begun is whole")
						if a.ok {
							answered.Add(1)
						}
						if !a.begun {
							break
						}
					}
					conn.Close()
				}
			})
		}
		time.Sleep(time.Duration(5+r.IntN(40)) * time.Millisecond) // the moment of the end
		assert.Less(t, w.stopped(), 900*time.Millisecond)
		clients.Wait()
		tenant, err := w.host.Tenant("t1")
		require.NoError(t, err)
		state, err := w.host.Export(tenant, "qqtube")
		require.NoError(t, err)
		taken := bytes.Count(state, []byte(`"delivery":`))
		assert.EqualValues(t, answered.Load(), taken, "orders taken and orders answered")
		all += taken
	}
	assert.Positive(t, all)
}

// Rounds of everything leave nothing behind: no memory, no goroutine.
func TestNoGrowth(t *testing.T) {
	w := startWhole(t, wholeOptions{})
	round := func() {
		id, key := w.tenant(`{"ttl":"1h"}`)
		for range 10 {
			_, _, err := w.form(order(key))
			require.NoError(t, err)
			_, _, err = w.form(order("wrong"))
			require.NoError(t, err)
		}
		w.admin("PUT", "/faults/f?tenant="+id, `{"kind":"reset","times":1}`)
		_, _, err := w.form(order(key))
		require.Error(t, err)
		w.admin("POST", "/checkpoints?tenant="+id, "")
		w.admin("POST", "/clock/advance?tenant="+id, `{"by":"48h"}`)
		w.admin("GET", "/requests/wait?count=1&tenant="+id, "")
		w.admin("GET", "/requests.har?tenant="+id, "")
		w.admin("GET", "/coverage?tenant="+id, "")
		w.admin("PUT", "/callbacks/qulive/target?tenant="+id, `{"url":"http://127.0.0.1:9/","hold":true}`)
		w.admin("POST", "/reset?tenant="+id, "")
		w.admin("DELETE", "/tenants/"+id, "")
	}
	for range 15 { // what is kept for good is kept by now: pools, the journal of the default tenant
		round()
	}
	settled := func() (bytes int64, routines int) {
		w.client.CloseIdleConnections()
		time.Sleep(20 * time.Millisecond)
		return heap(), runtime.NumGoroutine()
	}
	// The default tenant's journal fills up to its bound; it is emptied for the comparison.
	w.admin("DELETE", "/requests", "")
	before, routines := settled()
	const rounds = 30
	for range rounds {
		round()
	}
	w.admin("DELETE", "/requests", "")
	w.log.mu.Lock()
	w.log.buf = bytes.Buffer{} // the test's own
	w.log.mu.Unlock()
	after, now := settled()
	t.Logf("%d bytes more after %d rounds, %d goroutines more", after-before, rounds, now-routines)
	assert.Less(t, after-before, int64(rounds*16<<10), "of memory")
	assert.Less(t, now, routines+10)
	w.healthy()
}
