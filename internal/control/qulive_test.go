package control_test

import (
	"net/http"
	"net/url"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestQulive(t *testing.T) {
	s := sandbox(t)
	bob := s.Frozen("bob")
	token := bob.Credentials["qulive"]["token"]
	const video = "a/b ü" // a client's own: the path spells it encoded
	path := "qulive/videos/" + url.PathEscape(video)
	s.Call("/qulive/vod/videoPublish", url.Values{"token": {token}, "videoId": {video}, "coverUrl": {"http://x/c.png"}}).OK(nil)
	look := func() [3]string {
		var out struct {
			Data struct {
				VideoList []struct{ SnapshotStatus, CensorStatus, TranscodeStatus string }
			}
		}
		s.Call("/qulive/vod/getPersonalVideoList?pageIndex=1&pageSize=1&token="+token, nil).OK(&out)
		require.Len(t, out.Data.VideoList, 1)
		v := out.Data.VideoList[0]
		return [3]string{v.SnapshotStatus, v.CensorStatus, v.TranscodeStatus}
	}
	require.Equal(t, [3]string{"", "onCensor", ""}, look())
	for _, step := range []struct {
		path, body string
		want       [3]string
	}{
		{"/snapshot", `{"status":"fail"}`, [3]string{"fail", "onCensor", ""}},
		{"/review", `{"status":"check"}`, [3]string{"fail", "check", ""}},
		{"/review", `{"status":"success"}`, [3]string{"fail", "success", "onTranscode"}},
		{"/transcode", `{"status":"fail"}`, [3]string{"fail", "success", "fail"}},
		{"/transcode", `{"status":"success"}`, [3]string{"fail", "success", "success"}},
		{"/snapshot", `{"status":"success"}`, [3]string{"success", "success", "success"}},
		{"/recommend", ``, [3]string{"success", "success", "success"}},
	} {
		require.Equal(t, http.StatusNoContent, post(s, "bob", path+step.path, step.body).Status)
		assert.Equal(t, step.want, look(), step.path)
	}
	assert.Contains(t, s.Call("/t/bob/qulive/vod/getRecommendVideoList?pageIndex=1&pageSize=1&token="+token, nil).Body, video)
	refused(s, "bob", []refusal{
		{path + "/snapshot", `{}`, 400, `"status" is missing`},
		{path + "/snapshot", `{"status":"check"}`, 400, "neither success nor fail"},
		{path + "/review", `{}`, 400, `"status" is missing`},
		{path + "/review", `{"status":"pass"}`, 400, `"pass"`},
		{path + "/transcode", `{}`, 400, `"status" is missing`},
		{path + "/transcode", `{"status":"maybe"}`, 400, "maybe"},
		{path + "/recommend", `{"now":true}`, 400, "no body"},
		{"qulive/videos/nope/snapshot", `{"status":"fail"}`, 404, "published"},
		{"qulive/videos/nope/review", `{"status":"fail"}`, 404, "published"},
		{"qulive/videos/nope/transcode", `{"status":"fail"}`, 404, "published"},
		{"qulive/videos/nope/recommend", ``, 404, "published"},
	})
}
