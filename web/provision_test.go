package main

import (
	"bytes"
	"context"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

const provisioned = `duplex: 1
roles: {admins: [ops, "cn=a,dc=b"]}
environments:
  - name: staging
    values: {region: cn-north-4, env: prod}
    secrets:
      api_key: {value: {env: STAGING_KEY}, targets: ["*.example.com"]}
dialects:
  - dialect: 1
    name: our-asr
    in: {text: {send: [{text: "{{text}}"}]}}
    receive: {envelope: json, text: {stream: answer, path: "$.text", mode: append}, done: {"$.end": true}}
services:
  - name: asr
    address: wss://asr.{{region}}.example.com/v1?a=%2F
    environment: staging
    dialect: our-asr
    ping_interval: 30s
  - name: signed
    address: wss://gw.example.com/infer
    credential: {kind: aksk, access_key: AKEXAMPLE, secret_key: {file: "FILE"}}
    headers:
      - {name: X-Key, secret: true, value: {env: HEADER_KEY}}
      - {name: X-Plain, value: "1"}
`

// provisioning is a data directory with the file of the example, and the environment that
// has its secrets.
type provisioning struct {
	t          *testing.T
	file, data string
	env        map[string]string
}

func newProvisioning(t *testing.T) *provisioning {
	t.Helper()
	dir := t.TempDir()
	p := &provisioning{t: t, file: filepath.Join(dir, "services.yaml"), data: filepath.Join(dir, "data"), env: map[string]string{"STAGING_KEY": "s3cr3t-one", "HEADER_KEY": "s3cr3t-two"}}
	p.write(filepath.Join(dir, "secret"), "s3cr3t-three\n")
	p.write(p.file, strings.ReplaceAll(provisioned, "FILE", filepath.Join(dir, "secret")))
	return p
}

func (p *provisioning) write(file, content string) {
	p.t.Helper()
	if err := os.WriteFile(file, []byte(content), 0o600); err != nil {
		p.t.Fatal(err)
	}
}

func (p *provisioning) edit(old, now string) {
	p.t.Helper()
	raw, err := os.ReadFile(p.file)
	if err != nil || !strings.Contains(string(raw), old) {
		p.t.Fatalf("%v: no %q in\n%s", err, old, raw)
	}
	p.write(p.file, strings.Replace(string(raw), old, now, 1))
}

func (p *provisioning) start() *program {
	p.t.Helper()
	return startProgramIn(p.t, func(k string) string { return p.env[k] }, "--data", p.data, "--demo=false", "--provision", p.file)
}

var provisionedLine = regexp.MustCompile(`msg=provisioned list=(\S+) name=(\S+) did=("[^"]*"|\S+)`)

// did returns what the log of a start says was done.
func (p *program) did() string {
	var lines []string
	for _, m := range provisionedLine.FindAllStringSubmatch(p.logs.String(), -1) {
		did, _, _ := strings.Cut(strings.Trim(m[3], `"`), ":")
		lines = append(lines, m[2]+" "+did)
	}
	return strings.Join(lines, ", ")
}

func TestFilesAreProvisionedAndDriftIsSaid(t *testing.T) {
	t.Parallel()
	files := newProvisioning(t)
	p := files.start()
	if did := p.did(); did != "staging made, our-asr made, asr made, signed made" {
		t.Errorf("first start: %s", did)
	}
	var s savedService
	p.call("GET", "/api/services/signed", nil, http.StatusOK, &s)
	if s.Credential["access_key"] != "AKEXAMPLE" {
		t.Errorf("%+v", s)
	}
	p.stop()
	if strings.Contains(p.logs.String(), "s3cr3t") {
		t.Error("a secret is in the log")
	}
	if out := ran(t, 0, "secrets", "check", "--data", files.data); !strings.Contains(out, "3 secrets, 3 can be opened") {
		t.Errorf("%s", out)
	}
	p = files.start()
	if did := p.did(); did != "" {
		t.Errorf("second start: %s", did)
	}
	p.call("PATCH", "/api/services/asr", object{"folder": "mine"}, http.StatusOK, nil)
	p.stop()
	files.edit("cn-north-4", "cn-south-1")
	files.env["HEADER_KEY"] = "s3cr3t-four"
	p = files.start()
	if did := p.did(); did != "staging changed, asr restored, signed changed" {
		t.Errorf("after changes: %s", did)
	}
	p.stop()
	files.edit("  - name: asr\n", "  - name: other\n")
	p = files.start()
	if did := p.did(); did != "other made, asr left as it is" {
		t.Errorf("with another name: %s", did)
	}
}

func TestExportIsProvisionedAndExportedAgain(t *testing.T) {
	t.Parallel()
	files := newProvisioning(t)
	files.start().stop()
	first := ran(t, 0, "export", "--data", files.data)
	if strings.Contains(first, "s3cr3t") || !strings.Contains(first, "DUPLEX_SECRET_SIGNED_SECRET_KEY") {
		t.Errorf("exported\n%s", first)
	}
	again := newProvisioning(t)
	again.write(again.file, first)
	for _, name := range regexp.MustCompile(`DUPLEX_SECRET_\w+`).FindAllString(first, -1) {
		again.env[name] = "s3cr3t-" + name
	}
	again.start().stop()
	if second := ran(t, 0, "export", "--data", again.data); second != first {
		t.Errorf("exported\n%s\nprovisioned, and exported again\n%s", first, second)
	}
}

func TestMistakesInProvisionedFilesHaveTheirPlace(t *testing.T) {
	for name, test := range map[string]struct{ old, now, says string }{
		"unknown list":         {"services:", "servces:", `:13:1: The key "servces" is unknown; known are duplex, roles, environments, dialects, services. Did you mean "services"?`},
		"unknown key":          {"ping_interval:", "ping_intervall:", `:18:5: service "asr": the key "ping_intervall" is unknown. Did you mean "ping_interval"?`},
		"unknown inner key":    {"{name: X-Plain, value", "{name: X-Plain, valu", `:24:25: service "signed": the key "valu" is unknown. Did you mean "value"?`},
		"bad value":            {"name: X-Plain", `name: "X:"`, `:24:16: service "signed": This is not the name of a header.`},
		"unknown dialect":      {"dialect: our-asr", "dialect: our-as", `:17:14: service "asr":`},
		"unknown dialect key":  {"receive: {", "recive: {", `Did you mean "receive"?`},
		"secret in the file":   {"{env: HEADER_KEY}", "s3cr3t-five", `:23:44: A secret does not belong in this file.`},
		"variable that is not": {"{env: HEADER_KEY}", "{env: NOTHING}", `The environment variable NOTHING is not set.`},
		"no version":           {"duplex: 1\n", "", `The key duplex is missing`},
		"two of one name":      {"name: signed", "name: ASR", `Another entry of services has the name "ASR".`},
		"not YAML":             {"roles: {", "roles: {{", `services.yaml:`},
		"wrong roles":          {"{admins:", "{bosses:", `:2:8: Roles are`},
	} {
		t.Run(name, func(t *testing.T) {
			files := newProvisioning(t)
			files.edit(test.old, test.now)
			ctx, stop := context.WithCancel(t.Context())
			defer stop()
			var errs bytes.Buffer
			code := run(ctx, process{
				args:   []string{"--listen", "127.0.0.1:0", "--data", files.data, "--demo=false", "--provision", files.file},
				getenv: func(k string) string { return files.env[k] }, stderr: &errs,
				stdout: lineFunc(func(string) { stop() }), // it has started
			})
			if code == 0 || !strings.Contains(errs.String(), test.says) || strings.Contains(errs.String(), "s3cr3t") {
				t.Errorf("%d, want %s:\n%s", code, test.says, &errs)
			}
		})
	}
}

func TestRolesComeFromTheFiles(t *testing.T) {
	t.Parallel()
	files := newProvisioning(t)
	settings := []string{"doctor", "--data", files.data, "--provision", files.file, "--identity=oidc", "--public-url=http://127.0.0.1:8080", "--oidc-client-id=duplex", "--oidc-issuer=http://127.0.0.1:1"}
	if _, out, _ := runHelp(t, files.env, settings...); strings.Contains(out, "problem  settings") {
		t.Errorf("with roles in the file:\n%s", out)
	}
	files.edit(`roles: {admins: [ops, "cn=a,dc=b"]}`, "roles: {}")
	if _, out, _ := runHelp(t, files.env, settings...); !strings.Contains(out, "problem  settings") {
		t.Errorf("without:\n%s", out)
	}
}

// lineFunc is called with what is written.
type lineFunc func(line string)

// Write implements io.Writer.
func (f lineFunc) Write(p []byte) (int, error) {
	f(string(p))
	return len(p), nil
}
