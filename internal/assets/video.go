package assets

import (
	"bytes"
	"encoding/binary"
)

// frameRate is the number of pictures a second, which is also the time scale.
const frameRate = 10

// makeMP4 returns an MP4 file (ISO/IEC 14496-12) with one video track: a still picture
// for three seconds, playable from its first bytes on. That it is valid is known in two
// ways: the tests walk its boxes and hold tables and samples to each other, and ffmpeg
// (libavcodec 59) decoded all thirty frames without a message, each showing the picture
// that went in.
func makeMP4(f file) ([]byte, error) {
	const frames = seconds * frameRate
	var sizes []uint32
	var media bytes.Buffer
	for i := range frames {
		var unit []byte
		if i == 0 {
			unit = keyPicture(landscape(f, videoWidth, videoHeight))
		} else {
			unit = samePicture(i)
		}
		media.Write(be32(uint32(len(unit)))) // lengthSizeMinusOne 3: four bytes of length before each NAL unit
		media.Write(unit)
		sizes = append(sizes, uint32(4+len(unit)))
	}

	head := box("ftyp", []byte("isom"), be32(0x200), []byte("isomiso2avc1mp41"))
	const mdatHeader = 8
	// The position of the media depends on the length of the tables before it, but that
	// length does not depend on the position.
	at := len(head) + len(movie(sizes, 0)) + mdatHeader
	return bytes.Join([][]byte{head, movie(sizes, uint32(at)), box("mdat", media.Bytes())}, nil), nil
}

// movie returns the moov box of one track whose samples lie one after the other from
// offset on. The first is the only key picture.
func movie(sizes []uint32, offset uint32) []byte {
	frames := uint32(len(sizes))
	table := make([]byte, 0, 4*len(sizes))
	for _, size := range sizes {
		table = binary.BigEndian.AppendUint32(table, size)
	}
	samples := box("stbl",
		full("stsd", 0, be32(1), sampleEntry()),
		full("stts", 0, be32(1, frames, 1)),
		full("stss", 0, be32(1, 1)),
		full("stsc", 0, be32(1, 1, frames, 1)),
		full("stsz", 0, be32(0, frames), table),
		full("stco", 0, be32(1, offset)),
	)
	media := box("mdia",
		full("mdhd", 0, be32(0, 0, frameRate, frames), be16(0x55C4, 0)), // language und
		full("hdlr", 0, be32(0), []byte("vide"), be32(0, 0, 0), []byte("sandbox\x00")),
		box("minf",
			full("vmhd", 1, be16(0, 0, 0, 0)),
			box("dinf", full("dref", 0, be32(1), full("url ", 1))), // flag 1: the media is in this file
			samples,
		),
	)
	return box("moov",
		full("mvhd", 0, be32(0, 0, frameRate, frames, 0x10000), be16(0x100, 0), be32(0, 0), unity(), make([]byte, 24), be32(2)),
		box("trak",
			full("tkhd", 3, be32(0, 0, 1, 0, frames, 0, 0), be16(0, 0, 0, 0), unity(), be32(videoWidth<<16, videoHeight<<16)), // flags: enabled, in movie
			media,
		),
	)
}

// sampleEntry describes the samples, ISO/IEC 14496-15 §5.3: size, 72 dpi, one picture a
// sample, 24 bits, and the parameter sets of the decoder.
func sampleEntry() []byte {
	sequence, pictures := sequenceSet(), pictureSet()
	const size4, oneSet = 0xFC | 3, 0xE0 | 1 // reserved bits are ones
	config := box("avcC",
		[]byte{1, profile, compatibility, level, size4, oneSet}, be16(uint16(len(sequence))), sequence,
		[]byte{1}, be16(uint16(len(pictures))), pictures)
	return box("avc1",
		make([]byte, 6), be16(1), make([]byte, 16),
		be16(videoWidth, videoHeight), be32(72<<16, 72<<16, 0), be16(1),
		make([]byte, 32), be16(24, 0xFFFF), config)
}

// unity is the transformation that changes nothing.
func unity() []byte { return be32(0x10000, 0, 0, 0, 0x10000, 0, 0, 0, 0x40000000) }

// box returns a box of that type around its parts.
func box(kind string, parts ...[]byte) []byte {
	body := bytes.Join(parts, nil)
	return bytes.Join([][]byte{be32(uint32(8 + len(body))), []byte(kind), body}, nil)
}

// full is box for a type with version, here 0, and flags.
func full(kind string, flags uint32, parts ...[]byte) []byte {
	return box(kind, append([][]byte{be32(flags)}, parts...)...)
}

// be32 returns numbers in big-endian order.
func be32(numbers ...uint32) []byte {
	var b []byte
	for _, n := range numbers {
		b = binary.BigEndian.AppendUint32(b, n)
	}
	return b
}

// be16 is be32 for short numbers.
func be16(numbers ...uint16) []byte {
	var b []byte
	for _, n := range numbers {
		b = binary.BigEndian.AppendUint16(b, n)
	}
	return b
}
