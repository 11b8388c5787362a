package assets_test

import (
	"bytes"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestAAC(t *testing.T) {
	body, samples := made(t, "song.aac"), 0
	for len(body) > 0 {
		require.GreaterOrEqual(t, len(body), 7, "a header is cut off")
		require.Equal(t, []byte{0xFF, 0xF1}, body[:2], "sync word, MPEG-4, no CRC")
		assert.Equal(t, byte(1), body[2]>>6, "LC")
		assert.Equal(t, byte(3), body[2]>>2&0xF, "48 kHz")
		assert.Equal(t, byte(1), body[2]&1<<2|body[3]>>6, "one channel")
		length := int(body[3]&3)<<11 | int(body[4])<<3 | int(body[5])>>5
		require.Greater(t, length, 7, "an empty frame")
		require.LessOrEqual(t, length, len(body), "a frame is cut off")
		assert.Zero(t, body[6]&3, "one block a frame")
		assert.Equal(t, byte(7), body[length-1]&7, "the block ends with the end element")
		body, samples = body[length:], samples+1024
	}
	assert.InDelta(t, 3*48000, samples, 1024)
}

func TestMP3(t *testing.T) {
	body := made(t, "music/夜曲.mp3")
	title := append([]byte{3}, "夜曲"...)
	assert.Equal(t, append([]byte("TIT2\x00\x00\x00\x07\x00\x00"), title...), body[10:10+10+len(title)])
	checkMP3(t, body)
}

// checkMP3 walks over the tag and the frames of an MP3 file of three seconds.
func checkMP3(t *testing.T, body []byte) {
	t.Helper()
	require.True(t, bytes.HasPrefix(body, []byte("ID3\x04\x00\x00")))
	size := 0
	for _, b := range body[6:10] {
		require.Less(t, b, byte(0x80), "not synchsafe")
		size = size<<7 | int(b)
	}
	require.LessOrEqual(t, 10+size, len(body))

	frames := 0
	for rest := body[10+size:]; len(rest) > 0; frames++ {
		const length = 1152 / 8 * 32000 / 48000
		require.GreaterOrEqual(t, len(rest), length, "a frame is cut off")
		require.Equal(t, []byte{0xFF, 0xFB, 0x14, 0xC4}, rest[:4], "MPEG-1 layer III, 32 kbit/s, 48 kHz, mono")
		assert.Zero(t, bytes.TrimLeft(rest[4:length], "\x00"), "silence")
		rest = rest[length:]
	}
	assert.Equal(t, 3*48000/1152, frames)
}
