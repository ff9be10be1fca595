//go:build e2e

package e2e

import (
	"net/http"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
)

// useAudited makes audit entries of several kinds.
func useAudited(t *testing.T, s *server) {
	t.Helper()
	var saved struct{ ID string }
	s.call(http.MethodPost, "/api/services", object{
		"name": "ASR prod", "address": s.demo("echo", "none").Address, "credential": object{"kind": "bearer", "token": secrets["bearer.token"]},
	}, &saved)
	s.call(http.MethodPost, "/api/sessions", object{"service": saved.ID}, nil)
	s.call(http.MethodPost, "/api/sessions", object{"address": "ws://169.254.169.254/latest"}, nil)
	session := s.open(object{"service": s.demo("echo", "aksk").ID})
	s.call(http.MethodGet, "/api/sessions/"+session+"/export?format=har", nil, nil)
	s.call(http.MethodPost, "/api/sessions/"+session+"/close", object{}, nil)
}

func TestAuditPageFiltersAndExports(t *testing.T) {
	t.Parallel()
	s := start(t, t.TempDir())
	useAudited(t, s)
	p := browse(t, 1440, 900)
	p.visit(s.URL + "/audit")
	p.untilText("audit-chain", "Chain intact up to entry")
	if all := p.eval(`document.querySelectorAll("[data-testid=audit-row]").length`); all == "0" {
		t.Fatal("no entries")
	}
	if link := p.eval(`document.querySelector("a[href='/audit'][aria-current=page]") !== null`); link != "true" {
		t.Error("the side list does not mark the page")
	}
	p.choose("audit-action", "policy.denied")
	p.click("audit-apply")
	p.until(`location.search.includes("policy.denied") && document.querySelectorAll("[data-testid=audit-row]").length === 1`)
	if row := p.eval(`document.querySelector("[data-testid=audit-row]").innerText`); !strings.Contains(row, "169.254.169.254:80") || !strings.Contains(row, "refused") {
		t.Errorf("the row says %s", row)
	}
	if chosen := p.eval(`document.querySelector("[data-testid=audit-action]").value`); chosen != "policy.denied" {
		t.Errorf("the form forgot its filter: %s", chosen)
	}
	lines := p.await(`fetch(document.querySelector("[data-testid=audit-export]").href).then((r) => r.text())`)
	if strings.Count(lines, "\n") != 1 || !strings.Contains(lines, `"detail":"target_blocked"`) {
		t.Errorf("the export holds %s", lines)
	}
	p.choose("audit-action", "")
	p.fill("audit-text", "asr PROD")
	p.do(chromedp.SendKeys(id("audit-text"), "\n"))
	p.until(`!location.search.includes("policy.denied") && document.querySelectorAll("[data-testid=audit-row]").length >= 4`)
	p.fill("audit-text", "of no entry")
	p.click("audit-apply")
	p.until(`document.querySelector(".page-empty") !== null`)
	if problems := p.unexpected(); len(problems) > 0 {
		t.Errorf("the console says %v", problems)
	}
}

func TestAuditPageTurnsPagesWithoutScripts(t *testing.T) {
	t.Parallel()
	s := start(t, t.TempDir())
	for range 60 { // two entries each
		s.call(http.MethodPost, "/api/sessions", object{"address": "ws://169.254.169.254/"}, nil)
	}
	_, first := s.call(http.MethodGet, "/audit", nil, nil)
	if n := strings.Count(string(first), `data-testid="audit-row"`); n != 100 {
		t.Fatalf("%d rows", n)
	}
	_, rest, _ := strings.Cut(string(first), `data-testid="audit-older" href="`)
	href, _, _ := strings.Cut(rest, `"`)
	_, second := s.call(http.MethodGet, strings.ReplaceAll(href, "&amp;", "&"), nil, nil)
	if n := strings.Count(string(second), `data-testid="audit-row"`); n < 20 || n > 30 || !strings.Contains(string(second), `data-seq="1"`) {
		t.Errorf("the second page has %d rows behind %q", n, href)
	}
	if strings.Contains(string(second), "audit-older") || !strings.Contains(string(second), "audit-newest") {
		t.Error("the last page leads on, or not back")
	}
}

func TestAuditPageShowsEveryColumnAt900Pixels(t *testing.T) {
	t.Parallel()
	s := start(t, t.TempDir())
	useAudited(t, s)
	for _, language := range []string{"en", "zh"} {
		p := browse(t, 900, 900)
		p.reads(language)
		p.visit(s.URL + "/audit")
		if hidden := p.eval(`document.querySelector(".table-scroll").scrollWidth - document.querySelector(".table-scroll").clientWidth`); hidden != "0" {
			t.Errorf("%s: %s pixels of the table are out of sight", language, hidden)
		}
	}
}
