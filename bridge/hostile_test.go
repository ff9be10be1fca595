package bridge_test

import (
	"bytes"
	"compress/flate"
	"fmt"
	"io"
	"runtime"
	"strings"
	"testing"
	"time"

	"duplex/bridge"
	"duplex/bridge/testkit"
	"duplex/bridge/transcript"
)

// hostileWait is the CloseWait of these tests.
const hostileWait = 50 * time.Millisecond

// against opens a session with a raw peer.
func against(t *testing.T, address string, change func(*bridge.OpenRequest)) (*bridge.Session, *memory) {
	t.Helper()
	m := newMemory()
	h := newHub(t, m, 0)
	h.CloseWait = hostileWait
	r := request(t, address)
	r.MaxMessageBytes = 1 << 20
	if change != nil {
		change(&r)
	}
	s, err := h.Open(t.Context(), r)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close(t.Context(), 1000, ""); <-s.Done() })
	return s, m
}

// says returns the log in short: directions, events and sizes.
func says(all []transcript.Message) string {
	var parts []string
	for _, m := range all {
		if m.Direction == transcript.Event {
			parts = append(parts, m.Event)
		} else {
			parts = append(parts, fmt.Sprintf("%s:%d", m.Direction, len(m.Payload)))
		}
	}
	return strings.Join(parts, " ")
}

// explained maps some of the ends below to their diagnosis.
var explained = map[string]string{
	"masked text": "target_masks_frames", "text that is no UTF-8": "text_not_utf8", "broken deflate": "cannot_inflate",
	"frame of 2^62": "message_too_large", "deflate bomb": "message_too_large", "negative length": "target_broke_protocol", "reserved opcode": "target_broke_protocol",
}

func TestHostilePeerEndsTheSession(t *testing.T) {
	zeros := bomb()
	deflate := "permessage-deflate; server_no_context_takeover; client_no_context_takeover"
	tests := []struct {
		name   string
		serve  func(*rawConn)
		code   int
		reason string
		clean  bool
		log    string // after "connected"
		told   int    // the close code that the peer got; 0 is none
	}{
		{
			"frame of 1 TiB", func(c *rawConn) { c.say(header(final|binOp, 1<<40)); c.flood(make([]byte, 1<<16)) },
			1009, "", false, "message_too_large", -1,
		},
		{"negative length", func(c *rawConn) { c.say(header(final|binOp, 1<<63)) }, 1002, "", false, "", 1002},
		{"endless fragments", func(c *rawConn) {
			c.say(frame(textOp, "x"))
			c.flood(frame(more, strings.Repeat("x", 1000)))
		}, 1009, "", false, "message_too_large", -1},
		{"reserved opcode", func(c *rawConn) { c.say(frame(final|3, "x")) }, 1002, "", false, "", 1002},
		{"reserved control opcode", func(c *rawConn) { c.say(frame(final|0xb, "x")) }, 1002, "", false, "", 1002},
		{"reserved bits", func(c *rawConn) { c.say(frame(final|0x30|textOp, "x")) }, 1002, "", false, "", 1002},
		{"compressed without asking", func(c *rawConn) { c.say(frame(final|packed|textOp, "x")) }, 1002, "", false, "", 1002},
		{"continuation of nothing", func(c *rawConn) { c.say(frame(final|more, "x")) }, 1002, "", false, "", 1002},
		{"message within a message", func(c *rawConn) { c.say(frame(textOp, "x"), frame(final|textOp, "y")) }, 1002, "", false, "", 1002},
		{"fragmented ping", func(c *rawConn) { c.say(frame(0x09, "x")) }, 1002, "", false, "", 1002},
		{"long ping", func(c *rawConn) { c.say(frame(ping, strings.Repeat("x", 126))) }, 1002, "", false, "", 1002},
		{"close of one byte", func(c *rawConn) { c.say(frame(closes, "x")) }, 1002, "", false, "", 1002},
		{"close 1005 on the wire", func(c *rawConn) { c.say(closeFrame(1005, "")) }, 1002, "", false, "", 1002},
		{"close 1006 on the wire", func(c *rawConn) { c.say(closeFrame(1006, "")) }, 1002, "", false, "", 1002},
		{"close 999", func(c *rawConn) { c.say(closeFrame(999, "")) }, 1002, "", false, "", 1002},
		{"close 5000", func(c *rawConn) { c.say(closeFrame(5000, "")) }, 1002, "", false, "", 1002},
		{"reason that is no text", func(c *rawConn) { c.say(closeFrame(1011, "\xff\xfe\x00")) }, 1011, "\xff\xfe\x00", true, "invalid_utf8", 1007},
		{"frame of 2^62", func(c *rawConn) { c.say(header(final|binOp, 1<<62)) }, 1009, "", false, "message_too_large", 1009},
		{"second fragment of 2^62", func(c *rawConn) { c.say(frame(textOp, "x"), header(final|more, 1<<62)) }, 1009, "", false, "message_too_large", 1009},
		{"masked text", func(c *rawConn) { c.say([]byte{final | textOp, 0x80 | 2, 1, 2, 3, 4, 'h', 'i'}) }, 1002, "", false, "", 1002},
		{"masked ping", func(c *rawConn) { c.say([]byte{ping, 0x80, 1, 2, 3, 4}) }, 1002, "", false, "", 1002},
		{"masked close", func(c *rawConn) { c.say([]byte{closes, 0x82, 1, 2, 3, 4, 2, 0xea}) }, 1002, "", false, "", 1002},
		{"text that is no UTF-8", func(c *rawConn) {
			c.say(frame(final|textOp, "fine"), frame(final|textOp, "\xc3\x28"), frame(final|textOp, "after"))
		}, 1007, "", false, "received:4 received:2 invalid_utf8 received:5", 1007},
		{"half-open", func(c *rawConn) { _ = c.CloseWrite(); c.drain() }, 1006, "", false, "", 0},
		{"reset within a message", func(c *rawConn) {
			c.say(frame(final|textOp, "whole"), header(final|textOp, 9000), make([]byte, 5000))
			_ = c.SetLinger(0)
			_ = c.Close()
		}, 1006, "", false, "received:5", -1},
		{
			"end within a message", func(c *rawConn) { c.say(header(final|textOp, 9000), make([]byte, 5000)); _ = c.CloseWrite(); c.drain() },
			1006, "", false, "", 0,
		},
		{
			"end right behind a header", func(c *rawConn) { c.say(header(final|textOp, 9000)); _ = c.CloseWrite(); c.drain() },
			1006, "", false, "", 0,
		},
		{
			"end where a buffer is full", func(c *rawConn) { c.say(header(final|textOp, 9000), make([]byte, 4096)); _ = c.CloseWrite(); c.drain() },
			1006, "", false, "", 0,
		},
		{"end between fragments", func(c *rawConn) { c.say(frame(textOp, "half")); _ = c.CloseWrite(); c.drain() }, 1006, "", false, "", 0},
		{"end within a compressed message", func(c *rawConn) {
			b := deflated(strings.Repeat("all of it ", 1000))
			c.say(header(final|packed|textOp, uint64(len(b))), b[:len(b)-10])
			_ = c.CloseWrite()
			c.drain()
		}, 1006, "", false, "", 0},
		{"deflate bomb", func(c *rawConn) {
			c.say(header(final|packed|binOp, uint64(len(zeros))), zeros)
			c.drain()
		}, 1009, "", false, "message_too_large", -1},
		{"broken deflate", func(c *rawConn) { c.say(frame(final|packed|textOp, "\xff\xff\xff\xff\xff")); c.drain() }, 1007, "", false, "", -1},
		{"broken deflate that is told", func(c *rawConn) { c.say(frame(final|packed|textOp, "\xff\xff\xff\xff\xff")) }, 1007, "", false, "", 1007},
	}
	testkit.AtLeast(t, hostileFigure, "behaviours", float64(len(tests)), 12, "")
	var slowest time.Duration
	var most uint64
	right := 0
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			began, before := time.Now(), allocated()
			told := make(chan int, 1)
			asked := strings.Contains(tt.name, "compressed message") || strings.Contains(tt.name, "deflate")
			extensions := ""
			if asked {
				extensions = deflate
			}
			s, m := against(t, rawPeer(t, extensions, func(c *rawConn) {
				tt.serve(c)
				code, _ := c.hearClose()
				told <- code
			}), func(r *bridge.OpenRequest) { r.Target.Compression = asked })
			<-s.Done()
			slowest, most = max(slowest, time.Since(began)), max(most, allocated()-before)
			e := m.ending(s.Info().ID)
			if e.Code == tt.code {
				right++
			}
			if e.Code != tt.code || e.Reason != tt.reason || e.Clean != tt.clean {
				t.Errorf("ended %d %q clean=%v", e.Code, e.Reason, e.Clean)
			}
			if rule := explained[tt.name]; rule != "" && (e.Finding == nil || e.Finding.Rule != rule) {
				t.Errorf("explained by %+v, want %s", e.Finding, rule)
			}
			want := strings.Join(strings.Fields("connected "+tt.log+" closed"), " ")
			if got := says(m.log(s.Info().ID)); got != want {
				t.Errorf("log %q, want %q", got, want)
			}
			if code := <-told; tt.told >= 0 && code != tt.told {
				t.Errorf("the peer was told %d, want %d", code, tt.told)
			}
		})
	}
	testkit.AtLeast(t, hostileFigure, "sessions that end with the right code", float64(right), float64(len(tests)), "")
	testkit.AtMost(t, hostileFigure, "the slowest end", slowest.Seconds(), 2, "s")
	testkit.AtMost(t, hostileFigure, "heap for one, the peer's included", float64(most)/(1<<20), 8, "MiB")
}

const hostileFigure = "hostile-peers"

// allocated returns how much memory was allocated until now.
func allocated() uint64 {
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.TotalAlloc
}

func deflated(text string) []byte {
	var b bytes.Buffer
	w, _ := flate.NewWriter(&b, flate.DefaultCompression)
	_, _ = io.WriteString(w, text)
	_ = w.Flush()
	return bytes.TrimSuffix(b.Bytes(), []byte{0, 0, 0xff, 0xff})
}

// bomb is 32 MiB of zeros, compressed.
func bomb() []byte {
	var b bytes.Buffer
	w, _ := flate.NewWriter(&b, flate.BestSpeed)
	for zeros := make([]byte, 1<<20); b.Len() < 1<<15; {
		_, _ = w.Write(zeros)
	}
	_ = w.Flush()
	return b.Bytes()
}

func TestOversizedMessagesCostLittleMemory(t *testing.T) {
	address := rawPeer(t, "", func(c *rawConn) {
		c.say(header(final|binOp, 1<<40))
		c.flood(make([]byte, 1<<16))
	})
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	s, _ := against(t, address, nil)
	<-s.Done()
	runtime.ReadMemStats(&after)
	if used := after.TotalAlloc - before.TotalAlloc; used > 8<<20 {
		t.Errorf("%d bytes were allocated for a limit of 1 MiB", used)
	}
}

func TestPingFloodIsClosedWith1008(t *testing.T) {
	told := make(chan int, 1)
	s, m := against(t, rawPeer(t, "", func(c *rawConn) {
		go func() {
			for range 200 {
				c.say(bytes.Repeat(frame(ping, "x"), 1000))
			}
		}()
		code, _ := c.hearClose()
		told <- code
	}), nil)
	<-s.Done()
	if e := m.ending(s.Info().ID); e.Code != 1008 || e.Clean {
		t.Errorf("ended %+v", e)
	}
	if code := <-told; code != 1008 {
		t.Errorf("the peer was told %d", code)
	}
}

func TestAHundredPingsAreAnswered(t *testing.T) {
	pongs := make(chan int, 1)
	against(t, rawPeer(t, "", func(c *rawConn) {
		c.say(bytes.Repeat(frame(ping, "x"), 100))
		n := 0
		for opcode, _ := c.hear(); opcode == 10; opcode, _ = c.hear() {
			if n++; n == 100 {
				break
			}
		}
		pongs <- n
		c.say(closeFrame(1000, ""))
	}), nil)
	if n := <-pongs; n != 100 {
		t.Errorf("%d pongs", n)
	}
}

func TestInvalidTextIsKeptAndMarked(t *testing.T) {
	s, m := against(t, rawPeer(t, "", func(c *rawConn) {
		c.say(frame(final|textOp, "\xff\xfe"), frame(final|textOp, "next"))
		c.drain()
	}), nil)
	c := s.Watch(bridge.Viewer{ID: "v"}, 0)
	defer c.Close()
	rows := await(t, c, 4)
	if !rows[1].InvalidUTF8 || string(m.log(s.Info().ID)[1].Payload) != "\xff\xfe" || rows[2].Event != string(bridge.EventInvalidUTF8) || rows[3].InvalidUTF8 {
		t.Errorf("rows %+v", rows)
	}
}

func TestSilentPeerIsGivenUpWithinAMessage(t *testing.T) {
	for name, start := range map[string][]byte{
		"nothing": nil, "a header": header(final|binOp, 1<<19), "half a message": frame(textOp, "half"), "half a header": {final | binOp},
	} {
		t.Run(name, func(t *testing.T) {
			s, m := against(t, rawPeer(t, "", func(c *rawConn) { c.say(start); c.drain() }),
				func(r *bridge.OpenRequest) {
					r.PingInterval, r.PongTimeout = 20*time.Millisecond, 60*time.Millisecond
				})
			<-s.Done()
			if got := says(m.log(s.Info().ID)); !strings.HasPrefix(got, "connected ping_lost") || !strings.HasSuffix(got, " closed") {
				t.Errorf("log %q", got)
			}
			if e := m.ending(s.Info().ID); e.Code != 1006 || e.Clean || e.Finding == nil || e.Finding.Rule != "ping_lost" {
				t.Errorf("ended %+v", e)
			}
		})
	}
}

// A service that computes answers no ping and reads nothing, while messages are sent to it.
func TestBusyServiceKeepsItsAnswer(t *testing.T) {
	t.Parallel()
	busy, interval := 5*time.Second, time.Second
	if testkit.Full() {
		busy, interval = 75*time.Second, bridge.DefaultPingInterval
	}
	s, m := against(t, rawPeer(t, "", func(c *rawConn) {
		c.hear()
		computed := time.NewTimer(busy)
		defer computed.Stop()
		<-computed.C
		c.say(frame(final|textOp, "the answer"))
		c.hearClose()
		c.say(closeFrame(1000, ""))
	}), func(r *bridge.OpenRequest) { r.PingInterval = interval })
	if _, err := s.Send(t.Context(), text("the question")); err != nil {
		t.Fatal(err)
	}
	go func() {
		for range 100 { // of audio: more than the system buffers
			if _, err := s.Send(t.Context(), bridge.Outgoing{Opcode: transcript.Binary, Payload: make([]byte, 128<<10)}); err != nil {
				return
			}
		}
	}()
	c := s.Watch(bridge.Viewer{ID: "v"}, 0)
	defer c.Close()
	var lost bool
	for answered := false; !answered; {
		u, err := c.Next(t.Context())
		if err != nil {
			t.Fatalf("%v: %s", err, says(m.log(s.Info().ID)))
		}
		for _, row := range u.Rows {
			answered = answered || string(row.Preview) == "the answer"
			lost = lost || row.Event == string(bridge.EventPingLost)
		}
	}
	if !lost {
		t.Error("no missed pong was noted")
	}
	if err := s.Close(t.Context(), 1000, ""); err != nil {
		t.Error(err)
	}
}

func TestCloseEndsWithAPeerThatNeverAnswers(t *testing.T) {
	chunk := strings.Repeat("x", 5000)
	for name, serve := range map[string]func(*rawConn){
		"reads":              func(c *rawConn) { c.drain() },
		"does not read":      nil,
		"floods":             func(c *rawConn) { c.flood(frame(final|textOp, chunk)) },
		"floods empty parts": func(c *rawConn) { c.say(frame(textOp, "")); c.flood(bytes.Repeat(frame(more, ""), 1000)) },
		"stops in a message": func(c *rawConn) {
			c.say(header(final|binOp, 1<<19), make([]byte, 1<<18))
			c.hearClose()
			c.say(make([]byte, 1<<17)) // the reader gets on for a moment
			c.drain()
		},
	} {
		t.Run(name, func(t *testing.T) {
			if serve == nil {
				serve = func(*rawConn) { <-t.Context().Done() }
			}
			s, m := against(t, rawPeer(t, "", serve), nil)
			if err := s.Close(t.Context(), 1000, "enough"); err != nil {
				t.Fatal(err)
			}
			if e := m.ending(s.Info().ID); e.Code != 1006 || e.Clean {
				t.Errorf("ended %+v", e)
			}
		})
	}
}

func TestWhatComesAfterOurCloseIsKept(t *testing.T) {
	const late = 200
	s, m := against(t, rawPeer(t, "", func(c *rawConn) {
		c.say(frame(final|textOp, "first"))
		c.hearClose()
		for i := range late {
			c.say(frame(final|textOp, fmt.Sprintf("late %d", i)))
		}
		c.say(closeFrame(1000, "bye"))
		c.drain()
	}), nil)
	c := s.Watch(bridge.Viewer{ID: "v"}, 0)
	defer c.Close()
	await(t, c, 2)
	if err := s.Close(t.Context(), 1000, "enough"); err != nil {
		t.Fatal(err)
	}
	if got := s.Info().Counts.Received; got != late+1 {
		t.Errorf("%d messages were kept of %d", got, late+1)
	}
	if e := m.ending(s.Info().ID); e.Code != 1000 || e.Reason != "bye" || !e.Clean {
		t.Errorf("ended %+v", e)
	}
}

// The peer reads a large message too slowly for a ping to pass it, and sends a ping itself: it
// is alive.
func TestSlowUploadIsNotTakenForADeadPeer(t *testing.T) {
	const size, slow = 20 << 20, 8 << 20 // the rest fits into the buffers of the system
	read := make(chan int, 1)
	s, m := against(t, rawPeer(t, "", func(c *rawConn) {
		c.say(frame(ping, "are you there"))
		tick := time.NewTicker(10 * time.Millisecond)
		defer tick.Stop()
		buf, total := make([]byte, 64<<10), 0
		for total < size {
			if total < slow {
				<-tick.C
			}
			n, err := io.ReadFull(c.r, buf)
			total += n
			if err != nil {
				break
			}
		}
		read <- total
		c.say(closeFrame(1000, ""))
		c.drain()
	}), func(r *bridge.OpenRequest) {
		r.MaxMessageBytes = bridge.MaxMessageBytes
		r.PingInterval = 300 * time.Millisecond
	})
	out := bridge.Outgoing{Opcode: transcript.Binary, Payload: make([]byte, size)}
	if _, err := s.Send(t.Context(), out); err != nil {
		t.Error(err)
	}
	if n := <-read; n < size {
		t.Errorf("the peer got %d bytes", n)
	}
	<-s.Done()
	if e := m.ending(s.Info().ID); e.Code != 1000 {
		t.Errorf("ended %+v: %s", e, says(m.log(s.Info().ID)))
	}
}

// A large message arrives so slowly that the pong behind it takes several intervals.
func TestSlowDownloadIsNotTakenForADeadPeer(t *testing.T) {
	s, m := against(t, rawPeer(t, "", func(c *rawConn) {
		go c.drain() // reads pings and does not answer them during the message
		c.say(header(final|binOp, 100<<10))
		tick := time.NewTicker(10 * time.Millisecond)
		defer tick.Stop()
		for range 100 {
			<-tick.C
			c.say(make([]byte, 1<<10))
		}
		c.say(closeFrame(1000, ""))
	}), func(r *bridge.OpenRequest) { r.PingInterval = 250 * time.Millisecond })
	<-s.Done()
	if e := m.ending(s.Info().ID); e.Code != 1000 || s.Info().Counts.Received != 1 {
		t.Errorf("ended %+v: %s", e, says(m.log(s.Info().ID)))
	}
}
