package polyv_test

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/mediasandbox/sandbox/fakes/polyv"
)

func move(from, to any) args { return args{"cataid": fmt.Sprint(from), "destCataid": fmt.Sprint(to)} }

// tree gives userA a small tree of its own: 1 ─ 10 ─ 11 ─ 12 and 1 ─ 20.
func tree(t *testing.T) *client {
	c := open(t, userA)
	c.with(func(w *polyv.World) {
		for _, cat := range []polyv.Category{{ID: 10, Parent: 1}, {ID: 11, Parent: 10}, {ID: 12, Parent: 11}, {ID: 20, Parent: 1}} {
			require.NoError(t, w.AddCategory(userA, cat))
		}
	})
	return c
}

func TestCataChangeRefusals(t *testing.T) {
	c := tree(t)
	for _, row := range []struct {
		from, to string
		code     int
		message  string
	}{
		{"", "", 400, "cataid为空."},
		{"", "x", 400, "cataid为空."},
		{"x", "", 400, "cataid为空."},
		{"10", "", 400, "cataid为空."},
		{"x", "10", 402, "cataid格式出错."},
		{"10", "x", 402, "cataid格式出错."},
		{"x", "x", 402, "cataid格式出错."},
		{"10", " 20", 402, "cataid格式出错."},
		{"10", "1.0", 402, "cataid格式出错."},
		{"10", "99999999999999999999", 402, "cataid格式出错."},
		{"10", "10", 402, "两个cataid不能相同."},
		{"10", "010", 402, "两个cataid不能相同."},
		{"77", "77", 402, "两个cataid不能相同."},
		{"77", "10", 402, "cataid不存在."},
		{"10", "77", 402, "cataid不存在."},
		{"10", "0", 402, "cataid不存在."},
		{"10", "-1", 402, "cataid不存在."},
		{"10", "1", 402, "不能移动到自己的父亲节点."},  // its parent
		{"12", "11", 402, "不能移动到自己的父亲节点."}, // its parent
		{"10", "11", 402, "不能移动到自己的父亲节点."}, // its child
		{"10", "12", 402, "不能移动到自己的父亲节点."}, // its grandchild
		{"1", "20", 402, "不能移动到自己的父亲节点."},  // the root: everything stands below it
	} {
		r := c.call("cataChange", args{"cataid": row.from, "destCataid": row.to})
		assert.Equal(t, fmt.Sprintf(`{"code":%d,"status":"error","message":"%s","data":""}`, row.code, row.message), r.Body.String(), "%+v", row)
	}
}

func TestCataChangeMoves(t *testing.T) {
	c := tree(t)
	const done = `{"code":200,"status":"success","message":"success","data":true}`
	assert.Equal(t, done, c.call("cataChange", move(11, 20)).Body.String())
	c.must("cataid-parent", "cataChange", move(11, 20)) // again: it is there
	assert.Equal(t, done, c.call("cataChange", move(10, 12)).Body.String(), "11 took 12 along: 12 no longer stands below 10")
	c.must("cataid-parent", "cataChange", move(20, 10))
	assert.Equal(t, done, c.call("cataChange", move(12, 1)).Body.String())
	assert.Equal(t, done, c.call("cataChange", move(20, 10)).Body.String())
	as(c, userB).must("cataid-unknown", "cataChange", move(10, 20))
}

// The PHP sample sends GET and signs cataid, ptime and userid: the method is fine,
// the sign is wrong; the note's rule is right (CONTRACTS section 2).
func TestCataChangeSignRule(t *testing.T) {
	c := tree(t)
	assert.Equal(t, "moved", c.raw("/v2/cata/"+userA+"/change", move(11, 20)).Outcome)
	sample := c.signed(args{"cataid": "12", "userid": userA})
	r := c.Request("cataChange", args{"cataid": "12", "destCataid": "1", "ptime": sample["ptime"], "sign": sample["sign"]})
	r.Path = "/v2/cata/" + userA + "/change"
	assert.Equal(t, "sign-wrong", c.Send(r).Outcome)
}

func TestAddCategoryRefuses(t *testing.T) {
	c := tree(t)
	c.with(func(w *polyv.World) {
		for _, bad := range []polyv.Category{{ID: 1, Parent: 1}, {ID: 0, Parent: 1}, {ID: 10, Parent: 1}, {ID: 30, Parent: 31}, {ID: 30}} {
			assert.Error(t, w.AddCategory(userA, bad), "%+v", bad)
		}
		require.Error(t, w.AddCategory("nobody", polyv.Category{ID: 30, Parent: 1}))
	})
}

// However categories are moved, they stay one tree, and replies agree with a model.
func TestCataChangeKeepsATree(t *testing.T) {
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	r := rand.New(rand.NewPCG(seed, 0))
	c := open(t, userB)
	parent := map[int64]int64{}
	c.with(func(w *polyv.World) {
		for id := int64(2); id < 12; id++ {
			require.NoError(t, w.AddCategory(userB, polyv.Category{ID: id, Parent: id - 1}))
		}
		for _, u := range w.Users {
			if u.ID == userB {
				for _, cat := range u.Categories {
					parent[cat.ID] = cat.Parent
				}
			}
		}
	})
	below := func(id, top int64) bool {
		for n := 0; id != 0; n++ {
			require.Less(t, n, 100, "a cycle")
			if id == top {
				return true
			}
			id = parent[id]
		}
		return false
	}
	moved := 0
	for range 500 {
		from, to := 1+r.Int64N(12), 1+r.Int64N(12)
		_, known1 := parent[from]
		_, known2 := parent[to]
		want := "moved"
		switch {
		case from == to:
			want = "cataid-equal"
		case !known1 || !known2:
			want = "cataid-unknown"
		case parent[from] == to || below(to, from):
			want = "cataid-parent"
		default:
			parent[from] = to
			moved++
		}
		c.must(want, "cataChange", move(from, to))
	}
	assert.Positive(t, moved)
	c.with(func(w *polyv.World) {
		for _, u := range w.Users {
			if u.ID != userB {
				continue
			}
			for _, cat := range u.Categories {
				assert.Equal(t, parent[cat.ID], cat.Parent)
				assert.True(t, below(cat.ID, 1))
			}
		}
	})
}
