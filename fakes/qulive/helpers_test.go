package qulive_test

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"io"
	"maps"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/mediasandbox/sandbox/fakes"
	"github.com/mediasandbox/sandbox/fakes/fakestest"
	"github.com/mediasandbox/sandbox/fakes/qulive"
)

type args = map[string]string

// demoID is the page's user id of the default tenant's user.
const demoID = "2435470766044"

// bench is the fake on a host of its own; a reply outside the contract fails the test.
func bench(t *testing.T, opts ...fakestest.Option) *fakestest.Bench {
	t.Helper()
	b := fakestest.New(t, qulive.API(), opts...)
	t.Cleanup(func() { assert.Empty(t, b.Breaches()) })
	return b
}

// as calls an operation with a token.
func as(b *fakestest.Bench, token, op string, a args) fakestest.Reply {
	b.T.Helper()
	a = maps.Clone(a)
	if a == nil {
		a = args{}
	}
	a["token"] = token
	return b.Send(b.Request(op, a))
}

func ownToken(b *fakestest.Bench) string { return b.Credential(b.Host.Default()).Token }

// envelope is a reply's body.
type envelope struct {
	Result    string          `json:"result"`
	RequestID string          `json:"requestId"`
	Message   *string         `json:"message"`
	Code      string          `json:"code"`
	Data      json.RawMessage `json:"data"`
}

func open(t *testing.T, r fakestest.Reply) envelope {
	t.Helper()
	var e envelope
	require.NoError(t, json.Unmarshal(r.Body.Bytes(), &e), r.Body.String())
	return e
}

// data decodes an accepted reply's data into v.
func data(t *testing.T, r fakestest.Reply, v any) {
	t.Helper()
	e := open(t, r)
	require.Equal(t, "true", e.Result, r.Body.String())
	require.NoError(t, json.Unmarshal(e.Data, v), r.Body.String())
}

func login(t *testing.T, b *fakestest.Bench, username, password string) string {
	t.Helper()
	var d struct{ Token string }
	data(t, b.Call("login", args{"username": username, "password": password}), &d)
	return d.Token
}

// visitor makes a user and returns its id and token.
func visitor(t *testing.T, b *fakestest.Bench) (id, token string) {
	t.Helper()
	var d struct{ UserID, Token string }
	data(t, b.Call("randomUser", nil), &d)
	return d.UserID, d.Token
}

func publish(t *testing.T, b *fakestest.Bench, token, videoID string) {
	t.Helper()
	r := as(b, token, "videoPublish", args{"videoId": videoID, "coverUrl": "https://example.com/c.png", "title": "T " + videoID})
	require.Equal(t, "published", r.Outcome, r.Body.String())
}

type row struct {
	ID, VideoID, Title, Description, CoverURL, CreationTime, Status, FirstFrameURL, Tags, CateName, ShareURL string
	TranscodeStatus, SnapshotStatus, CensorStatus, NarrowTranscodeStatus                                     string
	FileURL                                                                                                  *string
	Duration                                                                                                 float64
	Size, CateID                                                                                             int64
	User                                                                                                     struct{ UserID, UserName, AvatarURL string }
}

type page struct {
	Total     int
	VideoList []row
}

func ids(p page) []string {
	out := []string{}
	for _, v := range p.VideoList {
		out = append(out, v.ID)
	}
	return out
}

func personal(t *testing.T, b *fakestest.Bench, token string, a args) page {
	t.Helper()
	var p page
	data(t, as(b, token, "getPersonalVideoList", a), &p)
	return p
}

// newest is the token's user's last published video.
func newest(t *testing.T, b *fakestest.Bench, token string) row {
	t.Helper()
	p := personal(t, b, token, args{"pageIndex": "1", "pageSize": "1"})
	require.Len(t, p.VideoList, 1)
	return p.VideoList[0]
}

// decode reads base64 JSON, and returns it with the order of its keys.
func decode(t *testing.T, text string) (values map[string]any, keys []string) {
	t.Helper()
	raw, err := base64.StdEncoding.DecodeString(text)
	require.NoError(t, err)
	require.NoError(t, json.Unmarshal(raw, &values))
	return values, keysOf(t, raw)
}

// keysOf returns the keys of a JSON object in the order written.
func keysOf(t *testing.T, raw []byte) []string {
	t.Helper()
	dec := json.NewDecoder(bytes.NewReader(raw))
	var keys []string
	depth := 0
	expectKey := false
	for {
		tok, err := dec.Token()
		if err != nil {
			return keys
		}
		switch v := tok.(type) {
		case json.Delim:
			if v == '{' || v == '[' {
				depth++
			} else {
				depth--
			}
			expectKey = depth == 1
		case string:
			if depth == 1 && expectKey {
				keys = append(keys, v)
				expectKey = false
				continue
			}
			expectKey = depth == 1
		default:
			expectKey = depth == 1
		}
	}
}

// world runs f with the default tenant's world in hand.
func world(t *testing.T, b *fakestest.Bench, f func(w *qulive.World)) {
	t.Helper()
	require.NoError(t, b.Host.With(b.Host.Default(), "qulive", func(w fakes.World, _ time.Time) error {
		f(w.(*qulive.World))
		return nil
	}))
}

func readCloser(s string) io.ReadCloser { return io.NopCloser(strings.NewReader(s)) }

// springError is an error of the framework.
type springError struct {
	Timestamp                       int64
	Status                          int
	Error, Exception, Message, Path string
}

func spring(t *testing.T, r fakestest.Reply) springError {
	t.Helper()
	var e springError
	require.NoError(t, json.Unmarshal(r.Body.Bytes(), &e), r.Body.String())
	assert.Equal(t, []string{"timestamp", "status", "error", "exception", "message", "path"}, keysOf(t, r.Body.Bytes()))
	return e
}
