package main

import (
	"bytes"
	"fmt"
	"net/http"
	"sync"
	"testing"
	"time"

	"duplex/bridge/testkit"
)

// Ten uploads at once, each as large as a message may be, all finish: those for which
// there is no room at first wait, and are not cut for that. Beside them slow ones, which
// claim as much, are cut and hold nobody up, nor the end of the program.
func TestUploadsAtOnceFinishBesideSlowOnes(t *testing.T) {
	t.Parallel()
	const uploads = 10
	size, slow := 6<<20, 20
	full := testkit.Full()
	if full {
		size, slow = 64<<20, 200
	}
	p := startProgram(t)
	var saved savedService
	p.call("POST", "/api/services", object{"name": "large", "address": "ws://127.0.0.1:9/"}, http.StatusCreated, &saved)
	path := "/api/services/" + saved.ID + "/messages?type=file&name="
	payload := bytes.Repeat([]byte("0123456789abcdef"), size/16)
	nobody := func(*http.Request) {}
	began, cut := time.Now(), make(chan time.Duration, slow)
	for i := range slow {
		u := p.begins(t, "", "POST", path+fmt.Sprint("slow", i), 64<<20, nobody)
		_, _ = u.Write(payload[:80<<10]) // more than is free of the bounds
		go func() {
			if status, code, err := u.answered(); full && (err != nil || status != http.StatusRequestTimeout || code != "upload_too_slow") {
				t.Errorf("a slow one: %d %s, %v", status, code, err)
			}
			cut <- time.Since(began)
		}()
	}
	var all sync.WaitGroup
	for i := range uploads {
		all.Go(func() {
			if res, raw := p.do("POST", path+fmt.Sprint("honest", i), "application/octet-stream", bytes.NewReader(payload)); res.StatusCode != http.StatusCreated {
				t.Errorf("%d %s", res.StatusCode, raw)
			}
		})
	}
	all.Wait()
	took := time.Since(began)
	var last time.Duration
	for range slow {
		if full {
			last = max(last, <-cut)
		}
	}
	t.Logf("%d uploads of %d MiB took %v; %d slow ones were cut, the last after %v", uploads, size>>20, took.Round(time.Millisecond), slow, last.Round(time.Millisecond))
	var list struct{ Messages []savedMessage }
	p.call("GET", "/api/services/"+saved.ID+"/messages", nil, http.StatusOK, &list)
	if len(list.Messages) != uploads {
		t.Errorf("%d are saved", len(list.Messages))
	}
	for _, m := range list.Messages {
		if m.Size != int64(size) {
			t.Errorf("%s has %d bytes", m.Name, m.Size)
		}
	}
	stopped := time.Now()
	p.stop()
	if took := time.Since(stopped); took > 10*time.Second {
		t.Errorf("the program took %v to end", took)
	}
}
