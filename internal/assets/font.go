package assets

import (
	"bytes"
	"encoding/binary"
	"encoding/hex"
	"unicode/utf16"
)

// Measures of the font, in units of 1000 to the em.
const (
	unitsPerEm      = 1000
	advance         = 600
	ascent, descent = 800, -200
	firstChar       = 0x20
	lastChar        = 0x7E
	glyphs          = 1 + lastChar - firstChar + 1 // .notdef and printable ASCII
)

// makeTTF returns a TrueType font that shows printable ASCII as dots: a square for each
// bit of the character, in two columns as in Braille. Its family name is the file's
// title. That it is valid is known in two ways: the tests hold directory, checksums and
// tables to each other, and fontTools read every table, found nothing to recompute in
// head, hhea and maxp, and FreeType drew text with it.
func makeTTF(f file) ([]byte, error) {
	glyf, loca, hmtx := outlines()
	return sfnt([]table{ // in the order of their tags, as the directory must be
		{"OS/2", metrics()},
		{"cmap", characters()},
		{"glyf", glyf},
		{"head", header()},
		{"hhea", horizontal()},
		{"hmtx", hmtx},
		{"loca", loca},
		{"maxp", be16(1, 0, glyphs, 4*dotRows*2, dotRows*2, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0, 0)},
		{"name", names("Sandbox "+f.title, "Sandbox-"+hex.EncodeToString(f.sum[:4]))},
		{"post", append(append(be32(0x30000, 0), be16(signed(-100), 50)...), be32(1, 0, 0, 0, 0)...)}, // version 3: no glyph names
	}), nil
}

type table struct {
	tag  string
	data []byte
}

// sfnt puts tables into a file: directory, tables on four-byte boundaries, and the
// checksum of the whole in head.
func sfnt(tables []table) []byte {
	n, power := uint16(len(tables)), uint16(0)
	for 2<<power <= n {
		power++
	}
	const directory, entry = 12, 16
	out := append(be32(0x10000), be16(n, 16<<power, power, 16*n-16<<power)...)
	offset := directory + entry*len(tables)
	var body []byte
	headAt := 0
	for _, t := range tables {
		if t.tag == "head" {
			headAt = offset + len(body)
		}
		out = append(out, t.tag...)
		out = append(out, be32(checksum(t.data), uint32(offset+len(body)), uint32(len(t.data)))...)
		body = append(body, t.data...)
		body = append(body, make([]byte, -len(t.data)&3)...)
	}
	out = append(out, body...)
	const adjustment = 8 // of checkSumAdjustment in head, 0 until now
	binary.BigEndian.PutUint32(out[headAt+adjustment:], 0xB1B0AFBA-checksum(out))
	return out
}

// checksum sums up data as big-endian numbers of four bytes, the last filled with zeros.
func checksum(data []byte) (sum uint32) {
	for i := 0; i < len(data); i += 4 {
		var word [4]byte
		copy(word[:], data[i:])
		sum += binary.BigEndian.Uint32(word[:])
	}
	return sum
}

// The dots: eight squares, the highest bit top left.
const (
	dotRows            = 4
	dotSide            = 120
	dotStep            = 190
	dotLeft, dotBottom = 145, 20
)

// outlines returns the glyphs, where each begins in units of two bytes, and their
// advance widths and left bearings.
func outlines() (glyf, loca, hmtx []byte) {
	loca = be16(0)
	for id := range glyphs {
		char := byte(0xFF) // .notdef: all dots
		if id > 0 {
			char = byte(firstChar + id - 1)
		}
		var left uint16
		if char != ' ' {
			glyph := outline(char)
			left = binary.BigEndian.Uint16(glyph[2:]) // its xMin
			glyf = append(glyf, glyph...)
		}
		loca = append(loca, be16(uint16(len(glyf)/2))...)
		hmtx = append(hmtx, be16(advance, left)...)
	}
	return glyf, loca, hmtx
}

// outline returns a simple glyph with a square for each bit of char that is set; of an
// even length.
func outline(char byte) []byte {
	var ends, flags, xs, ys []byte
	var lastX, lastY, minX, minY, maxX, maxY int
	points := 0
	for bit := range 8 {
		if char>>(7-bit)&1 == 0 {
			continue
		}
		left, bottom := dotLeft+bit%2*dotStep, dotBottom+(dotRows-1-bit/2)*dotStep
		right, top := left+dotSide, bottom+dotSide
		if points == 0 {
			minX, minY, maxX, maxY = left, bottom, right, top
		}
		minX, minY, maxX, maxY = min(minX, left), min(minY, bottom), max(maxX, right), max(maxY, top)
		for _, p := range [...][2]int{{left, bottom}, {left, top}, {right, top}, {right, bottom}} { // clockwise: filled
			const onCurve = 1
			flags = append(flags, onCurve)
			xs = append(xs, be16(signed(p[0]-lastX))...)
			ys = append(ys, be16(signed(p[1]-lastY))...)
			lastX, lastY = p[0], p[1]
			points++
		}
		ends = append(ends, be16(uint16(points-1))...)
	}
	contours := uint16(len(ends) / 2)
	box := be16(contours, signed(minX), signed(minY), signed(maxX), signed(maxY))
	const noInstructions = 0
	return bytes.Join([][]byte{box, ends, be16(noInstructions), flags, xs, ys}, nil) // four points a square: even
}

func header() []byte {
	const magic, baselineAtZero, leftToRight = 0x5F0F3CF5, 1, 2
	const epoch1904 = 3597609600             // 2018-01-01 in seconds since 1904
	made := be32(0, epoch1904, 0, epoch1904) // created and modified
	right, top := signed(dotLeft+dotStep+dotSide), signed(dotBottom+(dotRows-1)*dotStep+dotSide)
	return bytes.Join([][]byte{
		be32(0x10000, 0x10000, 0, magic), be16(baselineAtZero, unitsPerEm), made,
		be16(dotLeft, dotBottom, right, top, 0, 8, leftToRight, 0, 0),
	}, nil)
}

func horizontal() []byte {
	const extent = dotLeft + dotStep + dotSide // of the widest glyph, from the origin
	return be16(1, 0, ascent, signed(descent), 0, advance, dotLeft, advance-extent, extent, 1, 0, 0, 0, 0, 0, 0, 0, glyphs)
}

// metrics returns the OS/2 table, version 4: regular, printable ASCII only.
func metrics() []byte {
	const weightRegular, widthMedium, regular, basicLatin, latin1 = 400, 5, 1 << 6, 1, 1
	return bytes.Join([][]byte{
		be16(4, advance, weightRegular, widthMedium, 0, 650, 600, 0, 75, 650, 600, 0, 350, 50, 300, 0),
		make([]byte, 10), be32(basicLatin, 0, 0, 0), []byte("SBOX"),
		be16(regular, firstChar, lastChar, ascent, signed(descent), 0, ascent, -descent),
		be32(latin1, 0), be16(500, 700, 0, ' ', 0),
	}, nil)
}

// characters returns the cmap table: Unicode, one run of characters (format 4).
func characters() []byte {
	const windows, unicodeBMP, format, length = 3, 1, 4, 32
	delta := signed(1 - firstChar)
	return bytes.Join([][]byte{
		be16(0, 1, windows, unicodeBMP), be32(12),
		be16(format, length, 0, 4, 4, 1, 0), // two segments: ours and the end marker
		be16(lastChar, 0xFFFF, 0, firstChar, 0xFFFF, delta, 1, 0, 0),
	}, nil)
}

// names returns the name table: family, style, identity, full name, version and the
// PostScript name, in English for Windows.
func names(family, postScript string) []byte {
	const windows, unicodeBMP, english = 3, 1, 0x409
	texts := [...]string{family, "Regular", postScript, family, "Version 1.0", postScript}
	var records, storage []byte
	for i, text := range texts {
		var encoded []byte
		for _, unit := range utf16.Encode([]rune(text)) {
			encoded = append(encoded, be16(unit)...)
		}
		records = append(records, be16(windows, unicodeBMP, english, uint16(i+1), uint16(len(encoded)), uint16(len(storage)))...)
		storage = append(storage, encoded...)
	}
	head := be16(0, uint16(len(texts)), uint16(6+len(records)))
	return bytes.Join([][]byte{head, records, storage}, nil)
}

// signed returns a number that may be negative in two's complement.
func signed(n int) uint16 { return uint16(int16(n)) }
