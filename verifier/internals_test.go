package verifier

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/mediasandbox/sandbox/verifier/internal/tree"
)

// handClock is a wall clock that is moved by sleeping on it.
type handClock struct {
	at    time.Time
	slept []time.Duration
}

func (c *handClock) wall() wall {
	return wall{now: func() time.Time { return c.at }, sleep: func(_ context.Context, d time.Duration) error {
		c.at = c.at.Add(d)
		c.slept = append(c.slept, d)
		return nil
	}}
}

func TestPace(t *testing.T) {
	t.Run("every", func(t *testing.T) {
		c := &handClock{at: time.Unix(1000, 0)}
		p := &pacer{pace: Pace{Every: 20 * time.Second}}
		for i, gap := range []time.Duration{0, 0, 5 * time.Second, 20 * time.Second, time.Hour} {
			c.at = c.at.Add(gap)
			require.NoError(t, p.wait(t.Context(), c.wall(), string(rune('a'+i)), time.Minute))
		}
		assert.Equal(t, []time.Duration{20 * time.Second, 15 * time.Second}, c.slept)
	})
	t.Run("requests in a time", func(t *testing.T) {
		c := &handClock{at: time.Unix(1000, 0)}
		p := &pacer{pace: Pace{Requests: 3, Per: 10 * time.Second}}
		for range 7 {
			require.NoError(t, p.wait(t.Context(), c.wall(), "a", time.Minute))
		}
		assert.Equal(t, []time.Duration{10 * time.Second, 10 * time.Second}, c.slept)
	})
	t.Run("no repeat", func(t *testing.T) {
		c := &handClock{at: time.Unix(1000, 0)}
		p := &pacer{pace: Pace{Repeat: time.Hour}}
		require.NoError(t, p.wait(t.Context(), c.wall(), "a", time.Minute))
		require.NoError(t, p.wait(t.Context(), c.wall(), "b", time.Minute))
		var halt *stop
		require.ErrorAs(t, p.wait(t.Context(), c.wall(), "a", time.Minute), &halt)
		assert.Equal(t, "the same request must not be sent again for 1h0m0s, the target's patience is 1m0s", halt.reason)
		c.at = c.at.Add(59*time.Minute + 30*time.Second)
		require.NoError(t, p.wait(t.Context(), c.wall(), "a", time.Minute))
		assert.Equal(t, []time.Duration{30 * time.Second}, c.slept)
	})
	t.Run("a run that is stopped", func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		p := &pacer{pace: Pace{Every: time.Hour}}
		require.NoError(t, p.wait(ctx, realWall(), "a", time.Hour))
		assert.ErrorIs(t, p.wait(ctx, realWall(), "a", time.Hour), context.Canceled)
	})
}

func TestDurations(t *testing.T) {
	for text, want := range map[string]time.Duration{
		"20s": 20 * time.Second, "1h30m": 90 * time.Minute, "2d": 48 * time.Hour, "1d12h": 36 * time.Hour, "-4m": -4 * time.Minute,
		"3m1ms": 3*time.Minute + time.Millisecond, "-1d1s": -24*time.Hour - time.Second, "1.5s": 1500 * time.Millisecond, "+2s": 2 * time.Second,
	} {
		got, err := parseDuration(text)
		require.NoError(t, err, text)
		assert.Equal(t, want, got, text)
	}
	for _, text := range []string{"", "20", "1 h", "d", "1w", "s", "1d-1h", "9999999d", "--1s", "1e3s"} {
		_, err := parseDuration(text)
		assert.Error(t, err, text)
	}
}

func TestMoney(t *testing.T) {
	for in, want := range map[any]int{"12.34": 1234, "5": 500, "0.1": 10, "-3.05": -305, "508.60": 50860, "1.500": 150, 7: 700, 0.29: 29, "0": 0} {
		got, err := money(in)
		require.NoError(t, err, "%v", in)
		assert.Equal(t, want, got, "%v", in)
	}
	for _, in := range []any{"", "1.234", "x", "1,5", ".5", "--1", nil, true, "99999999999999999999", 0.123} {
		_, err := money(in)
		assert.Error(t, err, "%v", in)
	}
}

func TestDecodeBase64(t *testing.T) {
	for _, in := range []string{"eyJhIjoi8J+YgCJ9", "eyJhIjoi8J-YgCJ9", "YQ==", "YQ", " YQ "} {
		_, err := decodeBase64(in)
		assert.NoError(t, err, in)
	}
	for _, in := range []any{"%", 3, nil} {
		_, err := decodeBase64(in)
		assert.Error(t, err, "%v", in)
	}
}

func TestTagExpressions(t *testing.T) {
	for _, row := range []struct {
		text string
		tags string
		want bool
	}{
		{"", "read", true}, {"read", "read", true}, {"read", "paid", false}, {"!slow", "read", true}, {"read && !slow", "read slow", false},
		{"paid || write", "write", true}, {"(paid or write) and not slow", "paid", true}, {"not (read)", "read", false},
	} {
		f, err := tagExpression(row.text)
		require.NoError(t, err, row.text)
		assert.Equal(t, row.want, f(strings.Fields(row.tags)), "%s of %s", row.text, row.tags)
	}
	for _, text := range []string{"read &&", "read + slow", "len(read)", "1", "'read'", "read ? slow : paid", "read.slow", "-read"} {
		_, err := tagExpression(text)
		assert.Error(t, err, text)
	}
}

// matched holds a YAML expectation to a JSON reply and returns what does not hold.
func matched(t *testing.T, expectation, reply string) []Problem {
	t.Helper()
	f := tree.NewFile("x.yaml", []byte(expectation))
	n := tree.Parse(f, []byte(expectation))
	m := compileMatcher(f, n, scope{saved: map[string]bool{"saved": true}, matchers: newMatcherShape()})
	require.Empty(t, f.Mistakes(), "%v", f.Mistakes())
	v, err := decodeJSON([]byte(reply))
	require.NoError(t, err)
	g := matching{env: map[string]any{"saved": 3}}
	g.match(m, v, "")
	require.NoError(t, g.err)
	return g.problems
}

// A length says what it is the length of.
func TestLengthNamesWhatItCounts(t *testing.T) {
	for reply, want := range map[string]string{
		`{"a":{"b":1,"c":2}}`: `an object of 2 members: {"b":1,"c":2}`, `{"a":[1,2]}`: "a list of 2 items: [1,2]", `{"a":"éé"}`: `a text of 2 characters: "éé"`,
	} {
		got := matched(t, "a: {length: {max: 1}}", reply)
		require.Len(t, got, 1)
		assert.Equal(t, "length max 1", got[0].Expected)
		assert.Equal(t, want, got[0].Actual)
	}
}

func TestMatchers(t *testing.T) {
	for _, row := range []struct{ expect, good, bad, class, pointer string }{
		{`a: 1`, `{"a":1,"b":2}`, `{"a":"1"}`, "type", "/a"},
		{`a: 1`, `{"a":1.0}`, `{"b":1}`, "field-removed", "/a"},
		{`a: "1"`, `{"a":"1"}`, `{"a":"2"}`, "value", "/a"},
		{`a: null`, `{"a":null}`, `{"a":0}`, "type", "/a"},
		{`a: true`, `{"a":true}`, `{"a":false}`, "value", "/a"},
		{`a: ${saved}`, `{"a":3}`, `{"a":4}`, "value", "/a"},
		{`a: "x${saved}"`, `{"a":"x3"}`, `{"a":"x"}`, "value", "/a"},
		{`a: {b: {c: 1}}`, `{"a":{"b":{"c":1}}}`, `{"a":{"b":[]}}`, "type", "/a/b"},
		{`a: {}`, `{"a":{"x":1}}`, `{"a":1}`, "type", "/a"},
		{`a: [1, {b: 2}]`, `{"a":[1,{"b":2,"c":3}]}`, `{"a":[1]}`, "value", "/a"},
		{`a: [1, {b: 2}]`, `{"a":[1,{"b":2}]}`, `{"a":[1,{"b":3}]}`, "value", "/a/1/b"},
		{`a: {type: string}`, `{"a":""}`, `{"a":1}`, "type", "/a"},
		{`a: {type: [string, "null"]}`, `{"a":null}`, `{"a":true}`, "type", "/a"},
		{`a: {type: number}`, `{"a":1}`, `{"a":"1"}`, "type", "/a"},
		{`a: {type: integer}`, `{"a":2}`, `{"a":1.5}`, "type", "/a"},
		{`a: {pattern: "^x+$"}`, `{"a":"xx"}`, `{"a":"y"}`, "value", "/a"},
		{`a: {pattern: "x"}`, `{"a":"x"}`, `{"a":1}`, "type", "/a"},
		{`a: {min: 1, max: 2}`, `{"a":1}`, `{"a":0}`, "value", "/a"},
		{`a: {min: 1, max: 2}`, `{"a":"2"}`, `{"a":"2.01"}`, "value", "/a"},
		{`a: {max: "2020-01-01"}`, `{"a":"2019-12-31"}`, `{"a":"2020-01-02"}`, "value", "/a"},
		{`a: {min: 1}`, `{"a":5}`, `{"a":"x"}`, "type", "/a"},
		{`a: {absent: true}`, `{}`, `{"a":null}`, "field-added", "/a"},
		{`a: {absent: false}`, `{"a":1}`, `{}`, "field-removed", "/a"},
		{`a: {present: true}`, `{"a":null}`, `{}`, "field-removed", "/a"},
		{`a: {present: false}`, `{}`, `{"a":1}`, "field-added", "/a"},
		{`a: {length: 2}`, `{"a":"éé"}`, `{"a":[1]}`, "value", "/a"},
		{`a: {length: {min: 1}}`, `{"a":[1,2]}`, `{"a":[]}`, "value", "/a"},
		{`a: {length: 1}`, `{"a":{"b":1}}`, `{"a":1}`, "type", "/a"},
		{`a: {every: {b: 1}}`, `{"a":[{"b":1},{"b":1}]}`, `{"a":[{"b":1},{"b":2}]}`, "value", "/a/1/b"},
		{`a: {every: {b: 1}}`, `{"a":[]}`, `{"a":{}}`, "type", "/a"},
		{`a: {any: {id: 30}}`, `{"a":[{"id":1},{"id":30}]}`, `{"a":[{"id":1}]}`, "value", "/a"},
		{`a: {none: {id: 30}}`, `{"a":[{"id":1}]}`, `{"a":[{"id":1},{"id":30}]}`, "value", "/a/1"},
		{`a: {oneOf: ["1", "2"]}`, `{"a":"2"}`, `{"a":2}`, "value", "/a"},
		{`a: {equals: {b: 1}}`, `{"a":{"b":1}}`, `{"a":{"b":1,"c":2}}`, "value", "/a"},
		{`a: {not: 1}`, `{"a":2}`, `{"a":1}`, "value", "/a"},
		{`a: {not: {pattern: "^x"}}`, `{"a":"y"}`, `{"a":"xy"}`, "value", "/a"},
		{`a: {sorted: id desc}`, `{"a":[{"id":"10"},{"id":"9"},{"id":"9"}]}`, `{"a":[{"id":"9"},{"id":"10"}]}`, "order", "/a/1"},
		{`a: {sorted: asc}`, `{"a":[1,2,10]}`, `{"a":[10,2]}`, "order", "/a/1"},
		{`a: {sorted: id}`, `{"a":[]}`, `{"a":[{"x":1}]}`, "field-removed", "/a/0"},
		{`a: {unique: id}`, `{"a":[{"id":1},{"id":2}]}`, `{"a":[{"id":1},{"id":1}]}`, "value", "/a/1"},
		{`a: {unique: true}`, `{"a":[1,2]}`, `{"a":[1,1]}`, "value", "/a/1"},
		{`a: {contains: bc}`, `{"a":"abcd"}`, `{"a":"acd"}`, "value", "/a"},
		{`a: {contains: {id: 1}}`, `{"a":[{"id":1}]}`, `{"a":[{"id":2}]}`, "value", "/a"},
		{`a: {type: error, name: x}`, `{"a":{"type":"error","name":"x"}}`, `{"a":{"type":"info","name":"x"}}`, "value", "/a/type"},
		{`a~b/c: 1`, `{"a~b/c":1}`, `{"a~b/c":2}`, "value", "/a~0b~1c"},
		{`{length: 2}`, `[1,2]`, `[1]`, "value", ""},
	} {
		t.Run(row.expect, func(t *testing.T) {
			assert.Empty(t, matched(t, row.expect, row.good))
			bad := matched(t, row.expect, row.bad)
			require.NotEmpty(t, bad)
			assert.Equal(t, row.class, bad[0].Class, "%+v", bad[0])
			assert.Equal(t, row.pointer, bad[0].Pointer)
			assert.Equal(t, Fail, bad[0].Verdict)
			assert.Equal(t, 1, bad[0].Line)
			assert.NotEmpty(t, bad[0].Expected)
			assert.NotEmpty(t, bad[0].Actual)
		})
	}
}

func TestExpressionsFail(t *testing.T) {
	for text, want := range map[string]string{
		"saved.x.y":       "the expression \"saved.x.y\" fails",
		"json('{')":       "is not JSON",
		"money('x')":      "is not an amount",
		"decodeBase64(3)": "wants a text",
		"[1,2,3][7]":      "fails",
		"gone":            `"gone" was not saved by an earlier step`,
		"int('x')":        "fails",
	} {
		f := tree.NewFile("x.yaml", []byte(text))
		e := compileExpression(f, &tree.Node{Kind: tree.Text, Text: text, Line: 1, Column: 1}, text, 0, scope{saved: map[string]bool{"saved": true, "gone": true}})
		require.Empty(t, f.Mistakes(), "%v", f.Mistakes())
		env := functions(&ambient{now: time.Now, unique: func() string { return "u" }})
		env["saved"] = 3
		_, err := e.eval(env)
		require.Error(t, err, text)
		assert.Contains(t, err.Error(), want)
		assert.NotContains(t, err.Error(), "\n")
	}
}

func TestMergePatch(t *testing.T) {
	got := mergePatch(map[string]any{"a": 1, "b": map[string]any{"c": 2, "d": 3}}, map[string]any{"a": nil, "b": map[string]any{"c": 4}, "e": []any{1}})
	assert.Equal(t, map[string]any{"b": map[string]any{"c": 4, "d": 3}, "e": []any{1}}, got)
}

func TestUnreachableIsOneLine(t *testing.T) {
	err := &UnreachableError{"x", errors.New("a\nb")}
	assert.Equal(t, "the target x cannot be reached: a", err.Error())
}
