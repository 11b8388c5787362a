package cliparto

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/mediasandbox/sandbox/fakes"
	"github.com/mediasandbox/sandbox/fakes/fakestest"
)

// step is a request some time after the one before, and what becomes of it.
type step struct {
	after time.Duration
	op    string
	ext   string
	want  string
}

func TestLimits(t *testing.T) {
	const (
		amount = "amount"
		count  = "count"
		often  = "too-frequent"
		again  = "repeated"
	)
	rows := []struct {
		name  string
		steps []step
	}{
		{"exactly 20 seconds later", []step{{0, "BalanceCurrent", "", amount}, {20 * time.Second, "EarningsTotal", "", amount}}},
		{"19.999 seconds later", []step{{0, "BalanceCurrent", "", amount}, {20*time.Second - time.Millisecond, "EarningsTotal", "", often}}},
		{"one nanosecond too early", []step{{0, "BalanceCurrent", "", amount}, {20*time.Second - 1, "EarningsTotal", "", often}}},
		{"at once", []step{{0, "BalanceCurrent", "", amount}, {0, "EarningsTotal", "", often}}},
		{"exactly one hour later", []step{{0, "BalanceCurrent", "", amount}, {time.Hour, "BalanceCurrent", "", amount}}},
		{"just under an hour later", []step{{0, "BalanceCurrent", "", amount}, {time.Hour - 1, "BalanceCurrent", "", again}}},
		{"too frequent does not count for the pace", []step{
			{0, "BalanceCurrent", "", amount}, {10 * time.Second, "EarningsTotal", "", often}, {10 * time.Second, "EarningsTotal", "", amount},
		}},
		{"too frequent does not count for the hour", []step{
			{0, "BalanceCurrent", "", amount}, {10 * time.Second, "EarningsTotal", "", often}, {15 * time.Second, "EarningsTotal", "", amount},
		}},
		{"repeated does not count for the pace", []step{
			{0, "BalanceCurrent", "", amount}, {30 * time.Second, "BalanceCurrent", "", again}, {0, "EarningsTotal", "", amount},
		}},
		{"repeated does not begin the hour anew", []step{
			{0, "BalanceCurrent", "", amount}, {59 * time.Minute, "BalanceCurrent", "", again}, {time.Minute, "BalanceCurrent", "", amount},
		}},
		{"the pace is asked first", []step{{0, "BalanceCurrent", "", amount}, {time.Second, "BalanceCurrent", "", often}}},
		{"another ext is another request", []step{
			{0, "DownloadsList", "1", "downloads-listed"}, {20 * time.Second, "DownloadsList", "2", "downloads-listed"},
			{20 * time.Second, "DownloadsList", "1", again},
		}},
		{"an ext that is ignored tells requests apart", []step{{0, "ImagesTotal", "", count}, {20 * time.Second, "ImagesTotal", "1", count}, {20 * time.Second, "ImagesTotal", "1", again}}},
		{"an empty ext is none", []step{{0, "DownloadsList", "", "downloads-listed"}, {20 * time.Second, "DownloadsList", "-empty", again}}},
		{"a bad ext counts for both", []step{
			{0, "DownloadsList", "abc", "ext-malformed"}, {time.Second, "EarningsTotal", "", often}, {30 * time.Second, "DownloadsList", "abc", again},
		}},
		{"what is not found counts", []step{{0, "ImageData", "1", "not-found"}, {20 * time.Second, "ImageData", "1", again}}},
		{"a missing ext counts", []step{{0, "ImageData", "", "ext-missing"}, {20 * time.Second, "ImageData", "", again}}},
		{"a day of work", []step{
			{0, "BalanceCurrent", "", amount}, {30 * time.Minute, "EarningsTotal", "", amount}, {30 * time.Minute, "BalanceCurrent", "", amount},
			{29 * time.Minute, "EarningsTotal", "", again}, {time.Minute, "EarningsTotal", "", amount}, {29 * time.Minute, "BalanceCurrent", "", again},
		}},
		{"a clock set back", []step{{0, "BalanceCurrent", "", amount}, {-time.Hour, "BalanceCurrent", "", amount}, {time.Second, "EarningsTotal", "", often}}},
	}
	for _, r := range rows {
		t.Run(r.name, func(t *testing.T) {
			b := fakestest.New(t, API())
			for i, s := range r.steps {
				b.Host.Default().Clock.Advance(s.after)
				reply := b.Call(s.op, args(s.ext))
				assert.Equal(t, s.want, reply.Outcome, "step %d", i)
			}
		})
	}
}

func args(ext string) map[string]string {
	switch ext {
	case "":
		return nil
	case "-empty":
		return map[string]string{"ext": ""}
	}
	return map[string]string{"ext": ext}
}

// What is refused for id, q or hash was never asked.
func TestRefusedBeforeTheLimits(t *testing.T) {
	b := fakestest.New(t, API())
	tenant := b.Host.Default()
	signed := func() *fakestest.Request {
		return b.Sign(b.Request("BalanceCurrent", nil), b.Credential(tenant), tenant.Clock.Now())
	}
	for _, change := range []struct{ name, value, want string }{
		{"id", "", "id-missing"}, {"id", "1", "user-unknown"}, {"q", "", "q-missing"}, {"q", "x", "q-unknown"}, {"md5", "", "md5-missing"}, {"md5", "x", "md5-wrong"},
	} {
		r := signed()
		for i := range r.Values {
			if r.Values[i].Name == change.name {
				r.Values[i].Value = change.value
			}
		}
		assert.Equal(t, change.want, b.Send(r).Outcome)
	}
	assert.Equal(t, "amount", b.Send(signed()).Outcome)
}

func TestLimitsOff(t *testing.T) {
	b := fakestest.New(t, API(), fakestest.With("cliparto", "limits", "off"))
	for range 3 {
		assert.Equal(t, "amount", b.Call("BalanceCurrent", nil).Outcome)
	}
	for _, s := range API().Settings {
		assert.Equal(t, "on", s.Default)
		require.NoError(t, s.Check("on"))
		require.NoError(t, s.Check("off"))
		assert.Error(t, s.Check("maybe"))
	}
}

func TestMemoryIsBounded(t *testing.T) {
	b := fakestest.New(t, API())
	ext := strings.Repeat("x", 5000)
	for i := range 3 * maxAsked {
		reply := b.Call("ImageIDByFileName", map[string]string{"ext": fmt.Sprint(i) + ext})
		require.Equal(t, "not-found", reply.Outcome, i)
		b.Host.Default().Clock.Advance(pace)
	}
	require.NoError(t, b.Host.With(b.Host.Default(), "cliparto", func(w fakes.World, _ time.Time) error {
		asked := w.(*World).Asked["176050"]
		assert.LessOrEqual(t, len(asked), maxAsked)
		for _, a := range asked {
			assert.Less(t, len(a.Ext), 129)
		}
		return nil
	}))
}

func TestFingerprint(t *testing.T) {
	long := strings.Repeat("y", 129)
	assert.Equal(t, "red apple", fingerprint("red apple"))
	assert.Empty(t, fingerprint(""))
	assert.NotEqual(t, fingerprint(long), fingerprint(long+"y"))
	assert.NotEqual(t, fingerprint(long), fingerprint(fingerprint(long)), "what looks like a fingerprint has another")
}
