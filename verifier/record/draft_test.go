package record_test

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/goccy/go-yaml"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/mediasandbox/sandbox/internal/contract"
	"github.com/mediasandbox/sandbox/specs/openapi"
	"github.com/mediasandbox/sandbox/verifier"
	"github.com/mediasandbox/sandbox/verifier/record"
)

var update = flag.Bool("update", false, "write the golden files anew")

func query(list ...string) []record.Param { return params(contract.InQuery, list...) }

// params makes parameters of names and values; a value with *** in it is hidden, or a part of it.
func params(in contract.In, list ...string) []record.Param {
	var out []record.Param
	for i := 0; i < len(list); i += 2 {
		out = append(out, record.Param{Name: list[i], Value: list[i+1], In: in, Hidden: strings.Contains(list[i+1], "***")})
	}
	return out
}

func exchange(n int, api, op, outcome, method string, status int, ctype, reply string, list ...record.Param) *record.Exchange {
	return &record.Exchange{
		Number: n, Time: time.Date(2026, 3, 1, 8, 30, n, 0, time.UTC), API: api, Operation: op, Outcome: outcome,
		Request: record.Request{Method: method, Path: "/v1-api", Params: list},
		Reply:   record.Reply{Status: status, ContentType: ctype, Body: reply},
	}
}

const (
	jsonType = "application/json"
	utf8JSON = "application/json;charset=UTF-8"
	textType = "text/html; charset=UTF-8"
)

func recordings() map[string][]*record.Exchange {
	multipart := exchange(2, "qqtube", "add", "added", "POST", 200, jsonType,
		`{"status":"success","message":[{"id":100,"message":"Successfully added URL"}],"id_service_submission":"123457","wanted_count":1000}`,
		append(query("api_key", "***"), params(contract.InForm, "action", "add", "url", "https://youtu.be/${x}", "quantity", "1000", "id_service", "30")...)...)
	multipart.Request.ContentType = "multipart/form-data; boundary=x"
	outside := exchange(5, "qqtube", "", "invalid-action", "POST", 200, jsonType, `{"status":"error"}`, query("action", "nothing", "api_key", "***")...)
	outside.Request.Query = "action=nothing&api_key=%2A%2A%2A"
	masked := exchange(8, "cliparto", "", "", "GET", 404, textType, "?", query("q", "Nothing", "md5", "***")...)
	masked.Request.Query = "q=Nothing&md5=%2A%2A%2A"
	silent := exchange(7, "qqtube", "funds", "", "GET", 0, "", "", query("action", "funds", "api_key", "***")...)
	silent.Failed = "connection refused"
	drifted := exchange(6, "qqtube", "funds", "", "GET", 200, jsonType, `{"funds":1}`, query("action", "funds", "api_key", "***")...)
	drifted.Findings = []record.Finding{{Side: "reply", Pointer: "/funds", What: "/funds is a number, wants a string"}}
	callback := exchange(9, "qulive", "vodCallback", "review-noted", "POST", 200, utf8JSON, `{"message":"ok"}`)
	callback.Request.Body = "{\n  \"EventType\": \"AIVideoCensorComplete\",\n  \"MediaId\": \"${a}\"\n}"

	return map[string][]*record.Exchange{
		"qqtube": {
			exchange(1, "qqtube", "services", "listed", "GET", 200, jsonType, `[{"id_service":"30","amount_minimum":"1000"}]`, query("action", "services", "api_key", "***")...),
			multipart,
			exchange(3, "qqtube", "stats", "found", "GET", 200, jsonType, `{"id_service_submission":"123457"}`,
				query("action", "stats", "api_key", "***", "id_service_submission", "123457")...),
			exchange(4, "qqtube", "add", "url-missing+quantity-not-whole", "POST", 200, jsonType, `{"status":"error"}`,
				query("action", "add", "api_key", "***", "quantity", "ten", "id_service", "30", "extra", "1", "extra", "two words")...),
			outside, drifted, silent,
		},
		"polyv": {
			exchange(1, "polyv", "grabList", "listed", "GET", 200, utf8JSON, `{"data":{"contents":[{"vid":"8205ac89d3aaaa_8","title":"one"},{"vid":"8205ac89d3bbbb_8"}],"pageNumber":1}}`,
				append(params(contract.InPath, "userid", "8205ac89d3"), query("ptime", "1700000000000", "sign", "***", "page", "1")...)...),
			exchange(2, "polyv", "videoSizes", "sized", "GET", 200, utf8JSON, `{"data":[]}`,
				append(params(contract.InPath, "userid", "8205ac89d3"), query("ptime", "1700000000000", "sign", "***", "vids", "8205ac89d3aaaa_8,8205ac89d3bbbb_8,other")...)...),
			exchange(3, "polyv", "authplayStatus", "sign-missing", "GET", 200, utf8JSON, `{}`,
				append(params(contract.InPath, "userid", "8205ac89d3"), query("ptime", "1700000000000", "vid", "8205ac89d3aaaa_8", "format", "json")...)...),
			// Where the recorder did not know the account, its name is masked in ids as well.
			exchange(5, "polyv", "grabList", "listed", "GET", 200, utf8JSON, `{"data":{"contents":[{"vid":"***1c8c02aa17_8"}]}}`,
				append(params(contract.InPath, "userid", "***"), query("ptime", "1700000000000", "sign", "***")...)...),
			exchange(6, "polyv", "authplayStatus", "sign-wrong", "GET", 200, utf8JSON, `{}`,
				append(params(contract.InPath, "userid", "***"), query("ptime", "1700000000000", "sign", "***", "vid", "***1c8c02aa17_8")...)...),
			exchange(7, "polyv", "videoSizes", "sized", "GET", 200, utf8JSON, `{"data":[]}`,
				append(params(contract.InPath, "userid", "***"), query("ptime", "1700000000000", "sign", "***", "vids", "***1c8c02aa17_8,***99ab00cd12_8")...)...),
			exchange(8, "polyv", "authplayStatus", "vid-unknown", "GET", 200, utf8JSON, `{}`,
				append(params(contract.InPath, "userid", "***"), query("ptime", "1700000000000", "sign", "***", "vid", "***99ab00cd12_8")...)...),
			exchange(9, "polyv", "authplayStatus", "vid-unknown", "GET", 200, utf8JSON, `{}`,
				append(params(contract.InPath, "userid", "***"), query("ptime", "1700000000000", "sign", "***", "vid", "my***")...)...),
			exchange(4, "polyv", "authplayStatus", "sign-wrong", "GET", 200, utf8JSON, `{}`,
				append(params(contract.InPath, "userid", "8205ac89d3"), query("ptime", "1700000000000", "sign", "***", "vid", "8205ac89d3bbbb_8")...)...),
		},
		"cliparto": {
			exchange(1, "cliparto", "ReleasesList", "releases-listed", "GET", 200, textType, "900123;Model;Jane\n900124;Property;House", query("q", "ReleasesList", "id", "***", "md5", "***")...),
			exchange(2, "cliparto", "ImageIDByFileName", "image-found", "GET", 200, textType, "700456", query("q", "ImageIDByFileName", "id", "***", "ext", "a.jpg", "md5", "***")...),
			exchange(3, "cliparto", "AttachReleaseToImage", "release-attached", "GET", 200, textType, "OK", query("q", "AttachReleaseToImage", "id", "***", "ext", "900124:700456", "md5", "***")...),
			masked,
		},
		"qulive": {
			exchange(8, "qulive", "login", "logged-in", "GET", 200, utf8JSON, `{"data":{"token":"***"}}`, query("username", "demo", "password", "***")...),
			callback,
		},
	}
}

func TestDrafts(t *testing.T) {
	docs, err := openapi.LoadAll()
	require.NoError(t, err)
	for api, list := range recordings() {
		t.Run(api, func(t *testing.T) {
			drafts := record.Drafts(docs, list)
			require.Len(t, drafts, 1)
			assert.Equal(t, api, drafts[0].API)
			file := filepath.Join("testdata", api+".yaml")
			if *update {
				require.NoError(t, os.MkdirAll("testdata", 0o755))
				require.NoError(t, os.WriteFile(file, []byte(drafts[0].Text), 0o644))
			}
			want, err := os.ReadFile(file)
			require.NoError(t, err)
			assert.Equal(t, string(want), drafts[0].Text)

			loaded, err := verifier.Source{FS: fstest.MapFS{api + "/draft.yaml": {Data: []byte(drafts[0].Text)}}}.Load()
			require.NoError(t, err, "a draft is a scenario that loads")
			assert.Len(t, loaded, 1)
		})
	}
}

func TestDraftsOfSeveralAPIs(t *testing.T) {
	docs, err := openapi.LoadAll()
	require.NoError(t, err)
	var list []*record.Exchange
	for _, l := range recordings() {
		list = append(list, l...)
	}
	drafts := record.Drafts(docs, list)
	require.Len(t, drafts, 4)
	assert.Equal(t, "cliparto", drafts[0].API)
	assert.NotEmpty(t, drafts[2].Notes, "what could not be put into the scenario is told")
}

// Whatever a client sent stands in the draft as it was sent.
func TestDraftsKeepOddValues(t *testing.T) {
	docs, err := openapi.LoadAll()
	require.NoError(t, err)
	for _, value := range []string{
		"plain", "two words", "- a", "a: b", "# no comment", "it's", `say "hi"`, "${body}", "$${x}", "a$", "100%", "yes", "null", "1e3", "0x10", "007", "12", "-1", "1.50",
		" leading", "trailing ", "tab\there", "line\nbreak", "cr\rhere", "\x00", "\x1b[31m", "\x7f", "\u0085", "\u2028", "\ufeff", "用户", "😀", `back\slash`, "{a}", "[b]", "a, b", "&x", "*y", "!z", "|", ">", "@at", "`tick`", "?", "~", "=",
	} {
		x := exchange(1, "polyv", "clip", "clipped", "POST", 200, utf8JSON, `{}`,
			append(params(contract.InPath, "userid", "8205ac89d3"), params(contract.InForm, "vid", "v", "timeFrame", "[]", "title", value, "ptime", "1", "sign", "***")...)...)
		draft := record.Drafts(docs, []*record.Exchange{x})[0].Text
		_, err := verifier.Source{FS: fstest.MapFS{"polyv/draft.yaml": {Data: []byte(draft)}}}.Load()
		require.NoError(t, err, "%q\n%s", value, draft)
		var tree struct {
			Steps []struct{ With map[string]any }
		}
		require.NoError(t, yaml.Unmarshal([]byte(draft), &tree), "%q\n%s", value, draft)
		assert.Equal(t, strings.ReplaceAll(value, "${", "$${"), tree.Steps[0].With["title"], draft)
	}
}
