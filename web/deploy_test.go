package main

import (
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"

	"duplex/bridge/testkit"
	"duplex/web/internal/config"
)

// checkSettings fails unless each variable is a setting of the program, and they can be
// used together. Files of secrets are stood in for.
func checkSettings(t *testing.T, env map[string]string) {
	t.Helper()
	var known []string
	for _, s := range config.Settings() {
		known = append(known, s.Env())
	}
	secret := filepath.Join(t.TempDir(), "secret")
	if err := os.WriteFile(secret, []byte("a-secret"), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, value := range env {
		if !slices.Contains(known, name) {
			t.Errorf("%s is no setting", name)
		}
		if strings.HasSuffix(name, "_FILE") {
			env[name] = secret
		}
		if strings.HasPrefix(value, "${") {
			env[name] = "postgres://duplex:password@postgres/duplex"
		}
	}
	if _, err := config.Parse(nil, func(k string) string { return env[k] }); err != nil {
		t.Errorf("the settings cannot be used: %v", err)
	}
}

func TestDeployComposeHasSettingsOfTheProgram(t *testing.T) {
	t.Parallel()
	var file struct {
		Services map[string]struct {
			Image       string
			Restart     string
			DependsOn   any `yaml:"depends_on"`
			Environment map[string]string
			Secrets     []string
			Ports       []string
			Volumes     []string
			Stop        string `yaml:"stop_grace_period"`
			Healthcheck struct {
				Test     []string
				Interval string
			}
		}
		Volumes map[string]struct{}
		Secrets map[string]struct{ File string }
	}
	readStrictly(t, "deploy/compose/compose.yaml", &file)
	duplex := file.Services["duplex"]
	checkSettings(t, duplex.Environment)
	if len(duplex.Healthcheck.Test) != 3 || !isCommand(duplex.Healthcheck.Test[2]) {
		t.Errorf("health check %v", duplex.Healthcheck.Test)
	}
	for name, service := range file.Services {
		for _, secret := range service.Secrets {
			if file.Secrets[secret].File == "" {
				t.Errorf("%s needs the secret %s", name, secret)
			}
		}
		for _, volume := range service.Volumes {
			source, _, _ := strings.Cut(volume, ":")
			_, named := file.Volumes[source]
			if !named && !strings.HasPrefix(source, ".") {
				t.Errorf("%s needs the volume %s", name, source)
			}
		}
	}
}

func isCommand(name string) bool {
	return slices.ContainsFunc(commands(), func(c verb) bool { return c.name == name })
}

func TestDeployKubernetesHasSettingsOfTheProgram(t *testing.T) {
	t.Parallel()
	raw, err := os.ReadFile("deploy/kubernetes/duplex.yaml")
	if err != nil {
		t.Fatal(err)
	}
	deployment, service, found := strings.Cut(string(raw), "\n---\n")
	var set struct {
		Kind string
		Spec struct {
			Replicas int
			Template struct {
				Spec struct {
					Containers []struct {
						Env []struct {
							Name, Value string
							ValueFrom   any `yaml:"valueFrom"`
						}
						ReadinessProbe, LivenessProbe struct {
							HTTPGet struct{ Path string } `yaml:"httpGet"`
						}
					}
				}
			}
		}
	}
	if err := yaml.Unmarshal([]byte(deployment), &set); err != nil || !found {
		t.Fatalf("%v in %s", err, raw)
	}
	if set.Kind != "Deployment" || set.Spec.Replicas != 1 || len(set.Spec.Template.Spec.Containers) != 1 {
		t.Fatalf("%+v", set)
	}
	env := map[string]string{}
	for _, variable := range set.Spec.Template.Spec.Containers[0].Env {
		if env[variable.Name] = variable.Value; variable.ValueFrom != nil {
			env[variable.Name] = "${secret}"
		}
	}
	checkSettings(t, env)
	var other map[string]any
	if err := yaml.Unmarshal([]byte(service), &other); err != nil || other["kind"] != "Service" {
		t.Errorf("%v %v", other, err)
	}
	p := startProgram(t, "--demo=false")
	for _, path := range []string{"/readyz", "/healthz"} {
		if !strings.Contains(deployment, "path: "+path) {
			t.Errorf("no probe asks for %s", path)
		}
		if res, raw := p.do("GET", path, "", nil); res.StatusCode != http.StatusOK {
			t.Errorf("%s: %d %s", path, res.StatusCode, raw)
		}
	}
}

func TestDeployUnitIsVerifiedBySystemd(t *testing.T) {
	t.Parallel()
	raw, err := os.ReadFile("deploy/systemd/duplex.service")
	if err != nil {
		t.Fatal(err)
	}
	var start []string
	for line := range strings.Lines(string(raw)) {
		if command, found := strings.CutPrefix(strings.TrimSpace(line), "ExecStart="); found {
			start = strings.Fields(command)
		}
	}
	if len(start) < 2 {
		t.Fatalf("ExecStart %v", start)
	}
	if _, err := config.Parse(start[1:], func(string) string { return "" }); err != nil {
		t.Error(err)
	}
	verify := testkit.Need(t, "systemd-analyze", "apt-get install systemd")
	unit := filepath.Join(t.TempDir(), "duplex.service")
	content := strings.Replace(string(raw), start[0], "/bin/true", 1) // the program is not installed here
	if err := os.WriteFile(unit, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	if out, err := exec.CommandContext(t.Context(), verify, "verify", "--man=no", unit).CombinedOutput(); err != nil || strings.Contains(string(out), "duplex.service:") {
		t.Errorf("systemd-analyze: %v\n%s", err, out)
	}
}

// The file of nginx, with this machine's addresses and without TLS, carries a session.
func TestDeployNginxCarriesASession(t *testing.T) {
	t.Parallel()
	nginx := "/usr/sbin/nginx"
	if _, err := os.Stat(nginx); err != nil {
		testkit.Missing(t, "nginx", "apt-get install nginx-light")
	}
	raw, err := os.ReadFile("deploy/proxy/nginx.conf")
	if err != nil {
		t.Fatal(err)
	}
	addr := testkit.FreeAddr(t)
	p := startProgram(t, "--public-url", "http://"+addr)
	dir := t.TempDir()
	var lines []string
	for line := range strings.Lines(string(raw)) {
		if !strings.Contains(line, "ssl_certificate") {
			lines = append(lines, line)
		}
	}
	content := strings.NewReplacer("listen 443 ssl", "listen "+addr, "http://duplex:8080", p.url, "events {}", "daemon off; master_process off; pid "+dir+"/pid; error_log "+dir+"/error; events {}",
		"http {", "http { access_log off; client_body_temp_path "+dir+"; proxy_temp_path "+dir+"; fastcgi_temp_path "+dir+"; uwsgi_temp_path "+dir+"; scgi_temp_path "+dir+";").Replace(strings.Join(lines, ""))
	file := filepath.Join(dir, "nginx.conf")
	if err := os.WriteFile(file, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	testkit.Start(t, addr, nginx, "-e", filepath.Join(dir, "error"), "-c", file)
	requireCarriesASession(t, p, addr)
}

// requireCarriesASession sends a message through the proxy at addr before the program.
func requireCarriesASession(t *testing.T, p *program, addr string) {
	t.Helper()
	behind := *p
	behind.url = "http://" + addr
	s := behind.echo()
	v := behind.attach(s.ID, 0)
	behind.send(s.ID, "text", "", "through the proxy")
	v.awaitRows(3)
	if res, _ := behind.do("GET", "/metrics", "", nil); res.StatusCode != http.StatusNotFound {
		t.Errorf("metrics are open to browsers: %d", res.StatusCode)
	}
}

// The file of haproxy, with this machine's addresses and without TLS, carries a session.
func TestDeployHaproxyCarriesASession(t *testing.T) {
	t.Parallel()
	haproxy := testkit.Need(t, "haproxy", "apt-get install haproxy")
	raw, err := os.ReadFile("deploy/proxy/haproxy.cfg")
	if err != nil {
		t.Fatal(err)
	}
	addr := testkit.FreeAddr(t)
	p := startProgram(t, "--public-url", "http://"+addr)
	content := strings.NewReplacer("bind :443 ssl crt /etc/haproxy/certificates/duplex.pem alpn http/1.1", "bind "+addr, " duplex:8080", " "+strings.TrimPrefix(p.url, "http://")).Replace(string(raw))
	if strings.Contains(content, ":443") || strings.Contains(content, ":8080") {
		t.Fatalf("the addresses are not replaced:\n%s", content)
	}
	file := filepath.Join(t.TempDir(), "haproxy.cfg")
	if err := os.WriteFile(file, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	if out, err := exec.CommandContext(t.Context(), haproxy, "-c", "-f", file).CombinedOutput(); err != nil || strings.Contains(string(out), "WARNING") {
		t.Errorf("haproxy -c: %v\n%s", err, out)
	}
	testkit.Start(t, addr, haproxy, "-db", "-f", file)
	requireCarriesASession(t, p, addr)
}
