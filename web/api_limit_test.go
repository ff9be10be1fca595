package main

import (
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"
)

func TestDialsAreLimitedRelaysIncluded(t *testing.T) {
	t.Parallel()
	p := startProgram(t, "--dials-per-minute", "6", "--dials-per-target", "4")
	service := p.demo("echo", "none").ID
	p.open(object{"service": service})
	if conn, _, err := p.relay("/relay/" + service + "/"); err != nil {
		t.Fatal(err)
	} else {
		defer func() { _ = conn.CloseNow() }()
	}
	for range 2 { // refused ones count too
		p.call("POST", "/api/sessions", object{"service": p.demo("echo", "bearer").ID, "credential": object{"kind": "bearer", "token": "wrong-token"}}, http.StatusBadGateway, nil)
	}
	res, raw := p.do("POST", "/api/sessions", "application/json", strings.NewReader(`{"service":"`+service+`"}`))
	wait, err := strconv.Atoi(res.Header.Get("Retry-After"))
	if res.StatusCode != http.StatusTooManyRequests || err != nil || wait < 1 || wait > 15 || !strings.Contains(string(raw), `"too_many_dials_to_target"`) {
		t.Errorf("fifth: %d, Retry-After %q, %s", res.StatusCode, res.Header.Get("Retry-After"), raw)
	}
	if _, res, err := p.relay("/relay/" + service + "/"); err == nil || res.StatusCode != http.StatusTooManyRequests || res.Header.Get("Retry-After") == "" {
		t.Errorf("fifth, relayed: %v", err)
	}
	for range 2 {
		p.call("POST", "/api/sessions", object{"address": "ws://127.0.0.1:9/"}, http.StatusBadGateway, nil)
	}
	if e := p.refused("POST", "/api/sessions", object{"address": "ws://127.0.0.1:10/"}, http.StatusTooManyRequests); e.Code != "too_many_dials" || !strings.Contains(e.Message, "6 connections in a minute") {
		t.Errorf("seventh: %+v", e)
	}
}

// A person has so many sessions and relays open and no more; others are not in the way.
func TestOpenConnectionsAreLimited(t *testing.T) {
	t.Parallel()
	p := startProxied(t, "--open-per-person", "2")
	ada, ben := p.teammate("ada", "dev"), p.teammate("ben", "dev")
	m := p.makes(t, true, "limited") // has one open
	relay := relayTo(t, ada, m.service)
	opens := call{"POST", "/api/sessions"}
	body := `{"service":"` + m.service + `"}`
	if came, raw := ada.tries(opens, opens.path, body); came != "too_many_open" || !strings.Contains(raw, "2 sessions") {
		t.Errorf("third: %s %s", came, raw)
	}
	if came, raw := ada.dials("/relay/" + m.service + "/"); came != "too_many_open" {
		t.Errorf("third, relayed: %s %s", came, raw)
	}
	if came, raw := ben.tries(opens, opens.path, body); came != "201" {
		t.Errorf("another person: %s %s", came, raw)
	}
	_ = relay.CloseNow()
	deadline := time.Now().Add(time.Minute)
	came, raw := ada.tries(opens, opens.path, body)
	for ; came == "too_many_open" && time.Now().Before(deadline); came, raw = ada.tries(opens, opens.path, body) {
	}
	if came != "201" {
		t.Errorf("after one has ended: %s %s", came, raw)
	}
}

// A person's pages watch so much and no more.
func TestViewersOfAPersonAreLimited(t *testing.T) {
	t.Parallel()
	p := startProxied(t)
	ada := p.teammate("ada", "dev")
	m := p.makes(t, true, "watched")
	for range 100 {
		ada.watches(m.session, 0)
	}
	one := ada.watches(m.session, 0)
	if e := <-followed(one); e.code != websocket.StatusTryAgainLater || e.bye == nil || e.bye.Code != "too_many_viewers" {
		t.Errorf("one more: %+v", e)
	}
	p.teammate("ben", "dev").watches(m.session, 0).awaitRows(1)
}
