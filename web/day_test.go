package main

import (
	"encoding/json"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/goccy/go-yaml"

	"duplex/bridge/testkit"
	"duplex/web/internal/pgtest"
	"duplex/web/internal/ssotest"
)

// A team that knows the README alone starts Duplex with the settings of the compose file, on
// PostgreSQL and behind its provider, and gives it services from a file. It takes a backup
// under load, restores it elsewhere and starts there. When the database is gone an alert
// fires, and doctor says why.
func TestATeamRunsDuplexForADay(t *testing.T) {
	t.Parallel()
	if !testkit.Full() {
		t.Skip("in full alone: each step has tests of its own")
	}
	prometheus := testkit.Need(t, "prometheus", "apt-get install prometheus")
	database := pgtest.Start(t)
	target := startStreamer(t, 500)
	services := filepath.Join(t.TempDir(), "services.yaml")
	if err := os.WriteFile(services, []byte("duplex: 1\nroles: {admins: [ops], members: [dev]}\nservices:\n  - {name: asr, address: \""+target.url+"\", shared: true}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	provider := ssotest.Start(t, ssotest.Options{Host: "sso.localhost"})
	public, serve := front(t)
	provider.Allow(public+"/sign-in/callback", public+"/signed-out")
	store := []string{"--database-url", database.DatabaseURL(t)}
	env := composed(t, provider.Issuer, public)
	start := func(args ...string) *team {
		p := startProgramIn(t, func(k string) string { return env[k] }, append([]string{"--demo=false", "--targets=loopback", "--provision", services}, args...)...)
		serve(p.url)
		return &team{p, public, provider}
	}

	m := start(store...)
	ada := m.enter("ada")
	_, body := ada.ask("POST", "/api/sessions", `{"service":"asr"}`)
	var session struct{ ID string }
	if err := json.Unmarshal([]byte(body), &session); err != nil || session.ID == "" {
		t.Fatalf("the provisioned service is not reached: %s", body)
	}
	shown := func(b *browser) (seq int64) {
		var state struct {
			LastSeq int64 `json:"last_seq"`
		}
		_, body := b.ask("GET", "/api/sessions/"+session.ID, "")
		if err := json.Unmarshal([]byte(body), &state); err != nil {
			t.Fatal(body, err)
		}
		return state.LastSeq
	}
	until(t, "messages pass", func() bool { return shown(ada) > 500 })

	before := shown(ada)
	file, contents := backUp(t, append(store, "--data", m.data)...)
	until(t, "messages pass after the backup", func() bool { return shown(ada) > before })
	m.stop()

	elsewhere := t.TempDir()
	keys, err := os.ReadFile(filepath.Join(m.data, "keys"))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(elsewhere, "keys"), keys, 0o600); err != nil {
		t.Fatal(err)
	}
	store = []string{"--database-url", database.DatabaseURL(t), "--data", elsewhere}
	if out := ran(t, 0, append([]string{"restore", file}, store...)...); contentsOfBackup.FindString(out) != contents || contents == "" {
		t.Fatalf("backed up %q, restored\n%s", contents, out)
	}
	m = start(store...)
	if did := m.did(); did != "" {
		t.Errorf("after the restore was provisioned: %s", did)
	}
	if last := shown(m.enter("ada")); last < before {
		t.Errorf("%d messages were shown before the backup, %d after the restore", before, last)
	}

	alerts := monitor(t, prometheus, strings.TrimPrefix(m.url, "http://"))
	until(t, "Prometheus scrapes", func() bool { return alerts("up") == "up 1" })
	database.Stop(syscall.SIGINT)
	until(t, "the alert fires", func() bool { return strings.Contains(alerts(`ALERTS{alertstate="firing"}`), "DuplexStoreTrouble") })
	code, out, _ := runHelp(t, env, append([]string{"doctor", "--provision", services, "--listen", strings.TrimPrefix(m.url, "http://")}, store...)...)
	if code != 1 || !strings.Contains(out, "problem  database") {
		t.Errorf("doctor: %d\n%s", code, out)
	}
	database.Start()
	until(t, "the alert ends", func() bool { return alerts(`ALERTS{alertstate="firing"}`) == "" })
}

// composed is the environment of the compose file, with the addresses of this test.
func composed(t *testing.T, issuer, public string) map[string]string {
	t.Helper()
	var file struct {
		Services map[string]struct{ Environment map[string]string }
	}
	raw, err := os.ReadFile("deploy/compose/compose.yaml")
	if err != nil {
		t.Fatal(err)
	}
	if err := yaml.Unmarshal(raw, &file); err != nil {
		t.Fatal(err)
	}
	env := file.Services["duplex"].Environment
	secret := filepath.Join(t.TempDir(), "oidc")
	if err := os.WriteFile(secret, []byte(ssotest.ClientSecret), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, value := range map[string]string{
		"DUPLEX_PUBLIC_URL": public, "DUPLEX_OIDC_ISSUER": issuer, "DUPLEX_OIDC_CLIENT_ID": ssotest.ClientID, "DUPLEX_OIDC_CLIENT_SECRET_FILE": secret,
		"DUPLEX_DRAIN_DELAY": "0s", // no balancer has to notice
	} {
		if env[name] == "" {
			t.Errorf("the compose file has no %s", name)
		}
		env[name] = value
	}
	// The test's own arguments name the store and the address; roles come from the provisioned file.
	for _, name := range []string{"DUPLEX_DATABASE_URL", "DUPLEX_LISTEN", "DUPLEX_ADMINS", "DUPLEX_MEMBERS", "DUPLEX_LOG_FORMAT"} {
		delete(env, name)
	}
	return env
}

// monitor runs Prometheus with the alerts of web/deploy, which fire at once, and returns what
// answers a query: name and value of each series in it.
func monitor(t *testing.T, prometheus, target string) func(query string) string {
	t.Helper()
	dir := t.TempDir()
	rules, err := os.ReadFile("deploy/prometheus/alerts.yaml")
	if err != nil {
		t.Fatal(err)
	}
	impatient := strings.ReplaceAll(string(rules), "for: 30s", "for: 0s")
	config := "global: {scrape_interval: 200ms, evaluation_interval: 200ms}\nrule_files: [alerts.yaml]\nscrape_configs: [{job_name: duplex, static_configs: [{targets: [\"" + target + "\"]}]}]\n"
	for name, content := range map[string]string{"alerts.yaml": impatient, "prometheus.yaml": config} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	addr := testkit.FreeAddr(t)
	testkit.Start(t, addr, prometheus, "--config.file="+filepath.Join(dir, "prometheus.yaml"), "--storage.tsdb.path="+filepath.Join(dir, "data"), "--web.listen-address="+addr)
	return func(query string) string {
		t.Helper()
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://"+addr+"/api/v1/query", nil)
		if err != nil {
			t.Fatal(err)
		}
		req.URL.RawQuery = url.Values{"query": {query}}.Encode()
		res, err := new(http.Client).Do(req)
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = res.Body.Close() }()
		if res.StatusCode == http.StatusServiceUnavailable { // it is not ready yet
			return ""
		}
		var answer struct {
			Data struct {
				Result []struct {
					Metric map[string]string
					Value  []any
				}
			}
		}
		if err := json.NewDecoder(res.Body).Decode(&answer); err != nil {
			t.Fatal(err)
		}
		var series []string
		for _, s := range answer.Data.Result {
			name := s.Metric["alertname"]
			if name == "" {
				name = s.Metric["__name__"]
			}
			if len(s.Value) == 2 {
				value, _ := s.Value[1].(string)
				series = append(series, name+" "+value)
			}
		}
		return strings.Join(series, ", ")
	}
}
