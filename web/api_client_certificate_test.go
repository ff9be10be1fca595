package main

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/tls"
	"fmt"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"

	"duplex/bridge/testkit"
)

// mutual is a service that wants a certificate of its own authority from its clients.
type mutual struct {
	t         *testing.T
	address   string
	authority *testkit.Authority
	ca        string // of the service, and of its clients, in PEM
}

// startMutual starts one under one version of TLS, 0 for any.
func startMutual(t *testing.T, version uint16) *mutual {
	t.Helper()
	a, o := testkit.NewAuthority(t), new(outside)
	server := httptest.NewUnstartedServer(http.HandlerFunc(o.echo))
	server.TLS = &tls.Config{
		Certificates: []tls.Certificate{a.Issue(t)}, MinVersion: max(version, tls.VersionTLS12), MaxVersion: version,
		ClientAuth: tls.RequireAndVerifyClientCert, ClientCAs: a.Pool(),
	}
	server.StartTLS()
	t.Cleanup(server.Close)
	return &mutual{t: t, address: strings.Replace(server.URL, "https", "wss", 1), authority: a, ca: a.PEM()}
}

// client issues a certificate for a key, in PEM.
func (m *mutual) client(key *ecdsa.PrivateKey, name string, ends time.Time) string {
	m.t.Helper()
	return m.authority.IssueClient(m.t, &key.PublicKey, testkit.Named(name), testkit.Ending(ends))
}

func clientKey(t *testing.T) (key *ecdsa.PrivateKey, text string) {
	t.Helper()
	key = testkit.NewKey(t)
	return key, testkit.KeyPEM(t, key)
}

// lineOf is a part of a PEM text that tells it from every other.
func lineOf(text string) string { return strings.Split(text, "\n")[1][20:60] }

// TestClientCertificateOfAService: saved, it is shown by sessions and relays; its key is
// sealed, counted as a secret in use, and nowhere to be seen.
func TestClientCertificateOfAService(t *testing.T) {
	t.Parallel()
	p := startProgram(t)
	key, keyPEM := clientKey(t)
	var answers bytes.Buffer
	for _, version := range []uint16{tls.VersionTLS12, tls.VersionTLS13} {
		m := startMutual(t, version)
		certificate := m.client(key, "duplex", time.Now().Add(time.Hour))
		name := fmt.Sprint("mutual ", version)
		body := object{"name": name, "address": m.address, "tls": object{"ca_pem": m.ca, "client_cert_pem": certificate, "client_key_pem": keyPEM}}
		var saved object
		answers.Write(p.call("POST", "/api/services", body, http.StatusCreated, &saved))
		if at(saved, "tls", "client_certificate", "subject") != "CN=duplex" || at(saved, "tls", "client_key", "set") != true || at(saved, "credential", "secrets", "client_key_pem") != nil {
			t.Errorf("saved %v", saved)
		}
		session := p.open(object{"service": name})
		p.send(session.ID, "text", "c", "hello")
		answers.Write(p.call("GET", "/api/sessions/"+session.ID+"/export?format=har", nil, http.StatusOK, nil))
		conn, _, err := p.relay("/relay/" + fmt.Sprint(saved["id"]) + "/")
		if err != nil {
			t.Fatal(err)
		}
		if err := conn.Write(t.Context(), websocket.MessageText, []byte("hi")); err != nil {
			t.Fatal(err)
		}
		if _, got, err := conn.Read(t.Context()); err != nil || string(got) != "hi" {
			t.Errorf("relayed %q, %v", got, err)
		}
		// For one session, typed.
		p.open(object{"address": m.address, "tls": body["tls"]})
		answers.Write(p.call("GET", "/api/services", nil, http.StatusOK, nil))
	}
	audited := p.call("GET", "/api/audit", nil, http.StatusOK, nil)
	answers.Write(audited)
	if n := bytes.Count(audited, []byte(`"client_key_pem"`)); n < 4 {
		t.Errorf("the audit log tells of %d uses:\n%s", n, audited)
	}
	answers.WriteString(p.logs.String())
	p.stop()
	wantCommand(t, 0, []string{"18 secrets, 18 can be opened"}, "secrets", "check", "--data", p.data)
	wantCommand(t, 0, nil, "secrets", "rewrap", "--data", p.data)
	if bytes.Contains(answers.Bytes(), []byte(lineOf(keyPEM))) {
		t.Error("the key is told")
	}
	err := filepath.WalkDir(p.data, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		raw, err := os.ReadFile(path)
		if bytes.Contains(raw, []byte(lineOf(keyPEM))) {
			t.Errorf("the key is in %s", path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// TestClientCertificateIsChanged: the key stays with a certificate of the same key, and
// goes with the last certificate.
func TestClientCertificateIsChanged(t *testing.T) {
	t.Parallel()
	p, m := startProgram(t), startMutual(t, 0)
	key, keyPEM := clientKey(t)
	other, otherPEM := clientKey(t)
	hour := time.Now().Add(time.Hour)
	var saved object
	// Both in one file, as many are handed out: only the certificate is kept in plain.
	p.call("POST", "/api/services", object{"name": "m", "address": m.address, "tls": object{
		"ca_pem": m.ca, "client_cert_pem": "# of duplex\n" + keyPEM + m.client(key, "first", hour),
	}}, http.StatusCreated, &saved)
	if kept := fmt.Sprint(at(saved, "tls", "client_cert_pem")); strings.Contains(kept, "KEY") || strings.Contains(kept, "#") {
		t.Errorf("kept %s", kept)
	}
	path := "/api/services/" + fmt.Sprint(saved["id"])
	put := func(tls object, status int) object {
		t.Helper()
		tls["ca_pem"] = m.ca
		var answer object
		p.call("PUT", path, object{"name": "m", "address": m.address, "tls": tls}, status, &answer)
		return answer
	}
	// The answer can be sent back.
	read, _ := at(saved, "tls").(object)
	if again := put(read, http.StatusOK); at(again, "tls", "client_key", "fingerprint") != at(saved, "tls", "client_key", "fingerprint") {
		t.Errorf("sent back: %v", again)
	}
	p.open(object{"service": "m"})
	renewed := put(object{"client_cert_pem": m.client(key, "renewed", hour)}, http.StatusOK)
	if at(renewed, "tls", "client_certificate", "subject") != "CN=renewed" {
		t.Errorf("renewed: %v", renewed)
	}
	p.open(object{"service": "m"})
	if refused := put(object{"client_cert_pem": m.client(other, "other", hour)}, http.StatusBadRequest); at(refused, "error", "code") != "client_cert_refused" || at(refused, "error", "field") != "tls.client_key_pem" {
		t.Errorf("of another key: %v", refused)
	}
	put(object{"client_cert_pem": m.client(other, "other", hour), "client_key_pem": otherPEM}, http.StatusOK)
	p.open(object{"service": "m"})
	gone := put(object{"client_cert_pem": ""}, http.StatusOK)
	if at(gone, "tls", "client_key") != nil || at(gone, "tls", "client_certificate") != nil {
		t.Errorf("removed: %v", gone)
	}
	e := p.refused("POST", "/api/sessions", object{"service": "m"}, http.StatusBadGateway)
	if e.Diagnosis == nil || e.Diagnosis.Rule != "client_certificate_required" || e.Diagnosis.Action != "edit_settings" {
		t.Errorf("without: %+v %+v", e, e.Diagnosis)
	}
}

// TestClientKeyReachesNoOtherTarget: it proves who we are where it was entered for.
func TestClientKeyReachesNoOtherTarget(t *testing.T) {
	t.Parallel()
	p, m := startProgram(t), startMutual(t, 0)
	key, keyPEM := clientKey(t)
	p.call("POST", "/api/services", object{"name": "m", "address": m.address, "tls": object{
		"ca_pem": m.ca, "client_cert_pem": m.client(key, "duplex", time.Now().Add(time.Hour)), "client_key_pem": keyPEM,
	}}, http.StatusCreated, nil)
	e := p.refused("POST", "/api/sessions", object{"service": "m", "address": startMutual(t, 0).address}, http.StatusForbidden)
	if e.Code != "secret_not_for_target" || e.Field != "tls.client_key_pem" {
		t.Errorf("elsewhere: %+v", e)
	}
	var answer object
	p.call("PUT", "/api/services/m/secrets/client_key_pem", object{"targets": []string{"a.example"}}, http.StatusOK, &answer)
	if at(answer, "tls", "client_key", "usable") != false {
		t.Errorf("bound elsewhere: %v", answer)
	}
	p.refused("POST", "/api/sessions", object{"service": "m"}, http.StatusForbidden)
}

func TestClientCertificatesThatCannotBeUsed(t *testing.T) {
	t.Parallel()
	p, m := startProgram(t), startMutual(t, 0)
	key, keyPEM := clientKey(t)
	_, otherPEM := clientKey(t)
	certificate := m.client(key, "duplex", time.Now().Add(time.Hour))
	for name, test := range map[string]struct {
		tls                object
		code, field, words string
	}{
		"another's key":       {object{"client_cert_pem": certificate, "client_key_pem": otherPEM}, "client_cert_refused", "tls.client_key_pem", "does not belong"},
		"no key":              {object{"client_cert_pem": certificate}, "client_cert_refused", "tls.client_key_pem", "without its private key"},
		"no certificate":      {object{"client_key_pem": keyPEM}, "client_cert_refused", "tls.client_cert_pem", "without its certificate"},
		"encrypted":           {object{"client_cert_pem": certificate, "client_key_pem": "-----BEGIN ENCRYPTED PRIVATE KEY-----\nAAAA\n-----END ENCRYPTED PRIVATE KEY-----"}, "client_cert_refused", "tls.client_key_pem", "openssl pkey"},
		"no PEM":              {object{"client_cert_pem": "nonsense", "client_key_pem": keyPEM}, "client_cert_refused", "tls.client_cert_pem", "not in PEM"},
		"key too long":        {object{"client_cert_pem": certificate, "client_key_pem": strings.Repeat("x", 70<<10)}, "bad_value", "tls.client_key_pem", "65"},
		"a key among the CAs": {object{"ca_pem": certificate + keyPEM}, "bad_value", "tls.ca_pem", ""},
	} {
		for path, body := range map[string]object{
			"/api/services": {"name": name, "address": m.address, "tls": test.tls}, "/api/sessions": {"address": m.address, "tls": test.tls},
		} {
			e := p.refused("POST", path, body, http.StatusBadRequest)
			if e.Code != test.code || e.Field != test.field || !strings.Contains(e.Message, test.words) || strings.Contains(fmt.Sprint(e), lineOf(keyPEM)) {
				t.Errorf("%s at %s: %+v", name, path, e)
			}
		}
	}
	var list struct{ Services []savedService }
	p.call("GET", "/api/services", nil, http.StatusOK, &list)
	for _, s := range list.Services {
		if s.Demo == "" {
			t.Errorf("%s was saved", s.Name)
		}
	}
}
