package bridge_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/coder/websocket"

	"duplex/bridge"
	"duplex/bridge/transcript"
)

var errAway = fmt.Errorf("connection refused: %w", bridge.ErrStoreAway)

// watchFor reads updates until one matches, and returns the rows up to it.
func watchFor(t *testing.T, c *bridge.Cursor, what string, wanted func(*bridge.Info) bool) []transcript.Row {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	var rows []transcript.Row
	for {
		u, err := c.Next(ctx)
		if err != nil {
			t.Fatalf("waiting for %s: %v", what, err)
		}
		rows = append(rows, u.Rows...)
		if u.Info != nil && wanted(u.Info) {
			return rows
		}
	}
}

func TestSessionOutlivesAStoreThatIsAway(t *testing.T) {
	t.Parallel()
	for name, lose := range map[string]bool{"nothing is stored": false, "the answers are lost": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m := newMemory()
			var heard sync.Map
			var streamed atomic.Int64
			stop := make(chan struct{})
			s := open(t, newHub(t, m, 0), peer(t, func(ctx context.Context, conn *websocket.Conn) {
				go func() {
					for {
						_, payload, err := conn.Read(ctx)
						if err != nil {
							return
						}
						heard.Store(string(payload), true)
					}
				}()
				for {
					select {
					case <-stop:
						<-ctx.Done()
						return
					case <-time.After(200 * time.Microsecond):
					}
					if conn.Write(ctx, websocket.MessageText, fmt.Appendf(nil, "%08d", streamed.Load())) != nil {
						return
					}
					streamed.Add(1)
				}
			}))
			c := s.Watch(bridge.Viewer{ID: "v"}, 0)
			defer c.Close()
			rows := await(t, c, 10)
			m.mu.Lock()
			m.fail, m.lose = errAway, lose
			m.mu.Unlock()
			went := time.Now()
			rows = append(rows, watchFor(t, c, "the notice", func(i *bridge.Info) bool { return i.StoreAway })...)
			if took := time.Since(went); took > 2*time.Second {
				t.Errorf("viewers are told after %v", took)
			}
			out := text("while away")
			out.ClientID = "same"
			if _, err := s.Send(t.Context(), out); !errors.Is(err, bridge.ErrStoreAway) {
				t.Errorf("a send got %v", err)
			}
			if took := time.Since(went); took > 8*time.Second {
				t.Errorf("a send is refused after %v", took)
			}
			if _, reached := heard.Load("while away"); reached {
				t.Error("a refused send reached the target")
			}
			m.failWith(nil)
			rows = append(rows, watchFor(t, c, "the return", func(i *bridge.Info) bool { return !i.StoreAway })...)
			if _, err := s.Send(t.Context(), out); err != nil {
				t.Errorf("the same client id again: %v", err)
			}
			close(stop)
			for received := int64(0); received < streamed.Load(); received = s.Info().Counts.Received {
				<-time.After(time.Millisecond)
			}
			rows = append(rows, await(t, c, int(s.Info().Counts.Received)+2-len(rows))...) // the connected event, and the sent messages
			checkStream(t, rows)
			if s.Info().State != bridge.Open {
				t.Error("the session has ended")
			}
		})
	}
}

// checkStream checks that rows have no gaps, and the received ones count up from 0.
func checkStream(t *testing.T, rows []transcript.Row) {
	t.Helper()
	var received int
	for i, row := range rows {
		if row.Seq != int64(i)+1 {
			t.Fatalf("seq %d is row %d", row.Seq, i)
		}
		if row.Direction != transcript.Received {
			continue
		}
		if want := fmt.Sprintf("%08d", received); string(row.Preview) != want {
			t.Fatalf("received %q in place of %s", row.Preview, want)
		}
		received++
	}
}

func TestMessageIsStoredBeforeItGoesOut(t *testing.T) {
	t.Parallel()
	m := newMemory()
	heard := make(chan string, 100)
	s := open(t, newHub(t, m, 0), peer(t, func(ctx context.Context, conn *websocket.Conn) {
		for {
			_, payload, err := conn.Read(ctx)
			if err != nil {
				return
			}
			if stored := m.log("s1"); !holds(stored, string(payload)) {
				t.Errorf("%q reached the target before it was stored", payload)
			}
			heard <- string(payload)
		}
	}))
	release := m.hold()
	var sends sync.WaitGroup
	for i := range 50 {
		sends.Go(func() {
			if _, err := s.Send(t.Context(), text(fmt.Sprint(i))); err != nil {
				t.Error(err)
			}
		})
	}
	for s.Info().Counts.Sent < 50 {
		<-time.After(time.Millisecond)
	}
	if len(heard) > 0 {
		t.Error("the target got a message while the store took none")
	}
	release()
	sends.Wait()
	var order []string
	for _, message := range m.log("s1") {
		if message.Direction == transcript.Sent {
			order = append(order, string(message.Payload))
		}
	}
	for i, want := range order {
		if got := <-heard; got != want {
			t.Fatalf("message %d at the target is %s, in the log %s", i, got, want)
		}
	}
}

func holds(log []transcript.Message, payload string) bool {
	for _, message := range log {
		if string(message.Payload) == payload {
			return true
		}
	}
	return false
}

// A message that is stored too late to be sent is marked in its row and by an event, and its
// client id can be used again.
func TestMessageStoredTooLateIsNotSent(t *testing.T) {
	t.Parallel()
	m := newMemory()
	s := open(t, newHub(t, m, 0), peer(t, echo))
	if _, err := s.Send(t.Context(), text("first")); err != nil {
		t.Fatal(err)
	}
	c := s.Watch(bridge.Viewer{ID: "v"}, 0)
	defer c.Close()
	await(t, c, 3)
	m.failWith(errAway)
	out := text("late")
	out.ClientID = "id"
	if _, err := s.Send(t.Context(), out); !errors.Is(err, bridge.ErrStoreAway) { // the store is not known to be away yet
		t.Fatalf("got %v", err)
	}
	m.failWith(nil)
	watchFor(t, c, "the return", func(i *bridge.Info) bool { return !i.StoreAway })
	if _, err := s.Send(t.Context(), out); err != nil {
		t.Fatal(err)
	}
	for len(m.log("s1")) < 7 {
		<-time.After(time.Millisecond)
	}
	var got []string
	for _, message := range m.log("s1")[3:] {
		got = append(got, fmt.Sprintf("%s %s %s", message.Direction, message.Event, message.Payload))
	}
	want := []string{"sent not_sent late", `event send_failed {"seq":4}`, "sent  late", "received  late"}
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("log = %q, want %q", got, want)
	}
}

func TestEndIsShownAtOnceAndStoredWhenTheStoreReturns(t *testing.T) {
	t.Parallel()
	m := newMemory()
	leave := make(chan struct{})
	h := newHub(t, m, 0)
	s := open(t, h, peer(t, func(_ context.Context, conn *websocket.Conn) {
		<-leave
		_ = conn.Close(4007, "enough")
	}))
	c := s.Watch(bridge.Viewer{ID: "v"}, 0)
	defer c.Close()
	await(t, c, 1)
	m.failWith(errAway)
	close(leave)
	watchFor(t, c, "the end", func(i *bridge.Info) bool {
		return i.State == bridge.Closed && i.Ending.Code == 4007 && i.Ending.Reason == "enough"
	})
	if err := s.Close(t.Context(), 1000, ""); err != nil { // does not wait for the store
		t.Error(err)
	}
	select {
	case <-s.Done():
		t.Error("all is stored while the store is away")
	default:
	}
	m.failWith(nil)
	rows := await(t, c, 1)
	if rows[0].Event != string(bridge.EventClosed) {
		t.Errorf("row %+v", rows[0])
	}
	<-s.Done()
	if e := m.ending("s1"); e.Code != 4007 || len(h.Sessions()) != 0 {
		t.Errorf("ending %+v, live %d", e, len(h.Sessions()))
	}
}

func TestNothingIsDialledWhileTheStoreIsAway(t *testing.T) {
	t.Parallel()
	m := newMemory()
	h := newHub(t, m, 0)
	first := open(t, h, peer(t, quiet))
	c := first.Watch(bridge.Viewer{ID: "v"}, 0)
	defer c.Close()
	m.failWith(errAway)
	watchFor(t, c, "the notice", func(i *bridge.Info) bool { return i.StoreAway })
	dialled := false
	_, err := h.Open(t.Context(), request(t, peer(t, func(context.Context, *websocket.Conn) { dialled = true })))
	if !errors.Is(err, bridge.ErrStoreAway) || dialled {
		t.Errorf("got %v, dialled %v", err, dialled)
	}
	m.failWith(nil)
}

// A sent message without an answer is not unsure for long.
func TestQuietLogKeepsWhatWasSent(t *testing.T) {
	t.Parallel()
	m := newMemory()
	s := open(t, newHub(t, m, 0), peer(t, quiet))
	seq, err := s.Send(t.Context(), text("unanswered"))
	if err != nil {
		t.Fatal(err)
	}
	for end := time.Now().Add(20 * time.Second); ; <-time.After(10 * time.Millisecond) {
		m.mu.Lock()
		delivered := m.delivered["s1"]
		m.mu.Unlock()
		if delivered == seq {
			return
		}
		if time.Now().After(end) {
			t.Fatalf("delivered up to %d, want %d", delivered, seq)
		}
	}
}

// A send does not wait for the return of the store when the queue is full.
func TestSendsAreRefusedWhenTheQueueIsFullAsTheStoreGoes(t *testing.T) {
	t.Parallel()
	m := newMemory()
	flood := make(chan struct{})
	heard := make(chan string, 10)
	s := open(t, newHub(t, m, 0), peer(t, func(ctx context.Context, conn *websocket.Conn) {
		go func() {
			for {
				_, payload, err := conn.Read(ctx)
				if err != nil {
					return
				}
				heard <- string(payload)
			}
		}()
		<-flood
		for conn.Write(ctx, websocket.MessageBinary, make([]byte, 64<<10)) == nil {
			continue
		}
	}))
	release := m.hold()
	close(flood)
	for last := int64(-1); last != s.Info().Counts.Received || last < 8; <-time.After(300 * time.Millisecond) {
		last = s.Info().Counts.Received // until nothing more fits
	}
	results := make(chan error, 3)
	for i := range 3 {
		go func() {
			out := text(fmt.Sprint("send ", i))
			out.ClientID = fmt.Sprint(i)
			_, err := s.Send(t.Context(), out)
			results <- err
		}()
	}
	<-time.After(200 * time.Millisecond) // they wait for room, and for each other
	m.failWith(errAway)
	release()
	for range 3 {
		select {
		case err := <-results:
			if !errors.Is(err, bridge.ErrStoreAway) {
				t.Errorf("got %v", err)
			}
		case <-time.After(15 * time.Second):
			t.Fatal("a send waits for the store")
		}
	}
	m.failWith(nil)
	for i := range 3 {
		out := text(fmt.Sprint("send ", i))
		out.ClientID = fmt.Sprint(i)
		for end := time.Now().Add(20 * time.Second); ; <-time.After(50 * time.Millisecond) {
			_, err := s.Send(t.Context(), out)
			if err == nil {
				break
			}
			if !errors.Is(err, bridge.ErrStoreAway) || time.Now().After(end) {
				t.Fatal(err)
			}
		}
		if got := <-heard; got != string(out.Payload) {
			t.Errorf("the target heard %q", got)
		}
	}
	_ = s.Close(t.Context(), 1000, "")
}

// The store comes and goes, and loses answers, while people repeat each message until it is
// accepted, two of them the same one: each message is sent once.
func TestMessagesGoOutOnceWhileTheStoreComesAndGoes(t *testing.T) {
	t.Parallel()
	const senders, each = 6, 8
	m := newMemory()
	var mu sync.Mutex
	heard := map[string]int{}
	s := open(t, newHub(t, m, 0), peer(t, func(ctx context.Context, conn *websocket.Conn) {
		for {
			_, payload, err := conn.Read(ctx)
			if err != nil {
				return
			}
			mu.Lock()
			heard[string(payload)]++
			mu.Unlock()
		}
	}))
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	var coming sync.WaitGroup
	coming.Go(func() {
		for n := 0; ctx.Err() == nil; n++ {
			m.mu.Lock()
			m.fail, m.lose = errAway, n%2 == 0
			m.mu.Unlock()
			pauseFor(ctx, time.Duration(20+n*700%2400)*time.Millisecond)
			m.failWith(nil)
			pauseFor(ctx, time.Duration(20+n*17%70)*time.Millisecond)
		}
		m.failWith(nil)
	})
	var sending sync.WaitGroup
	seqs := [senders][each]int64{}
	for i := range senders {
		sending.Go(func() {
			for n := range each {
				out := text(fmt.Sprint(i/2, " ", n)) // two send the same message
				out.ClientID = string(out.Payload)
				for {
					try, cancel := context.WithTimeout(t.Context(), time.Duration(5+n*400)*time.Millisecond)
					seq, err := s.Send(try, out)
					cancel()
					if err == nil {
						seqs[i][n] = seq
						pauseFor(ctx, time.Duration(100+50*(i/2))*time.Millisecond)
						break
					}
					if !errors.Is(err, bridge.ErrStoreAway) && !errors.Is(err, context.DeadlineExceeded) {
						t.Errorf("%s: %v", out.Payload, err)
						return
					}
				}
			}
		})
	}
	done := make(chan struct{})
	go func() { sending.Wait(); close(done) }()
	select {
	case <-done:
	case <-time.After(5 * time.Second):
	}
	stop() // from now on it stays
	sending.Wait()
	coming.Wait()
	for i := 0; i < senders; i += 2 {
		for n := range each {
			if seqs[i][n] != seqs[i+1][n] {
				t.Errorf("message %d %d is #%d and #%d", i/2, n, seqs[i][n], seqs[i+1][n])
			}
		}
	}
	if err := s.Close(t.Context(), 1000, ""); err != nil {
		t.Fatal(err)
	}
	<-s.Done()
	logged, ids := map[string]int{}, map[string]bool{}
	failed := map[string]bool{}
	for _, message := range m.log("s1") {
		if ids[message.ClientID] {
			t.Errorf("#%d has the client id %q of an earlier message", message.Seq, message.ClientID)
		}
		ids[message.ClientID] = message.ClientID != ""
		if message.Event == string(bridge.EventSendFailed) {
			failed[string(message.Payload)] = true
		}
	}
	for _, message := range m.log("s1") {
		if message.Direction == transcript.Sent && message.Event == "" && !failed[fmt.Sprintf(`{"seq":%d}`, message.Seq)] {
			logged[string(message.Payload)]++
		}
	}
	mu.Lock()
	defer mu.Unlock()
	for i := range senders / 2 {
		for n := range each {
			id := fmt.Sprint(i, " ", n)
			if heard[id] != 1 || logged[id] != 1 {
				t.Errorf("%s: %d times at the target, %d times in the log", id, heard[id], logged[id])
			}
		}
	}
}

func pauseFor(ctx context.Context, d time.Duration) {
	select {
	case <-time.After(d):
	case <-ctx.Done():
	}
}
