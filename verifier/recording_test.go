package verifier_test

import (
	"encoding/base64"
	"encoding/hex"
	"net/http"
	"net/url"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/mediasandbox/sandbox/internal/contract"
	"github.com/mediasandbox/sandbox/specs/openapi"
	"github.com/mediasandbox/sandbox/verifier"
)

const recordedTarget = `
base_urls: {polyv: "https://vendor.test/polyv/", qulive: "https://vendor.test"}
allow_clear_credentials: true
credentials:
  polyv: {userid: 8205ac89d3, secretkey: "kXm/HM+LeX6M"}
accounts:
  foreign: {polyv: {userid: sl8da4jjbx, secretkey: tIQp4ATe9Z}}
`

func recorded(t *testing.T) (*verifier.Target, map[string]*contract.Document) {
	t.Helper()
	docs, err := openapi.LoadAll()
	require.NoError(t, err)
	target, err := verifier.File("t.yaml", []byte(recordedTarget), func(string) (string, bool) { return "", false })
	require.NoError(t, err)
	return target, docs
}

func TestBaseURLs(t *testing.T) {
	target, _ := recorded(t)
	assert.Equal(t, map[string]string{"polyv": "https://vendor.test/polyv", "qulive": "https://vendor.test"}, target.BaseURLs(openapi.APIs()...))
	assert.Equal(t, map[string]string{"qulive": "https://vendor.test"}, target.BaseURLs("qulive", "qqtube"))
	sandbox, err := verifier.URL("http://127.0.0.1:7311/", "")
	require.NoError(t, err)
	assert.Equal(t, map[string]string{"polyv": "http://127.0.0.1:7311/polyv"}, sandbox.BaseURLs("polyv"))
}

// What a target's credentials are, and what a request proves itself with, is hidden in
// every encoding.
func TestConcealer(t *testing.T) {
	target, docs := recorded(t)
	c := target.Conceal(docs["polyv"])
	const sign = "50BF9B165630A8047EB1D17D95A469CC51FF754E"
	c.Request(contract.Values{{Name: "sign", Value: sign, In: contract.InQuery}, {Name: "vid", Value: "8205ac89d3aaaa_8", In: contract.InQuery}},
		http.Header{"Authorization": {"Bearer of-great-secrets"}})
	for _, secret := range []string{"kXm/HM+LeX6M", "tIQp4ATe9Z", sign} {
		for _, form := range []string{
			secret, url.QueryEscape(secret), url.PathEscape(secret), hex.EncodeToString([]byte(secret)),
			base64.StdEncoding.EncodeToString([]byte(secret)), base64.URLEncoding.EncodeToString([]byte("key=" + secret + "&")),
		} {
			assert.NotContains(t, c.Text("before "+form+" after"), form)
		}
	}
	assert.NotContains(t, c.Text("x Bearer of-great-secrets"), "of-great-secrets")
	assert.Equal(t, "vid 8205ac89d3aaaa_8 of 8205ac89d3", c.Text("vid 8205ac89d3aaaa_8 of 8205ac89d3"), "who calls is no secret")
	assert.True(t, c.Named("sign"))
	assert.True(t, c.Named("ptime"))
	assert.False(t, c.Named("vid"))
}

// What a reply gives out under a name that says so is hidden, however short it is.
func TestConcealerOfReplies(t *testing.T) {
	target, docs := recorded(t)
	c := target.Conceal(docs["qulive"])
	reply := `{"data": {"token" : "ab1", "playAuth": "eyJTZWN1cml0eVRva2VuIjoiQ0FJUyJ9", "nickName": "ann", "accessKeySecret":"s3cr3t-of-oss"}}`
	c.Reply(http.Header{"Content-Type": {"application/json"}}, []byte(reply))
	got := c.Text(reply)
	assert.Equal(t, `{"data": {"token" : "***", "playAuth": "***", "nickName": "ann", "accessKeySecret":"***"}}`, got)
	assert.Equal(t, "later *** again", c.Text("later s3cr3t-of-oss again"))
}

func TestHoldReply(t *testing.T) {
	_, docs := recorded(t)
	doc := docs["interstream"]
	op := doc.Operation("getContentVote")
	header := http.Header{"Content-Type": {"application/json"}}
	outcome, problems := verifier.HoldReply(doc, op, 200, header, []byte(`{"vote":1}`))
	assert.Equal(t, "vote-read", outcome)
	assert.Empty(t, problems)

	outcome, problems = verifier.HoldReply(doc, op, 200, header, []byte(`{"vote":"1"}`))
	assert.Equal(t, "vote-read", outcome, "what it is most likely meant to be")
	require.NotEmpty(t, problems)
	assert.Equal(t, verifier.Drift, problems[0].Verdict)
	assert.Equal(t, "/vote", problems[0].Pointer)

	_, problems = verifier.HoldReply(doc, op, 500, header, []byte(`{"vote":1}`))
	require.NotEmpty(t, problems)
	assert.Equal(t, "status", problems[0].Class)

	outcome, _ = verifier.HoldReply(doc, nil, 404, http.Header{"Content-Type": {"text/html"}}, []byte("nothing here"))
	assert.Empty(t, outcome, "and no panic where there is no operation")
}
