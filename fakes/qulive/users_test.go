package qulive_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/mediasandbox/sandbox/fakes"
)

const month = 30 * 24 * time.Hour

func TestLogin(t *testing.T) {
	for _, c := range []struct{ username, password, outcome, code, message string }{
		{"demo", "demo", "logged-in", "200", ""},
		{"demo", "Demo", "password-wrong", "401", "密码错误!"},
		{"Demo", "demo", "username-unknown", "401", "用户名错误!"},
		{"nobody", "demo", "username-unknown", "401", "用户名错误!"},
		{"", "demo", "credentials-empty", "401", "用户名或密码不能为空!"},
		{"demo", "", "credentials-empty", "401", "用户名或密码不能为空!"},
		{"", "", "credentials-empty", "401", "用户名或密码不能为空!"},
	} {
		b := bench(t)
		r := b.Call("login", args{"username": c.username, "password": c.password})
		assert.Equal(t, c.outcome, r.Outcome, c)
		assert.Equal(t, 200, r.Code)
		assert.Equal(t, "application/json;charset=UTF-8", r.Header().Get("Content-Type"))
		e := open(t, r)
		assert.Equal(t, c.code, e.Code)
		if c.message == "" {
			assert.Nil(t, e.Message)
			assert.Equal(t, "true", e.Result)
			continue
		}
		require.NotNil(t, e.Message)
		assert.Equal(t, c.message, *e.Message)
		assert.Equal(t, "false", e.Result)
		assert.Equal(t, "null", string(e.Data))
	}
}

func TestEnvelopeKeys(t *testing.T) {
	b := bench(t)
	r := b.Call("login", args{"username": "demo", "password": "demo"})
	assert.Equal(t, []string{"result", "requestId", "message", "code", "data"}, keysOf(t, r.Body.Bytes()))
	again := b.Call("login", args{"username": "demo", "password": "demo"})
	assert.NotEqual(t, open(t, r).RequestID, open(t, again).RequestID)
}

// POST is answered too, and userName is read (CONTRACTS section 4, login, register).
func TestLoginByPostAndOtherSpelling(t *testing.T) {
	b := bench(t)
	for _, body := range []string{"username=demo&password=demo", "userName=demo&password=demo"} {
		r := b.Request("login", nil)
		req := r.HTTP("qulive")
		req.Method = "POST"
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		req.Body = readCloser(body)
		req.ContentLength = int64(len(body))
		assert.Equal(t, "logged-in", b.SendHTTP(req).Outcome, body)
	}
}

func TestRegister(t *testing.T) {
	b := bench(t)
	r := b.Call("register", args{"username": "小明", "password": "p w"})
	require.Equal(t, "registered", r.Outcome)
	e := open(t, r)
	assert.Equal(t, "{}", string(e.Data))
	assert.Nil(t, e.Message)
	r = b.Call("register", args{"username": "小明", "password": "other"})
	assert.Equal(t, "username-taken", r.Outcome)
	assert.Equal(t, "403", open(t, r).Code)
	assert.Equal(t, "该用户已注册!", *open(t, r).Message)
	assert.Equal(t, "username-taken", b.Call("register", args{"username": "demo", "password": "x"}).Outcome)
	token := login(t, b, "小明", "p w")
	publish(t, b, token, "v1")
	assert.Equal(t, "小明", newest(t, b, token).User.UserName, "the nickname begins as the username")
	assert.Equal(t, "password-wrong", b.Call("login", args{"username": "小明", "password": "other"}).Outcome)
}

func TestRegisterIsBounded(t *testing.T) {
	b := bench(t)
	assert.Equal(t, "registered", b.Call("register", args{"username": strings.Repeat("u", 4096), "password": "p"}).Outcome)
	r := b.Call("register", args{"username": strings.Repeat("u", 4097), "password": "p"})
	assert.Equal(t, "limit-reached", r.Outcome)
	assert.Equal(t, "500", open(t, r).Code)
	assert.True(t, strings.HasPrefix(*open(t, r).Message, "业务异常"))
}

func TestUpdateUser(t *testing.T) {
	b := bench(t)
	_, token := visitor(t, b)
	call := func(userID, nickname string) {
		t.Helper()
		r := as(b, token, "updateUser", args{"userId": userID, "nickname": nickname})
		assert.Equal(t, "updated", r.Outcome)
		assert.Equal(t, "{}", string(open(t, r).Data))
	}
	name := func() string { t.Helper(); return newest(t, b, ownToken(b)).User.UserName }
	assert.Equal(t, "xx", name())
	call("no such user", "A")
	assert.Equal(t, "xx", name())
	call(demoID, "")
	assert.Equal(t, "xx", name())
	call(demoID, "灯笼")
	assert.Equal(t, "灯笼", name(), "no ownership check")
	var rec page
	data(t, b.Call("getRecommendVideoList", args{"pageIndex": "1", "pageSize": "1"}), &rec)
	assert.Equal(t, "灯笼", rec.VideoList[0].User.UserName)
	r := as(b, token, "updateUser", args{"userId": demoID, "nickname": strings.Repeat("n", 4097)})
	assert.Equal(t, "limit-reached", r.Outcome)
	assert.Equal(t, "灯笼", name())
}

func TestRandomUser(t *testing.T) {
	b := bench(t)
	var d map[string]string
	r := b.Call("randomUser", nil)
	data(t, r, &d)
	assert.Equal(t, "200", open(t, r).Code)
	assert.Equal(t, []string{"id", "userId", "nickName", "avatarUrl", "avatar", "gmtCreate", "gmtModified", "token"}, keysOf(t, open(t, r).Data))
	assert.Equal(t, d["avatarUrl"], d["avatar"])
	assert.Equal(t, "2026-03-18 20:00:00", d["gmtCreate"], "noon in UTC is eight in the evening in Shanghai")
	assert.Empty(t, d["gmtModified"])
	assert.Regexp(t, `^\d{13}$`, d["userId"])
	id, token := visitor(t, b)
	assert.NotEqual(t, d["userId"], id)
	assert.Equal(t, 0, personal(t, b, token, args{"pageIndex": "1", "pageSize": "5"}).Total)
}

// Every secured operation refuses without a good token, exactly so, and before its
// parameters are read.
func TestTokenRefused(t *testing.T) {
	b := bench(t)
	const want = `{"code":"403","message":"Please log in the system!"}`
	n := 0
	for _, op := range b.Doc.Operations {
		if !op.Secured {
			continue
		}
		n++
		for _, token := range []string{"", "x", ownToken(b)[:12], ownToken(b) + "0", strings.ToUpper(ownToken(b))} {
			r := as(b, token, op.ID, nil)
			assert.Equal(t, "token-refused", r.Outcome, op.ID)
			assert.Equal(t, want, r.Body.String())
			assert.Equal(t, 200, r.Code)
		}
		assert.JSONEq(t, want, b.Send(b.Request(op.ID, nil)).Body.String())
	}
	assert.Equal(t, 9, n, "/vod/* and /user/updateUser")
}

func TestTokenLife(t *testing.T) {
	b := bench(t)
	first := ownToken(b)
	clock := b.Host.Default().Clock
	clock.Advance(time.Hour)
	second := login(t, b, "demo", "demo")
	sts := func(token string) string { return as(b, token, "vodGetSts", nil).Outcome }
	clock.Advance(month - time.Hour - time.Nanosecond)
	assert.Equal(t, "sts-issued", sts(first))
	clock.Advance(time.Nanosecond)
	assert.Equal(t, "token-refused", sts(first), "30 days old")
	assert.Equal(t, "sts-issued", sts(second))
	clock.Advance(time.Hour)
	assert.Equal(t, "token-refused", sts(second))
	assert.Equal(t, "sts-issued", sts(login(t, b, "demo", "demo")))
}

func TestTokenInQueryOfPost(t *testing.T) {
	b := bench(t)
	r := b.Request("updateUser", args{"userId": demoID, "nickname": "q"})
	for i := range r.Values {
		r.Values[i].In = "query"
	}
	req := r.HTTP("qulive")
	req.URL.RawQuery += "&token=" + ownToken(b)
	assert.Equal(t, "updated", b.SendHTTP(req).Outcome)
}

// A token finds its tenant without the URL's help; at another tenant's URL it is unknown.
func TestTokensOfTenants(t *testing.T) {
	b := bench(t)
	other, err := b.Host.AddTenant(fakes.NewTenant{ID: "team-a"})
	require.NoError(t, err)
	c := other.Accounts("qulive")[0].Credential
	assert.Equal(t, "demo-team-a", c["username"])
	assert.NotEqual(t, "demo", c["password"])
	assert.Equal(t, "{base_url}/vodcallback/callback", c["callback_url"])
	p := personal(t, b, c["token"], args{"pageIndex": "1", "pageSize": "10"})
	assert.Equal(t, 7, p.Total)
	assert.NotEqual(t, demoID, p.VideoList[0].User.UserID)
	at := func(tenant, token string) string {
		r := b.Request("vodGetSts", args{"token": token})
		r.Tenant = tenant
		return b.Send(r).Outcome
	}
	assert.Equal(t, "sts-issued", at("team-a", c["token"]))
	assert.Equal(t, "token-refused", at("default", c["token"]))
	assert.Equal(t, "token-refused", at("team-a", ownToken(b)))
	fromLogin := login(t, b, "demo-team-a", c["password"])
	assert.Equal(t, c["token"][:12], fromLogin[:12])
	assert.Equal(t, "sts-issued", at("team-a", fromLogin))
	r := b.Request("register", args{"username": "ann", "password": "pw"})
	r.Tenant = "team-a"
	require.Equal(t, "registered", b.Send(r).Outcome)
	assert.Equal(t, "username-unknown", b.Call("login", args{"username": "ann", "password": "pw"}).Outcome, "she is team-a's")
}
