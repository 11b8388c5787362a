package main

import (
	"errors"
	"io"
	"sync"
)

// output is standard output. It remembers the first error, so that no command has to look
// after each line that it prints. A reader that went away is no error: SIGPIPE ends us then,
// as it ends others, because Go lets it for standard output.
type output struct {
	to   io.Writer
	lock sync.Mutex
	err  error
}

func (o *output) Write(data []byte) (int, error) {
	n, err := o.to.Write(data)
	if err != nil {
		o.lock.Lock()
		defer o.lock.Unlock()
		if o.err == nil {
			o.err = err
		}
	}
	return n, err
}

// ending is the error that a command ends with which returned err. Lost output is told
// unless the command has something to say for itself.
func (o *output) ending(err error) error {
	o.lock.Lock()
	defer o.lock.Unlock()
	var status exitStatus
	if o.err != nil && (err == nil || errors.As(err, &status) || errors.Is(err, o.err)) {
		return failed("what was printed is lost: %w", o.err)
	}
	return err
}

// unwrap is what stands behind standard output, for those who must know whether it is a
// terminal, or hand it on.
func unwrap(w io.Writer) io.Writer {
	if o, ok := w.(*output); ok {
		return o.to
	}
	return w
}
