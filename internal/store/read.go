package store

import (
	"bufio"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
)

// sound is the part of a log that can be read.
type sound struct {
	end     int64
	records uint64
	tail    string // what is wrong behind it, "" where nothing is
}

// read calls replay for each sound record. A torn tail ends the reading without an
// error; damage with sound records behind it is one, and so is a record in the wrong place.
func read(f io.ReaderAt, path string, replay func([]byte) error) (sound, error) {
	var at sound
	r := bufio.NewReaderSize(io.NewSectionReader(f, 0, 1<<62), 1<<20)
	head := make([]byte, len(magic))
	switch n, err := io.ReadFull(r, head); {
	case n == 0 && errors.Is(err, io.EOF):
		return at, nil
	case err != nil && string(head[:n]) == magic[:n]:
		return at, nil // the first write was cut short
	case err != nil || string(head) != magic:
		return at, fmt.Errorf("%s: %w", path, ErrVersion)
	}
	at.end = int64(len(magic))
	var buf []byte
	for {
		payload, number, what, err := next(r, &buf)
		if err != nil {
			return at, fmt.Errorf("%s: %w", path, err)
		}
		if what == "end" {
			return at, nil
		}
		if what != "" {
			if soundBehind(f, at.end) {
				return at, &Damage{path, at.end, at.records, what}
			}
			if at.tail = what; what == cutShort && wholeText(f, at.end+headerSize) {
				at.tail = "a record's length is wrong"
			}
			return at, nil
		}
		if number != at.records+1 {
			return at, &Damage{path, at.end, at.records, fmt.Sprintf("record %d stands where record %d belongs", number, at.records+1)}
		}
		if err := replay(payload); err != nil {
			return at, fmt.Errorf("%s: record %d at byte %d: %w", path, at.records+1, at.end, err)
		}
		at.end += headerSize + int64(len(payload))
		at.records++
	}
}

// cutShort is what a process leaves that is killed while it writes.
const cutShort = "a record is cut short"

// next reads a record. what is "" for a sound one, "end" at the end, else what is wrong.
func next(r io.Reader, buf *[]byte) (payload []byte, number uint64, what string, err error) {
	var head [headerSize]byte
	switch n, err := io.ReadFull(r, head[:]); {
	case n == 0 && errors.Is(err, io.EOF):
		return nil, 0, "end", nil
	case errors.Is(err, io.ErrUnexpectedEOF):
		return nil, 0, cutShort, nil
	case err != nil:
		return nil, 0, "", err
	}
	length := binary.BigEndian.Uint32(head[:4])
	if length == 0 || length > MaxRecord {
		return nil, 0, "a record has an impossible length", nil
	}
	if uint32(cap(*buf)) < length { //nolint:gosec // at most MaxRecord
		*buf = make([]byte, length)
	}
	payload = (*buf)[:length]
	if _, err := io.ReadFull(r, payload); err != nil {
		if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
			return nil, 0, cutShort, nil
		}
		return nil, 0, "", err
	}
	if !sealed(head[:], payload) {
		return nil, 0, "a record's checksum is wrong", nil
	}
	return payload, binary.BigEndian.Uint64(head[8:]), "", nil
}

// soundBehind looks for a sound record anywhere after the given offset: if there is
// one, the damage is not the tail of a crash. Bit rot in the last record looks like a
// crash; it costs that one record, which is kept beside the log.
func soundBehind(f io.ReaderAt, offset int64) bool {
	const window = 4 << 20 // records behind a torn one follow closely
	data := make([]byte, window)
	n, err := f.ReadAt(data, offset+1)
	if err != nil && !errors.Is(err, io.EOF) {
		return false
	}
	data = data[:n]
	for i := 0; i+headerSize < len(data); i++ {
		length := int(binary.BigEndian.Uint32(data[i:]))
		if length < 2 || length > len(data)-i-headerSize || data[i+headerSize] != '{' {
			continue
		}
		if sealed(data[i:], data[i+headerSize:i+headerSize+length]) {
			return true
		}
	}
	return false
}

// wholeText reports whether all that stands from an offset on is one JSON text: a record
// that was cut short never is.
func wholeText(f io.ReaderAt, offset int64) bool {
	text, err := io.ReadAll(io.NewSectionReader(f, offset, MaxRecord))
	return err == nil && json.Valid(text)
}

// sealed reports whether a header's checksum is that of the payload and of its number.
func sealed(header, payload []byte) bool {
	return sum(sum(0, payload), header[8:headerSize]) == binary.BigEndian.Uint32(header[4:])
}

// sum is the CRC-32C of what has the checksum before, followed by text.
func sum(before uint32, text []byte) uint32 {
	return crc32.Update(before, crc32.MakeTable(crc32.Castagnoli), text)
}
