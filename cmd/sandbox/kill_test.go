package main

import (
	"bufio"
	"encoding/json"
	"io"
	"math/rand/v2"
	"net/http"
	"net/url"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// killed is a sandbox in a process of its own, to be killed without warning.
type killed struct {
	cmd    *exec.Cmd
	base   string
	client *http.Client // after the kill another program may get the port, and not answer
}

func startKept(t *testing.T, program, dir string) *killed {
	t.Helper()
	cmd := exec.Command(program, "serve", "--listen", "127.0.0.1:0", "--data", dir, "--log-level", "error")
	out, err := cmd.StdoutPipe()
	require.NoError(t, err)
	cmd.Stderr = t.Output()
	require.NoError(t, cmd.Start())
	t.Cleanup(func() { _ = cmd.Process.Kill() })
	line, err := bufio.NewReader(out).ReadString('\n')
	require.NoError(t, err)
	go func() { _, _ = io.Copy(io.Discard, out) }()
	base, ok := strings.CutPrefix(strings.TrimSpace(line), "listening on ")
	require.True(t, ok, line)
	return &killed{cmd, base, &http.Client{Timeout: time.Minute, Transport: &http.Transport{}}}
}

func (k *killed) kill(t *testing.T) {
	t.Helper()
	require.NoError(t, k.cmd.Process.Kill())
	_ = k.cmd.Wait() // "signal: killed"
}

// order places one and returns its id, "" when no answer came.
func (k *killed) order(key string) string {
	form := url.Values{"api_key": {key}, "action": {"add"}, "url": {"https://youtu.be/abc"}, "id_service": {"3"}, "quantity": {"100"}}
	resp, err := k.client.PostForm(k.base+"/qqtube/v1-api", form)
	if err != nil {
		return ""
	}
	defer resp.Body.Close()
	var reply struct {
		ID string `json:"id_service_submission"`
	}
	if json.NewDecoder(resp.Body).Decode(&reply) != nil {
		return ""
	}
	return reply.ID
}

// TestKilledUnderLoad kills the process at random moments: whatever was acknowledged is
// there afterwards, and money and orders still agree.
func TestKilledUnderLoad(t *testing.T) {
	if testing.Short() {
		t.Skip("builds and kills processes; not in short mode")
	}
	program := filepath.Join(t.TempDir(), "sandbox")
	out, err := exec.Command("go", "build", "-o", program, ".").CombinedOutput()
	require.NoError(t, err, "%s", out)
	dir := t.TempDir()
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	r := rand.New(rand.NewPCG(seed, 0))          //nolint:gosec // a test
	acknowledged := map[string]map[string]bool{} // orders by the tenant's key
	total := 0
	for round := range 10 {
		k := startKept(t, program, dir)
		k.checkAll(t, acknowledged)
		key := k.tenant(t) // its funds are enough for one round
		acknowledged[key] = map[string]bool{}
		var mu sync.Mutex
		var wg sync.WaitGroup
		for range 4 {
			wg.Go(func() {
				for {
					id := k.order(key)
					if id == "" {
						return
					}
					mu.Lock()
					acknowledged[key][id] = true
					total++
					mu.Unlock()
				}
			})
		}
		time.Sleep(time.Duration(20+r.IntN(150)) * time.Millisecond) // the moment of death
		k.kill(t)
		wg.Wait()
		t.Logf("round %d: %d acknowledged", round, len(acknowledged[key]))
	}
	k := startKept(t, program, dir)
	k.checkAll(t, acknowledged)
	k.kill(t)
	assert.Positive(t, total)
}

// tenant makes one and returns its QQTube key.
func (k *killed) tenant(t *testing.T) string {
	t.Helper()
	resp, err := k.client.Post(k.base+"/__admin/tenants", "application/json", strings.NewReader("{}"))
	require.NoError(t, err)
	defer resp.Body.Close()
	var made struct {
		Credentials struct {
			QQTube struct {
				Key string `json:"api_key"`
			}
		}
	}
	require.NoError(t, json.NewDecoder(resp.Body).Decode(&made))
	require.NotEmpty(t, made.Credentials.QQTube.Key)
	return made.Credentials.QQTube.Key
}

func (k *killed) checkAll(t *testing.T, acknowledged map[string]map[string]bool) {
	t.Helper()
	for key, orders := range acknowledged {
		k.check(t, key, orders)
	}
}

// check reads all orders of a tenant and its funds, which were 508.60.
func (k *killed) check(t *testing.T, key string, acknowledged map[string]bool) {
	t.Helper()
	get := func(query string, into any) {
		resp, err := k.client.Get(k.base + "/qqtube/v1-api?api_key=" + key + "&" + query)
		require.NoError(t, err)
		defer resp.Body.Close()
		require.NoError(t, json.NewDecoder(resp.Body).Decode(into))
	}
	kept := map[string]bool{}
	spent := 0
	for after := ""; ; {
		var page []struct {
			ID   string `json:"id_service_submission"`
			Cost string `json:"total_cost"`
		}
		get("action=submissions&limit=500&starting_after="+after, &page)
		if len(page) == 0 {
			break
		}
		for _, s := range page {
			kept[s.ID] = true
			cents, err := strconv.Atoi(strings.ReplaceAll(s.Cost, ".", ""))
			require.NoError(t, err)
			spent += cents
			after = s.ID
		}
	}
	for id := range acknowledged {
		require.True(t, kept[id], "order %s was acknowledged and is gone", id)
	}
	var funds struct{ Funds string }
	get("action=funds", &funds)
	left, err := strconv.Atoi(strings.ReplaceAll(funds.Funds, ".", ""))
	require.NoError(t, err)
	assert.Equal(t, 50860-spent, left, "money and orders disagree")
}
