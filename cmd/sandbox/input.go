package main

import (
	"context"
	"io"
)

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
