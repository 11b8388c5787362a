package assets

import (
	"archive/zip"
	"bytes"
	"encoding/csv"
	"encoding/hex"
	"encoding/json"
	"strconv"
	"time"
)

const note = "This file stands in for one at the vendor. Its content was made from its name."

// makeZIP returns a package with a readme and an icon.
func makeZIP(f file) ([]byte, error) {
	readme, err := makeTXT(f)
	if err != nil {
		return nil, err
	}
	icon, err := makePNG(f)
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for _, entry := range [...]struct {
		name string
		data []byte
	}{{"README.txt", readme}, {"icon.png", icon}} {
		// A fixed time: the bytes depend on the name alone.
		to, err := w.CreateHeader(&zip.FileHeader{Name: entry.name, Method: zip.Deflate, Modified: time.Date(2018, 1, 1, 0, 0, 0, 0, time.UTC)})
		if err != nil {
			return nil, err
		}
		if _, err := to.Write(entry.data); err != nil {
			return nil, err
		}
	}
	err = w.Close()
	return b.Bytes(), err
}

// makeCSV returns a small table. The name is not in it: opened in a spreadsheet, a name
// could be taken for a formula.
func makeCSV(f file) ([]byte, error) {
	rows := [][]string{{"id", "value"}}
	for i := range 4 {
		rows = append(rows, []string{strconv.Itoa(i + 1), "v" + hex.EncodeToString(f.sum[4*i:4*i+4])})
	}
	var b bytes.Buffer
	w := csv.NewWriter(&b)
	err := w.WriteAll(rows)
	return b.Bytes(), err
}

func makeJSON(f file) ([]byte, error) {
	return json.Marshal(struct {
		Title  string `json:"title"`
		SHA256 string `json:"sha256"` // of the name
		Note   string `json:"note"`
	}{f.title, hex.EncodeToString(f.sum[:]), note})
}

func makeTXT(f file) ([]byte, error) { return []byte(f.title + "\n" + note + "\n"), nil }
