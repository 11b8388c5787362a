package assets

import (
	"bytes"
	"image"
	"image/color"
	"image/gif"
	"image/jpeg"
	"image/png"
	"math"
)

// Covers are 16:9 as the vendors' are, icons (png) square.
const (
	coverWidth, coverHeight = 320, 180
	iconSide                = 192
)

func makePNG(f file) ([]byte, error) {
	var b bytes.Buffer
	err := png.Encode(&b, landscape(f, iconSide, iconSide))
	return b.Bytes(), err
}

func makeJPEG(f file) ([]byte, error) {
	var b bytes.Buffer
	err := jpeg.Encode(&b, landscape(f, coverWidth, coverHeight), &jpeg.Options{Quality: 85})
	return b.Bytes(), err
}

func makeGIF(f file) ([]byte, error) {
	var b bytes.Buffer
	err := gif.Encode(&b, landscape(f, coverWidth, coverHeight), nil)
	return b.Bytes(), err
}

// landscape paints a sun over three ranges of hills in colours of the file's own.
// Every point is one shade between 0 (the sun) and 1 (the nearest hill), looked up in
// a ramp of 256 colours: edges are softened by mixing shades, and one picture serves
// png, gif and video alike.
func landscape(f file, width, height int) *image.Paletted {
	r := f.random()
	picture := image.NewPaletted(image.Rect(0, 0, width, height), ramp(r.Float64()))
	w, h := float64(width), float64(height)
	sunX, sunY, sunR := w*(0.2+0.6*r.Float64()), h*(0.2+0.25*r.Float64()), h*(0.08+0.07*r.Float64())

	shades := [3]float64{0.55, 0.75, 1}
	var hills [3][]float64 // the height of each range above every column, in pixels from the top
	for i := range hills {
		hills[i] = make([]float64, width)
		base, swell := h*(0.55+0.17*float64(i)), h*(0.10-0.02*float64(i))
		length, phase, slope := 0.6+0.9*r.Float64(), 2*math.Pi*r.Float64(), 2*math.Pi*r.Float64()
		for x := range hills[i] {
			t := float64(x) / w * 2 * math.Pi
			hills[i][x] = base + swell*(math.Sin(t*length+phase)+0.35*math.Sin(2.7*t*length+slope))
		}
	}

	for y := range height {
		for x := range width {
			px, py := float64(x)+0.5, float64(y)+0.5
			shade := 0.42 - 0.3*py/h // the sky, lighter towards the horizon
			shade = mix(shade, 0, sunR-math.Hypot(px-sunX, py-sunY)+0.5)
			for i, hill := range hills {
				shade = mix(shade, shades[i], py-hill[x]+0.5)
			}
			picture.Pix[y*picture.Stride+x] = uint8(math.Round(255 * shade))
		}
	}
	return picture
}

// mix lays shade b over a; share below 0 is none of it, above 1 nothing else.
func mix(a, b, share float64) float64 { return a + (b-a)*min(max(share, 0), 1) }

// ramp returns 256 colours from a warm white to a dark tone; hue (0 to 1) is where on
// the colour wheel it begins.
func ramp(hue float64) color.Palette {
	stops := [...]struct{ at, turn, saturation, lightness float64 }{
		{0, 0, 0.9, 0.96}, {0.3, 0, 0.65, 0.80}, {0.6, 0.08, 0.45, 0.55}, {1, 0.16, 0.5, 0.22},
	}
	colours := make(color.Palette, 256)
	next := 1
	for i := range colours {
		at := float64(i) / 255
		for at > stops[next].at {
			next++
		}
		from, to := stops[next-1], stops[next]
		share := (at - from.at) / (to.at - from.at)
		colours[i] = hsl(hue+mix(from.turn, to.turn, share), mix(from.saturation, to.saturation, share), mix(from.lightness, to.lightness, share))
	}
	return colours
}

// hsl converts hue (1 is once around the wheel), saturation and lightness to RGB.
func hsl(hue, saturation, lightness float64) color.RGBA {
	channel := func(n float64) uint8 {
		k := math.Mod(n+12*hue, 12)
		v := lightness - saturation*min(lightness, 1-lightness)*max(-1, min(k-3, 9-k, 1))
		return uint8(math.Round(255 * v))
	}
	return color.RGBA{R: channel(0), G: channel(8), B: channel(4), A: 255}
}
