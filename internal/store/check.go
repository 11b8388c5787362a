package store

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
)

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
