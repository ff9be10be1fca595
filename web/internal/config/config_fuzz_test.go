package config_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"duplex/web/internal/config"
)

// FuzzParse reads settings. Flags and environment give the same Config, one that is shown and
// entered again is shown the same, and no secret is shown.
func FuzzParse(f *testing.F) {
	list := config.Settings()
	index := map[string]uint8{}
	for i, s := range list {
		index[s.Name] = uint8(i)
		f.Add(index[s.Name], s.Default, index["listen"], "127.0.0.1:0")
	}
	f.Add(index["targets"], "allow:10.0.0.0/8 host:*.Corp.example,port:443,nat64:64:ff9b::/96,deny-host:[::1]", index["retention-bytes"], "5 GiB")
	f.Add(index["identity"], "headers", index["public-url"], "https://duplex.example")
	f.Add(index["egress-proxy"], "http://u:Zq8Xw2kR@proxy.example:3128", index["egress-no-proxy"], "10.0.0.0/8,.corp.example")
	f.Add(index["database-url"], "postgres://u:Zq8Xw2kR@h/d?password=Zq8Xw2kR", index["drain-delay"], "1h1ns")
	f.Add(index["admins"], "cn=a,dc=b|ops", index["relay-origins"], "https://a:443 null")
	f.Add(index["keep-minutes"], " 5 ", index["retention-bytes"], "1152921504606846976kB")
	f.Fuzz(func(t *testing.T, first uint8, one string, second uint8, other string) {
		given := map[string]string{}
		for _, pair := range []struct {
			setting uint8
			value   string
		}{{first, one}, {second, other}} {
			name := list[int(pair.setting)%len(list)].Name
			if name == "provision" || strings.HasSuffix(name, "-file") || pair.value == "" || strings.Contains(pair.value, "\x00") {
				return // it would read files of this machine; an environment has neither
			}
			given[name] = pair.value
		}
		byFlag, flagErr := byFlags(given)
		env := map[string]string{}
		for _, s := range list {
			if value, ok := given[s.Name]; ok {
				env[s.Env()] = value
			}
		}
		byEnv, envErr := parse(nil, env)
		if (flagErr == nil) != (envErr == nil) || flagErr == nil && !cmp.Equal(shown(&byFlag), shown(&byEnv)) {
			t.Fatalf("flags: %v, environment: %v\n%s", flagErr, envErr, cmp.Diff(shown(&byFlag), shown(&byEnv)))
		}
		const password = "Zq8Xw2kR"
		for name, value := range shown(&byFlag) {
			if isSecret := name == "egress-proxy" || name == "database-url" || name == "proxy-secret" || name == "oidc-client-secret"; isSecret && strings.Contains(value, password) {
				t.Errorf("--%s shows the secret: %s", name, value)
			}
		}
		if flagErr != nil {
			return
		}
		back := map[string]string{}
		for name := range given {
			if back[name] = shown(&byFlag)[name]; name == "egress-proxy" || strings.Contains(name, "secret") || name == "database-url" {
				back[name] = given[name] // it is masked
			}
			if back[name] == "" {
				delete(back, name)
			}
		}
		again, err := byFlags(back)
		if err != nil || !cmp.Equal(shown(&byFlag), shown(&again)) {
			t.Errorf("entered again: %v\n%s", err, cmp.Diff(shown(&byFlag), shown(&again)))
		}
		if byFlag.Keep <= 0 || byFlag.DrainDelay < 0 || byFlag.Retention < 0 || byFlag.MaxPayload < 0 || byFlag.MaxPayload > 1<<60 || byFlag.MinFree < -1 || byFlag.MaxOpen < 0 {
			t.Errorf("out of bounds: %+v", byFlag)
		}
	})
}

func byFlags(values map[string]string) (config.Config, error) {
	var args []string
	for name, value := range values {
		args = append(args, "--"+name+"="+value)
	}
	return parse(args, nil)
}

// shown returns the values in effect, as people see them.
func shown(c *config.Config) map[string]string {
	out := map[string]string{}
	for _, v := range c.InEffect {
		out[v.Name] = v.Value
	}
	return out
}
