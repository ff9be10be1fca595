package bridge_test

import (
	"bufio"
	"encoding/binary"
	"fmt"
	"io"
	"net"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"duplex/bridge"
)

// rawBrowser dials a relay and writes bytes, not messages. It offers the extensions,
// and returns the answer to its handshake.
func rawBrowser(t *testing.T, address, extensions string) (*rawConn, *http.Response) {
	t.Helper()
	conn, err := new(net.Dialer).DialContext(t.Context(), "tcp", strings.TrimPrefix(address, "ws://"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	_ = conn.SetDeadline(time.Now().Add(20 * time.Second))
	request := "GET / HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n" +
		"Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n"
	if extensions != "" {
		request += "Sec-WebSocket-Extensions: " + extensions + "\r\n"
	}
	if _, err := io.WriteString(conn, request+"\r\n"); err != nil {
		t.Fatal(err)
	}
	tcp, _ := conn.(*net.TCPConn)
	browser := &rawConn{TCPConn: tcp, r: bufio.NewReader(conn)}
	answer, err := http.ReadResponse(browser.r, nil)
	if err != nil {
		t.Fatal(err)
	}
	_ = answer.Body.Close()
	return browser, answer
}

// rawRelay starts a relay between two raw peers. The target runs serve.
func rawRelay(t *testing.T, record bool, serve func(*rawConn)) (*rawConn, *memory, <-chan error) {
	t.Helper()
	m := newMemory()
	h := newHub(t, m, 0)
	h.CloseWait = 5 * time.Second
	r := bridge.RelayRequest{OpenRequest: request(t, rawPeer(t, "", serve)), Record: record}
	r.MaxMessageBytes = 1 << 20
	address, ran := relayServer(t, h, r)
	browser, _ := rawBrowser(t, address, "")
	return browser, m, ran
}

// heard returns the frames of a direction in short, each with its opcode, its content or size,
// and a dash if it is not final, and the payload of the close frame.
func heard(c *rawConn) (got string, closing []byte) {
	var parts []string
	for {
		first, payload := c.hearFrame()
		if payload == nil {
			return strings.Join(append(parts, "gone"), " "), nil
		}
		opcode := first & 0x0f
		if opcode == 8 {
			parts = append(parts, "close")
			if len(payload) >= 2 {
				parts[len(parts)-1] += fmt.Sprintf(":%d:%s", binary.BigEndian.Uint16(payload), payload[2:])
			}
			return strings.Join(parts, " "), payload
		}
		if opcode > 8 { // a ping of the relay
			continue
		}
		name := map[byte]string{0: "more", 1: "text", 2: "binary"}[opcode]
		if first&final == 0 {
			name += "-"
		}
		content := string(payload)
		if len(content) > 16 {
			content = strconv.Itoa(len(content))
		}
		parts = append(parts, name+":"+content)
	}
}

// Cases of the Autobahn test suite through a relay, without echo: the frames of one side, the
// frames that the other side gets, and the end of both.
func TestRelayKeepsTheProtocolBetweenRawPeers(t *testing.T) {
	t.Parallel()
	small, whole, large := strings.Repeat("x", 125), strings.Repeat("x", 64<<10), strings.Repeat("x", 64<<10+1)
	euro := "\xe2\x82\xac"
	tests := []struct {
		name string
		say  [][]byte
		want string // at the other side
		told string // the close frame to the sender, which does not answer
	}{
		// 1: framing, and the answer to the sender's close frame
		{"1 empty text", [][]byte{frame(final|textOp, ""), closeFrame(1000, "")}, "text: close:1000:", "close:1000:"},
		{"1 text", [][]byte{frame(final|textOp, "hello"), closeFrame(1000, "bye")}, "text:hello close:1000:bye", "close:1000:bye"},
		{"1 empty binary", [][]byte{frame(final|binOp, ""), closeFrame(1000, "")}, "binary: close:1000:", "close:1000:"},
		{"1 125 bytes", [][]byte{frame(final|binOp, small), closeFrame(1000, "")}, "binary:125 close:1000:", "close:1000:"},
		{"1 64 KiB", [][]byte{frame(final|binOp, whole), closeFrame(1000, "")}, "binary:65536 close:1000:", "close:1000:"},
		{"1 two messages", [][]byte{frame(final|textOp, "a"), frame(final|textOp, "b"), closeFrame(1000, "")}, "text:a text:b close:1000:", "close:1000:"},
		// 2: pings and pongs belong to one leg
		{"2 ping of 125 bytes", [][]byte{frame(ping, small), frame(final|textOp, "a"), closeFrame(1000, "")}, "text:a close:1000:", "close:1000:"},
		{"2 ping of 126 bytes", [][]byte{frame(ping, small+"x")}, "close:1002:control frame is fragmented or too long", "close:1002:control frame is fragmented or too long"},
		{"2 pong unasked", [][]byte{frame(final|0x0a, "x"), frame(final|textOp, "a"), closeFrame(1000, "")}, "text:a close:1000:", "close:1000:"},
		// 3: reserved bits
		{"3 RSV1", [][]byte{frame(final|packed|textOp, "x")}, "close:1002:reserved bits are set", "close:1002:reserved bits are set"},
		{"3 RSV2 after a message", [][]byte{frame(final|textOp, "fine"), frame(final|0x20|textOp, "x")}, "text:fine close:1002:reserved bits are set", "close:1002:reserved bits are set"},
		{"3 RSV3 on a ping", [][]byte{frame(0x10|ping, "x")}, "close:1002:reserved bits are set", "close:1002:reserved bits are set"},
		// 4: opcodes
		{"4 opcode 3", [][]byte{frame(final|3, "")}, "close:1002:opcode is unknown", "close:1002:opcode is unknown"},
		{"4 opcode 11", [][]byte{frame(final|textOp, "fine"), frame(final|11, "x")}, "text:fine close:1002:opcode is unknown", "close:1002:opcode is unknown"},
		// 5: fragments
		{"5 two fragments", [][]byte{frame(textOp, "hel"), frame(final|more, "lo"), closeFrame(1000, "")}, "text:hello close:1000:", "close:1000:"},
		{"5 ping between", [][]byte{frame(textOp, "hel"), frame(ping, "p"), frame(final|more, "lo"), closeFrame(1000, "")}, "text:hello close:1000:", "close:1000:"},
		{"5 empty fragments", [][]byte{frame(textOp, ""), frame(more, ""), frame(final|more, ""), closeFrame(1000, "")}, "text: close:1000:", "close:1000:"},
		{"5 fragmented ping", [][]byte{frame(0x09, "x"), frame(final|more, "y")}, "close:1002:control frame is fragmented or too long", "close:1002:control frame is fragmented or too long"},
		{"5 continuation of nothing", [][]byte{frame(final|more, "x")}, "close:1002:continuation frame without a message", "close:1002:continuation frame without a message"},
		{"5 message within a message", [][]byte{frame(textOp, "x"), frame(final|textOp, "y")}, "close:1002:new message before the end of the last", "close:1002:new message before the end of the last"},
		{"5 close within a message", [][]byte{frame(textOp, "x"), closeFrame(1000, "")}, "close:1000:", "close:1000:"},
		{"5 64 KiB in parts", [][]byte{frame(binOp, whole[1:]), frame(final|more, "x"), closeFrame(1000, "")}, "binary:65536 close:1000:", "close:1000:"},
		// 6: UTF-8
		{"6 cut within a character", [][]byte{frame(textOp, euro[:1]), frame(more, euro[1:2]), frame(final|more, euro[2:]), closeFrame(1000, "")}, "text:" + euro + " close:1000:", "close:1000:"},
		{"6 not UTF-8", [][]byte{frame(final|textOp, "a\xff")}, "close:1007:text is not UTF-8", "close:1007:text is not UTF-8"},
		{"6 surrogate", [][]byte{frame(final|textOp, "fine"), frame(final|textOp, "\xed\xa0\x80")}, "text:fine close:1007:text is not UTF-8", "close:1007:text is not UTF-8"},
		{"6 above U+10FFFF", [][]byte{frame(final|textOp, "\xf4\x90\x80\x80")}, "close:1007:text is not UTF-8", "close:1007:text is not UTF-8"},
		{"6 incomplete at the end", [][]byte{frame(textOp, "x"), frame(final|more, euro[:2])}, "close:1007:text is not UTF-8", "close:1007:text is not UTF-8"},
		{"6 same bytes as binary", [][]byte{frame(final|binOp, "a\xff"), closeFrame(1000, "")}, "binary:a\xff close:1000:", "close:1000:"},
		// 7: close
		{"7 without a code", [][]byte{frame(closes, "")}, "close", "close"},
		{"7 of one byte", [][]byte{frame(closes, "x")}, "close:1002:close frame is malformed", "close:1002:close frame is malformed"},
		{"7 message behind it", [][]byte{closeFrame(1000, ""), frame(final|textOp, "late")}, "close:1000:", "close:1000:"},
		{"7 longest reason", [][]byte{closeFrame(3000, small[:123])}, "close:3000:" + small[:123], "close:3000:" + small[:123]},
		{"7 reason too long", [][]byte{frame(closes, "\x03\xe8"+small)}, "close:1002:control frame is fragmented or too long", "close:1002:control frame is fragmented or too long"},
		{"7 reason not UTF-8", [][]byte{closeFrame(1000, "\xff\xfe")}, "close:1000:", "close:1007:close reason is not UTF-8"},
		{"7 code 1014", [][]byte{closeFrame(1014, "")}, "close:1014:", "close:1014:"},
		{"7 code 1004", [][]byte{closeFrame(1004, "")}, "close:1002:close frame is malformed", "close:1002:close frame is malformed"},
		{"7 code 1016", [][]byte{closeFrame(1016, "")}, "close:1002:close frame is malformed", "close:1002:close frame is malformed"},
		{"7 code 4999", [][]byte{closeFrame(4999, "")}, "close:4999:", "close:4999:"},
		// 9: sizes, and the limit of 1 MiB
		{"9 larger than a frame", [][]byte{frame(final|binOp, large), closeFrame(1000, "")}, "binary:65537 close:1000:", "close:1000:"},
		{"9 beyond the limit", [][]byte{header(final|binOp, 1<<20+1)}, "close:1009:message exceeds the limit", "close:1009:message exceeds the limit"},
		{"9 2^62", [][]byte{header(final|binOp, 1<<62)}, "close:1009:message exceeds the limit", "close:1009:message exceeds the limit"},
		{"9 2^63", [][]byte{header(final|binOp, 1<<63)}, "close:1002:length of a frame exceeds 63 bits", "close:1002:length of a frame exceeds 63 bits"},
		{"9 more in all", [][]byte{frame(textOp, "x"), header(final|more, 1<<20)}, "close:1009:message exceeds the limit", "close:1009:message exceeds the limit"},
	}
	for _, tt := range tests {
		for _, recorded := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s/from the browser/recorded=%v", tt.name, recorded), func(t *testing.T) {
				t.Parallel()
				got := make(chan string, 1)
				browser, _, ran := rawRelay(t, recorded, func(c *rawConn) {
					all, closing := heard(c)
					got <- all
					c.say(frame(closes, string(closing)))
				})
				for _, f := range tt.say {
					browser.say(masked(f))
				}
				if all := <-got; all != tt.want {
					t.Errorf("the target got %q, want %q", all, tt.want)
				}
				if told, _ := heard(browser); told != tt.told {
					t.Errorf("the browser was told %q, want %q", told, tt.told)
				}
				_ = browser.Close()
				t.Log("ended with", <-ran)
			})
			t.Run(fmt.Sprintf("%s/from the target/recorded=%v", tt.name, recorded), func(t *testing.T) {
				t.Parallel()
				told := make(chan string, 1)
				browser, _, ran := rawRelay(t, recorded, func(c *rawConn) {
					c.say(tt.say...)
					all, _ := heard(c)
					told <- all
				})
				all, closing := heard(browser)
				if all != tt.want {
					t.Errorf("the browser got %q, want %q", all, tt.want)
				}
				browser.say(masked(frame(closes, string(closing))))
				if all := <-told; all != tt.told {
					t.Errorf("the target was told %q, want %q", all, tt.told)
				}
				_ = browser.Close()
				t.Log("ended with", <-ran)
			})
		}
	}
}

// No message reaches the other side in more frames than it was sent in, up to 64 KiB; a
// larger one leaves in parts of that size, while it arrives, and none of them is empty.
func TestRelayCutsMessagesNoFurther(t *testing.T) {
	t.Parallel()
	const limit = 64 << 10
	for _, recorded := range []bool{false, true} {
		for _, sizes := range [][]int{{0}, {1}, {limit - 1}, {limit}, {limit, 0}, {0, limit, 0}, {limit + 1}, {3*limit + 5}, {limit, limit, limit}, {1 << 20}} {
			t.Run(fmt.Sprintf("%v/recorded=%v", sizes, recorded), func(t *testing.T) {
				t.Parallel()
				type message struct {
					frames, size int
					empty        bool
				}
				got := make(chan message, 1)
				browser, _, ran := rawRelay(t, recorded, func(c *rawConn) {
					var m message
					for first := byte(0); first&final == 0; {
						var payload []byte
						if first, payload = c.hearFrame(); payload == nil {
							break
						}
						m = message{m.frames + 1, m.size + len(payload), len(payload) == 0}
					}
					got <- m
				})
				total := 0
				for i, size := range sizes {
					var first byte = binOp
					if i > 0 {
						first = more
					}
					if i == len(sizes)-1 {
						first |= final
					}
					total += size
					browser.say(masked(frame(first, strings.Repeat("x", size))))
				}
				m := <-got
				if want := max(1, (total+limit)/(limit+1)); m.size != total || m.frames > want || m.empty && total > 0 {
					t.Errorf("%d bytes of %d came in %d frames, want %d; the last one is empty: %v", m.size, total, m.frames, want, m.empty)
				}
				_ = browser.Close()
				t.Log("ended with", <-ran)
			})
		}
	}
}

// The first part of a large message is passed before its end has come.
func TestRelayStreamsLargeMessages(t *testing.T) {
	heardSome := make(chan int, 1)
	browser, _, ran := rawRelay(t, false, func(c *rawConn) {
		_, payload := c.hearFrame()
		heardSome <- len(payload)
		c.drain()
	})
	start := masked(frame(final|binOp, strings.Repeat("x", 1<<20)))
	browser.say(start[:len(start)/2])
	if n := <-heardSome; n < 64<<10 {
		t.Errorf("the first part has %d bytes", n)
	}
	_ = browser.Close()
	t.Log("ended with", <-ran)
}

// A target may still send answers after the browser has closed.
func TestRelayDeliversWhatComesBeforeTheTargetsClose(t *testing.T) {
	for _, recorded := range []bool{false, true} {
		browser, m, ran := rawRelay(t, recorded, func(c *rawConn) {
			code, reason := c.hearClose()
			for i := range 50 {
				c.say(frame(final|textOp, fmt.Sprintf("late %d", i)))
			}
			c.say(closeFrame(uint16(code)+1, reason+" too"))
			c.drain()
		})
		browser.say(masked(closeFrame(4001, "done")))
		got, _ := heard(browser)
		if !strings.HasPrefix(got, "text:late 0 text:late 1 ") || !strings.HasSuffix(got, " text:late 49 close:4002:done too") {
			t.Errorf("the browser got %q", got)
		}
		if err := <-ran; err != nil {
			t.Error(err)
		}
		if recorded {
			if e := m.ending("s1"); e.Code != 4002 || e.Reason != "done too" || !e.Clean {
				t.Errorf("ended %+v", e)
			}
		}
	}
}

// A peer's close is answered even if the other one never sends anything.
func TestRelayAnswersACloseThatTheOtherSideIgnores(t *testing.T) {
	for name, serve := range map[string]func(*rawConn){
		"hangs up": func(c *rawConn) { c.hearClose() },
		"is mute":  func(c *rawConn) { c.drain() },
	} {
		t.Run(name, func(t *testing.T) {
			h := relayHub(t)
			address, ran := relayServer(t, h, bridge.RelayRequest{OpenRequest: request(t, rawPeer(t, "", serve))})
			browser, _ := rawBrowser(t, address, "")
			browser.say(masked(closeFrame(4001, "done")))
			if got, _ := heard(browser); got != "close:4001:done" {
				t.Errorf("the browser got %q", got)
			}
			t.Log("ended with", <-ran)
		})
	}
}

// The bytes of a message that was not passed are in the log.
func TestRecordedRelayKeepsWhatIsNotUTF8(t *testing.T) {
	browser, m, ran := rawRelay(t, true, func(c *rawConn) {
		c.say(frame(final|textOp, "a\xff"))
		c.drain()
	})
	if got, closing := heard(browser); got == "" || closing == nil {
		t.Errorf("the browser got %q", got)
	} else {
		browser.say(masked(frame(closes, string(closing))))
	}
	t.Log("ended with", <-ran)
	if all := m.log("s1"); says(all) != "connected received:2 invalid_utf8 closed" || string(all[1].Payload) != "a\xff" {
		t.Errorf("the log has %s", says(all))
	}
	browser, m, ran = rawRelay(t, true, func(c *rawConn) { c.say(closeFrame(1011, "\xff\xfe")); c.hearClose() })
	heard(browser)
	browser.say(masked(closeFrame(1011, "")))
	t.Log("ended with", <-ran)
	if all := m.log("s1"); says(all) != "connected invalid_utf8 closed" || m.ending("s1").Reason != "\xff\xfe" ||
		!strings.Contains(string(all[1].Payload), "fffe") {
		t.Errorf("the log has %s, the reason is %q", says(all), m.ending("s1").Reason)
	}
}
