package config

import (
	"errors"
	"fmt"
	"net/netip"
	"strconv"
	"strings"

	"duplex/bridge/dial"
)

// parsePolicy reads the words of --targets.
func parsePolicy(s string) (dial.Policy, error) {
	var p dial.Policy
	var mistakes []error
	for word := range strings.FieldsFuncSeq(s, func(r rune) bool { return r == ',' || r == ' ' }) {
		if err := addWord(&p, word); err != nil {
			mistakes = append(mistakes, fmt.Errorf("%q: %w", word, err))
		}
	}
	return p, errors.Join(mistakes...)
}

func addWord(p *dial.Policy, word string) error {
	name, value, _ := strings.Cut(word, ":")
	switch name {
	case "loopback":
		p.AllowLoopback = true
		return nil
	case "private":
		p.AllowPrivate = true
		return nil
	case "public": // they need no word
		return nil
	case "host":
		if pattern, denied := strings.CutPrefix(value, "!"); denied {
			return addHost(&p.HostDeny, pattern)
		}
		return addHost(&p.HostAllow, value)
	case "deny-host":
		return addHost(&p.HostDeny, value)
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
	return errors.New("want public, loopback, private, or allow:, deny:, host:, deny-host:, port: and nat64: with a value")
}

// addHost takes a name, an address, or "*.example.com" for every name below, and keeps
// it as dial.ParseAddress spells hosts: a name outside ASCII in its xn-- form.
func addHost(list *[]string, pattern string) error {
	if pattern == "*" {
		*list = append(*list, pattern)
		return nil
	}
	name, wild := strings.CutPrefix(pattern, "*.")
	u, err := dial.ParseAddress("ws://" + name)
	if err != nil || strings.ContainsAny(name, "/?*") || u.Port() != "" || strings.HasSuffix(name, ".") {
		return errors.New("want a host such as chat.example.com, or *.example.com for every name below, without a port")
	}
	host := u.Hostname()
	if wild {
		host = "*." + host
	}
	*list = append(*list, host)
	return nil
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
