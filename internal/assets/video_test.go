package assets_test

import (
	"bytes"
	"image"
	"image/color"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/mediasandbox/sandbox/internal/assets"
)

// container lists the boxes that hold boxes, with the bytes before the first of them.
var container = map[string]int{
	"moov": 0, "trak": 0, "mdia": 0, "minf": 0, "dinf": 0, "stbl": 0, "dref": 8, "stsd": 8, "avc1": 78,
}

// boxes returns the content of all boxes by path, in order of the file.
func boxes(t *testing.T, data []byte, under string, found map[string][]byte) []string {
	t.Helper()
	var order []string
	for len(data) > 0 {
		require.GreaterOrEqual(t, len(data), 8, "a box header is cut off in %q", under)
		size, kind := int(u32(data, 0)), string(data[4:8])
		require.GreaterOrEqual(t, size, 8, "%s%s", under, kind)
		require.LessOrEqual(t, size, len(data), "%s%s is longer than what holds it", under, kind)
		found[under+kind] = data[8:size]
		order = append(order, kind)
		if skip, ok := container[kind]; ok {
			boxes(t, data[8+skip:size], under+kind+"/", found)
		}
		data = data[size:]
	}
	return order
}

func TestMP4Boxes(t *testing.T) {
	file := made(t, "clips/a.mp4")
	found := map[string][]byte{}
	assert.Equal(t, []string{"ftyp", "moov", "mdat"}, boxes(t, file, "", found), "the tables come before the media")
	assert.Equal(t, "isom", string(found["ftyp"][:4]))

	const track, media = "moov/trak/", "moov/trak/mdia/"
	for path, size := range map[string]int{
		"moov/mvhd": 100, track + "tkhd": 84, media + "mdhd": 24, media + "minf/vmhd": 12, media + "minf/dinf/dref/url ": 4,
	} {
		require.Len(t, found[path], size, path)
	}
	const scale, duration = 10, 30
	assert.Equal(t, []uint32{scale, duration}, []uint32{u32(found["moov/mvhd"], 12), u32(found["moov/mvhd"], 16)})
	assert.Equal(t, []uint32{scale, duration}, []uint32{u32(found[media+"mdhd"], 12), u32(found[media+"mdhd"], 16)})
	assert.Equal(t, uint32(duration), u32(found[track+"tkhd"], 20))
	assert.Equal(t, []uint32{160 << 16, 90 << 16}, []uint32{u32(found[track+"tkhd"], 76), u32(found[track+"tkhd"], 80)})
	assert.Greater(t, u32(found["moov/mvhd"], 96), u32(found[track+"tkhd"], 12), "next track id")
	assert.Equal(t, "vide", string(found[media+"hdlr"][8:12]))

	const table = media + "minf/stbl/"
	avc1 := found[table+"stsd/avc1"]
	assert.Equal(t, []int{160, 90}, []int{u16(avc1, 24), u16(avc1, 26)})
	assert.Equal(t, []uint32{1, 30, 1}, []uint32{u32(found[table+"stts"], 4), u32(found[table+"stts"], 8), u32(found[table+"stts"], 12)})
	assert.Equal(t, []uint32{1, 1}, []uint32{u32(found[table+"stss"], 4), u32(found[table+"stss"], 8)})
	assert.Equal(t, []uint32{1, 1, 30, 1}, []uint32{u32(found[table+"stsc"], 4), u32(found[table+"stsc"], 8), u32(found[table+"stsc"], 12), u32(found[table+"stsc"], 16)})

	pictures := samplesOf(t, file, found[table+"stsz"], found[table+"stco"])
	require.Len(t, pictures, 30)
	total := 0
	for i, unit := range pictures {
		total += 4 + len(unit)
		if i == 0 {
			assert.Equal(t, byte(0x65), unit[0], "the first is a key picture")
		} else {
			assert.Equal(t, byte(0x61), unit[0], "picture %d", i)
		}
		for _, code := range []string{"\x00\x00\x00", "\x00\x00\x01", "\x00\x00\x02"} {
			assert.False(t, bytes.Contains(unit, []byte(code)), "picture %d looks like a start code", i)
		}
	}
	assert.Len(t, found["mdat"], total, "media and sizes agree")
}

// samplesOf returns the NAL unit of each sample, as the tables find them in the file.
func samplesOf(t *testing.T, file, stsz, stco []byte) [][]byte {
	t.Helper()
	require.Zero(t, u32(stsz, 4), "sizes differ")
	require.Equal(t, uint32(1), u32(stco, 4), "one chunk")
	var units [][]byte
	at := u32(stco, 8)
	for i := range u32(stsz, 8) {
		size := u32(stsz, int(12+4*i))
		require.Equal(t, size-4, u32(file, int(at)), "length before sample %d", i)
		units = append(units, file[at+4:at+size])
		at += size
	}
	return units
}

// A small decoder of just what is used reads the streams back: the parameter sets must
// say what the container says, and the key picture must show the file's landscape.
func TestMP4Video(t *testing.T) {
	file := made(t, "clips/b.mp4")
	found := map[string][]byte{}
	boxes(t, file, "", found)
	const table = "moov/trak/mdia/minf/stbl/"
	config := found[table+"stsd/avc1/avcC"]
	require.Equal(t, []byte{1, 0xFF, 0xE1}, []byte{config[0], config[4], config[5]})
	length := u16(config, 6)
	sequence, rest := config[8:8+length], config[8+length:]
	assert.Equal(t, config[1:4], sequence[1:4], "profile and level in both")
	require.Equal(t, byte(1), rest[0])
	require.Len(t, rest, 3+u16(rest, 1))

	s := &bitReader{data: payload(sequence)[3:]}
	assert.Equal(t, []int{0, 0, 2, 1}, s.codes(4), "set id, frame_num bits, order, reference pictures")
	assert.Zero(t, s.bits(1))
	assert.Equal(t, []int{9, 5}, s.codes(2), "10 by 6 macroblocks")
	assert.Equal(t, 0b111, s.bits(3))
	assert.Equal(t, []int{0, 0, 0, 3}, s.codes(4), "six lines cropped")
	assert.Zero(t, s.bits(1))
	s.end(t)

	pictures := samplesOf(t, file, found[table+"stsz"], found[table+"stco"])
	key := &bitReader{data: payload(pictures[0])}
	assert.Equal(t, []int{0, 7, 0}, key.codes(3))
	assert.Zero(t, key.bits(4), "frame_num")
	assert.Equal(t, 0, key.codes(1)[0])
	assert.Zero(t, key.bits(2))
	assert.Equal(t, []int{0, 1}, key.codes(2))
	shown := image.NewYCbCr(image.Rect(0, 0, 160, 96), image.YCbCrSubsampleRatio420)
	for block := range 60 {
		require.Equal(t, 25, key.codes(1)[0], "macroblock %d is plain samples", block)
		key.align()
		x, y := block%10*16, block/10*16
		for row := range 16 {
			copy(shown.Y[shown.YOffset(x, y+row):], key.take(16))
		}
		for _, plane := range [][]byte{shown.Cb, shown.Cr} {
			for row := range 8 {
				copy(plane[shown.COffset(x, y+2*row):], key.take(8))
			}
		}
	}
	key.end(t)

	want := assets.Landscape("clips/b.mp4", 160, 90)
	for y := range 96 {
		for x := range 160 {
			got, drawn := shown.YCbCrAt(x, y), color.YCbCrModel.Convert(want.At(x, min(y, 89))).(color.YCbCr)
			require.Equal(t, 16+int(drawn.Y)*219/255, int(got.Y), "luma at %d,%d", x, y)
			require.InDelta(t, 16+int(drawn.Cb)*224/255, int(got.Cb), 40, "blue at %d,%d, where four pixels share one sample", x, y)
			require.InDelta(t, 16+int(drawn.Cr)*224/255, int(got.Cr), 40, "red at %d,%d", x, y)
		}
	}

	for number, unit := range pictures[1:] {
		p := &bitReader{data: payload(unit)}
		assert.Equal(t, []int{0, 5, 0}, p.codes(3))
		assert.Equal(t, (number+1)%16, p.bits(4), "frame_num")
		assert.Zero(t, p.bits(3))
		assert.Equal(t, []int{0, 1, 60}, p.codes(3), "all macroblocks skipped")
		p.end(t)
	}
}

// payload returns what a NAL unit carries, without header and inserted bytes.
func payload(unit []byte) []byte {
	return bytes.ReplaceAll(unit[1:], []byte{0, 0, 3}, []byte{0, 0})
}

type bitReader struct {
	data []byte
	at   int // in bits
}

func (r *bitReader) bits(n int) (v int) {
	for range n {
		v = v<<1 | int(r.data[r.at/8]>>(7-r.at%8)&1)
		r.at++
	}
	return v
}

// codes reads n Exp-Golomb codes.
func (r *bitReader) codes(n int) []int {
	var all []int
	for range n {
		zeros := 0
		for r.bits(1) == 0 {
			zeros++
		}
		all = append(all, 1<<zeros+r.bits(zeros)-1)
	}
	return all
}

func (r *bitReader) align() { r.at = (r.at + 7) &^ 7 }

func (r *bitReader) take(n int) []byte {
	r.at += 8 * n
	return r.data[r.at/8-n : r.at/8]
}

// end checks that nothing but the stop bit and padding is left.
func (r *bitReader) end(t *testing.T) {
	t.Helper()
	left := 8*len(r.data) - r.at
	require.LessOrEqual(t, left, 8)
	assert.Equal(t, 1<<(left-1), r.bits(left), "stop bit")
}
