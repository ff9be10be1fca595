//go:build e2e

package e2e

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"io/fs"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// hidden is a secret that is easy to find again.
const hidden = "secret/Zq8+7Xw2=kR5tY1uN4"

// encodings of the secret under which it might hide.
func encodings() map[string]string {
	upper := strings.ToUpper(hex.EncodeToString([]byte(hidden)))
	return map[string]string{
		"plain": hidden, "url": url.QueryEscape(hidden), "path": url.PathEscape(hidden),
		"hex": strings.ToLower(upper), "HEX": upper,
		"base64": strings.TrimRight(base64.StdEncoding.EncodeToString([]byte(hidden)), "=")[:28],
		"json":   strings.ReplaceAll(hidden, "/", `\/`),
	}
}

func TestSecretIsFoundNowhere(t *testing.T) {
	s := start(t, t.TempDir())
	answers := useCanary(t, s)
	for _, path := range []string{"/", "/services/new", "/history", "/audit", "/api/audit", "/settings", "/metrics", "/api/services", "/api/sessions"} {
		_, raw := s.call(http.MethodGet, path, nil, nil)
		answers[path] = raw
	}
	s.searched(answers)
}

func TestSecretTypedIntoThePageIsFoundNowhere(t *testing.T) {
	s := start(t, t.TempDir())
	p := browse(t, 1440, 900)
	p.visit(s.URL + "/services/new")
	p.fill("address", s.demo("echo", "none").Address)
	p.click("tab-auth")
	p.choose("auth-kind", "bearer")
	p.fill("auth-token", hidden)
	p.fill("service-name", "secret of the page")
	p.click("save")
	p.until(`/^\/services\/[0-9a-f-]{36}$/.test(location.pathname)`)
	p.connect()
	p.compose("text", "hello")
	p.sent(3)
	answers := map[string][]byte{}
	for name, expression := range map[string]string{
		"page": "document.documentElement.outerHTML", "local storage": "JSON.stringify({...localStorage})",
		"session storage": "JSON.stringify({...sessionStorage})",
		"inputs":          `[...document.querySelectorAll("input, textarea")].map((input) => input.value).join("\n")`,
	} {
		answers[name] = []byte(p.eval(expression))
	}
	_, answers["service"] = s.call(http.MethodGet, "/api/services", nil, nil)
	_, answers["session"] = s.call(http.MethodGet, "/api/sessions/"+p.session(), nil, nil)
	if problems := p.unexpected(); len(problems) > 0 {
		answers["console"] = []byte(strings.Join(problems, "\n"))
	}
	s.searched(answers)
}

// searched ends the program and looks for the secret in the answers, in what the
// program printed and in every file it left.
func (s *server) searched(answers map[string][]byte) {
	s.t.Helper()
	s.signal(syscall.SIGTERM)
	answers["log"] = []byte(s.log())
	err := filepath.WalkDir(s.Data, func(path string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			answers[path], err = os.ReadFile(path)
		}
		return err
	})
	if err != nil {
		s.t.Fatal(err)
	}
	for place, raw := range answers {
		for name, needle := range encodings() {
			if bytes.Contains(raw, []byte(needle)) {
				s.t.Errorf("the secret stands in %s (%s)", place, name)
			}
		}
	}
	s.t.Logf("%d places searched", len(answers))
}

// useCanary saves the secret in services of several kinds, dials with it, makes it
// fail, and keeps every answer.
func useCanary(t *testing.T, s *server) map[string][]byte {
	t.Helper()
	answers := map[string][]byte{}
	echo := s.demo("echo", "none").Address
	for _, credential := range []object{
		{"kind": "bearer", "token": hidden},
		{"kind": "query", "name": "key", "value": hidden},
		{"kind": "header", "name": "X-My-Key", "value": hidden},
		{"kind": "basic", "username": "me", "password": hidden},
		{"kind": "aksk", "access_key": "AK", "secret_key": hidden},
		{"kind": "app_code", "app_code": hidden},
	} {
		kind := fmt.Sprint(credential["kind"])
		var saved struct{ ID string }
		status, raw := s.call(http.MethodPost, "/api/services", object{"name": "canary " + kind, "address": echo, "credential": credential}, &saved)
		if status != http.StatusCreated {
			t.Fatalf("%s: %d %s", kind, status, raw)
		}
		answers[kind+" saved"] = raw
		_, answers[kind+" read"] = s.call(http.MethodGet, "/api/services/"+saved.ID, nil, nil)
		_, answers[kind+" page"] = s.call(http.MethodGet, "/services/"+saved.ID, nil, nil)
		var opened struct{ ID string }
		_, answers[kind+" opened"] = s.call(http.MethodPost, "/api/sessions", object{"service": saved.ID}, &opened)
		if opened.ID == "" {
			t.Fatalf("%s: %s", kind, answers[kind+" opened"])
		}
		for _, path := range []string{"", "/messages", "/export?format=jsonl", "/export?format=har", "/export?format=txt"} {
			_, answers[kind+path] = s.call(http.MethodGet, "/api/sessions/"+opened.ID+path, nil, nil)
		}
		_, answers[kind+" console"] = s.call(http.MethodGet, "/sessions/"+opened.ID, nil, nil)
		_, answers[kind+" refused"] = s.call(http.MethodPost, "/api/sessions",
			object{"service": saved.ID, "address": strings.Replace(echo, "/echo", "/status", 1), "params": []object{{"name": "code", "value": "401"}}}, nil)
		_, answers[kind+" unreachable"] = s.call(http.MethodPost, "/api/sessions", object{"service": saved.ID, "address": "ws://127.0.0.1:9/x"}, nil)
	}
	return answers
}
