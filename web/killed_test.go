package main

import (
	"context"
	"fmt"
	"net/http"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/coder/websocket"

	"duplex/bridge/testkit"
	"duplex/bridge/wire"
	"duplex/web/internal/pgtest"
)

// After a process died, the log holds every message that a viewer saw or a target got.
// Stored messages that may not have arrived are marked.
func TestKilledProcessKeepsItsWord(t *testing.T) {
	const figure = "kill"
	rates := testkit.Pick([]int{5000}, []int{5000}, []int{100, 5000, 50_000})
	kills := testkit.Pick(2, 10, 34) // three rates: 100 kills of each engine and a few
	for _, engine := range []string{"sqlite", "postgres"} {
		for _, rate := range rates {
			t.Run(fmt.Sprintf("%s at %d a second", engine, rate), func(t *testing.T) {
				args := []string{"--demo=false"}
				if engine == "postgres" {
					args = append(args, "--database-url", pgtest.Start(t).URL(t))
				}
				data := t.TempDir()
				var total killed
				p := startChild(t, data, args...)
				for n := range kills {
					round := beginRound(t, p, rate)
					<-time.After(time.Duration(300+n*130) * time.Millisecond)
					p.signal(syscall.SIGKILL, time.Minute)
					round.settle()
					p = startChild(t, data, args...)
					round.check(p, &total)
				}
				testkit.AtLeast(t, figure, "kill -9 while recording, "+engine, float64(kills*len(rates)), testkit.Pick(2., 10, 100), "")
				testkit.AtLeast(t, figure, "messages shown before a kill", float64(total.shown), 1, "")
				testkit.AtMost(t, figure, "shown or confirmed messages that are missing", float64(total.missing), 0, "")
				t.Logf("%d kills: %d shown, %d of %d that the log holds as sent were heard; %d unsure, of which %d were heard",
					kills, total.shown, total.heard, total.sent, total.unsure, total.overMarked)
			})
		}
	}
}

// killed counts over all rounds.
type killed struct{ shown, heard, sent, unsure, overMarked, missing int }

// killRound is a program that carries a session and a recorded relay, both ways.
type killRound struct {
	t               *testing.T
	session, relay  string // ids
	target, relayed *streamer
	viewer          *follower
	cancel          context.CancelFunc
	workers         sync.WaitGroup
	browserDown     atomic.Int64 // messages that the relay's browser got

	mu    sync.Mutex // guards acked
	acked []string
}

func beginRound(t *testing.T, p *child, rate int) *killRound {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	r := &killRound{t: t, target: startStreamer(t, rate), relayed: startStreamer(t, rate), cancel: cancel}
	r.session = p.open(object{"address": r.target.url}).ID
	r.viewer = p.follow(ctx, r.session, nil)
	for worker := range 4 {
		r.workers.Go(func() { r.send(ctx, p, worker) })
	}
	name := fmt.Sprintf("taped %d", time.Now().UnixNano())
	var service struct{ ID string }
	p.call("POST", "/api/services", object{"name": name, "address": r.relayed.url, "record_relay": true}, http.StatusCreated, &service)
	browser, _, err := p.relay("/relay/" + service.ID + "/")
	if err != nil {
		t.Fatal(err)
	}
	var live struct{ Sessions []wire.State }
	p.call("GET", "/api/sessions?state=open", nil, http.StatusOK, &live)
	for _, s := range live.Sessions {
		if s.Kind == "relay" {
			r.relay = s.ID
		}
	}
	r.workers.Go(func() { r.speak(ctx, browser, rate) })
	r.workers.Go(func() { r.listen(browser) })
	eventually(t, 10*time.Second, "both ways carry messages", func() bool {
		return r.viewer.down.Load() > 0 && r.browserDown.Load() > 0 && len(r.target.heardAll()) > 0 && len(r.relayed.heardAll()) > 0
	})
	return r
}

// send sends over HTTP until the process is gone.
func (r *killRound) send(ctx context.Context, p *child, worker int) {
	for n := 0; ctx.Err() == nil; n++ {
		payload := fmt.Sprintf("up-%d-%d", worker, n)
		if !p.posted(ctx, r.session, payload) {
			return
		}
		r.mu.Lock()
		r.acked = append(r.acked, payload)
		r.mu.Unlock()
	}
}

// speak writes to the relay at the streamer's rate.
func (r *killRound) speak(ctx context.Context, browser *websocket.Conn, rate int) {
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	var n int
	for owed := 0; ; {
		select {
		case <-tick.C:
		case <-ctx.Done():
			return
		}
		for owed += rate; owed >= 200; owed -= 200 {
			if browser.Write(ctx, websocket.MessageText, fmt.Appendf(nil, "up %d", n)) != nil {
				return
			}
			n++
		}
	}
}

func (r *killRound) listen(browser *websocket.Conn) {
	for {
		_, payload, err := browser.Read(context.Background())
		if err != nil {
			return
		}
		if n, _, ok := downOf(string(payload)); !ok || n != r.browserDown.Load() {
			r.t.Errorf("the browser got %q where message %d belongs", payload, r.browserDown.Load())
		}
		r.browserDown.Add(1)
	}
}

// settle waits for the messages that were under way when the process died.
func (r *killRound) settle() {
	for _, target := range []*streamer{r.target, r.relayed} {
		select {
		case <-target.gone:
		case <-time.After(30 * time.Second):
			r.t.Error("a target's connection does not end")
		}
	}
	r.cancel()
	<-r.viewer.done
	r.workers.Wait()
}

func (r *killRound) check(p *child, total *killed) {
	r.t.Helper()
	log := p.exported(r.session)
	checkKilled(r.t, p, r.session, log, r.viewer.down.Load(), r.target, total)
	if shown, kept := r.viewer.after.Load(), int64(len(log)); shown >= kept {
		r.t.Errorf("row %d was shown, the log holds %d", shown, kept)
	}
	sent := map[string]bool{}
	for _, line := range log {
		sent[line.Text] = sent[line.Text] || line.Direction == "sent"
	}
	for _, payload := range r.acked {
		if !sent[payload] || r.target.times(payload) != 1 {
			total.missing++
			r.t.Errorf("%s was confirmed; in the log %v, at the target %d times", payload, sent[payload], r.target.times(payload))
		}
	}
	checkKilled(r.t, p, r.relay, p.exported(r.relay), r.browserDown.Load(), r.relayed, total)
}

// checkKilled checks one log: shown is how many messages of the target somebody got.
func checkKilled(t *testing.T, p *child, id string, log []exportLine, shown int64, target *streamer, total *killed) {
	t.Helper()
	var down, sent int64
	var order []string
	for _, line := range log[:len(log)-1] {
		switch line.Direction {
		case "received":
			if n, _, ok := downOf(line.Text); !ok || n != down {
				t.Fatalf("#%d is %q, message %d belongs there", line.Seq, line.Text, down)
			}
			down++
		case "sent":
			sent++
			order = append(order, line.Text)
			heard := target.times(line.Text) > 0
			if !heard && line.Event != "unsure" {
				t.Errorf("#%d %q did not arrive and is not marked", line.Seq, line.Text)
			}
			if line.Event == "unsure" {
				total.unsure++
				if heard {
					total.overMarked++
				}
			}
		}
	}
	if shown > down {
		total.missing += int(shown - down)
		t.Errorf("%d messages were shown, %d are in the log", shown, down)
	}
	heard := target.heardAll()
	for i, payload := range heard {
		if i >= len(order) || order[i] != payload {
			t.Fatalf("message %d at the target is %q, the log holds %d", i, payload, len(order))
		}
	}
	total.shown, total.heard, total.sent = total.shown+int(shown), total.heard+len(heard), total.sent+int(sent)
	var state wire.State
	p.call("GET", "/api/sessions/"+id, nil, http.StatusOK, &state)
	last := log[len(log)-2]
	if state.State != "closed" || state.CloseCode != 1006 || state.EndedAtUS != last.AtUS || log[len(log)-1].Event != "interrupted" {
		t.Errorf("state %s %d, ended at %d, its last message is of %d", state.State, state.CloseCode, state.EndedAtUS, last.AtUS)
	}
	if state.Diagnosis == nil || state.Diagnosis.Action != "reconnect" {
		t.Errorf("diagnosis %+v", state.Diagnosis)
	}
}
