package main

import (
	"database/sql"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"duplex/bridge/testkit"
	"duplex/web/internal/doctor"
	"duplex/web/internal/pgtest"
	"duplex/web/internal/ssotest"
)

// examined are the checks of a run of doctor, by name; those with a problem go first.
type examined map[string]doctor.Check

// examine runs "duplex doctor" and checks that text, JSON and exit code say the same.
func examine(t *testing.T, args ...string) examined {
	t.Helper()
	code, out, errs := runHelp(t, nil, append([]string{"doctor", "--json"}, args...)...)
	var answer struct {
		OK     bool
		Checks []doctor.Check `json:"checks"`
	}
	if err := json.Unmarshal([]byte(out), &answer); err != nil || answer.OK != (code == 0) || errs != "" {
		t.Fatalf("doctor: %d %v\n%s%s", code, err, out, errs)
	}
	_, text, _ := runHelp(t, nil, append([]string{"doctor"}, args...)...)
	found := examined{}
	for _, check := range answer.Checks {
		verdict := "ok "
		if !check.OK {
			verdict = "problem "
		}
		if !strings.Contains(text, verdict) || check.OK != (check.Fix == "") || check.Says == "" {
			t.Errorf("%+v is not told by\n%s", check, text)
		}
		if found[check.Name] == (doctor.Check{}) || !check.OK {
			found[check.Name] = check
		}
	}
	if got := strings.Count(text, "\n"); got != len(answer.Checks) {
		t.Errorf("%d lines for %d checks:\n%s", got, len(answer.Checks), text)
	}
	return found
}

// wants fails unless the check has a problem that says so.
func (e examined) wants(t *testing.T, name, says string) {
	t.Helper()
	if check := e[name]; check.OK || !strings.Contains(check.Says, says) {
		t.Errorf("%s does not say %q: %+v", name, says, e)
	}
}

func (e examined) wantsOnly(t *testing.T, name, says string) {
	t.Helper()
	e.wants(t, name, says)
	for other, check := range e {
		if !check.OK && other != name {
			t.Errorf("a problem in another place: %+v", check)
		}
	}
}

func TestDoctorFindsNothingBesideARunningServer(t *testing.T) {
	t.Parallel()
	p := startProgram(t)
	listen := strings.TrimPrefix(p.url, "http://")
	for name, check := range examine(t, "--data", p.data, "--listen", listen) {
		if !check.OK {
			t.Errorf("%s: %+v", name, check)
		}
	}
	if said := examine(t, "--data", p.data, "--listen", listen)["server"].Says; !strings.Contains(said, "ready") {
		t.Errorf("server: %s", said)
	}
	if keys := examine(t, "--data", p.data)["keys"].Says; !strings.Contains(keys, "secrets open") || strings.Contains(keys, "all 0") {
		t.Errorf("keys: %s", keys)
	}
}

func TestDoctorChangesNothingBeforeTheFirstStart(t *testing.T) {
	t.Parallel()
	data := filepath.Join(t.TempDir(), "new")
	for name, check := range examine(t, "--data", data, "--listen", testkit.FreeAddr(t)) {
		if !check.OK {
			t.Errorf("%s: %+v", name, check)
		}
	}
	if _, err := os.Stat(data); !os.IsNotExist(err) {
		t.Errorf("the data directory was made: %v", err)
	}
}

func TestDoctorFindsEachMistakeInTheSettings(t *testing.T) {
	t.Parallel()
	code, out, _ := runHelp(t, nil, "doctor", "--keep-minutes=0", "--log-format=loud", "--database-url=mysql://u:s3cr3tpw@h/d")
	if code != 1 || strings.Count(out, "problem  settings") != 3 || strings.Contains(out, "s3cr3tpw") {
		t.Errorf("%d\n%s", code, out)
	}
	if code, out, _ := runHelp(t, nil, "doctor", "--nonsense"); code != 1 || !strings.Contains(out, "nonsense") {
		t.Errorf("%d %s", code, out)
	}
}

func TestDoctorFindsAWrongKeyFile(t *testing.T) {
	t.Parallel()
	p := startProgram(t)
	p.stop()
	file := filepath.Join(p.data, "keys")
	right, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	other := func(content string, mode os.FileMode) {
		t.Helper()
		if err := os.WriteFile(file, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Chmod(file, mode); err != nil {
			t.Fatal(err)
		}
	}
	other("broken\n", 0o600)
	examine(t, "--data", p.data).wantsOnly(t, "keys", "line 1 is not id:64hex")
	other(string(right), 0o644)
	examine(t, "--data", p.data).wantsOnly(t, "keys", "chmod 600")
	id, _, _ := strings.Cut(string(right), ":")
	other(id+":"+strings.Repeat("ab", 32)+"\n", 0o600)
	examine(t, "--data", p.data).wantsOnly(t, "keys", "not the key file of this database")
	if err := os.Remove(file); err != nil {
		t.Fatal(err)
	}
	examine(t, "--data", p.data).wantsOnly(t, "keys", "no such file")
	if _, err := os.Stat(file); !os.IsNotExist(err) {
		t.Errorf("a key file was made: %v", err)
	}
}

func TestDoctorFindsADatabaseThatDoesNotServe(t *testing.T) {
	t.Parallel()
	p := startProgram(t)
	p.stop()
	examine(t, "--data", p.data, "--min-free-bytes", "500TiB").wantsOnly(t, "database", "have to stay free")
	db, err := sql.Open("sqlite", filepath.Join(p.data, "duplex.db"))
	if err != nil {
		t.Fatal(err)
	}
	_, err = db.ExecContext(t.Context(), `insert into migrations (name, applied_at) values ('9999_later.sql', 1)`)
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	if err != nil {
		t.Fatal(err)
	}
	examine(t, "--data", p.data).wantsOnly(t, "database", "9999_later.sql")
	foreign := t.TempDir()
	if err := os.WriteFile(filepath.Join(foreign, "duplex.db"), []byte("no database at all\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	examine(t, "--data", foreign).wants(t, "database", "is not of Duplex")
	examine(t, "--data", t.TempDir(), "--database-url", "postgres://duplex@"+testkit.FreeAddr(t)+"/duplex").wantsOnly(t, "database", "cannot be reached")
}

func TestDoctorLooksAtPostgreSQL(t *testing.T) {
	t.Parallel()
	server := pgtest.Start(t)
	url, data := server.DatabaseURL(t), t.TempDir()
	if found := examine(t, "--data", data, "--database-url", url); !found["database"].OK || !found["keys"].OK || !strings.Contains(found["clock"].Says, "the database") {
		t.Errorf("new: %+v", found)
	}
	examine(t, "--data", data, "--database-url", url+"&default_transaction_read_only=on").wantsOnly(t, "database", "read-only")
	p := startProgram(t, "--database-url", url)
	if found := examine(t, "--data", p.data, "--database-url", url); !found["database"].OK || !strings.Contains(found["database"].Says, "schema current") || !found["keys"].OK {
		t.Errorf("beside a server: %+v", found)
	}
}

func TestDoctorFindsAProxyThatIsAwayOrRefuses(t *testing.T) {
	t.Parallel()
	data := t.TempDir()
	examine(t, "--data", data, "--egress-proxy", "http://"+testkit.FreeAddr(t)).wantsOnly(t, "egress", "refused")
	addr, _ := newOutside(t).startTinyproxy(t, "BasicAuth duplex "+proxyPassword)
	if check := examine(t, "--data", data, "--egress-proxy", "http://duplex:"+proxyPassword+"@"+addr)["egress"]; !check.OK || strings.Contains(check.Says, proxyPassword) {
		t.Errorf("with the password: %+v", check)
	}
	examine(t, "--data", data, "--egress-proxy", "http://"+addr).wantsOnly(t, "egress", "asks for a user name")
	wrong := examine(t, "--data", data, "--egress-proxy", "http://duplex:wr0ng-one@"+addr)
	wrong.wantsOnly(t, "egress", "refuses")
	if strings.Contains(wrong["egress"].Says, "wr0ng-one") {
		t.Errorf("a password is shown: %+v", wrong)
	}
}

func TestDoctorAsksTheIssuer(t *testing.T) {
	t.Parallel()
	provider := ssotest.Start(t, ssotest.Options{})
	settings := []string{"--data", t.TempDir(), "--identity=oidc", "--public-url=http://127.0.0.1:8080", "--oidc-client-id=duplex", "--oidc-client-secret=something", "--admins=ops"}
	if found := examine(t, append(settings, "--oidc-issuer="+provider.Issuer)...); !found["sign-in"].OK || !strings.Contains(found["clock"].Says, "the issuer") {
		t.Errorf("%+v", found)
	}
	examine(t, append(settings, "--oidc-issuer=http://"+testkit.FreeAddr(t))...).wantsOnly(t, "sign-in", "refused")
	examine(t, append(settings, "--oidc-issuer=https://sso.nowhere.invalid")...).wants(t, "dns", "sso.nowhere.invalid")

	late := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Date", time.Now().Add(-time.Hour).UTC().Format(http.TimeFormat))
		_, _ = w.Write([]byte(`{"keys":[]}`))
	}))
	defer late.Close()
	found := examine(t, "--data", t.TempDir(), "--identity=jwt", "--public-url=http://127.0.0.1:8080", "--jwt-issuer=https://issuer.example",
		"--jwt-audience=duplex", "--jwt-keys-url="+late.URL, "--admins=ops")
	found.wants(t, "sign-in", "no key")
	found.wants(t, "clock", "1h0m0s off")
}
