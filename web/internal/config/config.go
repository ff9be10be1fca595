// Package config turns flags and environment into one checked Config. It knows what
// settings mean and which of them do not go together; it does not read the process,
// and no files but those that hold secrets.
package config

import (
	"cmp"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/netip"
	"net/url"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"duplex/bridge"
	"duplex/bridge/dial"
	"duplex/handlers/identity"
)

// Config is what the process runs with.
type Config struct {
	Listen       string // host:port
	Data         string // directory of the embedded database
	KeyFile      string // the master keys that seal secrets
	DatabaseURL  string // PostgreSQL; "" is embedded SQLite
	PublicURL    *url.URL
	Identity     identity.Settings // who may come in
	Targets      dial.Policy
	TargetsText  string // the policy as it was written, for people
	Egress       *dial.Egress
	Dials        bridge.DialLimits
	MaxOpen      int      // sessions and relays that a person may have open; 0 is no bound
	RelayOrigins []string // of other pages that may use the relay
	SkipVerify   bool     // admins may connect without checking certificates
	Demo         bool
	Keep         time.Duration
	DrainDelay   time.Duration // between the signal to end and the drain
	Retention    time.Duration // of sessions after their end; 0 is for ever
	MaxPayload   int64         // bytes of all sessions together; 0 is no bound
	MinFree      int64         // bytes that stay free on the disk; negative when not set
	LogLevel     slog.Level
	InEffect     []Value // for people
}

// Value is a setting with the value it has. Secrets in it are masked.
type Value struct {
	Setting
	Value  string
	Source string // "flag", "environment" or "default"
}

// Setting is one row of the table of settings.
type Setting struct {
	Flag, Env, Default, Help string
}

// settings is the table: the one list behind flags, environment and documents.
var settings = slices.Concat(processSettings, identitySettings)

var processSettings = []Setting{
	{"listen", "DUPLEX_LISTEN", "127.0.0.1:8080", "host and port to listen on; with identity none it must be loopback"},
	{"data", "DUPLEX_DATA", "data", "directory of the embedded database and of the key file that seals secrets"},
	{"key-file", "DUPLEX_KEY_FILE", "", "key file that seals secrets, when it is not the file keys in the data directory"},
	{"database-url", "DUPLEX_DATABASE_URL", "", "PostgreSQL to use in place of the embedded database: postgres://..."},
	{"public-url", "DUPLEX_PUBLIC_URL", "", "address that browsers use, when it is not the one listened on"},
	{"targets", "DUPLEX_TARGETS", "", "where connections may go: words of public, loopback, private, allow:PREFIX, deny:PREFIX, host:PATTERN, deny-host:PATTERN, port:N, nat64:PREFIX; when empty, loopback,private with identity none and public with others"},
	{"egress-proxy", "DUPLEX_EGRESS_PROXY", "", "HTTP proxy (CONNECT) through which every connection out is made, http://user:password@host:port, or https:// for TLS to the proxy; none for no proxy; when empty, HTTPS_PROXY, HTTP_PROXY and ALL_PROXY"},
	{"egress-proxy-file", "DUPLEX_EGRESS_PROXY_FILE", "", "file that holds it"},
	{"egress-no-proxy", "DUPLEX_EGRESS_NO_PROXY", "", "hosts that are reached without the proxy, divided by commas: chat.example.com and every name below, .example.com, 10.0.0.0/8, each also with :port, or *; when empty, NO_PROXY"},
	{"dials-per-minute", "DUPLEX_DIALS_PER_MINUTE", "", "how often a person may connect in a minute, 0 for no bound; when empty, no bound with identity none and 120 with others"},
	{"dials-per-target", "DUPLEX_DIALS_PER_TARGET", "", "how often a person may connect to one target in a minute, likewise; when empty, no bound or 30"},
	{"open-per-person", "DUPLEX_OPEN_PER_PERSON", "", "how many sessions and relays a person may have open at a time, 0 for no bound; when empty, no bound with identity none and 200 with others"},
	{"relay-origins", "DUPLEX_RELAY_ORIGINS", "", "origins of other web pages that may use the relay, such as https://app.example; with identity headers, jwt or oidc they need a ticket as well"},
	{"allow-skip-verify", "DUPLEX_ALLOW_SKIP_VERIFY", "false", "let admins connect to a service without checking its certificate"},
	{"demo", "DUPLEX_DEMO", "true", "run the demo service and keep it among the services; for teams false"},
	{"keep-minutes", "DUPLEX_KEEP_MINUTES", "30", "how long a session lives on when nobody watches"},
	{"drain-delay", "DUPLEX_DRAIN_DELAY", "0s", "how long work goes on after the signal to end, while /readyz fails already: seconds, or a duration such as 15s; as long as the balancer needs to notice"},
	{"retention-days", "DUPLEX_RETENTION_DAYS", "0", "days after its end at which a session is deleted with its messages, unless it is pinned; 0 keeps it for ever"},
	{"retention-bytes", "DUPLEX_RETENTION_BYTES", "0", "bytes of messages, such as 50GiB, above which the sessions that ended first are deleted, unless they are pinned; 0 is no bound"},
	{"min-free-bytes", "DUPLEX_MIN_FREE_BYTES", "", "bytes, such as 1GiB, that stay free on the disk of the embedded database: with less, nothing new is begun; when empty, 256MiB or a tenth of a small disk"},
	{"log-level", "DUPLEX_LOG_LEVEL", "info", "debug, info, warn or error"},
}

// Settings returns the table of settings.
func Settings() []Setting { return append([]Setting(nil), settings...) }

// Parse reads the settings: a flag wins over the environment, which wins over the
// default. All mistakes are reported together. flag.ErrHelp is returned after
// printing help to out.
func Parse(args []string, getenv func(string) string, out io.Writer) (Config, error) {
	set := flag.NewFlagSet("duplex", flag.ContinueOnError)
	set.SetOutput(out)
	values := map[string]*string{}
	for _, s := range settings {
		values[s.Flag] = set.String(s.Flag, s.Default, s.Help+" ("+s.Env+")")
	}
	if err := set.Parse(args); err != nil {
		return Config{}, err
	}
	if set.NArg() > 0 {
		return Config{}, fmt.Errorf("unknown command %q: there are audit, healthcheck, secrets, version and none at all, which serves", set.Arg(0))
	}
	sources := sourcesOf(set, getenv)
	for _, s := range settings { // only now: help prints the values that flags have before
		if sources[s.Flag] == "environment" {
			*values[s.Flag] = getenv(s.Env)
		}
	}
	if *values["identity"] != string(identity.ModeNone) {
		forTeams(values, sources)
	}
	r := reader{values: values, getenv: getenv}
	c := r.read()
	c.InEffect = inEffect(values, sources)
	c.showEgress(r.egressFrom)
	return c, errors.Join(append(r.mistakes, c.check()...)...)
}

// sourcesOf says where each value came from.
func sourcesOf(set *flag.FlagSet, getenv func(string) string) map[string]string {
	sources := map[string]string{}
	for _, s := range settings {
		sources[s.Flag] = "default"
		if getenv(s.Env) != "" {
			sources[s.Flag] = "environment"
		}
	}
	set.Visit(func(f *flag.Flag) { sources[f.Name] = "flag" })
	return sources
}

// forTeams changes the default that suits one person at their own machine.
func forTeams(values map[string]*string, sources map[string]string) {
	if sources["demo"] == "default" {
		*values["demo"] = "false"
	}
}

// inEffect lists the settings with where each value came from.
func inEffect(values map[string]*string, sources map[string]string) []Value {
	var list []Value
	for _, s := range settings {
		v := Value{Setting: s, Value: *values[s.Flag], Source: sources[s.Flag]}
		switch {
		case s.Flag == "database-url": // it may hold a password
			v.Value = redacted(v.Value)
		case slices.Contains(secretSettings, s.Flag) && v.Value != "":
			v.Value = "•••"
		}
		list = append(list, v)
	}
	return list
}

func redacted(s string) string {
	u, err := url.Parse(s)
	if err != nil {
		return "•••"
	}
	u.RawQuery = "" // PostgreSQL takes a password there too
	return u.Redacted()
}

// reader turns values into a Config and gathers what is wrong with them.
type reader struct {
	values     map[string]*string
	getenv     func(string) string
	egressFrom string // where the proxies come from that no setting of ours names
	mistakes   []error
}

func (r *reader) read() Config {
	c := Config{
		Listen: r.text("listen"), Data: r.text("data"), DatabaseURL: r.text("database-url"),
	}
	r.fillIn(r.text("identity") == string(identity.ModeNone))
	c.TargetsText = r.text("targets")
	c.PublicURL = read(r, "public-url", publicURL)
	c.Targets = read(r, "targets", parsePolicy)
	c.Egress = r.egress()
	c.KeyFile = cmp.Or(r.text("key-file"), filepath.Join(c.Data, "keys"))
	c.Dials.PerMinute = read(r, "dials-per-minute", rate)
	c.Dials.PerTarget = read(r, "dials-per-target", rate)
	c.MaxOpen = read(r, "open-per-person", rate)
	c.RelayOrigins = read(r, "relay-origins", origins)
	c.SkipVerify = read(r, "allow-skip-verify", strconv.ParseBool)
	c.Demo = read(r, "demo", strconv.ParseBool)
	c.Keep = time.Duration(read(r, "keep-minutes", positive)) * time.Minute
	c.DrainDelay = read(r, "drain-delay", delay)
	c.Retention = time.Duration(read(r, "retention-days", days)) * 24 * time.Hour
	c.MaxPayload = read(r, "retention-bytes", size)
	c.MinFree = -1
	if r.text("min-free-bytes") != "" {
		c.MinFree = read(r, "min-free-bytes", size)
	}
	c.LogLevel = read(r, "log-level", level)
	c.Identity = r.identity()
	return c
}

// fillIn sets what was left out: one local user may reach what they reach anyway, and
// as often as they like; for a company's people the server is a way into its network.
func (r *reader) fillIn(local bool) {
	usual := map[string]string{"targets": "public", "dials-per-minute": "120", "dials-per-target": "30", "open-per-person": "200"}
	if local {
		usual = map[string]string{"targets": "loopback,private", "dials-per-minute": "0", "dials-per-target": "0", "open-per-person": "0"}
	}
	for name, value := range usual {
		if r.text(name) == "" {
			*r.values[name] = value
		}
	}
}

func (r *reader) text(name string) string { return strings.TrimSpace(*r.values[name]) }

func read[T any](r *reader, name string, parse func(string) (T, error)) T {
	v, err := parse(r.text(name))
	if err != nil {
		r.mistakes = append(r.mistakes, fmt.Errorf("--%s %q: %w", name, r.text(name), err))
	}
	return v
}

// check finds settings that would let strangers in, or that nothing can be done with.
func (c *Config) check() []error {
	var mistakes []error
	add := func(format string, a ...any) { mistakes = append(mistakes, fmt.Errorf(format, a...)) }
	if _, _, err := net.SplitHostPort(c.Listen); err != nil {
		add("--listen %q: want host:port, such as 127.0.0.1:8080", c.Listen)
	}
	mistakes = append(mistakes, c.checkIdentity()...)
	if c.Data == "" {
		add("--data: want a directory; the key file that seals secrets is kept there")
	}
	if c.DatabaseURL != "" && !strings.HasPrefix(c.DatabaseURL, "postgres://") && !strings.HasPrefix(c.DatabaseURL, "postgresql://") {
		add("--database-url: want postgres://user@host/database") // the value may hold a password: not shown
	}
	return mistakes
}

// host is what is listened on; ok is false when the address is none.
func (c *Config) host() (host string, ok bool) {
	host, _, err := net.SplitHostPort(c.Listen)
	return host, err == nil
}

func loopback(host string) bool {
	if strings.EqualFold(host, "localhost") {
		return true
	}
	a, err := netip.ParseAddr(host)
	return err == nil && a.Unmap().IsLoopback()
}

func publicURL(s string) (*url.URL, error) {
	if s == "" {
		return nil, nil //nolint:nilnil // no public address is set
	}
	u, err := url.Parse(s)
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" || strings.Trim(u.Path, "/") != "" || u.RawQuery != "" {
		return nil, errors.New("want scheme and host only, such as https://duplex.example")
	}
	return u, nil
}

// origins reads a list with commas or blanks between.
func origins(s string) ([]string, error) {
	var list []string
	for _, raw := range strings.FieldsFunc(s, func(r rune) bool { return r == ',' || r == ' ' }) {
		origin, err := identity.ParseOrigin(raw)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", raw, err)
		}
		if !slices.Contains(list, origin) {
			list = append(list, origin)
		}
	}
	return list, nil
}

func positive(s string) (int, error) {
	n, err := strconv.Atoi(s)
	if err != nil || n < 1 || n > 7*24*60 {
		return 0, errors.New("want a number of minutes, at most a week")
	}
	return n, nil
}

// delay reads seconds, or a duration as Go writes it.
func delay(s string) (time.Duration, error) {
	d, err := time.ParseDuration(s)
	if seconds, number := strconv.Atoi(s); number == nil {
		d, err = time.Duration(seconds)*time.Second, nil
	}
	if err != nil || d < 0 || d > time.Hour {
		return 0, errors.New("want seconds or a duration such as 15s, at most an hour")
	}
	return d, nil
}

func days(s string) (int, error) {
	n, err := strconv.Atoi(s)
	if err != nil || n < 0 || n > 36_500 {
		return 0, errors.New("want a number of days, at most 36500, or 0 for ever")
	}
	return n, nil
}

// size reads bytes, in multiples of 1024 or of 1000 where a unit says so.
func size(s string) (int64, error) {
	units := []struct {
		name  string
		bytes int64
	}{
		{"KiB", 1 << 10},
		{"MiB", 1 << 20},
		{"GiB", 1 << 30},
		{"TiB", 1 << 40},
		{"kB", 1e3},
		{"MB", 1e6},
		{"GB", 1e9},
		{"TB", 1e12},
		{"", 1},
	}
	for _, unit := range units {
		digits, found := strings.CutSuffix(s, unit.name)
		if !found {
			continue
		}
		n, err := strconv.ParseInt(strings.TrimSpace(digits), 10, 64)
		if err != nil || n < 0 || n > 1<<60/unit.bytes {
			break
		}
		return n * unit.bytes, nil
	}
	return 0, errors.New("want a number of bytes, or one with KiB, MiB, GiB, TiB, kB, MB, GB or TB")
}

func rate(s string) (int, error) {
	n, err := strconv.Atoi(s)
	if err != nil || n < 0 || n > 100_000 {
		return 0, errors.New("want a number of connections in a minute, or 0 for no bound")
	}
	return n, nil
}

func level(s string) (slog.Level, error) {
	var l slog.Level
	if err := l.UnmarshalText([]byte(s)); err != nil {
		return l, errors.New("want debug, info, warn or error")
	}
	return l, nil
}
