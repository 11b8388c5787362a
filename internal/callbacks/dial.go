package callbacks

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"strings"
)

// newClient makes the one client of the dispatcher. It asks no proxy, which would connect
// elsewhere than was allowed, follows no redirect, keeps no connection and no cookie.
func (d *Dispatcher) newClient() *http.Client {
	return &http.Client{
		Transport: &http.Transport{
			DialContext:            d.dial,
			DisableKeepAlives:      true,
			DisableCompression:     true,
			MaxResponseHeaderBytes: 16 << 10,
		},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

// dial resolves a host and connects to an address that is allowed: to the address that was
// looked at, so that a name cannot resolve to another one in between.
func (d *Dispatcher) dial(ctx context.Context, network, address string) (net.Conn, error) {
	host, port, err := splitPort(address)
	if err != nil {
		return nil, fmt.Errorf("%q: %w", address, ErrURL)
	}
	addrs, err := d.admitted(ctx, host, port)
	if err != nil {
		return nil, err
	}
	dial := d.cfg.Dial
	if dial == nil {
		dial = (&net.Dialer{}).DialContext
	}
	var failed error
	for _, addr := range addrs {
		conn, err := dial(ctx, network, netip.AddrPortFrom(addr, port).String())
		if err == nil {
			return conn, nil
		}
		failed = errors.Join(failed, err)
	}
	return nil, failed
}

// admitted returns the addresses of a host that callbacks may go to; ErrRefused when it
// has none.
func (d *Dispatcher) admitted(ctx context.Context, host string, port uint16) ([]netip.Addr, error) {
	addrs, err := d.resolve(ctx, host)
	if err != nil {
		return nil, err
	}
	var out []netip.Addr
	for _, addr := range addrs {
		if d.cfg.Allow.admits(addr, port, hostName(host)) {
			out = append(out, plain(addr))
		}
	}
	if len(out) == 0 {
		// The addresses are for the operator: a name server is not to be searched this way.
		d.log.Warn("a callback is refused: its address is not among those of --callback-allow", "host", host, "port", port, "addresses", addrs)
		return nil, fmt.Errorf("%s: %w; --callback-allow (SANDBOX_CALLBACK_ALLOW) lists where", net.JoinHostPort(host, fmt.Sprint(port)), ErrRefused)
	}
	return out, nil
}

func (d *Dispatcher) resolve(ctx context.Context, host string) ([]netip.Addr, error) {
	if addr, err := netip.ParseAddr(host); err == nil {
		return []netip.Addr{addr}, nil
	}
	// localhost is this machine, and no name server is asked (RFC 6761, section 6.3).
	if name := hostName(host); name == "localhost" || strings.HasSuffix(name, ".localhost") {
		return []netip.Addr{netip.AddrFrom4([4]byte{127, 0, 0, 1}), netip.IPv6Loopback()}, nil
	}
	if d.cfg.Resolve != nil {
		return d.cfg.Resolve(ctx, host)
	}
	return net.DefaultResolver.LookupNetIP(ctx, "ip", host)
}
