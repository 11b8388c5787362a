package main

import (
	"bytes"
	"context"
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// full is a disk on which nothing has room.
type full struct{}

var errFull = errors.New("no space left")

func (full) Write([]byte) (int, error) { return 0, errFull }

// Whatever a command prints, and whether or not it looks after it, lost output is told
// once and is no wrong use.
func TestLostOutput(t *testing.T) {
	for _, line := range []string{
		"", "--help", "help env", "env --help", "version", "version --json", "specs", "specs polyv", "serve --listen 127.0.0.1:0",
		"sign qqtube funds", "sign qqtube funds --json", "sign qqtube funds --curl", "completion bash",
		"explain http://qulive.localhost/demo/getSts", "explain --json http://qulive.localhost/demo/getSts",
		"explain http://qulive.localhost/vod/getSts?token=abc", // refused, which is 1 as well
	} {
		t.Run(line, func(t *testing.T) {
			var stderr bytes.Buffer
			code := run(t.Context(), strings.Fields(line), full{}, &stderr, nil)
			assert.Equal(t, exitFailed, code)
			assert.Equal(t, "sandbox: what was printed is lost: no space left\n", stderr.String())
		})
	}
}

// What a command has to say for itself comes first.
func TestLostOutputOfAFailure(t *testing.T) {
	out := &output{to: full{}}
	assert.NoError(t, out.ending(nil))
	_, err := out.Write([]byte("x"))
	require.ErrorIs(t, err, errFull)
	other := misused("something else")
	assert.Equal(t, other, out.ending(other))
}

// A command that waits ends at once and without a word when it is told to.
func TestInterrupted(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	for _, line := range []string{"env --url http://127.0.0.1:9", "healthcheck --url http://127.0.0.1:9 --wait 1m"} {
		var stdout, stderr bytes.Buffer
		assert.Equal(t, exitInterrupted, run(ctx, strings.Fields(line), &stdout, &stderr, nil), line)
		assert.Empty(t, stdout.String(), line)
		assert.Empty(t, stderr.String(), line)
	}
}

func TestReadInput(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	data, err := readInput(ctx, strings.NewReader("a paste"), 3)
	require.NoError(t, err)
	assert.Equal(t, "a p", string(data))

	pasting, writer := io.Pipe()
	defer writer.Close()
	cancel()
	_, err = readInput(ctx, pasting, 3)
	assert.ErrorIs(t, err, context.Canceled)
}
