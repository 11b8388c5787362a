package assets

import "math/bits"

// bitWriter writes numbers bit by bit, the most significant first, as video and audio
// streams are written.
type bitWriter struct {
	bytes []byte
	free  int // unused low bits of the last byte
}

// put writes the lowest n bits of v.
func (w *bitWriter) put(v uint, n int) {
	for n--; n >= 0; n-- {
		if w.free == 0 {
			w.bytes, w.free = append(w.bytes, 0), 8
		}
		w.free--
		w.bytes[len(w.bytes)-1] |= byte(v>>n&1) << w.free
	}
}

// golomb writes v as an Exp-Golomb code: ue(v) of ISO/IEC 14496-10 §9.1, and for 0
// also se(v).
func (w *bitWriter) golomb(v uint) { w.put(v+1, 2*bits.Len(v+1)-1) }

// align fills the last byte with zeros.
func (w *bitWriter) align() { w.free = 0 }
