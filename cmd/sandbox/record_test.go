package main

import (
	"bufio"
	"bytes"
	"context"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/mediasandbox/sandbox/internal/config"
	"github.com/mediasandbox/sandbox/internal/request"
	"github.com/mediasandbox/sandbox/internal/server"
	"github.com/mediasandbox/sandbox/signature"
	"github.com/mediasandbox/sandbox/specs/openapi"
)

// TestRecord records a client of a vendor (a sandbox that is not known to be one), drafts a
// scenario and runs it.
func TestRecord(t *testing.T) {
	set, err := settings()
	require.NoError(t, err)
	values, err := set.Read(nil, nil, config.File{})
	require.NoError(t, err)
	host, err := newHost(values, slog.New(slog.DiscardHandler))
	require.NoError(t, err)
	vendor := httptest.NewServer(server.New(host, server.Options{}))
	defer vendor.Close()

	account := host.Default().Accounts("polyv")[0]
	t.Chdir(t.TempDir())
	require.NoError(t, os.WriteFile("vendor.yaml", []byte(
		"base_urls: {polyv: \""+vendor.URL+"/polyv\"}\ncredentials: {polyv: {userid: \""+account.ID+"\", secretkey: \"${SECRET}\"}}\n"), 0o600))
	environ := []string{"SECRET=" + account.Secret}

	ctx, cancel := context.WithCancel(t.Context())
	out, stdout := io.Pipe()
	lines := bufio.NewScanner(out)
	var stderr bytes.Buffer
	ended := make(chan int, 1)
	go func() {
		ended <- run(ctx, []string{"record", "--target", "vendor.yaml", "--out", "recording"}, stdout, &stderr, environ)
		stdout.Close()
	}()
	line := func() string {
		require.True(t, lines.Scan(), stderr.String())
		return lines.Text()
	}
	first := regexp.MustCompile(`^recording at (http://127\.0\.0\.1:[0-9]+) to recording$`).FindStringSubmatch(line())
	require.NotNil(t, first)
	assert.Equal(t, "  polyv        "+first[1]+"/polyv -> "+vendor.URL+"/polyv", line())
	assert.Contains(t, line(), "sandbox scenario from recording")

	client := &vendorClient{t: t, base: first[1] + "/polyv", as: signature.Credential{ID: account.ID, Secret: account.Secret}}
	list := client.call("grabList", nil)
	assert.Regexp(t, `^0001 polyv grabList: 200 listed, [0-9]+ ms$`, line())
	task := regexp.MustCompile(`"taskid":"([^"]+)"`).FindStringSubmatch(list)
	require.NotNil(t, task, list)
	client.call("grabExport", map[string]string{"taskId": task[1]})
	assert.Regexp(t, `^0002 polyv grabExport: 200 exported, [0-9]+ ms$`, line())
	client.as.Secret = "another-secret-of-mine"
	client.call("grabList", map[string]string{"page": "1"})
	assert.Regexp(t, `^0003 polyv grabList: 200 sign-wrong, [0-9]+ ms$`, line())
	cancel()
	for lines.Scan() { // to its end
	}
	require.Equal(t, exitOK, <-ended, stderr.String())

	files, err := filepath.Glob("recording/*.json")
	require.NoError(t, err)
	require.Len(t, files, 3)
	for _, file := range files {
		data, err := os.ReadFile(file)
		require.NoError(t, err)
		assert.NotContains(t, string(data), account.Secret)
		assert.NotRegexp(t, `[0-9A-F]{40}`, string(data), "a sign is derived from the secret")
	}

	var drafted bytes.Buffer
	require.Equal(t, exitOK, run(t.Context(), []string{"scenario", "from", "recording", "--out", "drafts"}, &drafted, &stderr, nil), stderr.String())
	draft, err := os.ReadFile(strings.TrimSpace(drafted.String()))
	require.NoError(t, err)
	assert.Contains(t, string(draft), "save: {taskid: \"body.data.contents[0].taskid\"}")
	assert.Contains(t, string(draft), "with: {taskId: \"${taskid}\"}")

	// The last one cannot be drafted: what runs is signed well. The comment says so.
	text := strings.Replace(string(draft), "with: {page: 1}", "with: {page: 1}\n    tamper: {sign: {secret: wrong}}", 1)
	require.NoError(t, os.WriteFile("drafts/polyv/recorded.yaml", []byte(text), 0o600))
	var verified bytes.Buffer
	require.Equal(t, exitOK, run(t.Context(), []string{"verify", "drafts"}, &verified, &stderr, nil), verified.String())
	assert.Contains(t, verified.String(), "ok  fakes: 1 scenario (1 passed), 3 requests")
}

// vendorClient is a client as a user would write one.
type vendorClient struct {
	t    *testing.T
	base string
	as   signature.Credential
}

func (c *vendorClient) call(op string, args map[string]string) string {
	c.t.Helper()
	docs, err := openapi.LoadAll()
	require.NoError(c.t, err)
	built, err := request.Plan{
		Document: docs["polyv"], Operation: op, Args: args, BaseURL: c.base,
		Scheme: signature.Polyv{}, Credential: c.as, Signing: signature.Signing{At: time.Now()},
	}.Build()
	require.NoError(c.t, err)
	req, err := built.Request(c.t.Context())
	require.NoError(c.t, err)
	res, err := http.DefaultTransport.RoundTrip(req)
	require.NoError(c.t, err)
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	require.NoError(c.t, err)
	return string(body)
}
