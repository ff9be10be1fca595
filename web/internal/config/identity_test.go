package config_test

import (
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"duplex/handlers/identity/proxy"
	"duplex/web/internal/config"
)

// team are settings that start, in each mode.
var team = map[string][]string{
	"headers": {
		"--identity=headers", "--listen=0.0.0.0:80", "--public-url=https://duplex.example", "--trusted-proxies=10.0.3.7",
		"--identity-preset=authentik", "--members=staff",
	},
	"jwt": {
		"--identity=jwt", "--public-url=https://duplex.example", "--jwt-issuer=https://sso.example", "--jwt-audience=duplex",
		"--jwt-keys-url=https://sso.example/keys", "--default-role=viewer",
	},
	"oidc": {
		"--identity=oidc", "--public-url=https://duplex.example", "--oidc-issuer=https://sso.example", "--oidc-client-id=duplex",
		"--oidc-client-secret=s3cret-of-duplex", "--admins=ops",
	},
	"aws-alb": {
		"--identity=jwt", "--identity-preset=aws-alb", "--public-url=https://duplex.example", "--jwt-issuer=https://sso.example",
		"--alb-signer=arn:aws:elasticloadbalancing:eu-central-1:123456789012:loadbalancer/app/web/0123456789abcdef", "--admins=ops",
	},
	"local proxy": {
		"--identity=headers", "--trusted-proxies=127.0.0.1 ::1", "--user-header=X-User", "--default-role=member",
	},
}

func TestTeamsStart(t *testing.T) {
	for name, args := range team {
		if _, err := parse(args, nil); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestSettingsThatLetStrangersInAreRefusedByName(t *testing.T) {
	tests := []struct {
		mode, arg, want string
	}{
		{"headers", "--trusted-proxies=", "--trusted-proxies"},
		{"headers", "--trusted-proxies=*", "--trusted-proxies"},
		{"headers", "--trusted-proxies=0.0.0.0/0", "--trusted-proxies"},
		{"headers", "--trusted-proxies=::/0", "--trusted-proxies"},
		{"headers", "--trusted-proxies=10.0.3.7,10.0.0.0/7", "--trusted-proxies"},
		{"headers", "--trusted-proxies=2001::/16", "--trusted-proxies"},
		{"headers", "--trusted-proxies=10.0.3.7/24", "10.0.3.0/24"},
		{"headers", "--trusted-proxies=2001:db8::1/64", "2001:db8::/64"},
		{"headers", "--trusted-proxies=::ffff:10.0.0.0/104", "--trusted-proxies"},
		{"headers", "--trusted-proxies=0.0.0.0", "--trusted-proxies"},
		{"headers", "--trusted-proxies=fe80::1%eth0", "--trusted-proxies"},
		{"headers", "--trusted-proxies=proxy.example", "--trusted-proxies"},
		{"headers", "--public-url=", "--public-url"},
		{"headers", "--public-url=http://duplex.example", "--public-url"},
		{"headers", "--identity-preset=google-iap", "--identity jwt"},
		{"headers", "--identity-preset=", "--user-header"},
		{"jwt", "--identity-preset=authelia", "--identity headers"},
		{"headers", "--identity-preset=nginx", "--identity-preset"},
		{"headers", "--user-header=X User", "--user-header"},
		{"headers", "--proxy-secret=short", "--proxy-secret"},
		{"headers", "--members=", "--default-role"},
		{"headers", "--default-role=root", "--default-role"},
		{"headers", "--lease-seconds=0", "--lease-seconds"},
		{"headers", "--identity=none", "--identity none"},
		{"jwt", "--jwt-issuer=", "--jwt-issuer"},
		{"jwt", "--jwt-issuer=http://sso.example", "--jwt-issuer"},
		{"jwt", "--jwt-audience=", "--jwt-audience"},
		{"jwt", "--jwt-keys-url=", "--jwt-keys-url"},
		{"jwt", "--jwt-keys-url=http://sso.example/keys", "--jwt-keys-url"},
		{"jwt", "--jwt-keys-url=http://127.0.0.1.evil.example/keys", "--jwt-keys-url"},
		{"jwt", "--jwt-algorithms=RS256,HS256", "--jwt-algorithms"},
		{"jwt", "--jwt-algorithms=none", "--jwt-algorithms"},
		{"oidc", "--oidc-issuer=http://sso.example", "--oidc-issuer"},
		{"oidc", "--oidc-issuer=", "--oidc-issuer"},
		{"oidc", "--oidc-client-id=", "--oidc-client-id"},
		{"oidc", "--oidc-scopes=profile", "--oidc-scopes"},
		{"oidc", "--public-url=", "--public-url"},
		{"oidc", "--oidc-client-secret-file=/nothing/here", "--oidc-client-secret-file"},
		{"aws-alb", "--alb-signer=", "--alb-signer"},
		{"aws-alb", "--alb-signer=arn:aws:elasticloadbalancing:evil.example/x#:123456789012:loadbalancer/app/web/0123456789abcdef", "--alb-signer"},
	}
	for _, tt := range tests {
		_, err := parse(append(append([]string{}, team[tt.mode]...), tt.arg), nil)
		if err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s with %s: %v", tt.mode, tt.arg, err)
		}
	}
}

func TestPresetsFillInWhatIsNotSet(t *testing.T) {
	c, err := parse(append(team["headers"], "--email-header=X-Mail", "--admins=ops, platform"), nil)
	if err != nil {
		t.Fatal(err)
	}
	s := c.Identity
	if want := (proxy.Headers{User: "X-Authentik-Uid", Email: "X-Mail", Name: "X-Authentik-Name", Groups: "X-Authentik-Groups", Separator: "|"}); s.Headers != want {
		t.Errorf("headers %+v", s.Headers)
	}
	if s.Proxies[0] != netip.MustParsePrefix("10.0.3.7/32") || s.Lease != 15*time.Minute || s.SignOutURL == "" {
		t.Errorf("got %+v", s)
	}
	if diff := cmp.Diff([]string{"ops", "platform"}, s.Roles.Admins); diff != "" {
		t.Error(diff)
	}
	c, err = parse([]string{
		"--identity=jwt", "--identity-preset=cloudflare-access", "--public-url=https://duplex.example",
		"--jwt-issuer=https://team.cloudflareaccess.com", "--jwt-audience=tag", "--admins=CN=Ops,OU=IT|CN=Dev,OU=IT",
	}, nil)
	if err != nil {
		t.Fatal(err)
	}
	s = c.Identity
	if s.Token.Header != "Cf-Access-Jwt-Assertion" || s.Token.KeysURL != "https://team.cloudflareaccess.com/cdn-cgi/access/certs" ||
		s.Token.Algorithms[0] != "RS256" || len(s.Roles.Admins) != 2 || s.Roles.Admins[1] != "CN=Dev,OU=IT" {
		t.Errorf("got %+v", s)
	}
}

func TestTeamsReachNothingBehindTheServerUnlessTold(t *testing.T) {
	c, err := parse(team["oidc"], nil)
	if err != nil || c.Demo || c.Targets.AllowLoopback || c.Targets.AllowPrivate {
		t.Errorf("demo %v, policy %+v, %v", c.Demo, c.Targets, err)
	}
	c, err = parse(append(team["oidc"], "--demo=true", "--targets=loopback"), nil)
	if err != nil || !c.Demo || !c.Targets.AllowLoopback {
		t.Errorf("demo %v, policy %+v, %v", c.Demo, c.Targets, err)
	}
}

func TestSecretsComeFromFilesAndAreNotShown(t *testing.T) {
	file := filepath.Join(t.TempDir(), "secret")
	if err := os.WriteFile(file, []byte("canary-of-the-client\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	args := []string{
		"--identity=oidc", "--public-url=http://duplex.localhost:1", "--oidc-issuer=http://sso.localhost:2", "--oidc-client-id=duplex", "--admins=ops",
	}
	c, err := config.Parse(args, func(k string) string {
		return map[string]string{"DUPLEX_OIDC_CLIENT_SECRET_FILE": file, "DUPLEX_PROXY_SECRET": "canary-of-the-proxy"}[k]
	})
	if err != nil || c.Identity.Provider.ClientSecret != "canary-of-the-client" || c.Identity.ProxySecret != "canary-of-the-proxy" {
		t.Fatalf("%+v, %v", c.Identity, err)
	}
	for _, v := range c.InEffect {
		if strings.Contains(v.Value, "canary") {
			t.Errorf("%s shows %q", v.Flag(), v.Value)
		}
	}
	if _, err := parse(append(args, "--oidc-client-secret=x", "--oidc-client-secret-file="+file), nil); err == nil || strings.Contains(err.Error(), "canary") {
		t.Errorf("two secrets: %v", err)
	}
}
