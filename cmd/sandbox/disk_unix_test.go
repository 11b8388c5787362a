//go:build unix

package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// startLimited starts a sandbox that keeps its state and cannot write files beyond so many
// blocks (of 512 bytes or 1 KiB, as the shell has it); 0 sets no limit.
func startLimited(t *testing.T, dir string, blocks int) (*killed, *bytes.Buffer) {
	t.Helper()
	limit := ""
	if blocks > 0 {
		limit = fmt.Sprintf("ulimit -f %d; ", blocks)
	}
	cmd := exec.Command("sh", "-c", limit+"exec sandbox serve --listen 127.0.0.1:0 --log-format text --data "+dir)
	out, err := cmd.StdoutPipe()
	require.NoError(t, err)
	log := &bytes.Buffer{}
	cmd.Stderr = log
	require.NoError(t, cmd.Start())
	t.Cleanup(func() { _ = cmd.Process.Kill() })
	line, err := bufio.NewReader(out).ReadString('\n')
	require.NoError(t, err, log)
	go func() { _, _ = io.Copy(io.Discard, out) }()
	base, ok := strings.CutPrefix(strings.TrimSpace(line), "listening on ")
	require.True(t, ok, line)
	return &killed{cmd, base, &http.Client{Timeout: 2 * time.Minute, Transport: &http.Transport{}}}, log
}

// longOrder places an order whose record is large, and returns what was answered.
func (k *killed) longOrder(t *testing.T, key string) string {
	t.Helper()
	form := url.Values{"api_key": {key}, "action": {"add"}, "url": {"https://example.org/" + strings.Repeat("x", 2000)}, "id_service": {"30"}, "quantity": {"500"}}
	resp, err := k.client.PostForm(k.base+"/qqtube/v1-api", form)
	require.NoError(t, err)
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	require.NoError(t, err)
	return string(body)
}

// TestDiskFull fills the disk under a sandbox that keeps its state: changes are refused in
// the vendor's words, what there is can be read, and a restart has all that was acknowledged.
func TestDiskFull(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "data")
	k, log := startLimited(t, dir, 200)
	key := k.tenant(t)
	acknowledged := map[string]bool{}
	var refused string
	for refused == "" && len(acknowledged) < 500 {
		answer := k.longOrder(t, key)
		var reply struct {
			ID string `json:"id_service_submission"`
		}
		require.NoError(t, json.Unmarshal([]byte(answer), &reply), answer)
		if reply.ID == "" {
			refused = answer
			break
		}
		acknowledged[reply.ID] = true
	}
	require.Greater(t, len(acknowledged), 10)
	assert.Equal(t, `{"status":"error","messages":[{"id":1000,"message":"Internal error"}]}`, refused, "QQTube's words for its own failure")

	// The running state is as it was, and is read as before.
	k.check(t, key, acknowledged)
	assert.Equal(t, refused, k.longOrder(t, key))
	k.check(t, key, acknowledged)
	resp, err := k.client.Post(k.base+"/__admin/state/qqtube/funds?tenant=t1", "application/json", strings.NewReader(`{"add":"1.00"}`))
	require.NoError(t, err)
	body, err := io.ReadAll(resp.Body)
	resp.Body.Close()
	require.NoError(t, err)
	assert.Equal(t, 500, resp.StatusCode)
	assert.Contains(t, string(body), "the sandbox's log says why")
	assert.NotContains(t, string(body), dir)
	k.check(t, key, acknowledged)
	k.kill(t)
	assert.Contains(t, log.String(), "a change could not be stored")
	assert.Contains(t, log.String(), "file too large")
	assert.NotContains(t, log.String(), "a handler failed", "no fake is to blame")

	// With room again, everything is there, and it goes on.
	out, err := exec.Command("sandbox", "data", "check", dir).CombinedOutput()
	require.NoError(t, err, "%s", out)
	assert.Contains(t, string(out), "sound")
	k, _ = startLimited(t, dir, 0)
	k.check(t, key, acknowledged)
	assert.Contains(t, k.longOrder(t, key), `"status":"success"`)
	k.kill(t)
}

// TestDiskFullAtStart starts on a log that wants to be compacted where there is no room
// for it: what it keeps is served all the same.
func TestDiskFullAtStart(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "data")
	k, _ := startLimited(t, dir, 0)
	key := k.tenant(t)
	id := k.order(key)
	require.NotEmpty(t, id)
	req, err := http.NewRequest(http.MethodPut, k.base+"/__admin/state/polyv", strings.NewReader(bigState(t, k)))
	require.NoError(t, err)
	resp, err := k.client.Do(req)
	require.NoError(t, err)
	require.NoError(t, resp.Body.Close())
	require.Equal(t, 204, resp.StatusCode)
	k.kill(t)
	k, log := startLimited(t, dir, 200)
	k.check(t, key, map[string]bool{id: true})
	k.kill(t)
	assert.Contains(t, log.String(), "could not be compacted")
	files, err := os.ReadDir(dir)
	require.NoError(t, err)
	assert.Len(t, files, 2, "the log and the lock; nothing half written is left: %v", files)
}

// bigState is a state of Polyv's larger than a log that is left as it is.
func bigState(t *testing.T, k *killed) string {
	t.Helper()
	resp, err := k.client.Get(k.base + "/__admin/state/polyv")
	require.NoError(t, err)
	defer resp.Body.Close()
	var doc map[string]any
	require.NoError(t, json.NewDecoder(resp.Body).Decode(&doc))
	user := doc["world"].(map[string]any)["users"].([]any)[0].(map[string]any)
	user["videos"].([]any)[0].(map[string]any)["title"] = strings.Repeat("x", 17<<20)
	text, err := json.Marshal(doc)
	require.NoError(t, err)
	return string(text)
}

// TestFolderThatCannotBeWritten: one line that says what is wrong, and the exit code 1.
func TestFolderThatCannotBeWritten(t *testing.T) {
	open := t.TempDir()
	program := filepath.Join(open, "sandbox")
	path, err := exec.LookPath("sandbox")
	require.NoError(t, err)
	data, err := os.ReadFile(path)
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(program, data, 0o755))
	for dir := open; dir != os.TempDir() && dir != "/"; dir = filepath.Dir(dir) {
		require.NoError(t, os.Chmod(dir, 0o755))
	}
	closed := filepath.Join(open, "closed")
	require.NoError(t, os.Mkdir(closed, 0o555))
	file := filepath.Join(open, "file")
	require.NoError(t, os.WriteFile(file, nil, 0o644))
	kept := filepath.Join(open, "kept")
	require.NoError(t, os.Mkdir(kept, 0o777))
	require.NoError(t, os.Chmod(kept, 0o777))
	require.NoError(t, os.WriteFile(filepath.Join(kept, "changes.log"), []byte("x"), 0o000))
	foreign := filepath.Join(open, "foreign")
	require.NoError(t, os.Mkdir(foreign, 0o777))
	require.NoError(t, os.Chmod(foreign, 0o777))
	require.NoError(t, os.WriteFile(filepath.Join(foreign, "changes.log"), []byte("something else\n\n"), 0o666))
	require.NoError(t, os.Chmod(filepath.Join(foreign, "changes.log"), 0o666))
	for dir, want := range map[string]string{
		closed:                       "permission denied",
		filepath.Join(closed, "new"): "permission denied",
		kept:                         "permission denied",
		file:                         "not a directory",
		filepath.Join(file, "below"): "not a directory",
		foreign:                      "not a log of this version",
	} {
		cmd := exec.Command(program, "serve", "--listen", "127.0.0.1:0", "--data", dir)
		cmd.Dir = open
		if os.Getuid() == 0 { // to whom everything is writable
			cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: 65534, Gid: 65534}}
		}
		var stdout, stderr bytes.Buffer
		cmd.Stdout, cmd.Stderr = &stdout, &stderr
		var exit *exec.ExitError
		require.ErrorAs(t, cmd.Run(), &exit, dir)
		assert.Equal(t, 1, exit.ExitCode(), dir)
		assert.Empty(t, stdout.String(), dir)
		assert.Regexp(t, `^sandbox: [^\n]*`+want+`[^\n]*\n$`, stderr.String(), dir)
		assert.Contains(t, stderr.String(), open)
	}
}
