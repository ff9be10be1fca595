package main

import (
	"bytes"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"duplex/bridge/demo"
	"duplex/web/internal/ssotest"
)

const (
	secondKey = "second:" + "2222222222222222222222222222222222222222222222222222222222222222" + "\n"
	wrongKey  = "3333333333333333333333333333333333333333333333333333333333333333"
)

// command runs the program as a person types it, to its end.
func command(t *testing.T, args ...string) (code int, out string) {
	t.Helper()
	var both bytes.Buffer
	code = run(t.Context(), process{args: args, getenv: func(string) string { return "" }, stdout: &both, stderr: &both})
	return code, both.String()
}

func wantCommand(t *testing.T, code int, says []string, args ...string) {
	t.Helper()
	got, out := command(t, args...)
	if got != code {
		t.Errorf("%v ended with %d, want %d:\n%s", args, got, code, out)
	}
	for _, want := range says {
		if !strings.Contains(out, want) {
			t.Errorf("%v does not say %q:\n%s", args, want, out)
		}
	}
}

func putKeys(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path+".draft", []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(path+".draft", path); err != nil {
		t.Fatal(err)
	}
}

func readKeys(t *testing.T, path string) string {
	t.Helper()
	raw, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(raw)
}

// countDemoSecrets returns the number of secrets of the demo services, plus more.
func countDemoSecrets(more int) string {
	for _, service := range (&demo.Demo{}).Services("ws://127.0.0.1:1") {
		more += len(service.Credential.Secrets)
	}
	return strconv.Itoa(more)
}

// The whole of a rotation as the README tells it, while the server runs.
func TestRotationUnderARunningServer(t *testing.T) {
	t.Parallel()
	data := t.TempDir()
	p := startProgram(t, "--data", data)
	service := p.demo("echo", "bearer").ID
	p.open(object{"service": service})
	keys := filepath.Join(data, "keys")
	first := readKeys(t, keys)
	firstID, _, _ := strings.Cut(first, ":")
	wantCommand(t, 0, []string{"key " + firstID + ": " + countDemoSecrets(0) + " secrets, the newest", countDemoSecrets(0) + " secrets, " + countDemoSecrets(0) + " can be opened"}, "secrets", "check", "--data", data)

	putKeys(t, keys, secondKey+first)
	wantCommand(t, 0, []string{countDemoSecrets(0) + " secrets wrapped under the key second"}, "secrets", "rewrap", "--data", data)
	p.open(object{"service": service})
	wantCommand(t, 0, []string{"key second: " + countDemoSecrets(0) + " secrets, the newest", "key " + firstID + ": 0 secrets, no longer needed"}, "secrets", "check", "--data", data)
	wantCommand(t, 0, []string{"0 secrets wrapped"}, "secrets", "rewrap", "--data", data)

	putKeys(t, keys, secondKey)
	var saved savedService
	p.call("POST", "/api/services", object{
		"name": "later", "address": "ws://127.0.0.1:9/", "credential": object{"kind": "bearer", "token": "entered-later"},
	}, 201, &saved)
	p.open(object{"service": service})
	wantCommand(t, 0, []string{"key second: " + countDemoSecrets(1) + " secrets, the newest", countDemoSecrets(1) + " secrets, " + countDemoSecrets(1) + " can be opened"}, "secrets", "check", "--data", data)
	p.stop()
	startProgram(t, "--data", data).open(object{"service": service})
}

// Who is signed in stays so: the provider's refresh token is under the keys too.
func TestRotationSignsNobodyOut(t *testing.T) {
	t.Parallel()
	data := t.TempDir()
	m := startTeam(t, ssotest.Options{}, append(leaseArgs(), "--data", data)...)
	ada := m.enter("ada")
	keys := filepath.Join(data, "keys")
	first := readKeys(t, keys)
	firstID, _, _ := strings.Cut(first, ":")
	putKeys(t, keys, secondKey+first)
	wantCommand(t, 0, []string{countDemoSecrets(1) + " secrets wrapped under the key second"}, "secrets", "rewrap", "--data", data)
	wantCommand(t, 0, []string{"key " + firstID + ": 0 secrets, no longer needed"}, "secrets", "check", "--data", data)
	putKeys(t, keys, secondKey)
	for m.provider.Renewals() == 0 {
		if res, body := ada.ask("GET", "/api/lease", ""); res.StatusCode != http.StatusOK {
			t.Fatalf("%d %s", res.StatusCode, body)
		}
	}

	putKeys(t, keys, "third:"+wrongKey+"\n")
	wantCommand(t, 1, []string{`cannot be opened: refresh token of "ada of the company", who will have to sign in again, under key second`}, "secrets", "check", "--data", data)
}

func TestSecretsCheckNamesTheMissingKey(t *testing.T) {
	t.Parallel()
	data := t.TempDir()
	startProgram(t, "--data", data).stop()
	keys := filepath.Join(data, "keys")
	first := readKeys(t, keys)
	id, _, _ := strings.Cut(first, ":")
	missing := []string{"key " + id + ": " + countDemoSecrets(0) + " secrets, missing in the key file", countDemoSecrets(0) + " secrets, 0 can be opened", `the key file has no key "` + id + `"`}
	putKeys(t, keys, secondKey)
	wantCommand(t, 1, missing, "secrets", "check", "--data", data)
	wantCommand(t, 1, []string{"0 secrets wrapped", `no key "` + id + `"`}, "secrets", "rewrap", "--data", data)
	if err := os.Remove(keys); err != nil {
		t.Fatal(err)
	}
	wantCommand(t, 1, append(missing, "no key file"), "secrets", "check", "--data", data)
	wantCommand(t, 1, []string{"put the key file back"}, "secrets", "rewrap", "--data", data)
	elsewhere := filepath.Join(t.TempDir(), "elsewhere")
	putKeys(t, elsewhere, first)
	wantCommand(t, 0, []string{countDemoSecrets(0) + " can be opened"}, "secrets", "check", "--data", data, "--key-file", elsewhere)
	wantCommand(t, 1, []string{"there is no database in"}, "secrets", "check", "--data", t.TempDir())
	for _, args := range [][]string{{"secrets"}, {"secrets", "show"}, {"secrets", "--data", data}, {"secrets", "check", "more"}} {
		wantCommand(t, 2, nil, args...)
	}
}

func TestServerRefusesAKeyFileThatIsNotTheRightOne(t *testing.T) {
	t.Parallel()
	data := t.TempDir()
	startProgram(t, "--data", data).stop()
	keys := filepath.Join(data, "keys")
	first := readKeys(t, keys)
	id, _, _ := strings.Cut(first, ":")
	serve := []string{"--listen", "127.0.0.1:0", "--data", data}
	putKeys(t, keys, secondKey)
	wantCommand(t, 1, []string{`no key "` + id + `"`, keys}, serve...)
	putKeys(t, keys, id+":"+wrongKey+"\n")
	wantCommand(t, 1, []string{`key "` + id + `"`, "another key of this id"}, serve...)
	if err := os.Remove(keys); err != nil {
		t.Fatal(err)
	}
	wantCommand(t, 1, []string{"no key file " + keys, `"` + id + `"`}, serve...)
	if _, err := os.Stat(keys); err == nil {
		t.Error("a new key file was put in place of the missing one")
	}
	// A copy of the database opens with a copy of its keys, and with nothing else.
	putKeys(t, keys, first)
	copied := t.TempDir()
	if err := os.CopyFS(copied, os.DirFS(data)); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(filepath.Join(copied, "keys"), 0o600); err != nil {
		t.Fatal(err)
	}
	restored := startProgram(t, "--data", copied)
	restored.open(object{"service": restored.demo("echo", "aksk").ID})
}
