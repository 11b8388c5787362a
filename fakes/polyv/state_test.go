package polyv_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/mediasandbox/sandbox/fakes"
	"github.com/mediasandbox/sandbox/fakes/polyv"
)

// A tour that changes every kind of object, then reads all of it.
func tour(c *client) (out []string) {
	say := func(op string, a args) { out = append(out, c.call(op, a).Body.String()) }
	vid := data[string](c.must("clipped", "clip", args{"vid": vidExam, "title": "新", "timeFrame": `[{"start":0,"end":60}]`}))
	out = append(out, vid)
	say("danmuDelete", args{"danmuIds": "50003,50004"})
	say("grabDelete", args{"taskId": "o0IdvYDm4S"})
	say("cataChange", move(1458806129324, 1458806150001))
	say("danmuList", args{"numPerPage": "1000"})
	say("grabList", nil)
	say("grabExport", args{"taskId": "hHepZ2SjlE"})
	say("videoSizes", args{"cataId": allCategories(c)})
	say("examLog", args{"vids": vidExam})
	say("authplayStatus", args{"vid": vid})
	return out
}

func TestStateRoundTrip(t *testing.T) {
	a, b := open(t, userA), open(t, userA)
	tour(a)
	state, err := a.Host.Export(a.tenant, "polyv")
	require.NoError(t, err)
	require.NoError(t, b.Host.Import(b.tenant, map[string]json.RawMessage{"polyv": state}))
	again, err := b.Host.Export(b.tenant, "polyv")
	require.NoError(t, err)
	assert.JSONEq(t, string(state), string(again))
	a.call("cataChange", move(1458806129324, 1))
	b.call("cataChange", move(1458806129324, 1))
	assert.Equal(t, tour(a), tour(b))
}

// A state that only names a user works: what it lacks is empty.
func TestRestoreCompletes(t *testing.T) {
	c := open(t, userA)
	state := `{"world":{"users":[{"userid":"8205ac89d3","categories":[{"cataid":1,"name":"root","parent":0}],"videos":null,
		"exam_logs":[]}]}}`
	require.NoError(t, c.Host.Import(c.tenant, map[string]json.RawMessage{"polyv": json.RawMessage(state)}))
	for _, id := range []string{userA, userB} {
		u := as(c, id)
		assert.Zero(t, data[page](u.must("listed", "danmuList", nil)).TotalItems)
		assert.Zero(t, data[page](u.must("listed", "grabList", nil)).TotalItems)
		assert.Empty(t, data[[]group](u.must("sized", "videoSizes", args{"cataId": "1"})))
		assert.Empty(t, data[[]logItem](u.must("listed", "examLog", args{"vids": vidExam})))
		u.must("deleted", "danmuDelete", args{"danmuIds": "1"})
		u.must("task-unknown", "grabDelete", args{"taskId": "x"})
		u.must("vid-unknown", "clip", args{"vid": vidExam, "title": "t", "timeFrame": "[]"})
		u.must("cataid-unknown", "cataChange", move(2, 1))
	}
}

func TestRestoreRefuses(t *testing.T) {
	user := func(body string) string {
		base := map[string]string{
			"categories": `[{"cataid":1,"name":"","parent":0}]`,
			"videos":     `[{"vid":"` + vidExam + `","title":"","cataid":1,"seconds":9,"sizes":[1,1,1],"authplay":false}]`,
			"grab_tasks": `[]`, "danmu": `[]`, "exam_logs": `[]`,
		}
		name, value, _ := strings.Cut(body, "=")
		base[name] = value
		fields := []string{`"userid":"8205ac89d3"`}
		for k, v := range base {
			fields = append(fields, `"`+k+`":`+v)
		}
		return `{"users":[{` + strings.Join(fields, ",") + `}]}`
	}
	env := fakes.Env{Tenant: "default", Default: true, Seed: 1, Born: time.Unix(1_700_000_000, 0)}
	restore := func(state string) error {
		var w polyv.World
		if err := json.Unmarshal([]byte(state), &w); err != nil {
			return err
		}
		return w.Restore(env)
	}
	require.NoError(t, restore(user("videos=[]")))
	task := func(id, file string) string {
		return `{"taskid":"` + id + `","originalname":"","file":"` + file + `","classifyid":1,"classifyname":"","rows":[],"status":"Y","createtime":1,"endtime":2}`
	}
	danmu := func(id, vid string) string {
		return `{"id":` + id + `,"vid":"` + vid + `","msg":"","at":1,"fontsize":"","fontmode":"","fontcolor":"","timestamp":1}`
	}
	require.NoError(t, restore(user("danmu=["+danmu("1", vidExam)+"]")))
	require.NoError(t, restore(user("grab_tasks=["+task("a", "a.csv")+"]")))
	for name, bad := range map[string]string{
		"null user":         `{"users":[null]}`,
		"foreign user":      `{"users":[{"userid":"ffffffffff","categories":[{"cataid":1,"name":"","parent":0}]}]}`,
		"user twice":        strings.Replace(user("videos=[]"), "}]}", "}"+strings.TrimPrefix(strings.TrimSuffix(user("videos=[]"), "]}"), `{"users":[`)+"]}", 1),
		"no root":           user(`categories=[]`),
		"root with parent":  user(`categories=[{"cataid":1,"name":"","parent":1}]`),
		"null category":     user(`categories=[null]`),
		"category twice":    user(`categories=[{"cataid":1,"name":"","parent":0},{"cataid":1,"name":"","parent":0}]`),
		"category below 1":  user(`categories=[{"cataid":1,"name":"","parent":0},{"cataid":-2,"name":"","parent":1}]`),
		"orphan category":   user(`categories=[{"cataid":1,"name":"","parent":0},{"cataid":2,"name":"","parent":3}]`),
		"cycle":             user(`categories=[{"cataid":1,"name":"","parent":0},{"cataid":2,"name":"","parent":3},{"cataid":3,"name":"","parent":2}]`),
		"own parent":        user(`categories=[{"cataid":1,"name":"","parent":0},{"cataid":2,"name":"","parent":2}]`),
		"null video":        user(`videos=[null]`),
		"foreign video":     user(`videos=[{"vid":"` + vidClip + `","title":"","cataid":1,"seconds":9,"sizes":[1,1,1],"authplay":false}]`),
		"unknown key":       user(`videos=[{"vid":"` + vidExam + `","length":9}]`),
		"null danmu":        user(`danmu=[null]`),
		"danmu twice":       user("danmu=[" + danmu("1", vidExam) + "," + danmu("1", vidExam) + "]"),
		"danmu, no video":   user("danmu=[" + danmu("1", vidClip) + "]"),
		"danmu, no id":      user("danmu=[" + danmu("0", vidExam) + "]"),
		"danmu, unknown":    user(`danmu=[{"id":1,"text":""}]`),
		"danmu, no array":   user(`danmu={}`),
		"null log":          user(`exam_logs=[null]`),
		"log, no video":     user(`exam_logs=[{"logid":1,"vid":"x","answer":"[]"}]`),
		"null task":         user(`grab_tasks=[null]`),
		"task twice":        user("grab_tasks=[" + task("a", "a.csv") + "," + task("a", "b.csv") + "]"),
		"task file twice":   user("grab_tasks=[" + task("a", "a.csv") + "," + task("b", "a.csv") + "]"),
		"task, bad name":    user("grab_tasks=[" + task("a b", "a.csv") + "]"),
		"no JSON":           `{"users":`,
		"unknown world key": `{"user":[]}`,
	} {
		assert.Error(t, restore(bad), name)
	}
}

// Other tenants are not the page's users, and not each other.
func TestAccounts(t *testing.T) {
	api := polyv.API()
	seen := map[string]bool{}
	for _, tenant := range []string{"a", "b", "ci-1", "ci-2"} {
		for _, seed := range []uint64{1, 2, 1 << 63} {
			env := fakes.Env{Tenant: tenant, Seed: seed}
			list := api.Accounts(env)
			require.Len(t, list, 1)
			assert.Equal(t, list, api.Accounts(env), "a pure function")
			assert.Regexp(t, "^[0-9a-f]{10}$", list[0].ID)
			assert.Regexp(t, "^[A-Za-z0-9]{10}$", list[0].Secret)
			assert.Equal(t, map[string]string{"userid": list[0].ID, "secretkey": list[0].Secret}, list[0].Credential)
			assert.False(t, seen[list[0].ID])
			seen[list[0].ID] = true
		}
	}
	def := api.Accounts(fakes.Env{Tenant: "default", Default: true, Seed: 9})
	assert.Equal(t, []string{userA, userB, userC, userD, userE}, []string{def[0].ID, def[1].ID, def[2].ID, def[3].ID, def[4].ID})
}

// Whatever the seed and the clock, a fresh world can be exported and restored.
func TestFreshWorldsAreSound(t *testing.T) {
	for seed := uint64(1); seed < 40; seed++ {
		for _, born := range []time.Time{{}, time.Unix(0, 0), time.Unix(1_500_000_000, 0), time.Date(9999, 12, 31, 23, 59, 59, 0, time.UTC)} {
			env := fakes.Env{Tenant: "t", Default: seed%2 == 0, Seed: seed, Born: born}
			state, err := json.Marshal(polyv.New(env))
			require.NoError(t, err)
			var w polyv.World
			require.NoError(t, json.Unmarshal(state, &w))
			require.NoError(t, w.Restore(env), "seed %d born %s", seed, born)
		}
	}
}

func BenchmarkNewDefault(b *testing.B) {
	env := fakes.Env{Tenant: "default", Default: true, Seed: 1, Born: time.Unix(1_700_000_000, 0)}
	for b.Loop() {
		polyv.New(env)
	}
}
