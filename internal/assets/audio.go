package assets

import (
	"bytes"
	"encoding/binary"
)

// sampleRate of songs, in Hz.
const sampleRate = 48000

// makeAAC returns silence as ADTS frames (ISO/IEC 13818-7 §6.2): AAC-LC, mono, 48 kHz,
// 1024 samples a frame. ffmpeg decodes it to zeros only.
func makeAAC(file) ([]byte, error) {
	const frames = (seconds*sampleRate + 1023) / 1024
	return bytes.Repeat(adtsFrame(), frames), nil
}

func adtsFrame() []byte {
	const header, payload = 7, 4
	var w bitWriter
	w.put(0xFFF, 12)          // syncword
	w.put(0b0001, 4)          // MPEG-4, layer 0, protection_absent
	w.put(1, 2)               // profile: LC
	w.put(3, 4)               // sampling_frequency_index: 48000
	w.put(0, 1)               // private_bit
	w.put(1, 3)               // channel_configuration: one front channel
	w.put(0, 4)               // original, home, copyright id bit and start
	w.put(header+payload, 13) // frame length
	w.put(0x7FF, 11)          // buffer fullness: variable bit rate
	w.put(0, 2)               // one block of data in the frame
	w.put(0, 3+4)             // single channel element, tag 0
	w.put(0, 8)               // global_gain
	w.put(0, 1+2+1)           // ics_info: reserved, long window, sine
	w.put(0, 6+1)             // max_sfb 0: no band has content; no prediction
	w.put(0, 3)               // no pulse, noise shaping, gain control
	w.put(0b111, 3)           // end
	return w.bytes
}

// makeMP3 returns silence as MPEG-1 layer III frames (ISO/IEC 11172-3): mono, 48 kHz,
// 32 kbit/s, 1152 samples a frame, behind an ID3v2 tag with the title. mpg123 and ffmpeg
// decode it to zeros only.
func makeMP3(f file) ([]byte, error) {
	const samples, frames = 1152, seconds * sampleRate / 1152
	const length = samples / 8 * 32000 / sampleRate // 96 bytes, no padding needed
	// Sync, MPEG-1, layer III, no CRC; 32 kbit/s, 48 kHz; mono, original. Side
	// information of zeros says that no granule has any data.
	frame := append([]byte{0xFF, 0xFB, 0x14, 0xC4}, make([]byte, length-4)...)
	return append(id3(f.title), bytes.Repeat(frame, frames)...), nil
}

// id3 returns an ID3v2.4 tag with a title of at most 64 characters.
func id3(title string) []byte {
	const utf8 = 3
	text := append([]byte{utf8}, title...)
	frame := append([]byte("TIT2"), synchsafe(len(text))...)
	frame = append(append(frame, 0, 0), text...)
	tag := append([]byte("ID3\x04\x00\x00"), synchsafe(len(frame))...)
	return append(tag, frame...)
}

// synchsafe returns n in four bytes of seven bits, so that no length looks like the
// beginning of a frame.
func synchsafe(n int) []byte {
	u := uint32(n)
	return binary.BigEndian.AppendUint32(nil, u&0x7F|u<<1&0x7F00|u<<2&0x7F0000|u<<3&0x7F000000)
}
