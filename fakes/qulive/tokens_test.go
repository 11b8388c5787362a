package qulive

import (
	"math/rand/v2"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/mediasandbox/sandbox/fakes"
)

var born = time.Date(2026, 3, 18, 12, 0, 0, 0, time.UTC)

func fresh(t *testing.T) (*World, *fakes.Call) {
	t.Helper()
	env := fakes.Env{Tenant: "default", Default: true, Seed: 7, Born: born}
	w, ok := API().New(env).(*World)
	require.True(t, ok)
	return w, &fakes.Call{Now: born, Rand: rand.New(rand.NewPCG(1, 2))}
}

func TestOldestTokensAreForgotten(t *testing.T) {
	w, c := fresh(t)
	u := w.userByName["demo"]
	first := w.issueToken(c, u)
	second := w.issueToken(c, u)
	for len(w.Tokens) < maxTokens {
		w.issueToken(c, u)
	}
	assert.Contains(t, w.tokens, first)
	last := w.issueToken(c, u)
	assert.NotContains(t, w.tokens, first)
	assert.Contains(t, w.tokens, second)
	assert.Contains(t, w.tokens, last)
	assert.Contains(t, w.tokens, w.own, "the credentials' token stays")
	assert.Len(t, w.tokens, maxTokens)
	assert.Len(t, w.Tokens, maxTokens)
}

func TestExpiredTokensAreForgotten(t *testing.T) {
	w, c := fresh(t)
	u := w.userByName["demo"]
	for range 10 {
		w.issueToken(c, u)
	}
	c.Now = born.Add(tokenLife - time.Nanosecond)
	w.issueToken(c, u)
	assert.Len(t, w.Tokens, 12)
	c.Now = born.Add(tokenLife)
	w.issueToken(c, u)
	assert.Len(t, w.Tokens, 2)
	assert.Len(t, w.tokens, 2)
}

func TestBounds(t *testing.T) {
	w, c := fresh(t)
	refused := func(err error) {
		t.Helper()
		r, ok := fakes.AsRefusal(err)
		require.True(t, ok, err)
		assert.Equal(t, []string{"limit-reached"}, r.Outcomes)
	}
	users := w.Users
	w.Users = make([]*User, maxUsers)
	_, err := w.register(c, credentialsIn{"new", "pw"})
	refused(err)
	_, err = w.randomUser(c, struct{}{})
	refused(err)
	w.Users = users
	for i := len(w.Uploads); i < maxUploads; i++ {
		w.Uploads[decimal(int64(i))] = nil
	}
	_, err = w.videoUploadAuth(c, videoUploadIn{Title: "t", FileName: "f.mp4"})
	refused(err)
	_, err = w.refreshVideoUploadAuth(c, videoIDIn{"23rfewc23"})
	refused(err)
	assert.Len(t, w.Uploads, maxUploads)
}

func TestOwnAccounts(t *testing.T) {
	env := fakes.Env{Tenant: "default", Default: true, Seed: 7}
	list := accounts(env)
	require.Len(t, list, 2)
	assert.Equal(t, "demo", list[0].ID)
	assert.Equal(t, "demo", list[0].Secret)
	assert.Equal(t, "{base_url}/vodcallback/callback", list[0].Credential["callback_url"])
	assert.Len(t, list[1].ID, tagLength)
	assert.Equal(t, list[1].ID, list[0].Credential["token"][:tagLength])
	assert.Nil(t, list[1].Credential)
	assert.Equal(t, list, accounts(env))
	other := env
	other.Tenant, other.Default = "b", false
	assert.Equal(t, "demo-b", accounts(other)[0].ID)
	assert.NotEqual(t, list[1].ID, accounts(other)[1].ID)
	other = env
	other.Seed = 8
	assert.NotEqual(t, list[1].ID, accounts(other)[1].ID)
}

func BenchmarkNew(b *testing.B) {
	api := API()
	for b.Loop() {
		api.New(fakes.Env{Tenant: "t", Seed: 7, Born: born})
	}
}

func BenchmarkAccounts(b *testing.B) {
	for b.Loop() {
		accounts(fakes.Env{Tenant: "t", Seed: 7})
	}
}
