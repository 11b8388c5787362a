// Package store keeps a sandbox's changes in a folder, so that tenants and worlds
// outlive the process: an append-only log of changes, each with a checksum. Starting
// replays it; compacting replaces it by the shortest log that leads to the same state.
//
// It knows records and bytes. What a change means is the host's business (fakes.Change).
package store

import (
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"time"
)

// The file format, version 2:
//
//	file   = magic record*
//	magic  = "sandbox log 2\n"
//	record = length checksum number payload
//
// The length of the payload and the checksum take 4 bytes, the number 8, big endian. The
// payload is JSON. The number counts the records of the file from 1, so that one which is
// gone or stands twice is noticed; the checksum is the CRC-32C of payload and number.
const (
	magic      = "sandbox log 2\n"
	headerSize = 16
	// MaxRecord bounds one record: an imported state is the largest there is.
	MaxRecord = 256 << 20
	fileName  = "changes.log"
	newName   = fileName + ".new" // until it is complete and takes the name
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

// Damage is where a log is damaged, with sound records behind it or in the wrong place.
type Damage struct {
	File    string
	Offset  int64  // of the record
	Records uint64 // sound ones before it
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
	last   uint64 // number of the last record, 0 where there is none
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
	// What a crash left of a new log is of no use: the old one is complete.
	if err := os.Remove(filepath.Join(dir, newName)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, errors.Join(fmt.Errorf("data folder: %w", err), lock.Close())
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
		if err := s.cutTail(path, sound, info.Size()); err != nil {
			return err
		}
	}
	s.size, s.last = sound.end, sound.records
	if s.size == 0 {
		if err := s.write([]byte(magic)); err != nil {
			return err
		}
		return s.sync()
	}
	_, err = f.Seek(s.size, io.SeekStart)
	return err
}

// cutTail cuts off what a crash left behind the last sound record. What is more than a
// record cut short may be one that was acknowledged and has rotted: it is put aside.
func (s *Store) cutTail(path string, at sound, size int64) error {
	attrs := []any{"file", path, "offset", at.end, "bytes", size - at.end}
	if at.tail != "" && at.tail != cutShort {
		tail := make([]byte, size-at.end)
		if _, err := s.file.ReadAt(tail, at.end); err != nil {
			return err
		}
		aside, err := putAside(path+".cut", tail)
		if err != nil {
			return err
		}
		attrs = append(attrs, "reason", at.tail, "kept as", aside)
	}
	s.log.Warn("cut off a record that a crash left unfinished", attrs...)
	return s.file.Truncate(at.end)
}

// Append writes a record. When it returns nil, the record is kept as the policy says.
// After an error the log is as before, or, when even that fails, closed for writing.
func (s *Store) Append(v any) error {
	record, err := recordOf(v)
	if err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.failed != nil {
		return s.failed
	}
	seal(record, s.last+1)
	if err := s.write(record); err != nil {
		return err
	}
	s.last++
	if s.policy == Always {
		return s.sync()
	}
	return nil
}

// recordOf writes a value as a record that is still to be sealed.
func recordOf(v any) ([]byte, error) {
	payload, err := json.Marshal(v)
	if err != nil {
		return nil, err
	}
	return frame(payload)
}

func frame(payload []byte) ([]byte, error) {
	if len(payload) > MaxRecord {
		return nil, fmt.Errorf("a change of %d bytes is more than a record holds (%d)", len(payload), MaxRecord)
	}
	record := make([]byte, headerSize+len(payload))
	binary.BigEndian.PutUint32(record, uint32(len(payload))) //nolint:gosec // at most MaxRecord
	binary.BigEndian.PutUint32(record[4:], sum(0, payload))
	copy(record[headerSize:], payload)
	return record, nil
}

// seal numbers a record and completes its checksum, which is at least that of the payload:
// what takes long is done before the number is known.
func seal(record []byte, number uint64) {
	at := record[8:headerSize]
	binary.BigEndian.PutUint64(at, number)
	binary.BigEndian.PutUint32(record[4:], sum(binary.BigEndian.Uint32(record[4:]), at))
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
