package qulive_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/mediasandbox/sandbox/fakes/fakestest"
	"github.com/mediasandbox/sandbox/fakes/qulive"
)

// modelVideo is a published video: what has become of it, and what is still to come.
type modelVideo struct {
	id                          int64
	videoID, owner              string
	censor, transcode, snapshot string
	due                         []modelDue
}

type modelDue struct {
	at   time.Time
	kind string
}

type modelToken struct {
	text, user string
	expires    time.Time
}

type modelUpload struct {
	address string
	expires time.Time
}

// model is the AppServer as a client would keep books of it.
type model struct {
	t        *testing.T
	r        *rand.Rand
	b        *fakestest.Bench
	now      time.Time
	password map[string]string // of those who can log in
	nick     map[string]string // by user id
	idOf     map[string]string // user id by name, known from the state
	tokens   []modelToken      // in order of issue
	videos   []*modelVideo     // by id
	featured []int64           // ids of the recommended ones
	last     int64             // highest id of a video so far
	uploads  map[string]modelUpload
	n        int
}

func newModel(t *testing.T) *model {
	m := &model{
		t: t, r: fakestest.Random(t), b: fakestest.New(t, qulive.API()), password: map[string]string{"demo": "demo"},
		nick: map[string]string{}, idOf: map[string]string{}, uploads: map[string]modelUpload{},
	}
	m.now = m.b.Host.Default().Clock.Now()
	world(t, m.b, func(w *qulive.World) {
		for _, u := range w.Users {
			m.nick[u.UserID] = u.NickName
			if u.UserName != "" {
				m.idOf[u.UserName] = u.UserID
			}
		}
		for _, k := range w.Tokens {
			m.tokens = append(m.tokens, modelToken{k.Token, k.UserID, k.Expires})
		}
		w.Videos.Scan(func(v *qulive.Video) bool {
			m.videos = append(m.videos, &modelVideo{
				id: v.ID, videoID: v.VideoID, owner: v.UserID, censor: v.CensorStatus, transcode: v.TranscodeStatus, snapshot: v.SnapshotStatus,
			})
			m.last = max(m.last, v.ID)
			return true
		})
		w.Recommended.Scan(func(v *qulive.Video) bool { m.featured = append(m.featured, v.ID); return true })
	})
	return m
}

// TestModel makes random calls as many users and compares with the model after each.
func TestModel(t *testing.T) {
	m := newModel(t)
	var wheel []func()
	for _, s := range []struct {
		weight int
		step   func()
	}{
		{5, m.register}, {7, m.login}, {4, m.visitor}, {4, m.rename}, {20, m.publish}, {10, m.remove}, {18, m.personal}, {6, m.recommended},
		{10, m.notify}, {4, m.recommend}, {5, m.upload}, {5, m.refresh}, {12, m.clock},
	} {
		for range s.weight {
			wheel = append(wheel, s.step)
		}
	}
	for i := range fakestest.Steps() {
		if i%1000 == 0 {
			m.reload()
		}
		wheel[m.r.IntN(len(wheel))]()
	}
	m.reload()
	require.Empty(t, m.b.Breaches())
}

// caller is a token, mostly a good one, and whose it is; "" for one that is refused.
func (m *model) caller() (token, user string) {
	switch m.r.IntN(12) {
	case 0:
		return "", ""
	case 1:
		return ownToken(m.b)[:12] + "-unknown", ""
	}
	k := m.tokens[len(m.tokens)-1-m.r.IntN(min(len(m.tokens), 12))]
	if m.r.IntN(6) == 0 {
		k = m.tokens[m.r.IntN(len(m.tokens))]
	}
	if !m.now.Before(k.expires) {
		return k.text, ""
	}
	return k.text, k.user
}

// issue keeps a token that was given out; expired ones at the front are forgotten then.
func (m *model) issue(text, user string) {
	for len(m.tokens) > 0 && !m.now.Before(m.tokens[0].expires) {
		m.tokens = m.tokens[1:]
	}
	for _, k := range m.tokens {
		require.NotEqual(m.t, k.text, text, "tokens are unique")
	}
	m.tokens = append(m.tokens, modelToken{text, user, m.now.Add(30 * 24 * time.Hour)})
}

func (m *model) register() {
	name := fmt.Sprintf("user%d", m.r.IntN(60))
	r := m.b.Call("register", args{"username": name, "password": "p" + name})
	if m.password[name] != "" {
		require.Equal(m.t, "username-taken", r.Outcome)
		return
	}
	require.Equal(m.t, "registered", r.Outcome, r.Body.String())
	m.password[name] = "p" + name
	world(m.t, m.b, func(w *qulive.World) {
		u := w.Users[len(w.Users)-1]
		require.NotContains(m.t, m.nick, u.UserID, "ids are unique")
		m.idOf[name], m.nick[u.UserID] = u.UserID, name
	})
}

func (m *model) login() {
	name := []string{"demo", fmt.Sprintf("user%d", m.r.IntN(60))}[m.r.IntN(2)]
	password := m.password[name]
	if m.r.IntN(4) == 0 {
		password = "wrong"
	}
	if password == "" {
		password = "x"
	}
	r := m.b.Call("login", args{"username": name, "password": password})
	switch {
	case m.password[name] == "":
		require.Equal(m.t, "username-unknown", r.Outcome)
	case password == "wrong":
		require.Equal(m.t, "password-wrong", r.Outcome)
	default:
		var d struct{ Token string }
		data(m.t, r, &d)
		m.issue(d.Token, m.idOf[name])
	}
}

func (m *model) visitor() {
	var d struct{ UserID, NickName, Token string }
	data(m.t, m.b.Call("randomUser", nil), &d)
	require.NotContains(m.t, m.nick, d.UserID, "ids are unique")
	m.nick[d.UserID] = d.NickName
	m.issue(d.Token, d.UserID)
}

func (m *model) rename() {
	token, user := m.caller()
	r := as(m.b, token, "updateUser", args{"userId": user, "nickname": fmt.Sprintf("nick %d", m.n)})
	if user == "" {
		require.Equal(m.t, "token-refused", r.Outcome)
		return
	}
	m.nick[user] = fmt.Sprintf("nick %d", m.n)
	m.n++
}

func (m *model) video(videoID string) *modelVideo {
	if i := slices.IndexFunc(m.videos, func(v *modelVideo) bool { return v.videoID == videoID }); i >= 0 {
		return m.videos[i]
	}
	return nil
}

// recent is one of the later videos, nil when there is none.
func (m *model) recent() *modelVideo {
	if len(m.videos) == 0 {
		return nil
	}
	return m.videos[len(m.videos)-1-m.r.IntN(min(len(m.videos), 20))]
}

func (m *model) publish() {
	token, user := m.caller()
	videoID := fmt.Sprintf("video-%d", m.n)
	if v := m.recent(); v != nil && m.r.IntN(5) == 0 {
		videoID = v.videoID
	}
	m.n++
	r := as(m.b, token, "videoPublish", args{"videoId": videoID, "coverUrl": "https://example.com/c.png", "title": "T"})
	switch {
	case user == "":
		require.Equal(m.t, "token-refused", r.Outcome)
		return
	case m.video(videoID) != nil:
		require.Equal(m.t, "already-published", r.Outcome)
		return
	}
	require.Equal(m.t, "published", r.Outcome, r.Body.String())
	m.last++
	m.videos = append(m.videos, &modelVideo{id: m.last, videoID: videoID, owner: user, censor: "onCensor", due: []modelDue{
		{m.now.Add(5 * time.Second), "snapshot-complete"}, {m.now.Add(20 * time.Second), "review-complete"},
	}})
}

func (m *model) remove() {
	token, user := m.caller()
	v := m.recent()
	if v == nil {
		return
	}
	videoID, named := v.videoID, user
	switch m.r.IntN(6) {
	case 0:
		videoID = "nothing"
	case 1:
		named = "2430000000000"
	case 2, 3:
		if i := slices.IndexFunc(m.tokens, func(k modelToken) bool { return k.user == v.owner && m.now.Before(k.expires) }); i >= 0 {
			token, user, named = m.tokens[i].text, v.owner, v.owner
		}
	}
	if named == "" {
		named = "2430000000000"
	}
	r := as(m.b, token, "deleteVideoById", args{"videoId": videoID, "userId": named})
	switch {
	case user == "":
		require.Equal(m.t, "token-refused", r.Outcome)
	case videoID != "nothing" && (named != user || v.owner != user):
		require.Equal(m.t, "not-owner", r.Outcome)
	default:
		require.Equal(m.t, "deleted", r.Outcome)
		if videoID == "nothing" {
			return
		}
		m.videos = slices.DeleteFunc(m.videos, func(o *modelVideo) bool { return o == v })
		delete(m.uploads, videoID)
		world(m.t, m.b, func(w *qulive.World) { // a recommended copy goes, too
			m.featured = m.featured[:0]
			w.Recommended.Scan(func(v *qulive.Video) bool {
				require.NotEqual(m.t, videoID, v.VideoID)
				m.featured = append(m.featured, v.ID)
				return true
			})
		})
	}
}

// pageOf cuts a page out of ids that ascend, newest first.
func pageOf(ids []int64, index, size int, below int64) []string {
	out := []string{}
	list := slices.DeleteFunc(slices.Clone(ids), func(id int64) bool { return id >= below })
	slices.Reverse(list)
	if index < 1 || size < 1 {
		return out
	}
	first := min((index-1)*size, len(list))
	for _, id := range list[first:min(first+size, len(list))] {
		out = append(out, strconv.FormatInt(id, 10))
	}
	return out
}

// asking draws a page, with a cursor now and then.
func (m *model) asking(ids []int64) (a args, index, size int, below int64) {
	index, size, below = m.r.IntN(5), m.r.IntN(12), math.MaxInt64
	a = args{"pageIndex": strconv.Itoa(index), "pageSize": strconv.Itoa(size)}
	if len(ids) > 0 && m.r.IntN(3) == 0 {
		below = ids[m.r.IntN(len(ids))]
		a["id"] = strconv.FormatInt(below, 10)
	}
	return a, index, size, below
}

func (m *model) own(user string) []int64 {
	var out []int64
	for _, v := range m.videos {
		if v.owner == user {
			out = append(out, v.id)
		}
	}
	return out
}

func (m *model) personal() {
	token, user := m.caller()
	all := m.own(user)
	a, index, size, below := m.asking(all)
	r := as(m.b, token, "getPersonalVideoList", a)
	if user == "" {
		require.Equal(m.t, "token-refused", r.Outcome)
		return
	}
	var p page
	data(m.t, r, &p)
	require.Equal(m.t, len(all), p.Total)
	require.Equal(m.t, pageOf(all, index, size, below), ids(p), "%v", a)
	for _, row := range p.VideoList {
		v := m.video(row.VideoID)
		require.Equal(m.t, []string{v.censor, v.transcode, v.snapshot}, []string{row.CensorStatus, row.TranscodeStatus, row.SnapshotStatus}, "%+v at %s", v, m.now)
		require.Equal(m.t, m.nick[user], row.User.UserName)
	}
}

func (m *model) recommended() {
	token, user := m.caller()
	a, index, size, below := m.asking(m.featured)
	r := as(m.b, token, "getRecommendVideoList", a)
	if user == "" {
		require.Equal(m.t, "token-refused", r.Outcome)
		return
	}
	var p page
	data(m.t, r, &p)
	require.Equal(m.t, len(m.featured), p.Total)
	require.Equal(m.t, pageOf(m.featured, index, size, below), ids(p), "%v", a)
}

// recommend puts a video among the recommended ones, each once.
func (m *model) recommend() {
	v := m.recent()
	if v == nil || len(m.featured) > 120 {
		return
	}
	world(m.t, m.b, func(w *qulive.World) {
		before := w.LastRecommended
		require.NoError(m.t, w.Recommend(v.videoID))
		if w.LastRecommended > before {
			m.featured = append(m.featured, w.LastRecommended)
		}
		require.Equal(m.t, len(m.featured), w.Recommended.Len())
	})
}

// told applies a notification's result.
func (v *modelVideo) told(kind, result string, at time.Time) {
	switch kind {
	case "snapshot-complete":
		v.snapshot = result
	case "transcode-complete":
		v.transcode = result
	case "review-complete":
		v.censor = result
		switch {
		case result == "success" && v.transcode == "":
			v.transcode = "onTranscode"
			v.due = append(v.due, modelDue{at.Add(40 * time.Second), "transcode-complete"})
		case result != "success" && v.transcode == "onTranscode":
			v.transcode = ""
		}
	}
}

// notify is the vendor telling something about a video, or about none of ours.
func (m *model) notify() {
	v := m.recent()
	if v == nil {
		return
	}
	type row struct {
		event  event
		kind   string
		result string
	}
	rows := []row{
		{event{"EventType": "SnapshotComplete", "Status": "success"}, "snapshot-complete", "success"},
		{event{"EventType": "SnapshotComplete", "Status": "fail"}, "snapshot-complete", "fail"},
		{event{"EventType": "AIVideoCensorComplete", "Status": "success", "Data": event{"Suggestion": "pass"}}, "review-complete", "success"},
		{event{"EventType": "AIVideoCensorComplete", "Status": "success", "Data": event{"Suggestion": "review"}}, "review-complete", "check"},
		{event{"EventType": "AIVideoCensorComplete", "Status": "success", "Data": event{"Suggestion": "block"}}, "review-complete", "fail"},
		{event{"EventType": "StreamTranscodeComplete", "Status": "success", "FileUrl": "http://x/v.mp4"}, "transcode-complete", "success"},
		{event{"EventType": "StreamTranscodeComplete", "Status": "fail"}, "transcode-complete", "fail"},
	}
	n := rows[m.r.IntN(len(rows))]
	n.event["VideoId"] = v.videoID
	unknown := m.r.IntN(5) == 0
	if unknown {
		n.event["VideoId"] = "nothing of ours"
	}
	r := m.b.Request("vodCallback", nil)
	notify(m.b, r, n.event)
	forged := m.r.IntN(6) == 0
	if forged {
		r.Header.Set("X-VOD-SIGNATURE", strings.Repeat("0", 32))
	}
	reply := m.b.Send(r)
	switch {
	case forged:
		require.Equal(m.t, "signature-wrong", reply.Outcome)
	case unknown:
		require.Equal(m.t, 200, reply.Code)
	default:
		require.Equal(m.t, 200, reply.Code)
		v.told(n.kind, n.result, m.now)
	}
}

func (m *model) upload() {
	token, user := m.caller()
	r := as(m.b, token, "vodGetVideoUploadAuth", args{"title": "T", "fileName": "f.mp4"})
	if user == "" {
		require.Equal(m.t, "token-refused", r.Outcome)
		return
	}
	var d struct{ VideoID, UploadAddress string }
	data(m.t, r, &d)
	require.NotContains(m.t, m.uploads, d.VideoID, "ids are unique")
	m.uploads[d.VideoID] = modelUpload{d.UploadAddress, m.now.Add(3000 * time.Second)}
}

// refresh keeps an address until it has expired.
func (m *model) refresh() {
	if len(m.uploads) == 0 {
		return
	}
	id := slices.Sorted(maps.Keys(m.uploads))[m.r.IntN(len(m.uploads))]
	u := m.uploads[id]
	var d struct{ UploadAddress string }
	data(m.t, m.b.Call("demoRefreshVideoUploadAuth", args{"videoId": id}), &d)
	if m.now.Before(u.expires) {
		require.Equal(m.t, u.address, d.UploadAddress)
		return
	}
	require.NotEqual(m.t, u.address, d.UploadAddress)
	m.uploads[id] = modelUpload{d.UploadAddress, m.now.Add(3000 * time.Second)}
}

// clock moves the clock, back now and then, and compares what falls due.
func (m *model) clock() {
	d := []time.Duration{
		time.Second, 5 * time.Second, 20*time.Second - 1, 20 * time.Second, 40 * time.Second, time.Minute, 3000 * time.Second, 4 * time.Hour, 9 * 24 * time.Hour,
	}[min(m.r.IntN(10), m.r.IntN(9))]
	if m.r.IntN(8) == 0 {
		d = -d / 2
	}
	m.now = m.b.Host.Default().Clock.Advance(d)
	var got, want []string
	for _, e := range m.b.Host.Settle(m.b.Host.Default()) {
		require.False(m.t, e.At.After(m.now))
		got = append(got, e.Kind+" "+e.ID)
	}
	for _, v := range m.videos {
		want = append(want, v.settle(m.now)...)
	}
	require.ElementsMatch(m.t, want, got)
}

// settle lets happen what is due; what was decided meanwhile does not happen again.
func (v *modelVideo) settle(now time.Time) (told []string) {
	for {
		slices.SortStableFunc(v.due, func(a, b modelDue) int { return a.at.Compare(b.at) })
		if len(v.due) == 0 || v.due[0].at.After(now) {
			return told
		}
		d := v.due[0]
		v.due = v.due[1:]
		if d.kind == "snapshot-complete" && v.snapshot == "" || d.kind == "review-complete" && v.censor == "onCensor" ||
			d.kind == "transcode-complete" && v.transcode == "onTranscode" {
			v.told(d.kind, "success", d.at)
			told = append(told, d.kind+" "+v.videoID)
		}
	}
}

// reload takes the state out and in, and holds the whole of it to the model.
func (m *model) reload() {
	t := m.b.Host.Default()
	state, err := m.b.Host.Export(t, "qulive")
	require.NoError(m.t, err)
	require.NoError(m.t, m.b.Host.Import(t, map[string]json.RawMessage{"qulive": state}))
	world(m.t, m.b, func(w *qulive.World) {
		require.Equal(m.t, []int{len(m.videos), len(m.featured), len(m.nick), len(m.tokens)}, []int{w.Videos.Len(), w.Recommended.Len(), len(w.Users), len(w.Tokens)})
		i := 0
		w.Videos.Scan(func(v *qulive.Video) bool {
			o := m.videos[i]
			require.Equal(m.t, []string{o.videoID, o.owner, o.censor, o.transcode, o.snapshot}, []string{v.VideoID, v.UserID, v.CensorStatus, v.TranscodeStatus, v.SnapshotStatus})
			i++
			return true
		})
	})
}
