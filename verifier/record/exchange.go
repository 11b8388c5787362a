package record

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"sort"
	"strconv"
	"time"

	"github.com/mediasandbox/sandbox/internal/contract"
)

// Exchange is one recorded request and its reply, as it stands in a file. Secrets are
// "***" throughout.
type Exchange struct {
	Number    int       `json:"number"`
	Time      time.Time `json:"time"`
	API       string    `json:"api"`
	Operation string    `json:"operation,omitempty"` // "" for a request outside every operation
	Outcome   string    `json:"outcome,omitempty"`   // "" for a reply that the contract does not have; several joined by "+"
	Request   Request   `json:"request"`
	Reply     Reply     `json:"reply"`
	Findings  []Finding `json:"findings,omitempty"` // what is outside the contract
	Failed    string    `json:"failed,omitempty"`   // why there is no reply
}

// Request is what the client sent.
type Request struct {
	Method      string  `json:"method"`
	Path        string  `json:"path"` // on the vendor's server, as sent
	Query       string  `json:"query,omitempty"`
	ContentType string  `json:"content_type,omitempty"`
	Params      []Param `json:"params,omitempty"` // path, query and form, decoded
	// Body is that of a request that is no form, at most MaxKept bytes.
	Body string `json:"body,omitempty"`
}

// Param is one parameter.
type Param struct {
	Name   string      `json:"name"`
	Value  string      `json:"value"`
	In     contract.In `json:"in"`
	Hidden bool        `json:"hidden,omitempty"` // the value, or a part of it, is masked
}

// Reply is what the vendor answered.
type Reply struct {
	Status      int    `json:"status,omitempty"`
	ContentType string `json:"content_type,omitempty"`
	Body        string `json:"body,omitempty"`
	Cut         bool   `json:"cut,omitempty"` // Body is not all of it
	Millis      int64  `json:"ms"`
}

// Finding is one thing outside the contract.
type Finding struct {
	Side    string `json:"side"` // request | reply
	Pointer string `json:"pointer,omitempty"`
	What    string `json:"what"`
}

// fileName is 0007-qqtube-stats.json; what is outside every operation is called so.
func (x *Exchange) fileName() string {
	op := x.Operation
	if op == "" {
		op = "unknown"
	}
	return fmt.Sprintf("%04d-%s-%s.json", x.Number, x.API, op)
}

var fileName = regexp.MustCompile(`^([0-9]{4,9})-[a-z]+-[A-Za-z0-9_.-]+\.json$`)

// Files of a recording can be read by nobody else: what a vendor answers may be private
// even without the credentials.
const (
	fileMode   = 0o600
	folderMode = 0o700
)

// folder is where exchanges are written.
type folder struct {
	dir  string
	next int
}

// openFolder makes the folder when there is none, and goes on counting after what it has.
func openFolder(dir string) (*folder, error) {
	if err := os.MkdirAll(dir, folderMode); err != nil {
		return nil, err
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, err
	}
	f := &folder{dir: dir, next: 1}
	for _, e := range entries {
		m := fileName.FindStringSubmatch(e.Name())
		if m == nil {
			continue
		}
		if n, err := strconv.Atoi(m[1]); err == nil && n >= f.next {
			f.next = n + 1
		}
	}
	return f, nil
}

// write writes an exchange whole or not at all.
func (f *folder) write(x *Exchange) (name string, err error) {
	data, err := json.MarshalIndent(x, "", "  ")
	if err != nil {
		return "", err
	}
	tmp, err := os.CreateTemp(f.dir, ".recording-*") // made with mode 0600
	if err != nil {
		return "", err
	}
	_, err = tmp.Write(append(data, '\n'))
	if closeErr := tmp.Close(); err == nil {
		err = closeErr
	}
	if err == nil {
		err = os.Chmod(tmp.Name(), fileMode)
	}
	name = filepath.Join(f.dir, x.fileName())
	if err == nil {
		err = os.Rename(tmp.Name(), name)
	}
	if err != nil {
		_ = os.Remove(tmp.Name()) // the first error is told
		return "", err
	}
	return name, nil
}

// ErrNoRecording says that a folder has no exchanges in it.
var ErrNoRecording = errors.New("no recording in this folder; `sandbox record` writes one")

// maxFile bounds a file that is read back, in bytes.
const maxFile = 16 << 20

// Read reads the exchanges of a folder, in the order in which they were sent. An error
// names the file that is not one of a recording's.
func Read(dir fs.FS) ([]*Exchange, error) {
	entries, err := fs.ReadDir(dir, ".")
	if err != nil {
		return nil, err
	}
	var out []*Exchange
	for _, e := range entries {
		if e.IsDir() || !fileName.MatchString(e.Name()) {
			continue
		}
		if info, err := e.Info(); err != nil || info.Size() > maxFile {
			return nil, fmt.Errorf("%s: larger than a recorded exchange can be", e.Name())
		}
		data, err := fs.ReadFile(dir, e.Name())
		if err != nil {
			return nil, err
		}
		x := &Exchange{}
		if err := json.Unmarshal(data, x); err != nil {
			return nil, fmt.Errorf("%s: no recorded exchange: %w", e.Name(), err)
		}
		out = append(out, x)
	}
	if len(out) == 0 {
		return nil, ErrNoRecording
	}
	sort.SliceStable(out, func(i, j int) bool { return out[i].Number < out[j].Number })
	return out, nil
}
