package main

import (
	"bytes"
	"context"
	"io"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// trigger calls a function at the first thing that is written through it.
type trigger struct {
	io.Writer
	fire func()
}

func (t *trigger) Write(p []byte) (int, error) {
	t.fire()
	return t.Writer.Write(p)
}

// TestVerifyStopped interrupts a run before anything was sent, and when it has just begun.
func TestVerifyStopped(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	var stdout, stderr bytes.Buffer
	assert.Equal(t, exitFailed, run(ctx, []string{"verify"}, &stdout, &stderr, nil))
	assert.Empty(t, stdout.String())
	assert.Equal(t, "sandbox: the run was stopped\n", stderr.String())

	ctx, cancel = context.WithCancel(t.Context())
	defer cancel()
	stderr.Reset()
	junit := filepath.Join(t.TempDir(), "junit.xml")
	code := run(ctx, []string{"verify", "--report-junit", junit}, &trigger{&stdout, cancel}, &stderr, nil)
	assert.Equal(t, exitFailed, code)
	assert.Regexp(t, `(?m)^stopped  fakes: [0-9]+ scenarios \([0-9]+ skipped\), 0 requests`, stdout.String())
	assert.Equal(t, "sandbox: the run was stopped\n", stderr.String())
	report, err := os.ReadFile(junit)
	require.NoError(t, err)
	assert.NotRegexp(t, "<(failure|error)", string(report))
	assert.Contains(t, string(report), `<skipped message="the run was stopped">`)
}
