package callbacks

import (
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strconv"
	"strings"
)

// Allow says where callbacks may go. The zero value allows nothing.
type Allow struct{ entries []allowed }

// allowed is one entry: a host name, or a range of addresses; with a port or with any.
type allowed struct {
	name   string
	prefix netip.Prefix
	port   uint16 // 0 is any
}

// Empty reports whether nothing is allowed.
func (a Allow) Empty() bool { return len(a.entries) == 0 }

// AllowDefault is the list that a sandbox starts with: this machine alone.
const AllowDefault = "loopback"

// ParseAllow reads a list of entries separated by commas:
//
//	loopback            127.0.0.0/8 and ::1
//	app, app:8080       a host name, on any port or on one
//	192.0.2.7, [::1]:80 an address, on any port or on one
//	10.0.0.0/8          a range of addresses
//	none                nothing at all; it stands alone
//
// A name leads wherever it resolves to, except to addresses that mean something of the
// machine or of its cloud (special): those want an entry of their own, by address, that
// is no wider than they are. The error goes on where the text ends.
func ParseAllow(text string) (Allow, error) {
	var a Allow
	for entry := range strings.SplitSeq(text, ",") {
		entry = strings.TrimSpace(entry)
		switch entry {
		case "none":
			if strings.TrimSpace(text) != entry {
				return Allow{}, errors.New("has none beside others; it stands alone")
			}
		case "loopback":
			for _, p := range []string{"127.0.0.0/8", "::1/128"} {
				a.entries = append(a.entries, allowed{prefix: netip.MustParsePrefix(p)})
			}
		default:
			e, err := parseAllowed(entry)
			switch {
			case err != nil && entry == text:
				return Allow{}, fmt.Errorf("is %w", err)
			case err != nil:
				return Allow{}, fmt.Errorf("has an entry %q, which is %w", entry, err)
			}
			a.entries = append(a.entries, e)
		}
	}
	return a, nil
}

func parseAllowed(entry string) (allowed, error) {
	wrong := errors.New("no host, host:port, address or range such as 10.0.0.0/8")
	if strings.Contains(entry, "/") {
		p, err := netip.ParsePrefix(entry)
		if err != nil || p.Addr().Is4In6() || p.Masked() != p {
			return allowed{}, wrong
		}
		return allowed{prefix: p}, nil
	}
	host, port, err := splitPort(entry)
	if err != nil || entry == "" {
		return allowed{}, wrong
	}
	if addr, err := netip.ParseAddr(host); err == nil {
		addr = plain(addr)
		return allowed{prefix: netip.PrefixFrom(addr, addr.BitLen()), port: port}, nil
	}
	if entry[0] == '[' {
		return allowed{}, wrong
	}
	if host = hostName(host); !nameLike(host) {
		return allowed{}, wrong
	}
	return allowed{name: host, port: port}, nil
}

// splitPort takes a port off a host; 0 when there is none. An address of version 6 may
// stand without brackets when no port follows.
func splitPort(text string) (host string, port uint16, err error) {
	if _, err := netip.ParseAddr(text); err == nil {
		return text, 0, nil
	}
	if inner, ok := strings.CutPrefix(text, "["); ok {
		if host, ok := strings.CutSuffix(inner, "]"); ok {
			return host, 0, nil
		}
		host, digits, ok := strings.Cut(inner, "]:")
		if !ok {
			return "", 0, strconv.ErrSyntax
		}
		port, err := parsePort(digits)
		return host, port, err
	}
	host, digits, ok := strings.Cut(text, ":")
	if !ok {
		return text, 0, nil
	}
	port, err = parsePort(digits)
	return host, port, err
}

func parsePort(digits string) (uint16, error) {
	n, err := strconv.ParseUint(digits, 10, 16)
	if err != nil || n == 0 || digits[0] == '+' {
		return 0, strconv.ErrRange
	}
	return uint16(n), nil
}

// hostName brings a host name into the form in which names are compared.
func hostName(name string) string { return strings.TrimSuffix(strings.ToLower(name), ".") }

// nameLike says whether a name could be one of a host. Names beyond ASCII are written in
// punycode.
func nameLike(name string) bool {
	return name != "" && len(name) <= 253 && strings.Trim(name, "abcdefghijklmnopqrstuvwxyz0123456789-_.") == "" &&
		!strings.HasPrefix(name, ".") && !strings.Contains(name, "..")
}

// plain spells an address in one way: version 4 is version 4 also inside of version 6.
func plain(addr netip.Addr) netip.Addr { return addr.Unmap().WithZone("") }

// special are addresses that mean something of this machine, of its network or of its
// cloud, whoever names them. A wide range, or a name that resolves to one of them, does
// not allow them.
func special() []netip.Prefix {
	list := []string{
		"0.0.0.0/8", "::/128", // this machine
		"127.0.0.0/8", "::1/128", // loopback
		"169.254.0.0/16", "fe80::/10", // link-local: metadata of most clouds
		"100.100.100.200/32", "168.63.129.16/32", "192.0.0.192/32", "fd00:ec2::254/128", "fd20:ce::254/128", // metadata of others
		"224.0.0.0/4", "240.0.0.0/4", "ff00::/8", // no single host
		"::/96", "64:ff9b::/96", "64:ff9b:1::/48", "2002::/16", "2001::/32", // version 4 in disguise
	}
	out := make([]netip.Prefix, len(list))
	for i, p := range list {
		out[i] = netip.MustParsePrefix(p)
	}
	return out
}

// narrowest returns the narrowest special range of an address.
func narrowest(addr netip.Addr) (found netip.Prefix, ok bool) {
	for _, p := range special() {
		if p.Contains(addr) && (!ok || p.Bits() > found.Bits()) {
			found, ok = p, true
		}
	}
	return found, ok
}

// names says whether a host name has an entry.
func (a Allow) names(host string, port uint16) bool {
	return slices.ContainsFunc(a.entries, func(e allowed) bool {
		return e.name != "" && e.name == host && (e.port == 0 || e.port == port)
	})
}

// admits says whether an address may be connected to; host is the name that led to it.
func (a Allow) admits(addr netip.Addr, port uint16, host string) bool {
	if port == 0 || !addr.IsValid() {
		return false
	}
	addr = plain(addr)
	around, isSpecial := narrowest(addr)
	return slices.ContainsFunc(a.entries, func(e allowed) bool {
		switch {
		case e.port != 0 && e.port != port:
			return false
		case e.name != "":
			return e.name == host && !isSpecial
		}
		return e.prefix.Contains(addr) && (!isSpecial || (e.prefix.Bits() >= around.Bits() && around.Contains(e.prefix.Addr())))
	})
}
