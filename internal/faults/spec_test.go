package faults_test

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/mediasandbox/sandbox/internal/faults"
)

func TestRefuses(t *testing.T) {
	b := newBench(t)
	for text, want := range map[string]string{
		`{"name":"a b","kind":"reset"}`:                                                             "name wants 1 to 64",
		`{"kind":"reset"}`:                                                                          "name wants 1 to 64",
		`{"name":"f"}`:                                                                              "kind is missing; there are outcome, latency, status",
		`{"name":"f","kind":"rest"}`:                                                                `kind "rest" is not one; did you mean "reset"?`,
		`{"name":"f","kind":"status:abc"}`:                                                          "kind wants a number behind status:",
		`{"name":"f","kind":"status:503","status":502}`:                                             "kind wants a number",
		`{"name":"f","kind":"status:200"}`:                                                          "status wants an HTTP status from 400 to 599",
		`{"name":"f","kind":"status"}`:                                                              "status wants an HTTP status",
		`{"name":"f","api":"polyw","kind":"reset"}`:                                                 `api "polyw" is not an API here; did you mean "polyv"?`,
		`{"name":"f","operation":"clip","kind":"reset"}`:                                            "operation wants an api beside it",
		`{"name":"f","api":"polyv","operation":"klip","kind":"reset"}`:                              `operation "klip" is not one of polyv's; did you mean "clip"?`,
		`{"name":"f","api":"polyv","operation":"clip","outcome":"vid_blank"}`:                       `outcome "vid_blank" is not an outcome of polyv clip`,
		`{"name":"f","api":"qqtube","outcome":"throtled"}`:                                          `outcome "throtled" is not an outcome of qqtube; did you mean "throttled"?`,
		`{"name":"f","outcome":"xyzzyxyzzy"}`:                                                       `outcome "xyzzyxyzzy" is not an outcome of any operation`,
		`{"name":"f","kind":"outcome"}`:                                                             "outcome is missing",
		`{"name":"f","kind":"reset","outcome":"throttled"}`:                                         "outcome has no meaning for the kind reset",
		`{"name":"f","kind":"latency"}`:                                                             "delay is missing",
		`{"name":"f","kind":"quota"}`:                                                               "limit is missing",
		`{"name":"f","kind":"reset","limit":3}`:                                                     "limit has no meaning for the kind reset",
		`{"name":"f","kind":"reset","window":"1s"}`:                                                 "window has no meaning",
		`{"name":"f","delay":"1s","handled":true}`:                                                  "handled has no meaning for the kind latency",
		`{"name":"f","kind":"truncate","handled":false}`:                                            "handled is false: without a reply of the fake's there is nothing to truncate",
		`{"name":"f","kind":"reset","chance":1.5}`:                                                  "chance wants a share",
		`{"name":"f","kind":"reset","chance":-1}`:                                                   "chance wants a share",
		`{"name":"f","kind":"reset","effect":"payed"}`:                                              `effect "payed" is not read, write, paid or destructive`,
		`{"name":"f","kind":"reset","api":"cliparto","operation":"BalanceCurrent","effect":"paid"}`: "effect none of these operations",
		`{"name":"f","kind":"reset","params":{"vid":"x"}}`:                                          "params want an api",
		`{"name":"f","kind":"reset","api":"polyv","operation":"clip","params":{"vidd":"x"}}`:        `params "vidd" is not a parameter there; did you mean "vid"?`,
	} {
		var spec faults.Spec
		require.NoError(t, json.Unmarshal([]byte(text), &spec), text)
		_, err := b.set.Put(spec)
		require.Error(t, err, text)
		assert.Contains(t, err.Error(), want, text)
		var own *faults.Error
		assert.ErrorAs(t, err, &own)
	}
	assert.Empty(t, b.set.List())

	_, err := faults.New(faults.Config{Documents: documents(), Always: []faults.Spec{{Name: "x", Kind: "y"}}})
	assert.ErrorContains(t, err, `fault x: kind "y" is not one`)
}

func TestDelayNotation(t *testing.T) {
	for text, want := range map[string]faults.Delay{
		`"200ms"`:    {Min: 200 * time.Millisecond, Max: 200 * time.Millisecond},
		`"100ms-2s"`: {Min: 100 * time.Millisecond, Max: 2 * time.Second},
		`{"distribution":"normal","mean":"300ms","stddev":"100ms"}`: {Distribution: "normal", Mean: 300 * time.Millisecond, StdDev: 100 * time.Millisecond},
		`{"distribution":"exponential","mean":"300ms"}`:             {Distribution: "exponential", Mean: 300 * time.Millisecond},
	} {
		var d faults.Delay
		require.NoError(t, json.Unmarshal([]byte(text), &d), text)
		assert.Equal(t, want, d)
		back, err := json.Marshal(d)
		require.NoError(t, err)
		assert.JSONEq(t, text, string(back))
	}
	for text, want := range map[string]string{
		`"soon"`:                                `wants a duration such as "200ms" or "100ms-2s", not "soon"`,
		`"-1s"`:                                 `wants a duration such as "200ms" or "100ms-2s", not "-1s"`,
		`"1s-"`:                                 `not "1s-"`,
		`"-"`:                                   `not "-"`,
		`""`:                                    `not ""`,
		`"2s-1s"`:                               "has the larger end first",
		`"5m"`:                                  "is at most 4m",
		`12`:                                    `wants "200ms"`,
		`{"mean":1}`:                            `wants "200ms"`,
		`{"distribution":"even","mean":"1s"}`:   "knows the distributions normal and exponential",
		`{"mean":"1s"}`:                         "wants a distribution",
		`{"distribution":"normal"}`:             "wants a mean above 0",
		`{"distribution":"normal","mean":"5m"}`: "is at most",
		`{"distribution":"exponential","mean":"1s","stddev":"1s"}`: "has no stddev",
	} {
		var d faults.Delay
		err := json.Unmarshal([]byte(text), &d)
		require.Error(t, err, text)
		assert.Contains(t, err.Error(), want, text)
	}
	var spec faults.Spec
	require.ErrorContains(t, json.Unmarshal([]byte(`{"ttl":5}`), &spec), `wants a duration as text`)
}

// TestDelayDraws looks at a thousand delays of each kind.
func TestDelayDraws(t *testing.T) {
	f, err := faults.New(faults.Config{Documents: documents()})
	require.NoError(t, err)
	for text, want := range map[string]struct{ mean, low, high time.Duration }{
		`"200ms"`:    {200 * time.Millisecond, 200 * time.Millisecond, 200 * time.Millisecond},
		`"100ms-2s"`: {1050 * time.Millisecond, 100 * time.Millisecond, 2 * time.Second},
		`{"distribution":"normal","mean":"300ms","stddev":"100ms"}`: {300 * time.Millisecond, 0, 900 * time.Millisecond},
		`{"distribution":"normal","mean":"1ms","stddev":"1h"}`:      {72 * time.Second, 0, faults.MaxDelay},
		`{"distribution":"exponential","mean":"300ms"}`:             {300 * time.Millisecond, 0, faults.MaxDelay},
	} {
		b := newBench(t)
		b.put(t, `{"delay":`+text+`,"seed":3}`)
		x := *exchange(b)
		var sum time.Duration
		for range 1000 {
			fault := f.Pick(&x)
			require.NotNil(t, fault)
			assert.GreaterOrEqual(t, fault.Delay, want.low)
			assert.LessOrEqual(t, fault.Delay, want.high)
			sum += fault.Delay
		}
		assert.InEpsilon(t, float64(want.mean), float64(sum/1000), 0.7, text)
	}
}
