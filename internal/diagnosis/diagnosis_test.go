package diagnosis_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/mediasandbox/sandbox/internal/diagnosis"
	"github.com/mediasandbox/sandbox/signature"
)

func write(e signature.Explanation) string {
	var out strings.Builder
	diagnosis.Write(&out, e, "  ")
	return out.String()
}

func TestWrite(t *testing.T) {
	long := strings.Repeat("0123456789", 30)
	for _, c := range []struct {
		name string
		e    signature.Explanation
		want string
	}{
		{"nothing to say", signature.Explanation{Accepted: true, Expected: "a=1", Differ: -1}, ""},
		{"a difference", signature.Explanation{Expected: "a=1&b=2<secret>", Sent: "a=1&c=2<secret>", Differ: 4,
			Mistakes: []signature.Mistake{{Name: "name-wrong", Detail: "c was signed.", Remedy: "Sign b."}}},
			"  to sign:  a=1&b=2<secret>\n" +
				"  signed:   a=1&c=2<secret>\n" +
				"                ^\n" +
				"  name-wrong: c was signed.\n" +
				"    → Sign b.\n"},
		{"at the beginning", signature.Explanation{Expected: "b=2", Sent: "a=1", Differ: 0},
			"  to sign:  b=2\n  signed:   a=1\n            ^\n"},
		{"at the end", signature.Explanation{Expected: "b=2", Sent: "b=2x", Differ: 3},
			"  to sign:  b=2\n  signed:   b=2x\n               ^\n"},
		{"the same", signature.Explanation{Expected: "b=2", Sent: "b=2", Differ: -1},
			"  to sign:  b=2\n  signed:   the same\n"},
		{"what was signed is not known", signature.Explanation{Expected: "b=2", Differ: -1},
			"  to sign:  b=2\n"},
		{"an ideograph is two columns wide", signature.Explanation{Expected: "t=视频&v=1", Sent: "t=视频&v=2", Differ: 11},
			"  to sign:  t=视频&v=1\n  signed:   t=视频&v=2\n                     ^\n"},
		{"the difference lies inside a character", signature.Explanation{Expected: "t=视", Sent: "t=规", Differ: 3},
			"  to sign:  t=视\n  signed:   t=规\n              ^\n"},
		{"control characters do nothing", signature.Explanation{Expected: "a=\n\x1b[2J\x7f\u200b\xff", Sent: "a=", Differ: 2},
			"  to sign:  a=\\n\\x1b[2J\\x7f\\u200b\\xff\n  signed:   a=\n              ^\n"},
		{"a long string around its difference", signature.Explanation{Expected: long + "a" + long, Sent: long + "b" + long, Differ: 300},
			"  to sign:  …" + long[260:] + "a" + long[:58] + "…\n  signed:   …" + long[260:] + "b" + long[:58] + "…\n" + strings.Repeat(" ", 53) + "^\n"},
	} {
		t.Run(c.name, func(t *testing.T) { assert.Equal(t, c.want, write(c.e)) })
	}
}

// The caret stands under the first character that differs, whatever the strings are.
func TestCaretOfARealDiagnosis(t *testing.T) {
	now := time.UnixMilli(1492591990000)
	r := signature.Request{Operation: "clip", Method: "GET", Values: signature.Values{
		{Name: "userid", Value: "3828390191", In: signature.InPath},
		{Name: "vid", Value: "v", In: signature.InQuery},
		{Name: "title", Value: "我的视频", In: signature.InQuery},
	}}
	signature.Polyv{}.Sign(&r, signature.Credential{ID: "3828390191", Secret: "tIQp4ATe9Z"}, signature.Signing{At: now})
	for i := range r.Values {
		if r.Values[i].Name == "title" {
			r.Values[i].Value = "我的视頻"
		}
	}
	e := signature.Polyv{}.Explain(&r, signature.Context{Now: now, Secret: func(string) (string, bool) { return "tIQp4ATe9Z", true }})
	require.False(t, e.Accepted)
	text := write(e)
	assert.Contains(t, text, "to sign:  ptime=1492591990000&title=我的视頻&vid=v<secret>")
	assert.NotContains(t, text, "tIQp4ATe9Z")
}
