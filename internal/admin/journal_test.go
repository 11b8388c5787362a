package admin_test

import (
	"context"
	"fmt"
	"net/http"
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

const requests = "/__admin/requests"

func TestRequests(t *testing.T) {
	b := newBench(t, admin.Config{})
	b.do(http.MethodGet, requests, "").want(200, `{"requests":[],"count":0,"last":0,"evicted":0,"inconclusive":false}`)
	b.order("shop", "default")
	b.count("shop", "default")
	b.count("kiosk", "default")

	var page journal.Page
	b.do(http.MethodGet, requests, "").into(&page)
	require.Len(t, page.Entries, 3)
	first := page.Entries[0]
	assert.Equal(t, "shop", first.API)
	assert.Equal(t, "order", first.Operation)
	assert.Equal(t, "counted", first.Outcome)
	assert.Equal(t, "***", first.Caller)
	assert.True(t, strings.HasSuffix(first.Request.URL, "/shop/orders?api_key=***"), first.Request.URL)
	assert.JSONEq(t, counted("1", "0"), first.Reply.Body)
	assert.Equal(t, start, first.At)

	for query, ids := range map[string]string{
		"?api=shop": "[1 2]", "?operation=count": "[2 3]", "?api=kiosk&operation=order": "[]", "?outcome=counted&limit=2": "[2 3]",
		"?status=200": "[1 2 3]", "?status=404": "[]", "?since=2": "[3]", "?caller=key-shop-default": "[1 2]", "?fault=x": "[]",
		"?limit=1": "[3]", "?since=18446744073709551615": "[]",
	} {
		var page journal.Page
		b.do(http.MethodGet, requests+query, "").into(&page)
		var got []uint64
		for _, v := range page.Entries {
			got = append(got, v.ID)
		}
		assert.Equal(t, ids, fmt.Sprint(got), query)
	}

	var one journal.View
	b.do(http.MethodGet, requests+"/2", "").into(&one)
	assert.Equal(t, page.Entries[1], one)
	b.do(http.MethodGet, requests+"/4", "").problem(404, "request 4", "no such entry")
	b.do(http.MethodGet, requests+"/x", "").problem(404, "whole numbers")
	b.do(http.MethodGet, requests+"/count?operation=count", "").want(200, `{"count":2,"last":3,"evicted":0,"inconclusive":false}`)

	b.do(http.MethodDelete, requests, "").want(204, "")
	b.do(http.MethodGet, requests+"/count", "").want(200, `{"count":0,"last":3,"evicted":0,"inconclusive":false}`)
	b.do(http.MethodGet, requests+"/2", "").problem(404)
}

func TestRequestsOfTenants(t *testing.T) {
	b := newBench(t, admin.Config{})
	b.do(http.MethodPost, tenants, `{"id":"bob"}`)
	b.order("shop", "bob")
	b.do(http.MethodGet, requests+"/count?tenant=bob", "").want(200, `{"count":1,"last":1,"evicted":0,"inconclusive":false}`)
	b.do(http.MethodGet, requests+"/count", "").want(200, `{"count":0,"last":0,"evicted":0,"inconclusive":false}`)
	for _, path := range []string{"", "/count", "/wait", "/follow", "/1", "/1/explain", ".har"} {
		b.do(http.MethodGet, requests+path+"?tenant=nobody", "").problem(404, `"nobody"`)
	}
	b.do(http.MethodDelete, requests+"?tenant=nobody", "").problem(404)
}

// A name that no contract has would make a wait end with the time, and tell nobody why.
func TestRequestFilters(t *testing.T) {
	b := newBench(t, admin.Config{})
	for query, words := range map[string]string{
		"?api=shob":                    `did you mean "shop"`,
		"?operation=ordr":              `did you mean "order"`,
		"?api=shop&operation=zzzzzzzz": "there are count, order",
		"?outcome=countd":              `did you mean "counted"`,
		"?operation=count&outcome=x":   "outcome",
		"?status=20":                   "100 to 599",
		"?status=x":                    "whole number",
		"?since=-1":                    "id of an entry",
		"?limit=0":                     "whole number",
		"?limit=100000":                "10000",
		"?offset=1":                    `"offset"`,
	} {
		b.do(http.MethodGet, requests+query, "").problem(400, words)
	}
	b.do(http.MethodGet, requests+"/wait?timeout=soon", "").problem(400, "wants a duration")
	b.do(http.MethodGet, requests+"/wait?timeout=1h", "").problem(400, "at most 4m")
	b.do(http.MethodGet, requests+"/wait?count=0", "").problem(400, "whole number")
	b.do(http.MethodGet, requests+"/count?limit=1", "").problem(400, `"limit"`)
}

func TestEvicted(t *testing.T) {
	b := newBenchOf(t, admin.Config{}, func(c *fakes.Config) {
		c.Recorder = journal.New(journal.Config{Documents: c.Documents, Entries: 2})
	})
	for range 3 {
		b.order("shop", "default")
	}
	b.do(http.MethodGet, requests+"/count", "").want(200, `{"count":2,"last":3,"evicted":1,"inconclusive":true}`)
	b.do(http.MethodGet, requests+"/count?since=1", "").want(200, `{"count":2,"last":3,"evicted":1,"inconclusive":false}`)
	b.do(http.MethodGet, requests+"/1", "").problem(410, "evicted")
	b.do(http.MethodGet, requests+"/1/explain", "").problem(410, "evicted")
	b.do(http.MethodDelete, requests, "").want(204, "")
	b.order("shop", "default")
	b.do(http.MethodGet, requests+"/3", "").problem(410, "request 3", "cleared, or evicted")
	b.do(http.MethodGet, requests+"/5", "").problem(404, "request 5")
}

func TestWaitForRequests(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, admin.Config{})
		begin := time.Now()
		b.do(http.MethodGet, requests+"/wait", "").want(200, `{"met":false,"count":0,"last":0,"evicted":0,"inconclusive":false}`)
		assert.Equal(t, 10*time.Second, time.Since(begin))

		done := make(chan reply)
		go func() { done <- b.do(http.MethodGet, requests+"/wait?operation=order&count=2&timeout=1m", "") }()
		b.order("shop", "default")
		synctest.Wait()
		b.order("shop", "default")
		(<-done).want(200, `{"met":true,"count":2,"last":2,"evicted":0,"inconclusive":false}`)
		assert.Equal(t, 10*time.Second, time.Since(begin), "nobody polled")
	})
}

// A wait ends with its ordinary answer when the sandbox is told to stop, and one that
// comes then does not begin.
func TestWaitEndsWithTheSandbox(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		stopping, stop := context.WithCancel(t.Context())
		b := newBench(t, admin.Config{Stopping: stopping})
		b.order("shop", "default")
		begin := time.Now()
		done := make(chan reply)
		go func() { done <- b.do(http.MethodGet, requests+"/wait?count=99&timeout=1m", "") }()
		synctest.Wait()
		stop()
		const unmet = `{"met":false,"count":1,"last":1,"evicted":0,"inconclusive":false}`
		(<-done).want(200, unmet)
		b.do(http.MethodGet, requests+"/wait?count=99", "").want(200, unmet)
		b.do(http.MethodGet, requests+"/wait", "").want(200, `{"met":true,"count":1,"last":1,"evicted":0,"inconclusive":false}`)
		assert.Zero(t, time.Since(begin))
	})
}

func TestArchive(t *testing.T) {
	b := newBench(t, admin.Config{Version: admin.Version{Version: "v1.2.3"}})
	b.order("shop", "default")
	got := b.do(http.MethodGet, requests+".har", "")
	assert.Equal(t, `attachment; filename="requests.har"`, got.Header.Get("Content-Disposition"))
	var har journal.HAR
	got.into(&har)
	assert.Equal(t, "1.2", har.Log.Version)
	assert.Equal(t, "v1.2.3", har.Log.Creator.Version)
	require.Len(t, har.Log.Entries, 1)
	assert.Equal(t, 200, har.Log.Entries[0].Response.Status)
}

func TestNothingKept(t *testing.T) {
	b := newBenchOf(t, admin.Config{}, func(c *fakes.Config) { c.Recorder, c.Faulter = nil, nil })
	for _, path := range []string{requests, requests + "/count", requests + "/wait", requests + "/follow", requests + ".har", requests + "/1", requests + "/1/explain", "/__admin/coverage"} {
		b.do(http.MethodGet, path, "").problem(404, "keeps no journal")
	}
	b.do(http.MethodGet, "/__admin/faults", "").problem(404, "breaks no calls")
	b.do(http.MethodPut, "/__admin/faults/f", `{"kind":"reset"}`).problem(404, "breaks no calls")

	b = newBenchOf(t, admin.Config{}, func(c *fakes.Config) { c.Recorder = journal.New(journal.Config{}) })
	b.do(http.MethodGet, "/__admin/coverage", "").problem(404, "counts no coverage")
}
