package server_test

import (
	"bytes"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/net/http2"
	"golang.org/x/net/http2/hpack"
)

// headerBlock is the header of a GET with some fields of a thousand bytes.
func headerBlock(t *testing.T, fields int) []byte {
	t.Helper()
	var block bytes.Buffer
	enc := hpack.NewEncoder(&block)
	enc.SetMaxDynamicTableSize(0) // else the second of them is a byte
	list := []hpack.HeaderField{{Name: ":method", Value: "GET"}, {Name: ":scheme", Value: "http"}, {Name: ":authority", Value: "127.0.0.1"}, {Name: ":path", Value: "/healthz"}}
	for range fields {
		list = append(list, hpack.HeaderField{Name: "x", Value: strings.Repeat("b", 1000)})
	}
	for _, field := range list {
		require.NoError(t, enc.WriteField(field))
	}
	return block.Bytes()
}

// askWith sends a header in as many frames as it takes, and returns the status of the answer.
func askWith(t *testing.T, f *http2.Framer, block []byte) (status string) {
	t.Helper()
	const frame = 16 << 10
	first := block[:min(frame, len(block))]
	require.NoError(t, f.WriteHeaders(http2.HeadersFrameParam{StreamID: 1, BlockFragment: first, EndStream: true, EndHeaders: len(first) == len(block)}))
	for at := frame; at < len(block); at += frame {
		end := min(at+frame, len(block))
		require.NoError(t, f.WriteContinuation(1, end == len(block), block[at:end]))
	}
	dec := hpack.NewDecoder(4096, func(h hpack.HeaderField) {
		if h.Name == ":status" {
			status = h.Value
		}
	})
	for status == "" {
		got, err := f.ReadFrame()
		require.NoError(t, err)
		if h, ok := got.(*http2.HeadersFrame); ok {
			_, err = dec.Write(h.HeaderBlockFragment())
			require.NoError(t, err)
		}
	}
	return status
}

// The bound on a header is the same over HTTP/2, which counts 32 bytes for each field
// besides its text (RFC 9113, section 6.5.2).
func TestHeadersOverHTTP2(t *testing.T) {
	t.Parallel()
	w := startWhole(t, wholeOptions{})
	const most, each = 256 << 10, 1000 + len("x") + 32
	f, settings := w.framer()
	assert.InDelta(t, most, settings[http2.SettingMaxHeaderListSize], 1000, "what the client is told")
	assert.Equal(t, "200", askWith(t, f, headerBlock(t, most/each-1)))
	f, _ = w.framer()
	assert.Equal(t, "431", askWith(t, f, headerBlock(t, most/each+1)))
	w.healthy()
}
