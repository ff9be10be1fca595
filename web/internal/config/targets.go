package config

import (
	"errors"
	"fmt"
	"net/netip"
	"strconv"
	"strings"

	"duplex/bridge/target"
)

// parsePolicy reads the words of --targets.
func parsePolicy(s string) (target.Policy, error) {
	var p target.Policy
	var mistakes []error
	for word := range strings.FieldsFuncSeq(s, func(r rune) bool { return r == ',' || r == ' ' }) {
		if err := addWord(&p, word); err != nil {
			mistakes = append(mistakes, fmt.Errorf("%q: %w", word, err))
		}
	}
	return p, errors.Join(mistakes...)
}

func addWord(p *target.Policy, word string) error {
	name, value, _ := strings.Cut(word, ":")
	switch name {
	case "loopback":
		p.AllowLoopback = true
		return nil
	case "private":
		p.AllowPrivate = true
		return nil
	case "host":
		p.HostAllow = append(p.HostAllow, strings.ToLower(value))
		return nil
	case "allow":
		return addPrefix(&p.Allow, value)
	case "deny":
		return addPrefix(&p.Deny, value)
	case "nat64":
		return addPrefix(&p.NAT64, value)
	case "port":
		n, err := strconv.ParseUint(value, 10, 16)
		if err != nil || n == 0 {
			return errors.New("want port:1 to port:65535")
		}
		p.Ports = append(p.Ports, uint16(n))
		return nil
	}
	return errors.New("want loopback, private, or a value behind allow:, deny:, host:, port: or nat64")
}

func addPrefix(list *[]netip.Prefix, s string) error {
	prefix, err := netip.ParsePrefix(s)
	if err != nil {
		return errors.New("want a prefix such as 10.20.0.0/16")
	}
	if prefix != prefix.Masked() {
		return fmt.Errorf("has bits set behind the prefix length: want %v", prefix.Masked())
	}
	*list = append(*list, prefix)
	return nil
}
