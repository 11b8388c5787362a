package contract_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/mediasandbox/sandbox/internal/contract"
	"github.com/mediasandbox/sandbox/specs/openapi"
)

// TestIdentifyEveryOutcome: what the documents write is known for what it is, in
// whatever spelling of JSON it comes.
func TestIdentifyEveryOutcome(t *testing.T) {
	docs, err := openapi.LoadAll()
	require.NoError(t, err)
	n := 0
	for _, doc := range docs {
		for _, op := range doc.Operations {
			for _, o := range op.Outcomes {
				n++
				for spelling, body := range spellings(t, o) {
					id := doc.Identify(op, o.Status, o.ContentType, []byte(body))
					assert.Equal(t, []string{o.Name}, id.Names(), "%s %s, %s: %s", doc.Name, op.ID, spelling, body)
					assert.Equal(t, o.Success, id.Success, "%s %s %s", doc.Name, op.ID, o.Name)
				}
			}
		}
	}
	t.Logf("%d outcomes", n)
	assert.Greater(t, n, 500)
}

// spellings writes an outcome's body as it stands, and, of JSON, with its keys in
// alphabetic order and spaces between.
func spellings(t *testing.T, o *contract.Outcome) map[string]string {
	out := map[string]string{"as written": o.Example}
	if o.Text() {
		return out
	}
	var v any
	dec := json.NewDecoder(strings.NewReader(o.Example))
	dec.UseNumber()
	require.NoError(t, dec.Decode(&v))
	sorted, err := json.MarshalIndent(v, "", "  ")
	require.NoError(t, err)
	out["sorted"] = string(sorted)
	return out
}

func TestIdentify(t *testing.T) {
	const js = "application/json"
	const polyvJSON = "application/json;charset=UTF-8"
	for name, row := range map[string]struct {
		api, op string
		status  int
		ctype   string
		body    string
		names   []string
		success bool
		nearest string
		pointer string
	}{
		"several refusals in one": {
			"qqtube", "add", 200, js, `{"status":"error","messages":[{"id":30,"message":"Service ID not provided!"},{"id":32,"message":"Service does not exist."},{"id":1010,"message":"URL not provided!"}]}`,
			[]string{"service-missing", "url-missing"}, false, "", "",
		},
		"one refusal whose part is another": {
			"qqtube", "add", 200, js, `{"status":"error","messages":[{"id":32,"message":"Service does not exist."},{"id":1010,"message":"URL not provided!"}]}`,
			[]string{"service-unknown", "url-missing"}, false, "", "",
		},
		"a message that nobody knows among others": {
			"qqtube", "add", 200, js, `{"status":"error","messages":[{"id":32,"message":"Service does not exist."},{"id":1999,"message":"Nope"}]}`,
			[]string{}, false, "service-missing", "/messages",
		},
		"another text": {
			"polyv", "clip", 200, polyvJSON, `{"code":400,"status":"error","message":"the sign is wrong.","data":""}`,
			[]string{}, false, "*", "/message",
		},
		"status as code": {
			"polyv", "clip", 400, polyvJSON, `{"code":400,"status":"error","message":"the sign is not right.","data":""}`,
			[]string{"sign-wrong"}, false, "", "",
		},
		"wrapped in a callback": {
			"polyv", "authplayStatus", 200, "application/javascript", `cb.x({"code":200,"status":"success","message":"success","data":0})`,
			[]string{"told"}, true, "", "",
		},
		"a success with other words": {
			"polyv", "authplayStatus", 200, polyvJSON, `{"code":200,"status":"success","message":"success.","data":0}`,
			[]string{}, true, "told", "/message",
		},
		"a success with a field too many": {
			"qqtube", "funds", 200, js, `{"funds":"1.00","bonus":"2"}`, []string{"funds"}, true, "", "",
		},
		"a success of another kind": {
			"polyv", "grabDelete", 200, polyvJSON, `{"code":200,"status":"success","message":"success","data":false}`, []string{"task-unknown"}, true, "", "",
		},
		"an object among a list": {
			"qulive", "getFont", 200, polyvJSON, `{"result":"true","requestId":"9b2f6c1e-5d0a-4a57-8a3e-2f7c1d9e4b60","message":"","code":"200","data":null}`,
			[]string{"font-unknown"}, true, "", "",
		},
		"text": {
			"cliparto", "BalanceCurrent", 200, "text/html; charset=UTF-8", "17.05", []string{"amount"}, true, "", "",
		},
		"an unknown error in text": {
			"cliparto", "BalanceCurrent", 200, "text/html; charset=UTF-8", "ERROR: go away", []string{}, false, "*", "",
		},
		"anything": {
			"cliparto", "BalanceCurrent", 500, "text/html", "<html>", []string{}, false, "*", "",
		},
		"nothing":     {"interstream", "getContentVote", 200, js, "", []string{}, false, "*", ""},
		"broken JSON": {"interstream", "getContentVote", 200, js, `{"vote":1`, []string{}, false, "*", ""},
	} {
		t.Run(name, func(t *testing.T) {
			doc, err := openapi.Load(row.api)
			require.NoError(t, err)
			id := doc.Identify(doc.Operation(row.op), row.status, row.ctype, []byte(row.body))
			assert.Equal(t, row.names, id.Names())
			if row.nearest != "*" || len(id.Outcomes) > 0 {
				assert.Equal(t, row.success, id.Success)
			}
			switch {
			case row.nearest == "":
				assert.Nil(t, id.Nearest)
			case row.nearest != "*":
				require.NotNil(t, id.Nearest)
				assert.Equal(t, row.nearest, id.Nearest.Name)
			}
			if row.pointer != "" {
				require.NotEmpty(t, id.Differs)
				assert.Equal(t, row.pointer, id.Differs[0].Pointer)
			}
		})
	}
}

// FuzzIdentify: any reply is identified or not, never a panic.
func FuzzIdentify(f *testing.F) {
	f.Add(200, "application/json", `{"status":"error","messages":[{"id":32}]}`)
	f.Add(200, "application/javascript", `cb({"code":1})`)
	f.Add(500, "", "x")
	docs, err := openapi.LoadAll()
	require.NoError(f, err)
	f.Fuzz(func(t *testing.T, status int, ctype, body string) {
		for _, doc := range docs {
			id := doc.Identify(doc.Operations[0], status, ctype, []byte(body))
			for _, o := range id.Outcomes {
				require.NotNil(t, o)
			}
			doc.Identify(nil, status, ctype, []byte(body))
		}
	})
}
