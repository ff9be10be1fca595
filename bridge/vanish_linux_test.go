package bridge_test

import (
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"duplex/bridge"
	"duplex/bridge/testkit"
)

// A target with lost packets is noticed within 90 s with the default settings, by a
// session and by a relay. The short form is that of bridge/frames, with limits that can
// be shortened.
func TestVanishedTargetIsNoticed(t *testing.T) {
	t.Parallel()
	if !testkit.Full() {
		t.Skip("SKIPPED: a minute of silence, without DUPLEX_FULL=1")
	}
	const limit = 90 * time.Second
	for name, interval := range map[string]time.Duration{"pings": bridge.DefaultPingInterval, "no pings": 0} {
		t.Run("session, "+name, func(t *testing.T) {
			t.Parallel()
			start := time.Now()
			s, m := against(t, rawPeer(t, "", func(c *rawConn) { vanish(t, c) }), func(r *bridge.OpenRequest) { r.PingInterval = interval })
			<-s.Done()
			e := m.ending(s.Info().ID)
			if took := time.Since(start); took > limit || e.Code != 1006 || e.Finding == nil || e.Finding.Rule != "host_vanished" {
				t.Errorf("ended after %v: %+v", took, e)
			} else {
				t.Logf("noticed after %v", took)
			}
		})
		t.Run("relay, "+name, func(t *testing.T) {
			t.Parallel()
			start := time.Now()
			r := bridge.RelayRequest{OpenRequest: request(t, rawPeer(t, "", func(c *rawConn) { vanish(t, c) }))}
			r.PingInterval = interval
			browser, ran := relayed(t, newHub(t, newMemory(), 0), r)
			if _, _, err := browser.Read(t.Context()); err == nil {
				t.Error("a message came")
			}
			t.Logf("noticed after %v: %v", time.Since(start), <-ran)
			if took := time.Since(start); took > limit {
				t.Errorf("noticed after %v", took)
			}
		})
	}
}

// vanish makes the system drop each packet to a peer before TCP sees it.
func vanish(t *testing.T, c *rawConn) {
	t.Helper()
	raw, err := c.SyscallConn()
	if err != nil {
		t.Error(err)
		return
	}
	_ = raw.Control(func(fd uintptr) {
		drop := []unix.SockFilter{{Code: unix.BPF_RET | unix.BPF_K}}
		err = unix.SetsockoptSockFprog(int(fd), unix.SOL_SOCKET, unix.SO_ATTACH_FILTER, &unix.SockFprog{Len: 1, Filter: &drop[0]})
	})
	if err != nil {
		t.Error(err)
	}
	<-t.Context().Done()
}
