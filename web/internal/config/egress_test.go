package config_test

import (
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestEgressProxy reads settings and environment and asks where two targets go.
func TestEgressProxy(t *testing.T) {
	file := filepath.Join(t.TempDir(), "proxy")
	if err := os.WriteFile(file, []byte("http://ann:s3cr3tpw@filed.example:3128\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		name                   string
		args                   []string
		env                    map[string]string
		ws, wss, shown, source string
	}{
		{"nothing is set", nil, nil, "", "", "none", "default"},
		{"setting", []string{"--egress-proxy=http://ann:s3cr3tpw@proxy.example:3128"}, map[string]string{"HTTPS_PROXY": "http://other.example"}, "proxy.example:3128", "proxy.example:3128", "http://ann:xxxxx@proxy.example:3128", "flag"},
		{"environment", nil, map[string]string{"HTTPS_PROXY": "http://ann:s3cr3tpw@secure.example:3128", "HTTP_PROXY": "plain.example:8080"}, "plain.example:8080", "secure.example:3128", "ws: http://plain.example:8080, wss: http://ann:xxxxx@secure.example:3128", "environment"},
		{"lower case wins", nil, map[string]string{"https_proxy": "http://lower.example", "HTTPS_PROXY": "http://upper.example"}, "", "lower.example", "ws: none, wss: http://lower.example", "environment"},
		{"all_proxy stands in", nil, map[string]string{"all_proxy": "http://all.example", "HTTPS_PROXY": "http://secure.example"}, "all.example", "secure.example", "ws: http://all.example, wss: http://secure.example", "environment"},
		{"socks is not asked", nil, map[string]string{"ALL_PROXY": "socks5://socks.example", "HTTPS_PROXY": "http://a.example", "HTTP_PROXY": "http://a.example"}, "a.example", "a.example", "http://a.example", "environment"},
		{"none overrules", []string{"--egress-proxy=none"}, map[string]string{"HTTPS_PROXY": "http://secure.example", "ALL_PROXY": "socks5://x.example"}, "", "", "none", "flag"},
		{"own setting in the environment", nil, map[string]string{"DUPLEX_EGRESS_PROXY": "https://proxy.example"}, "proxy.example", "proxy.example", "https://proxy.example", "environment"},
		{"file", []string{"--egress-proxy-file=" + file}, nil, "filed.example:3128", "filed.example:3128", "http://ann:xxxxx@filed.example:3128", "default"},
		{"exempt by setting", []string{"--egress-proxy=proxy.example", "--egress-no-proxy=.example.org, outside.example:443"}, map[string]string{"NO_PROXY": "*"}, "proxy.example", "", "http://proxy.example", "flag"},
		{"exempt by NO_PROXY", []string{"--egress-proxy=proxy.example"}, map[string]string{"NO_PROXY": "outside.example"}, "", "", "http://proxy.example", "flag"},
	} {
		t.Run(test.name, func(t *testing.T) {
			c, err := parse(test.args, test.env)
			if err != nil {
				t.Fatal(err)
			}
			for address, want := range map[string]string{"ws://outside.example/": test.ws, "wss://outside.example/": test.wss, "wss://127.0.0.1/": ""} {
				u, _ := url.Parse(address)
				host := ""
				if proxy := c.Egress.Proxy(u); proxy != nil {
					host = proxy.Host
				}
				if host != want {
					t.Errorf("%s goes through %q, want %q", address, host, want)
				}
			}
			for _, v := range c.InEffect {
				if strings.Contains(v.Value, "s3cr3tpw") {
					t.Errorf("%s shows %q", v.Flag(), v.Value)
				}
				if v.Name == "egress-proxy" && (v.Value != test.shown || string(v.Source) != test.source) {
					t.Errorf("shown as %q of %s, want %q of %s", v.Value, v.Source, test.shown, test.source)
				}
			}
		})
	}
}

func TestEgressSettingsThatCannotWork(t *testing.T) {
	for _, test := range []struct {
		args []string
		env  map[string]string
		want []string
	}{
		{[]string{"--egress-proxy=socks5://ann:s3cr3tpw@x:1080", "--egress-no-proxy=a b,10.0.0.0/99", "--listen=nonsense"}, nil, []string{"SOCKS", `"a b"`, "10.0.0.0/99", "--listen"}},
		{[]string{"--egress-proxy=http://ann:s3cr3tpw@x:0"}, nil, []string{"--egress-proxy: want http://host:port"}},
		{[]string{"--egress-proxy=http://ann:s3cr3tpw@x/path"}, nil, []string{"--egress-proxy: want http://host:port"}},
		{[]string{"--egress-proxy=none", "--egress-no-proxy=x.example"}, nil, []string{"--egress-no-proxy does not go with"}},
		{[]string{"--egress-proxy=http://a.example", "--egress-proxy-file=/nowhere"}, nil, []string{"--egress-proxy-file"}},
		{nil, map[string]string{"HTTPS_PROXY": "http://ann:s3cr3tpw@"}, []string{"HTTPS_PROXY in the environment", "--egress-proxy overrules"}},
		{nil, map[string]string{"all_proxy": "socks5://ann:s3cr3tpw@x"}, []string{"all_proxy in the environment: SOCKS"}},
	} {
		_, err := parse(test.args, test.env)
		if err == nil {
			t.Errorf("%v %v: starts", test.args, test.env)
			continue
		}
		for _, want := range test.want {
			if !strings.Contains(err.Error(), want) {
				t.Errorf("%v %v: %q is not said in:\n%v", test.args, test.env, want, err)
			}
		}
		if strings.Contains(err.Error(), "s3cr3tpw") {
			t.Errorf("%v %v: a password is shown:\n%v", test.args, test.env, err)
		}
	}
}
