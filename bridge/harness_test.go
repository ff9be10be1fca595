package bridge_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/coder/websocket"

	"duplex/bridge"
	"duplex/bridge/dial"
	"duplex/bridge/transcript"
)

// memory is a store that can block and fail.
type memory struct {
	mu        sync.Mutex // guards all below
	messages  map[string][]transcript.Message
	endings   map[string]bridge.Ending
	delivered map[string]int64 // by session: as of the last Append
	fail      error
	lose      bool          // Append stores, and returns an error
	gate      chan struct{} // Append waits for it to close; nil is open
	slow      time.Duration // how long Append takes
}

func newMemory() *memory {
	return &memory{messages: map[string][]transcript.Message{}, endings: map[string]bridge.Ending{}, delivered: map[string]int64{}}
}

func (m *memory) StartSession(context.Context, bridge.Record) error { return nil }

func (m *memory) Ping(context.Context) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if errors.Is(m.fail, bridge.ErrStoreAway) {
		return m.fail
	}
	return nil
}

func (m *memory) Append(_ context.Context, id string, batch []transcript.Message, delivered int64) error {
	m.mu.Lock()
	gate, slow := m.gate, m.slow
	m.mu.Unlock()
	if slow > 0 {
		<-time.After(slow)
	}
	if gate != nil {
		<-gate
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.fail != nil && !m.lose {
		return m.fail
	}
	for _, messages := range batch {
		for _, message := range messages.Split() { // the same batch again is stored once
			if message.Seq == int64(len(m.messages[id]))+1 {
				m.messages[id] = append(m.messages[id], message)
			}
		}
	}
	if m.fail != nil {
		return m.fail
	}
	m.delivered[id] = max(m.delivered[id], delivered)
	return nil
}

func (m *memory) EndSession(_ context.Context, id string, e bridge.Ending, _ bridge.Counts) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.fail != nil {
		return m.fail
	}
	m.endings[id] = e
	return nil
}

func (m *memory) Rows(_ context.Context, id string, q transcript.Query) ([]transcript.Row, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	var rows []transcript.Row
	all := m.messages[id]
	for i := int(q.After); i < len(all) && len(rows) < q.Limit; i++ { // seq counts from 1 without gaps
		rows = append(rows, all[i].Row())
	}
	return rows, nil
}

func (m *memory) SeqOfClientID(_ context.Context, id, clientID string) (int64, bool, error) {
	for _, msg := range m.log(id) {
		if msg.ClientID == clientID {
			return msg.Seq, true, nil
		}
	}
	return 0, false, nil
}

func (m *memory) log(id string) []transcript.Message {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.messages[id]
}

func (m *memory) ending(id string) bridge.Ending {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.endings[id]
}

func (m *memory) failWith(err error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.fail = err
}

// hold makes Append wait until the returned function is called.
func (m *memory) hold() (release func()) {
	gate := make(chan struct{})
	m.mu.Lock()
	m.gate = gate
	m.mu.Unlock()
	return func() {
		m.mu.Lock()
		m.gate = nil
		m.mu.Unlock()
		close(gate)
	}
}

// peer starts a target that runs serve.
func peer(tb testing.TB, serve func(context.Context, *websocket.Conn)) string {
	tb.Helper()
	return peerWith(tb, &websocket.AcceptOptions{}, serve)
}

func peerWith(tb testing.TB, o *websocket.AcceptOptions, serve func(context.Context, *websocket.Conn)) string {
	tb.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		conn, err := websocket.Accept(w, r, o)
		if err != nil {
			return
		}
		defer func() { _ = conn.CloseNow() }()
		conn.SetReadLimit(bridge.MaxMessageBytes)
		serve(r.Context(), conn)
	}))
	tb.Cleanup(server.Close)
	return "ws" + strings.TrimPrefix(server.URL, "http")
}

// echo answers each message with itself.
func echo(ctx context.Context, conn *websocket.Conn) {
	for {
		kind, payload, err := conn.Read(ctx)
		if err != nil {
			return
		}
		if err := conn.Write(ctx, kind, payload); err != nil {
			return
		}
	}
}

// quiet reads, so that close frames are answered, and sends nothing.
func quiet(ctx context.Context, conn *websocket.Conn) {
	for {
		if _, _, err := conn.Read(ctx); err != nil {
			return
		}
	}
}

func newHub(tb testing.TB, m *memory, keep time.Duration) *bridge.Hub {
	tb.Helper()
	var ids atomic.Int64
	log := slog.New(slog.DiscardHandler)
	return bridge.NewHub(bridge.HubOptions{
		Dialer:   &dial.Dialer{Policy: &dial.Policy{AllowLoopback: true, AllowPrivate: true}, Log: log},
		Recorder: m, Library: m, Now: time.Now, Log: log, KeepTime: keep,
		NewID: func() string { return fmt.Sprintf("s%d", ids.Add(1)) },
	})
}

func request(tb testing.TB, address string) bridge.OpenRequest {
	tb.Helper()
	u, err := dial.ParseAddress(address)
	if err != nil {
		tb.Fatal(err)
	}
	return bridge.OpenRequest{Target: dial.Request{URL: u}, OpenedBy: "local"}
}

func open(tb testing.TB, h *bridge.Hub, address string) *bridge.Session {
	tb.Helper()
	s, err := h.Open(tb.Context(), request(tb, address))
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { _ = s.Close(context.Background(), 1000, "") })
	return s
}

// await reads rows until n have come.
func await(tb testing.TB, c *bridge.Cursor, n int) []transcript.Row {
	tb.Helper()
	var rows []transcript.Row
	for len(rows) < n {
		u, err := c.Next(tb.Context())
		if err != nil {
			tb.Fatalf("after %d of %d rows: %v", len(rows), n, err)
		}
		rows = append(rows, u.Rows...)
	}
	return rows
}

func text(payload string) bridge.Outgoing {
	return bridge.Outgoing{Opcode: transcript.Text, Payload: []byte(payload), Sender: "local"}
}
