// Package assets makes the bytes behind the URLs that fakes return: covers, icons,
// clips, songs, fonts, packages and tables. A file is a pure function of its name:
// nothing is stored, the same name gives the same bytes in every run, and each is
// small and valid, so that a client which downloads and decodes it goes on.
//
// It is not a media library: every clip is a still picture of a few seconds, every
// song is silent, and no file has the duration or size that a vendor's listing
// states for it.
package assets

import (
	"crypto/sha256"
	"encoding/binary"
	"math/rand/v2"
	"path"
	"strings"
	"unicode"
)

// seconds is how long clips and songs last.
const seconds = 3

// maker makes the bytes of one file. An error is one of an encoder of the standard
// library, which the inputs made here do not provoke.
type maker func(f file) ([]byte, error)

// file is what a maker knows of the file it makes.
type file struct {
	title string   // the name without folder and extension, fit to be shown
	sum   [32]byte // of the whole name: what varies from file to file is drawn from it
}

// Make returns the file of that name: a content type and a body of at most 64 KB,
// both determined by the name alone. The extension of the name, in any case, says
// what is made; ok is false when it is none of those that ContentType knows.
func Make(name string) (contentType string, body []byte, ok bool) {
	contentType, mk := kind(path.Ext(name))
	if mk == nil {
		return "", nil, false
	}
	body, err := mk(file{title: title(name), sum: sha256.Sum256([]byte(name))})
	if err != nil {
		return "", nil, false
	}
	return contentType, body, true
}

// ContentType returns the content type of files with that extension, with or
// without its dot and in any case; "" when none are made.
func ContentType(ext string) string {
	contentType, _ := kind(ext)
	return contentType
}

func kind(ext string) (contentType string, mk maker) {
	switch strings.ToLower(strings.TrimPrefix(ext, ".")) {
	case "png":
		return "image/png", makePNG
	case "jpg", "jpeg":
		return "image/jpeg", makeJPEG
	case "gif":
		return "image/gif", makeGIF
	case "mp4":
		return "video/mp4", makeMP4
	case "aac":
		return "audio/aac", makeAAC
	case "mp3":
		return "audio/mpeg", makeMP3
	case "ttf":
		return "font/ttf", makeTTF
	case "zip", "mat": // mat: Qulive's material package
		return "application/zip", makeZIP
	case "csv":
		return "text/csv; charset=utf-8", makeCSV
	case "json":
		return "application/json", makeJSON
	case "txt":
		return "text/plain; charset=utf-8", makeTXT
	default:
		return "", nil
	}
}

// random returns a source that gives the same numbers for the same file.
func (f file) random() *rand.Rand {
	return rand.New(rand.NewPCG(binary.BigEndian.Uint64(f.sum[:]), binary.BigEndian.Uint64(f.sum[8:])))
}

// title returns what to show for a name: without folder and extension, at most 64
// characters, none of them a control character or broken UTF-8.
func title(name string) string {
	base := path.Base(name)
	runes := []rune(strings.ToValidUTF8(strings.TrimSuffix(base, path.Ext(base)), ""))
	for i, r := range runes {
		if unicode.IsControl(r) {
			runes[i] = ' '
		}
	}
	return string(runes[:min(len(runes), 64)])
}
