package main

import (
	"bufio"
	"context"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/coder/websocket"

	"duplex/bridge/wire"
)

// streamer is a target that sends "down N TIME" at a rate and keeps the messages it gets.
// It leaves out messages that it cannot send in time, as a live source does.
type streamer struct {
	url  string
	rate int // messages a second
	sent atomic.Int64

	mu    sync.Mutex     // guards all below
	heard map[string]int // payload -> how often
	order []string
	said  digest

	stop chan struct{} // closed when it is to send no more
	hush chan struct{} // has a token for each connection on which nothing more is sent
	gone chan struct{} // has a token for each connection that has ended, and was read to its end
}

func startStreamer(t *testing.T, rate int) *streamer {
	t.Helper()
	s := &streamer{rate: rate, heard: map[string]int{}, stop: make(chan struct{}), hush: make(chan struct{}, 64), gone: make(chan struct{}, 64)}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		conn, err := websocket.Accept(w, r, nil)
		if err != nil {
			return
		}
		conn.SetReadLimit(1 << 20)
		var reader sync.WaitGroup
		reader.Go(func() { s.listen(conn) })
		s.speak(r.Context(), conn)
		s.hush <- struct{}{}
		reader.Wait()
		_ = conn.CloseNow()
		s.gone <- struct{}{}
	}))
	t.Cleanup(server.Close)
	s.url = "ws" + strings.TrimPrefix(server.URL, "http")
	return s
}

func (s *streamer) listen(conn *websocket.Conn) {
	for {
		_, payload, err := conn.Read(context.Background())
		if err != nil {
			return
		}
		s.mu.Lock()
		s.heard[string(payload)]++
		s.order = append(s.order, string(payload))
		s.mu.Unlock()
	}
}

func (s *streamer) speak(ctx context.Context, conn *websocket.Conn) {
	ticks := min(200, s.rate) // a second
	tick := time.NewTicker(time.Second / time.Duration(ticks))
	defer tick.Stop()
	for owed := 0; ; {
		select {
		case <-tick.C:
		case <-s.stop:
			return
		case <-ctx.Done():
			return
		}
		for owed += s.rate; owed >= ticks; owed -= ticks {
			payload := fmt.Appendf(nil, "down %d %d", s.sent.Load(), time.Now().UnixMilli())
			if conn.Write(ctx, websocket.MessageText, payload) != nil {
				return
			}
			s.said.add(string(payload))
			s.sent.Add(1)
		}
	}
}

func (s *streamer) times(payload string) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.heard[payload]
}

func (s *streamer) heardAll() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]string(nil), s.order...)
}

// digest is a running hash of messages. It is safe for concurrent use.
type digest struct {
	mu  sync.Mutex // guards sum
	sum [sha256.Size]byte
}

func (d *digest) add(message string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.sum = sha256.Sum256(append(d.sum[:], message...))
}

func (d *digest) get() [sha256.Size]byte {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.sum
}

// downOf reads a payload of the streamer.
func downOf(payload string) (n, millis int64, ok bool) {
	_, err := fmt.Sscanf(payload, "down %d %d", &n, &millis)
	return n, millis, err == nil
}

// follower is a viewer that reads for as long as its session runs, and comes back where
// it was when its socket is closed.
type follower struct {
	after   atomic.Int64 // seq of the newest row shown
	down    atomic.Int64 // number of the newest message of the streamer shown, and one more
	at      atomic.Int64 // when that one was sent, in milliseconds since 1970
	returns atomic.Int64
	plain   bool // the messages are not those of a streamer
	state   atomic.Pointer[wire.State]
	seen    digest          // of the streamer's messages
	shown   func(seq int64) // is called for each batch of rows; nil is nothing
	done    chan struct{}
}

func (p *program) follow(ctx context.Context, session string, shown func(seq int64)) *follower {
	p.t.Helper()
	f := &follower{shown: shown, done: make(chan struct{})}
	go f.run(ctx, p, session)
	return f
}

func (f *follower) run(ctx context.Context, p *program, session string) {
	defer close(f.done)
	for ctx.Err() == nil {
		f.attach(ctx, p, session)
		f.returns.Add(1)
		<-time.After(50 * time.Millisecond)
	}
}

func (f *follower) attach(ctx context.Context, p *program, session string) {
	address := fmt.Sprintf("ws%s/api/sessions/%s/attach?after=%d", strings.TrimPrefix(p.url, "http"), session, f.after.Load())
	conn, _, err := websocket.Dial(ctx, address, &websocket.DialOptions{Subprotocols: []string{wire.Subprotocol}, HTTPHeader: http.Header{"Origin": {p.url}}})
	if err != nil {
		return
	}
	defer func() { _ = conn.CloseNow() }()
	conn.SetReadLimit(16 << 20)
	for {
		_, raw, err := conn.Read(ctx)
		if err != nil {
			return
		}
		var e wire.ServerEvent
		if err := json.Unmarshal(raw, &e); err != nil {
			p.t.Errorf("event %s: %v", raw, err)
			return
		}
		if e.State != nil {
			f.state.Store(e.State)
		}
		f.take(p.t, e.Rows)
	}
}

// take checks that rows come once each and in order.
func (f *follower) take(tb testing.TB, rows []wire.Row) {
	tb.Helper()
	for _, row := range rows {
		if row.Seq != f.after.Load()+1 {
			tb.Errorf("row %d is shown after %d", row.Seq, f.after.Load())
		}
		f.after.Store(row.Seq)
		if row.Direction != "received" || f.plain {
			continue
		}
		n, millis, ok := downOf(row.Preview)
		if !ok || n != f.down.Load() {
			tb.Errorf("%q is shown where message %d belongs", row.Preview, f.down.Load())
		}
		f.seen.add(row.Preview)
		f.down.Store(n + 1)
		f.at.Store(millis)
	}
	if len(rows) > 0 && f.shown != nil {
		f.shown(f.after.Load())
	}
}

// isAway reports whether the viewer was told that the store is away.
func (f *follower) isAway() bool {
	state := f.state.Load()
	return state != nil && state.Store == "away"
}

// exported reads a whole log.
func (p *program) exported(session string) (lines []exportLine) {
	p.t.Helper()
	_, raw := p.do("GET", "/api/sessions/"+session+"/export?format=jsonl", "", nil)
	scanner := bufio.NewScanner(strings.NewReader(string(raw)))
	scanner.Buffer(nil, 1<<20)
	for scanner.Scan() {
		var line exportLine
		if err := json.Unmarshal(scanner.Bytes(), &line); err != nil {
			p.t.Fatalf("%v: %s", err, scanner.Text())
		}
		if line.Seq != int64(len(lines))+1 {
			p.t.Fatalf("seq %d is line %d", line.Seq, len(lines))
		}
		lines = append(lines, line)
	}
	return lines
}

type exportLine struct {
	Seq       int64
	Direction string
	Event     string
	Text      string
	AtUS      int64 `json:"at_us"`
}

// posted reports whether a message was confirmed.
func (p *program) posted(ctx context.Context, session, payload string) bool {
	path := fmt.Sprintf("%s/api/sessions/%s/messages?opcode=text&client_id=%s", p.url, session, payload)
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, path, strings.NewReader(payload))
	if err != nil {
		return false
	}
	res, err := new(http.Client).Do(req)
	if err != nil {
		return false
	}
	_ = res.Body.Close()
	return res.StatusCode == http.StatusCreated
}

// eventually waits for a condition, for as long as within, and returns how long it took.
func eventually(t *testing.T, within time.Duration, what string, holds func() bool) time.Duration {
	t.Helper()
	began := time.Now()
	for !holds() {
		if time.Since(began) > within {
			t.Errorf("not within %v: %s", within, what)
			break
		}
		<-time.After(5 * time.Millisecond)
	}
	return time.Since(began)
}
