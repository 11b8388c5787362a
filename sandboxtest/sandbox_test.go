package sandboxtest_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/mediasandbox/sandbox/fakes/qqtube"
	"github.com/mediasandbox/sandbox/fakes/qulive"
	"github.com/mediasandbox/sandbox/sandboxtest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// get calls with the sandbox's own client.
func get(t testing.TB, sb *sandboxtest.Sandbox, target string) string {
	t.Helper()
	return getWith(t, sb.Client(), target)
}

func getWith(t testing.TB, c *http.Client, target string) string {
	t.Helper()
	res, err := c.Get(target)
	require.NoError(t, err)
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	require.NoError(t, err)
	return string(body)
}

func funds(sb *sandboxtest.Sandbox) string {
	return sb.BaseURL("qqtube") + "/v1-api?action=funds&api_key=" + sb.QQTube.APIKey
}

func order(t testing.TB, sb *sandboxtest.Sandbox) string {
	t.Helper()
	res, err := sb.Client().PostForm(sb.BaseURL("qqtube")+"/v1-api", url.Values{
		"action": {"add"}, "api_key": {sb.QQTube.APIKey}, "id_service": {"30"}, "quantity": {"1000"},
		"url": {"https://www.youtube.com/watch?v=jofNR_WkoCE"},
	})
	require.NoError(t, err)
	defer res.Body.Close()
	var reply struct {
		ID string `json:"id_service_submission"`
	}
	require.NoError(t, json.NewDecoder(res.Body).Decode(&reply))
	require.NotEmpty(t, reply.ID)
	return reply.ID
}

func TestInProcess(t *testing.T) {
	t.Parallel()
	sb := sandboxtest.New(t)
	assert.Equal(t, `{"funds":"508.60"}`, get(t, sb, funds(sb)))

	// Not reached by anybody else, nor by the name.
	_, err := http.Get(funds(sb))
	require.Error(t, err)

	// The vendor's own URL, over http or https.
	for _, origin := range []string{"https://www.qqtube.com", "http://qqtube.com", "https://qqtube.localhost:8443"} {
		assert.Equal(t, `{"funds":"508.60"}`, get(t, sb, origin+"/v1-api?action=funds&api_key="+sb.QQTube.APIKey))
	}
	assert.Len(t, sb.Requests(sandboxtest.Filter{API: "qqtube", Operation: "funds"}), 4)
}

// Calls without a credential are the test's own, too.
func TestNothingIsShared(t *testing.T) {
	t.Parallel()
	a, b := sandboxtest.New(t), sandboxtest.New(t)
	for _, sb := range []*sandboxtest.Sandbox{a, b} {
		get(t, sb, "https://alivc-demo.aliyuncs.com/demo/getSts")
		assert.Len(t, sb.Requests(sandboxtest.Filter{Operation: "demoGetSts"}), 1)
	}
	assert.NotEqual(t, a.Tenant(), b.Tenant())
	assert.NotEqual(t, a.QQTube, b.QQTube)
	assert.NotEqual(t, a.Polyv, b.Polyv)
	assert.NotEqual(t, a.Cliparto, b.Cliparto)
	assert.NotEqual(t, a.Qulive, b.Qulive)
	assert.NotEqual(t, a.Interstream, b.Interstream)
	assert.Contains(t, get(t, a, strings.Replace(funds(a), a.QQTube.APIKey, b.QQTube.APIKey, 1)), "Invalid API key", "a credential of another test is no credential")
	order(t, a)
	assert.Equal(t, `{"funds":"508.60"}`, get(t, b, funds(b)))
	a.Clock.Freeze()
	a.Clock.Advance(time.Hour)
	assert.Less(t, time.Until(b.Clock.Now()).Abs(), time.Minute)
}

// Many at once, each with calls of its own: run with -race.
func TestParallel(t *testing.T) {
	t.Parallel()
	n := 1000
	if testing.Short() {
		n = 50
	}
	var wg sync.WaitGroup
	for range n {
		wg.Go(func() {
			sb := sandboxtest.New(t)
			order(t, sb)
			assert.Equal(t, `{"funds":"508.00"}`, get(t, sb, funds(sb)))
			assert.Len(t, sb.Requests(sandboxtest.Filter{}), 2)
			sb.Clock.Advance(time.Hour)
			sb.Reset()
			assert.Empty(t, sb.Requests(sandboxtest.Filter{}))
			assert.Equal(t, `{"funds":"508.60"}`, get(t, sb, funds(sb)))
		})
	}
	wg.Wait()
}

func TestPort(t *testing.T) {
	t.Parallel()
	sb := sandboxtest.New(t)
	before := sb.BaseURL("qqtube")
	base := sb.URL()
	assert.Equal(t, base, sb.URL(), "one port")
	assert.Equal(t, base+"/qqtube", sb.BaseURL("qqtube"))

	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	assert.Equal(t, `{"funds":"508.60"}`, getWith(t, client, funds(sb)))
	assert.Equal(t, `{"funds":"508.60"}`, get(t, sb, funds(sb)), "the client goes on in process")
	assert.Equal(t, `{"funds":"508.60"}`, get(t, sb, before+"/v1-api?action=funds&api_key="+sb.QQTube.APIKey))
	getWith(t, client, sb.BaseURL("qulive")+"/demo/getSts")
	assert.Len(t, sb.Requests(sandboxtest.Filter{Operation: "demoGetSts"}), 1)
	assert.Equal(t, `{"status":"ready"}`+"\n", getWith(t, client, base+"/readyz"))

	environ := sb.Environ()
	for _, want := range []string{
		"SANDBOX_URL=" + base, "SANDBOX_TENANT=" + sb.Tenant(),
		"QQTUBE_BASE_URL=" + base + "/qqtube", "QQTUBE_API_KEY=" + sb.QQTube.APIKey,
		"POLYV_USERID=" + sb.Polyv.UserID, "POLYV_SECRETKEY=" + sb.Polyv.SecretKey,
		"CLIPARTO_ID=" + sb.Cliparto.ID, "CLIPARTO_API_CODE=" + sb.Cliparto.APICode,
		"QULIVE_USERNAME=" + sb.Qulive.Username, "QULIVE_PASSWORD=" + sb.Qulive.Password, "QULIVE_TOKEN=" + sb.Qulive.Token,
		"QULIVE_CALLBACK_KEY=" + sb.Qulive.CallbackKey, "QULIVE_CALLBACK_URL=" + base + "/qulive/vodcallback/callback",
		"INTERSTREAM_KEY=" + sb.Interstream.Key, "INTERSTREAM_SECRET=" + sb.Interstream.Secret,
	} {
		assert.Contains(t, environ, want)
	}
}

// The port is gone with the test.
func TestPortIsClosed(t *testing.T) {
	var target string
	var client *http.Client
	t.Run("test", func(t *testing.T) {
		sb := sandboxtest.New(t)
		sb.URL()
		client, target = sb.Client(), funds(sb)
		get(t, sb, target)
	})
	transport := &http.Transport{DisableKeepAlives: true}
	_, err := (&http.Client{Transport: transport}).Get(target)
	require.Error(t, err)
	_, err = client.Get(target)
	require.Error(t, err)
}

func TestClock(t *testing.T) {
	t.Parallel()
	sb := sandboxtest.New(t)
	noon := time.Date(2024, 2, 29, 12, 0, 0, 0, time.UTC)
	sb.Clock.Set(noon)
	sb.Clock.Freeze()
	sb.Clock.Set(noon)
	assert.Equal(t, noon, sb.Clock.Now())
	id := order(t, sb)
	var fired []sandboxtest.Event
	for range 1000 {
		if fired = append(fired, sb.Clock.Advance(time.Hour)...); len(fired) > 0 {
			break
		}
	}
	require.Len(t, fired, 1)
	assert.Equal(t, "qqtube", fired[0].API)
	assert.Equal(t, "order-completed", fired[0].Kind)
	assert.Equal(t, id, fired[0].ID)
	assert.True(t, fired[0].At.After(noon) && !fired[0].At.After(sb.Clock.Now()))
	assert.Empty(t, sb.Clock.Set(noon), "nothing falls due backwards")
	sb.Clock.Reset()
	assert.Less(t, time.Until(sb.Clock.Now()).Abs(), time.Minute)
}

func TestForce(t *testing.T) {
	t.Parallel()
	sb := sandboxtest.New(t)
	sb.Force("qqtube", "funds", "invalid-api-key")
	sb.Force("qqtube", "funds", "internal-error")
	sb.ForceTimes("polyv", "clip", "internal-error", 2)
	assert.Contains(t, get(t, sb, funds(sb)), "Invalid API key")
	res, err := sb.Client().Get(funds(sb))
	require.NoError(t, err)
	res.Body.Close()
	assert.Equal(t, http.StatusInternalServerError, res.StatusCode)
	assert.Equal(t, `{"funds":"508.60"}`, get(t, sb, funds(sb)), "then all is as it was")
	clip := sb.BaseURL("polyv") + "/v2/video/" + sb.Polyv.UserID + "/clip"
	first, second, third := get(t, sb, clip), get(t, sb, clip), get(t, sb, clip)
	assert.Equal(t, first, second)
	assert.Contains(t, first, `"code":500`)
	assert.Contains(t, third, "sign can not be empty.")
	assert.Len(t, sb.Requests(sandboxtest.Filter{Outcome: "internal-error"}), 3)

	sb.ForceTimes("qqtube", "funds", "internal-error", 5)
	sb.ClearFaults()
	assert.Equal(t, `{"funds":"508.60"}`, get(t, sb, funds(sb)))
}

func TestFaults(t *testing.T) {
	t.Parallel()
	sb := sandboxtest.New(t)
	for _, kind := range []string{"reset", "empty"} {
		remove := sb.Fault(sandboxtest.Fault{API: "qqtube", Kind: kind})
		_, err := sb.Client().Get(funds(sb))
		require.Error(t, err, kind)
		remove()
		remove()
	}
	sb.Fault(sandboxtest.Fault{Kind: "truncate", Times: 1})
	res, err := sb.Client().Get(funds(sb))
	require.NoError(t, err)
	_, err = io.ReadAll(res.Body)
	res.Body.Close()
	require.ErrorIs(t, err, io.ErrUnexpectedEOF)

	// A client with a timeout gives up; the next one waits.
	sb.Fault(sandboxtest.Fault{Name: "late", Delay: time.Minute})
	client := *sb.Client()
	client.Timeout = 20 * time.Millisecond
	_, err = client.Get(funds(sb))
	assert.True(t, os.IsTimeout(errors.Unwrap(err)) || os.IsTimeout(err), "%v", err)
	sb.Fault(sandboxtest.Fault{Name: "late", Delay: time.Millisecond}) // in place of the other
	assert.Equal(t, `{"funds":"508.60"}`, get(t, sb, funds(sb)))

	sb.ClearFaults()
	sb.Fault(sandboxtest.Fault{Status: 503, Skip: 1, Times: 1})
	for _, want := range []int{200, 503, 200} {
		res, err := sb.Client().Get(funds(sb))
		require.NoError(t, err)
		res.Body.Close()
		assert.Equal(t, want, res.StatusCode)
	}
	assert.Len(t, sb.Requests(sandboxtest.Filter{Status: 503}), 1)
}

func TestState(t *testing.T) {
	t.Parallel()
	sb := sandboxtest.New(t)
	before := sb.State("qqtube").JSON()
	order(t, sb)
	var world map[string]any
	sb.State("qqtube").Get(&world)
	require.NotEmpty(t, world)
	var some struct{ Funds string }
	sb.State("qqtube").Get(&some)
	assert.Equal(t, "508.00", some.Funds)
	world["funds"] = "1.00"
	sb.State("qqtube").Put(world)
	assert.Equal(t, `{"funds":"1.00"}`, get(t, sb, funds(sb)))
	sb.State("qqtube").PutJSON(before)
	assert.Equal(t, `{"funds":"508.60"}`, get(t, sb, funds(sb)))

	// What the vendor does and no call of its API.
	id := order(t, sb)
	sandboxtest.Change(sb, func(w *qqtube.World, now time.Time) error { return w.Refund(id, "0.60", now) })
	assert.Contains(t, get(t, sb, sb.BaseURL("qqtube")+"/v1-api?action=stats&id_service_submission="+id+"&api_key="+sb.QQTube.APIKey), `"id_status":"8"`)
	sandboxtest.Change(sb, func(*qulive.World, time.Time) error { return nil })
}

func TestRequests(t *testing.T) {
	t.Parallel()
	sb := sandboxtest.New(t)
	order(t, sb)
	get(t, sb, funds(sb)+"&colour=red")
	all := sb.Requests(sandboxtest.Filter{API: "qqtube"})
	require.Len(t, all, 2)
	add := all[0]
	assert.Equal(t, "add", add.Operation)
	assert.Equal(t, "added", add.Outcome)
	assert.Equal(t, []string{"added"}, add.Outcomes)
	assert.Equal(t, "POST", add.Method)
	assert.Equal(t, "30", add.Param("id_service"))
	assert.Equal(t, "***", add.Param("api_key"), "secrets are masked")
	assert.Empty(t, add.Param("nothing"))
	assert.Equal(t, "application/x-www-form-urlencoded", add.Header.Get("Content-Type"))
	assert.Contains(t, add.Reply, `"status":"success"`)
	assert.Equal(t, 200, add.Status)
	assert.Equal(t, []string{"colour"}, all[1].Undeclared)
	assert.Equal(t, "red", all[1].Param("colour"))

	go func() {
		res, err := sb.Client().Get(funds(sb))
		if err == nil {
			res.Body.Close()
		}
	}()
	assert.Len(t, sb.Wait(sandboxtest.Filter{Operation: "funds"}, 2, 10*time.Second), 2)
}

func TestCoverage(t *testing.T) {
	t.Parallel()
	sb := sandboxtest.New(t)
	assert.Zero(t, sb.Coverage().Met)
	order(t, sb)
	c := sb.Coverage()
	assert.Equal(t, 1, c.Met)
	assert.Positive(t, c.Percent)
	assert.Contains(t, c.Failures, "qqtube add: service-unknown")
	assert.Contains(t, c.NotCalled, "qqtube funds")
}

func TestOptions(t *testing.T) {
	t.Parallel()
	sb := sandboxtest.New(t, sandboxtest.Setting("qqtube.error-key", "message"), sandboxtest.Setting("cliparto.limits", "off"))
	assert.Contains(t, get(t, sb, sb.BaseURL("qqtube")+"/v1-api"), `"message":[`)

	a, b := sandboxtest.New(t), sandboxtest.New(t, sandboxtest.Seed(7))
	assert.NotEqual(t, danmu(t, a), danmu(t, b))

	// The default tenant, with the objects of the vendors' pages.
	examples := sandboxtest.New(t, sandboxtest.VendorExamples(), sandboxtest.Setting("qqtube.error-key", "message"))
	assert.Equal(t, "172a1c261d1d84916d9e7321153d0416acab98fc", examples.QQTube.APIKey)
	assert.Equal(t, "default", examples.Tenant())
	assert.Contains(t, get(t, examples, "https://www.qqtube.com/v1-api?action=stats&id_service_submission=123456&api_key="+examples.QQTube.APIKey), `"yPslBGjuRL0"`)
	assert.Contains(t, get(t, examples, examples.BaseURL("qqtube")+"/v1-api"), `"message":[`)
	other := sandboxtest.New(t, sandboxtest.VendorExamples())
	assert.Empty(t, other.Requests(sandboxtest.Filter{}))
}

func danmu(t *testing.T, sb *sandboxtest.Sandbox) string {
	t.Helper()
	var world struct {
		Users []struct{ Danmu json.RawMessage }
	}
	sb.State("polyv").Get(&world)
	require.NotEmpty(t, world.Users)
	return string(world.Users[0].Danmu)
}

// A test's data follow from its name, whatever ran before it.
func TestDataAreTheSameInEveryRun(t *testing.T) {
	var keys []string
	for range 2 {
		t.Run("name", func(t *testing.T) { keys = append(keys, sandboxtest.New(t).QQTube.APIKey) })
	}
	assert.Len(t, keys, 2)
	first := &record{name: "TestX"}
	second := &record{name: "TestX"}
	a := sandboxtest.New(first)
	inBetween := sandboxtest.New(second)
	assert.NotEqual(t, a.QQTube, inBetween.QQTube)
	key := a.QQTube.APIKey
	first.end()
	second.end()
	assert.Equal(t, key, sandboxtest.New(first).QQTube.APIKey)
	first.end()
}

func BenchmarkNew(b *testing.B) {
	r := &record{name: b.Name()}
	sandboxtest.New(r)
	r.end()
	b.ReportAllocs()
	for b.Loop() {
		sandboxtest.New(r)
		r.end()
	}
}

// BenchmarkTest is a whole test: a sandbox, a call, the end.
func BenchmarkTest(b *testing.B) {
	r := &record{name: b.Name()}
	b.ReportAllocs()
	for b.Loop() {
		sb := sandboxtest.New(r)
		get(b, sb, funds(sb))
		r.end()
	}
}

func BenchmarkCall(b *testing.B) {
	sb := sandboxtest.New(b)
	target := funds(sb)
	b.ReportAllocs()
	for b.Loop() {
		get(b, sb, target)
	}
}

// record is a test that somebody else looks at.
type record struct {
	name     string
	failed   bool
	log      strings.Builder
	cleanups []func()
}

// fatal is how a record leaves a function.
type fatal struct{}

func (r *record) Helper()      {}
func (r *record) Name() string { return r.name }
func (r *record) Failed() bool { return r.failed }
func (r *record) Logf(format string, args ...any) {
	fmt.Fprintf(&r.log, format+"\n", args...)
}
func (r *record) Errorf(format string, args ...any) {
	r.Logf(format, args...)
	r.failed = true
}
func (r *record) Fatalf(format string, args ...any) {
	r.Errorf(format, args...)
	panic(fatal{})
}
func (r *record) Cleanup(f func()) { r.cleanups = append(r.cleanups, f) }

func (r *record) end() {
	for len(r.cleanups) > 0 {
		f := r.cleanups[len(r.cleanups)-1]
		r.cleanups = r.cleanups[:len(r.cleanups)-1]
		f()
	}
}

// run runs f as a test would, and ends it.
func (r *record) run(f func()) {
	defer r.end()
	defer func() {
		if p := recover(); p != nil && p != any(fatal{}) {
			panic(p)
		}
	}()
	f()
}
