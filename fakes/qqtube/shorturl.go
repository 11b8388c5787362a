package qqtube

import (
	"net/url"
	"strings"
	"unicode"
	"unicode/utf8"
)

// maxURL bounds what is kept per order, in bytes (assumed).
const maxURL = 2048

// parseURL reads an absolute http or https URL with a host, no blanks, at most maxURL
// bytes; nil for anything else. What it leads to does not matter.
func parseURL(text string) *url.URL {
	if len(text) > maxURL || !utf8.ValidString(text) || strings.ContainsFunc(text, unicode.IsSpace) {
		return nil
	}
	u, err := url.Parse(text)
	if err != nil || (u.Scheme != "http" && u.Scheme != "https") || u.Hostname() == "" {
		return nil
	}
	return u
}

// shortURL is what QQTube shows for a URL (vendor page, short_url): the id of a
// YouTube video, the channel of a YouTube channel, else the URL in full.
func shortURL(long string) string {
	u, err := url.Parse(long)
	if err != nil {
		return long
	}
	return shorten(u, long)
}

// shorten is shortURL of a URL that was parsed already.
func shorten(u *url.URL, long string) string {
	short := ""
	path := strings.Split(strings.TrimPrefix(u.Path, "/"), "/")
	switch strings.ToLower(u.Hostname()) {
	case "youtu.be":
		short = path[0]
	case "youtube.com", "www.youtube.com", "m.youtube.com", "music.youtube.com":
		switch {
		case path[0] == "watch":
			short = u.Query().Get("v")
		case strings.HasPrefix(path[0], "@") && len(path[0]) > 1:
			short = path[0]
		case len(path) > 1 && (path[0] == "shorts" || path[0] == "channel" || path[0] == "user"):
			short = path[1]
		}
	}
	if short == "" {
		return long
	}
	return short
}
