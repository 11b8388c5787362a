package polyv

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/mediasandbox/sandbox/fakes"
)

// Everything that a user has meets an end in words, and the state stays as it was.
func TestLimits(t *testing.T) {
	w := New(fakes.Env{Tenant: "other", Seed: 1})
	u := w.Users[0]
	vid := u.Videos[0].Vid
	w.limits = limits{videos: len(u.Videos), categories: len(u.Categories), danmu: u.Danmu.Len(), tasks: u.Tasks.Len(), logs: u.Logs.Len()}
	before, err := json.Marshal(w)
	require.NoError(t, err)
	for what, add := range map[string]func() error{
		"videos": func() error {
			return w.AddVideo(u.ID, Video{Vid: u.ID + strings.Repeat("0", 22) + "_" + u.ID[:1], Category: 1, Seconds: 1})
		},
		"categories": func() error { return w.AddCategory(u.ID, Category{ID: 7, Name: "n", Parent: 1}) },
		"danmu":      func() error { _, err := w.AddDanmu(u.ID, Danmu{Vid: vid}); return err },
		"grab tasks": func() error { return w.AddGrabTask(u.ID, GrabTask{ID: "new", File: "new.csv", Category: 1}) },
		"exam logs":  func() error { _, err := w.AddExamLog(u.ID, ExamLog{Vid: vid, Answer: "[]"}); return err },
	} {
		err := add()
		require.ErrorIs(t, err, fakes.ErrConflict, what)
		assert.Regexp(t, `has [0-9]+ `+what+`, which is the limit`, err)
	}
	after, err := json.Marshal(w)
	require.NoError(t, err)
	assert.Equal(t, string(before), string(after))

	// A state that has more is refused, one that has as many is not.
	require.NoError(t, w.limits.check(u))
	for _, l := range []*int{&w.limits.videos, &w.limits.categories, &w.limits.danmu, &w.limits.tasks, &w.limits.logs} {
		*l--
		require.Error(t, w.limits.check(u))
		*l++
	}
}
