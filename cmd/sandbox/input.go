package main

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
)

// folder refuses an argument that is not the folder which the command by has written.
func folder(name, by string) error {
	info, err := os.Stat(name)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return misused("there is no folder %q; %s writes the one that is wanted", name, by)
	case err != nil:
		return misused("%w", err)
	case !info.IsDir():
		return misused("%q is a file; what is wanted is the folder that %s has written", name, by)
	}
	return nil
}

// readInput reads as much of standard input as limit allows. Nothing wakes a read that
// waits for a paste, so that it is left behind when the program is told to end.
func readInput(ctx context.Context, in io.Reader, limit int64) ([]byte, error) {
	type content struct {
		data []byte
		err  error
	}
	read := make(chan content, 1)
	go func() {
		data, err := io.ReadAll(io.LimitReader(in, limit))
		read <- content{data, err}
	}()
	select {
	case c := <-read:
		return c.data, c.err
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
}
