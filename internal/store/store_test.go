package store

import (
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

type note struct {
	N    int    `json:"n"`
	Text string `json:"text,omitempty"`
}

func quiet() *slog.Logger { return slog.New(slog.DiscardHandler) }

// open returns the store and what it replayed.
func open(t *testing.T, dir string) (*Store, []string, error) {
	t.Helper()
	var seen []string
	s, err := Open(dir, Always, quiet(), func(p []byte) error {
		seen = append(seen, string(p))
		return nil
	})
	return s, seen, err
}

func filled(t *testing.T, n int) (dir, path string) {
	t.Helper()
	dir = filepath.Join(t.TempDir(), "data")
	s, seen, err := open(t, dir)
	require.NoError(t, err)
	assert.Empty(t, seen)
	for i := range n {
		require.NoError(t, s.Append(note{N: i}))
	}
	require.NoError(t, s.Close())
	return dir, filepath.Join(dir, fileName)
}

func texts(n int) []string {
	var out []string
	for i := range n {
		out = append(out, fmt.Sprintf(`{"n":%d}`, i))
	}
	return out
}

func TestAppendedIsReplayed(t *testing.T) {
	dir, _ := filled(t, 3)
	s, seen, err := open(t, dir)
	require.NoError(t, err)
	assert.Equal(t, texts(3), seen)
	require.NoError(t, s.Append(note{N: 3}))
	require.NoError(t, s.Close())
	require.ErrorIs(t, s.Append(note{}), os.ErrClosed)
	s, seen, err = open(t, dir)
	require.NoError(t, err)
	assert.Equal(t, texts(4), seen)
	require.NoError(t, s.Close())
}

// TestTornTail cuts the file at every byte: what was whole is there, and new records
// are readable behind it.
func TestTornTail(t *testing.T) {
	_, path := filled(t, 3)
	whole, err := os.ReadFile(path)
	require.NoError(t, err)
	for cut := range whole {
		dir := t.TempDir()
		require.NoError(t, os.WriteFile(filepath.Join(dir, fileName), whole[:cut], 0o600))
		s, seen, err := open(t, dir)
		require.NoError(t, err, "cut at %d", cut)
		assert.Equal(t, texts(3)[:len(seen)], append([]string{}, seen...))
		require.NoError(t, s.Append(note{N: 9}))
		require.NoError(t, s.Close())
		s, again, err := open(t, dir)
		require.NoError(t, err, "cut at %d", cut)
		assert.Len(t, again, len(seen)+1)
		require.NoError(t, s.Close())
	}
}

// A last record that is whole, but for a byte that has flipped, is cut off like a torn one
// and put aside.
func TestDamagedEnd(t *testing.T) {
	_, path := filled(t, 3)
	whole, err := os.ReadFile(path)
	require.NoError(t, err)
	last := len(whole) - headerSize - len(texts(3)[2])
	for i := last; i < len(whole); i++ {
		dir := t.TempDir()
		bad := append([]byte(nil), whole...)
		bad[i] ^= 0x41
		file := filepath.Join(dir, fileName)
		require.NoError(t, os.WriteFile(file, bad, 0o600))
		sum, err := Check(dir, nil)
		require.NoError(t, err)
		assert.Nil(t, sum.Damage)
		assert.NotEmpty(t, sum.Tail, "byte %d", i)
		assert.Equal(t, uint64(2), sum.Records)
		_, err = CutAt(dir, int64(last))
		require.ErrorContains(t, err, "is not damaged")
		for _, kept := range []string{file + ".cut", file + ".cut.2", file + ".cut.3"} {
			s, seen, err := open(t, dir)
			require.NoError(t, err)
			assert.Equal(t, texts(2), seen)
			require.NoError(t, s.Close())
			tail, err := os.ReadFile(kept)
			require.NoError(t, err)
			assert.Equal(t, bad[last:], tail, "byte %d", i)
			require.NoError(t, os.WriteFile(file, bad, 0o600)) // and again
		}
	}
}

// A log is cut where it is damaged and nowhere else, and what was put aside stays.
func TestCutAt(t *testing.T) {
	dir, path := filled(t, 3)
	whole, err := os.ReadFile(path)
	require.NoError(t, err)
	_, err = CutAt(dir, int64(len(magic)))
	require.ErrorContains(t, err, "is not damaged")
	bad := append([]byte(nil), whole...)
	bad[len(magic)+headerSize] ^= 1
	for _, name := range []string{path + ".damaged", path + ".damaged.2", path + ".damaged.3"} {
		require.NoError(t, os.WriteFile(path, bad, 0o600))
		_, err = CutAt(dir, int64(len(magic))+1)
		require.ErrorIs(t, err, ErrDamaged)
		require.ErrorContains(t, err, "nothing was cut at byte 15")
		after, err := os.ReadFile(path)
		require.NoError(t, err)
		require.Equal(t, bad, after)
		aside, err := CutAt(dir, int64(len(magic)))
		require.NoError(t, err)
		assert.Equal(t, name, aside)
	}
}

// TestDamagedMiddle flips every byte of the second of three records.
func TestDamagedMiddle(t *testing.T) {
	_, path := filled(t, 3)
	whole, err := os.ReadFile(path)
	require.NoError(t, err)
	size := int64(headerSize + len(texts(1)[0]))
	second := int64(len(magic)) + size
	for i := second; i < second+size; i++ {
		dir := t.TempDir()
		bad := append([]byte(nil), whole...)
		bad[i] ^= 0x41
		require.NoError(t, os.WriteFile(filepath.Join(dir, fileName), bad, 0o600))
		_, _, err := open(t, dir)
		var d *Damage
		require.ErrorAs(t, err, &d, "byte %d", i)
		assert.Equal(t, second, d.Offset)
		assert.Equal(t, uint64(1), d.Records)
		after, err := os.ReadFile(filepath.Join(dir, fileName))
		require.NoError(t, err)
		assert.Equal(t, bad, after, "a refused log is left alone")

		sum, err := Check(dir, nil)
		require.NoError(t, err)
		require.NotNil(t, sum.Damage)
		aside, err := CutAt(dir, sum.Damage.Offset)
		require.NoError(t, err)
		assert.Equal(t, path+".damaged", strings.Replace(aside, dir, filepath.Dir(path), 1))
		s, seen, err := open(t, dir)
		require.NoError(t, err)
		assert.Equal(t, texts(1), seen)
		require.NoError(t, s.Close())
		kept, err := os.ReadFile(filepath.Join(dir, fileName+".damaged"))
		require.NoError(t, err)
		assert.Equal(t, bad, kept)
	}
}

// TestRecordsInTheWrongPlace takes whole records out, doubles and swaps them: each is
// sound by itself, and the log is not.
func TestRecordsInTheWrongPlace(t *testing.T) {
	_, path := filled(t, 4)
	whole, err := os.ReadFile(path)
	require.NoError(t, err)
	size := headerSize + len(texts(1)[0])
	for name, row := range map[string]struct {
		order []int // of the records, counted from 1
		at    int   // the first in a wrong place, counted from 0
		words string
	}{
		"the first is gone":     {[]int{2, 3, 4}, 0, "record 2 stands where record 1 belongs"},
		"one is gone":           {[]int{1, 3, 4}, 1, "record 3 stands where record 2 belongs"},
		"the last but one":      {[]int{1, 2, 4}, 2, "record 4 stands where record 3 belongs"},
		"one stands twice":      {[]int{1, 2, 2, 3, 4}, 2, "record 2 stands where record 3 belongs"},
		"the last stands twice": {[]int{1, 2, 3, 4, 4}, 4, "record 4 stands where record 5 belongs"},
		"two are swapped":       {[]int{1, 3, 2, 4}, 1, "record 3 stands where record 2 belongs"},
	} {
		t.Run(name, func(t *testing.T) {
			log := []byte(magic)
			for _, n := range row.order {
				log = append(log, whole[len(magic)+(n-1)*size:len(magic)+n*size]...)
			}
			dir := t.TempDir()
			require.NoError(t, os.WriteFile(filepath.Join(dir, fileName), log, 0o600))
			_, seen, err := open(t, dir)
			var d *Damage
			require.ErrorAs(t, err, &d)
			assert.ErrorContains(t, err, row.words)
			assert.Len(t, seen, row.at)
			assert.Equal(t, int64(len(magic)+row.at*size), d.Offset)
			_, err = CutAt(dir, d.Offset)
			require.NoError(t, err)
			s, seen, err := open(t, dir)
			require.NoError(t, err)
			assert.Len(t, seen, row.at)
			require.NoError(t, s.Close())
		})
	}
}

func TestRefusals(t *testing.T) {
	dir, path := filled(t, 1)
	s, _, err := open(t, dir)
	require.NoError(t, err)
	_, _, err = open(t, dir)
	require.ErrorIs(t, err, ErrLocked)
	require.NoError(t, s.Close())

	require.NoError(t, os.WriteFile(path, []byte("something else entirely\n"), 0o600))
	_, _, err = open(t, dir)
	require.ErrorIs(t, err, ErrVersion)

	dir, _ = filled(t, 2)
	_, err = Open(dir, Always, quiet(), func([]byte) error { return errors.New("no such tenant") })
	require.ErrorContains(t, err, "record 1 at byte 14: no such tenant")

	file := filepath.Join(t.TempDir(), "file")
	require.NoError(t, os.WriteFile(file, nil, 0o600))
	_, _, err = open(t, file)
	require.Error(t, err)
}

// TestFailedWriteIsUndone uses a file that is open for reading only, the next best
// thing to a full disk: the error is told and the log stays sound.
func TestFailedWriteIsUndone(t *testing.T) {
	dir, path := filled(t, 2)
	s, _, err := open(t, dir)
	require.NoError(t, err)
	writable := s.file
	s.file, err = os.Open(path)
	require.NoError(t, err)
	require.Error(t, s.Append(note{N: 2}))
	require.NoError(t, s.file.Close())
	s.file = writable
	require.NoError(t, s.Close())
	_, seen, err := open(t, dir)
	require.NoError(t, err)
	assert.Equal(t, texts(2), seen)
}

func TestReplaceIsAllOrNothing(t *testing.T) {
	dir, path := filled(t, 5)
	s, _, err := open(t, dir)
	require.NoError(t, err)
	before, err := os.ReadFile(path)
	require.NoError(t, err)
	require.Error(t, s.Replace(func(yield func(any) error) error {
		require.NoError(t, yield(note{N: 1}))
		return errors.New("halfway")
	}))
	after, err := os.ReadFile(path)
	require.NoError(t, err)
	assert.Equal(t, before, after)
	require.NoError(t, s.Replace(func(yield func(any) error) error { return yield(note{N: 0}) }))
	require.NoError(t, s.Append(note{N: 1}))
	require.NoError(t, s.Close())
	s, seen, err := open(t, dir)
	require.NoError(t, err)
	assert.Equal(t, texts(2), seen)
	require.NoError(t, s.Close())
	files, err := os.ReadDir(dir)
	require.NoError(t, err)
	assert.Len(t, files, 2, "nothing is left beside the log and the lock")
}

func TestManyAppendAtOnce(t *testing.T) {
	dir, _ := filled(t, 0)
	for _, policy := range []Policy{Interval, Never} {
		s, err := Open(dir, policy, quiet(), func([]byte) error { return nil })
		require.NoError(t, err)
		var wg sync.WaitGroup
		for range 8 {
			wg.Go(func() {
				for i := range 50 {
					assert.NoError(t, s.Append(note{N: i, Text: strings.Repeat("x", i)}))
				}
			})
		}
		wg.Wait()
		require.NoError(t, s.Close())
	}
	s, seen, err := open(t, dir)
	require.NoError(t, err)
	assert.Len(t, seen, 800)
	require.NoError(t, s.Close())
}

func FuzzOpen(f *testing.F) {
	f.Add([]byte(magic))
	f.Add([]byte(magic + "\x00\x00\x00\x02\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x01{}"))
	f.Add([]byte("sandbox"))
	f.Fuzz(func(t *testing.T, data []byte) {
		dir := t.TempDir()
		require.NoError(t, os.WriteFile(filepath.Join(dir, fileName), data, 0o600))
		s, err := Open(dir, Never, quiet(), func([]byte) error { return nil })
		if err != nil {
			return
		}
		require.NoError(t, s.Append(note{N: 1}))
		require.NoError(t, s.Close())
		n := 0
		s, err = Open(dir, Never, quiet(), func([]byte) error { n++; return nil })
		require.NoError(t, err)
		assert.Positive(t, n)
		require.NoError(t, s.Close())
	})
}

// A change beyond what a record holds is refused before it is written.
func TestRecordIsBounded(t *testing.T) {
	assert.Equal(t, 256<<20, MaxRecord)
	_, err := frame(make([]byte, MaxRecord+1))
	require.ErrorContains(t, err, "more than a record holds")
	_, err = frame(make([]byte, 10))
	require.NoError(t, err)
}
