// Package config turns flags and environment into one checked Config. It knows the
// meaning of settings and which of them exclude each other; it does not read the process,
// and no files but those with secrets, and those with roles.
package config

import (
	"cmp"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"

	"duplex/bridge"
	"duplex/bridge/dial"
	"duplex/handlers/identity"
	"duplex/web/internal/provision"
)

// Config holds the settings that the process runs with.
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
	Provision    string        // file or folder of services, environments, dialects and roles
	Keep         time.Duration // of a session without a viewer
	DrainDelay   time.Duration // between the signal to end and the drain
	Retention    time.Duration // of sessions after their end; 0 is for ever
	MaxPayload   int64         // bytes of all sessions together; 0 is no bound
	MinFree      int64         // bytes that stay free on the disk; negative when not set
	LogLevel     slog.Level
	LogFormat    LogFormat
	InEffect     []Value // for people
}

// LocalAddress is host:port at which this machine reaches the server.
func (c *Config) LocalAddress() string {
	host, port, _ := net.SplitHostPort(c.Listen)
	if host == "" || net.ParseIP(host).IsUnspecified() {
		host = "127.0.0.1"
	}
	return net.JoinHostPort(host, port)
}

// LogFormat is the form of the lines of the program's log.
type LogFormat string

// The formats of the log.
const (
	LogText LogFormat = "text"
	LogJSON LogFormat = "json"
)

// Log returns a log that writes to w.
func (c *Config) Log(w io.Writer) *slog.Logger {
	options := &slog.HandlerOptions{Level: c.LogLevel}
	if c.LogFormat == LogJSON {
		return slog.New(slog.NewJSONHandler(w, options))
	}
	return slog.New(slog.NewTextHandler(w, options))
}

// Source names the place that a value comes from.
type Source string

// The sources. A flag wins over the environment, which wins over the default.
const (
	SourceDefault     Source = "default"
	SourceEnvironment Source = "environment"
	SourceFlag        Source = "flag"
	SourceProvision   Source = "provision" // roles, where no setting names them
)

// Sources lists the sources.
func Sources() []Source {
	return []Source{SourceDefault, SourceEnvironment, SourceFlag, SourceProvision}
}

// Value is a setting with its value in effect. Secrets are masked.
type Value struct {
	Setting

	Value  string
	Source Source
}

const masked = "•••"

// Parse reads the settings. All mistakes are reported together. The error is
// flag.ErrHelp where help is asked for.
func Parse(args []string, getenv func(string) string) (Config, error) {
	values, sources, err := valuesOf(args, getenv)
	if err != nil {
		return Config{}, err
	}
	d := draft{getenv: getenv}
	d.useRoles(values, sources)
	for _, s := range settings {
		value := values[s.Name]
		if s.isSecret {
			value = d.readSecret(s, value, values)
		}
		if err := s.set(&d, value); err != nil {
			d.mistakes = append(d.mistakes, fmt.Errorf("%s %q: %w", s.Flag(), strings.TrimSpace(value), err))
		}
	}
	d.TargetsText = values["targets"]
	d.KeyFile = cmp.Or(d.KeyFile, filepath.Join(d.Data, "keys"))
	d.usePreset()
	d.resolveEgress()
	for _, s := range settings {
		d.InEffect = append(d.InEffect, d.inEffect(s, values[s.Name], sources[s.Name]))
	}
	return d.Config, errors.Join(append(d.mistakes, d.check()...)...)
}

// valuesOf returns the value of each setting and its source.
func valuesOf(args []string, getenv func(string) string) (values map[string]string, sources map[string]Source, err error) {
	flags := flag.NewFlagSet("duplex", flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	for _, s := range settings {
		flags.String(s.Name, s.Default, "")
	}
	if err := flags.Parse(args); errors.Is(err, flag.ErrHelp) {
		return nil, nil, err
	} else if err != nil {
		return nil, nil, fmt.Errorf("%w; \"duplex help settings\" lists the settings", err)
	}
	if flags.NArg() > 0 {
		return nil, nil, fmt.Errorf("unknown command %q; \"duplex help\" lists the commands", flags.Arg(0))
	}
	values, sources = map[string]string{}, map[string]Source{}
	for _, s := range settings {
		values[s.Name], sources[s.Name] = s.Default, SourceDefault
		if value := getenv(s.Env()); value != "" {
			values[s.Name], sources[s.Name] = value, SourceEnvironment
		}
	}
	flags.Visit(func(f *flag.Flag) { values[f.Name], sources[f.Name] = f.Value.String(), SourceFlag })
	isLocal := strings.TrimSpace(values["identity"]) == string(identity.ModeNone)
	for _, s := range settings {
		fallback := s.team
		if isLocal {
			fallback = s.local
		}
		if fallback != "" && (sources[s.Name] == SourceDefault || strings.TrimSpace(values[s.Name]) == "") {
			values[s.Name] = fallback
		}
	}
	return values, sources, nil
}

// useRoles takes the roles of the files of --provision, where no setting names them.
func (d *draft) useRoles(values map[string]string, sources map[string]Source) {
	path := strings.TrimSpace(values["provision"])
	if path == "" {
		return
	}
	document, err := provision.Read(path)
	if err != nil {
		d.mistakes = append(d.mistakes, fmt.Errorf("--provision:\n%w", err))
		return
	}
	roles := &document.Roles
	for name, value := range map[string]string{
		"admins": joinGroups(roles.Admins), "members": joinGroups(roles.Members), "viewers": joinGroups(roles.Viewers), "default-role": roles.Default,
	} {
		if value != "" && sources[name] == SourceDefault {
			values[name], sources[name] = value, SourceProvision
		}
	}
}

// joinGroups writes a list as groupNames reads it.
func joinGroups(names []string) string {
	if len(names) == 0 {
		return ""
	}
	return strings.Join(names, "|") + "|"
}

// draft is a Config while it is read.
type draft struct {
	Config

	getenv       func(string) string
	egressProxy  string // as it was set
	egressExempt string
	egressFrom   Source // of proxies without a setting of ours; "" otherwise
	mistakes     []error
}

// readSecret returns a secret that is set directly or kept in a file.
func (d *draft) readSecret(s Setting, value string, values map[string]string) string {
	file := strings.TrimSpace(values[s.Name+"-file"])
	if file == "" {
		return value
	}
	raw, err := os.ReadFile(file)
	content := strings.TrimRight(string(raw), "\r\n")
	switch {
	case value != "":
		err = errors.New("the secret is set beside it; set one of them")
	case err == nil && content == "":
		err = errors.New("the file is empty")
	}
	if err != nil {
		d.mistakes = append(d.mistakes, fmt.Errorf("%s-file: %w", s.Flag(), err))
	}
	return content
}

// inEffect returns a setting for people.
func (d *draft) inEffect(s Setting, value string, source Source) Value {
	switch {
	case s.Name == "egress-proxy":
		value, source = d.Egress.String(), cmp.Or(d.egressFrom, source)
	case s.Name == "database-url": // it may hold a password
		value = redacted(value)
	case s.isSecret && value != "":
		value = masked
	}
	return Value{Setting: s, Value: value, Source: source}
}

func redacted(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return masked
	}
	u.RawQuery = "" // PostgreSQL takes a password there too
	return u.Redacted()
}

// check finds settings that would let strangers in, or that cannot work.
func (c *Config) check() []error {
	var m mistakes
	if _, _, err := net.SplitHostPort(c.Listen); err != nil {
		m.add("--listen %q: want host:port, such as 127.0.0.1:8080", c.Listen)
	}
	m = append(m, c.checkIdentity()...)
	if c.Data == "" {
		m.add("--data: want a directory; the key file that seals secrets is kept there")
	}
	if c.DatabaseURL != "" && !strings.HasPrefix(c.DatabaseURL, "postgres://") && !strings.HasPrefix(c.DatabaseURL, "postgresql://") {
		m.add("--database-url: want postgres://user@host/database") // the value may hold a password: not shown
	}
	return m
}

type mistakes []error

func (m *mistakes) add(format string, a ...any) { *m = append(*m, fmt.Errorf(format, a...)) }
