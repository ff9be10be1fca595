package main

import (
	"context"
	"net/http"
	"testing"
	"time"

	"duplex/bridge/testkit"
	"duplex/bridge/wire"
)

// Many sessions at once, each with two viewers: every message is kept and shown, once and in
// order. The target, the log and both viewers count and hash what they see.
func TestFaultCrowd(t *testing.T) {
	t.Parallel()
	const figure, rate, watchers = "crowd", 20, 2
	sessions := testkit.Pick(8, 100, 500)
	lasts := testkit.Pick(time.Second, 2*time.Minute, 30*time.Minute)
	p := startChild(t, t.TempDir(), "--demo=false")
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	type crowded struct {
		id      string
		target  *streamer
		viewers []*follower
	}
	var all []crowded
	for range sessions {
		c := crowded{target: startStreamer(t, rate)}
		c.id = p.open(object{"address": c.target.url}).ID
		for range watchers {
			c.viewers = append(c.viewers, p.follow(ctx, c.id, nil))
		}
		all = append(all, c)
	}
	<-time.After(lasts)
	var sent, lost, altered, cut int64
	for _, c := range all {
		close(c.target.stop)
		<-c.target.hush
	}
	for _, c := range all {
		for _, v := range c.viewers {
			eventually(t, time.Minute, "all is shown", func() bool { return v.down.Load() >= c.target.sent.Load() })
			lost += max(0, c.target.sent.Load()-v.down.Load())
			cut += v.returns.Load()
			if v.seen.get() != c.target.said.get() {
				altered++
			}
		}
		var state wire.State
		p.call("GET", "/api/sessions/"+c.id, nil, http.StatusOK, &state)
		if state.State != "open" {
			t.Errorf("a session is %s", state.State)
		}
		var kept int64
		var log digest
		for _, line := range p.exported(c.id) {
			if line.Direction == "received" {
				log.add(line.Text)
				kept++
			}
		}
		lost += max(0, c.target.sent.Load()-kept)
		if log.get() != c.target.said.get() {
			altered++
		}
		sent += c.target.sent.Load()
	}
	cancel()
	for _, c := range all {
		for _, v := range c.viewers {
			<-v.done
		}
	}
	testkit.AtLeast(t, figure, "sessions, with two viewers each", float64(len(all)), testkit.Pick(8., 100, 500), "")
	testkit.AtLeast(t, figure, "time", lasts.Seconds(), testkit.Pick(1., 120, 1800), "s")
	testkit.AtLeast(t, figure, "messages", float64(sent), float64(sessions)*rate*lasts.Seconds()*0.9, "")
	testkit.AtMost(t, figure, "messages lost in logs and at viewers", float64(lost), 0, "")
	testkit.AtMost(t, figure, "logs and viewers whose running hash differs (doubles, order)", float64(altered), 0, "")
	testkit.AtMost(t, figure, "viewers that were cut off", float64(cut), 0, "")
}
