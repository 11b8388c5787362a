package acceptance_test

import (
	"bytes"
	"encoding/binary"
	"image"
	_ "image/gif"
	_ "image/jpeg"
	_ "image/png"
	"net/url"
	"path"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// quReads are Qulive's operations that answer with URLs, as paths with their queries.
func quReads(token string) []string {
	page := "token=" + token + "&pageIndex=1&pageSize=1000"
	return []string{
		"/vod/getRecommendVideoList?" + page, "/vod/getPersonalVideoList?" + page, "/user/randomUser", "/demo/getVideoPlayAuth?videoId=5ef00e3c0ef24547a6dcff851be0****",
		"/demo/getImageUploadAuth?imageType=cover", "/demo/getImageUploadAuth?imageType=default&imageExt=jpg", "/music/getPlayPath?musicId=T10033153675",
		"/resource/getPasterInfo", "/resource/getPasterList?pasterId=84&type=1", "/resource/getPasterList?pasterId=108&type=1", "/resource/getFrontPasterList", "/resource/getTextPaster",
		"/resource/getTextPasterList?textPasterId=189", "/resource/getTextPasterList?textPasterId=196", "/resource/getMv", "/resource/getFont",
	}
}

// links are the URLs in a reply: of JSON its strings, of other text what looks like one.
func links(s *sandbox, got reply) []string {
	var out []string
	if strings.Contains(got.header.Get("Content-Type"), "json") {
		var collect func(v any)
		collect = func(v any) {
			switch v := v.(type) {
			case string:
				if strings.HasPrefix(v, "http://") || strings.HasPrefix(v, "https://") {
					out = append(out, v)
				}
			case []any:
				for _, item := range v {
					collect(item)
				}
			case map[string]any:
				for _, item := range v {
					collect(item)
				}
			}
		}
		collect(decode[any](s, got.body))
		return out
	}
	return regexp.MustCompile(`https?://[^",\s]+`).FindAllString(got.body, -1)
}

// opens fails unless a URL answers with a file of the type that its name says, one that can be read.
func (s *sandbox) opens(address string) {
	s.Helper()
	u, err := url.Parse(address)
	require.NoError(s, err)
	host := u.Host
	u.Scheme, u.Host = "http", strings.TrimPrefix(s.url, "http://")
	got := s.do(request{url: u.String(), host: host})
	if !assert.Equal(s, 200, got.status, address) {
		return
	}
	kind, data := got.header.Get("Content-Type"), []byte(got.body)
	switch ext := path.Ext(u.Path); ext {
	case ".png", ".jpg", ".gif":
		_, format, err := image.Decode(bytes.NewReader(data))
		assert.NoError(s, err, address)
		want := map[string]string{".png": "png", ".jpg": "jpeg", ".gif": "gif"}[ext]
		assert.Equal(s, want, format, address)
		assert.Equal(s, "image/"+want, kind, address)
	case ".mp4":
		assert.Equal(s, "video/mp4", kind)
		assert.Equal(s, []string{"ftyp", "moov", "mdat"}, boxes(s, data), address)
	case ".aac":
		assert.Equal(s, "audio/aac", kind)
		assert.Equal(s, byte(0xff), data[0])
		assert.Equal(s, byte(0xf0), data[1]&0xf6, "an ADTS frame")
	case ".csv":
		assert.Equal(s, "text/csv", strings.Split(kind, ";")[0])
		assert.NotEmpty(s, s.csv(got.body))
	case ".mat":
		assert.True(s, bytes.HasPrefix(data, []byte("PK\x03\x04")) || bytes.HasPrefix(data, []byte{0, 1, 0, 0}), "a package or a font: %s", address)
	case ".ttf":
		assert.Equal(s, uint32(0x00010000), binary.BigEndian.Uint32(data))
	default:
		s.Errorf("%s: a file of no known type (%s)", address, kind)
	}
	head := s.do(request{method: "HEAD", url: u.String(), host: host})
	assert.Equal(s, 200, head.status)
	assert.Equal(s, kind, head.header.Get("Content-Type"))
}

// boxes are the names of an MP4's top-level boxes, each of the known ones once, sorted as a player wants to find them.
func boxes(s *sandbox, data []byte) []string {
	var found []string
	for len(data) >= 8 {
		size := int(binary.BigEndian.Uint32(data))
		if !assert.True(s, size >= 8 && size <= len(data), "a box of %d bytes in %d", size, len(data)) {
			break
		}
		found = append(found, string(data[4:8]))
		data = data[size:]
	}
	var out []string
	for _, name := range []string{"ftyp", "moov", "mdat"} {
		if slices.Contains(found, name) {
			out = append(out, name)
		}
	}
	return out
}

// No dead links: every URL in every reply that is one of the sandbox answers with a file of its type.
func TestLinks(t *testing.T) {
	s := newSandbox(t, nil)
	made := s.tenant(`{"id":"a"}`)
	opened := map[string]bool{}
	follow := func(base, host string, got reply) int {
		t.Helper()
		require.Equal(t, 200, got.status, got.body)
		found := links(s, got)
		for _, address := range slices.Compact(slices.Sorted(slices.Values(found))) {
			want := s.url + base
			if host != "" {
				want = "http://" + host + base
			}
			assert.True(t, strings.HasPrefix(address, want+"/"), "%s is not below %s", address, want)
			if !opened[address] {
				opened[address] = true
				s.opens(address)
			}
		}
		return len(found)
	}
	total := 0
	for _, c := range []struct {
		base, host string
		token      string
	}{
		{"/qulive", "", s.quToken("demo", "demo")},
		{"/t/a/qulive", "", made.Credentials["qulive"]["token"]},
		{"", "alivc-demo.aliyuncs.com", s.quToken("demo", "demo")},
		{"", "a.qulive.localhost:7311", made.Credentials["qulive"]["token"]},
	} {
		for _, read := range quReads(c.token) {
			if strings.Contains(read, "****") && c.token == made.Credentials["qulive"]["token"] {
				continue // the page's video is the default tenant's
			}
			n := follow(c.base, c.host, s.do(request{url: c.base + read, host: c.host}))
			empty := c.token == made.Credentials["qulive"]["token"] && (strings.Contains(read, "pasterId") || strings.Contains(read, "PasterId") || strings.Contains(read, "musicId"))
			assert.True(t, n > 0 || empty, "%s%s has no URL", c.base, read)
			total += n
		}
	}
	// By token alone, at the common prefix: files of another tenant than the default one.
	for _, list := range []string{"Recommend", "Personal"} {
		total += follow("/qulive", "", s.do(request{url: "/qulive/vod/get" + list + "VideoList?pageIndex=1&pageSize=10&token=" + made.Credentials["qulive"]["token"]}))
	}
	for _, c := range []struct{ base, host, user, secret string }{
		{"/polyv", "", "8205ac89d3", pvSecrets["8205ac89d3"]},
		{"/polyv", "", "sl8da4jjbx", pvSecrets["sl8da4jjbx"]},
		{"", "api.polyv.net", "8205ac89d3", pvSecrets["8205ac89d3"]},
		{"/polyv", "", made.Credentials["polyv"]["userid"], made.Credentials["polyv"]["secretkey"]},
		{"/t/a/polyv", "", made.Credentials["polyv"]["userid"], made.Credentials["polyv"]["secretkey"]},
	} {
		signed := func(v values) values {
			v = v.with("ptime", ptime(today))
			return v.with("sign", pvSign(v, c.secret))
		}
		list := s.do(request{url: c.base + "/v2/video/grab/" + c.user + "/list", host: c.host, query: signed(values{"pageSize": "100"})})
		total += follow(c.base, c.host, list)
		for _, task := range s.pvPage(list).Contents {
			export := s.do(request{url: c.base + "/v2/video/grab/" + c.user + "/listVideos/export", host: c.host, query: signed(values{"taskId": task["taskid"].(string)})})
			total += follow(c.base, c.host, export)
		}
	}
	t.Logf("%d URLs in replies lead to %d files", total, len(opened))
	// What is no file is none.
	for _, name := range []string{"/qulive/-/nothing", "/qulive/-/", "/polyv/-/x.unknown"} {
		assert.Equal(t, 404, s.do(request{url: name}).status, name)
	}
}
