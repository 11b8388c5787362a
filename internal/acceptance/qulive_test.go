package acceptance_test

import (
	"crypto/md5"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"maps"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const (
	quJSON  = "application/json;charset=UTF-8"
	quLogin = `{"code":"403","message":"Please log in the system!"}`
	quDemo  = "2435470766044"
	quUUID  = `[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}`
)

// qu sends a request; a POST has its parameters in a form, and a value "-" is left out. It wants JSON.
func (s *sandbox) qu(method, path string, v values) reply {
	s.Helper()
	v = v.with()
	maps.DeleteFunc(v, func(_, value string) bool { return value == "-" })
	r := request{method: method, url: "/qulive" + path}
	if method == "POST" {
		r.form = v
	} else {
		r.query = v
	}
	got := s.do(r)
	assert.Equal(s, quJSON, got.header.Get("Content-Type"), path)
	return got
}

// quEnvelope is the reply of a business outcome.
type quEnvelope struct {
	Result, RequestID string
	Message           *string
	Code              string
	Data              json.RawMessage
}

// quOK wants a success with the page's message and returns its data.
func (s *sandbox) quOK(got reply, message string) json.RawMessage {
	s.Helper()
	require.Equal(s, 200, got.status, got.body)
	require.Regexp(s, `(?s)^\{"result":"true","requestId":"`+quUUID+`","message":`+regexp.QuoteMeta(message)+`,"code":"200","data":.*\}$`, got.body)
	return decode[quEnvelope](s, got.body).Data
}

// quFalse wants a refusal: "data null in every false reply".
func (s *sandbox) quFalse(got reply, code, message string) {
	s.Helper()
	assert.Equal(s, 200, got.status, got.body)
	quoted, err := json.Marshal(message)
	require.NoError(s, err)
	assert.Regexp(s, `^\{"result":"false","requestId":"`+quUUID+`","message":`+regexp.QuoteMeta(string(quoted))+`,"code":"`+code+`","data":null\}$`, got.body)
}

// quCode wants a refusal "Code : text".
func (s *sandbox) quCode(got reply, code string) {
	s.Helper()
	assert.Equal(s, 200, got.status, got.body)
	assert.Regexp(s, `^\{"result":"false","requestId":"`+quUUID+`","message":"`+regexp.QuoteMeta(code)+` : [^"]+","code":"500","data":null\}$`, got.body)
}

// quToken logs in.
func (s *sandbox) quToken(user, password string) string {
	s.Helper()
	data := s.quOK(s.qu("GET", "/user/login", values{"username": user, "password": password}), "null")
	token := decode[struct{ Token string }](s, string(data)).Token
	require.NotEmpty(s, token)
	return token
}

// quOp is one of the 26 operations.
type quOp struct {
	method, path string
	token        bool
	params       values
	message      string // of its success, as JSON
}

func quOps() []quOp {
	const none, null = `""`, "null"
	return []quOp{
		{"GET", "/vod/getSts", true, nil, none},
		{"GET", "/vod/getVideoUploadAuth", true, values{"title": "t", "fileName": "a.mp4"}, none},
		{"GET", "/vod/refreshVideoUploadAuth", true, values{"videoId": "034813ff97984171a57aefe71c84****"}, none},
		{"GET", "/vod/getImageUploadAuth", true, values{"imageType": "default"}, none},
		{"GET", "/demo/getSts", false, nil, none},
		{"GET", "/demo/getVideoUploadAuth", false, values{"title": "t", "fileName": "a.mp4"}, none},
		{"GET", "/demo/refreshVideoUploadAuth", false, values{"videoId": "034813ff97984171a57aefe71c84****"}, none},
		{"GET", "/demo/getVideoPlayAuth", false, values{"videoId": "5ef00e3c0ef24547a6dcff851be0****"}, none},
		{"GET", "/demo/getImageUploadAuth", false, values{"imageType": "cover"}, none},
		{"GET", "/user/login", false, values{"username": "demo", "password": "demo"}, null},
		{"GET", "/user/register", false, values{"username": "new", "password": "new"}, null},
		{"POST", "/user/updateUser", true, values{"userId": quDemo, "nickname": "xx"}, null},
		{"GET", "/user/randomUser", false, nil, null},
		{"POST", "/vod/videoPublish", true, values{"videoId": "never-issued", "coverUrl": "https://example.com/a.jpg"}, null},
		{"GET", "/vod/getRecommendVideoList", true, values{"pageIndex": "1", "pageSize": "2"}, none},
		{"GET", "/vod/getPersonalVideoList", true, values{"pageIndex": "1", "pageSize": "2"}, none},
		{"POST", "/vod/deleteVideoById", true, values{"videoId": "no-such", "userId": quDemo}, `"Deletion complete"`},
		{"GET", "/music/getRecommendMusic", false, values{"pageNo": "1", "pageSize": "2"}, none},
		{"GET", "/music/getPlayPath", false, values{"musicId": "T10033153675"}, none},
		{"GET", "/resource/getPasterInfo", false, nil, none},
		{"GET", "/resource/getPasterList", false, values{"pasterId": "108", "type": "1"}, none},
		{"GET", "/resource/getFrontPasterList", false, nil, none},
		{"GET", "/resource/getTextPaster", false, nil, none},
		{"GET", "/resource/getTextPasterList", false, values{"textPasterId": "189"}, none},
		{"GET", "/resource/getMv", false, nil, none},
		{"GET", "/resource/getFont", false, values{"fontId": "52"}, none},
	}
}

func TestQulive(t *testing.T) {
	sections(t, "qulive", []section{
		{"every operation", quEvery},
		{"tokens", quTokens},
		{"Spring's errors", quSpring},
		{"where parameters stand", quPlaces},
		{"hosts and prefixes", quHosts},
		{"login and register", quUsers},
		{"random users and nicknames", quNicknames},
		{"temporary credentials", quSts},
		{"upload credentials", quUploads},
		{"refused uploads", quUploadErrors},
		{"image uploads", quImages},
		{"playing", quPlay},
		{"publishing", quPublish},
		{"lists", quLists},
		{"deleting", quDelete},
		{"the life of a video", quLife},
		{"the callback receiver", quCallback},
		{"what callbacks change", quCallbackEffects},
		{"music", quMusic},
		{"resources", quResources},
		{"tenants", quTenants},
	})
}

// §4 "Envelope, in order: result, requestId, message, code, data"; "message on success is the page's: …".
func quEvery(s *sandbox) {
	require.Len(s, quOps(), 26)
	token := s.quToken("demo", "demo")
	ids := map[string]bool{}
	for _, op := range quOps() {
		v := op.params.with()
		if op.token {
			v["token"] = token
		}
		got := s.qu(op.method, op.path, v)
		s.quOK(got, op.message)
		id := decode[struct{ RequestID string }](s, got.body).RequestID
		assert.False(s, ids[id], "a request id of its own: %s", op.path)
		ids[id] = true
	}
}

// §4 rows "token", "token's life", "bad, missing, expired token".
func quTokens(s *sandbox) {
	token := s.quToken("demo", "demo")
	for _, op := range quOps() {
		for _, bad := range []string{"-", "", "x", token + "x", strings.ToUpper(token), " " + token} {
			v := op.params.with("token", bad)
			got := s.qu(op.method, op.path, v)
			if op.token {
				assert.Equal(s, 200, got.status)
				assert.Equal(s, quLogin, got.body, "%s token %q", op.path, bad)
			} else {
				assert.NotEqual(s, quLogin, got.body, "on /vod/* and /user/updateUser only: %s", op.path)
			}
		}
	}
	// Before the parameters, whatever is wrong with them.
	for _, path := range []string{"/vod/getPersonalVideoList", "/vod/getRecommendVideoList", "/vod/getVideoUploadAuth", "/vod/getImageUploadAuth", "/vod/refreshVideoUploadAuth"} {
		assert.Equal(s, quLogin, s.qu("GET", path, values{"pageIndex": "x"}).body, path)
	}
	assert.Equal(s, quLogin, s.qu("POST", "/vod/videoPublish", values{"duration": "x"}).body)
	// "30 days on the clock"
	sts := func(token string) string { return s.qu("GET", "/vod/getSts", values{"token": token}).body }
	const life = 30 * 24 * time.Hour
	s.freeze(today.Add(life - time.Second))
	assert.NotEqual(s, quLogin, sts(token))
	s.freeze(today.Add(life + time.Second))
	assert.Equal(s, quLogin, sts(token))
	next := s.quToken("demo", "demo")
	assert.NotEqual(s, token, next)
	assert.NotEqual(s, quLogin, sts(next))
	random := decode[struct{ Token string }](s, string(s.quOK(s.qu("GET", "/user/randomUser", nil), "null"))).Token
	s.freeze(today.Add(2*life + 2*time.Second))
	assert.Equal(s, quLogin, sts(next))
	assert.Equal(s, quLogin, sts(random))
	// Two tokens of a user live side by side.
	a, b := s.quToken("demo", "demo"), s.quToken("demo", "demo")
	assert.NotEqual(s, quLogin, sts(a))
	assert.NotEqual(s, quLogin, sts(b))
}

// §4 "Spring Boot 1.5 error JSON timestamp,status,error,exception,message,path (404 has no exception)".
func quSpring(s *sandbox) {
	token := s.quToken("demo", "demo")
	wrong := func(method, path string, v values, status int, text, exception string) {
		s.Helper()
		r := request{method: method, url: "/qulive" + path, query: v}
		got := s.do(r)
		assert.Equal(s, status, got.status, "%s %s", method, path)
		assert.Equal(s, quJSON, got.header.Get("Content-Type"))
		if exception != "" {
			exception = `"exception":"` + exception + `",`
		}
		want := `^\{"timestamp":` + strconv.FormatInt(today.UnixMilli(), 10) + `,"status":` + strconv.Itoa(status) + `,"error":"` + text + `",` + regexp.QuoteMeta(exception) + `"message":".+","path":"` + regexp.QuoteMeta(path) + `"\}$`
		assert.Regexp(s, want, got.body, "%s %s", method, path)
	}
	const verb = "org.springframework.web.HttpRequestMethodNotSupportedException"
	for _, op := range quOps() {
		for _, method := range []string{"PUT", "DELETE", "PATCH", "POST", "GET"} {
			if method == op.method || method == "POST" && strings.Contains(op.path, "/user/") && op.path != "/user/randomUser" {
				continue // "login, register: GET as documented, POST too"
			}
			if op.path == "/user/updateUser" && method != "GET" {
				continue
			}
			wrong(method, op.path, nil, 405, "Method Not Allowed", verb) // without a token: "the verb check comes before the token's"
			got := s.do(request{method: method, url: "/qulive" + op.path})
			assert.Contains(s, got.body, `"message":"Request method '`+method+`' not supported"`)
		}
	}
	for _, method := range []string{"GET", "PUT", "DELETE"} {
		wrong(method, "/user/updateUser", nil, 405, "Method Not Allowed", verb)
		wrong(method, "/vodcallback/callback", nil, 405, "Method Not Allowed", verb)
	}
	for _, path := range []string{"/", "/nope", "/vod", "/vod/", "/vod/nope", "/vod/getSts/x", "/music/getrecommendmusic", "/user/updateUser2"} {
		wrong("GET", path, nil, 404, "Not Found", "")
	}
	v := values{"token": token, "pageIndex": "1", "pageSize": "1"}
	for _, path := range []string{"/vod/getRecommendVideoList", "/vod/getPersonalVideoList"} {
		for _, name := range []string{"pageIndex", "pageSize"} {
			wrong("GET", path, v.with(name, "-"), 500, "Internal Server Error", "java.lang.IllegalStateException")
			for _, bad := range []string{"", "x", "1.5", "99999999999", "1e3"} {
				wrong("GET", path, v.with(name, bad), 400, "Bad Request", "org.springframework.web.method.annotation.MethodArgumentTypeMismatchException")
			}
		}
		wrong("GET", path, v.with("id", "x"), 400, "Bad Request", "org.springframework.web.method.annotation.MethodArgumentTypeMismatchException")
		wrong("GET", path, v.with("pageIndex", "-", "pageSize", "-"), 500, "Internal Server Error", "java.lang.IllegalStateException")
	}
	// HEAD is GET's.
	head := s.do(request{method: "HEAD", url: "/qulive/demo/getSts"})
	assert.Equal(s, 200, head.status)
}

// §4 "GET operations read the query, POST the query or form".
func quPlaces(s *sandbox) {
	token := s.quToken("demo", "demo")
	publish := func(id string) values { return values{"videoId": id, "coverUrl": "https://example.com/a.jpg"} }
	for i, r := range []request{
		{form: publish("p0").with("token", token)},
		{form: publish("p1").with("token", token), multipart: true},
		{method: "POST", query: publish("p2").with("token", token)},
		{query: values{"token": token}, form: publish("p3")},
		{query: publish("p4"), form: values{"token": token}},
		{query: values{"token": token, "videoId": "p5"}, form: publish("other")},
	} {
		r.url = "/qulive/vod/videoPublish"
		assert.Equal(s, "{}", string(s.quOK(s.do(r), "null")), i)
	}
	s.quFalse(s.qu("POST", "/vod/videoPublish", publish("p5").with("token", token)), "500", "该视频已经发布，无法重复发布！")
	for i, r := range []request{{form: values{"username": "demo", "password": "demo"}}, {form: values{"userName": "demo", "password": "demo"}, multipart: true}, {method: "POST", query: values{"username": "demo", "password": "demo"}}} {
		r.url = "/qulive/user/login"
		assert.Contains(s, s.do(r).body, `"data":{"token":"`, i)
	}
	got := s.do(request{method: "GET", url: "/qulive/user/login", form: values{"username": "demo", "password": "demo"}})
	s.quFalse(got, "401", "用户名或密码不能为空!")
}

// "Common to all", table.
func quHosts(s *sandbox) {
	for _, host := range []string{"alivc-demo.aliyuncs.com", "ALIVC-demo.aliyuncs.com:443", "qulive.localhost", "qulive.localhost:7311", "default.qulive.localhost"} {
		got := s.do(request{host: host, url: "/user/login", query: values{"username": "demo", "password": "demo"}})
		assert.Contains(s, got.body, `"data":{"token":"`, host)
		got = s.do(request{host: host, url: "/healthz"})
		assert.Equal(s, 404, got.status, "every path is the vendor's")
		assert.Contains(s, got.body, `"path":"/healthz"`)
	}
	got := s.do(request{url: "/t/default/qulive/demo/getSts"})
	s.quOK(got, `""`)
}

// §4 row "login, register".
func quUsers(s *sandbox) {
	const empty, taken, unknown, wrong = "用户名或密码不能为空!", "该用户已注册!", "用户名错误!", "密码错误!"
	for _, method := range []string{"GET", "POST"} {
		for _, name := range []string{"username", "userName"} {
			for _, path := range []string{"/user/login", "/user/register"} {
				for _, v := range []values{{}, {name: "demo"}, {"password": "demo"}, {name: "", "password": "demo"}, {name: "demo", "password": ""}} {
					s.quFalse(s.qu(method, path, v), "401", empty)
				}
			}
			s.quFalse(s.qu(method, "/user/register", values{name: "demo", "password": "x"}), "403", taken)
			s.quFalse(s.qu(method, "/user/login", values{name: "nobody", "password": "demo"}), "401", unknown)
			s.quFalse(s.qu(method, "/user/login", values{name: "Demo", "password": "demo"}), "401", unknown)
			s.quFalse(s.qu(method, "/user/login", values{name: "demo", "password": "Demo"}), "401", wrong)
			user := method + name + "用户"
			data := s.quOK(s.qu(method, "/user/register", values{name: user, "password": "p w"}), "null")
			assert.Equal(s, "{}", string(data), "register's is {}")
			s.quFalse(s.qu(method, "/user/register", values{name: user, "password": "p w"}), "403", taken)
			data = s.quOK(s.qu(method, "/user/login", values{name: user, "password": "p w"}), "null")
			assert.Regexp(s, `^\{"token":"[^"]+"\}$`, string(data), `login's data is {"token":…}`)
			s.quFalse(s.qu(method, "/user/login", values{name: user, "password": "p"}), "401", wrong)
		}
	}
}

// §4 rows "randomUser", "updateUser".
func quNicknames(s *sandbox) {
	got := s.qu("GET", "/user/randomUser", nil)
	data := string(s.quOK(got, "null"))
	assert.Regexp(s, `^\{"id":"\d+","userId":"\d+","nickName":"[^"]+","avatarUrl":"http[^"]+","avatar":"http[^"]+","gmtCreate":"2026-03-18 02:30:00","gmtModified":"","token":"[^"]+"\}$`, data, "times are Asia/Shanghai")
	v := decode[map[string]string](s, data)
	assert.Equal(s, v["avatarUrl"], v["avatar"])
	again := decode[map[string]string](s, string(s.quOK(s.qu("GET", "/user/randomUser", nil), "null")))
	assert.NotEqual(s, v["userId"], again["userId"])
	assert.NotEqual(s, v["id"], again["id"])
	assert.NotEqual(s, v["token"], again["token"])
	// The token is one, and its user's nickname shows in lists.
	publish := values{"token": v["token"], "videoId": "mine", "coverUrl": "https://example.com/a.jpg", "title": "t"}
	s.quOK(s.qu("POST", "/vod/videoPublish", publish), "null")
	list := func(token string) []quVideo {
		return s.quList("/vod/getPersonalVideoList", values{"token": token, "pageIndex": "1", "pageSize": "10"}).VideoList
	}
	assert.Equal(s, v["nickName"], list(v["token"])[0].User.UserName)
	assert.Equal(s, v["userId"], list(v["token"])[0].User.UserID)
	// "no ownership check, unknown user is not an error"
	data = string(s.quOK(s.qu("POST", "/user/updateUser", values{"token": again["token"], "userId": v["userId"], "nickname": "新名字"}), "null"))
	assert.Equal(s, "{}", data)
	assert.Equal(s, "新名字", list(v["token"])[0].User.UserName)
	assert.Equal(s, "{}", string(s.quOK(s.qu("POST", "/user/updateUser", values{"token": again["token"], "userId": "nobody", "nickname": "x"}), "null")))
}

// §4 row "getSts".
func quSts(s *sandbox) {
	token := s.quToken("demo", "demo")
	for _, path := range []string{"/vod/getSts", "/demo/getSts"} {
		v := decode[map[string]string](s, string(s.quOK(s.qu("GET", path, values{"token": token}), `""`)))
		assert.Equal(s, "2026-03-17T19:20:00Z", v["expiration"], "3000 seconds from now, UTC")
		assert.Equal(s, v["expiration"], v["Expiration"], "lower case and also Expiration")
		assert.True(s, strings.HasPrefix(v["accessKeyId"], "STS."))
		assert.NotEmpty(s, v["accessKeySecret"])
		assert.NotEmpty(s, v["securityToken"])
		assert.Len(s, v, 5)
	}
}

type quAuth struct {
	SecurityToken, AccessKeyID, ExpireUTCTime, AccessKeySecret, Expiration, Region string
}

// quUnpack decodes base64 JSON and holds it to its keys, in order.
func (s *sandbox) quUnpack(text string, keys ...string) string {
	s.Helper()
	raw, err := base64.StdEncoding.DecodeString(text)
	require.NoError(s, err)
	at := 0
	for _, key := range keys {
		i := strings.Index(string(raw[at:]), `"`+key+`":`)
		assert.GreaterOrEqual(s, i, 0, "%s in %s", key, raw)
		at += max(i, 0)
	}
	return string(raw)
}

func (s *sandbox) quUpload(data json.RawMessage) (video, address string, auth quAuth) {
	s.Helper()
	v := decode[struct{ VideoID, UploadAddress, UploadAuth string }](s, string(data))
	address = s.quUnpack(v.UploadAddress, "Endpoint", "Bucket", "FileName")
	auth = decode[quAuth](s, s.quUnpack(v.UploadAuth, "SecurityToken", "AccessKeyId", "ExpireUTCTime", "AccessKeySecret", "Expiration", "Region"))
	return v.VideoID, address, auth
}

// §4 row "upload credentials".
func quUploads(s *sandbox) {
	token := s.quToken("demo", "demo")
	for _, prefix := range []string{"/vod", "/demo"} {
		s.freeze(today)
		v := values{"token": token, "title": "标题", "fileName": "clip.MP4", "fileSize": "1000", "description": "d", "coverURL": "https://example.com/a.jpg", "tags": "a,b"}
		video, address, auth := s.quUpload(s.quOK(s.qu("GET", prefix+"/getVideoUploadAuth", v), `""`))
		assert.Regexp(s, `^[0-9a-f]{32}$`, video)
		assert.Equal(s, "3000", auth.Expiration)
		assert.Equal(s, "2026-03-17T19:20:00Z", auth.ExpireUTCTime)
		assert.True(s, strings.HasPrefix(auth.AccessKeyID, "STS."))
		assert.Equal(s, "cn-shanghai", auth.Region)
		place := decode[map[string]string](s, address)
		assert.Len(s, place, 3)
		assert.Regexp(s, `(?i)\.mp4$`, place["FileName"])
		refresh := func() (string, quAuth) {
			data := s.quOK(s.qu("GET", prefix+"/refreshVideoUploadAuth", values{"token": token, "videoId": video}), `""`)
			assert.NotContains(s, string(data), "videoId")
			_, a, b := s.quUpload(data)
			return a, b
		}
		// "refresh keeps address and credentials, with less time left"
		for _, left := range []int{3000, 2000, 1} {
			s.freeze(today.Add(time.Duration(3000-left) * time.Second))
			address2, auth2 := refresh()
			assert.Equal(s, address, address2)
			want := auth
			want.Expiration = strconv.Itoa(left)
			assert.Equal(s, want, auth2)
		}
		// "and renews them once expired"
		s.freeze(today.Add(3001 * time.Second))
		_, auth2 := refresh()
		assert.Equal(s, "3000", auth2.Expiration)
		assert.Equal(s, "2026-03-17T20:10:01Z", auth2.ExpireUTCTime)
		assert.NotEqual(s, auth.SecurityToken, auth2.SecurityToken)
		assert.NotEqual(s, auth.AccessKeyID, auth2.AccessKeyID)
		_, auth3 := refresh()
		assert.Equal(s, auth2, auth3)
		// The upload itself is taken.
		put := s.do(request{method: "PUT", url: place["Endpoint"] + "/" + place["FileName"], body: "bytes"})
		assert.Equal(s, 200, put.status, "%v", place)
	}
	// The page's sample id, as it is printed.
	s.quOK(s.qu("GET", "/demo/refreshVideoUploadAuth", values{"videoId": "034813ff97984171a57aefe71c84****"}), `""`)
}

// §4 row "title > 128 bytes, …".
func quUploadErrors(s *sandbox) {
	token := s.quToken("demo", "demo")
	good := values{"token": token, "title": "t", "fileName": "a.mp4"}
	tags := func(n int) string { return strings.TrimSuffix(strings.Repeat("t,", n), ",") }
	for _, prefix := range []string{"/vod", "/demo"} {
		ask := func(pairs ...string) reply {
			return s.qu("GET", prefix+"/getVideoUploadAuth", good.with(pairs...))
		}
		s.quCode(ask("title", strings.Repeat("t", 129)), "LengthExceededMax")
		s.quCode(ask("title", strings.Repeat("题", 43)), "LengthExceededMax")
		s.quOK(ask("title", strings.Repeat("t", 128)), `""`)
		s.quOK(ask("title", strings.Repeat("题", 42)+"tt"), `""`)
		for _, missing := range []string{"-", ""} {
			s.quCode(ask("title", missing), "MissingTitle")
			s.quCode(ask("fileName", missing), "MissingFileName")
		}
		for _, name := range []string{"a", "a.", "a.xyz", "a.mp4.exe", "mp4", "a.txt"} {
			s.quCode(ask("fileName", name), "InvalidFileName.Extension")
		}
		for _, name := range []string{"a.mp4", "A.MP4", "a b.mov", "视频.flv", "a.b.avi", "x.Mkv"} {
			s.quOK(ask("fileName", name), `""`)
		}
		s.quCode(ask("tags", tags(17)), "TagsExceededMax")
		s.quOK(ask("tags", tags(16)), `""`)
		for _, id := range []string{"nope", "", "-"} {
			s.quCode(s.qu("GET", prefix+"/refreshVideoUploadAuth", values{"token": token, "videoId": id}), "InvalidVideo.NotFound")
		}
	}
	for _, id := range []string{"nope", "", "-"} {
		s.quCode(s.qu("GET", "/demo/getVideoPlayAuth", values{"videoId": id}), "InvalidVideo.NotFound")
	}
}

// Page, getImageUploadAuth; §4 "InvalidImageType (missing or not default/cover)".
func quImages(s *sandbox) {
	token := s.quToken("demo", "demo")
	for _, prefix := range []string{"/vod", "/demo"} {
		for _, kind := range []string{"default", "cover"} {
			for _, c := range []struct{ ext, want string }{{"-", "png"}, {"", "png"}, {"jpg", "jpg"}, {"gif", "gif"}} {
				data := s.quOK(s.qu("GET", prefix+"/getImageUploadAuth", values{"token": token, "imageType": kind, "imageExt": c.ext, "title": "t", "tags": "a"}), `""`)
				s.quUpload(data)
				v := decode[struct{ ImageID, ImageURL string }](s, string(data))
				assert.Regexp(s, `^[0-9a-f]{32}$`, v.ImageID)
				u, err := url.Parse(v.ImageURL)
				require.NoError(s, err)
				assert.True(s, strings.HasSuffix(strings.ToLower(u.Path), "."+c.want), "default: png: %s", v.ImageURL)
				assert.Contains(s, u.Path, "/image/"+kind+"/")
			}
		}
		for _, kind := range []string{"-", "", "x", "Default", "video"} {
			s.quCode(s.qu("GET", prefix+"/getImageUploadAuth", values{"token": token, "imageType": kind}), "InvalidImageType")
		}
	}
}

// §4 row "getVideoPlayAuth", and the page's sample.
func quPlay(s *sandbox) {
	for _, id := range []string{"5ef00e3c0ef24547a6dcff851be0****", "5ef00e3c0ef24547a6dcff851be0b6ab"} {
		data := s.quOK(s.qu("GET", "/demo/getVideoPlayAuth", values{"videoId": id}), `""`)
		v := decode[map[string]string](s, string(data))
		assert.Len(s, v, 4)
		assert.Equal(s, "10.4167", v["duration"])
		assert.Regexp(s, `^5ef00e3c0ef24547a6dcff851be0`, v["videoId"])
		raw := s.quUnpack(v["playAuth"], "SecurityToken", "AuthInfo", "VideoMeta", "AccessKeyId", "PlayDomain", "AccessKeySecret", "Region", "CustomerId")
		auth := decode[struct {
			AuthInfo  string
			VideoMeta struct {
				Status, VideoID, Title, CoverURL string
				Duration                         float64
			}
			AccessKeyID, PlayDomain, Region string
			CustomerID                      int64
		}](s, raw)
		assert.Equal(s, "Normal", auth.VideoMeta.Status)
		assert.Equal(s, v["videoId"], auth.VideoMeta.VideoID)
		assert.Equal(s, v["coverURL"], auth.VideoMeta.CoverURL)
		assert.InDelta(s, 10.4167, auth.VideoMeta.Duration, 0)
		s.quUnpack(v["playAuth"], "VideoMeta", "Status", "VideoId", "Title", "CoverURL", "Duration")
		info := decode[map[string]string](s, auth.AuthInfo)
		assert.Equal(s, v["videoId"], info["MediaId"])
		assert.Equal(s, auth.PlayDomain, info["PlayDomain"])
		for _, key := range []string{"Caller", "ExpireTime", "Signature"} {
			assert.NotEmpty(s, info[key], key)
		}
	}
	// "Forbidden.IllegalStatus": a video that is not ready yet.
	token := s.quToken("demo", "demo")
	video, _, _ := s.quUpload(s.quOK(s.qu("GET", "/vod/getVideoUploadAuth", values{"token": token, "title": "t", "fileName": "a.mp4"}), `""`))
	s.quCode(s.qu("GET", "/demo/getVideoPlayAuth", values{"videoId": video}), "Forbidden.IllegalStatus")
}

// §4 row "videoPublish".
func quPublish(s *sandbox) {
	token := s.quToken("demo", "demo")
	good := values{"token": token, "videoId": "v1", "coverUrl": "https://example.com/cover.jpg", "title": "标题", "description": "描述 a+b", "duration": "12.5", "size": "4096", "tags": "a,b", "cateId": "7", "cateName": "生活"}
	ask := func(pairs ...string) reply { return s.qu("POST", "/vod/videoPublish", good.with(pairs...)) }
	for _, missing := range []string{"-", ""} {
		s.quFalse(ask("videoId", missing), "500", "videoId为必填项")
		s.quFalse(ask("coverUrl", missing), "500", "coverUrl为必填项")
	}
	assert.Equal(s, "{}", string(s.quOK(ask(), "null")))
	s.quFalse(ask(), "500", "该视频已经发布，无法重复发布！")
	s.quFalse(ask("title", "another", "coverUrl", "https://example.com/b.jpg"), "500", "该视频已经发布，无法重复发布！")
	got := s.quList("/vod/getPersonalVideoList", values{"token": token, "pageIndex": "1", "pageSize": "1"})
	v := got.VideoList[0]
	assert.Equal(s, 8, got.Total)
	assert.Equal(s, quVideo{
		ID: "26", VideoID: "v1", Title: "标题", Description: "描述 a+b", Duration: 12.5, CoverURL: "https://example.com/cover.jpg", CreationTime: "2026-03-18 02:30:00.0", Size: 4096, CateID: 7, CateName: "生活", Tags: "a,b",
		User: v.User, CensorStatus: "onCensor",
	}, v)
	assert.Equal(s, quDemo, v.User.UserID)
	// "a videoId that the sandbox never issued is accepted"; one that it issued, too.
	video, _, _ := s.quUpload(s.quOK(s.qu("GET", "/vod/getVideoUploadAuth", values{"token": token, "title": "t", "fileName": "a.mp4"}), `""`))
	s.quOK(ask("videoId", video), "null")
	// Only what is needed.
	s.quOK(s.qu("POST", "/vod/videoPublish", values{"token": token, "videoId": "v2", "coverUrl": "https://example.com/cover.jpg"}), "null")
	// What is sent for the cover is what lists show.
	for i, cover := range []string{"https://example.com/cover.jpg?x=1&y=%20", "/cover.jpg", "cover.jpg", s.url + "/qulive/-/image/cover/x.png?Expires=1"} {
		s.quOK(ask("videoId", fmt.Sprint("cover", i), "coverUrl", cover), "null")
		assert.Equal(s, cover, s.quList("/vod/getPersonalVideoList", values{"token": token, "pageIndex": "1", "pageSize": "1"}).VideoList[0].CoverURL)
	}
	// Numbers.
	for _, name := range []string{"duration", "size", "cateId"} {
		bad := ask("videoId", "v3", name, "x")
		assert.Equal(s, 400, bad.status, "non-numeric number 400")
		assert.Contains(s, bad.body, "MethodArgumentTypeMismatchException")
	}
	assert.Equal(s, 14, s.quList("/vod/getPersonalVideoList", values{"token": token, "pageIndex": "1", "pageSize": "1"}).Total)
}

type quVideo struct {
	ID                    string  `json:"id"`
	VideoID               string  `json:"videoId"`
	Title                 string  `json:"title"`
	Description           string  `json:"description"`
	Duration              float64 `json:"duration"`
	CoverURL              string  `json:"coverUrl"`
	CreationTime          string  `json:"creationTime"`
	Status                string  `json:"status"`
	FirstFrameURL         string  `json:"firstFrameUrl"`
	Size                  int     `json:"size"`
	CateID                int     `json:"cateId"`
	CateName              string  `json:"cateName"`
	Tags                  string  `json:"tags"`
	ShareURL              string  `json:"shareUrl"`
	User                  quUser  `json:"user"`
	TranscodeStatus       string  `json:"transcodeStatus"`
	SnapshotStatus        string  `json:"snapshotStatus"`
	CensorStatus          string  `json:"censorStatus"`
	NarrowTranscodeStatus string  `json:"narrowTranscodeStatus"`
	FileURL               string  `json:"fileUrl,omitempty"`
}

type quUser struct {
	UserID    string `json:"userId"`
	UserName  string `json:"userName"`
	AvatarURL string `json:"avatarUrl"`
}

type quListing struct {
	Total     int       `json:"total"`
	VideoList []quVideo `json:"videoList"`
}

// quList asks for a list and holds it to the key set of the page's sample.
func (s *sandbox) quList(path string, v values) quListing {
	s.Helper()
	data := s.quOK(s.qu("GET", path, v), `""`)
	loose := decode[struct {
		VideoList []map[string]any `json:"videoList"`
	}](s, string(data))
	want := strings.Fields("id videoId title description duration coverUrl creationTime status firstFrameUrl size cateId cateName tags shareUrl user transcodeStatus snapshotStatus censorStatus narrowTranscodeStatus")
	if strings.Contains(path, "Recommend") {
		want = append(want, "fileUrl")
	}
	for _, item := range loose.VideoList {
		assert.ElementsMatch(s, want, keys(item), "key set of each list as in its sample")
		assert.ElementsMatch(s, []string{"userId", "userName", "avatarUrl"}, keys(item["user"].(map[string]any)))
	}
	out := decode[quListing](s, string(data))
	require.NotNil(s, out.VideoList, "an empty list is [], not null: %s", data)
	return out
}

// §4 row "lists", and the page's samples.
func quLists(s *sandbox) {
	token := s.quToken("demo", "demo")
	v := values{"token": token, "pageIndex": "1", "pageSize": "2"}
	const recommend, personal = "/vod/getRecommendVideoList", "/vod/getPersonalVideoList"
	first := s.quList(recommend, v)
	assert.Equal(s, 59, first.Total)
	require.Len(s, first.VideoList, 2)
	balloon, chair := first.VideoList[0], first.VideoList[1]
	assert.Equal(s, quVideo{
		ID: "110", VideoID: balloon.VideoID, Title: "Hot Air Balloon", Description: "Hot Air Balloon", Duration: 7, CoverURL: balloon.CoverURL, Status: "1", FirstFrameURL: balloon.FirstFrameURL,
		Size: 389938, CateID: 1, CateName: "Recommended List", Tags: "Hot Air Balloon", User: quUser{UserID: quDemo}, FileURL: balloon.FileURL,
	}, balloon)
	assert.Regexp(s, `^a34f34e0fc744d00a5269e8a7c`, balloon.VideoID)
	assert.Equal(s, "febc0388fab9491d8199bdad1958b756", chair.VideoID)
	assert.Equal(s, "109", chair.ID)
	assert.Equal(s, "Beach Chair", chair.Title)
	assert.Equal(s, 2763135, chair.Size)
	one := s.quList(personal, v.with("pageSize", "1"))
	assert.Equal(s, 7, one.Total)
	test := one.VideoList[0]
	assert.Equal(s, quVideo{
		ID: "25", VideoID: "23rfewc23", Title: "test video", Description: "test33", Duration: 12, CoverURL: test.CoverURL, CreationTime: "2019-01-09 22:11:29.0", Size: 56, CateID: 12, CateName: "12",
		Tags: "Test", User: quUser{UserID: quDemo, UserName: "xx", AvatarURL: test.User.AvatarURL}, CensorStatus: "onCensor",
	}, test)

	for _, path := range []string{recommend, personal} {
		all := s.quList(path, v.with("pageSize", "1000"))
		require.Len(s, all.VideoList, all.Total)
		last := 1 << 60
		for _, video := range all.VideoList {
			id, err := strconv.Atoi(video.ID)
			require.NoError(s, err)
			assert.Less(s, id, last, "newest (highest id) first")
			last = id
			if path == personal {
				assert.Equal(s, quDemo, video.User.UserID)
			}
		}
		// 1-based pages
		for _, size := range []int{1, 2, 3, 7, 10, 59, 60} {
			var got []quVideo
			for page := 1; ; page++ {
				list := s.quList(path, v.with("pageIndex", strconv.Itoa(page), "pageSize", strconv.Itoa(size)))
				assert.Equal(s, all.Total, list.Total)
				got = append(got, list.VideoList...)
				if len(list.VideoList) < size {
					break
				}
			}
			assert.Equal(s, all.VideoList, got, "%s in pages of %d", path, size)
		}
		for _, page := range []string{"0", "-1", "1000000"} {
			list := s.quList(path, v.with("pageIndex", page))
			assert.Empty(s, list.VideoList, "below 1: an empty list")
			assert.Equal(s, all.Total, list.Total)
		}
		// "optional cursor id (rows below it); total a number ignoring the cursor"
		cursor := all.VideoList[2].ID
		below := s.quList(path, v.with("id", cursor))
		assert.Equal(s, all.Total, below.Total)
		assert.Equal(s, all.VideoList[3:5], below.VideoList)
		assert.Equal(s, all.VideoList[5:7], s.quList(path, v.with("id", cursor, "pageIndex", "2")).VideoList)
		assert.Empty(s, s.quList(path, v.with("id", all.VideoList[all.Total-1].ID)).VideoList)
	}
	// "recommended is its own set, not a filter on personal": the personal list is the token's user's.
	s.qu("GET", "/user/register", values{"username": "other", "password": "x"})
	other := s.quList(personal, v.with("token", s.quToken("other", "x")))
	assert.Equal(s, 0, other.Total)
	assert.Empty(s, other.VideoList)
	assert.Equal(s, 59, s.quList(recommend, v.with("token", s.quToken("other", "x"))).Total)
}

// §4 row "deleteVideoById".
func quDelete(s *sandbox) {
	token := s.quToken("demo", "demo")
	s.qu("GET", "/user/register", values{"username": "other", "password": "x"})
	other := s.quToken("other", "x")
	s.quOK(s.qu("POST", "/vod/videoPublish", values{"token": other, "videoId": "others", "coverUrl": "https://example.com/c.jpg"}), "null")
	otherID := s.quList("/vod/getPersonalVideoList", values{"token": other, "pageIndex": "1", "pageSize": "1"}).VideoList[0].User.UserID
	total := func(token string) int {
		return s.quList("/vod/getPersonalVideoList", values{"token": token, "pageIndex": "1", "pageSize": "1"}).Total
	}
	ask := func(token, video, user string) reply {
		return s.qu("POST", "/vod/deleteVideoById", values{"token": token, "videoId": video, "userId": user})
	}
	refused := func(got reply, cite string) {
		s.Helper()
		assert.Equal(s, 200, got.status)
		assert.Regexp(s, `^\{"result":"true","requestId":"`+quUUID+`","message":"删除视频，权限不足","code":"403","data":null\}$`, got.body, cite)
	}
	refused(ask(token, "others", otherID), "the owner's id is sent")
	refused(ask(other, "23rfewc23", quDemo), "the owner's id is sent")
	refused(ask(token, "23rfewc23", otherID), "another's id is sent")
	refused(ask(token, "others", quDemo), "the video is another's")
	assert.Equal(s, 7, total(token))
	assert.Equal(s, 1, total(other))
	done := func(got reply, cite string) {
		s.Helper()
		assert.Equal(s, "null", string(s.quOK(got, `"Deletion complete"`)), cite)
	}
	done(ask(token, "no such", quDemo), "unknown video: success")
	done(ask(token, "no such", otherID), "unknown video: success")
	done(ask(token, "no such", ""), "unknown video: success")
	done(ask(token, "23rfewc23", quDemo), "")
	assert.Equal(s, 6, total(token))
	done(ask(token, "23rfewc23", quDemo), "again")
	assert.Equal(s, 6, total(token))
	done(ask(other, "others", otherID), "")
	assert.Equal(s, 0, total(other))
}

// §4 "statuses", "Life of a video on the clock after publish: snapshot, then automated review, then transcoding".
func quLife(s *sandbox) {
	token := s.quToken("demo", "demo")
	video, _, _ := s.quUpload(s.quOK(s.qu("GET", "/vod/getVideoUploadAuth", values{"token": token, "title": "Holiday", "fileName": "a.mp4"}), `""`))
	s.quOK(s.qu("POST", "/vod/videoPublish", values{"token": token, "videoId": video, "coverUrl": "https://example.com/c.jpg", "title": "Holiday"}), "null")
	look := func() quVideo {
		return s.quList("/vod/getPersonalVideoList", values{"token": token, "pageIndex": "1", "pageSize": "1"}).VideoList[0]
	}
	v := look()
	assert.Equal(s, []string{"", "onCensor", ""}, []string{v.SnapshotStatus, v.CensorStatus, v.TranscodeStatus})
	seen := []string{}
	for range 600 {
		s.advance(time.Second)
		v = look()
		state := v.SnapshotStatus + "/" + v.CensorStatus + "/" + v.TranscodeStatus
		if len(seen) == 0 || seen[len(seen)-1] != state {
			seen = append(seen, state)
		}
		if v.TranscodeStatus == "success" {
			break
		}
	}
	assert.Equal(s, "success/success/success", seen[len(seen)-1])
	allowed := map[string]int{"/onCensor/": 0, "success/onCensor/": 1, "success/success/": 2, "success/success/onTranscode": 3, "success/success/success": 4}
	last := -1
	for _, state := range seen {
		at, ok := allowed[state]
		assert.True(s, ok, "%s is not on the way: %v", state, seen)
		assert.Greater(s, at, last, seen)
		last = at
	}
	assert.Contains(s, seen, "success/onCensor/", "snapshot first")
	assert.Contains(s, seen, "success/success/onTranscode", "then review, then transcoding")
	s.quOK(s.qu("GET", "/demo/getVideoPlayAuth", values{"videoId": video}), `""`)
	assert.NotEmpty(s, look().FirstFrameURL, "the snapshot is the first frame")
}

// quPost posts an event to the receiver.
func (s *sandbox) quPost(body string, header values) reply {
	s.Helper()
	got := s.do(request{method: "POST", url: "/qulive/vodcallback/callback", body: body, header: header.with("Content-Type", "application/json")})
	assert.Equal(s, quJSON, got.header.Get("Content-Type"))
	return got
}

// quSigned are the headers of an event: md5(callbackURL|timestamp|privateKey).
func (s *sandbox) quSigned(timestamp string) values {
	s.Helper()
	c := decode[tenant](s, s.admin("GET", "/tenants/default", "", 200)).Credentials["qulive"]
	assert.Equal(s, s.url+"/qulive/vodcallback/callback", c["callback_url"], "the URL is the one under which the sandbox is reached")
	sum := md5.Sum([]byte(c["callback_url"] + "|" + timestamp + "|" + c["callback_key"]))
	return values{"X-VOD-TIMESTAMP": timestamp, "X-VOD-SIGNATURE": hex.EncodeToString(sum[:])}
}

// §4 row "callback receiver".
func quCallback(s *sandbox) {
	event := func(kind string) string {
		return `{"EventTime":"2026-03-17T18:30:00Z","EventType":"` + kind + `","VideoId":"23rfewc23","Status":"success"}`
	}
	signed := s.quSigned(strconv.FormatInt(today.Unix(), 10))
	for _, kind := range []string{"StreamTranscodeComplete", "TranscodeComplete", "SnapshotComplete", "AIVideoCensorComplete"} {
		for _, body := range []string{event(kind), strings.Replace(event(kind), "VideoId", "MediaId", 1)} {
			got := s.quPost(body, signed)
			assert.Equal(s, 200, got.status, kind)
			assert.Regexp(s, `^\{"message":".*"\}$`, got.body, kind)
		}
	}
	known := event("SnapshotComplete")
	bad := func(got reply) {
		s.Helper()
		assert.Equal(s, 403, got.status)
		assert.Equal(s, `{"message":"非法请求！"}`, got.body)
	}
	bad(s.quPost(known, signed.with("X-VOD-SIGNATURE", "x")))
	bad(s.quPost(known, signed.with("X-VOD-TIMESTAMP", "1")))
	bad(s.quPost("", signed.with("X-VOD-SIGNATURE", "x")))
	bad(s.quPost(event("Nope"), signed.with("X-VOD-SIGNATURE", "x")))
	for _, body := range []string{"", "{}", event("Nope"), event(""), `{"EventType":null}`, "null"} {
		got := s.quPost(body, signed)
		assert.Equal(s, 400, got.status, body)
		assert.Equal(s, `{"message":"参数为空！"}`, got.body, body)
	}
	for _, header := range []string{"X-VOD-TIMESTAMP", "X-VOD-SIGNATURE"} {
		got := s.quPost(known, signed.with(header, "-"))
		assert.Equal(s, 400, got.status, "missing header HTTP 400")
		assert.Contains(s, got.body, header)
	}
	assert.Equal(s, 400, s.quPost("", nil).status)
	// "no age check on the timestamp"
	for _, timestamp := range []string{"1", "9999999999", strconv.FormatInt(today.AddDate(-5, 0, 0).Unix(), 10)} {
		assert.Equal(s, 200, s.quPost(known, s.quSigned(timestamp)).status, timestamp)
	}
	// "signature check is a setting, default on"
	s.tenant(`{"id":"open","settings":{"qulive.callback-signature":"off"}}`)
	got := s.do(request{method: "POST", url: "/t/open/qulive/vodcallback/callback", body: known, header: values{"Content-Type": "application/json", "X-VOD-TIMESTAMP": "1", "X-VOD-SIGNATURE": "x"}})
	assert.Equal(s, 200, got.status)
	got = s.do(request{method: "POST", url: "/t/open/qulive/vodcallback/callback", body: "", header: values{"Content-Type": "application/json"}})
	assert.Equal(s, 400, got.status)
	// Not JSON at all is never an error of ours.
	for _, body := range []string{"x", "[1]", `"text"`, `{"EventType":5}`, `{"EventType":"SnapshotComplete"`, "\xff\xfe"} {
		got := s.quPost(body, signed)
		assert.Contains(s, []int{400, 500}, got.status, body)
		assert.NotContains(s, got.body, "problem")
	}
	// Other content types carry the same text.
	got = s.do(request{method: "POST", url: "/qulive/vodcallback/callback", body: known, header: signed.with("Content-Type", "text/plain")})
	assert.Equal(s, 200, got.status)
}

// §4 "each changing the statuses through the same code as an incoming callback"; "a failed review: none".
func quCallbackEffects(s *sandbox) {
	token := s.quToken("demo", "demo")
	look := func(id string) quVideo {
		for _, v := range s.quList("/vod/getPersonalVideoList", values{"token": token, "pageIndex": "1", "pageSize": "100"}).VideoList {
			if v.VideoID == id {
				return v
			}
		}
		s.Fatal("no video " + id)
		return quVideo{}
	}
	post := func(kind, id, status string) {
		s.Helper()
		body := fmt.Sprintf(`{"EventTime":"2026-03-17T18:30:00Z","EventType":"%s","VideoId":"%s","Status":"%s"}`, kind, id, status)
		assert.Equal(s, 200, s.quPost(body, s.quSigned("1")).status)
	}
	publish := func(id string) {
		s.quOK(s.qu("POST", "/vod/videoPublish", values{"token": token, "videoId": id, "coverUrl": "https://example.com/c.jpg"}), "null")
	}
	for _, c := range []struct{ kind, status, censor, transcode, snapshot string }{
		{"SnapshotComplete", "success", "onCensor", "", "success"},
		{"SnapshotComplete", "fail", "onCensor", "", "fail"},
		{"AIVideoCensorComplete", "fail", "fail", "", ""},
		{"AIVideoCensorComplete", "success", "success", "onTranscode", ""},
	} {
		id := strings.ToLower(c.kind + c.status)
		publish(id)
		post(c.kind, id, c.status)
		v := look(id)
		assert.Equal(s, []string{c.censor, c.transcode, c.snapshot}, []string{v.CensorStatus, v.TranscodeStatus, v.SnapshotStatus}, "%v", c)
	}
	// "censor onCensor → success / fail / check": what the review suggests, as an object or as a text.
	for suggestion, want := range map[string]string{"pass": "success", "block": "fail", "review": "check"} {
		for i, data := range []string{`{"Suggestion":"` + suggestion + `"}`, `"{\"Suggestion\":\"` + suggestion + `\"}"`} {
			id := suggestion + strconv.Itoa(i)
			publish(id)
			body := `{"EventType":"AIVideoCensorComplete","MediaId":"` + id + `","Status":"success","Data":` + data + `}`
			assert.Equal(s, 200, s.quPost(body, s.quSigned("1")).status)
			assert.Equal(s, want, look(id).CensorStatus, body)
		}
	}
	for _, status := range []string{"success", "fail"} {
		id := "transcoded" + status
		publish(id)
		post("AIVideoCensorComplete", id, "success")
		post("StreamTranscodeComplete", id, status)
		assert.Equal(s, status, look(id).TranscodeStatus)
	}
	post("SnapshotComplete", "unknown video", "success")
	// After a failed review nothing is transcoded, ever.
	s.advance(48 * time.Hour)
	v := look("aivideocensorcompletefail")
	assert.Equal(s, []string{"fail", ""}, []string{v.CensorStatus, v.TranscodeStatus})
}

// §4 row "music", and the page's samples.
func quMusic(s *sandbox) {
	ask := func(no, size string) reply {
		return s.qu("GET", "/music/getRecommendMusic", values{"pageNo": no, "pageSize": size})
	}
	want := `{"musicList":[{"musicId":"T10033153675","title":"Super Induction","artistName":"N.O.D","duration":"219","source":"TaiHe"},{"musicId":"T10033153447","title":"Candybae","artistName":"N.O.D","duration":"200","source":"TaiHe"},{"musicId":"T10033153645","title":"Ring Ring Ring","artistName":"N.O.D","duration":"208","source":"TaiHe"}],"total":"40"}`
	assert.Equal(s, want, string(s.quOK(ask("1", "3"), `""`)), "the page's sample; total a string")
	seen := map[string]bool{}
	count := 0
	for page := 1; page <= 50; page++ {
		list := decode[struct{ MusicList []map[string]string }](s, string(s.quOK(ask(strconv.Itoa(page), "7"), `""`))).MusicList
		for _, song := range list {
			assert.Len(s, song, 5)
			assert.Regexp(s, `^\d+$`, song["duration"])
			seen[song["musicId"]] = true
			count++
			path := decode[map[string]string](s, string(s.quOK(s.qu("GET", "/music/getPlayPath", values{"musicId": song["musicId"]}), `""`)))
			assert.Contains(s, path["playPath"], song["musicId"])
		}
	}
	assert.Len(s, seen, 40)
	assert.Equal(s, 40, count)
	assert.Contains(s, string(s.quOK(ask("50", "50"), `""`)), `"musicList":[]`)
	for _, bad := range []string{"0", "51", "-1", "x", "", "-", "1.5"} {
		for _, got := range []reply{ask(bad, "10"), ask("1", bad)} {
			assert.Equal(s, 200, got.status)
			assert.Regexp(s, `^\{"result":"false","requestId":"`+quUUID+`","message":"[^"]+","code":"500","data":null\}$`, got.body, bad)
		}
	}
	// "unknown musicId: empty strings"
	for _, id := range []string{"nope", "", "-"} {
		assert.Equal(s, `{"playPath":"","expireTime":""}`, string(s.quOK(s.qu("GET", "/music/getPlayPath", values{"musicId": id}), `""`)))
	}
	path := decode[map[string]string](s, string(s.quOK(s.qu("GET", "/music/getPlayPath", values{"musicId": "T10033153675"}), `""`)))
	expires, err := strconv.ParseInt(path["expireTime"], 10, 64)
	require.NoError(s, err)
	assert.Greater(s, expires, today.Unix(), "seconds, on the clock")
	assert.Less(s, expires, today.AddDate(1, 0, 0).Unix())
}

// §4 row "resource", and the page's samples.
func quResources(s *sandbox) {
	get := func(path string, pairs ...string) string {
		s.Helper()
		return string(s.quOK(s.qu("GET", "/resource/"+path, values{}.with(pairs...)), `""`))
	}
	objects := func(text string) []map[string]any { return decode[[]map[string]any](s, text) }
	link := `"[^"]*"`
	for _, c := range []struct{ path, key, value, want string }{
		{"getPasterInfo", "", "", `^\[\{"id":84,"icon":` + link + `,"description":"Valentine's Day animated sticker","name":"Beautiful Valentine's Day","level":1,"preview":` + link + `,"sort":46,"type":1,"createTime":"2019-03-19 14:32:38.0"\},\{"id":108,"icon":` + link + `,"description":"New Year material","name":"Happy 2017 Spring Festival 2","level":1,"preview":` + link + `,"sort":45,"type":1,"createTime":"2019-03-19 14:32:18.0"\}`},
		{"getPasterList", "pasterId", "108", `^\[\{"id":1083,"icon":` + link + `,"url":` + link + `,"preview":` + link + `,"name":"firecracker","sort":0,"type":0,"fontId":0,"createTime":"2019-03-19 14:32:18.0"\},\{"id":1092,.*"name":"fortune_daruma","sort":0,"type":0,"fontId":0,"createTime":"2019-03-19 14:32:19.0"\}`},
		{"getFrontPasterList", "", "", `^\[\{"id":5871,"icon":` + link + `,"mediaId":0,"url":` + link + `,"preview":` + link + `,"name":"finger_heart","duration":0,"desc":"","sort":0,"aspect":0,"type":0,"fontId":0,"createTime":"2019-03-19 14:32:45.0"\},\{"id":5872,.*"name":"confession",.*\{"id":5873,.*"name":"where_is_the_gift"`},
		{"getTextPaster", "", "", `^\[\{"id":189,"icon":` + link + `,"description":"Bubble box","name":"Bubble box","preview":` + link + `,"sort":3,"type":2,"createTime":"2019-03-19 14:21:58.0"\},\{"id":196,.*"name":"Simple bubble"`},
		{"getTextPasterList", "textPasterId", "189", `^\[\{"id":963,"icon":` + link + `,"mediaId":1849,"url":` + link + `,"preview":` + link + `,"name":"beiers","duration":0,"desc":"","sort":0,"type":0,"fontId":52,"createTime":"2019-03-19 14:21:42.0"\},\{"id":964,.*"mediaId":1862,.*"name":"yajing",.*"fontId":89,`},
		{"getMv", "", "", `^\[\{"id":104,"previewPic":` + link + `,"previewMp4":` + link + `,"icon":` + link + `,"duration":15,"name":"relax","sort":8,"createTime":"2019-03-19 14:21:21.0","aspectList":\[\{"aspect":1,"download":` + link + `\},\{"aspect":2,"download":` + link + `\},\{"aspect":3,"download":` + link + `\}\]\}`},
		{"getFont", "fontId", "52", `^\{"id":52,"name":"Qulive.Vision","banner":` + link + `,"icon":` + link + `,"url":` + link + `,"sort":1\}$`},
		{"getFont", "", "", `^\[\{"id":`},
		{"getFont", "fontId", "", `^\[\{"id":`},
	} {
		pairs := []string{}
		if c.key != "" {
			pairs = append(pairs, c.key, c.value)
		}
		assert.Regexp(s, c.want, get(c.path, pairs...), c.path)
	}
	// "unknown category id → []", "unknown → null"
	for _, id := range []string{"1", "x", "", "-"} {
		assert.Equal(s, "[]", get("getPasterList", "pasterId", id, "type", "1"))
		assert.Equal(s, "[]", get("getTextPasterList", "textPasterId", id))
	}
	assert.Equal(s, "null", get("getFont", "fontId", "1"))
	assert.Equal(s, "null", get("getFont", "fontId", "x"))
	// Every category has its own, every caption's font exists, every font alone is as in the list.
	ids := map[float64]string{}
	for _, category := range objects(get("getPasterInfo")) {
		for _, sticker := range objects(get("getPasterList", "pasterId", fmt.Sprint(category["id"]), "type", "1")) {
			assert.Empty(s, ids[sticker["id"].(float64)])
			ids[sticker["id"].(float64)] = fmt.Sprint(category["id"])
		}
	}
	assert.Equal(s, "108", ids[1083])
	assert.Equal(s, "108", ids[1092])
	fonts := map[float64]bool{0: true}
	for _, font := range objects(get("getFont")) {
		fonts[font["id"].(float64)] = true
		assert.Equal(s, font, decode[map[string]any](s, get("getFont", "fontId", fmt.Sprint(font["id"]))))
	}
	for _, category := range objects(get("getTextPaster")) {
		list := objects(get("getTextPasterList", "textPasterId", fmt.Sprint(category["id"])))
		for _, caption := range list {
			assert.True(s, fonts[caption["fontId"].(float64)], "font %v", caption["fontId"])
		}
		if category["id"] == 189.0 {
			assert.GreaterOrEqual(s, len(list), 2)
		}
	}
	for _, mv := range objects(get("getMv")) {
		var aspects []any
		for _, a := range mv["aspectList"].([]any) {
			aspects = append(aspects, a.(map[string]any)["aspect"])
		}
		assert.Equal(s, []any{1.0, 2.0, 3.0}, aspects, "aspect 1, 2, 3")
	}
}

// Other tenants: by token, by URL and by host name; without any the default one.
func quTenants(s *sandbox) {
	a := s.tenant(`{"id":"a"}`)
	c := a.Credentials["qulive"]
	for _, key := range []string{"username", "password", "token", "callback_url", "callback_key"} {
		assert.NotEmpty(s, c[key], key)
	}
	assert.Equal(s, s.url+"/t/a/qulive", a.BaseURLs["qulive"])
	assert.Equal(s, s.url+"/t/a/qulive/vodcallback/callback", c["callback_url"])
	at := func(base, host, path string, v values) string {
		return s.do(request{url: base + path, host: host, query: v}).body
	}
	page := values{"token": c["token"], "pageIndex": "1", "pageSize": "10"}
	own := at("/t/a/qulive", "", "/vod/getPersonalVideoList", page)
	assert.Contains(s, own, `"result":"true"`)
	list := decode[struct{ Data quListing }](s, own).Data
	assert.Greater(s, list.Total, 1, "enough to page")
	assert.Contains(s, at("/qulive", "", "/vod/getPersonalVideoList", page), list.VideoList[0].VideoID, "found by its credential")
	assert.Contains(s, at("", "a.qulive.localhost:7311", "/vod/getPersonalVideoList", page), list.VideoList[0].VideoID)
	assert.Equal(s, quLogin, at("/t/default/qulive", "", "/vod/getPersonalVideoList", page), "a credential of another tenant than the URL's")
	assert.Equal(s, quLogin, at("/t/a/qulive", "", "/vod/getPersonalVideoList", page.with("token", s.quToken("demo", "demo"))))
	// Users are the tenant's.
	login := values{"username": c["username"], "password": c["password"]}
	assert.Contains(s, at("/t/a/qulive", "", "/user/login", login), `"data":{"token":"`)
	assert.Contains(s, at("/t/default/qulive", "", "/user/login", login), "用户名错误!")
	assert.Contains(s, at("/t/a/qulive", "", "/user/login", values{"username": "demo", "password": "demo"}), "用户名错误!")
	music := decode[struct {
		Data struct{ Total string }
	}](s, at("/t/a/qulive", "", "/music/getRecommendMusic", values{"pageNo": "1", "pageSize": "10"}))
	assert.NotEqual(s, "0", music.Data.Total)
	// A callback of one changes nothing of another; it is signed with the tenant's key and URL.
	sum := md5.Sum([]byte(c["callback_url"] + "|1|" + c["callback_key"]))
	header := values{"Content-Type": "application/json", "X-VOD-TIMESTAMP": "1", "X-VOD-SIGNATURE": hex.EncodeToString(sum[:])}
	body := `{"EventType":"SnapshotComplete","VideoId":"x","Status":"success"}`
	assert.Equal(s, 200, s.do(request{url: "/t/a/qulive/vodcallback/callback", body: body, header: header}).status)
	assert.Equal(s, 403, s.do(request{url: "/qulive/vodcallback/callback", body: body, header: header}).status)
}
