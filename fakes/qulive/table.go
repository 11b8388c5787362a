package qulive

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"sort"
	"strconv"

	"github.com/tidwall/btree"
)

// Table is a set of videos by ascending id. Finding a page of it costs what the page
// holds, however many rows there are. Its JSON is an array. The zero value is empty.
type Table struct{ rows btree.Map[int64, *Video] }

// Len returns the number of rows.
func (t *Table) Len() int { return t.rows.Len() }

// Get returns the row of that id, or nil.
func (t *Table) Get(id int64) *Video {
	v, _ := t.rows.Get(id)
	return v
}

// Scan calls f with each row by ascending id until it returns false.
func (t *Table) Scan(f func(v *Video) bool) {
	t.rows.Scan(func(_ int64, v *Video) bool { return f(v) })
}

func (t *Table) put(v *Video)    { t.rows.Set(v.ID, v) }
func (t *Table) remove(id int64) { t.rows.Delete(id) }

// page returns rows newest first: page is 1-based, rows with an id of below or more
// are passed over. A page or size below 1 is empty (CONTRACTS section 4, lists).
func (t *Table) page(page, size, below int64) []*Video {
	if page < 1 || size < 1 {
		return nil
	}
	n := int64(t.rows.Len())
	if below != math.MaxInt64 {
		n = int64(sort.Search(int(n), func(i int) bool {
			id, _, _ := t.rows.GetAt(i)
			return id >= below
		}))
	}
	if page-1 > n/size {
		return nil // also keeps the product below from overflowing
	}
	first := n - 1 - (page-1)*size
	if first < 0 {
		return nil
	}
	id, _, _ := t.rows.GetAt(int(first))
	out := make([]*Video, 0, min(size, first+1))
	t.rows.Descend(id, func(_ int64, v *Video) bool {
		out = append(out, v)
		return int64(len(out)) < size
	})
	return out
}

// MarshalJSON writes the rows as an array.
func (t *Table) MarshalJSON() ([]byte, error) {
	rows := make([]*Video, 0, t.rows.Len())
	t.rows.Scan(func(_ int64, v *Video) bool {
		rows = append(rows, v)
		return true
	})
	return json.Marshal(rows)
}

// UnmarshalJSON reads what MarshalJSON wrote; it refuses rows whose ids do not ascend
// from 1.
func (t *Table) UnmarshalJSON(data []byte) error {
	var rows []*Video
	dec := json.NewDecoder(bytes.NewReader(data))
	dec.DisallowUnknownFields() // as the import does that calls this
	if err := dec.Decode(&rows); err != nil {
		return err
	}
	t.rows = btree.Map[int64, *Video]{}
	last := int64(0)
	for i, v := range rows {
		if v == nil || v.ID <= last {
			return fmt.Errorf("row %d: ids ascend from 1", i)
		}
		last = v.ID
		t.put(v)
	}
	return nil
}

func decimal(n int64) string { return strconv.FormatInt(n, 10) }
