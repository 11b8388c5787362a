package acceptance_test

import (
	"encoding/json"
	"fmt"
	"math/big"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/mediasandbox/sandbox/fakes"
	"github.com/mediasandbox/sandbox/fakes/qqtube"
)

const (
	qqKey    = "172a1c261d1d84916d9e7321153d0416acab98fc"
	qqVideo  = "https://www.youtube.com/watch?v=jofNR_WkoCE"
	qqMethod = `{"status":"error","messages":[{"id":1002,"message":"Invalid access method"}]}`
	qqAction = `{"status":"error","messages":[{"id":1001,"message":"Invalid action"}]}`
	qqNoKey  = `{"status":"error","messages":[{"id":1003,"message":"Invalid API key"}]}`
)

// qq sends an action with the default tenant's key: in the query of a GET, in the form of a POST.
func (s *sandbox) qq(method, action string, pairs ...string) reply {
	s.Helper()
	v := values{"api_key": qqKey, "action": action}.with(pairs...)
	r := request{method: method, url: "/qqtube/v1-api"}
	if method == http.MethodPost {
		r.form = v
	} else {
		r.query = v
	}
	return s.do(r)
}

// qqMessages are the ids and texts of an error, and fail the test when it is none.
func (s *sandbox) qqMessages(got reply) []qqMessage {
	s.Helper()
	require.Equal(s, 200, got.status, got.body)
	v := decode[struct {
		Status   string
		Messages []qqMessage
	}](s, got.body)
	require.Equal(s, "error", v.Status, got.body)
	require.NotEmpty(s, v.Messages, got.body)
	return v.Messages
}

type qqMessage struct {
	ID      int
	Message string
}

func (s *sandbox) qqFunds() string {
	s.Helper()
	return decode[struct{ Funds string }](s, s.qq("GET", "funds").body).Funds
}

type qqService struct {
	ID        string `json:"id_service"`
	Minimum   string `json:"amount_minimum"`
	Increment string `json:"amount_increment"`
	IsGeo     string `json:"is_geo"`
	IsDrip    string `json:"is_drip"`
	DripCost  string `json:"drip_cost"`
	Prices    []struct {
		Minimum string
		Maximum string
		Per     string `json:"pricing_per"`
		Price   string
	}
	Params []qqParam
}

type qqParam struct {
	Field       string `json:"field_name"`
	Validators  string `json:"field_validators"`
	Modifier    string `json:"is_price_modifier"`
	ModifyType  string `json:"modify_type"`
	ModifyEvery string `json:"modify_every"`
	ModifyBy    string `json:"modify_by"`
	Options     []struct {
		Value string
		Error string `json:"error_selection"`
	}
}

func (s *sandbox) qqServices() []qqService {
	s.Helper()
	return decode[[]qqService](s, s.qq("GET", "services").body)
}

func TestQQTube(t *testing.T) {
	sections(t, "qqtube", []section{
		{"the order of checks", qqOrder},
		{"where parameters may stand", qqPlaces},
		{"hosts and prefixes", qqHosts},
		{"literal replies of the page", qqLiterals},
		{"the key", qqKeys},
		{"adding", qqAdding},
		{"errors of add", qqAddErrors},
		{"validators", qqValidators},
		{"short URLs", qqShortURLs},
		{"prices", qqPrices},
		{"funds", qqFundsRunOut},
		{"submissions in pages", qqPages},
		{"stats", qqStats},
		{"the life of an order", qqLife},
		{"statuses and refunds", qqStatuses},
		{"PHP's JSON", qqPHP},
		{"error key", qqErrorKey},
		{"tenants", qqTenants},
	})
}

// §1 "Order of checks: action → HTTP method → api_key → parameters" and the rows of its table.
func qqOrder(s *sandbox) {
	for _, c := range []struct {
		cite, method string
		params       values
		status       int
		want         string
	}{
		{"missing action", "GET", nil, 200, qqAction},
		{"missing action, wrong key", "GET", values{"api_key": "x"}, 200, qqAction},
		{"missing action before method", "PUT", nil, 200, qqAction},
		{"unknown action", "GET", values{"action": "nope", "api_key": qqKey}, 200, qqAction},
		{"unknown action before method", "DELETE", values{"action": "nope", "api_key": qqKey}, 200, qqAction},
		{"empty action", "GET", values{"action": "", "api_key": qqKey}, 200, qqAction},
		{"actions are spelled so", "GET", values{"action": "Funds", "api_key": qqKey}, 200, qqAction},
		{"add POST", "GET", values{"action": "add", "api_key": qqKey}, 405, qqMethod},
		{"method before api_key", "GET", values{"action": "add", "api_key": "wrong"}, 405, qqMethod},
		{"services GET", "POST", values{"action": "services", "api_key": qqKey}, 405, qqMethod},
		{"other method", "PUT", values{"action": "add", "api_key": qqKey}, 405, qqMethod},
		{"other method", "DELETE", values{"action": "funds", "api_key": qqKey}, 405, qqMethod},
		{"other method", "PATCH", values{"action": "stats", "api_key": qqKey}, 405, qqMethod},
		{"other method", "PUT", values{"action": "submissions", "api_key": qqKey}, 405, qqMethod},
		{"other method", "PUT", values{"action": "services", "api_key": qqKey}, 405, qqMethod},
		{"other method", "OPTIONS", values{"action": "funds", "api_key": qqKey}, 405, qqMethod},
		{"missing api_key", "GET", values{"action": "funds"}, 200, qqNoKey},
		{"missing api_key", "GET", values{"action": "services"}, 200, qqNoKey},
		{"empty api_key", "GET", values{"action": "funds", "api_key": ""}, 200, qqNoKey},
		{"blank api_key", "GET", values{"action": "funds", "api_key": "  "}, 200, qqNoKey},
		{"wrong api_key", "POST", values{"action": "submissions", "api_key": "x"}, 200, qqNoKey},
		{"api_key before parameters", "GET", values{"action": "stats", "api_key": "x"}, 200, qqNoKey},
		{"api_key before parameters", "POST", values{"action": "add", "api_key": "x"}, 200, qqNoKey},
		{"api_key before parameters", "GET", values{"action": "submissions", "limit": "x"}, 200, qqNoKey},
		{"a key is spelled so", "GET", values{"action": "funds", "api_key": strings.ToUpper(qqKey)}, 200, qqNoKey},
		{"stats, funds POST tolerated", "POST", values{"action": "funds", "api_key": qqKey}, 200, `{"funds":"508.60"}`},
		{"stats, funds GET", "GET", values{"action": "funds", "api_key": qqKey}, 200, `{"funds":"508.60"}`},
	} {
		got := s.do(request{method: c.method, url: "/qqtube/v1-api", query: c.params})
		assert.Equal(s, c.status, got.status, "%s: %s %v", c.cite, c.method, c.params)
		assert.Equal(s, c.want, got.body, "%s: %s %v", c.cite, c.method, c.params)
		assert.Equal(s, "application/json", got.header.Get("Content-Type"), c.cite)
	}
	// "stats … GET, POST tolerated", "submissions GET and POST"
	for _, action := range []string{"stats", "submissions"} {
		get, post := s.qq("GET", action, "id_service_submission", "123456"), s.qq("POST", action, "id_service_submission", "123456")
		assert.Equal(s, 200, post.status, action)
		assert.Equal(s, get.body, post.body, action)
		assert.NotContains(s, get.body, "error", action)
	}
	assert.Equal(s, 405, s.qq("HEAD", "funds").status, "another method, too")
	assert.Equal(s, 405, s.qq("HEAD", "add").status)
}

// "Common to all: parameters are read from the query and the body".
func qqPlaces(s *sandbox) {
	order := values{"url": qqVideo, "quantity": "500", "id_service": "30"}
	all := order.with("action", "add", "api_key", qqKey)
	for name, r := range map[string]request{
		"urlencoded":                     {form: all},
		"multipart":                      {form: all, multipart: true},
		"query":                          {method: "POST", query: all},
		"action in the query, form else": {query: values{"action": "add"}, form: all.with("action", "-")},
		"credentials in the query":       {query: values{"action": "add", "api_key": qqKey}, form: order, multipart: true},
		"form after the order":           {query: order, form: values{"action": "add", "api_key": qqKey}},
	} {
		r.url = "/qqtube/v1-api"
		got := s.do(r)
		assert.Equal(s, 200, got.status, name)
		assert.Contains(s, got.body, `{"status":"success","id_service_submission":"`, name)
	}
	assert.Equal(s, "506.80", s.qqFunds(), "six orders of 0.30")
	// A name twice: PHP takes the last, and a body's before a query's.
	got := s.do(request{url: "/qqtube/v1-api?action=nope&action=funds&api_key=x&api_key=" + qqKey})
	assert.Equal(s, `{"funds":"506.80"}`, got.body)
	got = s.do(request{url: "/qqtube/v1-api", query: all.with("quantity", "x", "action", "nope"), form: all})
	assert.Contains(s, got.body, "success")
}

// "Common to all", table: prefixes and vendor host names; hosts with port and upper case.
func qqHosts(s *sandbox) {
	query := values{"action": "funds", "api_key": qqKey}
	for _, host := range []string{
		"www.qqtube.com", "qqtube.com", "qqtube.localhost", "www.qqtube.com:443", "qqtube.com:8080", "QQTube.com", "WWW.QQTUBE.COM:80",
		"qqtube.localhost:7311", "QQTUBE.LOCALHOST", "default.qqtube.localhost", "default.qqtube.localhost:7311",
	} {
		got := s.do(request{host: host, url: "/v1-api", query: query})
		assert.Equal(s, `{"funds":"508.60"}`, got.body, host)
	}
	for _, path := range []string{"/qqtube/v1-api", "/t/default/qqtube/v1-api"} {
		assert.Equal(s, `{"funds":"508.60"}`, s.do(request{url: path, query: query}).body, path)
	}
}

// The page's examples; §1 "Default tenant", "exactly as in the example".
func qqLiterals(s *sandbox) {
	for _, action := range []string{"GET", "POST"} {
		got := s.qq(action, "submissions", "starting_after", "3")
		assert.Equal(s, `[{"id_service_submission":"2","short_url":"jofNR_WkoCE","id_status":"2","id_service":"30","start_count":"200000","wanted_count":"1000","current_count":"200001","total_cost":"0.60","date_added":"2020-07-30 16:56:40"},`+
			`{"id_service_submission":"1","short_url":"dQw4w9WgXcQ","id_status":"1","id_service":"30","start_count":"200000","wanted_count":"1000","current_count":"200001","total_cost":"0.60","date_added":"2020-07-30 16:52:14"}]`, got.body)
	}
	// "refund_total, refund_time only when refunded (the example shows them beside "In Progress": the field table wins)"
	stats := `{"id_service_submission":"123456","short_url":"yPslBGjuRL0","long_url":"https:\/\/www.youtube.com\/watch?v=yPslBGjuRL0","start_count":"500000","wanted_count":"100000","current_count":"580000","sent_count":"4000","total_cost":"13.00","status":{"id_status":"2","name":"In Progress","type":"info","description":"Submission is currently receiving what was ordered."}}`
	assert.Equal(s, stats, s.qq("GET", "stats", "id_service_submission", "123456").body)
	assert.Equal(s, `{"funds":"508.60"}`, s.qq("GET", "funds").body)
	// "services 3, 5, 30, 35, 46, 54, 55 and 80 (80 is the page's example, literally)"
	services := s.qq("GET", "services").body
	page := `{"id_service":"80","public_name":"YouTube Geo-target Views","amount_minimum":"1000","amount_increment":"1000","is_geo":"0","is_retention":"0","is_drip":"0","drip_cost":"0.00","example":"https:\/\/www.youtube.com\/watch?v=abcdef","type_name":"geo views","prices":[{"id_service_pricing":"1","id_service":"80","minimum":"1000","maximum":"100000","pricing_per":"1000","price":"2.50"}],"countries":false,"params":[{"id_service_params":"6","id_service":"80","field_label":"Country Selection","field_descr":"Select the country you want views from","field_placeholder":"","field_name":"geotarget","field_type":"dropdown","field_validators":"required","is_price_modifier":"0","modify_type":"","modify_every":"0.000000","modify_by":"0.000000","options":[{"id_service_param_option":"19","id_service_param":"6","name":"Select a country","value":"0","error_selection":"1","order_by":"0","active":"1"},{"id_service_param_option":"20","id_service_param":"6","name":"United States","value":"21","error_selection":"0","order_by":"10","active":"1"}],"override_id":false,"id":6,"id_shop_list":null}]}`
	assert.Contains(s, services, page)
	assert.True(s, strings.HasPrefix(services, "[{") && strings.HasSuffix(services, "}]"), "services and submissions reply with a JSON array")
	ids := []string{}
	for _, v := range s.qqServices() {
		ids = append(ids, v.ID)
	}
	assert.ElementsMatch(s, []string{"3", "5", "30", "35", "46", "54", "55", "80"}, ids)
	// "these three keep the page's literal values, they do not move on the clock"
	s.advance(10 * 365 * 24 * time.Hour)
	assert.Equal(s, stats, s.qq("GET", "stats", "id_service_submission", "123456").body)
	assert.Contains(s, s.qq("GET", "submissions").body, `"id_service_submission":"2","short_url":"jofNR_WkoCE","id_status":"2"`)

	// "every amount, id and counter is a string … countries false, params[].id a number, id_shop_list null", for every service.
	for _, v := range decode[[]map[string]any](s, services) {
		assert.Equal(s, false, v["countries"])
		for name, value := range v {
			if name != "prices" && name != "params" && name != "countries" {
				assert.IsType(s, "", value, "%v %s", v["id_service"], name)
			}
		}
		for _, param := range v["params"].([]any) {
			p := param.(map[string]any)
			assert.IsType(s, 0.0, p["id"])
			assert.Equal(s, fmt.Sprint(p["id"]), p["id_service_params"])
			assert.Contains(s, p, "id_shop_list")
			assert.Nil(s, p["id_shop_list"])
			assert.Equal(s, false, p["override_id"])
			for _, option := range p["options"].([]any) {
				assert.Equal(s, p["id_service_params"], option.(map[string]any)["id_service_param"])
				assert.Contains(s, option, "id_service_param_option")
			}
		}
	}
}

// §1 "api_key is trimmed (the page's own sample has a leading blank)".
func qqKeys(s *sandbox) {
	for _, key := range []string{" " + qqKey, qqKey + " ", "\t" + qqKey + "\n", "  " + qqKey + "\r\n"} {
		assert.Equal(s, `{"funds":"508.60"}`, s.qq("GET", "funds", "api_key", key).body, "%q", key)
		assert.Equal(s, `{"funds":"508.60"}`, s.qq("POST", "funds", "api_key", key).body, "%q", key)
	}
	for _, key := range []string{qqKey + "0", qqKey[1:], qqKey[:20] + " " + qqKey[20:]} {
		assert.Equal(s, qqNoKey, s.qq("GET", "funds", "api_key", key).body, "%q", key)
	}
}

// §1 "added: key message (singular), id 100", "add → counters are JSON numbers, id_service_submission a string", and the page's sample.
func qqAdding(s *sandbox) {
	got := s.do(request{url: "/qqtube/v1-api", multipart: true, form: values{
		"api_key": " " + qqKey, "action": "add", "url": qqVideo, "quantity": "2000", "id_service": "5", "geo-countries": "US"}})
	require.Equal(s, 200, got.status)
	assert.Equal(s, "application/json", got.header.Get("Content-Type"))
	v := decode[struct {
		ID      string `json:"id_service_submission"`
		Start   int    `json:"start_count"`
		Current int    `json:"current_count"`
	}](s, got.body)
	assert.Equal(s, fmt.Sprintf(`{"status":"success","id_service_submission":"%s","short_url":"jofNR_WkoCE","long_url":"https:\/\/www.youtube.com\/watch?v=jofNR_WkoCE","start_count":%d,"wanted_count":2000,"current_count":%d,"message":[{"id":100,"message":"Successfully added URL"}]}`, v.ID, v.Start, v.Start), got.body)
	id, err := strconv.Atoi(v.ID)
	require.NoError(s, err)
	assert.Greater(s, id, 123456)
	// Page, add: "current_count … 新增時會與開始位置讀取的數目一樣": at first the same as the start.
	assert.Equal(s, v.Start, v.Current)
	// "submissions: descending by id … Items have no long_url, status or sent_count"
	first := s.qq("GET", "submissions", "limit", "1").body
	assert.Equal(s, fmt.Sprintf(`[{"id_service_submission":"%s","short_url":"jofNR_WkoCE","id_status":"2","id_service":"5","start_count":"%d","wanted_count":"2000","current_count":"%d","total_cost":"6.40","date_added":"2026-03-17 18:30:00"}]`, v.ID, v.Start, v.Start), first)
	assert.Equal(s, "502.20", s.qqFunds())
	// Parameters that are not known are of no matter.
	assert.Contains(s, s.qq("POST", "add", "url", qqVideo, "quantity", "500", "id_service", "30", "other", "x", "share_type", "99").body, "success", "share_type … (ignored elsewhere)")
}

// §1 "service missing in add: ids 30 and 32 together", "Further add errors (assumed, ids from 1010 up, one stable id and text each, accumulating)".
func qqAddErrors(s *sandbox) {
	both := []qqMessage{{30, "Service ID not provided!"}, {32, "Service does not exist."}}
	good := []string{"url", qqVideo, "quantity", "500", "id_service", "30"}
	for _, service := range []string{"-", ""} {
		assert.Equal(s, `{"status":"error","messages":[{"id":30,"message":"Service ID not provided!"},{"id":32,"message":"Service does not exist."}]}`,
			s.qq("POST", "add", append(good, "id_service", service)...).body)
	}
	for _, service := range []string{"99", "x", "-5", "030", "30 ", "3.0", "999999999999999999999"} {
		assert.Equal(s, `{"status":"error","messages":[{"id":32,"message":"Service does not exist."}]}`,
			s.qq("POST", "add", append(good, "id_service", service)...).body, service)
	}
	// Everything that can be known without the service accumulates with it.
	all := s.qqMessages(s.qq("POST", "add"))
	assert.Equal(s, both, all[:2])

	// Each cause has one id and text, whatever else is wrong.
	causes := map[string][][]string{ // each: what to change in a good call
		"URL missing":              {{"url", "-"}, {"url", ""}},
		"not a URL":                {{"url", "foo"}, {"url", "youtube"}, {"url", "http://"}, {"url", "javascript:alert(1)"}, {"url", "://x"}},
		"quantity missing":         {{"quantity", "-"}, {"quantity", ""}},
		"quantity not whole":       {{"quantity", "1.5"}, {"quantity", "x"}, {"quantity", "1e3"}, {"quantity", "-500.5"}, {"quantity", "1,000"}},
		"quantity below minimum":   {{"quantity", "250"}, {"quantity", "0"}, {"quantity", "499"}},
		"not a multiple":           {{"quantity", "501"}, {"quantity", "749"}, {"quantity", "99999"}},
		"outside every price tier": {{"quantity", "100250"}, {"quantity", "100500"}, {"quantity", "1000000"}},
		"country missing":          {{"id_service", "5", "quantity", "1000"}, {"id_service", "5", "quantity", "1000", "geo-countries", ""}},
		"country invalid":          {{"id_service", "5", "quantity", "1000", "geo-countries", "us"}, {"id_service", "5", "quantity", "1000", "geo-countries", "XX"}, {"id_service", "5", "quantity", "1000", "geo-countries", "USA"}, {"id_service", "5", "quantity", "1000", "geo-countries", "US,de"}, {"id_service", "5", "quantity", "1000", "geo-countries", "US,"}},
		"share_type":               {{"id_service", "46", "share_type", "14"}, {"id_service", "46", "share_type", "-1"}, {"id_service", "46", "share_type", "x"}, {"id_service", "46", "share_type", "1.0"}},
		"required param":           {{"id_service", "80", "quantity", "1000"}, {"id_service", "80", "quantity", "1000", "geotarget", ""}},
		"not among options":        {{"id_service", "80", "quantity", "1000", "geotarget", "22"}, {"id_service", "80", "quantity", "1000", "geotarget", "x"}},
		"error_selection 1":        {{"id_service", "80", "quantity", "1000", "geotarget", "0"}},
	}
	seen := map[int]string{}
	for cause, changes := range causes {
		var first qqMessage
		for i, change := range changes {
			got := s.qqMessages(s.qq("POST", "add", append(slices.Clone(good), change...)...))
			if !assert.Len(s, got, 1, "%s %v: %v", cause, change, got) {
				continue
			}
			if i == 0 {
				first = got[0]
				assert.GreaterOrEqual(s, first.ID, 1010, cause)
				assert.NotEmpty(s, first.Message)
				assert.Empty(s, seen[first.ID], "%s has the id of another", cause)
				seen[first.ID] = cause
			}
			assert.Equal(s, first, got[0], "%s %v", cause, change)
		}
	}
	// "below amount_minimum (then nothing else about it)": 250 is 1 short of everything else, too.
	assert.Len(s, s.qqMessages(s.qq("POST", "add", append(slices.Clone(good), "quantity", "7")...)), 1)
	assert.Len(s, s.qqMessages(s.qq("POST", "add", append(slices.Clone(good), "quantity", "-250")...)), 1)
	// Not a multiple and outside every tier are both said.
	assert.Len(s, s.qqMessages(s.qq("POST", "add", append(slices.Clone(good), "quantity", "100001")...)), 2)

	// "errors accumulate in one messages array": any two faults of different parameters give both messages.
	faults := map[string][]string{"url": {"url", "foo"}, "quantity": {"quantity", "1.5"}, "country": {"geo-countries", "xx"}}
	for a, x := range faults {
		for b, y := range faults {
			if a < b {
				base := []string{"url", qqVideo, "quantity", "1000", "id_service", "5", "geo-countries", "US"}
				got := s.qqMessages(s.qq("POST", "add", append(append(base, x...), y...)...))
				assert.Len(s, got, 2, "%s and %s", a, b)
			}
		}
	}
	assert.Len(s, s.qqMessages(s.qq("POST", "add", "id_service", "5")), 3, "URL, quantity and country are missing")

	// "Nothing is added and no money moves when any error is present."
	assert.Equal(s, "508.60", s.qqFunds())
	assert.Contains(s, s.qq("GET", "submissions", "limit", "1").body, `"123456"`)

	// The bounds themselves are allowed.
	for _, quantity := range []string{"500", "750", "100000"} {
		assert.Contains(s, s.qq("POST", "add", append(slices.Clone(good), "quantity", quantity)...).body, "success", quantity)
	}
	for _, share := range []string{"0", "13", "-"} {
		assert.Contains(s, s.qq("POST", "add", "url", qqVideo, "quantity", "100", "id_service", "46", "share_type", share).body, "success", share)
	}
	for _, countries := range []string{"US", "US,DE", "GB,FR,JP"} {
		assert.Contains(s, s.qq("POST", "add", "url", qqVideo, "quantity", "1000", "id_service", "5", "geo-countries", countries).body, "success", countries)
	}
	assert.Contains(s, s.qq("POST", "add", append(slices.Clone(good), "geo-countries", "xx")...).body, "success", "for a service with is_geo 1 only")
}

// §1 "each validator of the service's params (required, min, max, increment, minchar, maxchar, minlines)": each at its bound and one beyond,
// found by looking the services up.
func qqValidators(s *sandbox) {
	checked := map[string]bool{}
	ids := map[string]int{}
	for _, service := range s.qqServices() {
		good := []string{"url", qqVideo, "id_service", service.ID, "quantity", service.Minimum, "geo-countries", "US"}
		for _, p := range service.Params {
			if strings.Contains(p.Validators, "required") {
				good = append(good, p.Field, qqFit(p))
			}
		}
		for _, p := range service.Params {
			for validator := range strings.SplitSeq(p.Validators, "|") {
				name, argument, _ := strings.Cut(validator, ":")
				n, _ := strconv.Atoi(argument)
				var fits, not string
				switch name {
				case "required":
					fits, not = qqFit(p), ""
				case "min":
					fits, not = strconv.Itoa(n), strconv.Itoa(n-1)
					if every := qqArgument(p, "increment"); every > 0 {
						not = strconv.Itoa(n - every)
					}
				case "max":
					fits, not = strconv.Itoa(n), strconv.Itoa(n+1)
					if every := qqArgument(p, "increment"); every > 0 {
						not = strconv.Itoa(n + every)
					}
				case "increment":
					low := qqArgument(p, "min")
					fits, not = strconv.Itoa((low/n+1)*n), strconv.Itoa((low/n+1)*n+1)
				case "minchar":
					fits, not = strings.Repeat("é", n), strings.Repeat("é", n-1)
					if lines := qqArgument(p, "minlines"); lines > 0 {
						fits, not = "a\nb\nc"+strings.Repeat("é", n), "a\nb\nc"
					}
				case "maxchar":
					head := ""
					if lines := qqArgument(p, "minlines"); lines > 0 {
						head = strings.Repeat("a\n", lines)
					}
					fits, not = head+strings.Repeat("é", n-len(head)), head+strings.Repeat("é", n-len(head)+1)
				case "minlines":
					fits, not = strings.Repeat("a line\n", n-1)+"a line", strings.Repeat("a line\n", n-2)+"a long enough line"
				default:
					continue
				}
				checked[name] = true
				got := s.qq("POST", "add", append(slices.Clone(good), p.Field, fits)...)
				assert.Contains(s, got.body, "success", "%s %s %s", service.ID, p.Field, validator)
				messages := s.qqMessages(s.qq("POST", "add", append(slices.Clone(good), p.Field, not)...))
				if assert.Len(s, messages, 1, "%s %s %s: %v", service.ID, p.Field, validator, messages) {
					if ids[name] == 0 {
						ids[name] = messages[0].ID
						assert.GreaterOrEqual(s, messages[0].ID, 1010)
					}
					assert.Equal(s, ids[name], messages[0].ID, "one stable id each: %s", validator)
				}
			}
			if len(p.Validators) > 0 && qqArgument(p, "min")+qqArgument(p, "max") > 0 {
				messages := s.qqMessages(s.qq("POST", "add", append(slices.Clone(good), p.Field, "x")...))
				assert.Len(s, messages, 1, "a number is wanted: %v", messages)
			}
		}
	}
	assert.Equal(s, map[string]bool{"required": true, "min": true, "max": true, "increment": true, "minchar": true, "maxchar": true, "minlines": true}, checked, "a validator that no service has cannot be tested")
	distinct := map[int]bool{}
	for _, id := range ids {
		distinct[id] = true
	}
	assert.Len(s, distinct, len(ids), "one id each: %v", ids)
}

// qqFit returns a value that a param takes.
func qqFit(p qqParam) string {
	for _, o := range p.Options {
		if o.Error != "1" {
			return o.Value
		}
	}
	if low := qqArgument(p, "min"); low > 0 {
		return strconv.Itoa(low)
	}
	return strings.Repeat("some line of text\n", 10)
}

func qqArgument(p qqParam, name string) int {
	for validator := range strings.SplitSeq(p.Validators, "|") {
		if v, argument, ok := strings.Cut(validator, ":"); ok && v == name {
			n, _ := strconv.Atoi(argument)
			return n
		}
	}
	return 0
}

// §1 "short_url: video id of watch?v=, youtu.be/, /shorts/, channel of channel URLs (…), otherwise the full URL".
func qqShortURLs(s *sandbox) {
	for _, c := range []struct{ url, short string }{
		{"https://www.youtube.com/watch?v=jofNR_WkoCE", "jofNR_WkoCE"},
		{"http://youtube.com/watch?v=jofNR_WkoCE", "jofNR_WkoCE"},
		{"https://m.youtube.com/watch?app=desktop&v=jofNR_WkoCE&t=5s", "jofNR_WkoCE"},
		{"https://youtu.be/jofNR_WkoCE", "jofNR_WkoCE"},
		{"https://youtu.be/jofNR_WkoCE?t=3", "jofNR_WkoCE"},
		{"https://www.youtube.com/shorts/jofNR_WkoCE", "jofNR_WkoCE"},
		{"https://www.youtube.com/shorts/jofNR_WkoCE?feature=share", "jofNR_WkoCE"},
		{"https://www.youtube.com/channel/UCabcdef", "UCabcdef"},
		{"https://www.youtube.com/channel/UCabcdef/videos", "UCabcdef"},
		{"https://www.youtube.com/@handle", "@handle"},
		{"https://www.youtube.com/@handle/videos", "@handle"},
		{"https://www.youtube.com/user/NAME", "NAME"},
		{"https://www.youtube.com/playlist?list=PLx", "https://www.youtube.com/playlist?list=PLx"},
		{"https://soundcloud.com/a/b", "https://soundcloud.com/a/b"},
		{"https://example.com/watch?v=jofNR_WkoCE", "https://example.com/watch?v=jofNR_WkoCE"},
		{"https://www.youtube.com/", "https://www.youtube.com/"},
	} {
		got := s.qq("POST", "add", "url", c.url, "quantity", "500", "id_service", "30")
		v := decode[struct {
			Short string `json:"short_url"`
			Long  string `json:"long_url"`
			ID    string `json:"id_service_submission"`
		}](s, got.body)
		assert.Equal(s, c.short, v.Short, c.url)
		assert.Equal(s, c.url, v.Long, "the full URL submitted without any modifications")
		stats := s.qq("GET", "stats", "id_service_submission", v.ID).body
		for _, text := range []string{c.short, c.url} {
			quoted, err := json.Marshal(text)
			require.NoError(s, err)
			plain := strings.NewReplacer("/", `\/`, `\u0026`, "&").Replace(string(quoted))
			assert.Contains(s, stats, plain)
		}
	}
}

// qqCost reckons what an order costs, from the service and nothing else (§1 "Price").
func qqCost(s *sandbox, v qqService, quantity int64, sent values) string {
	s.Helper()
	rat := func(text string) *big.Rat {
		r, ok := new(big.Rat).SetString(text)
		require.True(s, ok, text)
		return r
	}
	amount := new(big.Rat).SetInt64(quantity)
	total := new(big.Rat)
	for _, tier := range v.Prices {
		if amount.Cmp(rat(tier.Minimum)) >= 0 && amount.Cmp(rat(tier.Maximum)) <= 0 {
			total.Mul(amount, rat(tier.Price)).Quo(total, rat(tier.Per))
		}
	}
	for _, p := range v.Params {
		text, ok := sent[p.Field]
		if !ok || p.Modifier != "1" {
			continue
		}
		value := new(big.Rat).Set(amount)
		if n, ok := new(big.Rat).SetString(text); ok {
			value = n
		}
		times := new(big.Rat).Quo(value, rat(p.ModifyEvery))
		if p.ModifyType == "add" {
			times.SetInt(new(big.Int).Div(times.Num(), times.Denom()))
		}
		total.Add(total, times.Mul(times, rat(p.ModifyBy)))
	}
	if v.IsDrip == "1" && sent["drip"] == "1" {
		total.Add(total, new(big.Rat).Mul(rat(v.DripCost), new(big.Rat).Quo(amount, rat(v.Increment))))
	}
	cents := total.Mul(total, big.NewRat(100, 1)).Add(total, big.NewRat(1, 2))
	n := new(big.Int).Div(cents.Num(), cents.Denom()).Int64()
	return fmt.Sprintf("%d.%02d", n/100, n%100)
}

// §1 "Price: tier by quantity … rounded half up to cents once at the end".
func qqPrices(s *sandbox) {
	kinds := map[string]bool{}
	for _, v := range s.qqServices() {
		base := values{}
		var optional []values
		for _, p := range v.Params {
			if strings.Contains(p.Validators, "required") {
				base[p.Field] = qqFit(p)
			}
			low, high := qqArgument(p, "min"), qqArgument(p, "max")
			if p.Modifier == "1" || p.Field == "drip" {
				kinds[p.ModifyType] = true
				optional = append(optional, values{p.Field: qqFit(p)})
				for _, n := range []int{low, low + 30, 60, 99, 100, 149, 150, high} {
					if every := qqArgument(p, "increment"); low > 0 && n >= low && n <= high && (every == 0 || n%every == 0) {
						optional = append(optional, values{p.Field: strconv.Itoa(n)})
					}
				}
			}
		}
		if v.IsDrip == "1" {
			kinds["drip"] = true
			optional = append(optional, values{"drip": "0"}, values{"drip": "1"})
		}
		increment, err := strconv.ParseInt(v.Increment, 10, 64)
		require.NoError(s, err)
		minimum, err := strconv.ParseInt(v.Minimum, 10, 64)
		require.NoError(s, err)
		quantities := []int64{minimum, minimum + increment, minimum + 2*increment, minimum + 3*increment}
		for _, tier := range v.Prices {
			low, _ := strconv.ParseInt(tier.Minimum, 10, 64)
			quantities = append(quantities, low)
		}
		cases := append([]values{{}}, optional...)
		if len(optional) > 0 { // all of them together
			together := values{}
			for _, o := range optional {
				for name, value := range o {
					together[name] = value
				}
			}
			cases = append(cases, together)
		}
		for _, quantity := range quantities {
			for _, o := range cases {
				sent := base.with()
				for name, value := range o {
					sent[name] = value
				}
				want := qqCost(s, v, quantity, sent)
				s.admin("POST", "/reset", "", 204)
				s.freeze(today)
				form := sent.with("api_key", qqKey, "action", "add", "url", qqVideo, "quantity", strconv.FormatInt(quantity, 10), "id_service", v.ID, "geo-countries", "US")
				got := s.do(request{url: "/qqtube/v1-api", form: form})
				require.Contains(s, got.body, "success", "%v", form)
				list := decode[[]map[string]string](s, s.qq("GET", "submissions", "limit", "1").body)
				assert.Equal(s, want, list[0]["total_cost"], "service %s, %d, %v", v.ID, quantity, sent)
				before, after := new(big.Rat).SetFrac64(50860, 100), new(big.Rat)
				cost, _ := new(big.Rat).SetString(want)
				after.Sub(before, cost)
				assert.Equal(s, after.FloatString(2), s.qqFunds(), "service %s, %d, %v", v.ID, quantity, sent)
			}
		}
	}
	for _, kind := range []string{"add", "multiply", "drip"} {
		assert.True(s, kinds[kind], "no service has a %s to test", kind)
	}
}

// §1 "insufficient funds. Nothing is added and no money moves when any error is present."
func qqFundsRunOut(s *sandbox) {
	var dear qqService
	for _, v := range s.qqServices() {
		if v.ID == "80" {
			dear = v
		}
	}
	one := []string{"url", qqVideo, "quantity", "100000", "id_service", dear.ID, "geotarget", "21"} // 250.00
	require.Contains(s, s.qq("POST", "add", one...).body, "success")
	require.Contains(s, s.qq("POST", "add", one...).body, "success")
	assert.Equal(s, "8.60", s.qqFunds())
	got := s.qqMessages(s.qq("POST", "add", one...))
	require.Len(s, got, 1)
	assert.GreaterOrEqual(s, got[0].ID, 1010)
	assert.Equal(s, "8.60", s.qqFunds())
	// It accumulates like the others.
	assert.Len(s, s.qqMessages(s.qq("POST", "add", append(slices.Clone(one), "url", "foo")...)), 2)
	// The last cent can be spent: 8.60 = 7.50 + 1.10 …
	require.Contains(s, s.qq("POST", "add", append(slices.Clone(one), "quantity", "3000")...).body, "success")
	require.Equal(s, "1.10", s.qqFunds())
	for range 3 {
		require.Contains(s, s.qq("POST", "add", "url", qqVideo, "quantity", "500", "id_service", "30").body, "success")
	}
	require.Equal(s, "0.20", s.qqFunds())
	require.Contains(s, s.qq("POST", "add", "url", qqVideo, "quantity", "1000", "id_service", "54").body, "success")
	assert.Equal(s, "0.00", s.qqFunds())
	assert.Len(s, s.qqMessages(s.qq("POST", "add", "url", qqVideo, "quantity", "500", "id_service", "30")), 1)
	assert.Equal(s, "0.00", s.qqFunds())
}

// §1 "submissions: descending by id; starting_after = strictly below that id; limit 1–500, default 500; out of range or not a number → assumed error".
func qqPages(s *sandbox) {
	ids := func(pairs ...string) []string {
		out := []string{}
		for _, v := range decode[[]map[string]any](s, s.qq("GET", "submissions", pairs...).body) {
			out = append(out, v["id_service_submission"].(string))
			assert.ElementsMatch(s, []string{"id_service_submission", "short_url", "id_status", "id_service", "start_count", "wanted_count", "current_count", "total_cost", "date_added"}, keys(v))
			for name, value := range v {
				assert.IsType(s, "", value, name)
			}
		}
		return out
	}
	var newest []string
	for range 5 {
		v := decode[map[string]any](s, s.qq("POST", "add", "url", qqVideo, "quantity", "500", "id_service", "30").body)
		newest = append([]string{v["id_service_submission"].(string)}, newest...)
	}
	all := append(slices.Clone(newest), "123456", "2", "1")
	assert.Equal(s, all, ids())
	assert.Equal(s, all[:1], ids("limit", "1"))
	assert.Equal(s, all[:2], ids("limit", "2"))
	assert.Equal(s, all[2:4], ids("limit", "2", "starting_after", all[1]))
	assert.Equal(s, all[7:], ids("starting_after", "2"))
	assert.Equal(s, all[6:], ids("starting_after", "3"), "an id that is nobody's")
	assert.Equal(s, []string{}, ids("starting_after", "1"))
	assert.Equal(s, "[]", s.qq("GET", "submissions", "starting_after", "1").body)
	assert.Equal(s, all, ids("limit", "500", "starting_after", "999999999"))
	for _, bad := range [][]string{{"limit", "0"}, {"limit", "501"}, {"limit", "-1"}, {"limit", "x"}, {"limit", "1.5"}, {"limit", "99999999999999999999"}, {"starting_after", "x"}, {"starting_after", "1.5"}, {"starting_after", "-"}} {
		if bad[1] == "-" {
			continue
		}
		got := s.qqMessages(s.qq("GET", "submissions", bad...))
		assert.Len(s, got, 1, "%v", bad)
	}
	// Beyond 500: the default is 500.
	for range 500 {
		require.Contains(s, s.qq("POST", "add", "url", qqVideo, "quantity", "500", "id_service", "30").body, "success")
	}
	assert.Len(s, ids(), 500)
	assert.Len(s, ids("limit", "500"), 500)
	rest := ids("starting_after", ids()[499])
	assert.Len(s, rest, 8)
	assert.Equal(s, all, rest)
}

func keys(m map[string]any) []string {
	out := make([]string, 0, len(m))
	for k := range m {
		out = append(out, k)
	}
	return out
}

// §1 "stats: sent_count is a string for services 54 and 55, null otherwise … Unknown, foreign or missing id_service_submission → one assumed error."
func qqStats(s *sandbox) {
	other := s.tenant(`{"id":"other"}`)
	errors := map[string]bool{}
	for _, pairs := range [][]string{{}, {"id_service_submission", ""}, {"id_service_submission", "999"}, {"id_service_submission", "x"}, {"id_service_submission", "-1"}, {"id_service_submission", "123456.0"}, {"id_service_submission", "99999999999999999999999"}} {
		errors[s.qq("GET", "stats", pairs...).body] = true
	}
	// foreign: the default tenant's, asked for with another's key
	errors[s.qq("GET", "stats", "id_service_submission", "123456", "api_key", other.Credentials["qqtube"]["api_key"]).body] = true
	assert.Len(s, errors, 1, "%v", errors)
	for body := range errors {
		assert.Contains(s, body, `{"status":"error","messages":[{"id":1`)
	}
	sent := map[string]any{}
	for _, v := range s.qqServices() {
		form := []string{"url", qqVideo, "quantity", v.Minimum, "id_service", v.ID, "geo-countries", "US"}
		for _, p := range v.Params {
			if strings.Contains(p.Validators, "required") {
				form = append(form, p.Field, qqFit(p))
			}
		}
		id := decode[map[string]any](s, s.qq("POST", "add", form...).body)["id_service_submission"].(string)
		stats := decode[map[string]any](s, s.qq("GET", "stats", "id_service_submission", id).body)
		sent[v.ID] = stats["sent_count"]
		assert.Contains(s, stats, "sent_count")
		assert.ElementsMatch(s, []string{"id_service_submission", "short_url", "long_url", "start_count", "wanted_count", "current_count", "sent_count", "total_cost", "status"}, keys(stats))
		for name, value := range stats {
			if name != "sent_count" && name != "status" {
				assert.IsType(s, "", value, name)
			}
		}
		assert.Equal(s, map[string]any{"id_status": "2", "name": "In Progress", "type": "info", "description": "Submission is currently receiving what was ordered."}, stats["status"])
	}
	assert.Equal(s, map[string]any{"3": nil, "5": nil, "30": nil, "35": nil, "46": nil, "54": "0", "55": "0", "80": nil}, sent)
}

// §1 "Life of a new order on the clock".
func qqLife(s *sandbox) {
	for _, service := range []string{"30", "54", "55"} {
		s.freeze(today)
		extra := []string{"url", qqVideo, "quantity", "1000", "id_service", service}
		if service == "55" {
			extra = append(extra, "retention", "60")
		}
		added := decode[map[string]any](s, s.qq("POST", "add", extra...).body)
		id, start := added["id_service_submission"].(string), int(added["start_count"].(float64))
		type shown struct {
			Start, Wanted, Current int
			Sent                   *int
			Status                 string
		}
		look := func() shown {
			v := decode[struct {
				Start   string  `json:"start_count"`
				Wanted  string  `json:"wanted_count"`
				Current string  `json:"current_count"`
				Sent    *string `json:"sent_count"`
				Status  map[string]string
			}](s, s.qq("GET", "stats", "id_service_submission", id).body)
			out := shown{Status: v.Status["id_status"]}
			out.Start, _ = strconv.Atoi(v.Start)
			out.Wanted, _ = strconv.Atoi(v.Wanted)
			out.Current, _ = strconv.Atoi(v.Current)
			if v.Sent != nil {
				n, err := strconv.Atoi(*v.Sent)
				require.NoError(s, err)
				out.Sent = &n
			}
			// The list agrees with the order.
			list := decode[[]map[string]string](s, s.qq("GET", "submissions", "limit", "1").body)[0]
			assert.Equal(s, v.Current, list["current_count"])
			assert.Equal(s, out.Status, list["id_status"])
			return out
		}
		at := look()
		assert.Equal(s, shown{start, 1000, start, at.Sent, "2"}, at)
		// Find when it is complete, to the second.
		low, high := 0, 365*24*3600
		for low < high {
			middle := (low + high) / 2
			s.freeze(today.Add(time.Duration(middle) * time.Second))
			if look().Status == "1" {
				high = middle
			} else {
				low = middle + 1
			}
		}
		duration := time.Duration(low) * time.Second
		require.Greater(s, duration, time.Minute)
		for _, part := range []int{1, 10, 25, 50, 75, 99} { // linearly
			s.freeze(today.Add(duration * time.Duration(part) / 100))
			at := look()
			assert.Equal(s, "2", at.Status, "%d %%", part)
			if service == "30" {
				assert.InDelta(s, start+10*part, at.Current, 1, "%d %%", part)
				assert.Nil(s, at.Sent)
			} else {
				require.NotNil(s, at.Sent)
				assert.InDelta(s, 10*part, *at.Sent, 1, "%d %%", part)
				assert.Less(s, *at.Sent, 1000)
			}
		}
		s.freeze(today.Add(duration - time.Second))
		assert.Equal(s, "2", look().Status)
		for _, later := range []time.Duration{0, time.Hour, 365 * 24 * time.Hour} {
			s.freeze(today.Add(duration + later))
			at := look()
			assert.Equal(s, "1", at.Status)
			assert.Equal(s, start+1000, at.Current)
			if service != "30" {
				assert.Equal(s, 1000, *at.Sent, "complete when sent_count >= wanted_count")
			}
		}
		done := decode[map[string]any](s, s.qq("GET", "stats", "id_service_submission", id).body)["status"].(map[string]any)
		assert.Equal(s, "Completed", done["name"])
		assert.Equal(s, "info", done["type"])
	}
}

// §1 "type is info for 1, 2, 8 and error for all others, 3 included", "A refund (status 8) returns the money to the funds", the page's refund_total and refund_time.
// There is no request of the vendor's that sets a status; the state is changed as a sandbox's user does it.
func qqStatuses(s *sandbox) {
	set := func(id string, status int) {
		require.NoError(s, s.host.With(s.host.Default(), "qqtube", func(w fakes.World, now time.Time) error {
			return w.(*qqtube.World).SetStatus(id, status, now)
		}))
	}
	for status := 1; status <= 25; status++ {
		set("2", status)
		v := decode[map[string]any](s, s.qq("GET", "stats", "id_service_submission", "2").body)
		shown := v["status"].(map[string]any)
		assert.Equal(s, strconv.Itoa(status), shown["id_status"])
		want := "error"
		if status == 1 || status == 2 || status == 8 {
			want = "info"
		}
		assert.Equal(s, want, shown["type"], status)
		assert.NotEmpty(s, shown["name"])
		assert.NotEmpty(s, shown["description"])
		if status == 8 {
			assert.Equal(s, "0.60", v["refund_total"])
			assert.Equal(s, "2026-03-17 18:30:00", v["refund_time"], "YYYY-MM-DD HH:MM:SS, UTC")
			assert.Equal(s, "509.20", s.qqFunds())
			s.admin("POST", "/reset", "", 204)
			s.freeze(today)
			continue
		}
		assert.NotContains(s, v, "refund_total")
		assert.NotContains(s, v, "refund_time")
		// Page: "1 = Completed, 2 and 3 = In Progress, 4 = Unknown error, 5-7 = Error, 8 = Refunded, 9-18 = Error, 19 = Stopped, 20-25 = Error"
		switch status {
		case 1:
			assert.Equal(s, "Completed", shown["name"])
		case 2, 3:
			assert.Equal(s, "In Progress", shown["name"])
		case 4:
			assert.Equal(s, "Unknown error", shown["name"])
		case 19:
			assert.Equal(s, "Stopped", shown["name"])
		default:
			assert.Equal(s, "Error", shown["name"])
		}
	}
	id := decode[map[string]any](s, s.qq("POST", "add", "url", qqVideo, "quantity", "2000", "id_service", "54").body)["id_service_submission"].(string)
	assert.Equal(s, "508.20", s.qqFunds())
	s.advance(90 * time.Minute)
	set(id, 8)
	assert.Equal(s, "508.60", s.qqFunds())
	got := s.qq("GET", "stats", "id_service_submission", id).body
	assert.Regexp(s, `"total_cost":"0.40","status":\{"id_status":"8","name":"Refunded","type":"info","description":"[^"]+"\},"refund_total":"0.40","refund_time":"2026-03-17 20:00:00"\}$`, got)
}

// §1 "JSON in PHP json_encode style: / as \/, non-ASCII as \uXXXX".
func qqPHP(s *sandbox) {
	for _, c := range []struct{ url, long string }{
		{"https://example.com/日本?q=é", `https:\/\/example.com\/\u65e5\u672c?q=\u00e9`},
		{"https://example.com/😀", `https:\/\/example.com\/\ud83d\ude00`},
		{"https://example.com/?a=<b>&c='d'", `https:\/\/example.com\/?a=<b>&c='d'`},
		{`https://example.com/?a="b"`, `https:\/\/example.com\/?a=\"b\"`},
		{`https://example.com/?a=b\c`, `https:\/\/example.com\/?a=b\\c`},
	} {
		got := s.qq("POST", "add", "url", c.url, "quantity", "500", "id_service", "30").body
		assert.Contains(s, got, `"long_url":"`+c.long+`"`)
	}
	assert.NotRegexp(s, `[^\x00-\x7f]`, s.qq("GET", "services").body)
	assert.NotRegexp(s, `[^\\]/`, s.qq("GET", "services").body)
}

// §1 "Setting qqtube.error-key = messages (default) | message".
func qqErrorKey(s *sandbox) {
	made := s.tenant(`{"id":"m","settings":{"qqtube.error-key":"message"}}`)
	key := made.Credentials["qqtube"]["api_key"]
	assert.Equal(s, `{"status":"error","message":[{"id":30,"message":"Service ID not provided!"},{"id":32,"message":"Service does not exist."}]}`,
		s.qq("POST", "add", "api_key", key, "url", qqVideo, "quantity", "500").body)
	assert.Equal(s, strings.Replace(qqMethod, "messages", "message", 1), s.qq("GET", "add", "api_key", key).body)
	for _, bad := range []string{"", "nope"} {
		got := s.do(request{url: "/t/m/qqtube/v1-api", query: values{"action": "funds", "api_key": bad}})
		assert.Equal(s, strings.Replace(qqNoKey, "messages", "message", 1), got.body)
	}
	assert.Contains(s, s.qq("POST", "add", "api_key", key, "url", qqVideo, "quantity", "500", "id_service", "30").body, `"message":[{"id":100,"message":"Successfully added URL"}]}`)
	s.admin("POST", "/tenants", `{"settings":{"qqtube.error-key":"x"}}`, 400)
}

// §1 "Other tenants start with the same services, funds 508.60 and no submissions"; DESIGN 2 "Credential = universe".
func qqTenants(s *sandbox) {
	a, b := s.tenant(`{"id":"a"}`), s.tenant(`{"id":"b"}`)
	keyA, keyB := a.Credentials["qqtube"]["api_key"], b.Credentials["qqtube"]["api_key"]
	assert.NotEqual(s, keyA, keyB)
	assert.Equal(s, "[]", s.qq("GET", "submissions", "api_key", keyA).body)
	assert.Equal(s, `{"funds":"508.60"}`, s.qq("GET", "funds", "api_key", keyA).body)
	assert.Equal(s, s.qq("GET", "services").body, s.qq("GET", "services", "api_key", keyA).body)
	id := decode[map[string]any](s, s.qq("POST", "add", "api_key", keyA, "url", qqVideo, "quantity", "500", "id_service", "30").body)["id_service_submission"].(string)
	assert.Equal(s, `{"funds":"508.30"}`, s.qq("GET", "funds", "api_key", keyA).body)
	assert.Equal(s, `{"funds":"508.60"}`, s.qq("GET", "funds", "api_key", keyB).body)
	assert.Equal(s, `{"funds":"508.60"}`, s.qq("GET", "funds").body)
	assert.Contains(s, s.qq("GET", "stats", "api_key", keyB, "id_service_submission", id).body, `"status":"error"`)
	// A credential of another tenant than the URL's is refused as an unknown one.
	funds := values{"action": "funds"}
	for _, c := range []struct{ url, host, key, want string }{
		{"/t/a/qqtube/v1-api", "", keyA, `{"funds":"508.30"}`},
		{"/t/a/qqtube/v1-api", "", keyB, qqNoKey},
		{"/t/a/qqtube/v1-api", "", qqKey, qqNoKey},
		{"/t/default/qqtube/v1-api", "", keyA, qqNoKey},
		{"/v1-api", "a.qqtube.localhost", keyA, `{"funds":"508.30"}`},
		{"/v1-api", "A.QQTube.localhost:7311", keyA, `{"funds":"508.30"}`},
		{"/v1-api", "a.qqtube.localhost", keyB, qqNoKey},
		{"/v1-api", "qqtube.localhost", keyA, `{"funds":"508.30"}`},
		{"/v1-api", "www.qqtube.com", keyB, `{"funds":"508.60"}`},
	} {
		assert.Equal(s, c.want, s.do(request{url: c.url, host: c.host, query: funds.with("api_key", c.key)}).body, "%v", c)
	}
	for _, r := range []request{{url: "/t/nobody/qqtube/v1-api"}, {url: "/v1-api", host: "nobody.qqtube.localhost"}} {
		got := s.do(r)
		assert.Equal(s, 404, got.status)
		assert.Equal(s, "application/problem+json", got.header.Get("Content-Type"))
	}
}
