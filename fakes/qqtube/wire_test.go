package qqtube

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/mediasandbox/sandbox/fakes"
	"github.com/mediasandbox/sandbox/fakes/fakestest"
	"github.com/mediasandbox/sandbox/internal/contract"
)

func TestConformance(t *testing.T) { fakestest.Run(t, API(), fakestest.Suite{}) }

// ask sends a request as a client would: method, query, form.
func ask(b *fakestest.Bench, method, query, form string) fakestest.Reply {
	target := "http://127.0.0.1:7311/qqtube/v1-api"
	if query != "" {
		target += "?" + query
	}
	req, err := http.NewRequest(method, target, strings.NewReader(form))
	require.NoError(b.T, err)
	if form != "" {
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	return b.SendHTTP(req)
}

// TestOrderOfChecks: action, method, api_key, parameters.
func TestOrderOfChecks(t *testing.T) {
	const (
		action = `{"status":"error","messages":[{"id":1001,"message":"Invalid action"}]}`
		method = `{"status":"error","messages":[{"id":1002,"message":"Invalid access method"}]}`
		apiKey = `{"status":"error","messages":[{"id":1003,"message":"Invalid API key"}]}`
		path   = `{"status":"error","messages":[{"id":1004,"message":"Page not found"}]}`
	)
	b := fakestest.New(t, API())
	key := "api_key=" + pageKey
	for _, c := range []struct {
		method, query, form string
		status              int
		want                string // a whole body, or "" for a success
	}{
		{"GET", "", "", 200, action},
		{"GET", key, "", 200, action},
		{"GET", key + "&action=Add", "", 200, action},
		{"POST", key + "&action=", "action=", 200, action},
		{"PUT", "action=nonsense", "", 200, action},
		{"GET", "action=add", "", 405, method},
		{"PUT", "action=add", "", 405, method},
		{"PUT", "", "action=add&" + key, 405, method},
		{"DELETE", "", "action=services", 405, method},
		{"PATCH", key, "action=nonsense", 200, action},
		{"GET", "", "action=funds", 200, apiKey},
		{"HEAD", "action=funds&" + key, "", 405, ""},
		{"POST", "action=services", "", 405, method},
		{"POST", "", "action=services&" + key, 405, method},
		{"DELETE", "action=funds&" + key, "", 405, method},
		{"GET", "action=funds", "", 200, apiKey},
		{"GET", "action=funds&api_key=", "", 200, apiKey},
		{"GET", "action=funds&api_key=0000", "", 200, apiKey},
		{"GET", "action=stats&api_key=0000", "", 200, apiKey},
		{"POST", "", "action=add&api_key=0000", 200, apiKey},
		{"GET", "action=funds&" + key, "", 200, ""},
		{"POST", "action=funds&" + key, "", 200, ""},
		{"POST", "", "action=funds&" + key, 200, ""},
		{"POST", "action=funds", key, 200, ""},
		{"GET", "action=funds&api_key=+" + pageKey + "%0A", "", 200, ""},
		{"GET", "action=services&" + key, "", 200, ""},
		{"GET", "action=submissions&" + key, "", 200, ""},
		{"POST", "", "action=submissions&" + key, 200, ""},
		{"GET", "action=stats&id_service_submission=123456&" + key, "", 200, ""},
		{"POST", "", "action=stats&id_service_submission=123456&" + key, 200, ""},
		{"GET", "action=nonsense&action=funds&" + key, "", 200, ""},     // the last one counts
		{"GET", "action=funds&action=nonsense&" + key, "", 200, action}, // as PHP has it
	} {
		name := c.method + " ?" + c.query + " " + c.form
		r := ask(b, c.method, c.query, c.form)
		assert.Equal(t, c.status, r.Code, name)
		assert.Equal(t, "application/json", r.Header().Get("Content-Type"), name)
		if c.want != "" {
			assert.Equal(t, c.want, r.Body.String(), name)
		} else {
			assert.NotContains(t, r.Body.String(), "error\",", name)
		}
	}
	req, err := http.NewRequest("GET", "http://www.qqtube.com/v2-api?action=funds&"+key, nil)
	require.NoError(t, err)
	r := b.SendHTTP(req)
	assert.Equal(t, 404, r.Code)
	assert.Equal(t, path, r.Body.String())
	assert.Empty(t, b.Breaches())
}

func TestWireBodies(t *testing.T) {
	b := fakestest.New(t, API())
	assert.Equal(t, `{"funds":"508.60"}`, b.Call("funds", nil).Body.String())
	assert.Equal(t,
		`{"id_service_submission":"123456","short_url":"yPslBGjuRL0","long_url":"https:\/\/www.youtube.com\/watch?v=yPslBGjuRL0",`+
			`"start_count":"500000","wanted_count":"100000","current_count":"580000","sent_count":"4000","total_cost":"13.00",`+
			`"status":{"id_status":"2","name":"In Progress","type":"info","description":"Submission is currently receiving what was ordered."}}`,
		b.Call("stats", map[string]string{"id_service_submission": "123456"}).Body.String())
	added := b.Call("add", map[string]string{"id_service": "54", "quantity": "1000", "url": "https://example.org/é/😀?a=1&b=<2>"}).Body.String()
	long := `"https:\/\/example.org\/\u00e9\/\ud83d\ude00?a=1&b=<2>"`
	assert.Regexp(t, `^\{"status":"success","id_service_submission":"123457","short_url":`, added)
	assert.Contains(t, added, `"short_url":`+long+`,"long_url":`+long+`,"start_count":`)
	assert.Regexp(t, `"start_count":\d+,"wanted_count":1000,"current_count":\d+,"message":\[\{"id":100,"message":"Successfully added URL"\}\]\}$`, added)
	services := b.Call("services", nil).Body.String()
	assert.True(t, strings.HasPrefix(services, `[{"id_service":"3",`), services)
	assert.Contains(t, services, `"name":"Espa\u00f1ol"`)
	assert.Contains(t, services, `"options":[],"override_id":false,"id":8,"id_shop_list":null}`)
	assert.Equal(t, `[]`, b.Call("submissions", map[string]string{"starting_after": "1"}).Body.String())
	assert.Empty(t, b.Breaches())
}

// TestPHPSample is the request of the page's PHP sample: multipart, a leading blank
// in the key, an array of fields in the sample's order.
func TestPHPSample(t *testing.T) {
	b := fakestest.New(t, API())
	r := b.Request("add", map[string]string{
		"url": watchURL, "quantity": "2000", "id_service": "5", "geo-countries": "US", "api_key": " " + pageKey,
	})
	r.Multipart = true
	reply := b.Send(r)
	assert.Equal(t, "added", reply.Outcome, reply.Body)
	assert.Contains(t, reply.Body.String(), `"wanted_count":2000`)
	assert.Equal(t, `{"funds":"502.20"}`, b.Call("funds", nil).Body.String())
}

func TestErrorsAccumulateOnTheWire(t *testing.T) {
	const nothing = `[{"id":30,"message":"Service ID not provided!"},{"id":32,"message":"Service does not exist."},` +
		`{"id":1010,"message":"URL not provided!"},{"id":1012,"message":"Quantity not provided!"}]}`
	b := fakestest.New(t, API())
	r := b.Call("add", nil)
	assert.Equal(t, 200, r.Code)
	assert.Equal(t, `{"status":"error","messages":`+nothing, r.Body.String())
	assert.Equal(t, []string{"service-missing", "url-missing", "quantity-missing"}, r.Exchange.Outcomes)
	r = b.Call("add", map[string]string{"url": watchURL, "quantity": "1000"})
	assert.Equal(t, `{"status":"error","messages":[{"id":30,"message":"Service ID not provided!"},{"id":32,"message":"Service does not exist."}]}`, r.Body.String())
	r = b.Call("submissions", map[string]string{"starting_after": "x", "limit": "x"})
	assert.Equal(t, `{"status":"error","messages":[{"id":1041,"message":"Starting after must be a submission ID."},{"id":1042,"message":"Limit must be between 1 and 500."}]}`, r.Body.String())

	b = fakestest.New(t, API(), fakestest.With("qqtube", settingErrorKey, "message"))
	assert.Equal(t, `{"status":"error","message":`+nothing, b.Call("add", nil).Body.String())
	assert.Contains(t, ask(b, "GET", "", "").Body.String(), `"message":[{"id":1001,`)
	assert.Contains(t, b.Call("add", b.Examples("add")).Body.String(), `"message":[{"id":100,`)
	assert.Empty(t, b.Breaches())
}

// TestMessagesAreDistinct: one text for each id and one id for each text, and one
// outcome for each, except 32, which a missing service shares with an unknown one.
func TestMessagesAreDistinct(t *testing.T) {
	b := fakestest.New(t, API())
	type said struct {
		text    string
		outcome map[string]bool
	}
	byID, byText := map[int]said{}, map[string]int{}
	outcomes := map[string]*contract.Outcome{}
	for _, op := range b.Doc.Operations {
		for _, o := range op.Outcomes {
			outcomes[o.Name] = o
		}
	}
	for name, o := range outcomes {
		if o.Success {
			continue
		}
		var body struct {
			Messages []struct {
				ID   int    `json:"id"`
				Text string `json:"message"`
			}
		}
		require.NoError(t, json.Unmarshal([]byte(o.Example), &body), name)
		for _, m := range body.Messages {
			if _, ok := byID[m.ID]; !ok {
				byID[m.ID], byText[m.Text] = said{m.Text, map[string]bool{}}, m.ID
			}
			assert.Equal(t, m.Text, byID[m.ID].text, "id %d", m.ID)
			assert.Equal(t, m.ID, byText[m.Text], m.Text)
			byID[m.ID].outcome[name] = true
		}
	}
	for id, s := range byID {
		if id != 32 {
			assert.Len(t, s.outcome, 1, "id %d", id)
		}
	}
	assert.Equal(t, "Service ID not provided!", byID[30].text)
	assert.Equal(t, map[string]bool{"service-missing": true, "service-unknown": true}, byID[32].outcome)
}

func TestServiceParametersComeFromQueryAndForm(t *testing.T) {
	b := fakestest.New(t, API())
	form := url.Values{"action": {"add"}, "api_key": {pageKey}, "url": {watchURL}, "quantity": {"1000"}, "id_service": {"80"}}
	assert.Equal(t, "param-missing", ask(b, "POST", "", form.Encode()).Outcome)
	assert.Equal(t, "added", ask(b, "POST", "geotarget=21", form.Encode()).Outcome)
	form["geotarget"] = []string{"0", "21"} // the last one counts
	assert.Equal(t, "added", ask(b, "POST", "", form.Encode()).Outcome)
	form["geotarget"] = []string{"21", "0"}
	assert.Equal(t, "param-not-selected", ask(b, "POST", "", form.Encode()).Outcome)
}

func TestDeliveryOverHTTP(t *testing.T) {
	b := fakestest.New(t, API())
	tenant := b.Host.Default()
	b.Call("add", map[string]string{"id_service": "54", "quantity": "1000", "url": watchURL})
	tenant.Clock.Advance(5 * time.Hour)
	assert.Contains(t, b.Call("stats", map[string]string{"id_service_submission": "123457"}).Body.String(), `"sent_count":"500"`)
	tenant.Clock.Advance(5 * time.Hour)
	events := b.Host.Settle(tenant)
	require.Len(t, events, 1)
	assert.Equal(t, "order-completed", events[0].Kind)
	assert.Contains(t, b.Call("stats", map[string]string{"id_service_submission": "123457"}).Body.String(), `"id_status":"1"`)

	require.NoError(t, b.Host.With(tenant, "qqtube", func(w fakes.World, now time.Time) error {
		return w.(*World).Refund("123457", "0.20", now) //nolint:forcetypeassert // it is this package's
	}))
	r := b.Call("stats", map[string]string{"id_service_submission": "123457"})
	assert.Regexp(t, `"description":"[^"]+"\},"refund_total":"0\.20","refund_time":"2026-03-18 22:00:00"\}$`, r.Body.String())
	assert.Equal(t, `{"funds":"508.60"}`, b.Call("funds", nil).Body.String())
	assert.Empty(t, b.Breaches())
}

// TestRepliesOfEveryServiceFitTheContract orders every service and reads it back.
func TestRepliesOfEveryServiceFitTheContract(t *testing.T) {
	b := fakestest.New(t, API())
	for service, extra := range map[string]url.Values{
		"3": {"drip": {"1"}}, "5": {"geo-countries": {"US,GB"}}, "30": {}, "46": {"share_type": {"13"}, "guarantee": {"lifetime"}}, "54": {},
		"35": {"comments": {"first line\nsecond line\nthird line"}, "language": {"en"}},
		"55": {"retention": {"60"}, "bonus_likes": {"50"}, "keyword": {"cats"}, "drip": {"1"}}, "80": {"geotarget": {"21"}},
	} {
		extra.Set("action", "add")
		extra.Set("api_key", pageKey)
		extra.Set("url", watchURL)
		extra.Set("id_service", service)
		extra.Set("quantity", "1000")
		if service == "35" {
			extra.Set("quantity", "10")
		}
		r := ask(b, "POST", "", extra.Encode())
		assert.Equal(t, "added", r.Outcome, service)
		assert.Empty(t, r.Exchange.Undeclared, "a service's own parameters are in the contract")
	}
	assert.Equal(t, "listed", b.Call("submissions", nil).Outcome)
	for id := 123457; id < 123457+8; id++ {
		assert.Equal(t, "found", b.Call("stats", map[string]string{"id_service_submission": itoa(int64(id))}).Outcome)
	}
	assert.Empty(t, b.Breaches())
}

func TestPathsOfTheDocument(t *testing.T) {
	b := fakestest.New(t, API())
	for id, methods := range map[string][]string{
		"add": {"POST"}, "services": {"GET"}, "submissions": {"GET", "POST"}, "stats": {"GET", "POST"}, "funds": {"GET", "POST"},
	} {
		op := b.Doc.Operation(id)
		require.NotNil(t, op, id)
		assert.Equal(t, methods, op.Methods, id)
		assert.Equal(t, "/v1-api", op.Path)
		effect := contract.Read
		if id == "add" {
			effect = contract.Paid
		}
		assert.Equal(t, effect, op.Effect)
	}
	assert.Len(t, b.Doc.Operations, 5)
}
