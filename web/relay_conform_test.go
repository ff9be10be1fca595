package main

import (
	"bufio"
	"crypto/sha1" // RFC 6455 section 4.2.2 asks for it
	"encoding/base64"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"duplex/bridge/testkit"
	"duplex/web/internal/wirepeer"
)

// relayCase is what one end sends; the other one is honest and sends it back.
type relayCase struct {
	group, name string
	frames      [][]byte
	code        uint16   // what the sender has to be closed with; 0 where its own close frame is right
	cut         int      // sent in writes of so many bytes; 0 for one write
	packed      bool     // both ends agree on permessage-deflate
	noMask      bool     // the mask is missing at a client, or there at a server
	healed      [][]byte // in place of frames, what may be passed on though a rule is broken that no end is demanded to check
}

// played is what happened at both ends of a case.
type played struct{ sender, other wirepeer.Heard }

// verdict compares what happened through two relays.
type verdict string

const (
	equal  verdict = "equal"  // the same at both ends
	better verdict = "better" // RFC 6455 is kept at both ends; the other relay left that to them
	worse  verdict = "worse"
)

// A relay must not be worse between two ends than nginx, which passes bytes, by groups of
// cases as test suites of the protocol have them. Each case is played from the client and
// from the target, in the ordinary run from one of them.
func TestRelayIsAsGoodAsNginx(t *testing.T) {
	t.Parallel()
	target := startEnds(t)
	p := startProgram(t, "--demo=false", "--log-level=error")
	relays := map[string]func(packed bool) string{
		"nginx": func() func(bool) string {
			addr := startNginx(t, target.addr)
			return func(bool) string { return addr + "/" }
		}(),
	}
	services := map[bool]string{}
	for _, packed := range []bool{false, true} {
		var saved savedService
		p.call("POST", "/api/services", object{"name": fmt.Sprint("ends ", packed), "address": "ws://" + target.addr + "/", "compression": packed}, http.StatusCreated, &saved)
		services[packed] = saved.ID
	}
	relays["duplex"] = func(packed bool) string {
		return strings.TrimPrefix(p.url, "http://") + "/relay/" + services[packed] + "/"
	}

	type count struct{ cases, equal, better int }
	var mu sync.Mutex // guards what counts point to
	counts, order := map[string]*count{}, []string{}
	var plays sync.WaitGroup
	room := make(chan struct{}, 4)
	for i, c := range relayCases() {
		for _, fromClient := range []bool{true, false} {
			if testkit.Pick(fromClient != (i%2 == 0), false, false) || testkit.Race && c.size() > slowSize {
				continue
			}
			n := counts[c.group]
			if n == nil {
				n = &count{}
				counts[c.group] = n
				order = append(order, c.group)
			}
			room <- struct{}{}
			plays.Go(func() {
				defer func() { <-room }()
				path := fmt.Sprintf("case-%d-%v", i, fromClient)
				ours := target.play(t, relays["duplex"](c.packed), path, &c, fromClient)
				theirs := target.play(t, relays["nginx"](c.packed), path, &c, fromClient)
				v, why := compare(&c, fromClient, ours, theirs)
				mu.Lock()
				defer mu.Unlock()
				n.cases++
				switch v {
				case equal:
					n.equal++
				case better:
					n.better++
				case worse:
					t.Errorf("%s: %s, from the client: %v: %s\nthrough Duplex: %s\nthrough nginx:  %s", c.group, c.name, fromClient, why, ours, theirs)
				}
			})
		}
	}
	plays.Wait()
	for _, group := range order {
		n := counts[group]
		t.Logf("%-14s %3d cases: %3d as through nginx, %3d better, %d worse", group, n.cases, n.equal, n.better, n.cases-n.equal-n.better)
		testkit.AtLeast(t, relayFigure, "cases as right as through nginx, or better: "+group, float64(n.equal+n.better), float64(n.cases), "")
	}
}

// relayFigure is the key of the figure of relays.
const relayFigure = "relay"

// compare judges a case by what was demanded of it.
func compare(c *relayCase, fromClient bool, ours, theirs played) (v verdict, why string) {
	sent := wirepeer.Read(c.bytes(fromClient), fromClient, c.packed)
	if c.healed != nil {
		whole := relayCase{frames: append(slices.Clip(c.healed), c.frames[len(c.frames)-1])}
		sent = wirepeer.Read(whole.bytes(fromClient), fromClient, c.packed)
	}
	switch {
	case !slices.Equal(ours.other.Messages, sent.Messages):
		why = "the other end did not get the messages that were whole and right"
	case ours.other.Broken != 0:
		why = "a rule is broken at the other end"
	case ours.sender.Broken != 0:
		why = "a rule is broken at the sender"
	case len(ours.sender.Pongs) < len(sent.Pings), c.code == 0 && len(ours.sender.Pongs) > len(sent.Pings), !slices.Equal(ours.sender.Pongs[:len(sent.Pings)], sent.Pings):
		why = "not every ping is answered"
	case !ours.sender.Closed || !ours.other.Closed:
		why = "no close frame"
	case !ours.sender.Ended || !ours.other.Ended:
		why = "a connection does not end"
	case c.code != 0 && ours.sender.Code != c.code:
		why = fmt.Sprintf("the sender is not closed with %d", c.code)
	case c.code == 0 && (ours.sender.Code != sent.Code || ours.sender.Reason != sent.Reason || ours.other.Code != sent.Code || ours.other.Reason != sent.Reason):
		why = "code and reason do not pass"
	case c.code == 0 && !slices.Equal(ours.sender.Messages, sent.Messages):
		why = "the answers do not come back"
	}
	same := ours.outcome() == theirs.outcome()
	switch {
	case same:
		return equal, ""
	case why == "":
		return better, ""
	default:
		return worse, why
	}
}

// outcome is what two relays are compared by. Pings and pongs belong to one leg each.
func (p played) outcome() string {
	return fmt.Sprint(p.other.Messages, p.other.Closed, p.other.Code, p.other.Reason, p.other.Broken, p.other.Ended,
		p.sender.Messages, p.sender.Pongs, p.sender.Closed, p.sender.Code, p.sender.Reason, p.sender.Broken, p.sender.Ended)
}

// String returns what happened in short.
func (p played) String() string {
	end := func(h wirepeer.Heard) string {
		var messages []string
		for _, m := range h.Messages {
			if len(m) > 30 {
				m = fmt.Sprintf("%.20q of %d", m, len(m))
			}
			messages = append(messages, m)
		}
		if len(messages) > 5 {
			messages = append(messages[:5], fmt.Sprintf("%d in all", len(h.Messages)))
		}
		return fmt.Sprintf("%q, %d pongs, close %v %d %q, broken %d, ended %v", messages, len(h.Pongs), h.Closed, h.Code, h.Reason, h.Broken, h.Ended)
	}
	return "at the sender " + end(p.sender) + "; at the other end " + end(p.other)
}

// slowSize is the size in bytes from which on a case takes longer under the race detector than
// a relay waits for answers behind a close frame.
const slowSize = 128 << 10

func (c *relayCase) size() (n int) {
	for _, frame := range c.frames {
		n += len(frame)
	}
	return n
}

// bytes returns what the sender sends.
func (c *relayCase) bytes(fromClient bool) (all []byte) {
	for _, frame := range c.frames {
		if fromClient != c.noMask {
			frame = wirepeer.Mask(frame)
		}
		all = append(all, frame...)
	}
	return all
}

// ends is a target that hands each connection to the one who plays a case.
type ends struct {
	addr string

	mu      sync.Mutex                    // guards waiting
	waiting map[string]chan *wirepeer.End // by the path of the handshake
}

func startEnds(t *testing.T) *ends {
	t.Helper()
	listener, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = listener.Close() })
	e := &ends{addr: listener.Addr().String(), waiting: map[string]chan *wirepeer.End{}}
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			go e.accept(conn)
		}
	}()
	return e
}

// agreed is the extension of cases that are compressed.
const agreed = "permessage-deflate; server_no_context_takeover; client_no_context_takeover"

func (e *ends) accept(conn net.Conn) {
	in := bufio.NewReader(conn)
	request, err := http.ReadRequest(in)
	if err != nil {
		_ = conn.Close()
		return
	}
	sum := sha1.Sum([]byte(request.Header.Get("Sec-WebSocket-Key") + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"))
	answer := "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: " + base64.StdEncoding.EncodeToString(sum[:]) + "\r\n"
	packed := strings.Contains(request.Header.Get("Sec-WebSocket-Extensions"), "permessage-deflate")
	if packed {
		answer += "Sec-WebSocket-Extensions: " + agreed + "\r\n"
	}
	_, _ = io.WriteString(conn, answer+"\r\n")
	e.mu.Lock()
	waiting := e.waiting[strings.TrimPrefix(request.URL.Path, "/")]
	e.mu.Unlock()
	waiting <- wirepeer.NewEnd(conn, in, false, packed)
}

// play plays a case through the relay at an address, host and the begin of a path.
func (e *ends) play(t *testing.T, relay, path string, c *relayCase, fromClient bool) (p played) {
	t.Helper()
	arrived := make(chan *wirepeer.End, 1)
	e.mu.Lock()
	e.waiting[path] = arrived
	e.mu.Unlock()
	client := dialEnd(t, relay+path, c.packed)
	var target *wirepeer.End
	select {
	case target = <-arrived:
	case <-time.After(20 * time.Second):
		t.Error("nothing came to the target")
	}
	if client == nil || target == nil {
		return p
	}
	sender, other := client, target
	if !fromClient {
		sender, other = target, client
	}
	var both sync.WaitGroup
	both.Go(func() { p.other = other.Answer() })
	p.sender = sender.PlayBytes(c.bytes(fromClient), c.cut)
	both.Wait()
	return p
}

func dialEnd(t *testing.T, address string, packed bool) *wirepeer.End {
	t.Helper()
	host, path, _ := strings.Cut(address, "/")
	conn, err := new(net.Dialer).DialContext(t.Context(), "tcp", host)
	if err != nil {
		t.Error(err)
		return nil
	}
	request := "GET /" + path + " HTTP/1.1\r\nHost: " + host + "\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n"
	if packed {
		request += "Sec-WebSocket-Extensions: " + agreed + "\r\n"
	}
	_, _ = io.WriteString(conn, request+"\r\n")
	in := bufio.NewReader(conn)
	answer, err := http.ReadResponse(in, nil)
	if err != nil || answer.StatusCode != http.StatusSwitchingProtocols || packed != (answer.Header.Get("Sec-WebSocket-Extensions") != "") {
		t.Errorf("%s: %+v, %v", address, answer, err)
		_ = conn.Close()
		return nil
	}
	_ = answer.Body.Close()
	return wirepeer.NewEnd(conn, in, true, packed)
}

// startNginx starts nginx before a target, and returns its address.
func startNginx(t *testing.T, target string) string {
	t.Helper()
	nginx, addr, home := testkit.Need(t, "nginx", "apt-get install nginx-light"), testkit.FreeAddr(t), t.TempDir()
	conf := filepath.Join(home, "nginx.conf")
	text := strings.NewReplacer("HOME", home, "ADDR", addr, "TARGET", target).Replace(`daemon off; master_process off; pid HOME/pid; error_log HOME/error.log;
events { worker_connections 500; }
http {
access_log off; client_body_temp_path HOME/body; proxy_temp_path HOME/proxy; fastcgi_temp_path HOME/fastcgi; uwsgi_temp_path HOME/uwsgi; scgi_temp_path HOME/scgi;
proxy_http_version 1.1; proxy_set_header Upgrade $http_upgrade; proxy_set_header Connection upgrade;
server { listen ADDR; location / { proxy_pass http://TARGET; } }
}
`)
	if err := os.WriteFile(conf, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	testkit.Start(t, addr, nginx, "-e", filepath.Join(home, "error.log"), "-c", conf)
	return addr
}
