package bridge_test

import (
	"fmt"
	"strings"
	"testing"

	toxiproxy "github.com/Shopify/toxiproxy/v2"
	"github.com/rs/zerolog"

	"duplex/bridge"
)

// badNetwork puts a proxy with a toxic before a target. The toxic is JSON, as
// toxiproxy's README describes it.
func badNetwork(t *testing.T, address, toxic string) string {
	t.Helper()
	server := toxiproxy.NewServer(toxiproxy.NewMetricsContainer(nil), zerolog.Nop())
	proxy := toxiproxy.NewProxy(server, t.Name(), "127.0.0.1:0", strings.TrimPrefix(address, "ws://"))
	if err := proxy.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(proxy.Stop)
	if _, err := proxy.Toxics.AddToxicJson(strings.NewReader(toxic)); err != nil {
		t.Fatal(err)
	}
	return "ws://" + proxy.Listen
}

func TestBadNetwork(t *testing.T) {
	const total = 30
	tests := []struct {
		name, toxic string
		ends        bool // before all have come back
	}{
		{"latency", `{"type":"latency","stream":"downstream","attributes":{"latency":30,"jitter":20}}`, false},
		{"slices of 7 bytes", `{"type":"slicer","stream":"downstream","attributes":{"average_size":7,"size_variation":3,"delay":1}}`, false},
		{"slices of 7 bytes upstream", `{"type":"slicer","stream":"upstream","attributes":{"average_size":7,"size_variation":3,"delay":1}}`, false},
		{"cut after 1,000 bytes", `{"type":"limit_data","stream":"downstream","attributes":{"bytes":1000}}`, true},
		{"cut after 1,000 bytes upstream", `{"type":"limit_data","stream":"upstream","attributes":{"bytes":1000}}`, true},
		{"reset", `{"type":"reset_peer","stream":"downstream","attributes":{"timeout":100}}`, true},
		{"nothing comes through and then it closes", `{"type":"timeout","stream":"upstream","attributes":{"timeout":100}}`, true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			m := newMemory()
			h := newHub(t, m, 0)
			s, err := h.Open(t.Context(), request(t, badNetwork(t, peer(t, echo), tt.toxic)))
			if err != nil {
				if !tt.ends {
					t.Fatal(err)
				}
				return // it was cut before the answer
			}
			t.Cleanup(func() { <-s.Done() })
			var confirmed []int64
			for i := range total {
				seq, err := s.Send(t.Context(), text(fmt.Sprintf("message %d %s", i, strings.Repeat("x", 50))))
				if err != nil {
					break
				}
				confirmed = append(confirmed, seq)
			}
			if !tt.ends {
				c := s.Watch(bridge.Viewer{ID: "v"}, 0)
				await(t, c, 1+2*total)
				c.Close()
				if err := s.Close(t.Context(), 1000, ""); err != nil {
					t.Fatal(err)
				}
			}
			<-s.Done()
			all := m.log(s.Info().ID)
			for _, seq := range confirmed {
				if seq > int64(len(all)) || string(all[seq-1].Payload[:7]) != "message" {
					t.Errorf("message %d was confirmed and is not kept", seq)
				}
			}
			if e := m.ending(s.Info().ID); e.Clean == tt.ends || tt.ends && e.Code != 1006 {
				t.Errorf("ended %+v", e)
			}
		})
	}
}

// A silent target must not delay the end of the process.
func TestDrainGivesUpHandshakes(t *testing.T) {
	h := newHub(t, newMemory(), 0)
	reached := make(chan struct{})
	address := tcpPeer(t, func(c *rawConn) { close(reached); c.drain() })
	opened := make(chan error, 1)
	go func() {
		_, err := h.Open(t.Context(), request(t, address))
		opened <- err
	}()
	<-reached
	if err := h.Drain(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := <-opened; err == nil {
		t.Error("opened while draining")
	}
}

func TestBadAnswersEndTheDial(t *testing.T) {
	for name, serve := range map[string]func(*rawConn){
		"header of 1 MiB": func(c *rawConn) {
			c.say([]byte("HTTP/1.1 101 Switching Protocols\r\nX-Long: " + strings.Repeat("x", 1<<20) + "\r\n\r\n"))
		},
		"endless header": func(c *rawConn) { c.say([]byte("HTTP/1.1 101 Switching Protocols\r\n")); c.flood([]byte("X: y\r\n")) },
		"endless body": func(c *rawConn) {
			c.say([]byte("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"))
			c.flood([]byte("5\r\nhello\r\n"))
		},
		"redirect to itself": func(c *rawConn) {
			c.say([]byte("HTTP/1.1 302 Found\r\nContent-Length: 0\r\nLocation: http://" + c.LocalAddr().String() + "/\r\n\r\n"))
		},
		"endless hints":  func(c *rawConn) { c.flood([]byte("HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n")) },
		"no HTTP":        func(c *rawConn) { c.flood([]byte("SSH-2.0-OpenSSH\r\n")) },
		"101 of nothing": func(c *rawConn) { c.say([]byte("HTTP/1.1 101 Switching Protocols\r\n\r\n")); c.drain() },
		"reset":          func(c *rawConn) { _ = c.SetLinger(0) },
	} {
		t.Run(name, func(t *testing.T) {
			h := newHub(t, newMemory(), 0)
			address := tcpPeer(t, func(c *rawConn) { _, _ = c.r.ReadString('\n'); serve(c) })
			if _, err := h.Open(t.Context(), request(t, address)); err == nil {
				t.Error("opened")
			}
			if stats := h.Stats(); stats.Refused != 1 {
				t.Errorf("stats %+v", stats)
			}
		})
	}
}
