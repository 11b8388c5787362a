package assets

import (
	"image"
	"image/color"
	"slices"
)

// The video is H.264, constrained baseline, and needs no compressor: the first picture
// consists of macroblocks in plain samples (I_PCM), every other says that nothing has
// changed (all macroblocks skipped). Clauses are those of ISO/IEC 14496-10.
const (
	videoWidth, videoHeight = 160, 90
	macroblock              = 16
	across                  = videoWidth / macroblock
	down                    = (videoHeight + macroblock - 1) / macroblock
)

// NAL unit types (table 7-1) with nal_ref_idc 3: all are referred to.
const (
	nalPicture  = 0x61
	nalKey      = 0x65
	nalSequence = 0x67
	nalPictures = 0x68
)

// Profile and level as the sequence set and the container state them: baseline that
// is also main (66, constraint sets 0 and 1), level 3.0, whose bit rate has room for
// plain samples.
const profile, compatibility, level = 66, 0xC0, 30

// sequenceSet returns the sequence parameter set, §7.3.2.1.1.
func sequenceSet() []byte {
	var w bitWriter
	w.put(profile, 8)
	w.put(compatibility, 8)
	w.put(level, 8)
	w.golomb(0)                                                                    // seq_parameter_set_id
	w.golomb(0)                                                                    // frame_num has 4 bits
	w.golomb(2)                                                                    // pic_order_cnt_type: pictures come in the order shown
	w.golomb(1)                                                                    // max_num_ref_frames
	w.put(0, 1)                                                                    // gaps_in_frame_num_value_allowed_flag
	w.golomb(across - 1)                                                           // pic_width_in_mbs_minus1
	w.golomb(down - 1)                                                             // pic_height_in_map_units_minus1
	w.put(0b11, 2)                                                                 // frame_mbs_only_flag, direct_8x8_inference_flag
	w.put(1, 1)                                                                    // frame_cropping_flag: 90 lines are no whole number of macroblocks
	for _, crop := range [...]uint{0, 0, 0, (down*macroblock - videoHeight) / 2} { // left, right, top, bottom; in chroma samples
		w.golomb(crop)
	}
	w.put(0, 1) // vui_parameters_present_flag
	return nal(nalSequence, &w)
}

// pictureSet returns the picture parameter set, §7.3.2.2.
func pictureSet() []byte {
	var w bitWriter
	w.golomb(0)   // pic_parameter_set_id
	w.golomb(0)   // seq_parameter_set_id
	w.put(0, 2)   // entropy_coding_mode_flag (CAVLC), bottom_field_pic_order_in_frame_present_flag
	w.golomb(0)   // num_slice_groups_minus1
	w.golomb(0)   // num_ref_idx_l0_default_active_minus1
	w.golomb(0)   // num_ref_idx_l1_default_active_minus1
	w.put(0, 3)   // weighted_pred_flag, weighted_bipred_idc
	w.golomb(0)   // pic_init_qp_minus26
	w.golomb(0)   // pic_init_qs_minus26
	w.golomb(0)   // chroma_qp_index_offset
	w.put(0b1, 1) // deblocking_filter_control_present_flag
	w.put(0, 2)   // constrained_intra_pred_flag, redundant_pic_cnt_present_flag
	return nal(nalPictures, &w)
}

// keyPicture returns picture as an IDR slice of plain samples, §7.3.3 and §7.3.5.
func keyPicture(picture image.Image) []byte {
	var w bitWriter
	sliceHeader(&w, 7, 0) // I
	w.golomb(0)           // idr_pic_id
	w.put(0, 2)           // no_output_of_prior_pics_flag, long_term_reference_flag
	sliceTail(&w)
	for y := 0; y < down*macroblock; y += macroblock {
		for x := 0; x < videoWidth; x += macroblock {
			w.golomb(25) // mb_type I_PCM
			w.align()
			w.bytes = append(w.bytes, samples(picture, x, y)...)
		}
	}
	return nal(nalKey, &w)
}

// samePicture returns the picture with that number as one in which nothing changes.
func samePicture(number int) []byte {
	var w bitWriter
	sliceHeader(&w, 5, number) // P
	w.put(0, 3)                // num_ref_idx_active_override_flag, ref_pic_list_modification_flag_l0, adaptive_ref_pic_marking_mode_flag
	sliceTail(&w)
	w.golomb(across * down) // mb_skip_run
	return nal(nalPicture, &w)
}

func sliceHeader(w *bitWriter, sliceType uint, number int) {
	w.golomb(0) // first_mb_in_slice
	w.golomb(sliceType)
	w.golomb(0)               // pic_parameter_set_id
	w.put(uint(number)%16, 4) // frame_num
}

func sliceTail(w *bitWriter) {
	w.golomb(0) // slice_qp_delta
	w.golomb(1) // disable_deblocking_filter_idc: off
}

// samples returns one macroblock in 4:2:0: 256 of luma, 64 of each chroma, in the range
// of video (16 to 235 and 16 to 240). Below the picture its last line goes on.
func samples(picture image.Image, left, top int) []byte {
	const chroma = macroblock / 2
	var cbs, crs [chroma * chroma]int // of four pixels each
	block := make([]byte, 0, macroblock*macroblock+2*chroma*chroma)
	for y := range macroblock {
		for x := range macroblock {
			r, g, b, _ := picture.At(left+x, min(top+y, videoHeight-1)).RGBA()
			luma, cb, cr := color.RGBToYCbCr(uint8(r>>8), uint8(g>>8), uint8(b>>8))
			block = append(block, byte(16+int(luma)*219/255))
			at := y/2*chroma + x/2
			cbs[at] += int(cb)
			crs[at] += int(cr)
		}
	}
	for _, s := range slices.Concat(cbs[:], crs[:]) {
		block = append(block, byte(16+s/4*224/255))
	}
	return block
}

// nal ends the payload with the stop bit (§7.3.2.11) and returns it as a NAL unit, with
// the bytes inserted that keep it from looking like a start code (§7.4.1).
func nal(header byte, w *bitWriter) []byte {
	w.put(1, 1)
	w.align()
	unit, zeros := []byte{header}, 0
	for _, b := range w.bytes {
		if zeros == 2 && b <= 3 {
			unit, zeros = append(unit, 3), 0
		}
		unit = append(unit, b)
		if b == 0 {
			zeros++
		} else {
			zeros = 0
		}
	}
	return unit
}
