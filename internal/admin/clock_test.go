package admin_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/mediasandbox/sandbox/internal/admin"
)

const clockPath = "/__admin/clock"

func TestClock(t *testing.T) {
	b := newBench(t, admin.Config{})
	b.do(http.MethodGet, clockPath, "").want(200, `{"now":"2024-02-29T12:00:00.25Z","frozen":false}`)
	b.wall = start.Add(750 * time.Millisecond)
	b.do(http.MethodGet, clockPath, "").want(200, `{"now":"2024-02-29T12:00:01Z","frozen":false}`)

	b.do(http.MethodPut, clockPath, `{"frozen":true}`).want(200, `{"now":"2024-02-29T12:00:01Z","frozen":true}`)
	b.wall = b.wall.Add(time.Hour)
	b.do(http.MethodPut, clockPath, `{"frozen":true}`).want(200, `{"now":"2024-02-29T12:00:01Z","frozen":true}`)
	b.do(http.MethodPut, clockPath, `{}`).want(200, `{"now":"2024-02-29T12:00:01Z","frozen":true}`)

	// Absent frozen stays, sub-seconds are kept, zones are understood.
	b.do(http.MethodPut, clockPath, `{"now":"2030-01-01T08:00:00.123456789+08:00"}`).want(200, `{"now":"2030-01-01T00:00:00.123456789Z","frozen":true}`)
	b.do(http.MethodPut, clockPath, `{"frozen":false}`).want(200, `{"now":"2030-01-01T00:00:00.123456789Z","frozen":false}`)
	b.wall = b.wall.Add(time.Second)
	b.do(http.MethodGet, clockPath, "").want(200, `{"now":"2030-01-01T00:00:01.123456789Z","frozen":false}`)
	b.do(http.MethodPut, clockPath, `{"now":"2001-01-01T00:00:00Z"}`).want(200, `{"now":"2001-01-01T00:00:00Z","frozen":false}`)
	b.do(http.MethodPut, clockPath, `{"now":"2001-01-01T00:00:00Z","frozen":true}`).want(200, `{"now":"2001-01-01T00:00:00Z","frozen":true}`)

	b.do(http.MethodDelete, clockPath, "").want(200, `{"now":"2024-02-29T13:00:02Z","frozen":false}`)
}

func TestClockIsTheTenants(t *testing.T) {
	b := newBench(t, admin.Config{})
	b.do(http.MethodPost, tenants, `{"id":"bob"}`)
	b.do(http.MethodPut, clockPath+"?tenant=bob", `{"now":"2030-01-01T00:00:00Z","frozen":true}`)
	b.do(http.MethodGet, clockPath+"?tenant=bob", "").want(200, `{"now":"2030-01-01T00:00:00Z","frozen":true}`)
	b.do(http.MethodGet, clockPath+"?tenant=default", "").want(200, `{"now":"2024-02-29T12:00:00.25Z","frozen":false}`)
	b.do(http.MethodPost, clockPath+"/advance?tenant=bob", `{"by":"1s"}`).want(200, `{"now":"2030-01-01T00:00:01Z","fired":[]}`)
	b.do(http.MethodDelete, clockPath+"?tenant=bob", "").want(200, `{"now":"2024-02-29T12:00:00.25Z","frozen":false}`)
}

func TestAdvance(t *testing.T) {
	for name, row := range map[string]struct{ body, now string }{
		"nothing":          {`{"by":"0s"}`, "2024-02-29T12:00:00.25Z"},
		"minutes":          {`{"by":"4m"}`, "2024-02-29T12:04:00.25Z"},
		"milliseconds":     {`{"by":"750ms"}`, "2024-02-29T12:00:01Z"},
		"a day":            {`{"by":"1d"}`, "2024-03-01T12:00:00.25Z"},
		"a day and a half": {`{"by":"1d12h"}`, "2024-03-02T00:00:00.25Z"},
		"365 days":         {`{"by":"365d"}`, "2025-02-28T12:00:00.25Z"},
		"to now":           {`{"to":"2024-02-29T12:00:00.25Z"}`, "2024-02-29T12:00:00.25Z"},
		"to":               {`{"to":"2024-03-01T00:00:00+08:00"}`, "2024-02-29T16:00:00Z"},
		"to the last year": {`{"to":"9998-12-31T23:59:59Z"}`, "9998-12-31T23:59:59Z"},
	} {
		for _, frozen := range []bool{false, true} {
			t.Run(name, func(t *testing.T) {
				b := newBench(t, admin.Config{})
				if frozen {
					b.do(http.MethodPut, clockPath, `{"frozen":true}`)
				}
				b.do(http.MethodPost, clockPath+"/advance", row.body).want(200, `{"now":"`+row.now+`","fired":[]}`)
				want := `{"now":"` + row.now + `","frozen":false}`
				if frozen {
					want = `{"now":"` + row.now + `","frozen":true}`
				}
				b.do(http.MethodGet, clockPath, "").want(200, want)
			})
		}
	}
}

// What falls due happens before the answer, in order of time over all APIs.
func TestAdvanceFires(t *testing.T) {
	b := newBench(t, admin.Config{})
	b.do(http.MethodPut, clockPath, `{"now":"2024-01-01T00:00:00Z","frozen":true}`)
	b.order("shop", "default")
	b.do(http.MethodPost, clockPath+"/advance", `{"by":"10m"}`).want(200, `{"now":"2024-01-01T00:10:00Z","fired":[]}`)
	b.order("kiosk", "default")
	b.do(http.MethodPost, clockPath+"/advance", `{"by":"10m"}`)
	b.order("shop", "default")

	b.do(http.MethodPost, clockPath+"/advance", `{"by":"39m59s"}`).want(200, `{"now":"2024-01-01T00:59:59Z","fired":[]}`)
	b.do(http.MethodPost, clockPath+"/advance", `{"by":"1h"}`).want(200, `{"now":"2024-01-01T01:59:59Z","fired":[
		{"at":"2024-01-01T01:00:00Z","api":"shop","kind":"order-delivered","id":"1"},
		{"at":"2024-01-01T01:10:00Z","api":"kiosk","kind":"order-delivered","id":"1"},
		{"at":"2024-01-01T01:20:00Z","api":"shop","kind":"order-delivered","id":"2"}
	]}`)
	assert.Equal(t, counted("2", "2"), b.count("shop", "default"))
	b.do(http.MethodPost, clockPath+"/advance", `{"by":"1d"}`).want(200, `{"now":"2024-01-02T01:59:59Z","fired":[]}`)
}

// Setting the clock forward lets things fall due, too.
func TestPutClockSettles(t *testing.T) {
	b := newBench(t, admin.Config{})
	b.order("shop", "default")
	b.do(http.MethodPut, clockPath, `{"now":"2024-03-01T00:00:00Z","frozen":true}`)
	b.do(http.MethodPut, clockPath, `{"now":"2024-01-01T00:00:00Z"}`)
	assert.Equal(t, counted("1", "1"), b.count("shop", "default"), "it was delivered before the clock went back")
}

func TestClockRefusals(t *testing.T) {
	b := newBench(t, admin.Config{})
	for name, row := range map[string]struct {
		method, path, body string
		words              []string
	}{
		"put, now no time":       {http.MethodPut, "", `{"now":"noon"}`, []string{`"now"`, "RFC 3339"}},
		"put, now a number":      {http.MethodPut, "", `{"now":1709208000}`, []string{`"now"`, "RFC 3339"}},
		"put, now no zone":       {http.MethodPut, "", `{"now":"2024-02-29T12:00:00"}`, []string{`"now"`}},
		"put, now no day":        {http.MethodPut, "", `{"now":"2023-02-29T12:00:00Z"}`, []string{`"now"`}},
		"put, now null":          {http.MethodPut, "", `{"now":null}`, []string{`"now"`}},
		"put, before 1970":       {http.MethodPut, "", `{"now":"1969-12-31T23:59:59Z"}`, []string{`"now"`, "1969"}},
		"put, after 9998":        {http.MethodPut, "", `{"now":"9999-01-01T00:00:00Z"}`, []string{`"now"`, "9999"}},
		"put, after by zone":     {http.MethodPut, "", `{"now":"9998-12-31T23:00:00-02:00"}`, []string{`"now"`, "9999"}},
		"put, frozen a text":     {http.MethodPut, "", `{"frozen":"yes"}`, []string{`"frozen"`, "true or false"}},
		"put, right then wrong":  {http.MethodPut, "", `{"now":"2030-01-01T00:00:00Z","frozen":1}`, []string{`"frozen"`}},
		"put, unknown":           {http.MethodPut, "", `{"now":"2030-01-01T00:00:00Z","by":"1m"}`, []string{`"by"`, "now, frozen"}},
		"advance, neither":       {http.MethodPost, "/advance", `{}`, []string{`"by"`, `"to"`}},
		"advance, both":          {http.MethodPost, "/advance", `{"by":"1m","to":"2030-01-01T00:00:00Z"}`, []string{`"by"`, `"to"`}},
		"advance, too long":      {http.MethodPost, "/advance", `{"by":"9999999d"}`, []string{`"by" is too long`, "106751d23h47m16.854775807s"}},
		"advance, hours":         {http.MethodPost, "/advance", `{"by":"9999999h"}`, []string{`"by" is too long`}},
		"advance, days, hours":   {http.MethodPost, "/advance", `{"by":"106751d23h47m17s"}`, []string{`"by" is too long`}},
		"advance, no unit, long": {http.MethodPost, "/advance", `{"by":"9999999999999d1"}`, []string{`"by" wants a duration such as`}},
		"advance, negative days": {http.MethodPost, "/advance", `{"by":"1d-1h"}`, []string{`"by" wants a duration such as`}},
		"advance, negative":      {http.MethodPost, "/advance", `{"by":"-1m"}`, []string{`"by"`, "negative"}},
		"advance, no unit":       {http.MethodPost, "/advance", `{"by":"10"}`, []string{`"by"`, `"10"`}},
		"advance, a number":      {http.MethodPost, "/advance", `{"by":10}`, []string{`"by"`}},
		"advance, weeks":         {http.MethodPost, "/advance", `{"by":"1w"}`, []string{`"by"`}},
		"advance, days last":     {http.MethodPost, "/advance", `{"by":"12h1d"}`, []string{`"by"`}},
		"advance, days below":    {http.MethodPost, "/advance", `{"by":"1d-1h"}`, []string{`"by"`}},
		"advance, empty":         {http.MethodPost, "/advance", `{"by":""}`, []string{`"by"`}},
		"advance, 293 years":     {http.MethodPost, "/advance", `{"by":"106752d"}`, []string{`"by"`}},
		"advance, 999999d":       {http.MethodPost, "/advance", `{"by":"999999d"}`, []string{`"by"`}},
		"advance, days and more": {http.MethodPost, "/advance", `{"by":"106751d24h"}`, []string{`"by"`}},
		"advance, back":          {http.MethodPost, "/advance", `{"to":"2024-02-29T12:00:00.249Z"}`, []string{`"to"`, "PUT"}},
		"advance, after 9998":    {http.MethodPost, "/advance", `{"to":"9999-01-01T00:00:00Z"}`, []string{`"to"`, "9999"}},
	} {
		t.Run(name, func(t *testing.T) {
			b.t = t
			b.do(row.method, clockPath+row.path, row.body).problem(400, row.words...)
			b.do(http.MethodGet, clockPath, "").want(200, `{"now":"2024-02-29T12:00:00.25Z","frozen":false}`)
		})
	}
	t.Run("advance out of the years", func(t *testing.T) {
		b.t = t
		b.do(http.MethodPut, clockPath, `{"now":"9998-12-31T00:00:00Z","frozen":true}`)
		b.do(http.MethodPost, clockPath+"/advance", `{"by":"1d"}`).problem(400, `"by"`, "9999")
		b.do(http.MethodGet, clockPath, "").want(200, `{"now":"9998-12-31T00:00:00Z","frozen":true}`)
	})
}
