package qulive

import (
	"encoding/json"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/mediasandbox/sandbox/fakes"
)

// The table pages as a sorted slice does, whatever was removed.
func TestTableAgainstSlice(t *testing.T) {
	const seed = 20260318
	r := rand.New(rand.NewPCG(seed, 1))
	t.Logf("seed %d", seed)
	var table Table
	var model []int64 // ascending
	next := int64(0)
	for range 3000 {
		switch {
		case r.IntN(3) > 0 || len(model) == 0:
			next += 1 + r.Int64N(3)
			table.put(&Video{ID: next})
			model = append(model, next)
		default:
			i := r.IntN(len(model))
			table.remove(model[i])
			model = slices.Delete(model, i, i+1)
		}
		page, size := r.Int64N(6)-1, r.Int64N(12)-1
		below := int64(math.MaxInt64)
		if r.IntN(2) == 0 {
			below = r.Int64N(next+3) - 1
		}
		var want []int64
		for i := len(model) - 1; i >= 0; i-- {
			if model[i] < below {
				want = append(want, model[i])
			}
		}
		from := max(0, page-1) * max(0, size)
		if page < 1 || size < 1 || from >= int64(len(want)) {
			want = nil
		} else {
			want = want[from:min(from+size, int64(len(want)))]
		}
		var got []int64
		for _, v := range table.page(page, size, below) {
			got = append(got, v.ID)
		}
		require.Equal(t, want, got, "page %d size %d below %d of %v", page, size, below, model)
		require.Equal(t, len(model), table.Len())
	}
}

func TestTableJSON(t *testing.T) {
	var table Table
	text, err := json.Marshal(&table)
	require.NoError(t, err)
	assert.Equal(t, "[]", string(text))
	for _, bad := range []string{`[{"id":0}]`, `[{"id":2},{"id":2}]`, `[{"id":2},{"id":1}]`, `[null]`, `{}`, `[{"no such field":1}]`} {
		assert.Error(t, json.Unmarshal([]byte(bad), &Table{}), bad)
	}
	require.NoError(t, json.Unmarshal([]byte(`[{"id":1},{"id":3}]`), &table))
	require.NoError(t, json.Unmarshal([]byte(`[{"id":7}]`), &table))
	assert.Equal(t, 1, table.Len(), "what was there is gone")
}

func TestPagesAreCut(t *testing.T) {
	w, c := fresh(t)
	for range maxPage {
		v := *w.Recommended.Get(lastRecommended)
		v.ID, v.VideoID, v.Masked = w.LastRecommended+1, decimal(w.LastRecommended+1), ""
		w.addRecommended(&v)
	}
	out, err := w.recommendedVideos(c, listIn{PageIndex: 1, PageSize: math.MaxInt32})
	require.NoError(t, err)
	assert.Len(t, out.VideoList, maxPage)
	assert.Equal(t, maxPage+recommendedVideos, out.Total)
	second, err := w.recommendedVideos(c, listIn{PageIndex: 2, PageSize: math.MaxInt32})
	require.NoError(t, err)
	assert.Len(t, second.VideoList, recommendedVideos)
}

// A page costs the same whatever is stored: compare the lines for 1,000 and 1,000,000.
func BenchmarkPage(b *testing.B) {
	for _, n := range []int64{1_000, 1_000_000} {
		var table Table
		v := &Video{}
		for i := range n {
			table.rows.Set(i+1, v)
		}
		for _, c := range []struct {
			name        string
			page, below int64
		}{{"first", 1, math.MaxInt64}, {"last", n / 20, math.MaxInt64}, {"cursor", 1, n / 2}} {
			b.Run(decimal(n)+" "+c.name, func(b *testing.B) {
				for b.Loop() {
					table.page(c.page, 20, c.below)
				}
			})
		}
	}
}

func restored(t *testing.T, text string) (*World, error) {
	t.Helper()
	w := &World{}
	require.NoError(t, json.Unmarshal([]byte(text), w))
	return w, w.Restore(fakes.Env{Tenant: "default", Default: true, Seed: 7, Born: born})
}

func TestStateRoundTrip(t *testing.T) {
	w, c := fresh(t)
	u := w.userByName["demo"]
	token := w.issueToken(c, u)
	_, err := w.register(c, credentialsIn{"ann", "pw"})
	require.NoError(t, err)
	v := &Video{ID: w.LastVideo + 1, VideoID: "v", UserID: u.UserID, CensorStatus: onCensor}
	w.addVideo(v)
	w.plan(born.Add(reviewAfter), reviewComplete, v)
	w.plan(born.Add(snapshotAfter), snapshotComplete, v)
	text, err := json.Marshal(w)
	require.NoError(t, err)
	back, err := restored(t, string(text))
	require.NoError(t, err)
	again, err := json.Marshal(back)
	require.NoError(t, err)
	assert.JSONEq(t, string(text), string(again))
	assert.Equal(t, w.catalogue, back.catalogue)
	assert.Equal(t, w.tokens, back.tokens)
	assert.Contains(t, back.tokens, token)
	assert.Equal(t, w.userByID, back.userByID)
	assert.Equal(t, w.userByName, back.userByName)
	assert.Equal(t, w.videoByID, back.videoByID)
	assert.Equal(t, w.recByID, back.recByID)
	assert.Equal(t, w.uploadAlias, back.uploadAlias)
	assert.Equal(t, w.videosOf[u.UserID].Len(), back.videosOf[u.UserID].Len())
	now := born.Add(transcodeAfter + reviewAfter)
	assert.Equal(t, w.Settle(now), back.Settle(now))
}

func TestRestoreRefuses(t *testing.T) {
	for _, c := range []struct{ state, says string }{
		{`{"users":[null]}`, "null"},
		{`{"users":[{"id":1,"userId":"1"},{"id":2,"userId":"1"}]}`, "twice"},
		{`{"users":[{"id":1,"userId":"1","userName":"a"},{"id":2,"userId":"2","userName":"a"}]}`, "twice"},
		{`{"users":[{"id":2,"userId":"1"},{"id":1,"userId":"2"}]}`, "out of order"},
		{`{"tokens":[{"token":"t","userId":"1"}]}`, "no user 1"},
		{`{"users":[{"id":1,"userId":"1"}],"tokens":[{"token":"t","userId":"1"},{"token":"t","userId":"1"}]}`, "twice"},
		{`{"users":[{"id":1,"userId":"1","userName":"demo-team-a"}]}`, "demo is not there"},
		{`{"uploads":{"a":{"videoId":"b"}}}`, "a is not"},
		{`{"uploads":{"a":null}}`, "a is not"},
		{`{"videos":[{"id":1,"videoId":"v"},{"id":2,"videoId":"v"}]}`, "videos: v"},
		{`{"recommended":[{"id":1,"videoId":"v"},{"id":2,"videoId":"v"}]}`, "recommended: v"},
		{`{"due":[{"kind":"other"}]}`, "other"},
	} {
		_, err := restored(t, c.state)
		assert.ErrorContains(t, err, c.says, c.state)
	}
	w, err := restored(t, `{}`)
	require.NoError(t, err)
	assert.Empty(t, w.Users)
}
