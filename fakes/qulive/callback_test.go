package qulive_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/mediasandbox/sandbox/fakes"
	"github.com/mediasandbox/sandbox/fakes/fakestest"
	"github.com/mediasandbox/sandbox/signature"
)

type event = map[string]any

func TestNotifications(t *testing.T) {
	for _, c := range []struct {
		what    string
		events  []event
		message string
		want    [3]string
	}{
		{"a review is passed", []event{{"EventType": "AIVideoCensorComplete", "MediaId": "v", "Status": "success", "Data": event{"Suggestion": "pass"}}}, "审核完成回调处理完成", [3]string{"success", "onTranscode", ""}},
		{"as the page documents it", []event{{"EventType": "AIVideoCensorComplete", "VideoId": "v", "Status": "success"}}, "审核完成回调处理完成", [3]string{"success", "onTranscode", ""}},
		{"a review is not passed", []event{{"EventType": "AIVideoCensorComplete", "MediaId": "v", "Status": "success", "Data": event{"Suggestion": "block"}}}, "审核完成回调处理完成", [3]string{"fail", "", ""}},
		{"a review says so itself", []event{{"EventType": "AIVideoCensorComplete", "MediaId": "v", "Status": "check"}}, "审核完成回调处理完成", [3]string{"check", "", ""}},
		{"a person has to look", []event{{"EventType": "AIVideoCensorComplete", "MediaId": "v", "Status": "success", "Data": event{"Suggestion": "review"}}}, "审核完成回调处理完成", [3]string{"check", "", ""}},
		{"a review failed", []event{{"EventType": "AIVideoCensorComplete", "MediaId": "v", "Status": "fail"}}, "审核完成回调处理完成", [3]string{"fail", "", ""}},
		{"without a status", []event{{"EventType": "AIVideoCensorComplete", "MediaId": "v"}}, "审核完成回调处理完成", [3]string{"fail", "", ""}},
		{"a transcoding", []event{{"EventType": "StreamTranscodeComplete", "VideoId": "v", "Status": "success"}}, "转码完成回调处理完成", [3]string{"onCensor", "success", ""}},
		{"all transcodings", []event{{"EventType": "TranscodeComplete", "VideoId": "v", "Status": "success", "StreamInfos": []any{event{"FileUrl": "http://x/v.mp4"}}}}, "转码完成回调处理完成", [3]string{"onCensor", "success", ""}},
		{"a transcoding failed", []event{{"EventType": "StreamTranscodeComplete", "MediaId": "v", "Status": "fail"}}, "转码完成回调处理完成", [3]string{"onCensor", "fail", ""}},
		{"a snapshot", []event{{"EventType": "SnapshotComplete", "VideoId": "v", "Status": "success"}}, "截图完成回调处理完成", [3]string{"onCensor", "", "success"}},
		{"a snapshot failed", []event{{"EventType": "SnapshotComplete", "VideoId": "v", "Status": "fail"}}, "截图完成回调处理完成", [3]string{"onCensor", "", "fail"}},
		{"another video", []event{{"EventType": "SnapshotComplete", "VideoId": "w", "Status": "fail"}}, "截图完成回调处理完成", [3]string{"onCensor", "", ""}},
		{"told twice", []event{
			{"EventType": "AIVideoCensorComplete", "MediaId": "v", "Status": "success"},
			{"EventType": "StreamTranscodeComplete", "VideoId": "v", "Status": "success"},
			{"EventType": "AIVideoCensorComplete", "MediaId": "v", "Status": "success"},
		}, "审核完成回调处理完成", [3]string{"success", "success", ""}},
		{"a second look", []event{
			{"EventType": "AIVideoCensorComplete", "MediaId": "v", "Status": "success"},
			{"EventType": "AIVideoCensorComplete", "MediaId": "v", "Status": "fail"},
		}, "审核完成回调处理完成", [3]string{"fail", "", ""}},
	} {
		t.Run(c.what, func(t *testing.T) {
			b := bench(t)
			_, token := visitor(t, b)
			publish(t, b, token, "v")
			var reply fakestest.Reply
			for _, e := range c.events {
				r := b.Request("vodCallback", nil)
				notify(b, r, e)
				reply = b.Send(r)
				require.Equal(t, 200, reply.Code, reply.Body.String())
			}
			assert.Equal(t, `{"message":"`+c.message+`"}`, reply.Body.String())
			assert.Equal(t, "application/json;charset=UTF-8", reply.Header().Get("Content-Type"))
			assert.Equal(t, c.want, statuses(t, b, token))
		})
	}
}

func TestSnapshotNamesItsFrame(t *testing.T) {
	b := bench(t)
	publish(t, b, ownToken(b), "v")
	for _, c := range []struct {
		count any
		want  string
	}{{1, "https://x.example/f-00001.jpg"}, {"3", "https://x.example/f-00003.jpg"}, {nil, "https://x.example/f-00001.jpg"}} {
		r := b.Request("vodCallback", nil)
		notify(b, r, event{"EventType": "SnapshotComplete", "VideoId": "v", "Status": "success", "SubType": "SpecifiedTime",
			"SnapshotInfos": []any{event{"SnapshotRegular": "https://x.example/f-{SnapshotCount}.jpg", "SnapshotCount": c.count}}})
		require.Equal(t, "snapshot-noted", b.Send(r).Outcome)
		assert.Equal(t, c.want, newest(t, b, ownToken(b)).FirstFrameURL)
	}
}

func TestNotificationsRefused(t *testing.T) {
	const good = `{"EventType":"SnapshotComplete","VideoId":"v","Status":"success"}`
	for _, c := range []struct {
		what, body string
		edit       func(r *fakestest.Request)
		outcome    string
		code       int
		reply      string
	}{
		{"no body", "", nil, "event-unknown", 400, `{"message":"参数为空！"}`},
		{"no JSON", "x", nil, "event-unknown", 400, `{"message":"参数为空！"}`},
		{"null", "null", nil, "event-unknown", 400, `{"message":"参数为空！"}`},
		{"a list", "[]", nil, "event-unknown", 400, `{"message":"参数为空！"}`},
		{"no event", `{"VideoId":"v"}`, nil, "event-unknown", 400, `{"message":"参数为空！"}`},
		{"an empty event", `{"EventType":""}`, nil, "event-unknown", 400, `{"message":"参数为空！"}`},
		{"another event", `{"EventType":"FileUploadComplete"}`, nil, "event-unknown", 400, `{"message":"参数为空！"}`},
		{"a wrong signature", good, func(r *fakestest.Request) { r.Header.Set("X-VOD-SIGNATURE", strings.Repeat("0", 32)) }, "signature-wrong", 403, `{"message":"非法请求！"}`},
		{"upper case", good, func(r *fakestest.Request) {
			r.Header.Set("X-VOD-SIGNATURE", strings.ToUpper(r.Header.Get("X-VOD-SIGNATURE")))
		}, "signature-wrong", 403, `{"message":"非法请求！"}`},
		{"another timestamp", good, func(r *fakestest.Request) { r.Header.Set("X-VOD-TIMESTAMP", "1700000001") }, "signature-wrong", 403, `{"message":"非法请求！"}`},
		{"the signature before the body", "x", func(r *fakestest.Request) { r.Header.Set("X-VOD-SIGNATURE", "x") }, "signature-wrong", 403, `{"message":"非法请求！"}`},
		{"no timestamp", good, func(r *fakestest.Request) { r.Header.Del("X-VOD-TIMESTAMP") }, "timestamp-missing", 400, ""},
		{"no signature", good, func(r *fakestest.Request) { r.Header.Del("X-VOD-SIGNATURE") }, "signature-missing", 400, ""},
	} {
		t.Run(c.what, func(t *testing.T) {
			b := bench(t)
			publish(t, b, ownToken(b), "v")
			r := b.Request("vodCallback", nil)
			notify(b, r, event{})
			r.Body = c.body
			if c.edit != nil {
				c.edit(r)
			}
			reply := b.Send(r)
			assert.Equal(t, c.outcome, reply.Outcome)
			assert.Equal(t, c.code, reply.Code)
			if c.reply != "" {
				assert.Equal(t, c.reply, reply.Body.String())
			} else {
				e := spring(t, reply)
				assert.Equal(t, "org.springframework.web.bind.ServletRequestBindingException", e.Exception)
				assert.Regexp(t, `^Missing request header 'X-VOD-[A-Z]+' for method parameter of type String$`, e.Message)
				assert.Equal(t, "/vodcallback/callback", e.Path)
			}
			assert.Empty(t, newest(t, b, ownToken(b)).SnapshotStatus, "nothing changed")
		})
	}
}

func TestSignatureCanBeSwitchedOff(t *testing.T) {
	b := bench(t, fakestest.With("qulive", "callback-signature", "off"))
	publish(t, b, ownToken(b), "v")
	r := b.Request("vodCallback", nil)
	r.Body = `{"EventType":"SnapshotComplete","VideoId":"v","Status":"success"}`
	assert.Equal(t, "snapshot-noted", b.Send(r).Outcome)
	r.Header.Set("X-VOD-TIMESTAMP", "1")
	r.Header.Set("X-VOD-SIGNATURE", "wrong")
	assert.Equal(t, "snapshot-noted", b.Send(r).Outcome)
	r.Body = "{}"
	assert.Equal(t, "event-unknown", b.Send(r).Outcome)
}

// Each tenant has a key and a URL of its own.
func TestNotificationsOfTenants(t *testing.T) {
	b := bench(t)
	other, err := b.Host.AddTenant(fakes.NewTenant{ID: "team-a"})
	require.NoError(t, err)
	e := event{"EventType": "SnapshotComplete", "VideoId": "v", "Status": "success"}
	r := b.Request("vodCallback", nil)
	notifyAs(b, other, r, e)
	assert.Equal(t, "signature-wrong", b.Send(r).Outcome, "it is not the default tenant's")
	r.Tenant = "team-a"
	assert.Equal(t, "snapshot-noted", b.Send(r).Outcome)
}

// What is signed is the tenant's callback URL, by whichever of its paths it is called.
func TestNotificationsByEachPath(t *testing.T) {
	b := bench(t)
	key := b.Host.Default().Accounts("qulive")[0].Credential["callback_key"]
	const path = "/vodcallback/callback"
	for _, called := range []string{"/qulive", "/t/default/qulive"} {
		for base, want := range map[string]int{"/qulive": 200, "/t/default/qulive": 200, "/t/team-a/qulive": 403, "/polyv": 403, "": 403} {
			r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "http://127.0.0.1:7311"+called+path, strings.NewReader(`{"EventType":"SnapshotComplete","VideoId":"v","Status":"success"}`))
			r.Header.Set("X-VOD-TIMESTAMP", "1700000000")
			r.Header.Set("X-VOD-SIGNATURE", signature.AliyunCallback("http://127.0.0.1:7311"+base+path, "1700000000", key))
			to, err := b.Host.Resolve(r)
			require.NoError(t, err)
			w := httptest.NewRecorder()
			b.Host.Serve(w, r, to)
			assert.Equal(t, want, w.Code, "%s called, %s signed", called, base)
		}
	}
}

// The vector of the contract's description.
func TestCallbackVector(t *testing.T) {
	assert.Equal(t, "57669da1b679c255ad0b6379dd1151b5",
		signature.AliyunCallback("http://127.0.0.1:7311/qulive/vodcallback/callback", "1700000000", "0123456789abcdef0123456789abcdef"))
}
