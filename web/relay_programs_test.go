package main

import (
	"bytes"
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"

	"duplex/bridge/testkit"
	"duplex/web/internal/ssotest"
)

// outsider uses a relay once.
type outsider func(t *testing.T, address string, header map[string]string, subprotocols ...string) string

// programs are ways to use a relay that know nothing of Duplex. Each sends "hello" and
// returns "hello" and the subprotocol, or "refused" and, where it can tell, the status.
func programs(t *testing.T) map[string]outsider {
	t.Helper()
	return map[string]outsider{
		"Node":   commandLine(testkit.Need(t, "node", "apt-get install node"), "--experimental-websocket", "--no-warnings", "testdata/relay.mjs"),
		"Python": commandLine("/usr/bin/python3", "testdata/relay.py"),
		"Go":     byGo,
	}
}

func commandLine(program string, args ...string) outsider {
	return func(t *testing.T, address string, header map[string]string, subprotocols ...string) string {
		t.Helper()
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		headers, offered := must(json.Marshal(header)), must(json.Marshal(append([]string{}, subprotocols...)))
		command := exec.CommandContext(ctx, program, append(args, address, string(headers), string(offered))...)
		command.Env = append(command.Environ(), "NODE_TLS_REJECT_UNAUTHORIZED=0")
		var wrong bytes.Buffer
		command.Stderr = &wrong
		out, err := command.Output()
		if err != nil {
			t.Fatalf("%s: %v\n%s", program, err, &wrong)
		}
		return strings.TrimSpace(string(out))
	}
}

func byGo(t *testing.T, address string, header map[string]string, subprotocols ...string) string {
	t.Helper()
	o := &websocket.DialOptions{Subprotocols: subprotocols, HTTPHeader: http.Header{}, HTTPClient: insecure()}
	for name, value := range header {
		o.HTTPHeader.Set(name, value)
	}
	conn, res, err := websocket.Dial(t.Context(), address, o)
	if err != nil {
		if res == nil {
			t.Fatal(err)
		}
		return fmt.Sprint("refused ", res.StatusCode)
	}
	defer func() { _ = conn.CloseNow() }()
	err = conn.Write(t.Context(), websocket.MessageText, []byte("hello"))
	_, got, readErr := conn.Read(t.Context())
	if err := errors.Join(err, readErr); err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(string(got) + " " + conn.Subprotocol())
}

func TestProgramsUseTheRelayOfOneLocalUser(t *testing.T) {
	t.Parallel()
	p := startProgram(t, "--relay-origins", appOrigin)
	service := p.demo("echo", "bearer").ID
	address := "ws" + strings.TrimPrefix(p.url, "http") + "/relay/" + service
	for name, program := range programs(t) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var made ticket
			p.call("POST", "/api/relay-tickets", object{"service": service}, http.StatusCreated, &made)
			for _, tt := range []struct {
				way, address string
				header       map[string]string
				offered      []string
				want         string
			}{
				{"without Origin", address, nil, nil, "hello"},
				{"by an allowed origin", address + "/", map[string]string{"Origin": appOrigin}, nil, "hello"},
				{"by ticket", address + "?ticket=" + made.Ticket, nil, nil, "hello"},
				{"by the ticket again", address + "?ticket=" + made.Ticket, nil, nil, "refused 403"},
				{"by another origin", address, map[string]string{"Origin": "https://evil.example"}, nil, "refused 403"},
			} {
				if got := program(t, tt.address, tt.header, tt.offered...); got != tt.want && got != strings.TrimSuffix(tt.want, " 403") {
					t.Errorf("%s: %q, want %q", tt.way, got, tt.want)
				}
			}
		})
	}
}

func TestProgramsUseTheRelayOfATeam(t *testing.T) {
	t.Parallel()
	m := startTeam(t, ssotest.Options{}, "--relay-origins="+appOrigin)
	ada := m.enter("ada")
	target, _ := heard(t)
	service := ada.saveService(`{"name":"one","address":"` + target + `"}`)
	_, token := ada.token(`"relay"`)
	_, reads := ada.token(`"read"`)
	backend := m.script(token)
	address := "wss" + strings.TrimPrefix(m.public, "https") + "/relay/" + service
	bearer := func(token string) map[string]string { return map[string]string{"Authorization": "Bearer " + token} }
	for name, program := range programs(t) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			once, asQuery := backend.ticket(service), backend.ticket(service)
			for _, tt := range []struct {
				way, address string
				header       map[string]string
				offered      []string
				want         string
			}{
				{"by token, without Origin", address, bearer(token), nil, "hello"},
				{"by token, its subprotocol", address, bearer(token), []string{"other", "chat"}, "hello chat"},
				{"by token from an allowed origin", address, map[string]string{"Authorization": "Bearer " + token, "Origin": appOrigin}, nil, "hello"},
				{"by ticket", address, nil, []string{once.Subprotocol}, "hello " + once.Subprotocol},
				{"by ticket from an allowed origin", address + "/?ticket=" + asQuery.Ticket, map[string]string{"Origin": appOrigin}, []string{"chat"}, "hello chat"},
				{"by a used ticket", address, nil, []string{once.Subprotocol}, "refused 403"},
				{"by a token for something else", address, bearer(reads), nil, "refused 403"},
				{"by nothing", address, nil, nil, "refused 401"},
			} {
				if got := program(t, tt.address, tt.header, tt.offered...); got != tt.want && (name != "Node" || got != "refused" || !strings.HasPrefix(tt.want, got)) {
					t.Errorf("%s: %q, want %q", tt.way, got, tt.want)
				}
			}
		})
	}
}

// insecure takes the test's own certificates.
func insecure() *http.Client {
	return &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true}}}
}
