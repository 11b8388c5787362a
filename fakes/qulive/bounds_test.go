package qulive_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// A notification cannot make a row grow without an end, signed as it may be.
func TestNotificationsAreBounded(t *testing.T) {
	b := bench(t)
	publish(t, b, ownToken(b), "v")
	before := newest(t, b, ownToken(b))
	long := "https://x.example/" + strings.Repeat("v", 4096)
	for _, e := range []event{
		{"EventType": "StreamTranscodeComplete", "VideoId": "v", "Status": "success", "FileUrl": long},
		{"EventType": "SnapshotComplete", "VideoId": "v", "Status": "success", "SnapshotInfos": []any{event{"SnapshotRegular": long}}},
		{"EventType": "SnapshotComplete", "VideoId": long, "Status": "success"},
	} {
		r := b.Request("vodCallback", nil)
		notify(b, r, e)
		reply := b.Send(r)
		require.Equal(t, "event-unknown", reply.Outcome)
		assert.Equal(t, 400, reply.Code)
	}
	assert.Equal(t, before, newest(t, b, ownToken(b)))
}
