package acceptance_test

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// problem wants an application/problem+json with a status.
func (s *sandbox) problem(method, path, body string, status int) {
	s.Helper()
	got := s.do(request{method: method, url: path, body: body, header: values{"Content-Type": "application/json"}})
	assert.Equal(s, status, got.status, "%s %s %s: %s", method, path, body, got.body)
	assert.Equal(s, "application/problem+json", got.header.Get("Content-Type"))
	if method != http.MethodHead {
		v := decode[map[string]any](s, got.body)
		assert.InDelta(s, status, v["status"], 0)
		assert.NotEmpty(s, v["detail"])
	}
}

// DESIGN 3, the admin API as far as it is about tenants, clocks, reset and state.
func TestAdmin(t *testing.T) {
	for _, section := range []struct {
		name string
		test func(*sandbox)
	}{
		{"health and contracts", adHealth},
		{"tenants", adTenants},
		{"a tenant's end", adEnd},
		{"clock", adClock},
		{"a clock of each tenant's own", adClocks},
		{"reset", adReset},
		{"state", adState},
		{"the same seed, the same bytes", adSeeds},
		{"errors", adErrors},
	} {
		t.Run(section.name, func(t *testing.T) { section.test(newSandbox(t, nil)) })
	}
}

// "GET /healthz, /readyz; GET /__admin/version, /__admin/openapi.yaml, /__admin/specs/{api}.yaml".
func adHealth(s *sandbox) {
	for _, path := range []string{"/healthz", "/readyz", "/__admin/version", "/__admin/openapi.yaml"} {
		assert.Equal(s, 200, s.do(request{url: path}).status, path)
	}
	for _, api := range []string{"qqtube", "polyv", "cliparto", "qulive", "interstream"} {
		got := s.do(request{url: "/__admin/specs/" + api + ".yaml"})
		assert.Equal(s, 200, got.status)
		assert.Contains(s, got.body, "openapi: 3.0.3")
		s.problem("GET", "/__admin/specs/"+api, "", 404)
	}
	s.problem("GET", "/__admin/specs/nope.yaml", "", 404)
}

// "POST {id?, seed?, ttl?} → 201 {id, seed, credentials:{…}, base_urls:{…}}".
func adTenants(s *sandbox) {
	shape := map[string][]string{
		"qqtube": {"api_key"}, "polyv": {"secretkey", "userid"}, "cliparto": {"api_code", "id"},
		"qulive": {"callback_key", "callback_url", "password", "token", "username"}, "interstream": {"key", "secret"},
	}
	seen := map[string]bool{}
	for _, body := range []string{`{}`, `{}`, `{"id":"mine"}`, `{"id":"seeded","seed":42}`, `{"id":"a-1","ttl":"1h"}`, `{"id":"x"}`, `{"id":"0123456789012345678901234567890123456789"}`} {
		made := s.tenant(body)
		assert.NotEmpty(s, made.ID)
		assert.NotZero(s, made.Seed)
		assert.Len(s, made.Credentials, 5)
		assert.Len(s, made.BaseURLs, 5)
		for api, want := range shape {
			var got []string
			for key, value := range made.Credentials[api] {
				got = append(got, key)
				assert.NotEmpty(s, value)
				if key != "callback_url" && key != "username" {
					assert.False(s, seen[api+key+value], "%s %s is another's", api, key)
					seen[api+key+value] = true
				}
			}
			assert.ElementsMatch(s, want, got)
			assert.Equal(s, s.url+"/t/"+made.ID+"/"+api, made.BaseURLs[api])
		}
		again := decode[tenant](s, s.admin("GET", "/tenants/"+made.ID, "", 200))
		assert.Equal(s, made.ID, again.ID)
		assert.Equal(s, made.Seed, again.Seed)
		assert.Equal(s, made.Credentials, again.Credentials)
		s.tenantWorks(made)
	}
	assert.NotEmpty(s, decode[tenant](s, s.admin("POST", "/tenants", "", 201)).ID, "all fields may be left out")
	s.admin("DELETE", "/tenants/x", "", 204)
	assert.Equal(s, uint64(42), decode[tenant](s, s.admin("GET", "/tenants/seeded", "", 200)).Seed)
	list := decode[struct{ Tenants []tenant }](s, s.admin("GET", "/tenants", "", 200)).Tenants
	assert.Len(s, list, 8)
	assert.Equal(s, "default", list[0].ID)
	def := list[0].Credentials
	assert.Equal(s, map[string]string{"api_key": qqKey}, def["qqtube"])
	assert.Equal(s, map[string]string{"userid": "8205ac89d3", "secretkey": "kXmHMLeX6M"}, def["polyv"])
	assert.Equal(s, map[string]string{"id": clID, "api_code": clCode}, def["cliparto"])
	assert.Equal(s, map[string]string{"key": isKey, "secret": isSecret}, def["interstream"])
	assert.Equal(s, "demo", def["qulive"]["username"])
	assert.Equal(s, "demo", def["qulive"]["password"])
	for api, base := range list[0].BaseURLs {
		assert.Equal(s, s.url+"/"+api, base)
	}
	s.problem("POST", "/__admin/tenants", `{"id":"mine"}`, 409)
	s.problem("POST", "/__admin/tenants", `{"id":"default"}`, 409)
	for _, bad := range []string{`{"id":"UPPER"}`, `{"id":"-x"}`, `{"id":"a.b"}`, `{"id":""}`, `{"id":5}`, `{"seed":-1}`, `{"seed":"x"}`, `{"ttl":"soon"}`, `{"ttl":"-1h"}`, `{"nope":1}`, `[]`, `x`, `{"id":"y"} trailing`, `{"settings":{"nope":"x"}}`} {
		s.problem("POST", "/__admin/tenants", bad, 400)
	}
}

// tenantWorks asks each API with a tenant's own credential, at its own base URL.
func (s *sandbox) tenantWorks(made tenant) {
	s.Helper()
	at := func(api, path string) string { return strings.TrimPrefix(made.BaseURLs[api], s.url) + path }
	c := made.Credentials
	assert.Equal(s, `{"funds":"508.60"}`, s.do(request{url: at("qqtube", "/v1-api"), query: values{"action": "funds", "api_key": c["qqtube"]["api_key"]}}).body)
	assert.Contains(s, s.pvAs(at("polyv", ""), c["polyv"]["secretkey"], "GET", "/danmu/{u}", c["polyv"]["userid"]).body, `"code":200`)
	id := c["cliparto"]["id"]
	assert.Regexp(s, `^\d+$`, s.do(request{url: at("cliparto", "/apiq/"), query: values{"id": id, "q": "ImagesTotal", "md5": clHash(id, "ImagesTotal", "", c["cliparto"]["api_code"])}}).body)
	query := isQuery("key", c["interstream"]["key"])
	query["signature"] = isSign(query["salt"], query["timestamp"], c["interstream"]["secret"])
	assert.Equal(s, isDone, s.do(request{url: at("interstream", "/api.php"), query: query, form: isVote("1", "like")}).body)
	assert.Contains(s, s.do(request{url: at("qulive", "/vod/getSts"), query: values{"token": c["qulive"]["token"]}}).body, `"result":"true"`)
	assert.Contains(s, s.do(request{url: at("qulive", "/user/login"), query: values{"username": c["qulive"]["username"], "password": c["qulive"]["password"]}}).body, `{"token":"`)
}

// "GET·DELETE /__admin/tenants/{id}"; "An unknown tenant in the URL is 404 (problem+json)".
func adEnd(s *sandbox) {
	made := s.tenant(`{"id":"gone"}`)
	s.tenantWorks(made)
	s.admin("DELETE", "/tenants/gone", "", 204)
	s.problem("GET", "/__admin/tenants/gone", "", 404)
	s.problem("DELETE", "/__admin/tenants/gone", "", 404)
	s.problem("GET", "/t/gone/qqtube/v1-api", "", 404)
	assert.Equal(s, qqNoKey, s.qq("GET", "funds", "api_key", made.Credentials["qqtube"]["api_key"]).body)
	s.problem("DELETE", "/__admin/tenants/default", "", 409)
	// Made again, it is new.
	again := s.tenant(`{"id":"gone"}`)
	assert.Equal(s, made.Credentials["qqtube"], again.Credentials["qqtube"], "derived from seed and id")
	s.tenantWorks(again)
	// A life on the real clock.
	s.tenant(`{"id":"brief","ttl":"200ms"}`)
	require.Eventually(s, func() bool {
		return s.do(request{url: "/t/brief/qqtube/v1-api"}).status == 404
	}, 5*time.Second, 10*time.Millisecond)
	s.problem("GET", "/__admin/tenants/brief", "", 404)
}

type clockState struct {
	Now    time.Time
	Frozen bool
	Fired  []struct {
		At            time.Time
		API, Kind, ID string
	}
}

func (s *sandbox) clock(method, path, body string) clockState {
	s.Helper()
	return decode[clockState](s, s.admin(method, "/clock"+path, body, 200))
}

// "{now, frozen}; advance {by:"4m"} → {now, fired:[…]}; DELETE = real time again"; "can be frozen, set and advanced".
func adClock(s *sandbox) {
	assert.Equal(s, clockState{Now: today, Frozen: true}, s.clock("GET", "", ""))
	assert.Equal(s, today.Add(4*time.Minute), s.clock("POST", "/advance", `{"by":"4m"}`).Now)
	assert.Equal(s, clockState{Now: today.Add(4 * time.Minute), Frozen: true}, s.clock("GET", "", ""))
	for _, c := range []struct {
		by   string
		want time.Duration
	}{{"1ms", time.Millisecond}, {"1h30m", 90 * time.Minute}, {"24h", 24 * time.Hour}, {"1ns", 1}, {"0s", 0}} {
		before := s.clock("GET", "", "").Now
		assert.Equal(s, before.Add(c.want), s.clock("POST", "/advance", `{"by":"`+c.by+`"}`).Now, c.by)
	}
	back := today.AddDate(-3, 0, 0)
	assert.Equal(s, clockState{Now: back, Frozen: true}, s.clock("PUT", "", `{"now":"`+back.Format(time.RFC3339)+`"}`))
	assert.Equal(s, clockState{Now: back, Frozen: true}, s.clock("PUT", "", `{"now":"`+back.In(time.FixedZone("", 3600*5)).Format(time.RFC3339)+`"}`), "in any zone")
	running := s.clock("PUT", "", `{"frozen":false}`)
	assert.False(s, running.Frozen)
	assert.WithinDuration(s, back, running.Now, time.Minute)
	assert.True(s, s.clock("GET", "", "").Now.After(running.Now) || s.clock("GET", "", "").Now.Equal(running.Now))
	stopped := s.clock("PUT", "", `{"frozen":true}`)
	assert.Equal(s, stopped, s.clock("GET", "", ""))
	wall := s.clock("DELETE", "", "")
	assert.False(s, wall.Frozen)
	assert.WithinDuration(s, time.Now(), wall.Now, time.Minute)
	for _, bad := range []string{`{"by":"x"}`, `{}`, `{"by":5}`, `{"by":"-1h"}`, `x`, `{"by":"1h","more":1}`} {
		s.problem("POST", "/__admin/clock/advance", bad, 400)
	}
	for _, bad := range []string{`{"now":"yesterday"}`, `{"now":5}`, `{"frozen":"yes"}`, `x`, `{"new":1}`} {
		s.problem("PUT", "/__admin/clock", bad, 400)
	}

	// "Advancing runs what falls due, in order, before it answers."
	s.freeze(today)
	for _, service := range []string{"54", "30"} {
		require.Contains(s, s.qq("POST", "add", "url", qqVideo, "quantity", "1000", "id_service", service).body, "success")
	}
	token := s.quToken("demo", "demo")
	s.quOK(s.qu("POST", "/vod/videoPublish", values{"token": token, "videoId": "v", "coverUrl": "https://example.com/c.jpg"}), "null")
	fired := s.clock("POST", "/advance", `{"by":"720h"}`).Fired
	require.GreaterOrEqual(s, len(fired), 5, "two orders complete, a video has three events")
	assert.True(s, slices.IsSortedFunc(fired, func(a, b struct {
		At            time.Time
		API, Kind, ID string
	}) int {
		return a.At.Compare(b.At)
	}), "in order")
	apis := map[string]int{}
	for _, event := range fired {
		apis[event.API]++
		assert.False(s, event.At.Before(today))
		assert.False(s, event.At.After(today.Add(720*time.Hour)))
		assert.NotEmpty(s, event.Kind)
	}
	assert.Equal(s, 2, apis["qqtube"])
	assert.GreaterOrEqual(s, apis["qulive"], 3)
	assert.Empty(s, s.clock("POST", "/advance", `{"by":"720h"}`).Fired)
}

// "Per tenant".
func adClocks(s *sandbox) {
	a := s.tenant(`{"id":"a"}`)
	s.freezeOf("a", today.AddDate(1, 0, 0))
	assert.Equal(s, today, s.clock("GET", "", "").Now)
	assert.Equal(s, today.AddDate(1, 0, 0), s.clock("GET", "?tenant=a", "").Now)
	secret, user := a.Credentials["polyv"]["secretkey"], a.Credentials["polyv"]["userid"]
	assert.Equal(s, pvError(400, "ptime is too old."), s.pvAs("/polyv", secret, "GET", "/danmu/{u}", user).body)
	assert.Contains(s, s.pv("GET", "/danmu/{u}", "sl8da4jjbx").body, `"code":200`)
	s.problem("GET", "/__admin/clock?tenant=nobody", "", 404)
	s.problem("PUT", "/__admin/clock?tenant=nobody", `{"frozen":true}`, 404)
}

// "the tenant's worlds fresh, its journal empty, no faults, its clock real again; credentials, health and other tenants stay; ?tenant=* for all".
func adReset(s *sandbox) {
	a := s.tenant(`{"id":"a"}`)
	keyA := a.Credentials["qqtube"]["api_key"]
	spend := func() {
		for _, key := range []string{qqKey, keyA} {
			require.Contains(s, s.qq("POST", "add", "api_key", key, "url", qqVideo, "quantity", "500", "id_service", "30").body, "success")
		}
	}
	funds := func(key string) string { return s.qq("GET", "funds", "api_key", key).body }
	spend()
	s.qu("GET", "/user/register", values{"username": "u", "password": "p"})
	s.is(isQuery(), isVote("1", "like"))
	danmu := s.pvPage(s.pv("GET", "/danmu/{u}", "sl8da4jjbx")).TotalItems
	s.pv("POST", "/danmu/{u}/delete", "sl8da4jjbx", "danmuIds", "43030")
	s.clAsk("ImagesTotal", "-")
	s.admin("POST", "/reset", "", 204)
	assert.False(s, s.clock("GET", "", "").Frozen, "its clock real again")
	s.freeze(today)
	assert.Equal(s, `{"funds":"508.60"}`, funds(qqKey))
	assert.Equal(s, `{"funds":"508.30"}`, funds(keyA), "other tenants stay")
	assert.True(s, s.clock("GET", "?tenant=a", "").Frozen)
	s.quFalse(s.qu("GET", "/user/login", values{"username": "u", "password": "p"}), "401", "用户名错误!")
	assert.Equal(s, isDone, s.is(isQuery(), isVote("1", "like")))
	assert.Equal(s, danmu, s.pvPage(s.pv("GET", "/danmu/{u}", "sl8da4jjbx")).TotalItems)
	assert.Regexp(s, `^\d+$`, s.clAsk("ImagesTotal", "-"), "no limit is in the way")
	assert.Equal(s, a.Credentials, decode[tenant](s, s.admin("GET", "/tenants/a", "", 200)).Credentials)
	spend()
	s.admin("POST", "/reset?tenant=a", "", 204)
	assert.Equal(s, `{"funds":"508.60"}`, funds(keyA))
	assert.Equal(s, `{"funds":"508.30"}`, funds(qqKey))
	spend()
	s.admin("POST", "/reset?tenant=*", "", 204)
	assert.Equal(s, `{"funds":"508.60"}`, funds(keyA))
	assert.Equal(s, `{"funds":"508.60"}`, funds(qqKey))
	assert.Equal(s, 200, s.do(request{url: "/healthz"}).status)
	s.problem("POST", "/__admin/reset?tenant=nobody", "", 404)
}

// "GET·PUT /__admin/state, /__admin/state/{api}: the worlds as JSON, out and in".
func adState(s *sandbox) {
	require.Contains(s, s.qq("POST", "add", "url", qqVideo, "quantity", "500", "id_service", "30").body, "success")
	s.is(isQuery(), isVote("1", "like"))
	s.clAsk("ImagesTotal", "-")
	all := s.admin("GET", "/state", "", 200)
	worlds := decode[map[string]json.RawMessage](s, all)
	assert.Len(s, worlds, 5)
	for api, world := range worlds {
		assert.JSONEq(s, string(world), s.admin("GET", "/state/"+api, "", 200), api)
	}
	// More happens, and is undone.
	require.Contains(s, s.qq("POST", "add", "url", qqVideo, "quantity", "500", "id_service", "30").body, "success")
	s.is(isQuery(), isVote("2", "like"))
	assert.Equal(s, "508.00", s.qqFunds())
	s.admin("PUT", "/state/qqtube", string(worlds["qqtube"]), 204)
	assert.Equal(s, "508.30", s.qqFunds())
	assert.Equal(s, isTwice, s.is(isQuery(), isVote("2", "like")), "only the API named")
	s.admin("PUT", "/state", all, 204)
	assert.Equal(s, all, s.admin("GET", "/state", "", 200), "without loss")
	assert.Equal(s, isDone, s.is(isQuery(), isVote("2", "like")))
	assert.Equal(s, isTwice, s.is(isQuery(), isVote("1", "like")))
	s.advance(20 * time.Second)
	assert.Contains(s, s.clAsk("ImagesTotal", "-"), "hour", "limits are state, too")
	// Into another tenant.
	b := s.tenant(`{"id":"b"}`)
	s.admin("PUT", "/state/qqtube?tenant=b", string(worlds["qqtube"]), 204)
	assert.Equal(s, `{"funds":"508.30"}`, s.qq("GET", "funds", "api_key", b.Credentials["qqtube"]["api_key"]).body)
	// "all of them or, when one is wrong, none"
	before := s.admin("GET", "/state", "", 200)
	worlds["interstream"] = json.RawMessage(`{"world":{"votes":5}}`)
	mixed, err := json.Marshal(worlds)
	require.NoError(s, err)
	s.problem("PUT", "/__admin/state", string(mixed), 400)
	assert.Equal(s, before, s.admin("GET", "/state", "", 200))
	for _, bad := range []string{`{"world":{}}x`, `x`, `[]`, `{"nope":1}`, `{"world":null}`} {
		s.problem("PUT", "/__admin/state/qqtube", bad, 400)
	}
	s.problem("GET", "/__admin/state/nope", "", 404)
	s.problem("GET", "/__admin/state?tenant=nobody", "", 404)
	s.problem("PUT", "/__admin/state", `{"nope":{}}`, 400)
	assert.Equal(s, before, s.admin("GET", "/state", "", 200))
	// Checkpoints
	made := decode[struct{ ID string }](s, s.admin("POST", "/checkpoints", "{}", 201))
	require.Contains(s, s.qq("POST", "add", "url", qqVideo, "quantity", "500", "id_service", "30").body, "success")
	s.admin("POST", "/checkpoints/"+made.ID+"/restore", "", 204)
	assert.Equal(s, before, s.admin("GET", "/state", "", 200))
}

// DESIGN 2: "Same seed and same calls give the same bytes."
func adSeeds(s *sandbox) {
	play := func(s *sandbox) string {
		var out strings.Builder
		for range 3 {
			out.WriteString(s.qq("POST", "add", "url", qqVideo, "quantity", "500", "id_service", "30").body)
			out.WriteString(s.qu("GET", "/user/randomUser", nil).body)
			// By host name: the port of a test's server is not the same twice, and stands inside base64.
			out.WriteString(s.do(request{host: "qulive.localhost", url: "/demo/getVideoUploadAuth", query: values{"title": "t", "fileName": "a.mp4"}}).body)
			out.WriteString(s.pv("POST", "/video/{u}/clip", "3828390191", "vid", pvClipVid, "title", "t", "timeFrame", `[{"start":1,"end":6}]`).body)
		}
		out.WriteString(s.admin("GET", "/state", "", 200))
		return strings.ReplaceAll(out.String(), s.url, "http://sandbox")
	}
	first := play(s)
	other := newSandbox(s.T, nil)
	s.same(first, play(other))
	s.admin("POST", "/reset", "", 204)
	s.freeze(today)
	s.same(first, play(s)) // after a reset
	a, b := s.tenant(`{"id":"one","seed":7}`), other.tenant(`{"id":"one","seed":7}`)
	delete(a.Credentials["qulive"], "callback_url")
	delete(b.Credentials["qulive"], "callback_url")
	assert.Equal(s, a.Credentials, b.Credentials)
	assert.Equal(s, s.admin("GET", "/state?tenant=one", "", 200), other.admin("GET", "/state?tenant=one", "", 200))
}

// same wants two long texts to be equal, and shows where they differ.
func (s *sandbox) same(want, got string) {
	s.Helper()
	for i := range min(len(want), len(got)) {
		if want[i] != got[i] {
			s.Errorf("differs at byte %d:\n%s\n%s", i, want[max(0, i-100):min(len(want), i+100)], got[max(0, i-100):min(len(got), i+100)])
			return
		}
	}
	assert.Len(s, got, len(want))
}

// "Errors are application/problem+json. No CORS."
func adErrors(s *sandbox) {
	for _, c := range []struct {
		method, path, body string
		status             int
	}{
		{"GET", "/__admin", "", 404}, {"GET", "/__admin/nope", "", 404}, {"PATCH", "/__admin/clock", "", 405}, {"GET", "/__admin/clock/advance", "", 405},
		{"DELETE", "/__admin/tenants", "", 405}, {"GET", "/nope", "", 404}, {"GET", "/__admin/clock?nope=1", "", 400},
	} {
		s.problem(c.method, c.path, c.body, c.status)
	}
	for _, r := range []request{
		{url: "/__admin/clock"}, {method: "OPTIONS", url: "/__admin/clock"}, {url: "/qqtube/v1-api"}, {method: "OPTIONS", url: "/qqtube/v1-api"},
	} {
		r.header = values{"Origin": "https://evil.example", "Access-Control-Request-Method": "PUT"}
		for name := range s.do(r).header {
			assert.False(s, strings.HasPrefix(name, "Access-Control-"), "no CORS: %s", name)
		}
	}
	changed := s.do(request{method: "PUT", url: "/__admin/clock", body: `{"frozen":true}`, header: values{"Origin": "https://evil.example", "Content-Type": "application/json"}})
	assert.Equal(s, 403, changed.status, "a page of another origin changes nothing")
	rebound := s.do(request{url: "/__admin/clock", host: "evil.example"})
	assert.Equal(s, 403, rebound.status, "nor does a host name that was not allowed")
}
