package assets

import (
	"crypto/sha256"
	"image"
)

// Landscape is what the file of that name shows, for tests that decode it.
func Landscape(name string, width, height int) image.Image {
	return landscape(file{sum: sha256.Sum256([]byte(name))}, width, height)
}
