package admin_test

import (
	"bufio"
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/mediasandbox/sandbox/fakes"
	"github.com/mediasandbox/sandbox/internal/admin"
	"github.com/mediasandbox/sandbox/internal/journal"
)

// event is one server-sent event.
type event struct{ id, name, data string }

// follow opens a stream over a real connection; next reads one event.
func follow(t *testing.T, b *bench, query, lastID string) (next func() event) {
	t.Helper()
	srv := httptest.NewServer(b.handler)
	t.Cleanup(srv.Close)
	ctx, cancel := context.WithCancel(t.Context())
	t.Cleanup(cancel)
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, srv.URL+requests+"/follow"+query, http.NoBody)
	require.NoError(t, err)
	if lastID != "" {
		r.Header.Set("Last-Event-ID", lastID)
	}
	resp, err := srv.Client().Do(r)
	require.NoError(t, err)
	t.Cleanup(func() { resp.Body.Close() }) // a stream that was read
	require.Equal(t, http.StatusOK, resp.StatusCode)
	assert.Equal(t, "text/event-stream", resp.Header.Get("Content-Type"))
	assert.Equal(t, "no-store", resp.Header.Get("Cache-Control"))
	lines := bufio.NewScanner(resp.Body)
	lines.Buffer(nil, 1<<20)
	return func() event {
		t.Helper()
		var e event
		for lines.Scan() {
			field, value, _ := strings.Cut(lines.Text(), ": ")
			switch field {
			case "id":
				e.id = value
			case "event":
				e.name = value
			case "data":
				e.data = value
			case "":
				if e != (event{}) {
					return e
				}
			}
		}
		require.NoError(t, lines.Err())
		return event{name: "end"}
	}
}

func TestFollow(t *testing.T) {
	b := newBench(t, admin.Config{})
	b.order("shop", "default")
	b.order("shop", "default")
	next := follow(t, b, "?operation=order&limit=1", "")
	first := next()
	assert.Equal(t, "2", first.id)
	assert.Equal(t, "request", first.name)
	var v journal.View
	require.NoError(t, json.Unmarshal([]byte(first.data), &v))
	assert.Equal(t, "order", v.Operation)

	b.count("shop", "default")
	b.order("shop", "default")
	assert.Equal(t, "4", next().id)
}

func TestFollowAgain(t *testing.T) {
	b := newBenchOf(t, admin.Config{}, func(c *fakes.Config) {
		c.Recorder = journal.New(journal.Config{Documents: c.Documents, Entries: 2})
	})
	for range 5 {
		b.order("shop", "default")
	}
	next := follow(t, b, "", "1")
	assert.Equal(t, event{"", "missed", `{"missed":2}`}, next())
	assert.Equal(t, "4", next().id)
	assert.Equal(t, "5", next().id)

	r := b.request(http.MethodGet, requests+"/follow", "")
	r.Header.Set("Last-Event-ID", "x")
	b.send(r).problem(400, "Last-Event-ID")
}

func TestFollowHead(t *testing.T) {
	b := newBench(t, admin.Config{})
	got := b.do(http.MethodHead, requests+"/follow", "")
	assert.Equal(t, 200, got.Status)
	assert.Equal(t, "text/event-stream", got.Header.Get("Content-Type"))
}

// A stream ends, and is not cut off, when the sandbox is told to stop.
func TestFollowEndsWithTheSandbox(t *testing.T) {
	stopping, stop := context.WithCancel(t.Context())
	b := newBench(t, admin.Config{Stopping: stopping})
	next := follow(t, b, "", "")
	b.order("shop", "default")
	assert.Equal(t, "1", next().id)
	stop()
	assert.Equal(t, "end", next().name)
}

// A silent stream says now and then that it is alive.
func TestFollowHeartbeat(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, admin.Config{})
		ctx, cancel := context.WithTimeout(t.Context(), 40*time.Second)
		defer cancel()
		got := b.send(b.request(http.MethodGet, requests+"/follow", "").WithContext(ctx))
		assert.Equal(t, strings.Repeat(": the sandbox is listening\n\n", 3), got.Body)
	})
}
