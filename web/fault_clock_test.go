package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"sync/atomic"
	"testing"
	"time"
	"unsafe"

	"duplex/bridge/testkit"
	"duplex/bridge/wire"
)

const clockFigure = "clock"

// setClock is a clock that is set while the program runs. As with the system's, the wall clock
// jumps, and the time between two calls does not.
type setClock struct{ ahead atomic.Int64 } // seconds

// Now is time.Now with another wall clock. No function of package time sets that alone: its
// seconds are the bits from 30 on of the first word of a time.Time.
func (c *setClock) Now() time.Time {
	now := time.Now()
	*(*uint64)(unsafe.Pointer(&now)) += uint64(c.ahead.Load()) << 30
	return now
}

func (c *setClock) set(ahead time.Duration) { c.ahead.Store(int64(ahead / time.Second)) }

// negative matches a number of JSON, or a duration of a page, below 0.
var negative = regexp.MustCompile(`(^|[^\w.-])[-−]\d+(\.\d+)? ?(ms|s|min|h)\b|_us":-\d`)

// The clock is set an hour forward and two hours back while sessions record and people watch.
func TestFaultClock(t *testing.T) {
	t.Parallel()
	clock := &setClock{}
	before := clock.Now()
	clock.set(time.Hour)
	if after := clock.Now(); after.Sub(before) > time.Minute || after.Round(0).Sub(before.Round(0)) < time.Hour {
		t.Fatal("this clock is not as the system's")
	}
	clock.set(0)

	p := startProgramOf(t, process{now: clock.Now})
	watched, taped := startStreamer(t, 100), startStreamer(t, 100)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	p.savesDialect(echoDialect)
	echo := p.demo("echo", "none").Address
	var relay, silent savedService
	p.call("POST", "/api/services", object{"name": "taped", "address": taped.url, "record_relay": true}, http.StatusCreated, &relay)
	p.call("POST", "/api/services", object{"name": "silent", "address": echo, "ping_interval": 1, "pong_timeout": 2}, http.StatusCreated, &silent)
	sessions := map[string]string{
		"watched": p.open(object{"address": watched.url}).ID, "silent": p.open(object{"service": silent.ID}).ID, "spoken": p.open(object{"address": echo, "dialect": "our-echo"}).ID,
	}
	watchers := []*follower{p.follow(ctx, sessions["watched"], nil), p.follow(ctx, sessions["watched"], nil)}
	browser := p.readsRelay(ctx, "/relay/"+relay.ID+"/")

	jumps, ended, refused, wrong := 0, 0, 0, 0
	for _, ahead := range []time.Duration{time.Hour, -time.Hour, 0} {
		var pass ticket
		p.call("POST", "/api/relay-tickets", object{"service": silent.ID}, http.StatusCreated, &pass)
		asked := make(chan struct{})
		go func() { // its turn is under way when the clock is set
			defer close(asked)
			p.call("POST", "/api/sessions/"+sessions["spoken"]+"/ask", object{"text": "what time is it"}, http.StatusOK, nil)
		}()
		short := p.echo().ID
		clock.set(ahead)
		jumps++
		<-asked
		for _, w := range append(watchers, browser) {
			from := w.down.Load()
			eventually(t, time.Minute, "messages come after the jump", func() bool { return w.down.Load() > from+25 })
		}
		if conn, _, err := p.relay("/relay/" + silent.ID + "/?ticket=" + pass.Ticket); err != nil {
			refused++
			t.Errorf("ahead %v: a ticket that is new is refused: %v", ahead, err)
		} else {
			_ = conn.CloseNow()
		}
		p.call("POST", "/api/sessions/"+short+"/close", object{}, http.StatusOK, nil)
		wrong += p.timesThatRunBack(short)
		for name, id := range sessions {
			var state wire.State
			p.call("GET", "/api/sessions/"+id, nil, http.StatusOK, &state)
			if state.State != "open" {
				ended++
				t.Errorf("ahead %v: %s is %s: %d %q", ahead, name, state.State, state.CloseCode, state.CloseReason)
			}
		}
		wrong += p.timesThatRunBack(sessions["spoken"])
	}

	lost := 0
	for _, target := range []*streamer{watched, taped} {
		close(target.stop)
		<-target.hush
		for _, w := range append(watchers, browser) {
			if (w == browser) != (target == taped) {
				continue
			}
			eventually(t, time.Minute, "all has come", func() bool { return w.down.Load() == target.sent.Load() })
			if w.seen.get() != target.said.get() {
				lost++
			}
		}
	}
	for _, id := range sessions {
		p.call("POST", "/api/sessions/"+id+"/close", object{}, http.StatusOK, nil)
		wrong += p.timesThatRunBack(id)
	}
	testkit.AtLeast(t, clockFigure, "jumps of the clock", float64(jumps), 3, "")
	testkit.AtMost(t, clockFigure, "watchers that lack messages, or have them twice or out of order", float64(lost), 0, "")
	testkit.AtMost(t, clockFigure, "sessions ended by a jump", float64(ended), 0, "")
	testkit.AtMost(t, clockFigure, "new tickets refused after a jump", float64(refused), 0, "")
	testkit.AtMost(t, clockFigure, "negative durations, and times that run back", float64(wrong), 0, "")
}

// A lease is a span of time: a clock that is set forward does not end it, and one that is set
// back does not prolong it.
func TestFaultClockOfLeases(t *testing.T) {
	t.Parallel()
	clock := &setClock{}
	p := startProxiedAt(t, clock.Now, leaseArgs()...)
	_, body := p.do("POST", "/api/sessions", "application/json", strings.NewReader(`{"service":"`+p.demoOf("ticker", as("ada", "dev"))+`"}`), as("ada", "dev"))
	var session wire.State
	if err := json.Unmarshal(body, &session); err != nil || session.ID == "" {
		t.Fatalf("%v: %s", err, body)
	}
	socket := p.attach(session.ID, 0, func(h http.Header) { h.Set("X-Forwarded-User", "ada"); h.Set("X-Forwarded-Groups", "dev") })
	ended := followed(socket)
	for _, ahead := range []time.Duration{time.Hour, -time.Hour} {
		p.do("GET", "/api/lease", "", nil, as("ada", "dev"))
		clock.set(ahead)
		select {
		case e := <-ended:
			t.Fatalf("ahead %v: ended with %+v", ahead, e)
		case <-time.After(lease / 3): // leases are looked at twice a second
		}
	}
	asked := time.Now().Add(-lease / 3)
	e := <-ended
	testkit.AtMost(t, clockFigure, fmt.Sprintf("a socket ends after the last renewal, lease %v", lease), e.at.Sub(asked).Seconds(), (lease + 2*time.Second).Seconds(), "s")
	if e.code != 4401 {
		t.Errorf("ended with %+v", e)
	}
}

// readsRelay reads the messages of a streamer from a relay.
func (p *program) readsRelay(ctx context.Context, path string) *follower {
	p.t.Helper()
	conn, _, err := p.relay(path)
	if err != nil {
		p.t.Fatal(err)
	}
	f := &follower{done: make(chan struct{})}
	go func() {
		defer close(f.done)
		for {
			_, payload, err := conn.Read(ctx)
			if err != nil {
				return
			}
			n, _, ok := downOf(string(payload))
			if !ok || n != f.down.Load() {
				p.t.Errorf("%q comes where message %d belongs", payload, f.down.Load())
			}
			f.seen.add(string(payload))
			f.down.Store(n + 1)
		}
	}()
	return f
}

// timesThatRunBack counts what is wrong about the times of a session: a log whose times fall,
// an end before the begin or before a message, a duration below 0.
func (p *program) timesThatRunBack(session string) (wrong int) {
	p.t.Helper()
	problem := func(format string, args ...any) {
		p.t.Helper()
		wrong++
		p.t.Errorf(format, args...)
	}
	var state wire.State
	p.call("GET", "/api/sessions/"+session, nil, http.StatusOK, &state)
	last := state.OpenedAtUS
	for _, line := range p.exported(session) { // in order and without a gap
		if line.AtUS < last {
			problem("#%d is %v older than what came before it", line.Seq, time.Duration(last-line.AtUS)*time.Microsecond)
		}
		if line.Event != "closed" { // which is written behind the end
			last = line.AtUS
		}
	}
	if state.EndedAtUS != 0 && state.EndedAtUS < last {
		problem("it ended %v before its last message", time.Duration(last-state.EndedAtUS)*time.Microsecond)
	}
	if s := p.series(session, ""); s.FromUS >= s.ToUS || s.ToUS < last-int64(time.Second/time.Microsecond) && state.State == "open" {
		problem("its series is from %d to %d, its last message is of %d", s.FromUS, s.ToUS, last)
	}
	for _, path := range []string{"/api/sessions/" + session, "/api/sessions/" + session + "/series", "/api/sessions/" + session + "/turns", "/sessions/" + session, "/history"} {
		res, raw := p.do(http.MethodGet, path, "", nil)
		if found := negative.FindString(string(raw)); found != "" {
			problem("%s (%d) has %q", path, res.StatusCode, found)
		}
	}
	return wrong
}
