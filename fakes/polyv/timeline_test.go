package polyv

import (
	"cmp"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

type note struct {
	ID int64  `json:"id"`
	At int64  `json:"at"`
	Of string `json:"of"`
}

func (n *note) key() int64    { return n.ID }
func (n *note) when() int64   { return n.At }
func (n *note) group() string { return n.Of }

// model is the timeline as a plain sorted slice.
type model []*note

func (m model) of(groups ...string) (out model) {
	for _, n := range m {
		if slices.Contains(groups, n.Of) {
			out = append(out, n)
		}
	}
	return out
}

func (m model) in(from, to int64) (out model) {
	for _, n := range m {
		if n.At >= from && n.At < to {
			out = append(out, n)
		}
	}
	return out
}

func (m model) page(offset, size int64) []*note {
	from := min(offset, int64(len(m)))
	return m[from:min(from+size, int64(len(m)))]
}

// Random adds and removes; after each, pages and merges agree with the model.
func TestTimelineAgreesWithAModel(t *testing.T) {
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	r := rand.New(rand.NewPCG(seed, 0))
	var line Timeline[int64, *note]
	var all model
	groups := []string{"", "a", "b", "c"}
	for step := range 1500 {
		if r.IntN(3) == 0 && len(all) > 0 {
			i := r.IntN(len(all))
			require.True(t, line.remove(all[i].ID))
			require.False(t, line.remove(all[i].ID))
			all = slices.Delete(all, i, i+1)
		} else {
			n := &note{ID: r.Int64N(1000), At: r.Int64N(40), Of: pick(r, groups)}
			taken := slices.ContainsFunc(all, func(o *note) bool { return o.ID == n.ID })
			require.Equal(t, taken, line.add(n) != nil)
			if !taken {
				all = append(all, n)
				slices.SortFunc(all, func(a, b *note) int {
					return cmp.Or(cmp.Compare(b.At, a.At), cmp.Compare(b.ID, a.ID))
				})
			}
		}
		require.Equal(t, len(all), line.Len())
		offset, size := r.Int64N(60), 1+r.Int64N(20)
		got, total := line.page("", offset, size)
		require.Equal(t, int64(len(all)), total)
		require.Equal(t, fmt.Sprint(all.page(offset, size)), fmt.Sprint(model(got)), "step %d", step)
		g := pick(r, groups[1:])
		got, total = line.page(g, offset, size)
		require.Equal(t, int64(len(all.of(g))), total)
		require.Equal(t, fmt.Sprint(all.of(g).page(offset, size)), fmt.Sprint(model(got)))
		some := groups[1 : 1+r.IntN(4)]
		from, to := r.Int64N(45), r.Int64N(45)
		want := all.of(some...).in(from, to).page(offset, size)
		require.Equal(t, fmt.Sprint(model(want)), fmt.Sprint(model(line.merge(some, from, to, offset, size))), "step %d", step)
	}
	assert.Greater(t, line.Len(), 100)
}

func TestTimelineJSON(t *testing.T) {
	var line, back Timeline[int64, *note]
	empty, err := json.Marshal(line)
	require.NoError(t, err)
	assert.Equal(t, "[]", string(empty))
	for i := range int64(100) {
		require.NoError(t, line.add(&note{ID: i, At: i * 7 % 13, Of: fmt.Sprint(i % 3)}))
	}
	text, err := json.Marshal(line)
	require.NoError(t, err)
	require.NoError(t, back.add(&note{ID: 5000})) // what was there goes
	require.NoError(t, json.Unmarshal(text, &back))
	again, err := json.Marshal(back)
	require.NoError(t, err)
	assert.Equal(t, string(text), string(again))
	_, total := back.page("2", 0, 1)
	assert.Equal(t, int64(33), total)
	for _, bad := range []string{`[null]`, `{}`, `[{"id":1},{"id":1}]`, `[{"nope":1}]`} {
		assert.Error(t, json.Unmarshal([]byte(bad), &back), bad)
	}
}

func FuzzReadFrames(f *testing.F) {
	for _, s := range []string{`[{"start":1,"end":6}]`, `[{"start":-0,"end":1e5}]`, `[[[[`, `[{"start":null}]`, "\xff"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		frames, ok := readFrames(text)
		if !ok {
			return
		}
		require.NotEmpty(t, frames)
		for _, fr := range frames {
			require.GreaterOrEqual(t, fr.start, int64(0))
			require.GreaterOrEqual(t, fr.end, int64(0))
		}
		if illegal(frames, 300) == "" {
			require.LessOrEqual(t, len(frames), framesMax)
		}
	})
}
