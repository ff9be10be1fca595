package bridge_test

import (
	"compress/flate"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"os/exec"
	"strings"
	"testing"
	"time"

	"duplex/bridge"
	"duplex/bridge/testkit"
)

// inflated returns the message of a compressed frame, RFC 7692 section 7.2.2.
func inflated(t *testing.T, payload []byte) string {
	t.Helper()
	text, err := io.ReadAll(flate.NewReader(strings.NewReader(string(payload) + "\x00\x00\xff\xff")))
	if err != nil && !errors.Is(err, io.ErrUnexpectedEOF) { // there is no last block
		t.Error(err)
	}
	return string(text)
}

// Each leg is compressed if its own peer agrees, and a message stays one frame.
func TestRelayCompressesEachLegThatAgrees(t *testing.T) {
	t.Parallel()
	const agreed = "permessage-deflate; server_no_context_takeover; client_no_context_takeover"
	message := strings.Repeat("all of it ", 1000)
	for _, tt := range []struct {
		offer, answer string // of the browser, to the browser
		target        string // answer of the target
		recorded      bool
	}{
		{"", "", "", false},
		{"", "", agreed, true},
		{"permessage-deflate; client_max_window_bits", "permessage-deflate; client_no_context_takeover; server_no_context_takeover", "", true},
		{"permessage-deflate; client_max_window_bits", "permessage-deflate; client_no_context_takeover; server_no_context_takeover", agreed, false},
		{"permessage-deflate; server_max_window_bits=14", "permessage-deflate; client_no_context_takeover; server_no_context_takeover; server_max_window_bits=14", agreed, true},
	} {
		t.Run(fmt.Sprintf("offer %q, target %q", tt.offer, tt.target), func(t *testing.T) {
			t.Parallel()
			type heard struct {
				first   byte
				payload []byte
			}
			got := make(chan heard, 1)
			r := bridge.RelayRequest{Record: tt.recorded, OpenRequest: request(t, rawPeer(t, tt.target, func(c *rawConn) {
				first, payload := c.hearFrame()
				got <- heard{first, payload}
				if tt.target == "" {
					c.say(frame(final|textOp, message))
				} else {
					c.say(frame(final|packed|textOp, string(deflated(message))))
				}
				c.hearClose()
			}))}
			r.Target.Compression = tt.target != ""
			address, ran := relayServer(t, newHub(t, newMemory(), 0), r)
			browser, answer := rawBrowser(t, address, tt.offer)
			if got := answer.Header.Get("Sec-WebSocket-Extensions"); got != tt.answer {
				t.Errorf("the browser was answered %q, want %q", got, tt.answer)
			}
			if tt.offer == "" {
				browser.say(masked(frame(final|textOp, message)))
			} else {
				b := deflated(message)
				browser.say(masked(frame(packed|textOp, string(b[:20]))), masked(frame(final|more, string(b[20:]))))
			}
			up := <-got
			want := byte(final | textOp)
			if tt.target != "" {
				want |= packed
				up.payload = []byte(inflated(t, up.payload))
			}
			if up.first != want || string(up.payload) != message {
				t.Errorf("the target got %#x and %d bytes, want %#x", up.first, len(up.payload), want)
			}
			first, payload := browser.hearFrame()
			want = final | textOp
			if tt.offer != "" {
				want |= packed
				payload = []byte(inflated(t, payload))
			}
			if first != want || string(payload) != message {
				t.Errorf("the browser got %#x and %d bytes, want %#x", first, len(payload), want)
			}
			_ = browser.Close()
			t.Log("ended with", <-ran)
		})
	}
}

func TestRelayNamesWhatCannotBeInflated(t *testing.T) {
	t.Parallel()
	const agreed = "permessage-deflate; server_no_context_takeover; client_no_context_takeover"
	broken := frame(final|packed|textOp, "\xff\xff\xff\xff\xff")
	large := bomb()
	tooLarge := append(header(final|packed|binOp, uint64(len(large))), large...)
	for _, recorded := range []bool{false, true} {
		for want, say := range map[string][]byte{
			"close:1007:compressed data cannot be inflated": broken, "close:1009:message exceeds the limit": tooLarge,
		} {
			told := make(chan string, 1)
			r := bridge.RelayRequest{Record: recorded, OpenRequest: request(t, rawPeer(t, agreed, func(c *rawConn) {
				got, closing := heard(c)
				c.say(frame(closes, string(closing)))
				told <- got
			}))}
			r.Target.Compression, r.MaxMessageBytes = true, 1<<20
			address, ran := relayServer(t, newHub(t, newMemory(), 0), r)
			browser, _ := rawBrowser(t, address, "permessage-deflate")
			browser.say(masked(say))
			got := <-told
			if i := strings.Index(got, "close"); i < 0 || got[i:] != want {
				t.Errorf("the target was told %q, want %q", got, want)
			}
			if got, _ := heard(browser); got != want {
				t.Errorf("the browser was told %q, want %q", got, want)
			}
			_ = browser.Close()
			t.Log("ended with", <-ran)
		}
	}
}

// Python's client and server at both ends: they offer and accept a smaller window.
func TestRelayCompressesBetweenPythonPeers(t *testing.T) {
	t.Parallel()
	python := testkit.NeedPython(t, "websockets", "apt-get install python3-websockets")
	addr := testkit.FreeAddr(t)
	_, port, err := net.SplitHostPort(addr)
	if err != nil {
		t.Fatal(err)
	}
	testkit.Start(t, addr, python, "testdata/deflate.py", "serve", port)
	for _, recorded := range []bool{false, true} {
		r := bridge.RelayRequest{Record: recorded, OpenRequest: request(t, "ws://"+addr)}
		r.Target.Compression = true
		address, ran := relayServer(t, newHub(t, newMemory(), 0), r)
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		out, err := exec.CommandContext(ctx, python, "testdata/deflate.py", "talk", address).CombinedOutput()
		cancel()
		var got struct {
			Extensions []string `json:"extensions"` // of the client, of the server
			Same       int      `json:"same"`
			Code       int      `json:"code"`
			Reason     string   `json:"reason"`
		}
		if err := errors.Join(err, json.Unmarshal(out, &got)); err != nil {
			t.Fatalf("%v: %s", err, out)
		}
		if len(got.Extensions) != 2 || got.Extensions[0] != "PerMessageDeflate" || got.Extensions[1] != "PerMessageDeflate" || got.Same != 6 {
			t.Errorf("recorded=%v: %+v", recorded, got)
		}
		if got.Code != 4001 || got.Reason != "done" {
			t.Errorf("closed with %d %q", got.Code, got.Reason)
		}
		if err := <-ran; err != nil {
			t.Error(err)
		}
	}
}
