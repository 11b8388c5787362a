package assets_test

import (
	"encoding/binary"
	"testing"
	"unicode/utf16"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestTTF(t *testing.T) {
	tables := checkFont(t, made(t, "fonts/站酷.ttf"))
	assert.Equal(t, "Sandbox 站酷", fontName(t, tables["name"], 1))
	assert.Equal(t, "Regular", fontName(t, tables["name"], 2))
	assert.Regexp(t, `^Sandbox-[0-9a-f]{8}$`, fontName(t, tables["name"], 6))
}

// checkFont holds a font's directory to its tables and the tables to each other, and
// returns the tables by tag.
func checkFont(t *testing.T, font []byte) map[string][]byte {
	t.Helper()
	require.Equal(t, uint32(0x10000), u32(font, 0))
	assert.Equal(t, uint32(0xB1B0AFBA), sfntSum(font), "checksum of the whole")
	count := u16(font, 4)
	assert.Equal(t, []int{128, 3, 16*count - 128}, []int{u16(font, 6), u16(font, 8), u16(font, 10)}, "search fields for 8 to 15 tables")

	tables, last, end := map[string][]byte{}, "", 12+16*count
	for i := range count {
		entry := font[12+16*i:]
		tag, offset, length := string(entry[:4]), int(u32(entry, 8)), int(u32(entry, 12))
		assert.Less(t, last, tag, "tags ascend")
		require.Equal(t, end, offset, "%s follows the table before it, aligned", tag)
		data := font[offset : offset+length]
		if tag == "head" {
			data = append([]byte{}, data...)
			binary.BigEndian.PutUint32(data[8:], 0)
		}
		assert.Equal(t, u32(entry, 4), sfntSum(data), "checksum of %s", tag)
		tables[tag], last, end = data, tag, (offset+length+3)&^3
	}
	assert.Len(t, font, end)
	for _, tag := range []string{"OS/2", "cmap", "glyf", "head", "hhea", "hmtx", "loca", "maxp", "name", "post"} {
		require.Contains(t, tables, tag, "required for TrueType")
	}

	head, maxp, hhea := tables["head"], tables["maxp"], tables["hhea"]
	require.Len(t, head, 54)
	assert.Equal(t, uint32(0x5F0F3CF5), u32(head, 12))
	require.Len(t, maxp, 32)
	require.Len(t, hhea, 36)
	require.Len(t, tables["OS/2"], 96)
	require.Len(t, tables["post"], 32)
	glyphs := u16(maxp, 4)
	assert.Equal(t, glyphs, u16(hhea, 34), "widths for all glyphs")
	require.Len(t, tables["hmtx"], 4*glyphs)
	checkGlyphs(t, tables, glyphs)
	checkCharacters(t, tables["cmap"], glyphs)
	return tables
}

// checkGlyphs walks over all outlines: within the font's box, within what maxp
// promises, and each as long as loca says.
func checkGlyphs(t *testing.T, tables map[string][]byte, glyphs int) {
	t.Helper()
	head, loca, glyf, hmtx := tables["head"], tables["loca"], tables["glyf"], tables["hmtx"]
	require.Zero(t, u16(head, 50), "short loca")
	require.Len(t, loca, 2*(glyphs+1))
	require.Equal(t, len(glyf), 2*u16(loca, 2*glyphs))
	maxPoints, maxContours := 0, 0
	for id := range glyphs {
		glyph := glyf[2*u16(loca, 2*id) : 2*u16(loca, 2*id+2)]
		if len(glyph) == 0 {
			assert.Equal(t, 1, id, "only the space is empty")
			continue
		}
		contours := u16(glyph, 0)
		points := u16(glyph, 10+2*(contours-1)) + 1
		maxPoints, maxContours = max(maxPoints, points), max(maxContours, contours)
		at := 10 + 2*contours
		require.Zero(t, u16(glyph, at), "instructions")
		require.Len(t, glyph, at+2+points+4*points, "outline of glyph %d", id)
		xs, ys := at+2+points, at+2+points+2*points
		var x, y int16
		box := [4]int16{32767, 32767, -32768, -32768}
		for p := range points {
			x, y = x+int16(u16(glyph, xs+2*p)), y+int16(u16(glyph, ys+2*p))
			box = [4]int16{min(box[0], x), min(box[1], y), max(box[2], x), max(box[3], y)}
		}
		for i, side := range box {
			assert.Equal(t, side, int16(u16(glyph, 2+2*i)), "box of glyph %d", id)
			if i < 2 {
				assert.GreaterOrEqual(t, side, int16(u16(head, 36+2*i)))
			} else {
				assert.LessOrEqual(t, side, int16(u16(head, 36+2*i)))
			}
		}
		assert.Equal(t, box[0], int16(u16(hmtx, 4*id+2)), "left bearing of glyph %d", id)
	}
	assert.Equal(t, []int{maxPoints, maxContours}, []int{u16(tables["maxp"], 6), u16(tables["maxp"], 8)})
}

func checkCharacters(t *testing.T, cmap []byte, glyphs int) {
	t.Helper()
	require.Equal(t, []int{0, 1, 3, 1}, []int{u16(cmap, 0), u16(cmap, 2), u16(cmap, 4), u16(cmap, 6)})
	sub := cmap[u32(cmap, 8):]
	require.Equal(t, 4, u16(sub, 0), "format")
	require.Len(t, sub, u16(sub, 2))
	require.Equal(t, 2, u16(sub, 6)/2, "segments")
	ends, starts, deltas, offsets := sub[14:], sub[20:], sub[24:], sub[28:]
	glyph := func(char int) int {
		for s := range 2 {
			if char <= u16(ends, 2*s) {
				if char < u16(starts, 2*s) {
					return 0
				}
				require.Zero(t, u16(offsets, 2*s))
				return (char + u16(deltas, 2*s)) & 0xFFFF
			}
		}
		return 0
	}
	for char := ' '; char <= '~'; char++ {
		assert.Equal(t, int(char-' ')+1, glyph(int(char)), "%q", char)
	}
	assert.Equal(t, glyphs, glyph('~')+1, "the last glyph is the last character's")
	for _, char := range []int{0, ' ' - 1, '~' + 1, 0x4E2D, 0xFFFF} {
		assert.Zero(t, glyph(char), "%#x", char)
	}
}

// fontName returns an entry of a name table.
func fontName(t *testing.T, name []byte, id int) string {
	t.Helper()
	for i := range u16(name, 2) {
		record := name[6+12*i:]
		if u16(record, 6) != id {
			continue
		}
		start := u16(name, 4) + u16(record, 10)
		var units []uint16
		for at := start; at < start+u16(record, 8); at += 2 {
			units = append(units, uint16(u16(name, at)))
		}
		return string(utf16.Decode(units))
	}
	require.Fail(t, "no such name", "%d", id)
	return ""
}

func u16(b []byte, at int) int    { return int(binary.BigEndian.Uint16(b[at:])) }
func u32(b []byte, at int) uint32 { return binary.BigEndian.Uint32(b[at:]) }

func sfntSum(data []byte) (sum uint32) {
	for i, b := range data {
		sum += uint32(b) << (24 - 8*(i%4))
	}
	return sum
}
