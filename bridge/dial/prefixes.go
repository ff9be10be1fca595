package dial

import (
	"net/netip"
	"strings"
)

// isMetadata reports whether addr is a metadata address, at which a cloud gives credentials
// to any program inside. Some are in private or public ranges, so a setting that allows
// those ranges must not allow them.
func isMetadata(addr netip.Addr) bool {
	switch addr.String() {
	case "169.254.169.254", // AWS, GCP, Azure, Huawei Cloud, OpenStack, Tencent Cloud, DigitalOcean
		"169.254.170.2",                  // AWS ECS task credentials
		"169.254.170.23", "fd00:ec2::23", // AWS EKS Pod Identity agent
		"fd00:ec2::254",                // AWS IMDS over IPv6
		"fd20:ce::254",                 // GCP over IPv6
		"169.254.42.42", "fd00:42::42", // Scaleway
		"100.100.100.200", // Alibaba Cloud, in the range of RFC 6598
		"168.63.129.16",   // Azure WireServer, a public address
		"192.0.0.192":     // Oracle Cloud, in the range of RFC 6890
		return true
	}
	return false
}

// isMetadataName reports whether host is a name of such an address.
func isMetadataName(host string) bool {
	host = strings.ToLower(bareName(host))
	switch host {
	case "metadata", "metadata.google.internal", "metadata.goog", // GCP
		"instance-data", "instance-data.ec2.internal", // AWS
		"metadata.tencentyun.com", "metadata.platformequinix.com", "metadata.packet.net",
		"api.metadata.cloud.ibm.com", "metadata.nifcloud.com":
		return true
	}
	return strings.HasSuffix(host, ".metadata.google.internal") || strings.HasSuffix(host, ".metadata.goog")
}

// special is a range that is never a target.
type special struct {
	prefix netip.Prefix
	reason Reason
}

// specials returns the ranges that no setting allows, from the IANA special-purpose
// registries (RFC 6890). The first that contains an address gives the reason.
func specials() []special {
	return []special{
		{netip.MustParsePrefix("0.0.0.0/8"), ReasonThisNetwork},        // RFC 1122 section 3.2.1.3; Linux connects to itself
		{netip.MustParsePrefix("169.254.0.0/16"), ReasonLinkLocal},     // RFC 3927
		{netip.MustParsePrefix("224.0.0.0/4"), ReasonMulticast},        // RFC 1112 section 4
		{netip.MustParsePrefix("192.0.0.0/24"), ReasonReserved},        // RFC 6890 section 2.1, protocol assignments
		{netip.MustParsePrefix("192.0.2.0/24"), ReasonReserved},        // RFC 5737, documentation
		{netip.MustParsePrefix("198.51.100.0/24"), ReasonReserved},     // RFC 5737
		{netip.MustParsePrefix("203.0.113.0/24"), ReasonReserved},      // RFC 5737
		{netip.MustParsePrefix("192.88.99.0/24"), ReasonReserved},      // RFC 7526, the former 6to4 relays
		{netip.MustParsePrefix("198.18.0.0/15"), ReasonReserved},       // RFC 2544, benchmarks
		{netip.MustParsePrefix("240.0.0.0/4"), ReasonReserved},         // RFC 1112 section 4; holds the broadcast address too
		{netip.MustParsePrefix("::/128"), ReasonThisNetwork},           // RFC 4291 section 2.5.2; Linux connects to itself
		{netip.MustParsePrefix("fe80::/10"), ReasonLinkLocal},          // RFC 4291 section 2.5.6
		{netip.MustParsePrefix("ff00::/8"), ReasonMulticast},           // RFC 4291 section 2.7
		{netip.MustParsePrefix("fec0::/10"), ReasonReserved},           // RFC 3879, the former site-local
		{netip.MustParsePrefix("100::/64"), ReasonReserved},            // RFC 6666, discard
		{netip.MustParsePrefix("2001:2::/48"), ReasonReserved},         // RFC 5180, benchmarks
		{netip.MustParsePrefix("2001:10::/28"), ReasonReserved},        // RFC 4843, ORCHID
		{netip.MustParsePrefix("2001:20::/28"), ReasonReserved},        // RFC 7343, ORCHIDv2
		{netip.MustParsePrefix("2001:db8::/32"), ReasonReserved},       // RFC 3849, documentation
		{netip.MustParsePrefix("3fff::/20"), ReasonReserved},           // RFC 9637, documentation
		{netip.MustParsePrefix("5f00::/16"), ReasonReserved},           // RFC 9602, segment routing
		{netip.MustParsePrefix("::/96"), ReasonEmbeddedIPv4},           // RFC 4291 section 2.5.5.1, IPv4-compatible
		{netip.MustParsePrefix("::ffff:0:0:0/96"), ReasonEmbeddedIPv4}, // RFC 2765 section 2.1, IPv4-translated
		{netip.MustParsePrefix("64:ff9b::/96"), ReasonEmbeddedIPv4},    // RFC 6052, NAT64
		{netip.MustParsePrefix("64:ff9b:1::/48"), ReasonEmbeddedIPv4},  // RFC 8215, NAT64 of a site
		{netip.MustParsePrefix("2001::/32"), ReasonEmbeddedIPv4},       // RFC 4380, Teredo
		{netip.MustParsePrefix("2002::/16"), ReasonEmbeddedIPv4},       // RFC 3056, 6to4
	}
}

// isPrivate reports whether addr is in a range for private networks.
func isPrivate(addr netip.Addr) bool {
	sharedSpace := netip.MustParsePrefix("100.64.0.0/10") // RFC 6598, carrier-grade NAT
	return addr.IsPrivate() || sharedSpace.Contains(addr) // RFC 1918 and RFC 4193
}

// isGlobal reports whether addr is IPv4 or in the IPv6 range that IANA assigns (RFC 3587
// section 3).
func isGlobal(addr netip.Addr) bool {
	return addr.Is4() || netip.MustParsePrefix("2000::/3").Contains(addr)
}

// isPlaintextPort reports whether port belongs to a protocol that could execute lines of a
// handshake as commands. A policy allows such a port only if it lists it.
func isPlaintextPort(port uint16) bool {
	switch port {
	case 22, 25, 53, 110, 143, 389, 445, 587, // SSH, SMTP, DNS, POP3, IMAP, LDAP, SMB, submission
		2375, 2379, 3306, 5432, 6379, 9200, 11211, 27017: // Docker, etcd, MySQL, PostgreSQL, Redis, Elasticsearch, memcached, MongoDB
		return true
	}
	return false
}
