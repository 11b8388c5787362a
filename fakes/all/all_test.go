package all_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/mediasandbox/sandbox/fakes"
	"github.com/mediasandbox/sandbox/fakes/all"
	"github.com/mediasandbox/sandbox/internal/server"
	"github.com/mediasandbox/sandbox/specs/openapi"
)

func newHandler(t *testing.T) http.Handler {
	t.Helper()
	docs, err := openapi.LoadAll()
	require.NoError(t, err)
	host, err := fakes.New(fakes.Config{APIs: all.APIs(), Documents: docs})
	require.NoError(t, err)
	return server.New(host, server.Options{})
}

func do(t *testing.T, h http.Handler, method, host, path, body string) *httptest.ResponseRecorder {
	t.Helper()
	r := httptest.NewRequestWithContext(t.Context(), method, path, strings.NewReader(body))
	r.Host = host
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

const local = "127.0.0.1:7311"

func TestEveryContractHasItsFake(t *testing.T) {
	var names []string
	for _, api := range all.APIs() {
		names = append(names, api.Name)
	}
	assert.Equal(t, openapi.APIs(), names)
}

// The vendors' host names (CONTRACTS, the table at the top) lead to their fakes.
func TestHostNames(t *testing.T) {
	h := newHandler(t)
	for host, path := range map[string]string{
		"www.qqtube.com": "/v1-api", "qqtube.com": "/v1-api", "qqtube.localhost:7311": "/v1-api",
		"api.polyv.net": "/v2/video/8205ac89d3/authplay-status", "polyv.localhost": "/v2/danmu/8205ac89d3",
		"cliparto.com": "/apiq/", "www.cliparto.com": "/apiq", "cliparto.localhost": "/apiq/",
		"alivc-demo.aliyuncs.com": "/music/getRecommendMusic", "qulive.localhost": "/resource/getFont",
		"www.interstreamdomain.tv": "/api.php", "interstream.localhost": "/api.php",
	} {
		w := do(t, h, http.MethodGet, host, path, "")
		assert.NotContains(t, w.Header().Get("Content-Type"), "problem", "%s%s", host, path)
		assert.NotEqual(t, http.StatusNotFound, w.Code, "%s%s: %s", host, path, w.Body)
	}
}

// tenantReply is what POST /__admin/tenants answers.
type tenantReply struct {
	ID          string
	Seed        uint64
	Credentials map[string]map[string]string
	BaseURLs    map[string]string `json:"base_urls"`
}

// A tenant has the keys that clients read, values of its own, and a URL for each API.
func TestCredentials(t *testing.T) {
	h := newHandler(t)
	tenant := func(method, path, body string) (out tenantReply) {
		w := do(t, h, method, local, path, body)
		require.Less(t, w.Code, 300, w.Body)
		require.NoError(t, json.Unmarshal(w.Body.Bytes(), &out))
		return out
	}
	def := tenant(http.MethodGet, "/__admin/tenants/default", "")
	one := tenant(http.MethodPost, "/__admin/tenants", `{"id":"one"}`)
	two := tenant(http.MethodPost, "/__admin/tenants", `{"id":"two"}`)
	want := map[string][]string{
		"qqtube": {"api_key"}, "polyv": {"userid", "secretkey"}, "cliparto": {"id", "api_code"},
		"qulive": {"username", "password", "token", "callback_url", "callback_key"}, "interstream": {"key", "secret"},
	}
	for _, got := range []tenantReply{def, one, two} {
		require.Len(t, got.Credentials, len(want))
		for api, keys := range want {
			prefix := "http://127.0.0.1:7311/t/" + got.ID
			if got.ID == "default" {
				prefix = "http://127.0.0.1:7311"
			}
			assert.Equal(t, prefix+"/"+api, got.BaseURLs[api])
			assert.Len(t, got.Credentials[api], len(keys), api)
			for _, key := range keys {
				value := got.Credentials[api][key]
				assert.NotEmpty(t, value, "%s of %s", key, api)
				if got.ID != "one" {
					assert.NotEqual(t, one.Credentials[api][key], value, "%s of %s", key, api)
				}
			}
		}
	}
	assert.Equal(t, "172a1c261d1d84916d9e7321153d0416acab98fc", def.Credentials["qqtube"]["api_key"])
	assert.Equal(t, map[string]string{"userid": "8205ac89d3", "secretkey": "kXmHMLeX6M"}, def.Credentials["polyv"])
	assert.Equal(t, map[string]string{"id": "176050", "api_code": "8zn2eBj90M0F"}, def.Credentials["cliparto"])
	assert.Equal(t, "demo", def.Credentials["qulive"]["username"])
	assert.Equal(t, "demo", def.Credentials["qulive"]["password"])
	assert.Equal(t, "1b323a1cb879fd4e66530fbad07a32ee", def.Credentials["interstream"]["key"])
}

// The whole state goes out and in again, after time has passed, too.
func TestStateRoundTrip(t *testing.T) {
	h := newHandler(t)
	admin := func(method, path, body string) string {
		w := do(t, h, method, local, "/__admin"+path, body)
		require.Less(t, w.Code, 300, "%s %s: %s", method, path, w.Body)
		return w.Body.String()
	}
	admin(http.MethodPost, "/tenants", `{"id":"one","seed":5}`)
	for _, tenant := range []string{"default", "one"} {
		admin(http.MethodPut, "/clock?tenant="+tenant, `{"now":"2024-06-01T00:00:00Z","frozen":true}`)
		before := admin(http.MethodGet, "/state?tenant="+tenant, "")
		var checkpoint struct{ ID string }
		require.NoError(t, json.Unmarshal([]byte(admin(http.MethodPost, "/checkpoints?tenant="+tenant, "")), &checkpoint))
		admin(http.MethodPost, "/clock/advance?tenant="+tenant, `{"by":"30d"}`)
		later := admin(http.MethodGet, "/state?tenant="+tenant, "")
		admin(http.MethodPut, "/state?tenant="+tenant, before)
		assert.Equal(t, before, admin(http.MethodGet, "/state?tenant="+tenant, ""), tenant)
		admin(http.MethodPost, "/clock/advance?tenant="+tenant, `{"by":"0s"}`)
		assert.Equal(t, later, admin(http.MethodGet, "/state?tenant="+tenant, ""), "%s: what was due happens again", tenant)
		admin(http.MethodPost, "/checkpoints/"+checkpoint.ID+"/restore?tenant="+tenant, "")
		assert.Equal(t, before, admin(http.MethodGet, "/state?tenant="+tenant, ""), tenant)
	}
}
