package mutation

import (
	"encoding/base64"
	"encoding/json"
	"net/http"
	"strings"
	"time"

	"github.com/mediasandbox/sandbox/signature"
)

// decoded changes a member that is base64 of JSON.
func decoded(m map[string]any, name string, change func(inner map[string]any)) {
	text, ok := m[name].(string)
	if !ok {
		return
	}
	raw, err := base64.StdEncoding.DecodeString(text)
	var inner map[string]any
	if err != nil || json.Unmarshal(raw, &inner) != nil {
		return
	}
	change(inner)
	if out, err := json.Marshal(inner); err == nil {
		m[name] = base64.StdEncoding.EncodeToString(out)
	}
}

// listed are the operations that list videos.
func listed() []string { return []string{"getPersonalVideoList", "getRecommendVideoList"} }

func qulive() []mutation {
	return []mutation{
		// The envelope and its fields.
		{name: "the result is no text", spoil: on(func(r *reply) { r.text(`"result":"true"`, `"result":true`) }, "vodGetSts")},
		{name: "the code is a number", spoil: on(func(r *reply) { r.text(`"code":"200"`, `"code":200`) }, "randomUser")},
		{name: "there is no request id", spoil: on(func(r *reply) { r.object(func(m map[string]any) { delete(m, "requestId") }) }, "getMv")},
		{name: "all replies have one request id", spoil: on(func(r *reply) {
			r.object(func(m map[string]any) {
				if m["requestId"] != nil {
					m["requestId"] = "c17f13d1-4ce8-407f-a82b-c4799f84d0b3"
				}
			})
		})},
		{name: "a message is null", spoil: on(func(r *reply) { r.text(`"message":""`, `"message":null`) }, "getFont")},
		{name: "a token is called access token", spoil: on(func(r *reply) { r.data(func(m map[string]any) { rename(m, "token", "accessToken") }) }, "login")},
		{name: "credentials expire under one name only", spoil: on(func(r *reply) { r.data(func(m map[string]any) { delete(m, "Expiration") }) }, "vodGetSts", "demoGetSts")},
		{name: "key ids do not begin with STS", spoil: on(func(r *reply) { r.text(`"STS.`, `"TMP.`) }, "vodGetSts")},
		{name: "upload address is not encoded", spoil: on(func(r *reply) {
			r.data(func(m map[string]any) {
				if text, ok := m["uploadAddress"].(string); ok {
					if raw, err := base64.StdEncoding.DecodeString(text); err == nil {
						m["uploadAddress"] = string(raw)
					}
				}
			})
		}, "vodGetVideoUploadAuth")},
		{name: "an upload has no region", spoil: on(func(r *reply) {
			r.data(func(m map[string]any) { decoded(m, "uploadAuth", func(in map[string]any) { delete(in, "Region") }) })
		}, "vodGetVideoUploadAuth")},
		{name: "an upload is good for an hour", spoil: on(func(r *reply) {
			r.data(func(m map[string]any) {
				decoded(m, "uploadAuth", func(in map[string]any) { in["Expiration"] = "3600" })
			})
		}, "vodGetVideoUploadAuth")},
		{name: "a total is a text", spoil: on(func(r *reply) {
			r.data(func(m map[string]any) {
				if v, ok := m["total"]; ok {
					m["total"] = toText(v)
				}
			})
		}, listed()...)},
		{name: "a total of songs is a number", spoil: on(func(r *reply) {
			r.data(func(m map[string]any) {
				if v, ok := m["total"].(string); ok {
					m["total"] = json.Number(v)
				}
			})
		}, "getRecommendMusic")},
		{name: "videos lack their user", spoil: on(func(r *reply) { r.list(each(func(m map[string]any) { delete(m, "user") }), "data", "videoList") }, listed()...)},
		{name: "a user is shown by id", spoil: on(func(r *reply) {
			r.list(each(func(m map[string]any) {
				if u, ok := m["user"].(map[string]any); ok {
					u["userName"] = u["userId"]
				}
			}), "data", "videoList")
		}, "getPersonalVideoList")},
		{name: "songs have an album", spoil: on(func(r *reply) { r.list(each(func(m map[string]any) { m["album"] = "" }), "data", "musicList") }, "getRecommendMusic")},

		{name: "to play there is no information", spoil: on(func(r *reply) {
			r.data(func(m map[string]any) { decoded(m, "playAuth", func(in map[string]any) { delete(in, "AuthInfo") }) })
		}, "demoGetVideoPlayAuth")},
		{name: "every random user is the same", spoil: func() spoiler {
			var first []byte
			return spoiler{reply: func(r *reply) {
				if r.op == "randomUser" && r.ok() {
					if first == nil {
						first = r.body
					}
					r.body = first
				}
			}}
		}},

		// Words, codes, statuses, types.
		{name: "a missing login is told in other words", spoil: on(func(r *reply) { r.text("Please log in the system!", "Please log in!") })},
		{name: "a missing login is a 403", spoil: on(func(r *reply) {
			if strings.Contains(string(r.body), "Please log in") {
				r.status = http.StatusForbidden
			}
		})},
		{name: "a wrong password is an unknown name", spoil: on(func(r *reply) { r.text("密码错误!", "用户名错误!") }, "login")},
		{name: "a wrong verb is fine", spoil: on(func(r *reply) {
			if r.status == http.StatusMethodNotAllowed {
				r.status = http.StatusOK
			}
		})},
		{name: "the framework's error has a trace", spoil: on(func(r *reply) {
			if !r.ok() {
				r.object(func(m map[string]any) { m["trace"] = "java.lang" })
			}
		})},
		{name: "a malformed number is a 500", spoil: on(func(r *reply) {
			if r.status == http.StatusBadRequest && strings.Contains(string(r.body), "TypeMismatch") {
				r.status = http.StatusInternalServerError
				r.object(func(m map[string]any) { m["status"] = 500 })
			}
		})},
		{name: "replies are plain text", spoil: on(func(r *reply) { r.header.Set("Content-Type", "text/plain") }, "getTextPaster")},
		{name: "replies are broken JSON", spoil: on(func(r *reply) { r.text(`"data":`, `"data":,`) }, "getPasterInfo")},

		// Who may.
		{name: "any token is good", spoil: admitted(false)},
		{name: "tokens never expire", spoil: admitted(true)},
		{name: "any password is good", spoil: anyPassword},
		{name: "a name can be taken twice", spoil: on(func(r *reply) {
			if strings.Contains(string(r.body), "该用户已注册!") {
				r.body = []byte(`{"result":"true","requestId":"ad5ce518-aafd-47ef-bd42-36a809a1c8e4","message":null,"code":"200","data":{}}`)
			}
		}, "register")},
		{name: "anybody deletes a video", spoil: on(func(r *reply) {
			if strings.Contains(string(r.body), "权限不足") {
				r.body = []byte(`{"result":"true","requestId":"f8163b40-6192-4edc-97ec-52c6cd96b07a","message":"Deletion complete","code":"200","data":null}`)
			}
		}, "deleteVideoById")},
		{name: "a notification needs no good signature", spoil: on(func(r *reply) {
			if r.status == http.StatusForbidden {
				r.status, r.body = http.StatusOK, []byte(`{"message":"转码完成回调处理完成"}`)
			}
		}, "vodCallback")},
		{name: "replies are another user's", spoil: leakedVideos},

		// State and rules.
		{name: "a video is published twice", spoil: on(func(r *reply) {
			if strings.Contains(string(r.body), "该视频已经发布") {
				r.body = []byte(`{"result":"true","requestId":"ad5ce518-aafd-47ef-bd42-36a809a1c8e4","message":null,"code":"200","data":{}}`)
			}
		}, "videoPublish")},
		{name: "a title may have 129 bytes", spoil: rule(func(vs signature.Values) {
			set(vs, "title", func(v string) string {
				if len(v) == 129 {
					return v[:128]
				}
				return v
			})
		}, "vodGetVideoUploadAuth", "demoGetVideoUploadAuth")},
		{name: "a title has 128 characters, not bytes", spoil: rule(func(vs signature.Values) {
			set(vs, "title", func(v string) string {
				if len(v) > 128 && len([]rune(v)) <= 128 {
					return "short"
				}
				return v
			})
		}, "vodGetVideoUploadAuth", "demoGetVideoUploadAuth")},
		{name: "seventeen tags are fine", spoil: rule(func(vs signature.Values) {
			set(vs, "tags", func(v string) string {
				if list := strings.Split(v, ","); len(list) == 17 {
					return strings.Join(list[:16], ",")
				}
				return v
			})
		}, "vodGetVideoUploadAuth", "demoGetVideoUploadAuth", "vodGetImageUploadAuth", "demoGetImageUploadAuth")},
		{name: "videos are oldest first", spoil: on(func(r *reply) { r.list(reversed, "data", "videoList") }, "getPersonalVideoList")},
		{name: "pages begin with nought", spoil: rule(func(vs signature.Values) { set(vs, "pageIndex", plusOne) }, listed()...)},
		{name: "a page lacks its last video", spoil: on(func(r *reply) { r.list(withoutLast, "data", "videoList") }, "getRecommendVideoList")},
		{name: "the cursor is on the page itself", spoil: rule(func(vs signature.Values) { set(vs, "id", plusOne) }, listed()...)},
		{name: "a total counts from the cursor", spoil: on(func(r *reply) {
			if r.get("id") == "" {
				return
			}
			r.data(func(m map[string]any) {
				if list, ok := m["videoList"].([]any); ok {
					m["total"] = len(list)
				}
			})
		}, listed()...)},
		{name: "only issued videos are published", spoil: on(func(r *reply) {
			if id := r.get("videoId"); strings.Contains(string(r.body), `"result":"true"`) && len(id) != 32 {
				r.body = []byte(`{"result":"false","requestId":"ad5ce518-aafd-47ef-bd42-36a809a1c8e4","message":"videoId为必填项","code":"500","data":null}`)
			}
		}, "videoPublish")},
		{name: "an unknown font is no list", spoil: on(func(r *reply) {
			r.object(func(m map[string]any) {
				if m["data"] == nil {
					m["data"] = []any{}
				}
			})
		}, "getFont")},
		{name: "a page has up to 51 songs", spoil: rule(func(vs signature.Values) {
			set(vs, "pageSize", func(v string) string {
				if v == "51" {
					return "50"
				}
				return v
			})
		}, "getRecommendMusic")},
		{name: "videos are never reviewed", spoil: on(func(r *reply) {
			r.list(each(func(m map[string]any) {
				if m["censorStatus"] != nil {
					m["censorStatus"] = "onCensor"
				}
			}), "data", "videoList")
		}, listed()...)},
		{name: "a video is transcoded before it is reviewed", spoil: on(func(r *reply) {
			r.list(each(func(m map[string]any) {
				if m["censorStatus"] == "onCensor" {
					m["transcodeStatus"] = "onTranscode"
				}
			}), "data", "videoList")
		}, listed()...)},
		{name: "a deleted video stays", spoil: rule(func(vs signature.Values) { set(vs, "videoId", func(string) string { return "nothing" }) }, "deleteVideoById")},
		{name: "a refresh leads elsewhere", spoil: on(func(r *reply) {
			r.data(func(m map[string]any) {
				decoded(m, "uploadAddress", func(in map[string]any) { in["Bucket"] = "another" })
			})
		}, "vodRefreshVideoUploadAuth")},
		{name: "a nickname does not change", spoil: rule(func(vs signature.Values) { set(vs, "userId", func(string) string { return "0" }) }, "updateUser")},
		{name: "times are UTC", spoil: on(func(r *reply) {
			r.list(each(func(m map[string]any) {
				if text, ok := m["creationTime"].(string); ok {
					if at, err := time.Parse("2006-01-02 15:04:05.0", text); err == nil {
						m["creationTime"] = at.Add(-8 * time.Hour).Format("2006-01-02 15:04:05.0")
					}
				}
			}), "data", "videoList")
		}, "getPersonalVideoList")},
		{name: "an unknown category has nothing at all", spoil: on(func(r *reply) {
			r.object(func(m map[string]any) {
				if list, ok := m["data"].([]any); ok && len(list) == 0 {
					m["data"] = nil
				}
			})
		}, "getPasterList", "getTextPasterList")},
	}
}

// admitted answers a caller whose token is refused as it answered before: who had the same
// token, or anybody.
func admitted(same bool) func() spoiler {
	return func() spoiler {
		good := map[string][]byte{}
		return spoiler{reply: func(r *reply) {
			key := r.op
			if same {
				key += " " + r.get("token")
			}
			switch text := string(r.body); {
			case strings.Contains(text, `"result":"true"`):
				good[key] = r.body
			case strings.Contains(text, "Please log in") && good[key] != nil:
				r.body = good[key]
			}
		}}
	}
}

// anyPassword logs a user in with any password who was logged in before.
func anyPassword() spoiler {
	seen := map[string][]byte{}
	return spoiler{reply: func(r *reply) {
		key := r.request.Host + r.request.URL.Path + r.get("username") + r.get("userName")
		switch {
		case r.op != "login":
		case strings.Contains(string(r.body), `"token"`):
			seen[key] = r.body
		case strings.Contains(string(r.body), "密码错误!"):
			r.body = []byte(`{"result":"true","requestId":"ad5ce518-aafd-47ef-bd42-36a809a1c8e4","message":null,"code":"200","data":{"token":"0f3a9c12b7d4-5e8a61c0-9b2f6c1e5d0a4a578a3e2f7c1d9e4b60"}}`)
		}
	}}
}

// leakedVideos answers for the personal list with the list of whoever asked before.
func leakedVideos() spoiler {
	var last []byte
	var of string
	return spoiler{reply: func(r *reply) {
		if r.op != "getPersonalVideoList" || !strings.Contains(string(r.body), "videoList") {
			return
		}
		token := r.get("token")
		mine := r.body
		if last != nil && of != token {
			r.body = last
		}
		last, of = mine, token
	}}
}
