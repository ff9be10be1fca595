package config

import (
	"log/slog"
	"net/netip"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"duplex/bridge"
	"duplex/bridge/dial"
	"duplex/handlers/identity"
)

// Group is a part of the table of settings.
type Group string

// The groups, as the reference page shows them.
const (
	GroupServer   Group = "server"
	GroupStore    Group = "store"
	GroupTargets  Group = "targets"
	GroupIdentity Group = "identity"
	GroupHeaders  Group = "headers" // of a trusted proxy: mode headers
	GroupJWT      Group = "jwt"     // tokens that a proxy signs: mode jwt
	GroupOIDC     Group = "oidc"    // an OpenID provider: mode oidc
)

// Groups lists the groups in the order of the reference page.
func Groups() []Group {
	return []Group{GroupServer, GroupStore, GroupTargets, GroupIdentity, GroupHeaders, GroupJWT, GroupOIDC}
}

// Setting is one row of the table of settings. Its sentence for people is
// "setting.<name>" in the catalogue.
type Setting struct {
	Name    string // of the flag, without dashes: "public-url"
	Default string // "" where it depends on other settings
	Group   Group

	team     string // the default with people who sign in, where it differs
	local    string // the default with one local user, where Default is ""
	isSecret bool   // shown masked
	set      func(d *draft, value string) error
}

// Flag is the setting on the command line: "--public-url".
func (s Setting) Flag() string { return "--" + s.Name }

// Env is the setting in the environment: "DUPLEX_PUBLIC_URL".
func (s Setting) Env() string {
	return "DUPLEX_" + strings.ToUpper(strings.ReplaceAll(s.Name, "-", "_"))
}

// Settings returns the table of settings, group by group.
func Settings() []Setting { return slices.Clone(settings) }

// settings is the one list behind flags, environment, Config and the reference page.
var settings = slices.Concat(
	group(GroupServer,
		row("listen", "127.0.0.1:8080", text, func(d *draft) *string { return &d.Listen }),
		row("public-url", "", publicURL, func(d *draft) **url.URL { return &d.PublicURL }),
		row("provision", "", text, func(d *draft) *string { return &d.Provision }),
		row("demo", "true", strconv.ParseBool, func(d *draft) *bool { return &d.Demo }).forTeams("false"),
		row("keep-minutes", strconv.Itoa(int(bridge.DefaultKeepTime/time.Minute)), minutes, func(d *draft) *time.Duration { return &d.Keep }),
		row("drain-delay", "0s", delay, func(d *draft) *time.Duration { return &d.DrainDelay }),
		row("log-level", "info", level, func(d *draft) *slog.Level { return &d.LogLevel }),
		row("log-format", "text", logFormat, func(d *draft) *LogFormat { return &d.LogFormat }),
	),
	group(GroupStore,
		row("data", "data", text, func(d *draft) *string { return &d.Data }),
		row("key-file", "", text, func(d *draft) *string { return &d.KeyFile }),
		row("database-url", "", text, func(d *draft) *string { return &d.DatabaseURL }),
		row("retention-days", "0", days, func(d *draft) *time.Duration { return &d.Retention }),
		row("retention-bytes", "0", size, func(d *draft) *int64 { return &d.MaxPayload }),
		row("min-free-bytes", "", leastFree, func(d *draft) *int64 { return &d.MinFree }),
	),
	group(GroupTargets,
		row("targets", "", parsePolicy, func(d *draft) *dial.Policy { return &d.Targets }).forOne("loopback,private").forTeams("public"),
		secret("egress-proxy", func(d *draft) *string { return &d.egressProxy }),
		file("egress-proxy"),
		row("egress-no-proxy", "", exemptHosts, func(d *draft) *string { return &d.egressExempt }),
		row("dials-per-minute", "", rate, func(d *draft) *int { return &d.Dials.PerMinute }).forOne("0").forTeams("120"),
		row("dials-per-target", "", rate, func(d *draft) *int { return &d.Dials.PerTarget }).forOne("0").forTeams("30"),
		row("open-per-person", "", rate, func(d *draft) *int { return &d.MaxOpen }).forOne("0").forTeams("200"),
		row("relay-origins", "", origins, func(d *draft) *[]string { return &d.RelayOrigins }),
		row("allow-skip-verify", "false", strconv.ParseBool, func(d *draft) *bool { return &d.SkipVerify }),
	),
	group(GroupIdentity,
		row("identity", string(identity.ModeNone), mode, func(d *draft) *identity.Mode { return &d.Identity.Mode }),
		row("identity-preset", "", findPreset, func(d *draft) *string { return &d.Identity.Preset }),
		row("trusted-proxies", "", parseProxies, func(d *draft) *[]netip.Prefix { return &d.Identity.Proxies }),
		secret("proxy-secret", func(d *draft) *string { return &d.Identity.ProxySecret }),
		file("proxy-secret"),
		row("groups-claim", "groups", text, func(d *draft) *string { return &d.Identity.GroupsClaim }),
		row("admins", "", groupNames, func(d *draft) *[]string { return &d.Identity.Roles.Admins }),
		row("members", "", groupNames, func(d *draft) *[]string { return &d.Identity.Roles.Members }),
		row("viewers", "", groupNames, func(d *draft) *[]string { return &d.Identity.Roles.Viewers }),
		row("default-role", "", identity.ParseRole, func(d *draft) *identity.Role { return &d.Identity.Roles.Default }),
		row("lease-seconds", "900", between(1, 86400, time.Second), func(d *draft) *time.Duration { return &d.Identity.Lease }),
		row("grace-seconds", "1", between(0, 300, time.Second), func(d *draft) *time.Duration { return &d.Identity.Grace }),
		row("token-away-days", "7", between(1, 366, 24*time.Hour), func(d *draft) *time.Duration { return &d.Identity.Away }),
		row("sign-out-url", "", text, func(d *draft) *string { return &d.Identity.SignOutURL }),
	),
	group(GroupHeaders,
		row("user-header", "", headerName, func(d *draft) *string { return &d.Identity.Headers.User }),
		row("email-header", "", headerName, func(d *draft) *string { return &d.Identity.Headers.Email }),
		row("name-header", "", headerName, func(d *draft) *string { return &d.Identity.Headers.Name }),
		row("groups-header", "", headerName, func(d *draft) *string { return &d.Identity.Headers.Groups }),
		row("group-separator", "", verbatim, func(d *draft) *string { return &d.Identity.Headers.Separator }),
	),
	group(GroupJWT,
		row("jwt-header", "", headerName, func(d *draft) *string { return &d.Identity.Token.Header }),
		row("jwt-issuer", "", text, func(d *draft) *string { return &d.Identity.Token.Issuer }),
		row("jwt-audience", "", text, func(d *draft) *string { return &d.Identity.Token.Audience }),
		row("jwt-keys-url", "", text, func(d *draft) *string { return &d.Identity.Token.KeysURL }),
		row("jwt-algorithms", "", words, func(d *draft) *[]string { return &d.Identity.Token.Algorithms }),
		row("alb-signer", "", text, func(d *draft) *string { return &d.Identity.Token.Signer }),
	),
	group(GroupOIDC,
		row("oidc-issuer", "", text, func(d *draft) *string { return &d.Identity.Provider.Issuer }),
		row("oidc-client-id", "", text, func(d *draft) *string { return &d.Identity.Provider.ClientID }),
		secret("oidc-client-secret", func(d *draft) *string { return &d.Identity.Provider.ClientSecret }),
		file("oidc-client-secret"),
		row("oidc-scopes", "openid profile email offline_access", words, func(d *draft) *[]string { return &d.Identity.Provider.Scopes }),
	),
)

// row makes a setting that is parsed and kept in a field.
func row[T any](name, fallback string, parse func(string) (T, error), field func(*draft) *T) Setting {
	return Setting{Name: name, Default: fallback, set: func(d *draft, value string) (err error) {
		*field(d), err = parse(value)
		return err
	}}
}

// secret makes a setting that is shown nowhere.
func secret(name string, field func(*draft) *string) Setting {
	s := row(name, "", verbatim, field)
	s.isSecret = true
	return s
}

// file makes the setting that names a file with a secret in it.
func file(secret string) Setting {
	return Setting{Name: secret + "-file", set: func(*draft, string) error { return nil }}
}

func (s Setting) forOne(fallback string) Setting {
	s.local = fallback
	return s
}

func (s Setting) forTeams(fallback string) Setting {
	s.team = fallback
	return s
}

func group(name Group, rows ...Setting) []Setting {
	for i := range rows {
		rows[i].Group = name
	}
	return rows
}
