// Package loopback recognises hosts that lead to this machine.
package loopback

import (
	"net/netip"
	"strings"
)

// Is reports whether a host is "localhost", in any case, or a loopback address without
// brackets; an IPv4 address may be written as IPv6 (RFC 4291 section 2.5.5.2).
func Is(host string) bool {
	if strings.EqualFold(host, "localhost") {
		return true
	}
	addr, err := netip.ParseAddr(host)
	return err == nil && addr.Unmap().IsLoopback()
}

// IsName reports whether a host is as in Is, or a name below "localhost", which always
// leads to this machine (RFC 6761 section 6.3).
func IsName(host string) bool {
	return Is(host) || strings.HasSuffix(strings.ToLower(host), ".localhost")
}
