package qulive_test

import (
	"encoding/json"
	"fmt"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/mediasandbox/sandbox/fakes/fakestest"
)

func TestSTS(t *testing.T) {
	b := bench(t)
	for _, op := range []string{"vodGetSts", "demoGetSts"} {
		var d map[string]string
		r := b.Call(op, nil)
		data(t, r, &d)
		assert.Equal(t, []string{"expiration", "Expiration", "accessKeyId", "securityToken", "accessKeySecret"}, keysOf(t, open(t, r).Data))
		assert.Equal(t, "2026-03-18T12:50:00Z", d["expiration"], "3000 seconds")
		assert.Equal(t, d["expiration"], d["Expiration"])
		assert.True(t, strings.HasPrefix(d["accessKeyId"], "STS."))
		assert.Empty(t, *open(t, r).Message)
		var again map[string]string
		data(t, b.Call(op, nil), &again)
		assert.NotEqual(t, d["securityToken"], again["securityToken"])
	}
}

// upload is what authorises an upload.
type upload struct{ VideoID, ImageID, ImageURL, UploadAddress, UploadAuth string }

func authorise(t *testing.T, b *fakestest.Bench) upload {
	t.Helper()
	var d upload
	data(t, b.Call("vodGetVideoUploadAuth", args{"title": "T", "fileName": "a.MP4"}), &d)
	return d
}

func TestVideoUploadAuth(t *testing.T) {
	b := bench(t)
	for _, op := range []string{"vodGetVideoUploadAuth", "demoGetVideoUploadAuth"} {
		r := b.Call(op, args{"title": "T", "fileName": `D:\films\a.b.MP4`})
		var d upload
		data(t, r, &d)
		assert.Equal(t, []string{"videoId", "uploadAddress", "uploadAuth"}, keysOf(t, open(t, r).Data))
		assert.Regexp(t, "^[0-9a-f]{32}$", d.VideoID)
		address, keys := decode(t, d.UploadAddress)
		assert.Equal(t, []string{"Endpoint", "Bucket", "FileName"}, keys)
		assert.Equal(t, "http://127.0.0.1:7311/qulive/-", address["Endpoint"])
		assert.Regexp(t, `^sv/[0-9a-f]{8}-[0-9a-f]+/[0-9a-f]{8}-[0-9a-f]+\.mp4$`, address["FileName"])
		auth, keys := decode(t, d.UploadAuth)
		assert.Equal(t, []string{"SecurityToken", "AccessKeyId", "ExpireUTCTime", "AccessKeySecret", "Expiration", "Region"}, keys)
		assert.Equal(t, "3000", auth["Expiration"])
		assert.Equal(t, "2026-03-18T12:50:00Z", auth["ExpireUTCTime"])
		assert.Equal(t, "cn-shanghai", auth["Region"])
		// Endpoint and FileName lead to the sandbox, which takes the file.
		put := httptest.NewRequest("PUT", fmt.Sprintf("%s/%s", address["Endpoint"], address["FileName"]), strings.NewReader("film"))
		assert.Equal(t, 200, b.SendHTTP(put).Code)
	}
}

func TestLimitsOfUploads(t *testing.T) {
	tags := func(n int) string { return strings.TrimSuffix(strings.Repeat("tag,", n), ",") }
	wide := strings.Repeat("汉", 42) // 126 bytes
	for _, c := range []struct {
		what    string
		edit    args
		outcome string
		message string
	}{
		{"128 bytes", args{"title": strings.Repeat("t", 128)}, "upload-authorised", ""},
		{"129 bytes", args{"title": strings.Repeat("t", 129)}, "title-too-long", "LengthExceededMax : The specified Title length has exceeded 128 bytes."},
		{"128 bytes of UTF-8", args{"title": wide + "ab"}, "upload-authorised", ""},
		{"129 bytes of UTF-8", args{"title": wide + "汉"}, "title-too-long", "LengthExceededMax : The specified Title length has exceeded 128 bytes."},
		{"no title", args{"title": ""}, "title-missing", "MissingTitle : Title is mandatory for this action."},
		{"no file name", args{"fileName": ""}, "file-name-missing", "MissingFileName : FileName is mandatory for this action."},
		{"neither", args{"title": "", "fileName": ""}, "title-missing", "MissingTitle : Title is mandatory for this action."},
		{"no extension", args{"fileName": "film"}, "file-extension-illegal", "InvalidFileName.Extension : The specified FileName's extension is illegal."},
		{"empty extension", args{"fileName": "film."}, "file-extension-illegal", "InvalidFileName.Extension : The specified FileName's extension is illegal."},
		{"other extension", args{"fileName": "film.exe"}, "file-extension-illegal", "InvalidFileName.Extension : The specified FileName's extension is illegal."},
		{"extension of a folder", args{"fileName": "my.mp4/film"}, "file-extension-illegal", "InvalidFileName.Extension : The specified FileName's extension is illegal."},
		{"audio", args{"fileName": "song.Mp3"}, "upload-authorised", ""},
		{"16 tags", args{"tags": tags(16)}, "upload-authorised", ""},
		{"17 tags", args{"tags": tags(17)}, "tags-too-many", "TagsExceededMax : The specified Tags count has exceeded 16."},
		{"16 tags and blanks", args{"tags": tags(16) + ", ,"}, "upload-authorised", ""},
		{"description", args{"description": strings.Repeat("d", 1024)}, "upload-authorised", ""},
		{"long description", args{"description": strings.Repeat("d", 1025)}, "description-too-long", "LengthExceededMax : The specified Description length has exceeded 1024 bytes."},
		{"title before tags", args{"title": strings.Repeat("t", 129), "tags": tags(17)}, "title-too-long", "LengthExceededMax : The specified Title length has exceeded 128 bytes."},
	} {
		t.Run(c.what, func(t *testing.T) {
			b := bench(t)
			for _, op := range []string{"vodGetVideoUploadAuth", "demoGetVideoUploadAuth"} {
				a := args{"title": "T", "fileName": "a.mp4"}
				for k, v := range c.edit {
					a[k] = v
				}
				r := b.Call(op, a)
				assert.Equal(t, c.outcome, r.Outcome)
				e := open(t, r)
				assert.Equal(t, c.message, *e.Message)
				if c.message != "" {
					assert.Equal(t, "false", e.Result)
					assert.Equal(t, "500", e.Code)
					assert.Equal(t, "null", string(e.Data))
				}
			}
		})
	}
}

func TestRefresh(t *testing.T) {
	b := bench(t)
	clock := b.Host.Default().Clock
	first := authorise(t, b)
	firstAuth, _ := decode(t, first.UploadAuth)
	refresh := func(op string) (upload, map[string]any) {
		t.Helper()
		var d upload
		r := b.Call(op, args{"videoId": first.VideoID})
		data(t, r, &d)
		assert.Equal(t, []string{"uploadAddress", "uploadAuth"}, keysOf(t, open(t, r).Data))
		auth, _ := decode(t, d.UploadAuth)
		return d, auth
	}
	clock.Advance(2999*time.Second + time.Millisecond)
	for _, op := range []string{"vodRefreshVideoUploadAuth", "demoRefreshVideoUploadAuth"} {
		d, auth := refresh(op)
		assert.Equal(t, first.UploadAddress, d.UploadAddress)
		assert.Equal(t, "0", auth["Expiration"])
		auth["Expiration"] = "3000"
		assert.Equal(t, firstAuth, auth, "the same credentials")
	}
	clock.Advance(999 * time.Millisecond)
	d, auth := refresh("vodRefreshVideoUploadAuth")
	assert.Equal(t, "3000", auth["Expiration"], "renewed at 3000 s")
	assert.NotEqual(t, firstAuth["SecurityToken"], auth["SecurityToken"])
	assert.NotEqual(t, firstAuth["AccessKeyId"], auth["AccessKeyId"])
	assert.NotEqual(t, first.UploadAddress, d.UploadAddress)
	clock.Advance(time.Second)
	again, auth := refresh("vodRefreshVideoUploadAuth")
	assert.Equal(t, d.UploadAddress, again.UploadAddress)
	assert.Equal(t, "2999", auth["Expiration"])
	clock.Advance(-24 * time.Hour)
	_, auth = refresh("vodRefreshVideoUploadAuth")
	assert.Equal(t, "3000", auth["Expiration"], "never more than 3000 s")
}

func TestRefreshOfOtherVideos(t *testing.T) {
	b := bench(t)
	for _, id := range []string{
		"034813ff97984171a57aefe71c84b5e1", // the page's, complete
		"034813ff97984171a57aefe71c84****", // and as printed
		"23rfewc23",                        // published, never authorised
		"5ef00e3c0ef24547a6dcff851be0****",
		"febc0388fab9491d8199bdad1958b756", // recommended
	} {
		assert.Equal(t, "upload-refreshed", b.Call("demoRefreshVideoUploadAuth", args{"videoId": id}).Outcome, id)
	}
	for _, id := range []string{"", "unknown", "****"} {
		r := b.Call("vodRefreshVideoUploadAuth", args{"videoId": id})
		assert.Equal(t, "video-not-found", r.Outcome)
		assert.Equal(t, "InvalidVideo.NotFound : The video does not exist.", *open(t, r).Message)
	}
}

func TestImageUploadAuth(t *testing.T) {
	b := bench(t)
	for _, c := range []struct {
		a       args
		outcome string
		ext     string
	}{
		{args{"imageType": "cover"}, "upload-authorised", "png"},
		{args{"imageType": "default", "imageExt": "JPG"}, "upload-authorised", "jpg"},
		{args{"imageType": "default", "imageExt": ""}, "upload-authorised", "png"},
		{args{"imageType": "default", "imageExt": "bmp"}, "image-extension-illegal", ""},
		{args{"imageType": "watermark"}, "image-type-illegal", ""},
		{args{"imageType": "Cover"}, "image-type-illegal", ""},
		{args{}, "image-type-illegal", ""},
		{args{"imageType": "cover", "title": strings.Repeat("t", 129)}, "title-too-long", ""},
		{args{"imageType": "cover", "tags": strings.Repeat("t,", 17)}, "tags-too-many", ""},
	} {
		for _, op := range []string{"vodGetImageUploadAuth", "demoGetImageUploadAuth"} {
			r := b.Call(op, c.a)
			require.Equal(t, c.outcome, r.Outcome, c.a)
			if c.ext == "" {
				continue
			}
			var d upload
			data(t, r, &d)
			assert.Equal(t, []string{"uploadAddress", "uploadAuth", "imageId", "imageURL"}, keysOf(t, open(t, r).Data))
			address, _ := decode(t, d.UploadAddress)
			u, err := url.Parse(d.ImageURL)
			require.NoError(t, err)
			assert.Equal(t, fmt.Sprintf("%s/%s", address["Endpoint"], address["FileName"]), "http://"+u.Host+u.Path)
			assert.True(t, strings.HasPrefix(u.Path, "/qulive/-/image/"+c.a["imageType"]+"/"), u.Path)
			assert.True(t, strings.HasSuffix(u.Path, "."+c.ext))
			assert.Equal(t, "1773838200", u.Query().Get("Expires"), "3000 s from now")
			got := b.SendHTTP(httptest.NewRequest("GET", d.ImageURL, nil))
			assert.Equal(t, 200, got.Code, "the image can be fetched")
		}
	}
}

func TestPlayAuth(t *testing.T) {
	b := bench(t)
	for _, id := range []string{"5ef00e3c0ef24547a6dcff851be0b6ab", "5ef00e3c0ef24547a6dcff851be0****"} {
		r := b.Call("demoGetVideoPlayAuth", args{"videoId": id})
		var d struct{ CoverURL, Duration, VideoID, PlayAuth string }
		data(t, r, &d)
		assert.Equal(t, []string{"coverURL", "duration", "videoId", "playAuth"}, keysOf(t, open(t, r).Data))
		assert.Equal(t, "10.4167", d.Duration)
		assert.Equal(t, "5ef00e3c0ef24547a6dcff851be0b6ab", d.VideoID)
		assert.Equal(t, 200, b.SendHTTP(httptest.NewRequest("GET", d.CoverURL, nil)).Code)
		auth, keys := decode(t, d.PlayAuth)
		assert.Equal(t, []string{"SecurityToken", "AuthInfo", "VideoMeta", "AccessKeyId", "PlayDomain", "AccessKeySecret", "Region", "CustomerId"}, keys)
		meta, ok := auth["VideoMeta"].(map[string]any)
		require.True(t, ok)
		assert.Equal(t, map[string]any{"Status": "Normal", "VideoId": d.VideoID, "Title": "Hand in hand", "CoverURL": d.CoverURL, "Duration": 10.4167}, meta)
		var info map[string]string
		require.NoError(t, json.Unmarshal([]byte(auth["AuthInfo"].(string)), &info))
		assert.Equal(t, d.VideoID, info["MediaId"])
		assert.Equal(t, "2026-03-18T12:01:40Z", info["ExpireTime"])
	}
	require.Equal(t, "published", as(b, ownToken(b), "videoPublish", args{"videoId": "odd", "coverUrl": "https://example.com/c.png", "duration": "-0.5"}).Outcome)
	b.Host.Default().Clock.Advance(time.Minute)
	var odd struct{ Duration string }
	data(t, b.Call("demoGetVideoPlayAuth", args{"videoId": "odd"}), &odd)
	assert.Equal(t, "-0.5", odd.Duration, "a number as any other for the server")
	for _, id := range []string{"a34f34e0fc744d00a5269e8a7c****", "febc0388fab9491d8199bdad1958b756"} {
		assert.Equal(t, "play-authorised", b.Call("demoGetVideoPlayAuth", args{"videoId": id}).Outcome, "recommended videos play")
	}
	for _, id := range []string{"", "unknown"} {
		assert.Equal(t, "video-not-found", b.Call("demoGetVideoPlayAuth", args{"videoId": id}).Outcome)
	}
	r := b.Call("demoGetVideoPlayAuth", args{"videoId": "23rfewc23"})
	assert.Equal(t, "video-not-ready", r.Outcome)
	assert.Equal(t, "Forbidden.IllegalStatus : Status of the video is illegal. Currently Video Status is UploadSucc and AuditStatus is Init.", *open(t, r).Message)
	r = b.Call("demoGetVideoPlayAuth", args{"videoId": authorise(t, b).VideoID})
	assert.Equal(t, "video-not-ready", r.Outcome)
	assert.Contains(t, *open(t, r).Message, "Currently Video Status is Uploading and AuditStatus is Init.")
}
