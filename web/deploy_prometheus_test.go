package main

import (
	"encoding/json"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"

	"duplex/bridge/testkit"
)

type alertRules struct {
	Groups []struct {
		Name  string
		Rules []struct {
			Alert, Expr, For    string
			Labels, Annotations map[string]string
		}
	}
}

type dashboard struct {
	Panels []struct {
		Title   string
		Targets []struct{ Expr string }
	}
}

// readStrictly reads a file of web/deploy and refuses unknown keys.
func readStrictly(t *testing.T, file string, out any) {
	t.Helper()
	raw, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if err := yaml.UnmarshalWithOptions(raw, out, yaml.Strict()); err != nil {
		t.Fatalf("%s: %v", file, err)
	}
}

// expressions returns the expressions of rules and panels, by what they are for.
func expressions(t *testing.T) map[string]string {
	t.Helper()
	found := map[string]string{}
	var rules alertRules
	readStrictly(t, "deploy/prometheus/alerts.yaml", &rules)
	for _, group := range rules.Groups {
		for _, rule := range group.Rules {
			if rule.Annotations["summary"] == "" || rule.Labels["severity"] == "" {
				t.Errorf("%s has no summary or no severity", rule.Alert)
			}
			found[rule.Alert] = rule.Expr
		}
	}
	var board dashboard
	raw, err := os.ReadFile("deploy/prometheus/dashboard.json")
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(raw, &board); err != nil {
		t.Fatal(err)
	}
	for _, panel := range board.Panels {
		for n, target := range panel.Targets {
			found[panel.Title+" "+string(rune('A'+n))] = target.Expr
		}
	}
	return found
}

// Prometheus itself reads the rules, and the expressions of the dashboard as rules.
func TestPrometheusReadsRulesAndDashboard(t *testing.T) {
	t.Parallel()
	promtool := testkit.Need(t, "promtool", "apt-get install prometheus")
	check := func(args ...string) {
		t.Helper()
		if out, err := exec.CommandContext(t.Context(), promtool, args...).CombinedOutput(); err != nil {
			t.Errorf("promtool %v: %v\n%s", args, err, out)
		}
	}
	check("check", "config", "deploy/prometheus/prometheus.yaml")
	type recorded struct {
		Record string `yaml:"record"`
		Expr   string `yaml:"expr"`
	}
	var rules []recorded
	for _, expr := range expressions(t) {
		rules = append(rules, recorded{"a:panel", expr})
	}
	raw, err := yaml.Marshal(map[string]any{"groups": []any{map[string]any{"name": "panels", "rules": rules}}})
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "panels.yaml")
	if err := os.WriteFile(file, raw, 0o600); err != nil {
		t.Fatal(err)
	}
	check("check", "rules", "--lint=none", file)
}

// A rule about a metric that does not exist never fires, and nobody notices.
func TestEveryMetricOfRulesAndDashboardIsExposed(t *testing.T) {
	t.Parallel()
	p := startProgram(t)
	p.savesDialect(echoDialect)
	p.call("POST", "/api/services", object{"name": "spoken", "address": p.demo("echo", "none").Address, "dialect": "our-echo"}, http.StatusCreated, nil)
	p.call("POST", "/api/sessions", object{"address": "ws://127.0.0.1:1/"}, http.StatusBadGateway, nil)
	p.call("POST", "/api/services/spoken/ask", object{"text": "hello"}, http.StatusOK, nil)
	var exposed string
	until(t, "the session that was asked is counted", func() bool {
		_, raw := p.do("GET", "/metrics", "", nil)
		exposed = string(raw)
		return strings.Contains(exposed, "duplex_closes_total{") && strings.Contains(exposed, "duplex_turns_total{")
	})
	families := map[string]bool{"up": true}
	for _, line := range regexp.MustCompile(`(?m)^([a-z_0-9]+)[{ ]`).FindAllStringSubmatch(exposed, -1) {
		families[line[1]] = true
	}
	metric := regexp.MustCompile(`\b(?:up|(?:duplex|go|process)_[a-z0-9_]+)\b`)
	for name, expr := range expressions(t) {
		used := metric.FindAllString(expr, -1)
		if len(used) == 0 {
			t.Errorf("%s uses no metric: %s", name, expr)
		}
		for _, metric := range used {
			if !families[metric] {
				t.Errorf("%s uses %s, which is not exposed", name, metric)
			}
		}
	}
	for _, line := range []string{`duplex_dials_total{result="tcp",service="none"} 1`, `duplex_store_trouble{trouble="away"} 0`, `duplex_audit_intact 1`, `duplex_http_requests_total{code="502",method="POST",route="/api/sessions"} 1`} {
		if !strings.Contains(exposed, line) {
			t.Errorf("%s is not in\n%s", line, exposed)
		}
	}
}
