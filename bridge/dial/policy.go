package dial

import (
	"net"
	"net/netip"
	"net/url"
	"slices"
	"strings"
)

// Policy selects the addresses that may be dialled. The zero Policy allows the public
// internet. No field allows the ranges that are never a target: metadata addresses of
// clouds, our own listeners, link-local, multicast and reserved ranges, and IPv6 with an
// IPv4 address inside.
type Policy struct {
	AllowPrivate  bool             // RFC 1918, ULA, carrier-grade NAT
	AllowLoopback bool             // this host, with the ports of plaintext protocols
	Allow         []netip.Prefix   // wins over AllowPrivate
	Deny          []netip.Prefix   // wins over Allow
	HostAllow     []string         // "chat.example.com" or "*.example.com"; any host when empty
	HostDeny      []string         // likewise; wins over HostAllow
	Ports         []uint16         // empty allows all but those of plaintext protocols
	NAT64         []netip.Prefix   // the site's own translators (RFC 6052); the IPv4 address inside is judged
	Self          []netip.AddrPort // our own listeners; an unspecified address is every address of this host
}

// BlockedError is the policy's refusal of an address. It does not name the address.
type BlockedError struct{ Reason Reason }

// Error implements error.
func (e *BlockedError) Error() string { return "refused by policy: " + string(e.Reason) }

// CheckURL judges the host name of a parsed address before it is resolved. The error is a
// *BlockedError.
func (p *Policy) CheckURL(u *url.URL) error {
	host := strings.ToLower(strings.TrimSuffix(u.Hostname(), "."))
	listed := func(pattern string) bool { return matchesHost(strings.ToLower(pattern), host) }
	if slices.ContainsFunc(p.HostDeny, listed) {
		return &BlockedError{ReasonHostDenied}
	}
	if len(p.HostAllow) > 0 && !slices.ContainsFunc(p.HostAllow, listed) {
		return &BlockedError{ReasonHostNotListed}
	}
	return nil
}

// matchesHost compares a host with a pattern: "*.example.com" matches every name below
// example.com, but not example.com itself; "*" matches every host.
func matchesHost(pattern, host string) bool {
	if pattern == "*" {
		return true
	}
	if suffix, ok := strings.CutPrefix(pattern, "*"); ok && strings.HasPrefix(suffix, ".") {
		return len(host) > len(suffix) && strings.HasSuffix(host, suffix)
	}
	return pattern == host
}

// CheckAddr judges an address before it is connected to. The error is a *BlockedError.
func (p *Policy) CheckAddr(a netip.AddrPort) error {
	if a.Addr().Zone() != "" {
		return &BlockedError{ReasonZone}
	}
	a = netip.AddrPortFrom(p.unwrap(a.Addr()), a.Port())
	for _, judge := range []func(netip.AddrPort) Reason{p.checkNever, p.checkRanges, p.checkPort} {
		if reason := judge(a); reason != "" {
			return &BlockedError{reason}
		}
	}
	return nil
}

// CheckTunnel judges a host and a port that a proxy shall connect to. An address is judged as
// by CheckAddr. A name is resolved by the proxy, so only its port is judged, and names of
// this machine and of cloud metadata are refused; CheckURL has judged it before. The error is
// a *BlockedError.
func (p *Policy) CheckTunnel(host string, port uint16) error {
	if addr, err := netip.ParseAddr(host); err == nil {
		return p.CheckAddr(netip.AddrPortFrom(addr, port))
	}
	switch {
	case isMetadataName(host):
		return &BlockedError{ReasonMetadata}
	case IsLocalName(host):
		return &BlockedError{ReasonLoopback}
	}
	if reason := p.checkPort(netip.AddrPortFrom(netip.IPv4Unspecified(), port)); reason != "" {
		return &BlockedError{reason}
	}
	return nil
}

// unwrap returns the IPv4 address inside an IPv4-mapped address or an address of the site's
// translators, and any other address as it is.
func (p *Policy) unwrap(addr netip.Addr) netip.Addr {
	addr = addr.Unmap()
	for _, prefix := range p.NAT64 {
		if inner, ok := translated(prefix, addr); ok {
			return inner
		}
	}
	return addr
}

// translated returns the IPv4 address in addr, RFC 6052 section 2.2: right behind the prefix,
// without byte 8.
func translated(prefix netip.Prefix, addr netip.Addr) (netip.Addr, bool) {
	if !prefix.Addr().Is6() || !addr.Is6() || !prefix.Contains(addr) {
		return netip.Addr{}, false
	}
	if !slices.Contains([]int{32, 40, 48, 56, 64, 96}, prefix.Bits()) {
		return netip.Addr{}, false
	}
	bytes, at := addr.As16(), prefix.Bits()/8
	var inner [4]byte
	for i := range inner {
		if at == 8 {
			at++
		}
		inner[i] = bytes[at]
		at++
	}
	return netip.AddrFrom4(inner), true
}

// checkNever refuses the addresses that no setting allows.
func (p *Policy) checkNever(a netip.AddrPort) Reason {
	switch {
	case isMetadata(a.Addr()):
		return ReasonMetadata
	case p.isSelf(a):
		return ReasonSelf
	case a.Addr().IsLoopback(): // ::1 lies in ::/96
		return ""
	}
	for _, s := range specials() {
		if s.prefix.Contains(a.Addr()) {
			return s.reason
		}
	}
	return ""
}

func (p *Policy) checkRanges(a netip.AddrPort) Reason {
	addr := a.Addr()
	contains := func(prefix netip.Prefix) bool { return prefix.Contains(addr) }
	switch {
	case addr.IsLoopback() && !p.AllowLoopback:
		return ReasonLoopback
	case slices.ContainsFunc(p.Deny, contains):
		return ReasonDenied
	case addr.IsLoopback(), slices.ContainsFunc(p.Allow, contains):
		return ""
	case isPrivate(addr) && !p.AllowPrivate:
		return ReasonPrivate
	case !isPrivate(addr) && !isGlobal(addr):
		return ReasonReserved
	}
	return ""
}

func (p *Policy) checkPort(a netip.AddrPort) Reason {
	allowed := a.Addr().IsLoopback() || !isPlaintextPort(a.Port())
	if len(p.Ports) > 0 {
		allowed = slices.Contains(p.Ports, a.Port())
	}
	if a.Port() == 0 || !allowed {
		return ReasonPort
	}
	return ""
}

// isSelf reports whether a is one of our own listeners. Such a target would be a loop, and
// reach routes that are meant for browsers.
func (p *Policy) isSelf(a netip.AddrPort) bool {
	return slices.ContainsFunc(p.Self, func(own netip.AddrPort) bool {
		if own.Port() != a.Port() {
			return false
		}
		return own.Addr().Unmap() == a.Addr() || own.Addr().IsUnspecified() && isLocal(a.Addr())
	})
}

// isLocal reports whether addr is an address of this host. When they cannot be listed, it
// returns true.
func isLocal(addr netip.Addr) bool {
	if addr.IsLoopback() {
		return true
	}
	interfaces, err := net.InterfaceAddrs()
	return err != nil || slices.ContainsFunc(interfaces, func(own net.Addr) bool {
		prefix, err := netip.ParsePrefix(own.String())
		return err == nil && prefix.Addr().Unmap() == addr
	})
}
