package config

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"slices"
	"strings"

	"duplex/bridge/dial"
)

// noProxy is the value of --egress-proxy that overrules the environment.
const noProxy = "none"

// resolveEgress finds the proxies for connections out: those of --egress-proxy, or those
// that other programs take from the environment.
func (d *draft) resolveEgress() {
	exempt := d.egressExempt
	if exempt == "" {
		exempt, _ = d.environment("no_proxy")
	}
	switch setting := strings.TrimSpace(d.egressProxy); setting {
	case noProxy:
		if d.egressExempt != "" {
			d.mistakes = append(d.mistakes, errors.New("--egress-no-proxy does not go with --egress-proxy none: there is no proxy to leave out"))
		}
	case "":
		d.Egress = dial.NewEgress(d.proxyFor("http_proxy"), d.proxyFor("https_proxy"), exempt)
	default:
		u, err := dial.ParseProxy(setting)
		if err != nil {
			d.mistakes = append(d.mistakes, fmt.Errorf("--egress-proxy: %w", err)) // the value may hold a password: not shown
		}
		d.Egress = dial.NewEgress(u, u, exempt)
	}
}

// proxyFor reads the proxy that the environment names for a scheme, or for all.
func (d *draft) proxyFor(name string) *url.URL {
	value, from := d.environment(name)
	if value == "" {
		value, from = d.environment("all_proxy")
	}
	if value == "" {
		return nil
	}
	u, err := dial.ParseProxy(value)
	if err != nil {
		err = fmt.Errorf("%s in the environment: %w; --egress-proxy overrules it", from, err)
		if !slices.ContainsFunc(d.mistakes, func(known error) bool { return known.Error() == err.Error() }) {
			d.mistakes = append(d.mistakes, err)
		}
	}
	d.egressFrom = SourceEnvironment
	return u
}

// environment returns a variable that has two spellings, and the spelling in use: the
// lower case wins, as in net/http.
func (d *draft) environment(name string) (value, from string) {
	for _, from := range []string{name, strings.ToUpper(name)} {
		if value := strings.TrimSpace(d.getenv(from)); value != "" {
			return value, from
		}
	}
	return "", ""
}

// exemptHosts checks a list in the syntax of NO_PROXY; net/http ignores entries that it
// cannot read.
func exemptHosts(list string) (string, error) {
	list = strings.TrimSpace(list)
	var mistakes []error
	for entry := range strings.SplitSeq(list, ",") {
		if entry = strings.TrimSpace(entry); entry != "" && !isExempt(entry) {
			mistakes = append(mistakes, fmt.Errorf("%q: want a host such as chat.example.com or .example.com, an address, or a prefix such as 10.0.0.0/8, divided by commas", entry))
		}
	}
	return list, errors.Join(mistakes...)
}

func isExempt(entry string) bool {
	if entry == "*" {
		return true
	}
	if _, err := netip.ParsePrefix(entry); err == nil {
		return true
	}
	if _, err := netip.ParseAddr(entry); err == nil {
		return true
	}
	if host, port, err := net.SplitHostPort(entry); err == nil {
		entry = net.JoinHostPort(strings.TrimPrefix(strings.TrimPrefix(host, "*"), "."), port)
	} else {
		entry = strings.TrimPrefix(strings.TrimPrefix(entry, "*"), ".")
	}
	u, err := dial.ParseAddress("ws://" + entry)
	return err == nil && u.Path == "" && u.RawQuery == "" && !strings.Contains(entry, "*")
}
