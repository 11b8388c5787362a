package main

import (
	"context"
	"errors"
	"net"
	"syscall"

	"github.com/mediasandbox/sandbox/internal/config"
)

// listeners are the sockets of a sandbox; admin is nil when it shares the other.
type listeners struct{ api, admin net.Listener }

func listen(ctx context.Context, values config.Values) (on listeners, err error) {
	if on.api, err = listenOn(ctx, values, "listen"); err != nil {
		return on, err
	}
	address := values.String("admin-listen")
	if address == "" {
		return on, nil
	}
	if on.admin, err = listenOn(ctx, values, "admin-listen"); err != nil {
		if sameAs(on.api, address) {
			err = misused("--listen and --admin-listen are the same port, %s; without --admin-listen the admin API is there, too", address)
		}
		on.close()
	}
	return on, err
}

// listenOn opens the port that a setting names.
func listenOn(ctx context.Context, values config.Values, name string) (net.Listener, error) {
	var lc net.ListenConfig
	l, err := lc.Listen(ctx, "tcp", values.String(name))
	switch {
	case errors.Is(err, syscall.EADDRINUSE):
		return nil, failed("--%s: %w; port 0 takes a free one", name, err)
	case err != nil:
		return nil, failed("--%s: %w", name, err)
	}
	return l, nil
}

// sameAs says whether an address is taken by a listener of our own.
func sameAs(l net.Listener, address string) bool {
	ours, ok := l.Addr().(*net.TCPAddr)
	theirs, err := net.ResolveTCPAddr("tcp", address)
	if !ok || err != nil || ours.Port != theirs.Port {
		return false
	}
	return ours.IP.Equal(theirs.IP) || ours.IP.IsUnspecified() || len(theirs.IP) == 0 || theirs.IP.IsUnspecified()
}

func (on listeners) close() {
	for _, l := range []net.Listener{on.api, on.admin} {
		if l != nil {
			l.Close()
		}
	}
}
