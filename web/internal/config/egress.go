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

// egress reads the proxies that lead out: those of --egress-proxy, or those that other
// programs take from the environment.
func (r *reader) egress() *dial.Egress {
	setting := strings.TrimSpace(r.secret("egress-proxy"))
	exempt := read(r, "egress-no-proxy", exemptHosts)
	if exempt == "" {
		exempt, _ = r.environment("no_proxy")
	}
	switch setting {
	case noProxy:
		if r.text("egress-no-proxy") != "" {
			r.mistakes = append(r.mistakes, errors.New("--egress-no-proxy does not go with --egress-proxy none: there is no proxy to leave out"))
		}
		return nil
	case "":
		return dial.NewEgress(r.usualProxy("http_proxy"), r.usualProxy("https_proxy"), exempt)
	}
	u, err := dial.ParseProxy(setting)
	if err != nil {
		r.mistakes = append(r.mistakes, fmt.Errorf("--egress-proxy: %w", err)) // the value may hold a password: not shown
	}
	return dial.NewEgress(u, u, exempt)
}

// usualProxy reads the proxy that the environment names for a scheme, or for all.
func (r *reader) usualProxy(name string) *url.URL {
	value, from := r.environment(name)
	if value == "" {
		value, from = r.environment("all_proxy")
	}
	if value == "" {
		return nil
	}
	u, err := dial.ParseProxy(value)
	if err != nil {
		err = fmt.Errorf("%s in the environment: %w; --egress-proxy overrules it", from, err)
		if !slices.ContainsFunc(r.mistakes, func(known error) bool { return known.Error() == err.Error() }) {
			r.mistakes = append(r.mistakes, err)
		}
	}
	r.egressFrom = "environment"
	return u
}

// environment returns a variable that has two spellings, and the one in use: the lower
// case wins, as in net/http.
func (r *reader) environment(name string) (value, from string) {
	for _, from := range []string{name, strings.ToUpper(name)} {
		if value := strings.TrimSpace(r.getenv(from)); value != "" {
			return value, from
		}
	}
	return "", ""
}

// exemptHosts checks a list in the syntax of NO_PROXY; net/http ignores entries that it
// cannot read.
func exemptHosts(list string) (string, error) {
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

// showEgress puts the proxies in use into the list of settings, without passwords.
func (c *Config) showEgress(from string) {
	for i := range c.InEffect {
		v := &c.InEffect[i]
		if v.Flag != "egress-proxy" {
			continue
		}
		v.Value = c.Egress.String()
		if from != "" {
			v.Source = from
		}
	}
}
