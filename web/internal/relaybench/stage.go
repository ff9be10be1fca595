package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"
)

// peer is a way to the target: direct, or through a relay.
type peer struct {
	name    string
	plain   string   // address before the target in plain; paths of the target are appended
	secured string   // address before the target over TLS
	process *running // nil for the target itself
	kind    kind
}

type kind int

const (
	direct kind = iota
	proxy
	ours
	oursRecorded // only measured beside ours
)

// stage starts and ends the processes.
type stage struct {
	ctx       context.Context //nolint:containedctx // of the whole run
	directory string
	duplex    string
	all       []*running

	plain, secured string // addresses of the target
}

// running is a process that the stage started.
type running struct{ cmd *exec.Cmd }

// close ends all processes.
func (s *stage) close() {
	for _, p := range s.all {
		_ = p.cmd.Process.Signal(syscall.SIGTERM)
	}
	for _, p := range s.all {
		late := time.AfterFunc(5*time.Second, func() { _ = p.cmd.Process.Kill() })
		_ = p.cmd.Wait()
		late.Stop()
	}
}

// start starts the target and the wanted relays before it. It says which ones are missing.
func (s *stage) start(wanted func(name string) bool) ([]*peer, error) {
	var err error
	if _, s.plain, s.secured, err = s.self("target"); err != nil {
		return nil, err
	}
	peers := []*peer{{name: "direct", plain: "ws://" + s.plain, kind: direct}}
	for _, each := range []struct {
		name  string
		start func(name string) ([]*peer, error)
	}{
		{"nginx", s.nginx("4k")},
		{"nginx 64k", s.nginx("64k")},
		{"haproxy", s.haproxy},
		{"splice", s.goRelay("splice")},
		{"reverseproxy", s.goRelay("reverse")},
		{"duplex", s.duplexes},
	} {
		if !wanted(each.name) {
			continue
		}
		started, err := each.start(each.name)
		if missing, ok := err.(*exec.Error); ok { //nolint:errorlint // as lookPath returns it
			fmt.Printf("SKIPPED: %s (apt-get install -y nginx-light haproxy): %v\n", each.name, missing)
			continue
		}
		if err != nil {
			return nil, fmt.Errorf("start %s: %w", each.name, err)
		}
		peers = append(peers, started...)
	}
	return peers, nil
}

// run starts a program, whose errors go to those of this one.
func (s *stage) run(program string, args ...string) (*running, error) {
	cmd := exec.CommandContext(s.ctx, program, args...)
	cmd.Stderr = os.Stderr
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	p := &running{cmd}
	s.all = append(s.all, p)
	return p, nil
}

// runToLine starts a program, and returns the first line of its output.
func (s *stage) runToLine(program string, args ...string) (*running, string, error) {
	cmd := exec.CommandContext(s.ctx, program, args...)
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, "", err
	}
	if err := cmd.Start(); err != nil {
		return nil, "", err
	}
	p := &running{cmd}
	s.all = append(s.all, p)
	line, err := bufio.NewReader(out).ReadString('\n')
	return p, strings.TrimSpace(line), err
}

// self starts this program in a role, which prints two addresses.
func (s *stage) self(role string, args ...string) (p *running, plain, secured string, err error) {
	path, err := os.Executable()
	if err != nil {
		return nil, "", "", err
	}
	p, line, err := s.runToLine(path, append([]string{"-role", role}, args...)...)
	if err == nil {
		_, err = fmt.Sscan(line, &plain, &secured)
	}
	return p, plain, secured, err
}

func (s *stage) goRelay(role string) func(name string) ([]*peer, error) {
	return func(name string) ([]*peer, error) {
		p, plain, secured, err := s.self(role, s.plain, s.secured)
		return []*peer{{name: name, plain: "ws://" + plain, secured: "ws://" + secured, process: p, kind: proxy}}, err
	}
}

// nginx returns a starter with proxy buffers of this size; 4k is the default.
func (s *stage) nginx(buffer string) func(name string) ([]*peer, error) {
	return func(name string) ([]*peer, error) {
		program, err := lookPath("nginx")
		if err != nil {
			return nil, err
		}
		home := filepath.Join(s.directory, "nginx-"+buffer)
		ports, err := freePorts(2)
		if err != nil {
			return nil, err
		}
		sizes := ""
		if buffer != "4k" {
			sizes = fmt.Sprintf("proxy_buffer_size %s; proxy_buffers 8 %s; proxy_busy_buffers_size %s;", buffer, buffer, buffer)
		}
		server := func(port, target string) string {
			return fmt.Sprintf("server { listen 127.0.0.1:%s; location / { proxy_pass %s; } }\n", port, target)
		}
		conf := fmt.Sprintf(`daemon off; worker_processes auto; worker_rlimit_nofile 20000; pid %[1]s/pid; error_log %[1]s/error.log;
events { worker_connections 9000; }
http {
access_log off; client_body_temp_path %[1]s/body; proxy_temp_path %[1]s/proxy;
fastcgi_temp_path %[1]s/fastcgi; uwsgi_temp_path %[1]s/uwsgi; scgi_temp_path %[1]s/scgi;
proxy_http_version 1.1; proxy_set_header Upgrade $http_upgrade; proxy_set_header Connection upgrade;
proxy_read_timeout 1h; proxy_send_timeout 1h; %[2]s
%[3]s%[4]s}
`, home, sizes, server(ports[0], "http://"+s.plain), server(ports[1], "https://"+s.secured))
		if err := writeIn(home, "nginx.conf", conf); err != nil {
			return nil, err
		}
		p, err := s.run(program, "-p", home, "-c", filepath.Join(home, "nginx.conf"))
		if err != nil {
			return nil, err
		}
		return s.proxy(name, p, ports)
	}
}

func (s *stage) haproxy(name string) ([]*peer, error) {
	program, err := lookPath("haproxy")
	if err != nil {
		return nil, err
	}
	ports, err := freePorts(2)
	if err != nil {
		return nil, err
	}
	conf := fmt.Sprintf(`global
  maxconn 9000
defaults
  mode http
  timeout connect 5s
  timeout client 1h
  timeout server 1h
  timeout tunnel 1h
listen plain
  bind 127.0.0.1:%s
  server target %s
listen secured
  bind 127.0.0.1:%s
  server target %s ssl verify none alpn http/1.1
`, ports[0], s.plain, ports[1], s.secured)
	home := filepath.Join(s.directory, "haproxy")
	if err := writeIn(home, "haproxy.cfg", conf); err != nil {
		return nil, err
	}
	p, err := s.run(program, "-db", "-f", filepath.Join(home, "haproxy.cfg"))
	if err != nil {
		return nil, err
	}
	return s.proxy(name, p, ports)
}

// proxy returns the peer of a process that listens on two ports, once it does.
func (s *stage) proxy(name string, p *running, ports []string) ([]*peer, error) {
	for _, port := range ports {
		if err := s.awaitPort("127.0.0.1:" + port); err != nil {
			return nil, err
		}
	}
	return []*peer{{name: name, plain: "ws://127.0.0.1:" + ports[0], secured: "ws://127.0.0.1:" + ports[1], process: p, kind: proxy}}, nil
}

// duplexes starts the program with a service for each way to the target.
func (s *stage) duplexes(string) ([]*peer, error) {
	p, line, err := s.runToLine(s.duplex, "--listen", "127.0.0.1:0", "--data", filepath.Join(s.directory, "data"), "--demo=false", "--allow-skip-verify=true", "--log-level", "error")
	if err != nil {
		return nil, err
	}
	base := strings.TrimPrefix(line, "Duplex is at ")
	type object = map[string]any
	for _, service := range []object{
		{"name": "plain", "address": "ws://" + s.plain},
		{"name": "secured", "address": "wss://" + s.secured, "tls": object{"skip_verify": true}},
		{"name": "recorded", "address": "ws://" + s.plain, "record_relay": true},
		{"name": "dialect", "address": "ws://" + s.plain, "record_relay": true, "dialect": "modelarts-chat"},
	} {
		if err := s.post(base+"/api/services", service); err != nil {
			return nil, err
		}
	}
	relay := "ws" + strings.TrimPrefix(base, "http") + "/relay/"
	return []*peer{
		{name: "duplex", plain: relay + "plain", secured: relay + "secured", process: p, kind: ours},
		{name: "duplex, recorded", plain: relay + "recorded", process: p, kind: oursRecorded},
		{name: "duplex, recorded, with a dialect", plain: relay + "dialect", process: p, kind: oursRecorded},
	}, nil
}

func (s *stage) post(address string, body any) error {
	raw, err := json.Marshal(body)
	if err != nil {
		return err
	}
	request, err := http.NewRequestWithContext(s.ctx, http.MethodPost, address, bytes.NewReader(raw))
	if err != nil {
		return err
	}
	request.Header.Set("Content-Type", "application/json")
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return err
	}
	defer func() { _ = response.Body.Close() }()
	if response.StatusCode != http.StatusCreated {
		text, _ := io.ReadAll(response.Body)
		return fmt.Errorf("%s: %s", response.Status, text)
	}
	return nil
}

// awaitPort returns when the address is listened on.
func (s *stage) awaitPort(address string) error {
	var err error
	for range 100 {
		var conn net.Conn
		if conn, err = new(net.Dialer).DialContext(s.ctx, "tcp", address); err == nil {
			return conn.Close()
		}
		time.Sleep(50 * time.Millisecond)
	}
	return err
}

// freePorts returns ports that nobody listens on.
func freePorts(count int) (ports []string, err error) {
	var listeners []net.Listener
	for range count { // all at once, so that none comes twice
		listener, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			return nil, err
		}
		listeners = append(listeners, listener)
	}
	for _, listener := range listeners {
		_, port, _ := net.SplitHostPort(listener.Addr().String())
		ports = append(ports, port)
		_ = listener.Close()
	}
	return ports, nil
}

func writeIn(directory, name, content string) error {
	if err := os.MkdirAll(directory, 0o755); err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(directory, name), []byte(content), 0o600)
}
