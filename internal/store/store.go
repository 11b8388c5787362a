// Package store keeps a sandbox's changes in a folder, so that tenants and worlds
// outlive the process: an append-only log of changes, each with a checksum. Starting
// replays it; compacting replaces it by the shortest log that leads to the same state.
//
// It knows records and bytes. What a change means is the host's business (fakes.Change).
package store

import (
	"bufio"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"time"
)

// The file format, version 1:
//
//	file   = magic record*
//	magic  = "sandbox log 1\n"
//	record = length (4 bytes, big endian) checksum (4 bytes, CRC-32C of the payload) payload (JSON)
const (
	magic      = "sandbox log 1\n"
	headerSize = 8
	// MaxRecord bounds one record: an imported state is the largest there is.
	MaxRecord = 256 << 20
	fileName  = "changes.log"
	lockName  = "lock"
)

// Policy says when a change is forced to the disk.
type Policy string

// Policies. A crash of the process alone loses nothing under any of them; of the
// machine, what was not forced yet.
const (
	Always   Policy = "always"   // before the caller is answered
	Interval Policy = "interval" // once every 100 ms
	Never    Policy = "never"    // when the operating system likes
)

const interval = 100 * time.Millisecond

// Errors that a caller can act on.
var (
	ErrLocked  = errors.New("the folder is in use by another sandbox")
	ErrDamaged = errors.New("the log is damaged")
	ErrVersion = errors.New("not a log of this version of the sandbox")
)

// Damage is where a log is damaged, with sound records behind it.
type Damage struct {
	File    string
	Offset  int64 // of the record
	Records int   // sound ones before it
	What    string
}

func (d *Damage) Error() string {
	return fmt.Sprintf("%s: %s at byte %d, after %d sound records", d.File, d.What, d.Offset, d.Records)
}

// Unwrap makes a Damage an ErrDamaged.
func (d *Damage) Unwrap() error { return ErrDamaged }

// Store is an open log. Append may be called from any number of goroutines.
type Store struct {
	dir    string
	policy Policy
	log    *slog.Logger
	lock   *os.File

	mu     sync.Mutex
	file   *os.File
	size   int64
	dirty  bool
	failed error // once a write failed halfway and could not be undone, nothing more is written

	stop chan struct{}
	done sync.WaitGroup
}

// Open opens the folder, makes it when it is missing, and calls replay for each record
// in order. A record cut short at the very end is the trace of a crash: it is cut off
// with a line to the log. Damage before that is an error (*Damage).
func Open(dir string, policy Policy, log *slog.Logger, replay func(payload []byte) error) (*Store, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("data folder: %w", err)
	}
	lock, err := lockFolder(dir)
	if err != nil {
		return nil, err
	}
	s := &Store{dir: dir, policy: policy, log: log, lock: lock, stop: make(chan struct{})}
	if err := s.open(replay); err != nil {
		return nil, errors.Join(err, s.closeFiles())
	}
	if policy == Interval {
		s.done.Go(s.syncLoop)
	}
	return s, nil
}

// lockFolder keeps a second process out; the lock goes with the process, even a killed one.
func lockFolder(dir string) (*os.File, error) {
	f, err := os.OpenFile(filepath.Join(dir, lockName), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, fmt.Errorf("data folder: %w", err)
	}
	if err := flock(f); err != nil {
		return nil, errors.Join(fmt.Errorf("%s: %w", dir, ErrLocked), f.Close())
	}
	return f, nil
}

func (s *Store) open(replay func([]byte) error) error {
	path := filepath.Join(s.dir, fileName)
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return fmt.Errorf("data folder: %w", err)
	}
	s.file = f
	sound, err := read(f, path, replay)
	if err != nil {
		return err
	}
	info, err := f.Stat()
	if err != nil {
		return err
	}
	if sound.end < info.Size() {
		s.log.Warn("cut off a record that a crash left unfinished", "file", path, "offset", sound.end, "bytes", info.Size()-sound.end)
		if err := f.Truncate(sound.end); err != nil {
			return err
		}
	}
	s.size = sound.end
	if s.size == 0 {
		if err := s.write([]byte(magic)); err != nil {
			return err
		}
		return s.sync()
	}
	_, err = f.Seek(s.size, io.SeekStart)
	return err
}

// sound is the part of a log that can be read.
type sound struct {
	end     int64
	records int
}

// read calls replay for each sound record. A torn tail ends the reading without an
// error; damage with sound records behind it is one.
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
		payload, what, err := next(r, &buf)
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
			return at, nil
		}
		if err := replay(payload); err != nil {
			return at, fmt.Errorf("%s: record %d at byte %d: %w", path, at.records+1, at.end, err)
		}
		at.end += headerSize + int64(len(payload))
		at.records++
	}
}

// next reads a record. what is "" for a sound one, "end" at the end, else what is wrong.
func next(r io.Reader, buf *[]byte) (payload []byte, what string, err error) {
	var head [headerSize]byte
	switch n, err := io.ReadFull(r, head[:]); {
	case n == 0 && errors.Is(err, io.EOF):
		return nil, "end", nil
	case errors.Is(err, io.ErrUnexpectedEOF):
		return nil, "a record is cut short", nil
	case err != nil:
		return nil, "", err
	}
	length := binary.BigEndian.Uint32(head[:4])
	if length == 0 || length > MaxRecord {
		return nil, "a record has an impossible length", nil
	}
	if uint32(cap(*buf)) < length { //nolint:gosec // at most MaxRecord
		*buf = make([]byte, length)
	}
	payload = (*buf)[:length]
	if _, err := io.ReadFull(r, payload); err != nil {
		if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
			return nil, "a record is cut short", nil
		}
		return nil, "", err
	}
	if sum(payload) != binary.BigEndian.Uint32(head[4:]) {
		return nil, "a record's checksum is wrong", nil
	}
	return payload, "", nil
}

// soundBehind looks for a sound record anywhere after the given offset: if there is
// one, the damage is not the tail of a crash. Bit rot in the last record looks like a
// crash; it costs that one record.
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
		if sum(data[i+headerSize:i+headerSize+length]) == binary.BigEndian.Uint32(data[i+4:]) {
			return true
		}
	}
	return false
}

func sum(payload []byte) uint32 { return crc32.Checksum(payload, crc32.MakeTable(crc32.Castagnoli)) }

// Append writes a record. When it returns nil, the record is kept as the policy says.
// After an error the log is as before, or, when even that fails, closed for writing.
func (s *Store) Append(v any) error {
	payload, err := json.Marshal(v)
	if err != nil {
		return err
	}
	record, err := frame(payload)
	if err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.failed != nil {
		return s.failed
	}
	if err := s.write(record); err != nil {
		return err
	}
	if s.policy == Always {
		return s.sync()
	}
	return nil
}

func frame(payload []byte) ([]byte, error) {
	if len(payload) > MaxRecord {
		return nil, fmt.Errorf("a change of %d bytes is more than a record holds (%d)", len(payload), MaxRecord)
	}
	record := make([]byte, headerSize+len(payload))
	binary.BigEndian.PutUint32(record, uint32(len(payload))) //nolint:gosec // at most MaxRecord
	binary.BigEndian.PutUint32(record[4:], sum(payload))
	copy(record[headerSize:], payload)
	return record, nil
}

// write appends bytes, or none: a write that failed halfway is cut off again.
func (s *Store) write(b []byte) error {
	n, err := s.file.Write(b)
	if err == nil {
		s.size += int64(n)
		s.dirty = true
		return nil
	}
	undo := s.file.Truncate(s.size)
	if undo == nil {
		_, undo = s.file.Seek(s.size, io.SeekStart)
	}
	if undo != nil {
		s.failed = fmt.Errorf("the log can no longer be written: %w", errors.Join(err, undo))
		return s.failed
	}
	return err
}

func (s *Store) sync() error {
	if !s.dirty {
		return nil
	}
	if err := s.file.Sync(); err != nil {
		// What reached the disk is unknown now, and a second fsync would not tell.
		s.failed = fmt.Errorf("the log can no longer be written: %w", err)
		return s.failed
	}
	s.dirty = false
	return nil
}

func (s *Store) syncLoop() {
	tick := time.NewTicker(interval)
	defer tick.Stop()
	for {
		select {
		case <-s.stop:
			return
		case <-tick.C:
			s.mu.Lock()
			if err := s.sync(); err != nil {
				s.log.Error("the log could not be forced to the disk", "error", err.Error())
			}
			s.mu.Unlock()
		}
	}
}

// Size is the length of the log in bytes.
func (s *Store) Size() int64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.size
}

// Replace puts a log with just these records in place of the present one, all of it or
// nothing: the new file is complete and on the disk before it takes the name.
func (s *Store) Replace(records func(yield func(v any) error) error) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	path := filepath.Join(s.dir, fileName)
	tmp, err := os.CreateTemp(s.dir, fileName+".*")
	if err != nil {
		return fmt.Errorf("compact: %w", err)
	}
	size, err := writeAll(tmp, records)
	if err == nil {
		err = tmp.Sync()
	}
	if err == nil {
		err = os.Rename(tmp.Name(), path)
	}
	if err != nil {
		return fmt.Errorf("compact: %w", errors.Join(err, tmp.Close(), os.Remove(tmp.Name())))
	}
	old := s.file
	s.file, s.size, s.dirty, s.failed = tmp, size, false, nil
	return errors.Join(old.Close(), syncFolder(s.dir))
}

func writeAll(f *os.File, records func(yield func(v any) error) error) (int64, error) {
	w := bufio.NewWriterSize(f, 1<<20)
	size := int64(0)
	put := func(b []byte) error {
		n, err := w.Write(b)
		size += int64(n)
		return err
	}
	if err := put([]byte(magic)); err != nil {
		return 0, err
	}
	err := records(func(v any) error {
		payload, err := json.Marshal(v)
		if err != nil {
			return err
		}
		record, err := frame(payload)
		if err != nil {
			return err
		}
		return put(record)
	})
	return size, errors.Join(err, w.Flush())
}

// syncFolder makes a rename last.
func syncFolder(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

// Close forces what is left to the disk and lets the folder go.
func (s *Store) Close() error {
	close(s.stop)
	s.done.Wait()
	s.mu.Lock()
	defer s.mu.Unlock()
	var err error
	if s.failed == nil {
		err = s.sync()
	}
	s.failed = os.ErrClosed
	return errors.Join(err, s.closeFiles())
}

func (s *Store) closeFiles() error {
	var err error
	if s.file != nil {
		err = s.file.Close()
	}
	return errors.Join(err, s.lock.Close())
}

// Summary is what Check found in a folder.
type Summary struct {
	File    string
	Bytes   int64 // of the file
	Sound   int64 // up to here it can be read
	Records int
	Damage  *Damage // nil when only the tail, if anything, is torn
}

// Check reads a folder's log without changing it; replay may be nil.
func Check(dir string, replay func(payload []byte) error) (Summary, error) {
	path := filepath.Join(dir, fileName)
	f, err := os.Open(path) //nolint:gosec // the folder that the user named
	if err != nil {
		return Summary{}, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return Summary{}, err
	}
	if replay == nil {
		replay = func([]byte) error { return nil }
	}
	at, err := read(f, path, replay)
	out := Summary{File: path, Bytes: info.Size(), Sound: at.end, Records: at.records}
	if errors.As(err, &out.Damage) {
		return out, nil
	}
	return out, err
}

// CutAt keeps the first sound records of a damaged log and puts the whole file aside
// as changes.log.damaged: the way out of a Damage.
func CutAt(dir string, offset int64) error {
	path := filepath.Join(dir, fileName)
	data, err := os.ReadFile(path) //nolint:gosec // the folder that the user named
	if err != nil {
		return err
	}
	if offset < int64(len(magic)) || offset > int64(len(data)) {
		return fmt.Errorf("%s: there is no byte %d", path, offset)
	}
	if err := os.WriteFile(path+".damaged", data, 0o600); err != nil {
		return err
	}
	return os.Truncate(path, offset)
}
