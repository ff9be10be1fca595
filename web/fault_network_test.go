package main

import (
	"context"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	toxiproxy "github.com/Shopify/toxiproxy/v2"
	"github.com/rs/zerolog"

	"duplex/bridge/testkit"
	"duplex/web/internal/pgtest"
)

// toxicLink is a link whose network can be made bad.
type toxicLink struct {
	t     *testing.T
	proxy *toxiproxy.Proxy
}

// startLink passes connections on to an address.
func startLink(t *testing.T, to string) *toxicLink {
	t.Helper()
	server := toxiproxy.NewServer(toxiproxy.NewMetricsContainer(nil), zerolog.Nop())
	proxy := toxiproxy.NewProxy(server, t.Name(), "127.0.0.1:0", to)
	if err := proxy.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(proxy.Stop)
	return &toxicLink{t, proxy}
}

// poison adds a toxic to both directions.
func (l *toxicLink) poison(kind, attributes string) {
	l.t.Helper()
	for _, stream := range []string{"upstream", "downstream"} {
		toxic := `{"name":"` + stream + `","type":"` + kind + `","stream":"` + stream + `","attributes":` + attributes + `}`
		if _, err := l.proxy.Toxics.AddToxicJson(strings.NewReader(toxic)); err != nil {
			l.t.Error(err)
		}
	}
}

// heal takes the toxics away.
func (l *toxicLink) heal() {
	l.t.Helper()
	for _, stream := range []string{"upstream", "downstream"} {
		if err := l.proxy.Toxics.RemoveToxic(context.Background(), stream); err != nil {
			l.t.Error(err)
		}
	}
}

// badNetwork is a fault of a network.
type badNetwork struct {
	name, kind, attributes string
	breaks                 bool // connections do not survive it
}

func badNetworks() []badNetwork {
	all := []badNetwork{
		{"reset at 300 ms", "reset_peer", `{"timeout":300}`, true},
		{"cut at 5000 B", "limit_data", `{"bytes":5000}`, true},
		{"blackhole", "timeout", `{"timeout":0}`, true},
		{"latency 200±50 ms", "latency", `{"latency":200,"jitter":50}`, false},
		{"16 KB/s", "bandwidth", `{"rate":16}`, false},
		{"slices of 7 B", "slicer", `{"average_size":7,"size_variation":3,"delay":10}`, false},
		{"slow close", "slow_close", `{"delay":1000}`, false},
	}
	return testkit.Pick(all[:3], all, all)
}

// screenBound is the time in which a viewer has to be shown the truth after a fault has ended.
const screenBound = 5 * time.Second

const networkFigure = "network"

// underToxic runs a program whose link of a kind has the fault for a while, with a viewer
// and somebody who sends. It returns when all that was confirmed and shown was checked.
func underToxic(t *testing.T, link string, bad badNetwork) {
	t.Helper()
	lasts := testkit.Pick(time.Second, 6*time.Second, 30*time.Second)
	target := startStreamer(t, 50)
	address, args := target.url, []string{"--demo=false"}
	var between *toxicLink
	p := &child{}
	switch link {
	case "target":
		between = startLink(t, strings.TrimPrefix(target.url, "ws://"))
		address = "ws://" + between.proxy.Listen
		p = startChild(t, t.TempDir(), args...)
	case "database":
		server := pgtest.Shared(t)
		between = startLink(t, server.Address())
		database, _ := url.Parse(server.DatabaseURL(t))
		q := database.Query()
		host, port, _ := strings.Cut(between.proxy.Listen, ":")
		q.Set("host", host)
		q.Set("port", port)
		q.Set("sslmode", "disable")
		database.RawQuery = q.Encode()
		p = startChild(t, t.TempDir(), append(args, "--database-url", database.String())...)
	case "browser":
		listen := testkit.FreeAddr(t)
		between = startLink(t, listen)
		p = startChild(t, t.TempDir(), append(args, "--listen", listen, "--public-url", "http://"+between.proxy.Listen)...)
	}
	direct := *p.program
	if link == "browser" {
		p.url = "http://" + between.proxy.Listen
		direct.url = p.url // the host has to be the public one
	}
	session := p.open(object{"address": address}).ID
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	f := p.follow(ctx, session, nil)
	sending, stopSending := context.WithCancel(ctx)
	var mu sync.Mutex // guards confirmed
	var confirmed []string
	var sender sync.WaitGroup
	var n atomic.Int64
	sender.Go(func() {
		for sending.Err() == nil {
			payload := "up-" + time.Now().Format("150405.000000")
			within, done := context.WithTimeout(sending, 2*time.Second)
			if p.posted(within, session, payload) {
				mu.Lock()
				confirmed = append(confirmed, payload)
				mu.Unlock()
				n.Add(1)
			}
			done()
			<-time.After(20 * time.Millisecond)
		}
	})
	eventually(t, 20*time.Second, "messages pass", func() bool { return f.down.Load() > 20 && n.Load() > 2 })

	between.poison(bad.kind, bad.attributes)
	<-time.After(lasts)
	between.heal()
	healed := time.Now()

	// The truth: the viewer is at the end of the log, and knows the state.
	isTrue := func() bool {
		state := f.state.Load()
		if state == nil || state.Store != "" {
			return false
		}
		if state.State == "closed" {
			return f.after.Load() >= state.LastSeq
		}
		return f.at.Load() > healed.UnixMilli()
	}
	truth := eventually(t, 30*time.Second, "the viewer is shown the truth", isTrue)
	stopSending()
	sender.Wait()
	close(target.stop)
	<-target.hush
	open := f.state.Load().State == "open"
	if open {
		eventually(t, 20*time.Second, "all is shown", func() bool { return f.down.Load() == target.sent.Load() })
	}
	log := direct.exported(session)
	sent := map[string]bool{}
	var down, lost int64
	for _, line := range log {
		switch line.Direction {
		case "received":
			if number, _, ok := downOf(line.Text); !ok || number != down {
				t.Fatalf("#%d is %q, message %d belongs there", line.Seq, line.Text, down)
			}
			down++
		case "sent":
			sent[line.Text] = true
		}
	}
	mu.Lock()
	for _, payload := range confirmed {
		if !sent[payload] {
			lost++
		}
		if n := target.times(payload); n > 1 || n == 0 && open {
			t.Errorf("%s reached the target %d times", payload, n)
		}
	}
	mu.Unlock()
	if open {
		lost += target.sent.Load() - down
	}
	lost += max(0, f.down.Load()-down)
	if link != "target" && !open {
		t.Errorf("the session ended: %+v", f.state.Load())
	}
	cancel()
	<-f.done
	testkit.AtMost(t, networkFigure, "right state at the viewer after the fault, link to the "+link, truth.Seconds(), screenBound.Seconds(), "s")
	testkit.AtMost(t, networkFigure, "confirmed or shown messages lost, link to the "+link, float64(lost), 0, "")
}

// Each link of the program stands each fault of a network: nothing that was confirmed or
// shown is lost, and viewers are soon shown the truth.
func TestFaultNetwork(t *testing.T) {
	t.Parallel()
	links, faults := []string{"browser", "target", "database"}, badNetworks()
	for _, link := range links {
		for _, bad := range faults {
			t.Run(link+" "+bad.name, func(t *testing.T) {
				t.Parallel()
				underToxic(t, link, bad)
			})
		}
	}
	testkit.AtLeast(t, networkFigure, "faults on each link", float64(len(faults)), testkit.Pick(3., 7, 7), "")
	testkit.AtLeast(t, networkFigure, "links", float64(len(links)), 3, "")
}

// A viewer behind 16 KB/s who joins late gets on: whoever is cut off while the buffers fill
// reads on behind the last row, and is not cut off again and again.
func TestFaultSlowViewer(t *testing.T) {
	t.Parallel()
	rows := testkit.Pick(int64(150), 1500, 1500)
	listen := testkit.FreeAddr(t)
	link := startLink(t, listen)
	p := startChild(t, t.TempDir(), "--demo=false", "--listen", listen, "--public-url", "http://"+link.proxy.Listen)
	p.url = "http://" + link.proxy.Listen
	session := p.open(object{"address": startPacer(t, int(rows), 1, 400)}).ID
	p.attach(session, 0).awaitRows(rows)
	link.poison("bandwidth", `{"rate":16}`)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	f := &follower{done: make(chan struct{})}
	began := time.Now()
	f.plain = true
	go f.run(ctx, p.program, session)
	eventually(t, 3*time.Minute, "all rows are shown", func() bool { return f.after.Load() >= rows })
	t.Logf("%d rows after %v", rows, time.Since(began))
	cuts := f.returns.Load()
	cancel()
	<-f.done
	testkit.AtMost(t, networkFigure, "cuts of a viewer who catches up at 16 KB/s", float64(cuts), 2, "")
}
