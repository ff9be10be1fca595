package bridge_test

import (
	"context"
	"errors"
	"os"
	"runtime"
	"testing"
	"time"

	"github.com/coder/websocket"

	"duplex/bridge"
	"duplex/bridge/testkit"
)

func TestDrainClosesBothSidesWith1001(t *testing.T) {
	h := newHub(t, newMemory(), 0)
	seen := make(chan error, 2)
	address := peer(t, func(ctx context.Context, c *websocket.Conn) {
		_, _, err := c.Read(ctx)
		seen <- err
	})
	s := open(t, h, address)
	browser, ran := relayed(t, h, bridge.RelayRequest{OpenRequest: request(t, address)})
	read := make(chan error, 1)
	go func() {
		_, _, err := browser.Read(t.Context())
		read <- err
	}()
	if err := h.Drain(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := <-ran; err != nil {
		t.Error(err)
	}
	<-s.Done()
	for _, err := range []error{<-seen, <-seen, <-read} {
		if websocket.CloseStatus(err) != websocket.StatusGoingAway {
			t.Errorf("a peer saw %v", err)
		}
	}
	if _, err := h.Open(t.Context(), request(t, address)); !errors.Is(err, bridge.ErrDraining) {
		t.Errorf("opened while draining: %v", err)
	}
}

func TestDrainWhileSessionsOpen(t *testing.T) {
	h := newHub(t, newMemory(), 0)
	address := peer(t, quiet)
	opened := make(chan error, 20)
	for range cap(opened) {
		go func() {
			_, err := h.Open(t.Context(), request(t, address))
			opened <- err
		}()
	}
	if err := h.Drain(t.Context()); err != nil {
		t.Fatal(err)
	}
	for range cap(opened) {
		if err := <-opened; err != nil && !errors.Is(err, bridge.ErrDraining) {
			t.Error(err)
		}
	}
	if live := h.Sessions(); len(live) != 0 {
		t.Errorf("%d sessions are left", len(live))
	}
}

func TestSessionsLeaveNothingBehind(t *testing.T) {
	sessions := 200 // in full a thousand
	if testkit.Full() {
		sessions = 1000
	}
	h := newHub(t, newMemory(), 0)
	address := peer(t, echo)
	cycle := func() {
		s := open(t, h, address)
		c := s.Watch(bridge.Viewer{ID: "v"}, 0)
		if _, err := s.Send(t.Context(), text("x")); err != nil {
			t.Fatal(err)
		}
		await(t, c, 3)
		c.Close()
		if err := s.Close(t.Context(), 1000, ""); err != nil {
			t.Fatal(err)
		}
	}
	cycle()
	settle(t, func() bool { return true })
	goroutines, files := runtime.NumGoroutine(), openFiles(t)
	for range sessions {
		cycle()
	}
	settle(t, func() bool {
		return runtime.NumGoroutine() <= goroutines+2 && openFiles(t) <= files+2
	})
	if g, f := runtime.NumGoroutine(), openFiles(t); g > goroutines+2 || f > files+2 {
		t.Errorf("goroutines %d, then %d; descriptors %d, then %d", goroutines, g, files, f)
	}
}

// settle waits at most 5 s for a condition, such as the end of the peer's side.
func settle(t *testing.T, settled func() bool) {
	t.Helper()
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for range 500 {
		if settled() {
			return
		}
		<-tick.C
	}
}

func openFiles(t *testing.T) int {
	t.Helper()
	entries, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		t.Skip("SKIPPED: descriptor count (needs /proc)")
	}
	return len(entries)
}
