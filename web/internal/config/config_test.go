package config_test

import (
	"net/netip"
	"strings"
	"testing"
	"time"

	"duplex/handlers/identity"
	"duplex/web/internal/config"
)

func parse(args []string, env map[string]string) (config.Config, error) {
	return config.Parse(args, func(k string) string { return env[k] })
}

func TestDefaultsServeOneLocalUser(t *testing.T) {
	c, err := parse(nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	if c.Listen != "127.0.0.1:8080" || c.Identity.Mode != identity.ModeNone || !c.Demo || c.Keep != 30*time.Minute {
		t.Errorf("got %+v", c)
	}
	if !c.Targets.AllowLoopback || !c.Targets.AllowPrivate {
		t.Errorf("policy %+v", c.Targets)
	}
}

func TestFlagWinsOverEnvironment(t *testing.T) {
	env := map[string]string{"DUPLEX_LISTEN": "127.0.0.1:1", "DUPLEX_DATA": "/from/env"}
	c, err := parse([]string{"--listen", "[::1]:2"}, env)
	if err != nil || c.Listen != "[::1]:2" || c.Data != "/from/env" {
		t.Errorf("got %+v, %v", c, err)
	}
}

func TestAllMistakesAreReportedTogether(t *testing.T) {
	_, err := parse([]string{
		"--listen=0.0.0.0:80", "--public-url=ftp://x", "--targets=allow:10.0.0.1/8,nonsense,port:0",
		"--demo=maybe", "--keep-minutes=0", "--log-level=loud", "--database-url=mysql://u:secretpw@h/d",
	}, nil)
	if err == nil {
		t.Fatal("no error")
	}
	for _, want := range []string{"--listen", "--public-url", "10.0.0.0/8", "nonsense", "port:1", "--demo", "--keep-minutes", "--log-level", "--database-url"} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("%q is not said in:\n%v", want, err)
		}
	}
	if strings.Contains(err.Error(), "secretpw") {
		t.Error("a password is shown")
	}
}

func TestStrangersAreKeptOut(t *testing.T) {
	for _, args := range [][]string{
		{"--listen=:8080"},
		{"--listen=192.168.1.5:8080"},
		{"--listen=[::]:8080"},
		{"--public-url=https://duplex.example"},
		{"--identity=everybody"},
	} {
		if _, err := parse(args, nil); err == nil {
			t.Errorf("%v would start", args)
		}
	}
}

func TestTargetsPolicy(t *testing.T) {
	c, err := parse([]string{"--targets", "allow:10.20.0.0/16, deny:10.20.99.0/24 host:*.Corp.example,port:443,nat64:64:ff9b::/96"}, nil)
	if err != nil {
		t.Fatal(err)
	}
	p := c.Targets
	if p.AllowLoopback || p.AllowPrivate || p.Allow[0] != netip.MustParsePrefix("10.20.0.0/16") ||
		p.Deny[0] != netip.MustParsePrefix("10.20.99.0/24") || p.HostAllow[0] != "*.corp.example" ||
		p.Ports[0] != 443 || p.NAT64[0] != netip.MustParsePrefix("64:ff9b::/96") {
		t.Errorf("got %+v", p)
	}
}

func TestSettingsInEffectShowNoPassword(t *testing.T) {
	c, err := parse([]string{"--database-url", "postgres://me:secretpw@db/x?password=secretpw"}, map[string]string{"DUPLEX_DATA": "/d"})
	if err != nil {
		t.Fatal(err)
	}
	sources := map[string]string{}
	for _, v := range c.InEffect {
		sources[v.Name] = string(v.Source)
		if strings.Contains(v.Value, "secretpw") {
			t.Errorf("%s shows %q", v.Flag(), v.Value)
		}
	}
	if sources["data"] != "environment" || sources["listen"] != "default" || sources["database-url"] != "flag" {
		t.Errorf("sources %v", sources)
	}
}

// With people who sign in, the server is a way into its network: the defaults are narrow.
func TestDefaultsHangOnWhoMayComeIn(t *testing.T) {
	local, err := parse(nil, nil)
	if err != nil || local.TargetsText != "loopback,private" || local.Dials.PerMinute != 0 || local.Dials.PerTarget != 0 {
		t.Errorf("none: %+v, %v", local, err)
	}
	people, _ := parse([]string{"--identity", "headers"}, nil)
	if people.TargetsText != "public" || people.Targets.AllowLoopback || people.Targets.AllowPrivate || people.Dials.PerMinute != 120 || people.Dials.PerTarget != 30 {
		t.Errorf("headers: %+v", people)
	}
	set, _ := parse([]string{"--identity", "headers", "--targets", "private", "--dials-per-minute", "0"}, map[string]string{"DUPLEX_DIALS_PER_TARGET": "7"})
	if !set.Targets.AllowPrivate || set.Dials.PerMinute != 0 || set.Dials.PerTarget != 7 {
		t.Errorf("set: %+v", set)
	}
	for _, args := range [][]string{{"--dials-per-minute", "-1"}, {"--dials-per-target", "often"}, {"--allow-skip-verify", "perhaps"}} {
		if _, err := parse(args, nil); err == nil || !strings.Contains(err.Error(), args[0]) {
			t.Errorf("%v: %v", args, err)
		}
	}
}

func TestHostPatternsAllowAndDeny(t *testing.T) {
	c, err := parse([]string{"--targets", "host:*.corp.example,host:10.0.0.1,deny-host:HR.corp.example,host:!*.secret.corp.example"}, nil)
	if err != nil || strings.Join(c.Targets.HostAllow, " ") != "*.corp.example 10.0.0.1" || strings.Join(c.Targets.HostDeny, " ") != "hr.corp.example *.secret.corp.example" {
		t.Errorf("%+v, %v", c.Targets, err)
	}
	c, err = parse([]string{"--targets", "host:*.Bücher.example,host:例え.テスト,deny-host:xn--r8jz45g.test,deny-host:[::1],host:*"}, nil)
	if err != nil || strings.Join(c.Targets.HostAllow, " ") != "*.xn--bcher-kva.example xn--r8jz45g.xn--zckzah *" || strings.Join(c.Targets.HostDeny, " ") != "xn--r8jz45g.test ::1" {
		t.Errorf("in the spelling that is judged: %+v, %v", c.Targets, err)
	}
	for _, word := range []string{"host:a.example:443", "deny-host:１２７.0.0.1", "host:", "host:!", "deny-host:", "host:a.*.example", "host:a.example/x", "host:*a.example", "deny-host:a b"} {
		if _, err := parse([]string{"--targets", word}, nil); err == nil {
			t.Errorf("%s is taken", word)
		}
	}
}

func TestKeyFileIsInTheDataDirectoryUnlessNamed(t *testing.T) {
	c, err := parse([]string{"--data", "/d"}, nil)
	if err != nil || c.KeyFile != "/d/keys" {
		t.Errorf("%q, %v", c.KeyFile, err)
	}
	c, err = parse([]string{"--data", "/d"}, map[string]string{"DUPLEX_KEY_FILE": "/run/secrets/keys"})
	if err != nil || c.KeyFile != "/run/secrets/keys" {
		t.Errorf("%q, %v", c.KeyFile, err)
	}
}
