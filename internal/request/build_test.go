package request_test

import (
	"context"
	"io"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/mediasandbox/sandbox/internal/contract"
	"github.com/mediasandbox/sandbox/internal/request"
	"github.com/mediasandbox/sandbox/signature"
	"github.com/mediasandbox/sandbox/specs/openapi"
)

func document(t testing.TB, name string) *contract.Document {
	t.Helper()
	doc, err := openapi.Load(name)
	require.NoError(t, err)
	return doc
}

// polyv is a plan whose signature is a vector of CONTRACTS section 2.
func polyv(t testing.TB) request.Plan {
	return request.Plan{
		Document: document(t, "polyv"), Operation: "authplayStatus", BaseURL: "http://127.0.0.1:7311/polyv",
		Args:   map[string]string{"vid": "3828390191de2b3fd3467c36187aac08_3"},
		Scheme: signature.Polyv{}, Credential: signature.Credential{ID: "3828390191", Secret: "tIQp4ATe9Z"},
		Signing: signature.Signing{At: time.UnixMilli(1493188350000)},
	}
}

func TestBuildSignsAsTheVendorsPage(t *testing.T) {
	b, err := polyv(t).Build()
	require.NoError(t, err)
	assert.True(t, b.Signed)
	assert.Equal(t, "GET", b.Method)
	assert.Equal(t, "http://127.0.0.1:7311/polyv/v2/video/3828390191/authplay-status"+
		"?vid=3828390191de2b3fd3467c36187aac08_3&ptime=1493188350000&sign=4CE511177FD5A8A3E56EB31A20776C0DE157519A", b.URL)
	assert.Empty(t, b.Body)
	assert.Equal(t, contract.Values{
		{Name: "userid", Value: "3828390191", In: contract.InPath},
		{Name: "vid", Value: "3828390191de2b3fd3467c36187aac08_3", In: contract.InQuery},
	}, b.Unsigned)
}

func TestBuildOtherSchemes(t *testing.T) {
	b, err := request.Plan{
		Document: document(t, "cliparto"), Operation: "BalanceCurrent", BaseURL: "https://cliparto.com/",
		Scheme: signature.Cliparto{}, Credential: signature.Credential{ID: "176050", Secret: "8zn2eBj90M0F"},
	}.Build()
	require.NoError(t, err)
	assert.Equal(t, "https://cliparto.com/apiq/?q=BalanceCurrent&id=176050&md5=372aadd1bad841a7c898b57dbbecab44", b.URL)

	b, err = request.Plan{
		Document: document(t, "qqtube"), Operation: "stats", BaseURL: "http://x/qqtube",
		Args:   map[string]string{"id_service_submission": "123456"},
		Scheme: signature.QQTube{}, Credential: signature.Credential{ID: "k e+y"},
	}.Build()
	require.NoError(t, err)
	assert.Contains(t, b.URL, "api_key=k+e%2By")
	assert.Contains(t, b.URL, "action=stats")
	assert.Contains(t, b.URL, "id_service_submission=123456")
}

func interstreamVote(t testing.TB) request.Plan {
	return request.Plan{
		Document: document(t, "interstream"), Operation: "setContentVote", BaseURL: "http://x/interstream",
		Args:   map[string]string{"iq": "13", "contentID": "2635", "vote": "like"},
		Scheme: signature.Interstream{},
		Credential: signature.Credential{ID: "1b323a1cb879fd4e66530fbad07a32ee",
			Secret: "MWIzMjNhMWNiODc5ZmQ0ZTY2NTMwZmJhZDA3YTMyZWViOTQ3MDJiOGM2ZTU2NjE3"},
		Signing: signature.Signing{At: time.Unix(1700000000, 0), Salt: "c4ca4238a0b923820dcc509a6f75849b"},
	}
}

func TestBuildQueryAndForm(t *testing.T) {
	p := interstreamVote(t)
	b, err := p.Build()
	require.NoError(t, err)
	assert.Equal(t, "POST", b.Method)
	assert.Equal(t, "http://x/interstream/api.php?go=users&do=set_content_vote&iq=13&key=1b323a1cb879fd4e66530fbad07a32ee"+
		"&timestamp=1700000000&salt=c4ca4238a0b923820dcc509a6f75849b&signature=EuR7KP0iiOTIstP2WMucpSFnTkZXuHimzEqJr7j87SI%3D", b.URL)
	assert.Equal(t, "contentID=2635&vote=like", string(b.Body))
	assert.Equal(t, "application/x-www-form-urlencoded", b.Header.Get("Content-Type"))

	r, err := b.Request(context.Background())
	require.NoError(t, err)
	body, err := io.ReadAll(r.Body)
	require.NoError(t, err)
	assert.Equal(t, "contentID=2635&vote=like", string(body))
	assert.EqualValues(t, len(body), r.ContentLength)
	assert.NotNil(t, r.GetBody)

	p.Multipart = true
	b, err = p.Build()
	require.NoError(t, err)
	again, err := p.Build()
	require.NoError(t, err)
	assert.Equal(t, b.Body, again.Body, "the same plan gives the same bytes")
	values, err := p.Document.ParseValues(nil, "", b.Header.Get("Content-Type"), b.Body)
	require.NoError(t, err)
	assert.Equal(t, contract.Values{
		{Name: "contentID", Value: "2635", In: contract.InForm},
		{Name: "vote", Value: "like", In: contract.InForm},
	}, values)
}

// TestBuildFormOperationByGet puts form fields into the query where the API reads them there.
func TestBuildFormOperationByGet(t *testing.T) {
	p := request.Plan{
		Document: document(t, "polyv"), Operation: "danmuDelete", Method: "get", BaseURL: "http://x/polyv",
		Args:   map[string]string{"danmuIds": "333,444,556"},
		Scheme: signature.Polyv{}, Credential: signature.Credential{ID: "8205ac89d3", Secret: "tIQp4ATe9Z"},
		Signing: signature.Signing{At: time.UnixMilli(1492591990000)},
	}
	b, err := p.Build()
	require.NoError(t, err)
	assert.Equal(t, "GET", b.Method)
	assert.Contains(t, b.URL, "/v2/danmu/8205ac89d3/delete?danmuIds=333%2C444%2C556&ptime=1492591990000&sign=")
	assert.Nil(t, b.Body)

	p.Method = ""
	b, err = p.Build()
	require.NoError(t, err)
	assert.Equal(t, "POST", b.Method)
	assert.Contains(t, string(b.Body), "danmuIds=333%2C444%2C556&ptime=1492591990000&sign=")
}

func TestBuildHooks(t *testing.T) {
	p := polyv(t)
	p.BeforeSign = func(vs *contract.Values) {
		*vs = append(*vs, contract.Value{Name: "format", Value: "json", In: contract.InQuery})
	}
	p.AfterSign = func(vs *contract.Values) {
		for i := range *vs {
			switch v := &(*vs)[i]; v.Name {
			case "sign":
				v.Value = "lower"
			case "userid":
				v.Value = "a/b c"
			}
		}
	}
	b, err := p.Build()
	require.NoError(t, err)
	assert.Contains(t, b.URL, "/v2/video/a%2Fb%20c/authplay-status?")
	assert.Contains(t, b.URL, "&format=json&ptime=1493188350000&sign=lower")
	require.Len(t, b.Unsigned, 3)
	assert.Equal(t, "format", b.Unsigned[2].Name)
}

func TestBuildExamples(t *testing.T) {
	p := polyv(t)
	p.Args = nil
	p.Examples = true
	b, err := p.Build()
	require.NoError(t, err)
	vid, ok := b.Values.Get("vid")
	assert.True(t, ok)
	assert.NotEmpty(t, vid)
}

func TestBuildUnsigned(t *testing.T) {
	p := polyv(t)
	p.Scheme = nil
	p.Args = map[string]string{"userid": "u", "vid": "v", "ptime": "1", "sign": "s"}
	b, err := p.Build()
	require.NoError(t, err)
	assert.False(t, b.Signed)
	assert.Equal(t, "http://127.0.0.1:7311/polyv/v2/video/u/authplay-status?ptime=1&sign=s&vid=v", b.URL)
}

func TestBuildRefuses(t *testing.T) {
	for name, row := range map[string]struct {
		change func(*request.Plan)
		want   string
	}{
		"no document":       {func(p *request.Plan) { p.Document = nil }, "no contract document"},
		"unknown operation": {func(p *request.Plan) { p.Operation = "authplaystatu" }, `polyv has no operation "authplaystatu"; did you mean "authplayStatus"?`},
		"unknown parameter": {func(p *request.Plan) { p.Args["vdi"] = "x" }, `polyv authplayStatus has no parameter "vdi"; did you mean "vid"?`},
		"other method":      {func(p *request.Plan) { p.Method = "DELETE" }, "does not answer to DELETE, only to GET"},
		"signature given":   {func(p *request.Plan) { p.Args["sign"] = "x" }, "sign is set when polyv authplayStatus is signed, it cannot be given"},
		"no path parameter": {func(p *request.Plan) { p.Scheme, p.Credential.ID = nil, "" }, "the path wants a value for userid"},
		"base URL":          {func(p *request.Plan) { p.BaseURL = "127.0.0.1:7311" }, "base URL"},
		"base URL query":    {func(p *request.Plan) { p.BaseURL = "http://x/?a=b" }, "base URL"},
		"alias twice": {func(p *request.Plan) {
			p.Operation, p.Args = "danmuList", map[string]string{"page": "1", "pageNum": "2"}
		}, "page and pageNum are one parameter"},
	} {
		t.Run(name, func(t *testing.T) {
			p := polyv(t)
			row.change(&p)
			_, err := p.Build()
			require.Error(t, err)
			assert.Contains(t, err.Error(), row.want)
		})
	}
	p := request.Plan{Document: document(t, "qqtube"), Operation: "stats", Args: map[string]string{"action": "add"}}
	_, err := p.Build()
	assert.ErrorContains(t, err, "action=add selects another operation than qqtube stats")
}

func TestMessageRequest(t *testing.T) {
	m := request.Message{Method: "PATCH", URL: "http://a.test/x?y=1", Header: http.Header{"Host": {"b.test"}, "X-A": {"1", "2"}}}
	r, err := m.Request(context.Background())
	require.NoError(t, err)
	assert.Equal(t, "b.test", r.Host)
	assert.Equal(t, []string{"1", "2"}, r.Header.Values("X-A"))
	assert.Empty(t, r.Header.Get("Host"))
	back, err := request.FromHTTP(r)
	require.NoError(t, err)
	assert.Equal(t, m, back)

	_, err = (&request.Message{Method: "BAD METHOD", URL: "http://x"}).Request(context.Background())
	assert.Error(t, err)
	_, err = (&request.Message{Method: "GET", URL: "http://x:y"}).Request(context.Background())
	assert.Error(t, err)
}
