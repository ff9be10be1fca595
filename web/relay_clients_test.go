package main

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"
	gorilla "github.com/gorilla/websocket" //nolint:depguard // a client of other making

	"duplex/bridge/testkit"
)

// relayTo saves a service, and returns the address of its relay without a scheme. Where it is
// recorded, compression is offered to the target, too.
func (p *program) relayTo(t *testing.T, target string, recorded bool) string {
	t.Helper()
	var saved savedService
	p.call("POST", "/api/services", object{
		"name": t.Name(), "address": "ws://" + target + "/", "record_relay": recorded, "compression": recorded,
	}, http.StatusCreated, &saved)
	return strings.TrimPrefix(p.url, "http://") + "/relay/" + saved.ID
}

// printed runs a program to its end and returns what it prints.
func printed(t *testing.T, program string, args ...string) string {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	out, err := exec.CommandContext(ctx, program, args...).CombinedOutput()
	if err != nil {
		t.Errorf("%s: %v", program, err)
	}
	return strings.TrimSpace(string(out))
}

// configured writes the configuration of a program, and returns its path.
func configured(t *testing.T, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "conf")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func portOf(t *testing.T, addr string) string {
	t.Helper()
	_, port, err := net.SplitHostPort(addr)
	if err != nil {
		t.Fatal(err)
	}
	return port
}

// Clients and servers of other projects work through a relay as they do without it.
func TestRelayCarriesProgramsOfOtherProjects(t *testing.T) {
	t.Parallel()
	p := startProgram(t, "--demo=false")
	t.Run("ws of Node", func(t *testing.T) {
		t.Parallel()
		node := testkit.Need(t, "node", "apt-get install nodejs")
		if _, err := os.Stat("/usr/share/nodejs/ws"); err != nil {
			testkit.Missing(t, "Node package ws", "apt-get install node-ws")
		}
		addr := testkit.FreeAddr(t)
		testkit.Start(t, addr, node, "testdata/ws.mjs", "serve", portOf(t, addr))
		for _, recorded := range []bool{false, true} {
			t.Run(fmt.Sprintf("recorded=%v", recorded), func(t *testing.T) {
				relay := p.relayTo(t, addr, recorded)
				if got := printed(t, node, "testdata/ws.mjs", "talk", "ws://"+relay); got != "4001 done" {
					t.Errorf("ws: %s", got)
				}
				for name, program := range programs(t) { // undici is Node's own
					if got := program(t, "ws://"+relay, nil); got != "hello" {
						t.Errorf("%s: %s", name, got)
					}
				}
				talksByGorilla(t, "ws://"+relay)
			})
		}
	})
	t.Run("Socket.IO", func(t *testing.T) {
		t.Parallel()
		python := testkit.NeedPython(t, "socketio, aiohttp", "apt-get install python3-socketio python3-aiohttp")
		addr := testkit.FreeAddr(t)
		testkit.Start(t, addr, python, "testdata/clients.py", "socketio-serve", portOf(t, addr))
		host, path, _ := strings.Cut(p.relayTo(t, addr, true), "/")
		if got := printed(t, python, "testdata/clients.py", "socketio", "http://"+host+"/", path+"/socket.io"); got != "hello 2000" {
			t.Error(got)
		}
	})
	t.Run("MQTT", func(t *testing.T) {
		t.Parallel()
		mosquitto := testkit.Need(t, "mosquitto", "apt-get install mosquitto") //nolint:misspell // the broker's name
		python := testkit.NeedPython(t, "paho.mqtt.client", "apt-get install python3-paho-mqtt")
		addr, plain := testkit.FreeAddr(t), testkit.FreeAddr(t)
		conf := configured(t, "allow_anonymous true\nlistener "+portOf(t, plain)+" 127.0.0.1\nlistener "+portOf(t, addr)+" 127.0.0.1\nprotocol websockets\n")
		testkit.Start(t, addr, mosquitto, "-c", conf) //nolint:misspell // the broker's name
		address, path, _ := strings.Cut(p.relayTo(t, addr, false), "/")
		host, port, _ := net.SplitHostPort(address)
		if got := printed(t, python, "testdata/clients.py", "mqtt", host, port, "/"+path+"/mqtt"); got != "room 70006 hello" {
			t.Error(got)
		}
	})
	t.Run("NATS", func(t *testing.T) {
		t.Parallel()
		nats := testkit.Need(t, "nats-server", "apt-get install nats-server")
		addr, plain := testkit.FreeAddr(t), testkit.FreeAddr(t)
		conf := configured(t, "host: 127.0.0.1\nport: "+portOf(t, plain)+"\nwebsocket { host: 127.0.0.1, port: "+portOf(t, addr)+", no_tls: true, compression: true }\n")
		testkit.Start(t, addr, nats, "-c", conf)
		talksNATS(t, "ws://"+p.relayTo(t, addr, true))
	})
}

// talksByGorilla sends to an echo, and closes.
func talksByGorilla(t *testing.T, address string) {
	t.Helper()
	dialer := gorilla.Dialer{EnableCompression: true}
	conn, res, err := dialer.DialContext(t.Context(), address, nil)
	if err != nil {
		t.Fatal(err)
	}
	_ = res.Body.Close()
	defer func() { _ = conn.Close() }()
	for kind, payload := range map[int][]byte{gorilla.TextMessage: []byte(strings.Repeat("κόσμε ", 50_000)), gorilla.BinaryMessage: {0, 0xff}} {
		if err := conn.WriteMessage(kind, payload); err != nil {
			t.Fatal(err)
		}
		if gotKind, got, err := conn.ReadMessage(); err != nil || gotKind != kind || !bytes.Equal(got, payload) {
			t.Errorf("gorilla: %d bytes of kind %d came back as %d of %d: %v", len(payload), kind, len(got), gotKind, err)
		}
	}
	_ = conn.WriteControl(gorilla.CloseMessage, gorilla.FormatCloseMessage(4002, "bye"), time.Now().Add(time.Minute))
	if _, _, err := conn.ReadMessage(); !gorilla.IsCloseError(err, 4002) {
		t.Errorf("gorilla: closed by %v", err)
	}
}

// talksNATS publishes a message to itself, in the lines that all clients of NATS write.
func talksNATS(t *testing.T, address string) {
	t.Helper()
	conn, _, err := websocket.Dial(t.Context(), address, nil)
	if err != nil {
		t.Fatal(err)
	}
	stream := websocket.NetConn(t.Context(), conn, websocket.MessageBinary)
	defer func() { _ = stream.Close() }()
	lines := bufio.NewReader(stream)
	for _, step := range []struct{ say, want string }{
		{"", "INFO "},
		{"CONNECT {\"verbose\":false}\r\nPING\r\n", "PONG"},
		{"SUB room 1\r\nPUB room 5\r\nhello\r\n", "MSG room 1 5"},
		{"", "hello"},
		{"PING\r\n", "PONG"},
	} {
		if step.say != "" {
			if _, err := stream.Write([]byte(step.say)); err != nil {
				t.Fatal(err)
			}
		}
		if line, err := lines.ReadString('\n'); err != nil || !strings.HasPrefix(line, step.want) {
			t.Fatalf("after %q came %q, want %q: %v", step.say, line, step.want, err)
		}
	}
}
