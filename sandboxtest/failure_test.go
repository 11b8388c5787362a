package sandboxtest_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/mediasandbox/sandbox/fakes"
	"github.com/mediasandbox/sandbox/fakes/qqtube"
	"github.com/mediasandbox/sandbox/sandboxtest"
)

// A failing test tells what its client sent and got, why a signature was refused, and no
// secret.
func TestStoryOfAFailure(t *testing.T) {
	r := &record{name: "TestClip"}
	var secret, id string
	r.run(func() {
		sb := sandboxtest.New(r)
		secret, id = sb.Polyv.SecretKey, sb.Polyv.UserID
		sb.Clock.Set(time.UnixMilli(1492591990000))
		sb.Clock.Freeze()
		sb.Clock.Set(time.UnixMilli(1492591990000))
		get(t, sb, sb.BaseURL("polyv")+"/v2/danmu/"+id+"?ptime=1492591990000&numPerPages=5&sign=abc")
		sb.Force("qqtube", "funds", "internal-error")
		get(t, sb, funds(sb))
		r.Errorf("not what was expected")
	})
	text := r.log.String()
	t.Log(text)
	assert.Contains(t, text, "sandboxtest: the sandbox (tenant testclip-")
	assert.Contains(t, text, "#1 polyv danmuList → sign-wrong (2017-04-19 08:53:10.000)")
	assert.Contains(t, text, "GET http://sandbox.invalid/polyv/v2/danmu/"+id+"?ptime=1492591990000&numPerPages=5&sign=***")
	assert.Contains(t, text, `{"code":400,"status":"error","message":"the sign is not right.","data":""}`)
	assert.Contains(t, text, "the contract knows no parameter numPerPages there")
	assert.Contains(t, text, "to sign:  numPerPages=5&ptime=1492591990000<secret>")
	assert.Contains(t, text, "digest-malformed")
	assert.Contains(t, text, "#2 qqtube funds → internal-error, HTTP 500, fault forced-1")
	assert.NotContains(t, text, secret)
}

func TestStoryIsBounded(t *testing.T) {
	r := &record{name: "TestMany"}
	r.run(func() {
		sb := sandboxtest.New(r)
		for range 30 {
			get(t, sb, funds(sb))
		}
		r.Errorf("no")
	})
	assert.Contains(t, r.log.String(), "answered 30 requests, the last 20 of them:\n#11 ")
	assert.NotContains(t, r.log.String(), "#10 ")
}

// A test that succeeds, or that called nothing, prints nothing.
func TestNoStory(t *testing.T) {
	r := &record{name: "TestGood"}
	r.run(func() { sb := sandboxtest.New(r); get(t, sb, funds(sb)) })
	assert.Empty(t, r.log.String())
	r.run(func() { sandboxtest.New(r); r.Errorf("no") })
	assert.Equal(t, "no\n", r.log.String())
}

// A reply outside the contract is a defect of the sandbox, and fails the test that met it.
func TestBreachFailsTheTest(t *testing.T) {
	r, beside := &record{name: "TestBreach"}, &record{name: "TestOther"}
	other := sandboxtest.New(beside)
	r.run(func() {
		sb := sandboxtest.New(r)
		// A state that no call leads to: funds are never negative, says the contract.
		sandboxtest.Change(sb, func(w *qqtube.World, _ time.Time) error { w.Funds = -1; return nil })
		get(t, sb, funds(sb))
		get(t, other, funds(other))
	})
	beside.end()
	assert.False(t, beside.failed)
	assert.True(t, r.failed)
	assert.Contains(t, r.log.String(), "a reply of the sandbox is outside the contract, which is a defect of the sandbox: qqtube funds")
	assert.Contains(t, r.log.String(), "#1 qqtube funds → ")
}

// Wrong use ends the test, with words that help.
func TestMisuse(t *testing.T) {
	for name, c := range map[string]struct {
		use  func(*record, *sandboxtest.Sandbox)
		want string
	}{
		"API":       {func(_ *record, sb *sandboxtest.Sandbox) { sb.BaseURL("youtube") }, `there is no API "youtube"`},
		"state":     {func(_ *record, sb *sandboxtest.Sandbox) { sb.State("youtube") }, `there is no API "youtube"`},
		"outcome":   {func(_ *record, sb *sandboxtest.Sandbox) { sb.Force("polyv", "clip", "sign-wrog") }, `did you mean "sign-wrong"?`},
		"operation": {func(_ *record, sb *sandboxtest.Sandbox) { sb.Force("polyv", "clib", "sign-wrong") }, `"clib"`},
		"times":     {func(_ *record, sb *sandboxtest.Sandbox) { sb.ForceTimes("polyv", "clip", "sign-wrong", 0) }, "0 times"},
		"fault":     {func(_ *record, sb *sandboxtest.Sandbox) { sb.Fault(sandboxtest.Fault{}) }, "kind is missing"},
		"count":     {func(_ *record, sb *sandboxtest.Sandbox) { sb.Fault(sandboxtest.Fault{Kind: "reset", Times: -1}) }, "are counts"},
		"chance":    {func(_ *record, sb *sandboxtest.Sandbox) { sb.Fault(sandboxtest.Fault{Kind: "reset", Chance: 2}) }, "chance"},
		"get":       {func(_ *record, sb *sandboxtest.Sandbox) { var n int; sb.State("qqtube").Get(&n) }, `State("qqtube").Get`},
		"put":       {func(_ *record, sb *sandboxtest.Sandbox) { sb.State("qqtube").Put(map[string]any{"colour": 1}) }, `world has no field "colour"`},
		"put what":  {func(_ *record, sb *sandboxtest.Sandbox) { sb.State("qqtube").Put(make(chan int)) }, "unsupported type"},
		"put JSON":  {func(_ *record, sb *sandboxtest.Sandbox) { sb.State("qqtube").PutJSON([]byte(`{}`)) }, `"world" is missing`},
		"world": {func(_ *record, sb *sandboxtest.Sandbox) {
			sandboxtest.Change(sb, func(*noWorld, time.Time) error { return nil })
		}, "no API has a world of the type *sandboxtest_test.noWorld"},
		"change": {func(_ *record, sb *sandboxtest.Sandbox) {
			sandboxtest.Change(sb, func(*qqtube.World, time.Time) error { return fmt.Errorf("not so") })
		}, "Change: not so"},
		"wait": {func(_ *record, sb *sandboxtest.Sandbox) {
			sb.Wait(sandboxtest.Filter{API: "polyv"}, 1, time.Millisecond)
		}, "0 requests came within 1ms, not 1"},
		"setting": {func(r *record, _ *sandboxtest.Sandbox) {
			sandboxtest.New(r, sandboxtest.Setting("qqtube.error-keys", "x"))
		}, "qqtube.error-key"},
	} {
		t.Run(name, func(t *testing.T) {
			r := &record{name: "TestMisuse"}
			r.run(func() { c.use(r, sandboxtest.New(r)) })
			assert.True(t, r.failed)
			assert.Contains(t, r.log.String(), c.want)
		})
	}
}

type noWorld struct{}

func (*noWorld) Handlers() fakes.Handlers { return nil }
