package bridge_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"
	"github.com/google/go-cmp/cmp"

	"duplex/bridge"
	"duplex/bridge/diagnose"
	"duplex/bridge/transcript"
)

func TestSessionLogsWhatPassesInOrder(t *testing.T) {
	s := open(t, newHub(t, newMemory(), 0), peer(t, echo))
	c := s.Watch(bridge.Viewer{ID: "v"}, 0)
	defer c.Close()
	rows := await(t, c, 1)
	binary := bridge.Outgoing{Opcode: transcript.Binary, Payload: []byte{0, 255, 1}}
	for _, out := range []bridge.Outgoing{text("hello"), binary} {
		if _, err := s.Send(t.Context(), out); err != nil {
			t.Fatal(err)
		}
		rows = append(rows, await(t, c, 2)...) // the message and its echo
	}
	var got []string
	for _, row := range rows {
		got = append(got, fmt.Sprintf("%d %s%s %s %q", row.Seq, row.Direction, row.Event, row.Opcode, row.Preview))
	}
	want := []string{
		`1 eventconnected  "{\"status\":101,\"subprotocol\":\"\"}"`,
		`2 sent text "hello"`, `3 received text "hello"`,
		`4 sent binary "\x00\xff\x01"`, `5 received binary "\x00\xff\x01"`,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestNothingIsShownBeforeItIsStored(t *testing.T) {
	m := newMemory()
	s := open(t, newHub(t, m, 0), peer(t, echo))
	c := s.Watch(bridge.Viewer{ID: "v"}, 0)
	defer c.Close()
	await(t, c, 1) // connected
	release := m.hold()
	sent := make(chan error, 1)
	go func() {
		_, err := s.Send(t.Context(), text("held"))
		sent <- err
	}()
	for s.Info().Counts.Sent == 0 {
		short, cancel := context.WithTimeout(t.Context(), time.Millisecond)
		if u, err := c.Next(short); err == nil && len(u.Rows) > 0 {
			t.Fatalf("a row was shown before it was stored: %+v", u.Rows)
		}
		cancel()
	}
	select {
	case err := <-sent:
		t.Fatal("a send was confirmed before it was stored", err)
	default:
	}
	release()
	if err := <-sent; err != nil {
		t.Fatal(err)
	}
	if rows := await(t, c, 1); string(rows[0].Preview) != "held" {
		t.Errorf("got %q", rows[0].Preview)
	}
}

func TestSlowStoreHoldsTheTargetBackAndLosesNothing(t *testing.T) {
	const total = 20_000
	m := newMemory()
	release := m.hold()
	s := open(t, newHub(t, m, 0), peer(t, func(ctx context.Context, conn *websocket.Conn) {
		for i := range total {
			if conn.Write(ctx, websocket.MessageText, fmt.Appendf(nil, "%08d", i)) != nil {
				return
			}
		}
		quiet(ctx, conn)
	}))
	full := func() int64 { return s.Info().Counts.Received }
	for before := int64(-1); before != full(); { // until reading has stopped
		before = full()
		<-time.After(20 * time.Millisecond)
	}
	if n := full(); n > 10_000 {
		t.Errorf("%d messages wait in memory", n)
	}
	release()
	c := s.Watch(bridge.Viewer{ID: "v"}, 0)
	defer c.Close()
	for i, row := range await(t, c, total+1)[1:] {
		if want := fmt.Sprintf("%08d", i); string(row.Preview) != want {
			t.Fatalf("row %d is %q", i, row.Preview)
		}
	}
}

func TestSameClientIDIsOneMessage(t *testing.T) {
	m := newMemory()
	s := open(t, newHub(t, m, 0), peer(t, quiet))
	out := text("once")
	out.ClientID = "c1"
	seqs := make(chan int64, 8)
	for range cap(seqs) {
		go func() {
			seq, err := s.Send(t.Context(), out)
			if err != nil {
				t.Error(err)
			}
			seqs <- seq
		}()
	}
	for range cap(seqs) {
		if seq := <-seqs; seq != 2 {
			t.Errorf("seq %d", seq)
		}
	}
	if n := s.Info().Counts.Sent; n != 1 {
		t.Errorf("%d messages were sent", n)
	}
}

func TestSendRefusesBeforeAnythingIsSent(t *testing.T) {
	m := newMemory()
	h := newHub(t, m, 0)
	r := request(t, peer(t, quiet))
	r.MaxMessageBytes = 10
	s, err := h.Open(t.Context(), r)
	if err != nil {
		t.Fatal(err)
	}
	var tooLarge *bridge.TooLargeError
	if _, err := s.Send(t.Context(), text("12345678901")); !errors.As(err, &tooLarge) || tooLarge.Limit != 10 {
		t.Errorf("too large: %v", err)
	}
	if _, err := s.Send(t.Context(), text("\xff\xfe")); !errors.Is(err, bridge.ErrInvalidUTF8) {
		t.Errorf("not UTF-8: %v", err)
	}
	if err := s.Close(t.Context(), 1005, ""); !errors.Is(err, bridge.ErrCloseCode) {
		t.Errorf("close code: %v", err)
	}
	if n := s.Info().Counts.Sent; n != 0 {
		t.Errorf("%d messages were sent", n)
	}
	if err := s.Close(t.Context(), 1000, "bye"); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Send(t.Context(), text("late")); !errors.Is(err, bridge.ErrClosed) {
		t.Errorf("closed: %v", err)
	}
}

func TestCloseIsKeptAsReceived(t *testing.T) {
	tests := []struct {
		name   string
		serve  func(context.Context, *websocket.Conn)
		code   int
		reason string
		clean  bool
	}{
		{"normal", closeWith(1000, "done"), 1000, "done", true},
		{"policy", closeWith(1008, "no"), 1008, "no", true},
		{"own code", closeWith(4321, "naïve ✓"), 4321, "naïve ✓", true},
		{"no status", closeWith(websocket.StatusNoStatusRcvd, ""), 1005, "", true},
		{"cut", func(_ context.Context, c *websocket.Conn) { _ = c.CloseNow() }, 1006, "", false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			m := newMemory()
			s := open(t, newHub(t, m, 0), peer(t, tt.serve))
			<-s.Done()
			e := m.ending(s.Info().ID)
			if e.Code != tt.code || e.Reason != tt.reason || e.Clean != tt.clean {
				t.Errorf("ended %d %q clean=%v", e.Code, e.Reason, e.Clean)
			}
			all := m.log(s.Info().ID)
			if last := all[len(all)-1]; last.Event != string(bridge.EventClosed) {
				t.Errorf("the log ends with %+v", last)
			}
		})
	}
}

func closeWith(code websocket.StatusCode, reason string) func(context.Context, *websocket.Conn) {
	return func(_ context.Context, c *websocket.Conn) { _ = c.Close(code, reason) }
}

func TestAnErrorInTheLastMessageExplainsAnOrdinaryClose(t *testing.T) {
	t.Parallel()
	m := newMemory()
	s := open(t, newHub(t, m, time.Minute), peer(t, func(ctx context.Context, conn *websocket.Conn) {
		_ = conn.Write(ctx, websocket.MessageText, []byte(`{"result":"partial"}`))
		_ = conn.Write(ctx, websocket.MessageText, []byte(`{"code":4008,"message":"no audio for more than 15 seconds"}`))
		_ = conn.Close(websocket.StatusNormalClosure, "")
	}))
	<-s.Done()
	finding := m.ending(s.Info().ID).Finding
	if finding == nil || finding.Rule != "said_idle" || finding.Said == nil || finding.Said.Values["words"] != "no audio for more than 15 seconds" {
		t.Fatalf("found %+v", finding)
	}
	m.demandMessage(t, s.Info().ID, finding, "no audio")
}

func TestAnErrorBeforeTheLastWordExplainsAnOrdinaryClose(t *testing.T) {
	t.Parallel()
	m := newMemory()
	s := open(t, newHub(t, m, time.Minute), peer(t, func(ctx context.Context, conn *websocket.Conn) {
		_ = conn.Write(ctx, websocket.MessageText, []byte(`{"result":"partial"}`))
		_ = conn.Write(ctx, websocket.MessageText, []byte(`{"code":4008,"message":"no audio for more than 15 seconds"}`))
		_ = conn.Write(ctx, websocket.MessageText, []byte(`{"resp_type":"END","reason":"ERROR"}`))
		_ = conn.Close(websocket.StatusNormalClosure, "")
	}))
	<-s.Done()
	finding := m.ending(s.Info().ID).Finding
	if finding == nil || finding.Rule != "said_idle" || finding.Said == nil || finding.Said.Values["words"] != "no audio for more than 15 seconds" {
		t.Fatalf("found %+v", finding)
	}
	m.demandMessage(t, s.Info().ID, finding, "no audio")
}

// demandMessage checks that a finding names the service and the message with its words.
func (m *memory) demandMessage(t *testing.T, id string, finding *diagnose.Finding, words string) {
	t.Helper()
	if finding.By != diagnose.ByService {
		t.Errorf("ended by %q", finding.By)
	}
	for _, message := range m.log(id) {
		if message.Seq == finding.MessageSeq && strings.Contains(string(message.Payload), words) {
			return
		}
	}
	t.Errorf("message %d does not have the words", finding.MessageSeq)
}

func TestCloseByPersonReachesTheTarget(t *testing.T) {
	got := make(chan error, 1)
	m := newMemory()
	s := open(t, newHub(t, m, 0), peer(t, func(ctx context.Context, c *websocket.Conn) {
		_, _, err := c.Read(ctx)
		got <- err
	}))
	if err := s.Close(t.Context(), 4000, "enough"); err != nil {
		t.Fatal(err)
	}
	var frame websocket.CloseError
	if err := <-got; !errors.As(err, &frame) || frame.Code != 4000 || frame.Reason != "enough" {
		t.Errorf("the target saw %v", err)
	}
	if e := m.ending(s.Info().ID); !e.Clean || e.Code != 4000 {
		t.Errorf("ended %+v", e)
	}
}

func TestMessageOverTheLimitEndsWithAnEvent(t *testing.T) {
	m := newMemory()
	h := newHub(t, m, 0)
	r := request(t, peer(t, func(ctx context.Context, c *websocket.Conn) {
		_ = c.Write(ctx, websocket.MessageBinary, bytes.Repeat([]byte{7}, 5000))
		quiet(ctx, c)
	}))
	r.MaxMessageBytes = 4096
	s, err := h.Open(t.Context(), r)
	if err != nil {
		t.Fatal(err)
	}
	<-s.Done()
	all := m.log(s.Info().ID)
	if len(all) != 3 || all[1].Event != string(bridge.EventMessageTooLarge) || !bytes.Contains(all[1].Payload, []byte("0707")) {
		t.Errorf("log %+v", all)
	}
	if e := m.ending(s.Info().ID); e.Code != 1009 {
		t.Errorf("ended %+v", e)
	}
}

func TestSessionNobodyWatchesEndsAfterItsKeepTime(t *testing.T) {
	m := newMemory()
	h := newHub(t, m, 50*time.Millisecond)
	s := open(t, h, peer(t, quiet))
	c := s.Watch(bridge.Viewer{ID: "v"}, 0)
	if !s.Info().KeepUntil.IsZero() {
		t.Error("a countdown runs while somebody watches")
	}
	c.Close()
	<-s.Done()
	if e := m.ending(s.Info().ID); e.Code != 1000 {
		t.Errorf("ended %+v", e)
	}
}

func TestPeerWithoutPongsIsGivenUpWhereThatIsAsked(t *testing.T) {
	m := newMemory()
	h := newHub(t, m, 0)
	hold := make(chan struct{})
	t.Cleanup(func() { close(hold) })
	r := request(t, peer(t, func(context.Context, *websocket.Conn) { <-hold })) // never reads, so never answers
	r.PingInterval, r.PongTimeout = 20*time.Millisecond, 60*time.Millisecond
	s, err := h.Open(t.Context(), r)
	if err != nil {
		t.Fatal(err)
	}
	<-s.Done()
	var lost int
	for _, msg := range m.log(s.Info().ID) {
		if msg.Event == string(bridge.EventPingLost) {
			lost++
		}
	}
	if e := m.ending(s.Info().ID); lost == 0 || e.Code != 1006 || e.Finding == nil || e.Finding.Rule != "ping_lost" {
		t.Errorf("%d pings lost, ended %+v", lost, e)
	}
}

func TestBrokenStoreEndsTheSession(t *testing.T) {
	m := newMemory()
	s := open(t, newHub(t, m, 0), peer(t, echo))
	m.failWith(errors.New("disk full"))
	if _, err := s.Send(t.Context(), text("lost?")); err == nil {
		t.Error("a send was confirmed that could not be kept")
	}
	<-s.Done()
	if e := s.Info().Ending; e == nil || e.Finding == nil || e.Finding.Rule != "not_recorded" {
		t.Errorf("ended %+v", e)
	}
}

func TestRefusedHandshakeLeavesNothing(t *testing.T) {
	h := newHub(t, newMemory(), 0)
	var lc net.ListenConfig
	l, err := lc.Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := "ws://" + l.Addr().String()
	_ = l.Close()
	if _, err := h.Open(t.Context(), request(t, address)); err == nil {
		t.Fatal("opened")
	}
	if stats := h.Stats(); stats.Refused != 1 || len(h.Sessions()) != 0 {
		t.Errorf("stats %+v", stats)
	}
}

func TestCursorResumesExactlyOnceAndEnds(t *testing.T) {
	m := newMemory()
	const total = 5000
	s := open(t, newHub(t, m, 0), peer(t, func(ctx context.Context, c *websocket.Conn) {
		for i := range total {
			if c.Write(ctx, websocket.MessageText, fmt.Appendf(nil, "%d", i)) != nil {
				return
			}
		}
		_ = c.Close(1000, "")
	}))
	var after int64
	for end := false; !end; { // a viewer that leaves after every batch
		c := s.Watch(bridge.Viewer{ID: "v"}, after)
		for {
			u, err := c.Next(t.Context())
			if errors.Is(err, io.EOF) {
				end = true
				break
			}
			if err != nil {
				t.Fatal(err)
			}
			for _, row := range u.Rows {
				if row.Seq != after+1 {
					t.Fatalf("seq %d after %d", row.Seq, after)
				}
				after = row.Seq
			}
			if len(u.Rows) > 0 {
				break
			}
		}
		c.Close()
	}
	if after != total+2 {
		t.Errorf("saw %d rows", after)
	}
}
