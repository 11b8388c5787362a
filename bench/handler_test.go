// Package bench measures the sandbox against baselines in the same run. It has no
// tests: see README.md beside it for the commands and what they showed.
package bench

import (
	"crypto/md5" //nolint:gosec // the vendor's choice
	"encoding/hex"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/mediasandbox/sandbox/fakes"
	"github.com/mediasandbox/sandbox/fakes/all"
	"github.com/mediasandbox/sandbox/fakes/qqtube"
	"github.com/mediasandbox/sandbox/internal/contract"
	"github.com/mediasandbox/sandbox/internal/coverage"
	"github.com/mediasandbox/sandbox/internal/journal"
	"github.com/mediasandbox/sandbox/internal/metrics"
	"github.com/mediasandbox/sandbox/internal/server"
	"github.com/mediasandbox/sandbox/signature"
	"github.com/mediasandbox/sandbox/specs/openapi"
)

func sandbox(b testing.TB) (*fakes.Host, http.Handler) {
	b.Helper()
	docs, err := openapi.LoadAll()
	require.NoError(b, err)
	var inOrder []*contract.Document
	for _, name := range openapi.APIs() {
		inOrder = append(inOrder, docs[name])
	}
	kept := metrics.New(docs, journal.New(journal.Config{Documents: docs, Coverage: coverage.NewCatalog(inOrder...)}))
	host, err := fakes.New(fakes.Config{
		Recorder: kept,
		APIs:     all.APIs(), Documents: docs, Settings: map[string]string{"cliparto.limits": "off"},
		OnBreach: func(br fakes.Breach) { b.Error(br) },
	})
	require.NoError(b, err)
	return host, server.New(host, server.Options{})
}

// call is one request of the measured mix.
type call struct {
	name, method, target, form string
	want                       string
}

func calls(host *fakes.Host) []call {
	t := host.Default()
	t.Clock.Freeze()
	now := t.Clock.Now()
	polyv := func(op string, user, secret string, args ...string) string {
		r := signature.Request{Operation: op, Method: http.MethodGet, Values: signature.Values{{Name: "userid", Value: user, In: signature.InPath}}}
		for i := 0; i < len(args); i += 2 {
			r.Values = append(r.Values, signature.Value{Name: args[i], Value: args[i+1], In: signature.InQuery})
		}
		signature.Polyv{}.Sign(&r, signature.Credential{ID: user, Secret: secret}, signature.Signing{At: now})
		q := url.Values{}
		for _, v := range r.Values {
			if v.In != signature.InPath {
				q.Set(v.Name, v.Value)
			}
		}
		return q.Encode()
	}
	vote := signature.Request{Values: signature.Values{{Name: "go", Value: "users", In: signature.InQuery}, {Name: "do", Value: "get_content_vote", In: signature.InQuery}, {Name: "iq", Value: "13", In: signature.InQuery}, {Name: "contentID", Value: "1", In: signature.InQuery}}}
	acc := t.Accounts("interstream")[0]
	signature.Interstream{}.Sign(&vote, signature.Credential{ID: acc.ID, Secret: acc.Secret}, signature.Signing{At: now, Salt: "salt"})
	q := url.Values{}
	for _, v := range vote.Values {
		q.Set(v.Name, v.Value)
	}
	sum := md5.Sum([]byte("176050BalanceCurrent8zn2eBj90M0F")) //nolint:gosec // the vendor's choice
	const frames = `[{"start":1,"end":3}]`
	return []call{
		{"qqtube-add", "POST", "/qqtube/v1-api", "api_key=172a1c261d1d84916d9e7321153d0416acab98fc&action=add&url=https%3A%2F%2Fwww.youtube.com%2Fwatch%3Fv%3DjofNR_WkoCE&quantity=1000&id_service=3", `"status":"success"`},
		{"polyv-grab-list", "GET", "/polyv/v2/video/grab/8205ac89d3/list?" + polyv("grabList", "8205ac89d3", "kXmHMLeX6M", "page", "1", "pageSize", "3"), "", `"code":200`},
		{"polyv-clip-no-vid", "GET", "/polyv/v2/video/3828390191/clip?" + polyv("clip", "3828390191", "tIQp4ATe9Z", "title", "t"), "", `"code":410`},
		{"polyv-clip-too-short", "GET", "/polyv/v2/video/3828390191/clip?" + polyv("clip", "3828390191", "tIQp4ATe9Z", "title", "t", "vid", "382839019131be68715e9455f8d0971a_3", "timeFrame", frames), "", `"code":416`},
		{"polyv-clip-bad-sign", "GET", "/polyv/v2/video/3828390191/clip?" + polyv("clip", "3828390191", "wrong", "title", "t"), "", `sign is not right`},
		{"cliparto-balance", "GET", "/cliparto/apiq/?id=176050&q=BalanceCurrent&md5=" + hex.EncodeToString(sum[:]), "", "."},
		{"qulive-list", "GET", "/qulive/vod/getRecommendVideoList?pageIndex=1&pageSize=2&token=" + t.Accounts("qulive")[0].Credential["token"], "", `"videoList"`},
		{"interstream-vote", "GET", "/interstream/api.php?" + q.Encode(), "", `"vote"`},
	}
}

func request(c call) *http.Request {
	var body io.Reader
	if c.form != "" {
		body = strings.NewReader(c.form)
	}
	r := httptest.NewRequest(c.method, "http://127.0.0.1:7311"+c.target, body)
	if c.form != "" {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	return r
}

// BenchmarkHandler is the cost of a call without the network.
func BenchmarkHandler(b *testing.B) {
	host, handler := sandbox(b)
	// A purse that a benchmark does not empty: a refused order would be another measurement.
	require.NoError(b, host.With(host.Default(), "qqtube", func(w fakes.World, _ time.Time) error {
		return w.(*qqtube.World).AddFunds("900000000.00") //nolint:forcetypeassert // it is
	}))
	for _, c := range calls(host) {
		answers := func(b *testing.B) {
			b.Helper()
			w := httptest.NewRecorder()
			handler.ServeHTTP(w, request(c))
			require.Contains(b, w.Body.String(), c.want)
		}
		b.Run(c.name, func(b *testing.B) {
			answers(b)
			b.ReportAllocs()
			r := request(c)
			for b.Loop() {
				if c.form != "" {
					r.Body = io.NopCloser(strings.NewReader(c.form))
				}
				handler.ServeHTTP(discard{http.Header{}}, r)
			}
			answers(b)
		})
	}
}

type discard struct{ h http.Header }

func (d discard) Header() http.Header         { return d.h }
func (d discard) Write(b []byte) (int, error) { return len(b), nil }
func (d discard) WriteHeader(int)             {}

// BenchmarkTenant is the cost of making a tenant.
func BenchmarkTenant(b *testing.B) {
	host, _ := sandbox(b)
	for b.Loop() {
		if _, err := host.AddTenant(fakes.NewTenant{TTL: time.Millisecond}); err != nil {
			b.Fatal(err)
		}
	}
}
