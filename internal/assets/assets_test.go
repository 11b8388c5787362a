package assets_test

import (
	"archive/zip"
	"bytes"
	"encoding/csv"
	"encoding/json"
	"image"
	_ "image/gif"
	_ "image/jpeg"
	_ "image/png"
	"io"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/mediasandbox/sandbox/internal/assets"
)

// extensions lists all that are made, with their content types.
var extensions = map[string]string{
	"png": "image/png", "jpg": "image/jpeg", "jpeg": "image/jpeg", "gif": "image/gif",
	"mp4": "video/mp4", "aac": "audio/aac", "mp3": "audio/mpeg",
	"ttf": "font/ttf", "zip": "application/zip", "mat": "application/zip",
	"csv": "text/csv; charset=utf-8", "json": "application/json", "txt": "text/plain; charset=utf-8",
}

// made returns the file of that name, which must be one.
func made(t *testing.T, name string) []byte {
	t.Helper()
	_, body, ok := assets.Make(name)
	require.True(t, ok, name)
	return body
}

func TestMake(t *testing.T) {
	for ext, contentType := range extensions {
		t.Run(ext, func(t *testing.T) {
			got, body, ok := assets.Make("covers/7f3a." + ext)
			require.True(t, ok)
			assert.Equal(t, contentType, got)
			assert.NotEmpty(t, body)
			assert.LessOrEqual(t, len(body), 64<<10)
			assert.Equal(t, body, made(t, "covers/7f3a."+ext), "the same name gives the same bytes")

			upper, _, ok := assets.Make("COVER." + strings.ToUpper(ext))
			assert.True(t, ok)
			assert.Equal(t, contentType, upper)
			if ext != "aac" { // silence without a title
				assert.NotEqual(t, body, made(t, "covers/7f3b."+ext), "another name gives other bytes")
			}
		})
	}
}

func TestMakeNothing(t *testing.T) {
	for _, name := range []string{"", ".", "/", "cover", "png", "cover.", "cover.exe", "cover.png/", "cover.png ", "a.png/b", "clip.mp4.part"} {
		contentType, body, ok := assets.Make(name)
		assert.False(t, ok, "%q", name)
		assert.Empty(t, contentType, "%q", name)
		assert.Empty(t, body, "%q", name)
	}
}

// Names come from URLs: whatever stands in them, files stay valid and small.
func TestOddNames(t *testing.T) {
	for _, stem := range []string{"", "..", "../../etc/passwd", strings.Repeat("长", 5000), "a\x00b\nc", "\xff\xfe", "=1+1", `"quoted"`, "<b>"} {
		for ext := range extensions {
			name := stem + "." + ext
			_, body, ok := assets.Make(name)
			require.True(t, ok, "%q", name)
			assert.LessOrEqual(t, len(body), 64<<10, "%q", name)
		}
		checkFont(t, made(t, stem+".ttf"))
		checkMP3(t, made(t, stem+".mp3"))
		assert.True(t, utf8.Valid(made(t, stem+".txt")), "%q", stem)
		assert.True(t, json.Valid(made(t, stem+".json")), "%q", stem)
	}
}

func TestContentType(t *testing.T) {
	for ext, want := range extensions {
		assert.Equal(t, want, assets.ContentType(ext))
		assert.Equal(t, want, assets.ContentType("."+strings.ToUpper(ext)))
	}
	for _, ext := range []string{"", ".", "exe", "..png", "png "} {
		assert.Empty(t, assets.ContentType(ext), "%q", ext)
	}
}

func TestImages(t *testing.T) {
	for ext, want := range map[string]struct {
		format string
		size   image.Point
	}{
		"png": {"png", image.Pt(192, 192)}, "jpg": {"jpeg", image.Pt(320, 180)},
		"jpeg": {"jpeg", image.Pt(320, 180)}, "gif": {"gif", image.Pt(320, 180)},
	} {
		t.Run(ext, func(t *testing.T) {
			picture, format, err := image.Decode(bytes.NewReader(made(t, "cover."+ext)))
			require.NoError(t, err)
			assert.Equal(t, want.format, format)
			assert.Equal(t, image.Rectangle{Max: want.size}, picture.Bounds())

			shades := map[uint32]bool{}
			for x := range want.size.X {
				for y := range want.size.Y {
					r, g, b, a := picture.At(x, y).RGBA()
					require.Equal(t, uint32(0xFFFF), a, "transparent at %d,%d", x, y)
					shades[r>>8<<16|g>>8<<8|b>>8] = true
				}
			}
			assert.Greater(t, len(shades), 20, "a picture, not a plain area")
		})
	}
}

func TestPackages(t *testing.T) {
	for _, name := range []string{"sticker.zip", "material/9862890C.mat"} {
		t.Run(name, func(t *testing.T) {
			body := made(t, name)
			archive, err := zip.NewReader(bytes.NewReader(body), int64(len(body)))
			require.NoError(t, err)
			require.Len(t, archive.File, 2)

			content := map[string][]byte{}
			for _, f := range archive.File {
				r, err := f.Open()
				require.NoError(t, err)
				content[f.Name], err = io.ReadAll(r) // checks the CRC, too
				require.NoError(t, err)
			}
			title := strings.TrimSuffix(strings.TrimSuffix(strings.TrimPrefix(name, "material/"), ".mat"), ".zip")
			assert.Contains(t, string(content["README.txt"]), title)
			_, format, err := image.Decode(bytes.NewReader(content["icon.png"]))
			require.NoError(t, err)
			assert.Equal(t, "png", format)
		})
	}
}

func TestTables(t *testing.T) {
	rows, err := csv.NewReader(bytes.NewReader(made(t, "=cmd().csv"))).ReadAll()
	require.NoError(t, err)
	require.Len(t, rows, 5)
	assert.Equal(t, []string{"id", "value"}, rows[0])
	for _, row := range rows {
		for _, cell := range row {
			assert.NotContains(t, "=+-@", cell[:1], "a spreadsheet would take it for a formula")
		}
	}

	var object map[string]string
	require.NoError(t, json.Unmarshal(made(t, "logs/exam.json"), &object))
	assert.Equal(t, "exam", object["title"])
	assert.Len(t, object["sha256"], 64)

	assert.True(t, strings.HasPrefix(string(made(t, "logs/exam.txt")), "exam\n"))
}

func BenchmarkMake(b *testing.B) {
	for ext := range extensions {
		b.Run(ext, func(b *testing.B) {
			for b.Loop() {
				assets.Make("cover." + ext)
			}
		})
	}
}
