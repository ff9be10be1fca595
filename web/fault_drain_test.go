package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/coder/websocket"

	"duplex/bridge/testkit"
)

// SIGTERM with 50 sessions under load: balancers are told at once, viewers are sent away to
// come back, and what was confirmed or shown is kept.
func TestFaultSIGTERM(t *testing.T) {
	t.Parallel()
	const figure, bound = "sigterm", 10 * time.Second
	sessions := testkit.Pick(10, 50, 50)
	data := t.TempDir()
	p := startChild(t, data, "--demo=false")
	var all []*drained
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	var tasks sync.WaitGroup
	var confirmed atomic.Int64
	for range sessions {
		d := &drained{target: startStreamer(t, 50)}
		d.id = p.open(object{"address": d.target.url}).ID
		d.viewer = p.attach(d.id, 0)
		d.viewer.awaitRows(2)
		tasks.Go(d.watch)
		tasks.Go(func() { d.send(ctx, p, &confirmed) })
		all = append(all, d)
	}
	eventually(t, 20*time.Second, "messages are confirmed", func() bool { return confirmed.Load() > int64(sessions) })

	began := time.Now()
	_ = p.cmd.Process.Signal(syscall.SIGTERM)
	unready := eventually(t, bound, "/readyz fails", func() bool { return p.get("/readyz") != http.StatusOK })
	opened := p.tryPost(ctx, "/api/sessions", `{"address":"`+all[0].target.url+`"}`)
	<-p.done
	exit := time.Since(began)
	tasks.Wait()
	cancel()

	var told, lost int64
	var handover time.Duration
	for _, d := range all {
		if d.code == websocket.StatusServiceRestart {
			told++
		}
		handover = max(handover, d.ended.Sub(began))
	}
	again := startChild(t, data, "--demo=false")
	for _, d := range all {
		log := again.exported(d.id)
		lost += max(0, d.viewer.after-int64(len(log)))
		sent := map[string]bool{}
		for _, line := range log {
			sent[line.Text] = sent[line.Text] || line.Direction == "sent"
		}
		for _, payload := range d.confirmed {
			if !sent[payload] || d.target.times(payload) != 1 {
				lost++
			}
		}
	}
	if strings.Contains(again.logs.String(), "ended without warning") {
		t.Error("sessions were recovered")
	}
	testkit.AtLeast(t, figure, "sessions with a viewer, under load", float64(len(all)), testkit.Pick(10., 50, 50), "")
	testkit.AtMost(t, figure, "/readyz fails after", unready.Seconds(), 1, "s")
	testkit.AtMost(t, figure, "new work that is accepted afterwards", map[bool]float64{true: 1}[opened == http.StatusCreated], 0, "")
	testkit.AtLeast(t, figure, "viewers that were closed with 1012", float64(told), float64(len(all)), "")
	testkit.AtMost(t, figure, "the last viewer was sent away after", handover.Seconds(), 5, "s")
	testkit.AtMost(t, figure, "exit after", exit.Seconds(), bound.Seconds(), "s")
	testkit.AtMost(t, figure, "exit code", float64(p.cmd.ProcessState.ExitCode()), 0, "")
	testkit.AtMost(t, figure, "lost of what was confirmed or shown", float64(lost), 0, "")
}

// drained is a session with a viewer and somebody who sends.
type drained struct {
	id        string
	target    *streamer
	viewer    *viewer
	code      websocket.StatusCode
	ended     time.Time
	confirmed []string
}

// watch reads until the viewer is sent away.
func (d *drained) watch() {
	var err error
	for err == nil {
		_, err = d.viewer.next()
	}
	d.ended = time.Now()
	if closed, ok := errors.AsType[websocket.CloseError](err); ok {
		d.code = closed.Code
	}
}

// send sends messages until one is not confirmed.
func (d *drained) send(ctx context.Context, p *child, confirmed *atomic.Int64) {
	for n := 0; ; n++ {
		payload := fmt.Sprintf("up-%d", n)
		if !p.posted(ctx, d.id, payload) {
			return
		}
		d.confirmed = append(d.confirmed, payload)
		confirmed.Add(1)
		<-time.After(10 * time.Millisecond)
	}
}

// get returns the status of a page, 0 when there is no answer.
func (p *program) get(path string) int {
	req, err := http.NewRequestWithContext(p.t.Context(), http.MethodGet, p.url+path, nil)
	if err != nil {
		p.t.Error(err)
		return 0
	}
	res, err := (&http.Client{Timeout: 5 * time.Second}).Do(req)
	if err != nil {
		return 0
	}
	_ = res.Body.Close()
	return res.StatusCode
}

// tryPost returns the status of an answer, 0 when there is none.
func (p *program) tryPost(ctx context.Context, path, body string) int {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, p.url+path, strings.NewReader(body))
	if err != nil {
		p.t.Error(err)
		return 0
	}
	req.Header.Set("Content-Type", "application/json")
	res, err := (&http.Client{Timeout: 5 * time.Second}).Do(req)
	if err != nil {
		return 0
	}
	_ = res.Body.Close()
	return res.StatusCode
}

// The second SIGTERM ends a process that waits.
func TestFaultSecondSIGTERM(t *testing.T) {
	t.Parallel()
	p := startChild(t, t.TempDir(), "--drain-delay", "30m")
	_ = p.cmd.Process.Signal(syscall.SIGTERM)
	eventually(t, drainBound, "/readyz fails", func() bool { return p.get("/readyz") != http.StatusOK })
	began := time.Now()
	p.signal(syscall.SIGTERM, drainBound)
	testkit.AtMost(t, "sigterm", "a second SIGTERM ends it after", time.Since(began).Seconds(), 1, "s")
}
