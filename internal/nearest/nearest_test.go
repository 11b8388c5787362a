package nearest_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/mediasandbox/sandbox/internal/nearest"
)

func TestName(t *testing.T) {
	apis := []string{"qqtube", "polyv", "cliparto", "qulive", "interstream"}
	for _, row := range []struct {
		word string
		from []string
		want string
	}{
		{"polyw", apis, "polyv"},
		{"ployv", apis, "polyv"},
		{"POLYV", apis, "polyv"},
		{"qulve", apis, "qulive"},
		{"interstraem", apis, "interstream"},
		{"inter", apis, "interstream"},
		{"tube", apis, "qqtube"},
		{"completely-else", apis, ""},
		{"", apis, ""},
		{"x", nil, ""},
		{"ptime_too_old", []string{"ptime-illegal", "ptime-too-old"}, "ptime-too-old"},
		{"sign_wrnog", []string{"sign-missing", "sign-wrong"}, "sign-wrong"},
		{"ab", []string{"ba", "ab"}, "ab"},
		{strings.Repeat("x", 1000), []string{"x"}, ""},
		{"x", []string{strings.Repeat("x", 1000)}, ""},
	} {
		assert.Equal(t, row.want, nearest.Name(row.word, row.from), "%.20s", row.word)
	}
}

func TestHint(t *testing.T) {
	assert.Equal(t, `; did you mean "polyv"?`, nearest.Hint("polvy", []string{"polyv"}))
	assert.Empty(t, nearest.Hint("zzzzzzzz", []string{"polyv"}))
}
