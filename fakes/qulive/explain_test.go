package qulive_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/mediasandbox/sandbox/fakes"
	"github.com/mediasandbox/sandbox/fakes/fakestest"
	"github.com/mediasandbox/sandbox/internal/clock"
	"github.com/mediasandbox/sandbox/signature"
)

// inspect returns the outcome of a request that is only looked at, and its mistakes.
func inspect(b *fakestest.Bench, r *http.Request, in fakes.Inspection) (outcome string, mistakes []string) {
	b.T.Helper()
	x, err := b.Host.Inspect(r, in)
	require.NoError(b.T, err)
	e, ok := x.Explain()
	assert.Equal(b.T, x.Outcome, e.Refusal)
	assert.Equal(b.T, ok && x.Outcome == "", e.Accepted)
	for _, m := range e.Mistakes {
		mistakes = append(mistakes, m.Name)
	}
	return x.Outcome, mistakes
}

// Why a token is refused is known before the call, and is what the call says.
func TestExplainTokens(t *testing.T) {
	b := bench(t)
	fresh := login(t, b, "demo", "demo")
	for _, row := range []struct {
		name, token string
		after       time.Duration
		mistakes    []string
	}{
		{"the tenant's own", ownToken(b), 0, nil},
		{"given out", fresh, 0, nil},
		{"at its end", fresh, 30 * 24 * time.Hour, []string{"token-expired"}},
		{"not given out", ownToken(b) + "0", 0, []string{"token-unknown"}},
		{"cut off", fresh[:12], 0, []string{"token-short"}},
		{"none", "", 0, []string{"token-missing"}},
	} {
		t.Run(row.name, func(t *testing.T) {
			r := b.Request("vodGetSts", args{"token": row.token})
			outcome, mistakes := inspect(b, r.HTTP("qulive"), fakes.Inspection{At: b.Host.Default().Clock.Now().Add(row.after)})
			assert.Equal(t, row.mistakes, mistakes)
			if row.after == 0 {
				sent := b.Send(r).Outcome
				assert.Equal(t, sent == "token-refused", outcome == "token-refused", sent)
			}
		})
	}
	t.Run("of another sandbox, whose state nobody knows", func(t *testing.T) {
		r := b.Request("vodGetSts", args{"token": ownToken(b) + "0"})
		_, mistakes := inspect(b, r.HTTP("qulive"), fakes.Inspection{Stateless: true})
		assert.Empty(t, mistakes)
	})
	t.Run("where none is wanted", func(t *testing.T) {
		x, err := b.Host.Inspect(b.Request("demoGetSts", nil).HTTP("qulive"), fakes.Inspection{})
		require.NoError(t, err)
		_, ok := x.Explain()
		assert.False(t, ok)
	})
}

// To look at a request makes no world: one that was not used yet begins with its first
// call, and so does the life of its first token.
func TestExplainMakesNoWorld(t *testing.T) {
	b := bench(t)
	r := b.Request("vodGetSts", args{"token": ownToken(b)})
	outcome, _ := inspect(b, r.HTTP("qulive"), fakes.Inspection{})
	assert.Empty(t, outcome)
	later := b.Host.Default().Clock.Now().Add(365 * 24 * time.Hour)
	_, err := b.Host.PutClock(b.Host.Default(), func(c *clock.Clock) { c.Set(later, false) })
	require.NoError(t, err)
	assert.NotEqual(t, "token-refused", b.Send(r).Outcome)
}

// Why the signature of an event is refused.
func TestExplainNotifications(t *testing.T) {
	b := bench(t)
	other, err := b.Host.AddTenant(fakes.NewTenant{ID: "team-a"})
	require.NoError(t, err)
	body := event{"EventType": "SnapshotComplete", "VideoId": "v", "Status": "success"}
	signed := func() *fakestest.Request {
		r := b.Request("vodCallback", nil)
		notify(b, r, body)
		return r
	}
	key := b.Host.Default().Accounts("qulive")[0].Credential["callback_key"]
	for _, row := range []struct {
		name     string
		change   func(r *fakestest.Request)
		outcome  string
		mistakes []string
	}{
		{"right", func(*fakestest.Request) {}, "", nil},
		{"no timestamp", func(r *fakestest.Request) { r.Header.Del("X-VOD-TIMESTAMP") }, "timestamp-missing", []string{"timestamp-missing", "digest-unexplained"}},
		{"no signature", func(r *fakestest.Request) { r.Header.Del("X-VOD-SIGNATURE") }, "signature-missing", []string{"signature-missing"}},
		{"upper case", func(r *fakestest.Request) {
			r.Header.Set("X-VOD-SIGNATURE", strings.ToUpper(r.Header.Get("X-VOD-SIGNATURE")))
		}, "signature-wrong", []string{"digest-upper-case"}},
		{"another host", func(r *fakestest.Request) {
			r.Header.Set("X-VOD-SIGNATURE", signature.AliyunCallback("http://localhost:7311/qulive/vodcallback/callback", "1700000000", key))
		}, "signature-wrong", []string{"url-host"}},
		{"another tenant's URL and key", func(r *fakestest.Request) { notifyAs(b, other, r, body) }, "signature-wrong", []string{"digest-unexplained"}},
		{"another tenant's key", func(r *fakestest.Request) {
			r.Header.Set("X-VOD-SIGNATURE", signature.AliyunCallback("http://127.0.0.1:7311/qulive/vodcallback/callback", "1700000000",
				other.Accounts("qulive")[0].Credential["callback_key"]))
		}, "signature-wrong", []string{"key-of-another-tenant"}},
	} {
		t.Run(row.name, func(t *testing.T) {
			r := signed()
			row.change(r)
			outcome, mistakes := inspect(b, r.HTTP("qulive"), fakes.Inspection{})
			assert.Equal(t, row.outcome, outcome)
			assert.Equal(t, row.mistakes, mistakes)
			if sent := b.Send(r).Outcome; row.outcome != "" {
				assert.Equal(t, row.outcome, sent)
			}
		})
	}
	t.Run("another key", func(t *testing.T) {
		outcome, _ := inspect(b, signed().HTTP("qulive"), fakes.Inspection{Secret: "hush"})
		assert.Equal(t, "signature-wrong", outcome)
		r := b.Request("vodCallback", nil)
		r.Header.Set("X-VOD-TIMESTAMP", "1")
		r.Header.Set("X-VOD-SIGNATURE", signature.AliyunCallback("http://127.0.0.1:7311/qulive/vodcallback/callback", "1", "hush"))
		outcome, _ = inspect(b, r.HTTP("qulive"), fakes.Inspection{Secret: "hush"})
		assert.Empty(t, outcome)
	})
	t.Run("unchecked", func(t *testing.T) {
		b := bench(t, fakestest.With("qulive", "callback-signature", "off"))
		x, err := b.Host.Inspect(b.Request("vodCallback", nil).HTTP("qulive"), fakes.Inspection{})
		require.NoError(t, err)
		_, ok := x.Explain()
		assert.False(t, ok)
		assert.Empty(t, x.Outcome)
	})
}

// The header says it, too, for calls and for events.
func TestExplainHeader(t *testing.T) {
	b := bench(t, func(c *fakes.Config) { c.ExplainHeader = true })
	r := b.Send(b.Request("vodGetSts", args{"token": ownToken(b)[:12]}))
	assert.Equal(t, "token-refused; token-short: Send the token whole.", r.Header().Get("Sandbox-Explain"))
	event := b.Request("vodCallback", nil)
	event.Header.Set("X-VOD-TIMESTAMP", "1700000000")
	event.Header.Set("X-VOD-SIGNATURE", "00")
	r = b.Send(event)
	assert.Equal(t, "signature-wrong; digest-malformed: Send the MD5 digest, whole, as lower-case hexadecimal digits.", r.Header().Get("Sandbox-Explain"))
	r = as(b, ownToken(b), "deleteVideoById", nil)
	assert.Empty(t, r.Header().Get("Sandbox-Explain"), "not the token's fault")
}
