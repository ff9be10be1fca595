package main

import (
	"context"
	"net/http"
	"os"
	"strconv"
	"testing"
	"time"

	"duplex/bridge/testkit"
	"duplex/bridge/wire"
)

// A program that runs for a day under steady work does not grow. It runs in the long form
// only; DUPLEX_HOURS sets another time.
func TestFaultSlope(t *testing.T) {
	if !testkit.Full() {
		t.Skip("runs for a day (DUPLEX_FULL=1)")
	}
	hours := 24.0
	if text := os.Getenv("DUPLEX_HOURS"); text != "" { //nolint:forbidigo // a test process has no other settings
		var err error
		if hours, err = strconv.ParseFloat(text, 64); err != nil {
			t.Fatal(err)
		}
	}
	p := startChild(t, t.TempDir(), "--log-level", "warn")
	service := p.demo("echo", "none").ID
	steady := startStreamer(t, 50)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	f := p.follow(ctx, p.open(object{"address": steady.url}).ID, nil)
	lasts := time.Duration(hours * float64(time.Hour))
	began, warm := time.Now(), lasts/4
	var at, rss []float64 // hours, MiB
	for time.Since(began) < lasts {
		s := p.open(object{"service": service})
		v := p.attach(s.ID, 0)
		v.awaitRows(p.send(s.ID, "text", "", "x"))
		_ = v.conn.CloseNow()
		p.call("POST", "/api/sessions/"+s.ID+"/close", object{}, http.StatusOK, &wire.State{})
		if time.Since(began) > warm {
			at = append(at, time.Since(began).Hours())
			rss = append(rss, float64(p.memory("VmRSS"))/(1<<20))
		}
		<-time.After(20 * time.Millisecond)
	}
	cancel()
	<-f.done
	testkit.AtLeast(t, "leaks", "time of the run under steady work", hours, 0, "h")
	testkit.AtMost(t, "leaks", "slope of the memory (RSS)", slope(at, rss), 1, "MiB/h")
}

// slope returns that of the line through points with the least squares.
func slope(x, y []float64) float64 {
	var mx, my float64
	for i := range x {
		mx += x[i] / float64(len(x))
		my += y[i] / float64(len(x))
	}
	var above, below float64
	for i := range x {
		above += (x[i] - mx) * (y[i] - my)
		below += (x[i] - mx) * (x[i] - mx)
	}
	return above / below
}
