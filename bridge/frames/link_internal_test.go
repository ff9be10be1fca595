package frames

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"testing"

	"github.com/coder/websocket"
)

// fed is a connection that gives its input in steps, and keeps its output.
type fed struct {
	net.Conn

	in   []byte
	step int
	out  bytes.Buffer
}

func (f *fed) Read(p []byte) (int, error) {
	if len(f.in) == 0 {
		return 0, io.EOF
	}
	n := copy(p, f.in[:min(len(f.in), f.step)])
	f.in = f.in[n:]
	return n, nil
}

func (f *fed) Write(p []byte) (int, error) { return f.out.Write(p) }

func (*fed) Close() error { return nil }

// fedLink returns a side of a relay that gets input. FromClient says that its peer is a
// client.
func fedLink(in []byte, step int, fromClient, deflate bool, limit int64) (*Link, *fed) {
	conn := &fed{in: in, step: max(1, step)}
	return newLink(NewStream(conn, conn, !fromClient), "", deflate, limit), conn
}

// passAll relays everything, and returns what the other side got, message by message, and how
// the input ended. Without runs each message is carried.
func passAll(t *testing.T, in []byte, step int, fromClient, deflate, runs bool) (got []string, end string) {
	t.Helper()
	const limit = 300 << 10
	from, _ := fedLink(in, step, fromClient, deflate, limit)
	to, out := fedLink(nil, 1, !fromClient, deflate, limit)
	var err error
	counted := 0
	for err == nil {
		var run Run
		if runs {
			if run, err = from.Next(to); err != nil {
				break
			}
			each := 0
			run.Each(func(websocket.MessageType, []byte) { each++ })
			if each != run.Messages {
				t.Errorf("a run of %d messages has %d", run.Messages, each)
			}
			counted += run.Messages
		}
		if run.Messages > 0 {
			err = to.Pass(run.Frames)
		} else if _, err = from.Carry(to); err == nil {
			counted++
		}
	}
	end = told(err)
	reader, _ := fedLink(out.out.Bytes(), 1<<20, fromClient, deflate, 0)
	for {
		kind, payload, err := reader.ReadMessage()
		if err != nil {
			if told(err) != "" {
				t.Errorf("the other side was sent what breaks the rules: %v", err)
			}
			break
		}
		got = append(got, fmt.Sprintf("%v %d %x", kind, len(payload), payload[:min(len(payload), 300)]))
	}
	if counted < len(got) {
		t.Errorf("%d messages were counted, %d came", counted, len(got))
	}
	return got, end
}

// Runs change neither the messages nor the end.
func FuzzRuns(f *testing.F) {
	text := func(payload string, first byte, masked bool) []byte {
		return appendFrame(nil, first, []byte(payload), masked)
	}
	join := func(parts ...[]byte) []byte { return bytes.Join(parts, nil) }
	for _, masked := range []bool{false, true} {
		f.Add(join(text("one", bitFinal|opText, masked), text("two", bitFinal|opBinary, masked), text("", bitFinal|opText, masked)), 3, masked, false)
		f.Add(join(text("one", bitFinal|opText, masked), text("ping", bitFinal|opPing, masked), text("a\xff", bitFinal|opText, masked)), 100, masked, false)
		f.Add(join(text("on", opText, masked), text("ping", bitFinal|opPing, masked), text("e", bitFinal, masked), text("two", bitFinal|opText, masked)), 5, masked, false)
		f.Add(join(text("one", bitFinal|opText, masked), appendClose(nil, websocket.CloseError{Code: 1000}, masked), text("late", bitFinal|opText, masked)), 64, masked, false)
		f.Add(text(string(deflated(bytes.Repeat([]byte("all"), 700))), bitFinal|bitPacked|opText, masked), 64, masked, true)
		f.Add(text(string(make([]byte, maxPassed+1)), bitFinal|opBinary, masked), 1000, masked, false)
		f.Add(text(string(make([]byte, partSize+1)), bitFinal|opBinary, masked), 1<<20, masked, false)
		f.Add(head(bitFinal|opBinary, 1<<62, map[bool]string{true: "keys"}[masked]), 2, masked, false)
	}
	f.Add([]byte{0x82, 126, 0, 1, 'x', 0x82, 127, 0, 0, 0, 0, 0, 0, 0, 1, 'y'}, 4, false, false) // longer headers than they need
	f.Add([]byte("\xc10"), 76, false, false)                                                     // found: compressed where that was not agreed
	f.Add([]byte("\xc1\x9e00007"), 64, true, true)                                               // found: cut within what cannot be inflated
	f.Add([]byte("\xc1\x1f$\xd01\f\x00\x00\f B0000000000000000000000"), 64, false, true)         // found: the compressed data has no end
	f.Fuzz(func(t *testing.T, in []byte, step int, fromClient, deflate bool) {
		want, wantEnd := passAll(t, bytes.Clone(in), 1<<20, fromClient, deflate, false)
		got, end := passAll(t, bytes.Clone(in), step, fromClient, deflate, true)
		if end == "" && wantEnd == string(Inflate) { // the end of that message is missing
			end = wantEnd
		}
		if fmt.Sprint(got) != fmt.Sprint(want) || end != wantEnd {
			t.Errorf("%q, ended by %q; want %q, ended by %q", got, end, want, wantEnd)
		}
	})
}

// A message that is as large as the buffers, or a byte more or less, arrives whole.
func TestCarryTakesMessagesOfAnySize(t *testing.T) {
	for _, size := range []int{0, 1, wholeFrame, wholeFrame + 1, partSize - 1, partSize, partSize + 1, partSize + 2, 2*partSize + 1, 3 * partSize} {
		for _, step := range []int{1000, wholeFrame, partSize + 1, 1 << 20} {
			payload := bytes.Repeat([]byte("0123456789"), size/10+1)[:size]
			from, _ := fedLink(appendFrame(nil, bitFinal|opBinary, payload, true), step, true, false, 0)
			to, out := fedLink(nil, 1, false, false, 0)
			if n, err := from.Carry(to); err != nil || n != int64(size) {
				t.Errorf("%d bytes of %d: %v", n, size, err)
			}
			reader, _ := fedLink(out.out.Bytes(), 1<<20, true, false, 0)
			if _, got, err := reader.ReadMessage(); err != nil || !bytes.Equal(got, payload) {
				t.Errorf("%d bytes of %d came, in steps of %d: %v", len(got), size, step, err)
			}
		}
	}
}

// A text in frames that are masked each with a key of its own arrives whole, and one that is no
// UTF-8 is told from it, wherever its parts and windows are cut.
func TestCarryReadsMaskedTexts(t *testing.T) {
	text := strings.Repeat("€ 1 é 😀", 20_000)
	for _, size := range []int{len(text), 1<<20 + 1, 70_001, 9} {
		for _, step := range []int{1001, 1 << 20} {
			for _, tail := range []string{"", "\xf0\x9f", "\xff"} {
				whole := text + tail
				var in []byte
				for at := 0; at < len(whole); at += size {
					end := min(at+size, len(whole))
					var first byte = opContinuation
					if at == 0 {
						first = opText
					}
					if end == len(whole) {
						first |= bitFinal
					}
					in = appendFrame(in, first, []byte(whole[at:end]), true)
				}
				from, _ := fedLink(in, step, true, false, 0)
				to, out := fedLink(nil, 1, false, false, 0)
				_, err := from.Carry(to)
				if failure, ok := errors.AsType[*RuleError](err); ok != (tail != "") || ok && failure.Rule != UTF8 {
					t.Fatalf("frames of %d bytes with %q behind: %v", size, tail, err)
				}
				if tail != "" {
					continue
				}
				reader, _ := fedLink(out.out.Bytes(), 1<<20, true, false, 0)
				if _, got, err := reader.ReadMessage(); err != nil || string(got) != text {
					t.Errorf("frames of %d bytes: %d bytes came: %v", size, len(got), err)
				}
			}
		}
	}
}

// A ping is answered by its own side, at the latest when a message that is being written has
// left. Of several only the last counts.
func TestPongWaitsForTheMessageBeingWritten(t *testing.T) {
	ping := func(payload string) []byte { return appendFrame(nil, bitFinal|opPing, []byte(payload), false) }
	message := appendFrame(nil, bitFinal|opText, []byte("x"), false)
	from, out := fedLink(bytes.Join([][]byte{ping("one"), ping("two"), message}, nil), 1<<10, false, false, 0)
	to, _ := fedLink(nil, 1, true, false, 0)
	from.mu.Lock() // as while a message is being written
	run, err := from.Next(to)
	from.mu.Unlock()
	if err != nil || run.Messages != 1 || out.out.Len() != 0 {
		t.Fatalf("%+v, %v, %d bytes written", run, err, out.out.Len())
	}
	if err := from.Pass(appendFrame(nil, bitFinal|opText, []byte("mine"), true)); err != nil {
		t.Fatal(err)
	}
	written, _ := fedLink(out.out.Bytes(), 1<<10, true, false, 0)
	if _, payload, err := written.ReadMessage(); err != nil || string(payload) != "mine" {
		t.Errorf("%q, %v", payload, err)
	}
	pong := written.unread()
	if len(pong) != 2+4+len("two") || pong[0] != bitFinal|opPong {
		t.Fatalf("%x follows", pong)
	}
	if mask(pong[6:], [4]byte(pong[2:6])); string(pong[6:]) != "two" {
		t.Errorf("the pong has %q", pong[6:])
	}
}

// socketLink returns a client's side of a relay on a real socket, and its peer.
func socketLink(t *testing.T) (*Link, net.Conn) {
	t.Helper()
	listener, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = listener.Close() }()
	peer, err := new(net.Dialer).DialContext(t.Context(), "tcp", listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = peer.Close() })
	conn, err := listener.Accept()
	if err != nil {
		t.Fatal(err)
	}
	conn = NewSocket(conn)
	l := newLink(NewStream(conn, conn, true), "", false, 0)
	t.Cleanup(func() { _ = l.CloseNow() })
	if l.socket == nil {
		t.Skip("SKIPPED: waiting without a buffer (Linux alone)")
	}
	return l, peer
}

// While nothing comes a side holds no lump, even if its peer stopped within a frame.
func TestIdleLinkHoldsNoBuffer(t *testing.T) {
	l, peer := socketLink(t)
	frame := appendFrame(nil, bitFinal|opText, bytes.Repeat([]byte("x"), 300), false)
	if _, err := peer.Write(append(bytes.Clone(frame), frame[:200]...)); err != nil {
		t.Fatal(err)
	}
	if run, err := l.Next(l); err != nil || run.Messages != 1 {
		t.Fatalf("%+v, %v", run, err)
	}
	if _, err := l.NextSoon(l); !errors.Is(err, ErrQuiet) {
		t.Fatal(err)
	}
	if l.lump != nil || string(l.few) != string(frame[:200]) {
		t.Errorf("a lump is held: %v; %d bytes are kept", l.lump != nil, len(l.few))
	}
}

// A side that sleeps wakes for bytes, and when it is cut; then nothing sleeps.
func TestSleepEndsWithInputOrTheLink(t *testing.T) {
	l, peer := socketLink(t)
	sleep := func() <-chan struct{} {
		woken := make(chan struct{})
		l.Sleep(func() { close(woken) })
		return woken
	}
	for _, text := range []string{"one", "two"} {
		woken := sleep()
		if _, err := peer.Write(appendFrame(nil, bitFinal|opText, []byte(text), false)); err != nil {
			t.Fatal(err)
		}
		<-woken
		if run, err := l.NextSoon(l); err != nil || run.Messages != 1 || string(run.Frames[2:]) != text {
			t.Fatalf("%+v, %v", run, err)
		}
	}
	woken := sleep()
	l.Cut()
	<-woken
	<-sleep()
	if _, err := l.NextSoon(l); !errors.Is(err, net.ErrClosed) {
		t.Errorf("after the cut: %v", err)
	}
}
