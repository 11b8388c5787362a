package store

import (
	"bufio"
	"errors"
	"fmt"
	"os"
	"path/filepath"
)

// Replace puts a log with just these records in place of the present one, all of it or
// nothing: the new file is complete and on the disk before it takes the name.
func (s *Store) Replace(records func(yield func(v any) error) error) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	path := filepath.Join(s.dir, fileName)
	tmp, err := os.OpenFile(filepath.Join(s.dir, newName), os.O_CREATE|os.O_TRUNC|os.O_RDWR, 0o600)
	if err != nil {
		return fmt.Errorf("compact: %w", err)
	}
	size, last, err := writeAll(tmp, records)
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
	s.file, s.size, s.last, s.dirty, s.failed = tmp, size, last, false, nil
	return errors.Join(old.Close(), syncFolder(s.dir))
}

// writeAll returns the length of the new log and the number of its last record.
func writeAll(f *os.File, records func(yield func(v any) error) error) (size int64, last uint64, err error) {
	w := bufio.NewWriterSize(f, 1<<20)
	put := func(b []byte) error {
		n, err := w.Write(b)
		size += int64(n)
		return err
	}
	if err := put([]byte(magic)); err != nil {
		return 0, 0, err
	}
	err = records(func(v any) error {
		record, err := recordOf(v)
		if err != nil {
			return err
		}
		last++
		seal(record, last)
		return put(record)
	})
	return size, last, errors.Join(err, w.Flush())
}

// syncFolder makes a rename last.
func syncFolder(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}
