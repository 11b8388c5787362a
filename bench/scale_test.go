package bench

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/mediasandbox/sandbox/fakes"
	"github.com/mediasandbox/sandbox/fakes/polyv"
	"github.com/mediasandbox/sandbox/fakes/qqtube"
	"github.com/mediasandbox/sandbox/signature"
)

const million = 1_000_000

// pageKey is the default tenant's key at QQTube.
const pageKey = "172a1c261d1d84916d9e7321153d0416acab98fc"

// inUse is the memory in use after a collection, in bytes.
func inUse() uint64 {
	var m runtime.MemStats
	runtime.GC()
	runtime.GC() // what a pool held on to
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

// BenchmarkTenants makes and removes a tenant among few and among a hundred thousand.
func BenchmarkTenants(b *testing.B) {
	host, _ := sandbox(b)
	one := func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			t, err := host.AddTenant(fakes.NewTenant{TTL: time.Hour})
			if err != nil {
				b.Fatal(err)
			}
			if err := host.RemoveTenant(t.ID); err != nil {
				b.Fatal(err)
			}
		}
	}
	b.Run("among 1", one)
	const many = 100_000
	before, began := inUse(), time.Now()
	for range many {
		if _, err := host.AddTenant(fakes.NewTenant{TTL: time.Hour}); err != nil {
			b.Fatal(err)
		}
	}
	took := time.Since(began)
	each := (inUse() - before) / many
	b.Run("among 100000", func(b *testing.B) {
		one(b)
		b.ReportMetric(float64(each), "B/tenant-kept")
		b.ReportMetric(float64(took.Nanoseconds()/many), "ns/tenant-on-average")
	})
}

// serve sends one request to the whole sandbox, over and over.
func serve(b *testing.B, handler http.Handler, method, target, form, want string) {
	b.Helper()
	r := httptest.NewRequest(method, "http://127.0.0.1:7311"+target, strings.NewReader(form))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	w := httptest.NewRecorder()
	handler.ServeHTTP(w, r)
	require.Contains(b, w.Body.String(), want)
	b.ReportAllocs()
	for b.Loop() {
		r := httptest.NewRequest(method, "http://127.0.0.1:7311"+target, strings.NewReader(form))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		handler.ServeHTTP(discard{http.Header{}}, r)
	}
}

// BenchmarkSubmissions lists and adds orders, through everything that a call passes:
// what is stored must not matter.
func BenchmarkSubmissions(b *testing.B) {
	for _, stored := range []int{1000, million} {
		host, handler := sandbox(b)
		fill(b, host, stored)
		list := func(after int) func(*testing.B) {
			return func(b *testing.B) {
				serve(b, handler, "GET", "/qqtube/v1-api?action=submissions&limit=100&starting_after="+strconv.Itoa(after)+"&api_key="+pageKey, "", `"total_cost"`)
			}
		}
		b.Run(fmt.Sprintf("page 1 of %d", stored), list(1<<40))
		b.Run(fmt.Sprintf("last page of %d", stored), list(123457+100))
		b.Run(fmt.Sprintf("add to %d", stored), func(b *testing.B) {
			form := url.Values{"api_key": {pageKey}, "action": {"add"}, "url": {"https://youtu.be/abc"}, "id_service": {"30"}, "quantity": {"500"}}
			serve(b, handler, "POST", "/qqtube/v1-api", form.Encode(), `"success"`)
		})
	}
}

// fill gives the default tenant orders, one a second, and money for as many again.
func fill(b *testing.B, host *fakes.Host, n int) {
	b.Helper()
	require.NoError(b, host.With(host.Default(), "qqtube", func(w fakes.World, now time.Time) error {
		world, ok := w.(*qqtube.World)
		require.True(b, ok)
		for i := range n {
			world.Submissions = append(world.Submissions, &qqtube.Submission{
				ID: world.NextID, Service: "30", URL: "https://www.youtube.com/watch?v=v" + strconv.Itoa(i), Start: int64(i), Wanted: 500,
				Cost: 30, Added: now.Add(time.Duration(i-n) * time.Second).UTC().Round(0), Delivery: qqtube.Duration(6 * time.Hour),
			})
			world.NextID++
		}
		require.NoError(b, world.AddFunds("9000000000"))
		return world.Restore(fakes.Env{})
	}))
}

// BenchmarkDanmu lists a video platform's comments, likewise.
func BenchmarkDanmu(b *testing.B) {
	const user, secret, vid = "3828390191", "tIQp4ATe9Z", "382839019131be68715e9455f8d0971a_3"
	for _, stored := range []int{1000, million} {
		host, handler := sandbox(b)
		now := host.Default().Clock.Freeze()
		require.NoError(b, host.With(host.Default(), "polyv", func(w fakes.World, _ time.Time) error {
			world, ok := w.(*polyv.World)
			require.True(b, ok)
			for i := range stored {
				if _, err := world.AddDanmu(user, polyv.Danmu{Vid: vid, Msg: "666", Time: 1_600_000_000_000 + int64(i)}); err != nil {
					return err
				}
			}
			return nil
		}))
		for _, page := range []int{1, stored / 100} {
			r := signature.Request{Operation: "danmuList", Method: http.MethodGet, Values: signature.Values{
				{Name: "userid", Value: user, In: signature.InPath}, {Name: "pageNum", Value: strconv.Itoa(page), In: signature.InQuery},
				{Name: "numPerPage", Value: "100", In: signature.InQuery},
			}}
			signature.Polyv{}.Sign(&r, signature.Credential{ID: user, Secret: secret}, signature.Signing{At: now})
			q := url.Values{}
			for _, v := range r.Values[1:] {
				q.Set(v.Name, v.Value)
			}
			b.Run(fmt.Sprintf("page %d of %d", page, stored), func(b *testing.B) {
				serve(b, handler, "GET", "/polyv/v2/danmu/"+user+"?"+q.Encode(), "", `"limit":100`)
			})
		}
	}
}
