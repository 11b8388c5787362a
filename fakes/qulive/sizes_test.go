package qulive

import (
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/mediasandbox/sandbox/fakes"
	"github.com/mediasandbox/sandbox/internal/contract"
)

// The bounds as docs/limits.md has them: the tests that meet them go by their names.
func TestSizesOfBounds(t *testing.T) {
	assert.Equal(t, 200_000, maxUsers)
	assert.Equal(t, 500_000, maxUploads)
	assert.Equal(t, 2_000_000, maxVideos)
	assert.Equal(t, 4_000_000, maxDue)
	assert.Equal(t, 200_000, maxTokens)
	assert.Equal(t, 4096, maxText)
	assert.Equal(t, 10_000, maxPage)
}

// owned is a world, and a call with the token of its tenant.
func owned(t *testing.T) (*World, *fakes.Call) {
	t.Helper()
	w, c := fresh(t)
	c.Values = contract.Values{{Name: "token", Value: w.own}}
	return w, c
}

func limitReached(t *testing.T, err error) {
	t.Helper()
	r, ok := fakes.AsRefusal(err)
	require.True(t, ok, err)
	assert.Equal(t, []string{"limit-reached"}, r.Outcomes)
}

// A client can publish so many videos, and have so much planned for videos that it deletes.
func TestBoundOnVideos(t *testing.T) {
	w, c := owned(t)
	v := &Video{} // their number is all that counts
	for w.Videos.Len() < maxVideos-1 {
		w.LastVideo++
		w.Videos.rows.Set(w.LastVideo, v)
	}
	_, err := w.publish(c, publishIn{VideoID: "last"})
	require.NoError(t, err)
	_, err = w.publish(c, publishIn{VideoID: "one more"})
	limitReached(t, err)
	assert.Equal(t, maxVideos, w.Videos.Len())

	w, c = owned(t)
	w.Due = make(Schedule, maxDue)
	_, err = w.publish(c, publishIn{VideoID: "v"})
	limitReached(t, err)
	assert.Len(t, w.Due, maxDue)
}

// Every text that a call stores has the same bound, in bytes.
func TestBoundOnTexts(t *testing.T) {
	longest := strings.Repeat("ü", maxText/2)
	for what, do := range map[string]func(w *World, c *fakes.Call, text string) error{
		"a user's name": func(w *World, c *fakes.Call, text string) error {
			_, err := w.register(c, credentialsIn{text, "p"})
			return err
		},
		"a user's password": func(w *World, c *fakes.Call, text string) error {
			_, err := w.register(c, credentialsIn{"u", text})
			return err
		},
		"a nickname": func(w *World, c *fakes.Call, text string) error {
			_, err := w.updateUser(c, updateIn{"u", text})
			return err
		},
		"a video's id":    published(func(in *publishIn, text string) { in.VideoID = text }),
		"its title":       published(func(in *publishIn, text string) { in.Title = text }),
		"its description": published(func(in *publishIn, text string) { in.Description = text }),
		"its cover":       published(func(in *publishIn, text string) { in.CoverURL = text }),
		"its tags":        published(func(in *publishIn, text string) { in.Tags = text }),
		"its category":    published(func(in *publishIn, text string) { in.CateName = text }),
	} {
		t.Run(what, func(t *testing.T) {
			w, c := owned(t)
			limitReached(t, do(w, c, longest+"x"))
			require.NoError(t, do(w, c, longest))
		})
	}
}

func published(set func(in *publishIn, text string)) func(*World, *fakes.Call, string) error {
	return func(w *World, c *fakes.Call, text string) error {
		in := publishIn{VideoID: "v"}
		set(&in, text)
		_, err := w.publish(c, in)
		return err
	}
}

// An import brings no more than calls could have made.
func TestRestoreIsBounded(t *testing.T) {
	for what, more := range map[string]func(w *World){
		"users": func(w *World) { w.Users = make([]*User, maxUsers+1) },
		"due":   func(w *World) { w.Due = make(Schedule, maxDue+1) },
		"uploads": func(w *World) {
			w.Uploads = make(map[string]*Upload, maxUploads+1)
			for i := range maxUploads + 1 {
				w.Uploads[strconv.Itoa(i)] = nil
			}
		},
		"videos": func(w *World) {
			v := &Video{}
			for i := range int64(maxVideos + 1) {
				w.Videos.rows.Set(i, v)
			}
		},
	} {
		w, _ := fresh(t)
		more(w)
		require.ErrorContains(t, w.Restore(fakes.Env{}), what+": there are ")
	}
}
