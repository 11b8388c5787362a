package admin_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/mediasandbox/sandbox/internal/admin"
	"github.com/mediasandbox/sandbox/internal/admin/admintest"
)

const faultsPath = "/__admin/faults"

// status is what an order is answered with.
func (b *bench) status() int {
	w := httptest.NewRecorder()
	b.handler.ServeHTTP(w, httptest.NewRequestWithContext(b.t.Context(), http.MethodPost, "/shop/orders?api_key="+admintest.Key("shop", "default"), nil))
	return w.Code
}

func TestFaults(t *testing.T) {
	b := newBench(t, admin.Config{})
	b.do(http.MethodGet, faultsPath, "").want(200, `{"faults":[]}`)
	const put = `{"name":"out","api":"shop","operation":"order","times":1,"kind":"outcome","outcome":"internal-error","matched":0,"applied":0,"over":false}`
	b.do(http.MethodPut, faultsPath+"/out", `{"api":"shop","operation":"order","outcome":"internal-error","times":1}`).want(200, put)
	b.do(http.MethodGet, faultsPath, "").want(200, `{"faults":[`+put+`]}`)
	assert.Equal(t, 500, b.status())
	assert.Equal(t, 200, b.status())
	const used = `{"name":"out","api":"shop","operation":"order","times":1,"kind":"outcome","outcome":"internal-error","matched":2,"applied":1,"over":true}`
	b.do(http.MethodGet, faultsPath+"/out", "").want(200, used)
	b.do(http.MethodGet, requests+"/count?fault=out", "").want(200, `{"count":1,"last":2,"evicted":0,"inconclusive":false}`)

	b.do(http.MethodPut, faultsPath+"/busy?tenant=default", `{"name":"busy","kind":"status:503","ttl":"10m","delay":{"distribution":"normal","mean":"1ms","stddev":"1ms"},"params":{}}`).
		want(200, `{"name":"busy","kind":"status","status":503,"ttl":"10m0s","delay":{"distribution":"normal","mean":"1ms","stddev":"1ms"},
			"matched":0,"applied":0,"expires":"`+start.Add(10*time.Minute).Format(time.RFC3339Nano)+`","over":false}`)
	assert.Equal(t, 503, b.status())
	b.do(http.MethodPost, "/__admin/clock/advance", `{"by":"10m"}`)
	assert.Equal(t, 200, b.status(), "its time has passed on the tenant's clock")

	b.do(http.MethodDelete, faultsPath+"/out", "").want(204, "")
	b.do(http.MethodDelete, faultsPath+"/out", "").problem(404, `"out"`)
	b.do(http.MethodGet, faultsPath+"/out", "").problem(404, `"out"`)
	b.do(http.MethodDelete, faultsPath, "").want(204, "")
	b.do(http.MethodGet, faultsPath, "").want(200, `{"faults":[]}`)
}

func TestFaultsRefused(t *testing.T) {
	b := newBench(t, admin.Config{})
	for body, words := range map[string]string{
		`{}`:                            `field "kind" is missing`,
		`{"kind":"rest"}`:               `did you mean "reset"`,
		`{"kind":"reset","name":"g"}`:   `the path says "f"`,
		`{"api":"shob","kind":"reset"}`: `did you mean "shop"`,
		`{"api":"shop","operation":"order","outcome":"xx"}`:                                 `field "outcome"`,
		`{"kind":"reset","ttl":5}`:                                                          "wants a duration as text",
		`{"kind":"latency","delay":"soon"}`:                                                 "wants a duration",
		`{"kind":"latency","delay":{"mean":"1s"}}`:                                          "wants a distribution",
		`{"kind":"reset","params":{"a":null}}`:                                              `field "params.a" is null`,
		`{"kind":"reset","params":{"a":"1","a":"1"}}`:                                       `field "params.a" stands twice`,
		`{"kind":"latency","delay":{"distribution":"exponential","mean":"1s","mean":"2s"}}`: `field "delay.mean" stands twice`,
		`{"kind":"latency","delay":"-1s"}`:                                                  `not "-1s"`,
		`{"kind":"reset","times":-1}`:                                                       `field "times" wants a whole number from 0 to 18446744073709551615`,
		`{"kind":"reset","skip":-1}`:                                                        `field "skip" wants a whole number from 0 to 18446744073709551615`,
		`{"kind":"reset","chance":"x"}`:                                                     "wants a share",
		`{"kind":"reset","chance":2}`:                                                       "wants a share above 0, up to 1",
		`{"kind":"truncate","handled":false}`:                                               `field "handled" is false: without a reply`,
		`{"kind":"status","status":"x"}`:                                                    "whole number",
		`{"kind":"reset","handled":1}`:                                                      "true or false",
		`{"kind":"reset","when":"now"}`:                                                     `"when"`,
	} {
		b.do(http.MethodPut, faultsPath+"/f", body).problem(400, words)
	}
	b.do(http.MethodPut, faultsPath+"/a%20b", `{"kind":"reset"}`).problem(400, `field "name"`)
	b.do(http.MethodPut, faultsPath+"/f?tenant=nobody", `{"kind":"reset"}`).problem(404)
	for i := range 100 {
		b.do(http.MethodPut, fmt.Sprintf("%s/f%d", faultsPath, i), `{"kind":"reset"}`)
	}
	b.do(http.MethodPut, faultsPath+"/g", `{"kind":"reset"}`).problem(507, "at most 100")
}

// A zero that stands for a field that is left out is refused where it is given: it would be
// lost, and the fault break more than its writer meant. Where 0 is what it says, it is taken.
func TestFaultsGivenZero(t *testing.T) {
	b := newBench(t, admin.Config{})
	for body, words := range map[string][]string{
		`{"kind":"status:503","chance":0}`:        {`field "chance" wants a share above 0, up to 1`, "leave it out"},
		`{"kind":"status:503","chance":-0.0}`:     {`field "chance" wants a share above 0, up to 1`},
		`{"kind":"reset","ttl":"0s"}`:             {`field "ttl" is 0; leave it out`},
		`{"kind":"reset","seed":0}`:               {`field "seed" wants a whole number from 1`},
		`{"kind":"reset","seed":-1}`:              {`field "seed" wants a whole number from 1`},
		`{"kind":"reset","caller":""}`:            {`field "caller" wants the id of an account`},
		`{"kind":"reset","api":""}`:               {`field "api"`},
		`{"kind":"reset","operation":""}`:         {`field "operation"`},
		`{"kind":"reset","effect":""}`:            {`field "effect"`},
		`{"kind":"reset","name":""}`:              {`field "name"`},
		`{"kind":"reset","outcome":""}`:           {`field "outcome"`},
		`{"kind":"status:503","status":0}`:        {`field "status"`, "from 400 to 599"},
		`{"kind":"reset","limit":0}`:              {`field "limit" wants a whole number from 1`},
		`{"kind":"quota","limit":1,"window":"0"}`: {`field "window" is 0; leave it out for a minute`},
	} {
		b.do(http.MethodPut, faultsPath+"/f", body).problem(400, words...)
	}
	b.do(http.MethodGet, faultsPath, "").want(200, `{"faults":[]}`)
	b.do(http.MethodPut, faultsPath+"/f", `{"kind":"latency","delay":"0s","skip":0,"times":0,"params":{}}`).
		want(200, `{"name":"f","kind":"latency","delay":"0s","matched":0,"applied":0,"over":false}`)
}

func TestResetEndsFaultsAndJournal(t *testing.T) {
	b := newBench(t, admin.Config{})
	b.do(http.MethodPut, faultsPath+"/f", `{"kind":"status:503"}`)
	assert.Equal(t, 503, b.status())
	b.do(http.MethodPost, "/__admin/reset", "").want(204, "")
	b.do(http.MethodGet, faultsPath, "").want(200, `{"faults":[]}`)
	assert.Equal(t, 200, b.status())
	b.do(http.MethodGet, requests+"/count", "").want(200, `{"count":1,"last":1,"evicted":0,"inconclusive":false}`)
}
