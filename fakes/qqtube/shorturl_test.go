package qqtube

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestShortURL(t *testing.T) {
	for long, want := range map[string]string{
		"https://www.youtube.com/watch?v=jofNR_WkoCE":               "jofNR_WkoCE",
		"http://youtube.com/watch?list=PL1&v=jofNR_WkoCE&t=1":       "jofNR_WkoCE",
		"https://M.YouTube.com/watch?v=abc":                         "abc",
		"https://music.youtube.com/watch?v=abc":                     "abc",
		"https://www.youtube.com:443/watch?v=abc":                   "abc",
		"https://youtu.be/jofNR_WkoCE?t=3":                          "jofNR_WkoCE",
		"https://youtu.be/jofNR_WkoCE/":                             "jofNR_WkoCE",
		"https://www.youtube.com/shorts/yPslBGjuRL0":                "yPslBGjuRL0",
		"https://www.youtube.com/shorts/yPslBGjuRL0?feature=share":  "yPslBGjuRL0",
		"https://www.youtube.com/channel/UC_x5XG1OV2P6uZZ5FSM9Ttw":  "UC_x5XG1OV2P6uZZ5FSM9Ttw",
		"https://www.youtube.com/channel/UC_x5XG1OV2P6uZZ5F/videos": "UC_x5XG1OV2P6uZZ5F",
		"https://www.youtube.com/@handle":                           "@handle",
		"https://www.youtube.com/@handle/about":                     "@handle",
		"https://www.youtube.com/user/NAME":                         "NAME",
		// otherwise the full URL
		"https://www.youtube.com/":                   "https://www.youtube.com/",
		"https://www.youtube.com":                    "https://www.youtube.com",
		"https://www.youtube.com/watch":              "https://www.youtube.com/watch",
		"https://www.youtube.com/watch?v=":           "https://www.youtube.com/watch?v=",
		"https://www.youtube.com/shorts/":            "https://www.youtube.com/shorts/",
		"https://www.youtube.com/channel":            "https://www.youtube.com/channel",
		"https://www.youtube.com/@":                  "https://www.youtube.com/@",
		"https://www.youtube.com/playlist?list=PL1":  "https://www.youtube.com/playlist?list=PL1",
		"https://youtu.be/":                          "https://youtu.be/",
		"https://vimeo.com/watch?v=abc":              "https://vimeo.com/watch?v=abc",
		"https://youtube.com.example.org/watch?v=ab": "https://youtube.com.example.org/watch?v=ab",
		"https://notyoutu.be/abc":                    "https://notyoutu.be/abc",
		"::":                                         "::",
	} {
		assert.Equal(t, want, shortURL(long), long)
	}
}

func TestValidURL(t *testing.T) {
	for _, ok := range []string{
		watchURL, "http://a", "HTTPS://A.B/", "https://例え.jp/パス", "https://a/%20", "http://[::1]:80/x", "https://a/" + strings.Repeat("x", maxURL-10),
	} {
		assert.NotNil(t, parseURL(ok), ok)
	}
	for _, bad := range []string{
		"a", "www.youtube.com/watch?v=abc", "//a/b", "https://", "https:///path", "https://:80", "ftp://a/b", "javascript:alert(1)",
		"https://a b/", "https://a/b c", " https://a", "https://a\n", "https://a/\x00", "https://a/\xff", "https://a/%zz", "http://[::1", "https://a/" + strings.Repeat("x", maxURL-9),
	} {
		assert.Nil(t, parseURL(bad), bad)
	}
}

func TestValidCountries(t *testing.T) {
	for _, ok := range []string{"US", "US,GB", "AD", "ZW", "DE,DE", "JP,CN,TW"} {
		assert.True(t, validCountries(ok), ok)
	}
	for _, bad := range []string{"", "us", "Us", "USA", "U", "UK", "XX", "U ", " U", "D ", "US,", ",US", "US, GB", "US;GB", "US GB", "US,gb", "É"} {
		assert.False(t, validCountries(bad), bad)
	}
	assert.Len(t, countries, 249*3)
}
