package main

import (
	"net/http"
	"strconv"
	"strings"
	"testing"
)

func TestDialsAreLimitedRelaysIncluded(t *testing.T) {
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
	if e := p.refused("POST", "/api/sessions", object{"address": "ws://127.0.0.1:10/"}, http.StatusTooManyRequests); e.Code != "too_many_dials" || !strings.Contains(e.Message, "6 in a minute") {
		t.Errorf("seventh: %+v", e)
	}
}
