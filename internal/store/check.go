package store

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
)

// Summary is what Check found in a folder.
type Summary struct {
	File    string
	Bytes   int64 // of the file
	Sound   int64 // up to here it can be read
	Records uint64
	Damage  *Damage // nil when only the tail, if anything, is torn
	Tail    string  // what is wrong with that, "" for a record that was cut short
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
	if at.tail != cutShort {
		out.Tail = at.tail
	}
	if errors.As(err, &out.Damage) {
		return out, nil
	}
	return out, err
}

// CutAt keeps the sound records before the damage of a log, which is at offset, and puts
// the whole file aside: the way out of a Damage. It returns where it was put.
func CutAt(dir string, offset int64) (aside string, err error) {
	sum, err := Check(dir, nil)
	switch {
	case err != nil:
		return "", err
	case sum.Damage == nil:
		return "", fmt.Errorf("%s is not damaged: nothing is to be cut", sum.File)
	case sum.Damage.Offset != offset:
		return "", fmt.Errorf("%w; nothing was cut at byte %d", sum.Damage, offset)
	}
	data, err := os.ReadFile(sum.File)
	if err != nil {
		return "", err
	}
	if aside, err = putAside(sum.File+".damaged", data); err != nil {
		return "", err
	}
	return aside, os.Truncate(sum.File, offset)
}

// putAside writes data to a new file of that name, or of the name with a number where
// there is one already, and returns its name. What was put aside before stays.
func putAside(name string, data []byte) (string, error) {
	const flags = os.O_CREATE | os.O_EXCL | os.O_WRONLY
	first := name
	f, err := os.OpenFile(name, flags, 0o600) //nolint:gosec // in the folder that the user named
	for n := 2; errors.Is(err, fs.ErrExist); n++ {
		name = first + "." + strconv.Itoa(n)
		f, err = os.OpenFile(name, flags, 0o600) //nolint:gosec // as above
	}
	if err != nil {
		return "", err
	}
	_, err = f.Write(data)
	return name, errors.Join(err, f.Sync(), f.Close())
}
