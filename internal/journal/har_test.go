package journal_test

import (
	"bytes"
	"encoding/json"
	"net/http/httptest"
	"os"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/mediasandbox/sandbox/internal/journal"
)

// harSchema is the format's own description.
func harSchema(t testing.TB) *jsonschema.Schema {
	t.Helper()
	data, err := os.ReadFile("testdata/har-1.2.schema.json")
	require.NoError(t, err)
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(data))
	require.NoError(t, err)
	c := jsonschema.NewCompiler()
	require.NoError(t, c.AddResource("har.json", doc))
	s, err := c.Compile("har.json")
	require.NoError(t, err)
	return s
}

func TestHAR(t *testing.T) {
	h, j := newHost(t, journal.Config{Entries: 4, BodyBytes: 50})
	tj := journal.Of(h.Default())
	j.Record(exchange(h.Default(), "gone", "fine"))

	x := exchange(h.Default(), "stats", "fine") // a form and a redirect
	x.Request = httptest.NewRequest("POST", "https://api.polyv.net/v2/x?page=1&sign=ABC&%", nil)
	x.Request.Header.Set("Content-Type", "application/x-www-form-urlencoded; charset=UTF-8")
	x.RequestBody = []byte("a=1+2&sign=ABC&b=%E4%B8%AD")
	x.ReplyHeader.Set("Location", "/there")
	j.Record(x)

	x = exchange(h.Default(), "stats", "fine") // bytes that are no text, and a cut body
	x.RequestBody = []byte{0xff, 0xfe, 'a'}
	x.Reply = bytes.Repeat([]byte{0x80}, 100)
	j.Record(x)

	x = exchange(h.Default(), "stats", "") // a connection that was broken
	x.Status, x.Reply, x.ReplyHeader, x.Fault = 0, nil, nil, "cut"
	j.Record(x)
	j.Record(exchange(h.Default(), "funds", "fine"))

	har := tj.HAR(journal.Filter{}, "v1.2.3")
	data, err := json.Marshal(har)
	require.NoError(t, err)
	value, err := jsonschema.UnmarshalJSON(bytes.NewReader(data))
	require.NoError(t, err)
	require.NoError(t, harSchema(t).Validate(value))

	assert.Equal(t, journal.HARCreator{Name: "sandbox", Version: "v1.2.3"}, har.Log.Creator)
	assert.NotEmpty(t, har.Log.Comment, "an entry was evicted")
	require.Len(t, har.Log.Entries, 4)
	form := har.Log.Entries[0]
	assert.Equal(t, "https://api.polyv.net/v2/x?page=1&sign=***&%", form.Request.URL)
	assert.Equal(t, []journal.Header{{Name: "page", Value: "1"}, {Name: "sign", Value: "***"}, {Name: "%", Value: ""}}, form.Request.Query)
	assert.Equal(t, "a=1+2&sign=***&b=%E4%B8%AD", form.Request.Post.Text)
	assert.Equal(t, []journal.HARParam{{Name: "a", Value: "1 2"}, {Name: "sign", Value: "***"}, {Name: "b", Value: "中"}}, form.Request.Post.Params)
	assert.Equal(t, "/there", form.Response.RedirectURL)
	assert.InDelta(t, 1.5, form.Time, 0)
	assert.Equal(t, journal.HARTimings{Blocked: -1, DNS: -1, Connect: -1, SSL: -1, Wait: 1.5}, form.Timings)
	assert.Equal(t, journal.HARSandbox{ID: 2, Tenant: "default", API: "qqtube", Operation: "stats", Outcome: "fine", At: now}, form.Sandbox)

	bytesEntry := har.Log.Entries[1]
	assert.Equal(t, "%FF%FEa", bytesEntry.Request.Post.Text)
	assert.Equal(t, "base64", bytesEntry.Response.Content.Encoding)
	assert.Equal(t, 100, bytesEntry.Response.Content.Size)
	assert.NotEmpty(t, bytesEntry.Response.Content.Comment)

	broken := har.Log.Entries[2]
	assert.Zero(t, broken.Response.Status)
	assert.NotEmpty(t, broken.Response.Error)
	assert.Equal(t, "cut", broken.Sandbox.Fault)

	empty, err := json.Marshal(tj.HAR(journal.Filter{Operation: "none"}, ""))
	require.NoError(t, err)
	value, err = jsonschema.UnmarshalJSON(bytes.NewReader(empty))
	require.NoError(t, err)
	assert.NoError(t, harSchema(t).Validate(value))
}
