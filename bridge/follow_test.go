package bridge_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/coder/websocket"
	"github.com/google/go-cmp/cmp"

	"duplex/bridge"
	"duplex/bridge/dialect"
)

// observer keeps what a hub tells of its sessions.
type observer struct {
	mu      sync.Mutex // guards all below
	told    []string
	kept    []dialect.Turn
	all     []dialect.Turn
	reading string
}

const traceparent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01" // of https://www.w3.org/TR/trace-context/

func (o *observer) note(what string) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.told = append(o.told, what)
}

func (o *observer) Dial(_ *bridge.OpenRequest, kind bridge.Kind) bridge.Trace {
	o.note("dial " + string(kind))
	return o
}
func (o *observer) Parent() string       { return traceparent }
func (o *observer) Refused(error)        { o.note("refused") }
func (o *observer) Turn(t *dialect.Turn) { o.note("turn " + string(t.State)) }
func (o *observer) Ended(i *bridge.Info) { o.note("ended " + i.ID) }

func (o *observer) KeepTurn(_ context.Context, _, reading string, t *dialect.Turn) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.kept, o.reading = append(o.kept, *t), reading
	return nil
}

func (o *observer) ReplaceTurns(_ context.Context, _, _ string, turns []dialect.Turn) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.all = turns
	return nil
}

// Turns are stored as they end, and all of them with the session; its trace is told the same.
func TestTurnsAreToldOnceAndStoredWithTheSession(t *testing.T) {
	h, o := newHub(t, newMemory(), time.Minute), &observer{}
	h.Tracer, h.Turns = o, o
	s := speak(t, h, peer(t, newListener().listen(answerOpening)), opening, "key", "secret-key")
	for range 2 {
		if turn, _, err := h.Ask(t.Context(), s, bridge.Question{Text: "hello"}, nil); err != nil || turn.State != dialect.TurnDone {
			t.Fatal(turn, err)
		}
	}
	if err := s.Close(t.Context(), 1000, ""); err != nil {
		t.Fatal(err)
	}
	if err := h.Drain(t.Context()); err != nil {
		t.Fatal(err)
	}
	want := []string{"dial session", "turn done", "turn done", "ended " + s.Info().ID}
	if diff := cmp.Diff(want, o.told); diff != "" {
		t.Error(diff)
	}
	if len(o.kept) != 2 || len(o.all) != 2 || o.all[1].N != 2 || o.reading != bridge.ReadingOf(s.Dialect()) {
		t.Errorf("stored %+v, at the end %+v, by %q", o.kept, o.all, o.reading)
	}
}

// The target is told the trace where its service allows that, and only there.
func TestTraceparentIsSentWhereItIsAllowed(t *testing.T) {
	got := make(chan string, 1)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		got <- r.Header.Get("Traceparent")
		if conn, err := websocket.Accept(w, r, nil); err == nil {
			quiet(r.Context(), conn)
		}
	}))
	t.Cleanup(server.Close)
	h, o := newHub(t, newMemory(), time.Minute), &observer{}
	h.Tracer = o
	for _, allowed := range []bool{false, true} {
		r := request(t, "ws"+strings.TrimPrefix(server.URL, "http"))
		r.SendTraceparent = allowed
		s, err := h.Open(t.Context(), r)
		if err != nil {
			t.Fatal(err)
		}
		want := ""
		if allowed {
			want = traceparent
		}
		if sent := <-got; sent != want {
			t.Errorf("allowed %t: sent %q", allowed, sent)
		}
		_ = s.Close(t.Context(), 1000, "")
	}
	server.Close()
	if _, err := h.Open(t.Context(), request(t, "ws"+strings.TrimPrefix(server.URL, "http"))); err == nil {
		t.Fatal("a closed server accepted")
	}
	if o.mu.Lock(); o.told[len(o.told)-1] != "refused" {
		t.Errorf("%v", o.told)
	}
	o.mu.Unlock()
}
